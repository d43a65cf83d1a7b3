package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"
)

// A Chart is a picture of one or two figures of a table, as SVG that the server
// draws: no script, no style of its own, only the classes of the console's
// sheet. Data is the same as a table, for those who can't see it.
type Chart struct {
	Name        string // unique within the report
	Title       string
	Description string
	Data        [][]string // the first line is the head
	draw        func(p *pen)
	height      func(width float64) float64
	links       bool // its parts lead somewhere
}

// The widths that charts are drawn in, in user units: across a page, for one of
// two beside each other, and for a phone.
const (
	Wide   = 720
	Half   = 520
	Narrow = 360
)

// Charts are the pictures of a table, by the report that it is of.
func (r *Report) Charts(t *Table) (charts []Chart) {
	if t.grid {
		if !slices.ContainsFunc(t.Rows[0].Cells, func(c Cell) bool { return c.N > 0 }) {
			return nil
		}
		return []Chart{gridChart(t)}
	}
	switch curve := t.Curve(); {
	case t.matters(): // its waits are those of the page of response times
		if len(t.Rows) > 2 {
			charts = append(charts, barChart(t, 0))
		}
	case strings.HasPrefix(t.Name, "recovery"):
		return besideCharts(t)
	case curve.Over > 0 && curve.Steps[len(curve.Steps)-1].Seconds > 0: // there is a wait to show
		charts = append(charts, survivalChart(t, &curve))
	}
	over := timely(r.By) && r.By != ByHour && r.By != ByWeekday
	for i, c := range t.Columns {
		if !slices.ContainsFunc(t.Rows, func(r Row) bool { return r.Cells[i].Value != nil }) {
			continue
		}
		switch {
		case c.Name == "median" && over && len(t.Rows) > 2:
			charts = append(charts, trendChart(r, t, i, slices.IndexFunc(t.Columns, func(c Column) bool { return c.Name == "p90" })))
		case len(t.Rows) == 2: // the whole, and one part that is the same
		case c.Unit == Share && len(t.Rows) > 1 || c.Unit == Seconds && !over && len(t.Rows) > 1 && (c.Name == "median" || c.Name == "p90"):
			charts = append(charts, intervalChart(t, i))
		}
	}
	switch {
	case t.Name == "flow" && len(t.Rows) > 2 && (r.By == ByNothing || timely(r.By)):
		charts = append(charts, flowChart(r, t))
	case len(charts) == 0 && len(t.Rows) > 2 && t.Columns[0].Unit == Count:
		charts = append(charts, barChart(t, 0))
	}
	return charts
}

// matters says that the rows of a table are what customers complain of.
func (t *Table) matters() bool { return t.Name == "topics" || t.Name == "issues" }

// data is a column with its interval, as text.
func data(t *Table, columns ...int) (lines [][]string) {
	head := []string{""}
	for _, i := range columns {
		head = append(head, t.Columns[i].Title, "n")
	}
	lines = append(lines, head)
	for _, row := range t.Rows {
		line := []string{row.Label}
		for _, i := range columns {
			line = append(line, t.cell(&row.Cells[i], t.Columns[i].Unit), fmt.Sprint(row.Cells[i].N))
		}
		lines = append(lines, line)
	}
	return lines
}

// parts are the rows without the whole, where there are others; never more than
// a picture can hold.
func parts(t *Table, most int) []Row {
	rows := t.Rows
	if len(rows) > 1 && rows[0].Label == t.say(all) {
		rows = rows[1:]
	}
	return rows[:min(len(rows), most)]
}

const (
	rowHeight = 30
	mostRows  = 40
)

