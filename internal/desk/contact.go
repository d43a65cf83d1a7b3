package desk

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/store"
)

// People takes a decision about the people behind some authors, in one commit.
// decide must be pure: it runs again after a conflict. The same op has no
// second effect.
func (d *Desk) People(ctx context.Context, by care.Actor, op string, who []care.AuthorRef,
	decide func(now time.Time, ps []*care.Person) (care.Change, error)) (store.Seq, error) {
	return d.commit(ctx, by, op, func(u *unit) error {
		ps := make([]*care.Person, len(who))
		for i, w := range who {
			if w.Author == "" {
				return &care.Error{Code: care.Invalid, Field: "author", Msg: "Name the author."}
			}
			var err error
			if ps[i], err = u.person(ctx, w); err != nil {
				return err
			}
		}
		change, err := decide(u.now, ps)
		if err != nil {
			return err
		}
		return u.change(ctx, change)
	})
}

// person folds the contact of an author with all that are linked to it.
func (u *unit) person(ctx context.Context, who care.AuthorRef) (*care.Person, error) {
	p, err := care.PersonOf(who.Author, func(a care.AuthorKey) (*care.Contact, error) { return u.contact(ctx, a) })
	if err == nil && p.Self.Network == "" {
		p.Self.Network = who.Network
	}
	return p, err
}

func (u *unit) contact(ctx context.Context, a care.AuthorKey) (*care.Contact, error) {
	if c, ok := u.contacts[a]; ok {
		return c, nil
	}
	c := &care.Contact{Author: a}
	if _, err := u.strand(ctx, contactStream(a), c.Apply); err != nil {
		return nil, err
	}
	u.contacts[a] = c
	return c, nil
}

// tellContacts appends what was decided about contacts. The text of a fact that
// does not count any more goes with it.
func (u *unit) tellContacts(ctx context.Context, list []care.ContactEvents) error {
	roots, err := u.rootsOf(ctx, list)
	if err != nil {
		return err
	}
	for _, ce := range list {
		c, err := u.contact(ctx, ce.Author)
		if err != nil {
			return err
		}
		s, err := u.strand(ctx, contactStream(ce.Author), c.Apply)
		if err != nil {
			return err
		}
		had := texts(c)
		if c.Seq == 0 {
			u.weave(s, care.ContactBegun{Network: c.Network})
		}
		u.weave(s, ce.Events...)
		have := texts(c)
		for n := range had {
			if !have[n] {
				u.drop(factKey(ce.Author, n))
			}
		}
	}
	if len(roots) == 0 {
		return nil
	}
	after, err := u.rootsOf(ctx, list)
	if err != nil {
		return err
	}
	return u.joinGifts(ctx, distinct(append(roots, after...)))
}

// rootsOf are the people, as they are now, of whom events link or unlink authors.
func (u *unit) rootsOf(ctx context.Context, list []care.ContactEvents) (roots []care.AuthorKey, err error) {
	for _, ce := range list {
		if !slices.ContainsFunc(ce.Events, links) {
			continue
		}
		p, err := u.person(ctx, care.AuthorRef{Author: ce.Author})
		if err != nil {
			return nil, err
		}
		roots = append(roots, p.Root())
	}
	return roots, nil
}

func links(e care.Event) bool {
	switch e.(type) {
	case care.ContactLinked, care.ContactUnlinked:
		return true
	}
	return false
}

// texts are the numbers of the facts that are texts.
func texts(c *care.Contact) map[int]bool {
	out := map[int]bool{}
	for _, f := range c.Facts {
		if f.N > 0 {
			out[f.N] = true
		}
	}
	return out
}

func (u *unit) keepFact(ctx context.Context, f care.KeptFact) error {
	key := factKey(f.Author, f.N)
	if err := u.read(ctx, key); err != nil {
		return err
	}
	u.put(key, f.Text.Encode())
	return nil
}

