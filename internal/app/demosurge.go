package app

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/amends-care/amends/internal/network/demo"
	"github.com/amends-care/amends/internal/watch"
)

// A lookout looks for surges while history is written, as the watch would have
// looked then: by what was counted up to that moment.
type lookout struct {
	recent []time.Time // arrivals of the last hour
	next   time.Time   // when it looks again
	surge  bool        // one lasts
	counts watch.Counts
}

// How often it looks, and from how many arrivals in an hour on.
const (
	lookoutEvery = 5 * time.Minute
	lookoutFrom  = 6
)

// paced are the counts of a story that runs quicker than its history. Held against that
// as it was, everything would be a surge from the first minute on. So an hour of the
// past stands for what an ordinary hour of the history would bring at the pace of now;
// what is counted now, and in the hour before, is what it is.
type paced struct {
	watch.Counts
	start time.Time                  // where history ends
	pace  func(at time.Time) float64 // how many times an ordinary hour
}

// How long the history is looked at for an ordinary hour, up to when before its end,
// and from what count an hour was none.
const (
	ordinaryDays = 28
	ordinaryEnd  = 4 * time.Hour
	ordinaryLess = 6
)

// Hours implements watch.Counts.
func (p paced) Hours(series string, from time.Time, n int) ([]int, error) {
	counts, err := p.Counts.Hours(series, from, n)
	times := p.pace(from.Add(time.Duration(n)*time.Hour - time.Nanosecond))
	if err != nil || times <= 1 || n < 3 {
		return counts, err
	}
	since, err := p.Counting()
	if err != nil {
		return nil, err
	}
	end := p.start.Add(-ordinaryEnd)
	days := min(ordinaryDays, int(end.Sub(since)/(24*time.Hour)))
	past, err := p.Counts.Hours(series, end.AddDate(0, 0, -max(days, 1)), 24*max(days, 1))
	if err != nil {
		return nil, err
	}
	sum, hours := 0, 0
	for _, k := range past {
		if k < ordinaryLess {
			sum, hours = sum+k, hours+1
		}
	}
	usual := int(math.Round(times * float64(sum) / float64(max(hours, 1))))
	for i := range counts[:n-2] {
		counts[i] = usual
	}
	return counts, nil
}

// pacedBy are the counts of a view at the pace of a demo's network.
func pacedBy(n *demo.Network, counts watch.Counts) watch.Counts {
	return paced{counts, n.Start(), n.Pace}
}

// look is called for each arrival.
func (l *lookout) look(ctx context.Context, r *replay, at time.Time) error {
	l.recent = append(slices.DeleteFunc(l.recent, func(t time.Time) bool { return at.Sub(t) > time.Hour }), at)
	if at.Before(l.next) || len(l.recent) < lookoutFrom && !l.surge {
		return nil
	}
	l.next = at.Add(lookoutEvery)
	seen, err := watch.Surges(l.counts, at)
	if err != nil {
		return fmt.Errorf("surges of %s: %w", at.Format(time.RFC3339), err)
	}
	if len(seen) > 0 || l.surge {
		_, err = r.desk.Surging(ctx, seen)
	}
	l.surge = len(seen) > 0
	return err
}
