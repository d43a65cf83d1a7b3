package care

import "slices"

// A Standing is how a matter stands that the team was told of.
type Standing string

// The standings, each further than the one before. What a receiver was told of a
// matter only ever goes further.
const (
	StandsOpen  Standing = ""             // nobody has it in hand
	StandsKnown Standing = "acknowledged" // somebody has
	StandsOver  Standing = "over"         // nothing is left of it
)

// Further says whether a standing comes after another.
func (s Standing) Further(than Standing) bool {
	order := []Standing{StandsOpen, StandsKnown, StandsOver}
	return slices.Index(order, s) > slices.Index(order, than)
}

// Paged says that a receiver keeps open what a notice told it, as far as we know.
func (n *Notice) Paged() bool {
	return n.Incident != "" && n.Told != StandsOver && n.State != ReplyIsRequested && n.State != ReplyIsFailed
}

// Ends says whether anything but a person at the receiver ever ends what a notice
// tells: its trigger is one of the case.
func (n *Notice) Ends() bool { return slices.Contains(Triggers(), Trigger(n.Why)) }

// Stands is how the matter of a notice stands: it is over with what set it off, and
// known once somebody said that they know, or did something about a case that somebody
// has.
func (c *Case) Stands(n *Notice) Standing {
	switch {
	case n.Ends() && !c.still(n):
		return StandsOver
	case c.AckedAt.After(n.AskedAt) || c.Assignee != "" && c.HandledAt.After(n.AskedAt):
		return StandsKnown
	}
	return StandsOpen
}

// Unsaid says that a notice which has not left need not be told any more: its
// matter is over, or somebody said that they know.
func (c *Case) Unsaid(n *Notice) bool {
	return n.State == ReplyIsRequested && (c.Stands(n) == StandsOver || c.AckedAt.After(n.AskedAt))
}

// still says that what set a notice off still holds.
func (c *Case) still(n *Notice) bool {
	switch w := Trigger(n.Why); w {
	case WhenPromiseDue, WhenPromiseSlipped:
		return slices.ContainsFunc(c.Promises, func(p Promise) bool {
			return p.Outstanding() && !p.AtRiskAt().After(n.AskedAt)
		})
	case WhenUnclaimed:
		return c.State == StateWaiting
	case WhenAtRisk, WhenBreached:
		return !c.State.Over() && slices.ContainsFunc(c.Targets, func(t Target) bool {
			return t.owed() && t.State != TargetIsPaused && !t.AtRiskAt.After(n.AskedAt)
		})
	}
	return !c.State.Over() && c.Unanswered() != nil
}
