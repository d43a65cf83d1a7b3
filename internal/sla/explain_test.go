package sla_test

import (
	"strings"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/sla"
)

func TestExplain(t *testing.T) {
	tests := []struct {
		name, calendar, from string
		d                    time.Duration
		want                 string
	}{
		{"across a weekend", office, "2026-11-20 16:45", 30 * time.Minute, `
30 minutes of working time are counted from Friday 20 November 2026, 16:45, in the hours of calendar office (Europe/Berlin).
Friday 20 November 2026: 16:45 to 17:00 counts, 15 minutes; 15 minutes left.
Saturday 21 November 2026 to Sunday 22 November 2026 are closed.
Monday 23 November 2026: 09:00 to 09:15 counts, 15 minutes; nothing is left.
Due Monday 23 November 2026, 09:15.`},
		{"after hours", office, "2026-11-23 18:00", time.Hour, `
1 hour of working time is counted from Monday 23 November 2026, 18:00, in the hours of calendar office (Europe/Berlin).
Monday 23 November 2026: the day's hours were over.
Tuesday 24 November 2026: 09:00 to 10:00 counts, 1 hour; nothing is left.
Due Tuesday 24 November 2026, 10:00.`},
		{"lunch", lunch, "2026-11-23 11:30", 90 * time.Minute, `
1 hour 30 minutes of working time are counted from Monday 23 November 2026, 11:30, in the hours of calendar lunch (Europe/Berlin).
Monday 23 November 2026: 11:30 to 12:00 counts, 30 minutes; 1 hour left.
Monday 23 November 2026: 13:00 to 14:00 counts, 1 hour; nothing is left.
Due Monday 23 November 2026, 14:00.`},
		{"holidays and exceptions", closing, "2026-12-24 11:00", 2 * time.Hour, `
2 hours of working time are counted from Thursday 24 December 2026, 11:00, in the hours of calendar closing (Europe/Berlin).
Thursday 24 December 2026 (Christmas Eve): 11:00 to 12:00 counts, 1 hour; 1 hour left.
Friday 25 December 2026 is a holiday (Christmas Day).
Saturday 26 December 2026 to Sunday 27 December 2026 are closed.
Monday 28 December 2026 to Wednesday 30 December 2026 are a holiday (Inventory).
Thursday 31 December 2026 is closed by exception.
Friday 1 January 2027: 09:00 to 10:00 counts, 1 hour; nothing is left.
Due Friday 1 January 2027, 10:00.`},
		{"the clocks go forward", always, "2026-03-29 01:30", time.Hour, `
1 hour of working time is counted from Sunday 29 March 2026, 01:30, in the hours of calendar always (Europe/Berlin).
Sunday 29 March 2026: 01:30 to 03:00 counts, 30 minutes; 30 minutes left.
Sunday 29 March 2026: the clocks go forward by 1 hour to 03:00.
Sunday 29 March 2026: 03:00 to 03:30 counts, 30 minutes; nothing is left.
Due Sunday 29 March 2026, 03:30.`},
		{"the clocks go back in a night shift", "{name: n, zone: Europe/Berlin, week: {sat: 22:00-06:00}}", "2026-10-24 12:00", 5 * time.Hour, `
5 hours of working time are counted from Saturday 24 October 2026, 12:00, in the hours of calendar n (Europe/Berlin).
Saturday 24 October 2026: 22:00 to 02:00 on Sunday counts, 5 hours; nothing is left.
Due Sunday 25 October 2026, 02:00.`},
		{"a span that the clocks skip", "{name: n, zone: Europe/Berlin, week: {sun: 02:15-02:45}}", "2026-03-29 00:00", 30 * time.Minute, `
30 minutes of working time are counted from Sunday 29 March 2026, 00:00, in the hours of calendar n (Europe/Berlin).
Sunday 29 March 2026: nothing counts, since the clocks skip this day's hours or they are counted already.
Monday 30 March 2026 to Saturday 4 April 2026 are closed.
Sunday 5 April 2026: 02:15 to 02:45 counts, 30 minutes; nothing is left.
Due Sunday 5 April 2026, 02:45.`},
		{"nothing wanted", office, "2026-11-23 18:00", 0, `
No working time is counted from Monday 23 November 2026, 18:00, in the hours of calendar office (Europe/Berlin).
Due Monday 23 November 2026, 18:00.`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := calendar(t, tt.calendar)
			e := c.Explain(at(t, c, tt.from), tt.d)
			if got := e.String(); got != strings.TrimSpace(tt.want) {
				t.Errorf("got\n%s\nwant%s", got, tt.want)
			}
			explained(t, c, at(t, c, tt.from), tt.d)
		})
	}
}

func TestExplainIsBounded(t *testing.T) {
	c := calendar(t, office)
	start := at(t, c, "2026-11-20 16:45")
	explained(t, c, start, 20_000*time.Hour)
	e := c.Explain(start, 20_000*time.Hour)
	last := e.Steps[len(e.Steps)-1]
	if last.Why != sla.SummedUp || !strings.Contains(e.String(), "count in the same way") {
		t.Errorf("ends with %+v", last)
	}
	// Where no span is left, the explanation says so.
	never := c.Explain(sla.Never().Add(-72*time.Hour), 1000*time.Hour)
	if s := never.String(); !strings.HasSuffix(s, "the deadline never comes.") {
		t.Errorf("no end in sight, yet it says\n%s", s)
	}
	if got := c.Explain(start, 1<<63-1); !strings.HasSuffix(got.String(), "the deadline never comes.") || len(got.Steps) > 100 {
		t.Errorf("%d steps to never", len(got.Steps))
	}
	var none *sla.Calendar
	if s := none.Explain(start, time.Hour); !strings.Contains(s.String(), "no calendar") {
		t.Errorf("without a calendar it says\n%s", s.String())
	}
}

func TestExplainTarget(t *testing.T) {
	c, p := calendar(t, office), policy(t, standard)
	target, _ := p.Target(sla.FirstResponse, at(t, c, "2026-11-20 16:45"), c)
	e := p.Explain(target, c)
	want := `
Policy standard promises a first response within 30 minutes of working time, from when the customer posted.
30 minutes of working time are counted from Friday 20 November 2026, 16:45, in the hours of calendar office (Europe/Berlin).
Friday 20 November 2026: 16:45 to 17:00 counts, 15 minutes; 15 minutes left.
Saturday 21 November 2026 to Sunday 22 November 2026 are closed.
Monday 23 November 2026: 09:00 to 09:15 counts, 15 minutes; nothing is left.
At risk from Monday 23 November 2026, 09:07:30, when 25% of the promised time is left.
Due Monday 23 November 2026, 09:15.`
	if got := e.String(); got != strings.TrimSpace(want) {
		t.Errorf("got\n%s\nwant%s", got, want)
	}
	desk := policy(t, "{name: quick, clock: desk, first_response: 30m, resolution: 16h, at_risk: 10m}")
	first, _ := desk.Target(sla.FirstResponse, target.Start, c)
	e = desk.Explain(first, c)
	for _, sentence := range []string{"from when we saw it.", "At risk from Monday 23 November 2026, 09:05, when 10 minutes are left."} {
		if !strings.Contains(e.String(), sentence) {
			t.Errorf("%q is not in\n%s", sentence, e.String())
		}
	}
	resumed := desk.Resume(sla.Resolution, at(t, c, "2026-11-23 10:00"), time.Hour, c)
	e = desk.Explain(resumed, c)
	want = "Policy quick promises to resolve within 16 hours of working time; 1 hour of it was left when this count started."
	if got := e.Sentences()[0]; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
