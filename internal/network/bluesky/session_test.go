package bluesky

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/amends-care/amends/internal/network"
)

// counting carries calls and notes which.
type counting struct {
	next http.RoundTripper
	mu   sync.Mutex
	made []string
}

func (c *counting) RoundTrip(r *http.Request) (*http.Response, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.made = append(c.made, r.URL.Path[strings.LastIndexByte(r.URL.Path, '.')+1:])
	return c.next.RoundTrip(r)
}

func (c *counting) take() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	made := strings.Join(c.made, " ")
	c.made = nil
	return made
}

// signedUp is a brand with an app password, and a source that uses it.
func signedUp(t *testing.T) (w *world, password string, calls *counting, a *Account) {
	w = newWorld(t, Mentions, pageSize, new(people))
	password = w.brand.AppPassword(t, "amends")
	calls = &counting{next: w.Wire}
	return w, password, calls, source(t, w, Driver(), Settings{AppPassword: network.Secret(password), What: Mentions}, calls)
}

func source(t *testing.T, w *world, d network.Driver, s Settings, calls http.RoundTripper) *Account {
	t.Helper()
	s.Host, s.Handle = w.net.URL, w.brand.Handle
	a, err := d.Open(&s, network.NewClient(network.Options{Base: calls}))
	if err != nil {
		t.Fatal(err)
	}
	return a.(*Account)
}

func TestOneSessionForAllSources(t *testing.T) {
	w, password, calls, _ := signedUp(t)
	d := Driver()
	for _, s := range []Settings{{What: Mentions}, {What: Own}, {What: Search, Query: "acme"}} {
		s.AppPassword = network.Secret(password)
		if _, err := source(t, w, d, s, calls).Poll(t.Context(), ""); err != nil {
			t.Fatal(err)
		}
	}
	if made := calls.take(); made != "createSession listNotifications getAuthorFeed searchPosts" {
		t.Error(made)
	}
}

func TestTokenTheServerNoLongerTakes(t *testing.T) {
	w, _, calls, a := signedUp(t)
	poll := func(want string) error {
		t.Helper()
		_, err := a.Poll(t.Context(), "")
		if made := calls.take(); made != want {
			t.Errorf("calls %q, want %q", made, want)
		}
		return err
	}
	spoil := func(token string) string { return token[:len(token)-8] + "AAAAAAAA" }

	if err := poll("createSession listNotifications"); err != nil {
		t.Fatal(err)
	}
	a.session.access = spoil(a.session.access)
	if err := poll("listNotifications refreshSession listNotifications"); err != nil {
		t.Errorf("with a token that is no longer good: %v", err)
	}
	a.session.access, a.session.refresh = spoil(a.session.access), spoil(a.session.refresh)
	if err := poll("listNotifications refreshSession createSession listNotifications"); err != nil {
		t.Errorf("with two such tokens: %v", err)
	}
	w.brand.RevokeAppPassword(t, "amends")
	a.session.access = spoil(a.session.access)
	err := poll("listNotifications refreshSession createSession")
	if e, ok := errors.AsType[*network.Error](err); !ok || e.Fault != network.Refused || !strings.Contains(err.Error(), "app password is wrong") {
		t.Errorf("with a password that was taken back: %v", err)
	}
	if err := poll("createSession"); err == nil {
		t.Error("a refusal was forgotten")
	}
}

func TestAccountThatIsNotActive(t *testing.T) {
	w, _, _, a := signedUp(t)
	w.brand.Deactivate(t)
	_, err := a.Poll(t.Context(), "")
	if e, ok := errors.AsType[*network.Error](err); !ok || e.Fault != network.Refused || !strings.Contains(err.Error(), "not active: deactivated") {
		t.Error(err)
	}
}

// tooManySessions meets the real server's own limit: 30 in five minutes.
func tooManySessions(t *testing.T) {
	w, password, calls, _ := signedUp(t)
	for made := 1; ; made++ {
		page, err := source(t, w, Driver(), Settings{AppPassword: network.Secret(password), What: Mentions}, calls).Poll(t.Context(), "")
		if err == nil && made <= 30 {
			if m := page.Meter; !m.LeftKnown || m.Left > 30-made || m.Reset.Before(time.Now()) || m.Reset.After(time.Now().Add(6*time.Minute)) {
				t.Fatalf("after %d sessions: %+v", made, m)
			}
			continue
		}
		e, ok := errors.AsType[*network.Error](err)
		if !ok || e.Fault != network.Limited || e.Status != 429 || e.After <= 0 || e.After > 5*time.Minute+2*time.Second || made != 31 {
			t.Fatalf("session %d: %v", made, err)
		}
		return
	}
}

