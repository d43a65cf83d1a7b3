package care

// heldByOther refuses what only the holder of a case may do.
func (c *Case) heldByOther(by AgentID) error {
	if c.Assignee != "" && c.Assignee != by && !c.State.Over() {
		return conflict("{who} has this case.", "who", c.Assignee)
	}
	return nil
}

// working refuses what makes no sense once a case is over.
func (c *Case) working() error {
	switch {
	case !c.Exists():
		return &Error{Code: NotFound, Msg: "There is no such case."}
	case c.State == StateResolved:
		return conflict("This case is already resolved.")
	case c.State == StateDismissed:
		return conflict("This case was dismissed.")
	case c.State == StateMerged:
		return conflict("This case goes on in another one.")
	}
	return nil
}

// workable is working, for somebody who must not interfere with the holder.
func (c *Case) workable(by AgentID) error {
	if err := c.working(); err != nil {
		return err
	}
	return c.heldByOther(by)
}

// Claim takes a case for an agent. why is "claim" or "next". Claiming one's own
// case again changes nothing.
func (c *Case) Claim(by AgentID, why string) ([]Event, error) {
	switch err := c.working(); {
	case err != nil:
		return nil, err
	case by == "":
		return nil, &Error{Code: Denied, Msg: "Only a person of the team can take a case."}
	case c.Assignee == by:
		return nil, nil
	case c.Assignee != "":
		return nil, conflict("{who} already has this case.", "who", c.Assignee)
	}
	return []Event{Assigned{To: by, Why: why}}, nil
}

// Assign gives a case to somebody else, whoever had it. One that waits for the
// customer waits on.
func (c *Case) Assign(to AgentID) ([]Event, error) {
	switch err := c.working(); {
	case err != nil:
		return nil, err
	case to == "":
		return nil, invalid("to", "Name the person who is to have the case.")
	case c.Assignee == to:
		return nil, nil
	}
	events := []Event{Assigned{To: to, Why: "assign"}}
	if c.State == StateAwaiting {
		events = append(events, Awaiting{})
	}
	return events, nil
}

// Release puts a case back into its queue. Its deadlines stay what they were.
func (c *Case) Release(by AgentID) ([]Event, error) {
	if err := c.workable(by); err != nil {
		return nil, err
	}
	if c.Assignee == "" {
		return nil, nil
	}
	return []Event{Released{Why: "hand"}}, nil
}

// HandOff passes a case on with a note: to a person, or to the queue it is in.
func (c *Case) HandOff(by, to AgentID, note int) ([]Event, error) {
	switch err := c.workable(by); {
	case err != nil:
		return nil, err
	case to != "" && to == c.Assignee:
		return nil, invalid("to", "You have this case already.")
	}
	return []Event{HandedOff{To: to, Queue: c.Queue, Note: note}}, nil
}

// LetGo puts back what somebody has who has left, so that nobody waits for them. A
// case that waits for the customer waits on, with nobody.
func (c *Case) LetGo(who AgentID) []Event {
	switch {
	case !c.With(who):
		return nil
	case c.State == StateAwaiting:
		return []Event{Released{Why: "left"}, Awaiting{}}
	}
	return []Event{Released{Why: "left"}}
}

// NextText is the number for the next text of the case.
func (c *Case) NextText() int { return c.Texts + 1 }

// PassOn gives what somebody has, and what they promised in it, to another. An
// open promise in a case that is over, or that somebody else has, moves too: its
// owner has to be somebody who is there.
func (c *Case) PassOn(from, to AgentID) ([]Event, error) {
	if to == "" || to == from {
		return nil, invalid("to", "Name somebody else who is to have the cases.")
	}
	var events []Event
	if !c.State.Over() && c.Assignee == from {
		assigned, err := c.Assign(to)
		if err != nil {
			return nil, err
		}
		events = assigned
	}
	for _, p := range c.Promises {
		if p.Owner == from && p.State != PromiseIsKept && p.State != PromiseWasToldOf {
			events = append(events, PromisePassed{Promise: p.N, To: to})
		}
	}
	return events, nil
}
