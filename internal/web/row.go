package web

import (
	"context"
	"slices"
	"time"

	"github.com/amends-care/amends/internal/care"
)

// A CaseRow is what lists show of a case.
type CaseRow struct {
	ID         care.CaseID     `json:"id"`
	Number     uint64          `json:"number" doc:"What people call the case."`
	Seq        uint64          `json:"seq" doc:"Its latest record."`
	State      care.State      `json:"state" enum:"waiting,claimed,awaiting,resolved,dismissed,merged"`
	Queue      string          `json:"queue"`
	Lane       care.Lane       `json:"lane" enum:"ordinary,critical"`
	Priority   int             `json:"priority"`
	Assignee   care.AgentID    `json:"assignee,omitempty"`
	Source     string          `json:"source"`
	Network    string          `json:"network"`
	Language   string          `json:"language,omitempty"`
	Topic      string          `json:"topic,omitempty"`
	Severity   care.Severity   `json:"severity,omitempty"`
	Mood       care.Mood       `json:"mood,omitempty"`
	Urgency    []care.Urgency  `json:"urgency"`
	Reach      int             `json:"reach" doc:"Followers of the author; 0 also when not known."`
	Author     Author          `json:"author"`
	Thread     care.ThreadKey  `json:"thread" doc:"Our name for the thread: ?thread= lists its cases."`
	Excerpt    []Run           `json:"excerpt" doc:"Beginning of the text that waits, cleaned, evidence marked."`
	Erased     bool            `json:"erased,omitempty" doc:"The text is gone."`
	Tags       []string        `json:"tags"`
	Level      int             `json:"level,omitempty" doc:"Of escalation."`
	Late       bool            `json:"late,omitempty" doc:"Opened by a mention that was old when we saw it."`
	ByHand     bool            `json:"by_hand,omitempty"`
	OpenedAt   time.Time       `json:"opened_at"`
	LastAt     time.Time       `json:"last_at"`
	ResolvedAt time.Time       `json:"resolved_at,omitzero"`
	WaitsSince time.Time       `json:"waits_since,omitzero" doc:"Since when the customer waits for an answer."`
	Snoozed    time.Time       `json:"snoozed_until,omitzero"`
	WaitsOn    string          `json:"waits_on,omitempty" doc:"Who outside the team has to act."`
	WaitsUntil time.Time       `json:"waits_until,omitzero" doc:"When we look again."`
	End        string          `json:"end,omitempty" doc:"How the case ended, as a code."`
	Due        *Due            `json:"due,omitempty" doc:"The deadline that counts now."`
	Mentions   int             `json:"mentions"`
	Replies    int             `json:"replies" doc:"That the customer could see."`
	Reply      care.ReplyState `json:"reply,omitempty" doc:"State of the newest reply."`
	Earlier    int             `json:"earlier_complaints,omitempty" doc:"Complaints of the same author before this one, 20 at most."`
	Picture    bool            `json:"picture,omitempty" doc:"There is a picture with the text."`
	Promises   int             `json:"promises" doc:"Not kept yet."`
	PromiseDue time.Time       `json:"promise_due,omitzero"`
}

// A Due is a deadline that is to be kept.
type Due struct {
	Target   care.TargetKind `json:"target" enum:"first_response,next_response,resolution"`
	StartAt  time.Time       `json:"start_at"`
	AtRiskAt time.Time       `json:"at_risk_at"`
	DueAt    time.Time       `json:"due_at"`
	Breached bool            `json:"breached,omitempty"`
}

// An Author is whoever wrote a mention, as the network showed them.
type Author struct {
	Key       care.AuthorKey `json:"key" doc:"Our name for the account: ?author= lists its cases."`
	Handle    string         `json:"handle,omitempty"`
	Name      string         `json:"name,omitempty"`
	Followers int            `json:"followers,omitempty"`
	Mixed     bool           `json:"mixed_script,omitempty" doc:"The name mixes letters that look alike."`
}

// handleOf is a handle as it stands beside the name; empty where it is the name, as
// on networks that only have that.
func handleOf(a Author, network string) string {
	switch {
	case a.Handle == "", a.Handle == a.Name:
		return ""
	case network == "email":
		return a.Handle
	}
	return "@" + a.Handle
}

func author(m *care.Mention) Author {
	a := m.Post.Author
	name := cleanLine(a.Name)
	return Author{Key: m.Author, Handle: cleanLine(a.Handle), Name: name, Followers: a.Followers, Mixed: mixedScript(name) || mixedScript(a.Handle)}
}

// marks is what to mark in a text: the evidence, where it is a complaint.
func marks(m *care.Mention) []care.Reason {
	if !m.Verdict.Complaint {
		return nil
	}
	return m.Verdict.Why
}

const excerptLength = 240

// rows completes rows with the texts they are about, in one read.
func (s *Server) rows(ctx context.Context, rs []care.Row) ([]CaseRow, error) {
	ids := make([]care.MentionID, len(rs))
	for i := range rs {
		ids[i] = rs[i].First
		if rs[i].Replies > 0 && rs[i].Latest != "" {
			ids[i] = rs[i].Latest // answered before: what counts is what came since
		}
	}
	ms, err := s.Mentions.Mentions(ctx, ids...)
	if err != nil {
		return nil, err
	}
	earlier, err := s.Cases.Earlier(ctx, rs)
	if err != nil {
		return nil, err
	}
	out := make([]CaseRow, len(rs))
	for i := range rs {
		out[i] = caseRow(&rs[i], &ms[i])
		out[i].Earlier = earlier[i]
	}
	return out, nil
}

func caseRow(r *care.Row, m *care.Mention) CaseRow {
	l := &r.Labels
	text := m.Post.Text
	text = text[:whole(text, min(len(text), 8*excerptLength))] // more than an excerpt can need
	c := CaseRow{
		ID: r.ID, Number: r.Number, Seq: r.Seq, State: r.State, Queue: r.Queue, Lane: r.Lane, Priority: r.Priority, Assignee: r.Assignee,
		Source: r.Source, Network: l.Network, Language: l.Language, Topic: l.Topic, Severity: l.Severity, Mood: l.Mood,
		Urgency: list(l.Urgency), Reach: l.Reach, Author: author(m), Thread: r.Thread,
		Excerpt: excerpt(runs(text, marks(m), false), excerptLength), Erased: m.Post.Text == "",
		Tags: list(r.Tags), Level: r.Level, Late: r.Late, ByHand: r.ByHand, OpenedAt: r.OpenedAt, LastAt: r.LastAt,
		ResolvedAt: r.ResolvedAt, WaitsSince: r.WaitsSince, Snoozed: r.SnoozedUntil, WaitsOn: r.WaitsOn, WaitsUntil: r.WaitsUntil, End: r.End, Mentions: r.Mentions,
		Replies: r.Replies, Reply: r.Reply, Picture: slices.ContainsFunc(m.Post.Links, func(l care.Link) bool { return l.Kind == "image" }), Promises: r.Promises, PromiseDue: r.Promise,
	}
	c.Author.Key = r.Author // the document may be gone
	if r.Due != "" {
		c.Due = &Due{Target: r.Due, StartAt: r.StartAt, AtRiskAt: r.AtRiskAt, DueAt: r.DueAt, Breached: r.Breached}
	}
	return c
}

// list is a slice that is never null in JSON.
func list[T any](in []T) []T {
	if in == nil {
		return []T{}
	}
	return in
}
