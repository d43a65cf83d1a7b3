package app

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"strconv"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/view"
)

// An IssueLine is a known issue as a list shows it.
type IssueLine struct {
	view.IssueRow
	Name string `json:"name"`
}

// IssueArgs say what is to be done to a known issue.
type IssueArgs struct {
	Act    string    `json:"act,omitempty"`   // open | say | link | unlink | close | reopen
	Issue  string    `json:"issue,omitempty"` // id or number
	Case   []string  `json:"case,omitempty"`  // ids or numbers
	Title  string    `json:"title,omitempty"`
	Topic  string    `json:"topic,omitempty"`
	Know   string    `json:"know,omitempty"`
	Doing  string    `json:"doing,omitempty"`
	NextAt time.Time `json:"next_at,omitzero"`
	Why    string    `json:"why,omitempty"`
}

func opIssueList(ctx context.Context, e *Engine, c call) error {
	if err := e.shown(ctx); err != nil {
		return err
	}
	rows, titles, err := e.View.Issues(ctx)
	if err != nil {
		return err
	}
	for _, r := range rows {
		if err := c.answer(IssueLine{r, titles[r.ID]}); err != nil {
			return err
		}
	}
	return nil
}

// An IssueReport is everything about one known issue.
type IssueReport struct {
	*care.Issue
	Title string           `json:"title"`
	Know  string           `json:"know,omitempty"`
	Doing string           `json:"doing,omitempty"`
	Story []care.SeqRecord `json:"story"`
}

func opIssueShow(ctx context.Context, e *Engine, c call) error {
	var args IssueArgs
	if err := c.decode(&args); err != nil {
		return err
	}
	id, err := e.issueNamed(ctx, args.Issue)
	if err != nil {
		return err
	}
	return e.tellIssue(ctx, c, id)
}

func (e *Engine) tellIssue(ctx context.Context, c call, id care.IssueID) error {
	p, err := e.View.Issue(ctx, id)
	if err != nil {
		return err
	}
	s := p.Issue.Said
	return c.answer(IssueReport{p.Issue, p.Texts[s.Title].Body, p.Texts[s.Know].Body, p.Texts[s.Doing].Body, p.Story})
}

// issueNamed finds an issue by its id, or the number that people use.
func (e *Engine) issueNamed(ctx context.Context, name string) (care.IssueID, error) {
	if err := e.shown(ctx); err != nil {
		return "", err
	}
	rows, err := e.View.IssueRows()
	if err != nil {
		return "", err
	}
	for _, r := range rows {
		if string(r.ID) == name || strconv.FormatUint(r.Number, 10) == name {
			return r.ID, nil
		}
	}
	return "", &care.Error{Code: care.NotFound, Msg: "There is no such known issue."}
}

// caseNamed finds a case by its id or number.
func (e *Engine) caseNamed(ctx context.Context, name string) (care.CaseID, error) {
	if err := e.shown(ctx); err != nil {
		return "", err
	}
	if n, err := strconv.ParseUint(name, 10, 64); err == nil && len(name) <= 20 {
		return e.View.ByNumber(n)
	}
	row, err := e.View.Row(care.CaseID(name))
	return row.ID, err
}

func opIssueAct(ctx context.Context, e *Engine, c call) error {
	var args IssueArgs
	if err := c.decode(&args); err != nil {
		return err
	}
	var cases []care.CaseID
	for _, name := range args.Case {
		id, err := e.caseNamed(ctx, name)
		if err != nil {
			return fmt.Errorf("case %s: %w", name, err)
		}
		cases = append(cases, id)
	}
	var id care.IssueID
	var err error
	if args.Act == "open" {
		var chance [9]byte
		rand.Read(chance[:])
		id = care.IssueID(care.TimeID(e.Now(), binary.BigEndian.Uint32(chance[:4]), [5]byte(chance[4:])))
	} else if id, err = e.issueNamed(ctx, args.Issue); err != nil {
		return err
	}
	_, err = e.Desk.Issue(ctx, c.by, "", id, cases, func(now time.Time, i *care.Issue, cs []*care.Case) (care.Change, error) {
		return args.decide(now, i, cs)
	})
	if err != nil {
		return err
	}
	return e.tellIssue(ctx, c, id)
}

