package web

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/form"
)

// An Editor is what the console can set up. A change that can't be is a
// *[form.Wrong].
type Editor interface {
	// Offers are the networks that a source can be set up on, the easiest first, and
	// Channels the kinds of channels.
	Offers() []NetworkOffer
	Channels() []string
	// Form is what is asked of an entry; without a name of a new one.
	Form(section, kind, name string) (SetForm, error)
	// Try asks the network of a source once, as it would be after a change.
	Try(ctx context.Context, ch form.Change) (Found, error)
	// Preview is what would be in force after a change. Nothing is kept.
	Preview(ch form.Change) (InForce, error)
	// Make makes a change and puts it in force.
	Make(ctx context.Context, by care.Actor, ch form.Change) error
	// History tells the latest changes, the newest first, and PutBack makes all that
	// the console set up what it was in a version.
	History(ctx context.Context) ([]SetVersion, error)
	PutBack(ctx context.Context, by care.Actor, version int) error
}

// A NetworkOffer is a network that can be set up.
type NetworkOffer struct {
	Kind, Title string
	Hears       care.Phrase // what is heard there
	Needs       care.Phrase // what has to be had before
	Effort      int         // from 0, nothing
	Keyless     bool
	Page        string // that tells more
}

// A SetForm is an entry of what is set up, as a form asks for it.
type SetForm struct {
	Section string            `json:"section"`
	Kind    string            `json:"kind,omitempty" doc:"The network of a source, the kind of a channel."`
	Name    string            `json:"name,omitempty"`
	Several bool              `json:"several" doc:"The section is a list of entries with names."`
	There   bool              `json:"there" doc:"The console set it up."`
	Place   string            `json:"place,omitempty" doc:"File and line where people wrote it: then it can be changed only there."`
	Fields  []form.Field      `json:"fields"`
	Values  map[string]any    `json:"values" doc:"Without secrets."`
	Kept    []string          `json:"kept,omitempty" doc:"Paths of secrets that are there."`
	Fixed   map[string]string `json:"fixed,omitempty" doc:"Settings that people wrote, with file and line."`
	BuiltIn []string          `json:"built_in,omitempty" doc:"Entries that hold while nobody set up any: the first change writes them down too, so that none is lost."`
	Was     string            `json:"was" doc:"Version that a change of it is made of."`
}

// Found is what asking a source's network once came to.
type Found struct {
	Posts  int       `json:"posts" doc:"On the first page."`
	Week   int       `json:"week" doc:"Of those, posted in the last week."`
	Newest time.Time `json:"newest,omitzero"`
	PerDay float64   `json:"per_day,omitempty"`
	Spend  float64   `json:"spend,omitempty" doc:"What reading them would cost in a day, in US dollars."`
	Known  bool      `json:"known" doc:"There was enough to tell per_day."`
}

// A SetVersion is a change of what the console set up.
type SetVersion struct {
	Version  int        `json:"version"`
	At       time.Time  `json:"at"`
	By       care.Actor `json:"by"`
	What     string     `json:"what" enum:"added,changed,removed,put_back"`
	Section  string     `json:"section,omitempty"`
	Name     string     `json:"name,omitempty"`
	Settings []string   `json:"settings,omitempty" doc:"Those that changed, by their paths; never what they were set to."`
	Kept     bool       `json:"kept" doc:"It can be put back."`
}

func (s *Server) canSet() error {
	if s.Editor == nil {
		return &care.Error{Code: care.NotFound, Msg: "Nothing can be set up in this console: it is all in the configuration file."}
	}
	return nil
}

// notSet tells what is wrong with a change, as a problem.
func notSet(err error) error {
	w, ok := errors.AsType[*form.Wrong](err)
	if !ok {
		return err
	}
	e, rest := &care.Error{Code: care.Invalid, Err: err}, slices.Clone(w.Rest)
	for _, path := range slices.Sorted(maps.Keys(w.Fields)) {
		if e.Field == "" {
			e.Field = path
		}
		rest = append(rest, path+": "+w.Fields[path]+".")
	}
	e.Msg = care.Phrase(strings.Join(rest, " ")) // the configuration's own words
	return e
}

// An OneSet names an entry of what is set up.
type OneSet struct {
	Section string `path:"section" maxLength:"40" doc:"Of the configuration: sources, queues, macros …"`
	Name    string `path:"name" maxLength:"100" doc:"Of the entry; of a section that is no list, the section again."`
}

