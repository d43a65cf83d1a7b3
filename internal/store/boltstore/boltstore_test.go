package boltstore

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/amends-care/amends/internal/store"
	"github.com/amends-care/amends/internal/store/storetest"
)

func TestStore(t *testing.T) {
	file := func(dir string) string { return filepath.Join(dir, "log.db") }
	storetest.Run(t, storetest.Engine{
		Open: func(t testing.TB, dir string) store.Store {
			t.Helper()
			return open(t, file(dir), Options{})
		},
		Restore: func(dir string, r io.Reader) (store.Position, error) {
			return Restore(file(dir), r)
		},
		Bubble: true,
	})
}

// open opens a store or fails the test.
func open(t testing.TB, path string, o Options) *Store {
	t.Helper()
	s, err := Open(path, o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

var _ = bytes.Equal
var _ = os.Open
