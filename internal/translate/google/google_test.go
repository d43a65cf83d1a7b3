package google

import (
	"net/http"
	"testing"

	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/networktest"
	"github.com/amends-care/amends/internal/translate"
	"github.com/amends-care/amends/internal/translate/translatetest"
)

// refusal is an error as Google's APIs write it.
func refusal(code int, reason string) map[string]any {
	return map[string]any{"error": map[string]any{"code": code, "message": "No.", "errors": []any{map[string]string{"domain": "global", "reason": reason}},
		"details": []any{map[string]string{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason}}}}
}

// simulated answers as Google's reference says:
// https://cloud.google.com/translate/docs/reference/rest/v2/translate
func simulated(t testing.TB) *translatetest.Simulator { return answering(t, 0, "") }

func answering(t testing.TB, status int, reason string) *translatetest.Simulator {
	return translatetest.Simulate(t, func(s *translatetest.Simulator, r *http.Request, asked func(text, to string) string) (int, any) {
		var in struct {
			Q      []string `json:"q"`
			Target string   `json:"target"`
			Format string   `json:"format"`
		}
		s.Read(r, &in)
		switch {
		case r.URL.Path != "/language/translate/v2" || r.URL.RawQuery != "" || r.Host != host:
			s.Wrong("address %s %s", r.Host, r.URL)
		case len(in.Q) != 1 || in.Format != "text":
			s.Wrong("%d texts as %q", len(in.Q), in.Format)
		case r.Header.Get("X-Goog-Api-Key") != translatetest.Key:
			return http.StatusBadRequest, refusal(http.StatusBadRequest, "API_KEY_INVALID")
		case status != 0:
			return status, refusal(status, reason)
		}
		return http.StatusOK, map[string]any{"data": map[string]any{"translations": []any{
			map[string]string{"translatedText": asked(in.Q[0], in.Target), "detectedSourceLanguage": translatetest.From},
		}}}
	})
}

func open(c *http.Client, key string) (translate.Service, error) {
	return Driver().Open(&Settings{Key: network.Secret(key)}, c)
}

func TestService(t *testing.T) {
	translatetest.Run(t, translatetest.Traits{Host: host}, simulated, open)
}

func TestOwnReasons(t *testing.T) {
	for _, c := range []struct {
		status int
		reason string
		want   network.Fault
	}{
		{403, "dailyLimitExceeded", network.Limited},
		{403, "userRateLimitExceeded", network.Limited},
		{403, "accessNotConfigured", network.Refused},
		{403, "BILLING_DISABLED", network.Unpaid},
		{400, "invalid", network.Malformed},
	} {
		s, err := open(answering(t, c.status, c.reason).Client(), translatetest.Key)
		if err != nil {
			t.Fatal(err)
		}
		_, err = s.Translate(t.Context(), "hej", "de")
		if e := networktest.Failure(t, err); e.Fault != c.want {
			t.Errorf("%d %s: %v, want %s", c.status, c.reason, err, c.want)
		}
	}
}
