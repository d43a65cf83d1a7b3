// Package oauth keeps the access tokens with which drivers call networks: short
// of life, asked for when the first call needs one, shared by all sources of
// one credential.
//
// It stores nothing: what a token is asked for with stands in the configuration.
// It tries nothing again, but for one new token when the network no longer
// takes the old one.
package oauth

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/amends-care/amends/internal/network"
)

// A Token is what a network grants.
type Token struct {
	Access string
	Lasts  time.Duration // 0: it doesn't say
}

// Ask asks the network for a token.
type Ask func(ctx context.Context) (Token, error)

// A Source has a token when one is needed. Safe for concurrent use.
type Source struct {
	ask  Ask
	turn chan struct{} // held by whoever reads or renews what follows

	access string
	until  time.Time // by our clock; zero when it doesn't say
}

// NewSource returns a source that has no token yet.
func NewSource(ask Ask) *Source { return &Source{ask: ask, turn: make(chan struct{}, 1)} }

// early is how long before its end a token is renewed.
const early = time.Minute

// token is a valid one, but never the rejected.
func (s *Source) token(ctx context.Context, rejected string) (string, error) {
	select {
	case s.turn <- struct{}{}:
	case <-ctx.Done():
		return "", network.Transient.Unsent("gave up waiting for a token", ctx.Err())
	}
	defer func() { <-s.turn }()
	fresh := s.until.IsZero() || time.Now().Add(early).Before(s.until)
	if s.access != "" && s.access != rejected && fresh {
		return s.access, nil
	}
	t, err := s.ask(ctx)
	if err != nil {
		return "", err
	}
	if t.Access == "" || len(t.Access) > 8<<10 || strings.ContainsAny(t.Access, " \r\n\x00") {
		return "", network.Malformed.Because("the server's answer is no token")
	}
	s.access, s.until = t.Access, time.Time{}
	if t.Lasts > 0 {
		s.until = time.Now().Add(min(t.Lasts, 24*time.Hour))
	}
	return s.access, nil
}

// Call makes a call with a token. When the network no longer takes the token it
// did nothing else, so the call is made once more with a new one. write says
// that the call changes something: an error before it is then marked as unsent.
func (s *Source) Call(ctx context.Context, write bool, call func(token string) error) error {
	mark := func(err error) error {
		if write {
			return network.NotYet(err)
		}
		return err
	}
	token, err := s.token(ctx, "")
	if err != nil {
		return mark(err)
	}
	err = call(token)
	if e, ok := errors.AsType[*network.Error](err); !ok || e.Status != http.StatusUnauthorized {
		return err
	}
	if token, err = s.token(ctx, token); err != nil {
		return mark(err)
	}
	return call(token)
}

// A Ring has one Source for each credential. Safe for concurrent use.
type Ring struct {
	mu  sync.Mutex
	all map[[sha256.Size]byte]*Source
}

// NewRing returns an empty ring.
func NewRing() *Ring { return &Ring{all: map[[sha256.Size]byte]*Source{}} }

// Source is that of a credential, made when it is new.
func (r *Ring) Source(ask Ask, credential ...string) *Source {
	key := sha256.Sum256([]byte(strings.Join(credential, "\x00")))
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.all[key] == nil {
		r.all[key] = NewSource(ask)
	}
	return r.all[key]
}

// Exchange asks a token endpoint. Its refusals are Refused, with the network's
// own word for them.
func Exchange(ctx context.Context, c *http.Client, endpoint string, form url.Values, header http.Header) (Token, error) {
	var said struct {
		AccessToken string      `json:"access_token"`
		ExpiresIn   json.Number `json:"expires_in"`
		Error       any         `json:"error"`
	}
	client := network.Adapt(c, network.Dialect{Refine: refine})
	_, err := network.Call{Method: http.MethodPost, URL: endpoint, Type: "application/x-www-form-urlencoded",
		Body: []byte(form.Encode()), Header: header}.Do(ctx, client, &said)
	if err != nil {
		return Token{}, err
	}
	if code, failed := said.Error.(string); failed { // some say so with a 200
		return Token{}, &network.Error{Fault: network.Refused, Status: http.StatusUnauthorized, Err: network.Explain("no token: " + network.Word(code))}
	}
	seconds, err := said.ExpiresIn.Float64()
	if err != nil || !(seconds > 0 && seconds < 1e9) {
		seconds = 0
	}
	return Token{Access: said.AccessToken, Lasts: time.Duration(seconds * float64(time.Second))}, nil
}

func refine(resp *http.Response, body []byte, e *network.Error) {
	var said struct {
		Error any `json:"error"`
	}
	if resp.StatusCode != http.StatusBadRequest && resp.StatusCode != http.StatusUnauthorized || json.Unmarshal(body, &said) != nil {
		return
	}
	if code, ok := said.Error.(string); ok && network.Word(code) != "" {
		e.Fault, e.Err = network.Refused, network.Explain("no token: "+network.Word(code))
	}
}
