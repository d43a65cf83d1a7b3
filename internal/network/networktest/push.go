package networktest

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
)

// A Teller is a [World] whose network tells by itself what happens, to a
// [network.Pusher]. Its stream must be over the wire that Break breaks.
type Teller interface {
	// Listening returns once a Listen is connected: what is posted from then on is
	// told to it. It fails the test when none comes.
	Listening()
	// HangUp breaks the connection, each time in another of the network's ways.
	HangUp()
}

// unheard is how long to wait for what should come at once. Only a failing
// test waits so long.
const unheard = 5 * time.Second

// pushCases are about being told: what comes is kept or comes again, and every
// end of a stream is told. The suite polls beside, as intake does.
func pushCases(run runner, traits Traits) {
	pushing := func(name string, f func(*suite, Teller)) {
		run("push/"+name, func(s *suite) {
			if _, ok := s.world.Account().(network.Pusher); !ok {
				s.Skip("the driver is not told by its network")
			}
			teller, ok := s.world.(Teller)
			if !ok {
				s.Fatal("the driver is a Pusher, but the World is no Teller")
			}
			f(s, teller)
		})
	}
	pushing("what is posted while we listen is told", func(s *suite, w Teller) {
		l := s.listen(keepAll)
		w.Listening()
		l.until(s.burst(2*traits.Page + 1)...)
	})
	pushing("what can't be kept is not lost", notKept)
	pushing("cancelled while listening", func(s *suite, w Teller) {
		l := s.listen(keepAll)
		w.Listening()
		l.stop()
		if e := s.typed(l.end()); !errors.Is(e, context.Canceled) {
			s.Errorf("cancelled, but the error is %v", e)
		}
	})
	pushing("cancelled before it began", func(s *suite, _ Teller) {
		err := s.world.Account().(network.Pusher).Listen(ended(), func(network.Page) error {
			s.Error("a page was told")
			return nil
		})
		if e := s.typed(err); !errors.Is(e, context.Canceled) {
			s.Errorf("cancelled, but the error is %v", e)
		}
	})
	pushing("a stream that breaks, again and again", brokenStream)
	pushing("poll and stream together tell everything", together)
	for _, f := range traits.Faults {
		if f.takes() {
			continue // a body that has no end can't be spoiled
		}
		pushing("through/"+string(f), func(s *suite, w Teller) {
			s.world.Break(f)
			s.checkFault(f, s.failing(f, func(ctx context.Context) error {
				return s.world.Account().(network.Pusher).Listen(ctx, func(network.Page) error { return nil })
			}))
			s.world.Break(Mended)
			l := s.listen(keepAll)
			w.Listening()
			l.until(s.burst(1)...)
		})
	}
}

func keepAll(network.Page) error { return nil }

// A listener runs one Listen.
type listener struct {
	*suite
	stop  context.CancelFunc
	over  chan struct{} // closed once err is set
	err   error
	mu    sync.Mutex
	told  map[care.Remote]bool // and kept
	pages chan struct{}        // something was told
}

// listen starts to listen. keep may refuse a page, as a store does that fails.
func (s *suite) listen(keep func(network.Page) error) *listener {
	ctx, stop := context.WithCancel(s.Context())
	l := &listener{suite: s, stop: stop, over: make(chan struct{}), told: map[care.Remote]bool{}, pages: make(chan struct{}, 1)}
	pusher := s.world.Account().(network.Pusher)
	go func() {
		defer close(l.over)
		l.err = pusher.Listen(ctx, func(p network.Page) error { return l.take(p, keep) })
	}()
	s.Cleanup(func() { stop(); <-l.over })
	return l
}

func (l *listener) take(p network.Page, keep func(network.Page) error) error {
	l.checkPage(p)
	if p.Next != "" || p.More {
		l.Error("a page that the network told has a cursor: only a poll moves it")
	}
	if err := keep(p); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, it := range p.Items {
		l.told[it.Post.Remote] = true
	}
	select {
	case l.pages <- struct{}{}:
	default:
	}
	return nil
}

