package auth

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/amends-care/amends/internal/care"
)

func TestSignInKeepsNoSecret(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, d *desk) {
		d.add(t, "ada", Agent)
		s := d.in(t, "ada")
		for doc, err := range d.store.List(t.Context(), "", "") {
			if err != nil {
				t.Fatal(err)
			}
			for _, secret := range []string{s.Secret, good} {
				if strings.Contains(doc.Key, secret) || strings.Contains(string(doc.Data), secret) {
					t.Fatalf("%s holds a secret", doc.Key)
				}
			}
		}
	})
}

func TestASessionIsNewAtEachSignIn(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, d *desk) {
		d.add(t, "ada", Agent)
		old := d.in(t, "ada")
		fresh, err := d.SignIn(t.Context(), "ADA ", good, Visit{From: home, Old: old.Secret})
		if err != nil {
			t.Fatal(err)
		}
		if old.Secret == fresh.Secret {
			t.Fatal("the session was not rotated")
		}
		wantOut(t, d, old.Secret)
		wantIn(t, d, fresh.Secret)
		if err := d.SignOut(t.Context(), fresh.Secret); err != nil {
			t.Fatal(err)
		}
		wantOut(t, d, fresh.Secret)
	})
}

func TestASessionEndsWhenIdle(t *testing.T) {
	bubble(t, Options{Idle: 2 * time.Hour, Session: 24 * time.Hour}, func(t *testing.T, d *desk) {
		d.add(t, "ada", Agent)
		s := d.in(t, "ada")
		for range 5 { // used every 100 minutes it lives on
			time.Sleep(100 * time.Minute)
			wantIn(t, d, s.Secret)
		}
		for range 7 { // a window that is merely open does not keep it
			time.Sleep(15 * time.Minute)
			if _, err := d.Still(t.Context(), s.Secret); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(15 * time.Minute)
		wantOut(t, d, s.Secret)
	})
}

func TestASessionEndsAfterItsTime(t *testing.T) {
	bubble(t, Options{Idle: 2 * time.Hour, Session: 10 * time.Hour}, func(t *testing.T, d *desk) {
		d.add(t, "ada", Agent)
		s := d.in(t, "ada")
		for range 9 {
			time.Sleep(time.Hour)
			wantIn(t, d, s.Secret)
		}
		time.Sleep(time.Hour)
		wantOut(t, d, s.Secret)
	})
}

func TestRunErasesWhatHasExpired(t *testing.T) {
	bubble(t, Options{Idle: time.Hour}, func(t *testing.T, d *desk) {
		d.add(t, "ada", Agent)
		d.in(t, "ada")
		if _, _, err := d.MakeLink(t.Context(), "cli/test", "ada", ToReset); err != nil {
			t.Fatal(err)
		}
		go func() {
			if err := d.Run(t.Context()); err != nil {
				t.Error(err)
			}
		}()
		time.Sleep(30 * time.Minute)
		kept := d.in(t, "ada")
		time.Sleep(40 * time.Minute)
		synctest.Wait()
		count := func(prefix string) (n int) {
			for _, err := range d.store.List(t.Context(), prefix, "") {
				if err != nil {
					t.Fatal(err)
				}
				n++
			}
			return n
		}
		if s, l := count("session/"), count("link/"); s != 1 || l != 0 {
			t.Fatalf("%d sessions and %d links are left, want 1 and 0", s, l)
		}
		wantIn(t, d, kept.Secret)
	})
}

func TestListingAndEndingSessions(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, d *desk) {
		ctx := t.Context()
		d.add(t, "ada", Agent)
		d.add(t, "bob", Agent)
		laptop, err := d.SignIn(ctx, "ada", good, Visit{From: netip.MustParseAddr("::ffff:192.0.2.7"), Device: "Laptop\x1b[31m\u202E"})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		phone := d.in(t, "ada")
		bobs := d.in(t, "bob")
		this := wantIn(t, d, phone.Secret).Session
		list, err := d.Sessions(ctx, "ada", this)
		if err != nil || len(list) != 2 || !list[0].This || list[1].This || list[1].From != "192.0.2.7" || list[1].Device != "Laptop[31m" {
			t.Fatalf("sessions = %+v, %v", list, err)
		}
		if err := d.EndSession(ctx, "ada", list[1].ID); err != nil {
			t.Fatal(err)
		}
		wantOut(t, d, laptop.Secret)
		wantIn(t, d, phone.Secret)
		// Another person's session can't be ended, and does not show.
		wantCode(t, d.EndSession(ctx, "ada", wantIn(t, d, bobs.Secret).Session), care.NotFound)
		wantIn(t, d, bobs.Secret)
		if err := d.SignOutAll(ctx, "agent/root", "ada"); err != nil {
			t.Fatal(err)
		}
		wantOut(t, d, phone.Secret)
		wantStory(t, d, "ada", "cli/test added agent", "agent/root signed_out")
	})
}

