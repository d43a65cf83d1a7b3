package mastodon

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/mattn/go-mastodon"

	"github.com/amends-care/amends/internal/network"
)

// dialect is what the guarded transport needs to know of this network. Writing
// is limited by Mastodon's own measure; a server that grants less says so with
// each answer. Reading is not counted here: of the 300 calls in five minutes a
// source needs one a minute, and the server tells what is left.
func dialect(credential string) network.Dialect {
	return network.Dialect{Credential: credential, Limit: limit, Refine: refine}
}

func limit(r *http.Request) (string, network.Limit) {
	path := strings.TrimSuffix(r.URL.Path, "/")
	switch {
	case r.Method == http.MethodPost && strings.HasSuffix(path, "/statuses"):
		return "posting", network.Limit{Calls: 300, Per: 3 * time.Hour}
	case r.Method == http.MethodPost && strings.HasSuffix(path, "/media"):
		return "media", network.Limit{Calls: 30, Per: 30 * time.Minute}
	case r.Method == http.MethodDelete:
		return "deleting", network.Limit{Calls: 30, Per: 30 * time.Minute}
	}
	return "api", network.Limit{}
}

// advice says in place of the server's words, which may quote anything, what to
// do about them.
var advice = []struct{ begins, words string }{
	{"This method requires an authenticated user", "this server shows it only to its own people: set a token"},
	{"This API requires an authenticated user", "this server shows it only to its own people: set a token"},
	{"The access token is invalid", "the token is not valid (any more): make a new one"},
	{"The access token was revoked", "the token was revoked: make a new one"},
	{"Unauthorized: token not supplied", "a token is needed"},
	{"This action is outside the authorized scopes", "the token lacks a right: make one with read, write:statuses, write:media and write:blocks"},
	{"Your login is currently disabled", "the account is suspended or disabled on its server"},
	{"Validation failed: Text character limit", "the text is longer than the server takes"},
	{"Cannot attach files that have not finished processing", "the server is not ready with the picture yet"},
}

func refine(_ *http.Response, body []byte, e *network.Error) {
	var said struct{ Error string }
	if json.Unmarshal(body, &said) != nil {
		return
	}
	for _, a := range advice {
		if strings.HasPrefix(said.Error, a.begins) {
			e.Err = network.Explain(a.words)
			if strings.Contains(a.words, "token") {
				e.Fault = network.Refused // Mastodon says 422 to who has no key
			}
		}
	}
}

// A call is one exchange through the library: what it can't say by itself, and
// what it does not tell of the answer.
type call struct {
	next  http.RoundTripper
	extra url.Values // added to the query
	key   string     // Idempotency-Key

	body   []byte    // of the answer
	served time.Time // by the server's clock
}

// client is the library, bound to one exchange.
func (a *Account) client(c *call) *mastodon.Client {
	c.next = a.http.Transport
	l := mastodon.NewClient(&mastodon.Config{Server: a.base, AccessToken: string(a.Token)})
	l.Client = http.Client{Transport: c, CheckRedirect: a.http.CheckRedirect}
	return l
}

// RoundTrip implements [http.RoundTripper]. The library gets whole JSON or an error.
func (c *call) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	if r.Header.Get("Authorization") == "Bearer " {
		r.Header.Del("Authorization")
	}
	if c.key != "" {
		r.Header.Set("Idempotency-Key", c.key)
	}
	if len(c.extra) > 0 {
		q := r.URL.Query()
		maps.Copy(q, c.extra)
		r.URL.RawQuery = q.Encode()
	}
	resp, err := c.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	c.served, _ = http.ParseTime(resp.Header.Get("Date"))
	var raw json.RawMessage
	if err := network.DecodeJSON(resp, &raw); err != nil {
		return nil, err
	}
	c.body = raw
	resp.Body = io.NopCloser(bytes.NewReader(raw))
	return resp, nil
}

// typed makes the driver's error of the library's. Once an answer has come, what
// is wrong is the answer.
func (c *call) typed(err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*network.Error](err); !ok && c.body != nil {
		if _, ok := errors.AsType[*json.UnmarshalTypeError](err); !ok {
			return network.Malformed.Because("the answer has another form than expected")
		}
	}
	return network.Typed(err)
}

// repaired says that the answer had broken UTF-8, which JSON's reader mends.
func (c *call) repaired() bool { return !utf8.Valid(c.body) }

// list is a list that the library read; when it could not, because of a part
// that has another form than expected, the parts that have not, and how many
// were left out.
func list[T any](c *call, read []*T, err error) (good []*T, bad int, _ error) {
	var raw []json.RawMessage
	switch {
	case err != nil && (c.body == nil || json.Unmarshal(c.body, &raw) != nil):
		return nil, 0, c.typed(err)
	case err != nil:
		for _, b := range raw {
			v := new(T)
			if json.Unmarshal(b, v) != nil {
				bad++
				continue
			}
			read = append(read, v)
		}
	case bytes.Equal(bytes.TrimSpace(c.body), []byte("null")):
		return nil, 0, network.Malformed.Because("the answer is no list")
	}
	for _, v := range read {
		if v == nil {
			bad++
			continue
		}
		good = append(good, v)
	}
	return good, bad, nil
}

var idPattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// owner is our account, asked for once.
func (a *Account) owner(ctx context.Context) (*mastodon.Account, error) {
	if us := a.us.Load(); us != nil {
		return us, nil
	}
	if a.Token == "" {
		return nil, network.Refused.Unsent("this source has no token, so no account")
	}
	var c call
	us, err := a.client(&c).GetAccountCurrentUser(ctx)
	if err != nil {
		return nil, c.typed(err)
	}
	if !idPattern.MatchString(string(us.ID)) {
		return nil, network.Malformed.Because("the answer is no account")
	}
	a.us.Store(us)
	return us, nil
}

// learn asks for the server's limits, once. It is worth a call and no failure:
// without it those of most servers hold.
func (a *Account) learn(ctx context.Context) {
	if a.limits.Load() != nil {
		return
	}
	for _, path := range []string{"/api/v2/instance", "/api/v1/instance"} { // the second for older servers
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, a.base+path, nil)
		if err != nil {
			return
		}
		resp, err := a.http.Do(req)
		if err == nil {
			err = a.keep(resp)
		}
		if e, ok := errors.AsType[*network.Error](err); !ok || e.Fault != network.Gone {
			return
		}
	}
}

func (a *Account) keep(resp *http.Response) error {
	var said struct {
		Versions struct{ Mastodon int } `json:"api_versions"`
		Config   struct {
			Statuses struct {
				Max    int `json:"max_characters"`
				Media  int `json:"max_media_attachments"`
				PerURL int `json:"characters_reserved_per_url"`
			}
		} `json:"configuration"`
	}
	if err := network.DecodeJSON(resp, &said); err != nil {
		return err
	}
	l := limits{characters: 500, perURL: 23, pictures: 4, quotes: said.Versions.Mastodon >= 7} // 7: Mastodon 4.5
	s := said.Config.Statuses
	if 0 < s.Max && s.Max <= 1<<20 {
		l.characters = s.Max
	}
	if 0 < s.PerURL && s.PerURL < l.characters {
		l.perURL = s.PerURL
	}
	if 0 <= s.Media && s.Media <= 32 && s.Max > 0 {
		l.pictures = s.Media
	}
	a.limits.Store(&l)
	return nil
}
