package desk

import (
	"context"
	"fmt"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/store"
)

// A strand is a stream that decisions are built on and that is no case: a
// contact or a known issue. It is read anew for every try, and nobody else can
// have added to it when the commit goes through.
type strand struct {
	name   string
	seq    uint64 // of its last record; 0: empty
	last   time.Time
	events []care.Event
	apply  func(seq uint64, r care.Record) // to what was folded from it
}

// strand folds a stream into apply, and keeps it for events to come.
func (u *unit) strand(ctx context.Context, name string, apply func(uint64, care.Record)) (*strand, error) {
	if s, ok := u.strands[name]; ok {
		return s, nil
	}
	return u.strandAfter(ctx, name, 0, apply)
}

// strandAfter is strand for one of which only what comes after a record counts.
func (u *unit) strandAfter(ctx context.Context, name string, after store.Seq, apply func(uint64, care.Record)) (*strand, error) {
	s := &strand{name: name, apply: apply, seq: uint64(after)}
	for r, err := range u.d.st.Stream(ctx, name, after) {
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		rec, err := care.DecodeRecord(r.Data)
		if err != nil {
			return nil, fmt.Errorf("%s: record %d: %w", name, r.Seq, err)
		}
		apply(uint64(r.Seq), rec)
		s.seq, s.last = uint64(r.Seq), rec.At
	}
	u.strands[name] = s
	u.strandList = append(u.strandList, s)
	return s, nil
}

// weave adds events to a strand.
func (u *unit) weave(s *strand, events ...care.Event) {
	if len(events) == 0 {
		return
	}
	s.events = append(s.events, events...)
	seq := s.seq
	if seq == 0 {
		seq = ^uint64(0) // a number, until the commit gives the real one
	}
	s.apply(seq, care.Record{At: u.after(s.last), By: u.by, Events: events})
}

// after is the time of a record that follows one.
func (u *unit) after(last time.Time) time.Time {
	if u.now.Before(last) {
		return last
	}
	return u.now
}

// strandAppends are what was added to strands, for the batch.
func (u *unit) strandAppends() (out []store.Append) {
	for _, s := range u.strandList {
		if len(s.events) > 0 {
			rec := care.Record{At: u.after(s.last), By: u.by, Events: s.events}
			out = append(out, store.Append{Stream: s.name, After: store.Seq(s.seq), Data: rec.Encode()})
		}
	}
	return out
}
