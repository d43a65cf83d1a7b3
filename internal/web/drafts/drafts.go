// Package drafts keeps what people write and have not sent: one document
// draft/<case>/<agent> for each case and person. It is nobody else's to read,
// in no view and no record, and goes with the case's other texts when an author
// is erased.
package drafts

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/store"
)

// Prefix is what the keys of all drafts begin with; the case id follows.
const Prefix = "draft/"

// Drafts are kept in a store.
type Drafts struct {
	store store.Store
	now   func() time.Time
}

// New keeps drafts in s.
func New(s store.Store, now func() time.Time) *Drafts { return &Drafts{store: s, now: now} }

type draft struct {
	Text string    `json:"text"`
	At   time.Time `json:"at"`
}

func key(id care.CaseID, by care.AgentID) string { return Prefix + string(id) + "/" + string(by) }

// Draft returns what a person has written in a case and when it was kept. A
// zero time says that there is nothing.
func (d *Drafts) Draft(ctx context.Context, id care.CaseID, by care.AgentID) (text string, at time.Time, err error) {
	docs, err := d.store.Get(ctx, key(id, by))
	if err != nil || docs[0].Rev == 0 {
		return "", time.Time{}, err
	}
	var v draft
	if err := json.Unmarshal(docs[0].Data, &v); err != nil {
		return "", time.Time{}, fmt.Errorf("draft in case %s: %w", id, err)
	}
	return v.Text, v.At, nil
}

// Keep replaces a person's draft in a case. The last one to write wins: it is
// the same person in two windows.
func (d *Drafts) Keep(ctx context.Context, id care.CaseID, by care.AgentID, text string) error {
	data, err := json.Marshal(draft{Text: text, At: d.now().UTC()})
	if err != nil {
		return err
	}
	for range 32 { // each time the other window may be quicker
		docs, err := d.store.Get(ctx, key(id, by))
		if err != nil {
			return err
		}
		_, err = d.store.Commit(ctx, store.Batch{Puts: []store.Put{{Key: docs[0].Key, Was: docs[0].Rev, Data: data}}})
		if _, lost := errors.AsType[*store.Conflict](err); !lost {
			return err
		}
	}
	return &care.Error{Code: care.Conflict, Msg: "This draft is being written in another window."}
}

// Drop forgets a person's draft in a case. There need not be one.
func (d *Drafts) Drop(ctx context.Context, id care.CaseID, by care.AgentID) error {
	_, err := d.store.Commit(ctx, store.Batch{Erases: []string{key(id, by)}})
	return err
}
