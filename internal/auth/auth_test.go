package auth

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/netip"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/care/caretest"
	"github.com/amends-care/amends/internal/store"
	"github.com/amends-care/amends/internal/store/boltstore"
)

const good = "correct horse battery"

var home = netip.MustParseAddr("192.0.2.7")

// A desk is the people on a real store, with a password hash that costs
// nothing and counts its calls.
type desk struct {
	*People
	store  store.Store
	hashes atomic.Int64
	last   atomic.Pointer[cost]
}

func newDesk(t *testing.T, now func() time.Time, o Options) *desk {
	t.Helper()
	s, err := boltstore.Open(filepath.Join(t.TempDir(), "log.db"), boltstore.Options{Now: now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	d := &desk{People: New(s, now, o), store: s}
	d.hasher.derive = func(password, salt []byte, c cost, n uint32) []byte {
		d.hashes.Add(1)
		d.last.Store(&c)
		sum := sha256.Sum256(slices.Concat(salt, password))
		return sum[:n]
	}
	return d
}

// bubble runs a test in which time passes only when everybody waits.
func bubble(t *testing.T, o Options, f func(*testing.T, *desk)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { f(t, newDesk(t, time.Now, o)) })
}

func (d *desk) add(t *testing.T, name string, r Role) Account {
	t.Helper()
	a, err := d.Add(t.Context(), "cli/test", NewAccount{Name: name, Role: r, Password: good})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func (d *desk) in(t *testing.T, name string) Session {
	t.Helper()
	s, err := d.SignIn(t.Context(), name, good, Visit{From: home})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// story is what the stream of a person says: who did what.
func (d *desk) story(t *testing.T, name string) []string {
	t.Helper()
	var out []string
	for r := range caretest.Records(t, d.store.Stream(context.Background(), "people/"+name, 0)) {
		for _, e := range r.Events {
			c := e.(care.AccountChanged)
			s := string(r.By) + " " + c.What
			if c.Role != "" {
				s += " " + c.Role
			}
			out = append(out, s)
		}
	}
	return out
}

func code(err error) care.Code {
	if e, ok := errors.AsType[*care.Error](err); ok {
		return e.Code
	}
	return ""
}

func field(err error) string {
	if e, ok := errors.AsType[*care.Error](err); ok {
		return e.Field
	}
	return ""
}

func wantCode(t *testing.T, err error, want care.Code) {
	t.Helper()
	if code(err) != want {
		t.Fatalf("error %v, want one that is %q", err, want)
	}
}

func wantOut(t *testing.T, d *desk, secret string) {
	t.Helper()
	if who, err := d.Who(t.Context(), secret); !errors.Is(err, ErrSignedOut) {
		t.Fatalf("who = %v, %v; want signed out", who, err)
	}
}

func wantIn(t *testing.T, d *desk, secret string) Identity {
	t.Helper()
	who, err := d.Who(t.Context(), secret)
	if err != nil {
		t.Fatalf("who: %v", err)
	}
	return who
}

func wantStory(t *testing.T, d *desk, name string, want ...string) {
	t.Helper()
	if got := d.story(t, name); !slices.Equal(got, want) {
		t.Fatalf("story of %s:\n got %q\nwant %q", name, got, want)
	}
}

// readOnly is a store after an unknown write error.
type readOnly struct{ store.Store }

func (readOnly) Commit(context.Context, store.Batch) (store.Seq, error) { return 0, store.ErrReadOnly }

func encodeRaw(b []byte) string { return base64.RawStdEncoding.EncodeToString(b) }

func batchOf(d store.Doc, a account) store.Batch {
	return store.Batch{Puts: []store.Put{{Key: d.Key, Was: d.Rev, Data: encode(a)}}}
}
