package web

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/amends-care/amends/internal/auth"
	"github.com/amends-care/amends/internal/care"
)

// An Assignment gives a case to somebody.
type Assignment struct {
	To care.AgentID `json:"to" minLength:"1" maxLength:"40" doc:"Sign-in name."`
}

func (s *Server) assign(ctx context.Context, a act, in Assignment) (Written, error) {
	if err := s.canWork(ctx, in.To); err != nil {
		return Written{}, err
	}
	return s.decide(ctx, a, func(_ time.Time, c *care.Case) ([]care.Event, error) { return c.Assign(in.To) })
}

// A Handoff passes a case on with a note.
type Handoff struct {
	To   care.AgentID `json:"to,omitempty" maxLength:"40" doc:"Sign-in name; absent: back to the queue."`
	Note string       `json:"note" minLength:"1" maxLength:"10000" doc:"What the next one has to know."`
}

func (s *Server) handoff(ctx context.Context, a act, in Handoff) (Written, error) {
	if in.To != "" {
		if err := s.canWork(ctx, in.To); err != nil {
			return Written{}, err
		}
	}
	if err := needText(in.Note, "note"); err != nil {
		return Written{}, err
	}
	return s.decideWith(ctx, a, func(_ time.Time, c *care.Case) ([]care.Event, []care.KeptText, error) {
		n := c.NextText()
		events, err := c.HandOff(a.who.Name, in.To, n)
		return events, []care.KeptText{{Case: a.id, N: n, Text: care.Text{Body: in.Note}}}, err
	})
}

// A Requeue moves a case to another queue, or to another policy.
type Requeue struct {
	Queue  string `json:"queue" minLength:"1" maxLength:"100" doc:"Where it waits; the one that it is in, where only the policy changes."`
	Policy string `json:"policy,omitempty" maxLength:"100" doc:"By which it is promised from now on; time used stays used. Only a lead may. Absent: its deadlines stay."`
}

func (s *Server) requeue(ctx context.Context, a act, in Requeue) (Written, error) {
	if err := s.knownQueue(in.Queue); err != nil {
		return Written{}, err
	}
	if in.Policy != "" && !slices.Contains(s.Setup().Policies, in.Policy) {
		return Written{}, &care.Error{Code: care.Invalid, Field: "policy", Msg: "There is no policy \"{name}\".", With: []any{"name", cleanLine(in.Policy)}}
	}
	return s.decide(ctx, a, func(_ time.Time, c *care.Case) ([]care.Event, error) {
		return c.MoveTo(a.who.Name, a.who.May(auth.Assign), in.Queue, in.Policy)
	})
}

// A PolicyOption is what a policy would promise a case from now on.
type PolicyOption struct {
	Name    string        `json:"name"`
	InForce bool          `json:"in_force,omitempty" doc:"It is the case's own."`
	Targets []PolicyClock `json:"targets" doc:"Deadlines that would be open."`
}

// A PolicyClock is a deadline as it would be.
type PolicyClock struct {
	Target care.TargetKind  `json:"target"`
	State  care.TargetState `json:"state"`
	DueAt  time.Time        `json:"due_at" doc:"With the state paused: as far as it had run."`
}

// PolicyOptions are all policies, in the order of the configuration.
type PolicyOptions struct {
	Policies []PolicyOption `json:"policies"`
}

type policiesOutput struct{ Body PolicyOptions }

// policies tells what requeue with a policy would do.
func (s *Server) policies(ctx context.Context, in *caseInput) (*policiesOutput, error) {
	p, err := s.caseNamed(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	out := &policiesOutput{PolicyOptions{[]PolicyOption{}}}
	for _, name := range s.Setup().Policies {
		o := PolicyOption{Name: name, InForce: name == p.Case.Policy, Targets: []PolicyClock{}}
		for _, t := range s.Desk.PromisedBy(p.Case, name) {
			if t.Open() {
				o.Targets = append(o.Targets, PolicyClock{Target: t.Target, State: t.State, DueAt: t.DueAt})
			}
		}
		out.Body.Policies = append(out.Body.Policies, o)
	}
	return out, nil
}

func (s *Server) knownQueue(name string) error {
	if slices.Contains(s.Setup().Queues, name) {
		return nil
	}
	return &care.Error{Code: care.Invalid, Field: "queue", Msg: "There is no queue \"{name}\".", With: []any{"name", cleanLine(name)}}
}

// An Escalation raises a case by one level.
type Escalation struct {
	To care.AgentID `json:"to,omitempty" maxLength:"40" doc:"Who has to look at it; sign-in name."`
}

func (s *Server) escalate(ctx context.Context, a act, in Escalation) (Written, error) {
	if in.To != "" {
		if err := s.canWork(ctx, in.To); err != nil {
			return Written{}, err
		}
	}
	return s.decide(ctx, a, func(_ time.Time, c *care.Case) ([]care.Event, error) { return c.Escalate(in.To, "by_hand") })
}

// canWork says why nobody can give a case to this person, or nil.
func (s *Server) canWork(ctx context.Context, name care.AgentID) error {
	p, err := s.People.Account(ctx, name)
	if e, ok := errors.AsType[*care.Error](err); ok {
		return &care.Error{Code: care.Invalid, Field: "to", Msg: e.Msg, With: e.With}
	}
	switch {
	case err != nil:
		return err
	case p.Disabled:
		return &care.Error{Code: care.Invalid, Field: "to", Msg: "{who} does not work here any more.", With: []any{"who", p.Display}}
	case !auth.May(p.Role, auth.Work):
		return &care.Error{Code: care.Invalid, Field: "to", Msg: "{who} may read cases but not work on them.", With: []any{"who", p.Display}}
	}
	return nil
}
