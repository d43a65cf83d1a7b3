package view

import (
	"context"
	"fmt"
	"slices"

	"github.com/amends-care/amends/internal/care"
)

// A PersonPage is what is known of the person behind an author: what the
// records of their contacts tell, and the documents with what was written. A
// document that is missing was erased.
type PersonPage struct {
	Person *care.Person                         `json:"person,omitempty"`
	Texts  map[care.AuthorKey]map[int]care.Text `json:"texts,omitempty"`
	Story  []ContactRecord                      `json:"story,omitempty"` // every record, oldest first
}

// A ContactRecord is one record of one of the contacts.
type ContactRecord struct {
	Author care.AuthorKey
	care.SeqRecord
}

// Person reads an author's person from the log and the documents. One of whom
// nothing is known is a person all the same.
func (v *View) Person(ctx context.Context, who care.AuthorRef) (*PersonPage, error) {
	p := &PersonPage{Texts: map[care.AuthorKey]map[int]care.Text{}}
	read := map[care.AuthorKey]*care.Contact{}
	var err error
	p.Person, err = care.PersonOf(who.Author, func(a care.AuthorKey) (*care.Contact, error) {
		if c, ok := read[a]; ok {
			return c, nil
		}
		c := &care.Contact{Author: a}
		read[a] = c
		for r, err := range v.st.Stream(ctx, "contact/"+string(a), 0) {
			if err != nil {
				return nil, fmt.Errorf("contact %s: %w", a, err)
			}
			rec, err := care.DecodeRecord(r.Data)
			if err != nil {
				return nil, fmt.Errorf("contact %s: record %d: %w", a, r.Seq, err)
			}
			c.Apply(uint64(r.Seq), rec)
			p.Story = append(p.Story, ContactRecord{a, care.SeqRecord{Seq: uint64(r.Seq), Record: rec}})
		}
		return c, nil
	})
	if err != nil {
		return nil, err
	}
	if p.Person.Self.Network == "" {
		p.Person.Self.Network = who.Network
	}
	slices.SortFunc(p.Story, func(a, b ContactRecord) int { return int(int64(a.Seq) - int64(b.Seq)) })
	return p, p.documents(ctx, v)
}

func (p *PersonPage) documents(ctx context.Context, v *View) error {
	var keys []string
	var of []care.AuthorKey
	var ns []int
	for _, c := range p.Person.All {
		for _, f := range c.Facts {
			if f.N > 0 {
				keys = append(keys, fmt.Sprintf("person/%s/%d", c.Author, f.N))
				of, ns = append(of, c.Author), append(ns, f.N)
			}
		}
	}
	if len(keys) == 0 {
		return nil
	}
	docs, err := v.st.Get(ctx, keys...)
	if err != nil {
		return fmt.Errorf("what is known of a contact: %w", err)
	}
	for i, d := range docs {
		if d.Rev == 0 {
			continue
		}
		t, err := care.DecodeText(d.Data)
		if err != nil {
			return fmt.Errorf("%s: %w", d.Key, err)
		}
		if p.Texts[of[i]] == nil {
			p.Texts[of[i]] = map[int]care.Text{}
		}
		p.Texts[of[i]][ns[i]] = t
	}
	return nil
}

// OptedOut is the wish of the person behind an author not to hear from us; nil:
// there is none.
func (v *View) OptedOut(ctx context.Context, who care.AuthorRef) (*care.OptOut, error) {
	p, err := v.Person(ctx, who)
	if err != nil {
		return nil, err
	}
	return p.Person.OptedOut(), nil
}
