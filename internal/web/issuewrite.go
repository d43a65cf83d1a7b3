package web

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/amends-care/amends/internal/auth"
	"github.com/amends-care/amends/internal/care"
)

// An issueAct is one thing that somebody does to a known issue.
type issueAct struct {
	who auth.Identity
	id  care.IssueID
	op  string
}

type issueWrite[I any] struct {
	Writing
	OneIssue
	Body I
}

// onIssue registers an act: POST /issues/{id}/<name>, and the page's form for it.
func onIssue[I any](s *Server, name string, may auth.Action, summary string, do func(context.Context, issueAct, I) (IssueWritten, error)) {
	add(s, http.MethodPost, "/issues/{id}/"+name, may, "issues", summary, func(ctx context.Context, in *issueWrite[I]) (*issueWritten, error) {
		id, err := s.issueID(in.ID)
		if err != nil {
			return nil, err
		}
		out, err := do(ctx, issueAct{who: askedOf(ctx).who, id: id, op: in.op(ctx)}, in.Body)
		return &issueWritten{Seq: out.Seq, Body: out}, err
	})
	issueForm(s, name, may, do)
}

// A BareIssueWrite is a write that needs no input.
type BareIssueWrite struct {
	Writing
	OneIssue
}

// nothing is the input of an act that needs none.
type nothing struct{}

// onBareIssue registers an act that takes no input.
func onBareIssue(s *Server, name string, may auth.Action, summary string, do func(context.Context, issueAct) (IssueWritten, error)) {
	add(s, http.MethodPost, "/issues/{id}/"+name, may, "issues", summary, func(ctx context.Context, in *BareIssueWrite) (*issueWritten, error) {
		id, err := s.issueID(in.ID)
		if err != nil {
			return nil, err
		}
		out, err := do(ctx, issueAct{who: askedOf(ctx).who, id: id, op: in.op(ctx)})
		return &issueWritten{Seq: out.Seq, Body: out}, err
	})
	issueForm(s, name, may, func(ctx context.Context, a issueAct, _ nothing) (IssueWritten, error) { return do(ctx, a) })
}

func issueForm[I any](s *Server, name string, may auth.Action, do func(context.Context, issueAct, I) (IssueWritten, error)) {
	s.handle(http.MethodPost, "/issues/{id}/"+name, may, func(w http.ResponseWriter, r *http.Request) error {
		id, err := s.issueID(r.PathValue("id"))
		if err != nil {
			return err
		}
		in, err := decodeForm[I](s, r)
		if err != nil {
			return s.issueAgain(w, r, id, err)
		}
		out, err := do(r.Context(), issueAct{who: askedOf(r.Context()).who, id: id, op: Writing{Key: r.PostFormValue("op")}.op(r.Context())}, in)
		if err != nil {
			return s.issueAgain(w, r, id, err)
		}
		to := "/issues/" + string(id)
		if back := r.PostFormValue("back"); back != "" {
			to = local(back)
		}
		s.after(w, r, to, name, Written{Seq: out.Seq})
		return nil
	})
}

// ofIssue takes a decision about an issue and perhaps a case.
func (s *Server) ofIssue(ctx context.Context, a issueAct, cases []care.CaseID, decide func(now time.Time, i *care.Issue, cs []*care.Case) (care.Change, error)) (IssueWritten, error) {
	seq, err := s.Desk.Issue(ctx, a.who.Actor(), a.op, a.id, cases, decide)
	return IssueWritten{Issue: a.id, Seq: seq}, err
}

func issueChange(id care.IssueID, es []care.Event, err error, texts ...care.KeptWord) (care.Change, error) {
	if err != nil || len(es) == 0 {
		return care.Change{}, err
	}
	return care.Change{Issues: []care.IssueEvents{{Issue: id, Events: es}}, Words: texts}, nil
}

