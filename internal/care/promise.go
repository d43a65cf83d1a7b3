package care

import (
	"fmt"
	"slices"
	"time"
)

// A ProposedPromise is a sentence that tells the customer what we will do, and
// by when: something to keep track of, if a person says so.
type ProposedPromise struct {
	From, To int       // bytes of the text
	What     string    // call | write | refund | repair | other
	DueAt    time.Time // zero: a person has to say when
}

// MakePromise keeps track of what was told to the customer. Promises live on
// when the case is resolved or snoozed.
func (c *Case) MakePromise(by AgentID, n int, now, due time.Time, what string) ([]Event, error) {
	return c.makePromise(now, PromiseMade{Promise: n, DueAt: due, Owner: by, What: what})
}

// PromiseIn is MakePromise for what a reply says. If that is never sent, nothing
// was promised.
func (c *Case) PromiseIn(reply int, by AgentID, n int, now, due time.Time, what string) ([]Event, error) {
	return c.makePromise(now, PromiseMade{Promise: n, DueAt: due, Owner: by, What: what, Reply: reply})
}

func (c *Case) makePromise(now time.Time, p PromiseMade) ([]Event, error) {
	switch {
	case !c.Exists():
		return nil, c.working()
	case !p.DueAt.After(now):
		return nil, invalid("due", "Choose a time that is still to come.")
	case c.Promise(p.Promise) != nil:
		return nil, fmt.Errorf("care: case %s has a promise %d already", c.ID, p.Promise)
	}
	return []Event{p}, nil
}

// NeverSent is the reply of which an event says that it was not sent and never
// will be: taken back, refused by whoever had to approve it, or failed for good.
func NeverSent(e Event) (reply int, ok bool) {
	switch e := e.(type) {
	case ReplyUndone:
		return e.Reply, true
	case ReplyRefused:
		return e.Reply, true
	case ReplyFailed:
		return e.Reply, true
	}
	return 0, false
}

// unsay takes out what a reply promised that was never sent: the customer was
// not told. While nobody knows whether it was sent, its promises stay.
func (c *Case) unsay(reply int) {
	c.Promises = slices.DeleteFunc(c.Promises, func(p Promise) bool { return p.Reply == reply && reply != 0 })
}

// KeepPromise says that it was done.
func (c *Case) KeepPromise(n int) ([]Event, error) {
	p := c.Promise(n)
	switch {
	case p == nil:
		return nil, &Error{Code: NotFound, Msg: "There is no such promise."}
	case p.State == PromiseIsKept || p.State == PromiseWasToldOf:
		return nil, nil
	}
	return []Event{PromiseKept{Promise: n}}, nil
}

// Renegotiate gives a promise a new time. told says that the customer knows
// already; it counts only before the old time has passed.
func (c *Case) Renegotiate(n int, now, due time.Time, told bool) ([]Event, error) {
	p := c.Promise(n)
	switch {
	case p == nil:
		return nil, &Error{Code: NotFound, Msg: "There is no such promise."}
	case p.State == PromiseIsKept || p.State == PromiseWasToldOf:
		return nil, conflict("This promise is kept already.")
	case !due.After(now):
		return nil, invalid("due", "Choose a time that is still to come.")
	}
	again := PromiseRenegotiated{Promise: n, DueAt: due, Told: told && now.Before(p.DueAt)}
	if p.State == PromiseOpen && !now.Before(p.DueAt) {
		return []Event{PromiseSlipped{Promise: n, At: p.DueAt}, again}, nil // before anybody looked
	}
	return []Event{again}, nil
}
