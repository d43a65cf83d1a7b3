package view

import (
	"context"
	"encoding/base64"
	"math"
	"slices"
	"strings"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/store"
)

// A Query chooses cases. The zero value is everything that needs us, in queue
// order; further fields narrow it down.
type Query struct {
	List     List
	Queue    string         // with Needs: that queue's own order
	Assignee care.AgentID   // with Mine
	State    care.State     // with InState: awaiting, resolved, dismissed or merged
	Author   care.AuthorKey // with OfAuthor
	Thread   care.ThreadKey // with InThread

	// Filters, checked row by row. Zero: any.
	Lane       care.Lane
	Network    string
	Language   string
	Topic      string
	Severity   care.Severity
	Tag        string
	Unassigned bool
	Mood       care.Mood
	Promise    bool         // with a promise that is not kept yet
	Issue      care.IssueID // linked to this known issue
	Left       TimeLeft
	Now        time.Time // with Left

	After string // Page.Next of the page before
	Limit int    // rows; 0: 50, at most 200
}

// A List is an order that cases are kept in.
type List string

// The lists.
const (
	Needs    List = ""         // what we have to do now, in queue order
	Mine     List = "mine"     // open cases of Assignee, in queue order
	InState  List = "state"    // the latest first
	Snoozed  List = "snoozed"  // the first to wake first
	Outside  List = "outside"  // somebody outside has to act; the first that we look at again first
	ForWhom  List = "for"      // what Assignee follows, or is called to by a note; the latest first
	Approve  List = "approve"  // a reply or goodwill waits for a lead; newest first
	Friction List = "friction" // something stood in the way and is not mended; newest first
	Held     List = "held"     // kept for a court; newest first
	Promised List = "promises" // the first to be due first
	OfAuthor List = "author"   // newest first
	InThread List = "thread"   // newest first
	Every    List = "all"      // newest first
)

// A Page of rows, as they stood at a position.
type Page struct {
	Rows     []care.Row
	Next     string // empty: that was the last
	Position store.Seq
}

// scanned bounds how many rows a page looks at for its filters; a page may so
// come back with fewer rows than asked for and a Next all the same.
const scanned = 5000

func (q *Query) name() (string, error) {
	switch q.List {
	case Needs:
		if q.Queue != "" {
			return listQueue + q.Queue, nil
		}
		return listNeeds, nil
	case Mine:
		return listMine + string(q.Assignee), nil
	case InState:
		return listState + string(q.State), nil
	case Snoozed:
		return listSnoozed, nil
	case Outside:
		return listOutside, nil
	case ForWhom:
		return listFor + string(q.Assignee), nil
	case Approve:
		return listApprove, nil
	case Friction:
		return listFriction, nil
	case Held:
		return listHeld, nil
	case Promised:
		return listPromises, nil
	case OfAuthor:
		return listAuthor + string(q.Author), nil
	case InThread:
		return listThread + string(q.Thread), nil
	case Every:
		return listAll, nil
	}
	return "", &care.Error{Code: care.Invalid, Field: "list", Msg: "There is no list \"{name}\".", With: []any{"name", q.List}}
}

// A TimeLeft is how much time is left until the deadline that counts.
type TimeLeft string

// The spans of time left.
const (
	LeftPast    TimeLeft = "past"    // none
	LeftQuarter TimeLeft = "quarter" // less than 15 minutes
	LeftHour    TimeLeft = "hour"    // less than an hour
	LeftLater   TimeLeft = "later"   // an hour and more
	LeftNone    TimeLeft = "none"    // no promise is running
)

func leftOf(r *care.Row, now time.Time) TimeLeft {
	switch left := r.DueAt.Sub(now); {
	case r.DueAt.IsZero():
		return LeftNone
	case left < 0:
		return LeftPast
	case left < 15*time.Minute:
		return LeftQuarter
	case left < time.Hour:
		return LeftHour
	}
	return LeftLater
}

// Wants says whether a row is as the query's filters want it, whatever its list.
func (v *View) Wants(q *Query, r *care.Row) bool {
	ok := false
	_ = v.db.View(func(tx *bolt.Tx) error {
		ok = q.wants(r, tx)
		return nil
	})
	return ok
}

func (q *Query) wants(r *care.Row, tx *bolt.Tx) bool {
	return (q.Queue == "" || r.Queue == q.Queue) &&
		(q.Lane == "" || r.Lane == q.Lane) &&
		(q.Network == "" || r.Labels.Network == q.Network) &&
		(q.Language == "" || r.Labels.Language == q.Language) &&
		(q.Topic == "" || r.Labels.Topic == q.Topic) &&
		(q.Severity == "" || r.Labels.Severity == q.Severity) &&
		(q.Tag == "" || slices.Contains(r.Tags, q.Tag)) &&
		(!q.Unassigned || r.Assignee == "") &&
		(q.Mood == "" || r.Labels.Mood == q.Mood) &&
		(!q.Promise || r.Promises > 0) &&
		(q.Left == "" || leftOf(r, q.Now) == q.Left) &&
		(q.Issue == "" || tx.Bucket(bucketLinked).Get([]byte(string(r.ID)+string(q.Issue))) != nil)
}