// A signer is a server that only hands out sessions, for what takes hours.
type signer struct {
	mu        sync.Mutex
	sessions  int
	refreshes int
	refuse    bool
	lasts     time.Duration
}

func (s *signer) token(kind string, n int) string {
	now := time.Now().Add(-3 * time.Hour) // its clock is wrong
	claims := fmt.Sprintf(`{"iat":%d,"exp":%d}`, now.Unix(), now.Add(s.lasts).Unix())
	return kind + "." + base64.RawURLEncoding.EncodeToString([]byte(claims)) + "." + fmt.Sprint(n)
}

func (s *signer) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	status, body := 200, `{"notifications":[]}`
	auth := r.Header.Get("Authorization")
	switch r.URL.Path[strings.LastIndexByte(r.URL.Path, '.')+1:] {
	case "createSession":
		s.sessions++
		body = fmt.Sprintf(`{"did":"did:plc:acme","accessJwt":%q,"refreshJwt":%q}`, s.token("access", s.sessions), s.token("refresh", s.sessions))
		if s.refuse {
			status, body = 401, `{"error":"AuthenticationRequired","message":"Invalid identifier or password"}`
		}
	case "refreshSession":
		s.refreshes++
		body = fmt.Sprintf(`{"did":"did:plc:acme","accessJwt":%q,"refreshJwt":%q}`, s.token("access", 100+s.refreshes), s.token("refresh", 100+s.refreshes))
		if !strings.HasPrefix(auth, "Bearer refresh.") {
			status, body = 400, `{"error":"InvalidToken"}`
		}
	default:
		if !strings.HasPrefix(auth, "Bearer access.") {
			status, body = 400, `{"error":"InvalidToken"}`
		}
	}
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
}

func alone(t *testing.T, s *signer) *Account {
	t.Helper()
	a, err := open(&Settings{Host: "https://pds.example", Handle: "acme.example", AppPassword: "hush", What: Mentions},
		network.NewClient(network.Options{Base: s}), newSessions())
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestTokenIsRenewedBeforeItEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &signer{lasts: 2 * time.Hour}
		a := alone(t, s)
		for range 24 * 60 {
			if _, err := a.Poll(t.Context(), ""); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Minute)
		}
		if s.sessions != 1 || s.refreshes < 11 || s.refreshes > 13 {
			t.Errorf("in a day %d sessions and %d renewals", s.sessions, s.refreshes)
		}
	})
}

func TestManyCallersSignInOnce(t *testing.T) {
	s := &signer{lasts: time.Hour}
	a := alone(t, s)
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if _, err := a.Poll(t.Context(), ""); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if s.sessions != 1 {
		t.Errorf("%d sessions", s.sessions)
	}
}

func TestRefusedAccountAsksSeldom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &signer{refuse: true}
		a := alone(t, s)
		start := time.Now()
		for time.Since(start) < time.Hour {
			_, err := a.Poll(t.Context(), "")
			e, ok := errors.AsType[*network.Error](err)
			if !ok || e.Fault != network.Refused && (e.Fault != network.Limited || !e.Unsent || e.After <= 0 || e.After > loginWindow) {
				t.Fatal(err)
			}
			if strings.Contains(err.Error(), "hush") {
				t.Fatal("the error has the password")
			}
			time.Sleep(time.Second)
		}
		if s.sessions > 12*maxLogins {
			t.Errorf("%d sessions asked for in an hour", s.sessions)
		}
	})
}

func TestAnswersThatAreNoSession(t *testing.T) {
	for _, body := range []string{`{}`, `null`, `[]`, `{"did":"acme","accessJwt":"a.b.c"}`, `{"did":"did:plc:acme"}`, `{"did":"did:plc:acme","accessJwt":"a\r\nb"}`} {
		a, err := open(&Settings{Host: "https://pds.example", Handle: "acme.example", AppPassword: "hush", What: Mentions},
			network.NewClient(network.Options{Base: saying(body)}), newSessions())
		if err != nil {
			t.Fatal(err)
		}
		_, err = a.Poll(t.Context(), "")
		if e, ok := errors.AsType[*network.Error](err); !ok || e.Fault != network.Malformed {
			t.Errorf("%s: %v", body, err)
		}
	}
}

// saying answers everything with the same.
type saying string

func (s saying) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(string(s))), Request: r}, nil
}

func FuzzLifetime(f *testing.F) {
	f.Add("a." + base64.RawURLEncoding.EncodeToString([]byte(`{"iat":1,"exp":7201}`)) + ".c")
	f.Fuzz(func(t *testing.T, jwt string) {
		if d := lifetime(jwt); d < 0 {
			t.Error(d)
		}
	})
}
