package care

import (
	"fmt"
	"slices"
	"time"
)

// words says whether something was said, and not only when.
func (e IssueSaid) words() bool { return e.Title+e.Know+e.Doing > 0 }

// Say puts what we say of the issue, and promises when we say more. A text that
// stays has the number 0. A zero instant ends the promise: there is no more to
// say. Without a word a promise gets another time, and is neither kept nor ended
// by that.
func (i *Issue) Say(e IssueSaid, now time.Time) ([]Event, error) {
	switch err := i.working(); {
	case err != nil:
		return nil, err
	case !e.NextAt.IsZero() && !e.NextAt.After(now):
		return nil, invalid("next_at", "Choose a time that is still to come.")
	case !e.words() && e.NextAt.Equal(i.Said.NextAt):
		return nil, nil
	case !e.words() && e.NextAt.IsZero():
		return nil, invalid("know", "We promised to say more: say it, or choose another time.")
	}
	var events []Event
	if due := i.Said.NextAt; !due.IsZero() && !i.Slipped && !now.Before(due) {
		events = append(events, IssuePromiseSlipped{At: due}) // before the clock looked
	}
	return append(append(events, i.withdraw("said")...), e), nil
}

// withdraw ends the notices that were not tried yet: what is over before it was
// said is not said.
func (i *Issue) withdraw(why string) []Event {
	b := Bulletin{Notices: i.Notices}
	return b.Withdraw(why)
}

// Pass gives what somebody promised about the issue to another.
func (i *Issue) Pass(from, to AgentID) []Event {
	if i.State != IssueOpen || i.Owner != from || from == to {
		return nil
	}
	return []Event{IssuePassed{To: to}}
}

// AtRiskAt is when the team is warned that it is time to say more: as for every
// promise. Zero: we did not say when.
func (i *Issue) AtRiskAt() time.Time {
	if i.Said.NextAt.IsZero() {
		return time.Time{}
	}
	return warnAt(i.TimedAt, i.Said.NextAt)
}

// Settle returns what the time has made of the promise to say more, and the steps
// of a policy that are due for it. Settling again adds nothing.
func (i *Issue) Settle(now time.Time, p EscalationPolicy) (events []Event) {
	if !i.Exists() || i.State != IssueOpen || i.Said.NextAt.IsZero() {
		return nil
	}
	if at := i.AtRiskAt(); !i.Warned && !at.After(now) && i.Said.NextAt.After(now) {
		events = append(events, IssuePromiseAtRisk{At: at})
	}
	if due := i.Said.NextAt; !i.Slipped && !due.After(now) {
		events = append(events, IssuePromiseSlipped{At: due})
	}
	var next time.Time
	for _, s := range i.Plan(p) {
		switch {
		case slices.Contains(i.Stepped, s.Key):
		case s.At.After(now):
			if next.IsZero() || s.At.Before(next) {
				next = s.At
			}
		default:
			events = append(events, IssueEscalated{Why: string(s.When), Step: s.Key})
			for _, channel := range s.Notify {
				events = append(events, NoticeRequested{Key: s.Key + "/" + channel, Channel: channel, Why: string(s.When)})
			}
		}
	}
	if !next.Equal(i.LookAt) {
		events = append(events, Planned{At: next})
	}
	return events
}

// Plan lists the steps of a policy that tell somebody of a promise, with their
// instants. An issue is in no queue and with nobody, so it is not moved, raised or
// assigned; and what was promised to all who are affected waits for no quiet hours.
func (i *Issue) Plan(p EscalationPolicy) (plan []PlannedStep) {
	for n, s := range p.Steps {
		at := i.AtRiskAt()
		switch {
		case len(s.Notify) == 0:
			continue
		case s.When == WhenPromiseSlipped:
			at = i.Said.NextAt
		case s.When != WhenPromiseDue:
			continue
		}
		for again := range 1 + max(0, min(s.Times, 100)) {
			if again > 0 && s.Repeat <= 0 {
				break
			}
			plan = append(plan, PlannedStep{
				EscalationStep: s, At: at.Add(s.After + time.Duration(again)*s.Repeat), Again: again,
				Key: fmt.Sprintf("issue/%s/%s/%d/%d/%d", i.ID, p.Name, n+1, at.UnixMilli(), again),
			})
		}
	}
	return plan
}

// NextAlarm is the next instant at which Settle has something to say without
// anybody acting. ok is false when there is none.
func (i *Issue) NextAlarm() (at time.Time, ok bool) {
	if i.State != IssueOpen || i.Said.NextAt.IsZero() {
		return at, false
	}
	var all []time.Time
	if !i.Warned && !i.Slipped {
		all = append(all, i.AtRiskAt())
	}
	if !i.Slipped {
		all = append(all, i.Said.NextAt)
	}
	if !i.LookAt.IsZero() {
		all = append(all, i.LookAt)
	}
	if len(all) == 0 {
		return at, false
	}
	return slices.MinFunc(all, time.Time.Compare), true
}

// dueApply follows the promise to say more, and its notices.
func (i *Issue) dueApply(at time.Time, e Event) {
	switch e := e.(type) {
	case IssuePromiseAtRisk:
		i.Warned = true
	case IssuePromiseSlipped:
		if !i.Slipped {
			i.Late++
		}
		i.Slipped = true
	case IssueEscalated:
		i.Stepped = append(i.Stepped, e.Step)
	case IssuePassed:
		i.Owner = e.To
	case Planned:
		i.LookAt = e.At
	default:
		b := Bulletin{Notices: i.Notices}
		b.notice(at, e)
		i.Notices = b.Notices
	}
}

// settled counts a promise to say more that comes to its end, unless it was
// counted as late already.
func (i *Issue) settled(said bool, at time.Time) {
	switch due := i.Said.NextAt; {
	case due.IsZero() || i.Slipped:
	case at.After(due):
		i.Late++
	case said:
		i.Kept++
	}
}

// promised puts another promise, or none, in the place of what there was.
func (i *Issue) promised(next, at time.Time) {
	i.Said.NextAt, i.TimedAt = next, at
	i.Warned, i.Slipped, i.Stepped, i.LookAt = false, false, nil, time.Time{}
}
