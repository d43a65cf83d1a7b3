package oauth

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/amends-care/amends/internal/network"
)

func TestATokenIsSharedAndRenewed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		ask := func(context.Context) (Token, error) {
			asked++
			return Token{Access: fmt.Sprint("t", asked), Lasts: time.Hour}, nil
		}
		ring := NewRing()
		one, two := ring.Source(ask, "a", "b"), ring.Source(ask, "a", "b")
		if one != two || ring.Source(ask, "a\x00b", "") == one {
			t.Error("a source for each credential, and one only")
		}
		call := func(want string) {
			t.Helper()
			err := one.Call(t.Context(), false, func(token string) error {
				if token != want {
					t.Errorf("got %s, want %s", token, want)
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		call("t1")
		call("t1")
		time.Sleep(59*time.Minute + time.Second) // a minute before its end it counts as over
		call("t2")
		calls := 0
		err := one.Call(t.Context(), true, func(token string) error {
			if calls++; token == "t2" {
				return &network.Error{Fault: network.Refused, Status: 401}
			}
			return nil
		})
		if err != nil || calls != 2 || asked != 3 {
			t.Errorf("%v, %d calls, asked %d times", err, calls, asked)
		}
		calls = 0
		err = one.Call(t.Context(), true, func(string) error {
			calls++
			return &network.Error{Fault: network.Refused, Status: 401}
		})
		if err == nil || calls != 2 {
			t.Errorf("%v after %d calls: one new token, no more", err, calls)
		}
	})
}

func TestAWriteWithoutATokenIsUnsent(t *testing.T) {
	s := NewSource(func(context.Context) (Token, error) {
		return Token{}, &network.Error{Fault: network.Transient, Status: 502}
	})
	for write, want := range map[bool]bool{true: true, false: false} {
		err := s.Call(t.Context(), write, func(string) error { t.Error("called without a token"); return nil })
		if e, ok := errors.AsType[*network.Error](err); !ok || e.Unsent != want {
			t.Errorf("write %v: %v", write, err)
		}
	}
	bad := NewSource(func(context.Context) (Token, error) { return Token{Access: "a b\r\n"}, nil })
	if err := bad.Call(t.Context(), false, func(string) error { return nil }); err == nil {
		t.Error("took a token that is none")
	}
}

type answering struct {
	status int
	body   string
}

func (a answering) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: a.status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(a.body)), Request: r}, nil
}

func TestExchange(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		body   string
		want   Token
		fault  network.Fault
	}{
		"a token":                {200, `{"access_token":"abc","expires_in":3599}`, Token{"abc", 3599 * time.Second}, ""},
		"a time in letters":      {200, `{"access_token":"abc","expires_in":"60"}`, Token{"abc", time.Minute}, ""},
		"no time":                {200, `{"access_token":"abc"}`, Token{"abc", 0}, ""},
		"a refusal":              {400, `{"error":"invalid_grant","error_description":"hush"}`, Token{}, network.Refused},
		"a refusal with success": {200, `{"error":"invalid_grant"}`, Token{}, network.Refused},
		"another 400":            {400, `oops`, Token{}, network.Malformed},
		"a failure":              {503, ``, Token{}, network.Transient},
	} {
		client := network.NewClient(network.Options{Base: answering{c.status, c.body}})
		got, err := Exchange(t.Context(), client, "https://id.example/token", url.Values{"refresh_token": {"hush"}}, nil)
		e, _ := errors.AsType[*network.Error](err)
		if got != c.want || (c.fault == "") != (err == nil) || e != nil && e.Fault != c.fault || strings.Contains(fmt.Sprint(err), "hush") {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}
