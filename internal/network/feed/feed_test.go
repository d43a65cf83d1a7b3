package feed

import (
	"cmp"
	"encoding/json"
	"fmt"
	"html"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/networktest"
)

// A site publishes one feed, in one of the formats, all of it at once.
type site struct {
	*networktest.Wire
	t      testing.TB
	format string

	mu     sync.Mutex
	posts  []*post // newest first
	most   int     // entries in the feed; 0: all
	header http.Header
	asked  []http.Header
}

type post struct {
	id, by, text, parent string
	at, edited           time.Time
}

func newSite(t testing.TB, format string) *site {
	s := &site{t: t, format: format, header: http.Header{}}
	s.Wire = networktest.NewWire(t, s)
	return s
}

const address = "https://forum.example/new.xml"

func opened(t testing.TB, base http.RoundTripper, back time.Duration) *Account {
	t.Helper()
	a, err := Driver().Open(&Settings{URL: address, Back: back}, network.NewClient(network.Options{Base: base}))
	if err != nil {
		t.Fatal(err)
	}
	return a.(*Account)
}

func (s *site) Account() network.Account { return opened(s.t, s.Wire, 0) }

func (s *site) Post(p networktest.Post) care.Remote {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := p.At
	if at.IsZero() {
		at = time.Now()
	}
	id := fmt.Sprintf("https://forum.example/p/%d", len(s.posts)+1)
	s.posts = slices.Insert(s.posts, 0, &post{id: id, by: cmp.Or(p.Author, "ana"), text: p.Text, parent: string(p.InReplyTo), at: at.UTC()})
	return care.Remote(id)
}

func (s *site) Edit(id care.Remote, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.posts, func(p *post) bool { return p.id == string(id) })
	s.posts[i].text, s.posts[i].edited = text, time.Now().UTC()
}

func (s *site) Delete(id care.Remote) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.posts = slices.DeleteFunc(s.posts, func(p *post) bool { return p.id == string(id) })
}

func (s *site) Sent() []care.Answer { return nil }

func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, r.Header.Clone())
	maps.Copy(w.Header(), s.header)
	body := s.feed()
	etag := fmt.Sprintf("%q", digest(body))
	w.Header().Set("ETag", etag)
	if r.Header.Get("If-None-Match") == etag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	_, _ = w.Write([]byte(body))
}

func (s *site) feed() string {
	posts := s.posts
	if s.most > 0 && len(posts) > s.most {
		posts = posts[:s.most]
	}
	var b strings.Builder
	switch s.format {
	case "json":
		items := []map[string]any{}
		for _, p := range posts {
			it := map[string]any{"id": p.id, "url": p.id, "content_text": p.text, "date_published": p.at.Format(time.RFC3339Nano), "authors": []any{map[string]string{"name": p.by}}}
			if !p.edited.IsZero() {
				it["date_modified"] = p.edited.Format(time.RFC3339Nano)
			}
			items = append(items, it)
		}
		out, err := json.Marshal(map[string]any{"version": "https://jsonfeed.org/version/1.1", "title": "Forum", "items": items})
		if err != nil {
			s.t.Error(err)
		}
		return string(out)
	case "atom":
		b.WriteString(`<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom" xmlns:thr="http://purl.org/syndication/thread/1.0"><title>Forum</title>`)
		for _, p := range posts {
			up := ""
			if p.parent != "" {
				up = `<thr:in-reply-to ref="` + p.parent + `"/>`
			}
			edited := p.at
			if !p.edited.IsZero() {
				edited = p.edited
			}
			fmt.Fprintf(&b, `<entry><id>%s</id><title>A post</title><author><name>%s</name></author><published>%s</published><updated>%s</updated>%s<content type="text">%s</content></entry>`,
				p.id, p.by, p.at.Format(time.RFC3339Nano), edited.Format(time.RFC3339Nano), up, html.EscapeString(p.text))
		}
		return b.String() + "</feed>"
	}
	b.WriteString(`<?xml version="1.0"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:thr="http://purl.org/syndication/thread/1.0"><channel><title>Forum</title>`)
	for _, p := range posts {
		up := ""
		if p.parent != "" {
			up = `<thr:in-reply-to ref="` + p.parent + `"/>`
		}
		fmt.Fprintf(&b, `<item><guid>%s</guid><link>%s</link><dc:creator>%s</dc:creator><pubDate>%s</pubDate>%s<description>%s</description></item>`,
			p.id, p.id, p.by, p.at.Format(time.RFC1123Z), up, html.EscapeString("<pre>"+html.EscapeString(p.text)+"</pre>"))
	}
	return b.String() + "</channel></rss>"
}

