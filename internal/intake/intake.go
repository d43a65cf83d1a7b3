// Package intake reads the sources: one loop for each, which polls a page,
// has what is new judged, and hands it to desk.
//
// A page is one commit, with the cursor in it. So a crash anywhere means that
// the page is polled again, and the same page again changes nothing. Intake
// owns no document and decides nothing about a case.
package intake

import (
	"context"
	"log/slog"
	"maps"
	"slices"
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
	Cap     float64       // what reading may cost in a UTC day, in US dollars; 0: no limit
	Lists   func(network string, a care.Author) []string
	// Recheck is how often what was read is looked at again; 0: never. Priced: that
	// costs money, so only what is being worked on is.
	Recheck time.Duration
	Priced  bool
}

// receiver is the desk's door for pages.
type receiver interface {
	Receive(ctx context.Context, a desk.Arrivals) (desk.Receipt, error)
	TellSource(ctx context.Context, by care.Actor, name string, events ...care.Event) (store.Seq, error)
}

// Options of an Intake.
type Options struct {
	Desk       receiver
	Store      store.Store // to read the cursors
	Classifier classifiers.Classifier
	// Stopped says whether the last that the log tells of a source is that it
	// stopped: a restart neither tells it again nor forgets it. nil: none is.
	Stopped func(source string) bool
	// Paused says whether somebody let a source rest. nil: none does.
	Paused func(source string) bool
	Log    *slog.Logger
	Now    func() time.Time   // nil: time.Now
	Point  func(point string) // told at named steps, so that a test can stop the process there; may be nil
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
	if o.Stopped == nil {
		o.Stopped = func(string) bool { return false }
	}
	if o.Paused == nil {
		o.Paused = func(string) bool { return false }
	}
	i := &Intake{o: o, health: map[string]*care.SourceHealth{}}
	i.Use(o.Classifier)
	return i
}

// Use lets another classifier judge from now on. What was judged stays.
func (i *Intake) Use(by classifiers.Classifier) { i.by.Store(&by) }

// Run reads sources until ctx ends. Each has a loop of its own: what stops one
// stops no other. What was known of sources that are not among them is forgotten.
func (i *Intake) Run(ctx context.Context, sources []Source) error {
	i.keepOnly(sources)
	var wg sync.WaitGroup
	for _, s := range sources {
		if s.Every <= 0 {
			s.Every = time.Minute
		}
		r := &reading{Intake: i, Source: s, down: i.o.Stopped(s.Name)}
		r.set(func(h *care.SourceHealth) {
			if h.Network, h.State, h.Every, h.Cap = s.Network, care.SourceReading, s.Every, s.Cap; r.down {
				h.State = care.SourceDown
			}
		})
		wg.Go(func() { r.loop(ctx) })
		if p, ok := s.Account.(network.Pusher); ok {
			wg.Go(func() { r.listen(ctx, p) })
		}
	}
	wg.Wait()
	return ctx.Err()
}

func (i *Intake) keepOnly(sources []Source) {
	i.mu.Lock()
	defer i.mu.Unlock()
	maps.DeleteFunc(i.health, func(name string, _ *care.SourceHealth) bool {
		return !slices.ContainsFunc(sources, func(s Source) bool { return s.Name == name })
	})
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

func (r *reading) set(change func(*care.SourceHealth)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	h := r.health[r.Name]
	if h == nil {
		h = &care.SourceHealth{Name: r.Name}
		r.health[r.Name] = h
	}
	change(h)
}
