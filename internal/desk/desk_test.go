package desk_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/desk"
	"github.com/amends-care/amends/internal/route"
	"github.com/amends-care/amends/internal/sla"
	"github.com/amends-care/amends/internal/store"
	"github.com/amends-care/amends/internal/store/boltstore"
	"github.com/amends-care/amends/internal/view"
)

// start is a Monday morning.
var start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// A bench is a desk on a real store, with a clock that the test moves.
type bench struct {
	t    testing.TB
	now  time.Time
	st   store.Store
	view *view.View
	desk *desk.Desk
	mu   sync.Mutex
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
	}}, nil)
	r.ReopenWindow, r.LateAfter, r.UndoFor = 7*24*time.Hour, 24*time.Hour, 10*time.Second
	return r
}

func newBench(t testing.TB) *bench {
	t.Helper()
	b := &bench{t: t, now: start}
	dir := t.TempDir()
	_, durable := t.(*testing.B) // a figure without a sync would be no figure
	st, err := boltstore.Open(filepath.Join(dir, "log.db"), boltstore.Options{Unsynced: !durable})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	b.st = st
	if b.view, err = view.Open(filepath.Join(dir, "view.db"), st, view.Options{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, found, err := b.view.Verify(t.Context()); err == nil && len(found) > 0 {
			t.Errorf("the view differs from the log: %v", found)
		}
		b.view.Close()
	})
	b.desk, err = desk.New(st, desk.Options{Key: []byte("a key for tests only, 32 bytes ..."), Rules: rules(t), Now: b.clock, Heads: b.view})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *bench) clock() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.now
}

func (b *bench) advance(d time.Duration) {
	b.t.Helper()
	b.mu.Lock()
	b.now = b.now.Add(d)
	b.mu.Unlock()
	b.catchUp()
	if err := b.desk.Tick(b.t.Context(), settled{b.view}); err != nil {
		b.t.Fatal(err)
	}
}

// settled waits for a view that nobody else follows.
type settled struct{ *view.View }

func (s settled) Wait(ctx context.Context, _ store.Seq) error { return s.CatchUp(ctx) }

func (b *bench) catchUp() {
	b.t.Helper()
	if err := b.view.CatchUp(context.Background()); err != nil {
		b.t.Fatal(err)
	}
}

// judge flags what holds the word "broken", and knows a topic.
func judge(_ context.Context, ms []*care.Mention) error {
	for _, m := range ms {
		m.Verdict = care.Verdict{Complaint: strings.Contains(m.Post.Text, "broken"), Probability: 0.9, Model: "test"}
		if strings.Contains(m.Post.Text, "bill") {
			m.Verdict.Labels.Topic = "billing"
		}
	}
	return nil
}

// post is a public post by an author.
func post(author, id, text string, at time.Time) care.Post {
	return care.Post{
		Network: "file", Remote: care.Remote(id), Kind: care.PostPublic, Text: text, PostedAt: at,
		Author: care.Author{ID: author, Handle: author, Name: author},
	}
}

func reply(p care.Post, to, thread string) care.Post {
	p.InReplyTo, p.Thread = care.Remote(to), care.Remote(thread)
	return p
}

func (b *bench) receive(items ...desk.Arrival) desk.Receipt {
	b.t.Helper()
	r, err := b.desk.Receive(b.t.Context(), desk.Arrivals{Source: "test", Items: items, Read: len(items), Judge: judge})
	if err != nil {
		b.t.Fatal(err)
	}
	return r
}

func (b *bench) seen(ps ...care.Post) desk.Receipt {
	b.t.Helper()
	var items []desk.Arrival
	for _, p := range ps {
		items = append(items, desk.Arrival{What: desk.WasSeen, Post: p, Own: p.Author.ID == "us"})
	}
	return b.receive(items...)
}

// cases returns all cases, oldest first.
func (b *bench) cases() []*care.Case {
	b.t.Helper()
	b.catchUp()
	p, err := b.view.Cases(b.t.Context(), view.Query{List: view.Every, Limit: 200})
	if err != nil {
		b.t.Fatal(err)
	}
	var cs []*care.Case
	for _, r := range slices.Backward(p.Rows) {
		page, err := b.view.Case(b.t.Context(), r.ID)
		if err != nil {
			b.t.Fatal(err)
		}
		cs = append(cs, page.Case)
	}
	return cs
}

func (b *bench) only() *care.Case {
	b.t.Helper()
	cs := b.cases()
	if len(cs) != 1 {
		b.t.Fatalf("%d cases, want 1", len(cs))
	}
	return cs[0]
}

func (b *bench) do(by care.AgentID, id care.CaseID, decide func(now time.Time, c *care.Case) ([]care.Event, error), texts ...care.KeptText) error {
	_, err := b.desk.One(b.t.Context(), care.ByAgent(by), "", id, decide, texts...)
	return err
}

