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
	// Steps are those of the case's escalation policy, see [Case.Plan].
	Steps(c *Case) []PlannedStep
	// Whom is who a step gives a case to that is done now. Where nobody of those
	// whom it names is there, nobody says so.
	Whom(c *Case, p PlannedStep) (to AgentID, nobody string)
	// Lapse is when a case that its agent has not touched goes back to its queue. ok
	// is false where none does.
	Lapse(c *Case) (at time.Time, ok bool)
}

// Settle returns what follows from the state of a case at an instant: targets
// set, paused, met, breached, corrected and ended, promises slipped, a snooze
// that is over. before is the case as it was in the log, or nil; c is the case
// after the events just decided, and is not changed. Settling again adds nothing.
func (c *Case) Settle(before *Case, now time.Time, tt Timetable) []Event {
	existed := before != nil && before.Exists()
	s := settling{
		c: c, now: now, tt: tt, opening: !existed,
		reopened: existed && before.State.Over() && before.State != StateMerged && before.ClosedAt.Equal(c.ClosedAt), // an end that is taken back was none
	}
	s.answers()
	s.breaches()
	s.endings()
	s.moved()
	if existed && before.Policy != c.Policy {
		s.promisedAnew()
	}
	s.starts()
	s.resolution()
	s.promises()
	if until := s.c.SnoozedUntil; !until.IsZero() && !until.After(now) {
		s.emit(Woken{Why: "time"})
	}
	if s.c.WaitsOn != "" && !s.c.WaitsUntil.After(s.now) {
		s.emit(WaitOver{Why: "time"})
	}
	s.escalations()
	return s.events
}

type settling struct {
	c        *Case
	now      time.Time
	tt       Timetable
	opening  bool // the case comes to life with this change
	reopened bool // this change takes up what was over
	events   []Event
}

func (s *settling) emit(e Event) {
	if len(s.events) == 0 {
		s.c = s.c.Clone() // most often nothing follows
	}
	s.events = append(s.events, e)
	s.c.Apply(s.c.Seq, Record{At: s.now, Events: []Event{e}})
}

// answers meets the targets whose wait ended in time, and takes back what was
// called breached or unanswered too early.
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
			t.State == TargetIsEnded && t.How == Unanswered && !at.After(s.c.ClosedAt):
			s.emit(TargetCorrected{Target: t.Target, At: at})
		}
	}
}

// breaches marks running targets whose deadline has passed, at the deadline.
func (s *settling) breaches() {
	for _, t := range slices.Clone(s.c.Targets) {
		if t.State == TargetRunning && !t.DueAt.After(s.now) {
			s.emit(TargetBreached{Target: t.Target, At: t.DueAt})
		}
	}
}

// endings closes the targets that have no more meaning.
func (s *settling) endings() {
	for _, t := range slices.Clone(s.c.Targets) {
		switch {
		case !t.Open():
		case s.c.State == StateResolved && t.Target == Resolution: // it was paused
			s.emit(TargetMet{Target: Resolution, At: s.c.ResolvedAt})
		case s.c.State == StateResolved:
			s.emit(TargetEnded{Target: t.Target, How: Unanswered})
		case s.c.State == StateDismissed:
			s.emit(TargetEnded{Target: t.Target, How: EndDismissed})
		case s.c.State == StateMerged:
			s.emit(TargetEnded{Target: t.Target, How: EndMerged})
		case s.c.takenBack() || s.withdrawn(&t):
			s.emit(TargetEnded{Target: t.Target, How: Withdrawn})
		}
	}
}

// takenBack says that the customer deleted all of the case.
func (c *Case) takenBack() bool {
	return len(c.Mentions) > 0 && !slices.ContainsFunc(c.Mentions, func(m CaseMention) bool { return !m.Deleted })
}

// withdrawn says that the customer deleted what a target's wait began with, and
// waits for nothing else.
func (s *settling) withdrawn(t *Target) bool {
	m := s.c.Mention(t.Mention)
	return t.Target != Resolution && m != nil && m.Deleted && s.c.Unanswered() == nil
}

// moved looks at waits that began with a mention which has left the case: they
// go on where it went. What still waits here has a wait of its own.
func (s *settling) moved() {
	if s.c.State.Over() {
		return
	}
	for _, k := range []TargetKind{FirstResponse, NextResponse} {
		t := s.c.Target(k)
		if !t.owed() || t.Mention == "" || s.c.Mention(t.Mention) != nil {
			continue
		}
		if u := s.c.Unanswered(); u == nil || !s.start(k, u) {
			s.emit(TargetEnded{Target: k, How: EndMerged})
		}
	}
}

// promisedAnew carries on by another policy: working time that was used stays
// used, and time that was paused stays paused. Where more was used than it allows, a
// target is due now and not in the past. What it does not promise stays promised,
// what was breached stays breached, and what it promises besides begins now.
func (s *settling) promisedAnew() {
	if s.c.State.Over() || s.c.Late {
		return
	}
	for _, t := range slices.Clone(s.c.Targets) {
		whole, ok := s.tt.Start(s.c, t.Target, s.now, s.now)
		if !ok || !t.Open() {
			continue
		}
		left := t.Left
		if t.State == TargetRunning {
			left = s.tt.Left(t, s.now)
		}
		left = max(0, whole.Promised-max(0, t.Promised-left))
		again := s.tt.Resume(Target{TargetSet: whole, Left: left}, s.now)
		again.Target, again.Mention = t.Target, t.Mention
		if t.State == TargetIsPaused {
			s.emit(again)
			s.emit(TargetPaused{Target: t.Target, Left: left})
			continue
		}
		s.set(t.Target, again)
	}
	u := s.c.Unanswered()
	if s.c.Target(FirstResponse) == nil && s.c.FirstReplyAt.IsZero() && u != nil {
		s.begin(FirstResponse, u.Mention, s.now, s.now)
	}
	if s.c.Target(Resolution) == nil {
		s.begin(Resolution, "", s.now, s.now)
	}
}

