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
	Pairs  Kind = "pairs"  // map[string]any of strings, or of []any where each has several
	Group  Kind = "group"  // map[string]any
	Groups Kind = "groups" // []any of map[string]any
)

// A Field is one setting.
type Field struct {
	Name    string   `json:"name"`
	Kind    Kind     `json:"kind" enum:"text,long,secret,yes,words,pairs,group,groups"`
	Title   string   `json:"-"` // what people call it, if not by its name
	About   string   `json:"about,omitempty" doc:"What it is."`
	Default string   `json:"default,omitempty" doc:"What holds where it is left out."`
	BuiltIn []string `json:"built_in,omitempty" doc:"Of words: those that hold where it is left out. What is written takes the place of them all."`
	Choices []string `json:"choices,omitempty" doc:"All that it can be."`
	Known   []string `json:"known,omitempty" doc:"Some of what it can be: names that are given here."`
	Needed  bool     `json:"needed,omitempty"`
	Fields  []Field  `json:"fields,omitempty" doc:"Of a group, or of each of several."`
	Several bool     `json:"several,omitempty" doc:"Each of the pairs has several values, one a line."`
	Again   bool     `json:"again,omitempty" doc:"Of groups: each has the fields of the group that these lie in, and so on."`
}

// isBuiltIn says that words are those that hold by themselves.
func (f *Field) isBuiltIn(words []any) bool {
	return len(words) == len(f.BuiltIn) && !slices.ContainsFunc(f.BuiltIn, func(w string) bool { return !slices.Contains(words, any(w)) })
}

// Below are the fields of a group, or of each of several, that is itself one of
// these.
func (f *Field) Below(these []Field) []Field {
	if f.Again {
		return these
	}
	return f.Fields
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
	Was     string // the version of the entry that it was made of; empty: whatever it is
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

// most bounds how many groups and pairs are read of one list.
const most = 500

// Read makes values of a form that was sent. Of groups the ones that are left
// empty are left out.
func Read(fields []Field, sent url.Values) Values { return (&reader{sent: sent}).read(fields, "") }

// Draft is Read for a form that goes on being filled in: empty groups stay, so
// that [Arrange] finds each where it was shown.
func Draft(fields []Field, sent url.Values) Values {
	return (&reader{sent, true}).read(fields, "")
}

type reader struct {
	sent  url.Values
	draft bool
}

func (r *reader) read(fields []Field, at string) Values {
	v := Values{}
	for _, f := range fields {
		path := at + f.Name
		one := strings.ReplaceAll(r.sent.Get(path), "\r\n", "\n")
		switch f.Kind {
		case Yes:
			if one == "on" || one == "true" {
				v[f.Name] = true
			}
		case Words:
			if all := linesOf(r.sent[path]...); all != nil && !f.isBuiltIn(all) {
				v[f.Name] = all
			}
		case Pairs:
			if m := r.pairs(&f, path); len(m) > 0 {
				v[f.Name] = m
			}
		case Group:
			if g := r.read(f.Fields, path+"."); len(g) > 0 {
				v[f.Name] = g
			}
		case Groups:
			if all := r.groups(f.Below(fields), path); all != nil {
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

// linesOf are the lines of texts, each once: what is ticked and what is typed.
func linesOf(texts ...string) (all []any) {
	for _, text := range texts {
		for w := range strings.Lines(text) {
			if w = strings.TrimSpace(w); w != "" && !slices.Contains(all, any(w)) {
				all = append(all, w)
			}
		}
	}
	return all
}

func (r *reader) pairs(f *Field, path string) Values {
	m := Values{}
	for i := range most {
		key, text := path+"."+strconv.Itoa(i)+".key", path+"."+strconv.Itoa(i)+".text"
		if !r.sent.Has(key) {
			break
		}
		k, v := strings.TrimSpace(r.sent.Get(key)), strings.ReplaceAll(r.sent.Get(text), "\r\n", "\n")
		switch {
		case k == "" && strings.TrimSpace(v) == "":
		case f.Several:
			m[k] = linesOf(v)
		default:
			m[k] = v
		}
	}
	return m
}

func (r *reader) groups(fields []Field, path string) (all []any) {
	for i := range most {
		at := path + "." + strconv.Itoa(i) + "."
		if !r.sent.Has(at) {
			break
		}
		if g := r.read(fields, at); len(g) > 0 || r.draft {
			all = append(all, g)
		}
	}
	return all
}

func list(v any) []any {
	all, _ := v.([]any)
	return slices.Clone(all)
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
