// Package view keeps what screens read: lists of cases in their order, counts,
// deadlines that are to come, the health of sources. It is the only reader for
// screens and reports.
//
// It owns one local bbolt file, which is a function of the log up to a
// position: it can be deleted at any time and is rebuilt. Nothing personal is
// in it; texts and names are read from the documents when they are shown. It
// writes nothing to the store.
package view

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	bolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/store"
)

// version of the file's content: change it whenever the same log would give
// other bytes, and every node rebuilds.
const version = 10

var (
	bucketMeta   = []byte("meta")
	bucketCase   = []byte("case")   // case id → care.Row
	bucketNumber = []byte("number") // number → case id
	bucketList   = []byte("list")   // see lists.go
	bucketCount  = []byte("count")  // name of a list → how many are in it
	bucketPage   = []byte("page")   // first mention id of a page → last
	bucketSource = []byte("source") // name → Source
	bucketAgent  = []byte("agent")  // name → Agent
	bucketIssue  = []byte("issue")  // issue id → IssueRow
	bucketLinked = []byte("linked") // case id, issue id → nothing
	bucketHour   = []byte("hour")   // series, NUL, hour → how many

	keyVersion  = []byte("version")
	keyPosition = []byte("position")
	keyLast     = []byte("last")      // digest of the record at position: whose log it is
	keyHour     = []byte("hour")      // the latest hour that was counted
	keyOpenedBy = []byte("opened-by") // boot of the machine that writes; empty: closed cleanly
)

// Options of a View. The zero value will do.
type Options struct {
	Log     *slog.Logger
	Applied func([]Applied) // told after every group of records, in order; must not block
	Cache   int             // cases kept folded in memory; 0: 20,000
}

// Applied says what one record of a case changed, for live updates.
type Applied struct {
	Seq   store.Seq
	By    care.Actor
	Kinds []care.Kind
	Row   care.Row // after the record
	Was   care.Row // before it; no ID: the case is new
}

// A View follows one store.
type View struct {
	db    *bolt.DB
	st    store.Store
	o     Options
	cases *lru.Cache[care.CaseID, *care.Case]

	issues *lru.Cache[care.IssueID, *care.Issue]

	turn sync.Mutex // held while records are applied, or the file is compared
	at   store.Place
}

// Open opens the view's file at path, or starts a new one where there is none,
// where it is of another version or of another log, or where the machine went
// down while it was written. Follow it with Run.
func Open(path string, st store.Store, o Options) (*View, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Cache == 0 {
		o.Cache = 20_000
	}
	db, err := openFile(path)
	if err != nil {
		return nil, fmt.Errorf("open view: %w", err)
	}
	old, err := stale(db), error(nil)
	if !old {
		old, err = foreign(db, st)
	}
	switch {
	case err != nil:
		return nil, errors.Join(fmt.Errorf("open view: %w", err), db.Close())
	case old:
		o.Log.Info("view is rebuilt from the log")
		if err = errors.Join(db.Close(), os.Remove(path)); err == nil {
			db, err = openFile(path)
		}
		if err != nil {
			return nil, fmt.Errorf("open view: %w", err)
		}
	}
	cases, err := lru.New[care.CaseID, *care.Case](o.Cache)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open view: %w", err), db.Close())
	}
	issues, err := lru.New[care.IssueID, *care.Issue](64)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open view: %w", err), db.Close())
	}
	v := &View{db: db, st: st, o: o, cases: cases, issues: issues}
	err = db.Update(func(tx *bolt.Tx) error {
		for _, b := range [][]byte{bucketMeta, bucketCase, bucketNumber, bucketList, bucketCount, bucketPage, bucketSource, bucketAgent, bucketIssue, bucketLinked, bucketHour} {
			if _, err := tx.CreateBucketIfNotExists(b); err != nil {
				return err
			}
		}
		meta := tx.Bucket(bucketMeta)
		v.at.Reach(store.Seq(number(meta.Get(keyPosition))))
		return errors.Join(meta.Put(keyVersion, numberKey(version)), meta.Put(keyOpenedBy, boot()))
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open view: %w", err), db.Close())
	}
	return v, nil
}

