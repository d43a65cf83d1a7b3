package care

import (
	"slices"
	"time"
)

// A Timetable turns the promises of a case's policy into instants, by the
// calendar in force.
type Timetable interface {
	// Start gives a target whose wait began when the customer posted and when we
	// saw it; the policy says which of the two counts. ok is false when the
	// policy promises nothing of this kind.
	Start(c *Case, k TargetKind, posted, seen time.Time) (t TargetSet, ok bool)
	// Left is the working time between an instant and the target's deadline.
	Left(t Target, at time.Time) time.Duration
	// Resume gives a paused target its new deadline.
	Resume(t Target, at time.Time) TargetSet
}

// Settle returns what follows from the state of a case at an instant: targets
// set, paused, met, breached, corrected and ended, promises slipped, a snooze
// that is over. before is the case as it was in the log; c is the case after
// the events just decided, and is not changed. Settling again adds nothing.
func (c *Case) Settle(before *Case, now time.Time, tt Timetable) []Event {
	s := settling{c: c.Clone(), before: before, now: now, tt: tt}
	s.answers()
	s.breaches()
	s.endings()
	s.starts()
	s.resolution()
	s.promises()
	if until := s.c.SnoozedUntil; !until.IsZero() && !until.After(now) {
		s.emit(Woken{Why: "time"})
	}
	return s.events
}

type settling struct {
	c, before *Case
	now       time.Time
	tt        Timetable
	events    []Event
}

func (s *settling) emit(e Event) {
	s.events = append(s.events, e)
	s.c.Apply(s.c.Seq, Record{At: s.now, Events: []Event{e}})
}

// answeredAt is the instant at which the wait that a response target measures
// came to its end.
func (c *Case) answeredAt(t *Target) (at time.Time, ok bool) {
	switch t.Target {
	case FirstResponse:
		return c.FirstReplyAt, !c.FirstReplyAt.IsZero()
	case NextResponse:
		if u := c.Unanswered(); u != nil && !u.PostedAt.After(t.StartAt) {
			return time.Time{}, false
		}
		for _, r := range c.Replies {
			if !r.VisibleAt.IsZero() && !r.VisibleAt.Before(t.StartAt) && (!ok || r.VisibleAt.Before(at)) {
				at, ok = r.VisibleAt, true
			}
		}
	}
	return at, ok
}

// answers meets the response targets that a visible reply ended, and takes
// back what was called breached or unanswered too early.
func (s *settling) answers() {
	for _, t := range slices.Clone(s.c.Targets) {
		at, ok := s.c.answeredAt(&t)
		if !ok || at.After(t.DueAt) {
			continue
		}
		switch {
		case t.State == TargetRunning:
			s.emit(TargetMet{Target: t.Target, At: at})
		case t.State == TargetIsBroken,
			t.State == TargetIsEnded && t.How == Unanswered && !at.After(s.c.ResolvedAt):
			s.emit(TargetCorrected{Target: t.Target, At: at})
		}
	}
}

// breaches marks running targets whose deadline has passed, at the deadline.
func (s *settling) breaches() {
	for _, t := range slices.Clone(s.c.Targets) {
		if t.State != TargetRunning || t.DueAt.After(s.now) {
			continue
		}
		if t.Target == Resolution && s.c.State == StateResolved && !s.c.ResolvedAt.After(t.DueAt) {
			continue // resolved in time, recorded just now
		}
		s.emit(TargetBreached{Target: t.Target, At: t.DueAt})
	}
}

// endings closes the targets that have no more meaning.
func (s *settling) endings() {
	how := Ending("")
	switch s.c.State {
	case StateResolved:
		how = Unanswered
	case StateDismissed:
		how = EndDismissed
	case StateMerged:
		how = EndMerged
	default:
		if s.withdrawn() {
			how = Withdrawn
		}
	}
	if how == "" {
		return
	}
	for _, t := range slices.Clone(s.c.Targets) {
		switch {
		case !t.Open():
		case how == Unanswered && t.Target == Resolution:
			s.emit(TargetMet{Target: Resolution, At: s.c.ResolvedAt})
		default:
			s.emit(TargetEnded{Target: t.Target, How: how})
		}
	}
}

