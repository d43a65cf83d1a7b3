package app

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/desk"
	"github.com/amends-care/amends/internal/store"
	"github.com/amends-care/amends/internal/web/asking"
)

// surveysAtOnce is how many customers are asked in one round.
const surveysAtOnce = 200

// surveys asks customers whose time has come, every few seconds.
func (s *serving) surveys(ctx context.Context) error {
	if err := s.whenReleased(ctx); err != nil {
		return err
	}
	tick := time.NewTicker(5 * time.Second)
	defer tick.Stop()
	for {
		if err := s.askDue(ctx); err != nil && ctx.Err() == nil {
			s.o.Log.Error("customers could not be asked how it went; trying again", "err", err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// askDue asks all whose time has come, and waits until the hints say so.
func (s *serving) askDue(ctx context.Context) error {
	ids, err := s.View.Surveys(s.Now(), surveysAtOnce)
	if err != nil || len(ids) == 0 {
		return err
	}
	var errs []error
	var last store.Seq
	for _, id := range ids {
		seq, err := s.ask(ctx, care.ByClock, "", id, "")
		if err != nil {
			errs = append(errs, fmt.Errorf("case %s: %w", id, err))
			continue
		}
		last = max(last, seq)
	}
	return errors.Join(append(errs, s.View.Wait(ctx, last))...)
}

// asker lets people of the team ask; nil where no link could lead here.
func (s *serving) asker(public *url.URL) func(context.Context, care.Actor, string, care.CaseID, care.SurveyKind) (store.Seq, error) {
	if public == nil {
		return nil
	}
	return s.ask
}

// ask asks the customer of a case: a question by name, or the one that is planned.
// The answer with the link goes by the network's rules, and waits for the outbox
// as every answer does.
func (s *serving) ask(ctx context.Context, by care.Actor, op string, id care.CaseID, question care.SurveyKind) (store.Seq, error) {
	p, err := s.View.Case(ctx, id)
	if err != nil {
		return 0, err
	}
	words, err := asking.Load()
	if err != nil {
		return 0, err
	}
	a := desk.Asking{Ask: question, Language: p.Case.Labels.Language}
	if question == "" {
		a.Ask = p.Case.Survey.Ask
	}
	issues, err := s.View.IssuesOf(id)
	if err != nil {
		return 0, err
	}
	for _, i := range issues {
		a.Issues = append(a.Issues, i.ID)
	}
	person, err := s.View.Person(ctx, care.AuthorRef{Network: p.Case.Labels.Network, Author: p.Case.Author})
	if err != nil {
		return 0, err
	}
	if f, _ := person.Person.Current(care.FactLanguage); f != nil {
		a.Language = f.Value
	}
	w := words.In(a.Language)
	a.Language = w.Language
	a.Body = func(token string) string { return w.Invite(s.link("/s/" + token)) }
	to := p.Case.ToAnswer()
	if to == nil {
		a.Refused = "withdrawn"
	} else if m, ok := p.Mentions[to.Mention]; !ok {
		a.Refused = "withdrawn"
	} else {
		a.Direct, a.Refused = s.wayToAsk(&m, a.Body(token))
	}
	return s.Desk.AskSurvey(ctx, by, op, id, a)
}

// token is as long as those of links.
const token = "0123456789012345678901234567"

// wayToAsk says how the link gets to a customer: by direct message where that is
// possible, else in public if that was configured. refused is why not at all.
func (s *serving) wayToAsk(m *care.Mention, body string) (direct bool, refused string) {
	may := s.may(m, s.Now())
	direct = may.Direct || m.Post.Kind == care.PostDirect
	switch {
	case s.config().PublicURL == "":
		return direct, "no_address"
	case may.How != care.ByAPI, !direct && !s.config().Surveys.Public:
		if s.listed(m) != nil {
			return false, "opted_out"
		}
		return false, "no_way"
	}
	if length := may.LengthOf(direct); length.Max > 0 && length.Of(body) > length.Max {
		return false, "too_long"
	}
	return direct, ""
}
