package hackernews

import (
	"cmp"
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/networktest"
	"github.com/amends-care/amends/internal/network/newest"
)

// A board is Hacker News with its search, as hn.algolia.com/api describes it.
type board struct {
	*networktest.Wire
	t    testing.TB
	page int
	now  time.Time // all is written in one second, the hardest case

	mu    sync.Mutex
	posts []*stored // by id
}

type stored struct {
	id, parent, story int64
	by, text, title   string
	at                int64
	gone              bool
}

func newBoard(t testing.TB) *board {
	b := &board{t: t, page: 3, now: time.Now()}
	b.Wire = networktest.NewWire(t, b)
	return b
}

func (b *board) account() *Account {
	b.t.Helper()
	a, err := Driver().Open(&Settings{Query: "acme", Host: "https://hn.algolia.com"}, network.NewClient(network.Options{Base: b.Wire}))
	if err != nil {
		b.t.Fatal(err)
	}
	a.(*Account).page = b.page
	return a.(*Account)
}

// Account hides that a person may answer: the suite would have a program do it.
func (b *board) Account() network.Account {
	return struct {
		network.Account
		network.Looker
		network.Threader
	}{b.account(), b.account(), b.account()}
}

func (b *board) Post(p networktest.Post) care.Remote {
	b.mu.Lock()
	defer b.mu.Unlock()
	at := p.At
	if at.IsZero() {
		at = b.now
	}
	s := &stored{id: 40_000_000 + int64(len(b.posts)), by: cmp.Or(p.Author, "ana"), text: p.Text + " acme", at: at.Unix()}
	s.story = s.id
	if p.InReplyTo != "" {
		s.parent, _ = strconv.ParseInt(string(p.InReplyTo), 10, 64)
		s.story = b.find(s.parent).story
	} else {
		s.title = "Ask HN: about acme"
	}
	b.posts = append(b.posts, s)
	return care.Remote(strconv.FormatInt(s.id, 10))
}

func (b *board) find(id int64) *stored {
	i := slices.IndexFunc(b.posts, func(s *stored) bool { return s.id == id && !s.gone })
	if i < 0 {
		return nil
	}
	return b.posts[i]
}

func (b *board) change(id care.Remote, f func(*stored)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	n, _ := strconv.ParseInt(string(id), 10, 64)
	f(b.find(n))
}

func (b *board) Edit(id care.Remote, text string) {
	b.change(id, func(s *stored) { s.text = text + " acme" })
}

func (b *board) Delete(id care.Remote) { b.change(id, func(s *stored) { s.gone = true }) }

func (b *board) Sent() []care.Answer { return nil }

func (b *board) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if r.Method != http.MethodGet {
		b.t.Errorf("%s: the search only reads", r.Method)
	}
	switch id, ok := strings.CutPrefix(r.URL.Path, "/api/v1/items/"); {
	case ok:
		n, _ := strconv.ParseInt(id, 10, 64)
		s := b.find(n)
		if s == nil {
			w.WriteHeader(http.StatusNotFound)
			fmt.Fprint(w, `{"status":404,"error":"Not Found"}`)
			return
		}
		b.tell(w, b.tree(s))
	case r.URL.Path == "/api/v1/search_by_date":
		b.search(w, r)
	default:
		b.t.Errorf("there is no %s", r.URL.Path)
		http.NotFound(w, r)
	}
}

func (b *board) tell(w http.ResponseWriter, v any) {
	if err := json.NewEncoder(w).Encode(v); err != nil {
		b.t.Error(err)
	}
}

func escaped(s string) string { return strings.ReplaceAll(html.EscapeString(s), "\n\n", "<p>") }

func (b *board) tree(s *stored) map[string]any {
	children := []any{}
	for _, c := range b.posts {
		if c.parent == s.id {
			children = append(children, b.tree(c))
		}
	}
	m := map[string]any{"id": s.id, "created_at_i": s.at, "author": s.by, "text": escaped(s.text), "story_id": s.story, "parent_id": nil, "children": children, "title": nil, "url": nil}
	if s.gone {
		m["author"], m["text"] = nil, nil
	}
	if s.parent > 0 {
		m["parent_id"] = s.parent
	} else {
		m["title"] = s.title
	}
	return m
}

var filterPattern = regexp.MustCompile(`^created_at_i(<=|>=)(\d+)$`)