// Cases returns one page.
func (v *View) Cases(ctx context.Context, q Query) (Page, error) {
	list, err := q.name()
	if err != nil {
		return Page{}, err
	}
	after, err := base64.RawURLEncoding.DecodeString(q.After)
	if err != nil {
		return Page{}, &care.Error{Code: care.Invalid, Field: "after", Msg: "This page mark is not one of ours.", Err: err}
	}
	if q.Limit <= 0 {
		q.Limit = 50
	}
	q.Limit = min(q.Limit, 200)
	var p Page
	err = v.db.View(func(tx *bolt.Tx) error {
		p.Position = store.Seq(number(tx.Bucket(bucketMeta).Get(keyPosition)))
		prefix := list + "\x00"
		seen, last := 0, ""
		for by := range keysIn(tx, prefix, string(after)) {
			if len(p.Rows) == q.Limit || seen == scanned {
				p.Next = base64.RawURLEncoding.EncodeToString([]byte(last))
				return ctx.Err()
			}
			seen++
			last = by
			row, err := rowOf(tx, caseIn([]byte(by)))
			if err != nil {
				return err
			}
			if q.wants(&row, tx) {
				p.Rows = append(p.Rows, row)
			}
		}
		return ctx.Err()
	})
	return p, err
}

// keysIn yields what stands behind a prefix in the lists, in order, after a place.
func keysIn(tx *bolt.Tx, prefix, after string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		c := tx.Bucket(bucketList).Cursor()
		k, _ := c.Seek([]byte(prefix + after))
		if after != "" && string(k) == prefix+after {
			k, _ = c.Next()
		}
		for ; k != nil && strings.HasPrefix(string(k), prefix); k, _ = c.Next() {
			if !yield(string(k[len(prefix):])) {
				return
			}
		}
	}
}

func rowOf(tx *bolt.Tx, id care.CaseID) (care.Row, error) {
	b := tx.Bucket(bucketCase).Get([]byte(id))
	if b == nil {
		return care.Row{}, &care.Error{Code: care.NotFound, Msg: "There is no such case."}
	}
	return care.DecodeRow(b)
}

// Row returns one case's row.
func (v *View) Row(id care.CaseID) (row care.Row, err error) {
	err = v.db.View(func(tx *bolt.Tx) error {
		row, err = rowOf(tx, id)
		return err
	})
	return row, err
}

// maxEarlier bounds how many cases of an author are counted, and scannedEarlier
// how many are looked at for it.
const maxEarlier, scannedEarlier = 20, 60

// Earlier counts, for each row, the author's complaints before it: their older
// cases that were not dismissed and did not go on in another one. It counts to
// twenty.
func (v *View) Earlier(ctx context.Context, rows []care.Row) ([]int, error) {
	out := make([]int, len(rows))
	err := v.db.View(func(tx *bolt.Tx) error {
		for i := range rows {
			r := &rows[i]
			seen := 0
			for by := range keysIn(tx, listAuthor+string(r.Author)+"\x00", descending(r.Number)+string(r.ID)) {
				if seen++; out[i] == maxEarlier || seen > scannedEarlier {
					break
				}
				row, err := rowOf(tx, caseIn([]byte(by)))
				if err != nil {
					return err
				}
				if row.State != care.StateDismissed && row.State != care.StateMerged {
					out[i]++
				}
			}
		}
		return ctx.Err()
	})
	return out, err
}

// ByNumber finds the case that people call by a number.
func (v *View) ByNumber(n uint64) (id care.CaseID, err error) {
	err = v.db.View(func(tx *bolt.Tx) error {
		b := tx.Bucket(bucketNumber).Get(numberKey(n))
		if b == nil {
			return &care.Error{Code: care.NotFound, Msg: "There is no case {number}.", With: []any{"number", n}}
		}
		id = care.CaseID(b)
		return nil
	})
	return id, err
}

// Counts are how many cases are where.
type Counts struct {
	All      int                  `json:"all"`
	Needs    int                  `json:"needs"`
	Breached int                  `json:"breached"`
	Snoozed  int                  `json:"snoozed"`
	Outside  int                  `json:"outside"`
	Approve  int                  `json:"approve"`  // cases with something that waits for a lead
	Promises int                  `json:"promises"` // cases with an open promise
	Sending  int                  `json:"sending"`  // cases with a reply that is not settled
	Failed   int                  `json:"failed"`   // open cases whose newest reply failed
	Noticing int                  `json:"noticing"` // cases with a notice that is not settled
	Queues   map[string]int       `json:"queues"`   // of Needs
	Waiting  map[string]int       `json:"waiting"`  // of Queues, what nobody has
	Mine     map[care.AgentID]int `json:"mine"`     // open, by who has them
	States   map[care.State]int   `json:"states"`   // awaiting, resolved, dismissed, merged
	Position store.Seq            `json:"position"`
}

