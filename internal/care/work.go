package care

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// maxTags bounds the tags of a case, and maxTag the length of one, in characters.
const (
	maxTags = 30
	maxTag  = 40
)

// Note adds an internal remark, whose text is text/<case>/<n>. Anybody who
// works may add one, at any time.
func (c *Case) Note(n int) ([]Event, error) {
	if !c.Exists() {
		return nil, c.working()
	}
	return []Event{Noted{Note: n}}, nil
}

// Tag changes the tags.
func (c *Case) Tag(add, remove []string) ([]Event, error) {
	if !c.Exists() {
		return nil, c.working()
	}
	var e Tagged
	for _, t := range add {
		valid := utf8.ValidString(t)
		if t = strings.ToLower(strings.TrimSpace(t)); t == "" || utf8.RuneCountInString(t) > maxTag || !valid {
			return nil, invalid("add", "A tag has 1 to {n} characters.", "n", maxTag)
		}
		if !slices.Contains(c.Tags, t) && !slices.Contains(e.Add, t) {
			e.Add = append(e.Add, t)
		}
	}
	for _, t := range remove {
		if t = strings.ToLower(strings.TrimSpace(t)); slices.Contains(c.Tags, t) && !slices.Contains(e.Remove, t) {
			e.Remove = append(e.Remove, t)
		}
	}
	if len(c.Tags)+len(e.Add)-len(e.Remove) > maxTags {
		return nil, invalid("add", "A case can have {n} tags at most.", "n", maxTags)
	}
	if len(e.Add)+len(e.Remove) == 0 {
		return nil, nil
	}
	return []Event{e}, nil
}

// Snooze hides a case until an instant or a new mention. Its deadlines run on.
func (c *Case) Snooze(by AgentID, now, until time.Time) ([]Event, error) {
	switch err := c.workable(by); {
	case err != nil:
		return nil, err
	case !until.After(now):
		return nil, invalid("until", "Choose a time that is still to come.")
	}
	return []Event{Snoozed{Until: until}}, nil
}

// Wake ends a snooze by hand.
func (c *Case) Wake(by AgentID) ([]Event, error) {
	if err := c.workable(by); err != nil {
		return nil, err
	}
	if c.SnoozedUntil.IsZero() {
		return nil, nil
	}
	return []Event{Woken{Why: "hand"}}, nil
}

// Await says that the customer has to act next.
func (c *Case) Await(by AgentID) ([]Event, error) {
	if err := c.workable(by); err != nil || c.State == StateAwaiting {
		return nil, err
	}
	return []Event{Awaiting{}}, nil
}

// Escalate raises a case by one level. Who is to look at it follows it from then on.
func (c *Case) Escalate(to AgentID, why string) ([]Event, error) {
	if err := c.working(); err != nil {
		return nil, err
	}
	events := []Event{Escalated{Level: c.Level + 1, To: to, Queue: c.Queue, Why: why}}
	if to != "" && !slices.Contains(c.Followers, to) {
		events = append(events, Followed{By: to}) // else they would never hear of it
	}
	return events, nil
}

// MoveTo is Requeue by somebody: only a lead may take a case from who has it, or
// promise it by another policy. policy is empty where it stays what it is.
func (c *Case) MoveTo(by AgentID, lead bool, queue, policy string) ([]Event, error) {
	switch err := c.heldByOther(by); {
	case lead:
	case err != nil:
		return nil, err
	case policy != "" && policy != c.Policy:
		return nil, &Error{Code: Denied, Field: "policy", Msg: "Only a lead may promise a case by another policy."}
	}
	to := Routed{Queue: queue, Lane: c.Lane, Priority: c.Priority, Policy: cmp.Or(policy, c.Policy)}
	if queue == c.Queue {
		to.Path = c.Path
	}
	return c.Requeue(to)
}

// Requeue moves a case to another queue by hand, or to another policy. Its
// deadlines stay as long as the policy does.
func (c *Case) Requeue(to Routed) ([]Event, error) {
	if err := c.working(); err != nil {
		return nil, err
	}
	switch {
	case to.Queue == "":
		return nil, invalid("queue", "Name the queue that the case is to wait in.")
	case to.Queue == c.Queue && to.Policy == c.Policy:
		return nil, nil
	}
	events := []Event{to}
	if c.Assignee != "" && to.Queue != c.Queue {
		events = append(events, Released{Why: "queue"})
	}
	return events, nil
}
