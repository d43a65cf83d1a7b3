package boltstore

import (
	"bytes"
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
	l, err := acquire(path, 0)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.release()) }()
	db, err := openBolt(path, Options{Timeout: time.Second}, true)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return guard(func() error {
		return db.View(func(tx *bbolt.Tx) error {
			c := checker{tx: tx, off: ctx.Err}
			if err := checkFormat(tx); err != nil {
				return err
			}
			// First what is caught if it leads astray.
			if err := c.content(); err != nil {
				return err
			}
			return c.pages()
		})
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

	records, firsts, marked uint64 // of the log; marks that there should be
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

// each walks a bucket, and stops when there is enough.
func (c *checker) each(b *bbolt.Bucket, look func(k, v []byte)) error {
	var before []byte
	return b.ForEach(func(k, v []byte) error {
		if before != nil && bytes.Compare(k, before) <= 0 { // so a circle has an end
			c.add("a key out of order")
		}
		before = k
		look(k, v)
		return c.next()
	})
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
	return errors.Join(append(c.found, c.off())...)
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
	return c.each(log, func(k, v []byte) {
		c.records++
		if len(k) != 8 || seqOf(k) != store.Seq(c.records) {
			c.add("record %d is missing", c.records)
			return
		}
		prev, stream, _, err := recordValue(seqOf(k), v)
		if err != nil {
			c.add("%w", err)
			return
		}
		if prev == 0 {
			c.firsts++
		} else if _, before, _, err := recordAt(log, prev); err != nil || string(before) != string(stream) {
			c.add("record %d follows %d, which is another stream's", c.records, prev)
		}
	})
}

func (c *checker) ends() error {
	log, ends := c.tx.Bucket(bucketLog), c.tx.Bucket(bucketEnds)
	var records, streams uint64
	err := ends.ForEachBucket(func(family []byte) error {
		return c.each(ends.Bucket(family), func(k, v []byte) {
			name := join(family, k)
			e, err := endValue(v)
			if err != nil {
				c.add("%w", err)
				return
			}
			streams++
			records += e.count
			c.marked += e.count / markEvery
			if _, stream, _, err := recordAt(log, e.last); err != nil || string(stream) != name {
				c.add("a stream ends at record %d, which is not its own", e.last)
			}
		})
	})
	if err == nil && (records != c.records || streams != c.firsts) {
		c.add("%d streams have %d records together, the log has %d of %d", streams, records, c.records, c.firsts)
	}
	return err
}

func (c *checker) marks() error {
	log := c.tx.Bucket(bucketLog)
	var marks uint64
	err := c.each(c.tx.Bucket(bucketMarks), func(k, _ []byte) {
		marks++
		if len(k) < 10 || len(k) != 10+int(binary.BigEndian.Uint16(k)) {
			c.add("a mark of %d bytes", len(k))
			return
		}
		seq := seqOf(k[len(k)-8:])
		if _, stream, _, err := recordAt(log, seq); err != nil || string(stream) != string(k[2:len(k)-8]) {
			c.add("a mark at record %d, which is another stream's", seq)
		}
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
		return c.each(docs.Bucket(family), func(_, v []byte) {
			rev, _, err := docValue(v)
			if err != nil {
				c.add("%w", err)
			} else if rev == 0 || rev > last {
				c.add("a document of %q has revision %d, the last commit was %d", family, rev, last)
			}
		})
	})
}

func (c *checker) ops() error {
	last, _ := position(c.tx)
	ops := c.tx.Bucket(bucketOps)
	return ops.ForEachBucket(func(day []byte) error {
		if len(day) != 8 {
			c.add("ops under a day of %d bytes", len(day))
		}
		return c.each(ops.Bucket(day), func(_, v []byte) {
			if len(v) != 8 || seqOf(v) > last {
				c.add("an op that was answered with what isn't there")
			}
		})
	})
}
