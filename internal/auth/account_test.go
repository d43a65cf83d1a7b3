package auth

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/amends-care/amends/internal/care"
)

func TestEachChangeOfAnAccountIsOnRecord(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, d *desk) {
		ctx := t.Context()
		d.add(t, "root", Admin)
		d.add(t, "ada", Agent)
		lead, yes, no, name := Lead, true, false, "Ada L."
		for _, e := range []Edit{
			{Role: &lead}, {Role: &lead}, {Disabled: &yes}, {Disabled: &no},
			{Display: &name, Languages: []string{"EN", "de", "pt-BR", "de"}}, {Display: &name},
		} {
			if _, err := d.Change(ctx, "agent/root", "ada", e); err != nil {
				t.Fatal(err)
			}
		}
		if err := d.SetPassword(ctx, "agent/root", "ada", "another long password", true); err != nil {
			t.Fatal(err)
		}
		wantStory(t, d, "ada", "cli/test added agent", "agent/root role lead", "agent/root disabled", "agent/root enabled",
			"agent/root details", "agent/root password")
		a, err := d.Account(ctx, "ada")
		if err != nil || a.Display != name || a.Role != Lead || !a.MustChange || !slices.Equal(a.Languages, []string{"en", "de", "pt-br"}) {
			t.Fatalf("account = %+v, %v", a, err)
		}
	})
}

func TestAddSaysWhatIsWrong(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, d *desk) {
		d.add(t, "ada", Admin)
		for _, c := range []struct {
			name  string
			n     NewAccount
			code  care.Code
			field string
		}{
			{"taken", NewAccount{Name: "Ada", Role: Agent}, care.Conflict, "name"},
			{"no name", NewAccount{Role: Agent}, care.Invalid, "name"},
			{"a path", NewAccount{Name: "../x", Role: Agent}, care.Invalid, "name"},
			{"look-alike letters", NewAccount{Name: "аdа", Role: Agent}, care.Invalid, "name"},
			{"too long", NewAccount{Name: strings.Repeat("a", 33), Role: Agent}, care.Invalid, "name"},
			{"no role", NewAccount{Name: "bob"}, care.Invalid, "role"},
			{"unknown role", NewAccount{Name: "bob", Role: "root"}, care.Invalid, "role"},
			{"hidden characters", NewAccount{Name: "bob", Role: Agent, Display: "Bob\u202Eevil"}, care.Invalid, "display"},
			{"long display", NewAccount{Name: "bob", Role: Agent, Display: strings.Repeat("b", 61)}, care.Invalid, "display"},
			{"no language", NewAccount{Name: "bob", Role: Agent, Languages: []string{"klingonese!"}}, care.Invalid, "languages"},
			{"short password", NewAccount{Name: "bob", Role: Agent, Password: "short"}, care.Invalid, "password"},
		} {
			_, err := d.Add(t.Context(), "cli/test", c.n)
			if code(err) != c.code || field(err) != c.field {
				t.Errorf("%s: %v (%s, %s), want %s, %s", c.name, err, code(err), field(err), c.code, c.field)
			}
		}
		if _, err := d.Account(t.Context(), "bob"); code(err) != care.NotFound {
			t.Errorf("somebody who was refused is there: %v", err)
		}
	})
}

func TestTheLastAdministratorStays(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, d *desk) {
		ctx, agent, yes := t.Context(), Agent, true
		d.add(t, "ada", Admin)
		for _, e := range []Edit{{Role: &agent}, {Disabled: &yes}} {
			_, err := d.Change(ctx, "cli/test", "ada", e)
			wantCode(t, err, care.Conflict)
		}
		d.add(t, "bob", Admin)
		// Each takes the other's role away at the same moment.
		var wg sync.WaitGroup
		for _, name := range []care.AgentID{"ada", "bob"} {
			wg.Go(func() { _, _ = d.Change(ctx, "cli/test", name, Edit{Role: &agent}) })
		}
		wg.Wait()
		admins := 0
		for a, err := range d.Accounts(ctx) {
			if err != nil {
				t.Fatal(err)
			}
			if a.Role == Admin {
				admins++
			}
		}
		if admins != 1 {
			t.Fatalf("%d administrators, want 1", admins)
		}
	})
}

