package web

import (
	"context"
	"time"

	"github.com/amends-care/amends/internal/care"
)

// claim gives the case to whoever asks. Losing a race is a conflict that names
// the winner.
func (s *Server) claim(ctx context.Context, a act) (Written, error) {
	return s.decide(ctx, a, func(_ time.Time, c *care.Case) ([]care.Event, error) { return c.Claim(a.who.Name, "claim") })
}

// release puts it back into its queue.
func (s *Server) release(ctx context.Context, a act) (Written, error) {
	return s.decide(ctx, a, func(_ time.Time, c *care.Case) ([]care.Event, error) { return c.Release(a.who.Name) })
}
