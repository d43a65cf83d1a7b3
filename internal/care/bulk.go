package care

import (
	"slices"
	"time"
)

// MaxBulk is how many cases one decision can be about.
const MaxBulk = 5000

// A BulkAct is what is done to each of many cases. Each is decided for itself,
// by the same rules as when it is the only one.
type BulkAct struct {
	Do     string      `json:"do"` // one of [BulkActs]
	To     AgentID     `json:"to,omitempty"`
	Queue  string      `json:"queue,omitempty"`
	Until  time.Time   `json:"until,omitzero"`
	Add    []string    `json:"add,omitempty"` // tags
	Remove []string    `json:"remove,omitempty"`
	End    Disposition `json:"end,omitzero"`
	Reason string      `json:"reason,omitempty"` // of a dismissal
}

// BulkActs are all that can be done to many cases at once.
func BulkActs() []string {
	return []string{"claim", "release", "assign", "requeue", "snooze", "wake", "tag", "resolve", "dismiss"}
}

// Decide decides about one of the cases. lead says that whoever asks may also
// take from others what they have.
func (a *BulkAct) Decide(by AgentID, lead bool, now time.Time, c *Case) ([]Event, error) {
	switch a.Do {
	case "claim":
		return c.Claim(by, "claim")
	case "release":
		return c.Release(by)
	case "assign":
		return c.Assign(a.To)
	case "requeue":
		return c.MoveTo(by, lead, a.Queue, "")
	case "snooze":
		return c.Snooze(by, now, a.Until)
	case "wake":
		return c.Wake(by)
	case "tag":
		return c.Tag(a.Add, a.Remove)
	}
	if err := c.plain(); err != nil {
		return nil, err
	}
	switch {
	case a.Do == "dismiss":
		return c.Dismiss(by, a.Reason)
	case a.Do != "resolve":
		return nil, invalid("do", "Nothing that can be done to many cases is called \"{name}\".", "name", a.Do)
	case !a.End.In(c.Queue):
		return nil, invalid("disposition", "A case of this queue can't end so.")
	case a.End.Missing(nil) != "":
		return nil, invalid("disposition", "More has to be told with this end, for each case by itself.")
	}
	return c.Resolve(by, a.End.Code)
}

// plain refuses to end a case among many that somebody has to look at by itself.
func (c *Case) plain() error {
	if err := c.working(); err != nil {
		return err
	}
	switch {
	case c.OnHold:
		return conflict("This case is kept for a court: end it by itself.")
	case slices.ContainsFunc(c.Promises, func(p Promise) bool { return p.Outstanding() }):
		return conflict("A promise of this case is still open: end it by itself.")
	}
	return nil
}

// A Bulk is one decision about many cases, and how far it has come. The cases
// are those that were chosen when it began; none comes in later.
type Bulk struct {
	ID      string    `json:"id"`
	By      Actor     `json:"by"`
	Lead    bool      `json:"lead,omitempty"`
	Act     BulkAct   `json:"act"`
	Undoes  string    `json:"undoes,omitempty"` // the one that it takes back; empty: none
	Cases   []CaseID  `json:"cases"`
	At      uint64    `json:"at"`             // place in the log as of which they were chosen
	Seq     uint64    `json:"seq"`            // of the last record it made
	Left    int       `json:"left,omitempty"` // cases that were chosen before and came later than what was shown
	BegunAt time.Time `json:"begun_at"`
	EndedAt time.Time `json:"ended_at,omitzero"` // zero: it goes on
	// Came has a letter for each of Cases, in order.
	Came     string    `json:"came"`
	Refusals []Refusal `json:"refusals,omitempty"`
}

// What became of a case, as a letter of [Bulk.Came].
const (
	BulkPending = '.'
	BulkDone    = 'd'
	BulkSame    = 's' // it was so already
	BulkRefused = 'r'
)

// A Refusal is why some cases were left as they were.
type Refusal struct {
	Why   Sentence `json:"why"`
	N     int      `json:"n"`
	Cases []CaseID `json:"cases"` // the first of them
}

// shownRefused is how many cases a refusal names.
const shownRefused = 20

// Decide decides about one of the cases, and notes in its story that it was one
// of many.
func (b *Bulk) Decide(now time.Time, c *Case) (events []Event, err error) {
	mark := InBulk{Bulk: b.ID, Cases: len(b.Cases)}
	if b.Undoes == "" {
		events, err = b.Act.Decide(b.By.Agent(), b.Lead, now, c)
	} else {
		mark.Bulk, mark.Undo = b.Undoes, true
		events, err = c.UndoBulk(b.Undoes)
	}
	if err != nil || len(events) == 0 {
		return nil, err
	}
	return append([]Event{mark}, events...), nil
}

// Over says that nothing of it is left to be done.
func (b *Bulk) Over() bool { return !b.EndedAt.IsZero() }

// Count is how many cases came to an outcome.
func (b *Bulk) Count(outcome rune) (n int) {
	for _, o := range b.Came {
		if o == outcome {
			n++
		}
	}
	return n
}

// Pending is which of Cases come next, at most n.
func (b *Bulk) Pending(n int) (next []int) {
	for i, o := range b.Came {
		if o == BulkPending && len(next) < n {
			next = append(next, i)
		}
	}
	return next
}

// Settle notes what became of a case; why it was refused, if it was.
func (b *Bulk) Settle(i int, outcome byte, why Sentence) {
	came := []byte(b.Came)
	came[i] = outcome
	b.Came = string(came)
	if outcome != BulkRefused {
		return
	}
	at := slices.IndexFunc(b.Refusals, func(r Refusal) bool { return r.Why.String() == why.String() })
	if at < 0 {
		at = len(b.Refusals)
		b.Refusals = append(b.Refusals, Refusal{Why: why})
	}
	r := &b.Refusals[at]
	if r.N++; len(r.Cases) < shownRefused {
		r.Cases = append(r.Cases, b.Cases[i])
	}
}

// Changed are the cases that it changed: those that an undo is about.
func (b *Bulk) Changed() (ids []CaseID) {
	for i, o := range b.Came {
		if o == BulkDone {
			ids = append(ids, b.Cases[i])
		}
	}
	return ids
}
