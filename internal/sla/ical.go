package sla

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"
	"github.com/teambition/rrule-go"
)

const (
	maxICal   = 1 << 20 // bytes of a file
	maxNested = 8       // components within one another; real files have three
	maxBegun  = 4_000   // components, alarms and all
	maxFaults = 20      // events that are complained of
	maxRepeat = 400     // holidays of one event
	lastICal  = 2100    // the year in which an endless recurrence is cut off
)

// ParseICal reads the holidays of an iCalendar file, by date: its all-day
// events, and those that recur yearly up to the year 2100. Cancelled events are
// left out; skipped counts the events with a time of day, which are no
// holidays. The error joins a [*Problem] for each event that can't be read.
func ParseICal(file []byte) (holidays []Holiday, skipped int, err error) {
	p := problems{in: "iCalendar file"}
	events, err := readEvents(file)
	if err != nil {
		p.add("", "%v", err)
	}
	moved := movedDates(events)
	for _, e := range events {
		switch days, timed, err := holidaysOf(e, moved); {
		case err != nil:
			p.add(fmt.Sprintf("event %q", clip(textOf(e, ics.ComponentPropertySummary))), "%v", err)
		case timed:
			skipped++
		default:
			holidays = append(holidays, days...)
		}
		if len(holidays) > maxDates {
			p.add("", "holds more than %d holidays: leave out the years that are over", maxDates)
			break
		}
		if len(p.list) > maxFaults {
			break
		}
	}
	if len(p.list) > 0 {
		return nil, 0, errors.Join(p.list...)
	}
	slices.SortStableFunc(holidays, func(a, b Holiday) int { return a.Date.compare(b.Date) })
	return holidays, skipped, nil
}

// readEvents checks the file's bounds before the library sees it: the library
// needs quadratic time and memory for what is nested deeply.
func readEvents(file []byte) ([]*ics.VEvent, error) {
	if len(file) > maxICal {
		return nil, fmt.Errorf("is larger than %d MiB: export the holidays alone", maxICal>>20)
	}
	// Long lines are folded: a line that starts with a blank continues the one before.
	unfold := strings.NewReplacer("\r\n ", "", "\r\n\t", "", "\n ", "", "\n\t", "")
	text := unfold.Replace(strings.TrimPrefix(string(file), "\ufeff"))
	nested, begun := 0, 0
	for line := range strings.Lines(text) {
		switch name := line[:max(0, strings.IndexAny(line, ":;"))]; {
		case strings.EqualFold(name, "BEGIN"):
			nested++
			begun++
		case strings.EqualFold(name, "END"):
			nested--
		}
		if nested > maxNested || begun > maxBegun {
			return nil, fmt.Errorf("holds more than %d components, or %d within one another: export the holidays alone", maxBegun, maxNested)
		}
	}
	cal, err := ics.ParseCalendarWithOptions(strings.NewReader(text), ics.WithUnknownPropertyHandler(ics.AcceptUnknownPropertyHandler))
	if err != nil {
		return nil, fmt.Errorf("can't be read (%s): export it again as .ics", clip(err.Error()))
	}
	return cal.Events(), nil
}

// movedDates gives, by event, the occurrences that an event of their own
// replaces.
func movedDates(events []*ics.VEvent) map[string][]time.Time {
	moved := map[string][]time.Time{}
	for _, e := range events {
		if at, err := parseICalDay(textOf(e, ics.ComponentPropertyRecurrenceId)); err == nil {
			uid := textOf(e, ics.ComponentPropertyUniqueId)
			moved[uid] = append(moved[uid], at)
		}
	}
	return moved
}

// holidaysOf is one event's holidays; timed if it is not about whole days.
func holidaysOf(e *ics.VEvent, moved map[string][]time.Time) (_ []Holiday, timed bool, _ error) {
	if strings.EqualFold(textOf(e, ics.ComponentPropertyStatus), "CANCELLED") {
		return nil, false, nil
	}
	first := textOf(e, ics.ComponentPropertyDtStart)
	if len(first) > len("20261225") {
		return nil, true, nil
	}
	start, err := parseICalDay(first)
	if err != nil {
		return nil, false, fmt.Errorf("has no start that is a date (%w)", err)
	}
	days, err := lengthOf(e, start)
	if err != nil {
		return nil, false, err
	}
	starts, err := occurrences(e, start, moved)
	if err != nil {
		return nil, false, err
	}
	name := cut(ics.FromText(textOf(e, ics.ComponentPropertySummary)))
	holidays := make([]Holiday, 0, len(starts))
	for _, at := range starts {
		h := Holiday{Date: dateOf(at), Name: name}
		if days > 1 {
			h.Until = dateOf(at.AddDate(0, 0, days-1))
		}
		holidays = append(holidays, h)
	}
	return holidays, false, nil
}

