package desk_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/care/caretest"
	"github.com/amends-care/amends/internal/desk"
)

// An author with two cases, which two agents open at once on two nodes, and may
// give 10.00 in each, and 12.00 to one person.
func twice(t *testing.T) (b *bench, nodes []*desk.Desk, ids []care.CaseID) {
	b = newBench(t)
	b.seen(post("ana", "1", "it is broken", start.Add(-time.Hour)))
	first := b.only().ID
	if err := b.do("ada", first, func(_ time.Time, c *care.Case) ([]care.Event, error) { return c.Dismiss("ada", "spam") }); err != nil {
		t.Fatal(err)
	}
	b.seen(post("ana", "2", "and this is broken", start.Add(-time.Minute)))
	for _, c := range b.cases() {
		ids = append(ids, c.ID)
	}
	if len(ids) != 2 {
		t.Fatalf("%d cases", len(ids))
	}
	return b, []*desk.Desk{b.desk, b.node(rules(t))}, ids
}

// give gives 4.00 in one case, where the others that the hint knows are named.
func give(ctx context.Context, d *desk.Desk, by care.AgentID, ids ...care.CaseID) error {
	limit := care.Limit{Amount: 1000, Currency: "EUR", Customer: 1200, Within: 30 * 24 * time.Hour}
	_, err := d.Goodwill(ctx, care.ByAgent(by), "", ids, func(now time.Time, cs []*care.Case) (care.Change, error) {
		n := cs[0].NextText()
		events, err := cs[0].GiveGoodwill(by, care.GoodwillGiven{Goodwill: n, Amount: 400, Currency: "EUR", What: "voucher"}, limit, now, cs[1:]...)
		return care.One(ids[0], events, err, care.KeptText{Case: ids[0], N: n, Text: care.Text{Body: "sorry"}})
	})
	return err
}

// Whoever gives at the same instant, in whichever case: without asking nobody gets
// more than one person may, and what goes beyond is asked for and not lost.
func TestOnePersonsGoodwillAtOnce(t *testing.T) {
	for _, hinted := range []bool{true, false} { // of a case that the hint does not know yet
		b, nodes, ids := twice(t)
		var wg sync.WaitGroup
		for i := range 12 {
			wg.Go(func() {
				cases := []care.CaseID{ids[i%2]}
				if hinted {
					cases = append(cases, ids[1-i%2])
				}
				if err := give(t.Context(), nodes[i/2%2], "ada", cases...); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		given, asked := 0, 0
		for _, c := range b.cases() {
			here := 0
			for _, g := range c.Goodwill {
				switch g.State {
				case care.GoodwillIsGiven:
					here += g.Amount
				case care.GoodwillIsAsked:
					asked++
				}
			}
			if given += here; here > 1000 {
				t.Errorf("hinted %v: %d in case %s", hinted, here, c.ID)
			}
		}
		if given != 1200 || asked != 9 {
			t.Errorf("hinted %v: given %d of 1200, asked for %d times", hinted, given, asked)
		}
	}
}

// What is remembered of gifts goes with the person.
func TestGiftsAreForgottenWithThePerson(t *testing.T) {
	b, nodes, ids := twice(t)
	if err := give(t.Context(), nodes[0], "ada", ids...); err != nil {
		t.Fatal(err)
	}
	kept := func() (n int) {
		for doc, err := range b.st.List(t.Context(), "person/", "") {
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasSuffix(doc.Key, "/gifts") {
				n++
			}
		}
		return n
	}
	if kept() != 1 {
		t.Fatalf("%d documents of gifts", kept())
	}
	if _, err := b.desk.Erase(t.Context(), "admin", "file", "ana", nil); err != nil {
		t.Fatal(err)
	}
	if kept() != 0 {
		t.Error("they are still there")
	}
}

// accounts are two with a case each, and what links them.
func accounts(t *testing.T) (b *bench, cs []*care.Case, link func()) {
	b = newBench(t)
	b.seen(post("ana", "1", "it is broken", start.Add(-time.Hour)))
	b.seen(post("ana77", "2", "and this is broken", start.Add(-time.Minute)))
	cs = b.cases()
	return b, cs, func() {
		_, err := b.desk.People(t.Context(), "agent/lea", "", []care.AuthorRef{ref(cs[0]), ref(cs[1])}, func(_ time.Time, ps []*care.Person) (care.Change, error) {
			es, err := care.LinkPeople(ps[0], ps[1], []care.Evidence{{Kind: care.Seen, Weight: 0.7}})
			return care.Change{Contacts: es}, err
		})
		if err != nil {
			t.Error(err)
		}
	}
}

// Two accounts are found to be one person at the instant of a gift to either: of
// the gift and the link one is decided anew. Once they are one, nobody gives them
// more without asking than one person may get.
func TestGoodwillWhilePeopleAreLinked(t *testing.T) {
	for range 8 {
		b, cs, link := accounts(t)
		nodes := []*desk.Desk{b.desk, b.node(rules(t))}
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				if err := give(t.Context(), nodes[i%2], "ada", cs[i/2%2].ID); err != nil {
					t.Error(err)
				}
			})
			if i == 3 {
				wg.Go(link)
			}
		}
		wg.Wait()
		if given, linked, beyond := givenInOrder(t, b); !linked || beyond {
			t.Fatalf("given %d of 1200 once they were one", given)
		}
	}
}

// Told apart again, each of them is a person of their own, whose gifts count for
// nobody else.
func TestGoodwillOfPeopleToldApart(t *testing.T) {
	b, cs, link := accounts(t)
	link()
	for _, id := range []care.CaseID{cs[0].ID, cs[0].ID, cs[1].ID} {
		if err := give(t.Context(), b.desk, "ada", id); err != nil {
			t.Fatal(err)
		}
	}
	b.people([]care.AuthorRef{ref(cs[0])}, func(ps []*care.Person) (care.Change, error) {
		es, err := ps[0].Unlink(cs[1].Author)
		return care.Change{Contacts: es}, err
	})
	if err := give(t.Context(), b.desk, "ada", cs[1].ID); err != nil {
		t.Fatal(err)
	}
	if g := b.cases()[1].Goodwill; len(g) != 2 || g[1].State != care.GoodwillIsGiven {
		t.Errorf("what ana got counted for ana77: %+v", g)
	}
}

// givenInOrder sums what was given in the order of the log, and says whether any
// gift after the link went beyond what one person may get.
func givenInOrder(t *testing.T, b *bench) (sum int, linked, beyond bool) {
	t.Helper()
	b.catchUp()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	end := b.view.Position()
	for r := range caretest.Records(t, b.st.Tail(ctx, 0)) {
		for _, e := range r.Events {
			switch e := e.(type) {
			case care.ContactLinked:
				linked = true
			case care.GoodwillGiven:
				sum += e.Amount
				beyond = beyond || linked && sum > 1200
			}
		}
		if r.Seq >= uint64(end) {
			break
		}
	}
	return sum, linked, beyond
}
