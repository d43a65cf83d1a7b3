package boltstore

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.etcd.io/bbolt"
	"go.uber.org/goleak"

	"github.com/amends-care/amends/internal/store"
	"github.com/amends-care/amends/internal/store/storetest"
)

func TestStore(t *testing.T) {
	once := make(map[string][]byte) // compacted files
	storetest.Run(t, storetest.Engine{
		Open: func(t testing.TB, dir string) store.Store {
			t.Helper()
			// What fsync is for is shown by the power cuts; here it would only
			// take long.
			return open(t, file(dir), Options{Unsynced: soak() == ""})
		},
		Restore: func(dir string, r io.Reader) (store.Position, error) {
			return Restore(file(dir), r)
		},
		Grep: func(t testing.TB, dir string, needle []byte) bool {
			t.Helper()
			if once[dir] == nil {
				once[dir] = compacted(t, file(dir))
			}
			return bytes.Contains(once[dir], needle)
		},
		Bubble: true,
	})
}

func file(dir string) string { return filepath.Join(dir, "log.db") }

// open opens a store or fails the test. The test closes it.
func open(t testing.TB, path string, o Options) *Store {
	t.Helper()
	s, err := Open(path, o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// fresh opens an empty store for the length of a test, which checks it at last.
func fresh(t *testing.T, o Options) *Store {
	t.Helper()
	noLeaks(t)
	path := file(t.TempDir())
	s := open(t, path, o)
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
		if err := Check(t.Context(), path); err != nil && t.Context().Err() == nil {
			t.Errorf("check: %v", err)
		}
	})
	return s
}

func noLeaks(t *testing.T) {
	before := goleak.IgnoreCurrent()
	t.Cleanup(func() { goleak.VerifyNone(t, before) })
}

func must(t testing.TB, s *Store, b store.Batch) store.Seq {
	t.Helper()
	seq, err := s.Commit(t.Context(), b)
	if err != nil {
		t.Fatalf("commit: %v", err)
	}
	return seq
}

func record(stream string) store.Batch {
	return store.Batch{Appends: []store.Append{{Stream: stream, After: store.Any}}}
}

