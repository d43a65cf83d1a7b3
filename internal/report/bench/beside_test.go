package bench

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/stdlib"

	"github.com/amends-care/amends/internal/report"
	"github.com/amends-care/amends/internal/tables"
)

// A question is asked of all three, and has one answer: rows of numbers by what
// they are of. In the SQL, FROM and TO stand for the span and DAY and WEEK for
// those of a case, in UTC.
type question struct {
	page    string
	by      report.Dimension
	table   string
	columns []string // of ours; those of the SQL come in the same order
	sql     string
}

// survival is Kaplan and Meier by a column of the cases.
func survival(by string) string {
	return `WITH kept AS (
  SELECT ` + by + ` AS label, first_seconds AS length, first_outcome, first_target FROM cases
  WHERE counted AND first_outcome IS NOT NULL AND began_at >= FROM AND began_at < TO
), lengths AS (
  SELECT label, length, count(*) FILTER (WHERE first_outcome = 'answered') AS ended, sum(count(*)) OVER (PARTITION BY label ORDER BY length DESC) AS at_risk
  FROM kept GROUP BY label, length
), curve AS (
  SELECT label, length, exp(sum(ln(CASE WHEN ended >= at_risk THEN 1e-300 ELSE 1.0 - CAST(ended AS double precision) / at_risk END)) OVER (PARTITION BY label ORDER BY length)) AS s
  FROM lengths WHERE ended > 0
), marks AS (
  SELECT label, min(length) FILTER (WHERE s <= 0.5 + 1e-9) AS median, min(length) FILTER (WHERE s <= 0.1 + 1e-9) AS p90 FROM curve GROUP BY label
), counts AS (
  SELECT label, count(*) AS cases, count(*) FILTER (WHERE first_target = 'met') * 1.0 / count(*) FILTER (WHERE first_target IN ('met', 'missed')) AS within FROM kept GROUP BY label
)
SELECT label, cases, median, p90, within FROM counts LEFT JOIN marks USING (label)`
}

func questions() map[string]question {
	first := []string{"cases", "median", "p90", "within"}
	return map[string]question{
		"first by queue": {"response", report.ByQueue, "first", first, survival("queue")},
		"first by week":  {"response", report.ByWeek, "first", first, survival("WEEK")},
		"kept by queue": {"response", report.ByQueue, "sla_first_response", []string{"due", "met"}, `
SELECT queue, count(*), count(*) FILTER (WHERE outcome = 'met') FROM targets JOIN cases USING (case_number)
WHERE due_at >= FROM AND due_at < TO AND kind = 'first_response' AND outcome IN ('met', 'missed') AND counted AND state <> 'dismissed' GROUP BY queue`},
		"volume by day":   {"volume", report.ByDay, "cases", []string{"cases"}, `SELECT DAY, count(*) FROM cases WHERE counted AND began_at >= FROM AND began_at < TO GROUP BY 1`},
		"volume by topic": {"volume", report.ByTopic, "cases", []string{"cases", "customers"}, `SELECT topic, count(*), count(DISTINCT customer) FROM cases WHERE counted AND began_at >= FROM AND began_at < TO GROUP BY 1`},
		"promises by queue": {"promises", report.ByQueue, "promises", []string{"due", "kept", "told", "slipped"}, `
SELECT queue, count(*), count(*) FILTER (WHERE outcome = 'kept'), count(*) FILTER (WHERE outcome = 'told'), count(*) FILTER (WHERE outcome = 'slipped')
FROM promises JOIN cases USING (case_number) WHERE due_at >= FROM AND due_at < TO AND outcome <> 'open' AND NOT (late OR imported OR demo) GROUP BY queue`},
	}
}

// for dialects: what stands for a part of a question.
func dialect(name string, y *year) *strings.Replacer {
	at := func(t time.Time) string { return t.UTC().Format("'2006-01-02T15:04:05.000Z'") }
	day, week := `substr(began_at, 1, 10)`, `date(began_at, 'weekday 0', '-6 days')`
	if name == "postgres" {
		day, week = `to_char(began_at AT TIME ZONE 'UTC', 'YYYY-MM-DD')`, `to_char(date_trunc('week', began_at AT TIME ZONE 'UTC'), 'YYYY-MM-DD')`
	}
	return strings.NewReplacer(">= FROM", ">= "+at(y.start), "< TO", "< "+at(y.end), "DAY", day, "WEEK", week)
}

// An answer is rows of numbers, written so that they compare.
type answer map[string]string

func written(values []float64) string {
	var parts []string
	for _, v := range values {
		parts = append(parts, fmt.Sprintf("%.5f", v))
	}
	return strings.Join(parts, " ")
}

func ours(b *testing.B, f *report.Fold, y *year, q question) answer {
	b.Helper()
	r, err := f.Report(q.page, report.Query{From: y.start, To: y.end, By: q.by})
	if err != nil {
		b.Fatal(err)
	}
	all := answer{}
	for _, t := range r.Tables {
		if t.Name != q.table {
			continue
		}
		for _, row := range t.Rows[1:] {
			var values []float64
			for _, name := range q.columns {
				cell := row.Cells[slices.IndexFunc(t.Columns, func(c report.Column) bool { return c.Name == name })]
				if v := -1.0; cell.Value == nil {
					values = append(values, v)
				} else {
					values = append(values, *cell.Value)
				}
			}
			all[row.Label] = written(values)
		}
	}
	return all
}

