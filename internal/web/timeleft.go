package web

import (
	"fmt"
	"time"
)

// A timeLeft is a deadline as a row shows it: never by colour alone.
type timeLeft struct {
	Text   string // 6:48, 21 min, 4:12 late
	Spoken string // for who listens
	Class  string // bad | warn | empty
	Ring   string // class of the ring: how much of the time is used, in steps of 5 %
	Due    time.Time
}

func leftOf(d *Due, now time.Time) timeLeft {
	if d == nil {
		return timeLeft{Text: "–", Spoken: "no promise is running"}
	}
	left := d.DueAt.Sub(now)
	t := timeLeft{Due: d.DueAt, Ring: ring(d.StartAt, d.DueAt, now)}
	switch {
	case left < 0:
		t.Class, t.Text, t.Spoken = "bad", brief(-left)+" late", length(-left)+" past our promise"
	case left < 15*time.Minute:
		t.Class, t.Text, t.Spoken = "warn", brief(left), length(left)+" left"
	default:
		t.Text, t.Spoken = brief(left), length(left)+" left"
	}
	return t
}

// brief is a span as a pill has room for.
func brief(d time.Duration) string {
	switch {
	case d < 15*time.Minute:
		return fmt.Sprintf("%d:%02d", int(d/time.Minute), int(d/time.Second)%60)
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d/time.Minute))
	case d < 10*time.Hour:
		return fmt.Sprintf("%d h %02d", int(d/time.Hour), int(d/time.Minute)%60)
	case d < 24*time.Hour:
		return fmt.Sprintf("%d h", int(d/time.Hour))
	}
	return days(int(d / (24 * time.Hour)))
}

func ring(start, due, now time.Time) string {
	whole := due.Sub(start)
	if whole <= 0 {
		return "p100"
	}
	used := int(20 * now.Sub(start) / whole)
	return fmt.Sprintf("p%d", 5*min(max(used, 0), 20))
}

// group is the heading that a row of the queue stands under.
func group(r *CaseRow, now time.Time) (name, class string) {
	switch left := time.Duration(0); {
	case r.Lane == "critical":
		return "Critical", "bad"
	case r.Due == nil:
		return "No promise running", ""
	default:
		left = r.Due.DueAt.Sub(now)
		switch {
		case left < 0:
			return "Past promise", "bad"
		case left < 15*time.Minute:
			return "Due in 15 minutes", "warn"
		case left < time.Hour:
			return "Due within the hour", ""
		}
		return "Later", ""
	}
}

// stamp is an instant for a page; a script makes it the reader's own time.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2 Jan 2006 15:04") + " UTC"
}

func iso(t time.Time) string { return t.UTC().Format(time.RFC3339) }
