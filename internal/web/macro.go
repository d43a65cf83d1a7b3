package web

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/amends-care/amends/internal/care"
)

// A Macro is a canned reply.
type Macro struct {
	Name      string   `json:"name"`
	Title     string   `json:"title"`
	Queues    []string `json:"queues" doc:"Where it is offered; none: everywhere."`
	Languages []string `json:"languages"`
}

// A MacroList is all there are.
type MacroList struct {
	Macros []Macro `json:"macros"`
}

type macrosOutput struct{ Body MacroList }

func (s *Server) listMacros(context.Context, *Reading) (*macrosOutput, error) {
	out := &macrosOutput{MacroList{Macros: []Macro{}}}
	for _, m := range s.Setup().Macros {
		title := m.Title
		if title == "" {
			title = m.Name
		}
		out.Body.Macros = append(out.Body.Macros, Macro{Name: m.Name, Title: title, Queues: list(m.Queues), Languages: slices.Sorted(maps.Keys(m.Texts))})
	}
	return out, nil
}

type renderInput struct {
	Reading
	OneCase
	Name     string `path:"name" maxLength:"200" doc:"Of the macro."`
	Language string `query:"language" maxLength:"20" doc:"Absent: the customer's."`
}

// A Filled is a macro for one case: a text to send or to change first, and what
// follows when the reply names the macro.
type Filled struct {
	Macro       string    `json:"macro"`
	Text        string    `json:"text"`
	Language    string    `json:"language"`
	Then        string    `json:"then,omitempty" enum:"await,resolve,keep"`
	Disposition string    `json:"disposition,omitempty"`
	Tags        []string  `json:"tags"`
	SnoozeUntil time.Time `json:"snooze_until,omitzero"`
	Promise     string    `json:"promise,omitempty" doc:"What is kept track of."`
	PromiseDue  time.Time `json:"promise_due,omitzero"`
}

type renderOutput struct{ Body Filled }

func (s *Server) renderMacro(ctx context.Context, in *renderInput) (*renderOutput, error) {
	setup := s.Setup()
	m, err := setup.macro(in.Name)
	if err != nil {
		return nil, err
	}
	p, err := s.caseNamed(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	row, who := p.Case.Row(), askedOf(ctx).who
	customer := p.Mentions[row.First].Post.Author
	known := map[string]string{
		"customer.name": cleanLine(customer.Name), "customer.handle": cleanLine(customer.Handle), "agent.name": who.Display,
		"case.number": strconv.FormatUint(row.Number, 10), "brand": setup.Brand,
	}
	person, err := s.Persons.Person(ctx, authorOf(p.Case))
	if err != nil {
		return nil, err
	}
	if name := current(person, care.FactName); name != nil && name.Text != "" { // what they are to be called, over what they call themselves
		known["customer.name"] = cleanLine(name.Text)
	}
	language := cmp.Or(in.Language, row.Labels.Language)
	if wish := current(person, care.FactLanguage); wish != nil && in.Language == "" {
		language = cmp.Or(wish.Text, language)
	}
	f := Filled{Macro: m.Name, Then: m.Then, Disposition: m.Disposition, Tags: list(m.Tags), Promise: m.Promise}
	f.Text, f.Language = m.Render(language, known, setup.Fallbacks)
	if m.Snooze > 0 {
		f.SnoozeUntil = s.Now().Add(m.Snooze).UTC()
	}
	if m.Promise != "" {
		f.PromiseDue = s.Now().Add(m.Within).UTC()
	}
	return &renderOutput{f}, nil
}

func (s *Setup) macro(name string) (*care.Macro, error) {
	i := slices.IndexFunc(s.Macros, func(m care.Macro) bool { return m.Name == name })
	if i < 0 {
		return nil, &care.Error{Code: care.NotFound, Field: "macro", Msg: "There is no macro \"{name}\".", With: []any{"name", cleanLine(name)}}
	}
	return &s.Macros[i], nil
}
