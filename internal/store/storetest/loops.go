package storetest

import (
	"context"
	"iter"
	"sync"
	"testing"

	"github.com/amends-care/amends/internal/store"
)

// loops are the three ways to read a store that holds documents d/… and the
// stream "s", each as a loop over its errors.
func loops(s store.Store) map[string]func(context.Context) iter.Seq[error] {
	return map[string]func(context.Context) iter.Seq[error]{
		"list":   func(ctx context.Context) iter.Seq[error] { return errs(s.List(ctx, "d/", "")) },
		"stream": func(ctx context.Context) iter.Seq[error] { return errs(s.Stream(ctx, "s", 0)) },
		"tail":   func(ctx context.Context) iter.Seq[error] { return errs(s.Tail(ctx, 0)) },
	}
}

func errs[T any](items iter.Seq2[T, error]) iter.Seq[error] {
	return func(yield func(error) bool) {
		for _, err := range items {
			if !yield(err) {
				return
			}
		}
	}
}

// testLoops has loops whose bodies do what would never end if the loop held
// anything: commit, read, run another loop, wait for somebody who commits, and
// close the store.
func testLoops(t *testing.T, e Engine) {
	filled := func(t *testing.T) store.Store {
		s := e.fresh(t)
		fill(t, s, 400)
		return s
	}
	t.Run("body commits and reads", func(t *testing.T) {
		s := filled(t)
		for what, loop := range loops(s) {
			n := 0
			for err := range loop(t.Context()) {
				if err != nil {
					t.Fatalf("%s: %v", what, err)
				}
				if n++; n > 300 {
					break
				}
				if n%10 != 1 {
					continue
				}
				must(t, s, add("other/"+what, store.Any, ""))
				get(t, s, name("d", n))
				for _, inner := range loops(s) {
					for err := range inner(t.Context()) {
						if err != nil {
							t.Fatalf("inside %s: %v", what, err)
						}
						break
					}
				}
			}
		}
	})
	t.Run("body waits for a writer", func(t *testing.T) {
		// Big enough for any store to need room, which one that held a snapshot
		// or a lock would wait for.
		s := filled(t)
		big := make([]byte, 4<<20)
		for what, loop := range loops(s) {
			for err := range loop(t.Context()) {
				if err != nil {
					t.Fatalf("%s: %v", what, err)
				}
				var wg sync.WaitGroup
				for range 4 {
					wg.Go(func() {
						if _, err := s.Commit(t.Context(), store.Batch{Appends: []store.Append{{Stream: "big", After: store.Any, Data: big}}}); err != nil {
							t.Errorf("inside %s: %v", what, err)
						}
					})
				}
				wg.Wait()
				break
			}
		}
	})
	t.Run("body closes the store", func(t *testing.T) {
		for what := range loops(nil) {
			s := e.Open(t, t.TempDir())
			must(t, s, store.Batch{
				Puts:    []store.Put{{Key: "d/1"}, {Key: "d/2"}},
				Appends: []store.Append{{Stream: "s"}},
			})
			must(t, s, add("s", 1, ""))
			n := 0
			for err := range loops(s)[what](t.Context()) {
				if n++; n == 1 && err == nil {
					if err := s.Close(); err != nil {
						t.Fatalf("close inside %s: %v", what, err)
					}
				} else if n != 2 || err == nil {
					t.Errorf("%s after close: pair %d has error %v", what, n, err)
				}
			}
			if n != 2 {
				t.Errorf("%s ended after %d pairs", what, n)
			}
		}
	})
	t.Run("a loop can be run twice", func(t *testing.T) {
		s := filled(t)
		list, records := s.List(t.Context(), "d/", ""), s.Stream(t.Context(), "s", 0)
		for range 2 {
			n := 0
			for range list {
				n++
			}
			for range records {
				n++
			}
			if n != 800 {
				t.Errorf("%d items, want 800", n)
			}
		}
	})
}
