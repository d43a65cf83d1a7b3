package app

import (
	"context"
	"time"

	"github.com/amends-care/amends/internal/intake"
)

// recheckPace is how often it is looked which source is due, and the least age
// of a server that looks at posts again: it has better things to do at its start.
const recheckPace = time.Minute

// recheck looks at what was read again, one source after the other, each at its
// own pace.
func (s *serving) recheck(ctx context.Context) error {
	if err := s.whenReleased(ctx); err != nil {
		return err
	}
	due := map[string]time.Time{}
	tick := time.NewTicker(recheckPace)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
		for _, src := range intake.Rechecked(s.running.Load().sources) {
			if s.Now().Before(due[src.Name]) || s.paused(src.Name) {
				continue
			}
			err := s.intake.Recheck(ctx, src, s.View)
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if err != nil {
				s.o.Log.Warn("posts could not be looked at again", "source", src.Name, "err", err)
			}
			due[src.Name] = s.Now().Add(src.Again(err))
		}
	}
}
