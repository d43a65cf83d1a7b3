package web

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/amends-care/amends/internal/care"
)

const (
	presentFor   = 45 * time.Second // after somebody was last heard of
	maxPresence  = 20_000           // people times cases; more are not shown
	presenceName = "presence"       // of the live event
)

// A Present is somebody who has a case open just now.
type Present struct {
	Name  care.AgentID `json:"name"`
	Shown string       `json:"display"`
	Doing string       `json:"doing" enum:"viewing,typing"`
}

// presence is who looks at which case, as far as this node was told. It warns
// and never locks.
type presence struct {
	now   func() time.Time
	mu    sync.Mutex
	cases map[care.CaseID]map[care.AgentID]seen
	size  int
}

type seen struct {
	Present
	at time.Time
}

func newPresence(now func() time.Time) *presence {
	return &presence{now: now, cases: map[care.CaseID]map[care.AgentID]seen{}}
}

// names are all who have some case open, as far as this node was told.
func (p *presence) names() map[care.AgentID]bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.expireAll()
	names := map[care.AgentID]bool{}
	for _, there := range p.cases {
		for name := range there {
			names[name] = true
		}
	}
	return names
}

// set notes what somebody does with a case; gone: nothing any more. It says
// who is there now, and whether that is news.
func (p *presence) set(id care.CaseID, who Present) (there []Present, news bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.expire(id)
	was, known := p.cases[id][who.Name]
	switch {
	case who.Doing == "gone":
		p.remove(id, who.Name)
		news = known
	case !known && p.size >= maxPresence:
		p.expireAll()
		if p.size >= maxPresence {
			return p.list(id), false
		}
		fallthrough
	default:
		if p.cases[id] == nil {
			p.cases[id] = map[care.AgentID]seen{}
		}
		if !known {
			p.size++
		}
		p.cases[id][who.Name] = seen{who, p.now()}
		news = was.Present != who
	}
	return p.list(id), news
}

// at is who is at a case now.
func (p *presence) at(id care.CaseID) []Present {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.expire(id)
	return p.list(id)
}

func (p *presence) list(id care.CaseID) []Present {
	out := make([]Present, 0, len(p.cases[id]))
	for _, s := range p.cases[id] {
		out = append(out, s.Present)
	}
	slices.SortFunc(out, func(a, b Present) int { return strings.Compare(string(a.Name), string(b.Name)) })
	return out
}

func (p *presence) remove(id care.CaseID, name care.AgentID) {
	if _, ok := p.cases[id][name]; !ok {
		return
	}
	p.size--
	if delete(p.cases[id], name); len(p.cases[id]) == 0 {
		delete(p.cases, id)
	}
}

func (p *presence) expire(id care.CaseID) {
	for name, s := range p.cases[id] {
		if p.now().Sub(s.at) >= presentFor {
			p.remove(id, name)
		}
	}
}

func (p *presence) expireAll() {
	for id := range p.cases {
		p.expire(id)
	}
}

// A Doing is what somebody does with a case.
type Doing struct {
	Doing string `json:"doing" enum:"viewing,typing,gone"`
}

type presenceInput struct {
	OneCase
	Body Doing
}

type presenceOutput struct{ Body Presence }

// A Presence is who is at a case now, as far as this node knows: also a live
// event.
type Presence struct {
	Case    care.CaseID `json:"case"`
	Present []Present   `json:"present"`
}

func (s *Server) setPresence(ctx context.Context, in *presenceInput) (*presenceOutput, error) {
	id, err := s.caseID(in.ID)
	if err != nil {
		return nil, err
	}
	who := askedOf(ctx).who
	there, news := s.presence.set(id, Present{Name: who.Name, Shown: who.Display, Doing: in.Body.Doing})
	if news {
		s.Live.tell(presenceName, Presence{Case: id, Present: there})
	}
	return &presenceOutput{Presence{Case: id, Present: there}}, nil
}
