package web

import (
	"context"

	"github.com/amends-care/amends/internal/care"
)

// A Translator is what is set up to translate mentions: who does it, and what
// leaves the house for it.
type Translator struct {
	Service   string   `json:"service" doc:"What people call it."`
	Host      string   `json:"host" doc:"The machine that texts are sent to."`
	Languages []string `json:"languages" doc:"What can be asked for."`
	Messages  bool     `json:"messages,omitempty" doc:"Direct messages may be sent too."`
}

// A Translation is a mention's text as a machine gives it in another language.
type Translation struct {
	Text    string `json:"text" doc:"Cleaned, and still a stranger's words: escape it before you show it."`
	From    string `json:"from,omitempty" doc:"The language that the service took it for."`
	To      string `json:"to"`
	Service string `json:"service" doc:"Whose machine translated it."`
	Host    string `json:"host" doc:"Where the text was sent."`
}

type translationInput struct {
	Writing
	ID care.MentionID `path:"id" maxLength:"40"`
	To string         `query:"to" required:"true" maxLength:"20" doc:"The language, as GET /me lists it under translation."`
}

type translationOutput struct{ Body Translation }

// translation has a mention's text translated. The original stays what it is,
// and nothing of the translation is kept but in memory, for as long as the
// mention is there. A mention whose text is gone is never sent.
func (s *Server) translation(ctx context.Context, in *translationInput) (*translationOutput, error) {
	m, err := s.oneMention(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if m.Post.Text == "" {
		return nil, &care.Error{Code: care.NotFound, Msg: "The text of this mention is gone."}
	}
	if s.Translate == nil {
		return nil, &care.Error{Code: care.NotFound, Msg: "No translation service is set up."}
	}
	queue := ""
	if m.Case != "" {
		row, err := s.Cases.Row(m.Case)
		if err != nil {
			return nil, err
		}
		queue = row.Queue
	}
	t, err := s.Translate(ctx, m, queue, in.To)
	if err != nil {
		return nil, err
	}
	t.Text, t.To = clean(t.Text), in.To
	return &translationOutput{t}, nil
}
