package config

import (
	"encoding/json"
	"fmt"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/route"
	"github.com/amends-care/amends/internal/sla"
)

// Rules are the parts of a configuration that desk decides by.
type Rules struct {
	Tree      *route.Tree
	Policies  map[string]sla.Policy
	Calendars map[string]*sla.Calendar
	// Escalations are by queue.
	Escalations map[string]care.EscalationPolicy
	Issues      care.EscalationPolicy // of known issues
	// Away are what customers hear while nobody is there, by queue, and AwayHours
	// the calendar's name.
	Away      map[string]care.Acknowledgement
	AwayHours map[string]string
}

// Rules makes the tree, policies and calendars. A Config that was loaded never
// fails here.
func (c *Config) Rules() (Rules, error) {
	r := Rules{Policies: map[string]sla.Policy{}, Calendars: map[string]*sla.Calendar{}, Escalations: map[string]care.EscalationPolicy{},
		Away: map[string]care.Acknowledgement{}, AwayHours: map[string]string{}, Issues: c.issues()}
	for _, t := range c.Calendars {
		cal, err := sla.NewCalendar(t)
		if err != nil {
			return r, fmt.Errorf("calendar %s: %w", t.Name, err)
		}
		r.Calendars[t.Name] = cal
	}
	for _, l := range c.Policies {
		r.Policies[l.Name] = l
	}
	for _, q := range c.Queues {
		for i := range c.Escalations {
			if e := &c.Escalations[i]; e.Name == q.Escalation {
				r.Escalations[q.Name] = e.policy()
			}
		}
		for i := range c.Acknowledgements {
			if a := &c.Acknowledgements[i]; a.Name == q.Away {
				r.Away[q.Name], r.AwayHours[q.Name] = a.rule(), a.Hours
			}
		}
	}
	var err error
	r.Tree, err = route.New(c.Routing, r.Calendars)
	return r, err
}

// KeptCalendars is what the keys of kept calendars begin with; the rest is the
// version that events name.
const KeptCalendars = "config/calendar/"

// KeptPolicies is the same of kept policies.
const KeptPolicies = "config/policy/"

// Kept is what is in force as documents, by key: config/tree/VERSION,
// config/policy/VERSION and config/calendar/VERSION, each as JSON. Events name
// the versions, so these documents are kept for ever; the same key always has
// the same content. The calendar of policies without one is among them.
func (r Rules) Kept() map[string][]byte {
	kept := map[string][]byte{"config/tree/" + r.Tree.Version(): encoded(r.Tree)}
	for _, p := range r.Policies {
		kept[KeptPolicies+p.Version()] = encoded(p.Normal())
	}
	always := sla.Always()
	kept[KeptCalendars+always.Version()] = encoded(always)
	for _, c := range r.Calendars {
		kept[KeptCalendars+c.Version()] = encoded(c)
	}
	return kept
}

func encoded(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // what was made of texts and numbers is written as such
	}
	return b
}

// ReadCalendar reads a calendar that was kept: by its version, the one that
// deadlines were once counted by.
func ReadCalendar(kept []byte) (*sla.Calendar, error) {
	c := new(sla.Calendar)
	if err := json.Unmarshal(kept, c); err != nil {
		return nil, fmt.Errorf("read kept calendar: %w", err)
	}
	return c, nil
}
