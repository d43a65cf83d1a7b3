package report_test

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/report"
)

// questions are the ways in which the properties are tried.
func questions(asOf time.Time) []report.Query {
	from, to := asOf.AddDate(0, 0, -30), asOf.Add(time.Hour)
	return []report.Query{
		{From: from, To: to, AsOf: asOf},
		{From: from, To: to, AsOf: asOf, By: report.ByTopic, Clock: "desk"},
		{From: from, To: to, AsOf: asOf, By: report.BySeverity, Working: true, Late: true},
		{From: from, To: to, AsOf: asOf, By: report.ByDay, Imported: true},
		{From: from, To: to, AsOf: asOf, By: report.ByList, Only: map[report.Dimension]string{report.ByNetwork: "bluesky"}},
		{From: from, To: to, AsOf: asOf, By: report.ByHour},
	}
}

func made(t *testing.T, f *report.Fold, name string, q report.Query) report.Report {
	t.Helper()
	r, err := f.Report(name, q)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// whole says whether a count may be added up: not where somebody is counted
// once however often they come, nor what is the state at an end.
func whole(table, column string) bool {
	switch table + "/" + column {
	case "resolution/customers", "cases/customers", "topics/customers", "issues/customers", "flow/open":
		return false
	}
	return table != "people"
}

// The parts of a span add up to the whole, and so do the rows of a table.
func TestPartsAddUp(t *testing.T) {
	for seed := range uint64(3) {
		h := randomStory(t, seed, 200)
		f := h.fold()
		for _, q := range questions(h.now) {
			cut := []time.Time{q.From, q.To, q.To.Add(-36*time.Hour - 7*time.Minute)}
			for _, id := range h.ids[:8] { // the very instants at which something counts
				cut = append(cut, h.cases[id].OpenedAt, h.cases[id].ResolvedAt, h.cases[id].FirstReplyAt)
				for _, target := range h.cases[id].Targets {
					cut = append(cut, target.DueAt, target.StartAt)
				}
			}
			cut = slices.DeleteFunc(cut, func(at time.Time) bool { return at.Before(q.From) || at.After(q.To) })
			slices.SortFunc(cut, time.Time.Compare)
			cut = slices.CompactFunc(cut, time.Time.Equal)
			for _, name := range report.Names() {
				all := made(t, f, name, q)
				sums := map[report.Ref]float64{}
				for i := range len(cut) - 1 {
					part := q
					part.From, part.To = cut[i], cut[i+1]
					addUp(made(t, f, name, part), sums)
				}
				for _, table := range all.Tables {
					if table.Dates == report.AtPresent {
						continue
					}
					for c, column := range table.Columns {
						if column.Unit != report.Count || !whole(table.Name, column.Name) {
							continue
						}
						rows := 0.0
						for i, row := range table.Rows {
							v := *row.Cells[c].Value
							if got := sums[report.Ref{Table: table.Name, Row: row.Label, Column: column.Name}]; got != v {
								t.Errorf("seed %d: %s/%s/%s/%s by %q: the parts of the span make %v, the whole %v", seed, name, table.Name, row.Label, column.Name, q.By, got, v)
							}
							if i > 0 {
								rows += v
							}
						}
						if len(table.Rows) > 1 && rows != *table.Rows[0].Cells[c].Value {
							t.Errorf("seed %d: %s/%s/%s by %q: the rows make %v, the whole %v", seed, name, table.Name, column.Name, q.By, rows, *table.Rows[0].Cells[c].Value)
						}
					}
				}
			}
		}
	}
}

func addUp(r report.Report, sums map[report.Ref]float64) {
	for _, table := range r.Tables {
		for _, row := range table.Rows {
			for c, column := range table.Columns {
				if column.Unit == report.Count {
					sums[report.Ref{Table: table.Name, Row: row.Label, Column: column.Name}] += *row.Cells[c].Value
				}
			}
		}
	}
}

// only is the fold of the records of some cases, of the others if not.
func (s *story) only(t *testing.T, ids []care.CaseID, keep bool) *report.Fold {
	t.Helper()
	f := report.New(s.calendar)
	for _, e := range s.log {
		if slices.Contains(ids, care.CaseID(strings.TrimPrefix(e.stream, "case/"))) == keep {
			if err := f.Add(e.seq, e.stream, e.data); err != nil {
				t.Fatal(err)
			}
		}
	}
	return f
}

// Every number opens exactly the cases that make it: the log with only those
// gives the same number, and the log without them gives none.
func TestEveryNumberOpensItsCases(t *testing.T) {
	s := sixty(t)
	opened := opensAll(t, s, report.Query{From: march(t, 1, 0, 0), To: noon(t).AddDate(0, 0, 1), AsOf: noon(t), Zone: berlin(t)})
	h := randomStory(t, 3, 60)
	for _, q := range questions(h.now)[:3] {
		opened += opensAll(t, h.story, q)
	}
	if opened < 1000 {
		t.Errorf("only %d numbers were opened", opened)
	}
}

func opensAll(t *testing.T, s *story, q report.Query) (opened int) {
	f := s.fold()
	for _, name := range report.Names() {
		r := made(t, f, name, q)
		for _, table := range r.Tables {
			if !table.Opens {
				continue
			}
			for _, row := range table.Rows {
				for i, column := range table.Columns {
					ref := report.Ref{Table: table.Name, Row: row.Label, Column: column.Name}
					o, err := f.Open(name, q, ref)
					if err != nil {
						t.Fatal(err)
					}
					opened++
					opens(t, s, q, name, ref, &row.Cells[i], column, o)
				}
			}
		}
	}
	return opened
}

func opens(t *testing.T, s *story, q report.Query, name string, ref report.Ref, cell *report.Cell, column report.Column, o report.Opened) {
	t.Helper()
	if o.N != cell.N || len(o.Cases) > o.N && !strings.Contains(ref.Column, "customers") || len(o.Cases) == 0 != (o.N == 0) {
		t.Errorf("%s %v: n is %d, opened %d cases of %d", name, ref, cell.N, len(o.Cases), o.N)
	}
	if name == "voice" {
		return // what a customer did in another case is part of it
	}
	alone := made(t, s.only(t, o.Cases, true), name, q)
	if c, _ := cellOf(&alone, ref); c == nil && cell.N != 0 || c != nil && c.Text(column.Unit) != cell.Text(column.Unit) {
		t.Errorf("%s %v: %s, and of its %d cases alone %+v", name, ref, cell.Text(column.Unit), len(o.Cases), c)
	}
	others := made(t, s.only(t, o.Cases, false), name, q)
	if c, _ := cellOf(&others, ref); c != nil && c.N != 0 {
		t.Errorf("%s %v: without its %d cases there are still %d", name, ref, len(o.Cases), c.N)
	}
}

// bytesOf are all reports, without what names the place in the log.
func bytesOf(t *testing.T, f *report.Fold, q report.Query) []byte {
	t.Helper()
	var b bytes.Buffer
	for _, name := range report.Names() {
		r := made(t, f, name, q)
		r.Position = 0
		if err := r.Write(&b, "json"); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}

// The order of records that have nothing to do with each other changes nothing.
func TestOrderOfUnrelatedRecords(t *testing.T) {
	for seed := range uint64(5) {
		h := randomStory(t, seed, 250)
		r := rand.New(rand.NewPCG(seed, 99))
		streams := map[string][]entry{}
		var names []string
		for _, e := range h.log {
			if streams[e.stream] == nil {
				names = append(names, e.stream)
			}
			streams[e.stream] = append(streams[e.stream], e)
		}
		mixed := report.New(h.calendar)
		for seq := uint64(1); len(names) > 0; seq++ {
			i := r.IntN(len(names))
			e := streams[names[i]][0]
			if streams[e.stream] = streams[e.stream][1:]; len(streams[e.stream]) == 0 {
				names = slices.Delete(names, i, i+1)
			}
			if err := mixed.Add(seq, e.stream, e.data); err != nil {
				t.Fatal(err)
			}
		}
		for i, q := range questions(h.now) {
			if !bytes.Equal(bytesOf(t, h.fold(), q), bytesOf(t, mixed, q)) {
				t.Errorf("seed %d, question %d: another order gives other figures", seed, i)
			}
		}
	}
}

// A position gives the same bytes, however the fold came there: record by
// record, with records twice, or asked on the way.
func TestSamePositionSameBytes(t *testing.T) {
	h := randomStory(t, 5, 300)
	grown := report.New(h.calendar)
	for i, e := range h.log {
		for _, again := range h.log[max(0, i-3) : i+1] {
			if err := grown.Add(again.seq, again.stream, again.data); err != nil {
				t.Fatal(err)
			}
		}
		if i%97 != 0 && i != len(h.log)-1 {
			continue
		}
		q := report.Query{By: report.ByQueue}
		fresh := h.foldTo(e.seq)
		if grown.Position() != e.seq || !bytes.Equal(bytesOf(t, grown, q), bytesOf(t, fresh, q)) {
			t.Fatalf("at %d the figures depend on the way there", e.seq)
		}
	}
}

func TestQueriesAreChecked(t *testing.T) {
	f := report.New(nil)
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	for _, q := range []report.Query{
		{By: "mood"}, {Clock: "wall"}, {From: now, To: now}, {From: time.Date(-40, 1, 1, 0, 0, 0, 0, time.UTC)},
		{Only: map[report.Dimension]string{"mood": "angry"}},
	} {
		if _, err := f.Report("now", q); err == nil {
			t.Errorf("%+v was taken", q)
		}
	}
	if _, err := f.Report("speed", report.Query{}); err == nil {
		t.Error("a report that does not exist was made")
	}
	for _, name := range report.Names() { // an empty log says so
		if r := made(t, f, name, report.Query{}); !r.Empty() {
			t.Errorf("%s of an empty log is not empty", name)
		}
	}
}
