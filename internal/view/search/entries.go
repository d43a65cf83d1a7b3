package search

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/blevesearch/bleve/v2/analysis"
	"github.com/blevesearch/bleve/v2/document"
	index "github.com/blevesearch/bleve_index_api"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/store"
)

// The kinds of entry: the first character of its id.
const (
	kindMention = "m" // a mention: who wrote it, and what
	kindCase    = "c" // what we wrote in a case, and its tags
	kindPerson  = "p" // what we know of an author
)

// The fields of an entry.
const (
	fieldAll    = "a" // all words
	fieldWho    = "w" // words of names and handles
	fieldHandle = "h" // whole handles
	fieldKind   = "k" // the kind
	fieldSum    = "s" // kept: what the entry was made of, hashed
)

// maxBody is how much of an entry's text is looked at, in bytes.
const maxBody = 40_000

// An entry is one thing that can be found.
type entry struct {
	who, body []string
	handle    string
}

// changed is what some records say is to be looked at again.
type changed struct {
	ids    map[string]bool
	spans  [][2]care.MentionID // of new mentions: first and last
	people bool                // everybody of whom something is known
}

// note takes in what a record changed.
func (c *changed) note(r store.Record) error {
	kind, name, _ := strings.Cut(r.Stream, "/")
	if kind == "contact" {
		c.ids[kindPerson+name] = true
		return nil
	}
	if kind != "case" && kind != "source" && kind != "author" && kind != "desk" && kind != "retention" {
		return nil
	}
	rec, err := care.DecodeRecord(r.Data)
	if err != nil {
		return err
	}
	for _, e := range rec.Events {
		switch e := e.(type) {
		case care.SourceRead:
			if e.First != "" {
				c.spans = append(c.spans, [2]care.MentionID{e.First, e.Last})
			}
			c.mentions(e.Changed)
		case care.MentionEdited:
			c.ids[kindMention+string(e.Mention)] = true
		case care.MentionDeleted:
			c.ids[kindMention+string(e.Mention)] = true
		case care.Erased:
			c.people = true
			c.mentions(e.Mentions)
			for _, id := range e.Cases {
				c.ids[kindCase+string(id)] = true
			}
		case care.Expired:
			c.mentions(e.Mentions)
			if e.Case != "" {
				c.ids[kindCase+string(e.Case)] = true
			}
		default:
			if kind == "case" && writes(e.Kind()) {
				c.ids[kindCase+name] = true
			}
		}
	}
	return nil
}

func (c *changed) mentions(ids []care.MentionID) {
	for _, id := range ids {
		c.ids[kindMention+string(id)] = true
	}
}

// writes says that an event may have come with a text of ours, or with a tag.
func writes(k care.Kind) bool {
	for _, quiet := range []string{"target.", "notice.", "mention.", "verdict."} {
		if strings.HasPrefix(string(k), quiet) {
			return false
		}
	}
	switch k {
	case care.Opened{}.Kind(), care.Routed{}.Kind(), care.Assigned{}.Kind(), care.Released{}.Kind(), care.Planned{}.Kind(), care.Unmatched{}.Kind(),
		care.Awaiting{}.Kind(), care.Snoozed{}.Kind(), care.Woken{}.Kind(), care.ReplyAttempted{}.Kind(), care.ReplySought{}.Kind():
		return false
	}
	return true
}

// A filling is a batch in the making. What is too much for one is written in
// several; the position comes with the last.
type filling struct {
	*Index
	b *index.Batch
}

