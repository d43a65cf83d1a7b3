// Package intake reads the sources: one loop for each, which polls a page,
// has what is new judged, and hands it to desk.
//
// A page is one commit, with the cursor in it. So a crash anywhere means that
// the page is polled again, and the same page again changes nothing. Intake
// owns no document and decides nothing about a case.
package intake

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/amends-care/amends/classifiers"
	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/desk"
	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/store"
)

// A Source is one configured stream of mentions.
type Source struct {
	Name    string
	Network string
	Brand   string
	Account network.Account
	Every   time.Duration // between two polls when there is no more to read; 0: a minute
	Lists   func(network string, a care.Author) []string
}

// receiver is the desk's door for pages.
type receiver interface {
	Receive(ctx context.Context, a desk.Arrivals) (desk.Receipt, error)
	TellSource(ctx context.Context, name string, events ...care.Event) (store.Seq, error)
}

// Options of an Intake.
type Options struct {
	Desk       receiver
	Store      store.Store // to read the cursors
	Classifier classifiers.Classifier
	Log        *slog.Logger
	Now        func() time.Time   // nil: time.Now
	Point      func(point string) // told at named steps, so that a test can stop the process there; may be nil
}

// An Intake runs sources.
type Intake struct {
	o      Options
	by     atomic.Pointer[classifiers.Classifier]
	mu     sync.Mutex
	health map[string]*care.SourceHealth
}

// New returns an intake without sources.
func New(o Options) *Intake {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Point == nil {
		o.Point = func(string) {}
	}
	i := &Intake{o: o, health: map[string]*care.SourceHealth{}}
	i.Use(o.Classifier)
	return i
}

// Use lets another classifier judge from now on. What was judged stays.
func (i *Intake) Use(by classifiers.Classifier) { i.by.Store(&by) }

// Run reads sources until ctx ends. Each has a loop of its own: what stops one
// stops no other.
func (i *Intake) Run(ctx context.Context, sources []Source) error {
	var wg sync.WaitGroup
	for _, s := range sources {
		i.set(s.Name, func(h *care.SourceHealth) { h.Network, h.State = s.Network, care.SourceReading })
		wg.Go(func() { i.loop(ctx, s) })
	}
	wg.Wait()
	return ctx.Err()
}

// Health tells how each source is doing, by name.
func (i *Intake) Health() map[string]care.SourceHealth {
	i.mu.Lock()
	defer i.mu.Unlock()
	all := make(map[string]care.SourceHealth, len(i.health))
	for name, h := range i.health {
		all[name] = *h
	}
	return all
}

func (i *Intake) set(name string, change func(*care.SourceHealth)) {
	i.mu.Lock()
	defer i.mu.Unlock()
	h := i.health[name]
	if h == nil {
		h = &care.SourceHealth{Name: name}
		i.health[name] = h
	}
	change(h)
}

// probe is how often a stopped source is tried again.
const probe = 15 * time.Minute

// A reading is one source's loop.
type reading struct {
	*Intake
	Source
	cursor   store.Doc
	known    bool // the cursor is as it stands in the store
	failures int
	down     bool // SourceStopped was recorded
}

