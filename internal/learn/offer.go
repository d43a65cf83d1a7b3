package learn

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/store"
)

// An Offer is a mention that somebody is asked to look at.
type Offer struct {
	Mention care.MentionID
	Doubt   bool // a colleague dismissed its case; else it was not flagged
}

// offers are the sampled mentions of the last days, read from the documents as
// they come in.
type offers struct {
	picked map[care.MentionID]bool
	to     care.MentionID // the last that was looked at
}

// again is how far behind the last one is looked again: nodes commit their
// pages in another order than they named them.
const again = 10 * time.Minute

// Offers are at most n mentions for a person to review, the newest first: a
// share of what was not flagged and of what was dismissed by others, chosen by
// the sampler and reviewed by nobody yet.
func (l *Learner) Offers(ctx context.Context, who care.AgentID, n int) ([]Offer, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.catchUp(ctx); err != nil {
		return nil, err
	}
	if err := l.scan(ctx); err != nil {
		return nil, err
	}
	var out []Offer
	for id := range l.offers.picked {
		if !slices.ContainsFunc(l.labels.Of(id), func(v Label) bool { return v.Kind == Reviewed }) {
			out = append(out, Offer{Mention: id})
		}
	}
	floor := care.MentionID(care.TimeFloor(l.o.Now().Add(-offerFor)))
	for id, said := range l.labels.of {
		if id >= floor && l.o.Sampler.Doubts(id) && doubtful(said, who) {
			out = append(out, Offer{Mention: id, Doubt: true})
		}
	}
	slices.SortFunc(out, func(a, b Offer) int { return cmp.Compare(b.Mention, a.Mention) })
	return out[:min(n, len(out))], nil
}

// doubtful says that somebody else dismissed it and nobody said anything outright.
func doubtful(said []Label, who care.AgentID) bool {
	dismissed := false
	for _, v := range said {
		if v.Kind == Reviewed || v.By == who {
			return false
		}
		dismissed = dismissed || v.Kind == Dismissed
	}
	return dismissed
}

// scan picks from what came in since the last time.
func (l *Learner) scan(ctx context.Context) error {
	const prefix = "mention/"
	floor := care.MentionID(care.TimeFloor(l.o.Now().Add(-offerFor)))
	from := floor
	if at, ok := care.IDTime(string(l.offers.to)); ok {
		from = max(floor, care.MentionID(care.TimeFloor(at.Add(-again))))
	}
	if l.offers.picked == nil {
		l.offers.picked = map[care.MentionID]bool{}
	}
	for id := range l.offers.picked {
		if id < floor {
			delete(l.offers.picked, id)
		}
	}
	for d, err := range l.o.Store.List(ctx, prefix, prefix+string(from)) {
		if err != nil {
			return fmt.Errorf("look for mentions to review: %w", err)
		}
		id := care.MentionID(d.Key[len(prefix):])
		l.offers.to = max(l.offers.to, id)
		if !l.o.Sampler.Picks(id) {
			continue
		}
		ok, err := offered(d)
		if err != nil {
			return err
		}
		if ok {
			l.offers.picked[id] = true
		}
	}
	return nil
}

// offered says whether a document is of somebody's text that was not flagged.
func offered(d store.Doc) (bool, error) {
	m, err := care.DecodeMention(d.Data)
	if err != nil {
		return false, fmt.Errorf("%s: %w", d.Key, err)
	}
	return !m.Own && !m.Deleted && !m.Verdict.Complaint && m.Post.Text != "", nil
}