func TestADisabledPersonIsOutAtOnce(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, d *desk) {
		ctx, yes, no := t.Context(), true, false
		d.add(t, "root", Admin)
		d.add(t, "ada", Agent)
		s := d.in(t, "ada")
		secret, _, err := d.AddToken(ctx, "agent/ada", "ada", NewToken{Name: "bot"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := d.Change(ctx, "agent/root", "ada", Edit{Disabled: &yes}); err != nil {
			t.Fatal(err)
		}
		wantOut(t, d, s.Secret)
		if _, err := d.Bearer(ctx, secret); err == nil {
			t.Fatal("the token of a disabled person works")
		}
		_, err = d.SignIn(ctx, "ada", good, Visit{From: home})
		wantCode(t, err, care.Denied)
		// Being enabled again brings no old session back.
		if _, err := d.Change(ctx, "agent/root", "ada", Edit{Disabled: &no}); err != nil {
			t.Fatal(err)
		}
		wantOut(t, d, s.Secret)
		d.in(t, "ada")
	})
}

func TestAnotherRoleEndsTheSessions(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, d *desk) {
		d.add(t, "ada", Lead)
		s := d.in(t, "ada")
		if who := wantIn(t, d, s.Secret); !who.May(Assign) {
			t.Fatal("a lead can't assign")
		}
		agent := Agent
		if _, err := d.Change(t.Context(), "cli/test", "ada", Edit{Role: &agent}); err != nil {
			t.Fatal(err)
		}
		wantOut(t, d, s.Secret)
		if who := wantIn(t, d, d.in(t, "ada").Secret); who.May(Assign) || !who.May(Work) {
			t.Fatalf("role %s may do the wrong things", who.Role)
		}
	})
}

func TestChangingOnesPassword(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, d *desk) {
		ctx := t.Context()
		d.add(t, "ada", Agent)
		first, second := d.in(t, "ada"), d.in(t, "ada")
		who := wantIn(t, d, first.Secret)
		_, err := d.ChangePassword(ctx, who, "not it at all", "a new long password", Visit{From: home})
		if code(err) != care.Invalid || field(err) != "old" {
			t.Fatalf("wrong old password: %v", err)
		}
		_, err = d.ChangePassword(ctx, who, good, "tiny", Visit{From: home})
		wantCode(t, err, care.Invalid)
		fresh, err := d.ChangePassword(ctx, who, good, "a new long password", Visit{From: home, Old: first.Secret})
		if err != nil {
			t.Fatal(err)
		}
		wantIn(t, d, fresh.Secret)
		wantOut(t, d, first.Secret)
		wantOut(t, d, second.Secret)
		_, err = d.SignIn(ctx, "ada", good, Visit{From: home})
		wantCode(t, err, care.Denied)
	})
}

func TestATemporaryPasswordHasToBeChanged(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, d *desk) {
		ctx := t.Context()
		if _, err := d.Add(ctx, "cli/test", NewAccount{Name: "ada", Role: Agent, Password: good, Temporary: true}); err != nil {
			t.Fatal(err)
		}
		who := wantIn(t, d, d.in(t, "ada").Secret)
		if who.May(Read) || who.May(Work) || who.May(Self) || !who.May(Password) {
			t.Fatal("with a temporary password one may do nothing but change it")
		}
		fresh, err := d.ChangePassword(ctx, who, "", "a new long password", Visit{From: home})
		if err != nil {
			t.Fatal(err)
		}
		if !wantIn(t, d, fresh.Secret).May(Work) {
			t.Fatal("after the change one may work")
		}
	})
}