// starts sets the response targets.
func (s *settling) starts() {
	if s.c.State.Over() || s.c.takenBack() {
		return
	}
	began := s.c.oldest(func(m *CaseMention) bool {
		_, answered := s.c.answerTo(m)
		return m.From == "" && (answered || !m.Settled) // what was settled otherwise, or in another case, began nothing here
	})
	switch first := s.c.Target(FirstResponse); {
	case first.owed():
		s.earlier(first, began)
	case first == nil && s.opening && !s.c.Late && began != nil:
		s.start(FirstResponse, began)
	}
	first, next, u := s.c.Target(FirstResponse), s.c.Target(NextResponse), s.c.Unanswered()
	switch {
	case first.owed(): // nothing comes next yet
	case next.owed():
		s.earlier(next, s.c.oldest(func(m *CaseMention) bool { return m.From == "" && !m.Settled }))
	case u != nil && (first != nil || s.begun()):
		s.start(NextResponse, u)
	case u == nil && s.reopened && (next == nil || next.StartAt.Before(s.now)):
		s.begin(NextResponse, "", s.now, s.now)
	}
}

// begun says that a first response was given, or can't be measured any more.
func (s *settling) begun() bool {
	return !s.c.FirstReplyAt.IsZero() || s.reopened ||
		slices.ContainsFunc(s.c.Mentions, func(m CaseMention) bool { return m.Settled || m.Late || m.Deleted })
}

// start begins a target's wait with a mention.
func (s *settling) start(k TargetKind, m *CaseMention) bool {
	return s.begin(k, m.Mention, m.PostedAt, m.SeenAt)
}

func (s *settling) begin(k TargetKind, m MentionID, posted, seen time.Time) bool {
	t, ok := s.tt.Start(s.c, k, posted, seen)
	if ok {
		t.Mention = m
		s.set(k, t)
	}
	return ok
}

// earlier lets an unmet wait begin earlier when an older mention arrived. What
// came with a merge brought its deadline along.
func (s *settling) earlier(t *Target, m *CaseMention) {
	if m == nil || m.Mention == t.Mention {
		return
	}
	if b := s.c.Mention(t.Mention); b != nil && b.From != "" {
		return
	}
	e, ok := s.tt.Start(s.c, t.Target, m.PostedAt, m.SeenAt)
	if ok && e.StartAt.Before(t.StartAt) && !e.DueAt.After(t.DueAt) {
		e.Mention = m.Mention
		s.set(t.Target, e)
	}
}

// set emits a target, and what is known of it at once.
func (s *settling) set(k TargetKind, e TargetSet) {
	e.Target = k
	s.emit(e)
	at, ok := s.c.answeredAt(s.c.Target(k))
	switch {
	case ok && !at.After(e.DueAt):
		s.emit(TargetMet{Target: k, At: at})
	case !e.DueAt.After(s.now):
		s.emit(TargetBreached{Target: k, At: e.DueAt})
	}
}

// resolution starts, pauses and resumes the resolution target.
func (s *settling) resolution() {
	if s.c.State.Over() || s.c.takenBack() {
		return
	}
	t := s.c.Target(Resolution)
	switch {
	case t == nil && s.opening && !s.c.Late:
		if m := s.c.oldest(func(*CaseMention) bool { return true }); m != nil {
			s.start(Resolution, m)
		}
	case t == nil:
	case t.State == TargetRunning && s.c.State == StateAwaiting:
		s.emit(TargetPaused{Target: Resolution, Left: s.tt.Left(*t, s.now)})
	case t.State == TargetIsPaused && s.c.State != StateAwaiting:
		again := s.tt.Resume(*t, s.now)
		again.Mention = t.Mention
		s.set(Resolution, again)
	}
}

// promises marks those whose time is near, and those whose time passed, also
// where they were kept after it and before anybody looked.
func (s *settling) promises() {
	for _, p := range slices.Clone(s.c.Promises) {
		late := !p.DoneAt.IsZero() && p.DoneAt.After(p.DueAt) && !p.Slipped
		if late || p.State == PromiseOpen && !p.DueAt.After(s.now) {
			s.emit(PromiseSlipped{Promise: p.N, At: p.DueAt})
		} else if at := p.AtRiskAt(); p.State == PromiseOpen && !p.Warned && !at.After(s.now) {
			s.emit(PromiseAtRisk{Promise: p.N, At: at})
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
			if !p.Warned {
				earliest(p.AtRiskAt())
			}
		}
	}
	if !c.SnoozedUntil.IsZero() {
		earliest(c.SnoozedUntil)
	}
	if c.WaitsOn != "" {
		earliest(c.WaitsUntil)
	}
	if !c.LookAt.IsZero() {
		earliest(c.LookAt)
	}
	return at, ok
}

// PromisedBy is what the deadlines of a case would be if it were promised by
// another policy from now on. c is not changed.
func (c *Case) PromisedBy(policy string, now time.Time, tt Timetable) []Target {
	then := c.Clone()
	then.Policy = policy
	then.Apply(0, Record{At: now, Events: then.Settle(c, now, tt)})
	return then.Targets
}
