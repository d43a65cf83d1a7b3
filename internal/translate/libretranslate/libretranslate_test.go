package libretranslate

import (
	"net/http"
	"testing"

	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/translate"
	"github.com/amends-care/amends/internal/translate/translatetest"
)

// simulated answers as LibreTranslate's API page says:
// https://docs.libretranslate.com/guides/api_usage/
func simulated(t testing.TB) *translatetest.Simulator {
	return translatetest.Simulate(t, func(s *translatetest.Simulator, r *http.Request, asked func(text, to string) string) (int, any) {
		var in struct {
			Q      string `json:"q"`
			Source string `json:"source"`
			Target string `json:"target"`
			Format string `json:"format"`
			Key    string `json:"api_key"`
		}
		s.Read(r, &in)
		switch {
		case r.Host != "translate.acme.example" || r.URL.Path != "/lt/translate" || r.URL.RawQuery != "":
			s.Wrong("address %s", r.URL)
		case in.Source != "auto" || in.Format != "text":
			s.Wrong("source %q, format %q", in.Source, in.Format)
		case in.Key != translatetest.Key:
			return http.StatusForbidden, map[string]string{"error": "Invalid API key: " + in.Key}
		}
		return http.StatusOK, map[string]any{
			"detectedLanguage": map[string]any{"confidence": 90.0, "language": translatetest.From},
			"translatedText":   asked(in.Q, in.Target),
		}
	})
}

func TestService(t *testing.T) {
	translatetest.Run(t, translatetest.Traits{Host: "translate.acme.example"}, simulated, func(c *http.Client, key string) (translate.Service, error) {
		return Driver().Open(&Settings{URL: "https://translate.acme.example/lt/", Key: network.Secret(key)}, c)
	})
}

func TestValidate(t *testing.T) {
	for url, ok := range map[string]bool{
		"https://translate.acme.example": true, "http://localhost:5000": true, "http://10.1.2.3:5000/": true, "http://[::1]:5000": true,
		"": false, "translate.acme.example": false, "http://translate.acme.example": false, "ftp://10.1.2.3": false, "https://a:b@c.example": false, "https://c.example?x": false,
	} {
		if err := (&Settings{URL: url}).Validate(); (err == nil) != ok {
			t.Errorf("%q: %v", url, err)
		}
	}
}