func (l *listener) missing(ids []care.Remote) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := 0
	for _, id := range ids {
		if !l.told[id] {
			n++
		}
	}
	return n
}

// until waits for posts to be told.
func (l *listener) until(ids ...care.Remote) {
	l.Helper()
	patience := time.NewTimer(unheard)
	defer patience.Stop()
	for {
		n := l.missing(ids)
		if n == 0 {
			return
		}
		select {
		case <-l.pages:
		case <-l.over:
			l.Fatalf("listening ended with %d of %d posts not told: %v", n, len(ids), l.err)
		case <-patience.C:
			l.Fatalf("%d of %d posts were not told", n, len(ids))
		}
	}
}

// end waits for Listen to return.
func (l *listener) end() error {
	l.Helper()
	patience := time.NewTimer(unheard)
	defer patience.Stop()
	select {
	case <-l.over:
		return l.err
	case <-patience.C:
		l.Fatal("still listening")
		return nil
	}
}

// notKept lets the store fail once. Either Listen ends with that error, or the
// item comes again; then a poll must not be what saves it.
func notKept(s *suite, w Teller) {
	r := s.reader()
	full := errors.New("the store is full")
	var once sync.Once
	failed := make(chan struct{})
	l := s.listen(func(network.Page) (err error) {
		once.Do(func() { err = full; close(failed) })
		return err
	})
	w.Listening()
	first := s.burst(1)[0]
	select {
	case <-failed:
	case <-time.After(unheard):
		s.Fatal("nothing was told")
	}
	second := s.burst(1)[0]
	patience := time.NewTimer(unheard)
	defer patience.Stop()
	for over := false; !over && l.missing([]care.Remote{second}) > 0; {
		select {
		case <-l.pages:
		case <-l.over:
			over = true
			if !errors.Is(l.err, full) {
				s.Errorf("the store failed, but Listen says %v", l.err)
			}
		case <-patience.C:
			s.Fatal("Listen neither ends nor goes on")
		}
	}
	select {
	case <-l.over:
	default:
		if l.missing([]care.Remote{first}) > 0 {
			s.Error("Listen went on over a post that was not kept")
		}
	}
	r.drain()
	r.must(first, second)
}

// brokenStream breaks the connection in every way the World knows. A Listen
// either ends with a typed error, and its caller listens again, or connects
// anew by itself.
func brokenStream(s *suite, w Teller) {
	const often = 6
	r := s.reader()
	l := s.listen(keepAll)
	var ids []care.Remote
	for range often {
		w.Listening()
		ids = append(ids, s.burst(1)...)
		l.until(ids[len(ids)-1])
		select {
		case <-l.pages: // of what was told before the break
		default:
		}
		w.HangUp()
		ids = append(ids, s.burst(1)...)
		select {
		case <-l.over:
		case <-l.pages: // it told something more, and may end yet
		case <-time.After(unheard):
			s.Fatal("a broken stream was not noticed")
		}
		l.stop()
		if e := s.typed(l.end()); e.Fault == network.Refused || e.Fault == network.Unpaid || e.Unsent {
			s.Errorf("a broken stream is told as %v, unsent %v", e, e.Unsent)
		}
		l = s.listen(keepAll)
	}
	r.drain()
	r.must(ids...)
}

// together polls and listens at once, with a break in the middle.
func together(s *suite, w Teller) {
	r := s.reader()
	l := s.listen(keepAll)
	w.Listening()
	ids := s.burst(s.traits.Page)
	r.drain()
	w.HangUp()
	ids = append(ids, s.burst(s.traits.Page+1)...)
	l.stop()
	s.typed(l.end())
	again := s.listen(keepAll)
	w.Listening()
	last := s.burst(2)
	again.until(last...)
	r.drain()
	r.must(append(ids, last...)...)
}
