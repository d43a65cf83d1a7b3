package sla

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Words says things in a language: the string of a key with its {places}
// filled by pairs of name and value. Where n is 1, key.one is said if there is
// one. [English] has every key that this package asks for.
type Words interface {
	Say(key string, pairs ...any) string
}

// English is what explanations say, by key.
func English() map[string]string {
	return map[string]string{
		"sla.promises.first_response": "Policy {policy} promises a first response within {span} of working time",
		"sla.promises.next_response":  "Policy {policy} promises a next response within {span} of working time",
		"sla.promises.resolution":     "Policy {policy} promises to resolve within {span} of working time",
		"sla.from.customer":           ", from when the customer posted",
		"sla.from.desk":               ", from when we saw it",
		"sla.of_it":                   "; {span} of it were left when this count started",
		"sla.of_it.one":               "; {span} of it was left when this count started",
		"sla.counts":                  "{span} of working time are counted from {from}, in the hours of {calendar} ({zone}).",
		"sla.counts.one":              "{span} of working time is counted from {from}, in the hours of {calendar} ({zone}).",
		"sla.counts_nothing":          "No working time is counted from {from}, in the hours of {calendar} ({zone}).",
		"sla.calendar":                "calendar {name}",
		"sla.no_calendar":             "no calendar",
		"sla.counted":                 "{day}{name}: {from} to {to} counts, {span}; {left}",
		"sla.left":                    "{span} left.",
		"sla.nothing_left":            "nothing is left.",
		"sla.named":                   " ({name})",
		"sla.days":                    "{from} to {to}",
		"sla.holiday":                 "{day} are a holiday{name}.",
		"sla.holiday.one":             "{day} is a holiday{name}.",
		"sla.exception":               "{day} are closed by exception{name}.",
		"sla.exception.one":           "{day} is closed by exception{name}.",
		"sla.closed":                  "{day} are closed.",
		"sla.closed.one":              "{day} is closed.",
		"sla.after_hours":             "{day}: the day's hours were over.",
		"sla.lost_hours":              "{day}: nothing counts, since the clocks skip this day's hours or they are counted already.",
		"sla.clock_forward":           "{day}: the clocks go forward by {span} to {to}.",
		"sla.clock_back":              "{day}: the clocks go back by {span} to {to}.",
		"sla.summed_up":               "Then, from {from} to {to}, {span} count in the same way.",
		"sla.never":                   "There is not so much working time in this calendar, so the deadline never comes.",
		"sla.risk":                    "At risk from {at}, when {span} are left.",
		"sla.risk.one":                "At risk from {at}, when {span} is left.",
		"sla.risk_share":              "At risk from {at}, when {share} of the promised time is left.",
		"sla.due":                     "Due {at}.",
		"sla.moment":                  "{day}, {clock}",
		"sla.day":                     "{weekday} {d} {month} {y}",
		"sla.clock_on":                "{clock} on {weekday}",
		"sla.weekdays":                "Sunday Monday Tuesday Wednesday Thursday Friday Saturday",
		"sla.months":                  "January February March April May June July August September October November December",
		"sla.nothing":                 "nothing",
		"sla.under_second":            "under a second",
		"sla.hours":                   "{count} hours",
		"sla.hours.one":               "{count} hour",
		"sla.minutes":                 "{count} minutes",
		"sla.minutes.one":             "{count} minute",
		"sla.seconds":                 "{count} seconds",
		"sla.seconds.one":             "{count} second",
		"sla.thousands":               ",",
	}
}

// english says it in English.
type english map[string]string

func (e english) Say(key string, pairs ...any) string {
	text := e[key]
	places := make([]string, 0, len(pairs))
	for i := 0; i+1 < len(pairs); i += 2 {
		if one, ok := e[key+".one"]; ok && pairs[i] == "n" && pairs[i+1] == 1 {
			text = one
		}
		places = append(places, fmt.Sprintf("{%v}", pairs[i]), fmt.Sprint(pairs[i+1]))
	}
	return strings.NewReplacer(places...).Replace(text)
}

// Sentences tells the explanation in English.
func (e *Explanation) Sentences() []string { return e.Tell(english(English())) }

// String is the sentences, a line each.
func (e *Explanation) String() string { return strings.Join(e.Sentences(), "\n") }

// Tell tells the explanation, a sentence for each step, from the promise to the
// deadline. Seconds are shown only where there are any, and fractions of a
// second never.
func (e *Explanation) Tell(w Words) []string {
	say := sayer{w}
	out := make([]string, 0, len(e.Steps)+4)
	if t := e.Target; t != nil {
		out = append(out, say.promise(t, e.Want))
	}
	calendar := say.Say("sla.no_calendar")
	if e.Calendar != "" {
		calendar = say.Say("sla.calendar", "name", e.Calendar)
	}
	counts := "sla.counts"
	if e.Want <= 0 {
		counts = "sla.counts_nothing"
	}
	out = append(out, say.Say(counts, "n", one(e.Want), "span", say.span(e.Want), "from", say.moment(e.From), "calendar", calendar, "zone", e.Zone))
	for i := range e.Steps {
		out = append(out, say.step(&e.Steps[i]))
	}
	if e.Due.Equal(Never()) {
		return append(out, say.Say("sla.never"))
	}
	if t := e.Target; t != nil {
		out = append(out, say.risk(t))
	}
	return append(out, say.Say("sla.due", "at", say.moment(e.Due)))
}

