package auth

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
)

func TestAFirstStartHasALink(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, d *desk) {
		ctx := t.Context()
		unused, ok, err := d.StartLink(ctx, "cli/root")
		if err != nil || !ok {
			t.Fatalf("no link: %v, %v", ok, err)
		}
		again, ok, err := d.StartLink(ctx, "cli/root") // a restart before anybody came
		if err != nil || !ok || again == unused {
			t.Fatalf("no second link: %v, %v", ok, err)
		}
		a, why, err := d.LinkFor(ctx, again)
		if err != nil || a.Name != "admin" || a.Role != Admin || why != ToStart {
			t.Fatalf("link for %+v, %s, %v", a, why, err)
		}
		s, err := d.SpendLink(ctx, again, Visit{From: home})
		if err != nil {
			t.Fatal(err)
		}
		who := wantIn(t, d, s.Secret)
		if !who.May(Team) || !who.NoPassword || who.MustChange {
			t.Fatalf("identity = %+v", who)
		}
		if _, ok, err := d.StartLink(ctx, "cli/root"); ok || err != nil {
			t.Fatalf("a link after the first sign-in: %v, %v", ok, err)
		}
		if _, err := d.ChangePassword(ctx, who, "", "a new long password", Visit{From: home, Old: s.Secret}); err != nil {
			t.Fatal(err)
		}
		if _, err := d.SignIn(ctx, "admin", "a new long password", Visit{From: home}); err != nil {
			t.Fatal(err)
		}
		// The first link was made for an account whose password has changed since.
		_, err = d.SpendLink(ctx, unused, Visit{})
		wantCode(t, err, care.Denied)
		wantStory(t, d, "admin", "cli/root added admin", "cli/root link_made", "cli/root link_made", "agent/admin link_spent", "agent/admin password")
	})
}

func TestALinkIsSpentOnce(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, d *desk) {
		d.add(t, "ada", Agent)
		secret, _, err := d.MakeLink(t.Context(), "cli/test", "ada", ToStart)
		if err != nil {
			t.Fatal(err)
		}
		var in atomic.Int64
		var wg sync.WaitGroup
		for range 16 {
			wg.Go(func() {
				switch _, err := d.SpendLink(t.Context(), secret, Visit{From: home}); code(err) {
				case care.Denied:
				case "":
					if err != nil {
						t.Error(err)
					}
					in.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if in.Load() != 1 {
			t.Fatalf("%d got in by one link", in.Load())
		}
	})
}

func TestALinkHasItsTime(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, d *desk) {
		ctx := t.Context()
		d.add(t, "ada", Agent)
		for why, holds := range map[Purpose]time.Duration{ToStart: 24 * time.Hour, ToReset: time.Hour} {
			for wait, works := range map[time.Duration]bool{holds - time.Second: true, holds: false} {
				secret, expires, err := d.MakeLink(ctx, "cli/test", "ada", why)
				if err != nil || !expires.Equal(time.Now().Add(holds)) {
					t.Fatalf("%s: expires %v, %v", why, expires, err)
				}
				time.Sleep(wait)
				if _, err := d.SpendLink(ctx, secret, Visit{}); (err == nil) != works {
					t.Errorf("%s after %v: %v", why, wait, err)
				}
			}
		}
	})
}

func TestAResetTakesTheOldPasswordAway(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, d *desk) {
		ctx := t.Context()
		d.add(t, "ada", Agent)
		thief := d.in(t, "ada")
		secret, _, err := d.MakeLink(ctx, "agent/root", "ada", ToReset)
		if err != nil {
			t.Fatal(err)
		}
		wantIn(t, d, thief.Secret) // making the link alone changes nothing
		s, err := d.SpendLink(ctx, secret, Visit{From: home})
		if err != nil {
			t.Fatal(err)
		}
		wantOut(t, d, thief.Secret)
		_, err = d.SignIn(ctx, "ada", good, Visit{From: home})
		wantCode(t, err, care.Denied)
		who := wantIn(t, d, s.Secret)
		if who.May(Read) || !who.May(Password) {
			t.Fatal("a reset asks for a password first")
		}
		fresh, err := d.ChangePassword(ctx, who, "", "a new long password", Visit{From: home})
		if err != nil {
			t.Fatal(err)
		}
		if !wantIn(t, d, fresh.Secret).May(Work) {
			t.Fatal("may not work after the reset")
		}
	})
}

func TestADisabledPersonHasNoLinks(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, d *desk) {
		ctx, yes := t.Context(), true
		d.add(t, "ada", Agent)
		secret, _, err := d.MakeLink(ctx, "cli/test", "ada", ToReset)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := d.Change(ctx, "cli/test", "ada", Edit{Disabled: &yes}); err != nil {
			t.Fatal(err)
		}
		_, err = d.SpendLink(ctx, secret, Visit{})
		wantCode(t, err, care.Denied)
		_, _, err = d.MakeLink(ctx, "cli/test", "ada", ToReset)
		wantCode(t, err, care.Conflict)
	})
}
