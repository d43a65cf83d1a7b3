package watch

import (
	"cmp"
	"regexp"
	"strconv"
	"time"
)

// A moment is when something is to be, and where the words for it stand.
type moment struct {
	at       time.Time // zero: a person has to say
	from, to int
}

// The hours by which parts of a day are over. A day without a part is over at
// dayEnds: what is said "by Friday" is expected while people are still up.
const (
	noon, dayEnds, eveningEnds = 12, 18, 21
)

// patterns are how a language tells times. The groups have the same names in all
// of them: n and n2 (from, to), unit, day (of the week), d m y, h min ap, part.
type patterns struct {
	past   *regexp.Regexp // before a time: it is over
	asks   *regexp.Regexp // working days, and what has more than one meaning
	within *regexp.Regexp
	date   []*regexp.Regexp // month by name
	digits *regexp.Regexp   // month by number
	clock  []*regexp.Regexp
	part   *regexp.Regexp
	days   []relative
	week   *regexp.Regexp // days of the week

	numbers map[string]int
	units   map[string]time.Duration // by the first letters; days and longer by the calendar
	weekday map[string]time.Weekday  // by the first three letters
	month   map[string]time.Month    // by the first letters, the longest that fits
	parts   map[string]int           // the hour by which it is over
	after   map[string]bool          // of ap: the second half of the day
	nextDay bool                     // "next Friday" is the coming one
	monthly bool                     // 3/4 is the fourth of March or the third of April
}

// A relative is a day as seen from today.
type relative struct {
	words *regexp.Regexp
	day   func(now time.Time) time.Time
	hour  int // 0: dayEnds
}

const (
	day  = 24 * time.Hour
	week = 7 * day
	// month stands for one of the calendar.
	month = 30 * day
	// farthest is how far ahead a promise is understood.
	farthest = 366 * day
)

// when finds the time that a sentence names, after who says it or in front.
func (t *tongue) when(s string, who int, now time.Time) (moment, bool) {
	if m := t.find(t.asks, s, who); m != nil {
		return moment{from: m[0], to: m[1]}, true
	}
	if m := t.find(t.within, s, who); m != nil {
		at := t.later(now, named(t.within, s, m, "n"), named(t.within, s, m, "n2"), named(t.within, s, m, "unit"))
		return moment{at: at, from: m[0], to: m[1]}, true
	}
	hour, minute, clock := t.hour(s, who)
	found, ok := t.day(s, who, now)
	if !ok && clock == nil {
		return moment{}, false
	}
	if !ok {
		found = moment{at: time.Date(now.Year(), now.Month(), now.Day(), hour, minute, 0, 0, now.Location()), from: clock[0], to: clock[1]}
		if !found.at.After(now) {
			found.at = found.at.AddDate(0, 0, 1)
		}
		return found, true
	}
	if found.at.IsZero() {
		return found, true
	}
	if clock != nil {
		found.at = time.Date(found.at.Year(), found.at.Month(), found.at.Day(), hour, minute, 0, 0, now.Location())
		found.from, found.to = min(found.from, clock[0]), max(found.to, clock[1])
	}
	if !found.at.After(now) && sameDay(found.at, now) { // "today", said in the evening
		found.at = time.Date(now.Year(), now.Month(), now.Day(), 23, 59, 0, 0, now.Location())
	}
	if !found.at.After(now) || found.at.Sub(now) > farthest {
		found.at = time.Time{}
	}
	return found, true
}

func sameDay(a, b time.Time) bool { return a.YearDay() == b.YearDay() && a.Year() == b.Year() }

// find is the first match that is about the time to come, and near to whoever speaks.
func (t *tongue) find(re *regexp.Regexp, s string, who int) []int {
	if re == nil {
		return nil
	}
	for _, m := range re.FindAllStringSubmatchIndex(s, -1) {
		if m[1]+25 < who || t.past.MatchString(s[:m[0]]) {
			continue
		}
		return m
	}
	return nil
}

func named(re *regexp.Regexp, s string, m []int, name string) string {
	i := re.SubexpIndex(name)
	if i < 0 || m[2*i] < 0 {
		return ""
	}
	return s[m[2*i]:m[2*i+1]]
}

// later adds a span such as "2 to 3 days": its far end.
func (t *tongue) later(now time.Time, n, n2, unit string) time.Time {
	if n2 != "" {
		n = n2
	}
	count, err := strconv.Atoi(n)
	if err != nil {
		count = t.numbers[n]
	}
	var d time.Duration
	for prefix, u := range t.units {
		if len(unit) >= len(prefix) && unit[:len(prefix)] == prefix {
			d = u
		}
	}
	if count <= 0 || d == 0 || count > int(farthest/d) {
		return time.Time{}
	}
	switch d {
	case day:
		return now.AddDate(0, 0, count)
	case week:
		return now.AddDate(0, 0, 7*count)
	case month:
		return now.AddDate(0, count, 0)
	}
	return now.Add(time.Duration(count) * d)
}

