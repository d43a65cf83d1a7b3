package web

import (
	"context"
	"fmt"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/view"
)

// An Absence says that somebody takes no cases for a while.
type Absence struct {
	Until time.Time    `json:"until,omitzero" doc:"Absent: until they say that they are back."`
	Cover care.AgentID `json:"cover,omitempty" maxLength:"40" doc:"Who gets their open cases and promises at once; absent: they keep them."`
}

// OneAgent names somebody of the team.
type OneAgent struct {
	Name care.AgentID `path:"name" maxLength:"40" doc:"Sign-in name."`
}

type awayInput struct {
	Writing
	OneAgent
	Body Absence
}

type myAwayInput struct {
	Writing
	Body Absence
}

type backInput struct {
	Writing
	OneAgent
}

type myBackInput struct{ Writing }

// away lets somebody rest: rules give them nothing meanwhile. Taking a case by
// hand stays possible.
func (s *Server) away(ctx context.Context, in *awayInput) (*written, error) {
	return s.rest(ctx, in.Name, in.op(ctx), in.Body)
}

func (s *Server) myAway(ctx context.Context, in *myAwayInput) (*written, error) {
	return s.rest(ctx, askedOf(ctx).who.Name, in.op(ctx), in.Body)
}

func (s *Server) back(ctx context.Context, in *backInput) (*written, error) {
	return s.unrest(ctx, in.Name)
}

func (s *Server) myBack(ctx context.Context, _ *myBackInput) (*written, error) {
	return s.unrest(ctx, askedOf(ctx).who.Name)
}

func (s *Server) rest(ctx context.Context, name care.AgentID, op string, a Absence) (*written, error) {
	if _, err := s.People.Account(ctx, name); err != nil {
		return nil, err
	}
	by := askedOf(ctx).who.Actor()
	switch {
	case !a.Until.IsZero() && !a.Until.After(s.Now()):
		return nil, &care.Error{Code: care.Invalid, Field: "until", Msg: "Choose a time that is still to come."}
	case a.Cover == name:
		return nil, &care.Error{Code: care.Invalid, Field: "cover", Msg: "Name somebody else."}
	case a.Cover != "":
		if err := s.canWork(ctx, a.Cover); err != nil {
			return nil, err
		}
		if _, err := s.passAll(ctx, by, op, name, a.Cover); err != nil {
			return nil, err
		}
	}
	seq, err := s.Desk.TellAgent(ctx, by, name, care.AgentAway{Until: a.Until.UTC().Truncate(time.Millisecond), Cover: a.Cover})
	return &written{Seq: seq, Body: Written{Seq: seq}}, err
}

func (s *Server) unrest(ctx context.Context, name care.AgentID) (*written, error) {
	if _, err := s.People.Account(ctx, name); err != nil {
		return nil, err
	}
	seq, err := s.Desk.TellAgent(ctx, askedOf(ctx).who.Actor(), name, care.AgentBack{})
	return &written{Seq: seq, Body: Written{Seq: seq}}, err
}

// A NewOwner gets everything that somebody has.
type NewOwner struct {
	To care.AgentID `json:"to" minLength:"1" maxLength:"40" doc:"Sign-in name."`
}

type passInput struct {
	Writing
	OneAgent
	Body NewOwner
}

// Passed is what moved.
type Passed struct {
	Cases  int `json:"cases" doc:"Cases that changed hands, by their work or by a promise in them."`
	Issues int `json:"issues" doc:"Known issues of which they had promised to say more."`
}

type passOutput struct{ Body Passed }

// passOn gives all open cases and promises of somebody to another, as when they
// leave.
func (s *Server) passOn(ctx context.Context, in *passInput) (*passOutput, error) {
	if _, err := s.People.Account(ctx, in.Name); err != nil {
		return nil, err
	}
	if err := s.canWork(ctx, in.Body.To); err != nil {
		return nil, err
	}
	p, err := s.passAll(ctx, askedOf(ctx).who.Actor(), in.op(ctx), in.Name, in.Body.To)
	return &passOutput{p}, err
}

// passAll moves cases a page at a time; what moved is not met again.
func (s *Server) passAll(ctx context.Context, by care.Actor, op string, from, to care.AgentID) (moved Passed, err error) {
	if moved.Issues, err = s.passIssues(ctx, by, from, to); err != nil {
		return moved, err
	}
	for _, q := range []view.Query{{List: view.Mine, Assignee: from, Limit: 200}, {List: view.Promised, Limit: 200}} {
		for page := 0; ; page++ {
			found, err := s.Cases.Cases(ctx, q)
			if err != nil {
				return moved, err
			}
			var ids []care.CaseID
			for _, r := range found.Rows {
				ids = append(ids, r.ID)
			}
			if len(ids) > 0 {
				name := op
				if name != "" {
					name = fmt.Sprintf("%s/%s%d", op, q.List, page)
				}
				n, _, err := s.Desk.PassOn(ctx, by, name, from, to, ids)
				if err != nil {
					return moved, err
				}
				moved.Cases += n
			}
			if q.After = found.Next; found.Next == "" {
				break
			}
		}
	}
	return moved, nil
}

// passIssues moves what somebody promised to say of known issues.
func (s *Server) passIssues(ctx context.Context, by care.Actor, from, to care.AgentID) (moved int, err error) {
	rows, err := s.Issues.IssueRows()
	if err != nil {
		return 0, err
	}
	for _, r := range rows {
		if r.State != care.IssueOpen || r.Owner != from {
			continue
		}
		_, err := s.Desk.Issue(ctx, by, "", r.ID, nil, func(_ time.Time, i *care.Issue, _ []*care.Case) (care.Change, error) {
			return issueChange(r.ID, i.Pass(from, to), nil)
		})
		if err != nil {
			return moved, err
		}
		moved++
	}
	return moved, nil
}

// acknowledge says that somebody knows of an escalation: it is not told again.
func (s *Server) acknowledge(ctx context.Context, a act) (Written, error) {
	return s.decide(ctx, a, func(now time.Time, c *care.Case) ([]care.Event, error) { return c.Acknowledge(now) })
}
