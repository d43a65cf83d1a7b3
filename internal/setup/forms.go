package setup

import (
	"cmp"
	"encoding"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/amends-care/amends/classifiers/topic"
	"github.com/amends-care/amends/configs"
	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/config"
	"github.com/amends-care/amends/internal/form"
	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/notify"
)

// A schema is what configs/schema.json says of a setting, as far as forms ask.
type schema struct {
	Description string             `json:"description"`
	Default     any                `json:"default"`
	Enum        []any              `json:"enum"`
	Const       any                `json:"const"`
	Required    []string           `json:"required"`
	Properties  map[string]*schema `json:"properties"`
	Items       *schema            `json:"items"`
	OneOf       []*schema          `json:"oneOf"`
	AnyOf       []*schema          `json:"anyOf"`
	AllOf       []*schema          `json:"allOf"`
	Ref         string             `json:"$ref"`
	Definitions map[string]*schema `json:"definitions"`
}

// choices are all that a setting can be, also where it can be written in several
// ways; nil: there is no such list.
func (s *schema) choices() (all []string) {
	for _, one := range append([]*schema{s, s.Items}, s.AnyOf...) {
		if one == nil {
			continue
		}
		for _, e := range one.Enum {
			if text, ok := e.(string); ok && !slices.Contains(all, text) {
				all = append(all, text)
			}
		}
	}
	return all
}

// meant is what a schema says that refers to another.
func (s *schema) meant(root *schema) *schema {
	if s == nil || len(s.AllOf) != 1 {
		return s
	}
	if there := root.Definitions[strings.TrimPrefix(s.AllOf[0].Ref, "#/definitions/")]; there != nil {
		about := *there
		about.Description = cmp.Or(s.Description, there.Description)
		return &about
	}
	return s
}

// Forms tell which fields something has: from the structs that it is read into,
// in the words of the schema.
type Forms struct {
	kinds config.Kinds
	words *schema
}

// NewForms reads the schema.
func NewForms(kinds config.Kinds) (*Forms, error) {
	words := &schema{}
	if err := json.Unmarshal(configs.Schema, words); err != nil {
		return nil, fmt.Errorf("schema of the configuration: %w", err)
	}
	return &Forms{kinds, words}, nil
}

// kindOf is the setting of a section's entries that says which settings they
// have; "" where all have the same.
func kindOf(section string) string {
	return map[string]string{"sources": "network", "channels": "kind"}[section]
}

// keyOf is the setting that names an entry of a section.
func keyOf(section string) string {
	if section == "dispositions" {
		return "code"
	}
	return "name"
}

// holds is the field that an entry of a section has besides its name, where the
// section is settings by free names; "" where it is not.
func holds(section string) string {
	return map[string]string{"lists": "authors", "fallbacks": "texts"}[section]
}

// typeOf is what an entry of a section is, and whether it is one of several.
func typeOf(section string) (t reflect.Type, several, ok bool) {
	if !slices.Contains(config.Editable(), section) {
		return nil, false, false
	}
	for _, f := range config.FieldsOf(reflect.TypeFor[config.Config]()) {
		if f.Name == section {
			if k := f.Type.Kind(); k == reflect.Slice || k == reflect.Map {
				return f.Type.Elem(), true, true
			}
			return f.Type, false, true
		}
	}
	return nil, false, false
}

// Several says whether a section is entries with names.
func Several(section string) bool {
	_, several, _ := typeOf(section)
	return several
}

