package intake

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/desk"
	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/store"
)

// probe is how often a stopped source is tried again.
const probe = 15 * time.Minute

// A reading is one source's loop.
type reading struct {
	*Intake
	Source
	doc      store.Doc // the cursor, as it stands in the store
	known    bool      // doc and place are what stands there
	place    place
	failures int
	down     bool      // SourceStopped was recorded
	again    bool      // read anew from the empty cursor, and not through yet
	blind    time.Time // until when all had been read when we began to catch up; zero: we are not
	came     int       // mentions that catching up brought so far

	pushing sync.Mutex
	pushed  float64 // dollars that being told cost, since the last page
}

// blindFor is how long nothing is read until that is told once it is over.
const blindFor = 5 * time.Minute

func (r *reading) loop(ctx context.Context) {
	for ctx.Err() == nil {
		wait := r.step(ctx)
		r.set(func(h *care.SourceHealth) { h.NextAt = r.o.Now().Add(wait) })
		t := time.NewTimer(wait)
		select {
		case <-t.C:
		case <-ctx.Done():
			t.Stop()
		}
	}
}

// step polls one page and takes it in. It returns how long to wait then.
func (r *reading) step(ctx context.Context) time.Duration {
	if r.o.Paused(r.Name) {
		r.set(func(h *care.SourceHealth) { h.State = care.SourceResting })
		return resting
	}
	r.set(func(h *care.SourceHealth) { h.TriedAt = r.o.Now() })
	more, err := r.page(ctx)
	var fenced *desk.Fenced
	switch {
	case ctx.Err() != nil:
		return 0
	case errors.As(err, &fenced):
		r.known = false // another node was faster: go on from where it is
		return r.Every
	case errors.Is(err, errCapped):
		r.set(func(h *care.SourceHealth) { h.State = care.SourceCapped })
		return min(probe, day(r.o.Now()).Add(24*time.Hour).Sub(r.o.Now()))
	case err != nil && ourLimit(err) > 0:
		return ourLimit(err)
	case err != nil:
		return r.failed(ctx, err)
	}
	r.succeeded(ctx, more)
	if more {
		return 0
	}
	return r.Every
}

func (r *reading) page(ctx context.Context) (more bool, err error) {
	if err := r.look(ctx); err != nil {
		return false, err
	}
	began := r.o.Now()
	if r.Cap > 0 && float64(r.place.spent(began)) >= r.Cap*1e6 {
		return false, errCapped
	}
	if w := r.place.Whole; r.place.Began.IsZero() && !w.IsZero() && began.Sub(w) > blindFor+2*r.Every {
		r.blind, r.came = w, 0
	}
	r.o.Point("intake.poll")
	p, err := r.Account.Poll(ctx, r.place.Cursor)
	if err != nil {
		return false, err
	}
	r.pushing.Lock()
	owed := r.pushed
	r.pushing.Unlock()
	p.Meter.Spend += owed
	r.o.Point("intake.polled")
	since, next := r.place.since(), r.place.after(&p, began)
	a := r.arrivals(&p)
	a.Cost = int(next.spent(began) - r.place.spent(began))
	receipt, err := r.receive(ctx, a, since, next)
	if err != nil {
		return false, err
	}
	r.o.Point("intake.received")
	r.pushing.Lock()
	r.pushed -= owed
	r.pushing.Unlock()
	r.meter(p.Meter)
	r.again = r.again && p.More
	r.came += receipt.New
	r.took(receipt)
	return p.More, nil
}

// took notes what a page brought.
func (r *reading) took(receipt desk.Receipt) {
	r.set(func(h *care.SourceHealth) {
		h.SpentToday = float64(r.place.spent(r.o.Now())) / 1e6
		if receipt.Newest.After(h.Newest) {
			h.Newest = receipt.Newest
		}
	})
	if n := receipt.New + receipt.Edited + receipt.Deleted; n > 0 {
		r.o.Log.Info("page taken in", "source", r.Name, "new", receipt.New, "flagged", receipt.Flagged, "opened", receipt.Opened, "seq", receipt.Seq)
	}
}

// errCapped says that this day's money is spent.
var errCapped = errors.New("the cap of the day is reached")

// resting is how often a source that rests looks whether it still should.
const resting = 5 * time.Second

// look reads how far the source has been read, if that is not known.
func (r *reading) look(ctx context.Context) error {
	if r.known {
		return nil
	}
	docs, err := r.o.Store.Get(ctx, "source/"+r.Name)
	if err != nil {
		return fmt.Errorf("read cursor: %w", err)
	}
	r.doc, r.place, r.known = docs[0], decodePlace(docs[0].Data), true
	return nil
}

// receive hands over what was read from this place to the next.
func (r *reading) receive(ctx context.Context, a desk.Arrivals, since time.Time, next place) (desk.Receipt, error) {
	a.Source, a.Cursor, a.Since, a.Next = r.Name, r.doc, since, r.doc.Data
	if next.Cursor != r.place.Cursor || next.Spent != r.place.Spent { // else there is nothing to write: a quiet source commits nothing
		a.Next = next.encode()
	}
	receipt, err := r.o.Desk.Receive(ctx, a)
	if err != nil {
		r.known = false // whether it was written is not certain: look
		return receipt, err
	}
	r.doc, r.place = receipt.Cursor, next
	return receipt, nil
}