func theirs(b *testing.B, db *sql.DB, text string, columns int) answer {
	b.Helper()
	rows, err := db.Query(text)
	if err != nil {
		b.Fatal(err)
	}
	defer rows.Close()
	all := answer{}
	for rows.Next() {
		var label string
		values, to := make([]sql.NullFloat64, columns), []any{&label}
		for i := range values {
			to = append(to, &values[i])
		}
		if err := rows.Scan(to...); err != nil {
			b.Fatal(err)
		}
		var numbers []float64
		for _, v := range values {
			if !v.Valid {
				v.Float64 = -1
			}
			numbers = append(numbers, math.Round(v.Float64*1e6)/1e6) // as our cells are
		}
		all[label] = written(numbers)
	}
	if err := rows.Err(); err != nil {
		b.Fatal(err)
	}
	return all
}

// sixteen is how many ask at once.
const sixteen = 16

// timed measures a question alone, and asked by many at once.
func timed(b *testing.B, name string, ask func()) {
	b.Run(name+"/alone", func(b *testing.B) {
		for b.Loop() {
			ask()
		}
	})
	b.Run(name+"/sixteen", func(b *testing.B) {
		b.SetParallelism(sixteen)
		b.RunParallel(func(p *testing.PB) {
			for p.Next() {
				ask()
			}
		})
		b.ReportMetric(b.Elapsed().Seconds()*1000*sixteen/float64(b.N), "ms-each")
	})
}

// BenchmarkBeside asks the same of the fold, of SQLite and of PostgreSQL, which
// hold the tables of the export with indexes that fit the questions. All answer
// the same before any is measured. The fold answers with the whole page that
// the answer stands on, with intervals, beside that of the year before.
func BenchmarkBeside(b *testing.B) {
	for _, n := range sizes(b) {
		y := newYear(n)
		f := y.fold()
		dbs := map[string]*sql.DB{"sqlite": sqlite(b, f), "postgres": filled(b, postgres(b), f)}
		for _, name := range slices.Sorted(maps.Keys(questions())) {
			q := questions()[name]
			want := ours(b, f, y, q)
			for _, kind := range slices.Sorted(maps.Keys(dbs)) {
				db, text := dbs[kind], dialect(kind, y).Replace(q.sql)
				if db == nil {
					b.Logf("%s can't be started here", kind)
					continue
				}
				got := theirs(b, db, text, len(q.columns))
				if len(got) == 0 || !maps.Equal(got, want) {
					for label, v := range want {
						if got[label] != v {
							b.Fatalf("%s by %s: %s: %q, and %q by ours (%d and %d rows)", name, kind, label, got[label], v, len(got), len(want))
						}
					}
					b.Fatalf("%s by %s: %d rows, %d by ours", name, kind, len(got), len(want))
				}
				timed(b, fmt.Sprintf("%d/%s/%s", n, name, kind), func() { theirs(b, db, text, len(q.columns)) })
			}
			timed(b, fmt.Sprintf("%d/%s/amends", n, name), func() { ours(b, f, y, q) })
		}
	}
}

// indexes are those that the questions can use.
var indexes = []string{
	`CREATE INDEX cases_began ON cases (began_at)`, `CREATE INDEX cases_queue ON cases (queue, first_seconds)`,
	`CREATE INDEX targets_due ON targets (kind, due_at)`, `CREATE INDEX promises_due ON promises (due_at)`, `ANALYZE`,
}

func export(b *testing.B, f *report.Fold, form string) string {
	b.Helper()
	began, dir := time.Now(), b.TempDir()
	from, to := io.Pipe()
	go func() { _ = to.CloseWithError(tables.Send(to, f, report.Span{})) }()
	if err := tables.Write(dir, form, from); err != nil {
		b.Fatal(err)
	}
	b.Logf("%d cases as %s in %v", f.Cases(), form, time.Since(began).Round(time.Millisecond))
	return dir
}

// sqlite has the export as it is, and the indexes.
func sqlite(b *testing.B, f *report.Fold) *sql.DB {
	b.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(export(b, f, "sqlite"), "amends.sqlite")+"?_pragma=cache_size(-400000)&_pragma=mmap_size(4000000000)")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = db.Close() })
	for _, s := range indexes {
		if _, err := db.Exec(s); err != nil {
			b.Fatal(err)
		}
	}
	return db
}

// filled copies the export's CSV into a server.
func filled(b *testing.B, db *sql.DB, f *report.Fold) *sql.DB {
	b.Helper()
	if db == nil {
		return nil
	}
	b.Cleanup(func() { _ = db.Close() })
	dir := export(b, f, "csv")
	kinds := map[report.FieldKind]string{report.Text: "text", report.Integer: "bigint", report.Truth: "boolean", report.Instant: "timestamptz"}
	must := func(err error) {
		b.Helper()
		if err != nil {
			b.Fatal(err)
		}
	}
	for _, l := range report.Listings() {
		var columns []string
		for _, c := range l.Fields {
			column := c.Name + " " + kinds[c.Kind]
			if l.Name == "cases" && c.Name == "case_number" {
				column += " PRIMARY KEY"
			}
			columns = append(columns, column)
		}
		_, err := db.Exec("CREATE TABLE " + l.Name + " (" + strings.Join(columns, ", ") + ")")
		must(err)
		file, err := os.Open(filepath.Join(dir, l.Name+".csv"))
		must(err)
		conn, err := db.Conn(context.Background())
		must(err)
		must(conn.Raw(func(c any) error {
			_, err := c.(*stdlib.Conn).Conn().PgConn().CopyFrom(context.Background(), file, "COPY "+l.Name+" FROM STDIN (FORMAT csv, HEADER)")
			return err
		}))
		must(conn.Close())
		must(file.Close())
	}
	for _, s := range append(slices.Clone(indexes), "VACUUM ANALYZE") {
		_, err := db.Exec(s)
		must(err)
	}
	return db
}
