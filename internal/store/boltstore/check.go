package boltstore

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"time"

	"go.etcd.io/bbolt"

	"github.com/amends-care/amends/internal/store"
)

// checkFindings is after how many findings a check has seen enough.
const checkFindings = 20

// Check looks a whole file over that nobody has open: that its pages form
// sound trees, and all that Store.Check does. It returns nil or all that it
// found, up to twenty findings. It writes nothing, and needs memory for a note
// on each page.
func Check(ctx context.Context, path string) error {
	if err := check(ctx, path); err != nil {
		return fmt.Errorf("check %s: %w", path, err)
	}
	return nil
}

func check(ctx context.Context, path string) (err error) {
	if _, err := os.Stat(path); err != nil {
		return err
	}
	l, err := acquire(path, time.Second)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.release()) }()
	db, err := openBolt(path, Options{Timeout: time.Second}, true)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return db.View(func(tx *bbolt.Tx) error {
		c := checker{tx: tx, off: ctx.Err}
		if err := checkFormat(tx); err != nil {
			return err
		}
		if err := c.pages(); err != nil || len(c.found) > 0 { // a broken tree can't be walked
			return errors.Join(err, errors.Join(c.found...))
		}
		return c.content()
	})
}

// Check looks over what a store in use holds: that the log has no gap, that
// links, ends and marks agree with it, and that nothing is newer than the last
// commit. It returns nil or all that it found, up to twenty findings. It is
// one long read, so the file of a busy store grows while it runs.
func (s *Store) Check(ctx context.Context) error {
	return s.view(ctx, func(tx *bbolt.Tx) error {
		c := checker{tx: tx, off: func() error { return s.off(ctx) }}
		return c.content()
	})
}

type checker struct {
	tx    *bbolt.Tx
	off   func() error // why not to go on
	found []error

	records, marked uint64
}

func (c *checker) add(format string, args ...any) {
	if len(c.found) < checkFindings {
		c.found = append(c.found, fmt.Errorf("%w: %w", errDamaged, fmt.Errorf(format, args...)))
	}
}

// errEnough ends a walk that would only find more of the same.
var errEnough = errors.New("there may be more")

// next says whether to go on.
func (c *checker) next() error {
	if len(c.found) >= checkFindings {
		return errEnough
	}
	return c.off()
}

func (c *checker) content() error {
	for _, part := range []func() error{c.log, c.ends, c.marks, c.docs, c.ops} {
		if err := part(); err != nil {
			return errors.Join(errors.Join(c.found...), err)
		}
	}
	return errors.Join(c.found...)
}

// pages has bbolt check its own structure.
func (c *checker) pages() error {
	errs := c.tx.Check(bbolt.WithKVStringer(hidden{}))
	for err := range errs { // to the end, or its goroutine would stay
		c.add("%w", err)
	}
	return c.off()
}

// hidden is how keys and values are shown in findings: not at all, for they may
// name people.
type hidden struct{}

func (hidden) KeyToString(k []byte) string   { return fmt.Sprintf("of %d bytes", len(k)) }
func (hidden) ValueToString(v []byte) string { return fmt.Sprintf("of %d bytes", len(v)) }

// log walks the log. That the record before is of the same stream, and that
// each stream has as many records as its end says, together mean that the
// links are right.
func (c *checker) log() error {
	log := c.tx.Bucket(bucketLog)
	return log.ForEach(func(k, v []byte) error {
		c.records++
		if len(k) != 8 || seqOf(k) != store.Seq(c.records) {
			c.add("record %d is missing", c.records)
			return c.next()
		}
		prev, stream, _, err := recordValue(seqOf(k), v)
		if err != nil {
			c.add("%w", err)
			return c.next()
		}
		if prev > 0 {
			if _, before, _, err := recordAt(log, prev); err != nil || string(before) != string(stream) {
				c.add("record %d follows %d, which is another stream's", c.records, prev)
			}
		}
		return c.next()
	})
}

func (c *checker) ends() error {
	log, ends := c.tx.Bucket(bucketLog), c.tx.Bucket(bucketEnds)
	var records uint64
	err := ends.ForEachBucket(func(family []byte) error {
		return ends.Bucket(family).ForEach(func(k, v []byte) error {
			name := join(family, k)
			e, err := endValue(v)
			if err != nil {
				c.add("%w", err)
				return c.next()
			}
			records += e.count
			c.marked += e.count / markEvery
			if _, stream, _, err := recordAt(log, e.last); err != nil || string(stream) != name {
				c.add("a stream ends at record %d, which is not its own", e.last)
			}
			return c.next()
		})
	})
	if err == nil && records != c.records {
		c.add("the streams have %d records together, the log %d", records, c.records)
	}
	return err
}

func (c *checker) marks() error {
	log := c.tx.Bucket(bucketLog)
	var marks uint64
	err := c.tx.Bucket(bucketMarks).ForEach(func(k, _ []byte) error {
		marks++
		if len(k) < 10 || len(k) != 10+int(binary.BigEndian.Uint16(k)) {
			c.add("a mark of %d bytes", len(k))
			return c.next()
		}
		seq := seqOf(k[len(k)-8:])
		if _, stream, _, err := recordAt(log, seq); err != nil || string(stream) != string(k[2:len(k)-8]) {
			c.add("a mark at record %d, which is another stream's", seq)
		}
		return c.next()
	})
	if err == nil && marks != c.marked {
		c.add("there are %d marks instead of %d", marks, c.marked)
	}
	return err
}

func (c *checker) docs() error {
	_, last := position(c.tx)
	docs := c.tx.Bucket(bucketDocs)
	return docs.ForEachBucket(func(family []byte) error {
		return docs.Bucket(family).ForEach(func(_, v []byte) error {
			rev, _, err := docValue(v)
			if err != nil {
				c.add("%w", err)
			} else if rev == 0 || rev > last {
				c.add("a document of %q has revision %d, the last commit was %d", family, rev, last)
			}
			return c.next()
		})
	})
}

func (c *checker) ops() error {
	last, _ := position(c.tx)
	ops := c.tx.Bucket(bucketOps)
	return ops.ForEachBucket(func(day []byte) error {
		if len(day) != 8 {
			c.add("ops under a day of %d bytes", len(day))
			return c.next()
		}
		return ops.Bucket(day).ForEach(func(_, v []byte) error {
			if len(v) != 8 || seqOf(v) > last {
				c.add("an op that was answered with what isn't there")
			}
			return c.next()
		})
	})
}
