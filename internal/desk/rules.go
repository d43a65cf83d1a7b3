package desk

import (
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/route"
	"github.com/amends-care/amends/internal/sla"
)

// Rules are what is in force: where cases go and what is promised there.
// They are not changed once in use; Desk.Use puts others in their place.
type Rules struct {
	ReopenWindow time.Duration // a new mention reopens a case resolved this long ago
	LateAfter    time.Duration // a mention older than this when first seen is late
	UndoFor      time.Duration // how long a reply waits so that it can be undone
	Viral        care.ViralLimit
	// Capacity is how many open cases somebody can have at once; 0 or absent: no limit.
	Capacity map[care.AgentID]int
	// May is asked before anything is sent by itself; nil: nothing is.
	May May
	// Queues are what holds in single queues, by name.
	Queues map[string]QueueRules
	// LetAlone is how long nobody is asked again after a survey, SurveyOpen how long
	// one can be answered, and LowScore what a bad answer sets off.
	LetAlone, SurveyOpen time.Duration
	LowScore             care.LowScore
	// Acts says who does now what somebody is to do: themselves, or who covers for them
	// while they are away; empty: nobody. nil: everybody is there.
	Acts func(care.AgentID) care.AgentID
	// Issues says who hears that it is time to say more of a known issue.
	Issues care.EscalationPolicy

	tree     *route.Tree
	version  string // of the tree
	promises map[string]promise
	kept     map[string]*sla.Calendar // that targets may have been set by, by version
}

// QueueRules hold in one queue.
type QueueRules struct {
	Escalation care.EscalationPolicy
	// Hours are those in which steps of the policy happen; a step of another time
	// waits for them. Nothing of the critical lane ever waits. nil: any time.
	Hours *sla.Calendar
	// Untouched is the working time after which a case goes back to its queue when
	// whoever took it does nothing; 0: never.
	Untouched time.Duration
	// Away is what customers hear while nobody is there; nil: nothing.
	Away *Away
	// Survey says when its customers are asked how it went; the zero rule: never.
	Survey care.SurveyRule
	// OnCall lists those who take turns when a step assigns to somebody by another
	// name than a person's: whose turn it is first, and then who comes after. ok is
	// false where the name is a person's. nil: all are.
	OnCall func(name string, at time.Time) (turns []care.AgentID, ok bool)
}

// Steps implements care.Timetable.
func (r *Rules) Steps(c *care.Case) []care.PlannedStep {
	q, ok := r.Queues[c.Queue]
	if !ok || len(q.Escalation.Steps) == 0 {
		return nil
	}
	plan := c.Plan(q.Escalation, r.hoursOf(c).Deadline)
	for i := range plan {
		p := &plan[i]
		if q.Hours != nil && c.Lane != care.Critical {
			p.At = q.Hours.NextOpen(p.At)
		}
		p.At = ms(p.At)
	}
	return plan
}

// Whom implements care.Timetable: who is on call, or else the next in turn who is
// there.
func (r *Rules) Whom(c *care.Case, p care.PlannedStep) (to care.AgentID, nobody string) {
	turns, onCall := []care.AgentID{p.Assign}, false
	if q := r.Queues[c.Queue]; q.OnCall != nil {
		if all, ok := q.OnCall(string(p.Assign), p.At); ok {
			turns, onCall = all, true
		}
	}
	for _, who := range turns {
		if r.Acts != nil {
			who = r.Acts(who)
		}
		if who != "" {
			return who, ""
		}
	}
	if onCall {
		return "", "nobody on call for " + string(p.Assign) + " is there"
	}
	return "", string(p.Assign) + " is not there"
}

// Lapse implements care.Timetable.
func (r *Rules) Lapse(c *care.Case) (time.Time, bool) {
	q := r.Queues[c.Queue]
	if q.Untouched <= 0 {
		return time.Time{}, false
	}
	return ms(r.hoursOf(c).Deadline(c.TouchedAt, q.Untouched)), true
}

