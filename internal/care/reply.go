package care

import (
	"fmt"
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
	}
	for _, p := range c.Replies {
		switch {
		case p.Key == r.Key && p.Key != "":
			return nil, nil // the same request again
		case p.To == r.To && p.State == ReplyIsUnknown:
			return nil, conflict("An earlier answer to this post may have been sent. Settle that one first.")
		case p.To == r.To && !p.Settled():
			return nil, conflict("An answer to this post is on its way already.")
		}
	}
	var events []Event
	if c.Assignee == "" {
		events = append(events, Assigned{To: by, Why: "reply"})
	}
	return append(events, r), nil
}

// UndoReply takes back a reply that was not attempted yet.
func (c *Case) UndoReply(by AgentID, n int) ([]Event, error) {
	r := c.Reply(n)
	switch {
	case r == nil:
		return nil, &Error{Code: NotFound, Msg: "There is no such reply."}
	case r.State == ReplyIsUndone:
		return nil, nil
	case r.By.Agent() != by:
		return nil, conflict(fmt.Sprintf("%s wrote this reply.", r.By.Agent()))
	case r.State != ReplyIsRequested || r.Tries > 0:
		return nil, conflict("It is too late: this reply is on its way.")
	}
	return []Event{ReplyUndone{Reply: n}}, nil
}

// AttemptReply opens an attempt; the call must have ended by the deadline.
// Nothing is returned when the reply is not to be sent (now).
func (c *Case) AttemptReply(n int, now, deadline time.Time) []Event {
	r := c.Reply(n)
	if r == nil || r.State != ReplyIsRequested || r.NotBefore.After(now) {
		return nil
	}
	return []Event{ReplyAttempted{Reply: n, Try: r.Tries + 1, Deadline: deadline}}
}

// ReplyWasSent notes that an answer is on the network, and does what the agent
// asked for then. visible is the network's instant, or zero; it is held between
// the first attempt and now. A customer who wrote meanwhile keeps the case open.
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
	sent := ReplySent{Reply: n, VisibleAt: visible, Found: found}
	events := []Event{sent}
	after := c.Clone()
	after.Apply(c.Seq, Record{At: now, By: ByOutbox, Events: events})
	if c.State.Over() || after.Unanswered() != nil {
		return events
	}
	switch r.Then {
	case ThenResolve:
		events = append(events, Resolved{Disposition: r.Disposition, Reply: n})
	case ThenAwait:
		events = append(events, Awaiting{Reply: n})
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

// ReplyWasSeen notes an answer that a person wrote on the network itself.
func (c *Case) ReplyWasSeen(e ReplySeen) []Event {
	for _, r := range c.Replies {
		if r.Mention == e.Mention && e.Mention != "" {
			return nil
		}
	}
	return []Event{e}
}

// replyUnderWay says whether a reply is between request and outcome.
func (c *Case) replyUnderWay() bool {
	for i := range c.Replies {
		if s := c.Replies[i].State; s == ReplyIsRequested || s == ReplyIsAttempted {
			return true
		}
	}
	return false
}
