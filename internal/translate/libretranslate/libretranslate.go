// Package libretranslate translates by a server that speaks LibreTranslate's
// API: the one from libretranslate.com, one that the team runs itself, or any
// other of that form. It keeps nothing.
package libretranslate

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/translate"
)

// Settings are one server.
type Settings struct {
	// URL is where the server is; one's own must be listed in inside.
	URL string `yaml:"url"`
	// Key is for a server that wants one.
	Key network.Secret `yaml:"key"`
}

// Validate implements [translate.Settings].
func (s *Settings) Validate() error { return translate.CheckURL(s.URL) }

// Driver opens servers.
func Driver() translate.Driver {
	return translate.Driver{
		Name: "libretranslate", Title: "LibreTranslate",
		Settings: func() translate.Settings { return &Settings{} },
		Open: translate.Opening(func(s *Settings, c *http.Client) (*server, error) {
			u, err := url.Parse(s.URL)
			if err != nil {
				return nil, err
			}
			return &server{url: strings.TrimRight(s.URL, "/") + "/translate", host: u.Host, key: string(s.Key), http: network.Adapt(c, network.Dialect{})}, nil
		}),
	}
}

// A server is safe for concurrent use.
type server struct {
	url, host, key string
	http           *http.Client
}

// Host implements [translate.Service].
func (s *server) Host() string { return s.host }

// A question is the body of POST /translate.
type question struct {
	Q      string `json:"q"`
	Source string `json:"source"`
	Target string `json:"target"`
	Format string `json:"format"`
	Key    string `json:"api_key,omitempty"`
}

// Translate implements [translate.Service].
func (s *server) Translate(ctx context.Context, text, to string) (translate.Translated, error) {
	body, err := json.Marshal(question{Q: text, Source: "auto", Target: to, Format: "text", Key: s.key})
	if err != nil {
		return translate.Translated{}, network.Malformed.Unsent("the text can't be written")
	}
	var got struct {
		Text     string `json:"translatedText"`
		Detected struct {
			Language string `json:"language"`
		} `json:"detectedLanguage"`
	}
	if _, err := (network.Call{Method: http.MethodPost, URL: s.url, Body: body}).Do(ctx, s.http, &got); err != nil {
		return translate.Translated{}, err
	}
	return translate.Told(got.Text, got.Detected.Language)
}
