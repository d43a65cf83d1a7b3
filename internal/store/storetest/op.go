package storetest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/amends-care/amends/internal/store"
)

func testOp(t *testing.T, e Engine) {
	t.Run("again changes nothing", func(t *testing.T) {
		dir := t.TempDir()
		s := e.Open(t, dir)
		b := add("case/1", 0, "x")
		b.Op, b.Puts = "page 1", []store.Put{{Key: "k"}}
		first := must(t, s, b)
		was := rev(t, s, "k")
		must(t, s, add("case/2", 0, "y"))
		same := func(s store.Store) {
			t.Helper()
			if got := must(t, s, b); got != first {
				t.Errorf("returned %d, the first time %d", got, first)
			}
			if got := last(t, s); got != 2 || rev(t, s, "k") != was {
				t.Errorf("something was written again")
			}
		}
		same(s)
		// What it expects no longer matters, nor what it holds.
		if got := must(t, s, store.Batch{Op: "page 1", Erases: []string{"k"}}); got != first || rev(t, s, "k") != was {
			t.Errorf("another batch of that Op was written")
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		same(e.open(t, dir)) // an Op outlives the process
	})
	t.Run("of a batch that only checks", func(t *testing.T) {
		s := e.fresh(t)
		b := store.Batch{Op: "looked", Checks: []store.Check{{Key: "k"}}}
		if got := must(t, s, b); got != 0 {
			t.Errorf("returned %d", got)
		}
		must(t, s, store.Batch{Puts: []store.Put{{Key: "k"}}, Appends: []store.Append{{Stream: "a"}}})
		if got := must(t, s, b); got != 0 {
			t.Errorf("returned %d the second time", got)
		}
	})
	t.Run("empty is not remembered", func(t *testing.T) {
		s := e.fresh(t)
		must(t, s, add("a", store.Any, ""))
		must(t, s, add("a", store.Any, ""))
		if got := last(t, s); got != 2 {
			t.Errorf("the log has %d records, want 2", got)
		}
	})
	t.Run("at once by many", func(t *testing.T) { testOpRace(t, e) })
	t.Run("unknown outcome", func(t *testing.T) { testUnknown(t, e) })
	t.Run("context ends on the way", func(t *testing.T) { testCancelled(t, e) })
}

// testOpRace has the same decision committed by several callers at once.
func testOpRace(t *testing.T, e Engine) {
	nodes := e.nodes(t)
	for round := range 20 {
		got := make([]store.Seq, 9)
		var wg sync.WaitGroup
		for i := range got {
			wg.Go(func() {
				seq, err := nodes[i%len(nodes)].Commit(t.Context(), store.Batch{
					Op:      name("op", round),
					Appends: []store.Append{{Stream: name("case", round)}},
				})
				if got[i] = seq; err != nil {
					t.Errorf("caller %d: %v", i, err)
				}
			})
		}
		wg.Wait()
		for i := range got {
			if got[i] != store.Seq(round+1) {
				t.Fatalf("round %d: caller %d was answered %d", round, i, got[i])
			}
		}
	}
}

// A lossy store loses every other answer: half of those before the commit, half
// after it.
type lossy struct {
	store.Store
	mu   sync.Mutex
	rand *rand.Rand
}

var errLost = errors.New("the answer was lost")

func (l *lossy) Commit(ctx context.Context, b store.Batch) (store.Seq, error) {
	l.mu.Lock()
	n := l.rand.IntN(4)
	l.mu.Unlock()
	if n == 0 {
		return 0, errLost
	}
	seq, err := l.Store.Commit(ctx, b)
	if n == 1 {
		return 0, errLost
	}
	return seq, err
}

// testUnknown has writers whose answers get lost. Each repeats until it knows,
// and every decision was carried out once.
func testUnknown(t *testing.T, e Engine) {
	nodes := e.nodes(t)
	const writers, each = 8, 40
	var wg sync.WaitGroup
	for w := range writers {
		s := &lossy{Store: nodes[w%len(nodes)], rand: rand.New(rand.NewPCG(1, uint64(w)))}
		wg.Go(func() {
			var at store.Seq
			for i := range each {
				b := add(name("case", w), at, fmt.Sprint(i))
				b.Op = fmt.Sprintf("%d/%d", w, i)
				b.Puts = []store.Put{{Key: fmt.Sprintf("did/%d/%d", w, i)}}
				seq, err := try(t.Context(), s, b)
				if err != nil {
					t.Errorf("writer %d: %v", w, err)
					return
				}
				at = seq
			}
		})
	}
	wg.Wait()
	for w := range writers {
		records := stream(t, nodes[0], name("case", w), 0)
		if len(records) != each {
			t.Fatalf("writer %d: %d records, want %d", w, len(records), each)
		}
		for i, r := range records {
			if string(r.Data) != fmt.Sprint(i) {
				t.Fatalf("writer %d: record %d is %s", w, i, r.Data)
			}
		}
	}
}

// testCancelled ends the context while commits are on their way. Whatever came
// of them, repeating them with the same Op settles it.
func testCancelled(t *testing.T, e Engine) {
	s := e.fresh(t)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Commit(ended, put("never", 0, "")); !errors.Is(err, context.Canceled) {
		t.Errorf("commit with an ended context: %v", err)
	}
	if rev(t, s, "never") != 0 {
		t.Error("it was written all the same")
	}

	const rounds, callers = 30, 8
	for round := range rounds {
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		for i := range callers {
			wg.Go(func() {
				b := add(fmt.Sprintf("case/%d/%d", round, i), 0, "x")
				b.Op = b.Appends[0].Stream
				if i == round%callers {
					cancel()
				}
				if _, err := s.Commit(ctx, b); err != nil && !errors.Is(err, context.Canceled) {
					t.Errorf("cancelled commit: %v", err)
				}
				if _, err := s.Commit(t.Context(), b); err != nil {
					t.Errorf("repeated commit: %v", err)
				}
			})
		}
		wg.Wait()
		cancel()
	}
	if got := last(t, s); got != rounds*callers {
		t.Errorf("the log has %d records, want %d", got, rounds*callers)
	}
}
