package care_test

import (
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
)

func TestAcknowledgeAway(t *testing.T) {
	night := &care.Acknowledgement{
		Texts: map[string]string{"en": "We are back at nine.", "de": "Ab neun Uhr."}, After: time.Minute,
		Moods: []care.Mood{care.Furious}, Topics: []string{"bereavement"}, Urgency: []care.Urgency{care.Safety},
	}
	says := func(c *care.Case) ([]care.Event, error) {
		events, text := c.AcknowledgeAway(night, c.Mentions[len(c.Mentions)-1].Mention, minute(30))
		if (text == "") != (len(events) == 0) {
			t.Errorf("%d events with the text %q", len(events), text)
		}
		return events, nil
	}
	english := func(more ...func(*care.MentionRef)) step {
		return on(0, care.ByIntake, care.Opened{MentionRef: mention("m1", 0, append([]func(*care.MentionRef){func(m *care.MentionRef) {
			m.Labels.Language, m.Labels.Mood, m.Labels.Topic, m.Labels.Urgency = "en-gb", care.Calm, "fee", nil
		}}, more...)...)}, care.Routed{Queue: "billing", Lane: care.Ordinary, Policy: "normal"})
	}
	as := func(change func(*care.MentionRef)) step { return english(change) }
	ack := care.ReplyRequested{Reply: 1, To: "m1", Key: "acknowledge/c1", NotBefore: minute(31), Then: care.ThenKeep, Automatic: true}
	asked := on(1, care.ByIntake, ack)
	want := []care.Event{ack}
	decide(t, []decision{
		{"a complaint by night", []step{english()}, says, want, ""},
		{"once only", []step{english(), asked, on(2, care.ByOutbox, care.ReplyAttempted{Reply: 1, Try: 1}, care.ReplySent{Reply: 1, VisibleAt: minute(2)})}, says, nil, ""},
		{"once, also when it was taken back", []step{english(), asked, on(2, care.ByOutbox, care.ReplyUndone{Reply: 1})}, says, nil, ""},
		{"no text in their language", []step{as(func(m *care.MentionRef) { m.Labels.Language = "fi" })}, says, nil, ""},
		{"language not known", []step{as(func(m *care.MentionRef) { m.Labels.Language = "" })}, says, nil, ""},
		{"furious", []step{as(func(m *care.MentionRef) { m.Labels.Mood = care.Furious })}, says, nil, ""},
		{"grief", []step{as(func(m *care.MentionRef) { m.Labels.Topic = "bereavement" })}, says, nil, ""},
		{"danger", []step{as(func(m *care.MentionRef) { m.Labels.Urgency = []care.Urgency{care.Legal, care.Safety} })}, says, nil, ""},
		{"critical lane", []step{english(), on(1, care.ByClock, care.Routed{Queue: "billing", Lane: care.Critical})}, says, nil, ""},
		{"no complaint", []step{as(func(m *care.MentionRef) { m.Flagged = false })}, says, nil, ""},
		{"late", []step{as(func(m *care.MentionRef) { m.Late = true })}, says, nil, ""},
		{"blocked", []step{english(), on(1, "agent/ada", care.AuthorBlocked{Mention: "m1", Blocked: true})}, says, nil, ""},
		{"block lifted", []step{english(), on(1, "agent/ada", care.AuthorBlocked{Mention: "m1", Blocked: true}, care.AuthorBlocked{Mention: "m1"})}, says, want, ""},
		{"over", []step{english(), on(1, "agent/ada", care.Resolved{Disposition: "solved"})}, says, nil, ""},
		{"answered", []step{english(), on(5, care.ByIntake, care.ReplySeen{Mention: "own", To: "m1", VisibleAt: minute(5)})}, says, nil, ""},
		{"being answered", []step{english(), on(5, "agent/ada", care.ReplyRequested{Reply: 1, To: "m1", Key: "k", Then: care.ThenKeep})}, says, nil, ""},
	})
}

// An acknowledgement is no answer: who waits, waits on, and a person's answer
// takes it back where it has not left.
func TestAnAcknowledgementIsNoAnswer(t *testing.T) {
	ack := on(1, care.ByIntake, care.ReplyRequested{Reply: 1, To: "m1", Key: "acknowledge/c1", NotBefore: minute(2), Then: care.ThenKeep, Automatic: true})
	went := on(3, care.ByOutbox, care.ReplyAttempted{Reply: 1, Try: 1, Deadline: minute(4)}, care.ReplySent{Reply: 1, VisibleAt: minute(3)})
	c := fold(t, "c1", opened(), ack, went)
	row := c.Row()
	if !c.FirstReplyAt.IsZero() || c.Unanswered() == nil || row.Replies != 0 || row.Reply != "" || !row.Automatic || c.State != care.StateWaiting {
		t.Errorf("first reply %v, %d replies, newest %q, %s", c.FirstReplyAt, row.Replies, row.Reply, c.State)
	}
	mine := care.ReplyRequested{Reply: 2, To: "m1", Key: "k", Then: care.ThenKeep}
	answer := func(c *care.Case) ([]care.Event, error) { return c.RequestReply("ada", mine) }
	taken := care.Assigned{To: "ada", Why: "reply"}
	maybe := on(4, care.ByOutbox, care.ReplyAttempted{Reply: 1, Try: 1, Deadline: minute(4)}, care.ReplyUnknown{Reply: 1, Why: "interrupted"})
	decide(t, []decision{
		{"before it leaves", []step{opened(), ack}, answer, []care.Event{care.ReplyUndone{Reply: 1}, taken, mine}, ""},
		{"once it is there", []step{opened(), ack, went}, answer, []care.Event{taken, mine}, ""},
		{"when nobody knows", []step{opened(), ack, maybe}, answer, []care.Event{taken, mine}, ""},
		{"taken back by hand", []step{opened(), ack}, func(c *care.Case) ([]care.Event, error) { return c.UndoReply("bob", 1) }, []care.Event{care.ReplyUndone{Reply: 1}}, ""},
	})
	for name, still := range map[string]struct {
		steps []step
		want  bool
	}{
		"nobody answered":       {[]step{opened(), ack}, true},
		"answered before":       {[]step{on(0, care.ByIntake, care.Opened{MentionRef: mention("m1", 0)}), on(0, care.ByIntake, care.ReplySeen{Mention: "own", VisibleAt: minute(0)}), ack}, true},
		"answered since":        {[]step{opened(), ack, on(2, care.ByIntake, care.ReplySeen{Mention: "own", VisibleAt: minute(2)})}, false},
		"somebody answers":      {[]step{opened(), ack, on(2, "agent/ada", mine)}, false},
		"the case is over":      {[]step{opened(), ack, resolved}, false},
		"the text was no reply": {[]step{opened()}, false},
	} {
		expect(t, name, fold(t, "c1", still.steps...).StillUnheard(1), still.want)
	}
}
