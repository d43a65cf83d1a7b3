package form

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// More is how many empty pairs a form offers beyond those filled in.
const More = 2

// An Asked is a field as it is shown: with its address in the form, what is
// filled in and what is wrong with that.
type Asked struct {
	Field
	Path  string // its name in the form
	Value string // text of its own, or lines of it
	On    bool   // of a yes
	Kept  bool   // a secret is there already
	Held  bool   // a secret was given and is not saved yet
	Fixed string // file and line where people wrote it; then it can't be changed here
	Wrong string
	Ticks []Tick // of words of which some are known
	Rows  []Row  // of groups, of pairs (key and text), and the one of a group
}

// A Tick is a word that can be chosen.
type Tick struct {
	Word string
	On   bool
}

// A Row is a group as it is shown.
type Row struct {
	Path   string
	Title  string // what is filled in, in short
	Fields []Asked
	Wrong  string
	Open   bool // somebody has to see what is in it
	Last   bool
}

// Lines are as many as what is filled in has, within reason, and one more to go on.
func (a Asked) Lines() int {
	least := 3
	if a.Kind == Words {
		least = 2
	}
	return min(max(strings.Count(a.Value, "\n")+2, least), 10)
}

// ID is the path as an element of a page can have it.
func (a Asked) ID() string { return ID(a.Path) }

// ID is that of a row.
func (r Row) ID() string { return ID(r.Path) }

// ID is a path as an element of a page can have it.
func ID(path string) string { return "f-" + strings.ReplaceAll(path, ".", "-") }

// Long says that a row is folded: it has more than the eye takes in at once.
func (a Asked) Long() bool { return a.Again || len(a.Fields) > 4 }

// Short says that the texts of pairs are a few words each.
func (a Asked) Short() bool { return a.Several || len(a.Choices) > 0 || a.Name == "week" }

// State is what is known of a form besides its values.
type State struct {
	Kept  []string            // secrets that are there, by their paths
	Held  []string            // those that were given and are not saved yet
	Fixed map[string]string   // place of what people wrote, by its path
	Wrong map[string]string   // by path, as a.0.b
	At    string              // the row or list that was arranged just now: it is open
	Blank map[string]int      // empty pairs beyond those that are always offered
	Say   func(string) string // what people call a choice; nil: as it is written
}

// Ask lays a form out.
func Ask(fields []Field, v Values, s State) []Asked {
	asked, _ := s.ask(fields, "", v)
	return asked
}

// ask also tells whether somebody has to see what is in it.
func (s *State) ask(fields []Field, at string, v Values) (all []Asked, see bool) {
	for _, f := range fields {
		a := Asked{Field: f, Path: at + f.Name}
		a.Kept, a.Fixed, a.Wrong = slices.Contains(s.Kept, a.Path), s.Fixed[a.Path], s.Wrong[a.Path]
		a.Held = slices.Contains(s.Held, a.Path)
		see = see || a.Wrong != ""
		switch got := v[f.Name]; f.Kind {
		case Yes:
			a.On = plain(got) == "true"
		case Secret: // stays where it is
		case Words:
			words := list(got)
			for _, w := range f.BuiltIn {
				if got == nil && a.Fixed == "" {
					words = append(words, w)
				}
			}
			a.Value = joinedLines(words)
			a.tick(words)
		case Pairs:
			s.pairs(&a, got)
		case Group:
			m, _ := got.(Values)
			below, open := s.ask(f.Fields, a.Path+".", m)
			a.Rows, see = []Row{{Path: a.Path, Fields: below, Open: open}}, see || open
		case Groups:
			a.Fields = f.Below(fields)
			see = s.rows(&a, list(got)) || see
		default:
			a.Value = plain(got)
		}
		all = append(all, a)
	}
	return all, see
}

