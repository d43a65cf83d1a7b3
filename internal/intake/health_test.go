package intake_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/networktest"
)

// A meter makes every poll cost money.
type meter struct {
	network.Account
	polls atomic.Int32
	price float64
}

func (m *meter) Poll(ctx context.Context, cursor string) (network.Page, error) {
	m.polls.Add(1)
	p, err := m.Account.Poll(ctx, cursor)
	p.Meter.Spend = m.price
	return p, err
}

// The cap of a day holds over restarts, and ends with the day.
func TestCap(t *testing.T) {
	in(t, networktest.FakeOptions{}, func(b *bench) {
		b.pass(time.Until(time.Now().Truncate(24 * time.Hour).Add(34 * time.Hour))) // ten in the morning
		m := &meter{Account: b.net.Account(), price: 0.25}
		s := source("kettles", m)
		s.Cap = 2
		var p *process
		for range 4 {
			p = b.boot(settings{}, s)
			b.pass(3*every + every/2)
			p.end()
		}
		if n := m.polls.Load(); n != 8 {
			b.Errorf("%d polls of 25 cents for 2 dollars", n)
		}
		p = b.boot(settings{}, s)
		b.pass(every)
		if h := p.Health()["kettles"]; h.State != care.SourceCapped {
			b.Errorf("health %+v", h)
		}
		b.says("ana", "broken")
		b.pass(15 * time.Hour)
		if n := m.polls.Load(); n != 16 {
			b.Errorf("%d polls after midnight, want 16", n)
		}
		b.only()
	})
}

// Each page that was charged says so in the log, once, also where it brought
// nothing, and over a restart and midnight; one that was free says nothing.
func TestChargedPagesAreRecorded(t *testing.T) {
	in(t, networktest.FakeOptions{}, func(b *bench) {
		b.pass(time.Until(time.Now().Truncate(24 * time.Hour).Add(24*time.Hour - 2*every - every/2))) // three polls before midnight
		m := &meter{Account: b.net.Account(), price: 0.25}
		b.says("ana", "broken")
		for range 2 {
			p := b.boot(settings{}, source("kettles", m), source("free", b.net.Account()))
			b.pass(3 * every)
			p.end()
		}
		charged := events[care.SourceCharged](b, "source/kettles")
		if n := int(m.polls.Load()); n < 4 || len(charged) != n {
			b.Errorf("%d records of %d charged polls", len(charged), n)
		}
		for _, c := range charged {
			if c.Micros != 250_000 {
				b.Errorf("charged %d millionths of a dollar, want 250000", c.Micros)
			}
		}
		if n := len(events[care.SourceRead](b, "source/kettles")) + len(events[care.SourceRead](b, "source/free")); n != 1 {
			b.Errorf("%d pages brought something, want 1", n) // both read the same network
		}
		if free := events[care.SourceCharged](b, "source/free"); len(free) != 0 {
			b.Errorf("a free source was charged: %v", free)
		}
	})
}

// A source that rests is not polled, and goes on where it was.
func TestPause(t *testing.T) {
	in(t, networktest.FakeOptions{}, func(b *bench) {
		var rests atomic.Bool
		m := &meter{Account: b.net.Account()}
		p := b.boot(settings{paused: func(string) bool { return rests.Load() }}, source("kettles", m))
		b.pass(every / 2)
		rests.Store(true)
		b.says("ana", "broken")
		b.pass(time.Hour)
		if n := m.polls.Load(); n != 1 {
			b.Errorf("%d polls", n)
		}
		if h := p.Health()["kettles"]; h.State != care.SourceResting {
			b.Errorf("health %+v", h)
		}
		rests.Store(false)
		b.pass(every)
		b.only()
	})
}

// What came of a time in which nothing was read is told, whatever kept us: a
// network that failed, or our own restart.
func TestBlindTime(t *testing.T) {
	in(t, networktest.FakeOptions{}, func(b *bench) {
		p := b.boot(settings{}, source("kettles", b.net.Account()))
		b.pass(every / 2)
		last := time.Now().Add(-every / 2)
		p.end()
		for range 37 {
			b.says("ana", "it is what it is")
			b.pass(time.Minute)
		}
		b.boot(settings{}, source("kettles", b.net.Account()))
		b.pass(every)
		got := events[care.SourceRecovered](b, "source/kettles")
		if len(got) != 1 || got[0].Came != 37 || !got[0].Since.Equal(last) {
			b.Errorf("told %+v, want 37 since %v", got, last)
		}
		b.pass(10 * every)
		if got := events[care.SourceRecovered](b, "source/kettles"); len(got) != 1 {
			b.Errorf("told again: %+v", got)
		}
	})
}

// A teller tells its posts by itself, and polls too.
type teller struct {
	network.Account
	pages  chan network.Page
	broken error
}

func (l *teller) Listen(ctx context.Context, took func(network.Page) error) error {
	for {
		select {
		case p := <-l.pages:
			if err := took(p); err != nil {
				return err
			}
			if l.broken != nil {
				return l.broken
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// What a network tells by itself and what is polled is one mention, and a
// stream that breaks is listened to again.
func TestPush(t *testing.T) {
	in(t, networktest.FakeOptions{}, func(b *bench) {
		l := &teller{Account: b.net.Account(), pages: make(chan network.Page), broken: errors.New("the stream broke")}
		p := b.boot(settings{}, source("kettles", l))
		b.pass(every / 2)
		for range 3 {
			b.says("ana", "broken")
			page, err := b.net.Account().Poll(b.Context(), "")
			if err != nil {
				b.Fatal(err)
			}
			l.pages <- page
			b.pass(every)
		}
		b.only()
		if h := p.Health()["kettles"]; h.PushedAt.IsZero() {
			b.Errorf("health %+v", h)
		}
	})
}