// A NewIssue is a known issue to be opened.
type NewIssue struct {
	Title    string        `json:"title" minLength:"1" maxLength:"200"`
	Know     string        `json:"know,omitempty" maxLength:"4000" doc:"What we know."`
	Doing    string        `json:"doing,omitempty" maxLength:"4000" doc:"What we do."`
	NextAt   time.Time     `json:"next_at,omitzero" doc:"When we say more: a promise."`
	Topic    string        `json:"topic,omitempty" maxLength:"100"`
	Language string        `json:"language,omitempty" maxLength:"20"`
	Group    string        `json:"group,omitempty" maxLength:"60" doc:"A proposed group, whose cases are linked."`
	Cases    []care.CaseID `json:"cases,omitempty" maxItems:"500" doc:"Cases to link, by hand."`
}

type newIssueInput struct {
	Writing
	Body NewIssue
}

func (s *Server) openIssue(ctx context.Context, in *newIssueInput) (*issueWritten, error) {
	out, err := s.newIssue(ctx, in.op(ctx), in.Body)
	return &issueWritten{Seq: out.Seq, Body: out}, err
}

// newIssue opens one. A group's cases are linked with it; cases that went on in
// others are left out.
func (s *Server) newIssue(ctx context.Context, op string, in NewIssue) (IssueWritten, error) {
	if err := needText(in.Title, "title"); err != nil {
		return IssueWritten{}, err
	}
	opened := care.IssueOpened{Brand: s.Setup().Brand, Topic: in.Topic, Language: in.Language, Group: in.Group}
	cases, why := in.Cases, "hand"
	if in.Group != "" {
		g, err := s.group(in.Group)
		if err != nil {
			return IssueWritten{}, err
		}
		opened.Brand, opened.Topic, opened.Language, cases, why = g.Brand, g.Topic, g.Language, g.Cases, "group"
	}
	var ids []care.CaseID
	for _, c := range cases {
		id, err := s.caseID(string(c))
		if err != nil {
			return IssueWritten{}, err
		}
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	id, next := care.IssueID(newCaseID(s.Now())), in.NextAt.UTC().Truncate(time.Millisecond)
	seq, err := s.Desk.Issue(ctx, askedOf(ctx).who.Actor(), op, id, ids, func(now time.Time, i *care.Issue, cs []*care.Case) (care.Change, error) {
		if i.Exists() {
			return care.Change{}, errNoIssue
		}
		fresh := &care.Issue{ID: id} // what follows is decided on the issue as it will be
		events := care.OpenIssue(opened)
		fresh.Apply(1, care.Record{At: now, Events: events})
		said, texts := saying(fresh, IssueSaying{Know: in.Know, Doing: in.Doing, NextAt: next})
		more, err := fresh.Say(said, now)
		if err != nil {
			return care.Change{}, err
		}
		events = append(events, more...)
		for _, c := range cs {
			if c.State == care.StateMerged {
				continue
			}
			es, err := fresh.Link(c, why, 0, "")
			if err != nil {
				return care.Change{}, err
			}
			events = append(events, es...)
		}
		return issueChange(id, events, nil, append(texts, care.KeptWord{Issue: id, N: 1, Text: care.Text{Body: strings.TrimSpace(in.Title)}})...)
	})
	if err != nil {
		return IssueWritten{}, err
	}
	if err := s.shows(ctx, seq); err != nil {
		return IssueWritten{}, err
	}
	if id, err = s.issueBy(uint64(seq)); err != nil { // a repeated write made it under another id
		return IssueWritten{}, err
	}
	return IssueWritten{Issue: id, Seq: seq}, nil
}

// An IssueSaying is what we say of an issue now.
type IssueSaying struct {
	Title  string    `json:"title,omitempty" maxLength:"200"`
	Know   string    `json:"know,omitempty" maxLength:"4000"`
	Doing  string    `json:"doing,omitempty" maxLength:"4000"`
	NextAt time.Time `json:"next_at,omitzero" doc:"When we say more; absent: we promise nothing."`
}

// saying numbers the texts that are there.
func saying(i *care.Issue, in IssueSaying) (e care.IssueSaid, texts []care.KeptWord) {
	n := i.NextText()
	for _, x := range []struct {
		text string
		n    *int
	}{{in.Title, &e.Title}, {in.Know, &e.Know}, {in.Doing, &e.Doing}} {
		if strings.TrimSpace(x.text) != "" {
			*x.n = n
			texts = append(texts, care.KeptWord{Issue: i.ID, N: n, Text: care.Text{Body: strings.ToValidUTF8(strings.TrimSpace(x.text), "\uFFFD")}})
			n++
		}
	}
	e.NextAt = in.NextAt
	return e, texts
}

func (s *Server) sayIssue(ctx context.Context, a issueAct, in IssueSaying) (IssueWritten, error) {
	in.NextAt = in.NextAt.UTC().Truncate(time.Millisecond)
	return s.ofIssue(ctx, a, nil, func(now time.Time, i *care.Issue, _ []*care.Case) (care.Change, error) {
		e, texts := saying(i, in)
		es, err := i.Say(e, now)
		return issueChange(a.id, es, err, texts...)
	})
}

// An IssueCase names a case of an issue.
type IssueCase struct {
	Case string `json:"case" minLength:"1" maxLength:"40" doc:"Id or number of the case."`
}

func (s *Server) linkIssue(ctx context.Context, a issueAct, in IssueCase) (IssueWritten, error) {
	id, err := s.caseID(in.Case)
	if err != nil {
		return IssueWritten{}, err
	}
	return s.ofIssue(ctx, a, []care.CaseID{id}, func(_ time.Time, i *care.Issue, cs []*care.Case) (care.Change, error) {
		es, err := i.Link(cs[0], "hand", 0, "")
		return issueChange(a.id, es, err)
	})
}

func (s *Server) unlinkIssue(ctx context.Context, a issueAct, in IssueCase) (IssueWritten, error) {
	id, err := s.caseID(in.Case)
	if err != nil {
		return IssueWritten{}, err
	}
	return s.ofIssue(ctx, a, nil, func(_ time.Time, i *care.Issue, _ []*care.Case) (care.Change, error) {
		es, err := i.Unlink(id)
		return issueChange(a.id, es, err)
	})
}

// A NewDrafts asks for a personal text for each customer.
type NewDrafts struct {
	Text        string `json:"text" minLength:"1" maxLength:"4000" doc:"With {name}, {detail} and {case}, each with a fallback behind a bar: {name|there}; and several ways to say a thing: [Hi|Hello]. No two customers get the same words."`
	Step        int    `json:"step,omitempty" minimum:"0" maximum:"1000" doc:"The round that those who came later are to be added to; absent: a new round."`
	Final       bool   `json:"final,omitempty" doc:"It says that the matter is over."`
	Then        string `json:"then,omitempty" enum:"await,resolve,keep" doc:"What becomes of each case once it is sent; absent: keep."`
	Disposition string `json:"disposition,omitempty" maxLength:"60"`
}

func (s *Server) draftIssue(ctx context.Context, a issueAct, in NewDrafts) (IssueWritten, error) {
	if in.Then == "" {
		in.Then = care.ThenKeep
	}
	if in.Then == care.ThenResolve {
		if err := s.knownEnd(in.Disposition); err != nil {
			return IssueWritten{}, err
		}
	} else {
		in.Disposition = ""
	}
	if err := needText(in.Text, "text"); err != nil {
		return IssueWritten{}, err
	}
	p, err := s.Issues.Issue(ctx, a.id)
	if err != nil {
		return IssueWritten{}, err
	}
	letters, err := s.letters(ctx, p, in)
	if err != nil {
		return IssueWritten{}, err
	}
	n := 0
	out, err := s.ofIssue(ctx, a, nil, func(_ time.Time, i *care.Issue, _ []*care.Case) (care.Change, error) {
		es, texts, err := i.Prepare(in.Step, in.Final, in.Then, in.Disposition, letters)
		n = len(texts)
		return issueChange(a.id, es, err, texts...)
	})
	out.Drafts = n
	return out, err
}

// A Redraft is another text for one customer.
type Redraft struct {
	Step int    `json:"step" minimum:"1" maximum:"1000"`
	Case string `json:"case" minLength:"1" maxLength:"40"`
	Text string `json:"text" minLength:"1" maxLength:"4000"`
}

func (s *Server) redraftIssue(ctx context.Context, a issueAct, in Redraft) (IssueWritten, error) {
	id, err := s.caseID(in.Case)
	if err == nil {
		err = needText(in.Text, "text")
	}
	if err != nil {
		return IssueWritten{}, err
	}
	p, err := s.Issues.Issue(ctx, a.id)
	if err != nil {
		return IssueWritten{}, err
	}
	if st := p.Issue.Step(in.Step); st != nil {
		for _, d := range st.Drafts {
			if d.Case != id && d.N > 0 && strings.EqualFold(strings.TrimSpace(p.Texts[d.N].Body), strings.TrimSpace(in.Text)) {
				return IssueWritten{}, &care.Error{Code: care.Conflict, Field: "text", Msg: "Another customer gets these very words. Change something."}
			}
		}
	}
	l, err := s.letterTo(ctx, id)
	if err == nil && l.m != nil {
		err = sendable(NewReply{Text: in.Text}, l.may)
	}
	if err != nil {
		return IssueWritten{}, err
	}
	return s.ofIssue(ctx, a, nil, func(_ time.Time, i *care.Issue, _ []*care.Case) (care.Change, error) {
		n := i.NextText()
		es, err := i.Redraft(in.Step, id, n)
		return issueChange(a.id, es, err, care.KeptWord{Issue: a.id, N: n, Text: care.Text{Body: in.Text}})
	})
}

// A DraftSkip leaves a customer out of a round.
type DraftSkip struct {
	Step int    `json:"step" minimum:"1" maximum:"1000"`
	Case string `json:"case" minLength:"1" maxLength:"40"`
	Why  string `json:"why,omitempty" enum:"by_hand,not_affected,told_already"`
}

func (s *Server) skipIssue(ctx context.Context, a issueAct, in DraftSkip) (IssueWritten, error) {
	id, err := s.caseID(in.Case)
	if err != nil {
		return IssueWritten{}, err
	}
	if in.Why == "" {
		in.Why = "by_hand"
	}
	return s.ofIssue(ctx, a, nil, func(_ time.Time, i *care.Issue, _ []*care.Case) (care.Change, error) {
		es, err := i.SkipDraft(in.Step, id, in.Why)
		return issueChange(a.id, es, err)
	})
}

// An Approval lets drafts be sent.
type Approval struct {
	Step      int           `json:"step" minimum:"1" maximum:"1000"`
	Cases     []care.CaseID `json:"cases,omitempty" maxItems:"20000" doc:"Whose drafts; absent: all that wait to be looked at."`
	Looked    int           `json:"looked,omitempty" minimum:"0" doc:"For all: how many drafts you looked at."`
	PerMinute int           `json:"per_minute" minimum:"1" maximum:"60"`
}

func (s *Server) approveIssue(ctx context.Context, a issueAct, in Approval) (IssueWritten, error) {
	return s.ofIssue(ctx, a, nil, func(_ time.Time, i *care.Issue, _ []*care.Case) (care.Change, error) {
		es, err := i.Approve(in.Step, in.Cases, in.Looked, in.PerMinute)
		return issueChange(a.id, es, err)
	})
}

// An IssueEnd closes an issue.
type IssueEnd struct {
	Why string `json:"why" enum:"fixed,no_issue"`
}

func (s *Server) closeIssue(ctx context.Context, a issueAct, in IssueEnd) (IssueWritten, error) {
	return s.ofIssue(ctx, a, nil, func(_ time.Time, i *care.Issue, _ []*care.Case) (care.Change, error) {
		es, err := i.Close(in.Why)
		return issueChange(a.id, es, err)
	})
}

func (s *Server) reopenIssue(ctx context.Context, a issueAct) (IssueWritten, error) {
	return s.ofIssue(ctx, a, nil, func(_ time.Time, i *care.Issue, _ []*care.Case) (care.Change, error) {
		es, err := i.OpenAgain()
		return issueChange(a.id, es, err)
	})
}
