// Package form is settings as a form asks for them: fields, and what was filled
// in. It knows neither YAML nor HTML; what fields something has, [setup] tells,
// and [web] shows them.
//
// It owns nothing and reaches nothing.
//
// [setup]: https://pkg.go.dev/github.com/amends-care/amends/internal/setup
// [web]: https://pkg.go.dev/github.com/amends-care/amends/internal/web
package form

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// A Kind is how a field is filled in.
type Kind string

// The kinds, with what [Values] hold of each.
const (
	Text   Kind = "text"   // string
	Long   Kind = "long"   // string of several lines
	Secret Kind = "secret" // string; never shown again
	Yes    Kind = "yes"    // bool
	Words  Kind = "words"  // []any of strings
	Pairs  Kind = "pairs"  // map[string]any of strings
	Group  Kind = "group"  // map[string]any
	Groups Kind = "groups" // []any of map[string]any
)

// A Field is one setting.
type Field struct {
	Name    string   `json:"name"`
	Kind    Kind     `json:"kind" enum:"text,long,secret,yes,words,pairs,group,groups"`
	About   string   `json:"about,omitempty" doc:"What it is."`
	Default string   `json:"default,omitempty" doc:"What holds where it is left out."`
	Choices []string `json:"choices,omitempty" doc:"All that it can be."`
	Known   []string `json:"known,omitempty" doc:"Some of what it can be: names that are given here."`
	Needed  bool     `json:"needed,omitempty"`
	Fields  []Field  `json:"fields,omitempty" doc:"Of a group, or of each of several."`
}

// Values are what is filled in, by the names of fields. What is not filled in is
// not there.
type Values = map[string]any

// A Change is what somebody wants to be set up.
type Change struct {
	Section string // of the configuration
	Kind    string // of a source its network, of a channel its kind
	Name    string // of an entry; empty where the section is no list
	Values  Values
	Gone    bool   // it is to be taken away
	Was     string // the version of the file that it was made of; empty: whatever it is
}

// A Wrong is a change that can't be made.
type Wrong struct {
	Fields map[string]string // what is wrong, by the path of the field
	Rest   []string          // what else
}

func (w *Wrong) Error() string {
	all := slices.Clone(w.Rest)
	for path, msg := range w.Fields {
		all = append(all, path+": "+msg)
	}
	slices.Sort(all)
	return strings.Join(all, "; ")
}

// More is how many empty groups and pairs a form offers beyond those filled in.
const More = 2

// most bounds how many groups and pairs are read.
const most = 200

// Read makes values of a form that was sent. Of groups the ones that are left
// empty are left out.
func Read(fields []Field, sent url.Values) Values { return read(fields, "", sent) }

func read(fields []Field, at string, sent url.Values) Values {
	v := Values{}
	for _, f := range fields {
		path := at + f.Name
		one := strings.ReplaceAll(sent.Get(path), "\r\n", "\n")
		switch f.Kind {
		case Yes:
			if one == "on" || one == "true" {
				v[f.Name] = true
			}
		case Words:
			var all []any
			for w := range strings.SplitSeq(one, "\n") {
				if w = strings.TrimSpace(w); w != "" {
					all = append(all, w)
				}
			}
			if all != nil {
				v[f.Name] = all
			}
		case Pairs:
			if m := readPairs(path, sent); len(m) > 0 {
				v[f.Name] = m
			}
		case Group:
			if g := read(f.Fields, path+".", sent); len(g) > 0 {
				v[f.Name] = g
			}
		case Groups:
			if all := readGroups(&f, path, sent); all != nil {
				v[f.Name] = all
			}
		case Long:
			if strings.TrimSpace(one) != "" {
				v[f.Name] = one
			}
		default:
			if one = strings.TrimSpace(one); one != "" {
				v[f.Name] = one
			}
		}
	}
	return v
}

func readPairs(path string, sent url.Values) Values {
	m := Values{}
	for i := range most {
		key, text := path+"."+strconv.Itoa(i)+".key", path+"."+strconv.Itoa(i)+".text"
		if !sent.Has(key) {
			break
		}
		k, v := strings.TrimSpace(sent.Get(key)), strings.ReplaceAll(sent.Get(text), "\r\n", "\n")
		if k != "" || strings.TrimSpace(v) != "" {
			m[k] = v
		}
	}
	return m
}

func readGroups(f *Field, path string, sent url.Values) (all []any) {
	for i := range most {
		at := path + "." + strconv.Itoa(i) + "."
		if !sent.Has(at) {
			break
		}
		if g := read(f.Fields, at, sent); len(g) > 0 {
			all = append(all, g)
		}
	}
	return all
}

// An Asked is a field as it is shown: with its address in the form, what is
// filled in and what is wrong with that.
type Asked struct {
	Field
	Path  string // its name in the form
	Value string // text of its own, or lines of it
	On    bool   // of a yes
	Kept  bool   // a secret is there already
	Fixed string // file and line where people wrote it; then it can't be changed here
	Wrong string
	Rows  [][]Asked // of groups, of pairs (key and text), and the one of a group
}

// ID is the path as an element of a page can have it.
func (a *Asked) ID() string { return "f-" + strings.ReplaceAll(a.Path, ".", "-") }

// State is what is known of a form besides its values.
type State struct {
	Kept  []string          // secrets that are there, by their paths
	Fixed map[string]string // place of what people wrote, by its path
	Wrong map[string]string // by path, as a[0].b
}

// Ask lays a form out.
func Ask(fields []Field, v Values, s State) []Asked { return ask(fields, "", v, &s) }

func ask(fields []Field, at string, v Values, s *State) []Asked {
	var all []Asked
	for _, f := range fields {
		a := Asked{Field: f, Path: at + f.Name}
		a.Kept, a.Fixed, a.Wrong = slices.Contains(s.Kept, a.Path), s.Fixed[a.Path], s.Wrong[a.Path]
		switch got := v[f.Name]; f.Kind {
		case Yes:
			a.On = plain(got) == "true"
		case Secret: // stays where it is
		case Words:
			var lines []string
			for _, w := range list(got) {
				lines = append(lines, plain(w))
			}
			a.Value = strings.Join(lines, "\n")
		case Pairs:
			m, _ := got.(Values)
			for i, k := range append(sorted(m), make([]string, More)...) {
				row := fmt.Sprintf("%s.%d.", a.Path, i)
				a.Rows = append(a.Rows, []Asked{
					{Field: Field{Name: "key", Kind: Text}, Path: row + "key", Value: k},
					{Field: Field{Name: "text", Kind: Long}, Path: row + "text", Value: plain(m[k]), Wrong: s.Wrong[a.Path+"."+k]},
				})
			}
		case Group:
			m, _ := got.(Values)
			a.Rows = [][]Asked{ask(f.Fields, a.Path+".", m, s)}
		case Groups:
			for i, g := range append(list(got), make([]any, More)...) {
				m, _ := g.(Values)
				a.Rows = append(a.Rows, ask(f.Fields, fmt.Sprintf("%s.%d.", a.Path, i), m, s))
				if w := s.Wrong[fmt.Sprintf("%s.%d", a.Path, i)]; w != "" && a.Wrong == "" {
					a.Wrong = w
				}
			}
		default:
			a.Value = plain(got)
		}
		all = append(all, a)
	}
	return all
}

func list(v any) []any {
	all, _ := v.([]any)
	return slices.Clone(all)
}

func sorted(m Values) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// plain is a single value as it is typed.
func plain(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return fmt.Sprint(v)
}
