package view_test

import (
	"os"
	"path/filepath"
	"testing"

	bolt "go.etcd.io/bbolt"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/store/boltstore"
	"github.com/amends-care/amends/internal/view"
)

// change writes into the view's file while nobody has it open.
func (h *house) change(do func(tx *bolt.Tx) error) {
	h.t.Helper()
	db, err := bolt.Open(filepath.Join(h.dir, "view.db"), 0o600, nil)
	if err != nil {
		h.t.Fatal(err)
	}
	defer db.Close()
	if err := db.Update(do); err != nil {
		h.t.Fatal(err)
	}
}

// filled is a house whose view was followed, with a mark in it that only a new
// file would not have, and closed.
func filled(t *testing.T) *house {
	t.Helper()
	h := newHouse(t)
	h.mentions("a", 30)
	v := h.open(view.Options{})
	catchUp(t, v)
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	h.change(func(tx *bolt.Tx) error { return tx.Bucket([]byte("number")).Put([]byte("mark"), []byte("x")) })
	return h
}

// expectNew opens the view and says whether it was begun anew.
func (h *house) expectNew(want bool) {
	h.t.Helper()
	v := h.open(view.Options{})
	defer v.Close()
	if began := v.Position() == 0; began != want {
		h.t.Errorf("begun anew: %v, want %v", began, want)
	}
	catchUp(h.t, v)
	_, found, err := v.Verify(h.t.Context())
	if marked := len(found) == 1 && string(found[0].Key) == "mark"; err != nil || marked == want || len(found) > 1 {
		h.t.Errorf("found %v, %v", found, err)
	}
}

func TestFileIsUsedAgain(t *testing.T) {
	h := filled(t)
	h.expectNew(false)
	h.mentions("a", 3) // and goes on from where it is
	h.expectNew(false)
}

// A file that can't be trusted is begun anew.
func TestFileIsBegunAnew(t *testing.T) {
	meta := func(key, value string) func(h *house) {
		return func(h *house) {
			h.change(func(tx *bolt.Tx) error { return tx.Bucket([]byte("meta")).Put([]byte(key), []byte(value)) })
		}
	}
	for name, spoil := range map[string]func(h *house){
		"it is of another version":         meta("version", "\x00\x00\x00\x00\x00\x00\xff\xff"),
		"it has no version":                meta("version", ""),
		"the machine went down":            meta("opened-by", "another boot"),
		"it is ahead of the log":           meta("position", "\x00\x00\x00\x00\x00\x01\x00\x00"),
		"its last record is another":       meta("last", "something"),
		"it stands at another record":      meta("position", "\x00\x00\x00\x00\x00\x00\x00\x02"),
		"it is empty":                      func(h *house) { h.write(nil) },
		"it is something else":             func(h *house) { h.write(make([]byte, 1<<16)) },
		"it is the log of an older backup": (*house).restore,
	} {
		t.Run(name, func(t *testing.T) {
			h := filled(t)
			spoil(h)
			h.expectNew(true)
		})
	}
}

func (h *house) write(b []byte) {
	h.t.Helper()
	if err := os.WriteFile(filepath.Join(h.dir, "view.db"), b, 0o600); err != nil {
		h.t.Fatal(err)
	}
}

// restore puts another log in place of the one that the view was made from: one
// that is longer, and began in the same way.
func (h *house) restore() {
	h.t.Helper()
	other := newHouse(h.t)
	for range 4 {
		other.mentions("a", 30)
	}
	h.st = other.st
}

// A file that is closed by a kill on a running machine is whole: nothing is
// built anew.
func TestKilledOnARunningMachine(t *testing.T) {
	h := newHouse(t)
	h.mentions("a", 30)
	v := h.open(view.Options{})
	catchUp(t, v)
	b, err := os.ReadFile(filepath.Join(h.dir, "view.db")) // as the page cache has it
	if err != nil {
		t.Fatal(err)
	}
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	h.write(b)
	v = h.open(view.Options{})
	defer v.Close()
	if v.Position() == 0 {
		t.Error("begun anew")
	}
}

// A view that another process has is not taken away.
func TestFileOfAnotherProcess(t *testing.T) {
	h := newHouse(t)
	v := h.open(view.Options{})
	defer v.Close()
	if _, err := view.Open(filepath.Join(h.dir, "view.db"), h.st, view.Options{}); err == nil {
		t.Error("opened twice")
	}
}

// A store that fails is no reason to throw a view away.
func TestStoreFailsWhileOpening(t *testing.T) {
	h := filled(t)
	closed, err := boltstore.Open(filepath.Join(h.dir, "other.db"), boltstore.Options{Unsynced: true})
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	if _, err := view.Open(filepath.Join(h.dir, "view.db"), closed, view.Options{}); err == nil {
		t.Error("opened on a store that is closed")
	}
	h.expectNew(false)
}

// Verify finds every kind of difference, and says where it is.
func TestVerifyTellsWhatIsDifferent(t *testing.T) {
	first := func(b *bolt.Bucket) []byte { k, _ := b.Cursor().First(); return k }
	for name, c := range map[string]struct {
		spoil  func(tx *bolt.Tx) error
		bucket string
		what   string
	}{
		"a row that was changed": {func(tx *bolt.Tx) error {
			b := tx.Bucket([]byte("case"))
			row, err := care.DecodeRow(b.Get(first(b)))
			if err != nil {
				return err
			}
			row.Assignee = "mallory"
			return b.Put(first(b), row.Encode())
		}, "case", "other"},
		"a row that is gone":       {func(tx *bolt.Tx) error { b := tx.Bucket([]byte("case")); return b.Delete(first(b)) }, "case", "missing"},
		"a case out of its list":   {func(tx *bolt.Tx) error { b := tx.Bucket([]byte("list")); return b.Delete(first(b)) }, "list", "missing"},
		"a count that is wrong":    {func(tx *bolt.Tx) error { return tx.Bucket([]byte("count")).Put([]byte("needs"), make([]byte, 8)) }, "count", "other"},
		"a number that leads away": {func(tx *bolt.Tx) error { b := tx.Bucket([]byte("number")); return b.Put(first(b), []byte("nowhere")) }, "number", "other"},
		"a page that is gone":      {func(tx *bolt.Tx) error { b := tx.Bucket([]byte("page")); return b.Delete(first(b)) }, "page", "missing"},
		"a source that is changed": {func(tx *bolt.Tx) error { return tx.Bucket([]byte("source")).Put([]byte("a"), []byte(`{"name":"a"}`)) }, "source", "other"},
		"a source that is made up": {func(tx *bolt.Tx) error { return tx.Bucket([]byte("source")).Put([]byte("z"), []byte(`{}`)) }, "source", "extra"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			h.mentions("a", 30)
			v := h.open(view.Options{})
			catchUp(t, v)
			if err := v.Close(); err != nil {
				t.Fatal(err)
			}
			h.change(c.spoil)
			v = h.open(view.Options{})
			defer v.Close()
			_, found, err := v.Verify(t.Context())
			if err != nil || len(found) != 1 || found[0].Bucket != c.bucket || found[0].What != c.what || found[0].String() == "" {
				t.Errorf("found %v, %v", found, err)
			}
			if left, err := filepath.Glob(filepath.Join(h.dir, "verify-*")); err != nil || len(left) > 0 {
				t.Errorf("%v is left over, %v", left, err)
			}
		})
	}
}
