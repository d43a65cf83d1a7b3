package report_test

import (
	"bytes"
	"maps"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/report"
)

// What is kept from one asking to the next changes no figure, wherever in a
// history it is asked again: at each position the bytes are those of a fold that
// was never asked before.
func TestWhatIsKeptChangesNothing(t *testing.T) {
	for _, seed := range []uint64{1, 31} {
		h := randomStory(t, seed, 300)
		asked, stood := report.NewGrained(h.calendar, 1+int(seed)%4, 30*time.Hour), 0
		from, to := h.now.AddDate(0, 0, -30), h.now.AddDate(0, 0, 1)
		questions := []report.Query{
			{From: from, To: to},
			{From: from, To: h.now.Add(-100 * time.Hour), By: report.ByQueue, Working: true},
			{From: h.now.Add(-130 * time.Hour), To: to, By: report.ByTopic, Clock: "desk", Late: true, Imported: true},
			{From: from, To: to, By: report.ByDay, Only: map[report.Dimension]string{report.ByNetwork: "bluesky"}},
		}
		for i, e := range h.log {
			if err := asked.Add(e.seq, e.stream, e.data); err != nil {
				t.Fatal(err)
			}
			if i < len(h.log)/3 {
				continue
			}
			before := asked.Kept()
			q := questions[i%len(questions)]
			if !bytes.Equal(bytesOf(t, asked, q), bytesOf(t, h.foldTo(e.seq), q)) {
				t.Fatalf("seed %d, record %d, question %d: what was kept changes the figures", seed, e.seq, i%len(questions))
			}
			for question, k := range asked.Kept() {
				stood += one(before[question] == k)
			}
		}
		if stood < 300 {
			t.Errorf("seed %d: only %d times was something kept and asked again", seed, stood)
		}
	}
}

// What customers say is kept too, though it is said in other cases: in half a year in
// which four people write again and again, merged, split, reviewed and taken back,
// the page is that of a fold that was never asked before.
func TestWhatCustomersSayIsKept(t *testing.T) {
	for _, seed := range []uint64{2, 33} {
		h := longStory(t, seed, 300)
		from, to := h.now.AddDate(-1, 0, 0), h.now.AddDate(0, 0, 1)
		for _, q := range []report.Query{
			{From: from, To: to},
			{From: from, To: h.now.AddDate(0, 0, -20), By: report.ByTopic, Clock: "desk", Late: true, Imported: true, Beyond: []string{"solved"}},
		} {
			asked, stood := report.NewGrained(h.calendar, 2, 10*24*time.Hour), 0
			for i, e := range h.log {
				if err := asked.Add(e.seq, e.stream, e.data); err != nil {
					t.Fatal(err)
				}
				if i < len(h.log)/3 {
					continue
				}
				before := asked.Kept()
				if !bytes.Equal(voiceOf(t, asked, q), voiceOf(t, h.foldTo(e.seq), q)) {
					t.Fatalf("seed %d, record %d, by %q: what was kept changes what customers say", seed, e.seq, q.By)
				}
				stood += one(len(before) > 0 && maps.Equal(before, asked.Kept()))
			}
			if stood < 60 {
				t.Errorf("seed %d: only %d times was something kept and asked again", seed, stood)
			}
		}
	}
}

func voiceOf(t *testing.T, f *report.Fold, q report.Query) []byte {
	t.Helper()
	var b bytes.Buffer
	r := made(t, f, "voice", q)
	if err := r.Write(&b, "json"); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func one(is bool) int {
	if is {
		return 1
	}
	return 0
}

// A deadline that passes while nobody records it, in a case to which nothing
// happens: what was kept of it holds no more.
func TestWhatIsKeptEndsInTime(t *testing.T) {
	slow := standard()
	slow.FirstResponse = 40 * time.Hour // of work: a week
	s := newStory(t, office(), slow)
	s.opens("c1", march(t, 2, 9, 0), ana())
	for n := range 8 { // it is due on Friday at five
		s.opens(care.CaseID("d"+string(rune('0'+n))), march(t, 6, 12+n, 10), ana())
	}
	s.run(march(t, 6, 21, 0))
	asked := report.NewGrained(s.calendar, 1, 24*time.Hour)
	q := report.Query{From: march(t, 1, 0, 0), To: march(t, 29, 0, 0)}
	var kept []entry
	for i, e := range s.log {
		if i > 0 && e.stream == "case/c1" {
			continue
		}
		kept = append(kept, e)
		if err := asked.Add(e.seq, e.stream, e.data); err != nil {
			t.Fatal(err)
		}
		fresh := report.NewGrained(s.calendar, 1, 1000*time.Hour) // keeps nothing
		for _, o := range kept {
			if err := fresh.Add(o.seq, o.stream, o.data); err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Equal(bytesOf(t, asked, q), bytesOf(t, fresh, q)) {
			t.Errorf("at record %d the figures are of another time", e.seq)
		}
	}
}