// Fields are those of an entry of a section, of one kind where it has kinds. c is
// what is in force: names in it are known to fields that ask for one.
func (f *Forms) Fields(section, kind string, c *config.Config) ([]form.Field, error) {
	t, several, ok := typeOf(section)
	if !ok {
		return nil, absent("There is nothing of that kind to set up here.")
	}
	words := f.words.Properties[section]
	if t.Kind() == reflect.String {
		return []form.Field{{Name: section, Kind: form.Text, About: words.Description, Needed: true}}, nil
	}
	m := maker{known: f.known(section, c), builtIn: config.BuiltIn(section), root: f.words, leave: []string{"ical"}} // a file of this machine
	if one := holds(section); one != "" {
		return m.named(section, one, t, words), nil
	}
	if several {
		words = words.Items
	}
	if by := kindOf(section); by != "" {
		settings, its := f.settings(section, kind), words.of(by, kind)
		if settings == nil {
			return nil, absent("There is no such kind: choose one of the list.")
		}
		m.settings = &form.Field{Name: "settings", Kind: form.Group, Fields: m.fields(reflect.TypeOf(settings).Elem(), its)}
		m.leave = append(m.leave, by)
	}
	fields := m.fields(t, words)
	if section == "routing" {
		rootOf(&fields[0])
	}
	return fields, nil
}

// named are the fields of what a section holds by a free name.
func (m *maker) named(section, one string, t reflect.Type, words *schema) []form.Field {
	f := form.Field{Name: one, Kind: form.Words, Needed: true, About: words.Description}
	if t.Kind() == reflect.Map {
		f.Kind = form.Pairs
	}
	about := "What routing and reports call it, such as vip, press, staff; do-not-contact is never written to."
	if section == "fallbacks" {
		about = "The language, such as en or pt-br."
	}
	return []form.Field{{Name: "name", Kind: form.Text, Needed: true, About: about}, f}
}

// rootOf makes a node the root of a tree: it takes whatever nothing else matches,
// so it has no conditions; those below it do.
func rootOf(tree *form.Field) {
	all := tree.Fields
	tree.Fields = nil
	for _, f := range all {
		switch f.Name {
		case "name", "when":
			continue
		case "routes":
			f.Again, f.Fields = false, all
		}
		tree.Fields = append(tree.Fields, f)
	}
}

// settings are fresh ones of a driver that the console may use; nil: there is none.
func (f *Forms) settings(section, kind string) network.Settings {
	if section == "sources" {
		i := slices.IndexFunc(f.kinds.Networks, func(d network.Driver) bool { return d.Name == kind && d.Offer.Title != "" })
		if i < 0 {
			return nil
		}
		return f.kinds.Networks[i].Settings()
	}
	i := slices.IndexFunc(f.kinds.Channels, func(d notify.Driver) bool { return d.Name == kind })
	if i < 0 {
		return nil
	}
	return f.kinds.Channels[i].Settings()
}

// of is the schema of the settings of one kind.
func (s *schema) of(by, kind string) *schema {
	for _, one := range s.OneOf {
		if p := one.Properties[by]; p != nil && p.Const == any(kind) {
			return one.Properties["settings"]
		}
	}
	return nil
}

func (s *schema) below(name string) *schema {
	if s == nil {
		return nil
	}
	return s.Properties[name]
}

// A maker makes fields of types.
type maker struct {
	root     *schema
	known    map[string][]string
	builtIn  map[string][]string // of the section
	settings *form.Field         // in place of a driver's own
	leave    []string            // settings that are not asked for
	inside   []reflect.Type      // that are being made
}

func (m *maker) fields(t reflect.Type, words *schema) (all []form.Field) {
	m.inside = append(m.inside, t)
	defer func() { m.inside = m.inside[:len(m.inside)-1] }()
	words = words.meant(m.root)
	for _, s := range config.FieldsOf(t) {
		if slices.Contains(m.leave, s.Name) {
			continue
		}
		said := words.below(s.Name).meant(m.root)
		f, ok := m.field(&s, said)
		if !ok {
			continue // it is written in a way that no form has
		}
		if said != nil {
			f.About = said.Description
		}
		if said != nil && f.Kind != form.Group {
			if said.Default != nil {
				f.Default = fmt.Sprint(said.Default)
			}
			f.Choices = append(f.Choices, said.choices()...)
		}
		if len(m.inside) == 1 {
			f.BuiltIn = m.builtIn[s.Name]
		}
		f.Name, f.Known = s.Name, m.known[s.Name]
		f.Needed = words != nil && slices.Contains(words.Required, s.Name)
		all = append(all, f)
	}
	return all
}

