package care

import (
	"slices"
	"time"
)

// Claims say which cases an author's mentions on one network lead to: the
// document claim/<network>/<author>. Whether a case still takes mentions in is
// told by its own records, so nothing here has to be undone when a case ends.
type Claims struct {
	Entries []ClaimEntry // oldest first
}

// A ClaimEntry leads a thread to a case.
type ClaimEntry struct {
	Thread ThreadKey
	Case   CaseID
}

// maxClaims bounds what is remembered of one author: the newest.
const maxClaims = 64

const claimsVersion = 1

func (k *Claims) fields(c *codec) {
	blocks(c, &k.Entries)
}

func (e *ClaimEntry) fields(c *codec) { str(c, &e.Thread); str(c, &e.Case) }

// Encode gives the bytes of the document.
func (k *Claims) Encode() []byte { return encode(claimsVersion, 64, k.fields) }

// DecodeClaims reads what Encode wrote.
func DecodeClaims(b []byte) (Claims, error) {
	var k Claims
	err := decode(b, claimsVersion, "claims", k.fields)
	return k, err
}

// Set leads a thread to a case from now on.
func (k *Claims) Set(t ThreadKey, id CaseID) {
	k.Entries = slices.DeleteFunc(k.Entries, func(e ClaimEntry) bool { return e.Thread == t })
	if len(k.Entries) >= maxClaims {
		k.Entries = slices.Delete(k.Entries, 0, len(k.Entries)-maxClaims+1)
	}
	k.Entries = append(k.Entries, ClaimEntry{Thread: t, Case: id})
}

// A Placing is where a mention belongs.
type Placing struct {
	Join     CaseID // the case that takes it in; empty: none
	Open     bool   // it opens a case
	Previous CaseID // the author's latest case that is over, shown with the new one
}

// Place decides where a mention belongs: the case claimed by its author and
// thread, while it is open or may be reopened; else the author's newest open
// case on the network; else, if it is flagged, a case of its own. cases gives a
// case by id, following no merges, or nil.
func Place(m MentionRef, claims Claims, cases func(CaseID) *Case, now time.Time, window time.Duration) Placing {
	var open *Case
	var p Placing
	for _, e := range slices.Backward(claims.Entries) {
		c := winner(cases(e.Case), cases)
		if c == nil {
			continue
		}
		switch {
		case e.Thread == m.Thread && (!c.State.Over() || c.within(&m, now, window)):
			return Placing{Join: c.ID}
		case !c.State.Over() && (open == nil || c.ID > open.ID):
			open = c
		case p.Previous == "" && c.State.Over():
			p.Previous = c.ID
		}
	}
	if open != nil {
		return Placing{Join: open.ID}
	}
	p.Open = m.Flagged
	return p
}

// winner follows merges to the case that goes on.
func winner(c *Case, cases func(CaseID) *Case) *Case {
	for hops := 0; c != nil && c.State == StateMerged; hops++ {
		if hops == 16 {
			return nil
		}
		c = cases(c.MergedInto)
	}
	return c
}

// TakeIn adds a mention to a case. A mention posted after a resolution reopens
// the case; one posted before it is only added.
func (c *Case) TakeIn(m MentionRef) []Event {
	if c.Mention(m.Mention) != nil {
		return nil
	}
	events := []Event{MentionAdded{MentionRef: m}}
	if !c.SnoozedUntil.IsZero() {
		events = append(events, Woken{Why: "mention"})
	}
	if c.WaitsOn != "" {
		events = append(events, WaitOver{Why: "mention"})
	}
	if c.State == StateResolved && m.PostedAt.After(c.ResolvedAt) {
		events = append(events, Reopened{Mention: m.Mention})
	}
	return events
}

// EditMention notes that the author changed a mention. Edits may be read in any
// order: the latest counts.
func (c *Case) EditMention(e MentionEdited) []Event {
	switch m := c.Mention(e.Mention); {
	case m == nil, m.Edited && !e.At.After(m.EditedAt) && !e.At.IsZero(): // or known
		return nil
	}
	return []Event{e}
}

// DeleteMention notes that the author took a mention back.
func (c *Case) DeleteMention(id MentionID) []Event {
	if m := c.Mention(id); m == nil || m.Deleted {
		return nil
	}
	return []Event{MentionDeleted{Mention: id}}
}

// Loose are the mentions of a thread that belong to no case (yet): the document
// thread/<network>/<remote>. When a case opens in the thread it takes in the
// author's own follow-ups and our answers, in whatever order they were read.
type Loose struct {
	Mentions []LooseMention
}

// A LooseMention is one of them.
type LooseMention struct {
	Ref MentionRef
	Own bool
	To  Remote // the post it answers
}

// maxLoose bounds what is remembered of one thread: the newest.
const maxLoose = 200

const looseVersion = 1

func (l *Loose) fields(c *codec) { blocks(c, &l.Mentions) }

func (m *LooseMention) fields(c *codec) {
	c.block(m.Ref.fields)
	c.bool(&m.Own)
	str(c, &m.To)
}

// Encode gives the bytes of the document.
func (l *Loose) Encode() []byte { return encode(looseVersion, 128, l.fields) }

// DecodeLoose reads what Encode wrote.
func DecodeLoose(b []byte) (Loose, error) {
	var l Loose
	err := decode(b, looseVersion, "thread", l.fields)
	return l, err
}

// Add remembers a mention.
func (l *Loose) Add(m LooseMention) {
	if len(l.Mentions) >= maxLoose {
		l.Mentions = slices.Delete(l.Mentions, 0, len(l.Mentions)-maxLoose+1)
	}
	l.Mentions = append(l.Mentions, m)
}