// A sayer puts together what a language says.
type sayer struct{ Words }

func (say sayer) promise(t *Told, want time.Duration) string {
	s := say.Say("sla.promises."+string(t.Kind), "policy", t.Policy, "span", say.span(t.Promise))
	if t.Kind == FirstResponse && (t.Clock == Customer || t.Clock == Desk) {
		s += say.Say("sla.from." + string(t.Clock))
	}
	if want < t.Promise {
		s += say.Say("sla.of_it", "n", one(want), "span", say.span(want))
	}
	return s + "."
}

func (say sayer) risk(t *Told) string {
	at := say.moment(t.AtRisk)
	if t.Margin.Time > 0 {
		return say.Say("sla.risk", "n", one(t.Margin.Time), "at", at, "span", say.span(t.Margin.Time))
	}
	return say.Say("sla.risk_share", "at", at, "share", t.Margin)
}

func (say sayer) step(s *Step) string {
	day, n := say.day(s.Day), 1
	if s.Until != s.Day && !s.Until.IsZero() {
		day, n = say.Say("sla.days", "from", day, "to", say.day(s.Until)), 2
	}
	name := ""
	if s.Name != "" {
		name = say.Say("sla.named", "name", s.Name)
	}
	switch s.Why {
	case Counted:
		left := say.Say("sla.nothing_left")
		if s.Left > 0 {
			left = say.Say("sla.left", "span", say.span(s.Left))
		}
		return say.Say("sla.counted", "day", day, "name", name, "from", say.clock(s.From, s.Day), "to", say.clock(s.To, s.Day), "span", say.span(s.Counted), "left", left)
	case AfterHours, LostHours:
		return say.Say("sla."+string(s.Why), "day", day)
	case ClockForward, ClockBack:
		return say.Say("sla."+string(s.Why), "day", day, "span", say.span(s.Shift), "to", say.clock(s.From, s.Day))
	case SummedUp:
		return say.Say("sla.summed_up", "from", say.moment(s.From), "to", say.moment(s.To), "span", say.span(s.Counted))
	case OnHoliday, ClosedByDate:
		return say.Say("sla."+string(s.Why), "n", n, "day", day, "name", name)
	default:
		return say.Say("sla.closed", "n", n, "day", day)
	}
}

// moment is a date and time of day: Friday 20 November 2026, 16:45.
func (say sayer) moment(t time.Time) string {
	return say.Say("sla.moment", "day", say.day(dateOf(t)), "clock", say.clock(t, dateOf(t)))
}

func (say sayer) day(d Date) string {
	month := strings.Fields(say.Say("sla.months"))[d.Month-1]
	return say.Say("sla.day", "weekday", say.weekday(d), "d", d.Day, "month", month, "y", d.Year)
}

func (say sayer) weekday(d Date) string {
	return strings.Fields(say.Say("sla.weekdays"))[d.number().weekday()]
}

// clock is the time of day, as seen from a day: its own midnight at the end is
// 24:00, and a time on another day says which.
func (say sayer) clock(t time.Time, seen Date) string {
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
		return say.Say("sla.clock_on", "clock", s, "weekday", say.weekday(on))
	}
}

// span is a duration in words: 1 hour 30 minutes.
func (say sayer) span(d time.Duration) string {
	switch {
	case d <= 0:
		return say.Say("sla.nothing")
	case d < time.Second:
		return say.Say("sla.under_second")
	}
	parts := make([]string, 0, 3)
	for _, unit := range []struct {
		key string
		n   int
	}{{"sla.hours", int(d / time.Hour)}, {"sla.minutes", int(d % time.Hour / time.Minute)}, {"sla.seconds", int(d % time.Minute / time.Second)}} {
		if unit.n > 0 {
			parts = append(parts, say.Say(unit.key, "n", unit.n, "count", say.thousands(unit.n)))
		}
	}
	return strings.Join(parts, " ")
}

// thousands groups digits: 12,345.
func (say sayer) thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + say.Say("sla.thousands") + s[i:]
	}
	return s
}

// one is 1 for a duration that is said in the singular, and else 2.
func one(d time.Duration) int {
	if d < time.Second {
		return 1
	}
	switch d.Truncate(time.Second) {
	case time.Hour, time.Minute, time.Second:
		return 1
	}
	return 2
}
