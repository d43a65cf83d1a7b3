package storetest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/amends-care/amends/internal/store"
)

func testTail(t *testing.T, e Engine) {
	t.Run("gapless under writers", func(t *testing.T) { testGapless(t, e) })
	t.Run("waits and is woken", func(t *testing.T) { testWaking(t, e) })
	t.Run("woken at once", func(t *testing.T) {
		if !e.Bubble {
			t.Skip("this engine's Tail need not be woken by the commit itself")
		}
		synctest.Test(t, func(t *testing.T) { testWokenAtOnce(t, e) })
	})
	t.Run("before the log's end", func(t *testing.T) {
		// A reader that is ahead of the log, as after an older copy was
		// restored, gets nothing until the log has caught up with it.
		s := e.fresh(t)
		must(t, s, add("s", 0, ""))
		got := make(chan store.Record, 1)
		var wg sync.WaitGroup
		wg.Go(func() {
			for r, err := range s.Tail(t.Context(), 3) {
				if err != nil {
					t.Errorf("tail: %v", err)
				}
				got <- r
				return
			}
		})
		for range 4 {
			must(t, s, add("s", store.Any, ""))
		}
		if r := <-got; r.Seq != 4 {
			t.Errorf("got record %d, want 4", r.Seq)
		}
		wg.Wait()
	})
}

// testGapless has twenty writers and several readers: from the beginning, from
// the middle, slow ones, one that begins again and again. Each sees every
// record once and in order, and a record it sees is there to be read.
func testGapless(t *testing.T, e Engine) {
	nodes := e.nodes(t)
	const writers, each = 20, 60
	const total = writers * each
	var wg sync.WaitGroup
	logs := make([][]store.Record, 6)
	for i := range logs {
		s := nodes[i%len(nodes)]
		wg.Go(func() {
			records, err := follow(t.Context(), s, i, total)
			if logs[i] = records; err != nil {
				t.Errorf("reader %d: %v", i, err)
			}
		})
	}
	for w := range writers {
		s, r := nodes[w%len(nodes)], rand.New(rand.NewPCG(9, uint64(w)))
		wg.Go(func() {
			var at store.Seq
			for i := 0; i < each; {
				var b store.Batch
				for range min(1+r.IntN(3), each-i) {
					b.Appends = append(b.Appends, store.Append{Stream: fmt.Sprintf("w/%d/%d", w, i), Data: fmt.Append(nil, i)})
					i++
				}
				b.Appends[0].Stream, b.Appends[0].After = name("w", w), at
				b.Puts = []store.Put{{Key: fmt.Sprintf("seen/%d/%d", w, i)}}
				seq, err := s.Commit(t.Context(), b)
				if err != nil {
					t.Errorf("writer %d: %v", w, err)
					return
				}
				if at = seq - store.Seq(len(b.Appends)-1); i%7 == 0 { // in between, one that conflicts
					if _, err := s.Commit(t.Context(), add(name("w", w), at+1, "")); err == nil {
						t.Errorf("writer %d: no conflict", w)
					}
				}
			}
		})
	}
	wg.Wait()
	for i := range logs {
		sameRecords(t, logs[i], logs[0])
	}
	ends := make(map[string]store.Seq)
	for _, r := range logs[0] {
		if r.Prev != ends[r.Stream] {
			t.Fatalf("record %d of %s is linked to %d, want %d", r.Seq, r.Stream, r.Prev, ends[r.Stream])
		}
		ends[r.Stream] = r.Seq
	}
	for w := range writers {
		if got := stream(t, nodes[0], name("w", w), 0); got[len(got)-1].Seq != ends[name("w", w)] {
			t.Errorf("stream %d ends at %d, and its tail at %d", w, got[len(got)-1].Seq, ends[name("w", w)])
		}
	}
}

// follow reads the log to a sequence, in a manner of its own.
func follow(ctx context.Context, s store.Store, manner int, to store.Seq) ([]store.Record, error) {
	var all []store.Record
	for store.Seq(len(all)) < to {
		n := 0
		for r, err := range s.Tail(ctx, store.Seq(len(all))) {
			if err != nil {
				return all, err
			}
			if r.Seq != store.Seq(len(all))+1 {
				return all, fmt.Errorf("record %d after %d", r.Seq, len(all))
			}
			all = append(all, r)
			if n++; manner%3 == 1 && n == 50 { // begins again
				break
			}
			if manner%3 == 2 { // is slow: it looks everything up
				found := false
				for got, err := range s.Stream(ctx, r.Stream, r.Seq-1) {
					if err != nil {
						return all, err
					}
					found = got.Seq == r.Seq
					break
				}
				if !found {
					return all, fmt.Errorf("record %d is not in its stream %s", r.Seq, r.Stream)
				}
			}
			if r.Seq == to {
				break
			}
		}
	}
	return all, nil
}

func testWaking(t *testing.T, e Engine) {
	nodes := e.nodes(t)
	ctx, stop := context.WithCancel(t.Context())
	got := make(chan store.Record)
	ended := make(chan error, 1)
	go func() {
		for r, err := range nodes[1].Tail(ctx, 0) {
			if err != nil {
				ended <- err
				continue
			}
			got <- r
		}
		close(ended)
	}()
	for i := range 50 {
		seq := must(t, nodes[0], add("s", store.Any, fmt.Sprint(i)))
		if r := <-got; r.Seq != seq || string(r.Data) != fmt.Sprint(i) {
			t.Fatalf("got %s after commit %d", show(r), seq)
		}
		must(t, nodes[0], put(name("d", i), 0, "")) // wakes nobody, and stops nobody
	}
	stop()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("ended with %v", err)
	}
	if _, more := <-ended; more {
		t.Error("went on after its error")
	}
}

// testWokenAtOnce counts time in a bubble, where it passes only if somebody
// waits for it.
func testWokenAtOnce(t *testing.T, e Engine) {
	s := e.Open(t, t.TempDir())
	start := time.Now()
	got := make(chan store.Seq)
	var wg sync.WaitGroup
	ctx, stop := context.WithCancel(t.Context())
	for range 3 {
		wg.Go(func() {
			for r, err := range s.Tail(ctx, 0) {
				if err == nil {
					got <- r.Seq
				}
			}
		})
	}
	for i := range 20 {
		synctest.Wait() // all are waiting
		seq := must(t, s, add("s", store.Seq(i), ""))
		for range 3 {
			if woken := <-got; woken != seq {
				t.Errorf("woken with %d after commit %d", woken, seq)
			}
		}
	}
	if passed := time.Since(start); passed != 0 {
		t.Errorf("%v passed; somebody waits for a clock", passed)
	}
	stop()
	wg.Wait()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}
