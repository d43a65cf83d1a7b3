package networktest

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
)

// Drain reads an account from a cursor until there is no more. The page is the
// last one, with the gaps of all.
func Drain(t *testing.T, a network.Account, cursor string) (map[care.Remote]network.Item, network.Page) {
	t.Helper()
	got := map[care.Remote]network.Item{}
	var gaps []network.Gap
	for {
		p, err := a.Poll(t.Context(), cursor)
		if err != nil {
			t.Fatal(err)
		}
		for _, it := range p.Items {
			got[it.Post.Remote] = it
		}
		if gaps = append(gaps, p.Gaps...); !p.More {
			p.Gaps = gaps
			return got, p
		}
		cursor = p.Next
	}
}

// Failure is the typed error of a call that must fail.
func Failure(t *testing.T, err error) *network.Error {
	t.Helper()
	e, ok := errors.AsType[*network.Error](err)
	if !ok {
		t.Fatalf("got %v, want a *network.Error", err)
	}
	return e
}

// ErrOf leaves the answer of a call away.
func ErrOf[T any](_ T, err error) error { return err }

// Changes to good settings of a driver, by name, and what the driver finds wrong
// then; empty: nothing.
type Changes[S network.Settings] map[string]struct {
	Change func(S)
	Want   string
}

// Settings tries each change, and that no secret is in what settings and errors
// print.
func Settings[S network.Settings](t *testing.T, good func() S, changes Changes[S], secrets ...string) {
	t.Helper()
	for name, c := range changes {
		s := good()
		c.Change(s)
		err := s.Validate()
		if c.Want == "" && err != nil || c.Want != "" && (err == nil || !strings.Contains(err.Error(), c.Want)) {
			t.Errorf("%s: %v, want %q", name, err, c.Want)
		}
		text := fmt.Sprintf("%v %+v %#v %v", s, s, s, err)
		for _, secret := range secrets {
			if strings.Contains(text, secret) {
				t.Errorf("%s: %s", name, text)
			}
		}
	}
}
