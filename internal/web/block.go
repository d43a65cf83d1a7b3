package web

import (
	"context"
	"time"

	"github.com/amends-care/amends/internal/care"
)

// A NewBlock says whose author can't address our account any more.
type NewBlock struct {
	Mention care.MentionID `json:"mention" maxLength:"40" doc:"A mention by that author, in this case."`
	Lift    bool           `json:"lift,omitempty" doc:"End a block instead."`
}

// block keeps an author from addressing our account on the network, or lets
// them again. The network is told first: a record says what is so.
func (s *Server) block(ctx context.Context, a act, in NewBlock) (Written, error) {
	p, err := s.Cases.Case(ctx, a.id)
	if err != nil {
		return Written{}, err
	}
	m, ok := p.Mentions[in.Mention]
	if !ok || m.Own || m.Deleted {
		return Written{}, &care.Error{Code: care.NotFound, Field: "mention", Msg: "There is no such mention of a customer in this case."}
	}
	if err := s.Block(ctx, &m, !in.Lift); err != nil {
		return Written{}, err
	}
	return s.decide(ctx, a, func(time.Time, *care.Case) ([]care.Event, error) {
		return []care.Event{care.AuthorBlocked{Mention: m.ID, Blocked: !in.Lift}}, nil
	})
}
