package care

import "slices"

// A Change is what a decision makes of one or several cases: all of it is
// committed, or nothing.
type Change struct {
	Cases  []CaseEvents
	Texts  []KeptText
	Claims []ClaimSet

	Contacts []ContactEvents
	Facts    []KeptFact
	Issues   []IssueEvents
	Words    []KeptWord
}

// CaseEvents are the events to append to one case.
type CaseEvents struct {
	Case   CaseID
	Events []Event
}

// A KeptText is a text to keep as text/<case>/<n>. A text that exists is
// replaced.
type KeptText struct {
	Case CaseID
	N    int
	Text Text
}

// A ClaimSet leads an author's mentions in a thread to a case.
type ClaimSet struct {
	Network string
	Author  AuthorKey
	Thread  ThreadKey
	Case    CaseID
}

// One is the change of a single case. It passes an error on.
func One(id CaseID, events []Event, err error, texts ...KeptText) (Change, error) {
	if err != nil || len(events) == 0 {
		return Change{}, err
	}
	return Change{Cases: []CaseEvents{{Case: id, Events: events}}, Texts: texts}, nil
}

// Merge lets loser go on in winner. The winner takes over the mentions and,
// for each kind, the earlier deadline that is not met, passed or not. What was
// promised in the loser stays there, and goes to who has the winner.
func Merge(winner, loser *Case, by AgentID) (Change, error) {
	if winner.ID == loser.ID {
		return Change{}, invalid("into", "A case can't be merged into itself.")
	}
	if err := winner.workable(by); err != nil {
		return Change{}, err
	}
	switch err := loser.heldByOther(by); {
	case !loser.Exists() || loser.State == StateMerged:
		return Change{}, loser.working()
	case err != nil:
		return Change{}, err
	}
	if err := loser.replying(loser.Mentions); err != nil {
		return Change{}, err
	}
	absorbed := Absorbed{From: loser.ID}
	absorbed.Mentions, absorbed.Answered, absorbed.Deleted = moving(loser.Mentions)
	var taken []Event
	for _, t := range loser.Targets {
		if !takesOver(winner, loser, &t) {
			continue
		}
		if mine := winner.Target(t.Target); mine.owed() {
			absorbed.Had = append(absorbed.Had, mine.TargetSet)
		}
		absorbed.Took, taken = append(absorbed.Took, t.Target), append(taken, t.TargetSet)
	}
	return Change{Cases: []CaseEvents{
		{Case: winner.ID, Events: append([]Event{absorbed}, taken...)},
		{Case: loser.ID, Events: append([]Event{Merged{Into: winner.ID}}, loser.promisesTo(winner.Assignee)...)},
	}}, nil
}

// promisesTo gives what was promised in a case, and is still to be done, to who has
// the work now; to nobody else where nobody has it.
func (c *Case) promisesTo(a AgentID) (events []Event) {
	for i := range c.Promises {
		if p := &c.Promises[i]; a != "" && p.Outstanding() && p.Owner != a {
			events = append(events, PromisePassed{Promise: p.N, To: a})
		}
	}
	return events
}

// takesOver says whether the deadline of a loser's target is to be the winner's.
func takesOver(winner, loser *Case, t *Target) bool {
	if !t.owed() || t.State == TargetIsPaused {
		return false
	}
	began := loser.Mention(t.Mention)
	if began == nil {
		began = &CaseMention{MentionRef: MentionRef{PostedAt: t.StartAt}}
	}
	if _, answered := winner.answerTo(began); answered && t.Target != Resolution {
		return false
	}
	switch mine := winner.Target(t.Target); {
	case mine.owed():
		return mine.State != TargetIsPaused && t.DueAt.Before(mine.DueAt)
	case t.Target == FirstResponse:
		return mine == nil && winner.FirstReplyAt.IsZero()
	default:
		return mine == nil || t.Target == NextResponse
	}
}

// moving is what another case has to know of mentions that move there.
func moving(ms []CaseMention) (refs []MentionRef, answered, deleted []MentionID) {
	for _, m := range ms {
		refs = append(refs, m.MentionRef)
		if m.Settled {
			answered = append(answered, m.Mention)
		}
		if m.Deleted {
			deleted = append(deleted, m.Mention)
		}
	}
	return refs, answered, deleted
}

