package web

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/auth"
	"github.com/amends-care/amends/internal/care"
)

// Every list and every case is the desk: one page, which its script fills.
func TestTheDeskIsAtEveryAddress(t *testing.T) {
	b := staffed(t)
	b.says("ana", "1", "it is broken")
	me := b.in(auth.Viewer)
	c := b.cases()[0]
	for _, path := range []string{"/queue", "/queue?queue=billing&tag=x", "/mine", "/awaiting", "/snoozed", "/outside", "/promised", "/resolved", "/dismissed", "/cases/" + string(c.ID), "/cases/" + fmt.Sprint(c.Number)} {
		b.browse(me, "GET", path, nil).want(200).contains(`id="desk"`, `&#34;role&#34;:&#34;viewer&#34;`, b.assets.names["desk.js"], "<noscript>", "needs script").lacks("it is", "Ana")
	}
	b.browse(me, "GET", "/", nil).want(303)
	b.browse(me, "GET", "/desk/queue", nil).want(404)
	b.browse(me, "GET", "/cases/0", nil).want(404).contains("There is no case 0.")
	b.browse(me, "GET", "/cases/nonsense", nil).want(404)
}

// Two presses on one button are one act.
func TestAFormSentTwiceCountsOnce(t *testing.T) {
	b := staffed(t)
	b.says("bo", "2", "lovely day")
	me := b.in(auth.Agent)
	at := "/mentions/" + string(b.mentionID()) + "/open"
	s := b.browse(me, "GET", "/mentions", nil).want(200).sheetOf(at)
	for range 2 {
		to := b.browse(me, "POST", s.action, s.values).want(303).leadsTo()
		b.browse(me, "GET", to, nil).want(200)
	}
	if n := len(b.cases()); n != 1 {
		t.Fatalf("%d cases", n)
	}
}

func TestTheFirstStart(t *testing.T) {
	b := newBench(t)
	b.setup.Sources = nil
	secret, ok, err := b.People.StartLink(t.Context(), "cli/test")
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	for range 3 { // looking does not spend it
		b.ask("GET", "/link/"+secret, nil).want(200).contains("Welcome, Administrator", "<button")
	}
	a := b.ask("POST", "/link/"+secret, nil).want(303)
	me := a.cookie(loopbackCookieName)
	if to := b.browse(me, "GET", "/queue", nil).want(303).leadsTo(); to != "/start" {
		t.Fatalf("leads to %s", to)
	}
	b.browse(me, "GET", "/start", nil).want(200).contains("in the configuration file", "amends demo", "no password yet")
	b.ask("POST", "/link/"+secret, nil).want(410).contains("used already")
	b.ask("GET", "/link/"+secret, nil).want(410).lacks("<form method=\"post\"><button")
	b.ask("GET", "/link/nonsense", nil).want(410)
	b.browse(me, "GET", "/password", nil).want(200).lacks("Password so far")
	b.browse(me, "POST", "/password", url.Values{"password": {password}, "again": {password}}).want(303)
	b.ask("POST", "/sign-in", url.Values{"name": {"admin"}, "password": {"not this one at all"}, "next": {"/mentions"}}).want(401).contains("belong together", "/mentions")
	in := b.ask("POST", "/sign-in", url.Values{"name": {"admin"}, "password": {password}, "next": {"/mentions?is=own"}}).want(303)
	if in.leadsTo() != "/mentions?is=own" {
		t.Fatalf("leads to %s", in.leadsTo())
	}
	out := b.browse(in.cookie(loopbackCookieName), "POST", "/sign-out", url.Values{}).want(303)
	if c := out.Cookies()[0]; c.MaxAge >= 0 {
		t.Fatalf("the cookie stays: %v", c)
	}
	b.browse(in.cookie(loopbackCookieName), "GET", "/queue", nil).want(303)
}

