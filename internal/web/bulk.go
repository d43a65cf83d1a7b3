package web

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/amends-care/amends/internal/auth"
	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/store"
)

// Bulks carry out decisions about many cases, whatever happens to a process.
type Bulks interface {
	// Begin begins one; the same ID again changes nothing and gives the first.
	Begin(ctx context.Context, b care.Bulk) (care.Bulk, error)
	Bulk(ctx context.Context, id string) (care.Bulk, error)
	// Wait returns it once it is over, or as it stands when ctx ends.
	Wait(ctx context.Context, id string) (care.Bulk, error)
}

// bulkPatience is how long a request waits for a bulk to be over. Small ones
// are; of others the answer tells how far they have come.
const bulkPatience = 3 * time.Second

// A CaseCount is how many cases a query finds.
type CaseCount struct {
	Count    int       `json:"count"`
	Limit    int       `json:"limit" doc:"How many one bulk takes at most."`
	Position store.Seq `json:"position" doc:"Place in the log as of which they were counted: pass it with a bulk, and no case that was opened later comes in."`
}

type caseCountOutput struct{ Body CaseCount }

// A CountQuery chooses cases to be counted.
type CountQuery struct {
	Reading
	CaseFilter
}

func (s *Server) countCases(ctx context.Context, in *CountQuery) (*caseCountOutput, error) {
	_, n, at, err := s.choose(ctx, in.CaseFilter, 0)
	return &caseCountOutput{CaseCount{Count: n, Limit: care.MaxBulk, Position: at}}, err
}

// choose finds all cases that a filter is about, as of one moment; opened after
// a place in the log: left out.
func (s *Server) choose(ctx context.Context, f CaseFilter, until store.Seq) ([]care.CaseID, int, store.Seq, error) {
	f.me(ctx)
	q, wants := f.chosen()
	q.Now = s.Now()
	return s.Cases.Choose(ctx, q, func(r *care.Row) bool { return wants(r) && (until == 0 || r.Number <= uint64(until)) }, care.MaxBulk)
}

// A BulkOrder is one thing to be done to many cases.
type BulkOrder struct {
	Cases       []string     `json:"cases,omitempty" maxItems:"5000" doc:"Ids or numbers; or else say which with matching."`
	Matching    *CaseFilter  `json:"matching,omitempty" doc:"All cases that a list with these filters has, as of one moment: what comes later is left alone."`
	Position    store.Seq    `json:"position,omitempty" doc:"Of the count that was shown: cases that were opened later are left out."`
	Do          string       `json:"do" enum:"claim,release,assign,requeue,snooze,wake,tag,resolve,dismiss"`
	To          care.AgentID `json:"to,omitempty" maxLength:"40" doc:"With assign: sign-in name."`
	Queue       string       `json:"queue,omitempty" maxLength:"100" doc:"With requeue."`
	Until       time.Time    `json:"until,omitzero" doc:"With snooze."`
	Add         []string     `json:"add,omitempty" maxItems:"30" doc:"With tag."`
	Remove      []string     `json:"remove,omitempty" maxItems:"30" doc:"With tag."`
	Disposition string       `json:"disposition,omitempty" maxLength:"60" doc:"With resolve. One that needs more to be told can't be used for many cases."`
	Reason      string       `json:"reason,omitempty" enum:"not_a_complaint,not_about_us,spam,duplicate" doc:"With dismiss."`
}

// A BulkState is how far a decision about many cases has come.
type BulkState struct {
	ID       string     `json:"id"`
	State    string     `json:"state" enum:"running,done"`
	Do       string     `json:"do,omitempty"`
	Undoes   string     `json:"undoes,omitempty" doc:"The one that it takes back."`
	By       care.Actor `json:"by"`
	BegunAt  time.Time  `json:"begun_at"`
	EndedAt  time.Time  `json:"ended_at,omitzero"`
	Cases    int        `json:"cases" doc:"How many were chosen."`
	Pending  int        `json:"pending" doc:"Of these, still to be decided."`
	Done     int        `json:"done"`
	Same     int        `json:"same" doc:"It was so already: nothing was changed."`
	Refused  int        `json:"refused"`
	Refusals []Refusal  `json:"refusals" doc:"Why some were left as they were, with the first of them."`
	Position store.Seq  `json:"position" doc:"Place in the log as of which the cases were chosen."`
}

