package desk_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
)

// TestGiveOut: in the queue's order, within everybody's capacity, with a reason
// in the story; whoever can't be given to anybody says why, once.
func TestGiveOut(t *testing.T) {
	b := newBench(t)
	for n := range 7 {
		b.seen(post(fmt.Sprint("customer", n), fmt.Sprint(n), "it is broken", start.Add(time.Duration(n-60)*time.Second)))
	}
	b.catchUp()
	team := func() []care.Colleague {
		c, err := b.view.Counts()
		if err != nil {
			t.Fatal(err)
		}
		return []care.Colleague{{ID: "ada", Capacity: 2, Load: c.Mine["ada"]}, {ID: "bob", Capacity: 3, Load: c.Mine["bob"]}}
	}
	for range 3 {
		if _, err := b.desk.GiveOut(t.Context(), "care", care.LeastLoaded, team()); err != nil {
			t.Fatal(err)
		}
		b.catchUp()
	}
	got := map[care.AgentID]int{}
	waits, why := 0, map[string]int{}
	for _, c := range b.cases() {
		if got[c.Assignee]++; c.Assignee == "" {
			waits++
		} else if c.Given == "" || !strings.HasPrefix(c.Given, "rule: has the fewest cases") {
			t.Errorf("given for %q", c.Given)
		}
		why[c.Unmatched]++
	}
	if got["ada"] != 2 || got["bob"] != 3 || waits != 2 || why["everybody who could has as many cases as they can"] != 2 {
		t.Errorf("given %v, %d wait, unmatched %v", got, waits, why)
	}
	if n, err := b.desk.GiveOut(t.Context(), "care", care.ByTaking, team()); n != 0 || err != nil {
		t.Errorf("gave %d in a queue of takers, %v", n, err)
	}
}

// A customer who comes back goes on with whoever answered them, if they can.
func TestGiveOutKnowsTheCustomer(t *testing.T) {
	b := newBench(t)
	b.seen(post("ana", "1", "it is broken", start))
	first := b.only().ID
	if err := b.claim("cy", first); err != nil {
		t.Fatal(err)
	}
	own := reply(post("us", "2", "we are sorry", start.Add(time.Second)), "1", "1")
	b.seen(own)
	if err := b.do("cy", first, func(_ time.Time, c *care.Case) ([]care.Event, error) {
		events, err := c.RequestReply("cy", care.ReplyRequested{To: c.Mentions[0].Mention, Key: "k", Reply: c.NextText(), Then: care.ThenKeep})
		return append(events, care.ReplyAttempted{Reply: 1, Try: 1}, care.ReplySent{Reply: 1, VisibleAt: start.Add(time.Minute)}), err
	}, care.KeptText{Case: first, N: 1, Text: care.Text{Body: "sorry"}}); err != nil {
		t.Fatal(err)
	}
	if err := b.do("cy", first, func(_ time.Time, c *care.Case) ([]care.Event, error) { return c.Dismiss("cy", care.NotAComplaint) }); err != nil {
		t.Fatal(err)
	}
	b.advance(time.Hour)
	b.seen(post("ana", "3", "broken again", start.Add(time.Hour)))
	b.catchUp()
	if _, err := b.desk.GiveOut(t.Context(), "care", care.RoundRobin, []care.Colleague{{ID: "ada"}, {ID: "cy", Load: 9}}); err != nil {
		t.Fatal(err)
	}
	cases := b.cases()
	if c := cases[len(cases)-1]; len(cases) != 2 || c.Assignee != "cy" || c.Given != "rule: answered this customer before" {
		t.Errorf("%d cases; given to %q: %s", len(cases), c.Assignee, c.Given)
	}
}