// Counts returns them all, as they are kept: no row is read.
func (v *View) Counts() (Counts, error) {
	c := Counts{Queues: map[string]int{}, Waiting: map[string]int{}, Mine: map[care.AgentID]int{}, States: map[care.State]int{}}
	err := v.db.View(func(tx *bolt.Tx) error {
		c.Position = store.Seq(number(tx.Bucket(bucketMeta).Get(keyPosition)))
		return tx.Bucket(bucketCount).ForEach(func(k, b []byte) error {
			list, n := string(k), int(number(b))
			switch list {
			case listAll:
				c.All = n
			case listNeeds:
				c.Needs = n
			case listBreached:
				c.Breached = n
			case listSnoozed:
				c.Snoozed = n
			case listApprove:
				c.Approve = n
			case listOutside:
				c.Outside = n
			case listPromises:
				c.Promises = n
			case listSend:
				c.Sending = n
			case listFailed:
				c.Failed = n
			case listNotice:
				c.Noticing = n
			}
			if name, ok := strings.CutPrefix(list, listQueue); ok {
				c.Queues[name] = n
			}
			if name, ok := strings.CutPrefix(list, listHead); ok {
				c.Waiting[name] = n
			}
			if name, ok := strings.CutPrefix(list, listMine); ok {
				c.Mine[care.AgentID(name)] = n
			}
			if name, ok := strings.CutPrefix(list, listState); ok {
				c.States[care.State(name)] = n
			}
			return nil
		})
	})
	return c, err
}

// Heads returns the first cases of a queue that nobody has, in queue order. It
// is a hint, as of a place in the log: whoever acts on it checks again in the
// commit.
func (v *View) Heads(queue string, n int) ([]care.CaseID, store.Seq, error) {
	at := v.Position() // not later than what is read next
	ids, err := v.firstOf(listHead+queue, n, "")
	return ids, at, err
}

// Held returns the open cases that somebody has. It is a hint, as of a place in
// the log.
func (v *View) Held(a care.AgentID) ([]care.CaseID, store.Seq, error) {
	at := v.Position() // not later than what is read next
	ids, err := v.firstOf(listMine+string(a), math.MaxInt, "")
	return ids, at, err
}

// Alarms returns cases whose deadlines, promises or snoozes are due by now,
// the earliest first. It is a hint.
func (v *View) Alarms(now time.Time, n int) ([]care.CaseID, error) {
	return v.firstOf(listAlarm, n, ascending(now.Add(time.Millisecond)))
}

// Unsent returns cases with a reply that the outbox has to look at by now, the
// earliest first. It is a hint.
func (v *View) Unsent(now time.Time, n int) ([]care.CaseID, error) {
	return v.firstOf(listSend, n, ascending(now.Add(time.Millisecond)))
}

// Notices returns cases with a notice that the outbox has to look at by now, the
// one that has waited longest first.
func (v *View) Notices(now time.Time, n int) ([]care.CaseID, error) {
	return v.firstOf(listNotice, n, ascending(now.Add(time.Millisecond)))
}

// Paged returns all cases that somebody's pager keeps open. It is a hint.
func (v *View) Paged() ([]care.CaseID, error) { return v.firstOf(listPaged, math.MaxInt, "") }

// Surveys returns cases whose customers are to be asked by now how it went, the
// earliest first. It is a hint.
func (v *View) Surveys(now time.Time, n int) ([]care.CaseID, error) {
	return v.firstOf(listSurvey, n, ascending(now.Add(time.Millisecond)))
}

// Unsettled returns all cases with a reply whose outcome is still open.
func (v *View) Unsettled() ([]care.CaseID, error) { return v.firstOf(listSend, math.MaxInt, "") }

// NextAlarm and NextSend are when Alarms and Unsent will have something.
// ok is false when nothing is to come.
func (v *View) NextAlarm() (time.Time, bool) { return v.firstTime(listAlarm) }

// NextSend is when Unsent will have something.
func (v *View) NextSend() (time.Time, bool) { return v.firstTime(listSend) }

// NextNotice is when the next notice is to be looked at; ok is false when there
// is none.
func (v *View) NextNotice() (time.Time, bool) { return v.firstTime(listNotice) }

func (v *View) firstTime(list string) (at time.Time, ok bool) {
	_ = v.db.View(func(tx *bolt.Tx) error {
		for by := range keysIn(tx, list+"\x00", "") {
			at, ok = time.UnixMilli(int64(number([]byte(by[:8])))).UTC(), true
			break
		}
		return nil
	})
	return at, ok
}

func (v *View) firstOf(list string, n int, before string) (ids []care.CaseID, err error) {
	err = v.db.View(func(tx *bolt.Tx) error {
		for by := range keysIn(tx, list+"\x00", "") {
			if len(ids) == n || before != "" && by >= before {
				break
			}
			ids = append(ids, caseIn([]byte(by)))
		}
		return nil
	})
	return ids, err
}
