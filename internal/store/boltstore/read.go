package boltstore

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"strings"

	"go.etcd.io/bbolt"

	"github.com/amends-care/amends/internal/store"
)

// A chunk is what one short read brings: so many items, or so many bytes and
// one item more.
const (
	chunkItems = 256
	chunkBytes = 1 << 20
)

// Get implements store.Store.
func (s *Store) Get(ctx context.Context, keys ...string) ([]store.Doc, error) {
	docs := make([]store.Doc, len(keys))
	err := s.view(ctx, func(tx *bbolt.Tx) error {
		all := families{root: tx.Bucket(bucketDocs)}
		for i, key := range keys {
			docs[i].Key = key
			family, rest := split(key)
			v := all.get(family, []byte(rest))
			if v == nil {
				continue
			}
			rev, data, err := docValue(v)
			if err != nil {
				return fmt.Errorf("%q: %w", key, err)
			}
			docs[i].Rev, docs[i].Data = rev, append([]byte{}, data...)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return docs, nil
}

// List implements store.Store.
func (s *Store) List(ctx context.Context, prefix, after string) iter.Seq2[store.Doc, error] {
	return func(yield func(store.Doc, error) bool) {
		at := after
		chunked(ctx, s, yield, func(tx *bbolt.Tx) ([]store.Doc, bool, error) {
			docs, more, err := listChunk(tx, prefix, at)
			if len(docs) > 0 {
				at = docs[len(docs)-1].Key
			}
			return docs, more, err
		})
	}
}

// chunked yields what read brings, one short transaction after the other, as
// long as there is more. It says whether the loop wants to go on.
func chunked[T any](ctx context.Context, s *Store, yield func(T, error) bool, read func(*bbolt.Tx) ([]T, bool, error)) bool {
	for more := true; more; {
		var items []T
		err := s.view(ctx, func(tx *bbolt.Tx) (err error) {
			items, more, err = read(tx)
			return err
		})
		for i := 0; err == nil && i < len(items); i++ {
			if err = s.off(ctx); err == nil && !yield(items[i], nil) {
				return false
			}
		}
		if err != nil {
			var none T
			yield(none, err)
			return false
		}
	}
	return true
}

// listChunk reads the next documents.
func listChunk(tx *bbolt.Tx, prefix, after string) (docs []store.Doc, more bool, err error) {
	size := 0
	for d, err := range mergedDocs(tx, prefix, after) {
		if err != nil {
			return nil, false, err
		}
		if len(docs) == chunkItems || size >= chunkBytes {
			return docs, true, nil
		}
		d.Data = append([]byte{}, d.Data...)
		docs = append(docs, d)
		size += len(d.Key) + len(d.Data)
	}
	return docs, false, nil
}

// mergedDocs yields documents in key order, which is not that of the families'
// names, so the families are merged. The data is the transaction's.
func mergedDocs(tx *bbolt.Tx, prefix, after string) iter.Seq2[store.Doc, error] {
	return func(yield func(store.Doc, error) bool) {
		cursors := listCursors(tx.Bucket(bucketDocs), prefix, after)
		for {
			var first *listCursor
			for _, c := range cursors {
				if c.key != nil && (first == nil || c.name < first.name) {
					first = c
				}
			}
			if first == nil {
				return
			}
			rev, data, err := docValue(first.value)
			if err != nil {
				yield(store.Doc{}, fmt.Errorf("%q: %w", first.name, err))
				return
			}
			if !yield(store.Doc{Key: first.name, Rev: rev, Data: data}, nil) {
				return
			}
			first.set(first.Next())
		}
	}
}

// A listCursor stands at the next document of one family, or has no key.
type listCursor struct {
	*bbolt.Cursor
	family     []byte
	prefix     string
	name       string // whole key
	key, value []byte
}

func (c *listCursor) set(key, value []byte) {
	c.key, c.value = key, value
	if key == nil {
		return
	}
	if c.name = join(c.family, key); !strings.HasPrefix(c.name, c.prefix) {
		c.key = nil
	}
}

// listCursors returns a cursor for each family that may hold keys under prefix.
func listCursors(docs *bbolt.Bucket, prefix, after string) []*listCursor {
	var cursors []*listCursor
	add := func(family []byte) {
		c := &listCursor{Cursor: docs.Bucket(family).Cursor(), family: family, prefix: prefix}
		c.seek(max(prefix, after), after)
		if c.key != nil {
			cursors = append(cursors, c)
		}
	}
	if family, _ := split(prefix + "x"); family != plain {
		// All under the prefix are of one family, apart from a name that ends
		// where the family's own does.
		if docs.Bucket([]byte(family)) != nil {
			add([]byte(family))
		}
		if prefix == family && docs.Bucket([]byte(plain)) != nil {
			add([]byte(plain))
		}
		return cursors
	}
	names := docs.Cursor()
	for family, _ := names.First(); family != nil; family, _ = names.Next() {
		if string(family) == plain || bytes.HasPrefix(family, []byte(prefix)) {
			add(family)
		}
	}
	return cursors
}

// seek goes to the first name that is at least from and greater than after.
func (c *listCursor) seek(from, after string) {
	family := string(c.family)
	rest, inside := strings.CutPrefix(from, family)
	switch {
	case family == plain:
		c.set(c.Cursor.Seek([]byte(from)))
	case inside:
		c.set(c.Cursor.Seek([]byte(rest)))
	case from < family:
		c.set(c.First())
	default: // every name of the family is smaller
		return
	}
	if c.key != nil && c.name == after {
		c.set(c.Next())
	}
}

// Stream implements store.Store.
func (s *Store) Stream(ctx context.Context, name string, after store.Seq) iter.Seq2[store.Record, error] {
	return func(yield func(store.Record, error) bool) {
		at, to, started := after, store.Seq(0), false
		chunked(ctx, s, yield, func(tx *bbolt.Tx) ([]store.Record, bool, error) {
			if !started {
				family, rest := split(name)
				e, err := endValue((&families{root: tx.Bucket(bucketEnds)}).get(family, []byte(rest)))
				if err != nil {
					return nil, false, fmt.Errorf("stream %q: %w", name, err)
				}
				to, started = e.last, true
			}
			records, err := streamChunk(tx, name, at, to)
			if err != nil {
				return nil, false, fmt.Errorf("stream %q: %w", name, err)
			}
			if len(records) > 0 {
				at = records[len(records)-1].Seq
			}
			return records, at < to, nil
		})
	}
}

// streamChunk reads the records of a stream after one and up to another. The
// links lead backwards, so it walks from the next mark to where it begins.
func streamChunk(tx *bbolt.Tx, name string, after, to store.Seq) ([]store.Record, error) {
	if after >= to {
		return nil, nil
	}
	from := to
	if k, _ := tx.Bucket(bucketMarks).Cursor().Seek(markKey(name, after+1)); k != nil && bytes.HasPrefix(k, markKey(name, 0)[:2+len(name)]) {
		from = min(from, seqOf(k[2+len(name):]))
	}
	log := tx.Bucket(bucketLog)
	var seqs []store.Seq
	for seq := from; seq > after; {
		seqs = append(seqs, seq)
		if len(seqs) > markEvery {
			return nil, fmt.Errorf("%w: no mark after record %d", errDamaged, after)
		}
		prev, stream, _, err := recordAt(log, seq)
		if err != nil {
			return nil, err
		}
		if string(stream) != name {
			return nil, fmt.Errorf("%w: record %d is of stream %q", errDamaged, seq, stream)
		}
		seq = prev
	}
	var records []store.Record
	for i, size := len(seqs)-1, 0; i >= 0 && size < chunkBytes; i-- {
		prev, _, data, err := recordAt(log, seqs[i])
		if err != nil {
			return nil, err
		}
		records = append(records, store.Record{Seq: seqs[i], Prev: prev, Stream: name, Data: append([]byte{}, data...)})
		size += len(data)
	}
	return records, nil
}

func recordAt(log *bbolt.Bucket, seq store.Seq) (prev store.Seq, stream, data []byte, err error) {
	v := log.Get(seqKey(seq))
	if v == nil {
		return 0, nil, nil, fmt.Errorf("%w: record %d is missing", errDamaged, seq)
	}
	return recordValue(seq, v)
}

// Tail implements store.Store.
func (s *Store) Tail(ctx context.Context, after store.Seq) iter.Seq2[store.Record, error] {
	return func(yield func(store.Record, error) bool) {
		for at := after; ; {
			last, moved := s.head.now()
			if at < last {
				on := chunked(ctx, s, yield, func(tx *bbolt.Tx) ([]store.Record, bool, error) {
					records, more, err := tailChunk(tx, at, last)
					at += store.Seq(len(records))
					return records, more, err
				})
				if !on {
					return
				}
				continue
			}
			select {
			case <-moved:
			case <-ctx.Done():
				yield(store.Record{}, ctx.Err())
				return
			case <-s.closing:
				yield(store.Record{}, store.ErrClosed)
				return
			}
		}
	}
}

// tailChunk reads records after one and up to another.
func tailChunk(tx *bbolt.Tx, after, to store.Seq) ([]store.Record, bool, error) {
	c := tx.Bucket(bucketLog).Cursor()
	var records []store.Record
	size := 0
	for k, v := c.Seek(seqKey(after + 1)); after < to; k, v = c.Next() {
		if k == nil || seqOf(k) != after+1 {
			return nil, false, fmt.Errorf("%w: record %d is missing", errDamaged, after+1)
		}
		if len(records) == chunkItems || size >= chunkBytes {
			return records, true, nil
		}
		after++
		prev, stream, data, err := recordValue(after, v)
		if err != nil {
			return nil, false, err
		}
		records = append(records, store.Record{Seq: after, Prev: prev, Stream: string(stream), Data: append([]byte{}, data...)})
		size += len(data)
	}
	return records, false, nil
}
