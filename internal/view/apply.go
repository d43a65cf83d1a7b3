package view

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/store"
)

// An application is one transaction that brings the file from one position to
// a later one.
type application struct {
	v       *View
	tx      *bolt.Tx
	counts  map[string]int64
	rows    map[care.CaseID]*change // of cases this group touches
	order   []care.CaseID
	applied []Applied
	hours   hours
}

// A change is a case's row before the group and after it.
type change struct {
	was, is care.Row
}

func (v *View) apply(ctx context.Context, batch []store.Record) error {
	v.turn.Lock()
	defer v.turn.Unlock()
	var applied []Applied
	last := batch[len(batch)-1]
	err := v.db.Update(func(tx *bolt.Tx) error {
		a := application{v: v, tx: tx, counts: map[string]int64{}, rows: map[care.CaseID]*change{}, hours: hoursOf(tx)}
		for _, r := range batch {
			if err := a.record(ctx, r); err != nil {
				return fmt.Errorf("record %d of %s: %w", r.Seq, r.Stream, err)
			}
		}
		if err := a.flush(); err != nil {
			return err
		}
		applied = a.applied
		meta := tx.Bucket(bucketMeta)
		return errors.Join(meta.Put(keyPosition, numberKey(uint64(last.Seq))), meta.Put(keyLast, store.Digest(last)))
	})
	if err != nil {
		v.cases.Purge() // cases may be ahead of the file now
		v.issues.Purge()
		return err
	}
	v.at.Reach(last.Seq)
	if v.o.Applied != nil && len(applied) > 0 {
		v.o.Applied(applied)
	}
	return nil
}

// record applies one record. Streams that no screen shows are passed over.
func (a *application) record(ctx context.Context, r store.Record) error {
	kind, name, _ := strings.Cut(r.Stream, "/")
	switch kind {
	case "case":
		return a.caseRecord(ctx, r, care.CaseID(name))
	case "source":
		return a.sourceRecord(r, name)
	case "agent":
		return a.agentRecord(r, name)
	case "issue":
		return a.issueRecord(ctx, r, care.IssueID(name))
	}
	return nil
}

func (a *application) caseRecord(ctx context.Context, r store.Record, id care.CaseID) error {
	rec, err := care.DecodeRecord(r.Data)
	if err != nil {
		return err
	}
	c, err := a.v.caseBefore(ctx, r, id)
	if err != nil {
		return err
	}
	c.Apply(uint64(r.Seq), rec)
	a.hours.opened(rec)
	ch, err := a.change(id)
	if err != nil {
		return err
	}
	was := ch.is
	ch.is = c.Row()
	for _, e := range rec.Events {
		if e, ok := e.(care.Assigned); ok {
			if err := a.agent(e.To, func(g *Agent) { g.GivenAt = rec.At }); err != nil {
				return err
			}
		}
	}
	if a.v.o.Applied != nil {
		kinds := make([]care.Kind, len(rec.Events))
		for i, e := range rec.Events {
			kinds[i] = e.Kind()
		}
		a.applied = append(a.applied, Applied{Seq: r.Seq, By: rec.By, Kinds: kinds, Row: ch.is, Was: was})
	}
	return nil
}

// caseBefore is the case as it was when the record came, ready to be changed.
func (v *View) caseBefore(ctx context.Context, r store.Record, id care.CaseID) (*care.Case, error) {
	if c, ok := v.cases.Get(id); ok && c.Seq == uint64(r.Prev) {
		return c, nil
	}
	c := &care.Case{ID: id}
	if r.Prev > 0 {
		for old, err := range v.st.Stream(ctx, r.Stream, 0) {
			if err != nil {
				return nil, err
			}
			if old.Seq >= r.Seq {
				break
			}
			rec, err := care.DecodeRecord(old.Data)
			if err != nil {
				return nil, err
			}
			c.Apply(uint64(old.Seq), rec)
		}
	}
	v.cases.Add(id, c)
	return c, nil
}

func (a *application) change(id care.CaseID) (*change, error) {
	if ch, ok := a.rows[id]; ok {
		return ch, nil
	}
	ch := &change{}
	if b := a.tx.Bucket(bucketCase).Get([]byte(id)); b != nil {
		row, err := care.DecodeRow(b)
		if err != nil {
			return nil, err
		}
		ch.was, ch.is = row, row
	}
	a.rows[id] = ch
	a.order = append(a.order, id)
	return ch, nil
}

// flush writes the rows that changed, and moves them in the lists.
func (a *application) flush() error {
	cases, lists := a.tx.Bucket(bucketCase), a.tx.Bucket(bucketList)
	cases.FillPercent = 0.95 // ids arrive in their order
	for _, id := range a.order {
		ch := a.rows[id]
		if err := cases.Put([]byte(id), ch.is.Encode()); err != nil {
			return err
		}
		if ch.was.ID == "" {
			if err := a.tx.Bucket(bucketNumber).Put(numberKey(ch.is.Number), []byte(id)); err != nil {
				return err
			}
		}
		if err := a.move(lists, ch); err != nil {
			return err
		}
	}
	return errors.Join(a.flushCounts(), a.hours.flush(a.tx))
}

