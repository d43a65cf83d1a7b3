package care_test

import (
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
)

func TestWhichRepliesAreSensitive(t *testing.T) {
	c := fold(t, "c1", on(0, care.ByIntake, care.Opened{MentionRef: mention("m1", 0, labelled("refund"), func(m *care.MentionRef) { m.Labels.Urgency = []care.Urgency{care.Legal} })},
		care.Routed{Queue: "billing", Lane: care.Ordinary}))
	for _, r := range []struct {
		name string
		rule care.ApprovalRule
		text string
		fits bool
	}{
		{"of the queue", care.ApprovalRule{Queues: []string{"billing"}}, "Hello", true},
		{"of another queue", care.ApprovalRule{Queues: []string{"press"}}, "Hello", false},
		{"about the topic", care.ApprovalRule{Topics: []string{"refund"}}, "Hello", true},
		{"urgent", care.ApprovalRule{Urgency: []care.Urgency{care.Safety, care.Legal}}, "Hello", true},
		{"urgent in another way", care.ApprovalRule{Urgency: []care.Urgency{care.Safety}}, "Hello", false},
		{"the words", care.ApprovalRule{Words: []string{"our fault"}}, "It was OUR  fault.", true},
		{"a part of a word", care.ApprovalRule{Words: []string{"fault"}}, "Faultless!", false},
		{"a sum", care.ApprovalRule{Amounts: true}, "You get 20,50 € back.", true},
		{"a sum in front", care.ApprovalRule{Amounts: true}, "You get $5.", true},
		{"a sum in letters", care.ApprovalRule{Amounts: true}, "You get EUR 5 back.", true},
		{"a number that is none", care.ApprovalRule{Amounts: true}, "Within 3 days, case 412.", false},
		{"all of it", care.ApprovalRule{Queues: []string{"billing"}, Amounts: true}, "No sum.", false},
	} {
		expect(t, r.name, r.rule.Fits(c, r.text), r.fits)
	}
	rules := []care.ApprovalRule{{Name: "press", Queues: []string{"press"}}, {Name: "money", Amounts: true}}
	expect(t, "the first that fits", care.ToApprove(rules, c, "5 EUR"), "money")
	expect(t, "none", care.ToApprove(rules, c, "Hello"), "")
}

var held = on(6, "agent/ada", care.Assigned{To: "ada"}, care.ReplyRequested{Reply: 1, To: "m1", Key: "k", Then: care.ThenAwait, Approval: "money"})

func TestApproval(t *testing.T) {
	approve := func(by care.AgentID) func(*care.Case) ([]care.Event, error) {
		return func(c *care.Case) ([]care.Event, error) { return c.ApproveReply(by, 1) }
	}
	refuse := func(c *care.Case) ([]care.Event, error) { return c.RefuseReply("lea", 1, 2) }
	attempt := func(c *care.Case) ([]care.Event, error) { return c.AttemptReply(1, minute(20), minute(21)), nil }
	approved := on(7, "agent/lea", care.ReplyApproved{Reply: 1})
	refused := on(7, "agent/lea", care.ReplyRefused{Reply: 1, Note: 2})
	decide(t, []decision{
		{"it can't leave before", []step{opened(), held}, attempt, nil, ""},
		{"somebody else says yes", []step{opened(), held}, approve("lea"), []care.Event{care.ReplyApproved{Reply: 1}}, ""},
		{"then it leaves", []step{opened(), held, approved}, attempt, []care.Event{care.ReplyAttempted{Reply: 1, Try: 1, Deadline: minute(21)}}, ""},
		{"nobody approves their own", []step{opened(), held}, approve("ada"), nil, care.Denied},
		{"twice", []step{opened(), held, approved}, approve("lea"), nil, care.Conflict},
		{"no", []step{opened(), held}, refuse, []care.Event{care.ReplyRefused{Reply: 1, Note: 2}}, ""},
		{"then it never leaves", []step{opened(), held, refused}, attempt, nil, ""},
		{"and can't be approved", []step{opened(), held, refused}, approve("lea"), nil, care.Conflict},
		{"taken back by whoever wrote it", []step{opened(), held}, func(c *care.Case) ([]care.Event, error) { return c.UndoReply("ada", 1) }, []care.Event{care.ReplyUndone{Reply: 1}}, ""},
		{"there is none", []step{opened()}, approve("lea"), nil, care.NotFound},
	})
	c := fold(t, "c1", opened(), held)
	row := c.Row()
	expect(t, "it is listed for those who may say yes", row.ToApprove, true)
	expect(t, "and not for the outbox", row.SendAt.IsZero(), true)
}