// withdrawn says that the customer took back everything we were to answer.
func (s *settling) withdrawn() bool {
	return len(s.c.Mentions) > 0 && !slices.ContainsFunc(s.c.Mentions, func(m CaseMention) bool { return !m.Deleted })
}

// starts sets the response targets.
func (s *settling) starts() {
	c := s.c
	if c.State.Over() || s.withdrawn() {
		return
	}
	u := c.Unanswered()
	first, next := c.Target(FirstResponse), c.Target(NextResponse)
	switch {
	case first == nil && s.opening() && !c.Late && u != nil && c.FirstReplyAt.IsZero():
		s.start(FirstResponse, u.PostedAt, u.SeenAt)
		return
	case first != nil && first.State == TargetRunning:
		s.moveBack(first, u)
		return
	case first != nil && first.State == TargetIsBroken && first.DoneAt.IsZero():
		return // the first answer is still owed: nothing comes next
	}
	owed := next != nil && (next.Open() || next.State == TargetIsBroken && next.DoneAt.IsZero())
	begun := !c.FirstReplyAt.IsZero() || c.Late || first != nil && first.State == TargetIsEnded || s.reopened()
	if owed || !begun {
		return
	}
	switch {
	case u != nil:
		s.start(NextResponse, u.PostedAt, u.SeenAt)
	case s.reopened():
		s.start(NextResponse, s.now, s.now)
	}
}

// opening says that the case comes to life with this change.
func (s *settling) opening() bool { return !s.before.Exists() }

// reopened says that this change takes up what was over.
func (s *settling) reopened() bool {
	return s.before.Exists() && s.before.State.Over() && s.before.State != StateMerged
}

func (s *settling) start(k TargetKind, posted, seen time.Time) {
	if t, ok := s.tt.Start(s.c, k, posted, seen); ok {
		s.emit(t)
		if !t.DueAt.After(s.now) {
			s.emit(TargetBreached{Target: k, At: t.DueAt})
		}
	}
}

// moveBack starts an unmet first response earlier when an older mention arrived.
func (s *settling) moveBack(first *Target, u *CaseMention) {
	if u == nil {
		return
	}
	if t, ok := s.tt.Start(s.c, FirstResponse, u.PostedAt, u.SeenAt); ok && t.StartAt.Before(first.StartAt) && t.DueAt.Before(first.DueAt) {
		s.emit(t)
		if !t.DueAt.After(s.now) {
			s.emit(TargetBreached{Target: FirstResponse, At: t.DueAt})
		}
	}
}

// resolution starts, pauses and resumes the resolution target.
func (s *settling) resolution() {
	c := s.c
	if c.State.Over() || s.withdrawn() {
		return
	}
	t := c.Target(Resolution)
	switch {
	case t == nil && s.opening() && !c.Late:
		if u := c.Unanswered(); u != nil {
			s.start(Resolution, u.PostedAt, u.SeenAt)
		}
	case t == nil:
	case t.State == TargetRunning && c.State == StateAwaiting:
		s.emit(TargetPaused{Target: Resolution, Left: s.tt.Left(*t, s.now)})
	case t.State == TargetIsPaused && c.State != StateAwaiting:
		s.emit(s.tt.Resume(*t, s.now))
	}
}

func (s *settling) promises() {
	for _, p := range slices.Clone(s.c.Promises) {
		if p.State == PromiseOpen && !p.DueAt.After(s.now) {
			s.emit(PromiseSlipped{Promise: p.N, At: p.DueAt})
		}
	}
}

// NextAlarm is the next instant at which Settle has something to say without
// anybody acting. ok is false when there is none.
func (c *Case) NextAlarm() (at time.Time, ok bool) {
	earliest := func(t time.Time) {
		if !ok || t.Before(at) {
			at, ok = t, true
		}
	}
	for _, t := range c.Targets {
		if t.State == TargetRunning {
			earliest(t.DueAt)
		}
	}
	for _, p := range c.Promises {
		if p.State == PromiseOpen {
			earliest(p.DueAt)
		}
	}
	if !c.SnoozedUntil.IsZero() {
		earliest(c.SnoozedUntil)
	}
	return at, ok
}
