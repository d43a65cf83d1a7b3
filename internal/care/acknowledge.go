package care

import (
	"slices"
	"strings"
	"time"
)

// An Acknowledgement is what a customer hears by itself who writes while nobody
// is there. It is no answer: no target is met by it, and no figure counts it.
type Acknowledgement struct {
	Texts map[string]string // by language; nothing is sent in another
	After time.Duration     // how long it waits, so that a person may be quicker
	// Where it would be rude nothing is sent: of these moods, topics and urgencies
	// anywhere in the case. In the critical lane it never is.
	Moods   []Mood
	Topics  []string
	Urgency []Urgency
}

// Text is the one for a customer's language: that very one, or one that differs
// only by the country.
func (a *Acknowledgement) Text(language string) (text string, ok bool) {
	if text, ok = a.Texts[language]; ok || language == "" {
		return text, ok
	}
	text, ok = a.Texts[base(language)]
	return text, ok
}

// rude says that a text by nobody would make it worse.
func (a *Acknowledgement) rude(c *Case) bool {
	return c.Lane == Critical || slices.ContainsFunc(c.Mentions, func(m CaseMention) bool {
		return slices.Contains(a.Moods, m.Labels.Mood) || slices.Contains(a.Topics, m.Labels.Topic) && m.Labels.Topic != "" ||
			slices.ContainsFunc(m.Labels.Urgency, func(u Urgency) bool { return slices.Contains(a.Urgency, u) })
	})
}

// AcknowledgeAway asks for an acknowledgement of a mention that has just come in, in
// the words of text; once in the life of a case. Whether the customer may be
// written to at all is another's matter.
func (c *Case) AcknowledgeAway(a *Acknowledgement, id MentionID, now time.Time) (events []Event, text string) {
	m := c.Mention(id)
	switch {
	case m == nil || m.Settled || m.Deleted || m.Late || !m.Flagged:
	case c.State.Over() || c.Late || c.ByHand || c.Blocked || a.rude(c):
	case slices.ContainsFunc(c.Replies, func(r Reply) bool { return r.Automatic || !r.Settled() }):
	default:
		text, ok := a.Text(m.Labels.Language)
		if text = strings.TrimSpace(text); !ok || text == "" {
			break
		}
		// The key is the case's own: it is asked for once.
		return []Event{ReplyRequested{Reply: c.NextText(), To: id, Key: "acknowledge/" + string(c.ID), NotBefore: now.Add(a.After), Then: ThenKeep, Automatic: true}}, text
	}
	return nil, ""
}

// StillUnheard says that an acknowledgement which has not left makes sense: the
// customer waits, and nobody is answering.
func (c *Case) StillUnheard(n int) bool {
	ack := c.Reply(n)
	return ack != nil && !c.State.Over() && !slices.ContainsFunc(c.Replies, func(r Reply) bool {
		return !r.Automatic && (!r.Settled() || r.VisibleAt.After(ack.RequestedAt))
	})
}

// DropReply takes back an automatic reply that is not to be sent after all.
func (c *Case) DropReply(n int) []Event {
	if r := c.Reply(n); r == nil || !r.Automatic || r.State != ReplyIsRequested {
		return nil
	}
	return []Event{ReplyUndone{Reply: n}}
}

// dropAcknowledgement takes back one that waits, since a person answers.
func (c *Case) dropAcknowledgement() (events []Event) {
	for i := range c.Replies {
		events = append(events, c.DropReply(c.Replies[i].N)...)
	}
	return events
}
