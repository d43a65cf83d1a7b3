package web

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/amends-care/amends/internal/care"
)

// A NewNote is an internal remark.
type NewNote struct {
	Text string `json:"text" minLength:"1" maxLength:"10000" doc:"@name calls a colleague."`
}

func (s *Server) note(ctx context.Context, a act, in NewNote) (Written, error) {
	if err := needText(in.Text, "text"); err != nil {
		return Written{}, err
	}
	team, err := s.team(ctx)
	if err != nil {
		return Written{}, err
	}
	var names []care.AgentID
	for _, p := range team {
		names = append(names, p.Name)
	}
	called := care.Calls(in.Text, names)
	out, err := s.decideWith(ctx, a, func(_ time.Time, c *care.Case) ([]care.Event, []care.KeptText, error) {
		n := c.NextText()
		events, err := c.NoteFor(n, called)
		return events, []care.KeptText{{Case: a.id, N: n, Text: care.Text{Body: in.Text}}}, err
	})
	if err != nil {
		return Written{}, err
	}
	return s.numbered(ctx, out, func(e care.Event) (int, bool) { n, ok := e.(care.Noted); return n.Note, ok })
}

// needText refuses a text that says nothing or that can't be kept.
func needText(text, field string) error {
	switch {
	case !utf8.ValidString(text):
		return &care.Error{Code: care.Invalid, Field: field, Msg: "The text holds bytes that are no characters."}
	case strings.TrimSpace(text) == "":
		return &care.Error{Code: care.Invalid, Field: field, Msg: "Write something first."}
	}
	return nil
}

// numbered adds the number of what a write made.
func (s *Server) numbered(ctx context.Context, w Written, number func(care.Event) (int, bool)) (Written, error) {
	e, err := s.madeBy(ctx, w.Case, w.Seq, func(e care.Event) bool { _, ok := number(e); return ok })
	if err == nil && e != nil {
		w.N, _ = number(e)
	}
	return w, err
}

// A TagChange puts tags on a case and takes others off.
type TagChange struct {
	Add    []string `json:"add,omitempty" maxItems:"30"`
	Remove []string `json:"remove,omitempty" maxItems:"30"`
}

func (s *Server) tag(ctx context.Context, a act, in TagChange) (Written, error) {
	if err := cleanTags(in.Add); err != nil {
		return Written{}, err
	}
	return s.decide(ctx, a, func(_ time.Time, c *care.Case) ([]care.Event, error) { return c.Tag(in.Add, in.Remove) })
}

// cleanTags refuses tags that nobody could see or type.
func cleanTags(tags []string) error {
	for _, t := range tags {
		if cleanLine(t) != strings.Join(strings.Fields(t), " ") {
			return &care.Error{Code: care.Invalid, Field: "add", Msg: "A tag is made of visible characters."}
		}
	}
	return nil
}
