// Package translate is the contract between Amends and the services that
// translate what customers write, and the [Bureau] that asks them: it remembers
// what it was told, counts what left the house and keeps to the day's limit.
//
// A service translates one text and keeps, counts and retries nothing. What a
// correct one does is written down as a suite in translatetest. Services share
// the guarded transport of package network, and so its errors and secrets.
//
// The Bureau owns the document translation/sent: characters by day, never a
// text. Translations stay in memory only, bounded, and go with their mention.
// Nothing here decides what may leave: whoever calls does. No text is ever in a
// log, an error or the store.
package translate

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"

	"github.com/amends-care/amends/internal/network"
)

// A Driver knows how to open services of one kind.
type Driver struct {
	Name     string
	Title    string          // what people call it
	Settings func() Settings // a fresh value, to decode this driver's YAML into
	Open     func(Settings, *http.Client) (Service, error)
}

// Settings are one service's part of the configuration: a pointer to a struct
// with yaml tags, as a network's are.
type Settings = network.Settings

// Opening makes a [Driver]'s Open of a driver's own, as [network.Opening] does.
func Opening[S Settings, T Service](open func(S, *http.Client) (T, error)) func(Settings, *http.Client) (Service, error) {
	return func(s Settings, c *http.Client) (Service, error) {
		service, err := network.OpenWith(s, c, open)
		if err != nil {
			return nil, err
		}
		return service, nil
	}
}

// A Service translates.
type Service interface {
	// Translate gives a text in another language, a BCP 47 tag such as "de" or
	// "pt-BR". The service finds out by itself what it is written in. It is asked
	// once. Every error is a [*network.Error] whose text tells neither the text nor
	// a key.
	Translate(ctx context.Context, text, to string) (Translated, error)
	// Host is the machine that texts are sent to.
	Host() string
}

// A Translated is a text as a machine gives it in another language.
type Translated struct {
	Text string
	From string // the language that the service took it for, as a BCP 47 tag; empty: it does not say
}

// Told is what a service answered, or why that can't be used.
func Told(text, from string) (Translated, error) {
	if text == "" {
		return Translated{}, network.Malformed.Because("the answer has no translation in it")
	}
	if !tag.MatchString(from) {
		from = ""
	}
	return Translated{Text: text, From: from}, nil
}

var tag = regexp.MustCompile(`^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}$`)

// IsTag says that a text can be a language's tag.
func IsTag(s string) bool { return tag.MatchString(s) }

// CheckURL says what is wrong with the address of a service: it must be https,
// or http to this machine or an address inside one's own network.
func CheckURL(s string) error {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.Scheme != "https" && u.Scheme != "http" {
		return errors.New("url: must be an address such as https://translate.acme.example")
	}
	if u.Scheme == "http" && !near(u.Hostname()) {
		return errors.New("url: write https: customers' texts must not cross other networks in the clear")
	}
	return nil
}

// near says that a host is this machine, or an address in one's own network.
func near(host string) bool {
	a, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && (a.IsLoopback() || a.IsPrivate())
}
