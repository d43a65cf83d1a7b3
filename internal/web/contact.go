package web

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/view"
)

// A Contact is the person behind one or several authors.
type Contact struct {
	Accounts  []Account      `json:"accounts" doc:"Accounts of the person; that of the case is the first."`
	Name      *Known         `json:"name,omitempty" doc:"What to call them."`
	Language  *Known         `json:"language,omitempty" doc:"That they prefer."`
	Channel   *Known         `json:"channel,omitempty" doc:"On which they prefer to be answered."`
	Tier      *Known         `json:"tier,omitempty"`
	Zone      *Known         `json:"zone,omitempty" doc:"Time zone that they live in."`
	Given     []Known        `json:"given" doc:"What they told us already: not to be asked for again."`
	Notes     []Known        `json:"notes"`
	OptOut    *care.OptOut   `json:"opt_out,omitempty" doc:"They do not want to hear from us."`
	Asks      *Asks          `json:"asks,omitempty" doc:"Words that ask us not to write: an opt-out to be confirmed."`
	Consent   bool           `json:"consent,omitempty" doc:"They agreed to be matched with other accounts and records."`
	Proposals []Proposal     `json:"proposals" doc:"Accounts that may be the same person."`
	Cases     []ContactCase  `json:"cases" doc:"Other cases of all accounts, the newest first."`
	Goodwill  []GivenBefore  `json:"goodwill" doc:"What the person was given in other cases: to be seen before giving again."`
	Promises  PromiseTally   `json:"promises" doc:"In these cases and this one."`
	Story     []ContactEntry `json:"story" doc:"What was recorded of the person, oldest first."`
}

// A GivenBefore is what a person was given for their trouble in another case.
type GivenBefore struct {
	Case     care.CaseID  `json:"case"`
	Number   uint64       `json:"number"`
	Amount   int          `json:"amount" doc:"In hundredths of the currency."`
	Currency string       `json:"currency"`
	What     string       `json:"what,omitempty"`
	By       care.AgentID `json:"by"`
	At       time.Time    `json:"at"`
}

// An Account is one author that belongs to the person.
type Account struct {
	Author   care.AuthorKey  `json:"author"`
	Network  string          `json:"network"`
	Handle   string          `json:"handle,omitempty"`
	Name     string          `json:"name,omitempty"`
	LinkedAt time.Time       `json:"linked_at,omitzero"`
	LinkedBy care.Actor      `json:"linked_by,omitempty"`
	Evidence []care.Evidence `json:"evidence"`
}

// A Known is a fact about a customer with where it comes from.
type Known struct {
	N       int             `json:"n,omitempty" doc:"To take it back."`
	Text    string          `json:"text"`
	Erased  bool            `json:"erased,omitempty"`
	From    care.FactSource `json:"from" enum:"customer,agent,list"`
	Mention care.MentionID  `json:"mention,omitempty" doc:"In which they said so."`
	By      care.Actor      `json:"by"`
	At      time.Time       `json:"at"`
}

// Asks are words of a mention that ask us not to write.
type Asks struct {
	Mention care.MentionID `json:"mention"`
	Text    string         `json:"text" doc:"The words, cleaned."`
}

// A Proposal is another account that may be the same person.
type Proposal struct {
	Author   care.AuthorKey  `json:"author"`
	Network  string          `json:"network"`
	Handle   string          `json:"handle,omitempty"`
	Name     string          `json:"name,omitempty"`
	Score    float64         `json:"score" doc:"0 to 1."`
	Evidence []care.Evidence `json:"evidence"`
}

// A ContactCase is another case of the person.
type ContactCase struct {
	CaseBefore
	Network string         `json:"network"`
	Author  care.AuthorKey `json:"author"`
}

// A PromiseTally counts promises.
type PromiseTally struct {
	Open int `json:"open"`
	Kept int `json:"kept"`
	Told int `json:"told" doc:"Late, but the customer was told before."`
	Late int `json:"late" doc:"Kept late, or still to be kept."`
}

