package web

import (
	"context"
	"time"

	"github.com/amends-care/amends/internal/care"
)

// A NewPromise keeps track of what a customer was told.
type NewPromise struct {
	Text string    `json:"text" minLength:"1" maxLength:"2000" doc:"What was promised."`
	Due  time.Time `json:"due" doc:"By when."`
	What string    `json:"what,omitempty" enum:"call,write,refund,repair,other"`
}

func (s *Server) promise(ctx context.Context, a act, in NewPromise) (Written, error) {
	if err := needText(in.Text, "text"); err != nil {
		return Written{}, err
	}
	due := in.Due.UTC().Truncate(time.Millisecond)
	out, err := s.decideWith(ctx, a, func(now time.Time, c *care.Case) ([]care.Event, []care.KeptText, error) {
		n := c.NextText()
		events, err := c.MakePromise(a.who.Name, n, now, due, in.What)
		return events, []care.KeptText{{Case: a.id, N: n, Text: care.Text{Body: in.Text}}}, err
	})
	if err != nil {
		return Written{}, err
	}
	return s.numbered(ctx, out, func(e care.Event) (int, bool) { p, ok := e.(care.PromiseMade); return p.Promise, ok })
}

func (s *Server) keepPromise(ctx context.Context, a act) (Written, error) {
	return s.decide(ctx, a, func(_ time.Time, c *care.Case) ([]care.Event, error) { return c.KeepPromise(a.n) })
}

// A NewTime gives a promise another due time.
type NewTime struct {
	Due  time.Time `json:"due"`
	Told bool      `json:"told,omitempty" doc:"The customer knows already."`
}

func (s *Server) renegotiate(ctx context.Context, a act, in NewTime) (Written, error) {
	due := in.Due.UTC().Truncate(time.Millisecond)
	return s.decide(ctx, a, func(now time.Time, c *care.Case) ([]care.Event, error) { return c.Renegotiate(a.n, now, due, in.Told) })
}
