package sla

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // the same zones on every machine, also where none are installed
)

const (
	maxName    = 100     // bytes of a name
	maxDates   = 5_000   // holidays or exceptions in one timetable
	maxSpecial = 200_000 // days that all of them make
	maxHoliday = 366     // days of one holiday
)

// A Timetable is a team's working hours as people write them.
type Timetable struct {
	Name       string      `yaml:"name" json:"name"`
	Zone       string      `yaml:"zone" json:"zone"` // IANA: Europe/Berlin, UTC
	Week       Week        `yaml:"week" json:"week"`
	Holidays   []Holiday   `yaml:"holidays" json:"holidays,omitempty"`
	Exceptions []Exception `yaml:"exceptions" json:"exceptions,omitempty"`
	// ICal names files of holidays. Whoever reads them adds what [ParseICal]
	// makes of them to Holidays; the names themselves are no part of a Calendar.
	ICal []string `yaml:"ical" json:"-"`
}

// A Holiday is a day, or several in a row, on which no span starts. A night
// shift of the day before still ends in its morning.
type Holiday struct {
	Date  Date   `yaml:"date" json:"date"`
	Until Date   `yaml:"until" json:"until,omitzero"` // the last day, if there are several
	Name  string `yaml:"name" json:"name,omitempty"`
}

// An Exception is a day with hours of its own. It wins over a holiday and over
// the week.
type Exception struct {
	Date  Date   `yaml:"date" json:"date"`
	Hours Hours  `yaml:"hours" json:"hours"` // required; "closed" is possible
	Name  string `yaml:"name" json:"name,omitempty"`
}

// A rule is why a day is not like its weekday.
type rule struct {
	hours   []span
	name    string
	holiday bool
}

// special is a day that follows a rule instead of its weekday.
type special struct {
	day  dayNumber
	rule int32
}

// check adds what is wrong with the timetable by itself, days and zone aside.
func (t *Timetable) check(p *problems) {
	switch {
	case strings.TrimSpace(t.Name) == "":
		p.add("name", "is missing: give the calendar a name that policies can refer to")
	case len(t.Name) > maxName:
		p.add("name", "is longer than %d bytes: shorten it", maxName)
	}
	if len(t.Holidays) > maxDates {
		p.add("holidays", "more than %d: leave out the years that are over", maxDates)
	}
	if len(t.Exceptions) > maxDates {
		p.add("exceptions", "more than %d: leave out the years that are over", maxDates)
	}
}

// location reads the zone's rules.
func (t *Timetable) location(p *problems) *time.Location {
	const advice = "write the name of a time zone, as Europe/Berlin, America/New_York or UTC"
	switch strings.ToLower(strings.TrimSpace(t.Zone)) {
	case "":
		p.add("zone", "is missing: %s", advice)
		return time.UTC
	case "local":
		p.add("zone", "%q differs from machine to machine: %s", t.Zone, advice)
		return time.UTC
	}
	loc, err := time.LoadLocation(t.Zone)
	if err != nil {
		p.add("zone", "%q is not known: %s", clip(t.Zone), advice)
		return time.UTC
	}
	return loc
}

// specials gives the rules and the days that follow them, in order. A day that
// is excepted does not follow its holiday.
func (t *Timetable) specials(p *problems) ([]rule, []special) {
	var (
		rules   []rule
		follows = map[dayNumber]int32{}
	)
	made := 0
	for i, h := range t.Holidays {
		days, err := h.days()
		if err != nil {
			p.add(fmt.Sprintf("holidays[%d].%s", i, err.Path), "%s", err.Msg)
		}
		if made += len(days); made > maxSpecial {
			p.add("holidays", "make more than %d closed days: shorten them, or close these days in week", maxSpecial)
			return nil, nil
		}
		rules = append(rules, rule{name: cut(h.Name), holiday: true})
		for _, d := range days {
			if _, known := follows[d]; !known {
				follows[d] = int32(len(rules) - 1)
			}
		}
	}
	// A dated exception refines a yearly one, so it comes second.
	for _, yearly := range []bool{true, false} {
		first := map[Date]int{}
		for i, e := range t.Exceptions {
			if e.Date.yearly() != yearly {
				continue
			}
			path := fmt.Sprintf("exceptions[%d]", i)
			if j, twice := first[e.Date]; twice {
				p.add(path+".date", "%s is excepted twice, here and in exceptions[%d]: keep one, with all of its hours", e.Date, j)
				continue
			}
			first[e.Date] = i
			rules = append(rules, rule{name: cut(e.Name), hours: spansOf(e.Hours.merged())})
			for _, d := range e.days(p, path) {
				follows[d] = int32(len(rules) - 1)
			}
		}
	}
	out := make([]special, 0, len(follows))
	for d, r := range follows {
		out = append(out, special{d, r})
	}
	slices.SortFunc(out, func(a, b special) int { return cmp.Compare(a.day, b.day) })
	return rules, out
}

