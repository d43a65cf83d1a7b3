package desk

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/store"
)

// An Erasure tells what was removed for one person.
type Erasure struct {
	Mentions int `json:"mentions"` // by the person
	Answers  int `json:"answers"`  // of ours to the person, on the network
	Texts    int `json:"texts"`    // replies, notes and promises of their cases
	Named    int `json:"named"`    // documents of others that named the person, which was taken out
	Facts    int `json:"facts"`    // documents of what was known of the person
	Cases    int `json:"cases"`    // which stay, with their figures
}

// erased stands where a handle was.
const erased = "[erased]"

// eraseGroup is how many documents one commit of an erasure changes.
const eraseGroup = 500

// Erase removes everything that a person wrote or that names them: mentions,
// our answers, texts and drafts of their cases, and the handle wherever else it
// stands. The log and all figures stay as they are. What is polled again later
// is recognised by a keyed hash and left out. It reads every document a few
// times; progress, which may be nil, is told how many. An erasure that was
// interrupted is finished by erasing again: the mentions, which tell who the
// person is, go last.
func (d *Desk) Erase(ctx context.Context, by care.Actor, network, handle string, progress func(read int)) (Erasure, error) {
	e := eraser{d: d, by: by, network: network, handle: strings.TrimPrefix(strings.TrimSpace(handle), "@"), progress: progress}
	if network == "" || e.handle == "" {
		return e.done, &care.Error{Code: care.Invalid, Msg: "Name the person as NETWORK/HANDLE."}
	}
	if err := e.find(ctx); err != nil {
		return e.done, fmt.Errorf("erase: %w", err)
	}
	if len(e.theirs) == 0 {
		return e.done, &care.Error{Code: care.NotFound, Msg: "Nothing is kept of this person."}
	}
	for _, step := range []func(context.Context) error{e.answers, e.removeTexts, e.removeLetters, e.forgetPeople, e.redact, e.remove} {
		if err := step(ctx); err != nil {
			return e.done, fmt.Errorf("erase: %w", err)
		}
	}
	return e.done, nil
}

type eraser struct {
	d               *Desk
	by              care.Actor
	network, handle string
	progress        func(int)
	read            int
	done            Erasure
	theirs          []care.Mention // by the person
	ours            []care.Mention // our answers to them
	going           map[care.MentionID]bool
	posts           map[care.Remote]bool // theirs, by the network's ids
	authors         map[care.AuthorKey]bool
	cases           map[care.CaseID]bool
	terms           []string // what names the person: all handles, and long ids
}

// is says whether a post is the person's. A handle may have changed: whoever
// ever had it under one author id is the person.
func (e *eraser) is(m *care.Mention) bool {
	return m.Post.Network == e.network && !m.Own &&
		(strings.EqualFold(m.Post.Author.Handle, e.handle) || strings.EqualFold(m.Post.Author.ID, e.handle) || e.authors[m.Author])
}

func (e *eraser) each(ctx context.Context, prefix string, do func(store.Doc) error) error {
	for doc, err := range e.d.st.List(ctx, prefix, "") {
		if err != nil {
			return err
		}
		if e.read++; e.progress != nil && e.read%1000 == 0 {
			e.progress(e.read)
		}
		if err := do(doc); err != nil {
			return fmt.Errorf("%s: %w", doc.Key, err)
		}
	}
	return nil
}

func (e *eraser) mentions(ctx context.Context, do func(m *care.Mention)) error {
	return e.each(ctx, "mention/", func(doc store.Doc) error {
		m, err := care.DecodeMention(doc.Data)
		if err == nil {
			do(&m)
		}
		return err
	})
}

func (e *eraser) find(ctx context.Context) error {
	// Where the handle is the id, posts that the person took back are found too.
	named := care.Post{Network: e.network, Author: care.Author{ID: e.handle}}
	e.authors, e.cases = map[care.AuthorKey]bool{e.d.names.author(&named): true}, map[care.CaseID]bool{}
	e.going, e.posts = map[care.MentionID]bool{}, map[care.Remote]bool{}
	// Twice: the handle tells the author's key, and the key what they wrote
	// under an older handle.
	for range 2 {
		e.theirs = e.theirs[:0]
		err := e.mentions(ctx, func(m *care.Mention) {
			if !e.is(m) {
				return
			}
			e.authors[m.Author] = true
			e.theirs = append(e.theirs, *m)
			if m.Case != "" {
				e.cases[m.Case] = true
			}
		})
		if err != nil {
			return err
		}
	}
	terms := map[string]bool{e.handle: true}
	for _, m := range e.theirs {
		e.going[m.ID], e.posts[m.Post.Remote], terms[m.Post.Author.Handle] = true, true, true
		if id := m.Post.Author.ID; len(id) >= longID {
			terms[id] = true
		}
	}
	delete(terms, "")
	e.terms = slices.Sorted(maps.Keys(terms))
	e.done.Mentions, e.done.Cases = len(e.theirs), len(e.cases)
	return e.followMerges(ctx)
}

