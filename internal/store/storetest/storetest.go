// Package storetest says what a correct store does: one demanding suite that
// every engine runs.
//
// An engine's test calls [Run] with an [Engine] that opens it. The suite knows
// nothing else of it. It keeps no state, and depends on no clock but where an
// engine can live in a synctest bubble.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/amends-care/amends/internal/store"
)

// An Engine is a kind of store as the suite sees it.
type Engine struct {
	// Open opens the store that lives in dir, and makes an empty one there the
	// first time. It fails the test when it can't. The suite closes what it
	// opened.
	Open func(t testing.TB, dir string) store.Store

	// Restore makes the store in dir, where none was ever opened, from a
	// snapshot.
	Restore func(dir string, r io.Reader) (store.Position, error)

	// Grep says whether the bytes are anywhere in what the engine keeps for
	// dir, after the store was closed and whatever the engine offers to be rid
	// of erased content was done. Nil: the engine makes no such promise.
	Grep func(t testing.TB, dir string, needle []byte) bool

	// Shared: several stores may be open on one dir at once, as nodes are. The
	// suite then spreads its callers over three of them.
	Shared bool

	// Bubble: the store works inside a synctest bubble, so it waits for nothing
	// but channels, and a waiting Tail is woken by a commit, not by a clock.
	Bubble bool
}

// Run runs the whole suite. Each part has stores of its own.
func Run(t *testing.T, e Engine) {
	parts := map[string]func(*testing.T, Engine){
		"batch":    testBatch,
		"op":       testOp,
		"read":     testRead,
		"loops":    testLoops,
		"tail":     testTail,
		"life":     testLife,
		"model":    testModel,
		"snapshot": testSnapshot,
		"erase":    testErase,
		"lease":    testLease,
	}
	for _, name := range slices.Sorted(maps.Keys(parts)) {
		t.Run(name, func(t *testing.T) {
			before := goleak.IgnoreCurrent()
			t.Cleanup(func() { goleak.VerifyNone(t, before) })
			parts[name](t, e)
		})
	}
}

// open opens the store in dir and sees to it that it is closed.
func (e Engine) open(t testing.TB, dir string) store.Store {
	t.Helper()
	s := e.Open(t, dir)
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}

// fresh opens an empty store.
func (e Engine) fresh(t testing.TB) store.Store {
	t.Helper()
	return e.open(t, t.TempDir())
}

// nodes opens an empty store as the nodes that share it see it: three of them,
// or three times the same.
func (e Engine) nodes(t testing.TB) []store.Store {
	t.Helper()
	dir := t.TempDir()
	first := e.open(t, dir)
	if !e.Shared {
		return []store.Store{first, first, first}
	}
	return []store.Store{first, e.open(t, dir), e.open(t, dir)}
}

// must commits, and fails the test when that fails.
func must(t testing.TB, s store.Store, b store.Batch) store.Seq {
	t.Helper()
	seq, err := s.Commit(t.Context(), b)
	if err != nil {
		t.Fatalf("commit: %v", err)
	}
	return seq
}

// conflicts commits, and fails the test unless exactly these streams and keys
// conflict.
func conflicts(t testing.TB, s store.Store, b store.Batch, streams, keys []string) {
	t.Helper()
	_, err := s.Commit(t.Context(), b)
	c, ok := errors.AsType[*store.Conflict](err)
	if !ok {
		t.Fatalf("commit: got %v, want a conflict of streams %q and keys %q", err, streams, keys)
	}
	if !slices.Equal(c.Streams, streams) || !slices.Equal(c.Keys, keys) {
		t.Fatalf("commit: got conflict of streams %q and keys %q, want %q and %q", c.Streams, c.Keys, streams, keys)
	}
}

// get reads one document.
func get(t testing.TB, s store.Store, key string) store.Doc {
	t.Helper()
	docs, err := s.Get(t.Context(), key)
	if err != nil {
		t.Fatalf("get %q: %v", key, err)
	}
	if len(docs) != 1 || docs[0].Key != key {
		t.Fatalf("get %q: got %d documents, the first %q", key, len(docs), docs[0].Key)
	}
	return docs[0]
}

// rev reads a document's revision.
func rev(t testing.TB, s store.Store, key string) uint64 {
	t.Helper()
	return get(t, s, key).Rev
}

// last returns the last sequence.
func last(t testing.TB, s store.Store) store.Seq {
	t.Helper()
	seq, err := store.Last(t.Context(), s)
	if err != nil {
		t.Fatalf("last: %v", err)
	}
	return seq
}

// docs reads all documents under a prefix.
func docs(t testing.TB, s store.Store, prefix, after string) []store.Doc {
	t.Helper()
	var all []store.Doc
	for d, err := range s.List(t.Context(), prefix, after) {
		if err != nil {
			t.Fatalf("list %q: %v", prefix, err)
		}
		all = append(all, d)
	}
	return all
}

// stream reads a stream.
func stream(t testing.TB, s store.Store, name string, after store.Seq) []store.Record {
	t.Helper()
	var all []store.Record
	for r, err := range s.Stream(t.Context(), name, after) {
		if err != nil {
			t.Fatalf("stream %q: %v", name, err)
		}
		all = append(all, r)
	}
	return all
}

// log reads the whole log after a sequence, as far as it goes now.
func log(t testing.TB, s store.Store, after store.Seq) []store.Record {
	t.Helper()
	var all []store.Record
	to := last(t, s)
	if after >= to {
		return nil
	}
	for r, err := range s.Tail(t.Context(), after) {
		if err != nil {
			t.Fatalf("tail: %v", err)
		}
		if all = append(all, r); r.Seq >= to {
			break
		}
	}
	return all
}

// put is a batch of one document.
func put(key string, was uint64, data string) store.Batch {
	return store.Batch{Puts: []store.Put{{Key: key, Was: was, Data: []byte(data)}}}
}

// add is a batch of one record.
func add(name string, after store.Seq, data string) store.Batch {
	return store.Batch{Appends: []store.Append{{Stream: name, After: after, Data: []byte(data)}}}
}

// try commits until the outcome is known, as a caller with an Op does.
func try(ctx context.Context, s store.Store, b store.Batch) (store.Seq, error) {
	for {
		seq, err := s.Commit(ctx, b)
		_, conflict := errors.AsType[*store.Conflict](err)
		if err == nil || conflict || ctx.Err() != nil || errors.Is(err, store.ErrInvalid) {
			return seq, err
		}
	}
}

// fill writes n documents d/… and as many records of the stream "s", from many
// callers at once, so that they can share their syncs.
func fill(t testing.TB, s store.Store, n int) {
	t.Helper()
	together(t, n, func(i int) error {
		_, err := s.Commit(t.Context(), store.Batch{
			Puts:    []store.Put{{Key: name("d", i)}},
			Appends: []store.Append{{Stream: "s", After: store.Any}},
		})
		return err
	})
}

// together does something n times, by fifty callers.
func together(t testing.TB, n int, do func(i int) error) {
	t.Helper()
	const callers = 50
	var wg sync.WaitGroup
	for c := range callers {
		wg.Go(func() {
			for i := c; i < n; i += callers {
				if err := do(i); err != nil {
					t.Errorf("number %d: %v", i, err)
				}
			}
		})
	}
	wg.Wait()
	if t.Failed() {
		t.FailNow()
	}
}

func name(kind string, n int) string { return fmt.Sprintf("%s/%08d", kind, n) }
