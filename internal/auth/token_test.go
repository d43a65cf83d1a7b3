package auth

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
)

func TestATokenIsItsPerson(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, d *desk) {
		ctx := t.Context()
		d.add(t, "ada", Lead)
		secret, made, err := d.AddToken(ctx, "agent/ada", "ada", NewToken{Name: "nightly", Role: Agent})
		if err != nil || !strings.HasPrefix(secret, "amends_pat_") || made.Role != Agent {
			t.Fatalf("token = %+v, %v", made, err)
		}
		who, err := d.Bearer(ctx, secret)
		if err != nil {
			t.Fatal(err)
		}
		if who.Name != "ada" || who.Token != "nightly" || who.Actor() != "agent/ada" || who.May(Assign) || !who.May(Work) {
			t.Fatalf("identity = %+v", who)
		}
		if who.May(Self) || who.May(Password) {
			t.Fatal("a token may make itself another one")
		}
		if err := d.RevokeToken(ctx, "agent/ada", "bob", made.ID); code(err) != care.NotFound {
			t.Fatalf("bob revoked ada's token: %v", err)
		}
		if err := d.RevokeToken(ctx, "agent/ada", "ada", made.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := d.Bearer(ctx, secret); !errors.Is(err, ErrSignedOut) {
			t.Fatalf("a revoked token: %v", err)
		}
		wantStory(t, d, "ada", "cli/test added lead", "agent/ada token_added agent", "agent/ada token_revoked")
	})
}

func TestATokenFollowsItsPersonsRole(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, d *desk) {
		ctx, viewer := t.Context(), Viewer
		d.add(t, "ada", Lead)
		_, _, err := d.AddToken(ctx, "agent/ada", "ada", NewToken{Name: "big", Role: Admin})
		if code(err) != care.Invalid || field(err) != "role" {
			t.Fatalf("a token above its person: %v", err)
		}
		secret, made, err := d.AddToken(ctx, "agent/ada", "ada", NewToken{Name: "all"})
		if err != nil || made.Role != Lead {
			t.Fatalf("token = %+v, %v", made, err)
		}
		if _, err := d.Change(ctx, "cli/test", "ada", Edit{Role: &viewer}); err != nil {
			t.Fatal(err)
		}
		if who, err := d.Bearer(ctx, secret); err != nil || who.Role != Viewer {
			t.Fatalf("identity = %+v, %v", who, err)
		}
	})
}

func TestATokenCanExpireAndTellsTheDayOfUse(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, d *desk) {
		ctx := t.Context()
		d.add(t, "ada", Agent)
		secret, _, err := d.AddToken(ctx, "agent/ada", "ada", NewToken{Name: "short", For: 72 * time.Hour})
		if err != nil {
			t.Fatal(err)
		}
		used := func() time.Time {
			list, err := d.Tokens(ctx, "ada")
			if err != nil || len(list) != 1 {
				t.Fatalf("tokens = %v, %v", list, err)
			}
			return list[0].UsedOn
		}
		if !used().IsZero() {
			t.Fatal("used before its use")
		}
		time.Sleep(30 * time.Hour)
		if _, err := d.Bearer(ctx, secret); err != nil {
			t.Fatal(err)
		}
		if want := time.Now().UTC().Truncate(24 * time.Hour); !used().Equal(want) {
			t.Fatalf("used on %v, want %v", used(), want)
		}
		time.Sleep(42 * time.Hour)
		if _, err := d.Bearer(ctx, secret); !errors.Is(err, ErrSignedOut) {
			t.Fatalf("an expired token: %v", err)
		}
	})
}

func TestTokensOfOneNameAreNotMadeTwice(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, d *desk) {
		d.add(t, "ada", Agent)
		errs := make([]error, 8)
		var wg sync.WaitGroup
		for i := range errs {
			wg.Go(func() { _, _, errs[i] = d.AddToken(t.Context(), "agent/ada", "ada", NewToken{Name: "bot"}) })
		}
		wg.Wait()
		made := len(slices.DeleteFunc(slices.Clone(errs), func(err error) bool { return err != nil }))
		list, err := d.Tokens(t.Context(), "ada")
		if made != 1 || len(list) != 1 || err != nil {
			t.Fatalf("%d were made, %d are there: %v", made, len(list), errs)
		}
	})
}