func TestEndingAllOtherSessions(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, d *desk) {
		d.add(t, "ada", Agent)
		d.add(t, "bob", Agent)
		laptop, phone, bobs := d.in(t, "ada"), d.in(t, "ada"), d.in(t, "bob")
		if err := d.EndOtherSessions(t.Context(), "ada", wantIn(t, d, phone.Secret).Session); err != nil {
			t.Fatal(err)
		}
		wantOut(t, d, laptop.Secret)
		wantIn(t, d, phone.Secret)
		wantIn(t, d, bobs.Secret)
	})
}

// Whoever asks can't tell a wrong password from an unknown, disabled or
// passwordless account: the answer is the same, and so is the work.
func TestEveryWrongSignInCostsTheSame(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, d *desk) {
		ctx, yes := t.Context(), true
		d.add(t, "ada", Admin)
		d.add(t, "gone", Agent)
		if _, err := d.Change(ctx, "cli/test", "gone", Edit{Disabled: &yes}); err != nil {
			t.Fatal(err)
		}
		if _, err := d.Add(ctx, "cli/test", NewAccount{Name: "linked", Role: Agent}); err != nil {
			t.Fatal(err)
		}
		var said string
		for _, c := range []struct{ name, password string }{
			{"ada", "wrong password"}, {"nobody", good}, {"gone", good}, {"linked", ""}, {"../../etc", good}, {"", ""},
			{"ada", strings.Repeat("x", 1<<20)},
		} {
			d.hashes.Store(0)
			_, err := d.SignIn(ctx, c.name, c.password, Visit{From: home})
			wantCode(t, err, care.Denied)
			if said == "" {
				said = err.Error()
			}
			if n := d.hashes.Load(); err.Error() != said || n != 1 || *d.last.Load() != ours {
				t.Errorf("%q: %v after %d hashes at %v", c.name, err, n, *d.last.Load())
			}
			time.Sleep(time.Minute)
		}
	})
}

func TestWhoRefusesNonsense(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, d *desk) {
		d.add(t, "ada", Agent)
		s := d.in(t, "ada")
		for _, secret := range []string{"", "x", s.Secret + "x", s.Secret[1:] + "A", strings.Repeat("\x00", 43), hashOf(s.Secret)} {
			if secret == s.Secret {
				continue
			}
			wantOut(t, d, secret)
			if _, err := d.Bearer(t.Context(), secret); !errors.Is(err, ErrSignedOut) {
				t.Errorf("bearer %q: %v", secret, err)
			}
			if _, err := d.SpendLink(t.Context(), secret, Visit{}); code(err) != care.Denied {
				t.Errorf("link %q: %v", secret, err)
			}
		}
	})
}

// A store that can't be written still tells who somebody is.
func TestWhoWorksOnAReadOnlyStore(t *testing.T) {
	bubble(t, Options{Idle: time.Hour}, func(t *testing.T, d *desk) {
		d.add(t, "ada", Agent)
		s := d.in(t, "ada")
		time.Sleep(30 * time.Minute)
		d.People.store = readOnly{d.store}
		wantIn(t, d, s.Secret)
	})
}
