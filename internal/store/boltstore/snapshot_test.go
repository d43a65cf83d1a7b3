package boltstore

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/amends-care/amends/internal/store"
)

// A snapshot doesn't keep a store from closing for longer than its next write.
func TestCloseEndsSnapshot(t *testing.T) {
	noLeaks(t)
	s := open(t, file(t.TempDir()), Options{})
	var b store.Batch
	for i := range 100 {
		b.Puts = append(b.Puts, store.Put{Key: string(rune('a' + i)), Data: make([]byte, 50_000)})
	}
	must(t, s, b)
	started, closing := make(chan struct{}), make(chan struct{})
	var once sync.Once
	var wg sync.WaitGroup
	wg.Go(func() {
		_, err := s.Snapshot(t.Context(), writer(func(b []byte) (int, error) {
			once.Do(func() { close(started) })
			<-closing
			return len(b), nil
		}))
		if !errors.Is(err, store.ErrClosed) {
			t.Errorf("snapshot: %v", err)
		}
	})
	<-started
	wg.Go(func() {
		<-s.closing
		close(closing)
	})
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	wg.Wait()
}

type writer func([]byte) (int, error)

func (w writer) Write(b []byte) (int, error) { return w(b) }

// A restore that fails leaves the folder as it was but for the lock file.
func TestFailedRestoreLeavesNothing(t *testing.T) {
	noLeaks(t)
	s := fresh(t, Options{})
	b := record("a")
	b.Puts = []store.Put{{Key: "d", Data: make([]byte, 1<<20)}}
	must(t, s, b)
	var whole bytes.Buffer
	if _, err := s.Snapshot(t.Context(), &whole); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	lost := errors.New("the other end is gone")
	for what, r := range map[string]io.Reader{
		"cut":        io.LimitReader(bytes.NewReader(whole.Bytes()), 1<<19),
		"read error": io.MultiReader(io.LimitReader(bytes.NewReader(whole.Bytes()), 1<<19), reader(func([]byte) (int, error) { return 0, lost })),
	} {
		_, err := Restore(file(dir), r)
		if want := map[string]error{"cut": store.ErrSnapshot, "read error": lost}[what]; !errors.Is(err, want) {
			t.Errorf("%s: %v", what, err)
		}
		left, err := os.ReadDir(dir)
		if err != nil || len(left) != 1 || left[0].Name() != "log.db.lock" {
			t.Errorf("%s: left behind %v, %v", what, left, err)
		}
	}
	if _, err := Restore(file(filepath.Join(dir, "nowhere")), &whole); err == nil {
		t.Error("restored into a folder that isn't there")
	}
}

type reader func([]byte) (int, error)

func (r reader) Read(b []byte) (int, error) { return r(b) }

// A link that its stream contradicts is found, though the checksum is right.
func TestRestoreChecksLinks(t *testing.T) {
	noLeaks(t)
	var b bytes.Buffer
	w, err := store.NewSnapshotWriter(&b, store.Position{Seq: 3, Rev: 3})
	if err := errors.Join(err,
		w.Record(store.Record{Seq: 1, Stream: "a"}),
		w.Record(store.Record{Seq: 2, Prev: 1, Stream: "a"}),
		w.Record(store.Record{Seq: 3, Prev: 1, Stream: "a"}),
		w.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := Restore(file(t.TempDir()), &b); !errors.Is(err, store.ErrSnapshot) {
		t.Errorf("got %v", err)
	}
}

// A restored store is as tight as a compacted one, and sound.
func TestRestoredStoreIsSound(t *testing.T) {
	noLeaks(t)
	path := furnished(t)
	s := open(t, path, Options{})
	var whole bytes.Buffer
	seq, err := s.Snapshot(t.Context(), &whole)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	to := file(t.TempDir())
	at, err := Restore(to, &whole)
	if err != nil || at.Seq != seq || at.Rev != 300 || at.At.IsZero() {
		t.Fatalf("restored at %+v, %v", at, err)
	}
	if err := Check(t.Context(), to); err != nil {
		t.Error(err)
	}
}