func (b *bench) claim(by care.AgentID, id care.CaseID) error {
	return b.do(by, id, func(_ time.Time, c *care.Case) ([]care.Event, error) { return c.Claim(by, "claim") })
}

func TestComplaintOpensACaseWithADeadline(t *testing.T) {
	b := newBench(t)
	r := b.seen(post("ana", "1", "my bill is broken", start), post("bo", "2", "lovely day", start))
	if r.New != 2 || r.Flagged != 1 || r.Opened != 1 {
		t.Fatalf("receipt %+v", r.SourceRead)
	}
	c := b.only()
	if c.State != care.StateWaiting || c.Queue != "billing" || c.Policy != "standard" {
		t.Errorf("case is %s in %q under %q", c.State, c.Queue, c.Policy)
	}
	if due := c.Target(care.FirstResponse).DueAt; !due.Equal(start.Add(30 * time.Minute)) {
		t.Errorf("due %v", due)
	}
	b.advance(31 * time.Minute)
	if tg := b.only().Target(care.FirstResponse); tg.State != care.TargetIsBroken || !tg.BreachedAt.Equal(start.Add(30*time.Minute)) {
		t.Errorf("target %+v", tg)
	}
}

func TestSamePageTwiceChangesNothing(t *testing.T) {
	b := newBench(t)
	p := []care.Post{post("ana", "1", "broken", start), post("ana", "2", "hello?", start.Add(time.Second))}
	b.now = start.Add(time.Minute)
	b.seen(p...)
	last, _ := store.Last(t.Context(), b.st)
	r := b.seen(p...)
	if r.New != 0 || r.Known != 2 {
		t.Errorf("receipt %+v", r.SourceRead)
	}
	if now, _ := store.Last(t.Context(), b.st); now != last {
		t.Errorf("log grew from %d to %d", last, now)
	}
	if c := b.only(); len(c.Mentions) != 2 {
		t.Errorf("%d mentions", len(c.Mentions))
	}
}

// What becomes of a thread must not depend on the order in which its posts
// are read.
func TestThreadInAnyOrder(t *testing.T) {
	posts := []care.Post{
		post("ana", "1", "it is broken", start),
		reply(post("us", "2", "sorry, @ana, we look", start.Add(time.Minute)), "1", "1"),
		reply(post("ana", "3", "thank you", start.Add(2*time.Minute)), "2", "1"),
		reply(post("bo", "4", "mine is broken too", start.Add(3*time.Minute)), "1", "1"),
	}
	perm(len(posts), func(order []int) {
		b := newBench(t)
		b.now = start.Add(5 * time.Minute)
		for _, i := range order {
			b.seen(posts[i])
		}
		cs := b.cases()
		if len(cs) != 2 {
			t.Fatalf("%v: %d cases, want one for each author", order, len(cs))
		}
		slices.SortFunc(cs, func(x, y *care.Case) int { return len(y.Mentions) - len(x.Mentions) })
		ana := cs[0]
		if len(ana.Mentions) != 2 || len(ana.Replies) != 1 || !ana.FirstReplyAt.Equal(start.Add(time.Minute)) {
			t.Errorf("%v: ana's case has %d mentions, %d replies, first at %v", order, len(ana.Mentions), len(ana.Replies), ana.FirstReplyAt)
		}
		if tg := ana.Target(care.FirstResponse); tg.State != care.TargetIsMet || !tg.DoneAt.Equal(start.Add(time.Minute)) {
			t.Errorf("%v: first response %+v", order, tg)
		}
		if len(cs[1].Mentions) != 1 || len(cs[1].Replies) != 0 {
			t.Errorf("%v: bo's case has %d mentions, %d replies", order, len(cs[1].Mentions), len(cs[1].Replies))
		}
	})
}

// perm calls do with every order of n things.
func perm(n int, do func([]int)) {
	var walk func(done, rest []int)
	walk = func(done, rest []int) {
		if len(rest) == 0 {
			do(done)
		}
		for i := range rest {
			others := append(slices.Clone(rest[:i]), rest[i+1:]...)
			walk(append(slices.Clone(done), rest[i]), others)
		}
	}
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	walk(nil, all)
}

