package boltstore

import (
	"fmt"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"github.com/amends-care/amends/internal/store"
)

// opsKept counts the ops in the file, by day.
func opsKept(t *testing.T, s *Store) (n, days int) {
	t.Helper()
	err := s.db.View(func(tx *bbolt.Tx) error {
		ops := tx.Bucket(bucketOps)
		return ops.ForEachBucket(func(day []byte) error {
			days++
			return ops.Bucket(day).ForEach(func(_, _ []byte) error {
				n++
				return nil
			})
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return n, days
}

// An op is remembered for seven days to the second, and forgotten bit by bit as
// new ones come: at a steady rate the file holds eight or nine days of them.
func TestOpsAreForgottenSteadily(t *testing.T) {
	now := time.Date(2026, 3, 1, 23, 30, 0, 0, time.UTC)
	s := fresh(t, Options{Unsynced: true, Now: func() time.Time { return now }})
	const perDay = 48
	times := make(map[int]time.Time)
	answers := make(map[int]store.Seq)
	n := 0
	for range 25 * perDay {
		b := record("a")
		b.Op = fmt.Sprint("op", n)
		times[n], answers[n] = now, must(t, s, b)
		n++
		// The oldest that must still be known, and one in between.
		for _, i := range []int{n - 7*perDay, n - 3*perDay - n%50} {
			if i < 0 || now.Sub(times[i]) > store.OpMemory {
				continue
			}
			b := record("never")
			b.Op = fmt.Sprint("op", i)
			if got := must(t, s, b); got != answers[i] {
				t.Fatalf("op %d of %v ago was forgotten", i, now.Sub(times[i]))
			}
		}
		now = now.Add(24 * time.Hour / perDay)
		if kept, days := opsKept(t, s); kept > 10*perDay || days > 10 {
			t.Fatalf("%d ops of %d days are kept", kept, days)
		}
	}
	b := record("again")
	b.Op = "op0"
	if got := must(t, s, b); got != store.Seq(n+1) {
		t.Errorf("an op of 25 days ago is still known, and was answered %d", got)
	}
}

// After a long silence nothing is deleted in bulk.
func TestOpsAreNotForgottenAtOnce(t *testing.T) {
	now := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	s := fresh(t, Options{Unsynced: true, Now: func() time.Time { return now }})
	op := func(i int) store.Batch {
		b := record("a")
		b.Op = fmt.Sprintf("op%05d", i)
		return b
	}
	for i := range 100 {
		must(t, s, op(i))
	}
	now = now.AddDate(0, 1, 0)
	for i := range 60 {
		must(t, s, op(1000+i))
		kept, _ := opsKept(t, s)
		if want := max(100-forgetEach*(i+1), 0) + i + 1; kept != want {
			t.Fatalf("after %d new ones %d are kept, want %d", i+1, kept, want)
		}
	}
	if _, days := opsKept(t, s); days != 1 {
		t.Errorf("%d days are kept, want 1", days)
	}
}

// A clock that is set back, or was far ahead for a while, loses no op that is
// still due.
func TestOpsUnderAMovingClock(t *testing.T) {
	start := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	now := start
	s := fresh(t, Options{Unsynced: true, Now: func() time.Time { return now }})
	op := func(i int) store.Batch {
		b := record("a")
		b.Op = fmt.Sprint("op", i)
		return b
	}
	want := make(map[int]store.Seq)
	for i, days := range []int{0, -3, 2, 400, 1, 0, -1} {
		now = start.AddDate(0, 0, days)
		want[i] = must(t, s, op(i))
		if days == 400 {
			delete(want, 0) // may be forgotten
			delete(want, 1)
		}
	}
	now = start
	for i, seq := range want {
		if got := must(t, s, op(i)); got != seq {
			t.Errorf("op %d was answered %d, want %d", i, got, seq)
		}
	}
}
