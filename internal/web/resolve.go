package web

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/amends-care/amends/internal/care"
)

// A Resolution finishes a case.
type Resolution struct {
	Disposition string  `json:"disposition" minLength:"1" maxLength:"60" doc:"How it ended, as one of the codes in force: GET /me lists them."`
	Details     Details `json:"details,omitempty" maxProperties:"20" doc:"What has to be told with it, by name."`
}

// Details are what is told with a disposition, by name.
type Details map[string]string

// text is how they are kept.
func (d Details) text() string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(d)) {
		fmt.Fprintf(&b, "%s: %s\n", name, d[name])
	}
	return b.String()
}

// told says what is still to be told with a disposition in a queue, or nil.
func (s *Server) told(t teller, queue, code string, d Details) error {
	for name, value := range d {
		if len(name) > 100 || len(value) > 1000 || !utf8.ValidString(name+value) {
			return &care.Error{Code: care.Invalid, Field: "details", Msg: "Tell each detail in at most 1000 bytes."}
		}
	}
	ends := s.Setup().Ends
	i := slices.IndexFunc(ends, func(e care.Disposition) bool { return e.Code == code })
	switch {
	case i < 0:
		return nil
	case !ends[i].In(queue):
		return &care.Error{Code: care.Invalid, Field: "disposition", Msg: "A case of this queue can't end so."}
	case ends[i].Missing(d) != "":
		return &care.Error{Code: care.Invalid, Field: "details", Msg: "Tell the {what} with it.", With: []any{"what", t.Code(ends[i].Missing(d))}}
	}
	return nil
}

func (s *Server) resolve(ctx context.Context, a act, in Resolution) (Written, error) {
	if err := s.knownEnd(in.Disposition); err != nil {
		return Written{}, err
	}
	return s.decideWith(ctx, a, func(_ time.Time, c *care.Case) ([]care.Event, []care.KeptText, error) {
		if err := s.told(s.teller(ctx), c.Queue, in.Disposition, in.Details); err != nil {
			return nil, nil, err
		}
		if len(in.Details) == 0 {
			events, err := c.Resolve(a.who.Name, in.Disposition)
			return events, nil, err
		}
		n := c.NextText()
		events, err := c.ResolveWith(a.who.Name, in.Disposition, n)
		return events, []care.KeptText{{Case: a.id, N: n, Text: care.Text{Body: in.Details.text()}}}, err
	})
}

// dispositions are the codes in force for how a case can end.
func (s *Server) dispositions() []string {
	setup := s.Setup()
	if len(setup.Ends) > 0 {
		var codes []string
		for _, e := range setup.Ends {
			codes = append(codes, e.Code)
		}
		return codes
	}
	if d := setup.Dispositions; len(d) > 0 {
		return d
	}
	return care.DefaultDispositions()
}

// ends are the same with what has to be told.
func (s *Server) ends() []End {
	out := []End{}
	for _, e := range s.Setup().Ends {
		out = append(out, End{Code: e.Code, Queues: list(e.Queues), Fields: list(e.Fields)})
	}
	if len(out) == 0 {
		for _, code := range s.dispositions() {
			out = append(out, End{Code: code, Queues: []string{}, Fields: []string{}})
		}
	}
	return out
}

// knownEnd refuses what is no code in force: the log takes no free text.
func (s *Server) knownEnd(code string) error {
	if known := s.dispositions(); !slices.Contains(known, code) {
		return &care.Error{Code: care.Invalid, Field: "disposition", Msg: "Say how the case ended: {known}.", With: []any{"known", strings.Join(known, ", ")}}
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