func (m *maker) field(s *config.Field, said *schema) (form.Field, bool) {
	t := s.Type
	switch {
	case s.Secret:
		return form.Field{Kind: form.Secret}, true
	case t == reflect.TypeFor[network.Settings]():
		return *m.settings, true
	case written(t):
		return form.Field{Kind: form.Text}, true
	case t.Kind() == reflect.Slice && written(t.Elem()):
		return form.Field{Kind: form.Words}, true
	case t.Kind() == reflect.Map:
		return m.pairs(t, said)
	case reflect.PointerTo(t).Implements(reflect.TypeFor[interface{ UnmarshalYAML(func(any) error) error }]()):
		return form.Field{}, false
	}
	switch t.Kind() {
	case reflect.Bool:
		return form.Field{Kind: form.Yes}, true
	case reflect.Slice:
		switch {
		case slices.Contains(m.inside, t.Elem()):
			return form.Field{Kind: form.Groups, Again: true}, true
		case t.Elem().Kind() == reflect.Struct && said != nil:
			return form.Field{Kind: form.Groups, Fields: m.fields(t.Elem(), said.Items)}, true
		}
	case reflect.Pointer:
		if written(t.Elem()) {
			return form.Field{Kind: form.Text}, true
		}
		t = t.Elem()
		fallthrough
	case reflect.Struct:
		return form.Field{Kind: form.Group, Fields: m.fields(t, said)}, t.Kind() == reflect.Struct
	}
	return form.Field{}, false
}

// pairs are settings by free names, each with one text or with several.
func (m *maker) pairs(t reflect.Type, said *schema) (form.Field, bool) {
	f := form.Field{Kind: form.Pairs, Several: t.Elem().Kind() == reflect.Slice && !written(t.Elem())}
	if said != nil {
		f.Choices = slices.Sorted(maps.Keys(said.Properties))
	}
	return f, written(t.Elem()) || f.Several && written(t.Elem().Elem())
}

// written says that a value of this type is written as one text.
func written(t reflect.Type) bool {
	if t == reflect.TypeFor[time.Duration]() || t == reflect.TypeFor[time.Time]() || reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]()) {
		return true
	}
	switch t.Kind() {
	case reflect.String, reflect.Int, reflect.Int64, reflect.Uint16, reflect.Uint64, reflect.Float64:
		return true
	}
	return false
}

// known are names that fields may ask for.
func (f *Forms) known(section string, c *config.Config) map[string][]string {
	names := map[string][]string{}
	add := func(name string, fields ...string) {
		for _, f := range fields {
			if !slices.Contains(names[f], name) {
				names[f] = append(names[f], name)
			}
		}
	}
	for _, q := range c.Queues {
		add(q.Name, "queue", "queues", "want")
	}
	for _, p := range c.Policies {
		add(p.Name, "policy")
	}
	for _, e := range c.Escalations {
		add(e.Name, "escalation")
	}
	for _, a := range c.Acknowledgements {
		add(a.Name, "away")
	}
	for _, t := range c.Calendars {
		add(t.Name, "calendar", "hours", "during", "outside", "shift")
	}
	for _, h := range c.Channels {
		add(h.Name, "notify", "channels")
	}
	add(c.Brand, "brand")
	for _, s := range c.Sources {
		add(s.Name, "answer_as")
		add(s.Network, "network")
		add(s.Brand, "brand")
	}
	for _, name := range slices.Sorted(maps.Keys(c.Lists)) {
		add(name, "lists")
	}
	topics := c.Classifier.Topics
	if topics == nil {
		topics = topic.Default()
	}
	for _, e := range topics {
		add(string(e.Name), "topic", "topics", "skills")
	}
	for _, r := range c.OnCall {
		add(r.Name, "assign")
	}
	for _, p := range c.People {
		add(p.Name, "assign")
	}
	// These are called alike and are something else.
	switch section {
	case "calendars":
		delete(names, "hours")
	case "cases":
		delete(names, "outside")
	}
	names["figure"] = slices.Sorted(maps.Keys(f.kinds.Figures))
	return names
}

func absent(msg care.Phrase) error { return &care.Error{Code: care.NotFound, Msg: msg} }
