package boltstore

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"go.etcd.io/bbolt"

	"github.com/amends-care/amends/internal/store"
)

// Snapshot implements store.Store. It is one transaction from beginning to
// end, for a cursor that were newer than its log would lose mentions when it
// is restored. Pages freed meanwhile can't be used again before it ends, so a
// slow writer makes the file grow: see Stats.
func (s *Store) Snapshot(ctx context.Context, w io.Writer) (store.Seq, error) {
	var at store.Position
	err := s.view(ctx, func(tx *bbolt.Tx) error {
		at.Seq, at.Rev = position(tx)
		at.At = s.opts.Now()
		to, err := store.NewSnapshotWriter(w, at)
		if err != nil {
			return err
		}
		c := copier{ctx: ctx, store: s, to: to}
		for _, part := range []func(*bbolt.Tx) error{c.docs, c.records, c.ops} {
			if err := part(tx); err != nil {
				return err
			}
		}
		return to.Close()
	})
	if err != nil {
		return 0, fmt.Errorf("snapshot: %w", err)
	}
	return at.Seq, nil
}

// A copier writes what a transaction sees, as long as nobody calls it off.
type copier struct {
	ctx   context.Context
	store *Store
	to    *store.SnapshotWriter
}

func (c *copier) off() error { return c.store.off(c.ctx) }

func (c *copier) docs(tx *bbolt.Tx) error {
	for d, err := range mergedDocs(tx, "", "") {
		if err == nil {
			err = c.off()
		}
		if err == nil {
			err = c.to.Doc(d)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *copier) records(tx *bbolt.Tx) error {
	return tx.Bucket(bucketLog).ForEach(func(k, v []byte) error {
		if err := c.off(); err != nil {
			return err
		}
		prev, stream, data, err := recordValue(seqOf(k), v)
		if err != nil {
			return err
		}
		return c.to.Record(store.Record{Seq: seqOf(k), Prev: prev, Stream: string(stream), Data: data})
	})
}

func (c *copier) ops(tx *bbolt.Tx) error {
	ops := tx.Bucket(bucketOps)
	return ops.ForEachBucket(func(day []byte) error {
		at := time.Unix(int64(binary.BigEndian.Uint64(day))*24*60*60, 0)
		return ops.Bucket(day).ForEach(func(k, v []byte) error {
			if err := c.off(); err != nil {
				return err
			}
			return c.to.Op(store.Op{Name: string(k), Seq: seqOf(v), At: at})
		})
	})
}

// Restore makes a store at path from a snapshot, and returns the position it
// stands at. The path must be free. Nothing appears there before the whole
// snapshot was read and found unaltered; a snapshot of a newer program is
// refused with store.ErrNewer before anything is read.
func Restore(path string, r io.Reader) (store.Position, error) {
	at, err := restore(path, r)
	if err != nil {
		return store.Position{}, fmt.Errorf("restore to %s: %w", path, err)
	}
	return at, nil
}

func restore(path string, r io.Reader) (at store.Position, err error) {
	l, err := acquire(path, 0)
	if err != nil {
		return at, err
	}
	defer func() { err = errors.Join(err, l.release()) }()
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return at, errors.Join(errors.New("there is a store already"), err)
	}
	tmp := temporary(path)
	if err := remove(tmp); err != nil {
		return at, err
	}
	at, err = restoreTo(tmp, r)
	if err != nil {
		return at, errors.Join(err, remove(tmp))
	}
	return at, rename(tmp, path)
}

func restoreTo(tmp string, r io.Reader) (at store.Position, err error) {
	db, err := bbolt.Open(tmp, 0o600, &bbolt.Options{
		FreelistType:    bbolt.FreelistMapType,
		InitialMmapSize: mapSize(),
		NoSync:          true, // synced once, at the end
	})
	if err != nil {
		return at, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := db.Update(initialise); err != nil {
		return at, err
	}
	to := &restorer{db: db}
	at, err = store.ReadSnapshot(r, to)
	if err == nil {
		err = to.flush(at.Rev)
	} else if to.tx != nil {
		err = errors.Join(err, to.tx.Rollback())
	}
	if err != nil {
		return at, err
	}
	return at, db.Sync()
}

// A restorer writes what it is given, in transactions of bounded size.
type restorer struct {
	db   *bbolt.DB
	tx   *bbolt.Tx
	g    *group
	size int
	seq  store.Seq
}

// room makes sure that there is a transaction, and not too large a one.
func (r *restorer) room(size int) error {
	if r.size += size + 64; r.tx != nil && r.size > groupSize {
		if err := r.flush(0); err != nil {
			return err
		}
	}
	if r.tx == nil {
		tx, err := r.db.Begin(true)
		if err != nil {
			return err
		}
		r.tx, r.g, r.size = tx, newGroup(tx, r.seq, 0, 0, nil), size
	}
	return nil
}

// flush commits what was given so far, and the number of the last commit.
func (r *restorer) flush(rev uint64) error {
	if r.tx == nil {
		tx, err := r.db.Begin(true)
		if err != nil {
			return err
		}
		r.tx, r.g = tx, newGroup(tx, r.seq, 0, 0, nil)
	}
	r.g.rev, r.seq = rev, r.g.seq
	tx := r.tx
	err := r.g.finish()
	r.tx, r.g = nil, nil
	if err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

func (r *restorer) Doc(d store.Doc) error {
	if err := r.room(len(d.Key) + len(d.Data)); err != nil {
		return err
	}
	p := prepare(store.Batch{Puts: []store.Put{{Key: d.Key, Data: d.Data}}})
	r.g.rev = d.Rev
	return r.g.writeDocs(p)
}

func (r *restorer) Record(rec store.Record) error {
	if err := r.room(len(rec.Stream) + len(rec.Data)); err != nil {
		return err
	}
	p := prepare(store.Batch{Appends: []store.Append{{Stream: rec.Stream, After: rec.Prev, Data: rec.Data}}})
	if err := r.g.expect(p); err != nil {
		return fmt.Errorf("%w: record %d: %w", store.ErrSnapshot, rec.Seq, err)
	}
	return r.g.writeRecords(p.appends)
}

func (r *restorer) Op(o store.Op) error {
	if err := r.room(len(o.Name)); err != nil {
		return err
	}
	b, err := r.tx.Bucket(bucketOps).CreateBucketIfNotExists(dayKey(dayOf(o.At)))
	if err != nil {
		return err
	}
	return b.Put([]byte(o.Name), seqKey(o.Seq))
}
