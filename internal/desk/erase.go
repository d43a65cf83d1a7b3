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
	Named    int `json:"named"`    // texts of others that named the person: the handle was taken out
	Cases    int `json:"cases"`    // which stay, with their figures
}

// erased stands where a handle was.
const erased = "[erased]"

// eraseGroup is how many documents one commit of an erasure changes.
const eraseGroup = 500

// Erase removes everything that a person wrote or that names them: mentions,
// our answers, texts and drafts of their cases. The log and all figures stay as
// they are. What is polled again later is recognised by a keyed hash and left
// out. It reads every document once; progress, which may be nil, is told how
// many. Erasing again finishes what was interrupted.
func (d *Desk) Erase(ctx context.Context, by care.Actor, network, handle string, progress func(read int)) (Erasure, error) {
	e := eraser{d: d, by: by, network: network, handle: strings.ToLower(strings.TrimPrefix(handle, "@")), progress: progress}
	if network == "" || e.handle == "" {
		return e.done, &care.Error{Code: care.Invalid, Msg: "Name the person as NETWORK/HANDLE."}
	}
	if err := e.find(ctx); err != nil {
		return e.done, fmt.Errorf("erase: %w", err)
	}
	if len(e.authors) == 0 {
		return e.done, &care.Error{Code: care.NotFound, Msg: "Nothing is kept of this person."}
	}
	for _, step := range []func(context.Context) error{e.answers, e.remove, e.removeTexts, e.redact} {
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
	authors         map[care.AuthorKey]bool
	cases           map[care.CaseID]bool
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
			return err
		}
	}
	return nil
}

func (e *eraser) mentions(ctx context.Context, do func(m *care.Mention)) error {
	return e.each(ctx, "mention/", func(doc store.Doc) error {
		m, err := care.DecodeMention(doc.Data)
		if err != nil {
			return fmt.Errorf("%s: %w", doc.Key, err)
		}
		do(&m)
		return nil
	})
}

func (e *eraser) find(ctx context.Context) error {
	e.authors, e.cases = map[care.AuthorKey]bool{}, map[care.CaseID]bool{}
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
	e.done.Mentions, e.done.Cases = len(e.theirs), len(e.cases)
	return e.followMerges(ctx)
}

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
	posts := make(map[care.Remote]bool, len(e.theirs))
	for _, m := range e.theirs {
		posts[m.Post.Remote] = true
	}
	err := e.mentions(ctx, func(m *care.Mention) {
		if m.Own && m.Post.Network == e.network && (posts[m.Post.InReplyTo] || posts[m.Post.Thread] || m.Case != "" && e.cases[m.Case]) {
			e.ours = append(e.ours, *m)
		}
	})
	e.done.Answers = len(e.ours)
	return err
}

// remove takes the mentions away, and leaves a keyed hash of each post so that
// it stays away.
func (e *eraser) remove(ctx context.Context) error {
	all := append(append([]care.Mention{}, e.theirs...), e.ours...)
	for len(all) > 0 {
		part := all[:min(eraseGroup, len(all))]
		all = all[len(part):]
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
		gone := "gone/" + m.Post.Network + "/" + e.d.names.hash("post", m.Post.Network, string(m.Post.Remote))
		if err := u.read(ctx, gone); err != nil {
			return err
		}
		u.put(gone, []byte{1})
		u.drop(mentionKey(m.ID))
		u.drop("seen/" + m.Post.Network + "/" + string(m.Post.Remote))
		u.drop("thread/" + m.Post.Network + "/" + string(threadOf(&m.Post)))
		told.Mentions = append(told.Mentions, m.ID)
	}
	u.tell("author/"+string(told.Author), told)
	return nil
}

// person is the key under which the erasure is told: the first of the author's.
func (e *eraser) person() care.AuthorKey {
	return slices.Min(slices.Collect(maps.Keys(e.authors)))
}

// removeTexts takes away what we wrote in the person's cases, and drafts.
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
		_, err := e.d.commit(ctx, e.by, "", func(u *unit) error {
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

// redact takes the handle out of what other people wrote.
func (e *eraser) redact(ctx context.Context) error {
	var keys []string
	for _, prefix := range []string{"mention/", "text/", "draft/"} {
		err := e.each(ctx, prefix, func(doc store.Doc) error {
			if _, found := without(string(doc.Data), e.handle); found {
				keys = append(keys, doc.Key)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	for _, key := range keys {
		changed := false
		_, err := e.d.commit(ctx, e.by, "", func(u *unit) error {
			var err error
			changed, err = e.redactOne(ctx, u, key)
			return err
		})
		if err != nil {
			return err
		}
		if changed {
			e.done.Named++
		}
	}
	return nil
}

func (e *eraser) redactOne(ctx context.Context, u *unit, key string) (changed bool, err error) {
	if err := u.read(ctx, key); err != nil {
		return false, err
	}
	data := u.doc(key)
	kind, _, _ := strings.Cut(key, "/")
	clean := func(s *string) {
		t, found := without(*s, e.handle)
		if *s = t; found {
			changed = true
		}
	}
	switch {
	case data == nil:
		return false, nil
	case kind == "mention":
		m, err := care.DecodeMention(data)
		if err != nil {
			return false, err
		}
		before := m.Post.Text
		if clean(&m.Post.Text); before != m.Post.Text {
			m.Verdict.Why = nil // its offsets are of the text that was
		}
		for i := range m.Post.Links {
			clean(&m.Post.Links[i].Alt)
			clean(&m.Post.Links[i].URL)
		}
		data = m.Encode()
		if changed {
			u.tell("author/"+string(e.person()), care.Erased{Author: e.person(), Mentions: []care.MentionID{m.ID}})
		}
	case kind == "text":
		t, err := care.DecodeText(data)
		if err != nil {
			return false, err
		}
		clean(&t.Body)
		clean(&t.URL)
		data = t.Encode()
	default: // a draft is nothing but its text
		u.drop(key)
		return true, nil
	}
	if changed {
		u.put(key, data)
	}
	return changed, nil
}

// without replaces a handle, wherever it stands as a word of its own.
func without(s, handle string) (out string, found bool) {
	lower := strings.ToLower(s)
	if len(lower) != len(s) { // folding moved the bytes: compare as it stands
		lower = s
	}
	var b strings.Builder
	from := 0
	for {
		i := strings.Index(lower[from:], handle)
		if i < 0 {
			break
		}
		i += from
		end := i + len(handle)
		if (i == 0 || !wordByte(lower[i-1])) && (end == len(lower) || !wordByte(lower[end])) {
			b.WriteString(s[from:i])
			b.WriteString(erased)
			found = true
		} else {
			b.WriteString(s[from:end])
		}
		from = end
	}
	b.WriteString(s[from:])
	return b.String(), found
}

func wordByte(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}
