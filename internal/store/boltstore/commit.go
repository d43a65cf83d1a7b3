package boltstore

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"sync/atomic"
	"syscall"

	"go.etcd.io/bbolt"

	"github.com/amends-care/amends/internal/store"
)

const (
	// queueLength is how many batches may wait for the committer before their
	// callers wait for a place.
	queueLength = 1024
	// groupSize bounds, in bytes, how much is written before the first of a
	// group is answered.
	groupSize = 8 << 20
)

// A request is a batch on its way to the committer and back.
type request struct {
	ctx    context.Context
	batch  *prepared
	answer chan answer // takes one without blocking
}

type answer struct {
	seq store.Seq
	err error
}

// Commit implements store.Store. When ctx ends while the batch is on its way,
// the outcome is unknown.
func (s *Store) Commit(ctx context.Context, b store.Batch) (store.Seq, error) {
	if err := b.Validate(); err != nil {
		return 0, err
	}
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	if s.isClosing() {
		return 0, store.ErrClosed
	}
	r := &request{ctx: ctx, batch: prepare(b), answer: make(chan answer, 1)}
	select {
	case s.queue <- r:
	case <-ctx.Done():
		return 0, ctx.Err()
	case <-s.closing:
		return 0, store.ErrClosed
	}
	var err error
	select {
	case a := <-r.answer:
		return a.seq, a.err
	case <-ctx.Done():
		err = fmt.Errorf("commit left with its outcome unknown: %w", ctx.Err())
	case <-s.done: // the committer has ended, with or without this one
		err = store.ErrClosed
	}
	select {
	case a := <-r.answer:
		return a.seq, a.err
	default:
		return 0, err
	}
}

// run is the committer.
func (s *Store) run() {
	defer close(s.done)
	var group []*request
	for {
		select {
		case r := <-s.queue:
			group = append(group[:0], r)
		case <-s.closing:
			return
		}
		size := group[0].batch.size
	waiting:
		for size < groupSize {
			select {
			case r := <-s.queue:
				group = append(group, r)
				size += r.batch.size
			default:
				break waiting
			}
		}
		s.commitGroup(group)
		clear(group)
	}
}

// commitGroup writes what can be written of a group, and answers all of it.
func (s *Store) commitGroup(requests []*request) {
	answers := make([]answer, len(requests))
	seq, err := s.writeGroup(requests, answers)
	if err == nil {
		s.head.set(seq)
	}
	for i, r := range requests {
		// What conflicted stays a conflict only if what it conflicted with is
		// there to stay.
		if err != nil {
			answers[i] = answer{err: err}
		}
		r.answer <- answers[i]
	}
}

// writeGroup fills in the answers. Its error is that of the whole group.
func (s *Store) writeGroup(requests []*request, answers []answer) (store.Seq, error) {
	if err := s.ReadOnly(); err != nil {
		return s.readGroup(requests, answers, err)
	}
	tx, err := s.db.Begin(true)
	if err != nil {
		return 0, err
	}
	g := newGroup(tx, s.head.seq(), s.counts.rev.Load(), dayOf(s.opts.Now()), s.arrivals)
	err = guard(func() error { return s.applyAll(g, requests, answers) })
	if err != nil || !g.wrote {
		return g.seq, errors.Join(err, tx.Rollback())
	}
	if err := guard(func() error { return s.opts.commit(tx) }); err != nil {
		_ = guard(tx.Rollback) // lets go of bbolt's lock if it panicked, and does nothing else
		return 0, s.failed(err)
	}
	s.counts.groups.Add(1)
	s.counts.commits.Add(g.rev - s.counts.rev.Load())
	s.counts.rev.Store(g.rev)
	return g.seq, nil
}

// applyAll applies each batch that still has a caller.
func (s *Store) applyAll(g *group, requests []*request, answers []answer) error {
	for i, r := range requests {
		if err := r.ctx.Err(); err != nil {
			answers[i].err = err
			continue
		}
		seq, err := g.apply(r.batch)
		if _, conflict := errors.AsType[*store.Conflict](err); conflict {
			s.counts.conflicts.Add(1)
		} else if err != nil {
			return fmt.Errorf("commit: %w", err)
		}
		answers[i] = answer{seq, err}
	}
	if !g.wrote {
		return nil
	}
	return g.finish()
}

// readGroup answers for a store that is read-only: batches that write nothing
// are still told whether their expectations hold.
func (s *Store) readGroup(requests []*request, answers []answer, readOnly error) (store.Seq, error) {
	seq := s.head.seq()
	return seq, s.view(context.Background(), func(tx *bbolt.Tx) error {
		g := newGroup(tx, seq, 0, 0, nil)
		for i, r := range requests {
			if r.batch.writes() {
				answers[i].err = readOnly
				continue
			}
			answers[i].seq, answers[i].err = g.apply(r.batch)
		}
		return nil
	})
}

// failed judges a failed write. A full disk is met before anything counts, and
// bbolt has then put everything back; of any other failure nobody can say what
// reached the disk.
func (s *Store) failed(err error) error {
	if _, path := errors.AsType[*fs.PathError](err); path && isFull(err) {
		return fmt.Errorf("commit: nothing was written: %w", err)
	}
	err = fmt.Errorf("%w: %w", store.ErrReadOnly, err)
	s.readOnly.Store(&err)
	return fmt.Errorf("commit left with its outcome unknown: %w", err)
}

func isFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}

// counts are what has happened since the store was opened, and the number of
// the last commit ever.
type counts struct {
	rev, groups, commits, conflicts atomic.Uint64
}
