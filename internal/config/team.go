package config

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/sla"
)

// A Person says which cases somebody of the team can be given. Who may sign in,
// and what for, is no matter of the configuration.
type Person struct {
	// Name is the one for signing in.
	Name string `yaml:"name"`
	// Queues are those whose cases they get; by default all.
	Queues []string `yaml:"queues"`
	// Languages are those they can answer in; by default those of their account.
	Languages []string `yaml:"languages"`
	// Skills are topics they know about.
	Skills []string `yaml:"skills"`
	// Capacity is how many open cases they can have at once; 0: no limit.
	Capacity int `yaml:"capacity"`
	// Shift is the calendar of their working hours; by default they are always there.
	Shift string `yaml:"shift"`
}

// An Escalation says who hears of a case that is going wrong, and when.
type Escalation struct {
	// Name is what queues call it.
	Name string `yaml:"name"`
	// Hours is the calendar in whose hours its steps happen; by default at any time.
	// The critical lane never waits for them.
	Hours string `yaml:"hours"`
	// Steps are what happens, each by its own trigger.
	Steps []Step `yaml:"steps"`
}

// A Step is what happens when a case is going wrong in one way.
type Step struct {
	// When is the trigger: at_risk, breached, unclaimed, severe, angrier, viral,
	// promise_due or promise_slipped.
	When string `yaml:"when"`
	// Target is which deadline, of at_risk and breached; by default any.
	Target string `yaml:"target"`
	// After is how long after the trigger; of unclaimed in working time.
	After time.Duration `yaml:"after"`
	// Raise lifts the case one level.
	Raise bool `yaml:"raise"`
	// Queue is where the case moves.
	Queue string `yaml:"queue"`
	// Assign is who gets it if nobody has it: a person, or a rota.
	Assign string `yaml:"assign"`
	// Notify are the channels that are told.
	Notify []string `yaml:"notify"`
	// Repeat is how long until the channels are told again, unless somebody
	// acknowledges; Times is how often.
	Repeat time.Duration `yaml:"repeat"`
	Times  int           `yaml:"times"`
}

// policy is the escalation in the words of care.
func (e *Escalation) policy() care.EscalationPolicy {
	p := care.EscalationPolicy{Name: e.Name}
	for _, s := range e.Steps {
		p.Steps = append(p.Steps, care.EscalationStep{
			When: care.Trigger(s.When), Target: care.TargetKind(s.Target), After: s.After, Raise: s.Raise, Queue: s.Queue,
			Assign: care.AgentID(s.Assign), Notify: s.Notify, Repeat: s.Repeat, Times: s.Times,
		})
	}
	return p
}

// KnownIssues are the rules for the shared causes of many cases.
type KnownIssues struct {
	// Escalation is the one whose steps of promise_due and promise_slipped tell that it
	// is time to say more; by default the first that tells somebody of promises.
	Escalation string `yaml:"escalation"`
}

// issues is the escalation that known issues have.
func (c *Config) issues() care.EscalationPolicy {
	for i := range c.Escalations {
		e := &c.Escalations[i]
		if e.Name == c.KnownIssues.Escalation || c.KnownIssues.Escalation == "" && e.tellsOfPromises() {
			return e.policy()
		}
	}
	return care.EscalationPolicy{}
}

func (e *Escalation) tellsOfPromises() bool {
	return slices.ContainsFunc(e.Steps, func(s Step) bool {
		return len(s.Notify) > 0 && (s.When == string(care.WhenPromiseDue) || s.When == string(care.WhenPromiseSlipped))
	})
}

// maxRepeats bounds how often a step tells the same again.
const maxRepeats = 100

