package care_test

import (
	"testing"

	"github.com/amends-care/amends/internal/care"
)

// What most histories are made of.
var (
	adaHas    = on(5, "agent/ada", care.Assigned{To: "ada", Why: "claim"})
	bobHas    = on(5, "agent/bob", care.Assigned{To: "bob", Why: "claim"})
	awaiting  = on(9, "agent/ada", care.Awaiting{})
	resolved  = on(20, "agent/ada", care.Resolved{Disposition: "solved"})
	dismissed = on(20, "agent/ada", care.Dismissed{Reason: "spam"})
	merged    = on(20, "agent/ada", care.Merged{Into: "c2"})
)

func TestClaim(t *testing.T) {
	claim := func(by care.AgentID) func(*care.Case) ([]care.Event, error) {
		return func(c *care.Case) ([]care.Event, error) { return c.Claim(by, "claim") }
	}
	taken := []care.Event{care.Assigned{To: "ada", Why: "claim"}}
	decide(t, []decision{
		{"waiting case", []step{opened()}, claim("ada"), taken, ""},
		{"own case again", []step{opened(), adaHas}, claim("ada"), nil, ""},
		{"someone else's case", []step{opened(), bobHas}, claim("ada"), nil, care.Conflict},
		{"released again", []step{opened(), bobHas, on(6, "agent/bob", care.Released{})}, claim("ada"), taken, ""},
		{"handed to the queue", []step{opened(), bobHas, on(6, "agent/bob", care.HandedOff{Queue: "billing", Note: 1})}, claim("ada"), taken, ""},
		{"nobody's, the customer has to act", []step{opened(), awaiting}, claim("ada"), taken, ""},
		{"resolved", []step{opened(), resolved}, claim("ada"), nil, care.Conflict},
		{"dismissed", []step{opened(), dismissed}, claim("ada"), nil, care.Conflict},
		{"merged", []step{opened(), merged}, claim("ada"), nil, care.Conflict},
		{"no such case", nil, claim("ada"), nil, care.NotFound},
		{"by nobody", []step{opened()}, claim(""), nil, care.Denied},
	})
}

func TestAssign(t *testing.T) {
	assign := func(to care.AgentID) func(*care.Case) ([]care.Event, error) {
		return func(c *care.Case) ([]care.Event, error) { return c.Assign(to) }
	}
	given := care.Assigned{To: "ada", Why: "assign"}
	decide(t, []decision{
		{"waiting case", []step{opened()}, assign("ada"), []care.Event{given}, ""},
		{"from somebody else", []step{opened(), bobHas}, assign("ada"), []care.Event{given}, ""},
		{"who has it already", []step{opened(), adaHas}, assign("ada"), nil, ""},
		{"waits for the customer, and goes on to", []step{opened(), bobHas, awaiting}, assign("ada"), []care.Event{given, care.Awaiting{}}, ""},
		{"to nobody", []step{opened()}, assign(""), nil, care.Invalid},
		{"resolved", []step{opened(), resolved}, assign("ada"), nil, care.Conflict},
		{"no such case", nil, assign("ada"), nil, care.NotFound},
	})
}

func TestRelease(t *testing.T) {
	release := func(c *care.Case) ([]care.Event, error) { return c.Release("ada") }
	decide(t, []decision{
		{"own case", []step{opened(), adaHas}, release, []care.Event{care.Released{Why: "hand"}}, ""},
		{"own case that awaits the customer", []step{opened(), adaHas, awaiting}, release, []care.Event{care.Released{Why: "hand"}}, ""},
		{"waits already", []step{opened()}, release, nil, ""},
		{"someone else's case", []step{opened(), bobHas}, release, nil, care.Conflict},
		{"resolved", []step{opened(), adaHas, resolved}, release, nil, care.Conflict},
		{"no such case", nil, release, nil, care.NotFound},
	})
}

