package storetest

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/amends-care/amends/internal/store"
)

// testLease has holders that are paused, killed, cut off and released. In a
// bubble the terms are the real ones; an engine that can't live there gets
// short ones, and only what doesn't depend on how fast the machine is.
func testLease(t *testing.T, e Engine) {
	term := store.LeaseTerm
	run := func(name string, f func(*testing.T, []store.Store, time.Duration)) {
		t.Run(name, func(t *testing.T) {
			if !e.Bubble {
				f(t, e.nodes(t), time.Second)
				return
			}
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				s := e.Open(t, dir)
				f(t, []store.Store{s, s, s}, term)
				if err := s.Close(); err != nil {
					t.Errorf("close: %v", err)
				}
			})
		})
	}
	run("one at a time", leaseOneAtATime)
	run("handed over on release", leaseReleased)
	run("paused holder", leasePaused)
	run("cut off", func(t *testing.T, nodes []store.Store, term time.Duration) { leaseCutOff(t, nodes, term, false) })
	run("cut off in silence", func(t *testing.T, nodes []store.Store, term time.Duration) { leaseCutOff(t, nodes, term, true) })
	run("answers lost", leaseLossy)
	run("left by a kill", leaseKilled)
	run("roster", leaseRoster)
}

// leaseOneAtATime has three nodes that want the same lease for a long time.
func leaseOneAtATime(t *testing.T, nodes []store.Store, term time.Duration) {
	var holders atomic.Int32
	var turns [3]int
	var wg sync.WaitGroup
	for i, s := range nodes {
		l := store.Lease{Store: s, Name: "clock", Holder: string(rune('a' + i)), Term: term}
		wg.Go(func() {
			for turns[i] < 2 {
				err := l.Hold(t.Context(), func(ctx context.Context, fence store.Check) error {
					if n := holders.Add(1); n != 1 {
						t.Errorf("%d holders at once", n)
					}
					defer holders.Add(-1)
					turns[i]++
					select { // longer than a term, so that it has to be renewed
					case <-time.After(2 * term):
					case <-ctx.Done():
						t.Errorf("lost while alive: %v", context.Cause(ctx))
					}
					_, err := s.Commit(ctx, store.Batch{
						Checks:  []store.Check{fence},
						Appends: []store.Append{{Stream: "turns", After: store.Any, Data: []byte(l.Holder)}},
					})
					return err
				})
				if err != nil {
					t.Errorf("node %d: %v", i, err)
					return
				}
			}
		})
	}
	wg.Wait()
	if got := len(stream(t, nodes[0], "turns", 0)); got != 6 {
		t.Errorf("%d turns, want 6", got)
	}
}

// leaseReleased hands over when work has returned, and tells what it returned.
func leaseReleased(t *testing.T, nodes []store.Store, term time.Duration) {
	mine := errors.New("mine")
	var fences []store.Check
	for i := range 4 {
		l := store.Lease{Store: nodes[i%2], Name: "outbox", Holder: string(rune('a' + i)), Term: term}
		start := time.Now()
		err := l.Hold(t.Context(), func(ctx context.Context, fence store.Check) error {
			if waited := time.Since(start); waited >= term {
				t.Errorf("a free lease took %v", waited)
			}
			fences = append(fences, fence)
			return mine
		})
		if err != mine {
			t.Errorf("hold returned %v", err)
		}
	}
	for _, f := range fences { // once released, no fence stands
		if _, err := nodes[0].Commit(t.Context(), store.Batch{Checks: []store.Check{f}}); err == nil {
			t.Errorf("fence %+v of a released lease stands", f)
		}
	}
	if left := append(docs(t, nodes[0], "lease/", ""), docs(t, nodes[0], "fence/", "")...); len(left) != 0 {
		t.Errorf("left behind: %+v", left)
	}
	// A context that has ended gives no lease, and one that ends while waiting
	// ends the waiting.
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	l := store.Lease{Store: nodes[0], Name: "outbox", Holder: "z", Term: term}
	if err := l.Hold(ended, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("with an ended context: %v", err)
	}
}

// A frozen store stops in its tracks while it is paused, as its process would.
type frozen struct {
	store.Store
	mu    sync.Mutex
	awake chan struct{} // closed when it goes on; nil: it isn't paused
}

func (f *frozen) pause() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.awake = make(chan struct{})
}

func (f *frozen) resume() {
	f.mu.Lock()
	defer f.mu.Unlock()
	close(f.awake)
	f.awake = nil
}