// entries puts what changed, as its documents are now, into the batch.
func (f *filling) entries(ctx context.Context, c *changed) error {
	for _, s := range c.spans {
		if err := f.span(ctx, s); err != nil {
			return err
		}
	}
	if c.people {
		if err := f.everybody(ctx, c); err != nil {
			return err
		}
	}
	var mentions []string
	for id := range c.ids {
		name := id[1:]
		switch id[:1] {
		case kindMention:
			mentions = append(mentions, mentionPrefix+name)
		case kindCase:
			e, err := f.caseEntry(ctx, care.CaseID(name))
			if err = errors.Join(err, f.put(ctx, id, e)); err != nil {
				return err
			}
		case kindPerson:
			e, err := f.personEntry(ctx, care.AuthorKey(name))
			if err = errors.Join(err, f.put(ctx, id, e)); err != nil {
				return err
			}
		}
	}
	for keys := range slices.Chunk(mentions, group) {
		docs, err := f.st.Get(ctx, keys...)
		if err != nil {
			return err
		}
		for _, d := range docs {
			if err := f.putMention(ctx, d); err != nil {
				return err
			}
		}
	}
	return nil
}

const mentionPrefix = "mention/"

// span puts the mentions of one page.
func (f *filling) span(ctx context.Context, s [2]care.MentionID) error {
	first, last := mentionPrefix+string(s[0]), mentionPrefix+string(s[1])
	before := first[:len(first)-1] + string(first[len(first)-1]-1)
	for d, err := range f.st.List(ctx, mentionPrefix, before) {
		switch {
		case err != nil:
			return fmt.Errorf("list mentions: %w", err)
		case d.Key < first:
			continue
		case d.Key > last:
			return nil
		}
		if err := f.putMention(ctx, d); err != nil {
			return err
		}
	}
	return nil
}

// everybody marks all entries of people.
func (x *Index) everybody(ctx context.Context, c *changed) (err error) {
	r, err := x.ix.Reader()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	terms, err := r.TermFieldReader(ctx, []byte(kindPerson), fieldKind, false, false, false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, terms.Close()) }()
	for d, err := terms.Next(nil); d != nil || err != nil; d, err = terms.Next(nil) {
		if err != nil {
			return err
		}
		id, err := r.ExternalID(d.ID)
		if err != nil {
			return err
		}
		c.ids[id] = true
	}
	return nil
}

func (f *filling) putMention(ctx context.Context, d store.Doc) error {
	e, err := mentionEntry(d)
	if err != nil {
		return err
	}
	return f.put(ctx, kindMention+d.Key[len(mentionPrefix):], e)
}

// mentionEntry is what can be found of a mention; nil: nothing.
func mentionEntry(d store.Doc) (*entry, error) {
	if d.Rev == 0 {
		return nil, nil
	}
	m, err := care.DecodeMention(d.Data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", d.Key, err)
	}
	if m.Deleted {
		return nil, nil
	}
	a := m.Post.Author
	e := &entry{who: []string{a.Name, a.Handle}, body: []string{m.Post.Text}, handle: a.Handle}
	for _, l := range m.Post.Links {
		e.body = append(e.body, l.Alt)
	}
	return e, nil
}

// caseEntry is what can be found of a case besides its mentions; nil: nothing.
func (x *Index) caseEntry(ctx context.Context, id care.CaseID) (*entry, error) {
	e := &entry{}
	var records []care.SeqRecord
	for r, err := range x.st.Stream(ctx, "case/"+string(id), 0) {
		if err != nil {
			return nil, fmt.Errorf("case %s: %w", id, err)
		}
		rec, err := care.DecodeRecord(r.Data)
		if err != nil {
			return nil, fmt.Errorf("case %s: record %d: %w", id, r.Seq, err)
		}
		records = append(records, care.SeqRecord{Seq: uint64(r.Seq), Record: rec})
	}
	e.body = append(e.body, care.Fold(id, records).Tags...)
	for d, err := range x.st.List(ctx, "text/"+string(id)+"/", "") {
		if err != nil {
			return nil, fmt.Errorf("texts of %s: %w", id, err)
		}
		t, err := care.DecodeText(d.Data)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", d.Key, err)
		}
		e.body = append(e.body, t.Body)
	}
	if len(e.body) == 0 {
		return nil, nil
	}
	return e, nil
}

