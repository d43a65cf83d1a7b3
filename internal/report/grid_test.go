package report_test

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/amends-care/amends/internal/report"
)

// The picture of the hours of a week has a field for each hour of each weekday; a field
// leads to its cases, too few are hatched, and in two widths nothing lies outside.
func TestGridChart(t *testing.T) {
	r := made(t, sixty(t).fold(), "volume", ofSixty(t))
	table, _, _ := r.Find(report.Ref{Table: "hours", Row: "11:00", Column: "monday"})
	if table == nil || !table.Grid() {
		t.Fatal("there is no such table")
	}
	table.Href = func(row, column string) string { return row + "?a=1&b=" + column }
	charts := r.Charts(table)
	if len(charts) != 1 || len(charts[0].Data) != 26 {
		t.Fatalf("%d charts", len(charts))
	}
	for _, width := range []int{report.Wide, report.Narrow} {
		classes, links := map[string]int{}, map[string]bool{}
		svg := charts[0].SVG(width, "g")
		for dec := xml.NewDecoder(strings.NewReader(svg)); ; {
			token, err := dec.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			e, ok := token.(xml.StartElement)
			if !ok {
				continue
			}
			at := map[string]string{}
			for _, a := range e.Attr {
				at[a.Name.Local] = a.Value
			}
			switch e.Name.Local {
			case "svg":
				if at["role"] != "group" {
					t.Errorf("what leads somewhere has the role %q", at["role"])
				}
			case "a":
				if links[at["href"]] = true; at["tabindex"] != "-1" || at["aria-label"] == "" {
					t.Errorf("a link %v", at)
				}
			case "rect":
				classes[at["class"]]++
				var x, w float64
				fmt.Sscan(at["x"], &x)
				fmt.Sscan(at["width"], &w)
				if x < 0 || x+w > float64(width) {
					t.Errorf("a field from %v, %v wide, in a picture of %d", x, w, width)
				}
			}
		}
		fields := 0
		for class, n := range classes {
			if strings.HasPrefix(class, "h") {
				fields += n
			}
		}
		if legend := fields - 24*7; legend < 1 || legend > 5 {
			t.Errorf("%d fields and a legend of %d: %v", fields-legend, legend, classes)
		}
		if !links["11:00?a=1&b=monday"] || links["09:00?a=1&b=sunday"] || classes["hx"] == 0 || classes["h0"] == 0 {
			t.Errorf("%d links, fields %v", len(links), classes)
		}
	}
	table.Href = nil
	if charts := r.Charts(table); strings.Contains(charts[0].SVG(report.Wide, "g"), "<a ") || !strings.Contains(charts[0].SVG(report.Wide, "g"), `role="img"`) {
		t.Error("a picture that leads nowhere has links")
	}
}

// Of the hours of a week none says that it rose: of so many some would by chance.
func TestGridTellsNoTrend(t *testing.T) {
	f := sixty(t).fold()
	for _, name := range []string{"volume", "response"} {
		r := made(t, f, name, report.Query{From: march(t, 4, 0, 0), To: march(t, 6, 0, 0), Zone: berlin(t)})
		grids := 0
		for i := range r.Tables {
			if !r.Tables[i].Grid() {
				continue
			}
			grids++
			for _, row := range r.Tables[i].Rows {
				for _, c := range row.Cells {
					if c.Was != nil || c.Trend != report.Alone {
						t.Fatalf("%s: %+v", row.Label, c)
					}
				}
			}
		}
		if grids != 1 {
			t.Errorf("%s has %d such tables", name, grids)
		}
	}
}

// Whoever opens a field finds when each of its cases began, and that is in it.
func TestAFieldHoldsWhatBeganInIt(t *testing.T) {
	f, n := sixty(t).fold(), 0
	for _, clock := range []string{"customer", "desk"} {
		q := report.Query{From: march(t, 2, 0, 0), To: march(t, 9, 0, 0), Zone: berlin(t), Clock: clock}
		for _, name := range []string{"volume", "response"} {
			r := made(t, f, name, q)
			for _, table := range r.Tables {
				if !table.Grid() {
					continue
				}
				for _, row := range table.Rows[1:] {
					for i, c := range table.Columns {
						if row.Cells[i].N == 0 {
							continue
						}
						o, err := f.Open(name, q, report.Ref{Table: table.Name, Row: row.Label, Column: c.Name})
						if err != nil {
							t.Fatal(err)
						}
						for _, p := range o.Pieces {
							at := p.Began.In(o.Zone)
							if n++; at.Format("15:00") != row.Label || at.Weekday().String() != c.Title {
								t.Errorf("%s began %v and stands in %s, %s", p.Case, at, c.Title, row.Label)
							}
						}
					}
				}
			}
		}
	}
	if n < 100 {
		t.Errorf("%d cases", n)
	}
}