// arrivals is a page in the desk's words.
func (r *reading) arrivals(p *network.Page) desk.Arrivals {
	a := Arrivals(p)
	a.Brand, a.Lists = r.Brand, r.Lists
	judge := Judge(*r.by.Load())
	a.Judge = func(ctx context.Context, ms []*care.Mention) error {
		defer r.o.Point("intake.judged")
		return judge(ctx, ms)
	}
	return a
}

// Arrivals is a page in the desk's words, with no source and no judge yet.
func Arrivals(p *network.Page) desk.Arrivals {
	a := desk.Arrivals{Read: len(p.Items) + len(p.Bad), Bad: len(p.Bad), Repaired: p.Repaired}
	for _, it := range p.Items {
		a.Items = append(a.Items, desk.Arrival{What: desk.Arrived(it.Kind), Post: it.Post, Own: it.Own})
	}
	for _, g := range p.Gaps {
		a.Gaps = append(a.Gaps, care.SourceGap{From: g.From, To: g.To, Why: g.Why})
	}
	return a
}

func (r *reading) meter(m network.Meter) {
	r.set(func(h *care.SourceHealth) {
		h.Calls += m.Calls
		h.Spend += m.Spend
		h.Left, h.LeftKnown, h.Reset = m.Left, m.LeftKnown, m.Reset
		if !m.TokenExpires.IsZero() {
			h.Expires = m.TokenExpires
		}
	})
}

// succeeded notes that the source answers, and tells it when nothing was read
// for long and all of that is caught up with.
func (r *reading) succeeded(ctx context.Context, more bool) {
	if r.down || r.failures > 0 {
		r.o.Log.Info("source reads again", "source", r.Name)
	}
	r.failures = 0
	r.set(func(h *care.SourceHealth) {
		h.State, h.Fault, h.Why, h.Failures, h.SucceededAt = care.SourceReading, "", "", 0, r.o.Now()
	})
	if more || !r.down && r.blind.IsZero() {
		return
	}
	if _, err := r.o.Desk.TellSource(ctx, care.ByIntake, r.Name, care.SourceRecovered{Since: r.blind, Came: r.came}); err != nil {
		r.o.Log.Error("recovery of a source could not be recorded", "source", r.Name, "err", err)
		return // said next time
	}
	r.down, r.blind = false, time.Time{}
}

// ourLimit is how long to wait when a budget of our own is used up, which is no
// fault of the source; 0 for any other error.
func ourLimit(err error) time.Duration {
	ne, ok := errors.AsType[*network.Error](err)
	if !ok || ne.Fault != network.Limited || !ne.Unsent || ne.Status != 0 {
		return 0
	}
	return max(ne.After, time.Second)
}

// failed decides how long a source waits, and says loudly when somebody has to
// act. Nothing is lost by waiting: the cursor stands.
func (r *reading) failed(ctx context.Context, err error) time.Duration {
	fault, after, again := network.Transient, time.Duration(0), false
	var ne *network.Error
	if errors.As(err, &ne) {
		fault, after, again = ne.Fault, ne.After, ne.Again
	}
	n := r.failures
	r.failures++
	stopped := fault == network.Refused || fault == network.Unpaid
	r.set(func(h *care.SourceHealth) {
		h.State, h.Fault, h.Why, h.Failures = care.SourceTrying, string(fault), err.Error(), r.failures
		if stopped {
			h.State = care.SourceDown
		}
	})
	wait := max(after, network.Backoff(n, rand.Int64N))
	switch {
	case again && r.startAgain(ctx):
		r.o.Log.Warn("source is read anew: the network no longer knows our cursor", "source", r.Name, "err", err)
		if wait = max(wait, r.Every); !r.again {
			wait = 0 // at once, but not again and again
		}
		r.again = true
	case stopped:
		wait = max(probe, after)
		r.stop(ctx, fault, err)
	default:
		r.o.Log.Warn("source failed", "source", r.Name, "fault", fault, "err", err, "wait", wait)
	}
	return wait
}

func (r *reading) stop(ctx context.Context, fault network.Fault, err error) {
	if r.down {
		return
	}
	r.o.Log.Error("source stopped: somebody has to act", "source", r.Name, "fault", fault, "err", err)
	if _, err := r.o.Desk.TellSource(ctx, care.ByIntake, r.Name, care.SourceStopped{Fault: string(fault), Why: err.Error()}); err != nil {
		r.o.Log.Error("stop of a source could not be recorded", "source", r.Name, "err", err)
		return // said next time
	}
	r.down = true
}

// startAgain gives up a cursor that its network does not understand any more.
// What is polled anew is recognised, so nothing comes twice; what the network
// no longer shows is a gap.
func (r *reading) startAgain(ctx context.Context) bool {
	if r.place.Cursor == "" {
		return false
	}
	now := r.o.Now()
	from := r.place.Whole
	if from.IsZero() {
		from = now // since when is not known
	}
	gap := care.SourceGap{From: from, To: now, Why: "the network no longer knows our cursor"}
	_, err := r.receive(ctx, desk.Arrivals{Gaps: []care.SourceGap{gap}}, time.Time{}, place{Whole: r.place.Whole})
	return err == nil
}