// hoursOf are the working hours of a case's policy.
func (r *Rules) hoursOf(c *care.Case) *sla.Calendar {
	if p, ok := r.promises[c.Policy]; ok {
		return p.calendar
	}
	return sla.Always()
}

// A promise is a policy with its calendar, and the names of both versions.
type promise struct {
	policy   sla.Policy
	calendar *sla.Calendar
	versions [2]string
}

// NewRules puts a tree, policies and calendars in force. calendars are by name;
// kept are those of the past that targets may still run by.
func NewRules(tree *route.Tree, policies map[string]sla.Policy, calendars map[string]*sla.Calendar, kept ...*sla.Calendar) *Rules {
	r := &Rules{tree: tree, version: tree.Version(), promises: map[string]promise{}, kept: map[string]*sla.Calendar{}}
	for name, p := range policies {
		c := p.Hours(calendars)
		r.promises[name] = promise{p, c, [2]string{p.Version(), c.Version()}}
		r.kept[c.Version()] = c
	}
	for _, c := range kept {
		r.kept[c.Version()] = c
	}
	return r
}

// route says where a case waits that has just been opened.
func (r *Rules) route(c *care.Case) care.Routed {
	d := r.tree.Route(c.Labels)
	return care.Routed{Queue: d.Queue, Lane: d.Lane, Priority: d.Priority, Policy: d.Policy, Tree: r.version, Path: d.Path}
}

// calendar is the one that a target was set by, or the nearest to it.
func (r *Rules) calendar(t *care.Target) *sla.Calendar {
	if c, ok := r.kept[t.Calendar]; ok {
		return c
	}
	if p, ok := r.promises[t.Policy]; ok {
		return p.calendar
	}
	return sla.Always()
}

// Start implements care.Timetable.
func (r *Rules) Start(c *care.Case, k care.TargetKind, posted, seen time.Time) (care.TargetSet, bool) {
	p, ok := r.promises[c.Policy]
	if !ok {
		return care.TargetSet{}, false
	}
	t, ok := p.policy.Target(sla.Kind(k), p.policy.Start(posted, seen), p.calendar)
	if !ok {
		return care.TargetSet{}, false
	}
	return p.set(t), true
}

// Left implements care.Timetable.
func (r *Rules) Left(t care.Target, at time.Time) time.Duration {
	return r.calendar(&t).Left(t.DueAt, at)
}

// Resume implements care.Timetable. It goes on by the calendar that the target
// was set by, and by what was promised then; the margin is the one of its policy
// as far as that is in force.
func (r *Rules) Resume(t care.Target, at time.Time) care.TargetSet {
	again, cal := t.TargetSet, r.calendar(&t)
	if p, ok := r.promises[t.Policy]; ok {
		was := sla.Policy{AtRisk: p.policy.Normal().AtRisk, Resolution: t.Promised} // the only one that pauses
		if t.Target != care.Resolution {
			was = p.policy
		}
		to := was.Resume(sla.Kind(t.Target), at, t.Left, cal)
		again.StartAt, again.AtRiskAt, again.DueAt = ms(to.Start), ms(to.AtRisk), ms(to.Due)
		return again
	}
	due := ms(cal.Deadline(at, t.Left))
	again.StartAt, again.AtRiskAt, again.DueAt = ms(at), due, due
	return again
}

func (p *promise) set(t sla.Target) care.TargetSet {
	return care.TargetSet{
		Target: care.TargetKind(t.Kind), Clock: string(p.policy.Normal().Clock), StartAt: ms(t.Start), AtRiskAt: ms(t.AtRisk), DueAt: ms(t.Due),
		Promised: p.policy.Length(t.Kind), Policy: p.policy.Name, Version: p.versions[0], Calendar: p.versions[1],
	}
}

// ms is an instant as the log keeps it.
func ms(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }
