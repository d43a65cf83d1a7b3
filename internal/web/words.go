package web

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/sla"
	"github.com/amends-care/amends/internal/web/tongue"
)

// A teller tells people in their language what the log and the API have as
// codes, numbers and events.
type teller struct{ *tongue.Tongue }

// tongues reads the catalogues: the desk's own and the server's are one.
var tongues = sync.OnceValues(func() (tongue.Catalogue, error) {
	all, err := tongue.Load(embedded, sla.English(), "desk/strings", "strings", "strings/setup") // with the rules' own words
	if err != nil {
		return nil, err
	}
	return all, errors.Join(all.LoadSentences(embedded, "strings/sentences", ""), all.LoadSentences(embedded, "strings/phrase", "phrase."))
})

// Tongues are all that the console says, by language.
func Tongues() (tongue.Catalogue, error) { return tongues() }

// english is for what is no person's to choose.
func (s *Server) english() teller { return teller{s.tongues[tongue.English]} }

// teller speaks the language of whoever asks: the one that they have set, where
// a session asks, or else the first of Accept-Language that we speak.
func (s *Server) teller(ctx context.Context) teller {
	a := askedOf(ctx)
	if a.tongue == nil {
		chosen := ""
		if a.in && a.who.Session != "" {
			set, err := s.Personal.Settings(ctx, a.who.Name)
			if err == nil { // whoever needs the rest of them hears of the error
				chosen = set.Language
			}
		}
		a.tongue = s.tongues.In(chosen, a.accepts)
	}
	return teller{a.tongue}
}

// tell says a sentence of ours. What it quotes of us is said in the same language.
func (t teller) tell(s care.Sentence) string {
	with := slices.Clone(s.With)
	for i, v := range with {
		switch v := v.(type) {
		case care.Phrase:
			with[i] = t.phrase(v)
		case care.Sentence:
			with[i] = t.tell(v)
		case time.Time:
			with[i] = t.Stamp(v)
		case float64:
			with[i] = t.Number(v, 2)
		}
	}
	return t.Say(string(s.Phrase), with...)
}

func (t teller) phrase(p care.Phrase) string { return t.Say(string(p)) }

// speaks is the language that a page is drawn in.
func (t teller) speaks() *tongue.Tongue { return t.Tongue }

// title is a code as words with a capital at the beginning. A topic may be
// anybody's text.
func (t teller) title(code string) string { return tongue.Capital(cleanLine(t.Code(code))) }

// figure is an estimate with what it may be, to so many digits.
func (t teller) figure(f Figure, digits int) string {
	if f.Value == nil {
		return t.Say("not_known")
	}
	return t.Say("figure", "value", t.Number(*f.Value, digits), "low", t.Number(f.Low, digits), "high", t.Number(f.High, digits))
}

// until is how far away an instant is.
func (t teller) until(at, now time.Time) string {
	if at.Before(now) {
		return t.Say("late_by", "span", t.Span(now.Sub(at)))
	}
	return t.Say("in_span", "span", t.Span(at.Sub(now)))
}

// money is a sum with its currency.
func (t teller) money(g care.GoodwillGiven) string {
	return t.Number(float64(g.Amount)/100, 2) + " " + cleanLine(g.Currency)
}

func iso(t time.Time) string { return t.UTC().Format(time.RFC3339) }