// personEntry is what we know of an author; nil: nothing.
func (x *Index) personEntry(ctx context.Context, a care.AuthorKey) (*entry, error) {
	c := care.Contact{Author: a}
	for r, err := range x.st.Stream(ctx, "contact/"+string(a), 0) {
		if err != nil {
			return nil, fmt.Errorf("contact %s: %w", a, err)
		}
		rec, err := care.DecodeRecord(r.Data)
		if err != nil {
			return nil, fmt.Errorf("contact %s: record %d: %w", a, r.Seq, err)
		}
		c.Apply(uint64(r.Seq), rec)
	}
	e := &entry{}
	var keys []string
	var what []care.FactKind
	for _, f := range c.Facts {
		if f.N > 0 {
			keys, what = append(keys, "person/"+string(a)+"/"+strconv.Itoa(f.N)), append(what, f.What)
		}
	}
	if len(keys) == 0 {
		return nil, nil
	}
	docs, err := x.st.Get(ctx, keys...)
	if err != nil {
		return nil, fmt.Errorf("contact %s: %w", a, err)
	}
	for i, d := range docs {
		if d.Rev == 0 {
			continue
		}
		t, err := care.DecodeText(d.Data)
		switch {
		case err != nil:
			return nil, fmt.Errorf("%s: %w", d.Key, err)
		case what[i] == care.FactName:
			e.who = append(e.who, t.Body)
		default:
			e.body = append(e.body, t.Body)
		}
	}
	if len(e.who)+len(e.body) == 0 {
		return nil, nil
	}
	return e, nil
}

// sum tells an entry from any other.
func (e *entry) sum() []byte {
	h := sha256.New()
	for _, s := range slices.Concat([]string{e.handle}, e.who, []string{"\x00"}, e.body) {
		h.Write([]byte(s))
		h.Write([]byte{0})
	}
	return h.Sum(nil)[:8]
}

// put adds an entry; nil: takes away what was there.
func (f *filling) put(ctx context.Context, id string, e *entry) error {
	if e == nil {
		f.b.Delete(id)
	} else {
		f.b.Update(e.document(id))
	}
	if len(f.b.IndexOps) < batch {
		return nil
	}
	full := f.b
	f.b = index.NewBatch()
	return f.write(ctx, full, true)
}

// document is an entry as bleve takes it.
func (e *entry) document(id string) *document.Document {
	d := document.NewDocument(id)
	who := strings.Join(e.who, "\x00")
	all := who + "\x00" + strings.Join(e.body, "\x00")
	all = all[:safe(all, min(len(all), maxBody))]
	const plain = index.IndexField | index.SkipFreqNorm
	d.AddField(document.NewTextFieldCustom(fieldAll, nil, []byte(all), index.IndexField|index.IncludeTermVectors, analyzer(words)))
	d.AddField(document.NewTextFieldCustom(fieldWho, nil, []byte(who), index.IndexField|index.IncludeTermVectors, analyzer(words)))
	d.AddField(document.NewTextFieldCustom(fieldKind, nil, []byte(id[:1]), plain, analyzer(whole)))
	if e.handle != "" {
		d.AddField(document.NewTextFieldCustom(fieldHandle, nil, []byte(fold(e.handle)), plain, analyzer(whole)))
	}
	d.AddField(document.NewTextFieldCustom(fieldSum, nil, e.sum(), index.StoreField, analyzer(whole)))
	return d
}

// An analyzer gives bleve our words.
type analyzer func(string) []word

// Analyze implements analysis.Analyzer.
func (a analyzer) Analyze(text []byte) analysis.TokenStream {
	ws := a(string(text))
	out := make(analysis.TokenStream, len(ws))
	for i, w := range ws {
		out[i] = &analysis.Token{Start: w.from, End: w.to, Term: []byte(w.term), Position: w.at}
	}
	return out
}

func whole(s string) []word { return []word{{s, 0, len(s), 1}} }
