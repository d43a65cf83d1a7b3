package report_test

import (
	"strings"
	"testing"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/report"
)

// A note stands on the charts of its days, with its words where they are given,
// and no longer once it is taken off.
func TestNotesStandOnCharts(t *testing.T) {
	s := sixty(t)
	outage := care.ChartNoted{N: 1, From: march(t, 4, 10, 0), To: march(t, 5, 10, 0), What: care.NoteOutage}
	s.tells(care.NotesStream, outage, care.ChartNoted{N: 2, From: march(t, 4, 0, 0).AddDate(1, 0, 0), To: march(t, 5, 0, 0).AddDate(1, 0, 0), What: care.NoteHoliday})
	q := ofSixty(t)
	q.By = report.ByDay
	r := made(t, s.fold(), "volume", q)
	if len(r.Marked) != 1 || r.Marked[0].N != 1 || !r.Marked[0].From.Equal(outage.From) {
		t.Fatalf("marked %+v", r.Marked)
	}
	r.Marked[0].Text = "Cards <down>"
	for day, want := range map[string]string{"2026-03-03": "", "2026-03-04": "outage: Cards <down>", "2026-03-05": "outage: Cards <down>", "2026-03-06": "", "all": ""} {
		if got := r.MarkedIn(day); got != want {
			t.Errorf("%s: %q, want %q", day, got, want)
		}
	}
	drawn := func(r *report.Report) (all string) {
		for i := range r.Tables {
			for _, c := range r.Charts(&r.Tables[i]) {
				all += c.SVG(report.Wide, c.Name)
			}
		}
		return all
	}
	if svg := drawn(&r); !strings.Contains(svg, `class="nt"`) || !strings.Contains(svg, "Cards &lt;down&gt;") {
		t.Error("no chart shows the note")
	}
	outage.Gone = true
	s.tells(care.NotesStream, outage)
	r = made(t, s.fold(), "volume", q)
	if svg := drawn(&r); len(r.Marked) != 0 || strings.Contains(svg, `class="nt"`) {
		t.Errorf("it stays: %+v", r.Marked)
	}
}
