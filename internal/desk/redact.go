package desk

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/store"
)

// redact takes what names the person out of what other people wrote.
func (e *eraser) redact(ctx context.Context) error {
	var keys []string
	for _, prefix := range []string{"mention/", "text/", "draft/", "person/", "issue/"} {
		err := e.each(ctx, prefix, func(doc store.Doc) error {
			_, changed, err := e.redacted(doc)
			if changed {
				keys = append(keys, doc.Key)
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	for _, key := range keys {
		changed := false
		_, err := e.d.commit(ctx, e.by, "", func(u *unit) (err error) {
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
	if data == nil {
		return false, nil
	}
	data, changed, err = e.redacted(store.Doc{Key: key, Data: data})
	switch {
	case !changed || err != nil:
		return false, err
	case data == nil:
		u.drop(key)
	default:
		u.put(key, data)
	}
	told := care.Erased{Author: e.person()}
	kind, rest, _ := strings.Cut(key, "/")
	id, _, _ := strings.Cut(rest, "/")
	switch kind {
	case "mention":
		told.Mentions = []care.MentionID{care.MentionID(id)}
	case "text":
		told.Cases = []care.CaseID{care.CaseID(id)}
	case "person":
	default: // in no view
		return true, nil
	}
	u.tell("author/"+string(told.Author), told)
	return true, nil
}

// redacted is a document without the person; nil: nothing of it is left. What
// goes altogether is not changed.
func (e *eraser) redacted(doc store.Doc) (data []byte, changed bool, err error) {
	switch kind, _, _ := strings.Cut(doc.Key, "/"); kind {
	case "mention":
		m, err := care.DecodeMention(doc.Data)
		if err != nil || e.going[m.ID] || !e.redactMention(&m) {
			return nil, false, err
		}
		return m.Encode(), true, nil
	case "person", "issue", "text":
		if strings.HasPrefix(doc.Key, traitPrefix) {
			return nil, false, nil
		}
		t, err := care.DecodeText(doc.Data)
		if err != nil {
			return nil, false, err
		}
		changed = e.clean(&t.Body, &t.URL)
		if e.means(t.To) {
			t.To, changed = "", true
		}
		return t.Encode(), changed, nil
	default: // a draft is nothing but its text
		var fields map[string]any
		text := string(doc.Data)
		if json.Unmarshal(doc.Data, &fields) == nil {
			text = fmt.Sprintln(slices.Collect(maps.Values(fields))...)
		}
		return nil, e.clean(&text), nil
	}
}

func (e *eraser) redactMention(m *care.Mention) (changed bool) {
	p := &m.Post
	if e.clean(&p.Text) {
		m.Verdict.Why, changed = nil, true // its offsets are of the text that was
	}
	fields := []*string{&p.URL, &p.Author.Name}
	for i := range p.Links {
		fields = append(fields, &p.Links[i].Alt, &p.Links[i].URL)
	}
	changed = e.clean(fields...) || changed
	if e.means(p.InReplyTo) {
		p.InReplyTo, changed = "", true
	}
	if p.Thread != p.Remote && e.means(p.Thread) {
		p.Thread, changed = p.Remote, true
	}
	return changed
}

// means says whether a network's id is of a post of the person, or names them.
func (e *eraser) means(r care.Remote) bool {
	s := string(r)
	return r != "" && (e.posts[r] || e.clean(&s))
}

// clean takes what names the person out of some texts.
func (e *eraser) clean(texts ...*string) (changed bool) {
	for _, s := range texts {
		for _, term := range e.terms {
			t, found := without(*s, term)
			*s, changed = t, changed || found
		}
	}
	return changed
}

// without replaces a term wherever it stands as a word of its own, whatever
// the case of its letters.
func without(s, term string) (out string, found bool) {
	var b strings.Builder
	kept := 0
	for i := 0; i < len(s); {
		n := folded(s[i:], term)
		if n == 0 || letterBefore(s[:i]) || letterAfter(s[i+n:]) {
			_, width := utf8.DecodeRuneInString(s[i:])
			i += width
			continue
		}
		b.WriteString(s[kept:i])
		b.WriteString(erased)
		i += n
		kept, found = i, true
	}
	if !found {
		return s, false
	}
	b.WriteString(s[kept:])
	return b.String(), true
}

// folded is how many bytes of s a term takes that s begins with; 0: it doesn't.
func folded(s, term string) (n int) {
	for _, want := range term {
		r, width := utf8.DecodeRuneInString(s[n:])
		if width == 0 || r != want && unicode.ToLower(r) != unicode.ToLower(want) && unicode.ToUpper(r) != unicode.ToUpper(want) {
			return 0
		}
		n += width
	}
	return n
}

func letterBefore(s string) bool {
	r, _ := utf8.DecodeLastRuneInString(s)
	return wordy(r)
}

func letterAfter(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return wordy(r)
}

func wordy(r rune) bool {
	return r != utf8.RuneError && (r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r))
}
