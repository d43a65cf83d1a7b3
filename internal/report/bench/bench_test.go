package bench

import (
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

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
// before, again and again while the desk works: before each asking a record is
// taken in. first is what it takes to ask a question for the first time.
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
				page(b, fmt.Sprintf("%d/%s/by=%s", n, name, by), y, f, name, report.Query{From: y.start, To: y.end, By: by})
			}
		}
		page(b, fmt.Sprintf("%d/response/28days", n), y, f, "response", report.Query{From: y.end.AddDate(0, 0, -28), To: y.end, By: report.ByQueue})
		b.Logf("%d cases: %d bytes a case with what is kept of those pages", n, (heap()-before)/uint64(n))
		runtime.KeepAlive(f)
	}
}

func page(b *testing.B, title string, y *year, f *report.Fold, name string, q report.Query) {
	b.Helper()
	ask := func() {
		if _, err := f.Report(name, q); err != nil {
			b.Fatal(err)
		}
	}
	used, had := cpu(b), allocated()
	ask()
	first, took := allocated()-had, cpu(b)-used
	b.Run(title, func(b *testing.B) {
		b.ReportAllocs()
		used := cpu(b)
		for b.Loop() {
			y.note(f)
			ask()
		}
		b.ReportMetric(float64((cpu(b)-used).Microseconds())/1000/float64(b.N), "cpu-ms/op")
		b.ReportMetric(float64(took.Microseconds())/1000, "first-cpu-ms")
		b.ReportMetric(float64(first)/1e6, "first-MB")
	})
}

// BenchmarkSixteen asks sixteen different questions at once, after a record was
// taken in: how long until all have their answer.
func BenchmarkSixteen(b *testing.B) {
	for _, n := range sizes(b) {
		y := newYear(n)
		f := y.fold()
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			var slowest time.Duration
			used := cpu(b)
			for b.Loop() {
				y.note(f)
				began := time.Now()
				var wg sync.WaitGroup
				for i := range sixteen {
					wg.Go(func() {
						q := report.Query{From: y.start, To: y.end, By: []report.Dimension{report.ByQueue, report.ByTopic}[i/8]}
						if _, err := f.Report(report.Names()[i%8], q); err != nil {
							b.Error(err)
						}
					})
				}
				wg.Wait()
				slowest = max(slowest, time.Since(began))
			}
			b.ReportMetric(float64(slowest.Microseconds())/1000, "slowest-ms") // the first time, when nothing is kept
			b.ReportMetric(float64((cpu(b)-used).Microseconds())/1000/float64(b.N), "cpu-ms/op")
		})
	}
}

// allocated is how many bytes were ever asked for.
func allocated() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
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
