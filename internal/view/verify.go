package view

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	bolt "go.etcd.io/bbolt"

	"github.com/amends-care/amends/internal/store"
)

// A Difference is a place where a view does not say what the log says.
type Difference struct {
	Bucket string
	Key    []byte
	What   string // missing | extra | other
}

func (d Difference) String() string {
	return fmt.Sprintf("%s %q: %s", d.Bucket, d.Key, d.What)
}

// maxDifferences is how many Verify tells; there may be more.
const maxDifferences = 20

// Verify builds the view anew in a temporary file and compares the two at the
// position where the live one stands. It returns that position and the first
// differences. A view that is followed pauses only for the comparison.
func (v *View) Verify(ctx context.Context) (store.Seq, []Difference, error) {
	dir, err := os.MkdirTemp(filepath.Dir(v.db.Path()), "verify-")
	if err != nil {
		return 0, nil, fmt.Errorf("verify: %w", err)
	}
	defer os.RemoveAll(dir)
	fresh, err := Open(filepath.Join(dir, viewFile), v.st, Options{Log: v.o.Log, Cache: v.o.Cache})
	if err != nil {
		return 0, nil, fmt.Errorf("verify: %w", err)
	}
	at, found, err := v.compareWith(ctx, fresh)
	return at, found, errors.Join(err, fresh.Close())
}

const viewFile = "view.db"

func (v *View) compareWith(ctx context.Context, fresh *View) (at store.Seq, found []Difference, err error) {
	if err := fresh.upTo(ctx, v.Position()); err != nil { // most of the way, while the other goes on
		return 0, nil, err
	}
	v.turn.Lock()
	defer v.turn.Unlock()
	at = v.Position()
	if err := fresh.upTo(ctx, at); err != nil {
		return 0, nil, err
	}
	found, err = differences(v.db, fresh.db)
	return at, found, err
}

// upTo applies the log to exactly a position.
func (v *View) upTo(ctx context.Context, at store.Seq) error {
	if v.Position() >= at {
		return nil
	}
	var batch []store.Record
	for r, err := range v.st.Tail(ctx, v.Position()) {
		if err != nil {
			return err
		}
		batch = append(batch, r)
		if len(batch) == group || r.Seq == at {
			if err := v.apply(ctx, batch); err != nil {
				return err
			}
			batch = batch[:0]
		}
		if r.Seq == at {
			return nil
		}
	}
	return nil
}

func differences(live, fresh *bolt.DB) (found []Difference, err error) {
	err = live.View(func(a *bolt.Tx) error {
		return fresh.View(func(b *bolt.Tx) error {
			for _, name := range [][]byte{bucketCase, bucketNumber, bucketList, bucketCount, bucketPage, bucketSource, bucketAgent, bucketIssue, bucketLinked, bucketHour} {
				found = compare(string(name), a.Bucket(name).Cursor(), b.Bucket(name).Cursor(), found)
			}
			return nil
		})
	})
	return found, err
}

// compare walks two sorted buckets side by side.
func compare(bucket string, live, fresh *bolt.Cursor, found []Difference) []Difference {
	add := func(k []byte, what string) {
		found = append(found, Difference{Bucket: bucket, Key: bytes.Clone(k), What: what})
	}
	lk, lv := live.First()
	fk, fv := fresh.First()
	for (lk != nil || fk != nil) && len(found) < maxDifferences {
		order := bytes.Compare(lk, fk)
		switch {
		case fk == nil || lk != nil && order < 0:
			add(lk, "extra")
			lk, lv = live.Next()
		case lk == nil || order > 0:
			add(fk, "missing")
			fk, fv = fresh.Next()
		default:
			if !bytes.Equal(lv, fv) {
				add(lk, "other")
			}
			lk, lv = live.Next()
			fk, fv = fresh.Next()
		}
	}
	return found
}
