package care

import "slices"

// A ViralLimit is from when on a matter is viral. A limit of 0 is none.
type ViralLimit struct {
	Reach   int // followers of the author
	Shares  int // of a post of theirs
	PerHour int // posts by anybody in the thread, within an hour
}

// Spread is how far and how fast a post goes round.
type Spread struct {
	Reach, Shares, PerHour int
}

// Viral says what makes a spread viral: reach, shares or replies; "" when
// nothing does.
func (l ViralLimit) Viral(s Spread) (why string) {
	switch {
	case l.Reach > 0 && s.Reach >= l.Reach:
		return "reach"
	case l.Shares > 0 && s.Shares >= l.Shares:
		return "shares"
	case l.PerHour > 0 && s.PerHour >= l.PerHour:
		return "replies"
	}
	return ""
}

// Raise takes a case into the critical lane that is viral. Each reason raises a
// case once: who moves it back by hand is not overruled.
func (c *Case) Raise(l ViralLimit, s Spread) []Event {
	why := l.Viral(s)
	if why == "" || !c.Exists() || c.State.Over() || slices.Contains(c.Raised, why) {
		return nil
	}
	return []Event{CaseRaised{Lane: Critical, Why: why, Reach: s.Reach, Shares: s.Shares, PerHour: s.PerHour}}
}

func (c *Case) raised(e CaseRaised) {
	c.Lane = e.Lane
	if !slices.Contains(c.Raised, e.Why) {
		c.Raised = append(slices.Clone(c.Raised), e.Why)
	}
	c.viral()
}

// viral makes the labels of a raised case say so.
func (c *Case) viral() {
	if len(c.Raised) > 0 && !slices.Contains(c.Labels.Urgency, Viral) {
		c.Labels.Urgency = append(slices.Clone(c.Labels.Urgency), Viral)
	}
}