// longID is from how many bytes an author's id on a network is looked for in
// texts: a short number would be found in every price.
const longID = 12

// followMerges adds the cases in which the person's cases went on.
func (e *eraser) followMerges(ctx context.Context) error {
	for _, id := range slices.Collect(maps.Keys(e.cases)) {
		for range 16 {
			c, err := e.d.load(ctx, id)
			if err != nil {
				return err
			}
			if c.MergedInto == "" {
				break
			}
			id = c.MergedInto
			e.cases[id] = true
		}
	}
	return nil
}

// answers finds our posts in the person's cases or to the person's posts.
func (e *eraser) answers(ctx context.Context) error {
	err := e.mentions(ctx, func(m *care.Mention) {
		if m.Own && m.Post.Network == e.network && (e.posts[m.Post.InReplyTo] || e.posts[m.Post.Thread] || m.Case != "" && e.cases[m.Case]) {
			e.ours = append(e.ours, *m)
			e.going[m.ID] = true
		}
	})
	e.done.Answers = len(e.ours)
	return err
}

// remove takes the mentions away, and leaves a keyed hash of each post so that
// it stays away.
func (e *eraser) remove(ctx context.Context) error {
	all := append(append([]care.Mention{}, e.ours...), e.theirs...)
	for part := range slices.Chunk(all, eraseGroup) {
		_, err := e.d.commit(ctx, e.by, "", func(u *unit) error { return e.removePart(ctx, u, part) })
		if err != nil {
			return err
		}
	}
	return nil
}

func (e *eraser) removePart(ctx context.Context, u *unit, part []care.Mention) error {
	told := care.Erased{Author: e.person()}
	for _, m := range part {
		gone := e.d.names.gone(m.Post.Network, m.Post.Remote)
		if err := u.read(ctx, gone); err != nil {
			return err
		}
		u.put(gone, []byte{1})
		u.drop(mentionKey(m.ID))
		u.drop(e.d.names.seen(m.Post.Network, m.Post.Remote))
		if err := e.removeLoose(ctx, u, &m); err != nil {
			return err
		}
		told.Mentions = append(told.Mentions, m.ID)
	}
	u.tell("author/"+string(told.Author), told)
	return nil
}

// removeLoose takes a mention out of what is remembered of its thread; all of
// it where the thread is named after a post of the person.
func (e *eraser) removeLoose(ctx context.Context, u *unit, m *care.Mention) error {
	key := e.d.names.loose(&m.Post)
	if err := u.read(ctx, key); err != nil {
		return err
	}
	l, err := u.looseOf(key)
	if err != nil {
		return err
	}
	var rest care.Loose
	for _, lm := range l.Mentions {
		if e.posts[lm.To] {
			lm.To = ""
		}
		if !e.going[lm.Ref.Mention] {
			rest.Mentions = append(rest.Mentions, lm)
		}
	}
	if e.posts[threadOf(&m.Post)] || len(rest.Mentions) == 0 {
		u.drop(key)
		return nil
	}
	u.put(key, rest.Encode())
	return nil
}

// person is the key under which the erasure is told: the first of the author's.
func (e *eraser) person() care.AuthorKey {
	first := e.theirs[0].Author
	for _, m := range e.theirs {
		first = min(first, m.Author)
	}
	return first
}

// removeTexts takes away what we wrote in the person's cases, drafts, and what
// the links of surveys lead by.
func (e *eraser) removeTexts(ctx context.Context) error {
	for id := range e.cases {
		var keys []string
		for _, prefix := range []string{"text/", "draft/"} {
			err := e.each(ctx, prefix+string(id)+"/", func(doc store.Doc) error {
				keys = append(keys, doc.Key)
				return nil
			})
			if err != nil {
				return err
			}
		}
		e.done.Texts += len(keys)
		if len(keys) == 0 {
			continue
		}
		c, err := e.d.load(ctx, id)
		if err != nil {
			return err
		}
		keys = append(keys, e.d.names.surveys(c)...)
		_, err = e.d.commit(ctx, e.by, "", func(u *unit) error {
			for _, k := range keys {
				u.drop(k)
			}
			u.tell("author/"+string(e.person()), care.Erased{Author: e.person(), Cases: []care.CaseID{id}})
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
