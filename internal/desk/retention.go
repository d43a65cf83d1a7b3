package desk

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/store"
)

// Terms say how long documents are kept.
type Terms struct {
	Mentions time.Duration // that are in no case, since we saw them
	Cases    time.Duration // mentions and texts of a case, since it was over and its last promise settled
}

// seenTerm is how long a post is recognised when it is polled again: longer
// than any source can read back.
const seenTerm = 400 * 24 * time.Hour

// A Sweeper removes what has reached the end of its term: a little at a time,
// oldest first, so that no writer ever waits for it. The log stays.
type Sweeper struct {
	d     *Desk
	terms Terms
	at    map[string]string // by prefix: the last key looked at; empty: begin anew
}

// Sweeper returns one for these terms. It keeps its place in memory only: after
// a restart it begins at the oldest.
func (d *Desk) Sweeper(t Terms) *Sweeper { return &Sweeper{d: d, terms: t, at: map[string]string{}} }

// sweepLook is how many documents of each kind one step looks at, and
// sweepPause the time between two steps while there is something to do.
const (
	sweepLook  = 1000
	sweepPause = 5 * time.Second
	sweepRest  = time.Hour
)

// Run sweeps until ctx ends.
func (s *Sweeper) Run(ctx context.Context) error {
	for {
		removed, err := s.Step(ctx)
		if err != nil && ctx.Err() == nil {
			s.d.log.Error("documents past their term could not be removed; trying again", "err", err)
		}
		wait := sweepPause
		if removed == 0 && s.done() {
			wait = sweepRest
		}
		t := time.NewTimer(wait)
		select {
		case <-t.C:
		case <-ctx.Done():
			t.Stop()
			return ctx.Err()
		}
	}
}

// done says that every kind was looked through to its end.
func (s *Sweeper) done() bool {
	for _, at := range s.at {
		if at != "" {
			return false
		}
	}
	return true
}

// Step looks at the next documents of each kind and removes those past their
// term. It returns how many it removed.
func (s *Sweeper) Step(ctx context.Context) (removed int, err error) {
	for _, kind := range []struct {
		prefix string
		past   func(context.Context, store.Doc) (keys []string, more bool, err error)
	}{
		{"mention/", s.mention},
		{"thread/", s.thread},
		{"seen/", s.seen},
		{traitPrefix, s.trait},
		{"issue/", s.letter},
		{"gone/", s.seen}, // of posts that were deleted before we read them; those of erased people stay
	} {
		n, err := s.kind(ctx, kind.prefix, kind.past)
		removed += n
		if err != nil {
			return removed, fmt.Errorf("sweep %s: %w", kind.prefix, err)
		}
	}
	return removed, nil
}

func (s *Sweeper) kind(ctx context.Context, prefix string, past func(context.Context, store.Doc) ([]string, bool, error)) (int, error) {
	var keys []string
	var told care.Expired
	looked, last := 0, ""
	for doc, err := range s.d.st.List(ctx, prefix, s.at[prefix]) {
		if err != nil {
			return 0, err
		}
		gone, more, err := past(ctx, doc)
		if err != nil {
			return 0, fmt.Errorf("%s: %w", doc.Key, err)
		}
		if id, ok := strings.CutPrefix(doc.Key, "mention/"); ok && len(gone) > 0 {
			told.Mentions = append(told.Mentions, care.MentionID(id))
		}
		keys = append(keys, gone...)
		last = doc.Key
		if looked++; !more {
			last = ""
			break
		}
		if looked == sweepLook {
			break
		}
	}
	if looked < sweepLook {
		last = ""
	}
	s.at[prefix] = last
	if len(keys) == 0 {
		return 0, nil
	}
	_, err := s.d.commit(ctx, care.ByClock, "", func(u *unit) error {
		for _, k := range keys {
			u.drop(k)
		}
		if len(told.Mentions) > 0 { // no screen shows the rest
			u.tell("retention", told)
		}
		return nil
	})
	return len(keys), err
}

// mention says what goes with a mention past its term. more is false once the
// rest is too young: mentions lie in the order we saw them.
func (s *Sweeper) mention(ctx context.Context, doc store.Doc) (keys []string, more bool, err error) {
	now := s.d.now()
	m, err := care.DecodeMention(doc.Data)
	if err != nil {
		return nil, false, err
	}
	age := now.Sub(m.SeenAt)
	switch {
	case age <= min(s.terms.Mentions, s.terms.Cases):
		return nil, false, nil
	case m.Case == "":
		if age > s.terms.Mentions {
			keys = []string{doc.Key}
		}
		return keys, true, nil
	case age <= s.terms.Cases:
		return nil, true, nil
	}
	id := m.Case
	for range 16 {
		c, err := s.d.load(ctx, id)
		if err != nil {
			return nil, false, err
		}
		if c.State != care.StateMerged {
			if since, over := c.RestsSince(); over && now.Sub(since) > s.terms.Cases {
				keys = []string{doc.Key}
				texts, err := s.texts(ctx, c)
				return append(keys, texts...), true, err
			}
			return nil, true, nil
		}
		id = c.MergedInto
	}
	return nil, true, nil
}

// texts are the keys of what we wrote in a case and in those it took over, and of
// what the links of its surveys lead by: without its text one leads nowhere.
func (s *Sweeper) texts(ctx context.Context, c *care.Case) (keys []string, err error) {
	for n := 1; n <= c.Texts; n++ {
		keys = append(keys, textKey(c.ID, n))
	}
	keys = append(keys, s.d.names.surveys(c)...)
	for _, t := range c.Absorbed {
		loser, err := s.d.load(ctx, t.Case)
		if err != nil {
			return nil, err
		}
		more, err := s.texts(ctx, loser)
		if err != nil {
			return nil, err
		}
		keys = append(keys, more...)
	}
	return keys, nil
}

// thread says whether a thread's loose mentions are all past their term.
func (s *Sweeper) thread(_ context.Context, doc store.Doc) ([]string, bool, error) {
	l, err := care.DecodeLoose(doc.Data)
	if err != nil {
		return nil, false, err
	}
	for _, m := range l.Mentions {
		if s.d.now().Sub(m.Ref.SeenAt) <= s.terms.Mentions {
			return nil, true, nil
		}
	}
	return []string{doc.Key}, true, nil
}

// trait says whether nobody has shown a trait for as long as a case's texts are
// kept.
func (s *Sweeper) trait(_ context.Context, doc store.Doc) ([]string, bool, error) {
	t, err := care.DecodeTraitOwners(doc.Data)
	if err == nil && s.d.now().Sub(time.Unix(t.At*24*3600, 0)) > s.terms.Cases+24*time.Hour {
		return []string{doc.Key}, true, nil
	}
	return nil, true, err
}

// seen says whether a post need not be recognised any more.
func (s *Sweeper) seen(_ context.Context, doc store.Doc) ([]string, bool, error) {
	at, ok := care.IDTime(string(doc.Data))
	if ok && s.d.now().Sub(at) > max(seenTerm, s.terms.Mentions) {
		return []string{doc.Key}, true, nil
	}
	return nil, true, nil
}