// compacted compacts a store, and returns what is in all files of its folder.
func compacted(t testing.TB, path string) []byte {
	t.Helper()
	before, err := size(path)
	if err != nil {
		t.Fatal(err)
	}
	var last int64
	c, err := Compact(path, func(n int64) {
		if n < last {
			t.Errorf("progress went from %d to %d", last, n)
		}
		last = n
	})
	if err != nil {
		t.Fatal(err)
	}
	if after, err := size(path); err != nil || c.Before != before || c.After != after || last == 0 {
		t.Errorf("%+v, after %d bytes; %d became %d", c, last, before, after)
	}
	if err := Check(t.Context(), path); err != nil {
		t.Error(err)
	}
	var all []byte
	err = filepath.WalkDir(filepath.Dir(path), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		all = append(all, b...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestSecondOpenerIsToldWhoHolds(t *testing.T) {
	s := fresh(t, Options{})
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	_, err = Open(s.path, Options{Timeout: time.Millisecond})
	want := fmt.Sprintf("process %d on %s", os.Getpid(), host)
	if !errors.Is(err, store.ErrHeld) || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want one that names %s", err, want)
	}
	if _, err := Compact(s.path, nil); !errors.Is(err, store.ErrHeld) {
		t.Errorf("compact of an open store: %v", err)
	}
	if err := Check(t.Context(), s.path); !errors.Is(err, store.ErrHeld) {
		t.Errorf("check of an open store: %v", err)
	}
	if _, err := Restore(s.path, nil); !errors.Is(err, store.ErrHeld) {
		t.Errorf("restore over an open store: %v", err)
	}
	must(t, s, record("still/works"))
}

func TestSecondOpenerWaits(t *testing.T) {
	noLeaks(t)
	path := file(t.TempDir())
	first := open(t, path, Options{})
	opened := make(chan *Store)
	go func() {
		s, err := Open(path, Options{Timeout: time.Minute})
		if err != nil {
			t.Error(err)
		}
		opened <- s
	}()
	must(t, first, record("a"))
	if err := first.Close(); err != nil {
		t.Error(err)
	}
	second := <-opened
	if got := second.Stats().Seq; got != 1 {
		t.Errorf("the second opened at %d", got)
	}
	if err := second.Close(); err != nil {
		t.Error(err)
	}
}

// Another program may have opened the file without our lock.
func TestForeignLock(t *testing.T) {
	noLeaks(t)
	path := file(t.TempDir())
	if err := open(t, path, Options{}).Close(); err != nil {
		t.Fatal(err)
	}
	db, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path, Options{Timeout: time.Millisecond}); !errors.Is(err, store.ErrHeld) {
		t.Errorf("got %v", err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := open(t, path, Options{}).Close(); err != nil {
		t.Fatal(err)
	}
}

// tamper changes a closed store behind its back.
func tamper(t *testing.T, path string, change func(*bbolt.Tx) error) {
	t.Helper()
	db, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(db.Update(change), db.Close()); err != nil {
		t.Fatal(err)
	}
}

func TestNewerFormatIsRefusedUnread(t *testing.T) {
	noLeaks(t)
	path := file(t.TempDir())
	s := open(t, path, Options{})
	must(t, s, record("a"))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	tamper(t, path, func(tx *bbolt.Tx) error {
		return tx.Bucket(bucketMeta).Put(keyFormat, []byte{0, 0, 0, 0, 0, 0, 0, format + 1})
	})
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path, Options{}); !errors.Is(err, store.ErrNewer) {
		t.Errorf("open: %v", err)
	}
	if _, err := Compact(path, nil); !errors.Is(err, store.ErrNewer) {
		t.Errorf("compact: %v", err)
	}
	if err := Check(t.Context(), path); !errors.Is(err, store.ErrNewer) {
		t.Errorf("check: %v", err)
	}
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(after, before) {
		t.Errorf("the file was changed: %v", err)
	}
}

func TestWhatIsNoStoreIsRefused(t *testing.T) {
	noLeaks(t)
	dir := t.TempDir()
	refused := func(name string) {
		t.Helper()
		path := filepath.Join(dir, name)
		before, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if s, err := Open(path, Options{}); err == nil {
			t.Errorf("%s was opened", name)
			_ = s.Close()
		}
		if after, err := os.ReadFile(path); err != nil || !bytes.Equal(after, before) {
			t.Errorf("%s was changed: %v", name, err)
		}
	}
	write := func(name string, b []byte) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
		refused(name)
	}
	write("text", bytes.Repeat([]byte("no store\n"), 10_000))
	write("zeros", make([]byte, 1<<20))
	tamper(t, filepath.Join(dir, "another"), func(tx *bbolt.Tx) error {
		_, err := tx.CreateBucket([]byte("theirs"))
		return err
	})
	refused("another")

	// A store that was cut off, as by a copy that wasn't finished.
	s := open(t, filepath.Join(dir, "whole"), Options{})
	for range 50 {
		b := record("a")
		b.Puts = []store.Put{{Key: fmt.Sprint("d/", s.Stats().Seq), Data: make([]byte, 5000)}}
		must(t, s, b)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(filepath.Join(dir, "whole"))
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{1, 4096, 8192, 16384, 20000, 100_000} {
		write(fmt.Sprint("cut", n), whole[:n])
	}
}

// What a crash leaves while a store is made, restored or compacted is in the
// way of nothing.
func TestLeftTemporaryFile(t *testing.T) {
	noLeaks(t)
	path := file(t.TempDir())
	leave := func() {
		t.Helper()
		if err := os.WriteFile(temporary(path), []byte("half a store, with a secret"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	gone := func(after string) {
		t.Helper()
		if _, err := os.Stat(temporary(path)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("still there after %s: %v", after, err)
		}
	}
	leave()
	s := open(t, path, Options{})
	gone("creating")
	must(t, s, record("a"))
	var copied bytes.Buffer
	if _, err := s.Snapshot(t.Context(), &copied); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	leave()
	if err := open(t, path, Options{}).Close(); err != nil {
		t.Fatal(err)
	}
	gone("opening")
	leave()
	if _, err := Compact(path, nil); err != nil {
		t.Fatal(err)
	}
	gone("compacting")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	leave()
	if _, err := Restore(path, &copied); err != nil {
		t.Fatal(err)
	}
	gone("restoring")
}

// Opening writes the first two pages again as they are, for a failed fsync may
// have left them in memory alone. That they reach the disk can't be seen from
// here; that they are written can.
func TestOpeningSettles(t *testing.T) {
	noLeaks(t)
	path := furnished(t)
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	long := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	if err := os.Chtimes(path, long, long); err != nil {
		t.Fatal(err)
	}
	if err := open(t, path, Options{}).Close(); err != nil {
		t.Fatal(err)
	}
	after, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(before, after) {
		t.Errorf("the file is another: %v", err)
	}
	if info, err := os.Stat(path); err != nil || !info.ModTime().After(long) {
		t.Errorf("nothing was written: %v", err)
	}
}

func TestNothingToCompactOrCheck(t *testing.T) {
	noLeaks(t)
	path := file(t.TempDir())
	if _, err := Compact(path, nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("compact: %v", err)
	}
	if err := Check(t.Context(), path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("check: %v", err)
	}
	if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
