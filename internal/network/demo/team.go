package demo

import (
	"slices"
	"time"

	"github.com/amends-care/amends/internal/care"
)

// A Person is somebody of the demo's team.
type Person struct {
	ID        care.AgentID
	Name      string
	Role      string // lead | agent
	Languages []string
	Zone      string         // where they live
	Days      []time.Weekday // that they work on, by their own calendar
	From, To  int            // hours of the day that they work, in their zone
}

// Team is the team of five, which between them is awake nearly round the clock.
func Team() []Person {
	return []Person{
		{"mara", "Mara Lindqvist", "lead", []string{"en", "de", "nl"}, "Europe/Berlin",
			[]time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday}, 8, 17},
		{"amelie", "Amélie Roussel", "agent", []string{"fr", "it", "de", "en"}, "Europe/Paris",
			[]time.Weekday{time.Tuesday, time.Wednesday, time.Thursday, time.Friday, time.Saturday}, 7, 16},
		{"yusuf", "Yusuf Elmalı", "agent", []string{"tr", "ar", "en", "de"}, "Europe/Istanbul",
			[]time.Weekday{time.Sunday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday}, 12, 21},
		{"tomas", "Tomás Arizmendi", "agent", []string{"es", "pt", "it", "en"}, "America/Montevideo",
			[]time.Weekday{time.Saturday, time.Sunday, time.Monday, time.Tuesday, time.Wednesday}, 9, 18},
		{"nia", "Nia Pemberly", "agent", []string{"en", "fr", "es"}, "Pacific/Auckland",
			[]time.Weekday{time.Tuesday, time.Wednesday, time.Thursday, time.Friday, time.Saturday}, 8, 17},
	}
}

// worker is a person while the past is being made up.
type worker struct {
	Person
	zone *time.Location
	free time.Time // when the case in hand is done
}

// roster says who takes what, and when.
type roster []*worker

func newRoster() (roster, error) {
	var all roster
	for _, p := range Team() {
		zone, err := time.LoadLocation(p.Zone)
		if err != nil {
			return nil, err
		}
		all = append(all, &worker{Person: p, zone: zone})
	}
	return all, nil
}

// next is the first instant from at on at which somebody works.
func (w *worker) next(at time.Time) time.Time {
	local := at.In(w.zone)
	for d := range 9 {
		day := time.Date(local.Year(), local.Month(), local.Day()+d, 0, 0, 0, 0, w.zone)
		if !slices.Contains(w.Days, day.Weekday()) {
			continue
		}
		from := time.Date(day.Year(), day.Month(), day.Day(), w.From, 0, 0, 0, w.zone)
		to := time.Date(day.Year(), day.Month(), day.Day(), w.To, 0, 0, 0, w.zone)
		if at.Before(from) {
			return from.UTC()
		}
		if at.Before(to) {
			return at.UTC()
		}
	}
	return at.UTC()
}

// working says whether somebody works at an instant.
func (w *worker) working(at time.Time) bool { return w.next(at).Equal(at) }

// take finds who can begin a case first: who speaks the language, or anybody
// when it can't wait.
func (t roster) take(at time.Time, language string, anybody bool) (*worker, time.Time) {
	var best *worker
	var when time.Time
	for _, w := range t {
		if !anybody && !slices.Contains(w.Languages, language) {
			continue
		}
		start := at
		if w.free.After(start) && !anybody {
			start = w.free
		}
		if start = w.next(start); best == nil || start.Before(when) {
			best, when = w, start
		}
	}
	return best, when
}

// lead is the lead of the team.
func (t roster) lead() *worker { return t[0] }

// other is a colleague who speaks a language, if there is one.
func (t roster) other(than *worker, language string, at time.Time) *worker {
	var found *worker
	for _, w := range t {
		if w == than || !slices.Contains(w.Languages, language) {
			continue
		}
		if found == nil || w.next(at).Before(found.next(at)) {
			found = w
		}
	}
	return found
}

// knownAs finds whose first name stands at the end of an answer.
func (t roster) knownAs(text string) string {
	for _, w := range t {
		if name := firstName(w.Name); len(text) > len(name) && text[len(text)-len(name):] == name {
			return name
		}
	}
	return ""
}
