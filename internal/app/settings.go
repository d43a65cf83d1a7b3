package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"reflect"
	"slices"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/config"
	"github.com/amends-care/amends/internal/desk"
	"github.com/amends-care/amends/internal/form"
	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/notify"
	"github.com/amends-care/amends/internal/setup"
	"github.com/amends-care/amends/internal/web"
)

// settings let the console change what is set up.
type settings struct {
	*serving
	file *setup.File
}

// offers are the networks that the console can set up, the easiest first.
func offers() []web.NetworkOffer {
	drivers := slices.DeleteFunc(Drivers(), func(d network.Driver) bool { return d.Offer.Title == "" })
	slices.SortStableFunc(drivers, func(a, b network.Driver) int {
		return cmp.Or(cmp.Compare(a.Offer.Effort, b.Offer.Effort), cmp.Compare(a.Offer.Title, b.Offer.Title))
	})
	var all []web.NetworkOffer
	for _, d := range drivers {
		o := d.Offer
		all = append(all, web.NetworkOffer{Kind: d.Name, Title: o.Title, Hears: o.Hears, Needs: o.Needs, Effort: int(o.Effort),
			Keyless: o.Effort == network.NeedsNothing, Page: "docs/networks/" + d.Name + ".md"})
	}
	return all
}

// Offers implements web.Editor.
func (s *settings) Offers() []web.NetworkOffer { return offers() }

// Channels implements web.Editor.
func (s *settings) Channels() (all []string) {
	for _, d := range Channels() {
		all = append(all, d.Name)
	}
	return all
}

// Form implements web.Editor.
func (s *settings) Form(section, kind, name string) (web.SetForm, error) {
	c := s.config()
	if kind == "" {
		kind = kindOf(c, section, name)
	}
	f := web.SetForm{Section: section, Kind: kind, Name: name, Several: setup.Several(section)}
	f.BuiltIn = setup.BuiltIn(section, c)
	var err error
	if f.Fields, err = s.file.Fields(section, kind, c); err != nil {
		return f, err
	}
	if f.Values, f.Kept, f.Was, f.There, err = s.file.Entry(section, kind, name, c); err != nil {
		return f, err
	}
	switch at := c.Line(section, name); {
	case section == "routing" && c.Line(section).Line > 0 && !c.ByConsole(section):
		f.Place = placed(c.Line(section)) // a tree is one
	case !f.Several:
		f.Fixed = fixed(c, section, "", f.Fields)
		f.There = true
	case name != "" && !f.There && at.Line > 0:
		f.Place = placed(at)
	case name != "" && !f.There && !slices.Contains(namesIn(c, section), name):
		return f, &care.Error{Code: care.NotFound, Msg: "There is none of this name."}
	case name == "" && section == "sources":
		f.Values = form.Values{"name": freeName(c, kind), "settings": begin(kind)}
	case name != "" && !f.There && len(f.BuiltIn) > 0:
		f.Values = form.Values{"code": name}
	case name != "" && !f.There:
		f.Values = form.Values{"name": name}
	}
	return f, nil
}

// placed is a file and line as people say it.
func placed(at config.Place) string {
	return fmt.Sprintf("%s, line %d", filepath.Base(at.File), at.Line)
}

// Preview implements web.Editor.
func (s *settings) Preview(ch form.Change) (in web.InForce, err error) {
	err = s.file.Try(ch, func(c *config.Config) error {
		in, err = inForce(c, nil)
		return err
	})
	return in, err
}

// kindOf is the kind of an entry that is in force.
func kindOf(c *config.Config, section, name string) string {
	for _, src := range c.Sources {
		if section == "sources" && src.Name == name {
			return src.Network
		}
	}
	for _, h := range c.Channels {
		if section == "channels" && h.Name == name {
			return h.Kind
		}
	}
	return ""
}

// namesIn are the entries of a section that are there where nobody wrote one.
func namesIn(c *config.Config, section string) (names []string) {
	switch section {
	case "queues":
		for _, q := range c.Queues {
			names = append(names, q.Name)
		}
	case "policies":
		for _, p := range c.Policies {
			names = append(names, p.Name)
		}
	}
	return append(names, setup.BuiltIn(section, c)...)
}

// fixed are the places of the settings of a section that people wrote.
func fixed(c *config.Config, section, at string, fields []form.Field) map[string]string {
	places := map[string]string{}
	for _, f := range fields {
		path := at + f.Name
		more := []string{path}
		if len(fields) == 1 && f.Name == section {
			more = nil // a single value
		}
		if f.Kind == form.Group {
			maps.Copy(places, fixed(c, section, path+".", f.Fields))
			continue
		}
		if p := c.Line(section, more...); p.Line > 0 && !c.ByConsole(section, more...) {
			places[path] = placed(p)
		}
	}
	return places
}

// begin are the settings that a new source begins with.
func begin(kind string) form.Values {
	v := form.Values{}
	for _, d := range Drivers() {
		if d.Name == kind {
			for k, text := range d.Offer.Begin {
				v[k] = text
			}
		}
	}
	return v
}

// freeName is a name for a new source on a network.
func freeName(c *config.Config, kind string) string {
	name := kind
	for n := 2; slices.ContainsFunc(c.Sources, func(s config.Source) bool { return s.Name == name }); n++ {
		name = fmt.Sprintf("%s-%d", kind, n)
	}
	return name
}

