package desk_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/desk"
)

// BenchmarkNext lets 50 agents take the head of one queue at once, and counts
// the claims that are durable. No case goes to two: TestTakeNextGivesEachCaseOnce
// holds that.
func BenchmarkNext(b *testing.B) {
	const agents, page = 50, 2000
	bench := newBench(b)
	for from := 0; from < b.N; from += page {
		var items []desk.Arrival
		for i := from; i < min(from+page, b.N); i++ {
			p := post(fmt.Sprint("author", i), fmt.Sprint(i), "broken", start.Add(-time.Duration(i)*time.Millisecond))
			items = append(items, desk.Arrival{What: desk.WasSeen, Post: p})
		}
		bench.receive(items...)
	}
	bench.catchUp()
	ctx, stop := context.WithCancel(context.Background())
	var follow, wg sync.WaitGroup
	follow.Go(func() { _ = bench.view.Run(ctx) })
	var taken atomic.Int64
	b.ResetTimer()
	for a := range agents {
		wg.Go(func() {
			for {
				_, _, err := bench.desk.Next(ctx, care.AgentID(fmt.Sprint("agent", a)), "", "care")
				if errors.Is(err, desk.ErrNobodyWaits) {
					return
				}
				if err != nil {
					b.Error(err)
					return
				}
				taken.Add(1)
			}
		})
	}
	wg.Wait()
	b.StopTimer()
	b.ReportMetric(float64(taken.Load())/b.Elapsed().Seconds(), "claims/s")
	if int(taken.Load()) != b.N {
		b.Errorf("%d of %d cases were taken", taken.Load(), b.N)
	}
	stop()
	follow.Wait()
}
