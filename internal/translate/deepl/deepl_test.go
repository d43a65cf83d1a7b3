package deepl

import (
	"net/http"
	"testing"

	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/networktest"
	"github.com/amends-care/amends/internal/translate"
	"github.com/amends-care/amends/internal/translate/translatetest"
)

// simulated answers as DeepL's reference says:
// https://developers.deepl.com/api-reference/translate
func simulated(t testing.TB) *translatetest.Simulator { return answering(t, http.StatusOK) }

func answering(t testing.TB, status int) *translatetest.Simulator {
	return translatetest.Simulate(t, func(s *translatetest.Simulator, r *http.Request, asked func(text, to string) string) (int, any) {
		var in struct {
			Text   []string `json:"text"`
			Target string   `json:"target_lang"`
		}
		s.Read(r, &in)
		switch auth := r.Header.Get("Authorization"); {
		case r.URL.Path != "/v2/translate" || r.Host != paid && r.Host != free:
			s.Wrong("address %s %s", r.Host, r.URL)
		case len(in.Text) != 1:
			s.Wrong("%d texts", len(in.Text))
		case auth != "DeepL-Auth-Key "+translatetest.Key && auth != "DeepL-Auth-Key "+translatetest.Key+":fx":
			return http.StatusForbidden, map[string]string{"message": "Wrong key " + auth}
		case status != http.StatusOK:
			return status, map[string]string{"message": "no"}
		}
		return http.StatusOK, map[string]any{"translations": []any{
			map[string]string{"detected_source_language": "SV", "text": asked(in.Text[0], in.Target)},
		}}
	})
}

func open(c *http.Client, key string) (translate.Service, error) {
	return Driver().Open(&Settings{Key: network.Secret(key)}, c)
}

func TestService(t *testing.T) {
	translatetest.Run(t, translatetest.Traits{Host: paid, Targets: map[string]string{
		"en": "EN-GB", "de": "DE", "es": "ES", "fr": "FR", "pt": "PT-PT", "pt-BR": "PT-BR", "zh": "ZH-HANS", "ja": "JA",
	}}, simulated, open)
}

// TestFreeKeys: such a key is known by its end, and has a machine of its own.
func TestFreeKeys(t *testing.T) {
	s, err := open(simulated(t).Client(), translatetest.Key+":fx")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Translate(t.Context(), "hej", "de"); err != nil || s.Host() != free {
		t.Errorf("%s: %v", s.Host(), err)
	}
}

func TestOwnStatuses(t *testing.T) {
	for status, want := range map[int]network.Fault{456: network.Unpaid, 529: network.Limited, 429: network.Limited, 413: network.Malformed} {
		s, err := open(answering(t, status).Client(), translatetest.Key)
		if err != nil {
			t.Fatal(err)
		}
		_, err = s.Translate(t.Context(), "hej", "de")
		if e := networktest.Failure(t, err); e.Fault != want {
			t.Errorf("%d: %v, want %s", status, err, want)
		}
	}
}
