package view

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	bolt "go.etcd.io/bbolt"

	"github.com/amends-care/amends/internal/care"
)

// A MentionQuery chooses mentions, newest first by when we saw them.
type MentionQuery struct {
	Before  care.MentionID // the last of the page before; empty: from the newest
	Limit   int            // 0: 50, at most 200
	Flagged *bool
	Own     *bool
	Loose   bool // only what is in no case
	Source  string
}

// read bounds how many mentions a page looks at for its filters, and how many
// pages of a source, which may be empty by now.
const read = 5000

func (q *MentionQuery) wants(m *care.Mention) bool {
	return (q.Flagged == nil || m.Verdict.Complaint == *q.Flagged) &&
		(q.Own == nil || m.Own == *q.Own) &&
		(!q.Loose || m.Case == "") &&
		(q.Source == "" || m.Source == q.Source)
}

// AllMentions returns a page of all mentions there are, flagged or not, and
// where the next page begins; empty: that was the last.
func (v *View) AllMentions(ctx context.Context, q MentionQuery) (ms []care.Mention, next care.MentionID, err error) {
	if q.Limit <= 0 {
		q.Limit = 50
	}
	q.Limit = min(q.Limit, 200)
	looked := 0
	for to := q.Before; looked < read; {
		from, ok := v.pageBefore(to)
		if !ok {
			return ms, "", nil
		}
		span, err := v.mentionsBetween(ctx, from, to)
		if err != nil {
			return nil, "", err
		}
		looked++
		for _, m := range slices.Backward(span) {
			looked++
			if q.wants(&m) {
				if ms = append(ms, m); len(ms) == q.Limit {
					return ms, m.ID, nil
				}
			}
		}
		to = from
		next = from
	}
	return ms, next, nil
}

// pageBefore is the first mention of the latest poll page that began before an
// id. Every mention lies in such a page, so walking from page to page meets all.
func (v *View) pageBefore(to care.MentionID) (from care.MentionID, ok bool) {
	_ = v.db.View(func(tx *bolt.Tx) error {
		c := tx.Bucket(bucketPage).Cursor()
		var k []byte
		if to == "" {
			k, _ = c.Last()
		} else {
			c.Seek([]byte(to))
			k, _ = c.Prev()
			if k == nil { // Seek ran past the end
				if k, _ = c.Last(); bytes.Compare(k, []byte(to)) >= 0 {
					k = nil
				}
			}
		}
		from, ok = care.MentionID(k), k != nil
		return nil
	})
	return from, ok
}

// mentionsBetween reads from ≤ id < to, in order; an empty to is the end.
func (v *View) mentionsBetween(ctx context.Context, from, to care.MentionID) (ms []care.Mention, err error) {
	const prefix = "mention/"
	before := prefix + string(from[:len(from)-1]) + string(from[len(from)-1]-1) // just before from
	for d, err := range v.st.List(ctx, prefix, before) {
		if err != nil {
			return nil, fmt.Errorf("list mentions: %w", err)
		}
		id := care.MentionID(d.Key[len(prefix):])
		if id < from {
			continue
		}
		if to != "" && id >= to {
			break
		}
		m, err := care.DecodeMention(d.Data)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", d.Key, err)
		}
		ms = append(ms, m)
	}
	return ms, nil
}

// Sources returns what the log tells of each source, by name.
func (v *View) Sources() (all []Source, err error) {
	err = v.db.View(func(tx *bolt.Tx) error {
		return tx.Bucket(bucketSource).ForEach(func(_, b []byte) error {
			var s Source
			if err := json.Unmarshal(b, &s); err != nil {
				return err
			}
			all = append(all, s)
			return nil
		})
	})
	return all, err
}

// Source returns what the log tells of one source.
func (v *View) Source(name string) (Source, error) {
	s := Source{Name: name}
	err := v.db.View(func(tx *bolt.Tx) error {
		if b := tx.Bucket(bucketSource).Get([]byte(name)); b != nil {
			return json.Unmarshal(b, &s)
		}
		return nil
	})
	return s, err
}

// Tale joins what the log tells of a source with how it is doing here.
func (s *Source) Tale(h care.SourceHealth) care.SourceTale {
	t := care.SourceTale{
		Health: h, Stopped: s.Stopped, StopWhy: s.StopWhy, StopAt: s.StopAt,
		Paused: s.Paused, Quiet: s.Quiet, Missed: s.Missed, MissedAt: s.MissedAt,
	}
	if len(s.Gaps) > 0 {
		t.Gap = s.Gaps[len(s.Gaps)-1]
	}
	return t
}
