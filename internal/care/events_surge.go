package care

import (
	"slices"
	"time"
)

// SurgesStream is the stream of the surges that were told.
const SurgesStream = "desk/surges"

// SourceCharged is what a page of a source cost, also where it brought nothing.
type SourceCharged struct {
	Micros int `json:"micros"` // millionths of a US dollar
}

// SurgeBegan says that a surge was told, which is when its record was written.
type SurgeBegan struct {
	Brand    string    `json:"brand,omitempty"`
	Topic    string    `json:"topic,omitempty"`    // empty: of all topics
	Language string    `json:"language,omitempty"` // empty: of all languages
	Since    time.Time `json:"since"`              // beginning of the first hour
	Count    int       `json:"count"`              // complaints in that hour when it was told
	Usual    float64   `json:"usual"`              // in a whole hour like it
}

// SurgeEnded says that neither the present hour nor the one before has far more
// than usual.
type SurgeEnded struct {
	Brand    string    `json:"brand,omitempty"`
	Topic    string    `json:"topic,omitempty"`
	Language string    `json:"language,omitempty"`
	Since    time.Time `json:"since"` // of the surge
	Until    time.Time `json:"until"` // end of its last hour
}

// Kinds of the events of surges, and of what a source cost.
func (SourceCharged) Kind() Kind { return "source.charged" }
func (SurgeBegan) Kind() Kind    { return "surge.began" }
func (SurgeEnded) Kind() Kind    { return "surge.ended" }

func (e *SourceCharged) fields(c *codec) { c.int(&e.Micros) }
func (e *SurgeBegan) fields(c *codec) {
	c.text(&e.Brand)
	c.text(&e.Topic)
	c.text(&e.Language)
	c.time(&e.Since)
	c.int(&e.Count)
	c.float(&e.Usual)
}
func (e *SurgeEnded) fields(c *codec) {
	c.text(&e.Brand)
	c.text(&e.Topic)
	c.text(&e.Language)
	c.time(&e.Since)
	c.time(&e.Until)
}

// Surges are those that were told and have not ended, by the log. The zero value
// is an empty log's.
type Surges struct{ Open []SurgeBegan }

// Apply adds one record. It never fails.
func (s *Surges) Apply(_ uint64, r Record) {
	for _, e := range r.Events {
		switch e := e.(type) {
		case SurgeBegan:
			s.Open = append(s.Open, e)
		case SurgeEnded:
			s.Open = slices.DeleteFunc(s.Open, func(o SurgeBegan) bool {
				return o.Brand == e.Brand && o.Topic == e.Topic && o.Language == e.Language
			})
		}
	}
}

// Turn is what changes when these are the surges at an instant: some begin, some
// end. Two nodes that look at once say the same, and the second says nothing.
func (s *Surges) Turn(now time.Time, seen []Surge) (events []Event) {
	for _, o := range s.Open {
		if !slices.ContainsFunc(seen, func(n Surge) bool { return o.is(&n) }) {
			// An hour counts until the one after it has passed, see package watch.
			until := now.Truncate(time.Hour).Add(-time.Hour)
			if first := o.Since.Add(time.Hour); until.Before(first) {
				until = first
			}
			events = append(events, SurgeEnded{o.Brand, o.Topic, o.Language, o.Since, until})
		}
	}
	for _, n := range seen {
		if !slices.ContainsFunc(s.Open, func(o SurgeBegan) bool { return o.is(&n) }) {
			events = append(events, SurgeBegan{n.Brand, n.Topic, n.Language, n.Since, n.Count, n.Usual})
		}
	}
	return events
}

func (e *SurgeBegan) is(n *Surge) bool {
	return e.Brand == n.Brand && e.Topic == n.Topic && e.Language == n.Language
}
