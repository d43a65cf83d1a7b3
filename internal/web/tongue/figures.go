package tongue

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Number is a number to so many digits after the mark.
func (t *Tongue) Number(f float64, digits int) string {
	return strings.Replace(strconv.FormatFloat(f, 'f', digits, 64), ".", t.Say("decimal"), 1)
}

// Percent is a share of 1 in whole percent.
func (t *Tongue) Percent(share float64) string { return t.Say("percent", "p", t.Number(100*share, 0)) }

// Date is the day of an instant as its zone has it: 2 Jan 2006.
func (t *Tongue) Date(at time.Time) string {
	month := strings.Fields(t.Say("months"))[at.Month()-1]
	return t.Say("date", "d", at.Day(), "month", month, "y", at.Year())
}

// Stamp is an instant in UTC, to the minute.
func (t *Tongue) Stamp(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	at = at.UTC()
	return t.Say("stamp", "date", t.Date(at), "time", at.Format("15:04"))
}

// Span is a span of time as people say it, to two units.
func (t *Tongue) Span(d time.Duration) string {
	if d < 0 {
		return t.Say("span.none")
	}
	d = d.Round(time.Second)
	day, hour, minute := int(d/(24*time.Hour)), int(d/time.Hour)%24, int(d/time.Minute)%60
	switch {
	case d < time.Minute:
		return t.Say("span.s", "s", int(d/time.Second))
	case d < time.Hour:
		return t.Say("span.min", "m", minute)
	case d < 24*time.Hour && minute == 0:
		return t.Say("span.h", "h", hour)
	case d < 24*time.Hour:
		return t.Say("span.h_min", "h", hour, "m", minute)
	case hour == 0:
		return t.Say("span.days", "n", day)
	}
	return fmt.Sprintf("%s %s", t.Say("span.days", "n", day), t.Say("span.h", "h", hour))
}
