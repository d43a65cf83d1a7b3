package boltstore

import (
	"errors"
	"io/fs"
	"os"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/amends-care/amends/internal/store"
)

// mountSmall mounts a file system of a certain size, in memory.
func mountSmall(dir, size string) error {
	return unix.Mount("tmpfs", dir, "tmpfs", 0, "size="+size)
}

// unmount works even when a test that failed has left a file open.
func unmount(dir string) error { return unix.Unmount(dir, unix.MNT_DETACH) }

// swapped opens a store and puts another file in the place of its own, behind
// its back. The store has free pages, so that it doesn't look how long its file
// is before it writes.
func swapped(t *testing.T, path, other string, flag int) *Store {
	t.Helper()
	var f *os.File
	s := open(t, path, Options{file: func(name string, flag int, mode fs.FileMode) (_ *os.File, err error) {
		f, err = os.OpenFile(name, flag, mode)
		return f, err
	}})
	must(t, s, store.Batch{Puts: []store.Put{{Key: "d", Data: make([]byte, 100_000)}}})
	must(t, s, store.Batch{Erases: []string{"d"}})
	for range 4 {
		must(t, s, record("a"))
	}
	o, err := os.OpenFile(other, flag, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(unix.Dup3(int(o.Fd()), int(f.Fd()), unix.O_CLOEXEC), o.Close()); err != nil {
		t.Fatal(err)
	}
	return s
}

// The real thing: the system's own fsync fails, or its write. The store's file
// becomes one that takes every write and can't be synced, or one that can't be
// written.
func TestRealFailure(t *testing.T) {
	for _, c := range []struct {
		what, other string // "" is the store's own file
		flag        int
		cause       error
	}{
		{"sync", os.DevNull, os.O_RDWR, unix.EINVAL},
		{"write", "", os.O_RDONLY, unix.EBADF},
	} {
		t.Run(c.what, func(t *testing.T) {
			noLeaks(t)
			path := file(t.TempDir())
			if c.other == "" {
				if err := open(t, path, Options{}).Close(); err != nil {
					t.Fatal(err)
				}
				c.other = path
			}
			s := swapped(t, path, c.other, c.flag)
			if _, err := s.Commit(t.Context(), record("a")); !errors.Is(err, store.ErrReadOnly) || !errors.Is(err, c.cause) {
				t.Errorf("commit says %v", err)
			}
			mustBeReadOnly(t, s, c.cause)
			_ = s.Close() // it may not be able to unlock what is no file any more
			s = open(t, path, Options{})
			if got := must(t, s, record("a")); got != 5 {
				t.Errorf("record %d, want 5", got)
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
