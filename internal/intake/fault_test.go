package intake_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/intake"
	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/networktest"
)

// hooked is an account whose polls a test can interfere with.
type hooked struct {
	network.Account
	before func(cursor string) error // an error is what the poll returns
	mu     sync.Mutex
	times  []time.Time
}

// polls is when it was polled.
func (h *hooked) polls() []time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.times)
}

func (h *hooked) forget() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.times = nil
}

func (h *hooked) Poll(ctx context.Context, cursor string) (network.Page, error) {
	h.mu.Lock()
	h.times = append(h.times, time.Now())
	h.mu.Unlock()
	if h.before != nil {
		if err := h.before(cursor); err != nil {
			return network.Page{}, err
		}
	}
	return h.Account.Poll(ctx, cursor)
}

// Wrong keys and an empty purse stop a source, loudly and once, and no other.
// It is tried slowly, and reads again by itself.
func TestStoppedSource(t *testing.T) {
	for f, want := range map[networktest.Fault]network.Fault{
		networktest.Unauthorised: network.Refused, networktest.Forbidden: network.Refused, networktest.Unpaid: network.Unpaid,
	} {
		t.Run(string(f), func(t *testing.T) {
			in(t, networktest.FakeOptions{}, func(b *bench) {
				other := networktest.Fake(networktest.FakeOptions{Network: "demo"})
				mine := &hooked{Account: b.net.Account()}
				p := b.boot(settings{}, source("kettles", mine), source("teapots", other.Account()))
				b.pass(every / 2)
				b.net.Break(f)
				mine.forget()
				b.says("ana", "broken")
				b.pass(2 * time.Hour)
				if n := len(mine.polls()); n != 8 {
					b.Errorf("%d polls in two hours, want 8", n)
				}
				if n := other.CallsOf("poll"); n != 121 {
					b.Errorf("the other source was polled %d times, want 121", n)
				}
				if h := p.Health()["kettles"]; h.State != care.SourceDown || h.Fault != string(want) || h.Why == "" {
					b.Errorf("health %+v", h)
				}
				if got := events[care.SourceStopped](b, "source/kettles"); len(got) != 1 || got[0].Fault != string(want) || got[0].Why == "" {
					b.Errorf("told %+v", got)
				}
				b.net.Break(networktest.Mended)
				b.pass(15 * time.Minute)
				if got := events[care.SourceRecovered](b, "source/kettles"); len(got) != 1 {
					b.Errorf("recovered %d times", len(got))
				}
				b.only()
				if h := p.Health()["kettles"]; h.State != care.SourceReading || h.Fault != "" || h.Why != "" {
					b.Errorf("health %+v", h)
				}
			})
		})
	}
}

// A restart neither tells again that a source stopped, nor forgets to tell that
// it reads again.
func TestStoppedSourceOverARestart(t *testing.T) {
	in(t, networktest.FakeOptions{}, func(b *bench) {
		down := func(name string) bool {
			stops, ends := events[care.SourceStopped](b, "source/"+name), events[care.SourceRecovered](b, "source/"+name)
			return len(stops) > len(ends)
		}
		b.net.Break(networktest.Unauthorised)
		for range 3 {
			p := b.boot(settings{stopped: down}, source("kettles", b.net.Account()))
			b.pass(20 * time.Minute)
			p.end()
		}
		if n := len(events[care.SourceStopped](b, "source/kettles")); n != 1 {
			b.Errorf("told %d times that it stopped", n)
		}
		b.net.Break(networktest.Mended)
		p := b.boot(settings{stopped: down}, source("kettles", b.net.Account()))
		b.pass(every)
		if n := len(events[care.SourceRecovered](b, "source/kettles")); n != 1 {
			b.Errorf("told %d times that it reads again", n)
		}
		if h := p.Health()["kettles"]; h.State != care.SourceReading {
			b.Errorf("health %+v", h)
		}
	})
}

func TestLimitIsHonoured(t *testing.T) {
	for _, f := range []networktest.Fault{networktest.LimitedSeconds, networktest.LimitedEpoch} {
		t.Run(string(f), func(t *testing.T) {
			in(t, networktest.FakeOptions{}, func(b *bench) {
				b.net.Break(f)
				b.says("ana", "broken")
				mine := &hooked{Account: b.net.Account()}
				p := b.boot(settings{}, source("kettles", mine))
				b.pass(10 * time.Minute)
				for i := 1; i < len(mine.polls()); i++ {
					if wait := mine.polls()[i].Sub(mine.polls()[i-1]); wait < networktest.Wait {
						b.Errorf("polled again after %v", wait)
					}
				}
				if h := p.Health()["kettles"]; h.State != care.SourceTrying || h.Fault != "limited" || h.Failures != len(mine.polls()) {
					b.Errorf("after %d polls: health %+v", len(mine.polls()), h)
				}
				b.net.Break(networktest.Mended)
				b.pass(16 * time.Minute)
				b.only()
			})
		})
	}
}

