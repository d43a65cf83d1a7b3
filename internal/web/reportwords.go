package web

import (
	"slices"
	"strings"
	"time"

	"github.com/amends-care/amends/internal/report"
	"github.com/amends-care/amends/internal/web/tongue"
)

// fig is what a report calls something in English, in the language of the page:
// a title, a figure, a reason. What no catalogue has is a name, and stays.
func (t teller) fig(english string) string {
	if key := "fig." + english; t.Has(key) {
		return t.Say(key)
	}
	return english
}

// label is what the row of a table is about: most rows are names, and stay.
func (t teller) label(row string) string {
	switch row {
	case "all", "none", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday":
		return t.fig(row)
	}
	return row
}

// drawn is a table as its charts are to show it, with links of a report to the cases
// behind its numbers.
func (t teller) drawn(of *report.Table, a *reportAsk, name string) *report.Table {
	d := *of
	d.Href = func(row, column string) string {
		return a.opening(name, report.Ref{Table: of.Name, Row: row, Column: column}.String())
	}
	if t.Name == tongue.English {
		return &d
	}
	d.Title, d.Columns, d.Rows, d.Words = t.fig(of.Title), slices.Clone(of.Columns), slices.Clone(of.Rows), t.fig
	for i := range d.Columns {
		d.Columns[i].Title = t.fig(d.Columns[i].Title)
	}
	for i := range d.Rows {
		r := &d.Rows[i]
		r.Label, r.Cells = t.label(r.Label), slices.Clone(r.Cells)
		for k := range r.Cells {
			r.Cells[k].Why = t.fig(r.Cells[k].Why)
		}
	}
	return &d
}

// definition is how the figures of a table are made.
func (t teller) definition(of *report.Table) string {
	name := of.Name
	for _, alike := range []string{"sla", "recovery"} { // tables of one definition
		if strings.HasPrefix(name, alike+"_") {
			name = alike
		}
	}
	if key := "def." + name; t.Has(key) {
		return t.Say(key)
	}
	return of.Definition
}

// value is a figure of a report as the language writes it.
func (t teller) value(u report.Unit, v *float64) string {
	text := u.Text(v)
	if v != nil && u == report.Seconds {
		return strings.Replace(text, " d", " "+t.Say("unit.day"), 1)
	}
	return strings.Replace(text, ".", t.Say("decimal"), 1)
}

// moment is an instant to the second, in its zone.
func (t teller) moment(at time.Time) string {
	return t.Date(at) + ", " + at.Format("15:04:05 MST")
}

// days are a report's span, in its zone.
func (t teller) days(from, to time.Time, name string) string {
	midnight := func(at time.Time) bool { h, m, s := at.Clock(); return h+m+s == 0 }
	from, to = inZone(from, name), inZone(to, name)
	if midnight(from) && midnight(to) {
		return t.Say("rep.to", "from", t.Date(from), "to", t.Date(to.AddDate(0, 0, -1))) + ", " + name
	}
	return t.Say("rep.to", "from", t.Date(from)+" "+from.Format("15:04"), "to", t.Date(to)+" "+to.Format("15:04")) + ", " + name
}

// dates are the days of a span in a zone; one stands alone.
func (t teller) dates(from, to time.Time, name string) string {
	first, last := t.Date(inZone(from, name)), t.Date(inZone(to.Add(-time.Millisecond), name))
	if first == last {
		return first
	}
	return t.Say("rep.to", "from", first, "to", last)
}
