// Package deepl translates by DeepL: its paid API, or the free one where the
// key is of that kind. It keeps nothing.
package deepl

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/translate"
)

const (
	paid = "api.deepl.com"
	free = "api-free.deepl.com"
)

// Settings are one account.
type Settings struct {
	// Key is the account's authentication key; one that ends in :fx is of the free API.
	Key network.Secret `yaml:"key"`
}

// Validate implements [translate.Settings].
func (s *Settings) Validate() error {
	if s.Key == "" {
		return errors.New("key: it is missing; DeepL shows it under API Keys")
	}
	return nil
}

// Driver opens accounts.
func Driver() translate.Driver {
	return translate.Driver{
		Name: "deepl", Title: "DeepL",
		Settings: func() translate.Settings { return &Settings{} },
		Open: translate.Opening(func(s *Settings, c *http.Client) (*account, error) {
			a := &account{host: paid, head: http.Header{"Authorization": {"DeepL-Auth-Key " + string(s.Key)}}, http: network.Adapt(c, network.Dialect{Refine: refine})}
			if strings.HasSuffix(string(s.Key), ":fx") {
				a.host = free
			}
			return a, nil
		}),
	}
}

// refine knows DeepL's own statuses.
func refine(resp *http.Response, _ []byte, e *network.Error) {
	switch resp.StatusCode {
	case 456:
		e.Fault, e.Err = network.Unpaid, network.Explain("the account's characters are used up")
	case 529:
		e.Fault = network.Limited
	}
}

// An account is safe for concurrent use.
type account struct {
	host string
	head http.Header
	http *http.Client
}

// Host implements [translate.Service].
func (a *account) Host() string { return a.host }

// targets are languages that DeepL wants to know more exactly.
var targets = map[string]string{"EN": "EN-GB", "PT": "PT-PT", "ZH": "ZH-HANS"}

// Translate implements [translate.Service].
func (a *account) Translate(ctx context.Context, text, to string) (translate.Translated, error) {
	to = strings.ToUpper(to)
	body, err := json.Marshal(struct {
		Text   []string `json:"text"`
		Target string   `json:"target_lang"`
	}{[]string{text}, cmp.Or(targets[to], to)})
	if err != nil {
		return translate.Translated{}, network.Malformed.Unsent("the text can't be written")
	}
	var got struct {
		Translations []struct {
			From string `json:"detected_source_language"`
			Text string `json:"text"`
		} `json:"translations"`
	}
	if _, err := (network.Call{Method: http.MethodPost, URL: "https://" + a.host + "/v2/translate", Header: a.head, Body: body}).Do(ctx, a.http, &got); err != nil {
		return translate.Translated{}, err
	}
	if len(got.Translations) != 1 {
		return translate.Told("", "")
	}
	return translate.Told(got.Translations[0].Text, strings.ToLower(got.Translations[0].From))
}
