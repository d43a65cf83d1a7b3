package search

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	index "github.com/blevesearch/bleve_index_api"

	"github.com/amends-care/amends/internal/store"
)

// maxDifferences is how many Verify tells; there may be more.
const maxDifferences = 20

// Verify builds the index anew in a temporary folder and compares the two at
// the position where this one stands. It returns that position and the first
// entries that differ. An index that is followed waits for the comparison only.
func (x *Index) Verify(ctx context.Context) (at store.Seq, found []string, err error) {
	dir, err := os.MkdirTemp(filepath.Dir(x.dir), "verify-search-")
	if err != nil {
		return 0, nil, fmt.Errorf("verify search: %w", err)
	}
	defer os.RemoveAll(dir)
	fresh, err := Open(dir, x.st, x.log)
	if err != nil {
		return 0, nil, fmt.Errorf("verify search: %w", err)
	}
	defer func() { err = errors.Join(err, fresh.Close()) }()
	if err := fresh.follow(ctx, x.Position()); err != nil { // most of the way
		return 0, nil, err
	}
	x.turn.Lock()
	defer x.turn.Unlock()
	at = x.Position()
	if err := fresh.follow(ctx, at); err != nil {
		return at, nil, err
	}
	live, err := x.sums(ctx)
	if err != nil {
		return at, nil, err
	}
	want, err := fresh.sums(ctx)
	if err != nil {
		return at, nil, err
	}
	ids := maps.Clone(live)
	maps.Copy(ids, want)
	for _, id := range slices.Sorted(maps.Keys(ids)) {
		is, there := live[id]
		should, meant := want[id]
		switch {
		case len(found) == maxDifferences:
			return at, found, nil
		case !meant:
			found = append(found, "search "+id+": extra")
		case !there:
			found = append(found, "search "+id+": missing")
		case is != should:
			found = append(found, "search "+id+": other")
		}
	}
	return at, found, nil
}

// sums are what all entries were made of, hashed, by id.
func (x *Index) sums(ctx context.Context) (all map[string]string, err error) {
	r, err := x.ix.Reader()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	ids, err := r.DocIDReaderAll()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, ids.Close()) }()
	all = map[string]string{}
	for {
		id, err := ids.Next()
		if err != nil || id == nil {
			return all, err
		}
		name, err := r.ExternalID(id)
		if err != nil {
			return nil, err
		}
		d, err := r.Document(name)
		if err != nil {
			return nil, err
		}
		d.VisitFields(func(f index.Field) {
			if f.Name() == fieldSum {
				all[name] = string(f.Value())
			}
		})
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
}
