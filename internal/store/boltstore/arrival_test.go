package boltstore

import (
	"crypto/sha256"
	"fmt"
	"testing"

	"github.com/amends-care/amends/internal/store"
)

// Families are told apart by how their names arrive, however they are batched.
func TestArrival(t *testing.T) {
	for _, each := range []int{1, 7, 100} {
		t.Run(fmt.Sprint("batches of ", each), func(t *testing.T) {
			s := fresh(t, Options{Unsynced: true})
			for i := 0; i < 300; {
				var b store.Batch
				for range each {
					i++
					hash := sha256.Sum256(fmt.Append(nil, i))
					b.Puts = append(b.Puts,
						store.Put{Key: fmt.Sprintf("mention/%08d", i)},
						store.Put{Key: fmt.Sprintf("seen/first/%08d", i)},
						store.Put{Key: fmt.Sprintf("seen/second/%08d", i)},
						store.Put{Key: fmt.Sprintf("seen/third/%08d", i)},
						store.Put{Key: fmt.Sprintf("claim/%x", hash[:8])})
				}
				must(t, s, b)
			}
			if err := s.Close(); err != nil { // so that the committer is done with them
				t.Fatal(err)
			}
			for family, want := range map[string]float64{"mention/": orderedFill, "seen/": orderedFill, "claim/": randomFill} {
				if got := s.arrivals[family].fill(); got != want {
					t.Errorf("%s is filled to %v, want %v", family, got, want)
				}
			}
		})
	}
}

// A family changes its ways, and is taken for what it is now.
func TestArrivalChanges(t *testing.T) {
	var a arrival
	random := func(n int) {
		for i := range n {
			hash := sha256.Sum256(fmt.Append(nil, i))
			a.insert(hash[:])
		}
	}
	ordered := func(n int) {
		for range n {
			a.insert(nil)
		}
	}
	random(5000)
	if a.fill() != randomFill {
		t.Error("random names are taken for ordered ones")
	}
	ordered(10_000)
	if a.fill() != orderedFill {
		t.Error("names that arrive in order now are taken for random ones")
	}
	random(10_000)
	if a.fill() != randomFill {
		t.Error("random names are taken for ordered ones again")
	}
}

func TestStats(t *testing.T) {
	s := fresh(t, Options{})
	for range 3 {
		must(t, s, record("a"))
	}
	must(t, s, store.Batch{Puts: []store.Put{{Key: "d", Data: make([]byte, 1<<20)}}})
	if _, err := s.Commit(t.Context(), store.Batch{Checks: []store.Check{{Key: "d"}}}); err == nil {
		t.Error("no conflict")
	}
	must(t, s, store.Batch{Erases: []string{"d"}})
	got := s.Stats()
	if got.Seq != 3 || got.Rev != 5 || got.Commits != 5 || got.Groups != 5 || got.Conflicts != 1 || got.FileBytes < 1<<20 {
		t.Errorf("got %+v", got)
	}
	if free := (got.FreePages + got.Pending) * got.PageBytes; free < 1<<20 {
		t.Errorf("%d bytes are free after a megabyte was erased", free)
	}
	if got.Alarm() || !(Stats{FreePages: 15_000, Pending: 5_000}).Alarm() {
		t.Error("the alarm is not at 20,000 pages, free and pending")
	}
}