func (i *Intake) loop(ctx context.Context, s Source) {
	if s.Every <= 0 {
		s.Every = time.Minute
	}
	r := &reading{Intake: i, Source: s}
	for ctx.Err() == nil {
		wait := r.step(ctx)
		i.set(s.Name, func(h *care.SourceHealth) { h.NextAt = i.o.Now().Add(wait) })
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
	r.set(r.Name, func(h *care.SourceHealth) { h.TriedAt = r.o.Now() })
	more, err := r.page(ctx)
	var fenced *desk.Fenced
	switch {
	case ctx.Err() != nil:
		return 0
	case errors.As(err, &fenced):
		r.known = false // another node was faster: go on from where it is
		return r.Every
	case err != nil:
		return r.failed(ctx, err)
	}
	r.succeeded(ctx)
	if more {
		return 0
	}
	return r.Every
}

func (r *reading) page(ctx context.Context) (more bool, err error) {
	if !r.known {
		docs, err := r.o.Store.Get(ctx, "source/"+r.Name)
		if err != nil {
			return false, fmt.Errorf("read cursor: %w", err)
		}
		r.cursor, r.known = docs[0], true
	}
	r.o.Point("intake.poll")
	p, err := r.Account.Poll(ctx, string(r.cursor.Data))
	if err != nil {
		return false, err
	}
	r.meter(p.Meter)
	r.o.Point("intake.polled")
	receipt, err := r.o.Desk.Receive(ctx, r.arrivals(&p))
	if err != nil {
		r.known = false // whether it was written is not certain: look
		return false, err
	}
	r.o.Point("intake.received")
	r.cursor = receipt.Cursor
	r.set(r.Name, func(h *care.SourceHealth) {
		if receipt.Newest.After(h.Newest) {
			h.Newest = receipt.Newest
		}
	})
	if n := receipt.New + receipt.Edited + receipt.Deleted; n > 0 {
		r.o.Log.Info("page taken in", "source", r.Name, "new", receipt.New, "flagged", receipt.Flagged, "opened", receipt.Opened, "seq", receipt.Seq)
	}
	return p.More, nil
}

// arrivals is a page in the desk's words.
func (r *reading) arrivals(p *network.Page) desk.Arrivals {
	a := Arrivals(p)
	a.Source, a.Brand, a.Cursor, a.Next, a.Lists = r.Name, r.Brand, r.cursor, []byte(p.Next), r.Lists
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
	r.set(r.Name, func(h *care.SourceHealth) {
		h.Calls += m.Calls
		h.Spend += m.Spend
		h.Left, h.LeftKnown, h.Reset = m.Left, m.LeftKnown, m.Reset
		if !m.TokenExpires.IsZero() {
			h.Expires = m.TokenExpires
		}
	})
}

func (r *reading) succeeded(ctx context.Context) {
	if r.down || r.failures > 0 {
		r.o.Log.Info("source reads again", "source", r.Name)
	}
	if r.down {
		if _, err := r.o.Desk.TellSource(ctx, r.Name, care.SourceRecovered{}); err != nil {
			r.o.Log.Error("recovery of a source could not be recorded", "source", r.Name, "err", err)
			return // said next time
		}
	}
	r.down, r.failures = false, 0
	r.set(r.Name, func(h *care.SourceHealth) {
		h.State, h.Fault, h.Why, h.Failures, h.SucceededAt = care.SourceReading, "", "", 0, r.o.Now()
	})
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
	r.set(r.Name, func(h *care.SourceHealth) {
		h.State, h.Fault, h.Why, h.Failures = care.SourceTrying, string(fault), err.Error(), r.failures
		if stopped {
			h.State = care.SourceDown
		}
	})
	wait := max(after, network.Backoff(n, rand.Int64N))
	switch {
	case again && r.startAgain(ctx):
		wait = 0
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
	if _, err := r.o.Desk.TellSource(ctx, r.Name, care.SourceStopped{Fault: string(fault), Why: err.Error()}); err != nil {
		r.o.Log.Error("stop of a source could not be recorded", "source", r.Name, "err", err)
		return // said next time
	}
	r.down = true
}

// startAgain gives up a cursor that its network does not understand any more.
// What is polled anew is recognised, so nothing comes twice; what the network
// no longer shows is a gap.
func (r *reading) startAgain(ctx context.Context) bool {
	if len(r.cursor.Data) == 0 {
		return false
	}
	now := r.o.Now()
	from := now
	r.set(r.Name, func(h *care.SourceHealth) {
		if !h.SucceededAt.IsZero() {
			from = h.SucceededAt
		}
	})
	receipt, err := r.o.Desk.Receive(ctx, desk.Arrivals{
		Source: r.Name, Cursor: r.cursor,
		Gaps: []care.SourceGap{{From: from, To: now, Why: "the network no longer knows our cursor"}},
	})
	if err != nil {
		r.known = false
		return false
	}
	r.cursor = receipt.Cursor
	return true
}
