package view

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/store"
	"github.com/amends-care/amends/internal/view/search"
)

// A Search says what to look for.
type Search struct {
	Text  search.Query
	From  search.Query             // words of the author's names; empty: anybody
	Cases func(*care.Row) bool     // which cases count; nil: all
	Loose func(*care.Mention) bool // which mentions in no case count; nil: all
	Since time.Time                // posted then or later; zero: whenever
	Until time.Time                // posted before; zero: whenever
	Skip  int                      // cases of the pages before
	Limit int                      // cases; 0: 20, at most 50
}

// Found is what a search brought. Of mentions in no case and of people there
// are only the first few.
type Found struct {
	Cases    []FoundCase
	Mentions []FoundMention
	People   []FoundPerson
	Next     int  // Skip of the next page; 0: that was the last
	More     bool // there is more than could be looked at
	Near     bool // nothing is written as was asked: this comes near
	Position store.Seq
}

// A FoundCase is a case with what was found in it.
type FoundCase struct {
	Row     care.Row
	Exact   bool           // by its number, or by its author's whole handle
	Ours    bool           // in what we wrote, or its tags
	Mention care.MentionID // the newest one in which; empty: Ours, or by its number
	Snippet search.Snippet
}

// A FoundMention is a mention that is in no case.
type FoundMention struct {
	Mention care.Mention
	Snippet search.Snippet
}

// A FoundPerson is an author whose name or handle was looked for.
type FoundPerson struct {
	Author  care.AuthorKey
	Network string
	Shown   care.Author // as their newest mention of these shows them
	Exact   bool
	LastAt  time.Time // of that mention
}

// The sizes of an answer.
const (
	maxFound   = 50
	maxPeople  = 8
	maxLoose   = 10
	snippetLen = 200 // bytes, about
	lookAt     = 200 // mentions that are read at once
)

// A Finder answers searches of one view.
type Finder struct {
	v  *View
	ix *search.Index
}

// NewFinder searches with an index of the view's store.
func NewFinder(v *View, ix *search.Index) *Finder { return &Finder{v, ix} }

var caseNumber = regexp.MustCompile(`^#?(\d{1,12})$`)

// Search finds cases, people and mentions: what was named exactly first, then
// open cases, then the newest. It takes a second at most.
func (f *Finder) Search(ctx context.Context, s Search) (*Found, error) {
	if s.Limit <= 0 {
		s.Limit = 20
	}
	s.Limit, s.Skip = min(s.Limit, maxFound), max(s.Skip, 0)
	out := &Found{Position: f.v.Position()}
	found, err := f.ix.Find(ctx, s.Text, s.From)
	if err != nil {
		return nil, err
	}
	l := looking{Finder: f, s: &s, found: found, out: out, at: map[care.CaseID]int{}}
	if err := l.byNumber(); err != nil {
		return nil, err
	}
	if err := l.people(ctx); err != nil {
		return nil, err
	}
	for _, part := range []struct {
		hits []search.Hit
		rank int
	}{{found.Named, exactly}, {found.Hits, written}} {
		if err := l.look(ctx, part.hits, part.rank); err != nil {
			return nil, err
		}
	}
	out.More, out.Near = found.More, found.Near && len(l.cases) > 0
	return out, l.page(ctx)
}

// The ranks of what is found, the best first.
const (
	exactly = iota
	written
)

type looking struct {
	*Finder
	s     *Search
	found *search.Found
	out   *Found
	cases []ranked
	at    map[care.CaseID]int // in cases
}

type ranked struct {
	FoundCase
	rank int
}

func (l *looking) byNumber() error {
	m := caseNumber.FindStringSubmatch(l.s.Text.Raw)
	if m == nil || !l.s.From.Empty() {
		return nil
	}
	n, _ := strconv.ParseUint(m[1], 10, 64)
	id, err := l.v.ByNumber(n)
	if err != nil {
		return nil // there is none: it is a word like any other
	}
	return l.add(id, FoundCase{Ours: true}, exactly)
}

