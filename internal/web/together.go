package web

import (
	"context"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/view"
)

func (s *Server) follow(ctx context.Context, a act) (Written, error) {
	return s.decide(ctx, a, func(_ time.Time, c *care.Case) ([]care.Event, error) { return c.Follow(a.who.Name) })
}

// unfollow also says that a note which called whoever asks was read.
func (s *Server) unfollow(ctx context.Context, a act) (Written, error) {
	return s.decide(ctx, a, func(_ time.Time, c *care.Case) ([]care.Event, error) { return c.Unfollow(a.who.Name) })
}

// An Other names another case.
type Other struct {
	To string `json:"to" minLength:"1" maxLength:"40" doc:"Id of the other case, or its number."`
}

func (s *Server) link(ctx context.Context, a act, in Other) (Written, error) {
	return s.both(ctx, a, in.To, func(one, other *care.Case) (care.Change, error) { return care.LinkCases(one, other, "by_hand") })
}

func (s *Server) unlink(ctx context.Context, a act, in Other) (Written, error) {
	return s.both(ctx, a, in.To, func(one, other *care.Case) (care.Change, error) { return care.UnlinkCases(one, other), nil })
}

// both takes a decision about two cases.
func (s *Server) both(ctx context.Context, a act, to string, rule func(one, other *care.Case) (care.Change, error)) (Written, error) {
	other, err := s.caseID(to)
	if err != nil {
		return Written{}, err
	}
	if other == a.id {
		return Written{}, &care.Error{Code: care.Invalid, Field: "to", Msg: "Name another case."}
	}
	seq, err := s.Desk.Do(ctx, a.who.Actor(), a.op, []care.CaseID{a.id, other}, func(_ time.Time, cs []*care.Case) (care.Change, error) {
		return rule(cs[0], cs[1])
	})
	return Written{Case: a.id, Seq: seq}, err
}

// A NewFriction is something of ours that stood in the way of helping.
type NewFriction struct {
	What string `json:"what" enum:"refund_limit,rule,tool,information,other_team,other"`
	Why  string `json:"why" minLength:"1" maxLength:"2000" doc:"What happened."`
}

func (s *Server) friction(ctx context.Context, a act, in NewFriction) (Written, error) {
	out, err := s.because(ctx, a, in.Why, func(c *care.Case, n int) ([]care.Event, error) { return c.MeetFriction(n, in.What) })
	if err != nil {
		return Written{}, err
	}
	return s.numbered(ctx, out, func(e care.Event) (int, bool) { f, ok := e.(care.FrictionMet); return f.Friction, ok })
}

func (s *Server) mendFriction(ctx context.Context, a act) (Written, error) {
	return s.decide(ctx, a, func(_ time.Time, c *care.Case) ([]care.Event, error) { return c.MendFriction(a.n) })
}

// A Goodwill is what a customer was given, or is to be.
type Goodwill struct {
	N         int                `json:"n"`
	State     care.GoodwillState `json:"state" enum:"given,asked,refused"`
	By        care.AgentID       `json:"by"`
	Amount    int                `json:"amount" doc:"In hundredths of the currency."`
	Currency  string             `json:"currency"`
	What      string             `json:"what,omitempty"`
	Why       string             `json:"why"`
	At        time.Time          `json:"at"`
	DecidedBy care.AgentID       `json:"decided_by,omitempty"`
	Refused   string             `json:"refused,omitempty" doc:"Why a lead said no, in their words."`
}

// A Friction is something that stands in the way until it is mended.
type Friction struct {
	N        int          `json:"n"`
	What     string       `json:"what"`
	Why      string       `json:"why"`
	By       care.AgentID `json:"by"`
	At       time.Time    `json:"at"`
	MendedAt time.Time    `json:"mended_at,omitzero"`
}

// together is what people did about the case beside answering it.
func (f *CaseFull) together(c *care.Case, text func(n int) string) {
	f.Goodwill, f.Frictions = []Goodwill{}, []Friction{}
	f.Followers, f.Called, f.OnHold = list(c.Followers), list(c.Called), c.OnHold
	for _, g := range c.Goodwill {
		f.Goodwill = append(f.Goodwill, Goodwill{N: g.N, State: g.State, By: g.By, Amount: g.Amount, Currency: g.Currency, What: g.What, Why: text(g.N), At: g.At, DecidedBy: g.DecidedBy})
	}
	for _, o := range c.Frictions {
		f.Frictions = append(f.Frictions, Friction{N: o.N, What: o.What, Why: text(o.N), By: o.By, At: o.At, MendedAt: o.MendedAt})
	}
}

// said adds what only the story tells: why somebody said no, whether the author
// is blocked, and whether an escalation was heard.
func (f *CaseFull) said(p *view.CasePage) {
	f.Unheard = len(p.Case.Steps) > 0 && (p.Case.AckedAt.IsZero() || p.Case.AckedAt.Before(p.Case.SteppedAt))
	text := func(n int) string { return clean(p.Texts[n].Body) }
	for i := range p.Story {
		for _, e := range p.Story[i].Events {
			switch e := e.(type) {
			case care.ReplyRefused:
				for i := range f.ReplyList {
					if f.ReplyList[i].N == e.Reply {
						f.ReplyList[i].Refused = text(e.Note)
					}
				}
			case care.GoodwillDecided:
				for i := range f.Goodwill {
					if f.Goodwill[i].N == e.Goodwill && !e.Approved {
						f.Goodwill[i].Refused = text(e.Note)
					}
				}
			case care.AuthorBlocked:
				f.Blocked = e.Blocked
			}
		}
	}
}
