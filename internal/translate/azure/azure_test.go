package azure

import (
	"net/http"
	"testing"

	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/networktest"
	"github.com/amends-care/amends/internal/translate"
	"github.com/amends-care/amends/internal/translate/translatetest"
)

// simulated answers as Azure's reference says:
// https://learn.microsoft.com/azure/ai-services/translator/text-translation/reference/v3/translate
func simulated(t testing.TB) *translatetest.Simulator { return answering(t, 0) }

func answering(t testing.TB, code int) *translatetest.Simulator {
	return translatetest.Simulate(t, func(s *translatetest.Simulator, r *http.Request, asked func(text, to string) string) (int, any) {
		var in []struct{ Text string }
		s.Read(r, &in)
		q := r.URL.Query()
		switch {
		case r.URL.Path != "/translate" || len(q) != 3 || q.Get("api-version") != "3.0" || q.Get("textType") != "plain" || len(q["to"]) != 1:
			s.Wrong("address %s", r.URL)
		case len(in) != 1:
			s.Wrong("%d texts", len(in))
		case r.Header.Get("Ocp-Apim-Subscription-Region") != "westeurope":
			s.Wrong("region %q", r.Header.Get("Ocp-Apim-Subscription-Region"))
		case r.Header.Get("Ocp-Apim-Subscription-Key") != translatetest.Key:
			return http.StatusUnauthorized, map[string]any{"error": map[string]any{"code": 401000, "message": "No."}}
		case code != 0:
			return code / 1000, map[string]any{"error": map[string]any{"code": code, "message": "No."}}
		}
		return http.StatusOK, []any{map[string]any{
			"detectedLanguage": map[string]any{"language": translatetest.From, "score": 1.0},
			"translations":     []any{map[string]string{"text": asked(in[0].Text, q.Get("to")), "to": q.Get("to")}},
		}}
	})
}

func open(c *http.Client, key string) (translate.Service, error) {
	return Driver().Open(&Settings{Key: network.Secret(key), Region: "westeurope", URL: "https://api-eur.cognitive.microsofttranslator.com"}, c)
}

func TestService(t *testing.T) {
	translatetest.Run(t, translatetest.Traits{Host: "api-eur.cognitive.microsofttranslator.com"}, simulated, open)
}

func TestOwnCodes(t *testing.T) {
	for code, want := range map[int]network.Fault{403001: network.Unpaid, 403000: network.Refused, 429001: network.Limited, 400036: network.Malformed} {
		s, err := open(answering(t, code).Client(), translatetest.Key)
		if err != nil {
			t.Fatal(err)
		}
		_, err = s.Translate(t.Context(), "hej", "de")
		if e := networktest.Failure(t, err); e.Fault != want {
			t.Errorf("%d: %v, want %s", code, err, want)
		}
	}
}
