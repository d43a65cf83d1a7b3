package web

import (
	"context"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/view"
)

// A MentionFilter chooses mentions.
type MentionFilter struct {
	Reading
	Is     string         `query:"is" enum:"flagged,unflagged,own,loose" doc:"flagged: judged a complaint; own: written by us; loose: in no case. Absent: all."`
	Source string         `query:"source" maxLength:"100"`
	After  care.MentionID `query:"after" maxLength:"40" doc:"next of the page before."`
	Limit  int            `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

// A MentionList is a page of mentions, the newest first.
type MentionList struct {
	Mentions []Mention      `json:"mentions"`
	Next     care.MentionID `json:"next,omitempty" doc:"Pass as after for the next page; absent: that was the last. A page that filters may have fewer mentions than asked for, and a next all the same."`
}

type mentionListOutput struct{ Body MentionList }

func (f *MentionFilter) query() view.MentionQuery {
	q := view.MentionQuery{Before: f.After, Limit: f.Limit, Source: f.Source}
	yes, no := true, false
	switch f.Is {
	case "flagged":
		q.Flagged, q.Own = &yes, &no
	case "unflagged":
		q.Flagged, q.Own = &no, &no
	case "own":
		q.Own = &yes
	case "loose":
		q.Loose, q.Own = true, &no
	}
	return q
}

func (s *Server) listMentions(ctx context.Context, in *MentionFilter) (*mentionListOutput, error) {
	out, err := s.mentions(ctx, in)
	return &mentionListOutput{out}, err
}

func (s *Server) mentions(ctx context.Context, in *MentionFilter) (MentionList, error) {
	if in.After != "" {
		if _, ok := care.IDTime(string(in.After)); !ok {
			return MentionList{}, &care.Error{Code: care.Invalid, Field: "after", Msg: "This page mark is not one of ours."}
		}
	}
	ms, next, err := s.Mentions.AllMentions(ctx, in.query())
	if err != nil {
		return MentionList{}, err
	}
	out := MentionList{Mentions: make([]Mention, len(ms)), Next: next}
	for i := range ms {
		out.Mentions[i] = mention(&ms[i])
	}
	return out, nil
}

type openInput struct {
	Writing
	ID care.MentionID `path:"id" maxLength:"40"`
}

// open opens a case by hand from any mention, so that a miss can be mended.
func (s *Server) open(ctx context.Context, in *openInput) (*written, error) {
	w, err := s.openCase(ctx, in.ID, in.op(ctx))
	return &written{Seq: w.Seq, Body: w}, err
}

func (s *Server) openCase(ctx context.Context, id care.MentionID, op string) (Written, error) {
	if _, ok := care.IDTime(string(id)); !ok {
		return Written{}, &care.Error{Code: care.NotFound, Msg: "There is no such mention."}
	}
	opened, seq, err := s.Desk.OpenByHand(ctx, askedOf(ctx).who.Actor(), op, id)
	return Written{Case: opened, Seq: seq}, err
}
