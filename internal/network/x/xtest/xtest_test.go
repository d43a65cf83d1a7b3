package xtest_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/amends-care/amends/internal/network/x/xtest"
)

// A recorder is a test that notes how it fails.
type recorder struct {
	testing.TB
	failed []string
}

func (r *recorder) Helper() {}
func (r *recorder) Errorf(format string, args ...any) {
	r.failed = append(r.failed, fmt.Sprintf(format, args...))
}

func ask(t *testing.T, n *xtest.Network, method, address, bearer string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, "https://api.x.com"+address, nil)
	if err != nil {
		t.Fatal(err)
	}
	if bearer != "" {
		r.Header.Set("Authorization", "Bearer "+bearer)
	}
	resp, err := n.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

func TestWhoIsNobodyIsRefused(t *testing.T) {
	n := xtest.New(t, xtest.Options{})
	for _, bearer := range []string{"", "guessed"} {
		if status, body := ask(t, n, "GET", "/2/tweets?ids=1", bearer); status != 401 {
			t.Errorf("%d %s", status, body)
		}
	}
}

func TestWhatXWouldNotUnderstandFailsTheTest(t *testing.T) {
	for address, want := range map[string]string{
		"/2/tweets/search/everything":          "signed by the app",
		"/2/users/4242/mentions?max_results=5": "signed by the app",
	} {
		r := &recorder{TB: t}
		n := xtest.New(r, xtest.Options{})
		ask(t, n, "GET", address, xtest.Bearer)
		if len(r.failed) == 0 || !strings.Contains(r.failed[0], want) {
			t.Errorf("%s: %q, want %q", address, r.failed, want)
		}
	}
}

func TestTheSpecificationIsHeldAgainst(t *testing.T) {
	for _, fields := range []string{"post", "tweet"} {
		spec := xtest.Load(t, fields)
		if spec == nil {
			t.Skip("X's specifications are not beside the project")
		}
		r := &recorder{TB: t}
		n := xtest.New(r, xtest.Options{Fields: fields, Spec: spec})
		if _, _ = ask(t, n, "GET", "/2/tweets/counts/recent?query=kettle&granularity=day", xtest.Bearer); len(r.failed) != 0 {
			t.Errorf("a right call: %q", r.failed)
		}
		for address, want := range map[string]string{
			"/2/tweets/counts/recent?query=kettle&grain=day":       "no parameter grain",
			"/2/tweets/counts/recent?query=kettle&granularity=age": "the request",
		} {
			r.failed = nil
			ask(t, n, "GET", address, xtest.Bearer)
			if len(r.failed) == 0 || !strings.Contains(r.failed[0], want) {
				t.Errorf("%s: %q, want %q", address, r.failed, want)
			}
		}
		if spec.Calls() != 3 {
			t.Errorf("%d calls were held against it", spec.Calls())
		}
	}
}
