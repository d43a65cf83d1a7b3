package app

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/amends-care/amends/internal/watch"
)

// A lookout looks for surges while history is written, as the watch would have
// looked then: by what was counted up to that moment.
type lookout struct {
	recent []time.Time // arrivals of the last hour
	next   time.Time   // when it looks again
	surge  bool        // one lasts
}

// How often it looks, and from how many arrivals in an hour on.
const (
	lookoutEvery = 5 * time.Minute
	lookoutFrom  = 6
)

// look is called for each arrival.
func (l *lookout) look(ctx context.Context, r *replay, at time.Time) error {
	l.recent = append(slices.DeleteFunc(l.recent, func(t time.Time) bool { return at.Sub(t) > time.Hour }), at)
	if at.Before(l.next) || len(l.recent) < lookoutFrom && !l.surge {
		return nil
	}
	l.next = at.Add(lookoutEvery)
	seen, err := watch.Surges(r.e.View, at)
	if err != nil {
		return fmt.Errorf("surges of %s: %w", at.Format(time.RFC3339), err)
	}
	if len(seen) > 0 || l.surge {
		_, err = r.desk.Surging(ctx, seen)
	}
	l.surge = len(seen) > 0
	return err
}
