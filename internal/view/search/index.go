// Package search finds mentions, our own texts and people by the words in them.
//
// It owns the folder search/: an index that is a function of the log up to a
// position and of the documents as they are now. It can be deleted at any time
// and is built again. It follows the log by itself and holds the words of
// texts, never the texts: what is shown of a find is read from the documents,
// so what was erased shows nowhere. Erased words are out of every answer at
// once, and out of the files after [Index.Compact]. It writes nothing to the
// store.
package search

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/blevesearch/bleve/v2/index/scorch"
	index "github.com/blevesearch/bleve_index_api"

	"github.com/amends-care/amends/internal/store"
)

// version of the index's content: change it whenever the same documents would
// give another one, and every node builds it again.
const version = 1

var (
	keyVersion  = []byte("version")
	keyPosition = []byte("position")
	keyLast     = []byte("last") // the record at position: whose log it is
	keySettled  = []byte("settled")
)

// errClosed: the index was closed, or could not be opened again.
var errClosed = errors.New("search is not open")

// An Index follows one store.
type Index struct {
	dir string
	st  store.Store
	log *slog.Logger

	turn  sync.RWMutex // held to write, or to put another index in place
	ix    index.Index
	queue *index.AnalysisQueue

	at store.Place
}

// Open opens the index in dir, or begins a new one where there is none, where
// it is damaged, of another version or of another log. Follow it with Run.
func Open(dir string, st store.Store, log *slog.Logger) (*Index, error) {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	x := &Index{dir: dir, st: st, log: log}
	_, missing := os.Stat(dir)
	err := errors.Join(os.RemoveAll(dir+".new"), x.start()) // what a Compact left that was cut off
	if err == nil {
		var ours bool
		if ours, err = x.ours(); err == nil && ours {
			return x, nil
		}
		err = errors.Join(err, x.stop())
	}
	switch {
	case err != nil:
		log.Warn("search is damaged, and built again from the log", "err", err)
	case missing == nil:
		log.Info("search is of another version or another log, and built again")
	}
	if err := os.RemoveAll(dir); err != nil {
		return nil, fmt.Errorf("open search: %w", err)
	}
	if err := x.start(); err != nil {
		return nil, fmt.Errorf("open search: %w", err)
	}
	b := index.NewBatch()
	b.SetInternal(keyVersion, number(version))
	if err := x.ix.Batch(b); err != nil {
		return nil, errors.Join(fmt.Errorf("open search: %w", err), x.stop())
	}
	return x, nil
}

func (x *Index) start() error {
	if err := os.MkdirAll(x.dir, 0o700); err != nil {
		return err
	}
	// What a crash leaves unwritten is read from the log again: a batch and the
	// position it brings the index to become durable together.
	x.queue = index.NewAnalysisQueue(2)
	ix, err := scorch.NewScorch(scorch.Name, map[string]any{"path": x.dir, "unsafe_batch": true, "bolt_timeout": "1s"}, x.queue)
	if err == nil {
		err = ix.Open()
	}
	if err != nil {
		x.queue.Close()
		return err
	}
	x.ix = ix
	return nil
}

// longestSettling is how long closing waits for the disk.
const longestSettling = 10 * time.Second

// stop closes the index once what it holds is on the disk: bleve's persister
// and introducer touch the same map when it is closed between the two.
func (x *Index) stop() error {
	if x.ix == nil {
		return nil
	}
	ctx, done := context.WithTimeout(context.Background(), longestSettling)
	defer done()
	b := index.NewBatch()
	b.SetInternal(keySettled, nil)
	if err := x.write(ctx, b, true); err != nil {
		x.log.Warn("search is closed before it is on the disk; what is missing is read from the log again", "err", err)
	}
	err := x.ix.Close()
	x.queue.Close()
	x.ix = nil
	return err
}

// ours says whether the index is one that can be gone on with, and where.
func (x *Index) ours() (bool, error) {
	r, err := x.ix.Reader()
	if err != nil {
		return false, err
	}
	defer r.Close()
	var kept [3][]byte
	for i, k := range [][]byte{keyVersion, keyPosition, keyLast} {
		if kept[i], err = r.GetInternal(k); err != nil {
			return false, err
		}
	}
	if !bytes.Equal(kept[0], number(version)) {
		return false, nil
	}
	if len(kept[1]) != 8 {
		return true, nil
	}
	at := store.Seq(binary.BigEndian.Uint64(kept[1]))
	same, err := store.Holds(context.Background(), x.st, at, kept[2])
	if same {
		x.at.Reach(at)
	}
	return same, err
}

