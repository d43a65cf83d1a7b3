package web

import (
	"context"
	"time"

	"github.com/amends-care/amends/internal/care"
)

// A NewPromise keeps track of what a customer was told.
type NewPromise struct {
	Text string    `json:"text" minLength:"1" maxLength:"2000" doc:"What was promised."`
	Due  time.Time `json:"due" doc:"By when."`
	What string    `json:"what,omitempty" enum:"call,write,refund,repair,other"`
}

func (s *Server) promise(ctx context.Context, a act, in NewPromise) (Written, error) {
	if err := needText(in.Text, "text"); err != nil {
		return Written{}, err
	}
	due := in.Due.UTC().Truncate(time.Millisecond)
	out, err := s.decideWith(ctx, a, func(now time.Time, c *care.Case) ([]care.Event, []care.KeptText, error) {
		n := c.NextText()
		events, err := c.MakePromise(a.who.Name, n, now, due, in.What)
		return events, []care.KeptText{{Case: a.id, N: n, Text: care.Text{Body: in.Text}}}, err
	})
	if err != nil {
		return Written{}, err
	}
	return s.numbered(ctx, out, func(e care.Event) (int, bool) { p, ok := e.(care.PromiseMade); return p.Promise, ok })
}

// promised is what a reply promises, with the texts from number n on.
func promised(c *care.Case, a act, now time.Time, reply, n int, ps []NewPromise) (events []care.Event, texts []care.KeptText, err error) {
	for i, p := range ps {
		if err := needText(p.Text, "promises"); err != nil {
			return nil, nil, err
		}
		made, err := c.PromiseIn(reply, a.who.Name, n+i, now, p.Due.UTC().Truncate(time.Millisecond), p.What)
		if err != nil {
			return nil, nil, err
		}
		events = append(events, made...)
		texts = append(texts, care.KeptText{Case: a.id, N: n + i, Text: care.Text{Body: p.Text}})
	}
	return events, texts, nil
}

// nextText is the number after those of texts.
func nextText(texts []care.KeptText) int { return texts[len(texts)-1].N + 1 }

func (s *Server) keepPromise(ctx context.Context, a act) (Written, error) {
	return s.decide(ctx, a, func(_ time.Time, c *care.Case) ([]care.Event, error) { return c.KeepPromise(a.n) })
}

// A NewTime gives a promise another due time.
type NewTime struct {
	Due  time.Time `json:"due"`
	Told bool      `json:"told,omitempty" doc:"The customer knows already."`
}

func (s *Server) renegotiate(ctx context.Context, a act, in NewTime) (Written, error) {
	due := in.Due.UTC().Truncate(time.Millisecond)
	return s.decide(ctx, a, func(now time.Time, c *care.Case) ([]care.Event, error) { return c.Renegotiate(a.n, now, due, in.Told) })
}

// A Draft of ours may promise something.
type Draft struct {
	Text     string `json:"text" minLength:"1" maxLength:"10000" doc:"What is about to be sent, or was."`
	Zone     string `json:"zone,omitempty" maxLength:"60" doc:"Where the customer is, such as Europe/Berlin; absent: UTC."`
	Language string `json:"language,omitempty" maxLength:"20" doc:"Of the text; absent: the one that understands the most."`
}

// A PromiseProposal is a sentence that promises something: for a person to track, or not.
type PromiseProposal struct {
	From int       `json:"from" doc:"Offset into the text, in bytes of UTF-8."`
	To   int       `json:"to"`
	Text string    `json:"text" doc:"The sentence itself, cleaned."`
	What string    `json:"what" enum:"call,write,refund,repair,other"`
	Due  time.Time `json:"due,omitzero" doc:"Absent: it counts working days, or has two meanings; a person has to say."`
}

// PromiseProposals are what was found in a text.
type PromiseProposals struct {
	Promises []PromiseProposal `json:"promises"`
}

type findInput struct {
	OneCase
	Body Draft
}

type findOutput struct{ Body PromiseProposals }

// findPromises proposes what could be kept track of. It changes nothing.
func (s *Server) findPromises(_ context.Context, in *findInput) (*findOutput, error) {
	if _, err := s.caseID(in.ID); err != nil {
		return nil, err
	}
	zone, err := zoneOf(in.Body.Zone)
	if err != nil {
		return nil, err
	}
	return &findOutput{PromiseProposals{s.proposals(in.Body.Text, in.Body.Language, s.Now(), zone)}}, nil
}

// zoneOf is a time zone by its name.
func zoneOf(name string) (*time.Location, error) {
	zone, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		return nil, &care.Error{Code: care.Invalid, Field: "zone", Msg: "This is no time zone: write one such as Europe/Berlin."}
	}
	return zone, nil
}

func (s *Server) proposals(text, language string, now time.Time, zone *time.Location) []PromiseProposal {
	out := []PromiseProposal{}
	for _, p := range s.FindPromises(text, language, now, zone) {
		out = append(out, PromiseProposal{From: p.From, To: p.To, Text: clean(text[p.From:p.To]), What: p.What, Due: p.DueAt})
	}
	return out
}
