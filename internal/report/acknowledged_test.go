package report_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/report"
)

// What customers hear by itself is no answer: a story without its
// acknowledgements has the same response times, promises and replies.
func TestAcknowledgementsChangeNoFigure(t *testing.T) {
	acked := 0
	for seed := range uint64(40) {
		h := randomStory(t, seed, 150)
		acked += h.acked
		q := report.Query{From: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), To: h.now.Add(time.Hour), AsOf: h.now, Zone: time.UTC}
		with := figures(t, h.story, q)
		h.log = unacknowledged(t, h.log)
		if without := figures(t, h.story, q); !slices.Equal(with, without) {
			for i := range with {
				if with[i] != without[i] {
					t.Fatalf("seed %d:\n%s\nwithout acknowledgements\n%s", seed, with[i], without[i])
				}
			}
		}
	}
	if acked < 20 {
		t.Errorf("only %d were acknowledged", acked)
	}
}

// figures are all cells of some reports, as text.
func figures(t *testing.T, s *story, q report.Query) (out []string) {
	t.Helper()
	f := s.fold()
	for _, page := range []string{"now", "response", "promises", "volume", "people"} {
		r := made(t, f, page, q)
		for _, table := range r.Tables {
			for _, row := range table.Rows {
				line := []string{page, table.Name, row.Label}
				for i := range row.Cells {
					line = append(line, row.Cells[i].Text(table.Columns[i].Unit))
				}
				out = append(out, strings.Join(line, " | "))
			}
		}
	}
	return out
}

// unacknowledged takes all that is about automatic replies out of a log; what
// time made of cases at the same moment stays.
func unacknowledged(t *testing.T, log []entry) (out []entry) {
	t.Helper()
	automatic := map[string]map[int]bool{}
	for _, e := range log {
		rec, err := care.DecodeRecord(e.data)
		if err != nil {
			t.Fatal(err)
		}
		mine := automatic[e.stream]
		if mine == nil {
			mine = map[int]bool{}
			automatic[e.stream] = mine
		}
		rec.Events = slices.DeleteFunc(rec.Events, func(ev care.Event) bool {
			switch ev := ev.(type) {
			case care.ReplyRequested:
				mine[ev.Reply] = mine[ev.Reply] || ev.Automatic
				return ev.Automatic
			case care.ReplyAttempted:
				return mine[ev.Reply]
			case care.ReplySent:
				return mine[ev.Reply]
			case care.ReplyUndone:
				return mine[ev.Reply]
			}
			return false
		})
		if len(rec.Events) > 0 {
			e.data = rec.Encode()
			out = append(out, e)
		}
	}
	return out
}
