package setup

import (
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"time"

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

// typeOf is what an entry of a section is, and whether it is one of several.
func typeOf(section string) (t reflect.Type, several, ok bool) {
	if !slices.Contains(config.Editable(), section) {
		return nil, false, false
	}
	for _, f := range config.FieldsOf(reflect.TypeFor[config.Config]()) {
		if f.Name == section {
			if f.Type.Kind() == reflect.Slice {
				return f.Type.Elem(), true, true
			}
			return f.Type, false, true
		}
	}
	return nil, false, false
}

// Several says whether a section is a list of entries with names.
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
	if several {
		words = words.Items
	}
	m := maker{known: known(c)}
	if by := kindOf(section); by != "" {
		settings, its := f.settings(section, kind), words.of(by, kind)
		if settings == nil {
			return nil, absent("There is no such kind: choose one of the list.")
		}
		m.settings = &form.Field{Name: "settings", Kind: form.Group, Fields: m.fields(reflect.TypeOf(settings).Elem(), its)}
		m.leave = by
	}
	return m.fields(t, words), nil
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
	known    map[string][]string
	settings *form.Field // in place of a driver's own
	leave    string      // a setting that is not asked for
}

func (m *maker) fields(t reflect.Type, words *schema) (all []form.Field) {
	for _, s := range config.FieldsOf(t) {
		if s.Name == m.leave {
			continue
		}
		said := words.below(s.Name)
		f, ok := m.field(&s, said)
		if !ok {
			continue // it is written in a way that no form has
		}
		if said != nil && f.Kind != form.Group {
			f.About = said.Description
			if said.Default != nil {
				f.Default = fmt.Sprint(said.Default)
			}
			for _, e := range said.Enum {
				f.Choices = append(f.Choices, fmt.Sprint(e))
			}
		} else if said != nil {
			f.About = said.Description
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
	case reflect.PointerTo(t).Implements(reflect.TypeFor[interface{ UnmarshalYAML(func(any) error) error }]()):
		return form.Field{}, false
	}
	switch t.Kind() {
	case reflect.Bool:
		return form.Field{Kind: form.Yes}, true
	case reflect.Slice:
		if written(t.Elem()) {
			return form.Field{Kind: form.Words}, true
		}
		if t.Elem().Kind() == reflect.Struct && said != nil {
			return form.Field{Kind: form.Groups, Fields: m.fields(t.Elem(), said.Items)}, true
		}
	case reflect.Map:
		return form.Field{Kind: form.Pairs}, t.Elem().Kind() == reflect.String
	case reflect.Pointer:
		t = t.Elem()
		fallthrough
	case reflect.Struct:
		return form.Field{Kind: form.Group, Fields: m.fields(t, said)}, t.Kind() == reflect.Struct
	}
	return form.Field{}, false
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
func known(c *config.Config) map[string][]string {
	names := map[string][]string{}
	add := func(name string, fields ...string) {
		for _, f := range fields {
			names[f] = append(names[f], name)
		}
	}
	for _, q := range c.Queues {
		add(q.Name, "queue", "queues")
	}
	for _, e := range c.Escalations {
		add(e.Name, "escalation")
	}
	for _, a := range c.Acknowledgements {
		add(a.Name, "away")
	}
	for _, t := range c.Calendars {
		add(t.Name, "calendar", "hours")
	}
	for _, h := range c.Channels {
		add(h.Name, "notify")
	}
	for _, s := range c.Sources {
		add(s.Name, "answer_as")
	}
	return names
}

func absent(msg string) error { return &care.Error{Code: care.NotFound, Msg: msg} }
