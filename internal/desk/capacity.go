package desk

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/store"
)

// An agent's stream is where two decisions meet that give somebody a case: each
// adds to it, so that of two at once the second is taken again and counts the
// first.
func agentStream(a care.AgentID) string { return "agent/" + string(a) }

// hands adds to the streams of those who have a limit and get a case by this
// unit, and refuses a decision that gives somebody more than they can have. What
// comes back by itself is counted and never refused.
func (u *unit) hands(ctx context.Context) error {
	got, given := map[care.AgentID][]care.Event{}, map[care.AgentID]bool{}
	for _, w := range u.list {
		if a := w.now.Assignee; u.rules.Capacity[a] > 0 && w.now.With(a) && !w.before.With(a) {
			got[a] = append(got[a], care.AgentTook{Case: w.id})
			given[a] = given[a] || care.GivenTo(w.events, a)
		}
	}
	for _, a := range slices.Sorted(maps.Keys(got)) {
		s, n, err := u.count(ctx, a)
		switch limit := u.rules.Capacity[a]; {
		case err != nil:
			return err
		case given[a] && n > limit:
			return care.Full(a, u.by, limit)
		}
		u.weave(s, got[a]...)
	}
	return nil
}

// count is how many cases somebody has as this unit would leave them, and the
// strand to add to. What they have is told by a hint, as of a place in the log,
// by their stream since then, and by the unit; each case says itself whether it
// is still theirs.
func (u *unit) count(ctx context.Context, a care.AgentID) (s *strand, n int, err error) {
	var ids []care.CaseID
	at := store.Seq(0)
	if u.d.heads != nil {
		if ids, at, err = u.d.heads.Held(a); err != nil {
			return nil, 0, fmt.Errorf("what %s has: %w", a, err)
		}
	}
	name := agentStream(a)
	s, err = u.strandAfter(ctx, name, u.d.read.upTo(name, at), func(seq uint64, r care.Record) {
		if store.Seq(seq) <= at {
			u.d.read.reached(name, store.Seq(seq))
			return
		}
		for _, e := range r.Events {
			if took, ok := e.(care.AgentTook); ok {
				ids = append(ids, took.Case)
			}
		}
	})
	if err != nil {
		return nil, 0, err
	}
	for _, w := range u.list {
		ids = append(ids, w.id)
	}
	slices.Sort(ids)
	for _, id := range slices.Compact(ids) {
		w, err := u.lately(ctx, id, a)
		if err != nil {
			return nil, 0, err
		}
		if w.now.With(a) {
			n++
		}
	}
	return s, n, nil
}

// lately is a case to count. One that another desk on the same store gave to
// somebody may not be in memory as it is: a commit that only counts it would not
// find that out.
func (u *unit) lately(ctx context.Context, id care.CaseID, a care.AgentID) (*work, error) {
	if w, ok := u.cases[id]; ok {
		return w, nil
	}
	c, err := u.d.load(ctx, id)
	if err != nil {
		return nil, err
	}
	if !c.With(a) {
		u.d.cases.Remove(id)
		if c, err = u.d.load(ctx, id); err != nil {
			return nil, err
		}
	}
	return u.add(c), nil
}

// places remember a record of each stream, so that the stream need not be read
// from its beginning to know where it ends.
type places struct {
	mu sync.Mutex
	of map[string]store.Seq
}

// upTo is the place of a record of the stream that is not behind a place of the
// log; 0: none is known.
func (p *places) upTo(name string, at store.Seq) store.Seq {
	p.mu.Lock()
	defer p.mu.Unlock()
	if seq := p.of[name]; seq <= at {
		return seq
	}
	return 0
}

func (p *places) reached(name string, seq store.Seq) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.of == nil {
		p.of = map[string]store.Seq{}
	}
	p.of[name] = max(p.of[name], seq)
}
