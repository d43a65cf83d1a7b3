package care

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"
)

// What becomes of a case once a reply is sent.
const (
	ThenAwait   = "await"   // the customer has to act
	ThenResolve = "resolve" // finished, with the disposition
	ThenKeep    = "keep"    // we still have to do something
)

// RequestReply asks for an answer. n is the number of its text; the case is
// claimed by the way when nobody has it. The key must be unique for ever.
func (c *Case) RequestReply(by AgentID, r ReplyRequested) ([]Event, error) {
	if err := c.workable(by); err != nil {
		return nil, err
	}
	m := c.Mention(r.To)
	switch {
	case m == nil:
		return nil, &Error{Code: NotFound, Field: "to", Msg: "This mention is not part of the case."}
	case m.Deleted:
		return nil, conflict("The customer took this post back. Answer another one.")
	case r.Then != ThenAwait && r.Then != ThenResolve && r.Then != ThenKeep:
		return nil, invalid("then", "Say what follows: await, resolve or keep.")
	case r.Then == ThenResolve && r.Disposition == "":
		return nil, invalid("disposition", "Say how the case ended.")
	case r.Key == "":
		return nil, errors.New("care: a reply needs a key")
	}
	for _, p := range c.Replies {
		switch {
		case p.Automatic && !r.Automatic: // nobody wrote it: it stands in nobody's way
		case p.Key == r.Key && p.Key != "":
			return nil, nil // the same request again
		case p.To == r.To && p.State == ReplyIsUnknown:
			return nil, conflict("An earlier answer to this post may have been sent. Settle that one first.")
		case p.To == r.To && !p.Settled():
			return nil, conflict("An answer to this post is on its way already.")
		}
	}
	if r.Reply < 1 || c.Reply(r.Reply) != nil {
		return nil, fmt.Errorf("care: %d is no number for a new reply of case %s", r.Reply, c.ID)
	}
	events := c.dropAcknowledgement()
	if c.Assignee == "" && by != "" {
		events = append(events, Assigned{To: by, Why: "reply"})
	}
	return append(events, r), nil
}

// UndoReply takes back a reply, or a change of one, of which nothing can have left.
func (c *Case) UndoReply(by AgentID, n int) ([]Event, error) {
	r := c.Reply(n)
	switch {
	case r == nil:
		return nil, &Error{Code: NotFound, Msg: "There is no such reply."}
	case r.State == ReplyIsUndone:
		return nil, nil
	case r.Change.State == ReplyIsRequested:
		return c.undoChange(by, r)
	case r.By.Agent() != by && !r.Automatic:
		return nil, conflict("{who} wrote this reply.", "who", cmp.Or(string(r.By.Agent()), string(r.By)))
	case r.State != ReplyIsRequested:
		return nil, conflict("It is too late: this reply is on its way.")
	}
	return []Event{ReplyUndone{Reply: n}}, nil
}

// AttemptReply opens an attempt; the call must have ended by the deadline.
// Nothing is returned when the reply is not to be sent (now).
func (c *Case) AttemptReply(n int, now, deadline time.Time) []Event {
	r := c.Reply(n)
	if r == nil || r.State != ReplyIsRequested || r.NotBefore.After(now) || r.Waits() {
		return nil
	}
	return []Event{ReplyAttempted{Reply: n, Try: r.Tries + 1, Deadline: deadline}}
}

// ReplyWasSent notes that an answer is on the network, and does what the agent
// asked for then. visible is the network's instant, or zero; it is held between
// the first attempt and now. A customer of whom something came in since the
// answer was written keeps the case with us.
func (c *Case) ReplyWasSent(n int, now, visible time.Time, found bool) []Event {
	r := c.Reply(n)
	if r == nil || r.Settled() {
		return nil
	}
	if visible.IsZero() || visible.After(now) {
		visible = now
	}
	if visible.Before(r.AttemptedAt) {
		visible = r.AttemptedAt
	}
	events := []Event{ReplySent{Reply: n, VisibleAt: visible, Found: found}}
	after := c.Clone()
	after.Apply(c.Seq, Record{At: now, By: ByOutbox, Events: events})
	unread := slices.ContainsFunc(c.Mentions, func(m CaseMention) bool {
		return !m.Deleted && m.SeenAt.After(r.RequestedAt)
	})
	switch wrote := unread || after.Unanswered() != nil; {
	case c.State.Over():
	case r.Then == ThenResolve && !wrote:
		events = append(events, Resolved{Disposition: r.Disposition, Reply: n, Details: r.Details})
	case r.Then == ThenAwait && !wrote:
		events = append(events, Awaiting{Reply: n})
	case r.Automatic: // it changes nothing
	case r.Then == ThenKeep && c.State == StateAwaiting && c.Assignee != "":
		events = append(events, Assigned{To: c.Assignee, Why: "reply"}) // ours to act again
	case r.Then == ThenKeep && c.State == StateAwaiting:
		events = append(events, Released{Why: "reply"})
	}
	return events
}

