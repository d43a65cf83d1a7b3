package app

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/auth"
	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/config"
	"github.com/amends-care/amends/internal/setup"
)

// An office is the console on a real folder, where somebody sets things up. The
// desk is held, so that nothing is read meanwhile.
type office struct {
	*serving
	t   *testing.T
	dir string
	now time.Time
}

func newOffice(t *testing.T, hand string) *office {
	t.Helper()
	return openOffice(t, t.TempDir(), hand)
}

func openOffice(t *testing.T, dir, hand string) *office {
	t.Helper()
	o := &office{t: t, dir: dir, now: time.Date(2026, 11, 20, 15, 30, 0, 0, time.UTC)}
	file := ""
	if hand != "" {
		file = filepath.Join(t.TempDir(), "amends.yaml")
		if err := os.WriteFile(file, []byte(hand), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cfg, err := config.LoadLayers(file, setup.Path(o.dir), Kinds())
	if err != nil {
		t.Fatal(err)
	}
	own, err := setup.Open(o.dir, file, Kinds())
	if err != nil {
		t.Fatal(err)
	}
	now := func() time.Time { return o.now }
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	o.serving = newServing(ServeOptions{Dir: o.dir, Config: cfg, Setup: own, Version: "test", Log: log, Now: now})
	e, err := OpenEngine(t.Context(), o.dir, EngineOptions{Config: cfg, Now: now, Log: log, Applied: o.live.Applied})
	if err != nil {
		t.Fatal(err)
	}
	o.Engine = e
	ctx, cancel := context.WithCancel(context.Background())
	followed := make(chan error, 1)
	t.Cleanup(func() {
		o.live.Close()
		cancel()
		if err := errors.Join(<-followed, e.Close()); err != nil && !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
	_, err = e.Desk.Hold(t.Context(), "cli/test", "a test")
	if err = errors.Join(err, o.begin(t.Context())); err == nil {
		o.watch = o.watcher()
		_, err = o.console()
	}
	go func() { followed <- e.View.Run(ctx) }()
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// in signs somebody of a role in.
func (o *office) in(role auth.Role) string {
	o.t.Helper()
	name := care.AgentID(role)
	if _, err := o.People.Account(o.t.Context(), name); err != nil {
		if _, err := o.People.Add(o.t.Context(), "cli/test", auth.NewAccount{Name: string(name), Role: role}); err != nil {
			o.t.Fatal(err)
		}
	}
	secret, _, err := o.People.MakeLink(o.t.Context(), "cli/test", name, auth.ToStart)
	if err != nil {
		o.t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "http://localhost/link/"+secret, nil)
	r.RemoteAddr = "127.0.0.1:4711"
	w := httptest.NewRecorder()
	o.api.ServeHTTP(w, r)
	cookies := w.Result().Cookies()
	if len(cookies) == 0 {
		o.t.Fatalf("no session: %d", w.Code)
	}
	return cookies[0].Name + "=" + cookies[0].Value
}

// ask is a page, or a form that is sent.
func (o *office) ask(cookie, path string, form url.Values, headers ...string) (int, string) {
	o.t.Helper()
	method, body := http.MethodGet, io.Reader(nil)
	if form != nil {
		method, body = http.MethodPost, strings.NewReader(form.Encode())
	}
	r := httptest.NewRequest(method, "http://localhost"+path, body)
	r.RemoteAddr = "127.0.0.1:4711"
	r.Header.Set("Cookie", cookie)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	o.api.ServeHTTP(w, r)
	return w.Code, w.Body.String() + w.Header().Get("Location")
}

// want asks, and holds the answer to what it has to say.
func (o *office) want(status int, cookie, path string, form url.Values, says ...string) string {
	o.t.Helper()
	got, body := o.ask(cookie, path, form)
	if got != status {
		o.t.Errorf("%s %v: %d, want %d", path, form, got, status)
	}
	for _, s := range says {
		if !strings.Contains(body, s) {
			o.t.Errorf("%s %v does not say %q", path, form, s)
		}
	}
	return body
}

func filled(pairs ...string) url.Values {
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return v
}

var hidden = regexp.MustCompile(`name="(was|slip)" value="([^"]*)"`)

// hiddenIn is what a form carries along.
func hiddenIn(page, name string) string {
	for _, m := range hidden.FindAllStringSubmatch(page, -1) {
		if m[1] == name {
			return m[2]
		}
	}
	return ""
}

func TestSetRoutingUp(t *testing.T) {
	o := newOffice(t, "")
	lead := o.in(auth.Lead)
	const at = "/setup/edit/routing"
	o.want(200, lead, at, nil, "tree.routes.0.when.mood", `value="furious"`, "Try it before it is saved")
	tree := filled("tree.routes.0.", "1", "tree.routes.0.when.mood", "furious", "tree.routes.0.lane", "critical")

	tree.Set("do", "add:tree.routes")
	o.want(200, lead, at, tree, "tree.routes.1.queue", "Nothing of this is saved yet", "Mood: furious")
	tree.Set("do", "save")
	tree.Set("tree.routes.0.queue", "biling")
	o.want(422, lead, at, tree, `href="#f-tree-routes-0-queue"`, "biling", "Nothing was saved yet")
	if _, err := os.Stat(setup.Path(o.dir)); err == nil {
		t.Error("something was saved")
	}

	tree.Set("tree.routes.0.queue", "")
	tree.Set("examples.0.", "1")
	tree.Set("examples.0.want", "elsewhere")
	o.want(422, lead, at, tree, `href="#f-examples-0"`, "comes to queue")
	tree.Set("do", "route") // a failing example is the reason to try
	tree.Set("try.mood", "furious")
	o.want(200, lead, at, tree, "everything › mood=furious", "critical", "Keep it as an example")
	tree.Set("do", "example")
	o.want(200, lead, at, tree, `name="examples.1.want"`, `value="mood"`)
	tree.Set("do", "save")
	tree.Set("examples.0.want", "care")
	o.want(303, lead, at, tree, "/setup", "#routing")
	if r := o.config().Routing; len(r.Tree.Routes) != 1 || len(r.Examples) != 1 {
		t.Errorf("%+v", r)
	}
	o.want(200, lead, "/setup/routing?mood=furious", nil, "console.yaml:")
	o.want(200, lead, "/setup/history", nil, "Routing")
}

// Whoever adds a first disposition is told which are built in, and loses none.
func TestTheFirstDisposition(t *testing.T) {
	o := newOffice(t, "")
	lead := o.in(auth.Lead)
	const at, note = "/setup/edit/dispositions", "These are built in"
	o.want(200, lead, at, nil, note, "passed_on")
	o.want(200, lead, at+"?name=refunded", nil, note, `value="remove"`)
	o.want(303, lead, at, filled("do", "save", "code", "returned"))
	if strings.Contains(o.want(200, lead, at, nil), note) {
		t.Error("they are still told")
	}
	o.want(200, lead, "/setup", nil, at+"?name=returned", at+"?name=refunded")
	if n := len(o.config().Dispositions); n != 7 {
		t.Errorf("%d hold", n)
	}
	o.want(200, o.in(auth.Admin), "/setup/edit/cases", nil, "warehouse\ncarrier")
}

// Of two who change the same the second is told, and keeps what was written.
func TestSetUpByTwo(t *testing.T) {
	o := newOffice(t, "")
	lead := o.in(auth.Lead)
	const at = "/setup/edit/lists"
	vip := func(author, was string) url.Values {
		return filled("do", "save", "entry", "vip", "name", "vip", "authors", author, "was", was)
	}
	o.want(303, lead, at, filled("do", "save", "name", "vip", "authors", "x/ana"))
	was := hiddenIn(o.want(200, lead, at+"?name=vip", nil), "was")
	o.want(303, lead, at, vip("x/bo", was))
	o.want(303, lead, at, filled("do", "save", "name", "press", "authors", "x/cy")) // something else
	body := o.want(409, lead, at, vip("x/dee", was), "changed this meanwhile", "x/dee")
	if o.config().Lists["vip"][0] != "x/bo" {
		t.Error("it was saved")
	}
	o.want(303, lead, at, vip("x/dee", hiddenIn(body, "was")))
	o.want(409, lead, at, filled("do", "save", "name", "vip", "authors", "x/eve", "was", hiddenIn(o.want(200, lead, at, nil), "was"))) // one of that name is there
}

func TestWhoMaySetUp(t *testing.T) {
	o := newOffice(t, "")
	agent, lead, admin := o.in(auth.Agent), o.in(auth.Lead), o.in(auth.Admin)
	for _, section := range []string{"queues", "routing", "macros", "lists", "people", "calendars"} {
		o.want(403, agent, "/setup/edit/"+section, nil)
		o.want(403, agent, "/setup/edit/"+section, filled("do", "save"))
		o.want(200, lead, "/setup/edit/"+section, nil)
	}
	for _, section := range []string{"channels", "goodwill", "approvals", "cases", "brand"} {
		o.want(403, lead, "/setup/edit/"+section, nil)
		o.want(403, lead, "/setup/edit/"+section, filled("do", "save", "brand", "Mine"))
		o.want(403, lead, "/api/v1/setup/"+section+"/"+section, nil)
		o.want(200, admin, "/setup/edit/"+section, nil)
	}
	o.want(404, admin, "/setup/edit/listen", nil)
	o.want(303, admin, "/setup/edit/brand", filled("do", "save", "brand", "Acme"))
	o.want(403, lead, "/setup/history/1/put-back", url.Values{})
	if strings.Contains(o.want(200, lead, "/setup/history", nil), "put-back") {
		t.Error("a lead is offered what only an administrator may")
	}
	for _, header := range []string{"cross-site", "same-site"} {
		if status, _ := o.ask(admin, "/setup/edit/brand", filled("do", "save", "brand", "Evil"), "Sec-Fetch-Site", header, "Origin", "https://evil.example"); status != 403 {
			t.Errorf("%s: %d", header, status)
		}
	}
	if brand := o.config().Brand; brand != "Acme" {
		t.Error(brand)
	}
}

// Whatever is typed comes back as it was typed, and does nothing else.
func TestSetUpHostile(t *testing.T) {
	o := newOffice(t, "")
	lead := o.in(auth.Lead)
	for _, evil := range []string{`"><script>alert(1)</script>`, `</textarea><script>alert(1)</script>`, "\u202ex", strings.Repeat("x", 20_000), "${HOME}", "file:/etc/passwd"} {
		for section, form := range map[string]url.Values{
			"lists":     filled("name", evil, "authors", evil),
			"calendars": filled("name", "a", "zone", evil, "week.0.key", evil, "week.0.text", evil, "holidays.0.", "1", "holidays.0.date", evil),
			"routing":   filled("tree.routes.0.", "1", "tree.routes.0.name", evil, "tree.routes.0.queue", evil, "tree.routes.0.when.topic", evil),
		} {
			form.Set("do", "save")
			if body := o.want(422, lead, "/setup/edit/"+section, form); strings.Contains(body, "<script>alert") {
				t.Errorf("%s draws %q", section, evil)
			}
		}
	}
	o.want(422, lead, "/setup/edit/lists", filled("do", "up:no.such.row", "name", "a"), "means nothing here")
	many := filled("do", "save")
	for i := range 10_100 {
		many.Set("tree.routes."+strings.Repeat("0", i%7)+string(rune('a'+i%26))+strings.Repeat("x", i/26), "")
	}
	if status, _ := o.ask(lead, "/setup/edit/routing", many); status != 422 && status != 413 {
		t.Errorf("too many fields: %d", status)
	}
}

const key = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"

// A key that was pasted into a form which can't be saved yet need not be pasted
// again, and never goes back to a browser.
func TestPastedKeyOutlivesARefusal(t *testing.T) {
	o := newOffice(t, "")
	admin := o.in(auth.Admin)
	const at = "/setup/edit/sources"
	sent := filled("do", "untested", "kind", "telegram", "name", "bot", "every", "often", "settings.token", key)
	body := o.want(422, admin, at, sent, "no length of time", "pasted, not saved yet")
	slip := hiddenIn(body, "slip")
	if slip == "" || strings.Contains(body, key) {
		t.Fatal("the key is sent back, or forgotten")
	}
	sent.Del("settings.token")
	sent.Set("slip", slip)
	sent.Set("every", "1m")
	other := o.in(auth.Admin) // another session, of the same person even
	o.want(422, other, at, sent, "token")
	o.want(303, admin, at, sent, "/start/heard")
	secrets, err := filepath.Glob(filepath.Join(o.dir, "secrets", "console-*"))
	if err != nil || len(secrets) != 1 {
		t.Fatal(secrets, err)
	}
	if b, err := os.ReadFile(secrets[0]); err != nil || strings.TrimSpace(string(b)) != key {
		t.Errorf("%s %v", b, err)
	}
	sent.Set("name", "bot2")
	o.want(422, admin, at, sent, "token") // it counts once
}

func TestPastedKeyIsForgotten(t *testing.T) {
	o := newOffice(t, "")
	admin := o.in(auth.Admin)
	const at = "/setup/edit/sources"
	sent := filled("do", "untested", "kind", "telegram", "name", "bot", "every", "often", "settings.token", key)
	sent.Set("slip", hiddenIn(o.want(422, admin, at, sent), "slip"))
	sent.Del("settings.token")
	sent.Set("every", "1m")
	o.now = o.now.Add(16 * time.Minute)
	o.want(422, admin, at, sent, "token")
}

// An address of a private network is refused by us: it is the setting that is
// told, and nobody is sent to look for a key.
func TestPrivateAddressSaysWhatAllowsIt(t *testing.T) {
	o := newOffice(t, "")
	body := o.want(422, o.in(auth.Admin), "/setup/edit/sources",
		filled("do", "save", "kind", "feed", "name", "news", "settings.url", "http://127.0.0.1:1/f.xml"), "not public", "inside")
	if strings.Contains(body, "keys whole") {
		t.Error("keys are asked for")
	}
}

// What the console set up and people wrote too is told: there it holds as people
// wrote it.
func TestAsideIsShown(t *testing.T) {
	o := newOffice(t, "queues:\n  - {name: care}\n")
	lead := o.in(auth.Lead)
	o.want(303, lead, "/setup/edit/queues", filled("do", "save", "name", "billing"))
	hand := o.config().File()
	if err := os.WriteFile(hand, []byte("queues:\n  - {name: care}\n  - {name: billing, title: Money}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	o.o.Reload = func() (*config.Config, error) { return config.LoadLayers(hand, setup.Path(o.dir), Kinds()) }
	if err := o.reloadOnce(t.Context()); err != nil {
		t.Fatal(err)
	}
	o.want(200, lead, "/setup", nil, "queues.billing", "amends.yaml, line 3", "there it holds as the file says")
}
