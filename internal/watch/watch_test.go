package watch_test

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/desk"
	"github.com/amends-care/amends/internal/route"
	"github.com/amends-care/amends/internal/sla"
	"github.com/amends-care/amends/internal/store/boltstore"
	"github.com/amends-care/amends/internal/view"
	"github.com/amends-care/amends/internal/watch"
)

// A tower is a watch over a real store, desk and view.
type tower struct {
	t    *testing.T
	now  time.Time
	n    int
	desk *desk.Desk
	view *view.View
	o    watch.Options
}

func newTower(t *testing.T) *tower {
	t.Helper()
	w := &tower{t: t, now: monday}
	dir := t.TempDir()
	st, err := boltstore.Open(filepath.Join(dir, "log.db"), boltstore.Options{Unsynced: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	if w.view, err = view.Open(filepath.Join(dir, "view.db"), st, view.Options{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.view.Close() })
	tree, err := route.New(route.Routing{Tree: route.Node{Queue: "care", Policy: "standard"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	rules := desk.NewRules(tree, map[string]sla.Policy{"standard": {Name: "standard", FirstResponse: time.Hour}}, nil)
	rules.ReopenWindow, rules.LateAfter, rules.Viral = 24*time.Hour, 24*time.Hour, care.ViralLimit{PerHour: 10}
	clock := func() time.Time { return w.now }
	if w.desk, err = desk.New(st, desk.Options{Key: make([]byte, 32), Rules: rules, Now: clock}); err != nil {
		t.Fatal(err)
	}
	w.o = watch.Options{
		Store: st, Desk: w.desk, Counts: w.view, Now: clock, Open: w.open, InThread: w.inThread,
		PerHour: func() int { return 10 },
	}
	return w
}

func (w *tower) open(ctx context.Context) (out []*care.Issue, err error) {
	rows, err := w.view.IssueRows()
	for _, r := range rows {
		if r.State == care.IssueOpen {
			p, err := w.view.Issue(ctx, r.ID)
			if err != nil {
				return nil, err
			}
			out = append(out, p.Issue)
		}
	}
	return out, err
}

func (w *tower) inThread(ctx context.Context, key care.ThreadKey) (ids []care.CaseID, err error) {
	p, err := w.view.Cases(ctx, view.Query{List: view.InThread, Thread: key})
	for _, r := range p.Rows {
		ids = append(ids, r.ID)
	}
	return ids, err
}

// says has somebody new post; to is the post it answers, if any.
func (w *tower) says(text string, complaint bool, to care.Remote) care.Remote {
	w.t.Helper()
	w.n++
	p := care.Post{Network: "bluesky", Remote: care.Remote(fmt.Sprint("p", w.n)), Kind: care.PostPublic, Text: text, PostedAt: w.now, InReplyTo: to, Thread: to,
		Author: care.Author{ID: fmt.Sprint("author", w.n), Handle: fmt.Sprint("h", w.n)}}
	v := &care.Verdict{Complaint: complaint, Labels: care.Labels{Language: "en", Topic: "outage"}}
	if _, err := w.desk.Receive(w.t.Context(), desk.Arrivals{Source: "s", Brand: "acme", Items: []desk.Arrival{{What: desk.WasSeen, Post: p, Verdict: v}}, Read: 1}); err != nil {
		w.t.Fatal(err)
	}
	w.now = w.now.Add(time.Minute)
	return p.Remote
}

func (w *tower) look(x *watch.Watch) care.Watching {
	w.t.Helper()
	for range 2 { // once to see, once to see what came of it
		if err := w.view.CatchUp(w.t.Context()); err != nil {
			w.t.Fatal(err)
		}
		if err := x.Look(w.t.Context()); err != nil {
			w.t.Fatal(err)
		}
	}
	if err := w.view.CatchUp(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	return x.Watching()
}

// From the first complaint to an issue that gathers what comes after, also when
// the watch begins anew in between, and without those that somebody took out.
func TestFromAGroupToAnIssueThatGathers(t *testing.T) {
	w := newTower(t)
	x := watch.New(w.o)
	others := []string{"my bill is wrong", "parcel never came", "the shop was rude to me", "where is my refund", "app logs me out all day", "engineer missed the visit",
		"contract cancelled by mistake", "price went up again", "sim does not arrive", "password mail is lost", "landline crackles", "invoice twice this month"}
	turn := 0
	other := func() {
		w.says(others[turn%len(others)], true, "")
		turn++
	}
	for w.now = monday.AddDate(0, 0, -10); w.now.Before(monday); w.now = w.now.Add(59 * time.Minute) {
		other()
	}
	for i := range 12 {
		other()
		w.says(fmt.Sprintf("no internet in Leeds, %c street, router blinks red", 'a'+i), true, "")
	}
	got := w.look(x)
	if len(got.Groups) != 1 || len(got.Groups[0].Cases) < 10 {
		t.Fatalf("groups %+v", got.Groups)
	}
	g := got.Groups[0]
	id := care.IssueID(care.TimeID(w.now, 1, [5]byte{}))
	_, err := w.desk.Issue(t.Context(), "agent/ada", "", id, g.Cases, func(now time.Time, _ *care.Issue, cs []*care.Case) (care.Change, error) {
		i := &care.Issue{ID: id}
		events := care.OpenIssue(care.IssueOpened{Group: g.ID})
		i.Apply(1, care.Record{At: now, Events: events})
		for _, c := range cs {
			es, err := i.Link(c, "group", 0, "")
			if err != nil {
				return care.Change{}, err
			}
			events = append(events, es...)
		}
		return care.Change{Issues: []care.IssueEvents{{Issue: id, Events: events}}}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := w.look(x); len(got.Groups) != 0 {
		t.Errorf("proposed again: %+v", got.Groups)
	}
	other()
	w.says("still no internet in leeds and the router blinks", true, "")
	w.look(x)
	x = watch.New(w.o) // a restart
	w.says("Leeds: router red, no internet at all", true, "")
	w.look(x)
	issue := func() *care.Issue {
		p, err := w.view.Issue(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		return p.Issue
	}
	i := issue()
	if n := len(i.Cases) - len(g.Cases); n != 2 || i.Cases[len(i.Cases)-1].By != care.ByWatch {
		t.Fatalf("%d linked themselves: %+v", n, i.Cases)
	}
	last := i.Cases[len(i.Cases)-1].Case
	_, err = w.desk.Issue(t.Context(), "agent/ada", "", id, nil, func(_ time.Time, i *care.Issue, _ []*care.Case) (care.Change, error) {
		es, err := i.Unlink(last)
		return care.Change{Issues: []care.IssueEvents{{Issue: id, Events: es}}}, err
	})
	if err != nil {
		t.Fatal(err)
	}
	w.look(watch.New(w.o))
	if issue().Case(last) != nil {
		t.Error("what was taken out came back")
	}
	if _, found, err := w.view.Verify(t.Context()); err != nil || len(found) > 0 {
		t.Errorf("the view differs from a rebuild: %v, %v", found, err)
	}
}

func TestABusyThreadRaisesItsCases(t *testing.T) {
	w := newTower(t)
	x := watch.New(w.o)
	first := w.says("my router is broken", true, "")
	calm := w.says("my bill is wrong", true, "")
	for range 9 {
		w.says("same here lol", false, first)
	}
	w.says("hm", false, calm)
	w.look(x)
	p, err := w.view.Cases(t.Context(), view.Query{List: view.Every})
	if err != nil || len(p.Rows) != 2 {
		t.Fatalf("%d cases, %v", len(p.Rows), err)
	}
	if p.Rows[1].Lane != care.Critical || p.Rows[0].Lane == care.Critical {
		t.Errorf("lanes %s, %s", p.Rows[1].Lane, p.Rows[0].Lane)
	}
}
