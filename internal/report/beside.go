package report

import (
	"fmt"
	"slices"
)

// besideCharts set what customers said who had an answer beside what those said
// who had none, for the whole: a point and its interval for each outcome. Where
// nobody could say anything yet there is no chart.
func besideCharts(t *Table) []Chart {
	type line struct {
		name     string
		one, two *Cell // nil: there is no such column
	}
	cell := func(name string) *Cell {
		if i := slices.IndexFunc(t.Columns, func(c Column) bool { return c.Name == name }); i >= 0 && len(t.Rows) > 0 {
			return &t.Rows[0].Cells[i]
		}
		return nil
	}
	var lines []line
	data := [][]string{{"", t.say("answered"), "n", t.say("without an answer"), "n"}}
	for _, name := range []string{"recovered", "neutral", "lost", "silent"} {
		l := line{name, cell(name), cell("baseline_" + name)}
		if l.one == nil || l.two == nil || l.one.Value == nil && l.two.Value == nil {
			continue
		}
		lines = append(lines, l)
		data = append(data, []string{t.say(name), t.cell(l.one, Share), fmt.Sprint(l.one.N), t.cell(l.two, Share), fmt.Sprint(l.two.N)})
	}
	if len(lines) == 0 {
		return nil
	}
	return []Chart{{
		Name: t.Name + "-beside", Title: t.Title + t.say(": with an answer, and without"),
		Description: t.say("For each outcome a point with its 95 percent interval: above of the answered, below of those without an answer. Hatched: fewer than five."),
		Data:        data,
		height:      func(float64) float64 { return 42 + 46*float64(len(lines)) },
		draw: func(p *pen) {
			left, right := 0.22*p.w, p.w-110
			x := func(v float64) float64 { return left + v*(right-left) }
			for i := range 5 {
				v := float64(i) / 4
				p.line("g", x(v), 20, x(v), p.h-24)
				p.text("", "middle", x(v), 12, axisText(Share, v))
			}
			for i, l := range lines {
				y := 42 + 46*float64(i)
				p.text("lab", "start", 0, y+9, t.say(l.name))
				for k, c := range []*Cell{l.one, l.two} {
					p.interval(t, c, t.say([]string{"answered", "without an answer"}[k]), []string{"", " no"}[k], x, y+18*float64(k))
				}
			}
			p.point("pt", left, p.h-10, t.say("answered"))
			p.text("labm", "start", left+10, p.h-6, t.say("answered"))
			p.point("pt no", left+80, p.h-10, t.say("without an answer"))
			p.text("labm", "start", left+90, p.h-6, t.say("without an answer"))
		},
	}}
}

// interval draws a share with its interval, and says it at the right edge.
func (p *pen) interval(t *Table, c *Cell, of, class string, x func(float64) float64, y float64) {
	if c.Value == nil {
		p.text("labm", "start", x(0), y+4, p.cut(of+": "+c.Why, p.w-x(0)))
		return
	}
	words := fmt.Sprintf("%s: %s, n = %d", of, t.cell(c, Share), c.N)
	if c.Thin {
		p.rect("hx", x(*c.Low), y-6, x(*c.High)-x(*c.Low), 12, words)
	}
	p.line("whisk"+class, x(*c.Low), y, x(*c.High), y)
	p.point("pt"+class, x(*c.Value), y, words)
	p.text("labm", "end", p.w, y+4, fmt.Sprintf("%s · %d", t.value(Share, c.Value), c.N))
}