func TestTakeNextGivesEachCaseOnce(t *testing.T) {
	b := newBench(t)
	const cases, agents = 200, 20
	var posts []care.Post
	for i := range cases {
		posts = append(posts, post(fmt.Sprint("author", i), fmt.Sprint(i), "broken", start.Add(-time.Duration(i)*time.Second)))
	}
	b.seen(posts...)
	b.catchUp()
	ctx, stop := context.WithCancel(t.Context())
	var follow, wg sync.WaitGroup
	follow.Go(func() { _ = b.view.Run(ctx) })
	taken := make([][]care.CaseID, agents)
	for a := range agents {
		wg.Go(func() {
			for {
				id, _, err := b.desk.Next(t.Context(), care.AgentID(fmt.Sprint("agent", a)), "", "care")
				if errors.Is(err, desk.ErrNobodyWaits) {
					return
				}
				if err != nil {
					t.Error(err)
					return
				}
				taken[a] = append(taken[a], id)
			}
		})
	}
	wg.Wait()
	stop()
	follow.Wait()
	seen := map[care.CaseID]bool{}
	for _, ids := range taken {
		for _, id := range ids {
			if seen[id] {
				t.Errorf("%s was given twice", id)
			}
			seen[id] = true
		}
	}
	if len(seen) != cases {
		t.Errorf("%d cases were given, want %d", len(seen), cases)
	}
}

func TestOpIsDoneOnce(t *testing.T) {
	b := newBench(t)
	b.seen(post("ana", "1", "broken", start))
	id := b.only().ID
	claim := func(_ time.Time, c *care.Case) ([]care.Event, error) { return c.Claim("ada", "claim") }
	first, err := b.desk.One(t.Context(), care.ByAgent("ada"), "op-1", id, claim)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.do("ada", id, func(_ time.Time, c *care.Case) ([]care.Event, error) { return c.Release("ada") }); err != nil {
		t.Fatal(err)
	}
	again, err := b.desk.One(t.Context(), care.ByAgent("ada"), "op-1", id, claim)
	if err != nil || again != first {
		t.Errorf("repeated: %d, %v; want %d", again, err, first)
	}
	if c := b.only(); c.State != care.StateWaiting {
		t.Errorf("the repeated op claimed again: %s", c.State)
	}
}

func TestSweepRemovesWhatIsPastItsTerm(t *testing.T) {
	b := newBench(t)
	b.seen(post("ana", "1", "broken", start), post("bo", "2", "lovely", start))
	c := b.only()
	if err := b.do("ada", c.ID, func(_ time.Time, c *care.Case) ([]care.Event, error) { return c.Resolve("ada", "solved") }); err != nil {
		t.Fatal(err)
	}
	s := b.desk.Sweeper(desk.Terms{Mentions: 90 * 24 * time.Hour, Cases: 2 * 365 * 24 * time.Hour})
	for _, step := range []struct {
		after time.Duration
		want  int // documents left of the two mentions and their seen keys
	}{
		{89 * 24 * time.Hour, 4},
		{2 * 24 * time.Hour, 3},   // bo's mention went
		{320 * 24 * time.Hour, 1}, // both seen keys went: nobody reads back that far
		{330 * 24 * time.Hour, 0}, // the case has rested for two years
	} {
		b.mu.Lock()
		b.now = b.now.Add(step.after)
		b.mu.Unlock()
		if _, err := s.Step(t.Context()); err != nil {
			t.Fatal(err)
		}
		left := 0
		for _, prefix := range []string{"mention/", "seen/"} {
			for _, err := range b.st.List(t.Context(), prefix, "") {
				if err != nil {
					t.Fatal(err)
				}
				left++
			}
		}
		if left != step.want {
			t.Errorf("after %v: %d documents left, want %d", b.now.Sub(start), left, step.want)
		}
	}
	if len(b.cases()) != 1 {
		t.Error("the case is gone")
	}
}

func TestOneOfManyWinsACase(t *testing.T) {
	b := newBench(t)
	b.seen(post("ana", "1", "broken", start))
	id := b.only().ID
	const agents = 30
	errs := make([]error, agents)
	var wg sync.WaitGroup
	for a := range agents {
		wg.Go(func() { errs[a] = b.claim(care.AgentID(fmt.Sprint("agent", a)), id) })
	}
	wg.Wait()
	winner := b.only().Assignee
	for a, err := range errs {
		var told *care.Error
		switch {
		case fmt.Sprint("agent", a) == string(winner):
			if err != nil {
				t.Errorf("%s has the case and was told %v", winner, err)
			}
		case !errors.As(err, &told) || !strings.Contains(told.Error(), string(winner)):
			t.Errorf("agent%d was told %v, not who has it", a, err)
		}
	}
}

// A network that tells no time of an edit tells that the version is another.
func TestEditWithoutATime(t *testing.T) {
	b := newBench(t)
	p := post("ana", "1", "it is broken", start)
	p.Revision = "v1"
	b.seen(p)
	p.Text, p.Revision = "it is broken, and nobody answers", "v2"
	if r := b.seen(p); r.Edited != 1 {
		t.Errorf("receipt %+v", r.SourceRead)
	}
	if c := b.only(); !c.Mentions[0].Edited {
		t.Error("the case was not told of the edit")
	}
}