// rows are the groups that there are, or an empty one to begin with.
func (s *State) rows(a *Asked, groups []any) (see bool) {
	empty := len(groups) == 0
	if empty && !a.Again && s.At != a.Path {
		groups = []any{Values{}}
	}
	for i, g := range groups {
		m, _ := g.(Values)
		r := Row{Path: fmt.Sprintf("%s.%d", a.Path, i), Last: i == len(groups)-1}
		var open bool
		r.Fields, open = s.ask(a.Fields, r.Path+".", m)
		r.Title, r.Wrong = clipped(s.told(a.Fields, m)), s.Wrong[r.Path]
		r.Open = open || r.Wrong != "" || s.At == r.Path || strings.HasPrefix(s.At, r.Path+".") || len(m) == 0
		see = see || open || r.Wrong != "" || s.At == r.Path
		a.Rows = append(a.Rows, r)
	}
	return see
}

func (s *State) pairs(a *Asked, got any) {
	m, _ := got.(Values)
	keys := append(slices.Sorted(maps.Keys(m)), make([]string, More+s.Blank[a.Path])...)
	for i, k := range keys {
		row := fmt.Sprintf("%s.%d", a.Path, i)
		wrong := ""
		if k != "" || m[k] != nil {
			wrong = s.Wrong[a.Path+"."+k]
		}
		a.Rows = append(a.Rows, Row{Path: row, Title: k, Last: i == len(keys)-1, Fields: []Asked{
			{Field: Field{Name: "key", Kind: Text, Known: a.Known, Choices: a.Choices}, Path: row + ".key", Value: k},
			{Field: Field{Name: "text", Kind: Long}, Path: row + ".text", Value: typed(m[k]), Wrong: wrong},
		}})
	}
}

// tick offers the words that are known, and those that are there besides.
func (a *Asked) tick(got []any) {
	words := slices.Concat(a.Choices, a.Known)
	if len(words) == 0 || len(words) > 60 {
		return
	}
	for _, g := range got {
		words = append(words, plain(g))
	}
	for i, w := range words {
		if !slices.Contains(words[:i], w) {
			a.Ticks = append(a.Ticks, Tick{w, slices.ContainsFunc(got, func(g any) bool { return plain(g) == w })})
		}
	}
}

// typed is a text, or several one a line.
func typed(v any) string {
	if _, several := v.([]any); several {
		return joinedLines(v)
	}
	return plain(v)
}

func joinedLines(v any) string {
	var lines []string
	for _, w := range list(v) {
		lines = append(lines, plain(w))
	}
	return strings.Join(lines, "\n")
}

// told says in short what is filled in: what has a name by that.
func (s *State) told(fields []Field, v Values) string {
	if name, ok := v["name"].(string); ok {
		return name
	}
	var parts []string
	for _, f := range fields {
		name := cmp.Or(f.Title, strings.ReplaceAll(f.Name, "_", " "))
		switch got := v[f.Name]; f.Kind {
		case Yes:
			if plain(got) == "true" {
				parts = append(parts, name)
			}
		case Words:
			var all []string
			for _, w := range list(got) {
				all = append(all, s.say(&f, plain(w)))
			}
			if all != nil {
				parts = append(parts, name+": "+strings.Join(all, ", "))
			}
		case Group:
			m, _ := got.(Values)
			parts = append(parts, s.told(f.Fields, m))
		case Pairs:
			m, _ := got.(Values)
			for _, k := range slices.Sorted(maps.Keys(m)) {
				parts = append(parts, k+": "+strings.ReplaceAll(typed(m[k]), "\n", ", "))
			}
		case Text:
			if one := plain(got); one != "" {
				parts = append(parts, name+": "+s.say(&f, one))
			}
		}
	}
	return strings.Join(slices.DeleteFunc(parts, func(p string) bool { return p == "" }), " · ")
}

// say is a value as people call it, where it is one of few.
func (s *State) say(f *Field, v string) string {
	if s.Say == nil || !slices.Contains(f.Choices, v) {
		return v
	}
	return s.Say(v)
}

func clipped(text string) string {
	const most = 100
	n := 0
	for i := range text {
		if n++; n > most {
			return text[:i] + "…"
		}
	}
	return text
}
