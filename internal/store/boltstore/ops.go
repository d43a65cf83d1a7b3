package boltstore

import (
	"encoding/binary"
	"fmt"
	"time"

	"go.etcd.io/bbolt"

	"github.com/amends-care/amends/internal/store"
)

// Ops are kept by day, and forgotten two for each that is remembered, from the
// oldest day past its time. Deleting in bulk would make later commits write a
// long list of free pages.

const forgetEach = 2

// opDays is how many days an op stays: OpMemory and the rest of its first day.
const opDays = int64(store.OpMemory/(24*time.Hour)) + 1

func dayOf(t time.Time) int64 { return t.Unix() / (24 * 60 * 60) }

// recall returns what an op was answered when it was first committed.
func (g *group) recall(op string) (store.Seq, bool, error) {
	c := g.tx.Bucket(bucketOps).Cursor()
	for day, v := c.Last(); day != nil; day, v = c.Prev() {
		if v != nil {
			return 0, false, fmt.Errorf("%w: an op outside its day", errDamaged)
		}
		got := c.Bucket().Bucket(day).Get([]byte(op))
		switch {
		case got == nil:
			continue
		case len(got) != 8:
			return 0, false, fmt.Errorf("%w: an op of %d bytes", errDamaged, len(got))
		}
		return seqOf(got), true, nil
	}
	return 0, false, nil
}

// remember keeps the op with the sequence now answered.
func (g *group) remember(op string) error {
	ops := g.tx.Bucket(bucketOps)
	b, err := ops.CreateBucketIfNotExists(dayKey(g.today))
	if err != nil {
		return err
	}
	if err := b.Put([]byte(op), seqKey(g.seq)); err != nil {
		return err
	}
	day, _ := ops.Cursor().First()
	if len(day) != 8 || int64(binary.BigEndian.Uint64(day)) >= g.today-opDays {
		return nil
	}
	return forget(ops, day)
}

// forget deletes the first ops of a day, and the day once it is empty.
func forget(ops *bbolt.Bucket, day []byte) error {
	b := ops.Bucket(day)
	for range forgetEach {
		op, _ := b.Cursor().First()
		if op == nil {
			return ops.DeleteBucket(append([]byte(nil), day...))
		}
		if err := b.Delete(append([]byte(nil), op...)); err != nil {
			return err
		}
	}
	return nil
}
