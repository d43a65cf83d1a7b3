package app

import (
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/sla"
)

// A digest comes once for each point, whoever looks how often, and of points that
// passed unseen only the last.
func TestWhenADigestIsDue(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	weekly := sla.Schedule{Every: sla.Weekly, On: 1, Hour: 8, Zone: berlin}
	b := &care.Bulletin{}
	now, seq, told := time.Date(2026, 3, 18, 12, 0, 0, 0, berlin), uint64(0), []string{}
	look := func() {
		plan, due := planned(b, weekly, now)
		if due {
			told = append(told, now.Format("Jan 2 15:04"))
			plan = []care.Event{care.DigestIssued{Point: weekly.Last(now)}, care.Planned{At: weekly.Next(now)}}
		}
		if len(plan) > 0 {
			seq++
			b.Apply(seq, care.Record{At: now, Events: plan})
		}
	}
	for until := now.AddDate(0, 0, 14); now.Before(until); now = now.Add(30 * time.Minute) { // over the change to summer time
		look()
		look()
	}
	now = now.AddDate(0, 0, 24) // nothing ran for three weeks and a half
	look()
	look()
	weekly.On, weekly.Hour = 5, 9 // another schedule does not tell the past again
	look()
	now = weekly.Next(now)
	look()
	if got := len(told); got != 4 || told[0] != "Mar 23 08:00" || told[1] != "Mar 30 08:00" || told[3] != "May 1 09:00" {
		t.Errorf("told at %v", told)
	}
}
