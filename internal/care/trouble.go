package care

import (
	"math"
	"time"
)

// A TroubleKind is what is wrong with a source.
type TroubleKind string

// The kinds of trouble, the worst first.
const (
	TroubleStopped  TroubleKind = "stopped"  // keys or credit: somebody has to act
	TroubleFailing  TroubleKind = "failing"  // it does not answer, or not what it should
	TroubleCapped   TroubleKind = "capped"   // the money of the day is spent
	TroubleQuiet    TroubleKind = "quiet"    // it answers, and tells much less than usual
	TroubleMissed   TroubleKind = "missed"   // reading again found what reading had not
	TroubleGap      TroubleKind = "gap"      // a span can never be read any more
	TroubleExpiring TroubleKind = "expiring" // the keys end soon
	TroublePaused   TroubleKind = "paused"   // somebody let it rest
)

// Blinding says that while it lasts we don't hear what is said.
func (k TroubleKind) Blinding() bool {
	switch k {
	case TroubleStopped, TroubleFailing, TroubleCapped, TroubleQuiet:
		return true
	}
	return false
}

// A Trouble is something about a source that people must know.
type Trouble struct {
	Kind  TroubleKind
	Since time.Time // zero: not known
	Why   Sentence  // one plain sentence, and what to do
}

// A SourceTale is all that is known of a source: how it is doing on this node,
// and what the log tells.
type SourceTale struct {
	Health   SourceHealth
	Stopped  string // the fault that stopped it; empty: it did not
	StopWhy  string
	StopAt   time.Time
	Paused   bool
	Quiet    SourceQuiet // zero: it is not
	Missed   int
	MissedAt time.Time
	Gap      SourceGap // the latest; zero: none
}

// How long something has to last until people are told.
const (
	failingFor  = 5 * time.Minute
	expiresSoon = 7 * 24 * time.Hour
	oldNews     = 24 * time.Hour
)

// Troubles says what is wrong with a source at now, the worst first.
func (s *SourceTale) Troubles(now time.Time) (all []Trouble) {
	add := func(k TroubleKind, since time.Time, why Phrase, with ...any) {
		all = append(all, Trouble{Kind: k, Since: since, Why: Say(why, with...)})
	}
	h := &s.Health
	if s.Paused {
		add(TroublePaused, time.Time{}, "Somebody paused it. Resume it on this page.")
	}
	switch {
	case s.Paused:
	case s.Stopped == "unpaid":
		add(TroubleStopped, s.StopAt, "The network wants to be paid: {why}. Add credit there; it is tried again every quarter of an hour.", "why", orUnknown(s.StopWhy))
	case s.Stopped != "":
		add(TroubleStopped, s.StopAt, "The network refuses our keys: {why}. Renew them and reload the configuration.", "why", orUnknown(s.StopWhy))
	case h.State == SourceCapped:
		add(TroubleCapped, time.Time{}, "Reading has cost the {cap} dollars that a day may cost. It goes on at midnight UTC, or with a higher cap.", "cap", h.Cap)
	case h.Failures > 0 && now.Sub(h.SucceededAt) > failingFor+2*h.Every:
		add(TroubleFailing, h.SucceededAt, "It fails again and again ({n} times so far): {why}. It is tried again by itself; nothing is lost as long as the network keeps it.", "n", h.Failures, "why", orUnknown(h.Why))
	}
	if q := s.Quiet; !s.Paused && !q.Since.IsZero() {
		add(TroubleQuiet, q.Since, "{n} mentions came where about {usual} come at this time of the week. Look whether the query and the account are still right.", "n", q.Came, "usual", int(math.Round(q.Expected)))
	}
	if s.Missed > 0 && now.Sub(s.MissedAt) < oldNews {
		add(TroubleMissed, s.MissedAt, "Reading the last day again found {n} that were missed before. They are cases now; the network lists late.", "n", s.Missed)
	}
	if g := s.Gap; !g.From.IsZero() && now.Sub(g.To) < oldNews {
		add(TroubleGap, g.From, "What was posted between {from} and {to} can't be read any more: {why}. {recovered} of it we have.",
			"from", g.From, "to", g.To, "why", orUnknown(g.Why), "recovered", g.Recovered)
	}
	if !h.Expires.IsZero() && h.Expires.Sub(now) < expiresSoon {
		add(TroubleExpiring, h.Expires, "The keys end on {at}. Renew them before.", "at", h.Expires)
	}
	return all
}

// orUnknown is what a network said, in its own words.
func orUnknown(why string) any {
	if why == "" {
		return Phrase("it doesn't say why")
	}
	return why
}

// Quiet looks whether a source brings less than it should. came and usual are
// mentions in each of the last hours, the latest first: what came, and the mean
// of the same hours in the weeks before. It widens its look back hour by hour,
// up to a day, and finds a source quiet when so little would come by chance in
// fewer than one of ten thousand looks. Posts come in bursts, so their number is
// taken as Poisson with twice the variance (McCullagh & Nelder, Generalized
// Linear Models, §6.2.3): X/2 has the mean expected/2. hours is how far back it
// looked; 0: it is not quiet.
func Quiet(came []int, usual []float64) (hours, sum int, expected float64) {
	const bursts = 2
	for i := range min(len(came), len(usual), 24) {
		sum += came[i]
		expected += usual[i]
		if chance(sum, expected/bursts) < 0.0001 {
			return i + 1, sum, expected
		}
	}
	return 0, 0, 0
}

// chance is P(X ≤ n/2) for a Poisson X with mean m: of bursts of two.
func chance(n int, m float64) float64 {
	if m <= 0 {
		return 1
	}
	p, term := 0.0, math.Exp(-m)
	for k := range n/2 + 1 {
		if k > 0 {
			term *= m / float64(k)
		}
		p += term
	}
	return p
}
