package sla

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Sentences tells the explanation in English, a sentence for each step, from
// the promise to the deadline. Seconds are shown only where there are any, and
// fractions of a second never.
func (e *Explanation) Sentences() []string {
	out := make([]string, 0, len(e.Steps)+4)
	if t := e.Target; t != nil {
		out = append(out, t.promise(e.Want))
	}
	what := "No working time"
	if e.Want > 0 {
		what = english(e.Want) + " of working time"
	}
	out = append(out, fmt.Sprintf("%s %s counted from %s, in the hours of %s (%s).",
		what, isAre(e.Want), moment(e.From), orElse(e.Calendar, "no calendar"), e.Zone))
	for i := range e.Steps {
		out = append(out, e.Steps[i].sentence())
	}
	if e.Due.Equal(Never()) {
		return append(out, "There is not so much working time in this calendar, so the deadline never comes.")
	}
	if t := e.Target; t != nil {
		out = append(out, t.risk())
	}
	return append(out, "Due "+moment(e.Due)+".")
}

// String is the sentences, a line each.
func (e *Explanation) String() string { return strings.Join(e.Sentences(), "\n") }

func (t *Told) promise(want time.Duration) string {
	kind := strings.ReplaceAll(string(t.Kind), "_", " ")
	s := fmt.Sprintf("Policy %s promises a %s within %s of working time", t.Policy, kind, english(t.Promise))
	if t.Kind == Resolution {
		s = fmt.Sprintf("Policy %s promises to resolve within %s of working time", t.Policy, english(t.Promise))
	}
	if t.Kind == FirstResponse && t.Clock == Customer {
		s += ", from when the customer posted"
	}
	if t.Kind == FirstResponse && t.Clock == Desk {
		s += ", from when we saw it"
	}
	if want < t.Promise {
		s += fmt.Sprintf("; %s of it %s left when this count started", english(want), wasWere(want))
	}
	return s + "."
}

func (t *Told) risk() string {
	if t.Margin.Time > 0 {
		return fmt.Sprintf("At risk from %s, when %s %s left.", moment(t.AtRisk), english(t.Margin.Time), isAre(t.Margin.Time))
	}
	return fmt.Sprintf("At risk from %s, when %s of the promised time is left.", moment(t.AtRisk), t.Margin)
}

func (s *Step) sentence() string {
	days := longDay(s.Day)
	are := "is"
	if s.Until != s.Day && !s.Until.IsZero() {
		days, are = days+" to "+longDay(s.Until), "are"
	}
	name := ""
	if s.Name != "" {
		name = " (" + s.Name + ")"
	}
	switch s.Why {
	case Counted:
		left := "nothing is left."
		if s.Left > 0 {
			left = english(s.Left) + " left."
		}
		return fmt.Sprintf("%s%s: %s to %s counts, %s; %s", days, name, clock(s.From, s.Day), clock(s.To, s.Day), english(s.Counted), left)
	case OnHoliday:
		return fmt.Sprintf("%s %s a holiday%s.", days, are, name)
	case ClosedByDate:
		return fmt.Sprintf("%s %s closed by exception%s.", days, are, name)
	case AfterHours:
		return fmt.Sprintf("%s: the day's hours were over.", days)
	case LostHours:
		return fmt.Sprintf("%s: nothing counts, since the clocks skip this day's hours or they are counted already.", days)
	case ClockForward:
		return fmt.Sprintf("%s: the clocks go forward by %s to %s.", days, english(s.Shift), clock(s.From, s.Day))
	case ClockBack:
		return fmt.Sprintf("%s: the clocks go back by %s to %s.", days, english(s.Shift), clock(s.From, s.Day))
	case SummedUp:
		return fmt.Sprintf("Then, from %s to %s, %s count in the same way.", moment(s.From), moment(s.To), english(s.Counted))
	default:
		return fmt.Sprintf("%s %s closed.", days, are)
	}
}

// moment is a date and time of day: Friday 20 November 2026, 16:45.
func moment(t time.Time) string {
	return longDay(dateOf(t)) + ", " + clock(t, dateOf(t))
}

func longDay(d Date) string {
	return fmt.Sprintf("%s %d %s %d", d.number().weekday(), d.Day, d.Month, d.Year)
}

// clock is the time of day, as seen from a day: its own midnight at the end is
// 24:00, and a time on another day says which.
func clock(t time.Time, seen Date) string {
	s := t.Format("15:04")
	if t.Second() > 0 {
		s = t.Format("15:04:05")
	}
	switch on := dateOf(t); {
	case on == seen:
		return s
	case s == "00:00" && on.number() == seen.number()+1:
		return "24:00"
	default:
		return s + " on " + on.number().weekday().String()
	}
}

// english is a duration in words: 1 hour 30 minutes.
func english(d time.Duration) string {
	switch {
	case d <= 0:
		return "nothing"
	case d < time.Second:
		return "under a second"
	}
	parts := make([]string, 0, 3)
	add := func(n int64, unit string) {
		switch {
		case n == 1:
			parts = append(parts, "1 "+unit)
		case n > 1:
			parts = append(parts, thousands(n)+" "+unit+"s")
		}
	}
	add(int64(d/time.Hour), "hour")
	add(int64(d%time.Hour/time.Minute), "minute")
	add(int64(d%time.Minute/time.Second), "second")
	return strings.Join(parts, " ")
}

// thousands groups digits: 12,345.
func thousands(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func single(d time.Duration) bool {
	return strings.HasPrefix(english(d), "1 ") && strings.Count(english(d), " ") == 1 || d < time.Second
}

func isAre(d time.Duration) string {
	if single(d) {
		return "is"
	}
	return "are"
}

func wasWere(d time.Duration) string {
	if single(d) {
		return "was"
	}
	return "were"
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return "calendar " + s
}
