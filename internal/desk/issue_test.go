package desk_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/desk"
	"github.com/amends-care/amends/internal/store"
)

// shaky is a store whose commits fail by chance: before anything is written,
// after all is written, or because somebody else was there first.
type shaky struct {
	store.Store
	mu     sync.Mutex
	random *rand.Rand
	first  func() // what somebody else does
}

var errShaken = errors.New("shaken")

func (s *shaky) Commit(ctx context.Context, b store.Batch) (store.Seq, error) {
	s.mu.Lock()
	n := s.random.IntN(10)
	s.mu.Unlock()
	switch n {
	case 0:
		return 0, errShaken
	case 1, 2:
		_, err := s.Store.Commit(ctx, b)
		return 0, errors.Join(errShaken, err)
	case 3, 4:
		s.first()
	}
	return s.Store.Commit(ctx, b)
}

// affected has n customers complain, and opens an issue with all their cases.
func (b *bench) affected(n int) (care.IssueID, []*care.Case) {
	b.t.Helper()
	var items []desk.Arrival
	for i := range n {
		items = append(items, labelled(on("bluesky", fmt.Sprint("author", i), fmt.Sprint("p", i), "broken")))
	}
	b.receive(items...)
	id, cs := care.IssueID(care.TimeID(b.clock(), 1, [5]byte{1})), b.cases()
	b.issue(id, func(i *care.Issue, _ []*care.Case) (care.Change, error) {
		return care.Change{Issues: []care.IssueEvents{{Issue: id, Events: care.OpenIssue(care.IssueOpened{Topic: "outage"})}},
			Words: []care.KeptWord{{Issue: id, N: 1, Text: care.Text{Body: "No internet in Leeds"}}}}, nil
	})
	for _, c := range cs {
		b.issue(id, func(i *care.Issue, cs []*care.Case) (care.Change, error) {
			es, err := i.Link(cs[0], "hand", 0, "")
			return care.Change{Issues: []care.IssueEvents{{Issue: id, Events: es}}}, err
		}, c.ID)
	}
	return id, cs
}

func (b *bench) issue(id care.IssueID, decide func(i *care.Issue, cs []*care.Case) (care.Change, error), cases ...care.CaseID) {
	b.t.Helper()
	_, err := b.desk.Issue(b.t.Context(), "agent/ada", "", id, cases, func(_ time.Time, i *care.Issue, cs []*care.Case) (care.Change, error) { return decide(i, cs) })
	if err != nil {
		b.t.Fatal(err)
	}
}

// tell prepares a round for all cases and approves it.
func (b *bench) tell(id care.IssueID, cs []*care.Case, perMinute int) {
	b.t.Helper()
	b.issue(id, func(i *care.Issue, _ []*care.Case) (care.Change, error) {
		var ls []care.Letter
		for _, c := range cs {
			ls = append(ls, care.Letter{Case: c.ID, Person: c.Author, Body: "for " + string(c.ID)})
		}
		es, words, err := i.Prepare(0, false, care.ThenKeep, "", ls)
		return care.Change{Issues: []care.IssueEvents{{Issue: id, Events: es}}, Words: words}, err
	})
	b.issue(id, func(i *care.Issue, _ []*care.Case) (care.Change, error) {
		es, err := i.Approve(len(i.Steps), nil, len(i.Steps[len(i.Steps)-1].Drafts), perMinute)
		return care.Change{Issues: []care.IssueEvents{{Issue: id, Events: es}}}, err
	})
	b.catchUp()
}

func (b *bench) known(id care.IssueID) *care.Issue {
	b.t.Helper()
	p, err := b.view.Issue(b.t.Context(), id)
	if err != nil {
		b.t.Fatal(err)
	}
	return p.Issue
}

