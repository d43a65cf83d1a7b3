package care

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// NotesStream is the stream of the team's dated notes on charts.
const NotesStream = "desk/notes"

// A NoteKind is what a note on charts tells of.
type NoteKind string

// The kinds of notes on charts.
const (
	NoteOutage  NoteKind = "outage"
	NoteHoliday NoteKind = "holiday"
	NoteOther   NoteKind = "other"
)

// ChartNoted puts a dated note on all charts of its time, or takes it off again.
// Its words are in the document [ChartKey], and nowhere in the log.
type ChartNoted struct {
	N    int       `json:"n"` // counted from 1
	From time.Time `json:"from"`
	To   time.Time `json:"to"` // excluded
	What NoteKind  `json:"what"`
	Gone bool      `json:"gone,omitempty"` // it was taken off
}

// ChartKey is the document of a note's words.
func ChartKey(n int) string { return "chart/" + strconv.Itoa(n) }

// Kind of a note on charts.
func (ChartNoted) Kind() Kind { return "chart.noted" }

func (e *ChartNoted) fields(c *codec) {
	c.int(&e.N)
	c.time(&e.From)
	c.time(&e.To)
	str(c, &e.What)
	c.bool(&e.Gone)
}

// A ChartNote stands on the charts. Who wrote it, and when, is its story.
type ChartNote struct {
	ChartNoted
	Seq uint64    `json:"seq"` // of its record
	By  Actor     `json:"by"`
	At  time.Time `json:"at"`
}

// ChartNotes is what the log tells of the notes on charts. The zero value is an
// empty log's.
type ChartNotes struct {
	List []ChartNote // those that stand, as they were made
	Last int         // number of the latest that was ever made
}

// Apply adds one record. It never fails.
func (n *ChartNotes) Apply(seq uint64, r Record) {
	for _, e := range r.Events {
		e, ok := e.(ChartNoted)
		if !ok {
			continue
		}
		n.List = slices.DeleteFunc(n.List, func(had ChartNote) bool { return had.N == e.N })
		if !e.Gone {
			n.List = append(n.List, ChartNote{e, seq, r.By, r.At})
		}
		n.Last = max(n.Last, e.N)
	}
}

const (
	maxNote      = 280 // characters of a note's words
	maxNotes     = 2000
	longestNoted = 366 * 24 * time.Hour
)

// Note decides a new note on charts, of the time from one instant to before
// another. It is known by its number, Last + 1.
func (n *ChartNotes) Note(from, to time.Time, what NoteKind, words string) ([]Event, error) {
	words = strings.TrimSpace(words)
	switch {
	case what != NoteOutage && what != NoteHoliday && what != NoteOther:
		return nil, invalid("what", "A note tells of an outage, a holiday or something other.")
	case !from.Before(to) || to.Sub(from) > longestNoted || from.Year() < 1970 || to.Year() > 9999:
		return nil, invalid("to", "A note tells of one day to a year.")
	case words == "":
		return nil, invalid("text", "Say in a few words what it was.")
	case utf8.RuneCountInString(words) > maxNote:
		return nil, invalid("text", "A note has at most 280 characters.")
	case len(n.List) >= maxNotes:
		return nil, invalid("text", "There are too many notes: take old ones off first.")
	}
	return []Event{ChartNoted{N: n.Last + 1, From: from.UTC(), To: to.UTC(), What: what}}, nil
}

// Drop decides that a note is taken off again.
func (n *ChartNotes) Drop(number int) ([]Event, error) {
	for _, note := range n.List {
		if note.N == number {
			gone := note.ChartNoted
			gone.Gone = true
			return []Event{gone}, nil
		}
	}
	return nil, &Error{Code: NotFound, Msg: "There is no such note."}
}
