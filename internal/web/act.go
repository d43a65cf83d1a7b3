package web

import (
	"context"
	"net/http"
	"time"

	"github.com/amends-care/amends/internal/auth"
	"github.com/amends-care/amends/internal/care"
)

// An act is one thing that somebody does to a case.
type act struct {
	who auth.Identity
	id  care.CaseID
	n   int    // of the reply or promise that it is about
	op  string // names the decision; empty: it has no name
}

// A CaseWrite is a write to a case.
type CaseWrite struct {
	Writing
	OneCase
}

type caseWriteBody[I any] struct {
	Writing
	OneCase
	Body I
}

// A PartWrite is a write to a part of a case.
type PartWrite struct {
	CaseWrite
	N int `path:"n" minimum:"1" maximum:"1000000" doc:"Number of the reply or promise within the case."`
}

type partWriteBody[I any] struct {
	PartWrite
	Body I
}

// on registers an act that takes an input: POST /cases/{id}/<name>.
func on[I any](s *Server, name string, may auth.Action, summary string, do func(context.Context, act, I) (Written, error)) {
	add(s, http.MethodPost, "/cases/{id}/"+name, may, "cases", summary, func(ctx context.Context, in *caseWriteBody[I]) (*written, error) {
		return s.act(ctx, in.OneCase, in.Writing, 0, func(a act) (Written, error) { return do(ctx, a, in.Body) })
	})
}

// onBare registers an act that takes none.
func onBare(s *Server, name string, may auth.Action, summary string, do func(context.Context, act) (Written, error)) {
	add(s, http.MethodPost, "/cases/{id}/"+name, may, "cases", summary, func(ctx context.Context, in *CaseWrite) (*written, error) {
		return s.act(ctx, in.OneCase, in.Writing, 0, func(a act) (Written, error) { return do(ctx, a) })
	})
}

// onPart and onBarePart are the same for one reply or promise of a case.
func onPart[I any](s *Server, name string, may auth.Action, summary string, do func(context.Context, act, I) (Written, error)) {
	add(s, http.MethodPost, "/cases/{id}/"+name, may, "cases", summary, func(ctx context.Context, in *partWriteBody[I]) (*written, error) {
		return s.act(ctx, in.OneCase, in.Writing, in.N, func(a act) (Written, error) { return do(ctx, a, in.Body) })
	})
}

func onBarePart(s *Server, name string, may auth.Action, summary string, do func(context.Context, act) (Written, error)) {
	add(s, http.MethodPost, "/cases/{id}/"+name, may, "cases", summary, func(ctx context.Context, in *PartWrite) (*written, error) {
		return s.act(ctx, in.OneCase, in.Writing, in.N, func(a act) (Written, error) { return do(ctx, a) })
	})
}

func (s *Server) act(ctx context.Context, one OneCase, w Writing, n int, do func(act) (Written, error)) (*written, error) {
	id, err := s.caseID(one.ID)
	if err != nil {
		return nil, err
	}
	out, err := do(act{who: askedOf(ctx).who, id: id, n: n, op: w.op(ctx)})
	if err != nil {
		return nil, err
	}
	return &written{Seq: out.Seq, Body: out}, nil
}

// decide takes a decision about one case.
func (s *Server) decide(ctx context.Context, a act, rule func(now time.Time, c *care.Case) ([]care.Event, error)) (Written, error) {
	return s.decideWith(ctx, a, func(now time.Time, c *care.Case) ([]care.Event, []care.KeptText, error) {
		events, err := rule(now, c)
		return events, nil, err
	})
}

// decideWith is decide for a decision that brings texts.
func (s *Server) decideWith(ctx context.Context, a act, rule func(now time.Time, c *care.Case) ([]care.Event, []care.KeptText, error)) (Written, error) {
	seq, err := s.Desk.Do(ctx, a.who.Actor(), a.op, []care.CaseID{a.id}, func(now time.Time, cs []*care.Case) (care.Change, error) {
		events, texts, err := rule(now, cs[0])
		return care.One(a.id, events, err, texts...)
	})
	return Written{Case: a.id, Seq: seq}, err
}
