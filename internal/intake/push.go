package intake

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/amends-care/amends/internal/desk"
	"github.com/amends-care/amends/internal/network"
)

// listen lets a network tell us at once, again and again, beside the polling
// that misses nothing. What it tells moves no cursor, so that what comes by both
// ways is recognised, whichever was first.
func (r *reading) listen(ctx context.Context, p network.Pusher) {
	for n := 0; ctx.Err() == nil; {
		wait := resting
		if !r.o.Paused(r.Name) {
			began := r.o.Now()
			err := p.Listen(ctx, func(page network.Page) error {
				_, err := r.Take(ctx, r.Source, page)
				if err == nil {
					r.pushing.Lock()
					r.pushed += page.Meter.Spend
					r.pushing.Unlock()
				}
				return err
			})
			if r.o.Now().Sub(began) > time.Minute {
				n = 0 // it went well for a while
			}
			wait = max(network.Backoff(n, rand.Int64N), r.pushFailed(ctx, err))
			n++
		}
		t := time.NewTimer(wait)
		select {
		case <-t.C:
		case <-ctx.Done():
			t.Stop()
		}
	}
}

// pushFailed notes why listening ended, and returns how long to wait at least.
// Polling goes on, and says by itself when keys or credit are at fault.
func (r *reading) pushFailed(ctx context.Context, err error) time.Duration {
	if ctx.Err() != nil {
		return 0
	}
	r.o.Log.Warn("a network told us nothing any more; polling goes on", "source", r.Name, "err", err)
	ne, ok := errors.AsType[*network.Error](err)
	switch {
	case !ok:
		return 0
	case ne.Fault == network.Refused || ne.Fault == network.Unpaid:
		return max(probe, ne.After)
	}
	return ne.After
}

// Take takes in a page that a network brought by itself. It is durable when
// there is no error.
func (i *Intake) Take(ctx context.Context, s Source, page network.Page) (desk.Receipt, error) {
	r := &reading{Intake: i, Source: s}
	a := r.arrivals(&page)
	a.Source = s.Name
	receipt, err := i.o.Desk.Receive(ctx, a)
	if err != nil {
		return receipt, err
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	if h := i.health[s.Name]; h != nil {
		h.PushedAt = i.o.Now()
		if receipt.Newest.After(h.Newest) {
			h.Newest = receipt.Newest
		}
	}
	return receipt, nil
}
