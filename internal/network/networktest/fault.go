package networktest

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
)

// patience is how long a call may wait for a network that says nothing.
const patience = 20 * time.Millisecond

// attempts is how many calls a failing poll may make: one, and what it takes to
// sign in anew. More is a hidden retry.
const attempts = 4

// faultCases are about networks that fail while we read: each failure is told
// for what it is, and once it is over nothing is missing.
func faultCases(run runner, traits Traits) {
	if traits.Pushed {
		return // there is no call that could fail
	}
	for _, f := range traits.Faults {
		run("fault/"+string(f), func(s *suite) { pollThrough(s, f) })
		run("fault/look and thread/"+string(f), func(s *suite) { lookThrough(s, f) })
	}
	if slices.Contains(traits.Faults, Silent) {
		run("fault/cancelled while the network says nothing", func(s *suite) {
			cursor := s.reader().cursor
			s.world.Break(Silent)
			ctx, end := context.WithCancel(s.Context())
			time.AfterFunc(patience, end)
			_, err := s.world.Account().Poll(ctx, cursor)
			if e := s.typed(err); !errors.Is(e, context.Canceled) {
				s.Errorf("cancelled, but the error is %v", e)
			}
		})
	}
	run("fault/the network's clock is wrong", wrongClock)
}

// pollThrough lets the fault hit before every page of a scan.
func pollThrough(s *suite, f Fault) {
	r := s.reader()
	ids := s.burst(2*s.traits.Page + 1)
	for more := true; more; {
		s.world.Break(f)
		calls := s.calls()
		err := s.failing(f, func(ctx context.Context) error {
			_, err := s.world.Account().Poll(ctx, r.cursor)
			return err
		})
		s.checkFault(f, err)
		if n := s.calls() - calls; n > attempts {
			s.Errorf("a failing poll made %d calls", n)
		}
		s.world.Break(Mended)
		more = r.page().More
	}
	r.must(ids...)
}

func lookThrough(s *suite, f Fault) {
	account := s.world.Account()
	looker, looks := account.(network.Looker)
	threader, threads := account.(network.Threader)
	if !looks && !threads {
		s.Skip("the driver can neither look nor read threads")
	}
	ids := s.burst(2)
	s.world.Break(f)
	if looks {
		s.checkFault(f, s.failing(f, func(ctx context.Context) error {
			_, err := looker.Look(ctx, ids)
			return err
		}))
	}
	if threads {
		s.checkFault(f, s.failing(f, func(ctx context.Context) error {
			_, err := threader.Thread(ctx, ids[0])
			return err
		}))
	}
	s.world.Break(Mended)
	if looks {
		items, err := looker.Look(s.Context(), ids)
		if err != nil || len(items) != 2 || items[0].Kind == network.Deleted || items[1].Kind == network.Deleted {
			s.Errorf("once mended: %d items, %v", len(items), err)
		}
	}
}

// failing calls; when the network will say nothing, it gives up a moment after
// the call has arrived there, so that a slow machine changes nothing.
func (s *suite) failing(f Fault, call func(context.Context) error) error {
	if f != Silent && f != Stalled {
		return call(s.Context())
	}
	ctx, end := context.WithCancel(s.Context())
	defer end()
	counter, counts := s.world.(Counter)
	before := s.calls()
	var watching sync.WaitGroup
	watching.Go(func() {
		tick := time.NewTicker(patience)
		defer tick.Stop()
		for arrived := !counts; ; arrived = counter.Calls() > before {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			if arrived {
				end()
				return
			}
		}
	})
	err := call(ctx)
	end()
	watching.Wait()
	return err
}

// checkFault checks that an error says what went wrong.
func (s *suite) checkFault(f Fault, err error) {
	s.Helper()
	if err == nil {
		s.Fatalf("%s: a success", f)
	}
	e := s.typed(err)
	if !slices.Contains(f.want(), e.Fault) {
		s.Errorf("%s: told as %v", f, e)
	}
	limited := e.Fault == network.Limited
	if limited && (e.After < Wait-time.Second || e.After > Wait+2*time.Second) {
		s.Errorf("%s: wait %v, want %v", f, e.After, Wait)
	}
	if e.Unsent && f != Unreachable && !limited && (!s.traits.Steps || f.takes()) {
		s.Errorf("%s: told as unsent", f)
	}
	if f == Unreachable && !e.Unsent {
		s.Errorf("%s: no byte arrived, but the error doesn't say so", f)
	}
}

func (s *suite) calls() int {
	if c, ok := s.world.(Counter); ok {
		return c.Calls()
	}
	return 0
}

// wrongClock lets the network live hours in the past and in the future.
func wrongClock(s *suite) {
	skewer, ok := s.world.(Skewer)
	if !ok {
		s.Skip("the World has no clock of its own")
	}
	r := s.reader()
	var ids []care.Remote
	for _, skew := range []time.Duration{2 * time.Hour, 0, -2 * time.Hour} {
		skewer.Skew(skew)
		ids = append(ids, s.burst(s.traits.Page+1)...)
		for _, f := range []Fault{LimitedSeconds, LimitedDate, LimitedEpoch, LimitedISO} {
			if !slices.Contains(s.traits.Faults, f) {
				continue
			}
			s.world.Break(f)
			_, err := s.world.Account().Poll(s.Context(), r.cursor)
			s.checkFault(f, err)
			s.world.Break(Mended)
		}
		r.drain()
	}
	r.must(ids...)
}
