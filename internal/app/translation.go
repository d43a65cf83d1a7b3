package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
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
func (s *serving) inForce(say web.Say) (web.InForce, error) {
	in, err := inForce(s.config(), say)
	if err != nil || say == nil {
		return in, err
	}
	r := s.running.Load()
	today, month, err := s.bureau.Sent(context.Background())
	in.Parts = append(in.Parts, (&teller{r.config, say}).translation(r.office, today, month))
	return in, err
}

// translation says plainly what leaves, and for whom.
func (t *teller) translation(o *translate.Office, today, month int) web.SetPart {
	p := web.SetPart{ID: "translation", Title: t.say("Translation"), Section: "translation", About: t.say("Nothing is translated, and no text leaves this house for that."),
		Columns: t.each("Service", "Languages", "Direct messages", "Never sent", "Sent today", "Sent in 30 days")}
	if o == nil {
		return p
	}
	p.About = t.say("The text of a mention is sent to {service} at {host} when somebody asks for its translation. No name and no handle goes with it unless it stands in the text.", "service", o.Title, "host", o.Service.Host())
	withheld := slices.Concat(t.prefixed("queue {name}", t.Translation.Withhold.Queues), t.prefixed("source {name}", t.Translation.Withhold.Sources))
	limit := t.say("no limit")
	if o.Daily > 0 {
		limit = t.say("of {n}", "n", o.Daily)
	}
	p.Rows = append(p.Rows, row(t.place("translation"), t.say("{service} at {host}", "service", o.Title, "host", o.Service.Host()), strings.Join(t.Translation.Languages, ", "),
		t.say(map[bool]string{true: "sent too", false: "never sent"}[t.Translation.Messages]), t.orNone(strings.Join(withheld, ", ")),
		t.say("{n} characters", "n", today)+", "+limit, t.say("{n} characters", "n", month)+t.cost(month)))
	return p
}

func (t *teller) prefixed(what string, names []string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = t.say(what, "name", n)
	}
	return out
}

// cost is what characters cost at the price that is set; empty: nothing.
func (t *teller) cost(characters int) string {
	if t.Translation.Price == 0 {
		return ""
	}
	return ", " + t.say("{n} US dollars", "n", strconv.FormatFloat(float64(characters)*t.Translation.Price/1e6, 'f', 2, 64))
}
