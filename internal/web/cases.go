package web

import (
	"context"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/store"
	"github.com/amends-care/amends/internal/view"
)

// A CaseFilter says which cases are meant.
type CaseFilter struct {
	State      string         `query:"state" json:"state,omitempty" enum:"needs,waiting,claimed,awaiting,snoozed,outside,approve,friction,held,promised,resolved,dismissed,merged,all" doc:"needs, the default: what we have to do now, in queue order; outside: somebody outside the team has to act; approve: a reply or goodwill waits for a lead; friction: with what stood in the way and is not mended; held: kept for a court; promised: with a promise that is not kept yet."`
	Queue      string         `query:"queue" json:"queue,omitempty" maxLength:"100"`
	Assignee   care.AgentID   `query:"assignee" json:"assignee,omitempty" maxLength:"100" doc:"Sign-in name; 'me' is whoever asks, 'nobody' is nobody. Without a state: all open cases of that person."`
	For        care.AgentID   `query:"for" json:"for,omitempty" maxLength:"100" doc:"Cases that this person follows, or that a note calls them to; 'me' is whoever asks."`
	Lane       care.Lane      `query:"lane" json:"lane,omitempty" enum:"ordinary,critical"`
	Network    string         `query:"network" json:"network,omitempty" maxLength:"40"`
	Language   string         `query:"language" json:"language,omitempty" maxLength:"40"`
	Topic      string         `query:"topic" json:"topic,omitempty" maxLength:"100"`
	Severity   care.Severity  `query:"severity" json:"severity,omitempty" enum:"low,high"`
	Mood       care.Mood      `query:"mood" json:"mood,omitempty" enum:"calm,annoyed,angry,furious"`
	Tag        string         `query:"tag" json:"tag,omitempty" maxLength:"100"`
	Has        string         `query:"has" json:"has,omitempty" enum:"promise" doc:"promise: one that is not kept yet."`
	Issue      care.IssueID   `query:"issue" json:"issue,omitempty" maxLength:"100" doc:"Linked to this known issue."`
	Left       view.TimeLeft  `query:"left" json:"left,omitempty" enum:"past,quarter,hour,later,none" doc:"Time left to the deadline that counts: past it, less than 15 minutes, less than an hour, more, or none is running."`
	Author     care.AuthorKey `query:"author" json:"author,omitempty" maxLength:"100" doc:"author.key of a case: all cases of that account, newest first."`
	Thread     care.ThreadKey `query:"thread" json:"thread,omitempty" maxLength:"100" doc:"thread of a case: all cases of that thread, newest first."`
	Unassigned bool           `query:"unassigned" json:"unassigned,omitempty"`
}

// A CaseQuery chooses cases, a page at a time.
type CaseQuery struct {
	Reading
	CaseFilter
	After string `query:"after" maxLength:"400" doc:"next of the page before."`
	Limit int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

// A CaseList is a page of cases.
type CaseList struct {
	Cases    []CaseRow `json:"cases"`
	Next     string    `json:"next,omitempty" doc:"Pass as after for the next page; absent: that was the last. A page that filters may have fewer cases than asked for, and a next all the same."`
	Position store.Seq `json:"position" doc:"Place in the log that the page shows; pass as after to the events."`
}

type caseListOutput struct{ Body CaseList }

func (s *Server) listCases(ctx context.Context, in *CaseQuery) (*caseListOutput, error) {
	in.me(ctx)
	p, err := s.page(ctx, in)
	if err != nil {
		return nil, err
	}
	rows, err := s.rows(ctx, p.Rows)
	if err != nil {
		return nil, err
	}
	return &caseListOutput{CaseList{Cases: rows, Next: p.Next, Position: p.Position}}, nil
}

// chosen is the list that suits a query best, and what is left to check row by
// row.
func (in *CaseFilter) chosen() (q view.Query, wants func(*care.Row) bool) {
	q = view.Query{
		Queue: in.Queue, Lane: in.Lane, Network: in.Network, Language: in.Language, Topic: in.Topic, Severity: in.Severity, Tag: in.Tag,
		Unassigned: in.Unassigned || in.Assignee == "nobody", Mood: in.Mood, Promise: in.Has == "promise", Issue: in.Issue, Left: in.Left,
	}
	state := in.State
	switch {
	case in.Author != "":
		q.List, q.Author = view.OfAuthor, in.Author
	case in.Thread != "":
		q.List, q.Thread = view.InThread, in.Thread
	case state == "awaiting" || state == "resolved" || state == "dismissed" || state == "merged":
		q.List, q.State, state = view.InState, care.State(state), ""
	case state == "snoozed":
		q.List, state = view.Snoozed, ""
	case in.For != "":
		q.List, q.Assignee = view.ForWhom, in.For
	case state == "approve" || state == "friction" || state == "held":
		q.List, state = view.List(state), ""
	case state == "outside":
		q.List, state = view.Outside, ""
	case state == "promised":
		q.List, state = view.Promised, ""
	case state == "all":
		q.List = view.Every
	case in.Assignee != "" && in.Assignee != "nobody":
		q.List, q.Assignee = view.Mine, in.Assignee
	default:
		q.List, state = view.Needs, map[string]string{"waiting": "waiting", "claimed": "claimed"}[state]
	}
	return q, func(r *care.Row) bool {
		return (in.Assignee == "" || in.Assignee == "nobody" || r.Assignee == in.Assignee) && inState(r, state)
	}
}

func inState(r *care.Row, state string) bool {
	switch state {
	case "", "all":
		return true
	case "needs":
		return r.NeedsUs()
	case "snoozed":
		return !r.SnoozedUntil.IsZero() && !r.State.Over()
	case "approve":
		return r.ToApprove
	case "friction":
		return r.Friction > 0
	case "held":
		return r.OnHold
	case "outside":
		return r.WaitsOn != "" && !r.State.Over()
	case "promised":
		return r.Promises > 0
	}
	return r.State == care.State(state)
}

// maxReads bounds how often a page goes on reading for its filters.
const maxReads = 20

// page reads a page of rows. A filter that the view does not know is applied
// here, and the page filled up as far as a bounded number of reads goes.
func (s *Server) page(ctx context.Context, in *CaseQuery) (view.Page, error) {
	q, wants := in.chosen()
	q.Now = s.Now()
	if q.After, q.Limit = in.After, in.Limit; q.Limit <= 0 {
		q.Limit = 50
	}
	full := q.Limit
	var out view.Page
	for range maxReads {
		p, err := s.Cases.Cases(ctx, q)
		if err != nil {
			return view.Page{}, err
		}
		out.Position, out.Next = p.Position, p.Next
		for i := range p.Rows {
			if wants(&p.Rows[i]) {
				out.Rows = append(out.Rows, p.Rows[i])
			}
		}
		if p.Next == "" || len(out.Rows) >= full {
			break
		}
		q.After, q.Limit = p.Next, full-len(out.Rows)
	}
	return out, nil
}