// intervalChart has a point and its interval for each row.
func intervalChart(t *Table, column int) Chart {
	rows, unit := t.Rows[:min(len(t.Rows), mostRows)], t.Columns[column].Unit
	top := 1.0
	if unit == Seconds {
		top = 0
		for i, r := range rows {
			c := &r.Cells[column]
			if c.Value != nil {
				top = max(top, *c.Value*1.25)
			}
			if i == 0 && c.High != nil { // a part's interval may go on beyond the edge: it would hide all the others
				top = max(top, *c.High)
			}
		}
		top = round(unit, top, 4)
	}
	said := func(c *Cell) string { return fmt.Sprintf("%s · %d", t.value(unit, c.Value), c.N) }
	longest := 0
	for i := range rows {
		longest = max(longest, utf8.RuneCountInString(said(&rows[i].Cells[column])))
	}
	return Chart{
		Name: t.Name + "-" + t.Columns[column].Name, Title: t.Title + ": " + t.Columns[column].Title,
		Description: t.say("A point for each row, with its 95 percent interval; one that reaches the right edge goes on beyond it. Hatched: fewer than five."),
		Data:        data(t, column),
		height:      func(float64) float64 { return 34 + rowHeight*float64(len(rows)) },
		draw: func(p *pen) {
			left, right := 0.26*p.w, p.w-max(0.12*p.w, perLetter*float64(longest)+12)
			x := func(v float64) float64 { return left + min(max(v/top, 0), 1)*(right-left) }
			for i := range 5 {
				v := top * float64(i) / 4
				p.line("g", x(v), 20, x(v), p.h-8)
				if i%2 == 0 || right-left > 180 { // else the names would touch
					p.text("", "middle", x(v), 12, axisText(unit, v))
				}
			}
			for i, r := range rows {
				c, y := r.Cells[column], 34+rowHeight*float64(i)+2
				p.text("lab", "start", 0, y+4, p.cut(r.Label, left-8))
				if c.Value == nil {
					p.text("labm", "start", left, y+4, p.cut(c.Why, p.w-left))
					continue
				}
				lo, hi := *c.Value, *c.Value
				if c.Low != nil {
					lo = *c.Low
				}
				if c.High != nil {
					hi = *c.High
				} else if unit == Seconds {
					hi = top
				}
				if c.Thin {
					p.rect("hx", x(lo), y-7, max(x(hi)-x(lo), 2), 14, fmt.Sprintf("%s: %s, n = %d", r.Label, t.cell(&c, unit), c.N))
				}
				p.line("whisk", x(lo), y, x(hi), y)
				p.point("pt", x(*c.Value), y, fmt.Sprintf("%s: %s, n = %d", r.Label, t.cell(&c, unit), c.N))
				p.text("labm", "end", p.w, y+4, said(&c))
			}
		},
	}
}

// barChart has a bar for each row; of matters those with most first.
func barChart(t *Table, column int) Chart {
	rows := parts(t, len(t.Rows))
	if t.matters() {
		rows = slices.Clone(rows)
		slices.SortStableFunc(rows, func(a, b Row) int { return cmp.Compare(b.Cells[column].N, a.Cells[column].N) })
	}
	rows = rows[:min(len(rows), mostRows)]
	top := 1.0
	for _, r := range rows {
		if v := r.Cells[column].Value; v != nil {
			top = max(top, *v)
		}
	}
	return Chart{
		Name: t.Name + "-" + t.Columns[column].Name, Title: t.Title + ": " + t.Columns[column].Title,
		Description: t.say("A bar for each row. Hatched: fewer than five."), Data: data(t, column),
		height: func(float64) float64 { return 12 + rowHeight*float64(len(rows)) },
		draw: func(p *pen) {
			left, right := 0.26*p.w, p.w-0.12*p.w
			for i, r := range rows {
				c, y := r.Cells[column], 6+rowHeight*float64(i)
				if c.Value == nil {
					continue
				}
				class := "bar"
				if c.N < thin {
					class = "hx"
				}
				p.text("lab", "start", 0, y+15, p.cut(r.Label, left-8))
				p.rect(class, left, y+2, max(*c.Value/top, 0)*(right-left), 18, fmt.Sprintf("%s: %s", r.Label, t.cell(&c, t.Columns[column].Unit)))
				p.text("labm", "end", p.w, y+15, t.value(t.Columns[column].Unit, c.Value))
			}
		},
	}
}