// hour is the time of the day that is named, if one is.
func (t *tongue) hour(s string, who int) (hour, minute int, at []int) {
	for _, re := range t.clock {
		m := t.find(re, s, who)
		if m == nil {
			continue
		}
		h, _ := strconv.Atoi(named(re, s, m, "h"))
		mins, _ := strconv.Atoi(named(re, s, m, "min"))
		half, told := t.after[named(re, s, m, "ap")]
		switch {
		case told && half && h < 12:
			h += 12
		case told && !half && h == 12:
			h = 0
		}
		if h < 24 && mins < 60 {
			return h, mins, m
		}
	}
	return 0, 0, nil
}

// day is the day that is named, at the hour by which it, or the part that is
// named, is over. It has no time where a person has to say which.
func (t *tongue) day(s string, who int, now time.Time) (moment, bool) {
	if found, ok := t.dated(s, who, now); ok {
		return found, true
	}
	rest, ends := s, 0
	var said []int
	if m := t.find(t.part, s, who); m != nil {
		ends, said = t.parts[named(t.part, s, m, "part")], m
		rest = s[:m[0]] + blank(s[m[0]:m[1]]) + s[m[1]:] // "por la mañana" is not tomorrow
	}
	with := func(d time.Time, hour int, m []int) (moment, bool) {
		if ends > 0 {
			hour = ends
		}
		found := moment{at: at(d, hour), from: m[0], to: m[1]}
		if said != nil {
			found.from, found.to = min(found.from, said[0]), max(found.to, said[1])
		}
		return found, true
	}
	for _, in := range []string{rest, s} {
		for _, r := range t.days {
			if m := t.find(r.words, in, who); m != nil {
				return with(r.day(now), cmp.Or(r.hour, dayEnds), m)
			}
		}
	}
	m := t.find(t.week, rest, who)
	if m == nil {
		return moment{}, false
	}
	wanted, ok := t.weekday[named(t.week, rest, m, "day")[:3]]
	if !ok {
		return moment{}, false
	}
	ahead := (int(wanted-now.Weekday()) + 7) % 7
	if ahead == 0 {
		ahead = 7 // on a Friday, "by Friday" is the next one
	}
	monday := (int(now.Weekday()) + 6) % 7
	if named(t.week, rest, m, "next") != "" && !t.nextDay && monday+ahead < 7 {
		return moment{from: m[0], to: m[1]}, true // this week's, or the one after?
	}
	return with(now.AddDate(0, 0, ahead), dayEnds, m)
}

func at(d time.Time, hour int) time.Time {
	return time.Date(d.Year(), d.Month(), d.Day(), hour, 0, 0, 0, d.Location())
}

// dated is a day of the calendar.
func (t *tongue) dated(s string, who int, now time.Time) (moment, bool) {
	for _, re := range t.date {
		m := t.find(re, s, who)
		if m == nil {
			continue
		}
		d, _ := strconv.Atoi(named(re, s, m, "d"))
		month := named(re, s, m, "m")
		var in time.Month
		for n := len(month); n > 2 && in == 0; n-- {
			in = t.month[month[:n]]
		}
		return moment{at: onDate(now, named(re, s, m, "y"), in, d), from: m[0], to: m[1]}, true
	}
	m := t.find(t.digits, s, who)
	if m == nil {
		return moment{}, false
	}
	d, _ := strconv.Atoi(named(t.digits, s, m, "d"))
	in, _ := strconv.Atoi(named(t.digits, s, m, "m"))
	if t.monthly {
		switch {
		case d <= 12 && in <= 12 && d != in:
			return moment{from: m[0], to: m[1]}, true
		case in > 12:
			d, in = in, d
		}
	}
	return moment{at: onDate(now, named(t.digits, s, m, "y"), time.Month(in), d), from: m[0], to: m[1]}, true
}

// onDate is the end of a day of the calendar: the next one of that name, where
// no year is told. It is zero for a day that there is not.
func onDate(now time.Time, year string, m time.Month, d int) time.Time {
	y, err := strconv.Atoi(year)
	told := err == nil
	switch {
	case !told:
		y = now.Year()
	case y < 100:
		y += 2000
	}
	on := time.Date(y, m, d, dayEnds, 0, 0, 0, now.Location())
	if m < 1 || m > 12 || on.Day() != d {
		return time.Time{}
	}
	if !told && on.Before(now) && !sameDay(on, now) {
		on = on.AddDate(1, 0, 0)
	}
	return on
}
