package report

import "github.com/amends-care/amends/internal/care"

const defCost = "What reading each source was charged, by when, at the prices of the configuration, and that for each mention that was new and for each that was flagged as a complaint. What answers cost is not in it, nor what was read before this was recorded."

// reading takes in what a source read and was charged.
func (f *Fold) reading(name string, r *care.Record) {
	read := reading{at: momentOf(r.At), source: f.words.word(name)}
	some := false
	for _, e := range r.Events {
		switch e := e.(type) {
		case care.SourceRead:
			read.read, read.flagged, read.late = read.read+uint32(max(e.New, 0)), read.flagged+uint32(max(e.Flagged, 0)), read.late+uint32(max(e.Late, 0))
			some = true
		case care.SourceCharged:
			read.micros += int64(max(e.Micros, 0))
			some = true
		}
	}
	if some {
		f.readings = append(f.readings, read)
	}
}

// costTable is what sources charge. It counts mentions, so its numbers open no cases.
func costTable(s *sheet) Table {
	each := func(name, title string, slot int, none string) column {
		return column{Column: Column{name, title, Dollars}, of: []int{slot}, cell: func(g *group) Cell {
			n := g.n[slot]
			switch {
			case g.sum[0] == 0:
				return Cell{N: n, Why: noCharge}
			case n == 0:
				return Cell{Why: none}
			}
			return Cell{Value: number(g.sum[0] / 1e6 / float64(n)), N: n, Thin: n < thin}
		}}
	}
	spent := column{Column: Column{"spent", "spent", Dollars}, of: []int{readAll}, cell: func(g *group) Cell {
		c := Cell{Value: number(g.sum[0] / 1e6), N: g.n[readAll]}
		if g.sum[0] == 0 {
			c.Why = noCharge
		}
		return c
	}}
	return s.table("Cost by source", defCost, EventDate, spent, counted("mentions", "mentions", readAll),
		each("per_mention", "per mention", readAll, "it brought nothing new"), counted("flagged", "complaints found", readFlagged),
		each("per_complaint", "per complaint found", readFlagged, "it brought no complaint")).closed()
}

// noCharge is why a source has no cost.
const noCharge = "nothing was charged: it is free, or no price is set"
