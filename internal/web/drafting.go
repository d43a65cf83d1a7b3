package web

import (
	"context"
	"time"
)

// A KeptDraft is a text that somebody has not sent yet.
type KeptDraft struct {
	Text   string    `json:"text" maxLength:"10000"`
	KeptAt time.Time `json:"kept_at,omitzero" readOnly:"true" doc:"Absent: there is none."`
}

type draftOutput struct{ Body KeptDraft }

type draftInput struct {
	OneCase
	Body KeptDraft
}

func (s *Server) draft(ctx context.Context, in *caseInput) (*draftOutput, error) {
	id, err := s.caseID(in.ID)
	if err != nil {
		return nil, err
	}
	text, at, err := s.Drafts.Draft(ctx, id, askedOf(ctx).who.Name)
	return &draftOutput{KeptDraft{Text: text, KeptAt: at}}, err
}

func (s *Server) keepDraft(ctx context.Context, in *draftInput) (*done, error) {
	id, err := s.caseID(in.ID)
	if err != nil {
		return nil, err
	}
	who := askedOf(ctx).who.Name
	if in.Body.Text == "" {
		return &done{}, s.Drafts.Drop(ctx, id, who)
	}
	return &done{}, s.Drafts.Keep(ctx, id, who, in.Body.Text)
}

func (s *Server) dropDraft(ctx context.Context, in *OneCase) (*done, error) {
	id, err := s.caseID(in.ID)
	if err != nil {
		return nil, err
	}
	return &done{}, s.Drafts.Drop(ctx, id, askedOf(ctx).who.Name)
}