// A budget of our own that is used up is no fault of the source: nothing is
// said of it, and the wait is as long as it has to be.
func TestOurOwnLimitIsNoFault(t *testing.T) {
	in(t, networktest.FakeOptions{}, func(b *bench) {
		var empty atomic.Bool
		empty.Store(true)
		mine := &hooked{Account: b.net.Account(), before: func(string) error {
			if empty.Load() {
				return &network.Error{Fault: network.Limited, Unsent: true, After: 40 * time.Second, Err: network.Explain("our own limit is used up")}
			}
			return nil
		}}
		b.says("ana", "broken")
		p := b.boot(settings{}, source("kettles", mine))
		b.pass(10 * time.Minute)
		if h := p.Health()["kettles"]; h.State != care.SourceReading || h.Failures != 0 || h.Fault != "" || h.Why != "" {
			b.Errorf("health %+v", h)
		}
		if n := len(mine.polls()); n != 16 {
			b.Errorf("%d polls, want one each 40 s", n)
		}
		empty.Store(false)
		b.pass(40 * time.Second)
		b.only()
		if n := len(b.log()); n != 2 {
			b.Errorf("%d records, want the page's and the case's", n)
		}
	})
}

// While a network is down it is asked ever more slowly; once it is back, at the
// source's own pace.
func TestBackOff(t *testing.T) {
	for _, f := range []networktest.Fault{networktest.Unreachable, networktest.ServerError, networktest.Lying} {
		t.Run(string(f), func(t *testing.T) {
			in(t, networktest.FakeOptions{}, func(b *bench) {
				b.net.Break(f)
				mine := &hooked{Account: b.net.Account()}
				p := b.boot(settings{}, source("kettles", mine))
				b.pass(24 * time.Hour)
				if n := len(mine.polls()); n < 100 || n > 400 {
					b.Errorf("%d polls in a day", n)
				}
				for i := 1; i < len(mine.polls()); i++ {
					if wait, most := mine.polls()[i].Sub(mine.polls()[i-1]), min(15*time.Minute, 5*time.Second<<min(i-1, 10)); wait > most {
						b.Errorf("%v before poll %d, want %v at most", wait, i+1, most)
					}
				}
				if h := p.Health()["kettles"]; h.State != care.SourceTrying || h.Failures != len(mine.polls()) || !h.SucceededAt.IsZero() {
					b.Errorf("health %+v", h)
				}
				if n := len(b.log()); n != 0 {
					b.Errorf("%d records of a network that was down", n)
				}
				b.net.Break(networktest.Mended)
				b.pass(15 * time.Minute)
				mine.forget()
				b.pass(time.Hour)
				if n := len(mine.polls()); n != 60 {
					b.Errorf("%d polls in an hour, want 60", n)
				}
			})
		})
	}
}

// A cursor that its network no longer knows is given up. Nothing comes twice,
// and the span that may be lost is told.
func TestCursorForgotten(t *testing.T) {
	in(t, networktest.FakeOptions{Page: 3, Newest: true}, func(b *bench) {
		forgets := ""
		mine := &hooked{Account: b.net.Account(), before: func(cursor string) error {
			if cursor != "" && cursor == forgets {
				return &network.Error{Fault: network.Malformed, Again: true, Err: network.Explain("what cursor?")}
			}
			forgets = ""
			return nil
		}}
		p := b.boot(settings{}, source("kettles", mine))
		for i := range 10 {
			b.says(fmt.Sprint("author", i), "broken")
		}
		b.pass(every + every/2)
		quiet := time.Now().Add(-every / 2)
		p.end() // what is known of the gap must not be known in memory alone
		b.says("late", "broken")
		docs, err := b.st.Get(b.Context(), "source/kettles")
		if err != nil {
			b.Fatal(err)
		}
		forgets = string(docs[0].Data[len(docs[0].Data)-len("10.0.0"):])
		b.pass(time.Hour)
		back := time.Now()
		b.boot(settings{}, source("kettles", mine))
		b.pass(every)
		if n := len(b.kept()); n != 11 {
			b.Errorf("%d mentions, want 11", n)
		}
		if n := len(b.cases()); n != 11 {
			b.Errorf("%d cases, want 11", n)
		}
		gaps := events[care.SourceGap](b, "source/kettles")
		if len(gaps) != 1 || gaps[0].From.After(quiet) || gaps[0].From.Before(quiet.Add(-2*every)) || !gaps[0].To.Equal(back) || gaps[0].Why == "" {
			b.Errorf("gaps %+v, want one from %v to %v", gaps, quiet, back)
		}
	})
}

// A network that refuses every cursor it gives is not hammered.
func TestEveryCursorIsRefused(t *testing.T) {
	in(t, networktest.FakeOptions{Page: 3}, func(b *bench) {
		mine := &hooked{Account: b.net.Account(), before: func(cursor string) error {
			if cursor != "" {
				return &network.Error{Fault: network.Malformed, Again: true}
			}
			return nil
		}}
		for i := range 10 {
			b.says(fmt.Sprint("author", i), "broken")
		}
		b.boot(settings{}, source("kettles", mine))
		b.pass(time.Hour)
		if n := len(mine.polls()); n > 130 {
			b.Errorf("%d polls in an hour", n)
		}
		if n := len(b.kept()); n != 3 {
			b.Errorf("%d mentions, want the first page's 3", n)
		}
	})
}

// What was known of a source that is not configured any more is forgotten.
func TestHealthOfWhatIsConfigured(t *testing.T) {
	in(t, networktest.FakeOptions{}, func(b *bench) {
		p := b.boot(settings{}, source("kettles", b.net.Account()), source("teapots", b.net.Account()))
		b.pass(every)
		p.end()
		if n := len(p.Health()); n != 2 {
			b.Fatalf("health of %d sources", n)
		}
		ctx, stop := context.WithCancel(b.Context())
		stop()
		_ = p.Run(ctx, []intake.Source{source("teapots", b.net.Account())})
		if all := p.Health(); len(all) != 1 || all["teapots"].Name != "teapots" {
			b.Errorf("health of %v", all)
		}
	})
}
