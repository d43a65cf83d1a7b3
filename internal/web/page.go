package web

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
	"sync"

	"github.com/amends-care/amends/internal/auth"
	"github.com/amends-care/amends/internal/web/personal"
	"github.com/amends-care/amends/internal/web/tongue"
)

// A page is what every page has around its content.
type page struct {
	Title   string
	Brand   string
	Theme   string // light | dark; empty: as the system has it
	Prefers personal.Settings
	Here    string // path and query, to come back to
	In      bool
	Me      auth.Identity
	Nav     []navGroup
	Op      string // makes a form that is sent twice count once
	Said    string // what the last action came to
	Wrong   *failure
	Held    string
	CanFree bool // may release a held desk
	Blind   []namedTrouble
	Backlog Backlog
	Live    bool // it is the desk, which follows live events
	Known   int  // open known issues
	// KnownHot says that it is time to say more about one of them.
	KnownHot bool
	setup    Setup
	tells    teller
}

func (p page) speaks() *tongue.Tongue { return p.tells.Tongue }

// Titled is what people call a queue.
func (p page) Titled(queue string) string { return p.setup.titled(queue) }

type navGroup struct {
	Name  string
	Items []navItem
}

type navItem struct {
	Href, Icon, Name string
	N                int
	Hot, Here        bool
}

// bare is a page without the rail: for whoever is not in yet. Its title is a
// string of the catalogue, or a name that stands for itself.
func (s *Server) bare(r *http.Request, title string) page {
	t := s.teller(r.Context())
	p := page{Title: t.Say(title), tells: t, Brand: s.Setup().Brand, Here: r.URL.RequestURI(), In: askedOf(r.Context()).in, Me: askedOf(r.Context()).who, Op: rand.Text()}
	if p.Brand == "" {
		p.Brand = "Amends"
	}
	if c, err := r.Cookie(themeCookie); err == nil && (c.Value == "light" || c.Value == "dark") {
		p.Theme = c.Value
	}
	return p
}

// framed is a page with the rail and its counts.
func (s *Server) framed(r *http.Request, title string) (page, error) {
	p := s.bare(r, title)
	var err error
	if p.Prefers, err = s.Personal.Settings(r.Context(), p.Me.Name); err != nil {
		return p, err
	}
	p.Theme = cmp.Or(p.Theme, p.Prefers.Theme)
	if p.Backlog, err = s.backlog(r.Context()); err != nil {
		return p, err
	}
	if p.Known, p.KnownHot, err = s.openIssues(); err != nil {
		return p, err
	}
	setup := s.Setup()
	p.setup, p.Held, p.CanFree = setup, p.tells.Say(setup.Held), p.Me.May(auth.Release)
	sources, err := s.sources(s.teller(r.Context()))
	if err != nil {
		return p, err
	}
	p.Blind = sources.blinding()
	p.Said = p.tells.said(r.URL.Query().Get("did"))
	p.Nav = s.nav(&p, r)
	return p, nil
}

