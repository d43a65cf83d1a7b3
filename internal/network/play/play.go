// Package play reads the reviews of an app on Google Play and answers them as
// its developer.
//
// Google lists the reviews of the last week by when they were last changed,
// newest first, and tells no other time: the first change that is seen counts as
// when a review was written. A review and the developer's answer are one thing
// to Google and two posts to us.
//
// The package stores nothing. In memory it keeps access tokens and a bounded
// table of when reviews were first seen. It never answers by itself, and can't
// take an answer back, only put another in its place.
package play

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/newest"
	"github.com/amends-care/amends/internal/network/oauth"
)

// name is what posts of this network carry.
const name = "play"

// reach is how long Google lists a review after its last change.
const reach = 7 * 24 * time.Hour

// Settings are one app on Google Play.
type Settings struct {
	// App is its package name, such as org.example.shop.
	App string `yaml:"app"`
	// Key is the key file of a service account, as Google gives it: JSON.
	Key network.Secret `yaml:"key"`
	// Back is how far back a new source reads; 0: from now.
	Back time.Duration `yaml:"back"`
}

var appPattern = regexp.MustCompile(`^[a-zA-Z][a-zA-Z0-9_]*(\.[a-zA-Z][a-zA-Z0-9_]*)+$`)

// Validate implements [network.Settings].
func (s *Settings) Validate() error {
	var wrong []error
	if len(s.App) > 255 || !appPattern.MatchString(s.App) {
		wrong = append(wrong, errors.New("app: must be the app's package name, such as org.example.shop"))
	}
	if s.Key == "" {
		wrong = append(wrong, errors.New("key: missing; the key file of a service account, as Google's console gives it"))
	} else if _, err := readKey(string(s.Key)); err != nil {
		wrong = append(wrong, fmt.Errorf("key: %w", err))
	}
	if s.Back < 0 || s.Back > reach {
		wrong = append(wrong, errors.New("back: must be between 0 and 7 days, which is all that Google shows"))
	}
	return errors.Join(wrong...)
}

// Driver opens sources on Google Play. Sources that one Driver opened share
// their tokens.
func Driver() network.Driver {
	ring, first := oauth.NewRing(), newMemo()
	return network.Driver{
		Name: name,
		Offer: network.Offer{
			Title:  "Google Play",
			Hears:  "Reviews of an app",
			Effort: network.NeedsApp,
			Needs:  "The app's package name, and the key of a service account that may read its reviews.",
			Begin:  map[string]string{"back": "7d"},
		},
		Settings: func() network.Settings { return new(Settings) },
		Open: network.Opening(func(s *Settings, c *http.Client) (*Account, error) {
			return open(s, c, ring, first)
		}),
	}
}

// An Account is one app. Safe for concurrent use.
type Account struct {
	http  *http.Client
	token *oauth.Source
	app   string
	back  time.Duration
	page  int // reviews to ask for at once
	first *memo
	told  newest.Once // what could not be read
}

const (
	pageSize = 100
	api      = "https://androidpublisher.googleapis.com/androidpublisher/v3/applications/"
	scope    = "https://www.googleapis.com/auth/androidpublisher"
)

func open(s *Settings, c *http.Client, ring *oauth.Ring, first *memo) (*Account, error) {
	k, err := readKey(string(s.Key))
	if err != nil {
		return nil, err
	}
	return &Account{
		http: network.Adapt(c, network.Dialect{Refine: refine}), app: s.App, back: s.Back, page: pageSize, first: first,
		token: ring.Source(func(ctx context.Context) (oauth.Token, error) {
			signed, err := k.sign(time.Now())
			if err != nil {
				return oauth.Token{}, network.Refused.Unsent("the key can't sign", err)
			}
			return oauth.Exchange(ctx, c, tokens, url.Values{
				"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"}, "assertion": {signed},
			}, nil)
		}, string(s.Key)),
	}, nil
}

// call makes a call about the app's reviews; path begins behind them.
func (a *Account) call(ctx context.Context, method, path string, params url.Values, body []byte, into any) (served time.Time, err error) {
	address := api + a.app + "/reviews" + path
	if len(params) > 0 {
		address += "?" + params.Encode()
	}
	err = a.token.Call(ctx, method != http.MethodGet, func(token string) error {
		served, err = network.Call{Method: method, URL: address, Token: token, Body: body}.Do(ctx, a.http, into)
		return err
	})
	return served, err
}

// refine says what to do about refusals that every newcomer meets.
func refine(resp *http.Response, body []byte, e *network.Error) {
	switch {
	case resp.StatusCode == http.StatusForbidden && strings.Contains(string(body), "SERVICE_DISABLED"):
		e.Err = network.Explain("the Google Play Android Developer API is not enabled for the key's project")
	case resp.StatusCode == http.StatusForbidden && strings.Contains(string(body), "quotaExceeded"):
		e.Fault, e.Unsent, e.After = network.Limited, true, max(e.After, time.Minute)
		e.Err = network.Explain("too many calls for one minute")
	case resp.StatusCode == http.StatusForbidden, resp.StatusCode == http.StatusUnauthorized:
		e.Err = network.Explain("the service account may not read and answer this app's reviews: invite it in the Play Console")
	}
}

// A memo remembers when reviews were first seen to be changed, so that a later
// change is told as one. It may be lost at any time: a review's version tells
// the same, only without a time.
type memo struct {
	mu  sync.Mutex
	all map[string]time.Time
}

const memoSize = 50_000

func newMemo() *memo { return &memo{all: map[string]time.Time{}} }

// since is when a review was first seen to be changed.
func (m *memo) since(id string, changed time.Time) time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.all) >= memoSize {
		clear(m.all)
	}
	if old, ok := m.all[id]; ok && !changed.Before(old) {
		return old
	}
	m.all[id] = changed
	return changed
}
