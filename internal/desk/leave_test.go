package desk_test

import (
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
)

// Whoever leaves has nothing any more: what they worked on is in its queue, with
// its deadlines, and what waits for a customer waits on and comes back to the team.
func TestWhoLeavesLetsGo(t *testing.T) {
	b, _ := limited(t, 3, nil)
	ids := b.cases()
	for _, c := range ids[:2] {
		if err := b.claim("ada", c.ID); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.claim("bob", ids[2].ID); err != nil {
		t.Fatal(err)
	}
	if err := b.do("ada", ids[1].ID, func(_ time.Time, c *care.Case) ([]care.Event, error) { return c.Await("ada") }); err != nil {
		t.Fatal(err)
	}
	b.catchUp()
	due := b.cases()[0].Target(care.FirstResponse).DueAt
	for _, want := range []int{2, 0} { // again changes nothing
		if n, _, err := b.desk.LetGo(t.Context(), "agent/root", "ada"); err != nil || n != want {
			t.Fatalf("%d cases, want %d: %v", n, want, err)
		}
		b.catchUp()
	}
	cs := b.cases()
	if c := cs[0]; c.State != care.StateWaiting || c.Assignee != "" || !c.Target(care.FirstResponse).DueAt.Equal(due) {
		t.Errorf("what she worked on is %s, with %q", c.State, c.Assignee)
	}
	if c := cs[1]; c.State != care.StateAwaiting || c.Assignee != "" {
		t.Errorf("what waits for the customer is %s, with %q", c.State, c.Assignee)
	}
	if b.has("ada") != 0 || b.has("bob") != 1 {
		t.Errorf("ada has %d, bob %d", b.has("ada"), b.has("bob"))
	}
	b.seen(post("customer1", "again", "here you are", b.clock()))
	if c := b.cases()[1]; c.State != care.StateWaiting {
		t.Errorf("the customer wrote, and it is %s", c.State)
	}
}