func (s *Server) nav(p *page, r *http.Request) []navGroup {
	b, say := &p.Backlog, func(key string) string { return p.tells.Say(key) }
	cases := []navItem{
		{Href: "/queue", Icon: "i-inbox", Name: say("list.queue"), N: b.Needs, Hot: b.Breached > 0},
		{Href: "/mine", Icon: "i-user", Name: say("list.mine"), N: b.Mine},
		{Href: "/awaiting", Icon: "i-hourglass", Name: say("list.awaiting"), N: b.Awaiting},
		{Href: "/snoozed", Icon: "i-alarm-clock", Name: say("list.snoozed"), N: b.Snoozed},
		{Href: "/outside", Icon: "i-hourglass", Name: say("list.outside"), N: b.Outside},
		{Href: "/promised", Icon: "i-flag", Name: say("list.promised"), N: b.Promises},
	}
	if p.Me.May(auth.Assign) {
		cases = append(cases, navItem{Href: "/approve", Icon: "i-users", Name: say("list.approve"), N: b.Approve})
	}
	cases = append(cases, []navItem{
		{Href: "/issues", Icon: "i-megaphone", Name: say("known_issues"), N: p.Known, Hot: p.KnownHot},
		{Href: "/resolved", Icon: "i-circle-check", Name: say("list.resolved")},
		{Href: "/dismissed", Icon: "i-ban", Name: say("list.dismissed")},
	}...)
	groups := []navGroup{{say("cases_list"), cases}}
	var queues []navItem
	for _, q := range b.Queues {
		queues = append(queues, navItem{Href: "/queue?queue=" + url.QueryEscape(q.Name), Icon: "i-list-filter", Name: shortName(q.Title), N: q.Needs})
	}
	if len(queues) > 0 {
		groups = append(groups, navGroup{say("nav.queues"), queues})
	}
	if s.Reports != nil {
		groups = append(groups, navGroup{say("nav.reports"), p.reportNav()})
	}
	manage := []navItem{
		{Href: "/mentions", Icon: "i-message-circle", Name: say("nav.mentions")},
		{Href: "/sources", Icon: "i-rss", Name: say("sources")},
	}
	if s.Learning != nil && p.Me.May(auth.Review) {
		manage = append(manage, navItem{Href: "/reviews", Icon: "i-check", Name: say("nav.reviews")}, navItem{Href: "/model", Icon: "i-search", Name: say("nav.model")})
	}
	if s.InForce != nil && p.Me.May(auth.SetUp) {
		manage = append(manage, navItem{Href: "/setup", Icon: "i-settings", Name: say("nav.setup")})
	}
	if p.Me.May(auth.Assign) {
		manage = append(manage, navItem{Href: "/people", Icon: "i-users", Name: say("nav.people")})
	}
	groups = append(groups, navGroup{say("nav.manage"), manage})
	here := r.URL.Path
	if q := r.URL.Query().Get("queue"); q != "" {
		here += "?queue=" + url.QueryEscape(q)
	}
	for _, g := range groups {
		for i := range g.Items {
			g.Items[i].Here = g.Items[i].Href == here
		}
	}
	return groups
}

// said is what an action came to, by a code in the address: an address can't
// put words of its own on a page.
func (t teller) said(code string) string {
	switch code {
	case "":
		return ""
	case "settings", "review", "aim", "rollback", "approve", "drafts", "set", "put_back", "notice", "link", "name", "away", "back":
		return t.Say("said." + code)
	}
	return t.Say("said.done")
}

const themeCookie = "amends_theme"

// theme keeps what a person wants to look at: in the browser, and for whoever is
// in, with their settings.
func (s *Server) theme(w http.ResponseWriter, r *http.Request) error {
	name := r.PostFormValue("theme")
	if name != "light" && name != "dark" {
		name = ""
	}
	s.keepTheme(w, r, name)
	if a := askedOf(r.Context()); a.in && a.who.May(auth.Self) {
		if _, err := s.changeSettings(r.Context(), &settingsInput{SettingsChange{Theme: &name}}); err != nil {
			return err
		}
	}
	http.Redirect(w, r, local(r.PostFormValue("back")), http.StatusSeeOther)
	return nil
}

// keepTheme keeps a theme in the browser, for the pages before the sign-in.
func (s *Server) keepTheme(w http.ResponseWriter, r *http.Request, name string) {
	c := askedOf(r.Context()).cookie
	c.Name, c.Value, c.MaxAge = themeCookie, name, 365*24*3600
	if name == "" {
		c.MaxAge = -1
	}
	http.SetCookie(w, &c)
}

// A page inTongue is drawn in a language; one that is not has words of its own.
type inTongue interface{ speaks() *tongue.Tongue }

// show renders a page whole before the first byte leaves, so that a failure
// can still be told.
func (s *Server) show(w http.ResponseWriter, status int, name string, v any) error {
	t := s.tongues[tongue.English]
	if p, ok := v.(inTongue); ok {
		t = p.speaks()
		w.Header().Set("Content-Language", t.Name)
	}
	var b bytes.Buffer
	pages, err := s.pages[t.Name]()
	if err != nil {
		return err
	}
	if err := pages[name].ExecuteTemplate(&b, name, v); err != nil {
		return fmt.Errorf("page %s: %w", name, err)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(b.Len()))
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // whoever asked may be gone
	return nil
}

type failurePage struct {
	page
	Status int
	Msg    string
}