// Close ends the index. Run must have returned.
func (x *Index) Close() error { return x.stop() }

// Position is the last record that the index knows of.
func (x *Index) Position() store.Seq { return x.at.Position() }

// Wait returns once the index knows of a record, or with the error of ctx or of
// what ended following.
func (x *Index) Wait(ctx context.Context, seq store.Seq) error { return x.at.Wait(ctx, seq) }

// group is how many records are taken in together at most.
const group = 2000

// Run follows the log until ctx ends.
func (x *Index) Run(ctx context.Context) error {
	err := x.follow(ctx, math.MaxUint64)
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	x.at.End(err)
	return err
}

// CatchUp takes in all that is in the log now. It must not run beside Run.
func (x *Index) CatchUp(ctx context.Context) error {
	last, err := store.Last(ctx, x.st)
	if err != nil {
		return fmt.Errorf("search: catch up: %w", err)
	}
	return x.follow(ctx, last)
}

// follow takes records in, up to a position.
func (x *Index) follow(ctx context.Context, to store.Seq) error {
	if x.Position() >= to {
		return nil
	}
	for records, err := range store.Groups(ctx, x.st, x.Position(), group) {
		if err != nil {
			return err
		}
		if i := slices.IndexFunc(records, func(r store.Record) bool { return r.Seq > to }); i >= 0 {
			records = records[:i]
		}
		if err := x.take(ctx, records); err != nil {
			return fmt.Errorf("search: after record %d: %w", x.Position(), err)
		}
		if x.Position() >= to {
			return nil
		}
	}
	return nil
}

// A batch holds so many entries at most, and one of bulk and more waits until it
// is on the disk, so that building does not run ahead of that.
const (
	batch = 1000
	bulk  = 200
)

// take brings the index from one position to a later one.
func (x *Index) take(ctx context.Context, records []store.Record) error {
	x.turn.RLock()
	defer x.turn.RUnlock()
	if x.ix == nil {
		return errClosed
	}
	c := changed{ids: map[string]bool{}}
	for _, r := range records {
		if err := c.note(r); err != nil {
			return fmt.Errorf("record %d of %s: %w", r.Seq, r.Stream, err)
		}
	}
	f := filling{x, index.NewBatch()}
	if err := f.entries(ctx, &c); err != nil {
		return err
	}
	b := f.b
	last := records[len(records)-1]
	b.SetInternal(keyPosition, number(uint64(last.Seq)))
	b.SetInternal(keyLast, store.Digest(last))
	if err := x.write(ctx, b, len(b.IndexOps) >= bulk); err != nil {
		return err
	}
	x.at.Reach(last.Seq)
	return nil
}

// write takes a batch in. durable: it returns once that is on the disk, and all
// that was written before.
func (x *Index) write(ctx context.Context, b *index.Batch, durable bool) error {
	if !durable {
		return x.ix.Batch(b)
	}
	written := make(chan error, 1)
	b.SetPersistedCallback(func(err error) { written <- err })
	if err := x.ix.Batch(b); err != nil {
		return err
	}
	select {
	case err := <-written:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Compact builds the index anew from the documents as they are now, and puts it
// in the place of the old one: no byte of what was erased before is left. It
// takes as long as building does; searches and following go on meanwhile.
//
// Merging the segments would be quicker, but bleve leaves a single one with
// deletions in it as it is.
func (x *Index) Compact(ctx context.Context) error {
	next := x.dir + ".new"
	if err := os.RemoveAll(next); err != nil {
		return fmt.Errorf("search: compact: %w", err)
	}
	fresh, err := Open(next, x.st, x.log)
	if err != nil {
		return fmt.Errorf("search: compact: %w", err)
	}
	if err := x.replace(ctx, fresh); err != nil {
		return errors.Join(fmt.Errorf("search: compact: %w", err), fresh.stop(), os.RemoveAll(next))
	}
	return nil
}

// replace puts another index in the place of this one, at the same position.
func (x *Index) replace(ctx context.Context, fresh *Index) error {
	if err := fresh.follow(ctx, x.Position()); err != nil { // most of the way
		return err
	}
	x.turn.Lock()
	defer x.turn.Unlock()
	if err := fresh.follow(ctx, x.Position()); err != nil {
		return err
	}
	b := index.NewBatch()
	b.SetInternal(keyVersion, number(version))
	if err := fresh.write(ctx, b, true); err != nil {
		return err
	}
	if err := errors.Join(fresh.stop(), x.stop(), os.RemoveAll(x.dir)); err != nil {
		return err
	}
	return errors.Join(os.Rename(fresh.dir, x.dir), x.start())
}

func number(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }
