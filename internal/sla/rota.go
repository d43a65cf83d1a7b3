package sla

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// A Rota says who is on call when: people take turns of whole days, in order,
// for ever. A turn begins on the wall clock, so it has 23 or 25 hours where the
// clocks change.
type Rota struct {
	Name   string   `yaml:"name" json:"name"`
	Zone   string   `yaml:"zone" json:"zone"`
	People []string `yaml:"people" json:"people"`
	// Since is the day on which the first of them began.
	Since Date `yaml:"since" json:"since"`
	// Days is how long a turn is.
	Days int `yaml:"days" json:"days"`
	// At is when turns begin, since midnight.
	At time.Duration `yaml:"at" json:"at"`
}

// Validate reports every mistake.
func (r *Rota) Validate() error {
	var wrong []error
	bad := func(format string, args ...any) { wrong = append(wrong, fmt.Errorf(format, args...)) }
	if _, err := time.LoadLocation(r.Zone); err != nil || r.Zone == "" {
		bad("zone: %q is no time zone: write one such as Europe/Berlin", clip(r.Zone))
	}
	if len(r.People) == 0 {
		bad("people: missing; who takes turns, in order")
	}
	if r.Since.IsZero() || r.Since.yearly() {
		bad("since: write the day on which the first of them begins, such as 2026-12-07")
	}
	if r.Days < 1 || r.Days > 366 {
		bad("days: a turn has 1 to 366 days")
	}
	if r.At < 0 || r.At >= day {
		bad("at: write how long after midnight a turn begins, below 24h")
	}
	return errors.Join(wrong...)
}

// Turns are the people in turn: who is on call at an instant first, and then who
// comes after.
func (r *Rota) Turns(at time.Time) []string {
	loc, err := time.LoadLocation(r.Zone)
	if err != nil || len(r.People) == 0 || r.Days < 1 {
		return nil
	}
	local := at.In(loc)
	n := int(dateOf(local).number() - r.Since.number())
	if sinceMidnight(local) < r.At {
		n--
	}
	turn := n / r.Days
	if n < 0 && n%r.Days != 0 {
		turn--
	}
	count := len(r.People)
	first := ((turn % count) + count) % count
	return slices.Concat(r.People[first:], r.People[:first])
}

// sinceMidnight is what the clock on the wall shows.
func sinceMidnight(t time.Time) time.Duration {
	return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute + time.Duration(t.Second())*time.Second
}