// Unmerge takes loser out of winner again; both get the deadlines back that
// they had, and loser what happened to its mentions meanwhile.
func Unmerge(winner, loser *Case, by AgentID) (Change, error) {
	if err := winner.heldByOther(by); err != nil {
		return Change{}, err
	}
	switch {
	case loser.State != StateMerged || loser.MergedInto != winner.ID:
		return Change{}, conflict("These cases are not merged.")
	case winner.State == StateMerged:
		return Change{}, conflict("This case goes on in another one. Take it out of there first.")
	}
	var back []CaseMention
	for _, m := range winner.Mentions {
		if m.From == loser.ID {
			back = append(back, m)
		}
	}
	if err := winner.replying(back); err != nil {
		return Change{}, err
	}
	parted, unmerged := Parted{To: loser.ID}, Unmerged{From: winner.ID, State: loser.BeforeMerge}
	for _, m := range back {
		parted.Mentions = append(parted.Mentions, m.Mention)
		if m.Deleted {
			unmerged.Deleted = append(unmerged.Deleted, m.Mention)
		}
	}
	came := winner.tookOver(loser.ID)
	for _, r := range winner.Replies[came.Replies:] {
		if !r.VisibleAt.IsZero() && slices.Contains(parted.Mentions, r.To) {
			unmerged.Replied = append(unmerged.Replied, r.VisibleAt)
		}
	}
	winners, losers := restore(winner, loser, came)
	return Change{Cases: []CaseEvents{
		{Case: winner.ID, Events: append([]Event{parted}, winners...)},
		{Case: loser.ID, Events: slices.Concat([]Event{unmerged}, losers, loser.promisesTo(loser.Assignee))},
	}}, nil
}

// tookOver is what a case that was merged into c brought; nothing if none was.
func (c *Case) tookOver(id CaseID) TakenOver {
	for _, t := range c.Absorbed {
		if t.Case == id {
			return t
		}
	}
	return TakenOver{Replies: len(c.Replies)}
}

// restore gives both sides of a merge the targets back that it ended or replaced.
func restore(winner, loser *Case, came TakenOver) (winners, losers []Event) {
	for _, t := range loser.Targets {
		if t.State == TargetIsEnded && slices.Contains(loser.Interrupted, t.Target) {
			losers = append(losers, t.TargetSet)
			if t.Target == Resolution && loser.BeforeMerge == StateAwaiting {
				losers = append(losers, TargetPaused{Target: Resolution, Left: t.Left})
			}
		}
		now := winner.Target(t.Target)
		if !slices.Contains(came.Took, t.Target) || now == nil || now.Mention != t.Mention || !now.DueAt.Equal(t.DueAt) {
			continue // the winner's own by now
		}
		i := slices.IndexFunc(came.Had, func(h TargetSet) bool { return h.Target == t.Target })
		switch {
		case i >= 0:
			winners = append(winners, came.Had[i])
		case now.DoneAt.IsZero() && now.State != TargetIsEnded:
			winners = append(winners, TargetEnded{Target: t.Target, How: EndMerged})
		}
	}
	return winners, losers
}

// Split moves mentions of a case into a new one of their own, and leads what
// their author writes in their threads there.
func Split(c *Case, by AgentID, mentions []MentionID, to CaseID) (Change, error) {
	if err := c.workable(by); err != nil {
		return Change{}, err
	}
	for _, id := range mentions {
		if c.Mention(id) == nil {
			return Change{}, &Error{Code: NotFound, Field: "mentions", Msg: "This mention is not part of the case."}
		}
	}
	var going []CaseMention
	for _, m := range c.Mentions {
		switch {
		case !slices.Contains(mentions, m.Mention):
			continue
		case m.From != "":
			return Change{}, conflict("This mention came with a case that was merged. Take that one out again.")
		}
		going = append(going, m)
	}
	if len(going) == 0 || len(going) == len(c.Mentions) {
		return Change{}, invalid("mentions", "Choose some of the mentions, not all.")
	}
	if err := c.replying(going); err != nil {
		return Change{}, err
	}
	off, parted := SplitOff{From: c.ID}, Parted{To: to}
	off.Mentions, off.Answered, off.Deleted = moving(going)
	var claims []ClaimSet
	for _, m := range off.Mentions {
		parted.Mentions = append(parted.Mentions, m.Mention)
		claim := ClaimSet{Network: m.Labels.Network, Author: m.Author, Thread: m.Thread, Case: to}
		if !slices.Contains(claims, claim) {
			claims = append(claims, claim)
		}
	}
	return Change{
		Cases: []CaseEvents{
			{Case: to, Events: []Event{off, Routed{Queue: c.Queue, Lane: c.Lane, Priority: c.Priority, Policy: c.Policy, Path: c.Path}}},
			{Case: c.ID, Events: []Event{parted}},
		},
		Claims: claims,
	}, nil
}