func (s *Server) failurePage(w http.ResponseWriter, r *http.Request, f *failure) {
	title := "failure." + strconv.Itoa(f.status)
	if !s.english().Has(title) {
		title = http.StatusText(f.status)
	}
	p := failurePage{page: s.bare(r, title), Status: f.status, Msg: f.msg}
	if err := s.show(w, f.status, "failure", p); err != nil {
		s.Log.Error("the page of a failure failed", "request", askedOf(r.Context()).id, "err", err)
		http.Error(w, f.msg, f.status)
	}
}

// parsed are the templates, one set for each page, with what all share. Nothing
// is drawn by them: each language has its own.
var parsed = sync.OnceValues(func() (map[string]*template.Template, error) {
	var nobodys Server // its functions are only named here
	shared, err := template.New("").Funcs(nobodys.functions(teller{})).ParseFS(embedded, "templates/shared/*.html")
	if err != nil {
		return nil, err
	}
	files, err := fs.Glob(embedded, "templates/*.html")
	if err != nil {
		return nil, err
	}
	pages := map[string]*template.Template{}
	for _, file := range files {
		page, err := shared.Clone()
		if err == nil {
			page, err = page.ParseFS(embedded, file)
		}
		if err != nil {
			return nil, err
		}
		pages[strings.TrimSuffix(path.Base(file), ".html")] = page
	}
	return pages, nil
})

// spoken are the pages in a language. What a template says it asks of its language
// by functions.
func (s *Server) spoken(t teller) (map[string]*template.Template, error) {
	all, err := parsed()
	if err != nil {
		return nil, err
	}
	pages := make(map[string]*template.Template, len(all))
	for name, page := range all {
		own, err := page.Clone()
		if err != nil {
			return nil, err
		}
		pages[name] = own.Funcs(s.functions(t))
	}
	return pages, nil
}

// functions are what templates can ask for. t and cut say a string of the
// catalogue, which then is escaped like any other text.
func (s *Server) functions(t teller) template.FuncMap {
	return template.FuncMap{
		"asset": func(name string) (string, error) {
			if at, ok := s.assets.names[name]; ok {
				return at, nil
			}
			return "", fmt.Errorf("there is no asset %s", name)
		},
		"icon": func(name string) (template.HTML, error) {
			if svg, ok := s.assets.icons[name]; ok {
				return svg, nil
			}
			return "", fmt.Errorf("there is no icon %s", name)
		},
		"t": func(key string, pairs ...any) (string, error) {
			if !t.Has(key) {
				return "", fmt.Errorf("there is no string %s", key)
			}
			return t.Say(key, pairs...), nil
		},
		"cut": func(key string, pairs ...any) ([]string, error) {
			if !t.Has(key) {
				return nil, fmt.Errorf("there is no string %s", key)
			}
			return t.Cut(key, pairs...), nil
		},
		"lang":  func() string { return t.Name },
		"words": t.Code, "title": t.title, "tongue": t.Language, "span": t.Span, "actor": t.actor, "put": func(english string) string { return t.put(english) }, "section": t.section, "node": t.node, "condition": t.condition, "stamp": t.Stamp, "date": t.Date, "number": t.Number,
		"percent": t.Percent, "figure": t.figure, "iso": iso, "inc": func(n int) int { return n + 1 }, "join": strings.Join, "dict": dict, "clean": clean, "short": shortName, "handle": handleOf,
	}
}

// dict hands several values to a template within another.
func dict(pairs ...any) (map[string]any, error) {
	m := map[string]any{}
	for i := 0; i+1 < len(pairs); i += 2 {
		name, ok := pairs[i].(string)
		if !ok {
			return nil, fmt.Errorf("dict: %v is no name", pairs[i])
		}
		m[name] = pairs[i+1]
	}
	return m, nil
}

// handle registers a page or a form's address.
func (s *Server) handle(method, path string, may auth.Action, h func(http.ResponseWriter, *http.Request) error) {
	s.mux.HandleFunc(method+" "+path, func(w http.ResponseWriter, r *http.Request) {
		err := mayUse(askedOf(r.Context()), may)
		if f, ok := err.(*failure); ok && f.code == "password_due" {
			http.Redirect(w, r, "/password", http.StatusSeeOther)
			return
		}
		if err == nil && r.Method != http.MethodPost {
			err = s.caughtUp(r)
		}
		if err == nil {
			err = h(w, r)
		}
		if err != nil {
			s.fail(w, r, err)
		}
	})
	s.routes = append(s.routes, endpoint{method, path, may})
}