func (f *frozen) sleep() {
	f.mu.Lock()
	awake := f.awake
	f.mu.Unlock()
	if awake != nil {
		<-awake
	}
}

func (f *frozen) Commit(ctx context.Context, b store.Batch) (store.Seq, error) {
	f.sleep()
	return f.Store.Commit(context.WithoutCancel(ctx), b)
}

func (f *frozen) Get(ctx context.Context, keys ...string) ([]store.Doc, error) {
	f.sleep()
	return f.Store.Get(context.WithoutCancel(ctx), keys...)
}

// leasePaused pauses a holder until another has taken over, and lets it go on.
// It learns that it has lost, and what it writes conflicts.
func leasePaused(t *testing.T, nodes []store.Store, term time.Duration) {
	asleep := &frozen{Store: nodes[0]}
	held, taken, both := make(chan store.Check, 1), make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		first := store.Lease{Store: asleep, Name: "clock", Holder: "first", Term: term}
		err := first.Hold(t.Context(), func(ctx context.Context, fence store.Check) error {
			held <- fence
			<-taken
			// It has just gone on, and has not noticed anything, or has.
			_, err := nodes[0].Commit(t.Context(), store.Batch{
				Checks:  []store.Check{fence},
				Appends: []store.Append{{Stream: "done", After: store.Any, Data: []byte("first")}},
			})
			if c, ok := errors.AsType[*store.Conflict](err); !ok || !slices.Equal(c.Keys, []string{fence.Key}) {
				t.Errorf("the first wrote after the second took over: %v", err)
			}
			<-ctx.Done()
			if cause := context.Cause(ctx); !errors.Is(cause, store.ErrLeaseLost) {
				t.Errorf("its context ended with %v", cause)
			}
			return ctx.Err()
		})
		if !errors.Is(err, store.ErrLeaseLost) {
			t.Errorf("hold returned %v", err)
		}
		close(both)
	})
	fence := <-held
	asleep.pause()
	start := time.Now()
	wg.Go(func() {
		second := store.Lease{Store: nodes[1], Name: "clock", Holder: "second", Term: term}
		err := second.Hold(t.Context(), func(ctx context.Context, now store.Check) error {
			if waited := time.Since(start); waited < term {
				t.Errorf("taken over after %v, before the term of %v", waited, term)
			}
			if now.Was <= fence.Was {
				t.Errorf("fence %d after %d", now.Was, fence.Was)
			}
			close(taken)
			asleep.resume()
			<-both
			// Neither its waking up nor its giving up has taken anything away.
			if ctx.Err() != nil {
				t.Errorf("the second lost it: %v", context.Cause(ctx))
			}
			_, err := nodes[1].Commit(ctx, store.Batch{
				Checks:  []store.Check{now},
				Appends: []store.Append{{Stream: "done", After: store.Any, Data: []byte("second")}},
			})
			return err
		})
		if err != nil {
			t.Errorf("second: %v", err)
		}
	})
	wg.Wait()
	if done := stream(t, nodes[0], "done", 0); len(done) != 1 || string(done[0].Data) != "second" {
		t.Errorf("done by %+v", done)
	}
}

// A severed store fails once it is cut, at once or when its caller gives up.
type severed struct {
	store.Store
	cut    atomic.Bool
	silent bool
}

var errSevered = errors.New("no way to the store")

func (s *severed) fail(ctx context.Context) error {
	if !s.cut.Load() {
		return nil
	}
	if s.silent {
		<-ctx.Done()
		return ctx.Err()
	}
	return errSevered
}

func (s *severed) Commit(ctx context.Context, b store.Batch) (store.Seq, error) {
	if err := s.fail(ctx); err != nil {
		return 0, err
	}
	return s.Store.Commit(ctx, b)
}

func (s *severed) Get(ctx context.Context, keys ...string) ([]store.Doc, error) {
	if err := s.fail(ctx); err != nil {
		return nil, err
	}
	return s.Store.Get(ctx, keys...)
}