func TestGoodwill(t *testing.T) {
	limit := care.Limit{Amount: 2_000, Currency: "EUR"}
	gift := func(amount int, currency string) care.GoodwillGiven {
		return care.GoodwillGiven{Goodwill: 3, Amount: amount, Currency: currency, What: "voucher"}
	}
	give := func(g care.GoodwillGiven) func(*care.Case) ([]care.Event, error) {
		return func(c *care.Case) ([]care.Event, error) { return c.GiveGoodwill("ada", g, limit, minute(60)) }
	}
	some := on(6, "agent/ada", care.GoodwillGiven{Goodwill: 2, Amount: 1_500, Currency: "EUR"})
	asked := on(6, "agent/ada", care.GoodwillAsked{GoodwillGiven: care.GoodwillGiven{Goodwill: 2, Amount: 5_000, Currency: "EUR"}})
	say := func(by care.AgentID, yes bool) func(*care.Case) ([]care.Event, error) {
		return func(c *care.Case) ([]care.Event, error) { return c.DecideGoodwill(by, 2, yes, 3) }
	}
	decide(t, []decision{
		{"within the limit", []step{opened()}, give(gift(2_000, "EUR")), []care.Event{gift(2_000, "EUR")}, ""},
		{"above it", []step{opened()}, give(gift(2_001, "EUR")), []care.Event{care.GoodwillAsked{GoodwillGiven: gift(2_001, "EUR")}}, ""},
		{"above it with what was given before", []step{opened(), some}, give(gift(501, "EUR")), []care.Event{care.GoodwillAsked{GoodwillGiven: gift(501, "EUR")}}, ""},
		{"within it with what was given before", []step{opened(), some}, give(gift(500, "EUR")), []care.Event{gift(500, "EUR")}, ""},
		{"in another currency", []step{opened()}, give(gift(100, "USD")), []care.Event{care.GoodwillAsked{GoodwillGiven: gift(100, "USD")}}, ""},
		{"nothing", []step{opened()}, give(gift(0, "EUR")), nil, care.Invalid},
		{"no currency", []step{opened()}, give(gift(100, "euro")), nil, care.Invalid},
		{"someone else's case", []step{opened(), bobHas}, give(gift(100, "EUR")), nil, care.Conflict},
		{"of a resolved case", []step{opened(), resolved}, give(gift(100, "EUR")), []care.Event{gift(100, "EUR")}, ""},
		{"yes", []step{opened(), asked}, say("lea", true), []care.Event{care.GoodwillDecided{Goodwill: 2, Approved: true}}, ""},
		{"no", []step{opened(), asked}, say("lea", false), []care.Event{care.GoodwillDecided{Goodwill: 2, Note: 3}}, ""},
		{"not by whoever asked", []step{opened(), asked}, say("ada", true), nil, care.Denied},
		{"twice", []step{opened(), some}, say("lea", true), nil, care.Conflict},
	})
}

// An acknowledgement that no person wrote ends no wait and is no first response.
func TestAnAutomaticReplyAnswersNothing(t *testing.T) {
	d := newDesk(t, normal).open(mention("m1", 0))
	d.at(1).do("c1", care.ByClock, care.ReplyRequested{Reply: 1, To: "m1", Key: "k", Then: care.ThenKeep, Automatic: true})
	d.attempt(1)
	d.do("c1", care.ByOutbox, d.of("c1").ReplyWasSent(1, d.now, d.now, false)...)
	c := d.of("c1")
	expect(t, "first reply", c.FirstReplyAt.IsZero(), true)
	expect(t, "state", c.State, care.StateWaiting)
	expect(t, "waits", c.Unanswered() != nil, true)
	expect(t, "replies that count", c.Row().Replies, 0)
	d.at(31).scan()
	expect(t, "the first response is late all the same", c.Target(care.FirstResponse).DueAt.Before(d.now) && d.of("c1").Target(care.FirstResponse).State == care.TargetIsBroken, true)
	d.at(40).answer("m1", care.ThenAwait)
	expect(t, "the first response is the person's", d.of("c1").FirstReplyAt, minute(40))
}

