package report_test

import (
	"math"
	"strings"
	"testing"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/report"
)

// What the cases behind a number give to it makes the number again: the curve of their
// waits has its median, the share of those that count is the share, and so on. They
// stand in an order that a person can follow.
func TestPiecesMakeTheNumber(t *testing.T) {
	seen := map[report.Unit]int{}
	for _, h := range []struct {
		f *report.Fold
		q report.Query
	}{
		{sixty(t).fold(), ofSixty(t)}, {randomStory(t, 3, 200).fold(), report.Query{By: report.ByQueue, Late: true}},
		{surveyed(t, care.CES, 10, map[int]int{7: 2, 5: 1, 4: 1, 1: 1}), ofSixty(t)}, {randomStory(t, 31, 200).fold(), report.Query{Working: true, Clock: "desk"}},
	} {
		for _, name := range report.Names() {
			r := made(t, h.f, name, h.q)
			for _, table := range r.Tables {
				if !table.Opens || table.Name == "surges" || table.Name == "flow" {
					continue
				}
				for i, row := range table.Rows {
					for k, c := range table.Columns {
						o, err := h.f.Open(name, h.q, report.Ref{Table: table.Name, Row: row.Label, Column: c.Name})
						if err != nil {
							t.Fatal(err)
						}
						if remade(t, &o, &table.Rows[i].Cells[k], name+"/"+table.Name+"/"+row.Label+"/"+c.Name); o.N > 0 {
							seen[o.Unit]++
						}
					}
				}
			}
		}
	}
	for _, u := range []report.Unit{"", report.Seconds, report.Share, report.Count, report.Score} {
		if seen[u] == 0 {
			t.Errorf("no number was made again of what is counted as %q", u)
		}
	}
}

func remade(t *testing.T, o *report.Opened, c *report.Cell, name string) {
	t.Helper()
	if len(o.Pieces) != len(o.Cases) {
		t.Fatalf("%s is of %d cases, and %d give something", name, len(o.Cases), len(o.Pieces))
	}
	sum, n, last, waits := 0.0, 0.0, math.Inf(1), []report.Wait{}
	for _, p := range o.Pieces {
		for _, v := range p.Values {
			sum, n, waits = sum+v.Value, n+1, append(waits, report.Wait{Seconds: uint32(v.Value), Over: !v.More})
		}
		if len(p.Values) == 0 {
			continue
		}
		v := p.Values[0].Value
		if o.Unit == report.Score {
			v = -v
		}
		if v > last {
			t.Errorf("%s: %v comes after %v", name, v, last)
		}
		last = v
	}
	switch {
	case c.Value == nil || o.Unit == "" || o.Unit == report.Score && o.Column.Unit != report.Score: // the share of some scores
		return
	case o.Unit == report.Seconds:
		curve, p := report.Survival(waits), 0.5
		if strings.HasSuffix(o.Column.Name, "p90") {
			p = 0.9
		}
		q := curve.Quantile(p)
		sum = float64(q.Seconds)
	case o.Unit != report.Count:
		sum /= n
	}
	if math.Abs(sum-*c.Value) > 1e-6 {
		t.Errorf("%s is %v, and what its cases give makes %v", name, *c.Value, sum)
	}
}