func (b *board) search(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	for k := range q {
		if !slices.Contains([]string{"query", "tags", "numericFilters", "hitsPerPage", "typoTolerance", "advancedSyntax", "restrictSearchableAttributes"}, k) {
			b.t.Errorf("the search has no parameter %s", k)
		}
	}
	var hits []*stored
	for _, s := range slices.Backward(b.posts) {
		if !s.gone && strings.Contains(s.text, q.Get("query")) && (s.parent == 0 || q.Get("tags") != "story") && (s.parent > 0 || q.Get("tags") != "comment") {
			hits = append(hits, s)
		}
	}
	for f := range strings.SplitSeq(q.Get("numericFilters"), ",") {
		m := filterPattern.FindStringSubmatch(f)
		if f == "" {
			continue
		}
		if m == nil {
			b.t.Errorf("filter %q", f)
			continue
		}
		n, _ := strconv.ParseInt(m[2], 10, 64)
		hits = slices.DeleteFunc(hits, func(s *stored) bool { return m[1] == "<=" && s.at > n || m[1] == ">=" && s.at < n })
	}
	slices.SortStableFunc(hits, func(x, y *stored) int { return cmp.Compare(y.at, x.at) })
	size, err := strconv.Atoi(q.Get("hitsPerPage"))
	if err != nil || size < 0 || size > 1000 {
		b.t.Errorf("a page of %q", q.Get("hitsPerPage"))
	}
	all, found := []any{}, len(hits)
	hits = hits[:min(len(hits), size)]
	for _, s := range hits {
		m := map[string]any{"objectID": fmt.Sprint(s.id), "created_at": time.Unix(s.at, 0).UTC().Format(time.RFC3339), "created_at_i": s.at, "author": s.by, "story_id": s.story}
		if s.parent > 0 {
			m["parent_id"], m["comment_text"] = s.parent, escaped(s.text)
		} else {
			m["title"], m["story_text"] = s.title, escaped(s.text)
		}
		all = append(all, m)
	}
	b.tell(w, map[string]any{"hits": all, "nbHits": found, "page": 0, "hitsPerPage": size})
}

func TestDriver(t *testing.T) {
	networktest.Run(t, networktest.Traits{
		Page: 3, Edits: networktest.OnLook, Deletes: networktest.OnLook, Late: newest.Overlap, Faults: faults(),
	}, func(t *testing.T) networktest.World { return newBoard(t) })
}

// TestEditsChangeTheRevision: the search tells of no edits, so the words do.
func TestEditsChangeTheRevision(t *testing.T) {
	b := newBoard(t)
	id := b.Post(networktest.Post{Text: "broken"})
	first, err := b.account().Poll(t.Context(), "")
	if err != nil || len(first.Items) != 1 {
		t.Fatal(first, err)
	}
	b.Edit(id, "mended")
	second, err := b.account().Poll(t.Context(), first.Next)
	if err != nil || len(second.Items) != 1 || second.Items[0].Post.Revision == first.Items[0].Post.Revision {
		t.Error(second, err)
	}
}

func TestHitBecomesAPost(t *testing.T) {
	for _, c := range []struct {
		name, raw string
		want      care.Post
	}{
		{"a comment", `{"objectID":"42","created_at_i":1763719200,"author":"ana","comment_text":"It broke.<p>See <a href=\"https:&#x2F;&#x2F;x.example&#x2F;a\" rel=\"nofollow\">https:&#x2F;&#x2F;x.example&#x2F;a</a>","story_id":40,"parent_id":41,"story_title":"Acme","title":null,"url":null}`,
			care.Post{Text: "It broke.\n\nSee https://x.example/a", InReplyTo: "41", Thread: "40", Links: []care.Link{{Kind: "link", URL: "https://x.example/a"}}}},
		{"a story", `{"objectID":"42","created_at_i":1763719200,"author":"ana","title":"Acme &amp; the kettle","url":"https://x.example/b","story_id":42,"story_text":null}`,
			care.Post{Text: "Acme & the kettle", Thread: "42", Links: []care.Link{{Kind: "link", URL: "https://x.example/b"}}}},
	} {
		var h hit
		got, err := h.read(json.RawMessage(c.raw))
		if err != nil {
			t.Fatal(c.name, err)
		}
		c.want.Network, c.want.Remote, c.want.Kind, c.want.Author = name, "42", care.PostPublic, care.Author{ID: "ana", Handle: "ana"}
		c.want.URL, c.want.PostedAt, c.want.Revision = "https://news.ycombinator.com/item?id=42", time.Unix(1763719200, 0).UTC(), got.Revision
		if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", c.want) {
			t.Errorf("%s:\ngot  %+v\nwant %+v", c.name, got, c.want)
		}
	}
}

