package care

import (
	"fmt"
	"slices"
	"time"
)

// A Trigger is what sets off a step of an escalation policy.
type Trigger string

// The triggers.
const (
	WhenAtRisk    Trigger = "at_risk"   // a target is about to be missed
	WhenBreached  Trigger = "breached"  // its deadline has passed, and the answer is still owed
	WhenUnclaimed Trigger = "unclaimed" // nobody has the case
	WhenSevere    Trigger = "severe"    // a later mention is worse for the customer than the first
	WhenAngrier   Trigger = "angrier"   // or sounds angrier
	WhenViral     Trigger = "viral"     // or is spreading

	WhenPromiseDue     Trigger = "promise_due"     // a promise to the customer will be due soon
	WhenPromiseSlipped Trigger = "promise_slipped" // its time has passed, and it is not kept
)

// Triggers are all there are.
func Triggers() []Trigger {
	return []Trigger{WhenAtRisk, WhenBreached, WhenUnclaimed, WhenSevere, WhenAngrier, WhenViral, WhenPromiseDue, WhenPromiseSlipped}
}

// An EscalationPolicy says who hears of a case that is going wrong, and when.
type EscalationPolicy struct {
	Name  string
	Steps []EscalationStep
}

// An EscalationStep is one of them.
type EscalationStep struct {
	When   Trigger
	Target TargetKind    // of at_risk and breached: which; empty: any
	After  time.Duration // how long after the trigger; of unclaimed: working time
	// Raise lifts the case one level, Queue moves it, Assign gives it to somebody, by
	// name or by what they are on call for, if nobody has it, and Notify tells channels.
	Raise  bool
	Queue  string
	Assign AgentID
	Notify []string
	// Repeat tells the channels again until somebody acknowledges or the matter is
	// over, Times times at most.
	Repeat time.Duration
	Times  int
}

// A PlannedStep is a step of a policy at an instant, for one case.
type PlannedStep struct {
	EscalationStep
	Key   string // one for each case, step, what set it off, and repeat
	At    time.Time
	Again int // 0: the first time
}

// Plan lists the steps of a policy for a case, with their instants. later counts
// working time. A step that is over, was acknowledged, or whose trigger is gone,
// is not in it; one that was done is, since its key says so. Of a case that is
// over, or was late, only what was promised in it still counts.
func (c *Case) Plan(p EscalationPolicy, later func(from time.Time, d time.Duration) time.Time) []PlannedStep {
	var plan []PlannedStep
	for i, s := range p.Steps {
		if (c.State.Over() || c.Late) && s.When != WhenPromiseDue && s.When != WhenPromiseSlipped {
			continue
		}
		for _, b := range c.triggered(s) {
			at := b.at.Add(s.After)
			if s.When == WhenUnclaimed {
				at = later(b.at, s.After)
			}
			for n := range 1 + max(0, min(s.Times, 100)) {
				if n > 0 && (s.Repeat <= 0 || !c.AckedAt.IsZero() && !c.AckedAt.Before(at)) {
					break
				}
				planned := PlannedStep{EscalationStep: s, At: at.Add(time.Duration(n) * s.Repeat), Again: n}
				planned.Key = fmt.Sprintf("%s/%d/%s%d/%d", p.Name, i+1, b.what, b.at.UnixMilli(), n)
				if n > 0 {
					planned.Raise, planned.Queue, planned.Assign = false, "", ""
				}
				plan = append(plan, planned)
			}
		}
	}
	return plan
}

// A begun is something that set a step off.
type begun struct {
	what string // tells deadlines of different targets apart
	at   time.Time
}

func (c *Case) triggered(s EscalationStep) (all []begun) {
	switch s.When {
	case WhenAtRisk, WhenBreached:
		for i := range c.Targets {
			t := &c.Targets[i]
			if s.Target != "" && t.Target != s.Target || !t.owed() || t.State == TargetIsPaused {
				continue
			}
			at := t.DueAt
			if s.When == WhenAtRisk {
				at = t.AtRiskAt
			}
			all = append(all, begun{string(t.Target) + "/", at})
		}
	case WhenUnclaimed:
		if c.State == StateWaiting && !c.QueuedAt.IsZero() {
			all = append(all, begun{"", c.QueuedAt})
		}
	case WhenPromiseDue, WhenPromiseSlipped:
		for i := range c.Promises {
			p := &c.Promises[i]
			if !p.Outstanding() {
				continue
			}
			at := p.DueAt
			if s.When == WhenPromiseDue {
				at = p.AtRiskAt()
			}
			all = append(all, begun{fmt.Sprintf("promise%d/", p.N), at})
		}
	case WhenSevere, WhenAngrier, WhenViral:
		if at, ok := c.worsened(s.When); ok {
			all = append(all, begun{"", at})
		}
	}
	return all
}