// Try implements web.Editor.
func (s *settings) Try(ctx context.Context, ch form.Change) (found web.Found, err error) {
	err = s.file.Try(ch, func(c *config.Config) error {
		i := slices.IndexFunc(c.Sources, func(src config.Source) bool { return src.Name == ch.Name })
		d := slices.IndexFunc(Drivers(), func(d network.Driver) bool { return d.Name == ch.Kind })
		if ch.Section != "sources" || i < 0 || d < 0 {
			return &care.Error{Code: care.Invalid, Msg: "Only a source can be tested."}
		}
		src := c.Sources[i].Settings
		lookBack(src)
		client := network.NewClient(network.Options{UserAgent: "amends/" + s.o.Version, Inside: c.Inside, Budget: s.budget})
		a, err := Drivers()[d].Open(src, client)
		if err != nil {
			return &form.Wrong{Rest: []string{err.Error()}}
		}
		ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
		defer cancel()
		t := try(ctx, ch.Name, a)
		if t.Err != nil {
			msg, what := mend(t.Err)
			return &care.Error{Code: care.Invalid, Msg: msg, With: []any{"what", what}, Err: t.Err}
		}
		found = web.Found{Posts: t.Posts, Week: t.Week, Newest: t.Newest, PerDay: t.PerDay, Spend: t.Spend, Known: t.Known}
		return nil
	})
	return found, err
}

// lookBack lets a source that would read from now on look a week back, so that a
// test has something to tell.
func lookBack(s network.Settings) {
	v := reflect.ValueOf(s).Elem()
	for _, f := range config.FieldsOf(v.Type()) {
		if at := v.FieldByIndex(f.Index); f.Name == "back" && at.Type() == reflect.TypeFor[time.Duration]() && at.Int() == 0 {
			at.SetInt(int64(7 * 24 * time.Hour))
		}
	}
}

// mend says what went wrong when a network was asked, and what to do about it.
func mend(err error) (msg care.Phrase, what string) {
	what = err.Error()
	e, ok := errors.AsType[*network.Error](err)
	if !ok {
		return "{what}", what
	}
	if e.Err != nil {
		what = e.Err.Error()
	}
	if errors.Is(err, network.ErrNotPublic) { // we refused, and no key changes that
		return "{what}.", what
	}
	switch e.Fault {
	case network.Refused:
		return "It was refused. Are the keys whole, of the right account, and do they have the right to read? ({what})", what
	case network.Unpaid:
		return "The network wants to be paid first. ({what})", what
	case network.Limited:
		return "The network wants fewer calls: wait a few minutes and test again. ({what})", what
	case network.Gone:
		return "There is nothing there. Is it written as the network has it? ({what})", what
	case network.Malformed:
		return "It answers, but not as it should. Is this the right address? ({what})", what
	}
	return "It could not be reached. Is the address right, and can this machine reach it? ({what})", what
}

// ready builds what a change needs, and puts it in force and into the log.
func (s *settings) ready(ctx context.Context, by care.Actor) func(*config.Config) (func(setup.Did) error, error) {
	return func(c *config.Config) (func(setup.Did) error, error) {
		force, err := s.build(ctx, c)
		if err != nil {
			return nil, &form.Wrong{Rest: []string{err.Error()}}
		}
		return func(did setup.Did) error {
			// Once it is written it has to hold, whoever goes away meanwhile.
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
			defer cancel()
			_, err := s.Desk.TellSetup(ctx, by, care.SetupChanged{What: did.What, Section: did.Section, Entry: did.Name, Settings: did.Settings, Version: did.Version})
			if err != nil {
				return err
			}
			return force(ctx)
		}, nil
	}
}

// Make implements web.Editor.
func (s *settings) Make(ctx context.Context, by care.Actor, ch form.Change) error {
	s.reloading.Lock()
	defer s.reloading.Unlock()
	_, err := s.file.Make(ch, s.ready(ctx, by))
	return err
}

// PutBack implements web.Editor.
func (s *settings) PutBack(ctx context.Context, by care.Actor, version int) error {
	s.reloading.Lock()
	defer s.reloading.Unlock()
	_, err := s.file.PutBack(version, s.ready(ctx, by))
	return err
}

// History implements web.Editor.
func (s *settings) History(ctx context.Context) ([]web.SetVersion, error) {
	kept, err := s.file.Versions()
	if err != nil {
		return nil, err
	}
	var all []web.SetVersion
	for r, err := range s.Store.Stream(ctx, desk.SetupStream, 0) {
		if err != nil {
			return nil, err
		}
		rec, err := care.DecodeRecord(r.Data)
		if err != nil {
			return nil, err
		}
		for _, e := range rec.Events {
			if d, ok := e.(care.SetupChanged); ok {
				all = append(all, web.SetVersion{Version: d.Version, At: rec.At, By: rec.By, What: d.What, Section: d.Section, Name: d.Entry, Settings: d.Settings, Kept: slices.Contains(kept, d.Version)})
			}
		}
	}
	slices.Reverse(all)
	return all[:min(len(all), 100)], nil
}

// tryNotice tells a channel that it works.
func (s *serving) tryNotice(ctx context.Context, channel string) error {
	way, ok := s.running.Load().ways[channel]
	if !ok {
		return &care.Error{Code: care.NotFound, Msg: "There is no such channel."}
	}
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	err := way.Channel.Send(ctx, way.To, notify.Notice{
		Key: "test/" + channel + "/" + s.Now().UTC().Format(time.RFC3339Nano), Title: "A test from Amends", Body: "This channel works: notices of " + s.config().Brand + " arrive here.",
		Link: s.link("/setup"), Severity: notify.Note, At: s.Now(),
	}.Clean())
	if err != nil {
		msg, what := mend(err)
		return &care.Error{Code: care.Unavailable, Msg: "The test notice did not leave. {why}", With: []any{"why", care.Say(msg, "what", what)}, Err: err}
	}
	return nil
}
