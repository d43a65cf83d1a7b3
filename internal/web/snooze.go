package web

import (
	"context"
	"time"

	"github.com/amends-care/amends/internal/care"
)

// A Sleep hides a case for a while.
type Sleep struct {
	Until time.Time `json:"until" doc:"When it comes back, if the customer does not write before."`
}

func (s *Server) snooze(ctx context.Context, a act, in Sleep) (Written, error) {
	return s.decide(ctx, a, func(now time.Time, c *care.Case) ([]care.Event, error) {
		return c.Snooze(a.who.Name, now, in.Until.UTC().Truncate(time.Millisecond))
	})
}

func (s *Server) wake(ctx context.Context, a act) (Written, error) {
	return s.decide(ctx, a, func(_ time.Time, c *care.Case) ([]care.Event, error) { return c.Wake(a.who.Name) })
}

// await says that the customer has to act next.
func (s *Server) await(ctx context.Context, a act) (Written, error) {
	return s.decide(ctx, a, func(_ time.Time, c *care.Case) ([]care.Event, error) { return c.Await(a.who.Name) })
}
