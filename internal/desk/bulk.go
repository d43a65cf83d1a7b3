package desk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/store"
)

// Bulks carries out decisions about many cases, a few at a time, so that nobody
// who works beside them waits. Each case is a decision of its own, named for the
// bulk and the case: whatever crashes, none is taken twice. How far one has come
// is a document bulk/<id>, kept for a week; the stream of that name has its
// beginning and its end.
type Bulks struct {
	d    *Desk
	wake chan struct{} // there is something to do

	mu    sync.Mutex
	moved chan struct{} // closed when one has come further
}

// The pace: how many cases are decided between two notes of how far it has come,
// and how many of them at once.
const (
	bulkPart  = 100
	bulkHands = 16
)

// bulkTerm is how long one is remembered: as long as its decisions are.
const bulkTerm = 7 * 24 * time.Hour

// NewBulks returns the bulks of a desk. Nothing is carried out before Run.
func NewBulks(d *Desk) *Bulks {
	return &Bulks{d: d, wake: make(chan struct{}, 1), moved: make(chan struct{})}
}

func bulkKey(id string) string { return "bulk/" + id }

// Begin keeps a decision about many cases, so that Run carries it out, whatever
// happens to this process. The same ID again is the same decision: it changes
// nothing, and the first one comes back.
func (s *Bulks) Begin(ctx context.Context, b care.Bulk) (care.Bulk, error) {
	b.Came = strings.Repeat(string(rune(care.BulkPending)), len(b.Cases))
	key := bulkKey(b.ID)
	_, err := s.d.commit(ctx, b.By, "", func(u *unit) error {
		if err := u.read(ctx, key); err != nil {
			return err
		}
		if doc := u.doc(key); doc != nil {
			var was care.Bulk
			err := json.Unmarshal(doc, &was)
			b = was
			return err
		}
		b.BegunAt = u.now
		data, err := json.Marshal(b)
		if err != nil {
			return err
		}
		u.put(key, data)
		u.tell(key, care.BulkBegun{Do: b.Act.Do, Cases: len(b.Cases), Undoes: b.Undoes})
		return nil
	})
	select {
	case s.wake <- struct{}{}:
	default: // it will look anyway
	}
	return b, err
}

// Bulk returns a decision about many cases as it stands now.
func (s *Bulks) Bulk(ctx context.Context, id string) (care.Bulk, error) {
	b, _, err := s.read(ctx, id)
	return b, err
}

// Wait is Bulk once it is over, or else as it stands when ctx ends.
func (s *Bulks) Wait(ctx context.Context, id string) (care.Bulk, error) {
	for {
		s.mu.Lock()
		moved := s.moved
		s.mu.Unlock()
		b, err := s.Bulk(context.WithoutCancel(ctx), id)
		if err != nil || b.Over() {
			return b, err
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return b, nil
		}
	}
}

func (s *Bulks) read(ctx context.Context, id string) (b care.Bulk, rev uint64, err error) {
	docs, err := s.d.st.Get(ctx, bulkKey(id))
	if err != nil {
		return b, 0, err
	}
	if docs[0].Rev == 0 {
		return b, 0, &care.Error{Code: care.NotFound, Msg: "There is no such decision about many cases, or it is more than a week old."}
	}
	if err := json.Unmarshal(docs[0].Data, &b); err != nil {
		return b, 0, fmt.Errorf("bulk %s: %w", id, err)
	}
	return b, docs[0].Rev, nil
}

