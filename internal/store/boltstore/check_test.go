package boltstore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"go.etcd.io/bbolt"

	"github.com/amends-care/amends/internal/store"
)

// furnished makes a closed store with some of everything: several streams, one
// with marks, documents of several families, ops.
func furnished(t *testing.T) (path string) {
	t.Helper()
	path = file(t.TempDir())
	s := open(t, path, Options{Unsynced: true})
	for i := range 300 {
		b := store.Batch{
			Op:      fmt.Sprint("op", i),
			Appends: []store.Append{{Stream: "source/news", After: store.Any, Data: []byte("counts")}},
		}
		for j := range 4 {
			b.Appends = append(b.Appends, store.Append{Stream: fmt.Sprint("case/", i*4+j), Data: []byte("opened")})
			b.Puts = append(b.Puts, store.Put{Key: fmt.Sprintf("mention/%06d", i*4+j), Data: make([]byte, 200)})
		}
		must(t, s, b)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Compact(path, nil); err != nil { // so that copies are small
		t.Fatal(err)
	}
	return path
}

// Each way in which a store can contradict itself is found, offline and, where
// the pages are sound, while it is in use. Nothing that is found shows a key.
func TestCheckFinds(t *testing.T) {
	put := func(bucket []byte, key, value []byte) func(*bbolt.Tx) error {
		return func(tx *bbolt.Tx) error { return tx.Bucket(bucket).Put(key, value) }
	}
	families := func(bucket []byte, family, key string, value []byte) func(*bbolt.Tx) error {
		return func(tx *bbolt.Tx) error { return tx.Bucket(bucket).Bucket([]byte(family)).Put([]byte(key), value) }
	}
	path := furnished(t)
	if err := Check(t.Context(), path); err != nil {
		t.Fatalf("before: %v", err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for what, c := range map[string]struct {
		change func(*bbolt.Tx) error
		find   string
	}{
		"lost record":  {func(tx *bbolt.Tx) error { return tx.Bucket(bucketLog).Delete(seqKey(700)) }, "record 700 is missing"},
		"cut record":   {put(bucketLog, seqKey(700), []byte("cut")), "record 700 has 3 bytes"},
		"wrong link":   {relink(6, 2), "record 6 follows 2"},
		"link to none": {relink(6, 0), "the log has 1500 of 1202"},
		"link forward": {relink(6, 9), "record 6"},
		"wrong end":    {families(bucketEnds, "case/", "7", end{3, 1}.value()), "ends at record 3"},
		"lost end":     {func(tx *bbolt.Tx) error { return tx.Bucket(bucketEnds).Bucket([]byte("case/")).Delete([]byte("7")) }, "1200 streams have 1499 records together, the log has 1500 of 1201"},
		"cut end":      {families(bucketEnds, "case/", "7", []byte("cut")), "the end of a stream has 3 bytes"},
		"lost mark": {func(tx *bbolt.Tx) error {
			k, _ := tx.Bucket(bucketMarks).Cursor().First()
			return tx.Bucket(bucketMarks).Delete(k)
		}, "0 marks instead of 1"},
		"wrong mark":      {put(bucketMarks, markKey("source/news", 7), []byte{1}), "a mark at record 7"},
		"cut mark":        {put(bucketMarks, []byte("abc"), []byte{1}), "a mark of 3 bytes"},
		"cut document":    {families(bucketDocs, "mention/", "000003", []byte("cut")), "a document of 3 bytes"},
		"future document": {families(bucketDocs, "mention/", "000003", append(seqKey(301), 1)), `a document of "mention/" has revision 301, the last commit was 300`},
		"revision 0":      {families(bucketDocs, "mention/", "000003", seqKey(0)), "has revision 0"},
		"future op":       {inOps(func(b *bbolt.Bucket) error { return b.Put([]byte("op7"), seqKey(1501)) }), "answered with what isn't there"},
		"cut op":          {inOps(func(b *bbolt.Bucket) error { return b.Put([]byte("op7"), []byte("cut")) }), "answered with what isn't there"},
	} {
		t.Run(what, func(t *testing.T) {
			noLeaks(t)
			path := file(t.TempDir())
			if err := os.WriteFile(path, whole, 0o600); err != nil {
				t.Fatal(err)
			}
			tamper(t, path, c.change)
			s := open(t, path, Options{})
			online := s.Check(t.Context())
			if err := s.Close(); err != nil {
				t.Error(err)
			}
			for how, err := range map[string]error{"online": online, "offline": Check(t.Context(), path)} {
				if !errors.Is(err, errDamaged) || !strings.Contains(err.Error(), c.find) {
					t.Errorf("%s: got %v, want %q", how, err, c.find)
				}
			}
		})
	}
}

func relink(seq, prev store.Seq) func(*bbolt.Tx) error {
	return func(tx *bbolt.Tx) error {
		log := tx.Bucket(bucketLog)
		v := append(seqKey(prev), log.Get(seqKey(seq))[8:]...)
		return log.Put(seqKey(seq), v)
	}
}

func inOps(change func(*bbolt.Bucket) error) func(*bbolt.Tx) error {
	return func(tx *bbolt.Tx) error {
		day, _ := tx.Bucket(bucketOps).Cursor().First()
		return change(tx.Bucket(bucketOps).Bucket(day))
	}
}

// Pages that were overwritten are found whatever they hold now, or the store
// can't be opened; nothing ends the process.
func TestCheckFindsBrokenPages(t *testing.T) {
	noLeaks(t)
	path := furnished(t)
	used := pagesInUse(t, path)
	t.Logf("pages %d", used)
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	whole, broken := make([]byte, pageSize), make([]byte, pageSize)
	for i, page := range used {
		at := int64(page * pageSize)
		if _, err := f.ReadAt(whole, at); err != nil {
			t.Fatal(err)
		}
		for j := range broken {
			broken[j] = []byte{0, 0xff, 'x'}[i%3]
		}
		if _, err := f.WriteAt(broken, at); err != nil {
			t.Fatal(err)
		}
		if err := Check(t.Context(), path); err == nil {
			t.Errorf("page %d full of %#x: nothing found", page, broken[0])
		}
		if _, err := f.WriteAt(whole, at); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(f.Close(), Check(t.Context(), path)); err != nil {
		t.Errorf("as it was: %v", err)
	}
}

const pageSize = 4096

// pagesInUse returns pages that hold the store's trees: all branches, and some
// of the leaves.
func pagesInUse(t *testing.T, path string) (pages []int) {
	t.Helper()
	db, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	if db.Info().PageSize != pageSize {
		_ = db.Close()
		t.Skip("the system's pages aren't of 4096 bytes")
	}
	err = db.View(func(tx *bbolt.Tx) error {
		for i := 2; ; i++ {
			p, err := tx.Page(i)
			if p == nil || err != nil {
				return err
			}
			if p.Type == "branch" || (p.Type == "leaf" && i%5 == 0) {
				pages = append(pages, i)
			}
		}
	})
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	return pages
}

func TestCheckIsCalledOff(t *testing.T) {
	noLeaks(t)
	path := furnished(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := Check(ctx, path); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// Somebody who finds too much stops.
func TestCheckHasEnough(t *testing.T) {
	noLeaks(t)
	path := furnished(t)
	tamper(t, path, func(tx *bbolt.Tx) error {
		b := tx.Bucket(bucketDocs).Bucket([]byte("mention/"))
		for i := range 100 {
			if err := b.Put(fmt.Appendf(nil, "%06d", i), []byte("cut")); err != nil {
				return err
			}
		}
		return nil
	})
	err := Check(t.Context(), path)
	if n := strings.Count(fmt.Sprint(err), "a document of 3 bytes"); n != checkFindings || !errors.Is(err, errEnough) {
		t.Errorf("%d findings, %v", n, err)
	}
}

// A store with a broken page that is used all the same says errors. It doesn't
// end the process, doesn't hang, and can be closed.
func TestBrokenPageInUse(t *testing.T) {
	noLeaks(t)
	path := furnished(t)
	used := pagesInUse(t, path)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	said := 0
	for i, page := range used {
		broken := append([]byte(nil), whole...)
		for j := range pageSize {
			broken[page*pageSize+j] = []byte{0, 0xff, 'x'}[i%3]
		}
		path := file(t.TempDir())
		if err := os.WriteFile(path, broken, 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := Open(path, Options{Unsynced: true})
		if err != nil {
			said++
			continue
		}
		if use(t.Context(), s) != nil {
			said++
		}
		_ = s.Close()
	}
	if said != len(used) {
		t.Errorf("%d of %d broken pages were noticed by whoever read and wrote everything", said, len(used))
	}
}

// use reads and writes all over a furnished store.
func use(ctx context.Context, s *Store) error {
	var errs []error
	for i := 0; i < 300; i += 20 {
		b := record(fmt.Sprint("case/", i*4))
		docs, err := s.Get(ctx, fmt.Sprintf("mention/%06d", i*4))
		if err == nil {
			b.Op, b.Puts = fmt.Sprint("again", i), []store.Put{{Key: docs[0].Key, Was: docs[0].Rev}}
		}
		_, err = s.Commit(ctx, b)
		errs = append(errs, err)
	}
	for _, err := range s.List(ctx, "", "") {
		errs = append(errs, err)
	}
	for _, err := range s.Stream(ctx, "source/news", 0) {
		errs = append(errs, err)
	}
	for r, err := range s.Tail(ctx, 0) {
		if errs = append(errs, err); r.Seq >= 1500 {
			break
		}
	}
	_, err := s.Snapshot(ctx, io.Discard)
	return errors.Join(append(errs, err, s.Check(ctx))...)
}
