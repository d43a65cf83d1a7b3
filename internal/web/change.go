package web

import (
	"context"
	"time"

	"github.com/amends-care/amends/internal/auth"
	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/view"
)

// A Wording is what a reply is to say instead.
type Wording struct {
	Text string `json:"text" minLength:"1" maxLength:"10000"`
}

// A ReplyChange is the latest change of a reply on the network.
type ReplyChange struct {
	What      care.ChangeKind `json:"what" enum:"mend,withdraw"`
	State     care.ReplyState `json:"state" enum:"requested,attempted,sent,failed,unknown,undone" doc:"sent: the network shows it; unknown: look there, or ask for it again."`
	By        care.Actor      `json:"by"`
	Text      string          `json:"text,omitempty" doc:"What it is to say."`
	NotBefore time.Time       `json:"not_before" doc:"Until then it can be undone."`
	Tries     int             `json:"tries,omitempty"`
	Why       string          `json:"why,omitempty" doc:"Class of the failure."`
}

// mendReply gives a sent reply another text, on the network too.
func (s *Server) mendReply(ctx context.Context, a act, in Wording) (Written, error) {
	if err := needText(in.Text, "text"); err != nil {
		return Written{}, err
	}
	p, r, err := s.sentReply(ctx, a)
	if err != nil {
		return Written{}, err
	}
	m, there := p.Mentions[r.To]
	switch mend, _ := s.Changes(sourceOf(p.Case, r), r.As); {
	case !mend:
		return Written{}, &care.Error{Code: care.Conflict, Msg: "This network does not let a reply be changed. Take it off, or write another."}
	case !there:
		return Written{}, &care.Error{Code: care.Conflict, Msg: "The post that it answers is gone, so it can't be changed. It can be taken off."}
	}
	may, err := s.permitted(ctx, &m)
	if err == nil {
		err = sendable(NewReply{Text: in.Text, Direct: r.Direct}, may)
	}
	if err != nil {
		return Written{}, err
	}
	setup := s.Setup()
	return s.decideWith(ctx, a, func(now time.Time, c *care.Case) ([]care.Event, []care.KeptText, error) {
		if rule := care.ToApprove(setup.Approvals, c, in.Text); rule != "" && !a.who.May(auth.Assign) {
			return nil, nil, &care.Error{Code: care.Denied, Field: "text", Msg: "A lead has to approve such a reply. Ask one to change it."}
		}
		e := care.ReplyChangeAsked{Reply: a.n, What: care.Mend, Wording: c.NextText(), NotBefore: now.Add(setup.UndoFor)}
		events, err := c.ChangeReply(a.who.Name, a.who.May(auth.Assign), e)
		return events, []care.KeptText{{Case: a.id, N: e.Wording, Text: care.Text{Body: in.Text}}}, err
	})
}

// withdrawReply takes a sent reply off the network.
func (s *Server) withdrawReply(ctx context.Context, a act) (Written, error) {
	p, r, err := s.sentReply(ctx, a)
	if err != nil {
		return Written{}, err
	}
	if _, withdraw := s.Changes(sourceOf(p.Case, r), r.As); !withdraw {
		return Written{}, &care.Error{Code: care.Conflict, Msg: "This network does not let a reply be taken off from here: do it on the network itself."}
	}
	undoFor := s.Setup().UndoFor
	return s.decide(ctx, a, func(now time.Time, c *care.Case) ([]care.Event, error) {
		return c.ChangeReply(a.who.Name, a.who.May(auth.Assign), care.ReplyChangeAsked{Reply: a.n, What: care.Withdraw, NotBefore: now.Add(undoFor)})
	})
}

// sentReply is a reply that may be changed by whoever asks, if it is known where
// it stands.
func (s *Server) sentReply(ctx context.Context, a act) (*view.CasePage, *care.Reply, error) {
	p, err := s.Cases.Case(ctx, a.id)
	if err != nil {
		return nil, nil, err
	}
	r, err := p.Case.ChangeableReply(a.who.Name, a.who.May(auth.Assign), a.n)
	if err == nil && p.Texts[a.n].Sent == "" {
		err = &care.Error{Code: care.Conflict, Msg: "It is not known where this reply stands on the network: change it there."}
	}
	return p, r, err
}

// sourceOf is the source whose account sent a reply.
func sourceOf(c *care.Case, r *care.Reply) string {
	if m := c.Mention(r.To); m != nil {
		return m.Source
	}
	return c.Source
}

// changes are what was done to a sent reply, and what can be.
func (s *Server) changes(f *CaseFull, p *view.CasePage) {
	for i := range f.ReplyList {
		r, out := &p.Case.Replies[i], &f.ReplyList[i]
		if r.N != 0 && r.State == care.ReplyIsSent && !r.Withdrawn && p.Texts[r.N].Sent != "" {
			out.CanMend, out.CanWithdraw = s.Changes(sourceOf(p.Case, r), r.As)
		}
	}
}

// changed is the latest change of a reply; nil: there was none.
func changed(p *view.CasePage, r *care.Reply) *ReplyChange {
	if r.Change.What == "" {
		return nil
	}
	return &ReplyChange{What: r.Change.What, State: r.Change.State, By: r.Change.By, Text: p.Texts[r.Change.Wording].Body,
		NotBefore: r.Change.NotBefore, Tries: r.Change.Tries, Why: r.Change.Why}
}
