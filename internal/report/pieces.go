package report

import (
	"cmp"
	"encoding/csv"
	"io"
	"slices"
	"strconv"
	"time"

	"github.com/amends-care/amends/internal/care"
)

// A Piece is what one case gives to a number.
type Piece struct {
	Case   care.CaseID `json:"case"`
	Began  time.Time   `json:"began"`  // when its clock did, the one that the report counts by
	Values []Given     `json:"values"` // one for each time that it counts; empty where it only is one of them
}

// A Given is one value of a case, in the unit of its number.
type Given struct {
	Value float64 `json:"value"`
	More  bool    `json:"more,omitempty"` // it is at least this: it goes on, or was cut off
}

// A given is what a case gave to a group.
type given struct {
	of uint32
	Given
}

// gives notes what the case that was just counted gave.
func (g *group) gives(which int, value float64, more bool) {
	if g.keep {
		g.given[which] = append(g.given[which], given{g.last, Given{value, more}})
	}
}

// pieces are what each case gave to a column of a group: its waits or its answers,
// whether it is one of those that the share is of, or how often it counts where that
// is more than once.
func (c *column) pieces(g *group) (Unit, []given) {
	switch {
	case c.which != nil:
		return c.unit, g.given[*c.which]
	case c.Unit == Share:
		var all []given
		for _, slot := range c.of {
			v := 0.0
			if slices.Contains(c.some, slot) {
				v = 1
			}
			for _, n := range g.cases[slot] {
				all = append(all, given{n, Given{Value: v}})
			}
		}
		return Share, all
	case c.Unit == Count:
		times, often := map[uint32]int{}, false
		for _, slot := range c.of {
			for _, n := range g.cases[slot] {
				times[n]++
				often = often || times[n] > 1
			}
		}
		if !often {
			break
		}
		var all []given
		for n, k := range times {
			all = append(all, given{n, Given{Value: float64(k)}})
		}
		return Count, all
	}
	return "", nil
}

// sorted are what a number is made of: the longest wait first, the worst answer first,
// those that the share is of first, and else the oldest case.
func (e *eval) sorted(p *picked) (pieces []Piece) {
	of := map[uint32][]Given{}
	for _, v := range p.given {
		of[v.of] = append(of[v.of], v.Given)
	}
	first := func(a, b Given) int {
		if p.unit == Score {
			return cmp.Compare(a.Value, b.Value)
		}
		return cmp.Compare(b.Value, a.Value)
	}
	cases := slices.Compact(slices.Clone(p.cases)) // they stand in order
	for _, values := range of {
		slices.SortFunc(values, first)
	}
	slices.SortStableFunc(cases, func(a, b uint32) int {
		if len(of[a]) == 0 || len(of[b]) == 0 {
			return cmp.Compare(len(of[b]), len(of[a]))
		}
		return first(of[a][0], of[b][0])
	})
	for _, n := range cases {
		pieces = append(pieces, Piece{Case: e.f.ids[n], Began: e.date(&e.f.cases[n]).time(), Values: append([]Given{}, of[n]...)})
	}
	return pieces
}

// WriteCSV writes what a number is made of, a line for each value of a case. number
// is what people call it.
func (o *Opened) WriteCSV(w io.Writer, number func(care.CaseID) uint64) error {
	out := csv.NewWriter(w)
	if err := out.Write([]string{"case", "id", "table", "figure", "value", "unit", "at_least", "began"}); err != nil {
		return err
	}
	for _, p := range o.Pieces {
		values := p.Values
		if len(values) == 0 {
			values = []Given{{Value: 1}}
		}
		for _, v := range values {
			line := []string{
				strconv.FormatUint(number(p.Case), 10), string(p.Case), neutral(o.Table), o.Column.Name, plainNumber(&v.Value), string(cmp.Or(o.Unit, Count)), strconv.FormatBool(v.More), p.Began.Format(time.RFC3339),
			}
			if err := out.Write(line); err != nil {
				return err
			}
		}
	}
	out.Flush()
	return out.Error()
}