// Whatever crashes and whoever sends at the same time: each customer is written
// to once in a round, with the own text.
func TestNobodyIsWrittenToTwice(t *testing.T) {
	const n, rounds = 12, 2
	for seed := range uint64(25) {
		b := newBench(t)
		id, cs := b.affected(n)
		s := &shaky{Store: b.st, random: rand.New(rand.NewPCG(seed, 5))}
		other, err := desk.New(b.st, desk.Options{Key: []byte("a key for tests only, 32 bytes ..."), Rules: rules(t), Now: b.clock})
		if err != nil {
			t.Fatal(err)
		}
		s.first = func() {
			if _, err := other.SendOne(t.Context(), id); err != nil {
				t.Error(err)
			}
		}
		for range rounds {
			b.tell(id, cs, 60)
			for range 600 {
				d, err := desk.New(s, desk.Options{Key: []byte("a key for tests only, 32 bytes ..."), Rules: rules(t), Now: b.clock}) // what was in memory is gone
				if err != nil {
					t.Fatal(err)
				}
				if _, err := d.SendOne(t.Context(), id); err != nil && !errors.Is(err, errShaken) {
					t.Fatal(err)
				}
				b.mu.Lock()
				b.now = b.now.Add(time.Second)
				b.mu.Unlock()
				if len(b.known(id).Waiting()) == 0 {
					break
				}
			}
			for _, c := range b.cases() { // so that the next round finds nothing under way
				for _, r := range c.Replies {
					_ = b.do("ada", c.ID, func(now time.Time, c *care.Case) ([]care.Event, error) {
						es := c.AttemptReply(r.N, now.Add(time.Minute), now.Add(2*time.Minute))
						return es, nil
					})
					_ = b.do("ada", c.ID, func(now time.Time, c *care.Case) ([]care.Event, error) {
						return c.ReplyWasSent(r.N, now, time.Time{}, false), nil
					})
				}
			}
		}
		for _, c := range b.cases() {
			keys := map[string]bool{}
			for _, r := range c.Replies {
				if keys[r.Key] || r.State != care.ReplyIsSent || r.By != "agent/ada" {
					t.Fatalf("seed %d: replies %+v", seed, c.Replies)
				}
				keys[r.Key] = true
				docs, _ := b.st.Get(t.Context(), fmt.Sprintf("text/%s/%d", c.ID, r.N))
				if text, err := care.DecodeText(docs[0].Data); err != nil || text.Body != "for "+string(c.ID) {
					t.Fatalf("seed %d: %q to %s: %v", seed, text.Body, c.ID, err)
				}
			}
			if len(keys) != rounds {
				t.Fatalf("seed %d: %s was written to %d times in %d rounds", seed, c.ID, len(keys), rounds)
			}
		}
	}
}

func TestSendingIsPaced(t *testing.T) {
	b := newBench(t)
	id, cs := b.affected(5)
	b.tell(id, cs, 6)
	wrote := func() (n int) {
		for _, d := range b.known(id).Steps[0].Drafts {
			if d.State == care.DraftWrote {
				n++
			}
		}
		return n
	}
	var got []string
	for range 7 {
		b.catchUp()
		if err := b.desk.SendDue(t.Context(), b.view); err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprint(wrote()))
		b.mu.Lock()
		b.now = b.now.Add(8 * time.Second)
		b.mu.Unlock()
	}
	if s := strings.Join(got, " "); s != "1 1 2 2 3 3 4" {
		t.Errorf("at six a minute, every 8 s: %s", s)
	}
}

func TestOptOutIsSkippedAndDelaysNobody(t *testing.T) {
	b := newBench(t)
	id, cs := b.affected(2)
	b.tell(id, cs, 60)
	b.people([]care.AuthorRef{ref(cs[0])}, func(ps []*care.Person) (care.Change, error) {
		es, err := ps[0].AskSilence("told", "")
		return care.Change{Contacts: es}, err
	})
	if err := b.desk.SendDue(t.Context(), b.view); err != nil {
		t.Fatal(err)
	}
	i := b.known(id)
	if a, c := i.Draft(1, cs[0].ID), i.Draft(1, cs[1].ID); a.State != care.DraftSkipped || a.Why != "opted_out" || c.State != care.DraftWrote {
		t.Errorf("%+v\n%+v", a, c)
	}
}

