package web

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/amends-care/amends/internal/care"
)

// A Resolution finishes a case.
type Resolution struct {
	Disposition string `json:"disposition" minLength:"1" maxLength:"60" doc:"How it ended, as one of the codes in force: GET /me lists them."`
}

func (s *Server) resolve(ctx context.Context, a act, in Resolution) (Written, error) {
	if err := s.knownEnd(in.Disposition); err != nil {
		return Written{}, err
	}
	return s.decide(ctx, a, func(_ time.Time, c *care.Case) ([]care.Event, error) { return c.Resolve(a.who.Name, in.Disposition) })
}

// dispositions are the codes in force for how a case can end.
func (s *Server) dispositions() []string {
	if d := s.Setup().Dispositions; len(d) > 0 {
		return d
	}
	return DefaultDispositions()
}

// knownEnd refuses what is no code in force: the log takes no free text.
func (s *Server) knownEnd(code string) error {
	if known := s.dispositions(); !slices.Contains(known, code) {
		return &care.Error{Code: care.Invalid, Field: "disposition", Msg: "Say how the case ended: " + strings.Join(known, ", ") + "."}
	}
	return nil
}

// A Dismissal says that a case is no complaint of ours.
type Dismissal struct {
	Reason string `json:"reason" enum:"not_a_complaint,not_about_us,spam,duplicate" doc:"not_a_complaint also corrects the classifier."`
}

func (s *Server) dismiss(ctx context.Context, a act, in Dismissal) (Written, error) {
	return s.decide(ctx, a, func(_ time.Time, c *care.Case) ([]care.Event, error) { return c.Dismiss(a.who.Name, in.Reason) })
}

func (s *Server) reopen(ctx context.Context, a act) (Written, error) {
	return s.decide(ctx, a, func(_ time.Time, c *care.Case) ([]care.Event, error) { return c.Reopen() })
}

// An Opinion confirms or corrects a verdict.
type Opinion struct {
	Mention   care.MentionID `json:"mention,omitempty" maxLength:"40" doc:"Absent: the one that opened the case."`
	Complaint bool           `json:"complaint"`
}

func (s *Server) review(ctx context.Context, a act, in Opinion) (Written, error) {
	return s.decide(ctx, a, func(_ time.Time, c *care.Case) ([]care.Event, error) {
		if in.Mention == "" && len(c.Mentions) > 0 {
			return c.Review(c.Mentions[0].Mention, in.Complaint)
		}
		return c.Review(in.Mention, in.Complaint)
	})
}
