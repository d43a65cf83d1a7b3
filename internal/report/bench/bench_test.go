package bench

import (
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite"

	"github.com/amends-care/amends/internal/report"
)

// sizes are the numbers of cases that are measured: 100,000, and what
// AMENDS_BENCH_CASES says besides.
func sizes(b *testing.B) []int {
	b.Helper()
	all := []int{100_000}
	if s := os.Getenv("AMENDS_BENCH_CASES"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			b.Fatal(err)
		}
		all = append(all, n)
	}
	return all
}

// BenchmarkRebuild reads a log from its bytes, as a server does that starts.
func BenchmarkRebuild(b *testing.B) {
	y := newYear(50_000)
	type entry struct {
		stream string
		data   []byte
	}
	var log []entry
	bytes := 0
	for _, h := range y.happenings {
		r := y.record(h)
		log = append(log, entry{"case/" + string(y.id(h.of)), r.Encode()})
		bytes += len(log[len(log)-1].data)
	}
	b.ReportAllocs()
	for b.Loop() {
		f := report.New(nil)
		for i, e := range log {
			if err := f.Add(uint64(i+1), e.stream, e.data); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(len(log))*float64(b.N)/b.Elapsed().Seconds(), "records/s")
	b.ReportMetric(float64(bytes)/float64(len(log)), "bytes/record")
}

// BenchmarkPages makes each page over the whole year, compared with the year
// before. The first time after the fold was made is cold.
func BenchmarkPages(b *testing.B) {
	for _, n := range sizes(b) {
		y := newYear(n)
		before := heap()
		began := time.Now()
		f := y.fold()
		took := time.Since(began)
		b.Logf("%d cases, %d records: folded in %v, %d bytes a case", n, len(y.happenings), took.Round(time.Millisecond), (heap()-before)/uint64(n))
		for _, name := range report.Names() {
			for _, by := range []report.Dimension{report.ByNothing, report.ByQueue} {
				q := report.Query{From: y.start, To: y.end, By: by}
				cold := time.Now()
				if _, err := f.Report(name, q); err != nil {
					b.Fatal(err)
				}
				first := time.Since(cold)
				b.Run(fmt.Sprintf("%d/%s/by=%s", n, name, by), func(b *testing.B) {
					b.ReportAllocs()
					used := cpu(b)
					for b.Loop() {
						if _, err := f.Report(name, q); err != nil {
							b.Fatal(err)
						}
					}
					b.ReportMetric(float64((cpu(b)-used).Microseconds())/1000/float64(b.N), "cpu-ms/op")
					b.ReportMetric(float64(first.Microseconds())/1000, "cold-ms")
				})
			}
		}
		q := report.Query{From: y.end.AddDate(0, 0, -28), To: y.end, By: report.ByQueue}
		b.Run(fmt.Sprintf("%d/response/28days", n), func(b *testing.B) {
			for b.Loop() {
				if _, err := f.Report("response", q); err != nil {
					b.Fatal(err)
				}
			}
		})
		runtime.KeepAlive(f)
	}
}

// cpu is what this process has used of the processors: on a machine that others
// use too it says more than the time that passed.
func cpu(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// The questions that are asked of all three: first response by queue with
// Kaplan–Meier, targets kept by queue, and what came and went by day.
var questions = map[string]string{
	"first": `
WITH d AS (
  SELECT queue, CASE WHEN replied IS NOT NULL THEN replied - began ELSE $1 - began END / 1000 AS dur,
         CASE WHEN replied IS NOT NULL THEN 1 ELSE 0 END AS over
  FROM cases WHERE began >= $2 AND began < $3 AND state <> 'dismissed'
), o AS (SELECT queue, dur, sum(over) AS ended, count(*) AS n FROM d GROUP BY queue, dur),
r AS (SELECT queue, dur, ended, sum(n) OVER (PARTITION BY queue ORDER BY dur DESC) AS at_risk FROM o),
s AS (SELECT queue, dur, exp(sum(ln(CASE WHEN ended >= at_risk THEN 1e-300 ELSE 1.0 - ended * 1.0 / at_risk END)) OVER (PARTITION BY queue ORDER BY dur)) AS s FROM r)
SELECT queue, min(CASE WHEN s <= 0.5 THEN dur END), min(CASE WHEN s <= 0.1 THEN dur END) FROM s GROUP BY queue ORDER BY queue`,
	"attainment": `
SELECT queue, sum(CASE WHEN targets.state = 'met' THEN 1 ELSE 0 END), count(*)
FROM targets JOIN cases ON cases.id = targets.of
WHERE due >= $2 AND due < $3 AND due <= $1 AND cases.state <> 'dismissed' GROUP BY queue ORDER BY queue`,
	"flow": `SELECT at / 86400000 AS day, kind, count(*) FROM acts WHERE at >= $2 AND at < $3 AND at <= $1 GROUP BY 1, 2 ORDER BY 1, 2`,
}

var schema = []string{
	`CREATE TABLE cases (id BIGINT PRIMARY KEY, queue TEXT NOT NULL, began BIGINT NOT NULL, replied BIGINT, ended BIGINT, state TEXT NOT NULL)`,
	`CREATE TABLE targets (of BIGINT NOT NULL, kind TEXT NOT NULL, due BIGINT NOT NULL, state TEXT NOT NULL)`,
	`CREATE TABLE acts (at BIGINT NOT NULL, of BIGINT NOT NULL, kind TEXT NOT NULL)`,
}

var indexes = []string{
	`CREATE INDEX cases_began ON cases (began)`, `CREATE INDEX targets_due ON targets (due)`, `CREATE INDEX acts_at ON acts (at)`, `ANALYZE`,
}

// fill writes the year into tables, many rows a statement.
func fill(b *testing.B, db *sql.DB, y *year) {
	b.Helper()
	tx, err := db.Begin()
	if err != nil {
		b.Fatal(err)
	}
	must := func(query string, args ...any) {
		if _, err := tx.Exec(query, args...); err != nil {
			b.Fatal(err)
		}
	}
	for _, s := range schema {
		must(s)
	}
	type row struct {
		replied, ended any
		state          string
	}
	cases := make([]row, y.n)
	table := map[string]*rows{
		"cases": {tx: tx, head: "INSERT INTO cases VALUES ", wide: 6}, "targets": {tx: tx, head: "INSERT INTO targets VALUES ", wide: 4},
		"acts": {tx: tx, head: "INSERT INTO acts VALUES ", wide: 3},
	}
	for i := range cases {
		cases[i].state = "waiting"
	}
	for _, h := range y.happenings {
		c := &cases[h.of]
		switch h.kind {
		case opens:
			table["acts"].add(b, h.at, int64(h.of), "opened")
		case answers:
			c.replied, c.state = h.at, "claimed"
		case resolves, resolvesAgain, dismisses:
			c.ended, c.state = h.at, "resolved"
			if h.kind == dismisses {
				c.state = "dismissed"
			}
			table["acts"].add(b, h.at, int64(h.of), "closed")
		case reopens:
			c.state = "claimed"
			table["acts"].add(b, h.at, int64(h.of), "reopened")
		}
	}
	for i := range cases {
		c, due := &cases[i], y.began[i]+30*60_000
		table["cases"].add(b, int64(i), y.queue(uint32(i)), y.began[i], c.replied, c.ended, c.state)
		state := "breached"
		if at, ok := c.replied.(int64); ok && at <= due {
			state = "met"
		}
		table["targets"].add(b, int64(i), "first_response", due, state)
	}
	for _, t := range table {
		t.flush(b)
	}
	for _, s := range indexes {
		must(s)
	}
	if err := tx.Commit(); err != nil {
		b.Fatal(err)
	}
}

type rows struct {
	tx   *sql.Tx
	head string
	wide int
	args []any
}

func (r *rows) add(b *testing.B, values ...any) {
	if r.args = append(r.args, values...); len(r.args) >= 200*r.wide {
		r.flush(b)
	}
}

func (r *rows) flush(b *testing.B) {
	b.Helper()
	query := []byte(r.head)
	for i := range r.args {
		switch {
		case i == 0:
			query = append(query, '(')
		case i%r.wide == 0:
			query = append(query, "),("...)
		default:
			query = append(query, ',')
		}
		query = fmt.Appendf(query, "$%d", i+1)
	}
	if len(r.args) > 0 {
		if _, err := r.tx.Exec(string(query)+")", r.args...); err != nil {
			b.Fatal(err)
		}
	}
	r.args = r.args[:0]
}

func ask(b *testing.B, db *sql.DB, query string, y *year) (n int) {
	b.Helper()
	found, err := db.Query(query, y.end.UnixMilli(), y.start.UnixMilli(), y.end.UnixMilli())
	if err != nil {
		b.Fatal(err)
	}
	defer found.Close()
	for found.Next() {
		var a, c, d any
		if err := found.Scan(&a, &c, &d); err != nil {
			b.Fatal(err)
		}
		n++
	}
	return n
}

// BenchmarkBeside asks the same of the fold, of SQLite and of PostgreSQL. The
// fold answers with the whole page of response times, with intervals; the
// others with one question.
func BenchmarkBeside(b *testing.B) {
	for _, n := range sizes(b) {
		y := newYear(n)
		f := y.fold()
		b.Run(fmt.Sprintf("%d/amends/response-page", n), func(b *testing.B) {
			for b.Loop() {
				if _, err := f.Report("response", report.Query{From: y.start, To: y.end, By: report.ByQueue}); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("%d/amends/volume-page", n), func(b *testing.B) {
			for b.Loop() {
				if _, err := f.Report("volume", report.Query{From: y.start, To: y.end, By: report.ByDay}); err != nil {
					b.Fatal(err)
				}
			}
		})
		for name, db := range map[string]*sql.DB{"sqlite": sqlite(b), "postgres": postgres(b)} {
			if db == nil {
				b.Logf("%s can't be started here", name)
				continue
			}
			fill(b, db, y)
			for question, query := range questions {
				b.Run(fmt.Sprintf("%d/%s/%s", n, name, question), func(b *testing.B) {
					for b.Loop() {
						if ask(b, db, query, y) == 0 {
							b.Fatal("no answer")
						}
					}
				})
			}
			db.Close()
		}
	}
}

func sqlite(b *testing.B) *sql.DB {
	b.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(b.TempDir(), "year.db")+"?_pragma=journal_mode(wal)&_pragma=cache_size(-400000)&_pragma=mmap_size(2000000000)")
	if err != nil {
		b.Fatal(err)
	}
	return db
}

// postgres starts a server of its own; nil where there is none.
func postgres(b *testing.B) *sql.DB {
	b.Helper()
	dir, err := os.MkdirTemp("", "amends-bench-")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = os.RemoveAll(dir) })
	data := filepath.Join(dir, "data")
	// A server refuses to run as root; then it runs as nobody.
	as := func(args ...string) *exec.Cmd {
		if os.Getuid() == 0 {
			args = append([]string{"setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"}, args...)
		}
		c := exec.Command(args[0], args[1:]...)
		c.Dir = dir
		return c
	}
	if os.Getuid() == 0 {
		if out, err := exec.Command("chown", "nobody:nogroup", dir).CombinedOutput(); err != nil {
			b.Logf("%s", out)
			return nil
		}
	}
	if out, err := as("initdb", "-D", data, "-U", "bench", "--no-sync", "-A", "trust").CombinedOutput(); err != nil {
		b.Logf("initdb: %v: %.300s", err, out)
		return nil
	}
	server := as("postgres", "-D", data, "-k", dir, "-c", "listen_addresses=", "-c", "shared_buffers=1GB", "-c", "work_mem=256MB", "-c", "jit=off")
	if err := server.Start(); err != nil {
		b.Logf("postgres: %v", err)
		return nil
	}
	b.Cleanup(func() {
		_ = server.Process.Signal(os.Interrupt)
		_ = server.Wait()
	})
	db, err := sql.Open("pgx", "host="+dir+" user=bench dbname=postgres")
	if err != nil {
		b.Fatal(err)
	}
	for range 100 {
		if err = db.Ping(); err == nil {
			return db
		}
		time.Sleep(100 * time.Millisecond)
	}
	b.Logf("postgres does not answer: %v", err)
	return nil
}
