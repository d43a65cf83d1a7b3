package web

import (
	"context"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/view"
)

// A Because is why somebody says no, or does something that needs a reason.
type Because struct {
	Why string `json:"why" minLength:"1" maxLength:"2000"`
}

func (s *Server) approveReply(ctx context.Context, a act) (Written, error) {
	return s.decide(ctx, a, func(_ time.Time, c *care.Case) ([]care.Event, error) { return c.ApproveReply(a.who.Name, a.n) })
}

func (s *Server) refuseReply(ctx context.Context, a act, in Because) (Written, error) {
	return s.because(ctx, a, in.Why, func(c *care.Case, n int) ([]care.Event, error) { return c.RefuseReply(a.who.Name, a.n, n) })
}

// because is a decision that comes with a reason, kept as a text of the case.
func (s *Server) because(ctx context.Context, a act, why string, rule func(c *care.Case, n int) ([]care.Event, error)) (Written, error) {
	if err := needText(why, "why"); err != nil {
		return Written{}, err
	}
	return s.decideWith(ctx, a, func(_ time.Time, c *care.Case) ([]care.Event, []care.KeptText, error) {
		n := c.NextText()
		events, err := rule(c, n)
		return events, []care.KeptText{{Case: a.id, N: n, Text: care.Text{Body: why}}}, err
	})
}

// A Gift is something that a customer gets for their trouble.
type Gift struct {
	Amount   int    `json:"amount" minimum:"1" maximum:"10000000" doc:"In hundredths of the currency."`
	Currency string `json:"currency" minLength:"3" maxLength:"3"`
	What     string `json:"what" enum:"refund,voucher,replacement,other"`
	Why      string `json:"why" minLength:"1" maxLength:"2000"`
}

// goodwill gives it where the limit allows, and else asks a lead.
func (s *Server) goodwill(ctx context.Context, a act, in Gift) (Written, error) {
	if err := needText(in.Why, "why"); err != nil {
		return Written{}, err
	}
	ids, err := s.casesOfPerson(ctx, a.id)
	if err != nil {
		return Written{}, err
	}
	limit := s.Setup().Limit
	seq, err := s.Desk.Goodwill(ctx, a.who.Actor(), a.op, ids, func(now time.Time, cs []*care.Case) (care.Change, error) {
		n := cs[0].NextText()
		events, err := cs[0].GiveGoodwill(a.who.Name, care.GoodwillGiven{Goodwill: n, Amount: in.Amount, Currency: in.Currency, What: in.What}, limit, now, cs[1:]...)
		return care.One(a.id, events, err, care.KeptText{Case: a.id, N: n, Text: care.Text{Body: in.Why}})
	})
	if err != nil {
		return Written{}, err
	}
	out := Written{Case: a.id, Seq: seq}
	return s.numbered(ctx, out, func(e care.Event) (int, bool) {
		if g, ok := e.(care.GoodwillAsked); ok {
			return g.Goodwill, true
		}
		g, ok := e.(care.GoodwillGiven)
		return g.Goodwill, ok
	})
}

func (s *Server) approveGoodwill(ctx context.Context, a act) (Written, error) {
	return s.decide(ctx, a, func(_ time.Time, c *care.Case) ([]care.Event, error) {
		return c.DecideGoodwill(a.who.Name, a.n, true, 0)
	})
}

func (s *Server) refuseGoodwill(ctx context.Context, a act, in Because) (Written, error) {
	return s.because(ctx, a, in.Why, func(c *care.Case, n int) ([]care.Event, error) { return c.DecideGoodwill(a.who.Name, a.n, false, n) })
}

// hold keeps a case for a court: nothing of it is removed at the end of its term.
func (s *Server) hold(ctx context.Context, a act, in Because) (Written, error) {
	return s.because(ctx, a, in.Why, func(c *care.Case, n int) ([]care.Event, error) { return c.HoldForLaw(n) })
}

func (s *Server) liftHold(ctx context.Context, a act) (Written, error) {
	return s.decide(ctx, a, func(_ time.Time, c *care.Case) ([]care.Event, error) { return c.LiftHold() })
}

// casesOfPerson are a case and the latest others of the person behind it.
func (s *Server) casesOfPerson(ctx context.Context, id care.CaseID) ([]care.CaseID, error) {
	row, err := s.Cases.Row(id)
	if err != nil {
		return nil, err
	}
	p, err := s.Persons.Person(ctx, care.AuthorRef{Network: row.Labels.Network, Author: row.Author})
	if err != nil {
		return nil, err
	}
	ids := []care.CaseID{id}
	for _, c := range p.Person.All {
		found, err := s.Cases.Cases(ctx, view.Query{List: view.OfAuthor, Author: c.Author, Limit: maxContactCases + 1})
		if err != nil {
			return nil, err
		}
		for _, r := range found.Rows {
			if r.ID != id {
				ids = append(ids, r.ID)
			}
		}
	}
	return ids, nil
}
