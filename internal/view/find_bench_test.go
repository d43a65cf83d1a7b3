package view_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/desk"
	"github.com/amends-care/amends/internal/view"
)

// talk brings n posts of some twenty words each, of which few are frequent and
// most are rare, as in any language; every twentieth opens a case.
func (l *library) talk(n int) {
	l.t.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	zipf := rand.NewZipf(r, 1.1, 8, 60_000)
	for done := 0; done < n; {
		var items []desk.Arrival
		for range min(1000, n-done) {
			done++
			words := make([]string, 12+r.IntN(16))
			for i := range words {
				words[i] = wordNo(zipf.Uint64())
			}
			who := fmt.Sprint("author", r.IntN(n/3+1))
			items = append(items, desk.Arrival{What: desk.WasSeen, Verdict: &care.Verdict{Complaint: done%20 == 0}, Post: care.Post{
				Network: "file", Remote: care.Remote(fmt.Sprintf("%09d", done)), Text: strings.Join(words, " "), PostedAt: l.now, Author: care.Author{ID: who, Handle: who},
			}})
		}
		if _, err := l.desk.Receive(l.t.Context(), desk.Arrivals{Source: "a", Items: items, Read: len(items)}); err != nil {
			l.t.Fatal(err)
		}
		l.now = l.now.Add(time.Minute)
	}
}

// wordNo is a word of three to six syllables, another for each number.
func wordNo(n uint64) string {
	var b strings.Builder
	for n += 300; n > 0; n /= 40 {
		b.WriteByte("bdfgklmnprst"[n%40%12])
		b.WriteByte("aeiou"[n%5])
	}
	return b.String()
}

func size(b *testing.B, dir string) (n int64) {
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		b.Fatal(err)
	}
	for _, f := range files {
		if st, err := os.Stat(f); err == nil {
			n += st.Size()
		}
	}
	return n
}

// BenchmarkSearch builds the index of 100,000 mentions and asks it what people
// ask, beside reading every mention and looking into it.
func BenchmarkSearch(b *testing.B) {
	const n = 100_000 // mentions
	l := newLibrary(b)
	l.talk(n)
	catchUp(b, l.v)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	began := time.Now()
	if err := l.ix.CatchUp(b.Context()); err != nil {
		b.Fatal(err)
	}
	took := time.Since(began)
	runtime.GC()
	runtime.ReadMemStats(&after)
	b.Logf("%d mentions indexed in %v, %d MB on the disk, %d MB of heap", n, took.Round(time.Millisecond), size(b, l.folder())>>20, (after.HeapAlloc-min(before.HeapAlloc, after.HeapAlloc))>>20)
	began = time.Now()
	if err := l.ix.Compact(b.Context()); err != nil {
		b.Fatal(err)
	}
	b.Logf("compacted in %v to %d MB", time.Since(began).Round(time.Millisecond), size(b, l.folder())>>20)
	often, seldom := wordNo(3), wordNo(9000)
	for _, q := range []struct{ name, query string }{
		{"a frequent word", often}, {"two frequent words", often + " " + wordNo(5)}, {"a rare word", seldom}, {"a phrase", `"` + often + " " + wordNo(1) + `"`},
		{"a prefix of two letters", often[:2]}, {"a typo", seldom[:2] + "x" + seldom[3:]}, {"a handle", "@author77"}, {"nothing", "qqqqqqqqqq zzzzzzzzzz"},
	} {
		b.Run(q.name, func(b *testing.B) {
			var all []time.Duration
			var f *view.Found
			for b.Loop() {
				began := time.Now()
				f = l.search(q.query)
				all = append(all, time.Since(began))
			}
			slices.Sort(all)
			b.ReportMetric(float64(all[len(all)/2].Microseconds()), "µs-p50")
			b.ReportMetric(float64(all[len(all)*95/100].Microseconds()), "µs-p95")
			b.ReportMetric(float64(len(f.Cases)), "cases")
		})
	}
	b.Run("reading every mention", func(b *testing.B) {
		for b.Loop() {
			for q := (view.MentionQuery{Limit: 200}); ; {
				ms, next, err := l.v.AllMentions(b.Context(), q)
				if err != nil {
					b.Fatal(err)
				}
				for _, m := range ms {
					_ = strings.Contains(strings.ToLower(m.Post.Text), seldom)
				}
				if q.Before = next; next == "" {
					break
				}
			}
		}
	})
}
