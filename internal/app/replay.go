package app

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/desk"
	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/store"
)

// A replay is a desk whose clock is moved by what is brought to it, so that
// history gets the deadlines, breaches and answers that it would have had.
// While one runs, the engine's own clock settles nothing.
type replay struct {
	e    *Engine
	desk *desk.Desk
	mu   sync.Mutex
	now  time.Time
}

// replay begins one; close ends it.
func (e *Engine) replay(context.Context) (*replay, error) {
	r := &replay{e: e}
	key, err := loadKey(e.keyPath())
	if err != nil {
		return nil, err
	}
	r.desk, err = desk.New(e.Store, desk.Options{Key: key, Rules: e.Rules, Now: r.clock, Heads: e.View, Log: e.Log})
	if err != nil {
		return nil, err
	}
	e.deadlines.Lock()
	return r, nil
}

func (r *replay) close() { r.e.deadlines.Unlock() }

func (r *replay) clock() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.now
}

// to moves the clock forward, and settles each deadline on the way at its own
// time. Moving backwards does nothing.
func (r *replay) to(ctx context.Context, at time.Time) error {
	if err := r.e.shown(ctx); err != nil {
		return err
	}
	for {
		next, ok := r.e.View.NextAlarm()
		if !ok || next.After(at) {
			break
		}
		r.set(next)
		if err := r.desk.Tick(ctx, alarms{r.e}); err != nil {
			return fmt.Errorf("deadline of %s: %w", next.Format(time.RFC3339), err)
		}
	}
	r.set(at)
	return nil
}

func (r *replay) set(at time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if at.After(r.now) {
		r.now = at
	}
}

// alarms are the view's, up to date whether a server follows the log or not.
type alarms struct{ e *Engine }

func (a alarms) Alarms(now time.Time, n int) ([]care.CaseID, error) { return a.e.View.Alarms(now, n) }

func (a alarms) Wait(ctx context.Context, _ store.Seq) error { return a.e.shown(ctx) }

// page brings the items of a page in the order of their own times.
func (r *replay) page(ctx context.Context, p *network.Page, a desk.Arrivals) (ImportSummary, error) {
	items := slices.Clone(a.Items)
	slices.SortStableFunc(items, func(a, b desk.Arrival) int { return happened(&a).Compare(happened(&b)) })
	sum := ImportSummary{Read: len(p.Bad), Repaired: p.Repaired, Bad: p.Bad}
	for len(items) > 0 {
		at := happened(&items[0])
		n := 1
		for n < len(items) && happened(&items[n]).Equal(at) {
			n++
		}
		if err := r.to(ctx, at); err != nil {
			return sum, err
		}
		a.Items, a.Read, a.Bad, a.Repaired = items[:n], n, 0, 0
		part, err := receive(ctx, &network.Page{}, a, r.desk)
		if err != nil {
			return sum, err
		}
		sum.Add(part)
		items = items[n:]
	}
	return sum, r.to(ctx, r.e.Now())
}

// happened is when an arrival came about.
func happened(a *desk.Arrival) time.Time {
	if a.What == desk.WasEdited && !a.Post.EditedAt.IsZero() {
		return a.Post.EditedAt
	}
	return a.Post.PostedAt
}

// item brings one item of a network.
func (r *replay) item(ctx context.Context, it network.Item) error {
	p := network.Page{Items: []network.Item{it}}
	a, err := r.e.arrivals(ctx, &p)
	if err != nil {
		return err
	}
	a.Source = demoSource
	_, err = r.desk.Receive(ctx, a)
	return err
}
