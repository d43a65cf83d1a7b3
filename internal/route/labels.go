package route

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/sla"
)

// Vocabulary is the values that a label can have, by its key; nil where any is
// possible.
func Vocabulary(key string) []string {
	switch key {
	case "severity":
		return []string{string(care.Low), string(care.High)}
	case "mood":
		return []string{string(care.Calm), string(care.Annoyed), string(care.Angry), string(care.Furious)}
	case "urgency":
		return []string{string(care.Vulnerable), string(care.Safety), string(care.Legal), string(care.Press), string(care.Regulator),
			string(care.Cancellation), string(care.BrokenPromise), string(care.Viral)}
	}
	return nil
}

// normalValue is the form in which a value is compared.
func normalValue(key, v string) string {
	v = strings.TrimSpace(v)
	if key == "network" || key == "language" {
		v = strings.ToLower(v)
	}
	return v
}

// checkValue refuses what a label never is.
func checkValue(key, v string) error {
	if v == "" || len(v) > maxText {
		return fmt.Errorf("%q is no value: write 1 to %d bytes", clip(v), maxText)
	}
	if words := Vocabulary(key); words != nil && !slices.Contains(words, v) {
		return fmt.Errorf("%q does not exist: write one of %s", clip(v), listed(words))
	}
	return nil
}

// Keys lists the labels that [ParseLabels] and examples can give.
func Keys() []string {
	return []string{"network", "language", "topic", "severity", "mood", "urgency", "lists", "brand", "reach", "at"}
}

// ParseLabels reads labels given as key=value: network=bluesky severity=high
// urgency=legal,press reach=12000 at=2026-11-20T16:45:00Z. Only urgency and
// lists have several values, by comma or by repeating the key. The error names
// every mistake.
func ParseLabels(args []string) (care.Labels, error) {
	given := Given{}
	var errs []error
	for _, arg := range args {
		key, value, ok := strings.Cut(arg, "=")
		if !ok {
			errs = append(errs, fmt.Errorf("%q is not a label: write key=value, with one of the keys %s", clip(arg), listed(Keys())))
			continue
		}
		key = strings.ToLower(strings.TrimSpace(key))
		values := []string{value}
		if several(key) {
			values = strings.Split(value, ",")
		}
		given[key] = append(given[key], values...)
	}
	l, err := given.Labels()
	return l, errors.Join(append(errs, err)...)
}

// several reports whether a label can have more than one value.
func several(key string) bool { return key == "urgency" || key == "lists" }

// A Given is the labels of an example, by key.
type Given map[string]OneOf

// Labels are the labels given. The error names every mistake.
func (g Given) Labels() (care.Labels, error) {
	var l care.Labels
	var errs []error
	seen := 0
	for _, key := range Keys() {
		values, ok := g[key]
		if !ok {
			continue
		}
		seen++
		if len(values) != 1 && !several(key) {
			errs = append(errs, fmt.Errorf("%s: give one value, not %d", key, len(values)))
			continue
		}
		for _, v := range values {
			if err := set(&l, key, normalValue(key, v)); err != nil {
				errs = append(errs, fmt.Errorf("%s: %w", key, err))
			}
		}
	}
	if seen < len(g) {
		errs = append(errs, g.unknown()...)
	}
	return l, errors.Join(errs...)
}

// unknown names the keys that are no labels, in order.
func (g Given) unknown() []error {
	var names []string
	for key := range g {
		if !slices.Contains(Keys(), key) {
			names = append(names, key)
		}
	}
	slices.Sort(names)
	errs := make([]error, len(names))
	for i, key := range names {
		errs[i] = fmt.Errorf("%q is not a label: write one of the keys %s", clip(key), listed(Keys()))
	}
	return errs
}

// set gives a label its value, or adds one to those that have several.
func set(l *care.Labels, key, v string) error {
	if err := checkValue(key, v); err != nil {
		return err
	}
	switch key {
	case "network":
		l.Network = v
	case "language":
		l.Language = v
	case "topic":
		l.Topic = v
	case "severity":
		l.Severity = care.Severity(v)
	case "mood":
		l.Mood = care.Mood(v)
	case "urgency":
		l.Urgency = append(l.Urgency, care.Urgency(v))
	case "lists":
		l.Lists = append(l.Lists, v)
	case "brand":
		l.Brand = v
	case "reach":
		n, err := strconv.Atoi(v)
		if err != nil || n < 0 {
			return fmt.Errorf("%q is not a number of followers: write 12000", v)
		}
		l.Reach = n
	case "at":
		at, err := time.Parse(time.RFC3339, v)
		if err != nil {
			return fmt.Errorf("%q is not an instant: write 2026-11-20T16:45:00Z, or with an offset as +01:00", v)
		}
		l.At = at.UTC()
	}
	return nil
}

// An Example says where labels must lead. What it leaves out is not checked.
type Example struct {
	Given    Given     `yaml:"given"`
	Want     string    `yaml:"want"` // the queue
	Lane     care.Lane `yaml:"lane"`
	Priority *int      `yaml:"priority"`
	Policy   string    `yaml:"policy"`
}

// CheckExamples routes the configuration's own examples and names each that
// does not come out as it says, with the path that was taken.
func (t *Tree) CheckExamples() error {
	var errs []error
	for i, e := range t.examples {
		if err := t.checkExample(&e); err != nil {
			errs = append(errs, &sla.Problem{In: fmt.Sprintf("route example %d", i+1), Path: fmt.Sprintf("examples[%d]", i), Msg: err.Error()})
		}
	}
	return errors.Join(errs...)
}

func (t *Tree) checkExample(e *Example) error {
	if e.Want == "" {
		return errors.New("has no want: name the queue that it must come to")
	}
	l, err := e.Given.Labels()
	if err != nil {
		return err
	}
	d := t.Route(l)
	var wrong []string
	miss := func(what, got, want string) {
		if want != "" && got != want {
			wrong = append(wrong, fmt.Sprintf("%s %q, want %q", what, got, clip(want)))
		}
	}
	miss("queue", d.Queue, e.Want)
	miss("lane", string(d.Lane), string(e.Lane))
	miss("policy", d.Policy, e.Policy)
	if e.Priority != nil {
		miss("priority", strconv.Itoa(d.Priority), strconv.Itoa(*e.Priority))
	}
	if len(wrong) == 0 {
		return nil
	}
	return fmt.Errorf("comes to %s, by %s", strings.Join(wrong, "; "), strings.Join(d.Path, " > "))
}
