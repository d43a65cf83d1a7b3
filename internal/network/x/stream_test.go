package x_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/networktest"
	"github.com/amends-care/amends/internal/network/x"
	"github.com/amends-care/amends/internal/network/x/xtest"
)

// listen runs one Listen until it ends.
func listen(t *testing.T, w *world, took func(network.Page) error) (stop context.CancelFunc, ended <-chan error) {
	ctx, stop := context.WithCancel(t.Context())
	over := make(chan error, 1)
	pusher := w.Account().(network.Pusher)
	go func() { over <- pusher.Listen(ctx, took) }()
	return stop, over
}

func TestSilence(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		w := newWorld(t, streaming(settings(x.Search)), xtest.Options{})
		_, ended := listen(t, w, func(network.Page) error { return nil })
		w.Listening()
		time.Sleep(10 * time.Minute) // heartbeats alone keep it open
		select {
		case err := <-ended:
			t.Fatalf("it ended: %v", err)
		default:
		}
		w.net.HangUp(xtest.Silent)
		start := time.Now()
		err := <-ended
		if e, ok := errors.AsType[*network.Error](err); !ok || e.Fault != network.Transient || !strings.Contains(e.Error(), "silent") {
			t.Errorf("%v", err)
		}
		if d := time.Since(start); d > 46*time.Second {
			t.Errorf("noticed after %v", d)
		}
	})
}

func TestKeepingMayTakeLongerThanAHeartbeat(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		w := newWorld(t, streaming(settings(x.Search)), xtest.Options{})
		kept := 0
		stop, ended := listen(t, w, func(p network.Page) error {
			time.Sleep(2 * time.Minute)
			kept += len(p.Items)
			return nil
		})
		w.Listening()
		for range 3 {
			w.net.Post(xtest.Post{Text: "kettle"})
		}
		time.Sleep(10 * time.Minute)
		stop()
		<-ended
		if kept != 3 {
			t.Errorf("%d kept", kept)
		}
	})
}

func TestTheStreamHasOurRuleAndNoOldOne(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		w := newWorld(t, streaming(settings(x.Search)), xtest.Options{})
		w.net.AddRule("toaster", "amends of an older configuration")
		w.net.AddRule("teapot", "another program's")
		var told []string
		stop, ended := listen(t, w, func(p network.Page) error {
			for _, it := range p.Items {
				told = append(told, it.Post.Text)
			}
			return nil
		})
		w.Listening()
		for _, text := range []string{"toaster", "teapot", "kettle", "RT"} {
			w.net.Post(xtest.Post{Text: text})
		}
		time.Sleep(time.Second)
		stop()
		<-ended
		if got := w.net.Rules(); !slices.Equal(got, []string{"teapot", "(kettle OR from:acme) -is:retweet"}) {
			t.Errorf("rules: %q", got)
		}
		if !slices.Equal(told, []string{"kettle"}) {
			t.Errorf("told: %q", told)
		}
		stop, ended = listen(t, w, func(network.Page) error { return nil })
		w.Listening()
		stop()
		<-ended
		if got := w.net.Rules(); len(got) != 2 {
			t.Errorf("a rule is added again: %q", got)
		}
	})
}

func TestASecondStreamIsRefused(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		w := newWorld(t, streaming(settings(x.Search)), xtest.Options{})
		stop, ended := listen(t, w, func(network.Page) error { return nil })
		w.Listening()
		_, second := listen(t, w, func(network.Page) error { return nil })
		err := <-second
		if e, ok := errors.AsType[*network.Error](err); !ok || e.Fault != network.Limited || !strings.Contains(e.Error(), "one stream at a time") {
			t.Errorf("%v", err)
		}
		stop()
		<-ended
	})
}

func TestOnlyAStreamingSourceIsAPusher(t *testing.T) {
	if _, ok := newWorld(t, settings(x.Search), xtest.Options{}).Account().(network.Pusher); ok {
		t.Error("a source without stream listens")
	}
}

// A store keeps what pages bring, once, as intake does, from poll and stream.
type store struct {
	mu     sync.Mutex
	cursor string
	seen   map[care.Remote]int
	spend  float64
	bad    int
	pushed int
	polled int
}