// worsened is when the first mention came that was worse than all before it.
func (c *Case) worsened(w Trigger) (at time.Time, ok bool) {
	ms := slices.Clone(c.Mentions)
	slices.SortStableFunc(ms, func(a, b CaseMention) int { return a.PostedAt.Compare(b.PostedAt) })
	for i := range ms {
		m := &ms[i]
		if i == 0 || m.Deleted {
			continue
		}
		first, l := &ms[0].Labels, &m.Labels
		switch {
		case w == WhenSevere && l.Severity == High && first.Severity != High,
			w == WhenAngrier && l.Mood.rank() > first.Mood.rank() && l.Mood.rank() >= Angry.rank(),
			w == WhenViral && slices.Contains(l.Urgency, Viral) && !slices.Contains(first.Urgency, Viral):
			return m.SeenAt, true
		}
	}
	return at, false
}

// rank orders moods.
func (m Mood) rank() int { return slices.Index([]Mood{Calm, Annoyed, Angry, Furious}, m) }

// Acknowledge says that somebody knows: what was told is not told again.
func (c *Case) Acknowledge(now time.Time) ([]Event, error) {
	if err := c.working(); err != nil && !slices.ContainsFunc(c.Promises, func(p Promise) bool { return p.Outstanding() }) {
		return nil, err
	}
	if len(c.Steps) == 0 || !c.AckedAt.IsZero() && !c.AckedAt.Before(c.SteppedAt) {
		return nil, nil
	}
	return []Event{Acknowledged{}}, nil
}

// escalations does the steps whose time has come, and notes when the next is. A
// step can set off others: what it does is looked at anew.
func (s *settling) escalations() {
	var next time.Time
	for range maxSteps {
		var due *PlannedStep
		if due, next = s.nextStep(); due == nil {
			break
		}
		s.step(*due)
	}
	// What an escalation gave to somebody stays there, else it went round in circles.
	if at, ok := s.tt.Lapse(s.c); ok && s.c.State == StateClaimed && s.c.Given != byEscalation {
		if !at.After(s.now) {
			s.emit(Released{Why: "untouched"})
			_, next = s.nextStep()
		} else if next.IsZero() || at.Before(next) {
			next = at
		}
	}
	if !next.Equal(s.c.LookAt) {
		s.emit(Planned{At: next})
	}
}

// byEscalation is why a case was assigned by a step.
const byEscalation = "escalation"

// maxSteps bounds what one look does, should steps go round in circles.
const maxSteps = 100

// nextStep is a step that is due, or when the next one is.
func (s *settling) nextStep() (due *PlannedStep, next time.Time) {
	for _, p := range s.tt.Steps(s.c) {
		switch {
		case slices.Contains(s.c.Steps, p.Key):
		case !p.At.After(s.now):
			return &p, next
		case next.IsZero() || p.At.Before(next):
			next = p.At
		}
	}
	return nil, next
}

// step does one step, and asks for its notices.
func (s *settling) step(p PlannedStep) {
	e := Escalated{Queue: s.c.Queue, Why: string(p.When), Step: p.Key}
	if p.Raise {
		e.Level = s.c.Level + 1
	}
	nobody := ""
	if p.Assign != "" && s.c.State == StateWaiting {
		e.To, nobody = s.tt.Whom(s.c, p)
	}
	if p.Queue != "" && !s.c.State.Over() { // what is over waits in no queue
		e.Queue = p.Queue
	}
	moves := e.Queue != s.c.Queue
	s.emit(e)
	if moves {
		s.emit(Routed{Queue: e.Queue, Lane: s.c.Lane, Priority: s.c.Priority, Policy: s.c.Policy, Path: []string{"escalation " + p.Key}})
		if s.c.State == StateClaimed {
			s.emit(Released{Why: "queue"})
		}
	}
	if e.To != "" {
		s.emit(Assigned{To: e.To, Why: byEscalation})
	}
	if nobody != "" && nobody != s.c.Unmatched {
		s.emit(Unmatched{Why: nobody})
	}
	for _, channel := range p.Notify {
		s.emit(NoticeRequested{Key: p.Key + "/" + channel, Channel: channel, Why: string(p.When)})
	}
}