func (a *IssueArgs) decide(now time.Time, was *care.Issue, cs []*care.Case) (ch care.Change, err error) {
	fresh := &care.Issue{ID: was.ID}
	i := was
	var events []care.Event
	add := func(es []care.Event, err error) error {
		events = append(events, es...)
		return err
	}
	words := func(e *care.IssueSaid) {
		n := i.NextText()
		for _, x := range []struct {
			text string
			n    *int
		}{{a.Title, &e.Title}, {a.Know, &e.Know}, {a.Doing, &e.Doing}} {
			if x.text != "" {
				*x.n = n
				ch.Words = append(ch.Words, care.KeptWord{Issue: i.ID, N: n, Text: care.Text{Body: x.text}})
				n++
			}
		}
	}
	switch a.Act {
	case "open":
		if a.Title == "" {
			return ch, &care.Error{Code: care.Invalid, Field: "title", Msg: "Give it a title."}
		}
		events = care.OpenIssue(care.IssueOpened{Topic: a.Topic})
		fresh.Apply(1, care.Record{At: now, Events: events})
		ch.Words = []care.KeptWord{{Issue: i.ID, N: 1, Text: care.Text{Body: a.Title}}}
		i, a.Title = fresh, ""
		said := care.IssueSaid{NextAt: a.NextAt}
		words(&said)
		if err = add(i.Say(said, now)); err == nil {
			err = a.links(i, cs, add)
		}
	case "say":
		said := care.IssueSaid{NextAt: a.NextAt}
		words(&said)
		err = add(i.Say(said, now))
	case "link":
		err = a.links(i, cs, add)
	case "unlink":
		for _, c := range cs {
			if err == nil {
				err = add(i.Unlink(c.ID))
			}
		}
	case "close":
		err = add(i.Close(a.Why))
	case "reopen":
		err = add(i.OpenAgain())
	default:
		err = fmt.Errorf("nothing is called %q", a.Act)
	}
	ch.Issues = []care.IssueEvents{{Issue: was.ID, Events: events}}
	return ch, err
}

func (a *IssueArgs) links(i *care.Issue, cs []*care.Case, add func([]care.Event, error) error) error {
	for _, c := range cs {
		if err := add(i.Link(c, "hand", 0, "")); err != nil {
			return err
		}
	}
	return nil
}

// PersonArgs say what is to be noted of the person behind a case.
type PersonArgs struct {
	Act   string `json:"act,omitempty"`   // opt_out | lift | link | unlink | refuse
	Case  string `json:"case"`            // id or number
	Other string `json:"other,omitempty"` // another case, of the other account
	Why   string `json:"why,omitempty"`
}

// A PersonReport is what is known of a person.
type PersonReport struct {
	Root     care.AuthorKey                       `json:"root"`
	OptOut   *care.OptOut                         `json:"opt_out,omitempty"`
	Contacts []*care.Contact                      `json:"contacts"`
	Texts    map[care.AuthorKey]map[int]care.Text `json:"texts,omitempty"`
}

// authorOf names the author of a case.
func (e *Engine) authorOf(ctx context.Context, name string) (care.AuthorRef, error) {
	id, err := e.caseNamed(ctx, name)
	if err != nil {
		return care.AuthorRef{}, err
	}
	row, err := e.View.Row(id)
	return care.AuthorRef{Network: row.Labels.Network, Author: row.Author}, err
}

// opPerson does what is asked for, if anything, and tells what is known then.
func opPerson(ctx context.Context, e *Engine, c call) error {
	var args PersonArgs
	if err := c.decode(&args); err != nil {
		return err
	}
	self, err := e.authorOf(ctx, args.Case)
	if err != nil {
		return err
	}
	who := []care.AuthorRef{self}
	if args.Other != "" {
		other, err := e.authorOf(ctx, args.Other)
		if err != nil {
			return err
		}
		who = append(who, other)
	}
	if args.Act != "" {
		_, err := e.Desk.People(ctx, c.by, "", who, func(_ time.Time, ps []*care.Person) (care.Change, error) { return args.decide(ps) })
		if err != nil {
			return err
		}
	}
	p, err := e.View.Person(ctx, self)
	if err != nil {
		return err
	}
	return c.answer(PersonReport{p.Person.Root(), p.Person.OptedOut(), p.Person.All, p.Texts})
}

func (a *PersonArgs) decide(ps []*care.Person) (care.Change, error) {
	var es []care.ContactEvents
	var err error
	if len(ps) < 2 && a.Act != "opt_out" && a.Act != "lift" {
		return care.Change{}, &care.Error{Code: care.Invalid, Field: "other", Msg: "Name a case of the other account."}
	}
	switch a.Act {
	case "opt_out":
		es, err = ps[0].AskSilence(a.Why, "")
	case "lift":
		es, err = ps[0].LiftSilence(a.Why)
	case "link":
		es, err = care.LinkPeople(ps[0], ps[1], []care.Evidence{{Kind: care.Seen, Weight: 0.7}})
	case "unlink":
		es, err = ps[0].Unlink(ps[1].Self.Author)
	case "refuse":
		es, err = ps[0].Refuse(ps[1])
	default:
		err = fmt.Errorf("nothing is called %q", a.Act)
	}
	return care.Change{Contacts: es}, err
}
