package sla

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Never is the deadline that no working time reaches: the first instant after
// every Calendar's end, far from every real one. It still fits 64 bits of
// nanoseconds.
func Never() time.Time { return instant(never) }

// never is the first of January 2262 in nanoseconds since 1970.
const never = 9214646400 * int64(time.Second)

// A Calendar says which instants are working time: those at which the clock on
// the wall of its zone shows a time within a span. When the clocks go back a
// span counts both times its hour is shown; when they go forward it loses what
// the clock skips.
//
// A Calendar reaches from 1970 until [Never]; earlier instants count as its
// start. It is immutable and safe for concurrent use. A nil Calendar, like the
// zero one, has no working time.
type Calendar struct {
	table    Timetable // in its normal form
	version  string
	loc      *time.Location
	offsets  []offset // by time
	week     [7][]span
	rules    []rule
	specials []special // by day
	perWeek  int64     // working time of an ordinary week
}

// A span is a Span in nanoseconds.
type span struct{ from, to int64 }

// An offset is a stretch of time during which the wall clock keeps its
// distance from UTC, in nanoseconds.
type offset struct{ start, end, east int64 }

// NewCalendar checks the timetable and makes it ready to compute. The error
// joins a [*Problem] for each mistake. A timetable whose week is closed
// throughout is one: no deadline could ever be reached.
func NewCalendar(t Timetable) (*Calendar, error) {
	p := problems{in: fmt.Sprintf("calendar %q", clip(t.Name))}
	t.check(&p)
	c := &Calendar{loc: t.location(&p)}
	days := t.Week.days(&p)
	open := false
	for d, hours := range days {
		c.week[d] = spansOf(hours)
		open = open || len(hours) > 0
	}
	if !open && len(p.list) == 0 {
		p.add("week", `has no working time, so no deadline would ever come: give at least one day hours, as "mon-fri: 09:00-17:00"`)
	}
	c.rules, c.specials = t.specials(&p)
	if len(p.list) > 0 {
		return nil, errors.Join(p.list...)
	}
	c.offsets = offsetsOf(c.loc)
	c.perWeek = c.measureWeek()
	c.table = t.normal(days)
	c.version = versionOf(c.table)
	return c, nil
}

// Always is the calendar that policies without one of their own use: every
// hour of every day.
func Always() *Calendar {
	c, err := NewCalendar(Timetable{Name: aroundTheClock, Zone: "UTC", Week: Week{"daily": {{0, day}}}})
	if err != nil {
		panic(err) // nothing in it depends on input
	}
	return c
}

// Name is what policies call the calendar.
func (c *Calendar) Name() string { return c.table.Name }

// Version names the content: the same hours, dates and names have the same
// version on every machine.
func (c *Calendar) Version() string { return c.version }

// Location is the zone of the calendar's wall clock, for showing instants.
func (c *Calendar) Location() *time.Location {
	if c == nil || c.loc == nil {
		return time.UTC
	}
	return c.loc
}

// MarshalJSON writes the timetable in its normal form, which is what Version
// names; UnmarshalJSON of a kept version gives the same calendar again.
func (c *Calendar) MarshalJSON() ([]byte, error) { return json.Marshal(c.table) }

// UnmarshalJSON reads what MarshalJSON wrote.
func (c *Calendar) UnmarshalJSON(b []byte) error {
	var t Timetable
	if err := json.Unmarshal(b, &t); err != nil {
		return fmt.Errorf("decode calendar: %w", err)
	}
	made, err := NewCalendar(t)
	if err != nil {
		return fmt.Errorf("decode calendar: %w", err)
	}
	*c = *made
	return nil
}

// Deadline is the first instant at which d of working time has passed since
// from, in UTC. Without a promise (d <= 0) that is from itself. It is [Never]
// when the calendar ends before.
func (c *Calendar) Deadline(from time.Time, d time.Duration) time.Time {
	at, left := nanos(from), int64(d)
	if left <= 0 {
		return instant(at)
	}
	for w := c.walk(at); w.next(); {
		n := w.to - w.from
		if n >= left {
			return instant(w.from + left)
		}
		left -= n
		left -= w.skipWeeks((left-1)/c.perWeek) * c.perWeek
	}
	return Never()
}

// Elapsed is the working time between two instants; 0 when to is not after from.
func (c *Calendar) Elapsed(from, to time.Time) time.Duration {
	a, b := nanos(from), nanos(to)
	total := int64(0)
	for w := c.walk(a); w.next() && w.from < b; {
		total += min(w.to, b) - w.from
		total += w.skipWeeks((b-w.to)/int64(week)) * c.perWeek
	}
	return time.Duration(total)
}

// Left is the working time that remains until a deadline: what a paused target
// keeps, and what [Policy.Resume] starts again with. It is 0 once due.
func (c *Calendar) Left(due, at time.Time) time.Duration { return c.Elapsed(at, due) }

// Open reports whether the instant is working time.
func (c *Calendar) Open(at time.Time) bool {
	n := nanos(at)
	w := c.walk(n)
	return w.next() && w.from <= n
}

// NextOpen is the first instant of working time at or after at, in UTC; at
// itself when that is working time, [Never] when none follows.
func (c *Calendar) NextOpen(at time.Time) time.Time {
	w := c.walk(nanos(at))
	if !w.next() {
		return Never()
	}
	return instant(w.from)
}

func spansOf(h Hours) []span {
	out := make([]span, len(h))
	for i, s := range h {
		out[i] = span{int64(s.From), int64(s.To)}
	}
	return out
}

// offsetsOf lists the zone's offsets from 1970 until Never, so that nothing is
// looked up while computing.
func offsetsOf(loc *time.Location) []offset {
	var out []offset
	for at := int64(0); at < never; {
		t := time.Unix(0, at).In(loc)
		_, seconds := t.Zone()
		_, until := t.ZoneBounds()
		next := nanos(until)
		if until.IsZero() || next <= at {
			next = never
		}
		east := int64(seconds) * int64(time.Second)
		if last := len(out) - 1; last >= 0 && out[last].east == east {
			out[last].end = next // only the zone's name changed
		} else {
			out = append(out, offset{at, next, east})
		}
		at = next
	}
	return out
}

// nanos brings an instant into the calendar's reach.
func nanos(t time.Time) int64 {
	switch seconds := t.Unix(); {
	case seconds < 0:
		return 0
	case seconds >= never/int64(time.Second):
		return never
	}
	return t.UnixNano()
}

func instant(n int64) time.Time { return time.Unix(0, n).UTC() }

// versionOf is a short hash of a value's JSON.
func versionOf(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // timetables and policies are texts and numbers
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:6])
}
