package sla

import (
	"fmt"
	"strings"
	"time"
)

// The years that calendars reach: instants outside count as their ends.
const (
	firstYear = 1970
	lastYear  = 2261
)

// A Date is a day in a calendar's zone. Year 0 means every year. As text:
// 2026-12-25, or 12-25 for every year.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// ParseDate reads 2026-12-25, or 12-25 for every year.
func ParseDate(s string) (Date, error) {
	s = strings.TrimSpace(s)
	yearly := false
	if len(s) == len("12-25") {
		// 2024 is a leap year, so that the 29th of February is a date.
		s, yearly = "2024-"+s, true
	}
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return Date{}, fmt.Errorf("%q is not a date: write 2026-12-25, or 12-25 for every year", clip(strings.TrimPrefix(s, "2024-")))
	}
	d := dateOf(t)
	if yearly {
		d.Year = 0
		return d, nil
	}
	if d.Year < firstYear || d.Year > lastYear {
		return Date{}, fmt.Errorf("%s is out of reach: give a year from %d to %d", d, firstYear, lastYear)
	}
	return d, nil
}

// UnmarshalText reads what ParseDate reads.
func (d *Date) UnmarshalText(text []byte) (err error) {
	*d, err = ParseDate(string(text))
	return err
}

// MarshalText writes what ParseDate reads.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

func (d Date) String() string {
	if d.Year == 0 {
		return fmt.Sprintf("%02d-%02d", d.Month, d.Day)
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day)
}

// IsZero reports whether no date was given.
func (d Date) IsZero() bool { return d == Date{} }

// valid reports whether there is such a day within reach.
func (d Date) valid() bool {
	e, err := ParseDate(d.String())
	return err == nil && e == d
}

func (d Date) yearly() bool { return d.Year == 0 }

// in is the date in a year; the 29th of February is in leap years only.
func (d Date) in(year int) (dayNumber, bool) {
	t := time.Date(year, d.Month, d.Day, 0, 0, 0, 0, time.UTC)
	return dayOf(t), t.Month() == d.Month && t.Day() == d.Day
}

// number is the day of a date that has a year.
func (d Date) number() dayNumber {
	return dayOf(time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC))
}

// compare orders by year, month and day; yearly dates come first.
func (d Date) compare(e Date) int {
	if d.Year != e.Year {
		return d.Year - e.Year
	}
	if d.Month != e.Month {
		return int(d.Month - e.Month)
	}
	return d.Day - e.Day
}

func dateOf(t time.Time) Date {
	year, month, day := t.Date()
	return Date{year, month, day}
}

// A dayNumber counts days of the wall calendar since 1 January 1970.
type dayNumber int32

// dayOf is the number of a day whose midnight is given in UTC.
func dayOf(t time.Time) dayNumber { return dayNumber(t.Unix() / int64(day/time.Second)) }

func (n dayNumber) date() Date {
	return dateOf(time.Unix(int64(n)*int64(day/time.Second), 0).UTC())
}

// weekday of a day: 1 January 1970 was a Thursday.
func (n dayNumber) weekday() time.Weekday {
	return time.Weekday(((int(n)+int(time.Thursday))%7 + 7) % 7)
}
