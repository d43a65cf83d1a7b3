package tables_test

import (
	"database/sql"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/amends-care/amends/internal/report"
)

// documentedQueries are the queries of docs/tables.md: each block of SQL says in
// its first line which figures its columns are.
func documentedQueries(t *testing.T) (all []string) {
	t.Helper()
	b, err := os.ReadFile("../../docs/tables.md")
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(string(b), "```sql\n")
	for _, p := range parts[1:] {
		text, _, ok := strings.Cut(p, "```")
		if !ok {
			t.Fatal("a block of SQL has no end")
		}
		all = append(all, text)
	}
	return all
}

// goldenFigures are the figures of docs/metrics.md with their values as they
// stand there.
func goldenFigures(t *testing.T) map[string]string {
	t.Helper()
	b, err := os.ReadFile("../../docs/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for line := range strings.Lines(string(b)) {
		if cells := strings.Split(line, "|"); len(cells) > 3 && strings.HasPrefix(strings.TrimSpace(cells[1]), "`") {
			all[strings.Trim(strings.TrimSpace(cells[1]), "`")] = strings.TrimSpace(cells[2])
		}
	}
	return all
}

// The queries of docs/tables.md find in the database of the sixty cases what
// docs/metrics.md works out by hand.
func TestQueriesFindTheFigures(t *testing.T) {
	db := database(t, written(t, sixty(t), "sqlite", report.Span{}))
	golden, found := goldenFigures(t), map[string]bool{}
	for _, text := range documentedQueries(t) {
		for figure, value := range answersOf(t, db, text) {
			found[figure] = true
			want, ok := golden[figure]
			if want, _, _ = strings.Cut(want, " ("); !ok || value != want {
				t.Errorf("%s: %s, documented as %q", figure, value, want)
			}
		}
	}
	for _, part := range []string{"response/first", "response/next", "response/resolution", "response/claim", "response/rate", "response/sla_first_response", "response/detection", "promises/promises", "volume/cases", "volume/flow", "quality/reviews", "now/open"} {
		has := false
		for figure := range found {
			has = has || strings.HasPrefix(figure, part+"/")
		}
		if !has {
			t.Errorf("no query finds a figure of %s", part)
		}
	}
}

// answersOf are the figures that a query finds, as they are written in
// docs/metrics.md: the first line of the query names its columns' units after
// the page and table; the first column is the row.
func answersOf(t *testing.T, db *sql.DB, text string) map[string]string {
	t.Helper()
	first, _, _ := strings.Cut(text, "\n")
	table, by, _ := strings.Cut(strings.TrimPrefix(first, "-- "), " by ")
	rows, err := db.Query(text)
	if err != nil {
		t.Fatalf("%s: %v", first, err)
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for rows.Next() {
		values, to := make([]any, len(names)), make([]any, len(names))
		for i := range values {
			to[i] = &values[i]
		}
		if err := rows.Scan(to...); err != nil {
			t.Fatal(err)
		}
		for i, name := range names[1:] {
			figure := fmt.Sprintf("%s/%v/%s", table, values[0], name)
			if by != "" {
				figure += " by " + by
			}
			all[figure] = shown(name, values[i+1])
		}
	}
	if err := rows.Err(); err != nil || len(all) == 0 {
		t.Fatalf("%s finds nothing: %v", first, err)
	}
	return all
}

// shown is a value as the figures show it: shares as percentages, lengths of
// time in their units.
func shown(name string, value any) string {
	unit := report.Count
	switch v := value.(type) {
	case float64:
		return report.Share.Text(&v)
	case int64:
		if strings.HasSuffix(name, "median") || strings.HasSuffix(name, "p90") {
			unit = report.Seconds
		}
		f := float64(v)
		return unit.Text(&f)
	}
	return unit.Text(nil)
}
