// Package app wires the parts of Amends together. It decides nothing: what it
// owns is the folder DIR (log.db, view.db, search/, key, amends.sock), the order in
// which things start and stop, and the list of networks.
package app

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/amends-care/amends/internal/auth"
	"github.com/amends-care/amends/internal/desk"
	"github.com/amends-care/amends/internal/setup"
	"github.com/amends-care/amends/internal/store"
	"github.com/amends-care/amends/internal/store/boltstore"
	"github.com/amends-care/amends/internal/view"
	"github.com/amends-care/amends/internal/view/search"
)

// The files of a folder.
const (
	logFile  = "log.db"
	viewFile = "view.db"
	searchIn = "search"
	keyFile  = "key"
	sockFile = "amends.sock"
)

// A Folder is DIR, opened by this process: nobody else has it.
type Folder struct {
	Dir    string
	Store  store.Store
	View   *view.View
	Search *search.Index
	Desk   *desk.Desk
	People *auth.People

	swap     *swap
	file     *boltstore.Store // the engine behind Store, for its figures
	unsynced bool             // see withoutSync
}

// FolderOptions say how to open a folder.
type FolderOptions struct {
	Now     func() time.Time // nil: time.Now
	Log     *slog.Logger
	Applied func([]view.Applied)
	Point   func(string)
}

// OpenFolder opens DIR, and makes it where it is not there. A folder that
// another process has open is an error that names the process.
func OpenFolder(dir string, o FolderOptions) (*Folder, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("data folder: %w", err)
	}
	f := &Folder{Dir: dir}
	var err error
	f.swap, err = newSwap(func() (store.Store, error) {
		st, err := boltstore.Open(filepath.Join(dir, logFile), boltstore.Options{Now: o.Now, Unsynced: f.unsynced})
		f.file = st
		return st, err
	})
	if err != nil {
		return nil, fmt.Errorf("data folder %s: %w", dir, err)
	}
	f.Store = f.swap
	if err := f.open(o); err != nil {
		return nil, errors.Join(fmt.Errorf("data folder %s: %w", dir, err), f.Close())
	}
	return f, nil
}

func (f *Folder) open(o FolderOptions) error {
	key, err := loadKey(filepath.Join(f.Dir, keyFile))
	if err != nil {
		return err
	}
	if f.View, err = view.Open(filepath.Join(f.Dir, viewFile), f.Store, view.Options{Log: o.Log, Applied: o.Applied}); err != nil {
		return err
	}
	if f.Search, err = search.Open(filepath.Join(f.Dir, searchIn), f.Store, o.Log); err != nil {
		return err
	}
	f.People = auth.New(f.Store, o.Now, auth.Options{})
	f.Desk, err = desk.New(f.Store, desk.Options{Key: key, Now: o.Now, Heads: f.View, Log: o.Log, Point: o.Point})
	return err
}

// Close closes the folder. Everything that uses it must have ended.
func (f *Folder) Close() error {
	var errs []error
	if f.Search != nil {
		errs = append(errs, f.Search.Close())
	}
	if f.View != nil {
		errs = append(errs, f.View.Close())
	}
	return errors.Join(append(errs, f.Store.Close())...)
}

// loadKey reads the key of the hashes, and makes one for a new folder. Without
// it nobody can tell whose an old hash is: so it is kept apart from backups.
func loadKey(path string) ([]byte, error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		key := make([]byte, 32)
		rand.Read(key) // never fails
		return key, setup.WriteWhole(path, []byte(hex.EncodeToString(key)+"\n"))
	}
	if err != nil {
		return nil, fmt.Errorf("key: %w", err)
	}
	key, err := hex.DecodeString(strings.TrimSpace(string(b)))
	if err != nil || len(key) != 32 {
		return nil, fmt.Errorf("key: %s does not hold 64 hexadecimal digits; put back the file that was kept apart from the backups", path)
	}
	return key, nil
}

// compact rewrites the log's file without the pages of what was erased. Others
// wait meanwhile.
func (f *Folder) compact(progress func(bytes int64)) (done boltstore.Compaction, err error) {
	err = f.swap.aside(func() (err error) {
		done, err = boltstore.Compact(filepath.Join(f.Dir, logFile), progress)
		return err
	})
	if err != nil {
		return done, fmt.Errorf("compact: %w", err)
	}
	return done, nil
}

// withoutSync lets do write without waiting for the disk, for what can be made
// again after a power cut. The first commit afterwards makes it all durable.
func (f *Folder) withoutSync(do func() error) error {
	set := func(on bool) error {
		return f.swap.aside(func() error {
			f.unsynced = on
			return nil
		})
	}
	if err := set(true); err != nil {
		return err
	}
	return errors.Join(do(), set(false))
}

func (f *Folder) keyPath() string { return filepath.Join(f.Dir, keyFile) }
