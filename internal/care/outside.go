package care

import "time"

// WaitOn says that somebody outside the team has to act first: the warehouse,
// the bank. Until then, or until the customer writes, the case does not need us.
// Its state stays what it is and its deadlines run on. on is one of the names in
// force, never free text.
func (c *Case) WaitOn(by AgentID, on string, now, until time.Time) ([]Event, error) {
	switch err := c.workable(by); {
	case err != nil:
		return nil, err
	case on == "":
		return nil, invalid("on", "Say whom we wait for.")
	case c.State == StateAwaiting:
		return nil, conflict("This case waits for the customer.")
	case !until.After(now):
		return nil, invalid("until", "Choose a time that is still to come.")
	}
	return []Event{WaitingOn{On: on, Until: until}}, nil
}

// StopWaiting ends WaitOn by hand: they have acted.
func (c *Case) StopWaiting(by AgentID) ([]Event, error) {
	if err := c.workable(by); err != nil || c.WaitsOn == "" {
		return nil, err
	}
	return []Event{WaitOver{Why: "hand"}}, nil
}

// Rests says that nobody of the team has to do anything for now: the case is
// asleep, or somebody outside has to act.
func (c *Case) Rests() bool { return !c.SnoozedUntil.IsZero() || c.WaitsOn != "" }
