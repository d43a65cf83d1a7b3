package care

import "time"

// Resolve finishes a case with a reason code.
func (c *Case) Resolve(by AgentID, disposition string) ([]Event, error) {
	return c.ResolveWith(by, disposition, 0)
}

// ResolveWith is Resolve with what has to be told with the reason: n of
// text/<case>/<n>, or 0.
func (c *Case) ResolveWith(by AgentID, disposition string, details int) ([]Event, error) {
	if err := c.workable(by); err != nil {
		return nil, err
	}
	if disposition == "" {
		return nil, invalid("disposition", "Say how the case ended.")
	}
	if err := c.replyUnderWay(); err != nil {
		return nil, err
	}
	return []Event{Resolved{Disposition: disposition, Details: details}}, nil
}

// Dismiss says that the case is no complaint of ours. reason is one of
// [DismissReasons]. It also corrects the verdicts of the case's mentions
// where the reason is about them.
func (c *Case) Dismiss(by AgentID, reason string) ([]Event, error) {
	if err := c.workable(by); err != nil {
		return nil, err
	}
	if !DismissReasons[reason] {
		return nil, invalid("reason", "Choose why this is not a complaint of ours: not_a_complaint, not_about_us, spam or duplicate.")
	}
	if err := c.replyUnderWay(); err != nil {
		return nil, err
	}
	events := []Event{Dismissed{Reason: reason}}
	if reason == NotAComplaint {
		for _, m := range c.Mentions {
			if m.Flagged {
				events = append(events, Reviewed{Mention: m.Mention, Complaint: false, Why: reason})
			}
		}
	}
	return events, nil
}

// NotAComplaint is the one reason that corrects the classifier.
const NotAComplaint = "not_a_complaint"

// DismissReasons are the reasons for a dismissal.
var DismissReasons = map[string]bool{NotAComplaint: true, "not_about_us": true, "spam": true, "duplicate": true}

// Reopen takes a case up again by hand.
func (c *Case) Reopen() ([]Event, error) {
	switch {
	case !c.Exists():
		return nil, c.working()
	case c.State == StateMerged:
		return nil, conflict("This case goes on in another one. Unmerge it first.")
	case !c.State.Over():
		return nil, nil
	}
	return []Event{Reopened{}}, nil
}

// Review corrects or confirms the verdict of a mention.
func (c *Case) Review(m MentionID, complaint bool) ([]Event, error) {
	if c.Mention(m) == nil {
		return nil, &Error{Code: NotFound, Msg: "This mention is not part of the case."}
	}
	return []Event{Reviewed{Mention: m, Complaint: complaint}}, nil
}

// within says whether a case that is resolved still takes a mention in: also one that
// the customer posted in time and we saw too late.
func (c *Case) within(m *MentionRef, now time.Time, window time.Duration) bool {
	end := c.ResolvedAt.Add(window)
	return c.State == StateResolved && (now.Before(end) || m.PostedAt.After(c.ResolvedAt) && m.PostedAt.Before(end))
}

// RestsSince is when the last thing about the case was settled: its end, and
// that of its promises. ok is false while something is open, for a case that
// goes on in another one, and for one that is kept for a court.
func (c *Case) RestsSince() (at time.Time, ok bool) {
	if !c.State.Over() || c.State == StateMerged || c.OnHold {
		return time.Time{}, false
	}
	at = c.ResolvedAt
	for _, p := range c.Promises {
		if p.DoneAt.IsZero() {
			return time.Time{}, false
		}
		if p.DoneAt.After(at) {
			at = p.DoneAt
		}
	}
	return at, true
}
