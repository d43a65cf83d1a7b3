package report

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

const (
	defHours      = "Cases by the hour and weekday in which their clock began, in the zone of the report: when people write. A weekday that occurs once more in the span than another has more of them."
	defFirstHours = "The median of first responses by the hour and weekday in which the clock of the case began, in the zone of the report: when people wait longest. Cases without a reply count for as long as they waited; dismissed cases are left out."
)

// wholeDay stands for the hour where all of a weekday are meant.
const wholeDay = 24

// grid is a sheet of the hours of a week. Nothing is the whole of it.
func (e *eval) grid(name string) *sheet {
	s := e.sheetBy(name, ByNothing)
	s.apart = true
	s.label = func(key int64) string {
		if key%(wholeDay+1) == wholeDay {
			return all
		}
		return e.label(ByHour, key%(wholeDay+1))
	}
	return s
}

// hours are the two groups of a moment: of its hour, and of its weekday.
func (s *sheet) hours(at moment) [2]*group {
	hour, day := s.e.face.hour(at), s.e.face.weekday(at)*(wholeDay+1)
	return [2]*group{s.at(day + hour), s.at(day + wholeDay)}
}

// gridTable has a row for each hour and a column for each weekday. columns makes that of
// one.
func (s *sheet) gridTable(title, definition string, columns func(name, title string) column) Table {
	t := Table{Name: s.name, Title: title, Definition: definition, Dates: CaseDate, Opens: true, grid: true}
	of := map[int64]*group{}
	for _, g := range s.list {
		of[g.key] = g
	}
	var week []column
	for day := range 7 {
		name := time.Weekday((day + 1) % 7).String()
		week = append(week, columns(strings.ToLower(name), name))
		t.Columns = append(t.Columns, week[day].Column)
	}
	for hour := range int64(wholeDay + 1) {
		hour = (hour + wholeDay) % (wholeDay + 1) // the whole first
		row := Row{Label: s.label(hour)}
		for day := range week {
			g := of[int64(day)*(wholeDay+1)+hour]
			if g == nil {
				g = &group{}
			}
			row.Cells = append(row.Cells, s.cell(&week[day], g, row.Label))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// Grid says that the table is the hours of a week: a row for each hour, a column for
// each weekday.
func (t *Table) Grid() bool { return t.grid }

// shades is how many a grid has.
const shades = 5

// shading are the values up to which each shade goes, so that each has about as many
// fields as another. Fields of too few have none.
func shading(t *Table) (upTo []float64) {
	var values []float64
	for _, r := range t.Rows[1:] {
		for _, c := range r.Cells {
			if c.Value != nil && c.N >= thin {
				values = append(values, *c.Value)
			}
		}
	}
	slices.Sort(values)
	for i := range shades {
		if len(values) > 0 {
			upTo = append(upTo, brief(t.Columns[0].Unit, values[(i+1)*(len(values)-1)/shades]))
		}
	}
	return slices.Compact(upTo)
}

// gridChart has a field for each hour of each weekday.
func gridChart(t *Table) Chart {
	upTo := shading(t)
	unit := t.Columns[0].Unit
	every := make([]int, len(t.Columns))
	for i := range every {
		every[i] = i
	}
	const fieldHeight, under = 20.0, 46.0
	return Chart{
		Name: t.Name + "-grid", Title: t.Title + t.say(", by hour and weekday"), links: t.Href != nil,
		Description: t.say("A field for each hour of each weekday; the stronger its shade, the higher the figure. Hatched: fewer than five. Empty: none."),
		Data:        data(t, every...),
		height:      func(float64) float64 { return fieldHeight*float64(len(t.Columns)) + under },
		draw: func(p *pen) {
			left, step := 84.0, 3
			if p.w <= Narrow {
				left, step = 26, 6
			}
			wide := (p.w - left) / wholeDay
			bottom := fieldHeight * float64(len(t.Columns))
			for day, c := range t.Columns {
				name := c.Title
				if p.w <= Narrow {
					name = string([]rune(name)[:2])
				}
				y := fieldHeight * float64(day)
				p.text("labm", "start", 0, y+14, p.cut(name, left-4))
				for hour := range wholeDay {
					row := &t.Rows[hour+1]
					p.field(t, row, day, upTo, left+wide*float64(hour), y, wide-1, fieldHeight-1)
				}
			}
			for hour := 0; hour < wholeDay; hour += step {
				p.text("", "start", left+wide*float64(hour), bottom+13, t.Rows[hour+1].Label)
			}
			first := left
			if p.w <= Narrow {
				first = 0
			}
			for i, v := range upTo {
				at := first + (p.w-first)/shades*float64(i)
				p.rect(fmt.Sprintf("h%d", shades-len(upTo)+i+1), at, bottom+25, 12, 12, "")
				p.text("labm", "start", at+16, bottom+35, "≤ "+axisText(unit, v))
			}
		},
	}
}

// brief raises a value to the next that has a short name, so that five of them stand
// beside each other.
func brief(u Unit, v float64) float64 {
	if u == Seconds {
		for _, step := range []float64{86400, 3600, 60} {
			if v > 2*step {
				return math.Ceil(v/step) * step
			}
		}
	}
	return v
}

// field draws one hour of a weekday, which leads to its cases.
func (p *pen) field(t *Table, row *Row, day int, upTo []float64, x, y, w, h float64) {
	c, column := &row.Cells[day], &t.Columns[day]
	class := "h0"
	switch {
	case c.N == 0:
	case c.N < thin || c.Value == nil:
		class = "hx"
	default:
		i, _ := slices.BinarySearch(upTo, *c.Value)
		class = fmt.Sprintf("h%d", shades-len(upTo)+min(i, len(upTo)-1)+1)
	}
	says := fmt.Sprintf("%s %s: %s", column.Title, row.Label, t.cell(c, column.Unit))
	if column.Unit != Count {
		says += fmt.Sprintf(", n = %d", c.N)
	}
	open := t.Href != nil && c.N > 0
	if open { // the table has the same links, for whoever uses keys
		fmt.Fprintf(&p.b, `<a href="%s" tabindex="-1" aria-label="%s">`, safe(t.Href(row.Label, column.Name)), safe(says))
	}
	p.rect(class, x, y, w, h, says)
	if open {
		p.b.WriteString("</a>")
	}
}