// trendChart is the median and the p90 along time, with the band between them.
// The scale is logarithmic: a p90 of hours would hide a median of minutes.
func trendChart(r *Report, t *Table, median, p90 int) Chart {
	rows := parts(t, 400)
	low, top := math.Inf(1), 1.0
	for _, r := range rows {
		for _, i := range []int{median, p90} {
			if i >= 0 && r.Cells[i].Value != nil {
				low, top = min(low, max(*r.Cells[i].Value, 1)), max(top, *r.Cells[i].Value)
			}
		}
	}
	low, top = min(low, top)/1.5, top*1.2
	if top < 10*low { // what hardly moves shall not look as if it did
		low, top = math.Sqrt(low*top/10), math.Sqrt(low*top*10)
	}
	columns, marks := []int{median}, r.stretches(rows)
	if p90 >= 0 {
		columns = append(columns, p90)
	}
	return Chart{
		Name: t.Name + "-trend", Title: t.Title + t.say(" along time"),
		Description: t.say("The median and the 90th percentile of each part of the span, with the band between, on a logarithmic scale. Gaps: not reached, or nothing to measure. Hatched: fewer than five."),
		Data:        r.noted(data(t, columns...)),
		height:      func(width float64) float64 { return 120 + width/6 },
		draw: func(p *pen) {
			left, right, bottom, high := 44.0, p.w-8, p.h-22, 12.0
			y := func(v float64) float64 {
				return bottom - math.Log(max(v, low)/low)/math.Log(top/low)*(bottom-high)
			}
			step := (right - left) / float64(max(len(rows), 1))
			x := func(i int) float64 { return left + (float64(i)+0.5)*step }
			room := p.h
			for _, v := range scaleMarks() {
				if at := y(v); v >= low && v <= top && room-at >= 16 {
					p.line("g", left, at, right, at)
					p.text("", "end", left-6, at+4, lengthText(v))
					room = at
				}
			}
			p.marks(marks, x, step, high, bottom)
			p.under(rows, x, bottom)
			for _, run := range runs(rows, median, p90) {
				var band, lower, upper [][2]float64
				for i := run[0]; i < run[1]; i++ {
					m := [2]float64{x(i), y(*rows[i].Cells[median].Value)}
					lower = append(lower, m)
					if p90 >= 0 && rows[i].Cells[p90].Value != nil {
						upper = append(upper, [2]float64{x(i), y(*rows[i].Cells[p90].Value)})
					}
				}
				if len(upper) == len(lower) {
					back := slices.Clone(lower)
					slices.Reverse(back)
					band = append(slices.Clone(upper), back...)
					p.path("band", band, true)
					p.path("l90", upper, false)
				}
				p.path("l50", lower, false)
			}
			for i, r := range rows {
				c := r.Cells[median]
				if c.Value == nil {
					continue
				}
				if c.Thin {
					p.rect("hx", x(i)-step*0.4, high, step*0.8, bottom-high, fmt.Sprintf("%s: %s, n = %d", r.Label, t.cell(&c, Seconds), c.N))
				}
				p.point("pt", x(i), y(*c.Value), fmt.Sprintf("%s: %s %s, n = %d", r.Label, t.say("median"), t.cell(&c, Seconds), c.N))
			}
		},
	}
}

// runs are the stretches of rows that have a value; whole only where either
// both columns have one throughout, or the second has none.
func runs(rows []Row, a, b int) (found [][2]int) {
	kind := func(i int) int {
		switch {
		case rows[i].Cells[a].Value == nil:
			return 0
		case b < 0 || rows[i].Cells[b].Value == nil:
			return 1
		}
		return 2
	}
	for i := 0; i < len(rows); {
		from, k := i, kind(i)
		for i < len(rows) && kind(i) == k {
			i++
		}
		if k > 0 {
			found = append(found, [2]int{from, i})
		}
	}
	return found
}

// flowChart is what came and went, over what was open.
func flowChart(r *Report, t *Table) Chart {
	rows := parts(t, 400)
	column := func(name string) int {
		return slices.IndexFunc(t.Columns, func(c Column) bool { return c.Name == name })
	}
	in, out, open := column("opened"), column("closed"), column("open")
	marks := r.stretches(rows)
	top := 1.0
	for _, r := range rows {
		for _, i := range []int{in, out, open} {
			top = max(top, *r.Cells[i].Value)
		}
	}
	top = round(Count, top, 3)
	return Chart{
		Name: "flow-chart", Title: t.say("What came in, what was finished, and what was open"),
		Description: t.say("The area is what was open at the end of each part of the span; the lines are what came in and what was finished."),
		Data:        r.noted(data(t, in, out, open)),
		height:      func(width float64) float64 { return 136 + width/6 },
		draw: func(p *pen) {
			left, right, bottom, high := 44.0, p.w-8, p.h-22, 28.0
			y := func(v float64) float64 { return bottom - max(v, 0)/top*(bottom-high) }
			step := (right - left) / float64(max(len(rows), 1))
			x := func(i int) float64 { return left + (float64(i)+0.5)*step }
			for i := range 4 {
				v := top * float64(i) / 3
				p.line("g", left, y(v), right, y(v))
				p.text("", "end", left-6, y(v)+4, Count.Text(&v))
			}
			p.marks(marks, x, step, high, bottom)
			p.under(rows, x, bottom)
			area, came, went := [][2]float64{{x(0), bottom}}, [][2]float64{}, [][2]float64{}
			for i, r := range rows {
				area = append(area, [2]float64{x(i), y(*r.Cells[open].Value)})
				came = append(came, [2]float64{x(i), y(*r.Cells[in].Value)})
				went = append(went, [2]float64{x(i), y(*r.Cells[out].Value)})
			}
			p.path("area", append(area, [2]float64{x(len(rows) - 1), bottom}), true)
			p.path("in", came, false)
			p.path("l50", went, false)
			p.rect("area", left, 2, 16, 10, t.say("open"))
			p.text("lab", "start", left+22, 11, t.say("open, at the end")+" "+Count.Text(rows[len(rows)-1].Cells[open].Value))
			for i, l := range []struct{ class, name string }{{"in", "came in"}, {"l50", "finished"}} {
				at := right - 168 + 90*float64(i)
				p.line(l.class, at, 7, at+16, 7)
				p.text("labm", "start", at+22, 11, t.say(l.name))
			}
		},
	}
}

