package web

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/store"
	"github.com/amends-care/amends/internal/view"
)

// A Queue is how much waits in one queue.
type Queue struct {
	Name    string `json:"name"`
	Title   string `json:"title" doc:"What people call it."`
	Needs   int    `json:"needs" doc:"Cases that we have to do something about now."`
	Waiting int    `json:"waiting" doc:"Of these, the ones that nobody has."`
}

// A Backlog is how much there is, and where.
type Backlog struct {
	Queues   []Queue   `json:"queues"`
	Needs    int       `json:"needs"`
	Mine     int       `json:"mine" doc:"Open cases of whoever asks."`
	Breached int       `json:"breached" doc:"Overdue and still not answered."`
	Snoozed  int       `json:"snoozed"`
	Outside  int       `json:"outside" doc:"Somebody outside the team has to act."`
	Promises int       `json:"promises" doc:"Cases with a promise that is not kept yet."`
	Awaiting int       `json:"awaiting"`
	Resolved int       `json:"resolved"`
	All      int       `json:"all"`
	Position store.Seq `json:"position"`
}

type backlogOutput struct{ Body Backlog }

func (s *Server) backlog(ctx context.Context) (Backlog, error) {
	c, err := s.Cases.Counts()
	if err != nil {
		return Backlog{}, err
	}
	b := Backlog{
		Queues: []Queue{}, Needs: c.Needs, Mine: c.Mine[askedOf(ctx).who.Name], Breached: c.Breached, Snoozed: c.Snoozed, Outside: c.Outside, Promises: c.Promises,
		Awaiting: c.States[care.StateAwaiting], Resolved: c.States[care.StateResolved], All: c.All, Position: c.Position,
	}
	setup := s.Setup()
	for _, name := range queueNames(setup, c.Queues) {
		b.Queues = append(b.Queues, Queue{Name: name, Title: setup.titled(name), Needs: c.Queues[name], Waiting: c.Waiting[name]})
	}
	return b, nil
}

func (s *Server) queues(ctx context.Context, _ *Reading) (*backlogOutput, error) {
	b, err := s.backlog(ctx)
	return &backlogOutput{b}, err
}

type nextInput struct {
	Writing
	Queue string `path:"name" maxLength:"100" doc:"A queue, or 'any'."`
}

type nextOutput struct {
	Status int
	Seq    store.Seq `header:"Amends-Seq"`
	Body   *Written
}

// anyQueue stands for all queues together.
const anyQueue = "any"

// next gives whoever asks the first case of a queue. When nobody waits, the
// answer is 204: that is no error.
func (s *Server) next(ctx context.Context, in *nextInput) (*nextOutput, error) {
	w, ok, err := s.takeNext(ctx, in.Queue, in.op(ctx))
	if err != nil {
		return nil, err
	}
	if !ok {
		return &nextOutput{Status: http.StatusNoContent}, nil
	}
	return &nextOutput{Status: http.StatusOK, Seq: w.Seq, Body: &w}, nil
}

// takeNext is next for all who ask. ok is false when nobody waits.
func (s *Server) takeNext(ctx context.Context, queue, op string) (w Written, ok bool, err error) {
	c, err := s.Cases.Counts()
	if err != nil {
		return Written{}, false, err
	}
	if queue == anyQueue {
		if queue, err = s.neediest(ctx); err != nil { // none: the same op again still gives what it gave
			return Written{}, false, err
		}
	} else if !slices.Contains(queueNames(s.Setup(), c.Queues), queue) {
		return Written{}, false, &care.Error{Code: care.NotFound, Msg: "There is no such queue."}
	}
	id, seq, err := s.Desk.NextFor(ctx, askedOf(ctx).who.Actor(), askedOf(ctx).who.Name, op, queue)
	if e, known := errors.AsType[*care.Error](err); known && e.Code == care.NotFound {
		return Written{}, false, nil
	}
	return Written{Case: id, Seq: seq}, err == nil, err
}

// neediest is the queue whose first case comes before those of all others.
func (s *Server) neediest(ctx context.Context) (string, error) {
	p, err := s.Cases.Cases(ctx, view.Query{List: view.Needs, Unassigned: true, Limit: 1})
	if err != nil || len(p.Rows) == 0 {
		return "", err
	}
	return p.Rows[0].Queue, nil
}
