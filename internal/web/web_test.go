package web

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/auth"
	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/desk"
	"github.com/amends-care/amends/internal/route"
	"github.com/amends-care/amends/internal/sla"
	"github.com/amends-care/amends/internal/store"
	"github.com/amends-care/amends/internal/store/boltstore"
	"github.com/amends-care/amends/internal/view"
	"github.com/amends-care/amends/internal/view/search"
	"github.com/amends-care/amends/internal/web/drafts"
	"github.com/amends-care/amends/internal/web/personal"
	"github.com/amends-care/amends/internal/web/saved"
)

// start is a Monday morning.
var start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

const password = "correct horse battery"

// A bench is a console on a real store, desk and view, with a clock that the
// test moves and a person for each role.
type bench struct {
	*Server
	t      testing.TB
	st     store.Store
	view   *view.View
	desk   *desk.Desk
	log    *bytes.Buffer
	tokens map[auth.Role]string

	timeless bool // in a bubble: answers are not held to the document

	index *search.Index

	mu               sync.Mutex
	now              time.Time
	setup            Setup
	may              care.Permission
	watching         care.Watching
	released         int
	reload           error       // what reading the configuration again comes to
	network          error       // what asking the network comes to
	thread           []care.Post // what it shows
	blocked          []string
	mends, withdraws bool // the network lets us change what we sent
}

