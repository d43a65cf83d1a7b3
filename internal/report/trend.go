package report

import (
	"math"
	"slices"
)

// A Trend says how a figure stands to the one before.
type Trend string

// The trends.
const (
	Rose  Trend = "rose"
	Fell  Trend = "fell"
	Same  Trend = "no clear change"
	Thin  Trend = "too few to tell"
	Alone Trend = "" // there is nothing to compare
)

// Since leads from a figure to the one before it: rose from, fell from, before.
func (t Trend) Since() string {
	if t == Rose || t == Fell {
		return string(t) + " from"
	}
	return "before:"
}

// trend says how a cell stands to the same of the span before. Only what can be
// compared says it: not what cases of an earlier span had more time for, as to be
// answered; not the many counts of a table's parts, of which some would rise by
// chance; and nothing of people.
func (t *Table) trend(r *Row, column int, was *Cell) Trend {
	c := t.Columns[column]
	if t.Name == "people" || c.Name == "rate" || c.Unit == Count && (r.Label != all || !t.settled(c.Name)) {
		return Alone
	}
	return trend(r.Cells[column], *was, c.Unit)
}

// settled says that a count of a past span grows no more, or hardly.
func (t *Table) settled(column string) bool {
	switch t.Name {
	case "flow", "replies":
		return true
	case "cases", "topics":
		return slices.Contains([]string{"cases", "customers", "complaints", "severe", "by_hand"}, column)
	case "promises":
		return column != "owed"
	}
	return false
}

// trend compares two spans. Figures with intervals differ when those don't meet;
// counts when they are further apart than twice what chance would make of one and
// the same number.
func trend(now, was Cell, u Unit) Trend {
	switch {
	case now.Value == nil || was.Value == nil:
		return Alone
	case u == Count:
		a, b := *now.Value, *was.Value
		switch {
		case a+b < 2*thin:
			return Thin
		case math.Abs(a-b) <= 2*math.Sqrt(a+b):
			return Same
		case a > b:
			return Rose
		}
		return Fell
	case now.N < thin || was.N < thin:
		return Thin
	case now.Low != nil && was.High != nil && *now.Low > *was.High:
		return Rose
	case was.Low != nil && now.High != nil && *was.Low > *now.High:
		return Fell
	}
	return Same
}