func TestOneBadHitSpoilsNoOther(t *testing.T) {
	a, err := Driver().Open(&Settings{Query: "acme", Host: "https://hn.algolia.com", Back: maxBack}, network.NewClient(network.Options{Base: networktest.NewWire(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"hits":[{"objectID":7},{"objectID":"x"},null,{"objectID":"1","created_at_i":%d},{"objectID":"1","created_at_i":%d,"author":"ana","comment_text":"ok"}]}`, time.Now().Unix(), time.Now().Unix())
	}))}))
	if err != nil {
		t.Fatal(err)
	}
	if page, err := a.Poll(t.Context(), ""); err != nil || len(page.Items) != 1 || len(page.Bad) != 4 {
		t.Errorf("%d items, bad %v, %v", len(page.Items), page.Bad, err)
	}
}

func TestAnsweredByHand(t *testing.T) {
	a := newBoard(t).account()
	if got := a.May(care.Post{Network: name, Remote: "42"}, time.Now()); got.How != care.ByHand || got.Why == "" {
		t.Errorf("%+v", got)
	}
	if got := a.May(care.Post{Network: "bluesky", Remote: "42"}, time.Now()); got.How != care.ByNone {
		t.Errorf("%+v", got)
	}
	if _, err := a.Send(t.Context(), care.Answer{}); err == nil || !err.(*network.Error).Unsent {
		t.Error(err)
	}
}

func TestThreadOfAStoryWithDeletedComments(t *testing.T) {
	b := newBoard(t)
	story := b.Post(networktest.Post{Text: "a story"})
	gone := b.Post(networktest.Post{Text: "a comment", InReplyTo: story})
	below := b.Post(networktest.Post{Text: "an answer to it", InReplyTo: gone})
	b.Delete(gone)
	posts, err := b.account().Thread(t.Context(), below)
	if err != nil || len(posts) != 2 || posts[0].Remote != story || posts[1].Remote != below {
		t.Error(posts, err)
	}
}

func TestEstimate(t *testing.T) {
	b := newBoard(t)
	for i := range 7 {
		b.Post(networktest.Post{Text: "broken", At: b.now.Add(-time.Duration(i) * 24 * time.Hour)})
	}
	b.Post(networktest.Post{Text: "long ago", At: b.now.Add(-300 * 24 * time.Hour)})
	if got, err := b.account().Estimate(t.Context()); err != nil || got != (network.Estimate{PerDay: 0.25}) {
		t.Error(got, err)
	}
}

func TestSettings(t *testing.T) {
	good := Settings{Query: `"acme kettle"`, Host: "https://hn.algolia.com", Only: Comments}
	if err := good.Validate(); err != nil {
		t.Error(err)
	}
	for want, s := range map[string]Settings{
		"query": {Host: good.Host}, "only": {Query: "x", Host: good.Host, Only: "jobs"}, "back": {Query: "x", Host: good.Host, Back: -1}, "host": {Query: "x", Host: "http://hn.algolia.com"},
	} {
		if err := s.Validate(); err == nil || !strings.HasPrefix(err.Error(), want+":") {
			t.Errorf("%s: %v", want, err)
		}
	}
}

func FuzzHit(f *testing.F) {
	f.Add([]byte(`{"objectID":"42","created_at_i":1763719200,"author":"ana","comment_text":"<p>x"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		var h hit
		if p, err := h.read(b); err == nil && (p.Author.ID == "" || p.PostedAt.IsZero() || len(p.Text) > 2*maxText) {
			t.Errorf("%+v", p)
		}
	})
}

// BenchmarkPoll reads pages of a hundred comments from memory. Multiply by ten
// for a thousand.
func BenchmarkPoll(b *testing.B) {
	w := newBoard(b)
	w.page = pageSize
	for i := range pageSize {
		w.Post(networktest.Post{Text: fmt.Sprintf("the kettle of order %d never came, and nobody answers <b>", i)})
	}
	a := w.account()
	for b.Loop() {
		if page, err := a.Poll(b.Context(), ""); err != nil || len(page.Items) != pageSize {
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
			w := newBoard(t)
			a := w.account()
			w.Break(f)
			_, err := a.Poll(t.Context(), "")
			if e, ok := err.(*network.Error); !ok || e.Fault != network.Transient || e.Unsent {
				t.Errorf("%s: %v", f, err)
			}
		})
	}
}
