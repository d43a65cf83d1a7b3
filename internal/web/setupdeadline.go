package web

import (
	"errors"
	"net/http"
	"time"

	"github.com/amends-care/amends/internal/sla"
)

// tryDeadlinePage tells what a policy promises from an instant on.
type tryDeadlinePage struct {
	page
	Policies []sla.Policy
	Policy   string
	At       string
	Told     []foretold
	Asked    bool
}

// A foretold is a deadline that somebody would have.
type foretold struct {
	Kind      sla.Kind
	Due       time.Time
	Zone      string // of the calendar
	Never     bool   // the calendar has not so much working time
	Sentences []string
	wall      string
}

// Wall is the deadline as the clock of the calendar's zone shows it.
func (f *foretold) Wall() string { return f.wall }

// foretell is the deadline that starts at an instant, in the sentences that a
// case's own deadline is told in; false if the policy has none of that kind.
func foretell(p *sla.Policy, k sla.Kind, at time.Time, calendars map[string]*sla.Calendar, say teller) (foretold, bool) {
	cal := p.Hours(calendars)
	t, ok := p.Target(k, p.Start(at, at), cal)
	if !ok {
		return foretold{}, false
	}
	told := p.Explain(t, cal)
	return foretold{Kind: k, Due: told.Due, Zone: told.Zone, Never: told.Due.Equal(sla.Never()), Sentences: told.Tell(say), wall: say.wall(told.Due)}, true
}

func (s *Server) tryDeadline(w http.ResponseWriter, r *http.Request) error {
	in, err := s.inForce(s.teller(r.Context()))
	if err != nil {
		return err
	}
	q, status := r.URL.Query(), http.StatusOK
	p := tryDeadlinePage{Policies: in.Policies, Policy: q.Get("policy"), At: q.Get("at"), Asked: q.Has("policy")}
	if p.page, err = s.framed(r, "try.deadline"); err != nil {
		return err
	}
	if p.At == "" {
		p.At = iso(s.Now())
	}
	if p.Asked {
		if p.Told, err = foretellAll(&in, p.Policy, p.At, p.tells); err != nil {
			p.Asked, p.Wrong, status = false, wrongAsked(err), http.StatusUnprocessableEntity
		}
	}
	return s.show(w, status, "setupdeadline", p)
}

// foretellAll are all deadlines of a policy from an instant on.
func foretellAll(in *InForce, name, at string, say teller) (all []foretold, err error) {
	policy := in.policy(name)
	if policy == nil {
		return nil, errors.New(say.Say("try.no_policy"))
	}
	from, err := time.Parse(time.RFC3339, at)
	if err != nil {
		return nil, errors.New(say.Say("try.no_instant"))
	}
	for _, k := range sla.Kinds() {
		if told, ok := foretell(policy, k, from, in.Calendars, say); ok {
			all = append(all, told)
		}
	}
	return all, nil
}
