package desk

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/store"
)

// letters are the texts of a known issue that were written for one customer: by
// their number, the case.
type letters map[int]care.CaseID

// lettersOf reads them from the issue's records, those that were replaced too.
func (d *Desk) lettersOf(ctx context.Context, id care.IssueID) (letters, error) {
	out := letters{}
	for r, err := range d.st.Stream(ctx, issueStream(id), 0) {
		if err != nil {
			return nil, fmt.Errorf("issue %s: %w", id, err)
		}
		rec, err := care.DecodeRecord(r.Data)
		if err != nil {
			return nil, fmt.Errorf("issue %s: record %d: %w", id, r.Seq, err)
		}
		for _, e := range rec.Events {
			if e, ok := e.(care.IssueDrafted); ok && e.N > 0 {
				out[e.N] = e.Case
			}
		}
	}
	return out, nil
}

// wordOf takes the name of an issue's text apart.
func wordOf(key string) (id care.IssueID, n int) {
	name, number, _ := strings.Cut(strings.TrimPrefix(key, "issue/"), "/")
	n, _ = strconv.Atoi(number)
	return care.IssueID(name), n
}

// removeLetters takes away what was drafted for the person about known issues:
// it may call them by name and say what they wrote.
func (e *eraser) removeLetters(ctx context.Context) error {
	var keys []string
	var last care.IssueID
	var of letters
	err := e.each(ctx, "issue/", func(doc store.Doc) (err error) {
		id, n := wordOf(doc.Key)
		if id != last {
			if of, err = e.d.lettersOf(ctx, id); err != nil {
				return err
			}
			last = id
		}
		if c := of[n]; c != "" && e.cases[c] {
			keys = append(keys, doc.Key)
		}
		return nil
	})
	if err != nil || len(keys) == 0 {
		return err
	}
	e.done.Texts += len(keys)
	_, err = e.d.commit(ctx, e.by, "", func(u *unit) error {
		for _, k := range keys {
			u.drop(k)
		}
		u.tell("author/"+string(e.person()), care.Erased{Author: e.person()})
		return nil
	})
	return err
}

// letter says whether a text of a known issue was for a customer whose case is
// past its term.
func (s *Sweeper) letter(ctx context.Context, doc store.Doc) ([]string, bool, error) {
	id, n := wordOf(doc.Key)
	of, err := s.d.lettersOf(ctx, id)
	if err != nil || of[n] == "" {
		return nil, true, err
	}
	c, err := s.d.load(ctx, of[n])
	if err != nil {
		return nil, false, err
	}
	if since, over := c.RestsSince(); over && s.d.now().Sub(since) > s.terms.Cases {
		return []string{doc.Key}, true, nil
	}
	return nil, true, nil
}
