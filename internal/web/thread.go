package web

import (
	"context"
	"time"

	"github.com/amends-care/amends/internal/care"
)

// A ThreadPost is one post of a thread as its network shows it now.
type ThreadPost struct {
	Remote   care.Remote `json:"remote"`
	Answers  care.Remote `json:"answers,omitempty" doc:"The post that it answers."`
	Name     string      `json:"name,omitempty"`
	Handle   string      `json:"handle,omitempty"`
	PostedAt time.Time   `json:"posted_at,omitzero"`
	Text     string      `json:"text"`
	URL      string      `json:"url,omitempty"`
	Warning  string      `json:"warning,omitempty" doc:"Why the author or the network hides it at first."`
	Links    []care.Link `json:"links,omitempty"`
	This     bool        `json:"this,omitempty" doc:"It is the mention that was asked about."`
}

// A Thread is a chain of posts, oldest first.
type Thread struct {
	Posts []ThreadPost `json:"posts"`
}

type threadInput struct {
	Reading
	ID care.MentionID `path:"id" maxLength:"40"`
}

type threadOutput struct{ Body Thread }

// thread reads the whole story around a mention from its network: what was said
// before it, and what we answered. Nothing of it is kept.
func (s *Server) thread(ctx context.Context, in *threadInput) (*threadOutput, error) {
	m, err := s.oneMention(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	posts, err := s.Thread(ctx, m)
	if err != nil {
		return nil, err
	}
	out := Thread{Posts: make([]ThreadPost, len(posts))}
	for i, p := range posts {
		out.Posts[i] = ThreadPost{
			Remote: p.Remote, Answers: p.InReplyTo, Name: p.Author.Name, Handle: p.Author.Handle, PostedAt: p.PostedAt,
			Text: p.Text, URL: p.URL, Warning: p.Warning, Links: p.Links, This: p.Remote == m.Post.Remote,
		}
	}
	return &threadOutput{out}, nil
}

// oneMention is a mention that is still there.
func (s *Server) oneMention(ctx context.Context, id care.MentionID) (*care.Mention, error) {
	if _, ok := care.IDTime(string(id)); !ok {
		return nil, &care.Error{Code: care.NotFound, Msg: "There is no such mention."}
	}
	ms, err := s.Mentions.Mentions(ctx, id)
	switch {
	case err != nil:
		return nil, err
	case len(ms) == 0 || ms[0].ID == "" || ms[0].Deleted:
		return nil, &care.Error{Code: care.NotFound, Msg: "This mention is gone."}
	}
	return &ms[0], nil
}
