package care

import "time"

// InBulk says that the record is a part of one decision about many cases. It is
// the first event of the record.
type InBulk struct {
	Bulk  string `json:"bulk"`
	Undo  bool   `json:"undo,omitempty"`  // it takes that decision back
	Cases int    `json:"cases,omitempty"` // how many it is about
}

// Undone says that a decision was taken back: the case stands where it stood
// before, as if the decision had not been taken.
type Undone struct {
	At        time.Time   `json:"at"` // of the record that is taken back
	State     State       `json:"state"`
	Assignee  AgentID     `json:"assignee,omitempty"`
	Given     string      `json:"given,omitempty"`
	Unmatched string      `json:"unmatched,omitempty"`
	QueuedAt  time.Time   `json:"queued_at,omitzero"`
	ClosedAt  time.Time   `json:"closed_at,omitzero"`
	Waits     []MentionID `json:"waits,omitempty"`   // what waits for an answer again
	Flagged   []MentionID `json:"flagged,omitempty"` // what is a complaint again
	Targets   []TargetSet `json:"targets,omitempty"` // what runs again
}

// BulkBegun says what is done to how many cases at once. Stream bulk/<id>.
type BulkBegun struct {
	Do     string `json:"do"`
	Cases  int    `json:"cases"`
	Undoes string `json:"undoes,omitempty"` // the one that it takes back
}

// BulkEnded says what came of it.
type BulkEnded struct {
	Done    int `json:"done,omitempty"`
	Same    int `json:"same,omitempty"` // it was so already
	Refused int `json:"refused,omitempty"`
}

// Kinds of the events of decisions about many cases.
func (InBulk) Kind() Kind    { return "case.in_bulk" }
func (Undone) Kind() Kind    { return "case.undone" }
func (BulkBegun) Kind() Kind { return "bulk.begun" }
func (BulkEnded) Kind() Kind { return "bulk.ended" }

func (e *InBulk) fields(c *codec) { c.text(&e.Bulk); c.bool(&e.Undo); c.int(&e.Cases) }
func (e *Undone) fields(c *codec) {
	c.time(&e.At)
	str(c, &e.State)
	str(c, &e.Assignee)
	c.text(&e.Given)
	c.text(&e.Unmatched)
	c.time(&e.QueuedAt)
	c.time(&e.ClosedAt)
	list(c, &e.Waits, str[MentionID])
	list(c, &e.Flagged, str[MentionID])
	blocks(c, &e.Targets)
}
func (e *BulkBegun) fields(c *codec) { c.text(&e.Do); c.int(&e.Cases); c.text(&e.Undoes) }
func (e *BulkEnded) fields(c *codec) { c.int(&e.Done); c.int(&e.Same); c.int(&e.Refused) }
