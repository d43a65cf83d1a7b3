//go:build unix

package intake_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/intake"
	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/networktest"
)

// A counted account counts how often it is polled.
type counted struct {
	network.Account
	polls *atomic.Int64
}

func (c counted) Poll(ctx context.Context, cursor string) (network.Page, error) {
	c.polls.Add(1)
	return c.Account.Poll(ctx, cursor)
}

// TestIdleSources runs thousands of sources with nothing to tell, and says what
// ten minutes of them cost (-v). Each is polled at its own pace, and writes
// nothing but its first place.
func TestIdleSources(t *testing.T) {
	n := 5000
	if testing.Short() {
		n = 200
	}
	in(t, networktest.FakeOptions{}, func(b *bench) {
		var polls atomic.Int64
		var sources []intake.Source
		for i := range n {
			sources = append(sources, source(fmt.Sprintf("idle-%04d", i), counted{b.net.Account(), &polls}))
		}
		b.boot(settings{}, sources...)
		b.pass(every / 2)
		began := cpu()
		at := polls.Load()
		b.pass(10 * time.Minute)
		spent, made := cpu()-began, polls.Load()-at
		if made != int64(10*n) {
			t.Errorf("%d polls of %d sources in ten minutes", made, n)
		}
		t.Logf("%d idle sources: %v of CPU in ten minutes, %.1f %% of one core, %v a poll, without what the network's client costs",
			n, spent.Round(time.Millisecond), float64(spent)/float64(10*time.Minute)*100, (spent / time.Duration(made)).Round(100*time.Nanosecond))
		if facts := len(b.log()); facts != 0 {
			t.Errorf("%d records of nothing", facts)
		}
	})
}

// cpu is what this process has used.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