// meet notes what a customer's mention shows of its author, and proposes other
// authors that may be the same person. Only the keyed hash of a trait is kept,
// and only of those who have a case.
func (u *unit) meet(ctx context.Context, m *care.Mention) error {
	self := care.AuthorRef{Network: m.Post.Network, Author: m.Author}
	own, said := care.TraitsOf(&m.Post)
	found := map[care.AuthorRef][]care.Evidence{}
	var keys []string // of all, for one round trip
	for _, tr := range own {
		keys = append(keys, u.d.names.trait(tr.Kind, tr.Value))
		if tr.Kind == care.SameHandle {
			keys = append(keys, u.d.names.trait(care.SaidSo, tr.Value))
		}
	}
	for _, tr := range said {
		keys = append(keys, u.d.names.trait(care.SameHandle, tr.Value), u.d.names.trait(care.SaidSo, tr.Value))
	}
	if err := u.read(ctx, keys...); err != nil {
		return err
	}
	look := func(key string, take func(care.AuthorRef)) (*care.TraitOwners, error) {
		t, err := u.owners(key)
		if err != nil {
			return nil, err
		}
		for _, o := range t.Authors {
			if o != self && !t.Common() {
				take(o)
			}
		}
		return t, nil
	}
	note := func(key string, t *care.TraitOwners) {
		if t.Add(self) {
			t.At = u.now.Unix() / int64(24*time.Hour/time.Second)
			u.put(key, t.Encode())
		}
	}
	for _, tr := range own {
		key := u.d.names.trait(tr.Kind, tr.Value)
		t, err := look(key, func(o care.AuthorRef) { found[o] = append(found[o], tr.Evidence) })
		if err != nil {
			return err
		}
		note(key, t)
		if tr.Kind != care.SameHandle {
			continue
		}
		_, err = look(u.d.names.trait(care.SaidSo, tr.Value), func(o care.AuthorRef) {
			found[o] = append(found[o], care.Evidence{Kind: care.SaidSo, Weight: 0.9, By: o.Author})
		})
		if err != nil {
			return err
		}
	}
	for _, tr := range said {
		_, err := look(u.d.names.trait(care.SameHandle, tr.Value), func(o care.AuthorRef) {
			found[o] = append(found[o], care.Evidence{Kind: care.SaidSo, Weight: tr.Weight, By: self.Author})
		})
		if err != nil {
			return err
		}
		key := u.d.names.trait(care.SaidSo, tr.Value)
		t, err := look(key, func(care.AuthorRef) {})
		if err != nil {
			return err
		}
		note(key, t)
	}
	return u.propose(ctx, self, found)
}

func (u *unit) propose(ctx context.Context, self care.AuthorRef, found map[care.AuthorRef][]care.Evidence) error {
	others := slices.SortedFunc(maps.Keys(found), func(a, b care.AuthorRef) int {
		return strings.Compare(a.Network+"/"+string(a.Author), b.Network+"/"+string(b.Author))
	})
	for _, o := range others {
		if care.Score(found[o]) < care.ProposeFrom {
			continue
		}
		a, err := u.person(ctx, self)
		if err != nil {
			return err
		}
		b, err := u.person(ctx, o)
		if err != nil {
			return err
		}
		if err := u.tellContacts(ctx, care.Propose(a, b, found[o])); err != nil {
			return err
		}
	}
	return nil
}

func (u *unit) owners(key string) (*care.TraitOwners, error) {
	b := u.doc(key)
	if b == nil {
		return &care.TraitOwners{}, nil
	}
	t, err := care.DecodeTraitOwners(b)
	return &t, err
}

const traitPrefix = "person/trait/"

// trait names the document of those who share a trait.
func (n *names) trait(k care.EvidenceKind, value string) string {
	return traitPrefix + n.hash("trait "+string(k), "", value)
}

func contactStream(a care.AuthorKey) string { return "contact/" + string(a) }

func factKey(a care.AuthorKey, n int) string { return fmt.Sprintf("person/%s/%d", a, n) }

// forgetPeople removes what we know of the person: the facts of every author
// that was linked to it, and its traits.
func (e *eraser) forgetPeople(ctx context.Context) error {
	u := e.d.unit(e.by, map[string]store.Doc{})
	group := map[string]bool{}
	for a := range e.authors {
		p, err := u.person(ctx, care.AuthorRef{Network: e.network, Author: a})
		if err != nil {
			return err
		}
		for _, c := range p.All {
			group[string(c.Author)] = true
		}
	}
	var keys []string
	err := e.each(ctx, "person/", func(doc store.Doc) error {
		if !strings.HasPrefix(doc.Key, traitPrefix) {
			if author, _, _ := strings.Cut(strings.TrimPrefix(doc.Key, "person/"), "/"); group[author] {
				keys = append(keys, doc.Key)
			}
			return nil
		}
		t, err := care.DecodeTraitOwners(doc.Data)
		if err == nil && slices.ContainsFunc(t.Authors, func(o care.AuthorRef) bool { return e.authors[o.Author] }) {
			keys = append(keys, doc.Key)
		}
		return err
	})
	if err != nil {
		return err
	}
	for part := range slices.Chunk(keys, eraseGroup) {
		_, err := e.d.commit(ctx, e.by, "", func(u *unit) error {
			if err := u.read(ctx, part...); err != nil {
				return err
			}
			for _, k := range part {
				if err := e.forgetOne(u, k); err != nil {
					return err
				}
			}
			u.tell("author/"+string(e.person()), care.Erased{Author: e.person()})
			return nil
		})
		if err != nil {
			return err
		}
	}
	e.done.Facts = len(keys)
	return nil
}

func (e *eraser) forgetOne(u *unit, key string) error {
	if !strings.HasPrefix(key, traitPrefix) {
		u.drop(key)
		return nil
	}
	t, err := u.owners(key)
	if err != nil {
		return err
	}
	for a := range e.authors {
		t.Remove(a)
	}
	if len(t.Authors) == 0 {
		u.drop(key)
		return nil
	}
	u.put(key, t.Encode())
	return nil
}
