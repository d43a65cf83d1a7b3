// Package sla turns a promise into an instant: a [Policy] says how long, a
// [Calendar] says which hours count, and a [Target] is the start, the moment
// from which it is at risk, and the deadline.
//
// A team writes its hours as a [Timetable]; [NewCalendar] checks it and makes
// the Calendar that computes. Times of day are what the clock on the team's
// wall shows, so a day on which the clocks change has its real length.
//
// The package owns no document and no stream. It performs no I/O but reading a
// time zone's rules when a Calendar is made, reads no clock, and decides
// nothing about a case: what starts, pauses or ends a target is for the caller.
package sla

import "fmt"

// A Problem is one mistake in what a person wrote: where it is and how to mend it.
type Problem struct {
	In   string // what is at fault: `calendar "office"`
	Path string // the setting within it, as in YAML: holidays[2].until; may be empty
	Msg  string // what is wrong and how to mend it
}

func (p *Problem) Error() string {
	if p.Path == "" {
		return p.In + ": " + p.Msg
	}
	return p.In + ": " + p.Path + ": " + p.Msg
}

// problems collects every mistake, so that one look mends them all.
type problems struct {
	in   string
	list []error
}

func (p *problems) add(path, format string, args ...any) {
	p.list = append(p.list, &Problem{In: p.in, Path: path, Msg: fmt.Sprintf(format, args...)})
}
