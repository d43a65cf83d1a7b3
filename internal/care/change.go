package care

import (
	"errors"
	"fmt"
	"time"
)

// A ChangeKind is what can be done to a reply that was sent.
type ChangeKind string

// The kinds of change.
const (
	Mend     ChangeKind = "mend"     // give it another text
	Withdraw ChangeKind = "withdraw" // take it off the network
)

// A ReplyChange is the latest change of a reply of ours on the network. Unlike a
// reply it can be asked for again when nobody knows what became of it: done
// twice it is what it is done once.
type ReplyChange struct {
	What      ChangeKind `json:"what,omitempty"`  // empty: there was none
	State     ReplyState `json:"state,omitempty"` // requested | attempted | sent | failed | unknown | undone
	By        Actor      `json:"by,omitempty"`
	Wording   int        `json:"wording,omitempty"`
	NotBefore time.Time  `json:"not_before,omitzero"`
	Deadline  time.Time  `json:"deadline,omitzero"` // of the last attempt
	Tries     int        `json:"tries,omitempty"`
	Looks     int        `json:"looks,omitempty"`
	Why       string     `json:"why,omitempty"`
}

// Open says that the change may still come about by itself.
func (ch *ReplyChange) Open() bool {
	return ch.State == ReplyIsRequested || ch.State == ReplyIsAttempted || ch.State == ReplyIsUnknown
}

// NextAt is when the outbox has something to do about the change, as
// [Reply.NextAt] is for the reply.
func (ch *ReplyChange) NextAt() (at time.Time, ok bool) {
	return nextAt(ch.State, ch.NotBefore, ch.Deadline, ch.Looks)
}

// ChangeReply asks to mend or withdraw a reply that was sent. What becomes of
// the case, and of its deadlines, stays what it is: the customer saw an answer.
func (c *Case) ChangeReply(by AgentID, lead bool, e ReplyChangeAsked) ([]Event, error) {
	r, err := c.ChangeableReply(by, lead, e.Reply)
	switch {
	case err != nil:
		return nil, err
	case r.Change.State == ReplyIsRequested || r.Change.State == ReplyIsAttempted:
		return nil, conflict("This reply is being changed already. Wait until that is done, or undo it.")
	case e.What != Mend && e.What != Withdraw:
		return nil, fmt.Errorf("care: %q is no change", e.What)
	case e.What == Mend && e.Wording != c.NextText():
		return nil, errors.New("care: a mended reply needs a text of its own")
	}
	return []Event{e}, nil
}

// AttemptChange opens an attempt, as [Case.AttemptReply] does.
func (c *Case) AttemptChange(n int, now, deadline time.Time) []Event {
	r := c.Reply(n)
	if r == nil || r.Change.State != ReplyIsRequested || r.Change.NotBefore.After(now) {
		return nil
	}
	return []Event{ReplyChangeWent{Reply: n, State: ReplyIsAttempted, Try: r.Change.Tries + 1, Until: deadline}}
}

// ChangeIsMade notes that the network shows it.
func (c *Case) ChangeIsMade(n int) []Event {
	switch r := c.Reply(n); {
	case r == nil || !r.Change.Open():
		return nil
	case r.Change.What == Mend:
		return []Event{ReplyMended{Reply: n, Wording: r.Change.Wording}}
	}
	return []Event{ReplyWithdrawn{Reply: n}}
}

// ChangeDidFail notes that it will certainly not come about.
func (c *Case) ChangeDidFail(n int, why string) []Event {
	if r := c.Reply(n); r == nil || !r.Change.Open() {
		return nil
	}
	return []Event{ReplyChangeWent{Reply: n, State: ReplyIsFailed, Why: why}}
}

// DelayChange puts an attempt off that provably did nothing.
func (c *Case) DelayChange(n int, until time.Time, why string) []Event {
	if r := c.Reply(n); r == nil || r.Change.State != ReplyIsAttempted {
		return nil
	}
	return []Event{ReplyChangeWent{Reply: n, State: ReplyIsRequested, Until: until, Why: why}}
}

// ChangeMayBeMade notes that nobody knows.
func (c *Case) ChangeMayBeMade(n int, why string) []Event {
	if r := c.Reply(n); r == nil || !r.Change.Open() || r.Change.State == ReplyIsUnknown {
		return nil
	}
	return []Event{ReplyChangeWent{Reply: n, State: ReplyIsUnknown, Why: why}}
}

// SoughtChange counts a look at the network that did not find it made.
func (c *Case) SoughtChange(n int) []Event {
	r := c.Reply(n)
	if r == nil || r.Change.State != ReplyIsUnknown {
		return nil
	}
	return []Event{ReplyChangeWent{Reply: n, State: ReplyIsUnknown, Looks: r.Change.Looks + 1, Why: r.Change.Why}}
}

// undoChange takes back a change that has not begun.
func (c *Case) undoChange(by AgentID, r *Reply) ([]Event, error) {
	if r.Change.By.Agent() != by {
		return nil, conflict("Somebody else asked for this.")
	}
	return []Event{ReplyChangeWent{Reply: r.N, State: ReplyIsUndone}}, nil
}

func (c *Case) applyChange(r Record, e Event) bool {
	switch e := e.(type) {
	case ReplyChangeAsked:
		c.Texts = max(c.Texts, e.Wording)
		c.reply(e.Reply, func(p *Reply) {
			p.Change = ReplyChange{What: e.What, State: ReplyIsRequested, By: r.By, Wording: e.Wording, NotBefore: e.NotBefore}
			if e.NotBefore.IsZero() {
				p.Change.NotBefore = r.At
			}
		})
	case ReplyChangeWent:
		c.reply(e.Reply, func(p *Reply) { p.Change.went(e, r.At) })
	case ReplyMended:
		c.Texts = max(c.Texts, e.Wording)
		c.reply(e.Reply, func(p *Reply) { p.Mended = e.Wording; p.Change.done(Mend) })
	case ReplyWithdrawn:
		c.reply(e.Reply, func(p *Reply) { p.Withdrawn = true; p.Change.done(Withdraw) })
	default:
		return false
	}
	return true
}

func (ch *ReplyChange) went(e ReplyChangeWent, at time.Time) {
	if e.Until.IsZero() {
		e.Until = at
	}
	switch ch.State, ch.Why = e.State, e.Why; e.State {
	case ReplyIsAttempted:
		ch.Tries, ch.Deadline = e.Try, e.Until
	case ReplyIsRequested:
		ch.NotBefore = e.Until
	case ReplyIsUnknown:
		if ch.Looks = e.Looks; ch.Deadline.IsZero() {
			ch.Deadline = at // never attempted, as far as we know: a restored backup
		}
	}
}

func (ch *ReplyChange) done(what ChangeKind) {
	if ch.What == what {
		ch.State, ch.Why = ReplyIsSent, ""
	}
}
