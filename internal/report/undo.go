package report

import (
	"slices"

	"github.com/amends-care/amends/internal/care"
)

// undone puts a case back where it stood, and lets the decision that is taken
// back count as none: no end, no claim, no act of anybody.
func (f *Fold) undone(n uint32, e care.Undone) {
	c, at := &f.cases[n], momentOf(e.At)
	if state := stateOf(e.State); c.over() && state < resolved {
		c.disposition, c.ended = 0, 0
	}
	if c.resolved == at {
		c.resolved = 0
	}
	if c.claimed == at {
		c.claimed = 0
	}
	c.state, c.assignee = stateOf(e.State), f.words.word(string(e.Assignee))
	f.takeBack(n, at)
	waits, flagged := keys(e.Waits), keys(e.Flagged)
	for m := range f.mentionsOf(n) {
		m.shut = m.shut && !slices.Contains(waits, m.id)
		m.flagged = m.flagged || slices.Contains(flagged, m.id)
	}
	for _, t := range e.Targets {
		if was := f.targetOf(n, targetKindOf(t.Target)); was != nil {
			was.state, was.how, was.done = running, notEnded, 0 // so that it is moved, and no new one begins
		}
		f.setTarget(n, t)
	}
	f.dirty = true
}

// A taken is what has to be known of a decision to take it back: where its acts
// begin, and the reviews that stood before it.
type taken struct {
	from    int
	reviews []reviewed
}

type reviewed struct {
	mention uint64
	act     uint32 // counted from 1
	kind    actKind
}

// takeBack makes what somebody did in the record of a moment nobody's.
func (f *Fold) takeBack(n uint32, at moment) {
	b := f.bulks[n]
	if b == nil {
		return
	}
	for i := b.from; i < len(f.acts) && f.acts[i].of == n && f.acts[i].at == at; i++ { // a record's acts stand together
		f.acts[i].kind, f.acts[i].by = actVoid, 0
	}
	for _, r := range b.reviews {
		if m := f.mention(n, r.mention); m != nil {
			m.review, f.acts[r.act-1].kind = r.act, r.kind
		}
	}
	delete(f.bulks, n)
}

func keys(ids []care.MentionID) (out []uint64) {
	for _, id := range ids {
		out = append(out, key(id))
	}
	return out
}