// ReplyDidFail notes a definite refusal.
func (c *Case) ReplyDidFail(n int, why string) []Event {
	if r := c.Reply(n); r == nil || r.Settled() {
		return nil
	}
	return []Event{ReplyFailed{Reply: n, Why: why}}
}

// DelayReply puts an attempt off that provably sent nothing.
func (c *Case) DelayReply(n int, until time.Time, why string) []Event {
	if r := c.Reply(n); r == nil || r.State != ReplyIsAttempted {
		return nil
	}
	return []Event{ReplyDelayed{Reply: n, Until: until, Why: why}}
}

// ReplyMayBeSent notes that nobody knows whether the answer arrived.
func (c *Case) ReplyMayBeSent(n int, why string) []Event {
	if r := c.Reply(n); r == nil || r.Settled() || r.State == ReplyIsUnknown {
		return nil
	}
	return []Event{ReplyUnknown{Reply: n, Why: why}}
}

// SoughtReply counts a look at the network that found nothing.
func (c *Case) SoughtReply(n int) []Event {
	r := c.Reply(n)
	if r == nil || r.State != ReplyIsUnknown {
		return nil
	}
	return []Event{ReplySought{Reply: n, Looks: r.Looks + 1}}
}

// SettleReply is a person's word on an unknown reply: it was sent, or it was not.
func (c *Case) SettleReply(n int, now time.Time, wasSent bool) ([]Event, error) {
	r := c.Reply(n)
	switch {
	case r == nil:
		return nil, &Error{Code: NotFound, Msg: "There is no such reply."}
	case r.State != ReplyIsUnknown:
		return nil, conflict("It is known by now what became of this reply.")
	case wasSent:
		return c.ReplyWasSent(n, now, r.AttemptedAt, false), nil
	}
	return c.ReplyDidFail(n, "not_there"), nil
}

// NextAt is when the outbox has something to do about a reply. ok is false when
// there is nothing, or a person has to say what became of it.
func (r *Reply) NextAt() (at time.Time, ok bool) {
	if r.Waits() {
		return at, false
	}
	return nextAt(r.State, r.NotBefore, r.Deadline, r.Looks)
}

func nextAt(s ReplyState, notBefore, deadline time.Time, looks int) (at time.Time, ok bool) {
	switch {
	case s == ReplyIsRequested:
		return notBefore, true
	case s == ReplyIsAttempted:
		return deadline, true
	case s == ReplyIsUnknown && looks < MaxLooks:
		return deadline.Add(soughtAgain(looks)), true
	}
	return at, false
}

// MaxLooks is how often an unknown reply is looked for at the network before a
// person is asked.
const MaxLooks = 5

// soughtAgain is the pause after an attempt's deadline before look n+1: 5 s
// and doubling, so that a slow network has time to show what it took.
func soughtAgain(looks int) time.Duration {
	return 5 * time.Second << min(max(looks, 0), MaxLooks)
}

// ReplyWasSeen notes an answer that a person wrote on the network itself.
func (c *Case) ReplyWasSeen(e ReplySeen) []Event {
	for _, r := range c.Replies {
		if r.Mention == e.Mention && e.Mention != "" {
			return nil
		}
	}
	return []Event{e}
}

// replyUnderWay refuses what must not happen while a reply is between request
// and outcome. One that may have been sent is not under way.
func (c *Case) replyUnderWay() error {
	for i := range c.Replies {
		if s := c.Replies[i].State; s == ReplyIsRequested || s == ReplyIsAttempted {
			return conflict("A reply is on its way. Wait until it is sent, or undo it.")
		}
	}
	return nil
}

// replying refuses to move mentions to another case while it is not known
// whether they are answered here.
func (c *Case) replying(ms []CaseMention) error {
	for i := range c.Replies {
		r := &c.Replies[i]
		switch {
		case r.Settled() || !slices.ContainsFunc(ms, func(m CaseMention) bool { return m.Mention == r.To }):
		case r.State == ReplyIsUnknown:
			return conflict("An answer may have been sent there. Settle that first.")
		default:
			return conflict("A reply is on its way there. Wait until it is sent, or undo it.")
		}
	}
	return nil
}
