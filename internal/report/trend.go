package report

import "math"

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

// trend says how a cell stands to the same of the span before. A page has so many
// counts in its parts that some would rise by chance: only those of the whole
// say it. Of people nothing is said: they are not compared.
func (t *Table) trend(r *Row, column int, was *Cell) Trend {
	unit := t.Columns[column].Unit
	if t.Name == "people" || unit == Count && r.Label != all {
		return Alone
	}
	return trend(r.Cells[column], *was, unit)
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
