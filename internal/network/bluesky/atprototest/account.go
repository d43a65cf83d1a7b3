package atprototest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
)

// An Account is a person or a brand on the network. Its methods act as its
// owner and fail the test when the network refuses. Safe for concurrent use.
type Account struct {
	DID      string
	Handle   string // without a leading @
	Password string

	net    *Network
	mu     sync.Mutex
	access string
}

// Account registers an account. Its handle begins with name, which is made of
// letters and digits.
func (n *Network) Account(t testing.TB, name string) *Account {
	t.Helper()
	a := &Account{Handle: name + randomHex(4) + ".test", Password: randomHex(12), net: n}
	var session struct{ DID, AccessJwt string }
	err := n.call(n.URL, http.MethodPost, "com.atproto.server.createAccount", nil, map[string]any{
		"handle": a.Handle, "password": a.Password, "email": a.Handle + "@example.test",
	}, "", &session)
	if err != nil {
		t.Fatalf("create an account: %v", err)
	}
	a.DID, a.access = session.DID, session.AccessJwt
	n.mu.Lock()
	n.people[a.Handle] = a.DID
	n.mu.Unlock()
	return a
}

// AppPassword makes a password for a program to sign in with.
func (a *Account) AppPassword(t testing.TB, name string) string {
	t.Helper()
	var made struct{ Password string }
	a.Call(t, http.MethodPost, "com.atproto.server.createAppPassword", nil, map[string]any{"name": name}, &made)
	return made.Password
}

// RevokeAppPassword ends what AppPassword made, with every session it opened.
func (a *Account) RevokeAppPassword(t testing.TB, name string) {
	t.Helper()
	a.Call(t, http.MethodPost, "com.atproto.server.revokeAppPassword", nil, map[string]any{"name": name}, nil)
}

// Follow makes a follow other.
func (a *Account) Follow(t testing.TB, other *Account) {
	t.Helper()
	a.create(t, "app.bsky.graph.follow", map[string]any{"subject": other.DID})
}

// Block makes a block other.
func (a *Account) Block(t testing.TB, other *Account) {
	t.Helper()
	a.create(t, "app.bsky.graph.block", map[string]any{"subject": other.DID})
}

// Rename gives the account another handle that begins with name.
func (a *Account) Rename(t testing.TB, name string) {
	t.Helper()
	handle := name + randomHex(4) + ".test"
	a.Call(t, http.MethodPost, "com.atproto.identity.updateHandle", nil, map[string]any{"handle": handle}, nil)
	a.net.mu.Lock()
	delete(a.net.people, a.Handle)
	a.net.people[handle] = a.DID
	a.net.mu.Unlock()
	a.Handle = handle
}

// Deactivate takes the account off the network for the time being.
func (a *Account) Deactivate(t testing.TB) {
	t.Helper()
	a.Call(t, http.MethodPost, "com.atproto.server.deactivateAccount", nil, map[string]any{}, nil)
}

// Call calls any method of the network as this account. body nil: none; into
// nil: the answer is dropped.
func (a *Account) Call(t testing.TB, method, nsid string, params url.Values, body, into any) {
	t.Helper()
	if err := a.call(method, nsid, params, body, into); err != nil {
		t.Fatalf("%s: %v", nsid, err)
	}
}

// call signs in anew when the session has run out: a soak outlasts it.
func (a *Account) call(method, nsid string, params url.Values, body, into any) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	err := a.net.call(a.net.URL, method, nsid, params, body, a.access, into)
	if refusal, ok := err.(*Refusal); !ok || refusal.Code != "ExpiredToken" {
		return err
	}
	var session struct{ AccessJwt string }
	err = a.net.call(a.net.URL, http.MethodPost, "com.atproto.server.createSession", nil,
		map[string]any{"identifier": a.DID, "password": a.Password}, "", &session)
	if err != nil {
		return err
	}
	a.access = session.AccessJwt
	return a.net.call(a.net.URL, method, nsid, params, body, a.access, into)
}

// A Refusal is what the network answered in place of a success.
type Refusal struct {
	Status        int
	Code, Message string
}

func (r *Refusal) Error() string { return fmt.Sprintf("%d %s: %s", r.Status, r.Code, r.Message) }

// ask reads something that everybody may see.
func (n *Network) ask(server, nsid string, params url.Values, into any) error {
	return n.call(server, http.MethodGet, nsid, params, nil, "", into)
}

func (n *Network) call(server, method, nsid string, params url.Values, body any, token string, into any) error {
	address := server + "/xrpc/" + nsid
	if len(params) > 0 {
		address += "?" + params.Encode()
	}
	var send io.Reader
	kind := ""
	switch b := body.(type) {
	case nil:
	case blob:
		send, kind = bytes.NewReader(b.content), b.kind
	default:
		encoded, err := json.Marshal(body)
		if err != nil {
			return err
		}
		send, kind = bytes.NewReader(encoded), "application/json"
	}
	req, err := http.NewRequest(method, address, send)
	if err != nil {
		return err
	}
	req.Header.Set("X-Ratelimit-Bypass", n.settings.Secret)
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := n.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		var said struct{ Error, Message string }
		_ = json.Unmarshal(answer, &said)
		return &Refusal{resp.StatusCode, said.Error, strings.TrimSpace(said.Message)}
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(answer, into)
}

type blob struct {
	kind    string
	content []byte
}
