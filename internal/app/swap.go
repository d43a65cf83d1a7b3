package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"sync"

	"github.com/amends-care/amends/internal/store"
)

// A swap is a store whose file can be closed, worked on and opened again while
// others use it: they wait, and loops go on where they were.
type swap struct {
	mu   sync.RWMutex
	st   store.Store
	open func() (store.Store, error)
}

func newSwap(open func() (store.Store, error)) (*swap, error) {
	st, err := open()
	if err != nil {
		return nil, err
	}
	return &swap{st: st, open: open}, nil
}

// aside closes the store, lets work have the file, and opens it again, also
// when work fails.
func (s *swap) aside(work func() error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.st.Close(); err != nil {
		return fmt.Errorf("close store: %w", err)
	}
	failed := work()
	st, err := s.open()
	if err != nil {
		return errors.Join(failed, fmt.Errorf("open store again: %w", err))
	}
	s.st = st
	return failed
}

func (s *swap) now() store.Store {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.st
}

// Commit implements store.Store.
func (s *swap) Commit(ctx context.Context, b store.Batch) (store.Seq, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.st.Commit(ctx, b)
}

// Get implements store.Store.
func (s *swap) Get(ctx context.Context, keys ...string) ([]store.Doc, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.st.Get(ctx, keys...)
}

// Snapshot implements store.Store.
func (s *swap) Snapshot(ctx context.Context, w io.Writer) (store.Seq, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.st.Snapshot(ctx, w)
}

// Close implements store.Store.
func (s *swap) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.st.Close()
}

// List implements store.Store.
func (s *swap) List(ctx context.Context, prefix, after string) iter.Seq2[store.Doc, error] {
	return resume(s, after, func(st store.Store, after string) iter.Seq2[store.Doc, error] {
		return st.List(ctx, prefix, after)
	}, func(d store.Doc) string { return d.Key })
}

// Stream implements store.Store.
func (s *swap) Stream(ctx context.Context, name string, after store.Seq) iter.Seq2[store.Record, error] {
	return resume(s, after, func(st store.Store, after store.Seq) iter.Seq2[store.Record, error] {
		return st.Stream(ctx, name, after)
	}, func(r store.Record) store.Seq { return r.Seq })
}

// Tail implements store.Store.
func (s *swap) Tail(ctx context.Context, after store.Seq) iter.Seq2[store.Record, error] {
	return resume(s, after, func(st store.Store, after store.Seq) iter.Seq2[store.Record, error] {
		return st.Tail(ctx, after)
	}, func(r store.Record) store.Seq { return r.Seq })
}

// resume runs a loop, and goes on behind the last element when the store it ran
// on was swapped.
func resume[E, K any](s *swap, after K, loop func(store.Store, K) iter.Seq2[E, error], place func(E) K) iter.Seq2[E, error] {
	return func(yield func(E, error) bool) {
		for {
			st, swapped := s.now(), false
			for e, err := range loop(st, after) {
				if errors.Is(err, store.ErrClosed) && s.now() != st {
					swapped = true
					break
				}
				if !yield(e, err) {
					return
				}
				after = place(e)
			}
			if !swapped {
				return
			}
		}
	}
}
