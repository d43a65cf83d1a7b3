// Package google translates by Google's Cloud Translation, basic edition (v2),
// with an API key. It keeps nothing.
package google

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/translate"
)

const host = "translation.googleapis.com"

// Settings are one project.
type Settings struct {
	// Key is an API key that is restricted to the Cloud Translation API.
	Key network.Secret `yaml:"key"`
}

// Validate implements [translate.Settings].
func (s *Settings) Validate() error {
	if s.Key == "" {
		return errors.New("key: it is missing; Google's console makes one under Credentials")
	}
	return nil
}

// Driver opens projects.
func Driver() translate.Driver {
	return translate.Driver{
		Name: "google", Title: "Google",
		Settings: func() translate.Settings { return &Settings{} },
		Open: translate.Opening(func(s *Settings, c *http.Client) (*project, error) {
			// In a header, since addresses end up in the logs of proxies.
			return &project{head: http.Header{"X-Goog-Api-Key": {string(s.Key)}}, http: network.Adapt(c, network.Dialect{Refine: refine})}, nil
		}),
	}
}

// refine knows what Google's 400 and 403 mean.
func refine(resp *http.Response, body []byte, e *network.Error) {
	says := func(reasons ...string) bool {
		for _, r := range reasons {
			if strings.Contains(string(body), r) {
				return true
			}
		}
		return false
	}
	switch {
	case resp.StatusCode == http.StatusForbidden && says("dailyLimitExceeded", "userRateLimitExceeded", "rateLimitExceeded", "RATE_LIMIT_EXCEEDED"):
		e.Fault, e.Err = network.Limited, network.Explain("the project's quota is used up for now")
	case resp.StatusCode == http.StatusForbidden && says("SERVICE_DISABLED", "accessNotConfigured"):
		e.Err = network.Explain("the Cloud Translation API is not switched on in this project")
	case resp.StatusCode == http.StatusForbidden && says("BILLING_DISABLED"):
		e.Fault, e.Err = network.Unpaid, network.Explain("the project has no billing")
	case resp.StatusCode == http.StatusBadRequest && says("API_KEY_INVALID", "keyInvalid"):
		e.Fault, e.Err = network.Refused, network.Explain("the key is not valid")
	}
}

// A project is safe for concurrent use.
type project struct {
	head http.Header
	http *http.Client
}

// Host implements [translate.Service].
func (p *project) Host() string { return host }

// Translate implements [translate.Service].
func (p *project) Translate(ctx context.Context, text, to string) (translate.Translated, error) {
	body, err := json.Marshal(struct {
		Q      []string `json:"q"`
		Target string   `json:"target"`
		Format string   `json:"format"` // html where nothing is said
	}{[]string{text}, to, "text"})
	if err != nil {
		return translate.Translated{}, network.Malformed.Unsent("the text can't be written")
	}
	var got struct {
		Data struct {
			Translations []struct {
				Text string `json:"translatedText"`
				From string `json:"detectedSourceLanguage"`
			} `json:"translations"`
		} `json:"data"`
	}
	if _, err := (network.Call{Method: http.MethodPost, URL: "https://" + host + "/language/translate/v2", Header: p.head, Body: body}).Do(ctx, p.http, &got); err != nil {
		return translate.Translated{}, err
	}
	if len(got.Data.Translations) != 1 {
		return translate.Told("", "")
	}
	return translate.Told(got.Data.Translations[0].Text, got.Data.Translations[0].From)
}