func (s *store) keep(p network.Page, push bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, it := range p.Items {
		if s.seen[it.Post.Remote]++; s.seen[it.Post.Remote] == 1 {
			if push {
				s.pushed++
			} else {
				s.polled++
			}
		}
	}
	s.spend += p.Meter.Spend
	s.bad += len(p.Bad)
	if !push {
		s.cursor = p.Next
	}
}

// TestSoak lets stream and poll run together while the network breaks at
// random: every post is accounted for, and so is the money. It runs for two
// hours of the bubble's time; AMENDS_SOAK=long makes it a day.
func TestSoak(t *testing.T) {
	t.Parallel()
	length := 2 * time.Hour
	if os.Getenv("AMENDS_SOAK") == "long" {
		length = 24 * time.Hour
	}
	inBubble(t, func(t *testing.T) {
		random, others := rand.New(rand.NewPCG(4, 11)), rand.New(rand.NewPCG(7, 17)) // one for each goroutine
		w := newWorld(t, streaming(settings(x.Search)), xtest.Options{})
		w.net.Lose(17)
		kept := &store{seen: map[care.Remote]int{}}
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		var wg sync.WaitGroup
		account := w.Account()
		var reconnects, failures int
		wg.Go(func() { // the stream, its caller's back-off with it
			for tries := 0; ctx.Err() == nil; {
				err := account.(network.Pusher).Listen(ctx, func(p network.Page) error {
					tries = 0
					if others.IntN(200) == 0 {
						return errors.New("the store is busy")
					}
					kept.keep(p, true)
					return nil
				})
				if e, ok := errors.AsType[*network.Error](err); ok && e.Unsent && e.Fault == network.Malformed {
					t.Errorf("the driver sends nonsense: %v", e)
				}
				reconnects++
				rest(ctx, network.Backoff(tries, others.Int64N))
				tries++
			}
		})
		poll := func() bool {
			p, err := account.Poll(ctx, kept.cursor)
			if err != nil {
				failures++
				return false
			}
			kept.keep(p, false)
			return p.More
		}
		wg.Go(func() { // the poll, once a minute
			for ctx.Err() == nil {
				for poll() {
				}
				rest(ctx, time.Minute)
			}
		})
		rest(ctx, time.Second)
		ids := map[care.Remote]bool{}
		faults := []networktest.Fault{networktest.BadGateway, networktest.Unreachable, networktest.ServerError, networktest.LimitedEpoch}
		for end := time.Now().Add(length); time.Now().Before(end); {
			rest(ctx, time.Duration(random.Int64N(int64(8*time.Second))))
			switch random.IntN(120) {
			case 0, 1:
				w.net.HangUp(xtest.Breaks()[random.IntN(len(xtest.Breaks()))])
			case 2:
				w.Break(faults[random.IntN(len(faults))])
			case 3, 4, 5:
				w.Break(networktest.Mended)
			case 6: // a burst
				for i := range 30 {
					ids[remote(w.net.Post(xtest.Post{Author: "ben", Text: fmt.Sprint("kettle burst ", i)}))] = true
				}
			}
			ids[remote(w.net.Post(xtest.Post{Text: fmt.Sprint("my kettle ", len(ids))}))] = true
		}
		w.Break(networktest.Mended)
		rest(ctx, 20*time.Minute)
		stop()
		wg.Wait()
		missing := 0
		for id := range ids {
			if kept.seen[id] == 0 {
				missing++
			}
		}
		if missing > 0 || len(kept.seen) != len(ids) {
			t.Errorf("%d of %d posts were lost; %d kept", missing, len(ids), len(kept.seen))
		}
		if kept.pushed == 0 || kept.polled == 0 || reconnects < 3 || failures == 0 {
			t.Errorf("%d by the stream, %d by the poll, %d connects, %d failed polls: nothing was put to the test", kept.pushed, kept.polled, reconnects, failures)
		}
		if short := w.net.Spent() - kept.spend; short < -1e-6 || short > w.net.Spent()*0.02 {
			t.Errorf("X asks for $%.3f, we counted $%.3f", w.net.Spent(), kept.spend)
		}
		t.Logf("%d posts in %v: %d by the stream, %d by the poll alone; %d connects, %d failed polls; $%.2f", len(ids), length, kept.pushed, kept.polled, reconnects, failures, kept.spend)
	})
}

// rest waits in the bubble's time.
func rest(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