func newBench(t testing.TB, change ...func(*Deps)) *bench {
	t.Helper()
	b := &bench{t: t, now: start, log: &bytes.Buffer{}, tokens: map[auth.Role]string{}}
	b.setup = Setup{Brand: "Larkfield", Queues: []string{"care", "billing"}, Titles: map[string]string{"care": "Customer care"}, UndoFor: 10 * time.Second, Version: "test",
		Sources: []care.SourceHealth{{Name: "test", Network: "file", SucceededAt: start}}}
	b.may = care.Permission{How: care.ByAPI, Direct: true, Why: "Anybody may answer here.", Length: care.Length{Max: 300, Unit: "graphemes"}}
	dir := t.TempDir()
	st, err := boltstore.Open(filepath.Join(dir, "log.db"), boltstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	b.st = st
	live := NewLive(64)
	if b.view, err = view.Open(filepath.Join(dir, "view.db"), st, view.Options{Applied: live.Applied}); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	if b.index, err = search.Open(filepath.Join(dir, "search"), st, nil); err != nil {
		t.Fatal(err)
	}
	wg.Go(func() { _ = b.view.Run(ctx) })
	wg.Go(func() { _ = b.index.Run(ctx) })
	t.Cleanup(func() {
		live.Close()
		stop()
		wg.Wait()
		if err := b.index.Close(); err != nil {
			t.Error(err)
		}
		if err := b.view.Close(); err != nil {
			t.Error(err)
		}
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	b.desk, err = desk.New(st, desk.Options{Key: []byte("a key for tests only, 32 bytes ..."), Rules: rules(t), Now: b.clock, Heads: b.view})
	if err != nil {
		t.Fatal(err)
	}
	bulks := desk.NewBulks(b.desk)
	wg.Go(func() { _ = bulks.Run(ctx) })
	people := auth.New(st, b.clock, auth.Options{})
	d := Deps{
		Desk: b.desk, Bulks: bulks, Cases: b.view, Mentions: b.view, Persons: b.view, Issues: b.view, Surveys: b.desk, People: people, Drafts: drafts.New(st, b.clock), Saved: saved.New(st, b.clock), Personal: personal.New(st), Finder: view.NewFinder(b.view, b.index), Live: live, Now: b.clock,
		Changes: func(string, string) (bool, bool) { return b.mends, b.withdraws },
		May:     func(*care.Mention, time.Time) care.Permission { return b.may },
		Setup:   func() Setup { return b.setup },
		FindPromises: func(text, _ string, now time.Time, _ *time.Location) []care.ProposedPromise {
			const says = "by tomorrow"
			if i := strings.Index(text, says); i >= 0 {
				return []care.ProposedPromise{{From: i, To: i + len(says), What: "write", DueAt: now.Add(24 * time.Hour)}}
			}
			return nil
		},
		TellSource: b.desk.TellSource,
		Watching:   func() care.Watching { return b.watching },
		Explain: func(_ context.Context, c *care.Case) (map[care.TargetKind]*sla.Explanation, error) {
			told := sla.Always().Explain(c.OpenedAt, 30*time.Minute)
			return map[care.TargetKind]*sla.Explanation{care.FirstResponse: &told}, nil
		},
		Reload: func(context.Context) error { return b.reload },
		Thread: func(context.Context, *care.Mention) ([]care.Post, error) { return b.thread, b.network },
		Block: func(_ context.Context, m *care.Mention, blocked bool) error {
			b.blocked = append(b.blocked, fmt.Sprint(m.Post.Author.Handle, " ", blocked))
			return b.network
		},
		Release: func(context.Context, care.Actor) error { b.released++; b.setup.Held = ""; return nil },
		Log:     slog.New(slog.NewTextHandler(&lockedWriter{w: b.log}, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	for _, c := range change {
		c(&d)
	}
	if b.Server, err = New(d); err != nil {
		t.Fatal(err)
	}
	return b
}

// staffed is a bench with a person for each role, named for it.
func staffed(t testing.TB, change ...func(*Deps)) *bench {
	t.Helper()
	b := newBench(t, change...)
	for _, r := range auth.Roles() {
		name := care.AgentID(r)
		if _, err := b.People.Add(t.Context(), "cli/test", auth.NewAccount{Name: string(r), Display: "The " + string(r), Role: r}); err != nil {
			t.Fatal(err)
		}
		secret, _, err := b.People.AddToken(t.Context(), "cli/test", name, auth.NewToken{Name: "test"})
		if err != nil {
			t.Fatal(err)
		}
		b.tokens[r] = secret
	}
	return b
}

type lockedWriter struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *lockedWriter) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}

func rules(t testing.TB) *desk.Rules {
	t.Helper()
	tree, err := route.New(route.Routing{Tree: route.Node{Queue: "care", Policy: "standard", Routes: []route.Node{
		{When: route.Match{Topic: route.OneOf{"billing"}}, Queue: "billing"},
	}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	r := desk.NewRules(tree, map[string]sla.Policy{"standard": {
		Name: "standard", FirstResponse: 30 * time.Minute, NextResponse: time.Hour, Resolution: 8 * time.Hour,
	}, "fast": {Name: "fast", FirstResponse: 10 * time.Minute}}, nil)
	r.ReopenWindow, r.LateAfter, r.UndoFor = 7*24*time.Hour, 24*time.Hour, 10*time.Second
	return r
}

func (b *bench) clock() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.now
}

func (b *bench) advance(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.now = b.now.Add(d)
}

// judge flags what holds the word "broken", marks it, and knows a topic.
func judge(_ context.Context, ms []*care.Mention) error {
	for _, m := range ms {
		m.Verdict = care.Verdict{Complaint: strings.Contains(m.Post.Text, "broken"), Probability: 0.9, Model: "test@1"}
		m.Verdict.Labels.Mood, m.Verdict.Labels.Language = care.Angry, "en"
		if i := strings.Index(m.Post.Text, "broken"); i >= 0 {
			m.Verdict.Why = []care.Reason{{From: i, To: i + len("broken"), Weight: 1.5}}
		}
		if strings.Contains(m.Post.Text, "bill") {
			m.Verdict.Labels.Topic = "billing"
		}
	}
	return nil
}

// says has somebody post something; what is broken opens a case.
func (b *bench) says(author, id, text string) {
	b.t.Helper()
	b.posts(care.Post{
		Network: "file", Remote: care.Remote(id), Kind: care.PostPublic, Text: text, PostedAt: b.clock(), URL: "https://social.example/" + url.PathEscape(id),
		Author: care.Author{ID: author, Handle: author, Name: strings.ToUpper(author[:1]) + author[1:], Followers: 1200},
	})
}

func (b *bench) posts(posts ...care.Post) {
	b.t.Helper()
	var items []desk.Arrival
	for _, p := range posts {
		items = append(items, desk.Arrival{What: desk.WasSeen, Post: p, Own: p.Author.ID == "us"})
	}
	r, err := b.desk.Receive(b.t.Context(), desk.Arrivals{Source: "test", Items: items, Read: len(items), Judge: judge})
	if err != nil {
		b.t.Fatal(err)
	}
	b.shown(r.Seq)
}

func (b *bench) shown(seq store.Seq) {
	b.t.Helper()
	if err := b.view.Wait(b.t.Context(), seq); err != nil {
		b.t.Fatal(err)
	}
}

// cases lists all cases there are, newest first.
func (b *bench) cases() []CaseRow {
	b.t.Helper()
	var l CaseList
	b.get(auth.Viewer, "/cases?state=all&limit=200").want(200).into(&l)
	return l.Cases
}

func (b *bench) only() CaseFull {
	b.t.Helper()
	cs := b.cases()
	if len(cs) != 1 {
		b.t.Fatalf("%d cases, want 1", len(cs))
	}
	return b.full(cs[0].ID)
}

func (b *bench) full(id care.CaseID) (f CaseFull) {
	b.t.Helper()
	b.get(auth.Viewer, "/cases/"+string(id)).want(200).into(&f)
	return f
}

// An answer is what a request got.
type answer struct {
	t    testing.TB
	what string
	*http.Response
	body []byte
}

// ask sends a request through the console, as a browser or program would.
func (b *bench) ask(method, path string, body any, headers ...string) *answer {
	b.t.Helper()
	var in io.Reader
	h := http.Header{}
	switch v := body.(type) {
	case nil:
	case url.Values:
		in = strings.NewReader(v.Encode())
		h.Set("Content-Type", "application/x-www-form-urlencoded")
	case string:
		in = strings.NewReader(v)
		h.Set("Content-Type", "application/json")
	default:
		data, err := json.Marshal(v)
		if err != nil {
			b.t.Fatal(err)
		}
		in = bytes.NewReader(data)
		h.Set("Content-Type", "application/json")
	}
	r := httptest.NewRequestWithContext(b.t.Context(), method, "http://localhost"+path, in)
	maps.Copy(r.Header, h)
	for i := 0; i+1 < len(headers); i += 2 {
		if headers[i] == "Host" {
			r.Host = headers[i+1]
			continue
		}
		r.Header.Set(headers[i], headers[i+1])
	}
	if at := r.Header.Get("Test-Peer"); at != "" {
		r.RemoteAddr = at
	} else {
		r.RemoteAddr = netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), 4711).String()
	}
	w := httptest.NewRecorder()
	b.ServeHTTP(w, r)
	a := &answer{t: b.t, what: method + " " + path, Response: w.Result(), body: w.Body.Bytes()}
	b.holds(r, a)
	if strings.HasPrefix(a.Header.Get("Content-Type"), "text/html") && a.StatusCode/100 != 3 {
		a.lawful()
	}
	return a
}

// as asks the API with the token of a role.
func (b *bench) as(role auth.Role, method, path string, body any, headers ...string) *answer {
	b.t.Helper()
	return b.ask(method, apiPath+path, body, append([]string{"Authorization", "Bearer " + b.tokens[role]}, headers...)...)
}

func (b *bench) get(role auth.Role, path string) *answer {
	b.t.Helper()
	return b.as(role, "GET", path, nil)
}

// post is a write whose effect the view shows once it returns.
func (b *bench) post(role auth.Role, path string, body any, headers ...string) *answer {
	b.t.Helper()
	a := b.as(role, "POST", path, body, headers...)
	if at := a.Header.Get("Amends-Seq"); at != "" {
		var seq store.Seq
		if _, err := fmt.Sscan(at, &seq); err != nil {
			b.t.Fatal(err)
		}
		b.shown(seq)
	}
	return a
}

// in signs a role in by a link, and returns the cookie.
func (b *bench) in(role auth.Role) string {
	b.t.Helper()
	secret, _, err := b.People.MakeLink(b.t.Context(), "cli/test", care.AgentID(role), auth.ToStart)
	if err != nil {
		b.t.Fatal(err)
	}
	return b.ask("POST", "/link/"+secret, nil).want(303).cookie(loopbackCookieName)
}

// cookie is what a browser would send back.
func (a *answer) cookie(name string) string {
	a.t.Helper()
	for _, c := range a.Cookies() {
		if c.Name == name && c.Value != "" {
			return c.Name + "=" + c.Value
		}
	}
	a.t.Fatalf("%s: no cookie %s among %v", a.what, name, a.Cookies())
	return ""
}

// browse asks for a page with a session.
func (b *bench) browse(cookie, method, path string, form url.Values) *answer {
	b.t.Helper()
	if form == nil {
		return b.ask(method, path, nil, "Cookie", cookie)
	}
	return b.ask(method, path, form, "Cookie", cookie, "Sec-Fetch-Site", "same-origin")
}

func (a *answer) want(status int) *answer {
	a.t.Helper()
	if a.StatusCode != status {
		a.t.Fatalf("%s: %d, want %d: %.600s", a.what, a.StatusCode, status, a.body)
	}
	return a
}

func (a *answer) into(v any) {
	a.t.Helper()
	if err := json.Unmarshal(a.body, v); err != nil {
		a.t.Fatalf("%s: %v in %.300s", a.what, err, a.body)
	}
}

// problem is the code of a problem document.
func (a *answer) problem() string {
	a.t.Helper()
	var p struct{ Type string }
	a.into(&p)
	if ct := a.Header.Get("Content-Type"); ct != "application/problem+json" {
		a.t.Fatalf("%s: a problem as %s", a.what, ct)
	}
	return strings.TrimPrefix(p.Type, "urn:amends:problem:")
}

func (a *answer) wantProblem(status int, code string) *answer {
	a.t.Helper()
	if a.want(status); a.problem() != code {
		a.t.Fatalf("%s: problem %q, want %q: %s", a.what, a.problem(), code, a.body)
	}
	return a
}

func (a *answer) contains(what ...string) *answer {
	a.t.Helper()
	for _, w := range what {
		if !strings.Contains(string(a.body), w) {
			a.t.Fatalf("%s: %q is not in the answer:\n%.3000s", a.what, w, a.body)
		}
	}
	return a
}

func (a *answer) lacks(what ...string) *answer {
	a.t.Helper()
	for _, w := range what {
		if strings.Contains(string(a.body), w) {
			a.t.Fatalf("%s: %q is in the answer", a.what, w)
		}
	}
	return a
}

func (a *answer) leadsTo() string { return cmp.Or(a.Header.Get("Location"), "nowhere") }
