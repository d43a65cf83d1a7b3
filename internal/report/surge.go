package report

import (
	"cmp"
	"strings"

	"github.com/amends-care/amends/internal/care"
)

const defSurged = "Surges by the hour in which they began. Cases: those opened while it lasted, of its brand, topic and language. A case that fell into several, as one about a topic and one in a language, is in the row of each, and in all of them together once: so rows may add up to more. Told after: from the beginning of its first hour until the console said so. Lasted: until the end of its last hour. Known issue after: from the beginning of its first hour until the known issue was opened to which most of its cases are linked, at least two; without one it counts for as long as nobody opened any. Of all together: medians (Kaplan–Meier)."

// A surged is a surge that was told.
type surged struct {
	brand, topic, language word
	since, told            moment
	until                  moment // 0: it lasts
	usual                  float64
}

// surge follows what was told of surges.
func (f *Fold) surge(r *care.Record) {
	for _, e := range r.Events {
		switch e := e.(type) {
		case care.SurgeBegan:
			f.surges = append(f.surges, surged{
				brand: f.words.word(e.Brand), topic: f.words.word(e.Topic), language: f.words.word(e.Language),
				since: momentOf(e.Since), told: momentOf(r.At), usual: e.Usual,
			})
		case care.SurgeEnded:
			for i := len(f.surges) - 1; i >= 0; i-- {
				s := &f.surges[i]
				if f.words.name(s.brand) == e.Brand && f.words.name(s.topic) == e.Topic && f.words.name(s.language) == e.Language && s.until == 0 {
					s.until = momentOf(e.Until)
					break
				}
			}
		}
	}
}

// Slots and waits of surges.
const (
	surgeCases = iota
	surgeLinked

	toldAfter = iota - 2
	surgeLasted
	issueAfter
)

// surged are the surges of the span.
func (e *eval) surged() Table {
	s := e.sheetBy("surges", ByNothing)
	s.label = func(key int64) string { return e.surgeName(&e.f.surges[key]) }
	once := [2]map[uint32]bool{surgeCases: {}, surgeLinked: {}} // what all together have already
	for i := range e.f.surges {
		v := &e.f.surges[i]
		if !e.within(v.since) {
			continue
		}
		row := s.at(int64(i))
		hit := func(slot int, n uint32) {
			if row.hit(slot, n); !once[slot][n] {
				once[slot][n] = true
				s.total.hit(slot, n)
			}
		}
		until := cmp.Or(v.until, e.asOf)
		cases := map[uint32]bool{}
		for n := range e.f.when.cases.within(len(e.f.cases), v.since, until) {
			if c := &e.f.cases[n]; e.of(v, c) && c.opened >= v.since && c.opened < until && e.has(c) {
				cases[uint32(n)] = true
				hit(surgeCases, uint32(n))
			}
		}
		opened, linked := e.issueOf(cases)
		for _, n := range linked {
			hit(surgeLinked, n)
		}
		for _, g := range []*group{s.total, row} {
			g.waits[toldAfter].add(durationOf(seconds(v.since, v.told), true))
			g.waits[surgeLasted].add(durationOf(seconds(v.since, until), v.until != 0))
			g.waits[issueAfter].add(durationOf(seconds(v.since, cmp.Or(opened, e.asOf)), opened != 0))
		}
	}
	one := func(name, title string, which int, open string) column {
		return column{Column: Column{name, title, Seconds}, of: []int{surgeCases}, cell: func(g *group) Cell {
			if g == s.total {
				return lasted(name, title, which, 0.5).cell(g)
			}
			if d := g.waits[which].longest(); d.over() {
				return Cell{Value: number(float64(d.seconds())), N: g.n[surgeCases]}
			}
			return Cell{N: g.n[surgeCases], Why: open}
		}}
	}
	e.end([]*sheet{s})
	t := s.table("Surges", defSurged, EventDate, counted("cases", "cases", surgeCases),
		one("told_after", "told after", toldAfter, ""), one("lasted", "lasted", surgeLasted, "it lasts"),
		one("issue_after", "known issue after", issueAfter, "no known issue was made of it"), counted("linked", "linked to that issue", surgeLinked))
	t.waits = lengths{} // nobody waits there: no curve
	return t
}

// of says whether a case is of a surge's brand, topic and language.
func (e *eval) of(v *surged, c *fact) bool {
	return !c.hidden && (v.brand == 0 || v.brand == c.brand) && (v.topic == 0 || v.topic == c.topic) && (v.language == 0 || v.language == c.language)
}

// issueOf is when the known issue was opened to which most of some cases are
// linked, and which those are; 0 where there is none.
func (e *eval) issueOf(cases map[uint32]bool) (opened moment, linked []uint32) {
	const least = 2
	for i := range e.f.happened {
		h := &e.f.happened[i]
		var here []uint32
		for id := range h.linked {
			if n, ok := e.f.byID[id]; ok && cases[n] {
				here = append(here, n)
			}
		}
		if len(here) >= least && len(here) > len(linked) {
			opened, linked = h.from, here
		}
	}
	return opened, linked
}

// surgeName is when a surge began on the wall, and what it was of.
func (e *eval) surgeName(v *surged) string {
	of := []string{v.since.time().In(e.q.Zone).Format("2006-01-02 15:04")}
	for _, w := range []word{v.brand, v.topic, v.language} {
		if w != 0 {
			of = append(of, e.f.words.name(w))
		}
	}
	return strings.Join(of, " ")
}