// team looks at people, rotas, escalations, and what queues say of them.
func (p *parser) team(c *Config) {
	queues := namesOf(c.Queues, func(q Queue) string { return q.Name })
	calendars := namesOf(c.Calendars, func(t sla.Timetable) string { return t.Name })
	escalations := namesOf(c.Escalations, func(e Escalation) string { return e.Name })
	for i, q := range c.Queues {
		path := fmt.Sprintf("queues[%d]", i)
		rules := care.AssignRules()
		if q.Assign != "" && !slices.Contains(rules, care.AssignRule(q.Assign)) {
			p.amiss(path+".assign", "%q is no rule: write take_next, round_robin or least_loaded", clip(q.Assign))
		}
		if q.Untouched != 0 {
			p.length(path+".untouched", q.Untouched, time.Minute)
		}
		p.refers(path+".escalation", q.Escalation, "escalation", escalations)
		p.refers(path+".away", q.Away, "acknowledgement", namesOf(c.Acknowledgements, func(a Acknowledgement) string { return a.Name }))
	}
	for i := range c.Acknowledgements {
		p.acknowledgement(fmt.Sprintf("acknowledgements[%d]", i), &c.Acknowledgements[i], calendars)
	}
	for i, s := range c.People {
		path := fmt.Sprintf("people[%d]", i)
		for n, q := range s.Queues {
			p.refers(fmt.Sprintf("%s.queues[%d]", path, n), q, "queue", queues)
		}
		p.refers(path+".shift", s.Shift, "calendar", calendars)
		if s.Capacity < 0 {
			p.amiss(path+".capacity", "it is below zero: write how many open cases they can have, or 0 for no limit")
		}
	}
	for i := range c.OnCall {
		p.account(fmt.Sprintf("on_call[%d]", i), &c.OnCall[i])
	}
	p.refers("known_issues.escalation", c.KnownIssues.Escalation, "escalation", escalations)
	for i, e := range c.Escalations {
		path := fmt.Sprintf("escalations[%d]", i)
		if path := "known_issues.escalation"; e.Name != "" && e.Name == c.KnownIssues.Escalation && !e.tellsOfPromises() {
			p.amiss(path, "escalation %q tells nobody of promises: give it a step of promise_due or promise_slipped with channels", clip(e.Name))
		}
		p.refers(path+".hours", e.Hours, "calendar", calendars)
		if len(e.Steps) == 0 && p.readable(path) {
			p.amiss(path+".steps", "it has none: write what happens, and when")
		}
		for n := range e.Steps {
			p.step(fmt.Sprintf("%s.steps[%d]", path, n), &e.Steps[n], queues)
		}
	}
}

// step looks at one step of an escalation.
func (p *parser) step(path string, s *Step, queues []string) {
	var triggers []string
	for _, t := range care.Triggers() {
		triggers = append(triggers, string(t))
	}
	kinds := []string{string(care.FirstResponse), string(care.NextResponse), string(care.Resolution)}
	switch {
	case !p.readable(path):
		return
	case s.When == "":
		p.amiss(path+".when", "it is missing: write one of %s", strings.Join(triggers, ", "))
	case !slices.Contains(triggers, s.When):
		p.amiss(path+".when", "%q is no trigger: write one of %s", clip(s.When), strings.Join(triggers, ", "))
	case s.Target != "" && s.When != string(care.WhenAtRisk) && s.When != string(care.WhenBreached):
		p.amiss(path+".target", "only at_risk and breached have a target")
	}
	if s.Target != "" && !slices.Contains(kinds, s.Target) {
		p.amiss(path+".target", "%q is no target: write one of %s", clip(s.Target), strings.Join(kinds, ", "))
	}
	if s.After < 0 {
		p.amiss(path+".after", "it is below zero")
	}
	p.refers(path+".queue", s.Queue, "queue", queues)
	if !s.Raise && s.Queue == "" && s.Assign == "" && len(s.Notify) == 0 {
		p.amiss(path, "it does nothing: give it raise, queue, assign or notify")
	}
	if s.Times < 0 || s.Times > maxRepeats {
		p.amiss(path+".times", "write 0 to %d", maxRepeats)
	}
	if s.Times > 0 || s.Repeat != 0 {
		p.length(path+".repeat", s.Repeat, time.Minute)
		if s.Times == 0 {
			p.amiss(path+".times", "it is missing: how often is it told again?")
		}
	}
}

// refers looks whether a name that a setting gives is one of those there are.
func (p *parser) refers(path, name, what string, all []string) {
	if name == "" || slices.Contains(all, name) {
		return
	}
	if near := nearest(name, all); near != "" {
		p.amiss(path, "there is no %s %q: did you mean %s?", what, clip(name), near)
		return
	}
	p.amiss(path, "there is no %s %q", what, clip(name))
}