// A Refusal is why some cases were left as they were.
type Refusal struct {
	Why   string        `json:"why"`
	N     int           `json:"n"`
	Cases []care.CaseID `json:"cases"`
}

type bulkOutput struct {
	Seq  store.Seq `header:"Amends-Seq"`
	Body BulkState
}

func (t teller) bulkState(b care.Bulk) *bulkOutput {
	v := BulkState{
		ID: b.ID, State: "running", Do: b.Act.Do, Undoes: b.Undoes, By: b.By, BegunAt: b.BegunAt, EndedAt: b.EndedAt, Cases: len(b.Cases),
		Pending: b.Count(care.BulkPending), Done: b.Count(care.BulkDone), Same: b.Count(care.BulkSame), Refused: b.Count(care.BulkRefused),
		Refusals: []Refusal{}, Position: store.Seq(b.At),
	}
	for _, r := range b.Refusals {
		v.Refusals = append(v.Refusals, Refusal{Why: t.tell(r.Why), N: r.N, Cases: r.Cases})
	}
	if b.Over() {
		v.State = "done"
	}
	return &bulkOutput{Seq: store.Seq(b.Seq), Body: v}
}

type bulkInput struct {
	Writing
	Body BulkOrder
}

// bulk does one thing to many cases, each for itself.
func (s *Server) bulk(ctx context.Context, in *bulkInput) (*bulkOutput, error) {
	who := askedOf(ctx).who
	act, err := s.bulkAct(ctx, &in.Body)
	if err != nil {
		return nil, err
	}
	b := care.Bulk{ID: bulkID(in.op(ctx)), By: who.Actor(), Lead: who.May(auth.Assign), Act: act}
	var n int
	var at store.Seq
	switch o := &in.Body; {
	case (len(o.Cases) == 0) == (o.Matching == nil):
		return nil, &care.Error{Code: care.Invalid, Field: "cases", Msg: "Name cases, or say which ones match."}
	case o.Matching != nil:
		b.Cases, n, at, err = s.choose(ctx, *o.Matching, o.Position)
	default:
		at = s.Cases.Position()
		b.Cases, err = s.caseIDs(o.Cases)
	}
	switch b.At = uint64(at); {
	case err != nil:
		return nil, err
	case n > care.MaxBulk:
		return nil, &care.Error{Code: care.Invalid, Field: "matching", Msg: "{n} cases match, and one go takes {max} at most. Choose fewer.", With: []any{"n", n, "max", care.MaxBulk}}
	case len(b.Cases) == 0:
		return nil, &care.Error{Code: care.Invalid, Field: "cases", Msg: "No case matches any more."}
	}
	return s.begin(ctx, b)
}

// begin begins a bulk and waits a little for what comes of it.
func (s *Server) begin(ctx context.Context, b care.Bulk) (*bulkOutput, error) {
	b, err := s.Bulks.Begin(ctx, b)
	if err != nil {
		return nil, err
	}
	soon, cancel := context.WithTimeout(ctx, bulkPatience)
	defer cancel()
	if b, err = s.Bulks.Wait(soon, b.ID); err != nil {
		return nil, err
	}
	return s.teller(ctx).bulkState(b), nil
}

// bulkID names a bulk for the write that begins it, so that the same write again
// is the same bulk; one without a name is new each time.
func bulkID(op string) string {
	_, sum, ok := strings.Cut(op, "/")
	if !ok {
		sum = hex.EncodeToString([]byte(rand.Text()))
	}
	return sum[:32]
}

