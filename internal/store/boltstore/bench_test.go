package boltstore

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"github.com/amends-care/amends/internal/store"
)

// A committer is what the benchmarks compare: this store, and the plain way.
type committer interface {
	Commit(ctx context.Context, b store.Batch) (store.Seq, error)
	file() *bbolt.DB
}

func (s *Store) file() *bbolt.DB { return s.db }

// contenders opens each of what is compared, in a folder of its own.
var contenders = []struct {
	name string
	open func(b *testing.B) committer
}{
	{"committer", func(b *testing.B) committer { return openBench(b) }},
	{"naive", func(b *testing.B) committer { return openNaive(b) }},
}

func openBench(b *testing.B) *Store {
	s := open(b, filepath.Join(b.TempDir(), "log.db"), Options{})
	b.Cleanup(func() { _ = s.Close() })
	return s
}

// A naive store does what is simplest: one db.Update for each batch, bbolt's
// own options, one bucket for the documents and one for the log.
type naive struct{ db *bbolt.DB }

func openNaive(b *testing.B) *naive {
	db, err := bbolt.Open(filepath.Join(b.TempDir(), "naive.db"), 0o600, nil)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = db.Close() })
	if err := db.Update(func(tx *bbolt.Tx) error {
		for _, name := range []string{"docs", "log", "ends", "ops"} {
			if _, err := tx.CreateBucket([]byte(name)); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		b.Fatal(err)
	}
	return &naive{db}
}

func (n *naive) file() *bbolt.DB { return n.db }

var errNaive = errors.New("conflict")

func (n *naive) Commit(_ context.Context, b store.Batch) (seq store.Seq, err error) {
	return seq, n.db.Update(func(tx *bbolt.Tx) error {
		docs, log, ends := tx.Bucket([]byte("docs")), tx.Bucket([]byte("log")), tx.Bucket([]byte("ends"))
		if b.Op != "" {
			if err := tx.Bucket([]byte("ops")).Put([]byte(b.Op), []byte{1}); err != nil {
				return err
			}
		}
		for _, p := range b.Puts {
			if was := docs.Get([]byte(p.Key)); (was == nil) != (p.Was == 0) {
				return errNaive
			}
			if err := docs.Put([]byte(p.Key), append(make([]byte, 8), p.Data...)); err != nil {
				return err
			}
		}
		for _, a := range b.Appends {
			next, err := log.NextSequence()
			if err != nil {
				return err
			}
			seq = store.Seq(next)
			if end := ends.Get([]byte(a.Stream)); end != nil && seqOf(end) != a.After {
				return errNaive
			}
			v := append(append(make([]byte, 8), a.Stream...), a.Data...)
			if err := errors.Join(log.Put(seqKey(seq), v), ends.Put([]byte(a.Stream), seqKey(seq))); err != nil {
				return err
			}
		}
		return nil
	})
}

// pages makes the batches that intake makes of what it polls.
type pages struct {
	next  int // of the next mention
	texts *rand.ChaCha8
	open  []store.Append // the cases of the page before, and where they stand
}

// batch is a page of n mentions: each a document of about 700 bytes and the
// key that says it was seen. Every third is flagged and brings a claim, under a
// keyed hash and so at random, a record that opens a case, and one more for a
// case of the page before.
func (p *pages) batch(n int) store.Batch {
	b := store.Batch{Op: fmt.Sprint("page/", p.next)}
	var joined []store.Append
	for range n {
		i := p.next
		p.next++
		text := make([]byte, 660)
		_, _ = p.texts.Read(text)
		b.Puts = append(b.Puts,
			store.Put{Key: fmt.Sprintf("mention/%016x", i), Data: text},
			store.Put{Key: fmt.Sprintf("seen/bluesky/%013d", 300_000_000+i*7), Data: binary.BigEndian.AppendUint64(nil, uint64(i))})
		if i%3 > 0 {
			continue
		}
		h := sha256.Sum256(binary.BigEndian.AppendUint64(nil, uint64(i)))
		b.Puts = append(b.Puts, store.Put{Key: fmt.Sprintf("claim/bluesky/%x", h[:16]), Data: binary.BigEndian.AppendUint64(nil, uint64(i))})
		b.Appends = append(b.Appends, store.Append{Stream: fmt.Sprintf("case/%016x", i), Data: text[:150]})
		if n := len(joined); n < len(p.open) {
			joined = append(joined, p.open[n])
			joined[n].Data = text[:60]
		}
	}
	p.open = append([]store.Append(nil), b.Appends...)
	b.Appends = append(b.Appends, joined...)
	return b
}

// committed notes where the new cases of a batch stand.
func (p *pages) committed(b store.Batch, last store.Seq) {
	for i := range p.open {
		p.open[i].After = last - store.Seq(len(b.Appends)-1-i)
	}
}

// BenchmarkMentions writes pages of a thousand mentions, one after the other,
// and says whether the last hundred thousand went as fast as the first.
// AMENDS_MENTIONS sets how many; by default 200,000.
func BenchmarkMentions(b *testing.B) {
	total := 200_000
	if n, err := strconv.Atoi(os.Getenv("AMENDS_MENTIONS")); err == nil {
		total = n
	}
	for _, c := range contenders {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				s := c.open(b)
				runtime.GC()
				b.StartTimer()
				p := &pages{texts: rand.NewChaCha8([32]byte{1})}
				const part = 100_000
				var rates []float64
				cpu, part0, start := cpuTime(), time.Now(), time.Now()
				for p.next < total {
					batch := p.batch(1000)
					last, err := s.Commit(b.Context(), batch)
					if err != nil {
						b.Fatal(err)
					}
					p.committed(batch, last)
					if p.next%part == 0 {
						rates = append(rates, part/time.Since(part0).Seconds())
						part0 = time.Now()
					}
				}
				n := float64(total)
				b.ReportMetric(n/time.Since(start).Seconds(), "mentions/s")
				b.ReportMetric(rates[0], "first100k/s")
				b.ReportMetric(rates[len(rates)-1], "last100k/s")
				b.ReportMetric(float64(cpuTime()-cpu)/n/1e3, "cpu-µs/mention")
				reportPages(b, s.file(), n, "mention")
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}

// BenchmarkCallers has fifty callers commit small decisions: a record and a
// document each.
func BenchmarkCallers(b *testing.B) {
	for _, c := range contenders {
		for _, callers := range []int{50, 200} {
			b.Run(fmt.Sprint(c.name, "/", callers), func(b *testing.B) {
				s := c.open(b)
				var ids atomic.Int64
				var wg sync.WaitGroup
				start, data := time.Now(), make([]byte, 120)
				for range callers {
					wg.Go(func() {
						for i := ids.Add(1); i <= int64(b.N); i = ids.Add(1) {
							if _, err := s.Commit(b.Context(), store.Batch{
								Op:      fmt.Sprint("op/", i),
								Appends: []store.Append{{Stream: fmt.Sprintf("case/%012d", i), Data: data}},
								Puts:    []store.Put{{Key: fmt.Sprintf("text/%012d/1", i), Data: data}},
							}); err != nil {
								b.Error(err)
								return
							}
						}
					})
				}
				wg.Wait()
				b.ReportMetric(float64(b.N)/time.Since(start).Seconds(), "commits/s")
				reportPages(b, s.file(), float64(b.N), "commit")
			})
		}
	}
}

// reportPages says how much was written, and how large the file became.
func reportPages(b *testing.B, db *bbolt.DB, n float64, each string) {
	stats := db.Stats()
	b.ReportMetric(float64(stats.TxStats.GetPageAlloc())/n, "written-B/"+each)
	if info, err := os.Stat(db.Path()); err == nil {
		b.ReportMetric(float64(info.Size())/n, "file-B/"+each)
	}
}

// BenchmarkTail reads the log as a view does that is being rebuilt.
func BenchmarkTail(b *testing.B) {
	s := openBench(b)
	const n = 200_000
	for i := range n / 1000 {
		batch := store.Batch{}
		for j := range 1000 {
			batch.Appends = append(batch.Appends, store.Append{Stream: fmt.Sprintf("case/%08d", i*1000+j), Data: make([]byte, 180)})
		}
		if _, err := s.Commit(b.Context(), batch); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		for r, err := range s.Tail(b.Context(), 0) {
			if err != nil {
				b.Fatal(err)
			}
			if r.Seq == n {
				break
			}
		}
	}
	b.ReportMetric(float64(b.N)*n/b.Elapsed().Seconds(), "records/s")
}

// BenchmarkBackup copies a store of 100,000 mentions, and makes it anew from
// the copy.
func BenchmarkBackup(b *testing.B) {
	s := openBench(b)
	p := &pages{texts: rand.NewChaCha8([32]byte{1})}
	for p.next < 100_000 {
		batch := p.batch(1000)
		last, err := s.Commit(b.Context(), batch)
		if err != nil {
			b.Fatal(err)
		}
		p.committed(batch, last)
	}
	var whole bytes.Buffer
	b.Run("snapshot", func(b *testing.B) {
		for b.Loop() {
			whole.Reset()
			if _, err := s.Snapshot(b.Context(), &whole); err != nil {
				b.Fatal(err)
			}
		}
		b.SetBytes(int64(whole.Len()))
	})
	b.Run("restore", func(b *testing.B) {
		for b.Loop() {
			if _, err := Restore(file(b.TempDir()), bytes.NewReader(whole.Bytes())); err != nil {
				b.Fatal(err)
			}
		}
		b.SetBytes(int64(whole.Len()))
	})
}
