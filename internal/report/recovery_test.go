package report_test

import (
	"encoding/csv"
	"strings"
	"testing"

	"github.com/amends-care/amends/internal/report"
)

// A span whose complaints are too young for a horizon says so, and knows one of the
// same length of which it can be told.
func TestRecoveryThatIsTooEarly(t *testing.T) {
	f := sixty(t).fold()
	q := report.Query{Zone: berlin(t)} // the last 28 days
	r := made(t, f, "voice", q)
	for i := range r.Tables {
		table := &r.Tables[i]
		days, span, early := r.Earlier(table)
		if early != (table.Name == "recovery_30") {
			t.Errorf("%s: too early is %v", table.Name, early)
		}
		if !early {
			continue
		}
		if why := table.Rows[0].Cells[1].Why; days != 30 || why != "no complaint of this span is 30 days old" {
			t.Errorf("after %d days it says %q", days, why)
		}
		if length := span.To.Sub(span.From).Hours(); length < 28*24-1 || length > 28*24+1 {
			t.Errorf("the other span has %v hours", length)
		}
		q.From, q.To = span.From, span.To
		then := made(t, f, "voice", q)
		if c, _ := cellOf(&then, report.Ref{Table: table.Name, Row: "all", Column: "cases"}); c == nil || c.N == 0 {
			t.Error("nothing can be told of that either")
		}
		for k := range then.Tables {
			if _, _, early := then.Earlier(&then.Tables[k]); early {
				t.Errorf("%s of that is too early again", then.Tables[k].Name)
			}
		}
	}
}

// The lines of a file say what the page says: rose, fell, or why neither.
func TestCSVHasTheTrend(t *testing.T) {
	f := sixty(t).fold()
	r := made(t, f, "volume", report.Query{From: march(t, 2, 0, 0), To: march(t, 4, 0, 0), Zone: berlin(t)})
	var b strings.Builder
	if err := r.Write(&b, "csv"); err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(strings.NewReader(b.String())).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	at, said := map[string]int{}, map[string]int{}
	for i, name := range lines[0] {
		at[name] = i
	}
	for _, line := range lines[1:] {
		cell, _ := cellOf(&r, report.Ref{Table: line[at["table"]], Row: line[at["row"]], Column: line[at["figure"]]})
		if cell == nil || line[at["trend"]] != string(cell.Trend) {
			t.Fatalf("%v: the page says %v", line, cell)
		}
		said[line[at["trend"]]]++
	}
	if said["rose"] == 0 || said[""] == 0 {
		t.Errorf("the trends are %v", said)
	}
}