func TestHandOff(t *testing.T) {
	hand := func(to care.AgentID) func(*care.Case) ([]care.Event, error) {
		return func(c *care.Case) ([]care.Event, error) { return c.HandOff("ada", to, 3) }
	}
	decide(t, []decision{
		{"to a colleague", []step{opened(), adaHas}, hand("bob"), []care.Event{care.HandedOff{To: "bob", Queue: "billing", Note: 3}}, ""},
		{"to the queue", []step{opened(), adaHas}, hand(""), []care.Event{care.HandedOff{Queue: "billing", Note: 3}}, ""},
		{"out of the queue", []step{opened()}, hand("bob"), []care.Event{care.HandedOff{To: "bob", Queue: "billing", Note: 3}}, ""},
		{"to oneself", []step{opened(), adaHas}, hand("ada"), nil, care.Invalid},
		{"someone else's case", []step{opened(), bobHas}, hand("cy"), nil, care.Conflict},
		{"dismissed", []step{opened(), dismissed}, hand("bob"), nil, care.Conflict},
	})
}

// Whoever has a case, and whether it waits: the fold of every way to pass it on.
func TestWhoHasACase(t *testing.T) {
	for _, r := range []struct {
		name     string
		history  []step
		state    care.State
		assignee care.AgentID
		queuedAt int // minute; -1: does not wait
	}{
		{"opened", []step{opened()}, care.StateWaiting, "", 0},
		{"claimed", []step{opened(), adaHas}, care.StateClaimed, "ada", -1},
		{"released", []step{opened(), adaHas, on(7, "agent/ada", care.Released{})}, care.StateWaiting, "", 7},
		{"handed off", []step{opened(), adaHas, on(7, "agent/ada", care.HandedOff{To: "bob", Note: 1})}, care.StateClaimed, "bob", -1},
		{"handed to the queue", []step{opened(), adaHas, on(7, "agent/ada", care.HandedOff{Note: 1})}, care.StateWaiting, "", 7},
		{"handed from the queue to the queue waits on", []step{opened(), on(7, "agent/ada", care.HandedOff{Note: 1})}, care.StateWaiting, "", 0},
		{"awaiting", []step{opened(), adaHas, awaiting}, care.StateAwaiting, "ada", -1},
		{"awaiting, then the customer writes", []step{opened(), adaHas, awaiting, on(12, care.ByIntake, care.MentionAdded{MentionRef: mention("m2", 12)})}, care.StateClaimed, "ada", -1},
		{"awaiting and nobody's, then the customer writes", []step{opened(), awaiting, on(12, care.ByIntake, care.MentionAdded{MentionRef: mention("m2", 12)})}, care.StateWaiting, "", 12},
		{"assigned while awaiting", []step{opened(), adaHas, awaiting, on(10, "agent/lea", care.Assigned{To: "bob"}, care.Awaiting{})}, care.StateAwaiting, "bob", -1},
		{"resolved", []step{opened(), adaHas, resolved}, care.StateResolved, "ada", -1},
		{"reopened, back to whoever had it", []step{opened(), adaHas, resolved, on(30, care.ByIntake, care.Reopened{})}, care.StateClaimed, "ada", -1},
		{"reopened, nobody had it", []step{opened(), resolved, on(30, care.ByIntake, care.Reopened{})}, care.StateWaiting, "", 30},
		{"merged", []step{opened(), merged}, care.StateMerged, "", -1},
		{"unmerged", []step{opened(), merged, on(30, "agent/ada", care.Unmerged{From: "c2", State: care.StateWaiting})}, care.StateWaiting, "", 30},
		{"unmerged as claimed", []step{opened(), adaHas, merged, on(30, "agent/ada", care.Unmerged{From: "c2", State: care.StateClaimed})}, care.StateClaimed, "ada", -1},
	} {
		t.Run(r.name, func(t *testing.T) {
			c := fold(t, "c1", r.history...)
			expect(t, "state", c.State, r.state)
			expect(t, "assignee", c.Assignee, r.assignee)
			if r.queuedAt < 0 {
				expect(t, "waits", c.QueuedAt.IsZero(), true)
			} else {
				expect(t, "queued at", c.QueuedAt, minute(r.queuedAt))
			}
		})
	}
}
