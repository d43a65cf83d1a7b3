package intake

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
)

// Kept knows which mentions of a source are to be looked at again: those of
// cases that are not over, however old, and, unless working is set, all that
// were seen since then.
type Kept interface {
	Recheck(ctx context.Context, source string, since time.Time, working bool) iter.Seq2[care.Mention, error]
}

// fresh is how long everything is looked at again, whether in a case or not:
// most of what is taken back is taken back soon.
const fresh = 48 * time.Hour

// atOnce is how many posts are looked at in one call, and pause how long lies
// between two: looking again is never to take calls from reading.
const (
	atOnce = 50
	pause  = 2 * time.Second
)

// Recheck looks at a source's mentions again, so that what its author took back
// is forgotten here too, and what they changed is read. It ends when all were
// looked at, or with the network's error.
func (i *Intake) Recheck(ctx context.Context, s Source, kept Kept) error {
	looker, ok := s.Account.(network.Looker)
	if !ok {
		return nil
	}
	var ms []care.Mention
	for m, err := range kept.Recheck(ctx, s.Name, i.o.Now().Add(-fresh), s.Priced) {
		if err != nil {
			return fmt.Errorf("list what to look at again: %w", err)
		}
		if ms = append(ms, m); len(ms) < atOnce {
			continue
		}
		if err := i.lookAgain(ctx, s, looker, ms); err != nil {
			return err
		}
		ms = ms[:0]
		t := time.NewTimer(pause)
		select {
		case <-t.C:
		case <-ctx.Done():
			t.Stop()
			return ctx.Err()
		}
	}
	return i.lookAgain(ctx, s, looker, ms)
}

func (i *Intake) lookAgain(ctx context.Context, s Source, looker network.Looker, ms []care.Mention) error {
	if len(ms) == 0 {
		return nil
	}
	ids := make([]care.Remote, len(ms))
	for n := range ms {
		ids[n] = ms[n].Post.Remote
	}
	items, err := looker.Look(ctx, ids)
	if err != nil {
		return err
	}
	if len(items) != len(ms) {
		return &network.Error{Fault: network.Malformed, Err: network.Explain("the network told of other posts than it was asked for")}
	}
	var page network.Page
	for n, it := range items {
		old := &ms[n].Post
		switch it.Post.Remote = old.Remote; {
		case it.Kind == network.Deleted:
			it.Post.Network = old.Network
		case it.Post.Text == old.Text && it.Post.Revision == old.Revision:
			continue
		default:
			it.Kind = network.Edited
		}
		page.Items = append(page.Items, it)
	}
	if len(page.Items) == 0 {
		return nil
	}
	_, err = i.Take(ctx, s, page)
	return err
}

// Again says when a source is to be looked at again after an attempt.
func (s *Source) Again(err error) time.Duration {
	if ne, ok := errors.AsType[*network.Error](err); ok {
		return max(probe, ne.After)
	}
	if err != nil {
		return probe
	}
	return s.Recheck
}

// Rechecked are the sources that are to be looked at again at all.
func Rechecked(sources []Source) []Source {
	return slices.DeleteFunc(slices.Clone(sources), func(s Source) bool {
		_, ok := s.Account.(network.Looker)
		return !ok || s.Recheck <= 0
	})
}
