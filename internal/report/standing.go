package report

import "time"

// A Standing is what is to be done in a queue at an instant, for those who watch
// the desk by machine. It counts imported, late and demo cases too.
type Standing struct {
	AtRisk  int           // cases of which a target's margin has begun
	Soon    int           // of which a target will break within 30 minutes
	Overdue int           // whose deadline has passed, and the answer is still owed
	Oldest  time.Duration // since the customer wrote who has waited longest of those whose case is ours to act on

	Promises        int // not due yet
	PromisesSoon    int // of those, due within 24 hours
	PromisesSlipped int // past due and still to be done
}

// Standings are those of every queue that has a case, by name. It reads what is
// open.
func (f *Fold) Standings(at time.Time) map[string]*Standing {
	e := f.eval(Query{AsOf: at, Late: true, Imported: true, Demo: true}, nil)
	all := map[string]*Standing{}
	of := func(c *fact) *Standing {
		name := f.words.name(c.queue)
		if all[name] == nil {
			all[name] = &Standing{}
		}
		return all[name]
	}
	for n := range f.open.all() {
		c := &f.cases[n]
		s := of(c)
		risk, overdue, breaks := e.stands(c)
		s.AtRisk, s.Overdue, s.Soon = s.AtRisk+one(risk), s.Overdue+one(overdue), s.Soon+one(breaks)
		if c.state != awaiting {
			s.Oldest = max(s.Oldest, time.Duration(e.asOf-e.waitsSince(c))*time.Millisecond)
		}
	}
	for i := range f.promises {
		p := &f.promises[i]
		c := &f.cases[p.of]
		switch {
		case p.done != 0 || c.hidden:
		case p.until <= e.asOf:
			of(c).PromisesSlipped++
		default:
			s := of(c)
			s.Promises++
			s.PromisesSoon += one(p.until <= e.asOf+oneDay)
		}
	}
	return all
}

// waitsSince is when the customer wrote who waits for an answer; the
// present if nobody does.
func (e *eval) waitsSince(c *fact) moment {
	if c.replied == 0 && c.withdrawn == 0 {
		return c.began
	}
	since := e.asOf
	for i := c.waits; i != 0; i = e.f.waits[i-1].prev {
		if w := &e.f.waits[i-1]; w.how == lasts {
			since = min(since, w.start)
		}
	}
	return since
}

func one(is bool) int {
	if is {
		return 1
	}
	return 0
}
