package web

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"slices"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/store"
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
	seq, err := s.among(ctx, a, []care.CaseID{winner, a.id}, func(is []*care.Issue, cs []*care.Case) (care.Change, error) {
		change, err := care.Merge(cs[0], cs[1], a.who.Name)
		change.Issues = care.MergeIssues(is, cs[0], cs[1])
		return change, err
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
	seq, err := s.among(ctx, a, []care.CaseID{winner, a.id}, func(is []*care.Issue, cs []*care.Case) (care.Change, error) {
		change, err := care.Unmerge(cs[0], cs[1], a.who.Name)
		change.Issues = care.UnmergeIssues(is, cs[0], cs[1])
		return change, err
	})
	return Written{Case: a.id, Seq: seq}, err
}

// A Part is a part of a case that is to be a case of its own.
type Part struct {
	Mentions []care.MentionID `json:"mentions" minItems:"1" maxItems:"500" doc:"What leaves the case."`
}

func (s *Server) split(ctx context.Context, a act, in Part) (Written, error) {
	to := newCaseID(s.Now())
	seq, err := s.among(ctx, a, []care.CaseID{a.id}, func(is []*care.Issue, cs []*care.Case) (care.Change, error) {
		change, err := care.Split(cs[0], a.who.Name, in.Mentions, to)
		change.Issues = care.SplitIssues(is, cs[0], to)
		return change, err
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

// among takes a decision about cases that their known issues follow.
func (s *Server) among(ctx context.Context, a act, ids []care.CaseID, decide func(is []*care.Issue, cs []*care.Case) (care.Change, error)) (store.Seq, error) {
	var issues []care.IssueID
	for _, id := range ids {
		rows, err := s.Issues.IssuesOf(id)
		if err != nil {
			return 0, err
		}
		for _, r := range rows {
			if !slices.Contains(issues, r.ID) {
				issues = append(issues, r.ID)
			}
		}
	}
	return s.Desk.Among(ctx, a.who.Actor(), a.op, issues, ids, func(_ time.Time, is []*care.Issue, cs []*care.Case) (care.Change, error) {
		return decide(is, cs)
	})
}

// newCaseID is an id for a case that a person splits off.
func newCaseID(now time.Time) care.CaseID {
	var chance [9]byte
	rand.Read(chance[:])
	return care.CaseID(care.TimeID(now, binary.BigEndian.Uint32(chance[:4]), [5]byte(chance[4:])))
}
