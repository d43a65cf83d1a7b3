package boltstore

import (
	"errors"
	"fmt"
	"os"
	"time"

	"go.etcd.io/bbolt"
)

// Compaction is what Compact did.
type Compaction struct{ Before, After int64 } // size of the file in bytes

// Compact writes the store at path anew, without the pages that nothing uses:
// afterwards no byte of what was erased or overwritten is in the file. Nobody
// may have the store open, and there must be room for a second file of that
// size at most. After a crash either the old file is there or the new one.
// progress, if not nil, is told now and then how many bytes were copied.
func Compact(path string, progress func(bytes int64)) (Compaction, error) {
	c, err := compact(path, progress)
	if err != nil {
		return c, fmt.Errorf("compact %s: %w", path, err)
	}
	return c, nil
}

func compact(path string, progress func(int64)) (done Compaction, err error) {
	if _, err := os.Stat(path); err != nil {
		return done, err
	}
	l, err := acquire(path, 0)
	if err != nil {
		return done, err
	}
	defer func() { err = errors.Join(err, l.release()) }()
	tmp := temporary(path)
	if err := remove(tmp); err != nil {
		return done, err
	}
	if done.Before, err = size(path); err != nil {
		return done, err
	}
	if err := copyTo(tmp, path, progress); err != nil {
		return done, errors.Join(err, remove(tmp))
	}
	if done.After, err = size(tmp); err != nil {
		return done, errors.Join(err, remove(tmp))
	}
	return done, rename(tmp, path)
}

func size(path string) (int64, error) {
	info, err := os.Stat(path)
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// copyTo makes a synced copy of all that the store holds.
func copyTo(tmp, path string, progress func(int64)) (err error) {
	src, err := openBolt(path, Options{Timeout: time.Second}, true)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, src.Close()) }()
	dst, err := bbolt.Open(tmp, 0o600, &bbolt.Options{
		FreelistType:    bbolt.FreelistMapType,
		InitialMmapSize: mapSize(),
		NoSync:          true, // synced once, at the end
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, dst.Close()) }()
	t := &transfer{dst: dst, progress: progress}
	err = guard(func() error {
		return src.View(func(from *bbolt.Tx) error {
			if err := checkFormat(from); err != nil {
				return err
			}
			return from.ForEach(func(name []byte, b *bbolt.Bucket) error {
				return t.bucket([][]byte{name}, b)
			})
		})
	})
	if err != nil {
		return errors.Join(err, t.abandon())
	}
	return errors.Join(t.commit(), dst.Sync())
}

// A transfer copies buckets, in transactions of bounded size.
type transfer struct {
	dst      *bbolt.DB
	tx       *bbolt.Tx
	size     int
	total    int64
	progress func(int64)
}

// bucket copies one bucket and those in it. Keys come in order, so pages are
// filled as those of ordered families are.
func (t *transfer) bucket(path [][]byte, from *bbolt.Bucket) error {
	to, err := t.open(path)
	if err != nil {
		return err
	}
	return from.ForEach(func(k, v []byte) error {
		if v == nil {
			if err := t.bucket(append(path[:len(path):len(path)], k), from.Bucket(k)); err != nil {
				return err
			}
			to, err = t.open(path)
			return err
		}
		if t.size += len(k) + len(v); t.size > groupSize {
			if err := t.commit(); err != nil {
				return err
			}
			if to, err = t.open(path); err != nil {
				return err
			}
		}
		return to.Put(k, v)
	})
}

// open finds or makes a bucket in the present transaction.
func (t *transfer) open(path [][]byte) (*bbolt.Bucket, error) {
	if t.tx == nil {
		tx, err := t.dst.Begin(true)
		if err != nil {
			return nil, err
		}
		t.tx, t.size = tx, 0
	}
	b, err := t.tx.CreateBucketIfNotExists(path[0])
	for _, name := range path[1:] {
		if err == nil {
			b, err = b.CreateBucketIfNotExists(name)
		}
	}
	if err == nil {
		b.FillPercent = orderedFill
	}
	return b, err
}

func (t *transfer) commit() error {
	t.total += int64(t.size)
	if t.progress != nil {
		t.progress(t.total)
	}
	tx := t.tx
	t.tx = nil
	return tx.Commit()
}

func (t *transfer) abandon() error {
	if t.tx == nil {
		return nil
	}
	return t.tx.Rollback()
}
