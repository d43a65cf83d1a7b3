package care

// With says that somebody has the case and has to see to it, also while it is
// hidden or waits for others.
func (c *Case) With(a AgentID) bool { return a != "" && c.Assignee == a && !c.State.Over() }

// GivenTo says whether events give a case to somebody by a decision that can be
// refused: they took it, or were chosen for it. An escalation is none, nor is a
// case that comes back to whoever had it.
func GivenTo(events []Event, a AgentID) bool {
	for _, e := range events {
		switch e := e.(type) {
		case Assigned:
			if e.To == a && e.Why != byEscalation {
				return true
			}
		case HandedOff:
			if e.To == a {
				return true
			}
		}
	}
	return false
}

// Full refuses to give somebody more cases than they can have at once.
func Full(a AgentID, by Actor, limit int) error {
	if by.Agent() == a {
		return conflict("You can have {n} cases at once. Finish one, or put one back, before you take another.", "n", limit)
	}
	return conflict("{who} can have {n} cases at once, and has no room for this.", "who", a, "n", limit)
}
