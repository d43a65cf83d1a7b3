// Package azure translates by Microsoft's Azure Translator (text, v3.0) with a
// resource's key. It keeps nothing.
package azure

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/translate"
)

const everywhere = "https://api.cognitive.microsofttranslator.com"

// Settings are one resource.
type Settings struct {
	// Key is one of the resource's two.
	Key network.Secret `yaml:"key"`
	// Region is the resource's, such as westeurope; a global one has none.
	Region string `yaml:"region"`
	// URL is the endpoint, such as https://api-eur.cognitive.microsofttranslator.com,
	// which keeps texts in Europe; by default the nearest in the world.
	URL string `yaml:"url"`
}

// Validate implements [translate.Settings].
func (s *Settings) Validate() error {
	var wrong []error
	if s.Key == "" {
		wrong = append(wrong, errors.New("key: it is missing; the resource shows it under Keys and Endpoint"))
	}
	if strings.ContainsFunc(s.Region, func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') }) {
		wrong = append(wrong, errors.New("region: it is one word of small letters and digits, such as westeurope"))
	}
	return errors.Join(append(wrong, translate.CheckURL(cmp.Or(s.URL, everywhere)))...)
}

// Driver opens resources.
func Driver() translate.Driver {
	return translate.Driver{
		Name: "azure", Title: "Microsoft",
		Settings: func() translate.Settings { return &Settings{} },
		Open: translate.Opening(func(s *Settings, c *http.Client) (*resource, error) {
			at, err := url.Parse(cmp.Or(s.URL, everywhere))
			if err != nil {
				return nil, err
			}
			r := &resource{at: at.JoinPath("translate"), head: http.Header{"Ocp-Apim-Subscription-Key": {string(s.Key)}}, http: network.Adapt(c, network.Dialect{Refine: refine})}
			if s.Region != "" {
				r.head.Set("Ocp-Apim-Subscription-Region", s.Region)
			}
			return r, nil
		}),
	}
}

// refine knows Azure's code for a free tier that is used up.
func refine(resp *http.Response, body []byte, e *network.Error) {
	if resp.StatusCode == http.StatusForbidden && strings.Contains(string(body), "403001") {
		e.Fault, e.Err = network.Unpaid, network.Explain("the resource's free characters are used up")
	}
}

// A resource is safe for concurrent use.
type resource struct {
	at   *url.URL
	head http.Header
	http *http.Client
}

// Host implements [translate.Service].
func (r *resource) Host() string { return r.at.Host }

// Translate implements [translate.Service].
func (r *resource) Translate(ctx context.Context, text, to string) (translate.Translated, error) {
	body, err := json.Marshal([]struct{ Text string }{{text}})
	if err != nil {
		return translate.Translated{}, network.Malformed.Unsent("the text can't be written")
	}
	at := *r.at
	at.RawQuery = url.Values{"api-version": {"3.0"}, "textType": {"plain"}, "to": {to}}.Encode()
	var got []struct {
		Detected struct {
			Language string `json:"language"`
		} `json:"detectedLanguage"`
		Translations []struct {
			Text string `json:"text"`
		} `json:"translations"`
	}
	if _, err := (network.Call{Method: http.MethodPost, URL: at.String(), Header: r.head, Body: body}).Do(ctx, r.http, &got); err != nil {
		return translate.Translated{}, err
	}
	if len(got) != 1 || len(got[0].Translations) != 1 {
		return translate.Told("", "")
	}
	return translate.Told(got[0].Translations[0].Text, got[0].Detected.Language)
}
