package care

import (
	"slices"
	"time"
)

// A marked is a decision about many cases as one of them remembers it, for as
// long as nothing else happens to the case.
type marked struct {
	bulk string
	at   time.Time
	was  *Case // before it
}

// mark remembers how the case stood before a decision about many, and forgets
// it as soon as anything else happens.
func (c *Case) mark(r Record) {
	if len(r.Events) == 0 {
		return
	}
	if b, ok := r.Events[0].(InBulk); ok && !b.Undo {
		c.last = nil
		if !slices.ContainsFunc(r.Events, beside) {
			c.last = &marked{bulk: b.Bulk, at: r.At, was: c.Clone()}
		}
		return
	}
	if !slices.ContainsFunc(r.Events, func(e Event) bool { return !quiet(e) }) {
		return
	}
	c.last = nil
}

// beside says that an event of the same record was none of the decision's own:
// time had come for something.
func beside(e Event) bool {
	switch e := e.(type) {
	case Escalated, WaitOver:
		return true
	case Woken:
		return e.Why != "hand"
	}
	return false
}

// quiet says that an event is the clock's keeping of books, which changes
// nothing that somebody decided.
func quiet(e Event) bool {
	switch e.(type) {
	case TargetSet, TargetPaused, TargetMet, TargetBreached, TargetCorrected, TargetEnded,
		NoticeRequested, NoticeAttempted, NoticeDelayed, NoticeSent, NoticeFailed, NoticeUnknown, NoticeStands,
		Planned, PromiseAtRisk, PromiseSlipped:
		return true
	}
	return false
}

// UndoBulk takes back what a decision about many cases did to this one: the case
// stands where it stood, waits since when it waited, and its deadlines are the
// old ones. It is refused once anything else has happened to the case.
func (c *Case) UndoBulk(bulk string) ([]Event, error) {
	switch {
	case !c.Exists():
		return nil, c.working()
	case c.last == nil || c.last.bulk != bulk:
		return nil, conflict("Something else has happened to this case since.")
	}
	was := c.last.was
	events := append(c.putBack(was), c.sleepBack(was)...)
	if c.Queue != was.Queue {
		events = append(events, Routed{Queue: was.Queue, Lane: was.Lane, Priority: was.Priority, Policy: was.Policy, Path: slices.Clone(was.Path)})
	}
	off := slices.DeleteFunc(slices.Clone(c.Tags), func(t string) bool { return slices.Contains(was.Tags, t) })
	on := slices.DeleteFunc(slices.Clone(was.Tags), func(t string) bool { return slices.Contains(c.Tags, t) })
	if len(on)+len(off) > 0 {
		events = append(events, tagged(on, off))
	}
	for _, p := range was.Promises {
		if now := c.Promise(p.N); now != nil && now.Owner != p.Owner {
			events = append(events, PromisePassed{Promise: p.N, To: p.Owner})
		}
	}
	return events, nil
}

// tagged leaves out what is empty, as records do.
func tagged(add, remove []string) (e Tagged) {
	if len(add) > 0 {
		e.Add = add
	}
	if len(remove) > 0 {
		e.Remove = remove
	}
	return e
}

// putBack makes the case stand where it stood.
func (c *Case) putBack(was *Case) []Event {
	if c.State == was.State && c.Assignee == was.Assignee && c.QueuedAt.Equal(was.QueuedAt) && c.ClosedAt.Equal(was.ClosedAt) {
		return nil
	}
	e := Undone{
		At: c.last.at, State: was.State, Assignee: was.Assignee, Given: was.Given, Unmatched: was.Unmatched,
		QueuedAt: was.QueuedAt, ClosedAt: was.ClosedAt,
	}
	for _, m := range was.Mentions {
		now := c.Mention(m.Mention)
		if now == nil {
			continue
		}
		if now.Settled && !m.Settled {
			e.Waits = append(e.Waits, m.Mention)
		}
		if m.Flagged && !now.Flagged {
			e.Flagged = append(e.Flagged, m.Mention)
		}
	}
	var then []Event
	for _, t := range was.Targets {
		now := c.Target(t.Target)
		onTime := t.State == TargetRunning && now.State == TargetIsBroken && now.DoneAt.IsZero() && now.How == "" // it is breached either way
		if onTime || now.State == t.State && now.DueAt.Equal(t.DueAt) && now.DoneAt.Equal(t.DoneAt) && now.How == t.How {
			continue
		}
		e.Targets = append(e.Targets, t.TargetSet)
		switch t.State {
		case TargetIsPaused:
			then = append(then, TargetPaused{Target: t.Target, Left: t.Left})
		case TargetIsBroken:
			then = append(then, TargetBreached{Target: t.Target, At: t.BreachedAt})
		}
	}
	return append([]Event{e}, then...)
}

// sleepBack puts back what the case was asleep for or waited on.
func (c *Case) sleepBack(was *Case) (events []Event) {
	switch {
	case c.SnoozedUntil.Equal(was.SnoozedUntil):
	case was.SnoozedUntil.IsZero():
		events = append(events, Woken{Why: "hand"})
	default:
		events = append(events, Snoozed{Until: was.SnoozedUntil})
	}
	if was.WaitsOn != "" && c.WaitsOn == "" {
		events = append(events, WaitingOn{On: was.WaitsOn, Until: was.WaitsUntil})
	}
	return events
}

// undone follows Undone.
func (c *Case) undone(e Undone) {
	if c.State.Over() && !e.State.Over() {
		c.Disposition, c.Reason, c.ResolvedAt, c.Details = "", "", time.Time{}, 0
	}
	c.State, c.Assignee, c.Given, c.Unmatched = e.State, e.Assignee, e.Given, e.Unmatched
	c.QueuedAt, c.ClosedAt = e.QueuedAt, e.ClosedAt
	for i := range c.Mentions {
		m := &c.Mentions[i]
		m.Settled = m.Settled && !slices.Contains(e.Waits, m.Mention)
		m.Flagged = m.Flagged || slices.Contains(e.Flagged, m.Mention)
	}
	for _, t := range e.Targets {
		c.applyTarget(t)
	}
}
