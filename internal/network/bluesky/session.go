package bluesky

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/amends-care/amends/internal/network"
)

// sessions has one session for each account, whoever uses it.
type sessions struct {
	mu  sync.Mutex
	all map[[sha256.Size]byte]*session
}

func newSessions() *sessions { return &sessions{all: map[[sha256.Size]byte]*session{}} }

func (s *sessions) of(host, handle, password string) *session {
	key := sha256.Sum256([]byte(host + "\x00" + handle + "\x00" + password))
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all[key] == nil {
		s.all[key] = &session{handle: handle, password: password, turn: make(chan struct{}, 1)}
	}
	return s.all[key]
}

// A session keeps an account signed in: a short-lived access token, renewed by
// a long-lived refresh token, renewed by the app password.
type session struct {
	handle, password string

	turn chan struct{} // held by whoever reads or renews what follows

	logins  []time.Time // sessions asked for lately
	access  string
	until   time.Time // the access token's end by our clock; zero when it doesn't tell
	refresh string

	did atomic.Pointer[string] // read at any time
}

// The network gives 30 sessions in five minutes; an account that asks for more
// is locked out, also at its owner's own screen.
const (
	maxLogins   = 20
	loginWindow = 5 * time.Minute
)

// early is how long before its end a token is renewed.
const early = time.Minute

// token is a valid access token, but never the rejected one.
func (s *session) token(ctx context.Context, c *client, rejected string) (string, error) {
	if err := s.lock(ctx); err != nil {
		return "", err
	}
	defer s.unlock()
	fresh := s.until.IsZero() || time.Now().Add(early).Before(s.until)
	if s.access != "" && s.access != rejected && fresh {
		return s.access, nil
	}
	if s.refresh != "" {
		err := s.renew(ctx, c)
		if err == nil {
			return s.access, nil
		}
		if !tokenRefused(err) {
			return "", err
		}
		s.access, s.refresh = "", ""
	}
	if err := s.create(ctx, c); err != nil {
		return "", err
	}
	return s.access, nil
}

// owner is the account's DID; it signs in if that was never done.
func (s *session) owner(ctx context.Context, c *client) (string, error) {
	if _, err := s.token(ctx, c, ""); err != nil {
		return "", err
	}
	return s.known(), nil
}

// known is the account's DID if it ever signed in. It makes no call.
func (s *session) known() string {
	if did := s.did.Load(); did != nil {
		return *did
	}
	return ""
}

func (s *session) lock(ctx context.Context) error {
	select {
	case s.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return network.Transient.Unsent("gave up waiting for a session", ctx.Err())
	}
}

func (s *session) unlock() { <-s.turn }

// tokenRefused says that the refresh token is worth nothing any more.
func tokenRefused(err error) bool {
	e, ok := errors.AsType[*network.Error](err)
	return ok && e.Fault == network.Refused
}

type tokens struct {
	DID        string `json:"did"`
	AccessJwt  string `json:"accessJwt"`
	RefreshJwt string `json:"refreshJwt"`
	Active     *bool  `json:"active"`
	Status     string `json:"status"`
}

func (s *session) create(ctx context.Context, c *client) error {
	now := time.Now()
	s.logins = slices.DeleteFunc(s.logins, func(at time.Time) bool { return now.Sub(at) >= loginWindow })
	if len(s.logins) >= maxLogins {
		return &network.Error{Fault: network.Limited, Unsent: true, After: loginWindow - now.Sub(s.logins[0]),
			Err: network.Explain("signed in too often lately")}
	}
	s.logins = append(s.logins, now)
	var t tokens
	_, err := c.exchange(ctx, http.MethodPost, "com.atproto.server.createSession", nil,
		map[string]string{"identifier": s.handle, "password": s.password}, "", &t)
	if err != nil {
		return err
	}
	return s.accept(t)
}

func (s *session) renew(ctx context.Context, c *client) error {
	var t tokens
	if _, err := c.exchange(ctx, http.MethodPost, "com.atproto.server.refreshSession", nil, nil, s.refresh, &t); err != nil {
		return err
	}
	return s.accept(t)
}

func (s *session) accept(t tokens) error {
	if !didPattern.MatchString(t.DID) || t.AccessJwt == "" || strings.ContainsAny(t.AccessJwt, " \r\n") {
		return network.Malformed.Because("the server's answer is no session")
	}
	if t.Active != nil && !*t.Active {
		words := "the account is not active"
		if w := network.Word(t.Status); w != "" {
			words += ": " + w
		}
		return network.Refused.Because(words)
	}
	s.did.Store(&t.DID)
	s.access, s.refresh, s.until = t.AccessJwt, t.RefreshJwt, time.Time{}
	if lasts := lifetime(t.AccessJwt); lasts > 0 {
		s.until = time.Now().Add(lasts)
	}
	return nil
}

// lifetime reads how long a token lasts, by its own two instants, so that no
// clock matters. Only the server can check it; we want to know when to ask for
// another. 0: it doesn't tell.
func lifetime(jwt string) time.Duration {
	parts := strings.Split(jwt, ".")
	if len(parts) != 3 {
		return 0
	}
	b, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return 0
	}
	var claims struct{ Iat, Exp int64 }
	if json.Unmarshal(b, &claims) != nil || claims.Iat <= 0 || claims.Exp <= claims.Iat || claims.Exp-claims.Iat > 1<<31 {
		return 0
	}
	return time.Duration(claims.Exp-claims.Iat) * time.Second
}
