package web

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/view"
)

// One filter language serves the list's address, the words of a search and a
// saved view: names and values as they are here.

// filterNames are the filters that people put together; a list's address knows
// author and thread besides.
func filterNames() []string {
	return []string{"state", "queue", "lane", "network", "language", "topic", "severity", "mood", "assignee", "for", "tag", "has", "issue", "left"}
}

// choices are the values of the filters that have few.
func choices() map[string][]string {
	return map[string][]string{
		"state":    {"needs", "waiting", "claimed", "awaiting", "snoozed", "outside", "approve", "friction", "held", "promised", "resolved", "dismissed", "merged", "all"},
		"lane":     {string(care.Ordinary), string(care.Critical)},
		"severity": {string(care.Low), string(care.High)},
		"mood":     {string(care.Calm), string(care.Annoyed), string(care.Angry), string(care.Furious)},
		"has":      {"promise"},
		"left":     {string(view.LeftPast), string(view.LeftQuarter), string(view.LeftHour), string(view.LeftLater), string(view.LeftNone)},
	}
}

// set puts one filter in. A name or value that is none is a care.Invalid error
// that says what there is.
func (in *CaseFilter) set(name, value string) error {
	if some, ok := choices()[name]; ok {
		if value = strings.ToLower(value); !slices.Contains(some, value) {
			return unfit(name, "{name}: can't be \"{value}\". It can be: {known}.", "name", name, "value", cleanLine(value), "known", strings.Join(some, ", "))
		}
	}
	if value == "" || len(value) > 100 {
		return unfit(name, "{name}: needs a value of at most 100 bytes.", "name", name)
	}
	switch name {
	case "state":
		in.State = value
	case "queue":
		in.Queue = value
	case "lane":
		in.Lane = care.Lane(value)
	case "network":
		in.Network = strings.ToLower(value)
	case "language":
		in.Language = strings.ToLower(value)
	case "topic":
		in.Topic = strings.ToLower(value)
	case "severity":
		in.Severity = care.Severity(value)
	case "mood":
		in.Mood = care.Mood(value)
	case "assignee":
		in.Assignee = care.AgentID(value)
	case "for":
		in.For = care.AgentID(value)
	case "tag":
		in.Tag = value
	case "has":
		in.Has = value
	case "issue":
		in.Issue = care.IssueID(value)
	case "left":
		in.Left = view.TimeLeft(value)
	case "author":
		in.Author = care.AuthorKey(value)
	case "thread":
		in.Thread = care.ThreadKey(value)
	default:
		return unfit(name, "There is no filter \"{name}\". There are: {known}.", "name", cleanLine(name), "known", strings.Join(filterNames(), ", "))
	}
	return nil
}

func unfit(name string, msg care.Phrase, with ...any) error {
	return &care.Error{Code: care.Invalid, Field: name, Msg: msg, With: with}
}

// setAll puts filters in, in the order of their names.
func (in *CaseFilter) setAll(filters map[string]string) error {
	for _, name := range slices.Sorted(maps.Keys(filters)) {
		if err := in.set(name, filters[name]); err != nil {
			return err
		}
	}
	return nil
}

// me puts whoever asks where a query says "me".
func (in *CaseFilter) me(ctx context.Context) {
	if in.Assignee == "me" {
		in.Assignee = askedOf(ctx).who.Name
	}
	if in.For == "me" {
		in.For = askedOf(ctx).who.Name
	}
}
