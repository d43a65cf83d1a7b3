package sla

import "sort"

// A walk yields the stretches of working time from an instant on, in order and
// without overlap; two may touch.
type walk struct {
	c        *Calendar
	from, to int64 // the stretch, once next has said yes

	at       int // which offset
	lo, hi   int64
	day      dayNumber
	special  int   // the first special day at or after day
	rule     *rule // of this day, if it has one
	hours    []span
	nextSpan int
}

func (c *Calendar) walk(from int64) walk {
	w := walk{c: c}
	if c == nil {
		return w
	}
	w.at = sort.Search(len(c.offsets), func(i int) bool { return c.offsets[i].end > from })
	w.enter(from)
	return w
}

// enter starts the stretch of the current offset, at from at the earliest.
func (w *walk) enter(from int64) {
	if w.at >= len(w.c.offsets) {
		return
	}
	o := w.c.offsets[w.at]
	// lo and hi are wall-clock times: what is left of this offset.
	w.lo, w.hi = max(from, o.start)+o.east, o.end+o.east
	// A span of the day before may reach into this one.
	w.day = dayNumber(floorDiv(w.lo, int64(day))) - 1
	w.special = w.c.specialFrom(w.day)
	w.look()
}

// specialFrom is the first special day at or after d.
func (c *Calendar) specialFrom(d dayNumber) int {
	return sort.Search(len(c.specials), func(i int) bool { return c.specials[i].day >= d })
}

// look finds the hours of the day.
func (w *walk) look() {
	w.nextSpan = 0
	if s := w.c.specials; w.special < len(s) && s[w.special].day == w.day {
		w.rule = &w.c.rules[s[w.special].rule]
		w.hours = w.rule.hours
		w.special++
		return
	}
	w.rule, w.hours = nil, w.c.week[w.day.weekday()]
}

// next moves to the next stretch of working time.
func (w *walk) next() bool {
	if w.c == nil {
		return false
	}
	for w.at < len(w.c.offsets) {
		midnight := int64(w.day) * int64(day)
		for w.nextSpan < len(w.hours) {
			s := w.hours[w.nextSpan]
			w.nextSpan++
			from, to := max(midnight+s.from, w.lo), min(midnight+s.to, w.hi)
			if from < to {
				east := w.c.offsets[w.at].east
				w.from, w.to, w.lo = from-east, to-east, to
				return true
			}
		}
		if midnight+int64(day) < w.hi {
			w.day++
			w.look()
			continue
		}
		w.at++
		w.enter(0)
	}
	return false
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// skipWeeks jumps over up to n whole weeks from where the walk stands, as many
// as hold neither a special day nor a change of the clock, and returns how many
// it jumped: each of them has the working time of an ordinary week.
func (w *walk) skipWeeks(n int64) int64 {
	n = min(n, (w.hi-w.lo-1)/int64(week))
	if n < 1 {
		return 0
	}
	// What counts from here on may start on the day before.
	s := w.c.specials
	if w.special > 0 && s[w.special-1].day >= w.day-1 {
		return 0
	}
	if w.special < len(s) {
		n = min(n, int64(s[w.special].day-w.day-2)/7)
	}
	if n < 1 {
		return 0
	}
	w.day += dayNumber(7 * n)
	w.lo += n * int64(week)
	return n
}

// measureWeek is the working time of a week without a special day or a change
// of the clock.
func (c *Calendar) measureWeek() int64 {
	plain := Calendar{offsets: []offset{{0, never, 0}}, week: c.week}
	total, end := int64(0), 2*int64(week)
	for w := plain.walk(int64(week)); w.next() && w.from < end; {
		total += min(w.to, end) - w.from
	}
	return total
}
