package report

import (
	"fmt"
	"math"
	"time"
)

// Slots of recovery, first of the answered, then of those without an answer.
const (
	becameSilent = iota
	becameNeutral
	becameRecovered
	becameLost
	unansweredFrom // the same four again
)

// recover counts what a customer says last within some days after the complaint.
func (e *eval) recover(s *sheet, days int, n uint32, c *fact) {
	until := c.began + moment(days)*msPerDay
	if until > e.asOf {
		return
	}
	slot, last := becameSilent, contact{}
	for k := range e.f.heard(c.author, c.began, until) {
		if slot != becameSilent && !k.later(last) {
			continue
		}
		switch last = k; k.says {
		case praising:
			slot = becameRecovered
		case complaining:
			slot = becameLost
		default:
			slot = becameNeutral
		}
	}
	if c.replied == 0 || c.replied > until {
		slot += unansweredFrom
	}
	s.hit(c, e.date(c), slot, n)
}

// tooEarly is why nothing is told of a span whose complaints are younger than a
// table's days.
func tooEarly(days int) string { return fmt.Sprintf("no complaint of this span is %d days old", days) }

// Earlier is the span of the same length that a table of recovery can tell of, where
// it can't of the report's: no day of that is as long ago as the table's days. ok is
// false where it can.
func (r *Report) Earlier(t *Table) (days int, s Span, ok bool) {
	if _, err := fmt.Sscanf(t.Name, "recovery_%d", &days); err != nil {
		return 0, s, false
	}
	zone := zoneOf(r.Zone)
	last := r.AsOf.Add(-time.Duration(days) * 24 * time.Hour)
	if !r.From.After(last) {
		return 0, s, false
	}
	y, m, d := last.In(zone).Date()
	s.To = time.Date(y, m, d+1, 0, 0, 0, 0, zone)
	s.From = s.To.AddDate(0, 0, -max(1, int(r.To.Sub(r.From).Hours()/24+0.5)))
	return days, s, true
}

func recoveryTable(s *sheet, days int) Table {
	columns := recoveryColumns("", "answered", 0)
	columns = append(columns, recoveryColumns("baseline_", "without an answer", unansweredFrom)...)
	columns = append(columns, column{Column: Column{"difference", "more recovered than without an answer", Points}, of: s.every(), cell: func(g *group) Cell {
		if g != s.total {
			return Cell{N: g.total(s.every()), Why: "the difference is shown for the whole"}
		}
		var strata []stratum
		for _, part := range s.list {
			strata = append(strata, stratumOf(part))
		}
		return differenceCell(strata)
	}})
	t := s.table(fmt.Sprintf("Recovery after %d days", days), defRecovery, CaseDate, columns...)
	if s.e.from+moment(days)*msPerDay > s.e.asOf {
		for i := range t.Rows {
			for k := range t.Rows[i].Cells {
				if c := &t.Rows[i].Cells[k]; c.Value == nil {
					c.Why = tooEarly(days)
				}
			}
		}
	}
	return t
}

func (*sheet) every() []int {
	var of []int
	for slot := range 2 * unansweredFrom {
		of = append(of, slot)
	}
	return of
}

func recoveryColumns(prefix, title string, from int) []column {
	of := []int{from + becameSilent, from + becameNeutral, from + becameRecovered, from + becameLost}
	share := func(name string, slot int) column {
		return shared(prefix+name, title+": "+name, []int{from + slot}, of...)
	}
	return []column{
		counted(prefix+"cases", title, of...), share("recovered", becameRecovered), share("neutral", becameNeutral),
		share("lost", becameLost), share("silent", becameSilent),
	}
}

// A stratum compares cases of one severity.
type stratum struct {
	recovered, answered   int
	baseline, unansweredN int // recovered without an answer, and all without one
}

func stratumOf(g *group) stratum {
	var t stratum
	for slot := range unansweredFrom {
		t.answered += g.n[slot]
		t.unansweredN += g.n[slot+unansweredFrom]
	}
	t.recovered, t.baseline = g.n[becameRecovered], g.n[becameRecovered+unansweredFrom]
	return t
}

// zBoth is the normal quantile of a two-sided interval of 97.5 %: there are two
// horizons, and both together shall claim what is not there less than once in
// twenty reports (Bonferroni).
const zBoth = 2.241402727604947

// difference is the share of recovered among the answered less that among the
// others, within each stratum and weighted as Mantel and Haenszel do. Each
// share gets one case more of either kind (Agresti and Caffo, 2000), so that
// few cases claim little. ok is false when no stratum has both.
func difference(strata []stratum) (d, lo, hi float64, n int, ok bool) {
	var sum, weights, variance float64
	for _, t := range strata {
		n += t.answered + t.unansweredN
		if t.answered == 0 || t.unansweredN == 0 {
			continue
		}
		n1, n0 := float64(t.answered), float64(t.unansweredN)
		p1, p0 := (float64(t.recovered)+1)/(n1+2), (float64(t.baseline)+1)/(n0+2)
		w := n1 * n0 / (n1 + n0)
		sum += w * (p1 - p0)
		variance += w * w * (p1*(1-p1)/(n1+2) + p0*(1-p0)/(n0+2))
		weights += w
	}
	if weights == 0 {
		return 0, 0, 0, n, false
	}
	d = sum / weights
	half := zBoth * math.Sqrt(variance) / weights
	return d, max(-1, d-half), min(1, d+half), n, true
}

func differenceCell(strata []stratum) Cell {
	d, lo, hi, n, ok := difference(strata)
	if !ok {
		return Cell{N: n, Thin: n < thin, Why: "there is nothing to compare with"}
	}
	c := Cell{Value: number(100 * d), Low: number(100 * lo), High: number(100 * hi), N: n, Thin: n < thin}
	if lo <= 0 && hi >= 0 {
		c.Why = "not shown to differ: the interval holds 0"
	}
	return c
}