// A ContactEntry is one event of the person's story.
type ContactEntry struct {
	Seq  uint64     `json:"seq"`
	At   time.Time  `json:"at"`
	By   care.Actor `json:"by"`
	Kind care.Kind  `json:"kind"`
	Says string     `json:"says"`
}

type contactOutput struct{ Body Contact }

func (s *Server) oneContact(ctx context.Context, in *caseInput) (*contactOutput, error) {
	p, err := s.caseNamed(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	c, err := s.contactOf(ctx, p)
	return &contactOutput{c}, err
}

// authorOf names the author of a case.
func authorOf(c *care.Case) care.AuthorRef {
	return care.AuthorRef{Network: c.Labels.Network, Author: c.Author}
}

// permitted is whether and how a mention may be answered, once its author's
// wishes are honoured.
func (s *Server) permitted(ctx context.Context, m *care.Mention) (care.Permission, error) {
	p, err := s.Persons.Person(ctx, care.AuthorRef{Network: m.Post.Network, Author: m.Author})
	if err != nil {
		return care.Permission{}, err
	}
	return s.May(m, s.Now()).Honour(p.Person.OptedOut()), nil
}

// contactOf is what is known of the person behind a case.
func (s *Server) contactOf(ctx context.Context, p *view.CasePage) (Contact, error) {
	found, err := s.Persons.Person(ctx, authorOf(p.Case))
	if err != nil {
		return Contact{}, err
	}
	who := found.Person
	out := Contact{Given: []Known{}, Notes: []Known{}, Proposals: []Proposal{}, Cases: []ContactCase{}, Goodwill: []GivenBefore{}, OptOut: who.OptedOut(), Consent: who.Consented()}
	out.Name, out.Language = current(found, care.FactName), current(found, care.FactLanguage)
	out.Channel, out.Tier, out.Zone = current(found, care.FactChannel), current(found, care.FactTier), current(found, care.FactZone)
	for _, c := range who.All {
		for i := range c.Facts {
			switch f := &c.Facts[i]; f.What {
			case care.FactGiven:
				out.Given = append(out.Given, known(found, f, c.Author))
			case care.FactNote:
				out.Notes = append(out.Notes, known(found, f, c.Author))
			}
		}
	}
	if out.OptOut == nil {
		out.Asks = asks(p)
	}
	if err := s.accounts(ctx, found, &out); err != nil {
		return Contact{}, err
	}
	tally(&out.Promises, p.Case)
	out.Story = s.teller(ctx).contactStory(found)
	return out, s.contactCases(ctx, found, p.Case.ID, &out)
}

func current(p *view.PersonPage, k care.FactKind) *Known {
	f, in := p.Person.Current(k)
	if f == nil {
		return nil
	}
	out := known(p, f, in)
	return &out
}

func known(p *view.PersonPage, f *care.Fact, in care.AuthorKey) Known {
	out := Known{N: f.N, Text: clean(f.Value), From: f.From, Mention: f.Mention, By: f.By, At: f.At}
	if f.N > 0 {
		t, ok := p.Texts[in][f.N]
		out.Text, out.Erased = clean(t.Body), !ok
	}
	return out
}

// asks finds the newest words of the customer that ask us not to write.
func asks(p *view.CasePage) *Asks {
	for _, cm := range slices.Backward(p.Case.Mentions) {
		m, ok := p.Mentions[cm.Mention]
		if !ok || cm.Deleted {
			continue
		}
		if from, to, ok := care.AsksForSilence(m.Post.Text); ok {
			text := m.Post.Text
			return &Asks{Mention: m.ID, Text: cleanLine(text[whole(text, from):whole(text, to)])}
		}
	}
	return nil
}

// accounts are the person's authors and those that may be, with the names that
// their latest cases show.
func (s *Server) accounts(ctx context.Context, p *view.PersonPage, out *Contact) error {
	who := p.Person
	links := map[care.AuthorKey]care.ContactPart{}
	for _, c := range who.All {
		for _, part := range c.Parts {
			links[part.Author] = part
		}
	}
	for _, c := range who.All {
		a := Account{Author: c.Author, Network: c.Network, LinkedAt: links[c.Author].At, LinkedBy: links[c.Author].By, Evidence: list(links[c.Author].Evidence)}
		shown, err := s.shownAs(ctx, c.Author)
		if err != nil {
			return err
		}
		a.Handle, a.Name = shown.Handle, shown.Name
		if out.Accounts = append(out.Accounts, a); c == who.Self {
			out.Accounts[0], out.Accounts[len(out.Accounts)-1] = out.Accounts[len(out.Accounts)-1], out.Accounts[0]
		}
		for _, pr := range c.Proposed {
			if who.Is(pr.Other) || slices.ContainsFunc(out.Proposals, func(o Proposal) bool { return o.Author == pr.Other }) {
				continue
			}
			shown, err := s.shownAs(ctx, pr.Other)
			if err != nil {
				return err
			}
			out.Proposals = append(out.Proposals, Proposal{Author: pr.Other, Network: pr.Network, Handle: shown.Handle, Name: shown.Name, Score: pr.Score, Evidence: list(pr.Evidence)})
		}
	}
	return nil
}

// shownAs is what the newest case of an author shows of them.
func (s *Server) shownAs(ctx context.Context, a care.AuthorKey) (Author, error) {
	found, err := s.Cases.Cases(ctx, view.Query{List: view.OfAuthor, Author: a, Limit: 1})
	if err != nil || len(found.Rows) == 0 {
		return Author{}, err
	}
	ms, err := s.Mentions.Mentions(ctx, found.Rows[0].First)
	if err != nil {
		return Author{}, err
	}
	return author(&ms[0]), nil
}

// maxContactCases is how many other cases of the person are shown and counted.
const maxContactCases = 30

func (s *Server) contactCases(ctx context.Context, p *view.PersonPage, but care.CaseID, out *Contact) error {
	for _, c := range p.Person.All {
		found, err := s.Cases.Cases(ctx, view.Query{List: view.OfAuthor, Author: c.Author, Limit: maxContactCases + 1})
		if err != nil {
			return err
		}
		for _, r := range found.Rows {
			if r.ID != but {
				out.Cases = append(out.Cases, ContactCase{Network: r.Labels.Network, Author: r.Author, CaseBefore: before(&r)})
			}
		}
	}
	slices.SortFunc(out.Cases, func(a, b ContactCase) int { return b.OpenedAt.Compare(a.OpenedAt) })
	out.Cases = out.Cases[:min(len(out.Cases), maxContactCases)]
	for _, c := range out.Cases {
		full, err := s.Cases.Case(ctx, c.ID)
		if err != nil {
			return err
		}
		tally(&out.Promises, full.Case)
		for _, g := range full.Case.Goodwill {
			if g.State == care.GoodwillIsGiven {
				out.Goodwill = append(out.Goodwill, GivenBefore{Case: c.ID, Number: c.Number, Amount: g.Amount, Currency: g.Currency, What: g.What, By: g.By, At: g.At})
			}
		}
	}
	return nil
}

func tally(t *PromiseTally, c *care.Case) {
	for _, p := range c.Promises {
		switch {
		case p.State == care.PromiseOpen:
			t.Open++
		case p.State == care.PromiseWasToldOf:
			t.Told++
		case p.Slipped || p.State == care.PromiseHasSlid:
			t.Late++
		default:
			t.Kept++
		}
	}
}

func (t teller) contactStory(p *view.PersonPage) []ContactEntry {
	out := []ContactEntry{}
	for _, r := range p.Story {
		for _, e := range r.Events {
			if says := t.saysContact(t.actor(r.By), e); says != "" {
				out = append(out, ContactEntry{Seq: r.Seq, At: r.At, By: r.By, Kind: e.Kind(), Says: says})
			}
		}
	}
	return out
}

func (t teller) saysContact(who string, e care.Event) string {
	switch e := e.(type) {
	case care.ContactKnown:
		return t.Say("person."+string(e.What), "who", who, "value", cleanLine(e.Value))
	case care.ContactForgot:
		return t.Say("person.forgot", "who", who)
	case care.ContactProposed:
		return t.Say("person.proposed", "network", e.Network)
	case care.ContactRefused:
		return t.Say("person.refused", "who", who)
	case care.ContactLinked:
		if e.Into {
			return ""
		}
		return t.Say("person.linked", "who", who, "network", e.Network)
	case care.ContactUnlinked:
		if e.Into {
			return ""
		}
		return t.Say("person.unlinked", "who", who)
	case care.OptedOut:
		return t.Say("person.opted_out", "who", who)
	case care.OptOutLifted:
		return t.Say("person.lifted", "who", who, "why", t.Code(e.Why))
	case care.ContactConsented:
		if e.Given {
			return t.Say("person.consented", "who", who)
		}
		return t.Say("person.unconsented", "who", who)
	}
	return ""
}

// aboutPerson takes a decision about the person behind a case, and perhaps
// another author.
func (s *Server) aboutPerson(ctx context.Context, a act, other []care.AuthorRef, decide func(ps []*care.Person) (care.Change, error)) (Written, error) {
	p, err := s.Cases.Case(ctx, a.id)
	if err != nil {
		return Written{}, err
	}
	who := append([]care.AuthorRef{authorOf(p.Case)}, other...)
	seq, err := s.Desk.People(ctx, a.who.Actor(), a.op, who, func(_ time.Time, ps []*care.Person) (care.Change, error) { return decide(ps) })
	return Written{Case: a.id, Seq: seq}, err
}

func toldOf(es []care.ContactEvents, err error) (care.Change, error) {
	return care.Change{Contacts: es}, err
}

// A Silence notes a customer's wish not to hear from us.
type Silence struct {
	Why     string         `json:"why" enum:"asked,told,legal" doc:"asked: in a mention; told: elsewhere; legal: a lawyer or authority says so."`
	Mention care.MentionID `json:"mention,omitempty" maxLength:"40"`
}

func (s *Server) optOut(ctx context.Context, a act, in Silence) (Written, error) {
	return s.aboutPerson(ctx, a, nil, func(ps []*care.Person) (care.Change, error) { return toldOf(ps[0].AskSilence(in.Why, in.Mention)) })
}

// A Lift ends a customer's wish not to hear from us.
type Lift struct {
	Why string `json:"why" enum:"asked_again,mistake" doc:"asked_again: they want an answer now."`
}

func (s *Server) liftOptOut(ctx context.Context, a act, in Lift) (Written, error) {
	return s.aboutPerson(ctx, a, nil, func(ps []*care.Person) (care.Change, error) { return toldOf(ps[0].LiftSilence(in.Why)) })
}

// A NewFact is something about the customer.
type NewFact struct {
	What    care.FactKind  `json:"what" enum:"name,language,channel,tier,zone,given,note" doc:"given: what they told us already, such as an order's number."`
	Text    string         `json:"text" minLength:"1" maxLength:"500"`
	Mention care.MentionID `json:"mention,omitempty" maxLength:"40" doc:"In which they said so; absent: you know it."`
}

func (s *Server) knowContact(ctx context.Context, a act, in NewFact) (Written, error) {
	if err := needText(in.Text, "text"); err != nil {
		return Written{}, err
	}
	in.Text = strings.TrimSpace(in.Text)
	value := strings.ToLower(in.Text)
	if in.What == care.FactZone {
		if _, err := zoneOf(in.Text); err != nil {
			return Written{}, err
		}
		value = in.Text
	}
	from := care.FromAgent
	if in.Mention != "" {
		from = care.FromCustomer
	}
	return s.aboutPerson(ctx, a, nil, func(ps []*care.Person) (care.Change, error) {
		n := ps[0].Self.NextText()
		told, err := ps[0].Learn(care.ContactKnown{What: in.What, Value: value, N: n, From: from, Mention: in.Mention})
		ch := care.Change{Contacts: told}
		if in.What == care.FactName || in.What == care.FactGiven || in.What == care.FactNote {
			ch.Facts = []care.KeptFact{{Author: ps[0].Self.Author, N: n, Text: care.Text{Body: in.Text}}}
		}
		return ch, err
	})
}

// A Forgetting takes a fact back.
type Forgetting struct {
	What care.FactKind `json:"what" enum:"name,language,channel,tier,zone,given,note"`
	N    int           `json:"n,omitempty" minimum:"0" maximum:"1000000" doc:"Which one of several."`
}

func (s *Server) forgetContact(ctx context.Context, a act, in Forgetting) (Written, error) {
	return s.aboutPerson(ctx, a, nil, func(ps []*care.Person) (care.Change, error) { return toldOf(ps[0].Forget(in.What, in.N)) })
}

// A Consent is whether the customer agreed to be matched.
type Consent struct {
	Given   bool           `json:"given"`
	Mention care.MentionID `json:"mention,omitempty" maxLength:"40"`
}

func (s *Server) consent(ctx context.Context, a act, in Consent) (Written, error) {
	return s.aboutPerson(ctx, a, nil, func(ps []*care.Person) (care.Change, error) {
		return care.Change{Contacts: ps[0].GiveConsent(in.Given, in.Mention)}, nil
	})
}

// An OtherAccount names another author.
type OtherAccount struct {
	Author  care.AuthorKey `json:"author" minLength:"1" maxLength:"40" doc:"Its key: of a proposal, or of any case's author."`
	Network string         `json:"network,omitempty" maxLength:"40"`
}

// other is the account with the network that its cases tell.
func (s *Server) other(ctx context.Context, in OtherAccount) (care.AuthorRef, error) {
	found, err := s.Cases.Cases(ctx, view.Query{List: view.OfAuthor, Author: in.Author, Limit: 1})
	if err == nil && len(found.Rows) == 0 {
		err = &care.Error{Code: care.NotFound, Field: "author", Msg: "We know no such account."}
	}
	if err != nil {
		return care.AuthorRef{}, err
	}
	return care.AuthorRef{Network: found.Rows[0].Labels.Network, Author: in.Author}, nil
}

// seenByAPerson is the weight of somebody of the team saying so.
const seenByAPerson = 0.7

func (s *Server) linkContact(ctx context.Context, a act, in OtherAccount) (Written, error) {
	o, err := s.other(ctx, in)
	if err != nil {
		return Written{}, err
	}
	return s.aboutPerson(ctx, a, []care.AuthorRef{o}, func(ps []*care.Person) (care.Change, error) {
		var evidence []care.Evidence
		for _, c := range ps[0].All {
			for _, p := range c.Proposed {
				if ps[1].Is(p.Other) {
					evidence = append(evidence, p.Evidence...)
				}
			}
		}
		return toldOf(care.LinkPeople(ps[0], ps[1], append(evidence, care.Evidence{Kind: care.Seen, Weight: seenByAPerson})))
	})
}

func (s *Server) unlinkContact(ctx context.Context, a act, in OtherAccount) (Written, error) {
	return s.aboutPerson(ctx, a, nil, func(ps []*care.Person) (care.Change, error) { return toldOf(ps[0].Unlink(in.Author)) })
}

func (s *Server) refuseContact(ctx context.Context, a act, in OtherAccount) (Written, error) {
	o, err := s.other(ctx, in)
	if err != nil {
		return Written{}, err
	}
	return s.aboutPerson(ctx, a, []care.AuthorRef{o}, func(ps []*care.Person) (care.Change, error) { return toldOf(ps[0].Refuse(ps[1])) })
}
