package sla

import (
	"testing"
	"time"
)

func TestSchedule(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	at := func(s string) time.Time {
		v, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	monday := Schedule{Every: Weekly, On: 1, Hour: 8, Zone: berlin}
	for _, v := range []struct {
		name                 string
		s                    Schedule
		now                  string
		last, next, from, to string
	}{
		{"on a Wednesday", monday, "2026-11-25T10:00:00Z", "2026-11-23T07:00:00Z", "2026-11-30T07:00:00Z", "2026-11-15T23:00:00Z", "2026-11-22T23:00:00Z"},
		{"at the very point", monday, "2026-11-23T07:00:00Z", "2026-11-23T07:00:00Z", "2026-11-30T07:00:00Z", "2026-11-15T23:00:00Z", "2026-11-22T23:00:00Z"},
		{"a millisecond before", monday, "2026-11-23T06:59:59.999Z", "2026-11-16T07:00:00Z", "2026-11-23T07:00:00Z", "2026-11-08T23:00:00Z", "2026-11-15T23:00:00Z"},
		{"summer time began: the week has 167 hours", monday, "2026-03-30T06:00:00Z", "2026-03-30T06:00:00Z", "2026-04-06T06:00:00Z", "2026-03-22T23:00:00Z", "2026-03-29T22:00:00Z"},
		{"summer time ended: it has 169", monday, "2026-10-26T07:30:00Z", "2026-10-26T07:00:00Z", "2026-11-02T07:00:00Z", "2026-10-18T22:00:00Z", "2026-10-25T23:00:00Z"},
		{"daily", Schedule{Every: Daily, Hour: 6, Minute: 30, Zone: time.UTC}, "2026-03-01T06:29:00Z", "2026-02-28T06:30:00Z", "2026-03-01T06:30:00Z", "2026-02-27T00:00:00Z", "2026-02-28T00:00:00Z"},
		{"monthly", Schedule{Every: Monthly, On: 1, Hour: 9, Zone: time.UTC}, "2026-03-15T00:00:00Z", "2026-03-01T09:00:00Z", "2026-04-01T09:00:00Z", "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z"},
		{"monthly, on the 28th", Schedule{Every: Monthly, On: 28, Zone: time.UTC}, "2026-02-28T00:00:00Z", "2026-02-28T00:00:00Z", "2026-03-28T00:00:00Z", "2026-01-28T00:00:00Z", "2026-02-28T00:00:00Z"},
	} {
		now := at(v.now)
		last, next := v.s.Last(now), v.s.Next(now)
		from, to := v.s.Span(last)
		for what, got := range map[string][2]time.Time{"last": {last, at(v.last)}, "next": {next, at(v.next)}, "from": {from, at(v.from)}, "to": {to, at(v.to)}} {
			if !got[0].Equal(got[1]) {
				t.Errorf("%s: %s is %s, not %s", v.name, what, got[0].UTC().Format(time.RFC3339), got[1].Format(time.RFC3339))
			}
		}
	}
}

// Every day has one point, also those on which its hour is left out or comes
// twice, and walking from point to point misses none.
func TestOnePointADay(t *testing.T) {
	for _, zone := range []string{"Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Apia", "UTC"} {
		loc, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		for _, hour := range []int{0, 2, 23} {
			s := Schedule{Every: Daily, Hour: hour, Minute: 30, Zone: loc}
			now := time.Date(2026, 1, 1, 12, 0, 0, 0, loc)
			dates := map[string]int{}
			for range 365 {
				now = s.Next(now)
				if !s.Last(now).Equal(now) || !s.Last(now.Add(time.Millisecond)).Equal(now) {
					t.Fatalf("%s: %s is not its own latest point", zone, now)
				}
				dates[now.In(loc).Format(time.DateOnly)]++
			}
			if len(dates) != 365 {
				t.Errorf("%s at %d:30: %d days have a point", zone, hour, len(dates))
			}
		}
	}
}
