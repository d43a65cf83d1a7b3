package search

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	bleve "github.com/blevesearch/bleve/v2/search"
	"github.com/blevesearch/bleve/v2/search/searcher"
	index "github.com/blevesearch/bleve_index_api"
)

// What bounds a search, whatever is asked for.
const (
	patience  = 400 * time.Millisecond // then what was found by then is the answer
	most      = 2000                   // finds that are told, the newest
	expansion = 400                    // words of the index that one word of a query stands for
)

// A Hit is an entry that was found: of a mention, a case or a person.
type Hit struct {
	Kind byte   // 'm', 'c' or 'p'
	ID   string // of the mention, the case or the author
}

// Found is what a search brought.
type Found struct {
	Hits  []Hit // the newest first
	Who   []Hit // those whose names are what was looked for, the newest first
	Named []Hit // those by exactly this handle, the newest first
	More  bool  // there are more, or time was up
	Near  bool  // nothing is written like this: what was found comes near

	terms map[string]struct{}
}

// Find looks for what a query says, by anybody whose names contain all words of
// from. A search that takes too long answers with what it has by then.
func (x *Index) Find(ctx context.Context, q Query, from Query) (f *Found, err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	x.turn.RLock()
	defer x.turn.RUnlock()
	if x.ix == nil {
		return nil, errClosed
	}
	r, err := x.ix.Reader()
	if err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	s := finding{ctx: ctx, r: r, f: &Found{terms: map[string]struct{}{}}}
	if err := s.all(q, from); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return nil, fmt.Errorf("search: %w", err)
	} else if err != nil {
		s.f.More = true
	}
	return s.f, nil
}

type finding struct {
	ctx context.Context
	r   index.IndexReader
	f   *Found
}

func (s *finding) all(q, from Query) (err error) {
	if handle := fold(strings.TrimPrefix(strings.TrimSpace(q.Raw), "@")); handle != "" && len(from.Words) == 0 {
		exact, err := searcher.NewTermSearcher(s.ctx, s.r, handle, fieldHandle, 1, unscored)
		if err != nil {
			return err
		}
		if s.f.Named, err = s.collect(exact); err != nil {
			return err
		}
	}
	for _, near := range []bool{false, true} {
		if near && len(s.f.Hits)+len(s.f.Named) > 0 {
			break
		}
		all, err := s.search(fieldAll, q, from, near)
		if err != nil {
			return err
		}
		s.f.Hits, s.f.Near = all, near && len(all) > 0
		if len(q.Words) > 0 {
			if s.f.Who, err = s.search(fieldWho, q, from, near); err != nil {
				return err
			}
		}
	}
	return nil
}

// unscored: in what order finds stand is told by their age, not by their words.
var unscored = bleve.SearcherOptions{Score: "none"}

func (s *finding) search(field string, q, from Query, near bool) ([]Hit, error) {
	var parts []bleve.Searcher
	add := func(field string, q Query, marked bool) error {
		for i, w := range q.Words {
			one, err := s.word(field, w, near, q.typing && i == len(q.Words)-1, marked)
			if err != nil {
				return err
			}
			parts = append(parts, one)
		}
		return nil
	}
	if err := errors.Join(add(field, q, true), add(fieldWho, from, false)); err != nil {
		for _, p := range parts {
			err = errors.Join(err, p.Close())
		}
		return nil, err
	}
	if len(parts) == 0 {
		return nil, nil
	}
	all, err := searcher.NewConjunctionSearcher(s.ctx, s.r, parts, unscored)
	if err != nil {
		return nil, err
	}
	return s.collect(all)
}

// word looks for a word or a phrase. marked: it is shown in what was found.
func (s *finding) word(field string, w []string, near, typing, marked bool) (bleve.Searcher, error) {
	if len(w) > 1 {
		s.mark(marked, w...)
		return searcher.NewPhraseSearcher(s.ctx, s.r, w, 0, false, field, 1, unscored)
	}
	terms, err := s.standFor(field, w[0], near, typing)
	if err != nil {
		return nil, err
	}
	s.mark(marked, terms...)
	return searcher.NewMultiTermSearcher(s.ctx, s.r, terms, field, 1, unscored, false)
}

func (s *finding) mark(marked bool, terms ...string) {
	if marked {
		for _, t := range terms {
			s.f.terms[t] = struct{}{}
		}
	}
}

// standFor are the words of the index that a word stands for: itself, what
// begins with it, and with near what differs by a letter or two.
func (s *finding) standFor(field, term string, near, typing bool) ([]string, error) {
	terms := map[string]bool{term: true}
	n := utf8.RuneCountInString(term)
	first, _ := utf8.DecodeRuneInString(term)
	if n >= 3 || typing || spaceless(first) {
		d, err := s.r.FieldDictPrefix(field, []byte(term))
		if err != nil {
			return nil, err
		}
		if err := s.read(d, terms); err != nil {
			return nil, err
		}
	}
	if wrong := mistakes(n); near && wrong > 0 && !spaceless(first) {
		d, err := s.r.(index.IndexReaderFuzzy).FieldDictFuzzy(field, term, wrong, "")
		if err != nil {
			return nil, err
		}
		if err := s.read(d, terms); err != nil {
			return nil, err
		}
	}
	return slices.Collect(maps.Keys(terms)), nil
}

// mistakes is how many letters of a word may be wrong.
func mistakes(letters int) int {
	switch {
	case letters < 4:
		return 0
	case letters < 8:
		return 1
	}
	return 2
}

func (s *finding) read(d index.FieldDict, terms map[string]bool) (err error) {
	defer func() { err = errors.Join(err, d.Close()) }()
	for range expansion {
		e, err := d.Next()
		if err != nil || e == nil {
			return err
		}
		terms[e.Term] = true
	}
	s.f.More = true
	return s.ctx.Err()
}

// collect keeps the newest of what a searcher finds, and closes it.
func (s *finding) collect(found bleve.Searcher) (hits []Hit, err error) {
	defer func() { err = errors.Join(err, found.Close()) }()
	ctx := &bleve.SearchContext{DocumentMatchPool: bleve.NewDocumentMatchPool(found.DocumentMatchPoolSize()+1, 0), IndexReader: s.r}
	for n := 0; ; n++ {
		d, err := found.Next(ctx)
		if err != nil || d == nil {
			return newest(hits), err
		}
		id, err := s.r.ExternalID(d.IndexInternalID)
		if err != nil {
			return newest(hits), err
		}
		ctx.DocumentMatchPool.Put(d)
		if hits = append(hits, Hit{id[0], id[1:]}); len(hits) == 4*most {
			hits = newest(hits)
		}
		if n >= most {
			s.f.More = true
		}
		if n%256 == 255 && s.ctx.Err() != nil {
			return newest(hits), s.ctx.Err()
		}
	}
}

// newest is the latest of some finds in order; ids are time-ordered.
func newest(hits []Hit) []Hit {
	slices.SortFunc(hits, func(a, b Hit) int { return strings.Compare(b.ID, a.ID) })
	return hits[:min(len(hits), most)]
}