// Run carries out what is begun, and what a crash left unfinished, until ctx
// ends. Two of them do no harm.
func (s *Bulks) Run(ctx context.Context) error {
	const look = time.Minute // another node may have stopped in the middle of one
	tick := time.NewTicker(look)
	defer tick.Stop()
	for {
		if err := s.Tick(ctx); err != nil && ctx.Err() == nil {
			s.d.log.Error("a decision about many cases stopped; trying again", "err", err)
		}
		select {
		case <-s.wake:
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Tick carries out all that is begun, the oldest first by name, and forgets what
// is past its term.
func (s *Bulks) Tick(ctx context.Context) error {
	var errs []error
	for doc, err := range s.d.st.List(ctx, "bulk/", "") {
		if err != nil {
			return err
		}
		var b care.Bulk
		if err := json.Unmarshal(doc.Data, &b); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", doc.Key, err))
			continue
		}
		switch {
		case !b.Over():
			errs = append(errs, s.carryOut(ctx, b, doc.Rev))
		case s.d.now().Sub(b.EndedAt) > bulkTerm:
			_, err := s.d.st.Commit(ctx, store.Batch{Erases: []string{doc.Key}})
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// carryOut decides about all cases that are left. It stops where somebody else
// is at it.
func (s *Bulks) carryOut(ctx context.Context, b care.Bulk, rev uint64) error {
	for !b.Over() {
		part := b.Pending(bulkPart)
		ends, err := s.decide(ctx, &b, part)
		if err != nil {
			return fmt.Errorf("bulk %s: %w", b.ID, err)
		}
		for k, i := range part {
			b.Settle(i, ends[k].outcome, ends[k].why)
			b.Seq = max(b.Seq, uint64(ends[k].seq))
		}
		batch := store.Batch{}
		if len(b.Pending(1)) == 0 {
			b.EndedAt = s.d.now().UTC().Truncate(time.Millisecond)
			rec := care.Record{At: b.EndedAt, By: b.By, Events: []care.Event{care.BulkEnded{
				Done: b.Count(care.BulkDone), Same: b.Count(care.BulkSame), Refused: b.Count(care.BulkRefused),
			}}}
			batch.Appends = []store.Append{{Stream: bulkKey(b.ID), After: store.Any, Data: rec.Encode()}}
		}
		data, err := json.Marshal(b)
		if err != nil {
			return err
		}
		batch.Puts = []store.Put{{Key: bulkKey(b.ID), Was: rev, Data: data}}
		_, err = s.d.st.Commit(ctx, batch)
		if _, lost := errors.AsType[*store.Conflict](err); lost {
			return nil
		}
		if err != nil {
			return fmt.Errorf("bulk %s: %w", b.ID, err)
		}
		s.d.point("desk.bulk.part")
		if b, rev, err = s.read(ctx, b.ID); err != nil {
			return err
		}
		s.mu.Lock()
		close(s.moved)
		s.moved = make(chan struct{})
		s.mu.Unlock()
	}
	return nil
}

// A bulkEnd is what became of one case.
type bulkEnd struct {
	outcome byte
	why     care.Sentence
	seq     store.Seq
}

// decide decides about some of the cases, a few at once.
func (s *Bulks) decide(ctx context.Context, b *care.Bulk, part []int) ([]bulkEnd, error) {
	ends, errs := make([]bulkEnd, len(part)), make([]error, bulkHands)
	var wg sync.WaitGroup
	for hand := range bulkHands {
		wg.Go(func() {
			for k := hand; k < len(part) && errs[hand] == nil; k += bulkHands {
				ends[k], errs[hand] = s.one(ctx, b, b.Cases[part[k]])
			}
		})
	}
	wg.Wait()
	return ends, errors.Join(errs...)
}

// one decides about one case. An error is one that stops the whole. What was done
// before a crash, or by another node just now, is done, although there is nothing
// left to do.
func (s *Bulks) one(ctx context.Context, b *care.Bulk, id care.CaseID) (bulkEnd, error) {
	op := bulkKey(b.ID) + "/" + string(id)
	changes := false
	seq, err := s.d.Do(ctx, b.By, op, []care.CaseID{id}, func(now time.Time, cs []*care.Case) (care.Change, error) {
		events, err := b.Decide(now, cs[0])
		changes = len(events) > 0
		return care.One(id, events, err)
	})
	refusal, refused := errors.AsType[*care.Error](err)
	if refused || err == nil && !changes {
		if before, ok := s.d.repeated(ctx, op); ok {
			return bulkEnd{outcome: care.BulkDone, seq: before}, nil
		}
	}
	switch {
	case refused:
		return bulkEnd{outcome: care.BulkRefused, why: refusal.Says()}, nil
	case err != nil:
		return bulkEnd{}, err
	case changes:
		return bulkEnd{outcome: care.BulkDone, seq: seq}, nil
	}
	return bulkEnd{outcome: care.BulkSame}, nil
}
