package report_test

import (
	"testing"
	"time"

	"github.com/amends-care/amends/internal/report"
)

// What is watched by machine is what the report of now says, by queue.
func TestStandingsAreThoseOfNow(t *testing.T) {
	f := sixty(t).fold()
	q := ofSixty(t)
	q.By, q.Late, q.Imported, q.Demo = report.ByQueue, true, true, true
	now, err := f.Report("now", q)
	if err != nil {
		t.Fatal(err)
	}
	promises, err := f.Report("promises", q)
	if err != nil {
		t.Fatal(err)
	}
	all := f.Standings(now.AsOf)
	var total report.Standing
	for queue, s := range all {
		for ref, have := range map[report.Ref]int{
			{Table: "open", Row: queue, Column: "at_risk"}: s.AtRisk, {Table: "open", Row: queue, Column: "soon"}: s.Soon,
			{Table: "open", Row: queue, Column: "overdue"}: s.Overdue, {Table: "to_come", Row: queue, Column: "open"}: s.Promises,
			{Table: "to_come", Row: queue, Column: "day"}: s.PromisesSoon, {Table: "promises", Row: queue, Column: "owed"}: s.PromisesSlipped,
		} {
			r := &now
			if ref.Table == "promises" {
				r = &promises
			}
			want := 0
			if cell, _ := cellOf(r, ref); cell != nil {
				want = int(*cell.Value)
			}
			if have != want {
				t.Errorf("%s: %d, the report says %d", ref, have, want)
			}
		}
		total.AtRisk, total.Soon, total.Overdue = total.AtRisk+s.AtRisk, total.Soon+s.Soon, total.Overdue+s.Overdue
		total.Oldest = max(total.Oldest, s.Oldest)
	}
	// docs/metrics.md, Now: 43 is at risk; 41, 42 and 43 break soon. Overdue is 44, and three that the page leaves out.
	if total.AtRisk != 1 || total.Soon != 3 || total.Overdue != 4 {
		t.Errorf("at risk %d, soon %d, overdue %d", total.AtRisk, total.Soon, total.Overdue)
	}
	var oldest time.Duration
	for _, s := range f.Standings(now.AsOf.Add(time.Hour)) {
		oldest = max(oldest, s.Oldest)
	}
	if total.Oldest <= 0 || oldest != total.Oldest+time.Hour {
		t.Errorf("the oldest wait does not grow with time: %v, then %v", total.Oldest, oldest)
	}
}
