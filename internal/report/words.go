package report

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// Text is a value as people read it; an en dash where there is none.
func (u Unit) Text(v *float64) string {
	if v == nil {
		return "–"
	}
	switch u {
	case Seconds:
		return lengthText(*v)
	case Share:
		return fmt.Sprintf("%.1f %%", 100**v)
	case Points:
		return strings.Replace(fmt.Sprintf("%+.1f", *v), "-", "−", 1)
	case Score:
		return fmt.Sprintf("%.2f", *v)
	case Dollars:
		if *v != 0 && math.Abs(*v) < 1 {
			return fmt.Sprintf("$%.4f", *v)
		}
		return fmt.Sprintf("$%.2f", *v)
	}
	return fmt.Sprintf("%.0f", *v)
}

// lengthText is a length of time in its two largest units.
func lengthText(seconds float64) string {
	n := int64(math.Round(seconds))
	d, h, m, s := n/86400, n/3600%24, n/60%60, n%60
	two := func(a int64, unit string, b int64, smaller string) string {
		if b == 0 {
			return fmt.Sprintf("%d %s", a, unit)
		}
		return fmt.Sprintf("%d %s %d %s", a, unit, b, smaller)
	}
	switch {
	case d > 0:
		return two(d, "d", h, "h")
	case h > 0:
		return two(h, "h", m, "min")
	case m > 0:
		return two(m, "min", s, "s")
	}
	return fmt.Sprintf("%d s", s)
}

// Text is a cell as people read it, with its interval.
func (c *Cell) Text(u Unit) string {
	if c.Value == nil {
		return u.Text(nil)
	}
	s := u.Text(c.Value)
	switch {
	case c.Low != nil && c.High != nil:
		s += fmt.Sprintf(" (%s to %s)", u.Text(c.Low), u.Text(c.High))
	case c.Low != nil:
		s += fmt.Sprintf(" (%s or more)", u.Text(c.Low))
	}
	if c.Thin && u != Count {
		s += " *"
	}
	return s
}

// Span is what the report covers, as people read it.
func (r *Report) Span() string {
	zone := zoneOf(r.Zone)
	from, to := r.From.In(zone), r.To.In(zone)
	layout := "2 Jan 2006"
	if !midnight(from) || !midnight(to) {
		layout = "2 Jan 2006 15:04"
		return fmt.Sprintf("%s to %s, %s", from.Format(layout), to.Format(layout), r.Zone)
	}
	return fmt.Sprintf("%s to %s, %s", from.Format(layout), to.AddDate(0, 0, -1).Format(layout), r.Zone)
}

// zoneOf is a zone by its name; UTC where it is not known.
func zoneOf(name string) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC
	}
	return zone
}

// onWall is an instant on the clocks of a zone, which it names.
func onWall(at time.Time, zone, layout string) string {
	if z := zoneOf(zone); z != time.UTC {
		return at.In(z).Format(layout) + ", " + zone
	}
	return at.UTC().Format(layout) + " UTC"
}

func midnight(t time.Time) bool {
	h, m, s := t.Clock()
	return h == 0 && m == 0 && s == 0
}

// Empty says that nothing fell into the span.
func (r *Report) Empty() bool {
	for _, t := range r.Tables {
		for _, row := range t.Rows {
			for _, c := range row.Cells {
				if c.N != 0 {
					return false
				}
			}
		}
	}
	return true
}

// Without says what was left out, or "" when nothing was.
func (r *Report) Without() string {
	var parts []string
	for _, p := range []struct {
		n    int
		what string
	}{{r.LeftOut.Imported, "imported"}, {r.LeftOut.Late, "late"}, {r.LeftOut.Demo, "of the demo"}} {
		if p.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", p.n, p.what))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return "Left out: " + strings.Join(parts, ", ") + "."
}

// head is what stands over every form of a report.
func (r *Report) head() []string {
	lines := []string{
		r.Title,
		r.Span(),
		fmt.Sprintf("as of %s, record %d; %s clock, %s time", onWall(r.AsOf, r.Zone, "2006-01-02 15:04:05"), r.Position, r.Clock, r.Time),
	}
	if w := r.Without(); w != "" {
		lines = append(lines, w)
	}
	if r.Empty() {
		lines = append(lines, "Nothing fell into this span.")
	}
	return append(lines, r.Notes...)
}

// text says by what a table counts.
func (d Dates) text() string {
	if d == AtPresent {
		return string(d)
	}
	return "by " + string(d)
}
