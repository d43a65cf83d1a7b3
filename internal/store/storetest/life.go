package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/amends-care/amends/internal/store"
)

func testLife(t *testing.T, e Engine) {
	t.Run("reopening", func(t *testing.T) { testReopening(t, e) })
	t.Run("close while in use", func(t *testing.T) { testClosing(t, e) })
	t.Run("closed", func(t *testing.T) {
		s := e.Open(t, t.TempDir())
		must(t, s, store.Batch{Puts: []store.Put{{Key: "d/1"}}, Appends: []store.Append{{Stream: "s"}}})
		for i := range 3 {
			if err := s.Close(); err != nil {
				t.Errorf("close %d: %v", i, err)
			}
		}
		if _, err := s.Commit(t.Context(), put("d/2", 0, "")); !errors.Is(err, store.ErrClosed) {
			t.Errorf("commit: %v", err)
		}
		if _, err := s.Get(t.Context(), "d/1"); !errors.Is(err, store.ErrClosed) {
			t.Errorf("get: %v", err)
		}
		if _, err := s.Snapshot(t.Context(), new(bytes.Buffer)); !errors.Is(err, store.ErrClosed) {
			t.Errorf("snapshot: %v", err)
		}
		for what, loop := range loops(s) {
			n := 0
			for err := range loop(t.Context()) {
				if n++; !errors.Is(err, store.ErrClosed) {
					t.Errorf("%s: %v", what, err)
				}
			}
			if n != 1 {
				t.Errorf("%s yields %d times", what, n)
			}
		}
	})
}

// testReopening closes and opens again and again. All is there, and goes on
// where it was.
func testReopening(t *testing.T, e Engine) {
	dir := t.TempDir()
	var at store.Seq
	var was uint64
	const rounds = 8
	for i := range rounds {
		s := e.Open(t, dir)
		if got := last(t, s); got != store.Seq(i) {
			t.Fatalf("round %d: the log ends at %d", i, got)
		}
		d := get(t, s, "d")
		if d.Rev != was || (i > 0 && string(d.Data) != fmt.Sprint(i-1)) {
			t.Fatalf("round %d: document %+v, want revision %d", i, d, was)
		}
		conflicts(t, s, add("case/1", at+1, ""), []string{"case/1"}, nil)
		b := add("case/1", at, fmt.Sprint(i))
		b.Puts = []store.Put{{Key: "d", Was: was, Data: fmt.Append(nil, i)}, {Key: name("d", i)}}
		at = must(t, s, b)
		now := rev(t, s, "d")
		if now <= was {
			t.Fatalf("round %d: revision %d after %d", i, now, was)
		}
		was = now
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	s := e.open(t, dir)
	for i, r := range stream(t, s, "case/1", 0) {
		if string(r.Data) != fmt.Sprint(i) {
			t.Errorf("record %d is %s", i, show(r))
		}
	}
	if got := len(docs(t, s, "d/", "")); got != rounds {
		t.Errorf("%d documents, want %d", got, rounds)
	}
}

// testClosing closes under readers and writers. What was answered is there when
// the store is opened again, and nothing is there twice.
func testClosing(t *testing.T, e Engine) {
	dir := t.TempDir()
	for round := range 6 {
		s := e.Open(t, dir)
		before := last(t, s)
		var wg sync.WaitGroup
		var mu sync.Mutex
		answered := make(map[string]store.Seq)
		reached := make(chan struct{})
		var once sync.Once
		for w := range 8 {
			wg.Go(func() {
				for i := 0; ; i++ {
					b := add(fmt.Sprintf("r/%d/%d/%d", round, w, i), 0, "x")
					seq, err := s.Commit(t.Context(), b)
					if err != nil {
						if !errors.Is(err, store.ErrClosed) {
							t.Errorf("commit: %v", err)
						}
						return
					}
					mu.Lock()
					answered[b.Appends[0].Stream] = seq
					mu.Unlock()
					if i == 20 {
						once.Do(func() { close(reached) })
					}
				}
			})
		}
		for range 3 {
			wg.Go(func() {
				for _, err := range s.Tail(t.Context(), before) {
					if err != nil && !errors.Is(err, store.ErrClosed) {
						t.Errorf("tail: %v", err)
					}
				}
			})
			wg.Go(func() {
				for {
					if _, err := s.Get(t.Context(), "d"); err != nil {
						if !errors.Is(err, store.ErrClosed) {
							t.Errorf("get: %v", err)
						}
						return
					}
				}
			})
		}
		<-reached
		if err := s.Close(); err != nil {
			t.Fatalf("close: %v", err)
		}
		wg.Wait()

		s = e.Open(t, dir)
		seen := make(map[string]store.Seq)
		for _, r := range log(t, s, before) {
			if seen[r.Stream] != 0 || r.Prev != 0 {
				t.Errorf("%s is there twice", r.Stream)
			}
			seen[r.Stream] = r.Seq
		}
		for name, seq := range answered {
			if seen[name] != seq {
				t.Errorf("%s was answered %d and is at %d", name, seq, seen[name])
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
