package care_test

import (
	"testing"

	"github.com/amends-care/amends/internal/care"
)

// asked is a reply to m1 that Ada requested in minute 10.
func asked(then string) step {
	return on(10, "agent/ada", care.ReplyRequested{Reply: 1, To: "m1", Key: "c1/1", NotBefore: minute(10), Then: then, Disposition: "solved"})
}

var (
	attempted = on(11, care.ByOutbox, care.ReplyAttempted{Reply: 1, Try: 1, Deadline: minute(12)})
	sent      = on(12, care.ByOutbox, care.ReplySent{Reply: 1, VisibleAt: minute(11)})
	failed    = on(12, care.ByOutbox, care.ReplyFailed{Reply: 1, Why: "refused"})
	unknown   = on(12, care.ByOutbox, care.ReplyUnknown{Reply: 1, Why: "timeout"})
	undone    = on(11, "agent/ada", care.ReplyUndone{Reply: 1})
	delayed   = on(12, care.ByOutbox, care.ReplyDelayed{Reply: 1, Until: minute(20), Why: "limited"})
)

func TestResolve(t *testing.T) {
	resolve := func(how string) func(*care.Case) ([]care.Event, error) {
		return func(c *care.Case) ([]care.Event, error) { return c.Resolve("ada", how) }
	}
	done := []care.Event{care.Resolved{Disposition: "refunded"}}
	decide(t, []decision{
		{"own case", []step{opened(), adaHas}, resolve("refunded"), done, ""},
		{"nobody's", []step{opened()}, resolve("refunded"), done, ""},
		{"that awaits the customer", []step{opened(), adaHas, awaiting}, resolve("refunded"), done, ""},
		{"without a reason", []step{opened(), adaHas}, resolve(""), nil, care.Invalid},
		{"someone else's case", []step{opened(), bobHas}, resolve("refunded"), nil, care.Conflict},
		{"twice", []step{opened(), adaHas, resolved}, resolve("refunded"), nil, care.Conflict},
		{"reply asked for", []step{opened(), adaHas, asked("keep")}, resolve("refunded"), nil, care.Conflict},
		{"reply on its way", []step{opened(), adaHas, asked("keep"), attempted}, resolve("refunded"), nil, care.Conflict},
		{"reply put off", []step{opened(), adaHas, asked("keep"), attempted, delayed}, resolve("refunded"), nil, care.Conflict},
		{"reply taken back", []step{opened(), adaHas, asked("keep"), undone}, resolve("refunded"), done, ""},
		{"reply sent", []step{opened(), adaHas, asked("keep"), attempted, sent}, resolve("refunded"), done, ""},
		{"reply of unknown fate", []step{opened(), adaHas, asked("keep"), attempted, unknown}, resolve("refunded"), done, ""},
		{"no such case", nil, resolve("refunded"), nil, care.NotFound},
	})
}

func TestDismiss(t *testing.T) {
	dismiss := func(why string) func(*care.Case) ([]care.Event, error) {
		return func(c *care.Case) ([]care.Event, error) { return c.Dismiss("ada", why) }
	}
	praise := on(3, care.ByIntake, care.MentionAdded{MentionRef: mention("m2", 3, unflagged)}, care.MentionAdded{MentionRef: mention("m3", 3)})
	decide(t, []decision{
		{"spam", []step{opened()}, dismiss("spam"), []care.Event{care.Dismissed{Reason: "spam"}}, ""},
		{"no complaint: corrects the verdicts", []step{opened(), praise}, dismiss(care.NotAComplaint), []care.Event{
			care.Dismissed{Reason: care.NotAComplaint},
			care.Reviewed{Mention: "m1", Why: care.NotAComplaint}, care.Reviewed{Mention: "m3", Why: care.NotAComplaint},
		}, ""},
		{"a reason nobody knows", []step{opened()}, dismiss("boring"), nil, care.Invalid},
		{"without a reason", []step{opened()}, dismiss(""), nil, care.Invalid},
		{"someone else's case", []step{opened(), bobHas}, dismiss("spam"), nil, care.Conflict},
		{"reply on its way", []step{opened(), adaHas, asked("keep")}, dismiss("spam"), nil, care.Conflict},
		{"resolved", []step{opened(), resolved}, dismiss("spam"), nil, care.Conflict},
	})
}

func TestReopen(t *testing.T) {
	reopen := func(c *care.Case) ([]care.Event, error) { return c.Reopen() }
	decide(t, []decision{
		{"resolved", []step{opened(), resolved}, reopen, []care.Event{care.Reopened{}}, ""},
		{"dismissed", []step{opened(), dismissed}, reopen, []care.Event{care.Reopened{}}, ""},
		{"open", []step{opened()}, reopen, nil, ""},
		{"merged", []step{opened(), merged}, reopen, nil, care.Conflict},
		{"no such case", nil, reopen, nil, care.NotFound},
	})
	c := fold(t, "c1", opened(), resolved, on(30, "agent/bob", care.Reopened{}))
	expect(t, "resolved at", c.ResolvedAt.IsZero(), true)
	expect(t, "disposition", c.Disposition, "")
	expect(t, "last closed", c.ClosedAt, minute(20))
}

func TestRestsSince(t *testing.T) {
	kept := on(30, "agent/ada", care.PromiseKept{Promise: 2})
	for _, r := range []struct {
		name    string
		history []step
		since   int // minute; -1: something is open
	}{
		{"open", []step{opened()}, -1},
		{"resolved", []step{opened(), resolved}, 20},
		{"dismissed", []step{opened(), dismissed}, 20},
		{"resolved, a promise is open", []step{opened(), promisedStep, resolved}, -1},
		{"resolved, a promise slipped", []step{opened(), promisedStep, resolved, on(60, care.ByClock, care.PromiseSlipped{Promise: 2, At: minute(60)})}, -1},
		{"resolved, the promise kept since", []step{opened(), promisedStep, resolved, kept}, 30},
		{"reopened", []step{opened(), resolved, on(30, "agent/ada", care.Reopened{})}, -1},
		{"goes on in another case", []step{opened(), merged}, -1},
		{"resolved, then goes on in another case", []step{opened(), resolved, on(40, "agent/ada", care.Merged{Into: "c2"})}, -1},
	} {
		at, ok := fold(t, "c1", r.history...).RestsSince()
		if ok != (r.since >= 0) || ok && !at.Equal(minute(r.since)) {
			t.Errorf("%s: since %v, %v", r.name, at, ok)
		}
	}
}

func TestReview(t *testing.T) {
	review := func(m care.MentionID, complaint bool) func(*care.Case) ([]care.Event, error) {
		return func(c *care.Case) ([]care.Event, error) { return c.Review(m, complaint) }
	}
	decide(t, []decision{
		{"correct", []step{opened()}, review("m1", false), []care.Event{care.Reviewed{Mention: "m1"}}, ""},
		{"confirm, also when all is over", []step{opened(), resolved}, review("m1", true), []care.Event{care.Reviewed{Mention: "m1", Complaint: true}}, ""},
		{"not of this case", []step{opened()}, review("m9", true), nil, care.NotFound},
	})
	c := fold(t, "c1", opened(), on(1, "agent/ada", care.Reviewed{Mention: "m1"}))
	expect(t, "flagged", c.Mention("m1").Flagged, false)
}
