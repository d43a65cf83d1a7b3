package web

import (
	"context"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/view"
)

// A recipient is the customer of a linked case, as a letter needs them.
type recipient struct {
	care.Letter
	customer care.Customer
	m        *care.Mention // to be answered; nil: none is left
	may      care.Permission
}

// letterTo finds out whom a letter about a case would go to, and what stands
// against it.
func (s *Server) letterTo(ctx context.Context, id care.CaseID) (recipient, error) {
	p, err := s.Cases.Case(ctx, id)
	if err != nil {
		return recipient{}, err
	}
	r := recipient{Letter: care.Letter{Case: id}, customer: care.Customer{Case: id, Number: p.Case.Number}}
	who, err := s.Persons.Person(ctx, authorOf(p.Case))
	if err != nil {
		return r, err
	}
	r.Person = who.Person.Root()
	to := p.Case.ToAnswer()
	switch {
	case p.Case.State == care.StateMerged, p.Case.State == care.StateDismissed:
		r.Skip = string(p.Case.State)
		return r, nil
	case who.Person.OptedOut() != nil:
		r.Skip = "opted_out"
		return r, nil
	case to == nil:
		r.Skip = string(care.Withdrawn)
		return r, nil
	}
	m, there := p.Mentions[to.Mention]
	if !there {
		r.Skip = "erased"
		return r, nil
	}
	r.m, r.may = &m, s.May(&m, s.Now())
	switch r.may.How {
	case care.ByNone:
		r.Skip = "not_allowed"
	case care.ByHand:
		r.Skip = "only_by_hand"
	}
	r.customer.Name, r.customer.Detail = nameOf(who, &m), clean(care.DetailOf(m.Post.Text))
	return r, nil
}

// nameOf is what to call somebody: as they wish, or by what their account shows
// if that looks like a name.
func nameOf(p *view.PersonPage, m *care.Mention) string {
	if f, in := p.Person.Current(care.FactName); f != nil && p.Texts[in][f.N].Body != "" {
		return cleanLine(p.Texts[in][f.N].Body)
	}
	if shown := cleanLine(m.Post.Author.Name); !mixedScript(shown) {
		return care.FirstName(shown)
	}
	return ""
}

// letters writes a personal text for every case of an issue that has none in
// the round. All cases are in it, so that one person's letter is found whichever
// case it stands in.
func (s *Server) letters(ctx context.Context, p *view.IssuePage, in NewDrafts) ([]care.Letter, error) {
	if err := care.CheckTemplate(in.Text); err != nil {
		return nil, err
	}
	var all []recipient
	var customers []care.Customer
	var taken []string
	for _, c := range p.Issue.Cases {
		r, err := s.letterTo(ctx, c.Case)
		if err != nil {
			return nil, err
		}
		all = append(all, r)
		if d := p.Issue.Draft(in.Step, c.Case); d != nil {
			taken = append(taken, p.Texts[d.N].Body)
			continue
		}
		customers = append(customers, r.customer)
	}
	texts, err := care.Personal(in.Text, customers, taken...)
	if err != nil {
		return nil, err
	}
	out := make([]care.Letter, len(all))
	for i, r := range all {
		out[i] = r.Letter
		if p.Issue.Draft(in.Step, r.Case) != nil {
			continue
		}
		out[i].Body, texts = texts[0], texts[1:]
		if max := r.may.Length.Max; r.Skip == "" && max > 0 && r.may.Length.Of(out[i].Body) > max {
			out[i].Skip = "too_long"
		}
	}
	return out, nil
}
