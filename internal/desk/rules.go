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
	Tree      *route.Tree
	Policies  map[string]sla.Policy
	Calendars map[string]*sla.Calendar // by name
	// Kept are the calendars that targets may still have been set by, by version.
	Kept map[string]*sla.Calendar

	ReopenWindow time.Duration // a new mention reopens a case resolved this long ago
	LateAfter    time.Duration // a mention older than this when first seen is late
	UndoFor      time.Duration // how long a reply waits so that it can be undone
}

// route says where a case waits that has just been opened.
func (r *Rules) route(c *care.Case) care.Routed {
	d := r.Tree.Route(c.Labels)
	return care.Routed{Queue: d.Queue, Lane: d.Lane, Priority: d.Priority, Policy: d.Policy, Tree: r.Tree.Version(), Path: d.Path}
}

// calendar is the one that a policy names; without a name every hour counts.
func (r *Rules) calendar(p *sla.Policy) *sla.Calendar {
	if c, ok := r.Calendars[p.Calendar]; ok && p.Calendar != "" {
		return c
	}
	return sla.Always()
}

// version is the calendar that a target was set by, or the nearest to it.
func (r *Rules) version(t *care.Target) *sla.Calendar {
	if c, ok := r.Kept[t.Calendar]; ok {
		return c
	}
	p := r.Policies[t.Policy]
	return r.calendar(&p)
}

// Start implements care.Timetable.
func (r *Rules) Start(c *care.Case, k care.TargetKind, posted, seen time.Time) (care.TargetSet, bool) {
	p, ok := r.Policies[c.Policy]
	if !ok {
		return care.TargetSet{}, false
	}
	cal := r.calendar(&p)
	t, ok := p.Target(sla.Kind(k), p.Start(posted, seen), cal)
	if !ok {
		return care.TargetSet{}, false
	}
	return set(&p, t, cal), true
}

// Left implements care.Timetable.
func (r *Rules) Left(t care.Target, at time.Time) time.Duration {
	return r.version(&t).Left(t.DueAt, at)
}

// Resume implements care.Timetable. The promise is still that of the policy
// which set the target, as far as it is in force.
func (r *Rules) Resume(t care.Target, at time.Time) care.TargetSet {
	cal := r.version(&t)
	p, ok := r.Policies[t.Policy]
	if !ok {
		due := cal.Deadline(at, t.Left)
		again := t.TargetSet
		again.StartAt, again.AtRiskAt, again.DueAt = at, due, due
		return again
	}
	again := set(&p, p.Resume(sla.Kind(t.Target), at, t.Left, cal), cal)
	again.Promised = t.Promised
	return again
}

func set(p *sla.Policy, t sla.Target, cal *sla.Calendar) care.TargetSet {
	return care.TargetSet{
		Target: care.TargetKind(t.Kind), Clock: string(p.Normal().Clock), StartAt: ms(t.Start), AtRiskAt: ms(t.AtRisk), DueAt: ms(t.Due),
		Promised: p.Length(t.Kind), Policy: p.Name, Version: p.Version(), Calendar: cal.Version(),
	}
}

// ms is an instant as the log keeps it.
func ms(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }
