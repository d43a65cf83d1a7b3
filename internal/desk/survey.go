package desk

import (
	"context"
	"crypto/hmac"
	"encoding/base64"
	"strconv"
	"strings"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/store"
)

// An Asking is a survey to be sent, with what only others know.
type Asking struct {
	Ask      care.SurveyKind
	Language string
	Direct   bool
	// Refused is why it can't be sent, by the network's rules; empty: it can.
	Refused string
	// Issues are the known issues that the case is linked to.
	Issues []care.IssueID
	// Body is the answer with the link to a survey's token.
	Body func(token string) string
}

// AskSurvey asks the customer of a case how it went. The answer that carries the
// link, the note that it was asked, what lets the person alone from then on and
// what the link leads to are one commit: whatever crashes, nobody is asked twice.
// Where something stands against it, a planned survey is skipped, with the
// reason; a person who asks for one gets a *care.Error.
func (d *Desk) AskSurvey(ctx context.Context, by care.Actor, op string, id care.CaseID, a Asking) (store.Seq, error) {
	return d.commit(ctx, by, op, func(u *unit) error {
		w, err := u.work(ctx, id)
		if err != nil {
			return err
		}
		planned := by == care.ByClock
		if planned && (w.now.Survey.At.IsZero() || w.now.Survey.At.After(u.now)) {
			return nil // another node's
		}
		p, err := u.person(ctx, care.AuthorRef{Network: w.now.Labels.Network, Author: w.now.Author})
		if err != nil {
			return err
		}
		why, err := u.unasked(ctx, w.now, p, &a)
		switch {
		case err != nil:
			return err
		case why != "" && planned:
			u.emit(w, care.SurveySkipped{Why: why})
			return nil
		case why != "":
			return &care.Error{Code: care.Conflict, Msg: care.Unasked(why)}
		}
		n := w.now.NextSurvey()
		token, key := u.d.names.survey(id, n)
		if err := u.read(ctx, key); err != nil {
			return err
		}
		u.put(key, []byte(string(id)+"/"+strconv.Itoa(n)))
		return u.change(ctx, care.Question{
			Ask: a.Ask, Language: a.Language, Body: a.Body(token), Direct: a.Direct,
			NotBefore: u.now.Add(u.rules.UndoFor), Until: ms(u.now.Add(u.rules.SurveyOpen)),
		}.Put(w.now, p))
	})
}

// unasked says what stands against asking; "": nothing.
func (u *unit) unasked(ctx context.Context, c *care.Case, p *care.Person, a *Asking) (string, error) {
	reached := false
	for _, id := range a.Issues {
		i, err := u.issue(ctx, id)
		if err != nil {
			return "", err
		}
		reached = reached || i.Reaches(c)
	}
	if why := c.MayAsk(p, u.now, u.rules.LetAlone, reached); why != "" {
		return why, nil
	}
	return a.Refused, nil
}

// Survey is what a link leads to: the survey as it is now. A link that is forged,
// or whose customer was erased, leads nowhere: a *care.Error. Only who has the
// hash key can make one, so the store is not even asked for most forgeries.
func (d *Desk) Survey(ctx context.Context, token string) (care.SurveyPage, error) {
	u := d.unit(care.ByCustomer, map[string]store.Doc{})
	w, s, err := u.survey(ctx, token)
	if err != nil {
		return care.SurveyPage{}, err
	}
	return care.SurveyPage{Survey: *s, Brand: w.now.Labels.Brand}, nil
}

// AnswerSurvey takes an answer by a link; see [care.Case.AnswerSurvey].
func (d *Desk) AnswerSurvey(ctx context.Context, token string, score int, comment *string) (store.Seq, error) {
	return d.commit(ctx, care.ByCustomer, "", func(u *unit) error {
		w, s, err := u.survey(ctx, token)
		if err != nil {
			return err
		}
		events, texts, err := w.now.AnswerSurvey(s.N, score, comment, u.now, u.rules.LowScore)
		change, err := care.One(w.id, events, err, texts...)
		if err != nil {
			return err
		}
		return u.change(ctx, change)
	})
}

// survey finds what a token leads to.
func (u *unit) survey(ctx context.Context, token string) (*work, *care.Survey, error) {
	nowhere := &care.Error{Code: care.NotFound, Msg: "This link leads to no survey."}
	key, ok := u.d.names.surveyKey(token)
	if !ok {
		return nil, nil, nowhere
	}
	if err := u.read(ctx, key); err != nil {
		return nil, nil, err
	}
	id, number, _ := strings.Cut(string(u.doc(key)), "/")
	n, err := strconv.Atoi(number)
	if err != nil {
		return nil, nil, nowhere
	}
	w, err := u.work(ctx, care.CaseID(id))
	if err != nil {
		return nil, nil, err
	}
	s := w.now.SurveyN(n)
	if s == nil {
		return nil, nil, nowhere
	}
	// What was asked goes with the customer, when they are erased or their time is
	// over; nothing of them comes back by an old link.
	text := textKey(w.id, s.Reply)
	if err := u.read(ctx, text); err != nil {
		return nil, nil, err
	}
	if u.rely(text); u.doc(text) == nil {
		return nil, nil, nowhere
	}
	return w, s, nil
}

// A token is a random name and its signature. Neither tells a case, let alone a
// person.
const (
	tokenName = 12 // bytes
	tokenSign = 9
)

var tokenText = base64.RawURLEncoding.Strict()

// survey is the token of a survey, and the document that leads from it to the case.
func (n *names) survey(id care.CaseID, number int) (token, key string) {
	name := n.mac("survey", string(id), strconv.Itoa(number))
	sign := n.mac("survey link", string(name[:tokenName]))
	raw := append(name[:tokenName:tokenName], sign[:tokenSign]...)
	return tokenText.EncodeToString(raw), surveyKey(raw)
}

// surveys are the documents that lead to a case's surveys.
func (n *names) surveys(c *care.Case) (keys []string) {
	for i := range c.Surveys {
		_, key := n.survey(c.ID, c.Surveys[i].N)
		keys = append(keys, key)
	}
	return keys
}

func surveyKey(raw []byte) string { return "survey/" + nameText.EncodeToString(raw[:tokenName]) }

// surveyKey is the document of a token. ok is false for one that we never made.
func (n *names) surveyKey(token string) (key string, ok bool) {
	raw, err := tokenText.DecodeString(token)
	if err != nil || len(raw) != tokenName+tokenSign || strings.ContainsAny(token, "\r\n") {
		return "", false
	}
	sign := n.mac("survey link", string(raw[:tokenName]))
	return surveyKey(raw), hmac.Equal(sign[:tokenSign], raw[tokenName:])
}
