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

// sides are both sides of a change, as [report.Change.Texts] has them.
func (t teller) sides(n *report.Change) (was, now string) {
	side := func(c *report.Cell) string {
		if c == nil {
			return t.put("no such row")
		}
		said := t.value(n.Unit, c.Value)
		switch {
		case c.Value == nil || c.Low == nil:
		case c.High == nil:
			said += " (" + t.Say("rep.or_more", "from", t.value(n.Unit, c.Low)) + ")"
		default:
			said += " (" + t.Say("rep.to", "from", t.value(n.Unit, c.Low), "to", t.value(n.Unit, c.High)) + ")"
		}
		if c.Value != nil && c.Thin && n.Unit != report.Count {
			said += " *"
		}
		return said
	}
	if was, now = side(n.Was), side(n.Now); was == now && n.Was != nil && n.Now != nil {
		return t.Say("since.of", "value", was, "count", n.Was.N), t.Say("since.of", "value", now, "count", n.Now.N)
	}
	return was, now
}

// changed explains a change: how many cases came, went or are others, and why.
func (t teller) changed(p report.Part) string {
	if p.What == "" {
		return t.put(p.Text)
	}
	var why []string
	for _, r := range p.Of.Why {
		why = append(why, t.Say("since.reason", "count", r.N, "what", t.put(r.What)))
	}
	return t.Say("since.part", "count", p.Of.N, "what", t.put(p.What), "why", strings.Join(why, ", "))
}