// entry is the name that the settings know it by.
func (o *OneSet) entry() string {
	if o.Name == o.Section {
		return ""
	}
	return o.Name
}

type setReadInput struct {
	Reading
	OneSet
	Kind string `query:"kind" maxLength:"40" doc:"Of an entry that is not there yet."`
}

type setFormOutput struct{ Body SetForm }

func (s *Server) oneSetting(ctx context.Context, in *setReadInput) (*setFormOutput, error) {
	if err := s.maySet(ctx, in.Section); err != nil {
		return nil, err
	}
	f, err := s.Editor.Form(in.Section, in.Kind, in.entry())
	if f.Fields == nil {
		f.Fields = []form.Field{}
	}
	if f.Values == nil {
		f.Values = form.Values{}
	}
	return &setFormOutput{f}, err
}

// A SetWrite is what an entry is to be.
type SetWrite struct {
	Kind   string         `json:"kind,omitempty" maxLength:"40" doc:"The network of a source, the kind of a channel."`
	Values map[string]any `json:"values" doc:"By the names of fields; a secret that is left out stays."`
	Was    string         `json:"was,omitempty" maxLength:"40" doc:"The version that this was made of: if it is another one by now, nothing is changed."`
}

type setWriteInput struct {
	OneSet
	Body SetWrite
}

func (in *setWriteInput) change() form.Change {
	ch := form.Change{Section: in.Section, Kind: in.Body.Kind, Name: in.entry(), Values: in.Body.Values, Was: in.Body.Was}
	if ch.Name != "" {
		ch.Values = maps.Clone(ch.Values)
		if ch.Values == nil {
			ch.Values = form.Values{}
		}
		ch.Values[keyOf(ch.Section)] = ch.Name
	}
	return ch
}

func (s *Server) writeSetting(ctx context.Context, in *setWriteInput) (*done, error) {
	if err := s.maySet(ctx, in.Section); err != nil {
		return nil, err
	}
	return &done{}, notSet(s.Editor.Make(ctx, askedOf(ctx).who.Actor(), in.change()))
}

type foundOutput struct{ Body Found }

func (s *Server) trySetting(ctx context.Context, in *setWriteInput) (*foundOutput, error) {
	if err := s.maySet(ctx, in.Section); err != nil {
		return nil, err
	}
	found, err := s.Editor.Try(ctx, in.change())
	return &foundOutput{found}, notSet(err)
}

func (s *Server) dropSetting(ctx context.Context, in *OneSet) (*done, error) {
	if err := s.maySet(ctx, in.Section); err != nil {
		return nil, err
	}
	f, err := s.Editor.Form(in.Section, "", in.entry())
	if err != nil {
		return nil, err
	}
	ch := form.Change{Section: in.Section, Kind: f.Kind, Name: in.entry(), Gone: true}
	return &done{}, notSet(s.Editor.Make(ctx, askedOf(ctx).who.Actor(), ch))
}

// SetHistory are changes of what is set up.
type SetHistory struct {
	Changes []SetVersion `json:"changes"`
}

type setHistoryOutput struct{ Body SetHistory }

func (s *Server) setHistory(ctx context.Context, _ *Reading) (*setHistoryOutput, error) {
	if err := s.canSet(); err != nil {
		return nil, err
	}
	all, err := s.Editor.History(ctx)
	return &setHistoryOutput{SetHistory{list(all)}}, err
}

// OneVersion names a version of what is set up.
type OneVersion struct {
	N int `path:"n" minimum:"1"`
}

func (s *Server) putBack(ctx context.Context, in *OneVersion) (*done, error) {
	if err := s.canSet(); err != nil {
		return nil, err
	}
	return &done{}, notSet(s.Editor.PutBack(ctx, askedOf(ctx).who.Actor(), in.N))
}

// OneChannel names a channel.
type OneChannel struct {
	Name string `path:"name" maxLength:"100"`
}

func (s *Server) testNotice(ctx context.Context, in *OneChannel) (*done, error) {
	if s.TryNotice == nil {
		return nil, &care.Error{Code: care.NotFound, Msg: "There is no such channel."}
	}
	return &done{}, s.TryNotice(ctx, in.Name)
}
