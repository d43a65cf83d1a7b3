package route

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/sla"
)

// OneOf is a list of values of which one must apply. In YAML a single value
// needs no list.
type OneOf []string

// UnmarshalYAML takes a list or a single value.
func (o *OneOf) UnmarshalYAML(decode func(any) error) error {
	var list []string
	err := decode(&list)
	if err == nil {
		*o = list
		return nil
	}
	var one string
	if decode(&one) != nil {
		return err
	}
	*o = OneOf{one}
	return nil
}

// A Match is the conditions of a node. All that are given must hold; a label
// that is not known fails every condition on it. The empty Match holds always.
type Match struct {
	Network  OneOf `yaml:"network" json:"network,omitempty"`
	Language OneOf `yaml:"language" json:"language,omitempty"` // pt holds for pt-br too
	Topic    OneOf `yaml:"topic" json:"topic,omitempty"`
	Severity OneOf `yaml:"severity" json:"severity,omitempty"`
	Mood     OneOf `yaml:"mood" json:"mood,omitempty"`
	Urgency  OneOf `yaml:"urgency" json:"urgency,omitempty"` // holds if the mention has one of them
	Lists    OneOf `yaml:"lists" json:"lists,omitempty"`     // holds if the author is on one of them
	Brand    OneOf `yaml:"brand" json:"brand,omitempty"`
	MinReach int   `yaml:"min_reach" json:"min_reach,omitempty"` // followers of the author, at least
	// During and Outside name a calendar: posted in its hours, or not.
	During  string `yaml:"during" json:"during,omitempty"`
	Outside string `yaml:"outside" json:"outside,omitempty"`
}

// A condition is one list of a Match, under the key of its label.
type condition struct {
	key    string
	values *OneOf
}

// conditions lists the lists of a Match.
func (m *Match) conditions() [8]condition {
	return [...]condition{
		{"network", &m.Network},
		{"language", &m.Language},
		{"topic", &m.Topic},
		{"severity", &m.Severity},
		{"mood", &m.Mood},
		{"urgency", &m.Urgency},
		{"lists", &m.Lists},
		{"brand", &m.Brand},
	}
}

// empty reports whether m holds always.
func (m *Match) empty() bool {
	for _, c := range m.conditions() {
		if *c.values != nil {
			return false
		}
	}
	return m.MinReach == 0 && m.During == "" && m.Outside == ""
}

// String is the conditions in short: network=x,bluesky severity=high.
func (m Match) String() string {
	var parts []string
	for _, c := range m.conditions() {
		if len(*c.values) > 0 {
			parts = append(parts, c.key+"="+strings.Join(*c.values, ","))
		}
	}
	if m.MinReach > 0 {
		parts = append(parts, "min_reach="+strconv.Itoa(m.MinReach))
	}
	if m.During != "" {
		parts = append(parts, "during="+m.During)
	}
	if m.Outside != "" {
		parts = append(parts, "outside="+m.Outside)
	}
	return clip(cmp.Or(strings.Join(parts, " "), "always"))
}

// normal is the one form of a Match: values in order, none twice.
func (m Match) normal() Match {
	for _, c := range m.conditions() {
		var out OneOf
		for _, v := range *c.values {
			out = append(out, normalValue(c.key, v))
		}
		slices.Sort(out)
		*c.values = slices.Compact(out)
	}
	return m
}

// check adds what is wrong with the conditions.
func (m *Match) check(c *checker, path []string, field string) {
	for _, cond := range m.conditions() {
		at := field + "." + cond.key
		if *cond.values != nil && len(*cond.values) == 0 {
			c.add(path, at, "is an empty list, which nothing matches: give a value, or leave it out")
		}
		if len(*cond.values) > maxValues {
			c.add(path, at, "has more than %d values: split it, or use an author list", maxValues)
			continue
		}
		for _, v := range *cond.values {
			if err := checkValue(cond.key, normalValue(cond.key, v)); err != nil {
				c.add(path, at, "%v", err)
			}
		}
	}
	if m.MinReach < 0 {
		c.add(path, field+".min_reach", "%d is negative: write the least number of followers", m.MinReach)
	}
	if m.During != "" && m.During == m.Outside {
		c.add(path, field+".outside", "is the calendar of during too, so nothing matches: leave one out")
	}
	c.exists(path, field+".during", m.During, "calendar")
	c.exists(path, field+".outside", m.Outside, "calendar")
}

// covers reports whether m holds wherever other does, both in normal form. It
// never says so wrongly, but does not find every case.
func (m *Match) covers(other *Match) bool {
	theirs := other.conditions()
	for i, mine := range m.conditions() {
		if len(*mine.values) == 0 {
			continue
		}
		holds := func(v string) bool { return slices.Contains(*mine.values, v) }
		if mine.key == "language" {
			holds = func(v string) bool { return speaks(*mine.values, v) }
		}
		values := *theirs[i].values
		if len(values) == 0 || slices.ContainsFunc(values, func(v string) bool { return !holds(v) }) {
			return false
		}
	}
	return m.MinReach <= other.MinReach &&
		(m.During == "" || m.During == other.During) &&
		(m.Outside == "" || m.Outside == other.Outside)
}

// A match is a Match ready to decide.
type match struct {
	Match
	during, outside *sla.Calendar
}

func (m Match) compile(calendars map[string]*sla.Calendar) match {
	return match{m, calendars[m.During], calendars[m.Outside]}
}

// fails names the first condition that does not hold; empty if all do.
func (m *match) fails(l *care.Labels) string {
	switch {
	case len(m.Network) > 0 && !slices.Contains(m.Network, l.Network):
		return "network"
	case len(m.Language) > 0 && !speaks(m.Language, l.Language):
		return "language"
	case len(m.Topic) > 0 && !slices.Contains(m.Topic, l.Topic):
		return "topic"
	case len(m.Severity) > 0 && !slices.Contains(m.Severity, string(l.Severity)):
		return "severity"
	case len(m.Mood) > 0 && !slices.Contains(m.Mood, string(l.Mood)):
		return "mood"
	case len(m.Urgency) > 0 && !common(m.Urgency, l.Urgency):
		return "urgency"
	case len(m.Lists) > 0 && !common(m.Lists, l.Lists):
		return "lists"
	case len(m.Brand) > 0 && !slices.Contains(m.Brand, l.Brand):
		return "brand"
	case m.MinReach > l.Reach:
		return "min_reach"
	case m.during != nil && (l.At.IsZero() || !m.during.Open(l.At)):
		return "during"
	case m.outside != nil && (l.At.IsZero() || m.outside.Open(l.At)):
		return "outside"
	}
	return ""
}

// speaks reports whether a language is one of those wanted, or a variety of
// one: pt-br is pt.
func speaks(want []string, language string) bool {
	for _, w := range want {
		if rest, ok := strings.CutPrefix(language, w); ok && (rest == "" || rest[0] == '-') {
			return true
		}
	}
	return false
}

// common reports whether one of the labels is wanted.
func common[T ~string](want OneOf, labels []T) bool {
	return slices.ContainsFunc(labels, func(v T) bool { return slices.Contains(want, string(v)) })
}
