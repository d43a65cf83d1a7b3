package care

import (
	"slices"
	"time"
)

// Apply adds one record to what is known of the case. It never fails: events
// that were decided are facts, also where a newer rule would not allow them.
func (c *Case) Apply(seq uint64, r Record) {
	c.mark(r)
	for _, e := range r.Events {
		switch e := e.(type) {
		case Opened:
			c.Number, c.OpenedAt = seq, r.At
			c.open(e.MentionRef)
			c.ByHand, c.Late, c.Previous = e.ByHand, e.Late, e.Previous
			c.queued(r.At)
		case SplitOff:
			c.Number, c.OpenedAt, c.Previous = seq, r.At, e.From
			c.Late = !slices.ContainsFunc(e.Mentions, func(m MentionRef) bool { return !m.Late })
			c.move(e.Mentions, "", e.Answered, e.Deleted)
			if len(e.Mentions) > 0 {
				c.open(e.Mentions[0])
			}
			c.queued(r.At)
		case Routed:
			c.Queue, c.Lane, c.Priority, c.Policy, c.Path = e.Queue, e.Lane, e.Priority, e.Policy, e.Path
		case CaseRaised:
			c.raised(e)
		default:
			if !c.applyMention(r, e) && !c.applyWork(r, e) && !c.applyReply(r, e) && !c.applyTarget(e) && !c.applyPromise(r, e) && !c.applyTogether(r, e) && !c.applySurvey(r, e) {
				c.Notices = noticed(c.Notices, r.At, e)
			}
			if reply, ok := NeverSent(e); ok {
				c.unsay(reply)
			}
		}
	}
	if c.State != StateResolved {
		c.Survey = SurveyPlanned{}
	}
	if c.Assignee != "" && r.By == ByAgent(c.Assignee) {
		c.TouchedAt = r.At
	}
	if c.Assignee != "" && r.By.OfTeam() {
		c.HandledAt = r.At
	}
	c.Seq, c.LastAt = seq, r.At
}

func (c *Case) open(m MentionRef) {
	c.Labels, c.Author, c.Source = m.Labels, m.Author, m.Source
	c.add(CaseMention{MentionRef: m})
}

// add takes a mention in, in whatever order mentions and answers are read.
func (c *Case) add(m CaseMention) {
	if c.Mention(m.Mention) != nil {
		return
	}
	at, answered := c.answerTo(&m)
	over := m.From == "" && !c.ClosedAt.IsZero() && !m.PostedAt.After(c.ClosedAt)
	m.Settled = m.Settled || answered || over
	c.Mentions = append(c.Mentions, m)
	if m.From == "" {
		c.replied(at)
	}
}

// move takes in what comes from another case.
func (c *Case) move(ms []MentionRef, from CaseID, answered, deleted []MentionID) {
	for _, m := range ms {
		c.add(CaseMention{
			MentionRef: m, From: from,
			Settled: slices.Contains(answered, m.Mention), Deleted: slices.Contains(deleted, m.Mention),
		})
	}
}

// queued puts the case into its queue. One that waits there waits on.
func (c *Case) queued(at time.Time) {
	if c.State != StateWaiting {
		c.QueuedAt = at
	}
	c.State, c.Assignee = StateWaiting, ""
}

func (c *Case) claimed(by AgentID, at time.Time) {
	c.State, c.Assignee, c.QueuedAt, c.TouchedAt = StateClaimed, by, time.Time{}, at
	for i := range c.Promises { // they go with the work
		if p := &c.Promises[i]; p.Outstanding() {
			p.Owner = by
		}
	}
}

func (c *Case) applyMention(r Record, e Event) bool {
	switch e := e.(type) {
	case MentionAdded:
		c.add(CaseMention{MentionRef: e.MentionRef})
		if c.State == StateAwaiting {
			c.back(r.At)
		}
	case MentionEdited:
		if m := c.Mention(e.Mention); m != nil && (e.At.IsZero() || !e.At.Before(m.EditedAt)) {
			m.Edited, m.Flagged, m.Labels = true, e.Flagged, e.Labels
			if !e.At.IsZero() {
				m.EditedAt = e.At
			}
			c.Labels = c.Mentions[0].Labels
			c.viral()
		}
	case MentionDeleted:
		if m := c.Mention(e.Mention); m != nil {
			m.Deleted = true
			c.leave()
		}
	case Reviewed:
		if m := c.Mention(e.Mention); m != nil {
			m.Flagged = e.Complaint
		}
	case Absorbed:
		c.Absorbed = append(c.Absorbed, TakenOver{Case: e.From, Had: e.Had, Took: e.Took, Replies: len(c.Replies)})
		c.move(e.Mentions, e.From, e.Answered, e.Deleted)
		if c.State == StateAwaiting && slices.ContainsFunc(c.Mentions, func(m CaseMention) bool {
			return m.From == e.From && !m.Settled && !m.Deleted
		}) {
			c.back(r.At)
		}
	case Parted:
		c.Absorbed = slices.DeleteFunc(c.Absorbed, func(t TakenOver) bool { return t.Case == e.To })
		c.Mentions = slices.DeleteFunc(c.Mentions, func(m CaseMention) bool { return slices.Contains(e.Mentions, m.Mention) })
		if len(c.Mentions) > 0 {
			c.Labels = c.Mentions[0].Labels
			c.viral()
		}
		c.leave()
	default:
		return false
	}
	return true
}

