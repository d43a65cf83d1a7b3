package view

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/store"
)

// An IssueRow is what lists show of a known issue.
type IssueRow struct {
	ID       care.IssueID    `json:"id"`
	Number   uint64          `json:"number"`
	Seq      uint64          `json:"seq"`
	State    care.IssueState `json:"state"`
	Why      string          `json:"why,omitempty"`
	Brand    string          `json:"brand,omitempty"`
	Topic    string          `json:"topic,omitempty"`
	Language string          `json:"language,omitempty"`
	Group    string          `json:"group,omitempty"`
	Owner    care.AgentID    `json:"owner,omitempty"`
	OpenedAt time.Time       `json:"opened_at"`
	LastAt   time.Time       `json:"last_at"`
	NextAt   time.Time       `json:"next_at,omitzero"` // when we promised to say more
	Kept     int             `json:"kept,omitempty"`
	Late     int             `json:"late,omitempty"`
	Cases    int             `json:"cases"`
	ToLook   int             `json:"to_look,omitempty"` // drafts
	Approved int             `json:"approved,omitempty"`
	Wrote    int             `json:"wrote,omitempty"`
	SendAt   time.Time       `json:"send_at,omitzero"` // of the next approved draft
	Title    int             `json:"title,omitempty"`  // issue/<id>/<n>
	AtRiskAt time.Time       `json:"at_risk_at,omitzero" doc:"When saying more begins to be urgent."`
	Slipped  bool            `json:"slipped,omitempty" doc:"We promised to say more, and did not."`
	Alarm    time.Time       `json:"alarm,omitzero" doc:"When the clock looks at it next."`
	Telling  bool            `json:"telling,omitempty" doc:"A notice about it is on its way to the team."`
}

func issueRow(i *care.Issue) IssueRow {
	r := IssueRow{
		ID: i.ID, Number: i.Number, Seq: i.Seq, State: i.State, Why: i.Why, Brand: i.Brand, Topic: i.Topic, Language: i.Language, Group: i.Group, Owner: i.Owner,
		OpenedAt: i.OpenedAt, LastAt: i.LastAt, NextAt: i.Said.NextAt, Kept: i.Kept, Late: i.Late, Cases: len(i.Cases), Title: i.Said.Title,
	}
	for _, s := range i.Steps {
		for _, d := range s.Drafts {
			switch d.State {
			case care.DraftToLook:
				r.ToLook++
			case care.DraftApproved:
				r.Approved++
			case care.DraftWrote:
				r.Wrote++
			}
		}
	}
	r.SendAt, _ = i.NextSend()
	r.AtRiskAt, r.Slipped = i.AtRiskAt(), i.Slipped
	r.Alarm, _ = i.NextAlarm()
	r.Telling = slices.ContainsFunc(i.Notices, func(n care.Notice) bool { return n.Open() })
	return r
}

// issueRecord applies one record of a known issue.
func (a *application) issueRecord(ctx context.Context, r store.Record, id care.IssueID) error {
	rec, err := care.DecodeRecord(r.Data)
	if err != nil {
		return err
	}
	i, ok := a.v.issues.Get(id)
	if !ok || i.Seq != uint64(r.Prev) {
		if i, err = a.v.foldIssue(ctx, id, r.Seq); err != nil {
			return err
		}
		a.v.issues.Add(id, i)
	}
	i.Apply(uint64(r.Seq), rec)
	linked := a.tx.Bucket(bucketLinked)
	for _, e := range rec.Events {
		switch e := e.(type) {
		case care.IssueLinked:
			err = linked.Put([]byte(string(e.Case)+string(id)), nil)
		case care.IssueUnlinked:
			err = linked.Delete([]byte(string(e.Case) + string(id)))
		}
		if err != nil {
			return err
		}
	}
	b, err := json.Marshal(issueRow(i))
	if err != nil {
		return err
	}
	return a.tx.Bucket(bucketIssue).Put([]byte(id), b)
}

// foldIssue folds an issue's records that stand before a place; 0: all.
func (v *View) foldIssue(ctx context.Context, id care.IssueID, before store.Seq) (*care.Issue, error) {
	i := &care.Issue{ID: id}
	for r, err := range v.st.Stream(ctx, "issue/"+string(id), 0) {
		if err != nil {
			return nil, err
		}
		if before > 0 && r.Seq >= before {
			break
		}
		rec, err := care.DecodeRecord(r.Data)
		if err != nil {
			return nil, fmt.Errorf("record %d: %w", r.Seq, err)
		}
		i.Apply(uint64(r.Seq), rec)
	}
	return i, nil
}

// Issues returns every known issue, with its title: the open ones first, the
// newest of them first.
func (v *View) Issues(ctx context.Context) ([]IssueRow, map[care.IssueID]string, error) {
	rows, err := v.IssueRows()
	if err != nil {
		return nil, nil, err
	}
	titles, err := v.titles(ctx, rows)
	return rows, titles, err
}