func TestDriver(t *testing.T) {
	for _, format := range []string{"rss", "atom"} {
		t.Run(format, func(t *testing.T) {
			networktest.Run(t, networktest.Traits{
				Page: 3, Edits: networktest.OnPoll, Late: 12 * time.Hour, Faults: faults(),
			}, func(t *testing.T) networktest.World { return newSite(t, format) })
		})
	}
}

// poll reads a feed as it is now.
func poll(t *testing.T, a *Account, cursor string) network.Page {
	t.Helper()
	page, err := a.Poll(t.Context(), cursor)
	if err != nil {
		t.Fatal(err)
	}
	if len(page.Next) > maxCursor {
		t.Errorf("a cursor of %d bytes", len(page.Next))
	}
	return page
}

func TestJSONFeed(t *testing.T) {
	s := newSite(t, "json")
	start := poll(t, opened(t, s.Wire, 0), "")
	id := s.Post(networktest.Post{Text: "a < b\n& <script>c"})
	page := poll(t, opened(t, s.Wire, 0), start.Next)
	if len(page.Items) != 1 || page.Items[0].Post.Remote != id || page.Items[0].Post.Text != "a < b\n& <script>c" {
		t.Fatalf("%+v", page.Items)
	}
	s.Edit(id, "another")
	if page = poll(t, opened(t, s.Wire, 0), page.Next); len(page.Items) != 1 || page.Items[0].Kind != network.Edited || page.Items[0].Post.EditedAt.IsZero() {
		t.Errorf("%+v", page.Items)
	}
}

func TestAFeedThatDidNotChangeIsNotSentAgain(t *testing.T) {
	s := newSite(t, "rss")
	s.Post(networktest.Post{Text: "one"})
	s.header.Set("Last-Modified", "Sat, 21 Nov 2026 10:00:00 GMT")
	first := poll(t, opened(t, s.Wire, 0), "")
	second := poll(t, opened(t, s.Wire, 0), first.Next)
	if second.Next != first.Next || len(second.Items) > 0 {
		t.Errorf("%q then %q", first.Next, second.Next)
	}
	if h := s.asked[1]; h.Get("If-None-Match") == "" || h.Get("If-Modified-Since") != "Sat, 21 Nov 2026 10:00:00 GMT" {
		t.Errorf("asked with %v", h)
	}
}

// TestANewSourceReadsBackOnlyAsFarAsAsked, and never the same twice.
func TestANewSourceReadsBackOnlyAsFarAsAsked(t *testing.T) {
	s := newSite(t, "rss")
	s.Post(networktest.Post{Text: "old", At: time.Now().Add(-72 * time.Hour)})
	young := s.Post(networktest.Post{Text: "young", At: time.Now().Add(-time.Hour)})
	if page := poll(t, opened(t, s.Wire, 0), ""); len(page.Items) != 0 {
		t.Errorf("from now: %+v", page.Items)
	}
	page := poll(t, opened(t, s.Wire, 48*time.Hour), "")
	if len(page.Items) != 1 || page.Items[0].Post.Remote != young {
		t.Errorf("two days back: %+v", page.Items)
	}
	s.Post(networktest.Post{Text: "put in later, but written long ago", At: time.Now().Add(-300 * time.Hour)})
	if page = poll(t, opened(t, s.Wire, 48*time.Hour), page.Next); len(page.Items) != 0 {
		t.Errorf("what came back: %+v", page.Items)
	}
}

