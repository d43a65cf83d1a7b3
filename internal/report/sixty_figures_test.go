package report_test

import (
	"os"
	"strings"
	"testing"

	"github.com/amends-care/amends/internal/report"
)

// A figure of the document: where it stands, and what it says there.
type documented struct {
	page  string
	ref   report.Ref
	by    report.Dimension
	value string
}

// documentedFigures reads the tables of docs/metrics.md.
func documentedFigures(t *testing.T) (figures []documented) {
	t.Helper()
	b, err := os.ReadFile("../../docs/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(b)) {
		cells := strings.Split(line, "|")
		if len(cells) < 4 || !strings.HasPrefix(strings.TrimSpace(cells[1]), "`") {
			continue
		}
		name, by, _ := strings.Cut(strings.Trim(strings.TrimSpace(cells[1]), "`"), " by ")
		p := strings.Split(name, "/")
		if len(p) != 4 {
			t.Fatalf("%q is not page/table/row/column", name)
		}
		figures = append(figures, documented{p[0], report.Ref{Table: p[1], Row: p[2], Column: p[3]}, report.Dimension(by), strings.TrimSpace(cells[2])})
	}
	return figures
}

// ofSixty is the question that the document asks.
func ofSixty(t testing.TB) report.Query {
	return report.Query{From: march(t, 1, 0, 0), Zone: berlin(t), Beyond: []string{"unreachable"}}
}

func cellOf(r *report.Report, ref report.Ref) (*report.Cell, report.Unit) {
	for _, t := range r.Tables {
		if t.Name != ref.Table {
			continue
		}
		for _, row := range t.Rows {
			for i, c := range t.Columns {
				if row.Label == ref.Row && c.Name == ref.Column {
					return &row.Cells[i], c.Unit
				}
			}
		}
	}
	return nil, ""
}

// What docs/metrics.md works out by hand is what the program says.
func TestSixtyCases(t *testing.T) {
	f := sixty(t).fold()
	figures := documentedFigures(t)
	if len(figures) < 80 {
		t.Fatalf("only %d figures are documented", len(figures))
	}
	for _, d := range figures {
		q := ofSixty(t)
		q.By = d.by
		r, err := f.Report(d.page, q)
		if err != nil {
			t.Fatal(err)
		}
		cell, unit := cellOf(&r, d.ref)
		if cell == nil {
			t.Errorf("%s: there is no %v by %q", d.page, d.ref, d.by)
			continue
		}
		if got := cell.Text(unit); got != d.value {
			t.Errorf("%s %v: %s, documented as %s", d.page, d.ref, got, d.value)
		}
	}
}
