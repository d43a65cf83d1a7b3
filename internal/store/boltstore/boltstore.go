// Package boltstore is the embedded store: one file of go.etcd.io/bbolt, held
// by one process.
//
// One goroutine, the committer, does all the writing. It takes every batch
// that waits, checks each against what the ones before it wrote, leaves out
// those that conflict, syncs once and answers all; nobody waits for a group to
// fill. Readers take short transactions, chunk by chunk, so that pages freed by
// writers can be used again. The one long read is a snapshot.
//
// A write whose outcome can't be known, such as a failed fsync, turns the
// store read-only until it is opened again; a full disk doesn't, for it is
// known that nothing was written.
//
// The package owns the file, the lock file beside it (the file's name and
// ".lock", which says who holds it) and, while it creates, restores or
// compacts, a temporary one (".new"). It knows nothing of what it keeps.
package boltstore

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"math/bits"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"github.com/amends-care/amends/internal/store"
)

// Options of a store. The zero value is what a server wants.
type Options struct {
	// Timeout is how long Open waits for another process to let go of the
	// file; 0 is a second.
	Timeout time.Duration
	// Now is the clock by which ops are forgotten; nil is time.Now.
	Now func() time.Time
	// Unsynced leaves out every sync: a power cut may then lose or damage all that
	// was written. For a file that can be made again.
	Unsynced bool

	commit func(*bbolt.Tx) error                            // in place of Tx.Commit
	file   func(string, int, fs.FileMode) (*os.File, error) // in place of os.OpenFile
}

func (o Options) withDefaults() Options {
	if o.Timeout == 0 {
		o.Timeout = time.Second
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.commit == nil {
		o.commit = (*bbolt.Tx).Commit
	}
	return o
}

// A Store is an open file. See store.Store for its methods' promises.
type Store struct {
	db       *bbolt.DB
	path     string
	pageSize int
	lock     *lock
	opts     Options

	queue   chan *request
	closing chan struct{} // closed first of all by Close
	done    chan struct{} // closed when the committer has ended
	close   sync.Once
	closed  error // what Close returns, once done

	arrivals map[string]*arrival // of the committer alone
	head     head
	readOnly atomic.Pointer[error]
	counts   counts
}

var _ store.Store = (*Store)(nil)

// Open opens the store in the file at path, and creates it if it isn't there.
// It fails with an error that wraps store.ErrHeld and names the process when
// another one has the file, and with store.ErrNewer when the file's format is
// newer than this program.
func Open(path string, o Options) (*Store, error) {
	o = o.withDefaults()
	l, err := acquire(path, o.Timeout)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	s, err := openFile(path, o)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), l.release())
	}
	s.lock = l
	go s.run()
	return s, nil
}

func openFile(path string, o Options) (*Store, error) {
	if err := remove(temporary(path)); err != nil {
		return nil, err // left by a crash, and may hold what was to be erased
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		if err := create(path); err != nil {
			return nil, err
		}
	} else if err != nil {
		return nil, err
	}
	db, err := openBolt(path, o, false)
	if err != nil {
		return nil, err
	}
	s := &Store{
		db:       db,
		path:     path,
		pageSize: db.Info().PageSize,
		opts:     o,
		queue:    make(chan *request, queueLength),
		closing:  make(chan struct{}),
		done:     make(chan struct{}),
		arrivals: make(map[string]*arrival),
	}
	err = guard(func() error {
		return db.View(func(tx *bbolt.Tx) error {
			if err := checkFormat(tx); err != nil {
				return err
			}
			seq, rev := position(tx)
			s.head.init(seq)
			s.counts.rev.Store(rev)
			return nil
		})
	})
	if err == nil && !o.Unsynced {
		err = settle(path, s.pageSize)
	}
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return s, nil
}

// guard runs what reads pages. In a damaged file bbolt may panic, or be led to
// where there is no file; here that is an error like any other.
func guard(read func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v", errDamaged, p)
		}
	}()
	return read()
}

