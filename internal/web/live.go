package web

import (
	"encoding/json"
	"slices"
	"sort"
	"sync"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/store"
	"github.com/amends-care/amends/internal/view"
)

const (
	readerQueue = 256 // events that wait for one reader before it is told to start anew
	heartbeat   = 20 * time.Second
)

// A Live tells readers what happens to cases as this node's view learns of it.
// The number of an event is its record's place in the log, so a reader may go
// on at any node and after any restart. Give its Applied to the view.
type Live struct {
	mu      sync.Mutex
	ring    []event // the latest, oldest first
	floor   store.Seq
	known   bool // floor means something
	readers map[*reader]struct{}
	closed  bool
	quit    chan struct{}
}

// An event is one message to readers. Without an id it is this node's own and
// is not sent again.
type event struct {
	id   store.Seq
	kind string
	data []byte // one line of JSON
}

// A reader is one open stream.
type reader struct {
	ch    chan event
	after store.Seq // what it has seen already
}

// NewLive starts with nothing to tell. keep is how many events of cases a
// reader may have missed and still catch up with: some 400 bytes each.
func NewLive(keep int) *Live {
	return &Live{ring: make([]event, 0, max(keep, 4)), readers: map[*reader]struct{}{}, quit: make(chan struct{})}
}

// A CaseEvent is what one record did to a case, as live readers get it. It
// holds no text.
type CaseEvent struct {
	Case     care.CaseID     `json:"case"`
	Number   uint64          `json:"number"`
	By       care.Actor      `json:"by"`
	Kinds    []care.Kind     `json:"kinds"`
	State    care.State      `json:"state"`
	Queue    string          `json:"queue"`
	Lane     care.Lane       `json:"lane"`
	Assignee care.AgentID    `json:"assignee,omitempty"`
	Needs    bool            `json:"needs" doc:"Waits for something that we have to do."`
	DueAt    time.Time       `json:"due_at,omitzero"`
	Breached bool            `json:"breached,omitempty"`
	Reply    care.ReplyState `json:"reply,omitempty" doc:"State of the newest reply."`
	New      bool            `json:"new,omitempty" doc:"This record opened the case."`
	Was      *CaseWas        `json:"was,omitempty" doc:"Before the record, where that differs."`
}

// A CaseWas is where a case stood before a record.
type CaseWas struct {
	State    care.State   `json:"state"`
	Queue    string       `json:"queue"`
	Lane     care.Lane    `json:"lane"`
	Assignee care.AgentID `json:"assignee,omitempty"`
	Needs    bool         `json:"needs"`
}

func caseEvent(a *view.Applied) CaseEvent {
	e := CaseEvent{
		Case: a.Row.ID, Number: a.Row.Number, By: a.By, Kinds: a.Kinds, State: a.Row.State, Queue: a.Row.Queue, Lane: a.Row.Lane,
		Assignee: a.Row.Assignee, Needs: a.Row.NeedsUs(), DueAt: a.Row.DueAt, Breached: a.Row.Breached, Reply: a.Row.Reply,
		New: a.Was.ID == "",
	}
	was := CaseWas{State: a.Was.State, Queue: a.Was.Queue, Lane: a.Was.Lane, Assignee: a.Was.Assignee, Needs: a.Was.NeedsUs()}
	if is := (CaseWas{State: e.State, Queue: e.Queue, Lane: e.Lane, Assignee: e.Assignee, Needs: e.Needs}); !e.New && was != is {
		e.Was = &was
	}
	return e
}

// begin says what this node showed before anything could be told: nobody who
// has seen that much has missed anything.
func (l *Live) begin(shown store.Seq) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.known {
		l.known, l.floor = true, shown
	}
}

// Applied takes in what the view has just applied, in order. It never waits for
// a reader.
func (l *Live) Applied(list []view.Applied) {
	events := make([]event, len(list))
	for i := range list {
		data, err := json.Marshal(caseEvent(&list[i]))
		if err != nil {
			panic("web: " + err.Error()) // a type without anything that could fail
		}
		events[i] = event{id: list[i].Seq, kind: "case", data: data}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range events {
		l.publish(e)
	}
}

// tell sends readers something that is not in the log.
func (l *Live) tell(kind string, v any) {
	data, err := json.Marshal(v)
	if err != nil {
		panic("web: " + err.Error())
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.publish(event{kind: kind, data: data})
}

func (l *Live) publish(e event) {
	if e.id > 0 {
		if !l.known {
			l.known, l.floor = true, e.id-1
		}
		if len(l.ring) == cap(l.ring) {
			drop := cap(l.ring) / 4
			l.floor = l.ring[drop-1].id
			l.ring = slices.Delete(l.ring, 0, drop)
		}
		l.ring = append(l.ring, e)
	}
	for r := range l.readers {
		if e.id > 0 && e.id <= r.after {
			continue
		}
		select {
		case r.ch <- e:
		default: // too slow: it has to start anew
			close(r.ch)
			delete(l.readers, r)
		}
	}
}

// open begins a stream after a place in the log, with what was missed since. ok
// is false when that is not known any more.
func (l *Live) open(after store.Seq) (r *reader, missed []event, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	r = &reader{ch: make(chan event, readerQueue), after: after}
	if l.closed {
		close(r.ch)
		return r, nil, true
	}
	l.readers[r] = struct{}{}
	if after < l.floor {
		return r, nil, false
	}
	first := sort.Search(len(l.ring), func(i int) bool { return l.ring[i].id > after })
	return r, slices.Clone(l.ring[first:]), true
}

func (l *Live) drop(r *reader) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.readers, r)
}

// Readers is how many streams are open.
func (l *Live) Readers() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.readers)
}

// Close ends all streams, so that a server can shut down. They come back by
// themselves. Closing twice is harmless.
func (l *Live) Close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.closed {
		l.closed = true
		close(l.quit)
	}
}
