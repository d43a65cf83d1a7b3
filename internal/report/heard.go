package report

import (
	"cmp"
	"iter"
	"time"

	"github.com/amends-care/amends/internal/care"
)

// hears is for how long after a complaint, and after it was resolved, what its
// author says is listened to. What counts customers' voice listens no longer.
const (
	hears      = 30 * msPerDay
	hearsAfter = moment(7 * 24 * time.Hour / time.Millisecond)
)

// A voice is what a case is to those who listen to its author: between which
// moments it was written in, and the author's case before it, counted from 1.
type voice struct {
	first, last moment
	older       uint32
}

// A contact is one time that a customer wrote.
type contact struct {
	posted moment
	of     uint32
	topic  word
	says   said
}

// later says that one contact is the later word, whichever is read first.
func (k contact) later(than contact) bool {
	return cmp.Or(cmp.Compare(k.posted, than.posted), cmp.Compare(k.of, than.of), cmp.Compare(k.says, than.says)) > 0
}

// writes notes that somebody has one case more.
func (f *Fold) writes(author, n uint32) {
	for len(f.latest) < int(author) {
		f.latest = append(f.latest, 0)
	}
	f.voices[n].older, f.latest[author-1] = f.latest[author-1], n+1
}

// casesOf are those of an author, the latest first.
func (f *Fold) casesOf(author uint32) iter.Seq[uint32] {
	return func(yield func(uint32) bool) {
		for i := f.latest[author-1]; i != 0; i = f.voices[i-1].older {
			if !yield(i - 1) {
				return
			}
		}
	}
}

// heard are the contacts of an author after one moment, up to another, in no
// order: with what came into the author's cases by merging, for that is the same
// matter, and without what the customer took back.
func (f *Fold) heard(author uint32, after, upTo moment) iter.Seq[contact] {
	return func(yield func(contact) bool) {
		for n := range f.casesOf(author) {
			if v := &f.voices[n]; v.last <= after || v.first > upTo || f.cases[n].state == merged { // what a merged case brought is in the other one
				continue
			}
			for m := range f.mentionsOf(n) {
				if m.gone || m.deleted != 0 || m.posted <= after || m.posted > upTo {
					continue
				}
				if !yield(contact{m.posted, n, cmp.Or(m.topic, f.cases[n].topic), f.says(m)}) {
					return
				}
			}
		}
	}
}

// listens is between which moments what an author says is heard for a case.
func (c *fact) listens() (after, upTo moment) {
	after, upTo = c.began, c.began+hears
	if c.replied != 0 && c.resolved != 0 {
		after, upTo = min(after, c.replied), max(upTo, max(c.resolved, c.replied)+hearsAfter)
	}
	return after, upTo
}

// sayings says that an event may change what a customer said in a case; that it is
// merged, or no more, does too.
func sayings(e care.Event) bool {
	switch e.(type) {
	case care.Opened, care.SplitOff, care.MentionAdded, care.MentionEdited, care.MentionDeleted, care.Reviewed,
		care.Unmerged, care.Absorbed, care.Parted, care.Undone:
		return true
	}
	return false
}

// told notes that a record changed what was said in a case: with it the author's
// other cases for which that is listened to.
func (f *Fold) told(n uint32, seq uint64) {
	c, v := &f.cases[n], f.voices[n]
	if c.author == 0 {
		return
	}
	for o := range f.casesOf(c.author) {
		if after, upTo := f.cases[o].listens(); v.last > after && v.first <= upTo {
			f.when.voices.touch(o, seq)
		}
	}
}