// leaseCutOff takes the store from a holder. It gives up by itself, before
// another has the lease.
func leaseCutOff(t *testing.T, nodes []store.Store, term time.Duration, silent bool) {
	s := &severed{Store: nodes[0], silent: silent}
	var working atomic.Bool
	cut := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		first := store.Lease{Store: s, Name: "clock", Holder: "first", Term: term}
		err := first.Hold(t.Context(), func(ctx context.Context, fence store.Check) error {
			working.Store(true)
			s.cut.Store(true)
			close(cut)
			<-ctx.Done()
			working.Store(false)
			return ctx.Err()
		})
		if !errors.Is(err, store.ErrLeaseLost) {
			t.Errorf("hold returned %v", err)
		}
	})
	<-cut
	second := store.Lease{Store: nodes[1], Name: "clock", Holder: "second", Term: term}
	if err := second.Hold(t.Context(), func(context.Context, store.Check) error {
		if working.Load() {
			t.Error("the first still works")
		}
		return nil
	}); err != nil {
		t.Errorf("second: %v", err)
	}
	wg.Wait()
	if silent {
		return
	}
	if err := (store.Lease{Store: s, Name: "other", Holder: "first", Term: term}).Hold(t.Context(), nil); !errors.Is(err, errSevered) {
		t.Errorf("waiting without a store: %v", err)
	}
}

// leaseLossy loses answers of renewals that were written. The holder finds out
// that it still holds.
func leaseLossy(t *testing.T, nodes []store.Store, term time.Duration) {
	s := &deaf{Store: nodes[0]}
	l := store.Lease{Store: s, Name: "clock", Holder: "first", Term: term}
	err := l.Hold(t.Context(), func(ctx context.Context, fence store.Check) error {
		s.on.Store(true)
		select {
		case <-time.After(4 * term):
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	})
	if err != nil {
		t.Errorf("hold returned %v", err)
	}
	if s.lost.Load() == 0 {
		t.Error("no answer was lost")
	}
}

// A deaf store loses all but every sixth answer once it is on, so that a term
// may pass without one.
type deaf struct {
	store.Store
	on      atomic.Bool
	n, lost atomic.Int32
}

func (s *deaf) Commit(ctx context.Context, b store.Batch) (store.Seq, error) {
	seq, err := s.Store.Commit(ctx, b)
	if s.on.Load() && s.n.Add(1)%6 != 0 {
		s.lost.Add(1)
		return 0, errLost
	}
	return seq, err
}

// leaseKilled leaves a lease behind without releasing it. The same node gets it
// back at once, another only after the term.
func leaseKilled(t *testing.T, nodes []store.Store, term time.Duration) {
	abandon := func(holder string) {
		s := &severed{Store: nodes[0]}
		l := store.Lease{Store: s, Name: "clock", Holder: holder, Term: term}
		if err := l.Hold(t.Context(), func(context.Context, store.Check) error {
			s.cut.Store(true) // so that the release doesn't arrive
			return nil
		}); err != nil {
			t.Fatalf("abandon: %v", err)
		}
	}
	hold := func(holder string) (waited time.Duration) {
		start := time.Now()
		l := store.Lease{Store: nodes[1], Name: "clock", Holder: holder, Term: term}
		if err := l.Hold(t.Context(), func(context.Context, store.Check) error {
			waited = time.Since(start)
			return nil
		}); err != nil {
			t.Errorf("hold: %v", err)
		}
		return waited
	}
	abandon("a")
	if waited := hold("b"); waited < term {
		t.Errorf("another got it after %v, before the term of %v", waited, term)
	}
	abandon("a")
	if waited := hold("a"); waited >= term {
		t.Errorf("the same got it back after %v", waited)
	}
}

// leaseRoster sees nodes come, go and die.
func leaseRoster(t *testing.T, nodes []store.Store, term time.Duration) {
	roster := &store.Roster{Store: nodes[2], Prefix: "node/", Term: term}
	is := func(want ...string) {
		t.Helper()
		got, err := roster.Live(t.Context())
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("live: %q, %v, want %q", got, err, want)
		}
	}
	is()
	cut := &severed{Store: nodes[1]}
	ctxA, stopA := context.WithCancel(t.Context())
	ctxB, stopB := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	join := func(ctx context.Context, s store.Store, name string) {
		in := make(chan struct{})
		wg.Go(func() {
			_ = store.Lease{Store: s, Name: "node/" + name, Holder: name, Term: term}.Hold(ctx, func(ctx context.Context, _ store.Check) error {
				close(in)
				<-ctx.Done()
				return nil
			})
		})
		<-in
	}
	join(ctxA, nodes[0], "a")
	is("a")
	join(ctxB, cut, "b")
	is("a", "b")
	for range 10 { // both go on for more than a term
		time.Sleep(term / 4)
		is("a", "b")
	}
	cut.cut.Store(true)
	for range 8 { // b is seen no more after two terms at most; a is seen always
		time.Sleep(term / 4)
		got, err := roster.Live(t.Context())
		if err != nil || !slices.Contains(got, "a") {
			t.Errorf("live: %q, %v", got, err)
		}
	}
	is("a")
	stopA()
	stopB()
	wg.Wait()
	is()
}
