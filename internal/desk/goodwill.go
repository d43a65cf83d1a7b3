package desk

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/store"
)

// Goodwill is Do for something that a person is given: the first case is the one
// it is given in, the others are a hint of the person's. Of two decisions about one
// person at once the second is taken again and counts the first, whichever cases,
// agents and nodes they come from: both write one document, which names the cases
// in which something was given lately.
func (d *Desk) Goodwill(ctx context.Context, by care.Actor, op string, ids []care.CaseID,
	decide func(now time.Time, cs []*care.Case) (care.Change, error)) (store.Seq, error) {
	return d.commit(ctx, by, op, func(u *unit) error {
		w, err := u.work(ctx, ids[0])
		if err != nil {
			return err
		}
		p, err := u.person(ctx, care.AuthorRef{Network: w.now.Labels.Network, Author: w.now.Author})
		if err != nil {
			return err
		}
		key := giftsKey(p.Root())
		given, err := u.gifts(ctx, key)
		if err != nil {
			return err
		}
		cs := []*care.Case{w.now}
		for _, id := range distinct(append(slices.Clone(ids[1:]), given...)) {
			if id == w.id {
				continue
			}
			u.d.cases.Remove(id) // a commit that only counts it would not find out that it is behind
			other, err := u.work(ctx, id)
			if err != nil {
				return err
			}
			if p.Is(other.now.Author) { // else it is somebody's who was taken for this person
				cs = append(cs, other.now)
			}
		}
		change, err := decide(u.now, cs)
		if err != nil {
			return err
		}
		if err := u.change(ctx, change); err != nil || len(w.events) == 0 {
			return err
		}
		u.keepGifts(key, append(given, w.id))
		return nil
	})
}

// maxGiven is how many cases with gifts are remembered of a person.
const maxGiven = 200

func giftsKey(root care.AuthorKey) string { return "person/" + string(root) + "/gifts" }

// gifts are the cases that a document of gifts names.
func (u *unit) gifts(ctx context.Context, key string) (given []care.CaseID, err error) {
	if err := u.read(ctx, key); err != nil {
		return nil, err
	}
	b := u.doc(key)
	if b == nil {
		return nil, nil
	}
	t, err := care.DecodeText(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", key, err)
	}
	for id := range strings.FieldsSeq(t.Body) {
		given = append(given, care.CaseID(id))
	}
	return given, nil
}

func (u *unit) keepGifts(key string, given []care.CaseID) {
	given = distinct(given)
	var words []string
	for _, id := range given[max(0, len(given)-maxGiven):] {
		words = append(words, string(id))
	}
	text := care.Text{Body: strings.Join(words, " ")} // as all that is kept of a person
	u.put(key, text.Encode())
}

// joinGifts writes the documents of gifts of people who become one, or several,
// by this unit, each with what was given to any of them. So a gift at the same
// instant is decided anew, for whoever the person is then.
func (u *unit) joinGifts(ctx context.Context, roots []care.AuthorKey) error {
	var all []care.CaseID
	for _, r := range roots {
		given, err := u.gifts(ctx, giftsKey(r))
		if err != nil {
			return err
		}
		all = append(all, given...)
	}
	for _, r := range roots {
		u.keepGifts(giftsKey(r), all)
	}
	return nil
}

// distinct leaves out what was there before, and keeps the order.
func distinct[T comparable](ids []T) (out []T) {
	for _, id := range ids {
		if !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out
}
