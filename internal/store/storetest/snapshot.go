package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/amends-care/amends/internal/store"
)

func testSnapshot(t *testing.T, e Engine) {
	t.Run("empty", func(t *testing.T) {
		s := e.fresh(t)
		var b bytes.Buffer
		if seq, err := s.Snapshot(t.Context(), &b); seq != 0 || err != nil {
			t.Fatalf("snapshot: %d, %v", seq, err)
		}
		if s := restored(t, e, b.Bytes()); last(t, s) != 0 || len(docs(t, s, "", "")) != 0 {
			t.Error("there is something in it")
		}
	})
	t.Run("with writers running", func(t *testing.T) { testSnapshotMoving(t, e) })
	t.Run("goes on where it was", func(t *testing.T) { testGoesOn(t, e) })
	t.Run("truncated or altered", func(t *testing.T) { testAltered(t, e) })
	t.Run("not over another", func(t *testing.T) {
		dir := t.TempDir()
		s := e.Open(t, dir)
		must(t, s, put("d", 0, "mine"))
		var b bytes.Buffer
		if _, err := s.Snapshot(t.Context(), &b); err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := e.Restore(dir, &b); err == nil {
			t.Error("restored over a store")
		}
		if d := get(t, e.open(t, dir), "d"); string(d.Data) != "mine" {
			t.Errorf("the store there now holds %+v", d)
		}
	})
	t.Run("writer fails", func(t *testing.T) {
		s := e.fresh(t)
		for i := range 50 {
			must(t, s, put(name("d", i), 0, string(make([]byte, 10_000))))
		}
		if _, err := s.Snapshot(t.Context(), &full{room: 100_000}); !errors.Is(err, io.ErrShortWrite) {
			t.Errorf("into a full writer: %v", err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		if _, err := s.Snapshot(ctx, &full{room: 100_000, then: cancel}); !errors.Is(err, context.Canceled) {
			t.Errorf("with a context that ends: %v", err)
		}
		must(t, s, put("after", 0, ""))
	})
}

// A full writer takes so many bytes; then it calls then and takes all, or fails.
type full struct {
	room int
	then func()
}

func (f *full) Write(b []byte) (int, error) {
	if f.room -= len(b); f.room >= 0 {
		return len(b), nil
	}
	if f.then == nil {
		return 0, io.ErrShortWrite
	}
	f.then()
	return len(b), nil
}

// restored opens what a snapshot restores to.
func restored(t *testing.T, e Engine, snapshot []byte) store.Store {
	t.Helper()
	dir := t.TempDir()
	if _, err := e.Restore(dir, bytes.NewReader(snapshot)); err != nil {
		t.Fatalf("restore: %v", err)
	}
	return e.open(t, dir)
}

// testSnapshotMoving takes copies while writers keep a rule: the cursor of each
// says how many records and documents it has written. Every copy keeps it too.
func testSnapshotMoving(t *testing.T, e Engine) {
	nodes := e.nodes(t)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	const writers = 6
	moved := make(chan struct{}, 1)
	var wg sync.WaitGroup
	for w := range writers {
		s := nodes[w%len(nodes)]
		wg.Go(func() {
			var at store.Seq
			var was uint64
			for i := 1; ctx.Err() == nil; i++ {
				seq, err := s.Commit(t.Context(), store.Batch{
					Appends: []store.Append{{Stream: name("w", w), After: at, Data: fmt.Append(nil, i)}},
					Puts: []store.Put{
						{Key: name("cursor", w), Was: was, Data: fmt.Append(nil, i)},
						{Key: fmt.Sprintf("m/%d/%06d", w, i), Data: make([]byte, 300)},
					},
				})
				if err != nil {
					t.Errorf("writer %d: %v", w, err)
					return
				}
				at = seq
				got, err := s.Get(t.Context(), name("cursor", w))
				if err != nil {
					t.Errorf("writer %d: %v", w, err)
					return
				}
				was = got[0].Rev
				select {
				case moved <- struct{}{}:
				default:
				}
			}
		})
	}
	for range 5 {
		for range 40 { // let them go on for a while
			<-moved
		}
		var b bytes.Buffer
		seq, err := nodes[0].Snapshot(t.Context(), &b)
		if err != nil {
			t.Fatalf("snapshot: %v", err)
		}
		s := restored(t, e, b.Bytes())
		if got := last(t, s); got != seq {
			t.Errorf("restored at %d, the snapshot is at %d", got, seq)
		}
		records := log(t, s, 0)
		if store.Seq(len(records)) != seq {
			t.Errorf("%d records up to %d", len(records), seq)
		}
		for w := range writers {
			n := string(get(t, s, name("cursor", w)).Data)
			if n == "" {
				n = "0"
			}
			if got := fmt.Sprint(len(stream(t, s, name("w", w), 0))); got != n {
				t.Errorf("writer %d: cursor at %s, %s records", w, n, got)
			}
			if got := fmt.Sprint(len(docs(t, s, fmt.Sprintf("m/%d/", w), ""))); got != n {
				t.Errorf("writer %d: cursor at %s, %s documents", w, n, got)
			}
		}
	}
	stop()
	wg.Wait()
}

// testGoesOn restores and works on: expectations, revisions and ops are as they
// were.
func testGoesOn(t *testing.T, e Engine) {
	s := e.fresh(t)
	for i := range 20 {
		b := add("case/1", store.Any, fmt.Sprint(i))
		b.Op, b.Puts = name("op", i), []store.Put{{Key: name("d", i), Data: fmt.Append(nil, i)}}
		must(t, s, b)
	}
	must(t, s, store.Batch{Erases: []string{name("d", 19)}})
	must(t, s, put("gone", 0, ""))
	highest := rev(t, s, "gone")
	must(t, s, store.Batch{Erases: []string{"gone"}})
	var b bytes.Buffer
	if _, err := s.Snapshot(t.Context(), &b); err != nil {
		t.Fatal(err)
	}

	n := restored(t, e, b.Bytes())
	sameRecords(t, log(t, n, 0), log(t, s, 0))
	was, is := docs(t, s, "", ""), docs(t, n, "", "")
	if len(was) != 19 || len(is) != 19 {
		t.Fatalf("%d documents became %d", len(was), len(is))
	}
	for i := range was {
		if was[i].Key != is[i].Key || was[i].Rev != is[i].Rev || !bytes.Equal(was[i].Data, is[i].Data) {
			t.Errorf("document %+v became %+v", was[i], is[i])
		}
	}
	again := add("case/1", 0, "never")
	again.Op = name("op", 7)
	if got := must(t, n, again); got != 8 {
		t.Errorf("op repeated: %d, want 8", got)
	}
	conflicts(t, n, add("case/1", 19, ""), []string{"case/1"}, nil)
	if got := must(t, n, add("case/1", 20, "next")); got != 21 {
		t.Errorf("next record is %d, want 21", got)
	}
	must(t, n, put("gone", 0, ""))
	if got := rev(t, n, "gone"); got <= highest {
		t.Errorf("revision %d was given before", got)
	}
	// A copy of a copy is the same but for the moment it was taken.
	if got := stream(t, n, "case/1", 18); len(got) != 3 || string(got[2].Data) != "next" {
		t.Errorf("the stream ends with %+v", got)
	}
}

// testAltered breaks a snapshot in every way. None is restored, and nothing of
// it is left where it would have been.
func testAltered(t *testing.T, e Engine) {
	s := e.fresh(t)
	for i := range 30 {
		b := add("case/1", store.Any, fmt.Sprint(i))
		b.Op, b.Puts = name("op", i), []store.Put{{Key: name("d", i), Data: bytes.Repeat([]byte{1}, 50)}}
		must(t, s, b)
	}
	var b bytes.Buffer
	if _, err := s.Snapshot(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	whole := b.Bytes()
	r := rand.New(rand.NewPCG(12, 13))
	dir := t.TempDir()
	refuse := func(what string, broken []byte, want error) {
		t.Helper()
		if _, err := e.Restore(dir, bytes.NewReader(broken)); !errors.Is(err, want) {
			t.Fatalf("%s: restore says %v, want %v", what, err, want)
		}
	}
	for range 40 {
		n := r.IntN(len(whole))
		refuse(fmt.Sprintf("%d of %d bytes", n, len(whole)), whole[:n], store.ErrSnapshot)
	}
	for range 60 {
		broken := bytes.Clone(whole)
		at := 10 + r.IntN(len(whole)-10)
		broken[at] ^= 1 << r.IntN(8)
		refuse(fmt.Sprintf("a bit at %d", at), broken, store.ErrSnapshot)
	}
	refuse("nothing", nil, store.ErrSnapshot)
	refuse("something else", bytes.Repeat([]byte("no snapshot "), 1000), store.ErrSnapshot)
	refuse("more after it", append(bytes.Clone(whole), 0), store.ErrSnapshot)
	newer := bytes.Clone(whole)
	newer[9]++
	refuse("newer", newer, store.ErrNewer)
	refuse("newer and cut", newer[:10], store.ErrNewer)

	// After all that the place is still free.
	if _, err := e.Restore(dir, bytes.NewReader(whole)); err != nil {
		t.Fatalf("the unaltered one: %v", err)
	}
	if got := last(t, e.open(t, dir)); got != 30 {
		t.Errorf("restored to %d, want 30", got)
	}
}