// What goes wrong with goodwill: decided twice, decided elsewhere, asked anew,
// sums that are none.
func TestGoodwillMistakes(t *testing.T) {
	limit := care.Limit{Amount: 2_000, Currency: "EUR"}
	ask := care.GoodwillGiven{Goodwill: 2, Amount: 5_000, Currency: "EUR"}
	asked := on(6, "agent/ada", care.GoodwillAsked{GoodwillGiven: ask})
	yes := on(7, "agent/lea", care.GoodwillDecided{Goodwill: 2, Approved: true})
	no := on(7, "agent/lea", care.GoodwillDecided{Goodwill: 2, Note: 3})
	merged := on(7, "agent/ada", care.Merged{Into: "c2"})
	give := func(n, amount int) func(*care.Case) ([]care.Event, error) {
		return func(c *care.Case) ([]care.Event, error) {
			return c.GiveGoodwill("ada", care.GoodwillGiven{Goodwill: n, Amount: amount, Currency: "EUR"}, limit, minute(60))
		}
	}
	approve := func(c *care.Case) ([]care.Event, error) { return c.DecideGoodwill("lea", 2, true, 0) }
	again := []care.Event{care.GoodwillAsked{GoodwillGiven: care.GoodwillGiven{Goodwill: 4, Amount: 5_000, Currency: "EUR"}}}
	decide(t, []decision{
		{"approved twice", []step{opened(), asked, yes}, approve, nil, care.Conflict},
		{"refused, then approved", []step{opened(), asked, no}, approve, nil, care.Conflict},
		{"refused, then asked anew", []step{opened(), asked, no}, give(4, 5_000), again, ""},
		{"what was refused counts for nothing", []step{opened(), asked, no}, give(4, 2_000), []care.Event{care.GoodwillGiven{Goodwill: 4, Amount: 2_000, Currency: "EUR"}}, ""},
		{"what was approved counts", []step{opened(), asked, yes}, give(4, 1), []care.Event{care.GoodwillAsked{GoodwillGiven: care.GoodwillGiven{Goodwill: 4, Amount: 1, Currency: "EUR"}}}, ""},
		{"asked before the merge, approved after: nobody waits for ever", []step{opened(), asked, merged}, approve, []care.Event{care.GoodwillDecided{Goodwill: 2, Approved: true}}, ""},
		{"given after the merge", []step{opened(), merged}, give(2, 100), nil, care.Conflict},
		{"less than nothing", []step{opened()}, give(2, -100), nil, care.Invalid},
		{"more than a number holds", []step{opened()}, give(2, int(^uint(0)>>1)), nil, care.Invalid},
		{"never asked for", []step{opened()}, approve, nil, care.NotFound},
	})
}

// A person gets so much over a span, in whichever cases and by whomever.
func TestGoodwillByPerson(t *testing.T) {
	limit := care.Limit{Amount: 2_000, Currency: "EUR", Customer: 3_000, Within: time.Hour}
	got := func(at int, g care.GoodwillGiven, asked bool) *care.Case {
		e := care.Event(g)
		if asked {
			e = care.GoodwillAsked{GoodwillGiven: g}
		}
		return fold(t, "c2", opened(), on(at, "agent/bob", e))
	}
	euros := care.GoodwillGiven{Goodwill: 1, Amount: 2_000, Currency: "EUR"}
	dollars := care.GoodwillGiven{Goodwill: 1, Amount: 2_000, Currency: "USD"}
	for name, c := range map[string]struct {
		amount int
		others []*care.Case
		given  bool
	}{
		"nothing before":                   {2_000, nil, true},
		"room is left":                     {1_000, []*care.Case{got(90, euros, false)}, true},
		"no room is left":                  {1_001, []*care.Case{got(90, euros, false)}, false},
		"long ago":                         {2_000, []*care.Case{got(40, euros, false)}, true},
		"asked for only":                   {2_000, []*care.Case{got(90, euros, true)}, true},
		"in another currency":              {2_000, []*care.Case{got(90, dollars, false)}, true},
		"several cases add up":             {1, []*care.Case{got(90, euros, false), got(91, euros, false)}, false},
		"the case's own limit still holds": {2_001, nil, false},
	} {
		events, err := fold(t, "c1", opened()).GiveGoodwill("ada", care.GoodwillGiven{Goodwill: 1, Amount: c.amount, Currency: "EUR"}, limit, minute(120), c.others...)
		if err != nil || len(events) != 1 {
			t.Fatalf("%s: %v, %v", name, events, err)
		}
		_, given := events[0].(care.GoodwillGiven)
		expect(t, name, given, c.given)
	}
}