func TestArrivalsLinkThemselvesWhileItIsOpen(t *testing.T) {
	b := newBench(t)
	id, _ := b.affected(1)
	b.receive(labelled(on("bluesky", "late", "l1", "broken")))
	late := b.cases()[1]
	for range 2 {
		if _, err := b.desk.LinkAlike(t.Context(), id, late.ID, late.Mentions[0].Mention, 0.8); err != nil {
			t.Fatal(err)
		}
	}
	i := b.known(id)
	if len(i.Cases) != 2 || i.Cases[1].By != care.ByWatch || i.Cases[1].Score != 0.8 {
		t.Fatalf("cases %+v", i.Cases)
	}
	b.catchUp()
	if rows, err := b.view.IssuesOf(late.ID); err != nil || len(rows) != 1 || rows[0].ID != id {
		t.Errorf("issues of the case: %+v, %v", rows, err)
	}
	b.issue(id, func(i *care.Issue, _ []*care.Case) (care.Change, error) {
		es, err := i.Close("no_issue")
		return care.Change{Issues: []care.IssueEvents{{Issue: id, Events: es}}}, err
	})
	b.receive(labelled(on("bluesky", "later", "l2", "broken")))
	if _, err := b.desk.LinkAlike(t.Context(), id, b.cases()[2].ID, "", 0.8); err != nil || len(b.known(id).Cases) != 2 {
		t.Errorf("a closed issue: %v", err)
	}
}

func TestWhatSpreadsIsRaised(t *testing.T) {
	b := newBench(t)
	r := rules(t)
	r.Viral = care.ViralLimit{Reach: 10_000, Shares: 50, PerHour: 20}
	b.desk.Use(r)
	famous, known, quiet := on("bluesky", "famous", "1", "broken"), on("bluesky", "ana", "2", "broken"), on("bluesky", "bo", "3", "broken")
	famous.Author.Followers = 10_000
	b.receive(labelled(famous), labelled(known), labelled(quiet))
	known.Shares = 50
	for range 2 {
		b.receive(labelled(known))
	}
	b.catchUp()
	cs := b.cases()
	if _, err := b.desk.Raise(t.Context(), []care.CaseID{cs[2].ID}, care.Spread{PerHour: 19}); err != nil {
		t.Fatal(err)
	}
	cs = b.cases()
	if cs[0].Lane != care.Critical || cs[1].Lane != care.Critical || cs[2].Lane == care.Critical || len(cs[1].Raised) != 1 {
		t.Errorf("lanes %s, %s (%v), %s", cs[0].Lane, cs[1].Lane, cs[1].Raised, cs[2].Lane)
	}
	if m, _ := b.kept("2"); m.Post.Shares != 50 {
		t.Errorf("shares %d", m.Post.Shares)
	}
}

// What was drafted for somebody goes with them, and with the term of their case.
func TestDraftsGoWithTheirCustomer(t *testing.T) {
	b := newBench(t)
	id, cs := b.affected(2)
	b.tell(id, cs, 60)
	b.issue(id, func(i *care.Issue, _ []*care.Case) (care.Change, error) {
		es, err := i.Redraft(1, cs[0].ID, i.NextText())
		return care.Change{Issues: []care.IssueEvents{{Issue: id, Events: es}}, Words: []care.KeptWord{{Issue: id, N: i.NextText(), Text: care.Text{Body: "Hi again"}}}}, err
	})
	before := figures(t, b)
	if n := len(b.keys("issue/")); n != 4 {
		t.Fatalf("%d texts, want the title, two drafts and another", n)
	}
	if _, err := b.desk.Erase(t.Context(), "cli/test", "bluesky", "author0", nil); err != nil {
		t.Fatal(err)
	}
	if keys := b.keys("issue/"); len(keys) != 2 || figures(t, b) != before {
		t.Errorf("left: %q", keys)
	}
	if err := b.desk.SendDue(t.Context(), b.view); err != nil {
		t.Fatal(err)
	}
	if err := b.do("ada", cs[1].ID, func(_ time.Time, c *care.Case) ([]care.Event, error) { return c.UndoReply("ada", 1) }); err != nil {
		t.Fatal(err)
	}
	if err := b.do("ada", cs[1].ID, func(_ time.Time, c *care.Case) ([]care.Event, error) { return c.Resolve("ada", "solved") }); err != nil {
		t.Fatal(err)
	}
	b.mu.Lock()
	b.now = b.now.Add(40 * 24 * time.Hour)
	b.mu.Unlock()
	if _, err := b.desk.Sweeper(desk.Terms{Mentions: time.Hour, Cases: 30 * 24 * time.Hour}).Step(t.Context()); err != nil {
		t.Fatal(err)
	}
	if keys := b.keys("issue/"); len(keys) != 1 {
		t.Errorf("past the term: %q", keys)
	}
}