// bulkAct checks what does not depend on a case.
func (s *Server) bulkAct(ctx context.Context, o *BulkOrder) (care.BulkAct, error) {
	act := care.BulkAct{Do: o.Do, To: o.To, Queue: o.Queue, Until: o.Until.UTC().Truncate(time.Millisecond), Add: o.Add, Remove: o.Remove, Reason: o.Reason}
	switch o.Do {
	case "assign":
		if !askedOf(ctx).who.May(auth.Assign) {
			return act, errMayNot
		}
		return act, s.canWork(ctx, o.To)
	case "requeue":
		return act, s.knownQueue(o.Queue)
	case "snooze":
		if !o.Until.After(s.Now()) {
			return act, &care.Error{Code: care.Invalid, Field: "until", Msg: "Choose a time that is still to come."}
		}
	case "tag":
		return act, cleanTags(o.Add)
	case "resolve":
		act.End = care.Disposition{Code: o.Disposition}
		ends := s.Setup().Ends
		if i := slices.IndexFunc(ends, func(e care.Disposition) bool { return e.Code == o.Disposition }); i >= 0 {
			act.End = ends[i]
		}
		return act, s.knownEnd(o.Disposition)
	case "dismiss":
		if o.Reason == "" {
			return act, &care.Error{Code: care.Invalid, Field: "reason", Msg: "Say why these are no complaints of ours."}
		}
	}
	return act, nil
}

// caseIDs finds cases by their ids or numbers, each once.
func (s *Server) caseIDs(names []string) (ids []care.CaseID, err error) {
	seen := map[care.CaseID]bool{}
	for _, name := range names {
		id, err := s.caseID(name)
		if err != nil {
			return nil, err
		}
		if !seen[id] {
			seen[id] = true
			ids = append(ids, id)
		}
	}
	return ids, nil
}

// An OneBulk names a decision about many cases.
type OneBulk struct {
	ID string `path:"id" maxLength:"40" doc:"Id of the bulk."`
}

type bulkRead struct {
	Reading
	OneBulk
}

func (s *Server) oneBulk(ctx context.Context, in *bulkRead) (*bulkOutput, error) {
	b, err := s.Bulks.Bulk(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return s.teller(ctx).bulkState(b), nil
}

type bulkWrite struct {
	Writing
	OneBulk
}

// undoBulk takes a decision about many cases back, for each case to which
// nothing else has happened since. Doing so again is the same.
func (s *Server) undoBulk(ctx context.Context, in *bulkWrite) (*bulkOutput, error) {
	who := askedOf(ctx).who
	b, err := s.Bulks.Bulk(ctx, in.ID)
	switch {
	case err != nil:
		return nil, err
	case b.By != who.Actor() && !who.May(auth.Assign):
		return nil, &care.Error{Code: care.Denied, Msg: "Only who did it, or a lead, can take it back."}
	case b.Undoes != "":
		return nil, &care.Error{Code: care.Conflict, Msg: "This took something back itself. Do that again instead."}
	case !b.Over():
		return nil, &care.Error{Code: care.Conflict, Msg: "This is still being done. Take it back once it is done."}
	}
	back := care.Bulk{ID: b.ID + "-undo", By: who.Actor(), Undoes: b.ID, Cases: b.Changed(), At: uint64(s.Cases.Position())}
	if len(back.Cases) == 0 {
		return nil, &care.Error{Code: care.Conflict, Msg: "This changed no case."}
	}
	return s.begin(ctx, back)
}

func (s *Server) registerBulk() {
	add(s, http.MethodGet, "/count", auth.Read, "bulk", "Count the cases of a list", s.countCases)
	add(s, http.MethodPost, "/cases/bulk", auth.Work, "bulk", "Do one thing to many cases, each for itself", s.bulk)
	add(s, http.MethodGet, "/bulks/{id}", auth.Read, "bulk", "How far a decision about many cases has come", s.oneBulk)
	add(s, http.MethodPost, "/bulks/{id}/undo", auth.Work, "bulk", "Take it back where nothing else has happened since", s.undoBulk)
}
