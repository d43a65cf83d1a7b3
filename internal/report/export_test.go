package report

import (
	"time"

	"github.com/amends-care/amends/internal/care"
)

// A Told is what a fold knows of one case, for comparing it with care.Case.
type Told struct {
	State        care.State
	Assignee     care.AgentID
	FirstReplyAt time.Time
	EndedAt      time.Time
	Targets      map[care.TargetKind]string
	Ends         map[care.TargetKind]care.Ending
	Waiting      time.Time // of the oldest mention without an answer, once a first one was given
	Slipped      int
	Promises     int // that were made
	Unsaid       int // that were not: their reply was never sent
}

// Tell gives a case as the fold has it.
func (f *Fold) Tell(id care.CaseID) (t Told, ok bool) {
	n, ok := f.byID[id]
	if !ok {
		return t, false
	}
	c := &f.cases[n]
	states := []care.State{care.StateWaiting, care.StateClaimed, care.StateAwaiting, care.StateResolved, care.StateDismissed, care.StateMerged}
	t = Told{
		State: states[c.state], Assignee: care.AgentID(f.words.name(c.assignee)), FirstReplyAt: c.replied.time(),
		EndedAt: c.ended.time(), Targets: map[care.TargetKind]string{}, Ends: map[care.TargetKind]care.Ending{},
	}
	ends := map[ending]care.Ending{unanswered: care.Unanswered, asDismissed: care.EndDismissed, asMerged: care.EndMerged, asWithdrawn: care.Withdrawn}
	names := []string{"running", "paused", "met", "breached", "ended"}
	for k, kind := range []care.TargetKind{care.FirstResponse, care.NextResponse, care.Resolution} {
		if at := f.targetOf(n, targetKind(k)); at != nil {
			t.Targets[kind], t.Ends[kind] = names[at.state], ends[at.how]
		}
	}
	for i := c.waits; i != 0; i = f.waits[i-1].prev {
		if w := &f.waits[i-1]; w.how == lasts {
			t.Waiting = w.start.time()
		}
	}
	for i := c.promises; i != 0; i = f.promises[i-1].prev {
		p := &f.promises[i-1]
		if p.void {
			t.Unsaid++
			continue
		}
		if t.Promises++; p.slip {
			t.Slipped++
		}
	}
	return t, true
}

// Numbers of mentions, replies and the rest, for measuring.
func (f *Fold) Sizes() map[string]int {
	return map[string]int{
		"cases": len(f.cases), "mentions": len(f.mentions), "replies": len(f.replies), "waits": len(f.waits),
		"targets": len(f.targets), "promises": len(f.promises), "acts": len(f.acts),
	}
}

// Difference is the effect that recovery shows, for simulating it.
func Difference(strata [][4]int) (lo, hi float64, ok bool) {
	var list []stratum
	for _, s := range strata {
		list = append(list, stratum{recovered: s[0], answered: s[1], baseline: s[2], unansweredN: s[3]})
	}
	_, lo, hi, _, ok = difference(list)
	return lo, hi, ok
}

// NewGrained is a fold with blocks of a size, of which what is older than a span
// settles.
func NewGrained(calendars Calendars, block int, old time.Duration) *Fold {
	return grained(calendars, block, moment(old.Milliseconds()))
}

// Kept is what is kept, by question.
func (f *Fold) Kept() map[string]any {
	all := map[string]any{}
	for question, k := range f.keeps.of {
		all[question] = k
	}
	return all
}

// QuantilesAtOnce are those of waits and of others that are kept, as a page reads them.
func QuantilesAtOnce(waits, kept []Wait, shares ...float64) []Quantile {
	var ls, on lengths
	for _, w := range kept {
		on.add(durationOf(w.Seconds, w.Over))
	}
	on.end()
	for _, w := range waits {
		ls.add(durationOf(w.Seconds, w.Over))
	}
	ls.on = &on
	ls.end()
	return ls.quantiles(shares...)
}
