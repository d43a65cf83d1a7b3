package web

import (
	"context"
	"slices"
	"strings"
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

// A Wait says that somebody outside the team has to act first.
type Wait struct {
	On    string    `json:"on" minLength:"1" maxLength:"60" doc:"Who: one of the names in force; GET /me lists them."`
	Until time.Time `json:"until" doc:"When we look again, if they or the customer do nothing before."`
}

func (s *Server) waitOn(ctx context.Context, a act, in Wait) (Written, error) {
	if known := s.outside(); !slices.Contains(known, in.On) {
		return Written{}, &care.Error{Code: care.Invalid, Field: "on", Msg: "Say whom we wait for: {known}.", With: []any{"known", strings.Join(known, ", ")}}
	}
	return s.decide(ctx, a, func(now time.Time, c *care.Case) ([]care.Event, error) {
		return c.WaitOn(a.who.Name, in.On, now, in.Until.UTC().Truncate(time.Millisecond))
	})
}

func (s *Server) stopWaiting(ctx context.Context, a act) (Written, error) {
	return s.decide(ctx, a, func(_ time.Time, c *care.Case) ([]care.Event, error) { return c.StopWaiting(a.who.Name) })
}

// outside is who a case can wait for.
func (s *Server) outside() []string {
	if o := s.Setup().Outside; len(o) > 0 {
		return o
	}
	return care.DefaultOutside()
}

// await says that the customer has to act next.
func (s *Server) await(ctx context.Context, a act) (Written, error) {
	return s.decide(ctx, a, func(_ time.Time, c *care.Case) ([]care.Event, error) { return c.Await(a.who.Name) })
}