// look goes through hits in their order.
func (l *looking) look(ctx context.Context, hits []search.Hit, rank int) error {
	for part := range slices.Chunk(hits, lookAt) {
		var ids []care.MentionID
		for _, h := range part {
			if h.Kind == 'm' {
				ids = append(ids, care.MentionID(h.ID))
			}
		}
		ms, err := l.v.Mentions(ctx, ids...)
		if err != nil {
			return err
		}
		for _, h := range part {
			switch h.Kind {
			case 'm':
				m := &ms[0]
				ms = ms[1:]
				if err := l.mention(m, rank); err != nil {
					return err
				}
			case 'c':
				if err := l.add(care.CaseID(h.ID), FoundCase{Ours: true}, rank); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (l *looking) mention(m *care.Mention, rank int) error {
	if at := m.Post.PostedAt; m.Post.Network == "" || !l.s.Since.IsZero() && at.Before(l.s.Since) || !l.s.Until.IsZero() && !at.Before(l.s.Until) {
		return nil // gone, or of another time
	}
	if m.Case != "" {
		return l.add(m.Case, FoundCase{Mention: m.ID}, rank)
	}
	if len(l.out.Mentions) < maxLoose && (l.s.Loose == nil || l.s.Loose(m)) && l.s.Skip == 0 &&
		!slices.ContainsFunc(l.out.Mentions, func(o FoundMention) bool { return o.Mention.ID == m.ID }) {
		l.out.Mentions = append(l.out.Mentions, FoundMention{Mention: *m, Snippet: l.found.Cut(m.Post.Text, snippetLen)})
	}
	return nil
}

// add notes a case, once: the best and newest of what was found in it counts.
func (l *looking) add(id care.CaseID, c FoundCase, rank int) error {
	if i, ok := l.at[id]; ok {
		if l.cases[i].Mention == "" && l.cases[i].rank >= rank && c.Mention != "" {
			l.cases[i].Mention, l.cases[i].Ours = c.Mention, false
		}
		return nil
	}
	row, err := l.v.Row(id)
	if e, known := err.(*care.Error); known && e.Code == care.NotFound {
		return nil // the view is not there yet
	}
	if err != nil {
		return err
	}
	if c.Ours && (!l.s.Since.IsZero() && row.LastAt.Before(l.s.Since) || !l.s.Until.IsZero() && !row.OpenedAt.Before(l.s.Until)) {
		return nil
	}
	if l.s.Cases != nil && !l.s.Cases(&row) {
		return nil
	}
	c.Row, c.Exact = row, rank == exactly
	l.at[id] = len(l.cases)
	l.cases = append(l.cases, ranked{c, rank})
	return nil
}

// page puts the cases in order and completes those of the page.
func (l *looking) page(ctx context.Context) error {
	slices.SortStableFunc(l.cases, func(a, b ranked) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(over(&a.Row), over(&b.Row)))
	})
	from := min(l.s.Skip, len(l.cases))
	to := min(from+l.s.Limit, len(l.cases))
	if to < len(l.cases) {
		l.out.Next = to
	}
	for _, c := range l.cases[from:to] {
		var err error
		if c.Snippet, err = l.snippet(ctx, &c.FoundCase); err != nil {
			return err
		}
		l.out.Cases = append(l.out.Cases, c.FoundCase)
	}
	return nil
}

func over(r *care.Row) int {
	if r.State.Over() {
		return 1
	}
	return 0
}

// snippet is the part of a mention, or of what we wrote, that was found.
func (l *looking) snippet(ctx context.Context, c *FoundCase) (search.Snippet, error) {
	if c.Mention != "" {
		ms, err := l.v.Mentions(ctx, c.Mention)
		if err != nil {
			return search.Snippet{}, err
		}
		return l.found.Cut(ms[0].Post.Text, snippetLen), nil
	}
	for d, err := range l.v.st.List(ctx, "text/"+string(c.Row.ID)+"/", "") {
		if err != nil {
			return search.Snippet{}, fmt.Errorf("texts of %s: %w", c.Row.ID, err)
		}
		t, err := care.DecodeText(d.Data)
		if err != nil {
			return search.Snippet{}, fmt.Errorf("%s: %w", d.Key, err)
		}
		if l.found.Marked(t.Body) {
			return l.found.Cut(t.Body, snippetLen), nil
		}
	}
	return search.Snippet{}, nil
}

// people lists authors by what was found in their names.
func (l *looking) people(ctx context.Context) error {
	if l.s.Skip > 0 {
		return nil
	}
	known := map[care.AuthorKey]bool{}
	for i, hits := range [][]search.Hit{l.found.Named, l.found.Who} {
		hits = hits[:min(len(hits), 2*lookAt)]
		var ids []care.MentionID
		for _, h := range hits {
			switch h.Kind {
			case 'm':
				ids = append(ids, care.MentionID(h.ID))
			case 'p': // a name that we know them by: shown as they show themselves
				p, err := l.v.Cases(ctx, Query{List: OfAuthor, Author: care.AuthorKey(h.ID), Limit: 1})
				if err != nil {
					return err
				}
				for _, r := range p.Rows {
					ids = append(ids, r.First)
				}
			}
		}
		ms, err := l.v.Mentions(ctx, ids...)
		if err != nil {
			return err
		}
		for _, m := range ms {
			if m.Author == "" || m.Own || known[m.Author] || len(l.out.People) == maxPeople {
				continue
			}
			known[m.Author] = true
			l.out.People = append(l.out.People, FoundPerson{Author: m.Author, Network: m.Post.Network, Shown: m.Post.Author, Exact: i == 0, LastAt: m.Post.PostedAt})
		}
	}
	return nil
}
