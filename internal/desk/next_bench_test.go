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

// BenchmarkDeadlines lets the deadlines of many cases pass at one instant: how
// long until all are recorded, the log durable. -benchtime 1x is one round.
func BenchmarkDeadlines(b *testing.B) {
	const cases = 100_000
	for b.Loop() {
		b.StopTimer()
		w := newBench(b)
		for n := 0; n < cases; n += 1000 {
			var items []desk.Arrival
			for i := range 1000 {
				p := post(fmt.Sprint("customer", n+i), fmt.Sprint(n+i), "it is broken", start)
				items = append(items, desk.Arrival{What: desk.WasSeen, Post: p, Verdict: &care.Verdict{Complaint: true, Probability: 0.9, Model: "test"}})
			}
			w.receive(items...)
		}
		w.catchUp()
		w.mu.Lock()
		w.now = w.now.Add(31 * time.Minute)
		w.mu.Unlock()
		b.StartTimer()
		if err := w.desk.Tick(b.Context(), settled{w.view}); err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		if c, err := w.view.Counts(); err != nil || c.Breached != cases {
			b.Fatalf("%d are breached, want %d: %v", c.Breached, cases, err)
		}
		b.StartTimer()
	}
	b.ReportMetric(float64(cases*b.N)/b.Elapsed().Seconds(), "deadlines/s")
}
