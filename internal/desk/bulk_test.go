package desk_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/care/caretest"
	"github.com/amends-care/amends/internal/desk"
)

// complaints opens n cases and returns them, the oldest first.
func (b *bench) complaints(n int) (ids []care.CaseID) {
	b.t.Helper()
	var posts []care.Post
	for i := range n {
		posts = append(posts, post(fmt.Sprint("author", i), fmt.Sprint(i), "broken", start.Add(-time.Duration(i)*time.Second)))
	}
	b.seen(posts...)
	for _, c := range b.cases() {
		ids = append(ids, c.ID)
	}
	return ids
}

// bulk begins one and carries it out.
func (b *bench) bulk(s *desk.Bulks, v care.Bulk) care.Bulk {
	b.t.Helper()
	if _, err := s.Begin(b.t.Context(), v); err != nil {
		b.t.Fatal(err)
	}
	if err := s.Tick(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
	out, err := s.Bulk(b.t.Context(), v.ID)
	if err != nil {
		b.t.Fatal(err)
	}
	return out
}

// kinds counts the events of a stream, and the records that are a part of a bulk.
func (b *bench) kinds(stream string) map[care.Kind]int {
	b.t.Helper()
	n := map[care.Kind]int{}
	for r := range caretest.Records(b.t, b.st.Stream(b.t.Context(), stream, 0)) {
		for _, e := range r.Events {
			n[e.Kind()]++
		}
	}
	return n
}

func cameTo(b care.Bulk) [3]int {
	return [3]int{b.Count(care.BulkDone), b.Count(care.BulkSame), b.Count(care.BulkRefused)}
}

func TestBulkTellsWhatCameOfEachCase(t *testing.T) {
	b := newBench(t)
	ids, s := b.complaints(200), desk.NewBulks(b.desk)
	if err := errors.Join(b.claim("bob", ids[3]), b.claim("bob", ids[30]), b.claim("ada", ids[4])); err != nil {
		t.Fatal(err)
	}
	got := b.bulk(s, care.Bulk{ID: "b1", By: "agent/ada", Act: care.BulkAct{Do: "claim"}, Cases: ids})
	if cameTo(got) != [3]int{197, 1, 2} || !got.Over() {
		t.Errorf("done, same, refused: %v of %d", cameTo(got), len(got.Cases))
	}
	if len(got.Refusals) != 1 || got.Refusals[0].Why != "bob already has this case." || !slices.Equal(got.Refusals[0].Cases, []care.CaseID{ids[3], ids[30]}) {
		t.Errorf("refusals %+v", got.Refusals)
	}
	want := map[care.Kind]int{"bulk.begun": 1, "bulk.ended": 1}
	if k := b.kinds("bulk/b1"); !maps.Equal(k, want) {
		t.Errorf("the log tells of %v", k)
	}
	again := b.bulk(s, care.Bulk{ID: "b1", By: "agent/ada", Act: care.BulkAct{Do: "release"}, Cases: ids[:1]})
	if again.Act.Do != "claim" || len(again.Cases) != 200 || !maps.Equal(b.kinds("bulk/b1"), want) {
		t.Errorf("the same name again began %s of %d", again.Act.Do, len(again.Cases))
	}
}

// Whatever a process is stopped at, another one goes on, and each case is
// decided once.
func TestBulkSurvivesBeingStoppedAnywhere(t *testing.T) {
	const cases = 130
	for _, stop := range []int{1, 2, 37, 99, 100, 101, 128, 130} {
		t.Run(fmt.Sprint(stop), func(t *testing.T) {
			b := newBench(t)
			ids := b.complaints(cases)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			var mu sync.Mutex
			n := 0
			first := b.other(func(p string) {
				if p != "desk.agent.committed" {
					return
				}
				mu.Lock()
				defer mu.Unlock()
				if n++; n == stop+1 { // the first is the beginning itself
					cancel()
				}
			})
			v := care.Bulk{ID: "b1", By: "agent/ada", Act: care.BulkAct{Do: "tag", Add: []string{"outage"}}, Cases: ids}
			if _, err := desk.NewBulks(first).Begin(ctx, v); err != nil {
				t.Fatal(err)
			}
			if err := desk.NewBulks(first).Tick(ctx); err == nil && stop < cases {
				t.Fatal("it was not stopped")
			}
			got := b.bulk(desk.NewBulks(b.desk), v)
			if cameTo(got) != [3]int{cases, 0, 0} {
				t.Errorf("done, same, refused: %v", cameTo(got))
			}
			for _, id := range ids {
				if k := b.kinds("case/" + string(id)); k["case.tagged"] != 1 || k["case.in_bulk"] != 1 {
					t.Fatalf("%s: %v", id, k)
				}
			}
		})
	}
}

// other is a desk of another process on the same store.
func (b *bench) other(point func(string)) *desk.Desk {
	b.t.Helper()
	d, err := desk.New(b.st, desk.Options{Key: []byte("a key for tests only, 32 bytes ..."), Rules: rules(b.t), Now: b.clock, Point: point})
	if err != nil {
		b.t.Fatal(err)
	}
	return d
}

func TestTwoPeopleBulkTheSameCases(t *testing.T) {
	b := newBench(t)
	ids := b.complaints(200)
	var wg sync.WaitGroup
	got := make([]care.Bulk, 2)
	for i, who := range []care.AgentID{"ada", "bob"} {
		d, id := b.other(nil), "b-"+string(who)
		wg.Go(func() {
			s := desk.NewBulks(d)
			// Each carries out what both began: that does no harm.
			_, err := s.Begin(t.Context(), care.Bulk{ID: id, By: care.ByAgent(who), Act: care.BulkAct{Do: "claim"}, Cases: ids})
			for err == nil && !got[i].Over() {
				if err = s.Tick(t.Context()); err == nil {
					got[i], err = s.Bulk(t.Context(), id)
				}
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	held := map[care.AgentID]int{}
	for _, c := range b.cases() {
		held[c.Assignee]++
		if k := b.kinds("case/" + string(c.ID)); k["case.assigned"] != 1 {
			t.Errorf("%s was given %d times", c.ID, k["case.assigned"])
		}
	}
	for i, who := range []care.AgentID{"ada", "bob"} {
		if cameTo(got[i]) != [3]int{held[who], 0, len(ids) - held[who]} {
			t.Errorf("%s has %d, and was told %v", who, held[who], cameTo(got[i]))
		}
	}
	if held["ada"]+held["bob"] != len(ids) {
		t.Errorf("held: %v", held)
	}
}

func TestUndoTakesBackWhatNobodyTouchedSince(t *testing.T) {
	b := newBench(t)
	ids, s := b.complaints(30), desk.NewBulks(b.desk)
	before := map[care.CaseID]care.Row{}
	for _, c := range b.cases() {
		before[c.ID] = c.Row()
	}
	done := b.bulk(s, care.Bulk{ID: "b1", By: "agent/ada", Act: care.BulkAct{Do: "dismiss", Reason: care.NotAComplaint}, Cases: ids})
	if cameTo(done) != [3]int{30, 0, 0} {
		t.Fatalf("dismissed %v", cameTo(done))
	}
	if err := b.do("bob", ids[7], func(_ time.Time, c *care.Case) ([]care.Event, error) { return c.Note(c.NextText()) }, care.KeptText{Case: ids[7], N: 1}); err != nil {
		t.Fatal(err)
	}
	back := b.bulk(s, care.Bulk{ID: "b1-undo", By: "agent/ada", Undoes: "b1", Cases: done.Changed()})
	if cameTo(back) != [3]int{29, 0, 1} || back.Refusals[0].Cases[0] != ids[7] {
		t.Errorf("taken back %v, %+v", cameTo(back), back.Refusals)
	}
	for _, c := range b.cases() {
		was, now := before[c.ID], c.Row()
		if c.ID == ids[7] {
			continue
		}
		now.Seq, now.LastAt = was.Seq, was.LastAt
		if fmt.Sprint(now) != fmt.Sprint(was) {
			t.Errorf("%s\n now %+v\n was %+v", c.ID, now, was)
		}
	}
	b.advance(31 * time.Minute)
	b.catchUp()
	for _, c := range b.cases() {
		if x := c.Target(care.FirstResponse); c.ID != ids[7] && x.State != care.TargetIsBroken {
			t.Errorf("%s: the deadline is %s after it has passed", c.ID, x.State)
		}
	}
}

func TestBulksAreForgottenAfterAWeek(t *testing.T) {
	b := newBench(t)
	s := desk.NewBulks(b.desk)
	b.bulk(s, care.Bulk{ID: "b1", By: "agent/ada", Act: care.BulkAct{Do: "claim"}, Cases: b.complaints(1)})
	b.advance(8 * 24 * time.Hour)
	if err := s.Tick(t.Context()); err != nil {
		t.Fatal(err)
	}
	if e, ok := errors.AsType[*care.Error](errOf(s.Bulk(t.Context(), "b1"))); !ok || e.Code != care.NotFound {
		t.Errorf("still there: %v", e)
	}
}

func errOf(_ care.Bulk, err error) error { return err }

func TestWaitReturnsWhenTheBulkIsOver(t *testing.T) {
	b := newBench(t)
	ids, s := b.complaints(120), desk.NewBulks(b.desk)
	ctx, stop := context.WithCancel(t.Context())
	var run sync.WaitGroup
	run.Go(func() { _ = s.Run(ctx) })
	defer run.Wait()
	defer stop()
	if _, err := s.Begin(ctx, care.Bulk{ID: "b1", By: "agent/ada", Act: care.BulkAct{Do: "claim"}, Cases: ids}); err != nil {
		t.Fatal(err)
	}
	got, err := s.Wait(ctx, "b1")
	if err != nil || cameTo(got) != [3]int{120, 0, 0} {
		t.Errorf("%v, %v", cameTo(got), err)
	}
}

// How many cases a second are done, and what somebody waits who works meanwhile.
func BenchmarkBulk(b *testing.B) {
	w := newBench(b)
	ids := w.complaints(200)
	beside := ids[0]
	var longest time.Duration
	for n := 0; b.Loop(); n++ {
		s := desk.NewBulks(w.desk)
		v := care.Bulk{ID: fmt.Sprint("b", n), By: "agent/ada", Act: care.BulkAct{Do: "tag", Add: []string{fmt.Sprint("t", n%25)}, Remove: []string{fmt.Sprint("t", (n+24)%25)}}, Cases: ids[1:]}
		var wg sync.WaitGroup
		wg.Go(func() { w.bulk(s, v) })
		over := make(chan struct{})
		go func() { wg.Wait(); close(over) }()
		for i := 0; ; i++ {
			began := time.Now()
			if err := w.do("bob", beside, func(_ time.Time, c *care.Case) ([]care.Event, error) {
				return c.Tag([]string{fmt.Sprint("x", i%2)}, []string{fmt.Sprint("x", (i+1)%2)})
			}); err != nil {
				b.Fatal(err)
			}
			longest = max(longest, time.Since(began))
			select {
			case <-over:
			default:
				continue
			}
			break
		}
	}
	b.ReportMetric(float64(len(ids)-1)*float64(b.N)/b.Elapsed().Seconds(), "cases/s")
	b.ReportMetric(float64(longest.Microseconds())/1000, "ms-longest-beside")
}