func openFile(path string) (*bolt.DB, error) {
	db, err := bolt.Open(path, 0o600, &bolt.Options{
		Timeout: time.Second, NoSync: true, FreelistType: bolt.FreelistMapType, InitialMmapSize: initialMap,
	})
	if errors.Is(err, berrors.ErrInvalid) || errors.Is(err, berrors.ErrChecksum) || errors.Is(err, berrors.ErrVersionMismatch) {
		if err := os.Remove(path); err != nil {
			return nil, err
		}
		return openFile(path)
	}
	return db, err
}

// stale says that the file can't be trusted or is of another version.
func stale(db *bolt.DB) bool {
	old := false
	_ = db.View(func(tx *bolt.Tx) error {
		meta := tx.Bucket(bucketMeta)
		if meta == nil {
			return nil // new
		}
		opener := meta.Get(keyOpenedBy)
		old = number(meta.Get(keyVersion)) != version || len(opener) > 0 && !bytes.Equal(opener, boot())
		return nil
	})
	return old
}

// foreign says that the file was made from another log than the store's: the
// store was restored from a backup, for one.
func foreign(db *bolt.DB, st store.Store) (bool, error) {
	var at store.Seq
	var digest []byte
	err := db.View(func(tx *bolt.Tx) error {
		if meta := tx.Bucket(bucketMeta); meta != nil {
			at, digest = store.Seq(number(meta.Get(keyPosition))), bytes.Clone(meta.Get(keyLast))
		}
		return nil
	})
	if err != nil || at == 0 {
		return false, err
	}
	same, err := store.Holds(context.Background(), st, at, digest)
	return err == nil && !same, err
}

// boot names the present run of the machine. The file is not synced, so what a
// run left unclosed is good as long as the machine has not gone down since.
func boot() []byte {
	id, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return []byte("unknown")
	}
	return bytes.TrimSpace(id)
}

// Close makes the file durable and closes it. Run must have returned.
func (v *View) Close() error {
	return errors.Join(
		v.db.Update(func(tx *bolt.Tx) error { return tx.Bucket(bucketMeta).Delete(keyOpenedBy) }),
		v.db.Sync(),
		v.db.Close(),
	)
}

// Position is the last record that the view shows.
func (v *View) Position() store.Seq { return v.at.Position() }

// Wait returns once the view shows a record, or with the error of ctx or of
// what ended the view.
func (v *View) Wait(ctx context.Context, seq store.Seq) error { return v.at.Wait(ctx, seq) }

// WaitForAll is Wait for all that is in the log now.
func (v *View) WaitForAll(ctx context.Context) error {
	last, err := store.Last(ctx, v.st)
	if err != nil {
		return fmt.Errorf("wait for view: %w", err)
	}
	return v.Wait(ctx, last)
}

// group is how many records are applied in one transaction at most.
const group = 2000

// Run follows the log until ctx ends.
func (v *View) Run(ctx context.Context) error {
	err := v.follow(ctx, func(store.Seq) bool { return false })
	v.at.End(err)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// CatchUp applies all that is in the log now. It must not run beside Run.
func (v *View) CatchUp(ctx context.Context) error {
	last, err := store.Last(ctx, v.st)
	if err != nil {
		return fmt.Errorf("catch up: %w", err)
	}
	if v.Position() >= last {
		return nil
	}
	return v.follow(ctx, func(pos store.Seq) bool { return pos >= last })
}

// follow applies records in groups until enough says so.
func (v *View) follow(ctx context.Context, enough func(store.Seq) bool) error {
	for batch, err := range store.Groups(ctx, v.st, v.Position(), group) {
		if err != nil {
			return err
		}
		if err := v.apply(ctx, batch); err != nil {
			return fmt.Errorf("view: apply after %d: %w", v.Position(), err)
		}
		if enough(v.Position()) {
			return nil
		}
	}
	return nil
}

func numberKey(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

func number(b []byte) uint64 {
	if len(b) != 8 {
		return 0
	}
	return binary.BigEndian.Uint64(b)
}
