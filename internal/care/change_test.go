package care_test

import (
	"testing"

	"github.com/amends-care/amends/internal/care"
)

var (
	asksMend   = on(20, "agent/ada", care.ReplyChangeAsked{Reply: 1, What: care.Mend, Wording: 2, NotBefore: minute(21)})
	asksOff    = on(20, "agent/ada", care.ReplyChangeAsked{Reply: 1, What: care.Withdraw, NotBefore: minute(21)})
	changing   = on(21, care.ByOutbox, care.ReplyChangeWent{Reply: 1, State: care.ReplyIsAttempted, Try: 1, Until: minute(22)})
	changeLost = on(23, care.ByOutbox, care.ReplyChangeWent{Reply: 1, State: care.ReplyIsUnknown, Why: "transient"})
)

func TestChangeReply(t *testing.T) {
	onNetwork := []step{opened(), adaHas, asked("keep"), attempted, sent}
	after := func(more ...step) []step { return append(append([]step{}, onNetwork...), more...) }
	change := func(by care.AgentID, lead bool, e care.ReplyChangeAsked) func(*care.Case) ([]care.Event, error) {
		return func(c *care.Case) ([]care.Event, error) { return c.ChangeReply(by, lead, e) }
	}
	mend := care.ReplyChangeAsked{Reply: 1, What: care.Mend, Wording: 2, NotBefore: minute(21)}
	off := care.ReplyChangeAsked{Reply: 1, What: care.Withdraw, NotBefore: minute(21)}
	decide(t, []decision{
		{"mended", after(), change("ada", false, mend), []care.Event{mend}, ""},
		{"withdrawn", after(), change("ada", false, off), []care.Event{off}, ""},
		{"withdrawn when the case is over", after(resolved), change("ada", false, off), []care.Event{off}, ""},
		{"somebody else's", after(), change("bob", false, off), nil, care.Denied},
		{"somebody else's, by a lead", after(), change("lea", true, off), []care.Event{off}, ""},
		{"not sent yet", []step{opened(), adaHas, asked("keep")}, change("ada", false, off), nil, care.Conflict},
		{"may have been sent", []step{opened(), adaHas, asked("keep"), attempted, unknown}, change("ada", false, off), nil, care.Conflict},
		{"failed", []step{opened(), adaHas, asked("keep"), attempted, failed}, change("ada", false, off), nil, care.Conflict},
		{"none", []step{opened()}, change("ada", false, off), nil, care.NotFound},
		{"while another is under way", after(asksMend), change("ada", false, off), nil, care.Conflict},
		{"while another is attempted", after(asksMend, changing), change("ada", false, off), nil, care.Conflict},
		{"again, when nobody knows", after(asksOff, changing, changeLost), change("ada", false, off), []care.Event{off}, ""},
		{"again, after it was taken off", after(asksOff, changing, on(22, care.ByOutbox, care.ReplyWithdrawn{Reply: 1})), change("ada", false, mend), nil, care.Conflict},
	})
}

func TestHowAChangeGoesOn(t *testing.T) {
	base := []step{opened(), adaHas, asked("keep"), attempted, sent, asksMend}
	after := func(more ...step) []step { return append(append([]step{}, base...), more...) }
	does := func(do func(c *care.Case) []care.Event) func(*care.Case) ([]care.Event, error) {
		return func(c *care.Case) ([]care.Event, error) { return do(c), nil }
	}
	attempt := func(now int) func(*care.Case) ([]care.Event, error) {
		return does(func(c *care.Case) []care.Event { return c.AttemptChange(1, minute(now), minute(now+1)) })
	}
	made := does(func(c *care.Case) []care.Event { return c.ChangeIsMade(1) })
	undo := func(by care.AgentID) func(*care.Case) ([]care.Event, error) {
		return func(c *care.Case) ([]care.Event, error) { return c.UndoReply(by, 1) }
	}
	went := func(s care.ReplyState) []care.Event { return []care.Event{care.ReplyChangeWent{Reply: 1, State: s}} }
	decide(t, []decision{
		{"too early", after(), attempt(20), nil, ""},
		{"in time", after(), attempt(21), []care.Event{care.ReplyChangeWent{Reply: 1, State: care.ReplyIsAttempted, Try: 1, Until: minute(22)}}, ""},
		{"attempted twice", after(changing), attempt(30), nil, ""},
		{"made", after(changing), made, []care.Event{care.ReplyMended{Reply: 1, Wording: 2}}, ""},
		{"made twice", after(changing, on(22, care.ByOutbox, care.ReplyMended{Reply: 1, Wording: 2})), made, nil, ""},
		{"made after all", after(changing, changeLost), made, []care.Event{care.ReplyMended{Reply: 1, Wording: 2}}, ""},
		{"never asked for", []step{opened(), adaHas, asked("keep"), attempted, sent}, made, nil, ""},
		{"taken back", after(), undo("ada"), went(care.ReplyIsUndone), ""},
		{"taken back by somebody else", after(), undo("bob"), nil, care.Conflict},
		{"taken back too late", after(changing), undo("ada"), nil, care.Conflict},
	})
	c := fold(t, "c1", after(changing)...)
	if row := c.Row(); !row.SendAt.Equal(minute(22)) || c.Reply(1).State != care.ReplyIsSent {
		t.Errorf("listed for %v, the reply is %s", row.SendAt, c.Reply(1).State)
	}
}
