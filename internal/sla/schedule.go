package sla

import "time"

// Every is how often a schedule comes round.
type Every string

// How often.
const (
	Daily   Every = "day"
	Weekly  Every = "week"
	Monthly Every = "month"
)

// A Schedule is a time of the day that comes again, by the wall clock of a zone:
// each of its days has one point, also where the clock is changed at that hour.
type Schedule struct {
	Every        Every
	On           int // weekly: 1 Monday to 7 Sunday; monthly: 1 to 28
	Hour, Minute int
	Zone         *time.Location
}

// Last is the latest point that is not after an instant.
func (s Schedule) Last(now time.Time) time.Time {
	for back := 0; ; back-- {
		if p, ok := s.point(now, back); ok && !p.After(now) {
			return p
		}
	}
}

// Next is the first point after an instant.
func (s Schedule) Next(now time.Time) time.Time {
	for ahead := 0; ; ahead++ {
		if p, ok := s.point(now, ahead); ok && p.After(now) {
			return p
		}
	}
}

// point is that of the day some days from now's; ok is false where it has none.
func (s Schedule) point(now time.Time, days int) (p time.Time, ok bool) {
	y, m, d := now.In(s.Zone).Date()
	p = time.Date(y, m, d+days, s.Hour, s.Minute, 0, 0, s.Zone)
	date := time.Date(y, m, d+days, 12, 0, 0, 0, time.UTC) // the day itself, whatever the clock does
	switch s.Every {
	case Weekly:
		return p, (int(date.Weekday())+6)%7+1 == s.On
	case Monthly:
		return p, date.Day() == s.On
	}
	return p, true
}

// Span is what a point looks back on: the whole days up to its own, as many as
// lie between two points.
func (s Schedule) Span(point time.Time) (from, to time.Time) {
	y, m, d := point.In(s.Zone).Date()
	to = time.Date(y, m, d, 0, 0, 0, 0, s.Zone)
	switch s.Every {
	case Weekly:
		return time.Date(y, m, d-7, 0, 0, 0, 0, s.Zone), to
	case Monthly:
		return time.Date(y, m-1, d, 0, 0, 0, 0, s.Zone), to
	}
	return time.Date(y, m, d-1, 0, 0, 0, 0, s.Zone), to
}