// lengthOf is the number of days that an event lasts; DTEND is the day after.
func lengthOf(e *ics.VEvent, start time.Time) (int, error) {
	last := textOf(e, ics.ComponentPropertyDtEnd)
	if last == "" {
		return 1, nil
	}
	end, err := parseICalDay(last)
	if err != nil {
		return 0, fmt.Errorf("has no end that is a date (%w)", err)
	}
	days := int(end.Sub(start) / day)
	if days > maxHoliday {
		return 0, fmt.Errorf("lasts more than %d days", maxHoliday)
	}
	return max(1, days), nil
}

// occurrences lists the days on which an event starts, in order.
func occurrences(e *ics.VEvent, start time.Time, moved map[string][]time.Time) ([]time.Time, error) {
	var set rrule.Set
	set.DTStart(start)
	switch rules := e.GetProperties(ics.ComponentPropertyRrule); len(rules) {
	case 0:
		set.RDate(start)
	case 1:
		o, err := rrule.StrToROptionInLocation(rules[0].Value, time.UTC)
		if err != nil {
			return nil, fmt.Errorf("has a recurrence that can't be read (%w)", err)
		}
		if err := plain(o); err != nil {
			return nil, err
		}
		o.Dtstart = start
		if limit := time.Date(lastICal, 12, 31, 0, 0, 0, 0, time.UTC); o.Until.IsZero() || o.Until.After(limit) {
			o.Until = limit
		}
		r, err := rrule.NewRRule(*o)
		if err != nil {
			return nil, fmt.Errorf("has a recurrence that can't be read (%w)", err)
		}
		set.RRule(r)
	default:
		return nil, errors.New("has more than one recurrence: split it into several events")
	}
	for _, extra := range dates(e, ics.ComponentPropertyRdate) {
		set.RDate(extra)
	}
	for _, not := range dates(e, ics.ComponentPropertyExdate) {
		set.ExDate(not)
	}
	if textOf(e, ics.ComponentPropertyRecurrenceId) == "" {
		for _, not := range moved[textOf(e, ics.ComponentPropertyUniqueId)] {
			set.ExDate(not)
		}
	}
	var starts []time.Time
	for next := set.Iterator(); ; {
		at, ok := next()
		if !ok {
			return starts, nil
		}
		if len(starts) == maxRepeat {
			return nil, fmt.Errorf("recurs more than %d times", maxRepeat)
		}
		starts = append(starts, at)
	}
}

// plain refuses recurrences that no holiday has, some of which would take very
// long to expand.
func plain(o *rrule.ROption) error {
	switch {
	case o.Freq != rrule.YEARLY:
		return errors.New("recurs, but not yearly: holidays do; close a weekday in the calendar's week instead")
	case len(o.Byhour)+len(o.Byminute)+len(o.Bysecond) > 0:
		return errors.New("recurs at a time of day: a holiday is a whole day")
	case o.Interval < 0 || o.Interval > 100 || o.Count < 0:
		return errors.New("recurs at an interval that makes no sense")
	}
	return nil
}

// dates reads a list of days; what is not a day is no holiday.
func dates(e *ics.VEvent, property ics.ComponentProperty) []time.Time {
	var out []time.Time
	for _, p := range e.GetProperties(property) {
		for s := range strings.SplitSeq(p.Value, ",") {
			if at, err := parseICalDay(s); err == nil && len(out) < maxRepeat {
				out = append(out, at)
			}
		}
	}
	return slices.Clip(out)
}

func parseICalDay(s string) (time.Time, error) {
	at, err := time.ParseInLocation("20060102", strings.TrimSpace(s), time.UTC)
	if err != nil {
		return time.Time{}, fmt.Errorf("%q is not a day", clip(s))
	}
	if at.Year() < firstYear || at.Year() > lastYear {
		return time.Time{}, fmt.Errorf("%q is out of reach", clip(s))
	}
	return at, nil
}

func textOf(e *ics.VEvent, property ics.ComponentProperty) string {
	if p := e.GetProperty(property); p != nil {
		return p.Value
	}
	return ""
}
