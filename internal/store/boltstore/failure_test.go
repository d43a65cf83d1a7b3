package boltstore

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"

	"go.etcd.io/bbolt"

	"github.com/amends-care/amends/internal/store"
)

// An fsync whose error says nothing of whether the transaction was applied.
// Both may be, and both must end the same way: read-only, said so, and mended
// by opening again and repeating by Op.
func TestFailedSync(t *testing.T) {
	for what, fail := range map[string]func(*bbolt.Tx) error{
		"applied":     func(tx *bbolt.Tx) error { return errors.Join(syscall.EIO, tx.Commit()) },
		"not applied": func(tx *bbolt.Tx) error { return errors.Join(syscall.EIO, tx.Rollback()) },
	} {
		t.Run(what, func(t *testing.T) {
			noLeaks(t)
			path := file(t.TempDir())
			commit := (*bbolt.Tx).Commit
			s := open(t, path, Options{commit: func(tx *bbolt.Tx) error { return commit(tx) }})
			b := store.Batch{Op: "one", Appends: []store.Append{{Stream: "case/1"}}, Puts: []store.Put{{Key: "d"}}}
			must(t, s, b)
			commit = fail

			// A group of several, none of which learns what became of it.
			var wg sync.WaitGroup
			errs := make([]error, 8)
			batch := func(i int) store.Batch {
				return store.Batch{Op: fmt.Sprint("many", i), Appends: []store.Append{{Stream: fmt.Sprint("many/", i)}}}
			}
			for i := range errs {
				wg.Go(func() { _, errs[i] = s.Commit(t.Context(), batch(i)) })
			}
			wg.Wait()
			for i, err := range errs {
				if !errors.Is(err, store.ErrReadOnly) || !errors.Is(err, syscall.EIO) {
					t.Errorf("caller %d: %v", i, err)
				}
			}
			mustBeReadOnly(t, s, syscall.EIO)
			if docs, err := s.Get(t.Context(), "d"); err != nil || docs[0].Rev == 0 {
				t.Errorf("reading: %+v, %v", docs, err)
			}
			if seq, err := store.Last(t.Context(), s); seq != 1 || err != nil {
				t.Errorf("last: %d, %v", seq, err)
			}
			// What is not known to be durable is in no log.
			for r, err := range s.Tail(t.Context(), 0) {
				if r.Seq != 1 || err != nil {
					t.Errorf("tail: %+v, %v", r, err)
				}
				break
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}

			s = open(t, path, Options{})
			if err := s.ReadOnly(); err != nil {
				t.Errorf("still read-only: %v", err)
			}
			for i := range errs {
				must(t, s, batch(i))
			}
			if got := s.Stats().Seq; got != store.Seq(1+len(errs)) {
				t.Errorf("the log has %d records, want %d", got, 1+len(errs))
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			if err := Check(t.Context(), path); err != nil {
				t.Error(err)
			}
		})
	}
}

// mustBeReadOnly tries whatever a read-only store must refuse or still do.
func mustBeReadOnly(t *testing.T, s *Store, cause error) {
	t.Helper()
	if err := s.ReadOnly(); !errors.Is(err, store.ErrReadOnly) || !errors.Is(err, cause) {
		t.Errorf("read-only says %v", err)
	}
	for range 3 {
		if _, err := s.Commit(t.Context(), record("more")); !errors.Is(err, store.ErrReadOnly) || !errors.Is(err, cause) {
			t.Errorf("commit says %v", err)
		}
	}
	_, err := s.Commit(t.Context(), store.Batch{Checks: []store.Check{{Key: "absent", Was: 7}}})
	if _, conflict := errors.AsType[*store.Conflict](err); !conflict {
		t.Errorf("a check that fails says %v", err)
	}
}

// A real disk that is full: a small file system in memory.
func TestFullDisk(t *testing.T) {
	noLeaks(t)
	dir := t.TempDir()
	if err := mountSmall(dir, "24m"); err != nil {
		t.Skipf("no small file system to fill: %v", err)
	}
	t.Cleanup(func() {
		if err := unmount(dir); err != nil {
			t.Error(err)
		}
	})
	ballast := dir + "/ballast"
	if err := os.WriteFile(ballast, make([]byte, 4<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	path := file(dir)
	s := open(t, path, Options{})
	batch := func(i int) store.Batch {
		b := record("case/1")
		b.Op = fmt.Sprint(i)
		b.Puts = []store.Put{{Key: fmt.Sprintf("d/%06d", i), Data: make([]byte, 300_000)}}
		return b
	}
	n := 0
	fill := func(atLeast int) {
		t.Helper()
		var err error
		before := n
		for n < 200 {
			if _, err = s.Commit(t.Context(), batch(n)); err != nil {
				break
			}
			n++
		}
		if n < before+atLeast {
			t.Fatalf("full after %d commits", n-before)
		}
		// It says so, and again, goes on reading, and stays whole.
		for range 3 {
			if !errors.Is(err, syscall.ENOSPC) || errors.Is(err, store.ErrReadOnly) {
				t.Fatalf("commit %d says %v", n, err)
			}
			_, err = s.Commit(t.Context(), batch(n))
		}
		if err := s.ReadOnly(); err != nil {
			t.Errorf("read-only: %v", err)
		}
		if err := s.Check(t.Context()); err != nil {
			t.Error(err)
		}
		if got, err := store.Last(t.Context(), s); int(got) != n || err != nil {
			t.Errorf("the log has %d records, %v, want %d", got, err, n)
		}
	}
	fill(20)
	// With room again the same batch goes through, without opening again.
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	if got := must(t, s, batch(n)); int(got) != n+1 {
		t.Errorf("record %d, want %d", got, n+1)
	}
	n++
	fill(5)
	// On a full disk it can be closed, opened and looked over.
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := open(t, path, Options{}).Close(); err != nil {
		t.Fatal(err)
	}
	if err := Check(t.Context(), path); err != nil {
		t.Error(err)
	}
	// A compaction for which there is no room leaves all as it was.
	if _, err := Compact(path, nil); err == nil {
		t.Error("compacted without room for it")
	}
	if err := Check(t.Context(), path); err != nil {
		t.Error(err)
	}
}

// A full disk is no reason to open the store again.
func TestFullDiskGoesOnWithoutReopening(t *testing.T) {
	fullFor := 3
	s := fresh(t, Options{commit: func(tx *bbolt.Tx) error {
		if fullFor--; fullFor < 0 {
			return tx.Commit()
		}
		return errors.Join(&fs.PathError{Op: "write", Path: "log.db", Err: syscall.ENOSPC}, tx.Rollback())
	}})
	for range 3 {
		if _, err := s.Commit(t.Context(), record("a")); !errors.Is(err, syscall.ENOSPC) || errors.Is(err, store.ErrReadOnly) {
			t.Errorf("commit says %v", err)
		}
	}
	if got := must(t, s, record("a")); got != 1 {
		t.Errorf("record %d, want 1", got)
	}
}

// A damaged document fails those who need it, and nobody else.
func TestDamageIsSaid(t *testing.T) {
	noLeaks(t)
	path := file(t.TempDir())
	s := open(t, path, Options{})
	must(t, s, store.Batch{Puts: []store.Put{{Key: "d/1"}, {Key: "d/2"}}})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	tamper(t, path, func(tx *bbolt.Tx) error {
		return tx.Bucket(bucketDocs).Bucket([]byte("d/")).Put([]byte("1"), []byte("bad"))
	})
	s = open(t, path, Options{})
	if _, err := s.Commit(t.Context(), store.Batch{Checks: []store.Check{{Key: "d/1"}}}); !errors.Is(err, errDamaged) {
		t.Errorf("commit: %v", err)
	}
	if _, err := s.Get(t.Context(), "d/1"); !errors.Is(err, errDamaged) {
		t.Errorf("get: %v", err)
	}
	for _, err := range s.List(t.Context(), "d/", "") {
		if !errors.Is(err, errDamaged) {
			t.Errorf("list: %v", err)
		}
	}
	must(t, s, record("a"))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// A batch whose caller has gone before its turn is not written.
func TestCallerHasGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		inside, on := make(chan struct{}, 2), make(chan struct{})
		s := open(t, file(t.TempDir()), Options{commit: func(tx *bbolt.Tx) error {
			inside <- struct{}{}
			<-on
			return tx.Commit()
		}})
		var wg sync.WaitGroup
		wg.Go(func() { must(t, s, record("first")) })
		<-inside
		ctx, cancel := context.WithCancel(t.Context())
		wg.Go(func() {
			if _, err := s.Commit(ctx, record("gone")); !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
		})
		synctest.Wait() // it waits behind the first
		cancel()
		synctest.Wait()
		close(on)
		wg.Wait()
		if got := must(t, s, record("after")); got != 2 {
			t.Errorf("record %d, want 2", got)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}
