package web

import (
	"context"
	"strings"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/view"
)

// A ReplyToCheck is what somebody is about to send.
type ReplyToCheck struct {
	Text   string         `json:"text" maxLength:"10000"`
	To     care.MentionID `json:"to,omitempty" maxLength:"40" doc:"The mention to answer; absent: the oldest that waits."`
	Direct bool           `json:"direct,omitempty"`
}

// ReplyAdvice is what is worth a second look.
type ReplyAdvice struct {
	Advice   []Advice `json:"advice"`
	Approval string   `json:"approval,omitempty" doc:"The rule by which a lead has to approve it before it leaves."`
	Language string   `json:"language,omitempty" doc:"In which it seems to be written; absent: not sure."`
}

// Advice is one thing about a reply that a person may want to change.
type Advice struct {
	Kind     string    `json:"kind" enum:"placeholder,personal,asks,repeated,language,unnamed" doc:"placeholder: one is not filled in; personal: a personal detail in public; asks: it asks for one in public; repeated: this person was sent much the same before; language: it is not the customer's; unnamed: what went wrong is not named."`
	Blocks   bool      `json:"blocks,omitempty" doc:"It can't be sent like this."`
	Text     string    `json:"text,omitempty" doc:"The piece that it is about, cleaned; of unnamed: what it seems to be about."`
	Case     uint64    `json:"case,omitempty" doc:"Of repeated: number of the case in which it was sent."`
	At       time.Time `json:"at,omitzero" doc:"Of repeated: when."`
	Language string    `json:"language,omitempty" doc:"Of language: the customer's."`
}

type checkInput struct {
	OneCase
	Body ReplyToCheck
}

type checkOutput struct{ Body ReplyAdvice }

// sure is from which confidence a language is told, and telling from how many
// bytes on a text says enough to be advised about.
const (
	sure    = 0.8
	telling = 40
)

// same is from which share of common words a reply is the one that was sent before.
const same = 0.6

// checkReply says what is worth a second look before a reply is sent. It changes
// nothing.
func (s *Server) checkReply(ctx context.Context, in *checkInput) (*checkOutput, error) {
	p, err := s.caseNamed(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	text := strings.ToValidUTF8(in.Body.Text, "\uFFFD")
	out := ReplyAdvice{Advice: []Advice{}, Approval: care.ToApprove(s.Setup().Approvals, p.Case, text)}
	add := func(a Advice) { out.Advice = append(out.Advice, a) }
	if found := care.RawPlaceholder(text); found != "" {
		add(Advice{Kind: "placeholder", Blocks: true, Text: cleanLine(found)})
	}
	if !in.Body.Direct {
		if from, to, ok := care.PersonalIn(text); ok {
			add(Advice{Kind: "personal", Blocks: true, Text: cleanLine(text[from:to])})
		}
		if from, to, ok := care.AsksForDetails(text); ok {
			add(Advice{Kind: "asks", Text: cleanLine(text[from:to])})
		}
	}
	found, err := s.Persons.Person(ctx, authorOf(p.Case))
	if err != nil {
		return nil, err
	}
	if a, ok, err := s.repeated(ctx, found, text); err != nil {
		return nil, err
	} else if ok {
		add(a)
	}
	if len(text) < telling {
		return &checkOutput{out}, nil
	}
	theirs := p.Case.Row().Labels.Language
	if f := current(found, care.FactLanguage); f != nil {
		theirs = f.Text
	}
	if out.Language = s.language(ctx, text); out.Language != "" && theirs != "" && !sameLanguage(out.Language, theirs) {
		add(Advice{Kind: "language", Language: cleanLine(theirs)})
	} else if m := answered(p, in.Body.To); m != nil {
		if about := s.about(ctx, m); !care.Names(text, about) {
			add(Advice{Kind: "unnamed", Text: strings.Join(about[:min(len(about), 3)], ", ")})
		}
	}
	return &checkOutput{out}, nil
}

func (s *Server) language(ctx context.Context, text string) string {
	if s.Language == nil {
		return ""
	}
	if tag, confidence := s.Language(ctx, text); confidence >= sure {
		return tag
	}
	return ""
}

func sameLanguage(a, b string) bool {
	base := func(tag string) string { b, _, _ := strings.Cut(strings.ToLower(tag), "-"); return b }
	return base(a) == base(b)
}

// answered is the mention that a reply is to.
func answered(p *view.CasePage, to care.MentionID) *care.Mention {
	if next := p.Case.ToAnswer(); to == "" && next != nil {
		to = next.Mention
	}
	m, ok := p.Mentions[to]
	if !ok || !m.Verdict.Complaint {
		return nil
	}
	return &m
}

// about is what a complaint is about: what a closer look finds, what speaks for
// it, the heaviest first, and its topic. Handles say nothing.
func (s *Server) about(ctx context.Context, m *care.Mention) (out []string) {
	if s.Depth != nil {
		if d, ok := s.Depth(m); ok {
			out = append(out, d.cleaned().Phrases...)
		}
	}
	for _, r := range reasons(m.Post.Text, m.Verdict.Why) {
		if r.Weight > 0 && !strings.Contains(r.Text, "@") {
			out = append(out, r.Text)
		}
	}
	if topic := m.Verdict.Labels.Topic; topic != "" {
		out = append(out, s.teller(ctx).Code(topic))
	}
	return out
}

// repeated looks for much the same among what this person was sent before, on
// whatever account, in this case and their latest others.
func (s *Server) repeated(ctx context.Context, who *view.PersonPage, text string) (Advice, bool, error) {
	for _, c := range who.Person.All {
		found, err := s.Cases.Cases(ctx, view.Query{List: view.OfAuthor, Author: c.Author, Limit: maxContactCases})
		if err != nil {
			return Advice{}, false, err
		}
		for _, r := range found.Rows {
			p, err := s.Cases.Case(ctx, r.ID)
			if err != nil {
				return Advice{}, false, err
			}
			for _, sent := range p.Case.Replies {
				if !sent.VisibleAt.IsZero() && !sent.Automatic && care.Sameness(p.Texts[sent.N].Body, text) >= same {
					return Advice{Kind: "repeated", Case: r.Number, At: sent.VisibleAt}, true, nil
				}
			}
		}
	}
	return Advice{}, false, nil
}

// discreet refuses a public reply with somebody's personal details in it, or nil.
func discreet(in NewReply) error {
	if from, to, ok := care.PersonalIn(in.Text); ok && !in.Direct && !in.Ours {
		return &care.Error{Code: care.Invalid, Field: "text",
			Msg: "This would be public: {what}. Leave it out, send a direct message, or say that it is our own.", With: []any{"what", cleanLine(in.Text[from:to])}}
	}
	return nil
}