// days lists the days of an exception and adds what is wrong with it.
func (e *Exception) days(p *problems, path string) []dayNumber {
	if e.Hours == nil {
		p.add(path+".hours", `are missing: write 09:00-12:00, "all day" or "closed"`)
	}
	if len(e.Hours) > maxSpans {
		p.add(path+".hours", "more than %d spans in one day: join them", maxSpans)
	}
	for i, s := range e.Hours {
		if !s.valid() {
			p.add(path+".hours", "span %d is not within a day: write it as 09:00-17:00", i+1)
		}
	}
	days, err := Holiday{Date: e.Date}.days()
	if err != nil {
		p.add(path+"."+err.Path, "%s", err.Msg)
	}
	return days
}

// days lists the closed days, or says which field is wrong.
func (h Holiday) days() ([]dayNumber, *Problem) {
	switch {
	case h.Date.IsZero():
		return nil, &Problem{Path: "date", Msg: "is missing: write 2026-12-25, or 12-25 for every year"}
	case !h.Date.valid():
		return nil, &Problem{Path: "date", Msg: fmt.Sprintf("%s is not a date: write 2026-12-25, or 12-25 for every year", h.Date)}
	case h.Until.IsZero():
	case !h.Until.valid():
		return nil, &Problem{Path: "until", Msg: fmt.Sprintf("%s is not a date: write 2026-12-25, or 12-25 for every year", h.Until)}
	case h.Date.yearly() != h.Until.yearly():
		return nil, &Problem{Path: "until", Msg: "has a year and date has none, or the other way round: give both a year or neither"}
	case !h.Date.yearly() && h.Until.compare(h.Date) < 0:
		return nil, &Problem{Path: "until", Msg: fmt.Sprintf("%s is before %s: swap them, or leave until out for a single day", h.Until, h.Date)}
	case !h.Date.yearly() && h.Until.number()-h.Date.number() >= maxHoliday:
		return nil, &Problem{Path: "until", Msg: fmt.Sprintf("makes a holiday of over %d days: split it, or close these days in week", maxHoliday)}
	}
	return h.each(), nil
}

// each lists the days of a holiday that makes sense. A yearly one that ends
// before it starts runs into the next year.
func (h Holiday) each() (days []dayNumber) {
	if h.Until.IsZero() {
		h.Until = h.Date
	}
	first, last := h.Date.Year, h.Date.Year
	if h.Date.yearly() {
		first, last = firstYear, lastYear
	}
	for year := first; year <= last; year++ {
		from, ok := h.Date.in(year)
		endYear := year
		switch {
		case !h.Until.yearly():
			endYear = h.Until.Year
		case h.Until.compare(h.Date) < 0:
			endYear++
		}
		to, ok2 := h.Until.in(endYear)
		if !ok2 {
			to-- // the 29th of February that became the 1st of March
		}
		if !ok && from > to {
			continue
		}
		for d := from; d <= to; d++ {
			days = append(days, d)
		}
	}
	return days
}

// normal is the one form of a timetable: the same hours have the same version,
// however they were written.
func (t Timetable) normal(week [7]Hours) Timetable {
	t.ICal = nil
	t.Week = Week{}
	for d, hours := range week {
		if len(hours) > 0 {
			t.Week[dayNames[d*4:d*4+3]] = hours
		}
	}
	t.Holidays = slices.Clone(t.Holidays)
	for i := range t.Holidays {
		t.Holidays[i].Name = cut(t.Holidays[i].Name)
	}
	slices.SortStableFunc(t.Holidays, func(a, b Holiday) int {
		return cmp.Or(a.Date.compare(b.Date), a.Until.compare(b.Until), strings.Compare(a.Name, b.Name))
	})
	t.Holidays = slices.Compact(t.Holidays)
	t.Exceptions = slices.Clone(t.Exceptions)
	for i, e := range t.Exceptions {
		t.Exceptions[i].Name, t.Exceptions[i].Hours = cut(e.Name), e.Hours.merged()
	}
	slices.SortStableFunc(t.Exceptions, func(a, b Exception) int { return a.Date.compare(b.Date) })
	return t
}

// cut shortens a name that a stranger's file may have made long.
func cut(name string) string {
	name = strings.ToValidUTF8(strings.TrimSpace(name), "\uFFFD")
	if len(name) > maxName {
		name = strings.ToValidUTF8(name[:maxName], "")
	}
	return name
}