func (a *application) move(lists *bolt.Bucket, ch *change) error {
	left := map[string]bool{}
	if ch.was.ID != "" {
		for _, k := range places(&ch.was) {
			left[k] = true
		}
	}
	for _, k := range places(&ch.is) {
		if left[k] {
			delete(left, k)
			continue
		}
		if err := lists.Put([]byte(k), nil); err != nil {
			return err
		}
		a.count(k, 1)
	}
	for k := range left {
		if err := lists.Delete([]byte(k)); err != nil {
			return err
		}
		a.count(k, -1)
	}
	return nil
}

func (a *application) count(key string, by int64) {
	if list := listOf(key); counted(list) {
		a.counts[list] += by
	}
}

func (a *application) flushCounts() error {
	counts := a.tx.Bucket(bucketCount)
	for list, by := range a.counts {
		if by == 0 {
			continue
		}
		n := int64(number(counts.Get([]byte(list)))) + by
		if n == 0 {
			if err := counts.Delete([]byte(list)); err != nil {
				return err
			}
			continue
		}
		if err := counts.Put([]byte(list), numberKey(uint64(n))); err != nil {
			return err
		}
	}
	return nil
}

// A Source is what the log tells of one source.
type Source struct {
	Name     string           `json:"name"`
	Totals   care.SourceRead  `json:"totals"` // added up; First and Last are of the latest page
	PageAt   time.Time        `json:"page_at,omitzero"`
	Newest   time.Time        `json:"newest,omitzero"` // latest posting time seen
	Stopped  string           `json:"stopped,omitempty"`
	StopWhy  string           `json:"stop_why,omitempty"`
	StopAt   time.Time        `json:"stop_at,omitzero"`
	Gaps     []care.SourceGap `json:"gaps,omitempty"` // the latest
	GapCount int              `json:"gap_count,omitempty"`
	Blind    []Blind          `json:"blind,omitempty"` // the latest
	Paused   bool             `json:"paused,omitempty"`
	Quiet    care.SourceQuiet `json:"quiet,omitzero"`   // while it is
	Missed   int              `json:"missed,omitempty"` // by the latest reading again that found any
	MissedAt time.Time        `json:"missed_at,omitzero"`
}

// Blind is a span in which nothing was read, and what came of it after all.
type Blind struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"` // when all was caught up with
	Came int       `json:"came"`
}

// maxGaps is how many gaps of a source are kept for screens; the log has all.
const maxGaps = 20

func (a *application) sourceRecord(r store.Record, name string) error {
	rec, err := care.DecodeRecord(r.Data)
	if err != nil {
		return err
	}
	sources := a.tx.Bucket(bucketSource)
	s := Source{Name: name}
	if b := sources.Get([]byte(name)); b != nil {
		if err := json.Unmarshal(b, &s); err != nil {
			return fmt.Errorf("source %s: %w", name, err)
		}
	}
	for _, e := range rec.Events {
		switch e := e.(type) {
		case care.SourceRead:
			s.add(e, rec.At)
			a.hours.read(name, e, rec.At)
			if e.First != "" {
				if err := a.tx.Bucket(bucketPage).Put([]byte(e.First), []byte(e.Last)); err != nil {
					return err
				}
			}
		case care.SourceGap:
			s.GapCount++
			if s.Gaps = append(s.Gaps, e); len(s.Gaps) > maxGaps {
				s.Gaps = s.Gaps[len(s.Gaps)-maxGaps:]
			}
		case care.SourceStopped:
			s.Stopped, s.StopWhy, s.StopAt = e.Fault, e.Why, rec.At
		case care.SourceRecovered:
			s.Stopped, s.StopWhy, s.StopAt = "", "", time.Time{}
			if !e.Since.IsZero() {
				s.Blind = append(s.Blind, Blind{From: e.Since, To: rec.At, Came: e.Came})
				s.Blind = s.Blind[max(0, len(s.Blind)-maxGaps):]
			}
		case care.SourcePaused:
			s.Paused = true
		case care.SourceResumed:
			s.Paused = false
		case care.SourceQuiet:
			s.Quiet = e
		case care.SourceHeard:
			s.Quiet = care.SourceQuiet{}
		}
	}
	b, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return sources.Put([]byte(name), b)
}

func (s *Source) add(e care.SourceRead, at time.Time) {
	if e.First != "" {
		s.Totals.First = ""
	}
	s.Totals.Add(e)
	if e.Missed > 0 {
		s.Missed, s.MissedAt = e.Missed, at
	}
	s.PageAt = at
	if e.Newest.After(s.Newest) {
		s.Newest = e.Newest
	}
}