// Signing in leads back, but never to another site.
func TestNextStaysHere(t *testing.T) {
	for in, want := range map[string]string{
		"/cases/7?x=1": "/cases/7?x=1", "": "/", "//evil.example": "/", "https://evil.example/": "/", `/\evil.example`: "/", "javascript:alert(1)": "/",
		"/\t/evil.example": "/", "evil": "/", "/a//b": "/a//b", "http:/evil": "/", "/%2f/evil.example": "/", "/%5cevil": "/%5cevil",
	} {
		if got := local(in); got != want {
			t.Errorf("local(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestPeopleByForms(t *testing.T) {
	b := staffed(t)
	me := b.in(auth.Admin)
	fresh := b.send(me, "/people", "/people", "name", "Dana", "display", "Dana D.", "role", "lead", "languages", "de, en").want(201).contains("Dana D.", "http://localhost/link/")
	link := fresh.between("http://localhost/link/", `"`)
	a := b.ask("POST", "/link/"+link, nil).want(303)
	if a.leadsTo() != "/password" {
		t.Fatalf("leads to %s", a.leadsTo())
	}
	b.send(me, "/people", "/people", "name", "dana", "role", "lead").want(409).contains("There is a dana already")
	b.send(me, "/people", "/people/dana", "role", "agent").want(200)
	b.send(me, "/people", "/people/dana/link").want(201).contains("/link/")
	b.send(me, "/people", "/people/dana/sign-out").want(200)
	b.browse(me, "POST", "/people/dana", url.Values{"disabled": {"true"}}).want(303)
	if p, err := b.People.Account(t.Context(), "dana"); err != nil || !p.Disabled || p.Role != auth.Agent {
		t.Fatalf("%+v, %v", p, err)
	}
	b.browse(me, "POST", "/people/admin", url.Values{"disabled": {"true"}}).want(409).contains("last administrator")
	b.browse(b.in(auth.Agent), "GET", "/people", nil).want(403).contains("Your role does not allow this.")
}

func (a *answer) between(before, after string) string {
	a.t.Helper()
	_, rest, ok := strings.Cut(string(a.body), before)
	found, _, ok2 := strings.Cut(rest, after)
	if !ok || !ok2 {
		a.t.Fatalf("%s: nothing between %q and %q", a.what, before, after)
	}
	return found
}

func TestTokensAndSessionsByForms(t *testing.T) {
	b := staffed(t)
	me, other := b.in(auth.Agent), b.in(auth.Agent)
	fresh := b.send(me, "/me", "/me/tokens", "name", "nightly", "role", "viewer", "days", "30").want(201).contains("amends_pat_")
	token := "amends_pat_" + fresh.between("amends_pat_", `"`)
	b.ask("GET", apiPath+"/me", nil, "Authorization", "Bearer "+token).want(200).contains(`"role":"viewer"`, `"token":"nightly"`)
	b.send(me, "/me", "/me/tokens", "name", "nightly").want(409)
	b.send(me, "/me", "/me/tokens", "name", "x", "days", "many").want(422)
	b.send(me, "/me", "/me/tokens", "name", "big", "role", "admin").want(422).contains("more than the person")
	var tokens TokenList
	b.ask("GET", apiPath+"/me/tokens", nil, "Cookie", me).want(200).into(&tokens)
	if len(tokens.Tokens) != 2 || tokens.Tokens[0].Name != "nightly" || !tokens.Tokens[0].Expires.Equal(start.Add(720*time.Hour)) {
		t.Fatalf("tokens %+v", tokens)
	}
	b.send(me, "/me", "/me/tokens/"+tokens.Tokens[0].ID+"/revoke").want(200).lacks("nightly</b>")
	b.ask("GET", apiPath+"/me", nil, "Authorization", "Bearer "+token).wantProblem(401, "signed_out")
	var sessions SessionList
	b.ask("GET", apiPath+"/me/sessions", nil, "Cookie", me).want(200).into(&sessions)
	for _, s := range sessions.Sessions {
		if !s.This {
			b.send(me, "/me", "/me/sessions/"+s.ID+"/end").want(200)
		}
	}
	b.browse(other, "GET", "/queue", nil).want(303)
	b.browse(me, "GET", "/queue", nil).want(200)
}

func TestSignInByAPI(t *testing.T) {
	b := staffed(t)
	if err := b.People.SetPassword(t.Context(), "cli/test", "agent", password, false); err != nil {
		t.Fatal(err)
	}
	b.ask("POST", apiPath+"/session", SignIn{Name: "agent", Password: "something wrong"}).wantProblem(401, "wrong_password").lacks("something wrong")
	b.ask("POST", apiPath+"/session", `{"name":"agent","password":["`+password+`"]}`).wantProblem(422, "invalid").lacks(password)
	in := b.ask("POST", apiPath+"/session", SignIn{Name: "agent", Password: password}).want(200).contains(`"role":"agent"`)
	me := in.cookie(loopbackCookieName)
	b.ask("GET", apiPath+"/me", nil, "Cookie", me).want(200).contains(`"brand":"Larkfield"`, `"undo_seconds":10`)
	again := b.ask("POST", apiPath+"/session", SignIn{Name: "agent", Password: password}, "Cookie", me).want(200)
	b.ask("GET", apiPath+"/me", nil, "Cookie", me).wantProblem(401, "signed_out") // rotated
	me = again.cookie(loopbackCookieName)
	b.ask("POST", apiPath+"/me/password", PasswordChange{Old: "wrong wrong wrong", Password: "a new long password"}, "Cookie", me).wantProblem(422, "invalid")
	changed := b.ask("POST", apiPath+"/me/password", PasswordChange{Old: password, Password: "a new long password"}, "Cookie", me).want(200)
	b.ask("GET", apiPath+"/me", nil, "Cookie", me).wantProblem(401, "signed_out")
	me = changed.cookie(loopbackCookieName)
	b.ask("DELETE", apiPath+"/session", nil, "Cookie", me).want(204)
	b.ask("GET", apiPath+"/me", nil, "Cookie", me).wantProblem(401, "signed_out")
	for range 6 {
		b.ask("POST", apiPath+"/session", SignIn{Name: "lead", Password: "a wrong guess"})
	}
	slow := b.ask("POST", apiPath+"/session", SignIn{Name: "lead", Password: "a wrong guess"}).wantProblem(429, "too_soon")
	if slow.Header.Get("Retry-After") != "20" {
		t.Errorf("Retry-After: %q", slow.Header.Get("Retry-After"))
	}
}

func TestPeopleByAPI(t *testing.T) {
	b := staffed(t)
	var w Welcome
	b.as(auth.Admin, "POST", "/people", NewPerson{Name: "dana", Role: auth.Agent}).want(201).into(&w)
	if !strings.HasPrefix(w.Link, "http://localhost/link/") || w.Expires.IsZero() {
		t.Fatalf("welcome %+v", w)
	}
	b.as(auth.Admin, "POST", "/people", NewPerson{Name: "finn", Role: auth.Agent, Password: "a first password"}).want(201).lacks("link")
	b.as(auth.Admin, "POST", "/people", NewPerson{Name: "eve", Role: "root"}).wantProblem(422, "invalid")
	role := auth.Lead
	b.as(auth.Admin, "PATCH", "/people/dana", PersonChange{Role: &role}).want(200).contains(`"role":"lead"`)
	b.as(auth.Admin, "PATCH", "/people/nobody", PersonChange{Role: &role}).wantProblem(404, "not_found")
	b.as(auth.Admin, "POST", "/people/dana/link", nil).want(201).contains("/link/")
	b.as(auth.Admin, "DELETE", "/people/dana/sessions", nil).want(204)
	b.in(auth.Lead)
	b.get(auth.Admin, "/people").want(200).contains("signed_in_on", "dana")
	b.get(auth.Viewer, "/people").want(200).contains("dana").lacks("signed_in_on", "has_password")
	var all TokenList
	b.get(auth.Admin, "/tokens").want(200).into(&all)
	if len(all.Tokens) != 4 {
		t.Fatalf("%d tokens", len(all.Tokens))
	}
	b.as(auth.Admin, "DELETE", "/tokens/"+all.Tokens[len(all.Tokens)-1].ID, nil).want(204)
	b.as(auth.Admin, "DELETE", "/tokens/nonsense", nil).wantProblem(404, "not_found")
	b.get(auth.Viewer, "/me").wantProblem(401, "signed_out") // the last one by name was the viewer's
}

func TestMentionsPageOpensACase(t *testing.T) {
	b := staffed(t)
	b.says("bo", "2", "lovely day, see https://x.example/a")
	me := b.in(auth.Agent)
	id := b.mentionID()
	b.send(me, "/mentions?is=loose", "/mentions/"+string(id)+"/open").want(200).contains(`id="desk"`)
	if f := b.only(); !f.ByHand || f.MentionList[0].ID != id {
		t.Errorf("opened %+v", f)
	}
	b.browse(me, "GET", "/mentions", nil).want(200).contains("Its case", "(x.example)")
	b.browse(b.in(auth.Viewer), "GET", "/mentions", nil).want(200).lacks("Open a case")
}

func (b *bench) mentionID() care.MentionID {
	b.t.Helper()
	var l MentionList
	b.get(auth.Viewer, "/mentions").want(200).into(&l)
	return l.Mentions[0].ID
}

// What is erased shows as such, and is never an error.
func TestErasedTextsShowAsSuch(t *testing.T) {
	b := staffed(t)
	b.says("ana", "1", "it is broken")
	row := b.cases()[0]
	at := "/cases/" + string(row.ID)
	b.post(auth.Agent, at+"/note", NewNote{Text: "her number is 555"}).want(200)
	if _, err := b.desk.Erase(t.Context(), "cli/test", "file", "ana", func(int) {}); err != nil {
		t.Fatal(err)
	}
	b.get(auth.Agent, at).want(200).lacks("broken", "her number", "Ana")
	b.get(auth.Agent, "/cases").want(200).lacks("broken", "Ana")
	f := b.only()
	if !f.MentionList[0].Erased || f.MentionList[0].Text != "" || f.Permission != nil {
		t.Fatalf("mention %+v, permission %+v", f.MentionList[0], f.Permission)
	}
	b.browse(b.in(auth.Agent), "GET", "/mentions", nil).want(200).lacks("broken", "Ana")
}

func TestAHeldDeskSaysSo(t *testing.T) {
	b := staffed(t)
	b.setup.Held = "restored from a backup"
	b.browse(b.in(auth.Agent), "GET", "/mentions", nil).want(200).contains("This desk is held", "restored from a backup").lacks("Release it")
	b.send(b.in(auth.Admin), "/sources", "/desk/release").want(200).lacks("This desk is held")
}

func TestThemeIsKept(t *testing.T) {
	b := staffed(t)
	me := b.in(auth.Viewer)
	a := b.browse(me, "POST", "/theme", url.Values{"theme": {"dark"}, "back": {"/mine"}}).want(303)
	if a.leadsTo() != "/mine" {
		t.Fatalf("leads to %s", a.leadsTo())
	}
	b.browse(me+"; "+a.cookie(themeCookie), "GET", "/mine", nil).want(200).contains(`data-theme="dark"`)
	b.browse(me+"; "+themeCookie+"=<x>", "GET", "/mine", nil).want(200).contains(`data-theme="dark"`) // the person's own
	b.browse(me, "POST", "/theme", url.Values{"theme": {"pink"}, "back": {"//evil.example"}}).want(303)
	b.browse(me, "GET", "/mine", nil).want(200).lacks("data-theme=\"")
}
