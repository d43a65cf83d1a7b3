package web

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/amends-care/amends/internal/form"
	"github.com/amends-care/amends/internal/web/tongue"
)

// put is a [Say]: what a table of what is set up says in English, in the
// language of the page. A code is said as it is said elsewhere.
func (t teller) put(english string, pairs ...any) string {
	if key := "phrase." + english; t.Has(key) {
		return t.Say(key, pairs...)
	}
	return t.Code(english)
}

// help is what explains a setting: a whole sentence, whatever it was in the schema.
func (t teller) help(english string) string {
	if english == "" {
		return ""
	}
	if key := "phrase." + english; t.Has(key) {
		english = t.Say(key)
	}
	if strings.HasSuffix(english, ".") {
		return english
	}
	return tongue.Capital(english) + "."
}

// section is what people call a part of the configuration that is set up.
func (t teller) section(name string) string {
	if key := "section." + name; t.Has(key) {
		return t.Say(key)
	}
	return t.title(name)
}

// node is a node of the routing tree by its name; the root has ours.
func (t teller) node(name string) string {
	if name == "everything" {
		return t.put(name)
	}
	return clean(name)
}

// condition is what a route asks of a mention.
func (t teller) condition(key string) string {
	return t.setting("routing", "tree", "routes", "when", key)
}

// setting is what people call a setting: what it is called at this place, or else
// what settings of its name are called. at is its section, its kind and its path.
func (t teller) setting(at ...string) string {
	if key, ok := t.Nearest("label", at...); ok {
		return t.Say(key)
	}
	return t.title(at[len(at)-1])
}

// labelled are fields with their names and explanations in a language.
func (t teller) labelled(fields []form.Field, at ...string) []form.Field {
	out := slices.Clone(fields)
	for i := range out {
		f := &out[i]
		path := append(slices.Clone(at), f.Name)
		f.Title, f.About, f.Fields = t.setting(path...), t.help(f.About), t.labelled(f.Fields, path...)
	}
	return out
}

// settingName is a setting by its path, as steps.0.when, in words.
func (t teller) settingName(fields []form.Field, path string) string {
	var names []string
	these := fields
	for part := range strings.SplitSeq(path, ".") {
		i := slices.IndexFunc(these, func(f form.Field) bool { return f.Name == part })
		if i < 0 {
			if n, err := strconv.Atoi(part); err == nil {
				part = strconv.Itoa(n + 1)
			}
			names = append(names, part)
			continue
		}
		names, these = append(names, these[i].Title), these[i].Below(these)
	}
	return strings.Join(names, " ")
}

// wall is an instant as the clock of its zone shows it.
func (t teller) wall(at time.Time) string {
	day := strings.Fields(t.Say("sla.weekdays"))[at.Weekday()]
	return t.Say("try.wall", "day", day, "date", t.Date(at), "time", at.Format("15:04"))
}

// choice is what people call one of the words that a setting can be.
func (t teller) choice(code string) string { return t.put(code) }
