package report

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/amends-care/amends/internal/care"
)

// A Marked is a dated note of the team that stands on the charts of its time. Its
// words are no part of the log: whoever shows a report fills them in.
type Marked struct {
	N    int           `json:"n"`
	From time.Time     `json:"from"`
	To   time.Time     `json:"to"` // excluded
	What care.NoteKind `json:"what"`
	Text string        `json:"text,omitempty"`
}

func (m *Marked) words() string {
	if m.Text == "" {
		return string(m.What)
	}
	return string(m.What) + ": " + m.Text
}

// marked are the notes of a span, the earliest first.
func (f *Fold) marked(from, to time.Time) (all []Marked) {
	for _, n := range f.notes.List {
		if n.From.Before(to) && n.To.After(from) {
			all = append(all, Marked{N: n.N, From: n.From, To: n.To, What: n.What})
		}
	}
	slices.SortStableFunc(all, func(a, b Marked) int { return a.From.Compare(b.From) })
	return all
}

// A stretch of rows that a note is of.
type stretch struct {
	first, last int
	words       string
	n           int
}

// stretches are where the notes fall among rows that are parts of time.
func (r *Report) stretches(rows []Row) (all []stretch) {
	for i := range r.Marked {
		m := &r.Marked[i]
		s := stretch{first: -1, words: m.words(), n: m.N}
		for k, row := range rows {
			from, to := r.partOf(row.Label)
			if !m.From.Before(to) || !m.To.After(from) {
				continue
			}
			if s.last = k; s.first < 0 {
				s.first = k
			}
		}
		if s.first >= 0 {
			all = append(all, s)
		}
	}
	return all
}

// MarkedIn are the notes of a row that is a part of time, in words; empty: none.
func (r *Report) MarkedIn(label string) string {
	var words []string
	from, to := r.partOf(label)
	for i := range r.Marked {
		if m := &r.Marked[i]; m.From.Before(to) && m.To.After(from) {
			words = append(words, m.words())
		}
	}
	return strings.Join(words, "; ")
}

// partOf is the time that a row is of; none where it is no part of time.
func (r *Report) partOf(label string) (from, to time.Time) {
	zone, err := time.LoadLocation(r.Zone)
	if err != nil {
		return from, to
	}
	if from, err = time.ParseInLocation(time.DateOnly, label, zone); err == nil {
		if r.By == ByWeek {
			return from, from.AddDate(0, 0, 7)
		}
		return from, from.AddDate(0, 0, 1)
	}
	if from, err = time.ParseInLocation("2006-01", label, zone); err == nil {
		return from, from.AddDate(0, 1, 0)
	}
	return time.Time{}, time.Time{}
}

// marks draws the notes behind a chart along time: a band, with the note's number
// over it, and its words as a title.
func (p *pen) marks(all []stretch, x func(int) float64, step, high, bottom float64) {
	for _, s := range all {
		left, right := x(s.first)-step/2, x(s.last)+step/2
		p.rect("nt", left, high, right-left, bottom-high, s.words)
		p.text("labm", "middle", (left+right)/2, high-2, fmt.Sprint(s.n))
	}
}

// noted adds what the notes say to a chart's data.
func (r *Report) noted(lines [][]string) [][]string {
	if len(r.Marked) == 0 {
		return lines
	}
	for i, line := range lines {
		more := "notes"
		if i > 0 {
			more = r.MarkedIn(line[0])
		}
		lines[i] = append(line, more)
	}
	return lines
}
