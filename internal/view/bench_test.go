package view_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/desk"
	"github.com/amends-care/amends/internal/store"
	"github.com/amends-care/amends/internal/view"
)

// crowd opens n cases, a thousand a page.
func (h *house) crowd(n int) {
	h.t.Helper()
	for done := 0; done < n; {
		var items []desk.Arrival
		for range min(1000, n-done) {
			done++
			items = append(items, desk.Arrival{What: desk.WasSeen, Verdict: &care.Verdict{Complaint: true}, Post: care.Post{
				Network: "file", Remote: care.Remote(fmt.Sprintf("%09d", done)), Text: "it is broken", PostedAt: h.now.Add(-time.Duration(done%7919) * time.Second),
				Author: care.Author{ID: fmt.Sprint("author", done), Handle: fmt.Sprint("author", done)},
			}})
		}
		if _, err := h.desk.Receive(h.t.Context(), desk.Arrivals{Source: "a", Items: items, Read: len(items)}); err != nil {
			h.t.Fatal(err)
		}
	}
}

// BenchmarkFirstPage reads the first page of a queue, alone and sixteen at
// once, and compares with what reads and sorts every row, as a database without
// an index for the order would.
func BenchmarkFirstPage(b *testing.B) {
	h := newHouse(b)
	h.crowd(100_000)
	v := h.open(view.Options{})
	defer v.Close()
	began := time.Now()
	if err := v.CatchUp(b.Context()); err != nil {
		b.Fatal(err)
	}
	b.Logf("100,000 open cases built in %v", time.Since(began).Round(time.Millisecond))
	read := func(b *testing.B) {
		p, err := v.Cases(b.Context(), view.Query{Queue: "care"})
		if err != nil || len(p.Rows) != 50 || p.Next == "" {
			b.Errorf("%d rows, %v", len(p.Rows), err)
		}
		if _, err := v.Counts(); err != nil {
			b.Error(err)
		}
	}
	b.Run("alone", func(b *testing.B) {
		for b.Loop() {
			read(b)
		}
	})
	b.Run("16 at once", func(b *testing.B) {
		const readers = 16
		var mu sync.Mutex
		var took []time.Duration
		for b.Loop() {
			var wg sync.WaitGroup
			for range readers {
				wg.Go(func() {
					began := time.Now()
					read(b)
					mu.Lock()
					took = append(took, time.Since(began))
					mu.Unlock()
				})
			}
			wg.Wait()
		}
		slices.Sort(took)
		b.ReportMetric(float64(took[len(took)/2].Microseconds()), "µs/page-p50")
		b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "µs/page-p99")
		b.ReportMetric(float64(len(took))/b.Elapsed().Seconds(), "pages/s")
	})
	b.Run("naive", func(b *testing.B) {
		for b.Loop() {
			var rows []care.Row
			for q := (view.Query{List: view.Every, Limit: 200}); ; {
				p, err := v.Cases(b.Context(), q)
				if err != nil {
					b.Fatal(err)
				}
				rows = append(rows, p.Rows...)
				if q.After = p.Next; p.Next == "" {
					break
				}
			}
			slices.SortFunc(rows, func(x, y care.Row) int {
				a, c := x.Order(), y.Order()
				return slices.Compare(a[:], c[:])
			})
			if len(rows[:50]) != 50 {
				b.Fatal("no page")
			}
		}
	})
}

// BenchmarkRebuild builds the view from the log.
func BenchmarkRebuild(b *testing.B) {
	h := newHouse(b)
	h.crowd(20_000)
	v := h.open(view.Options{})
	catchUp(b, v)
	p, err := v.Cases(b.Context(), view.Query{Limit: 200})
	if err != nil {
		b.Fatal(err)
	}
	for _, r := range p.Rows { // as many records of work as of opening
		for range 50 {
			h.act(r.ID, claim)
			h.act(r.ID, func(_ time.Time, c *care.Case) ([]care.Event, error) { return c.Release("ada") })
		}
	}
	if err := v.Close(); err != nil {
		b.Fatal(err)
	}
	last, err := store.Last(b.Context(), h.st)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if err := os.Remove(filepath.Join(h.dir, "view.db")); err != nil {
			b.Fatal(err)
		}
		v := h.open(view.Options{})
		catchUp(b, v)
		if err := v.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(last)*float64(b.N)/b.Elapsed().Seconds(), "records/s")
}