// survivalChart is the share of waits that last longer than a time.
func survivalChart(t *Table, c *Curve) Chart {
	lines := [][]string{{t.say("after"), t.say("still waiting"), t.say("95 % interval"), t.say("at risk")}}
	most := max(1, len(c.Steps)/12)
	for i := 0; i < len(c.Steps); i += most {
		s := &c.Steps[i]
		lo, hi := s.band()
		lines = append(lines, []string{lengthText(float64(s.Seconds)), t.value(Share, &s.S), t.value(Share, &lo) + t.say(" to ") + t.value(Share, &hi), fmt.Sprint(s.AtRisk)})
	}
	return Chart{
		Name: t.Name + "-curve", Title: t.Title + t.say(": share still waiting"),
		Description: fmt.Sprintf(t.say("The share of %d waits that last longer than a time, on a logarithmic scale, with its 95 percent band; %d have ended. Those that go on are counted for as long as they lasted."), c.N, c.Over),
		Data:        lines,
		height:      func(width float64) float64 { return 130 + width/6 },
		draw: func(p *pen) {
			left, right, bottom, high := 44.0, p.w-8, p.h-22, 10.0
			first, last := float64(max(c.Steps[0].Seconds, 1)), float64(max(c.Steps[len(c.Steps)-1].Seconds, 2))
			lo, hi := math.Log(first/1.5), math.Log(last*1.2)
			x := func(s float64) float64 { return left + (math.Log(max(s, first/1.5))-lo)/(hi-lo)*(right-left) }
			y := func(v float64) float64 { return bottom - v*(bottom-high) }
			for _, v := range []float64{0, 0.1, 0.5, 1} {
				p.line("g", left, y(v), right, y(v))
				p.text("", "end", left-6, y(v)+4, fmt.Sprintf("%.0f %%", 100*v))
			}
			room := -60.0
			for _, s := range scaleMarks() {
				if at := x(s); s >= first/1.5 && s <= last*1.2 && at-room >= 44 {
					p.text("", "middle", at, p.h-6, lengthText(s))
					room = at
				}
			}
			p.curve(c, x, y, right)
			for i, q := range []struct {
				p    float64
				name string
			}{{0.5, "median"}, {0.9, "p90"}} {
				if m := c.Quantile(q.p); m.Reached {
					at, y := x(float64(m.Seconds)), high+16*float64(i) // neither line crosses the other's name
					anchor, gap := "start", 4.0                        // the curve falls: there is room on its right
					if at > right-100 {
						anchor, gap = "end", -4
					}
					p.line("mk", at, y, at, bottom)
					p.text("lab", anchor, at+gap, y+11, t.say(q.name)+" "+lengthText(float64(m.Seconds)))
				}
			}
		},
	}
}

// scaleMarks are where a logarithmic scale of time has its marks, in seconds.
func scaleMarks() []float64 {
	return []float64{1, 10, 60, 300, 900, 3600, 4 * 3600, 86400, 7 * 86400, 30 * 86400}
}

// round raises the top of an axis to where its parts have short names.
func round(u Unit, top float64, parts int) float64 {
	steps := []float64{1, 2, 5, 10, 20, 50, 100, 200, 500}
	if u == Seconds {
		const minute, hour, day = 60, 3600, 86400
		steps = []float64{
			15, 30, minute, 2 * minute, 5 * minute, 10 * minute, 15 * minute, 20 * minute, 30 * minute,
			hour, 2 * hour, 3 * hour, 4 * hour, 6 * hour, 12 * hour, day, 2 * day, 5 * day, 10 * day, 30 * day, 100 * day,
		}
	}
	for _, s := range steps {
		if s*float64(parts) >= top {
			return s * float64(parts)
		}
	}
	last := steps[len(steps)-1]
	return math.Ceil(top/float64(parts)/last) * last * float64(parts)
}

// axisText is a value in few characters.
func axisText(u Unit, v float64) string {
	switch u {
	case Share:
		return fmt.Sprintf("%.0f %%", 100*v)
	case Seconds:
		switch {
		case v >= 2*86400 || v == 86400:
			return fmt.Sprintf("%.3g d", v/86400)
		case v >= 2*3600 || v == 3600:
			return fmt.Sprintf("%.3g h", v/3600)
		case v >= 60 || v == 0:
			return fmt.Sprintf("%.3g min", v/60)
		}
		return fmt.Sprintf("%.0f s", v)
	}
	return u.Text(&v)
}