// openBolt opens the file for writing, or only for reading.
func openBolt(path string, o Options, readOnly bool) (db *bbolt.DB, err error) {
	openFile := o.file
	if openFile == nil {
		openFile = os.OpenFile
	}
	var f *os.File
	opts := &bbolt.Options{
		Timeout:         o.Timeout,
		FreelistType:    bbolt.FreelistMapType,
		InitialMmapSize: mapSize(),
		NoSync:          o.Unsynced,
		NoGrowSync:      o.Unsynced,
		ReadOnly:        readOnly,
		OpenFile: func(path string, flag int, mode fs.FileMode) (_ *os.File, err error) {
			f, err = openFile(path, flag, mode)
			return f, err
		},
	}
	err = guard(func() (err error) {
		db, err = bbolt.Open(path, 0o600, opts)
		return err
	})
	switch {
	case errors.Is(err, berrors.ErrTimeout):
		return nil, fmt.Errorf("%w: another program has it open", store.ErrHeld)
	case errors.Is(err, errDamaged):
		return nil, errors.Join(err, f.Close())
	case err != nil:
		return nil, err
	}
	// Later nobody would catch a read beyond the end of a file that was cut off.
	err = db.View(func(tx *bbolt.Tx) error {
		have, err := size(path)
		if err == nil && have < tx.Size() {
			err = fmt.Errorf("%w: the file has %d bytes of %d", errDamaged, have, tx.Size())
		}
		return err
	})
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// mapSize is the address space that is set aside for the file. Growing out of
// it stops all writers until the longest reader has ended. It is only address
// space, except on Windows, where the file itself would grow to it.
func mapSize() int {
	if bits.UintSize < 64 || runtime.GOOS == "windows" {
		return 0
	}
	size := int64(64) << 30
	return int(min(size, math.MaxInt))
}

// temporary is the file in which a new store is made before it takes its name.
func temporary(path string) string { return path + ".new" }

// create makes an empty store. It takes its name only when it is durable, so
// that a crash leaves either none or a whole one.
func create(path string) error {
	tmp := temporary(path)
	db, err := bbolt.Open(tmp, 0o600, &bbolt.Options{FreelistType: bbolt.FreelistMapType})
	if err != nil {
		return err
	}
	if err := errors.Join(db.Update(initialise), db.Close()); err != nil {
		return errors.Join(err, remove(tmp))
	}
	return rename(tmp, path)
}

// remove removes a file that may not be there.
func remove(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// rename gives a synced file its name, durably.
func rename(from, to string) error {
	if err := os.Rename(from, to); err != nil {
		return err
	}
	if runtime.GOOS == "windows" { // has no handle on a directory to sync
		return nil
	}
	dir, err := os.Open(filepath.Dir(to))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// settle makes durable what the file says now. After a failed fsync the system
// may show a page as written that never reached the disk, and a second fsync
// doesn't try it again. If such a page says where the newest state is, writing
// on would overwrite the pages of the state that the disk still has. So both of
// the pages that may say so, the first two, are written again as they are.
func settle(path string, pageSize int) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	pages := make([]byte, 2*pageSize)
	_, err = f.ReadAt(pages, 0)
	if err == nil {
		_, err = f.WriteAt(pages, 0)
	}
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// ReadOnly returns nil while the store can be written, and otherwise the write
// error that made it read-only.
func (s *Store) ReadOnly() error {
	if err := s.readOnly.Load(); err != nil {
		return *err
	}
	return nil
}

// Close implements store.Store.
func (s *Store) Close() error {
	s.close.Do(func() {
		close(s.closing)
		<-s.done
		// Waits for the readers, who see that the store is closing.
		s.closed = errors.Join(s.db.Close(), s.lock.release())
	})
	return s.closed
}

// isClosing says whether Close was called.
func (s *Store) isClosing() bool {
	select {
	case <-s.closing:
		return true
	default:
		return false
	}
}

// off says why a read must not go on: its context has ended, or Close was called.
func (s *Store) off(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if s.isClosing() {
		return store.ErrClosed
	}
	return nil
}

// view runs one short read.
func (s *Store) view(ctx context.Context, read func(*bbolt.Tx) error) error {
	if err := s.off(ctx); err != nil {
		return err
	}
	err := guard(func() error { return s.db.View(read) })
	if errors.Is(err, berrors.ErrDatabaseNotOpen) {
		return store.ErrClosed
	}
	return err
}