// back returns a case to whoever had it, or to its queue.
func (c *Case) back(at time.Time) {
	if c.Assignee != "" {
		c.claimed(c.Assignee, at)
		return
	}
	c.queued(at)
}

func (c *Case) applyWork(r Record, e Event) bool {
	switch e := e.(type) {
	case Assigned:
		c.claimed(e.To, r.At)
		c.Given, c.Unmatched = e.Why, ""
	case Unmatched:
		c.Unmatched = e.Why
	case Released:
		c.queued(r.At)
	case HandedOff:
		c.Texts = max(c.Texts, e.Note)
		if e.To != "" {
			c.claimed(e.To, r.At)
			break
		}
		c.queued(r.At)
	case Awaiting:
		c.State, c.QueuedAt = StateAwaiting, time.Time{}
	case Noted:
		if c.Texts = max(c.Texts, e.Note); !slices.Contains(c.Notes, e.Note) {
			c.Notes = append(c.Notes, e.Note)
		}
		for _, a := range e.For {
			if !slices.Contains(c.Called, a) {
				c.Called = append(c.Called, a)
			}
		}
	case Tagged:
		c.Tags = slices.DeleteFunc(c.Tags, func(t string) bool { return slices.Contains(e.Remove, t) })
		for _, t := range e.Add {
			if !slices.Contains(c.Tags, t) {
				c.Tags = append(c.Tags, t)
			}
		}
		if slices.Sort(c.Tags); len(c.Tags) == 0 {
			c.Tags = nil
		}
	case Snoozed:
		c.SnoozedUntil = e.Until
	case Woken:
		c.SnoozedUntil = time.Time{}
	case Escalated:
		if e.Level > 0 {
			c.Level = e.Level
		}
		if e.Step != "" {
			c.Steps, c.SteppedAt = append(c.Steps, e.Step), r.At
		}
	case Acknowledged:
		c.AckedAt = r.At
	case Planned:
		c.LookAt = e.At
	case Linked:
		if !slices.Contains(c.Links, e.To) {
			c.Links = append(c.Links, e.To)
		}
	default:
		return c.applyEnd(r, e)
	}
	return true
}

func (c *Case) applyEnd(r Record, e Event) bool {
	switch e := e.(type) {
	case Resolved:
		c.State, c.Disposition, c.Details = StateResolved, e.Disposition, e.Details
		c.Texts = max(c.Texts, e.Details)
		c.over(r.At)
	case Dismissed:
		c.State, c.Reason = StateDismissed, e.Reason
		c.over(r.At)
	case Reopened:
		c.Disposition, c.Reason, c.ResolvedAt, c.Details = "", "", time.Time{}, 0
		c.back(r.At)
	case Merged:
		c.BeforeMerge, c.State, c.MergedInto = c.State, StateMerged, e.Into
		c.QueuedAt = time.Time{}
		for _, t := range c.Targets {
			if t.Open() {
				c.Interrupted = append(c.Interrupted, t.Target)
			}
		}
	case Unmerged:
		c.MergedInto, c.Interrupted = "", nil
		for _, id := range e.Deleted {
			if m := c.Mention(id); m != nil {
				m.Deleted = true
			}
		}
		c.leave()
		for _, at := range e.Replied {
			c.Elsewhere = append(c.Elsewhere, at)
			c.visible(&Reply{VisibleAt: at, RequestedAt: at})
		}
		switch e.State {
		case StateWaiting:
			c.queued(r.At)
		case "":
			c.back(r.At)
		default:
			c.State = e.State
		}
	default:
		return false
	}
	return true
}

func (c *Case) over(at time.Time) {
	c.ResolvedAt, c.ClosedAt, c.QueuedAt, c.SnoozedUntil = at, at, time.Time{}, time.Time{}
	c.WaitsOn, c.WaitsUntil = "", time.Time{}
	for i := range c.Mentions { // nothing posted up to here waits for us any more
		if m := &c.Mentions[i]; !m.PostedAt.After(at) {
			m.Settled = true
		}
	}
	c.leave()
}

// leave notes of targets that were breached that nothing is left to be done.
func (c *Case) leave() {
	for i := range c.Targets {
		t := &c.Targets[i]
		if t.State != TargetIsBroken || !t.DoneAt.IsZero() || t.How != "" {
			continue
		}
		over := c.State == StateResolved || c.State == StateDismissed
		switch m := c.Mention(t.Mention); {
		case t.Target == Resolution && over:
			t.DoneAt = c.ResolvedAt
		case t.Target == Resolution:
		case c.State == StateResolved:
			t.How = Unanswered
		case c.State == StateDismissed:
			t.How = EndDismissed
		case m != nil && m.Deleted && c.Unanswered() == nil:
			t.How = Withdrawn
		}
	}
}
