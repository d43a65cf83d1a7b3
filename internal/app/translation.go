package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/config"
	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/translate"
	"github.com/amends-care/amends/internal/web"
)

// translateTime is how long a service may take: a person waits for it.
const translateTime = 20 * time.Second

// office opens the service of a configuration; nil: there is none.
func (s *serving) office(c *config.Config) (*translate.Office, error) {
	t := &c.Translation
	i := slices.IndexFunc(Translators(), func(d translate.Driver) bool { return d.Name == t.Provider })
	if i < 0 {
		return nil, nil
	}
	d := Translators()[i]
	client := network.NewClient(network.Options{UserAgent: "amends/" + s.o.Version, Inside: c.Inside, Timeout: translateTime, HeaderTimeout: translateTime, MaxBody: 1 << 20})
	service, err := d.Open(t.Settings, client)
	if err != nil {
		return nil, fmt.Errorf("translation: %w", err)
	}
	return &translate.Office{Service: service, Title: d.Title, Daily: t.DailyCharacters}, nil
}

// translator is what screens have to know of it; nil: nothing is translated.
func (s *serving) translator() *web.Translator {
	r := s.running.Load()
	if r.office == nil {
		return nil
	}
	t := &r.config.Translation
	return &web.Translator{Service: r.office.Title, Host: r.office.Service.Host(), Languages: t.Languages, Messages: t.Messages}
}

// translate has a mention translated, if it may leave the house.
func (s *serving) translate(ctx context.Context, m *care.Mention, queue, to string) (web.Translation, error) {
	r := s.running.Load()
	t := &r.config.Translation
	if why := t.Why(m.Source, queue, m.Post.Kind == care.PostDirect); why.Phrase != "" {
		return web.Translation{}, &care.Error{Code: care.Denied, Msg: why.Phrase, With: why.With}
	}
	if s.heldNow() != "" {
		return web.Translation{}, &care.Error{Code: care.Denied, Msg: "This desk is held: nothing is sent."}
	}
	if s.o.NoSend {
		return web.Translation{}, &care.Error{Code: care.Denied, Msg: "Nothing is sent while this runs with --no-send."}
	}
	if !slices.Contains(t.Languages, to) {
		return web.Translation{}, &care.Error{Code: care.Invalid, Field: "to", Msg: "Mentions are translated into these languages: {languages}.", With: []any{"languages", strings.Join(t.Languages, ", ")}}
	}
	got, err := s.bureau.Translate(ctx, *r.office, m.ID, m.Post.Text, to)
	if ne, ok := errors.AsType[*network.Error](err); ok {
		s.o.Log.Warn("a translation failed", "host", r.office.Service.Host(), "mention", m.ID, "err", err)
		return web.Translation{}, &care.Error{Code: care.Unavailable, Msg: "{service} did not translate it: {why}.", With: []any{"service", r.office.Title, "why", refusedBecause(ne.Fault)}, Err: err}
	}
	if err != nil {
		return web.Translation{}, err
	}
	return web.Translation{Text: got.Text, From: got.From, Service: r.office.Title, Host: r.office.Service.Host()}, nil
}

// refusedBecause is a service's failure in words for a person.
func refusedBecause(f network.Fault) care.Phrase {
	switch f {
	case network.Refused:
		return "it refuses our key, or its address is not listed under inside"
	case network.Unpaid:
		return "the account's characters are used up, or it is not paid for"
	case network.Limited:
		return "it has been asked too often for now"
	case network.Malformed:
		return "it answers in a way that we can't use; perhaps it does not know this language"
	}
	return "it can't be reached, or does not answer as it should"
}

// translations forgets what is taken away.
func (s *serving) translations(ctx context.Context) error {
	return s.bureau.Follow(ctx, s.View.Position())
}

// inForce is what is set up now, with what leaves to be translated.
func (s *serving) inForce() (web.InForce, error) {
	in, err := inForce(s.config())
	if err != nil {
		return in, err
	}
	r := s.running.Load()
	today, month, err := s.bureau.Sent(context.Background())
	in.Parts = append(in.Parts, (&teller{r.config}).translation(r.office, today, month))
	return in, err
}

// translation says plainly what leaves, and for whom.
func (t *teller) translation(o *translate.Office, today, month int) web.SetPart {
	p := web.SetPart{ID: "translation", Title: "Translation", Section: "translation", About: "Nothing is translated, and no text leaves this house for that.",
		Columns: []string{"Service", "Languages", "Direct messages", "Never sent", "Sent today", "Sent in 30 days"}}
	if o == nil {
		return p
	}
	p.About = fmt.Sprintf("The text of a mention is sent to %s at %s when somebody asks for its translation. No name and no handle goes with it unless it stands in the text.", o.Title, o.Service.Host())
	withheld := slices.Concat(prefixed("queue", t.Translation.Withhold.Queues), prefixed("source", t.Translation.Withhold.Sources))
	limit := "no limit"
	if o.Daily > 0 {
		limit = fmt.Sprintf("of %d", o.Daily)
	}
	p.Rows = append(p.Rows, row(t.place("translation"), o.Title+" at "+o.Service.Host(), strings.Join(t.Translation.Languages, ", "),
		map[bool]string{true: "sent too", false: "never sent"}[t.Translation.Messages], orNone(strings.Join(withheld, ", ")),
		fmt.Sprintf("%d characters, %s", today, limit), fmt.Sprintf("%d characters%s", month, cost(month, t.Translation.Price))))
	return p
}

func prefixed(what string, names []string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = what + " " + n
	}
	return out
}

// cost is what characters cost at so many US dollars a million; empty: nothing.
func cost(characters int, price float64) string {
	if price == 0 {
		return ""
	}
	return fmt.Sprintf(", %.2f US dollars", float64(characters)*price/1e6)
}
