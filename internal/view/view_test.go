package view_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/desk"
	"github.com/amends-care/amends/internal/route"
	"github.com/amends-care/amends/internal/sla"
	"github.com/amends-care/amends/internal/store"
	"github.com/amends-care/amends/internal/store/boltstore"
	"github.com/amends-care/amends/internal/view"
)

// A house is a view of a real store, with a desk that makes its history.
type house struct {
	t    testing.TB
	dir  string
	st   store.Store
	desk *desk.Desk
	now  time.Time
	n    int
}

func newHouse(t testing.TB) *house {
	t.Helper()
	h := &house{t: t, dir: t.TempDir(), now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
	st, err := boltstore.Open(filepath.Join(h.dir, "log.db"), boltstore.Options{Unsynced: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	h.st = st
	tree, err := route.New(route.Routing{Tree: route.Node{Queue: "care", Policy: "standard"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	rules := desk.NewRules(tree, map[string]sla.Policy{"standard": {Name: "standard", FirstResponse: time.Hour}}, nil)
	rules.ReopenWindow, rules.LateAfter = 24*time.Hour, 24*time.Hour
	h.desk, err = desk.New(st, desk.Options{Key: make([]byte, 32), Rules: rules, Now: func() time.Time { return h.now }})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func (h *house) open(o view.Options) *view.View {
	h.t.Helper()
	v, err := view.Open(filepath.Join(h.dir, "view.db"), h.st, o)
	if err != nil {
		h.t.Fatal(err)
	}
	return v
}

// mentions brings n posts by as many people, every third of them a complaint.
func (h *house) mentions(source string, n int) {
	h.t.Helper()
	var items []desk.Arrival
	for range n {
		h.n++
		items = append(items, desk.Arrival{What: desk.WasSeen, Verdict: &care.Verdict{Complaint: h.n%3 == 0}, Post: care.Post{
			Network: "file", Remote: care.Remote(fmt.Sprint(h.n)), Text: "words", PostedAt: h.now.Add(-time.Duration(h.n%50) * time.Minute),
			Author: care.Author{ID: fmt.Sprint("author", h.n), Handle: fmt.Sprint("author", h.n)},
		}})
	}
	if _, err := h.desk.Receive(h.t.Context(), desk.Arrivals{Source: source, Items: items, Read: n}); err != nil {
		h.t.Fatal(err)
	}
	h.now = h.now.Add(time.Minute)
}

func catchUp(t testing.TB, v *view.View) {
	t.Helper()
	if err := v.CatchUp(context.Background()); err != nil {
		t.Fatal(err)
	}
}

// every returns the whole of a list, page by page.
func every(t *testing.T, v *view.View, q view.Query) (ids []care.CaseID) {
	t.Helper()
	for {
		p, err := v.Cases(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range p.Rows {
			ids = append(ids, r.ID)
		}
		if q.After = p.Next; p.Next == "" {
			return ids
		}
	}
}

func TestPagesAreWholeAndInOrder(t *testing.T) {
	h := newHouse(t)
	for range 7 {
		h.mentions("a", 30)
	}
	v := h.open(view.Options{})
	defer v.Close()
	catchUp(t, v)
	whole := every(t, v, view.Query{Limit: 200})
	if len(whole) != 70 {
		t.Fatalf("%d cases, want 70", len(whole))
	}
	for _, limit := range []int{1, 7, 50} {
		if got := every(t, v, view.Query{Limit: limit}); !slices.Equal(got, whole) {
			t.Errorf("in pages of %d the list is another", limit)
		}
	}
	var last time.Time
	for _, id := range whole {
		r, err := v.Row(id)
		if err != nil {
			t.Fatal(err)
		}
		if r.DueAt.Before(last) {
			t.Errorf("%s is due before the one above it", id)
		}
		last = r.DueAt
	}
	if c, err := v.Counts(); err != nil || c.Needs != 70 || c.Waiting["care"] != 70 {
		t.Errorf("counts: %+v, %v", c, err)
	}
}

func TestAllMentionsMeetsEachOnce(t *testing.T) {
	h := newHouse(t)
	for i := range 9 {
		h.mentions([]string{"a", "b"}[i%2], 25)
	}
	v := h.open(view.Options{})
	defer v.Close()
	catchUp(t, v)
	seen := map[care.MentionID]bool{}
	var last care.MentionID
	for q := (view.MentionQuery{Limit: 40}); ; {
		ms, next, err := v.AllMentions(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range ms {
			if seen[m.ID] || last != "" && m.ID > last {
				t.Errorf("%s comes twice or out of order", m.ID)
			}
			seen[m.ID], last = true, m.ID
		}
		if q.Before = next; next == "" {
			break
		}
	}
	if len(seen) != 225 {
		t.Errorf("%d mentions met, want 225", len(seen))
	}
}

// Whatever happens to cases, a view that followed equals one that is rebuilt.
func TestRebuildEqualsLive(t *testing.T) {
	h := newHouse(t)
	v := h.open(view.Options{Cache: 8}) // so small that most cases are read again
	defer v.Close()
	random := rand.New(rand.NewPCG(1, 2))
	for range 120 {
		if random.IntN(4) == 0 {
			h.mentions("a", 6)
		}
		catchUp(t, v)
		ids := every(t, v, view.Query{List: view.Every})
		if len(ids) == 0 {
			continue
		}
		id := ids[random.IntN(len(ids))]
		by := care.AgentID([]string{"ada", "bob"}[random.IntN(2)])
		_, err := h.desk.One(t.Context(), care.ByAgent(by), "", id, func(now time.Time, c *care.Case) ([]care.Event, error) {
			var events []care.Event
			switch random.IntN(7) {
			case 0:
				events, _ = c.Claim(by, "claim")
			case 1:
				events, _ = c.Resolve(by, "solved")
			case 2:
				events, _ = c.Snooze(by, now, now.Add(time.Hour))
			case 3:
				events, _ = c.MakePromise(by, c.NextText(), now, now.Add(time.Hour), "call")
			case 4:
				events, _ = c.Dismiss(by, "spam")
			case 5:
				events, _ = c.Reopen()
			case 6:
				events, _ = c.Tag([]string{"x"}, nil)
			}
			return events, nil // what the rules refuse changes nothing
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	catchUp(t, v)
	if at, found, err := v.Verify(t.Context()); err != nil || len(found) > 0 || at == 0 {
		t.Errorf("at %d: %v, %v", at, found, err)
	}
}

func TestVerifyFindsWhatWasTamperedWith(t *testing.T) {
	for _, bucket := range []string{"case", "number", "list", "count", "page", "source"} {
		t.Run(bucket, func(t *testing.T) {
			h := newHouse(t)
			h.mentions("a", 12)
			v := h.open(view.Options{})
			catchUp(t, v)
			if err := v.Close(); err != nil {
				t.Fatal(err)
			}
			db, err := bolt.Open(filepath.Join(h.dir, "view.db"), 0o600, nil)
			if err != nil {
				t.Fatal(err)
			}
			err = db.Update(func(tx *bolt.Tx) error {
				return tx.Bucket([]byte(bucket)).Put([]byte("\xffextra"), []byte("x"))
			})
			if err != nil {
				t.Fatal(err)
			}
			db.Close()
			v = h.open(view.Options{})
			defer v.Close()
			_, found, err := v.Verify(t.Context())
			if err != nil || len(found) != 1 || found[0].Bucket != bucket || found[0].What != "extra" {
				t.Errorf("found %v, %v", found, err)
			}
		})
	}
}

func TestWaitEndsWithTheRecord(t *testing.T) {
	h := newHouse(t)
	var told int
	v := h.open(view.Options{Applied: func(a []view.Applied) { told += len(a) }})
	defer v.Close()
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- v.Run(ctx) }()
	h.mentions("a", 12)
	if err := v.WaitForAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	stop()
	<-done
	if told != 4 {
		t.Errorf("told of %d changes, want one for each of 4 cases", told)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := v.Wait(ended, v.Position()+1); err == nil {
		t.Error("waiting for what never comes ended well")
	}
}
