package web

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"time"

	"github.com/amends-care/amends/internal/care"
)

// A Merger lets a case go on in another one.
type Merger struct {
	Into string `json:"into" minLength:"1" maxLength:"40" doc:"Id or number of the case that goes on."`
}

func (s *Server) merge(ctx context.Context, a act, in Merger) (Written, error) {
	winner, err := s.caseID(in.Into)
	if err != nil {
		return Written{}, err
	}
	seq, err := s.Desk.Do(ctx, a.who.Actor(), a.op, []care.CaseID{winner, a.id}, func(_ time.Time, cs []*care.Case) (care.Change, error) {
		return care.Merge(cs[0], cs[1], a.who.Name)
	})
	return Written{Case: winner, Seq: seq}, err
}

// unmerge takes a merged case out of the one that it went into.
func (s *Server) unmerge(ctx context.Context, a act) (Written, error) {
	p, err := s.Cases.Case(ctx, a.id)
	if err != nil {
		return Written{}, err
	}
	winner := p.Case.MergedInto
	if winner == "" {
		return Written{}, &care.Error{Code: care.Conflict, Msg: "This case is not merged into another one."}
	}
	seq, err := s.Desk.Do(ctx, a.who.Actor(), a.op, []care.CaseID{winner, a.id}, func(_ time.Time, cs []*care.Case) (care.Change, error) {
		return care.Unmerge(cs[0], cs[1], a.who.Name)
	})
	return Written{Case: a.id, Seq: seq}, err
}

// A Part is a part of a case that is to be a case of its own.
type Part struct {
	Mentions []care.MentionID `json:"mentions" minItems:"1" maxItems:"500" doc:"What leaves the case."`
}

func (s *Server) split(ctx context.Context, a act, in Part) (Written, error) {
	to := newCaseID(s.Now())
	seq, err := s.Desk.Do(ctx, a.who.Actor(), a.op, []care.CaseID{a.id}, func(_ time.Time, cs []*care.Case) (care.Change, error) {
		return care.Split(cs[0], a.who.Name, in.Mentions, to)
	})
	if err != nil {
		return Written{}, err
	}
	e, err := s.madeBy(ctx, a.id, seq, func(e care.Event) bool { _, ok := e.(care.Parted); return ok })
	if parted, ok := e.(care.Parted); ok {
		to = parted.To
	}
	return Written{Case: to, Seq: seq}, err
}

// newCaseID is an id for a case that a person splits off.
func newCaseID(now time.Time) care.CaseID {
	var chance [9]byte
	rand.Read(chance[:])
	return care.CaseID(care.TimeID(now, binary.BigEndian.Uint32(chance[:4]), [5]byte(chance[4:])))
}