func TestWhatFellOffIsAGap(t *testing.T) {
	s := newSite(t, "atom")
	s.most = 3
	began := time.Now().Add(-time.Hour)
	for i := range 3 {
		s.Post(networktest.Post{Text: fmt.Sprint("first ", i), At: began.Add(time.Duration(i) * time.Minute)})
	}
	page := poll(t, opened(t, s.Wire, 0), "")
	s.Post(networktest.Post{Text: "one more", At: began.Add(10 * time.Minute)})
	if page = poll(t, opened(t, s.Wire, 0), page.Next); len(page.Gaps) != 0 || len(page.Items) != 1 {
		t.Fatalf("%+v", page)
	}
	for i := range 5 {
		s.Post(networktest.Post{Text: fmt.Sprint("burst ", i), At: began.Add(time.Duration(20+i) * time.Minute)})
	}
	page = poll(t, opened(t, s.Wire, 0), page.Next)
	if len(page.Items) != 3 || len(page.Gaps) != 1 {
		t.Fatalf("%d items, gaps %v", len(page.Items), page.Gaps)
	}
	if g := page.Gaps[0]; !near(g.From, began.Add(10*time.Minute)) || !near(g.To, began.Add(22*time.Minute)) || g.Why == "" {
		t.Errorf("%+v", g)
	}
}

func near(a, b time.Time) bool { return a.Sub(b).Abs() < time.Second }

func TestTheFeedSaysWhenToAskAgain(t *testing.T) {
	for _, c := range []struct {
		name, control, ttl string
		want               time.Duration
	}{
		{"nothing said", "", "", 0},
		{"by the server", "public, max-age=600", "", 10 * time.Minute},
		{"by the feed", "", "<ttl>5</ttl>", 5 * time.Minute},
		{"the longer of both", "max-age=60", "<ttl>15</ttl>", 15 * time.Minute},
		{"a day is too long", "max-age=86400", "", time.Hour},
		{"nonsense", "max-age=-7", "<ttl>soon</ttl>", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			calls := 0
			a := opened(t, networktest.NewWire(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				calls++
				w.Header().Set("Cache-Control", c.control)
				fmt.Fprintf(w, `<rss version="2.0"><channel><title>x</title>%s</channel></rss>`, c.ttl)
			})), 0)
			page := poll(t, a, "")
			if got := time.Until(page.Meter.Reset); c.want > 0 && (got > c.want || got < c.want-time.Minute) || c.want == 0 && !page.Meter.Reset.IsZero() {
				t.Errorf("next in %v", got)
			}
			again := poll(t, a, page.Next)
			if want := map[bool]int{true: 1, false: 2}[c.want > 0]; calls != want || again.Next != page.Next {
				t.Errorf("%d calls, want %d", calls, want)
			}
		})
	}
}

func TestRedirectsEnd(t *testing.T) {
	n := 0
	a := opened(t, networktest.NewWire(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n++
		http.Redirect(w, r, fmt.Sprintf("https://forum.example/%d", n), http.StatusFound)
	})), 0)
	if _, err := a.Poll(t.Context(), ""); err == nil || n > redirects+1 {
		t.Errorf("%d calls, %v", n, err)
	}
}

func TestSettings(t *testing.T) {
	good := Settings{URL: address}
	if err := good.Validate(); err != nil {
		t.Error(err)
	}
	for want, s := range map[string]Settings{
		"url": {}, "url: must": {URL: "ftp://a.example/x"}, "url: has a password": {URL: "https://a:b@c.example"}, "back": {URL: address, Back: -1},
	} {
		if err := s.Validate(); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}

// BenchmarkPoll reads a feed of a hundred entries from memory. Multiply by ten
// for a thousand.
func BenchmarkPoll(b *testing.B) {
	s := newSite(b, "rss")
	for i := range 100 {
		s.Post(networktest.Post{Text: fmt.Sprintf("the kettle of order %d never came, and nobody answers", i)})
	}
	a := opened(b, s.Wire, maxBack)
	for b.Loop() {
		page, err := a.Poll(b.Context(), "")
		if err != nil || len(page.Items) != 100 {
			b.Fatal(len(page.Items), err)
		}
	}
}

// faults are those of the suite but silence, which is met in a bubble, where no
// clock of this machine decides.
func faults() []networktest.Fault {
	return slices.DeleteFunc(networktest.HTTPFaults(), func(f networktest.Fault) bool {
		return f == networktest.Silent || f == networktest.Stalled
	})
}

func TestAServerThatSaysNothing(t *testing.T) {
	for _, f := range []networktest.Fault{networktest.Silent, networktest.Stalled} {
		synctest.Test(t, func(t *testing.T) {
			w := newSite(t, "rss")
			a := w.Account()
			w.Break(f)
			_, err := a.Poll(t.Context(), "")
			if e, ok := err.(*network.Error); !ok || e.Fault != network.Transient || e.Unsent {
				t.Errorf("%s: %v", f, err)
			}
		})
	}
}