// IssueRows is Issues without titles.
func (v *View) IssueRows() (rows []IssueRow, err error) {
	err = v.db.View(func(tx *bolt.Tx) error {
		return tx.Bucket(bucketIssue).ForEach(func(_, b []byte) error {
			var r IssueRow
			if err := json.Unmarshal(b, &r); err != nil {
				return err
			}
			rows = append(rows, r)
			return nil
		})
	})
	slices.SortFunc(rows, func(a, b IssueRow) int {
		if open := a.State == care.IssueOpen; open != (b.State == care.IssueOpen) {
			if open {
				return -1
			}
			return 1
		}
		return strings.Compare(string(b.ID), string(a.ID))
	})
	return rows, err
}

func (v *View) titles(ctx context.Context, rows []IssueRow) (map[care.IssueID]string, error) {
	titles := map[care.IssueID]string{}
	if len(rows) == 0 {
		return titles, nil
	}
	keys := make([]string, len(rows))
	for i, r := range rows {
		keys[i] = fmt.Sprintf("issue/%s/%d", r.ID, r.Title)
	}
	docs, err := v.st.Get(ctx, keys...)
	if err != nil {
		return nil, fmt.Errorf("titles of issues: %w", err)
	}
	for i, d := range docs {
		if d.Rev == 0 {
			continue
		}
		t, err := care.DecodeText(d.Data)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", d.Key, err)
		}
		titles[rows[i].ID] = t.Body
	}
	return titles, nil
}

// An IssuePage is everything about one known issue. A text that is missing was
// erased.
type IssuePage struct {
	Issue *care.Issue
	Texts map[int]care.Text
	Story []care.SeqRecord
}

// Issue reads one from the log and the documents.
func (v *View) Issue(ctx context.Context, id care.IssueID) (*IssuePage, error) {
	p := &IssuePage{Issue: &care.Issue{ID: id}, Texts: map[int]care.Text{}}
	for r, err := range v.st.Stream(ctx, "issue/"+string(id), 0) {
		if err != nil {
			return nil, fmt.Errorf("issue %s: %w", id, err)
		}
		rec, err := care.DecodeRecord(r.Data)
		if err != nil {
			return nil, fmt.Errorf("issue %s: record %d: %w", id, r.Seq, err)
		}
		p.Issue.Apply(uint64(r.Seq), rec)
		p.Story = append(p.Story, care.SeqRecord{Seq: uint64(r.Seq), Record: rec})
	}
	if !p.Issue.Exists() {
		return nil, &care.Error{Code: care.NotFound, Msg: "There is no such known issue."}
	}
	keys := make([]string, p.Issue.Texts)
	for n := range keys {
		keys[n] = fmt.Sprintf("issue/%s/%d", id, n+1)
	}
	docs, err := v.st.Get(ctx, keys...)
	if err != nil {
		return nil, fmt.Errorf("issue %s: %w", id, err)
	}
	for n, d := range docs {
		if d.Rev == 0 {
			continue
		}
		if p.Texts[n+1], err = care.DecodeText(d.Data); err != nil {
			return nil, fmt.Errorf("%s: %w", d.Key, err)
		}
	}
	return p, nil
}

// IssuesOf are the known issues that a case is linked to.
func (v *View) IssuesOf(id care.CaseID) (rows []IssueRow, err error) {
	err = v.db.View(func(tx *bolt.Tx) error {
		c := tx.Bucket(bucketLinked).Cursor()
		for k, _ := c.Seek([]byte(id)); k != nil && strings.HasPrefix(string(k), string(id)); k, _ = c.Next() {
			var r IssueRow
			if err := json.Unmarshal(tx.Bucket(bucketIssue).Get(k[len(id):]), &r); err != nil {
				return err
			}
			rows = append(rows, r)
		}
		return nil
	})
	return rows, err
}

// Sendings are the issues with an approved draft to be sent by now. It is a hint.
func (v *View) Sendings(now time.Time) ([]care.IssueID, error) {
	return v.issuesThat(func(r *IssueRow) bool { return !r.SendAt.IsZero() && !r.SendAt.After(now) })
}

// IssueAlarms are the issues of which the clock has something to record by now.
// It is a hint.
func (v *View) IssueAlarms(now time.Time) ([]care.IssueID, error) {
	return v.issuesThat(func(r *IssueRow) bool { return !r.Alarm.IsZero() && !r.Alarm.After(now) })
}

// IssuesTelling are the issues with a notice on its way. It is a hint.
func (v *View) IssuesTelling() ([]care.IssueID, error) {
	return v.issuesThat(func(r *IssueRow) bool { return r.Telling })
}

func (v *View) issuesThat(fit func(*IssueRow) bool) (ids []care.IssueID, err error) {
	err = v.db.View(func(tx *bolt.Tx) error {
		return tx.Bucket(bucketIssue).ForEach(func(_, b []byte) error {
			var r IssueRow
			if err := json.Unmarshal(b, &r); err != nil {
				return err
			}
			if fit(&r) {
				ids = append(ids, r.ID)
			}
			return nil
		})
	})
	return ids, err
}
