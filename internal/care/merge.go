package care

import "slices"

// A Change is what a decision makes of one or several cases: all of it is
// committed, or nothing.
type Change struct {
	Cases  []CaseEvents
	Texts  []KeptText
	Claims []ClaimSet
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
// for each kind, the earlier deadline.
func Merge(winner, loser *Case, by AgentID) (Change, error) {
	for _, c := range []*Case{winner, loser} {
		if err := c.heldByOther(by); err != nil {
			return Change{}, err
		}
	}
	switch {
	case winner.ID == loser.ID:
		return Change{}, invalid("into", "A case can't be merged into itself.")
	case !winner.Exists() || !loser.Exists():
		return Change{}, winner.working()
	case winner.State.Over():
		return Change{}, winner.working()
	case loser.State == StateMerged:
		return Change{}, loser.working()
	case loser.replyUnderWay():
		return Change{}, conflict("A reply is on its way there. Wait until it is sent, or undo it.")
	}
	absorbed := Absorbed{From: loser.ID}
	for _, m := range loser.Mentions {
		absorbed.Mentions = append(absorbed.Mentions, m.MentionRef)
	}
	var taken []Event
	for _, t := range loser.Targets {
		mine := winner.Target(t.Target)
		switch {
		case t.State != TargetRunning:
		case mine == nil:
			taken = append(taken, t.TargetSet)
		case mine.State == TargetRunning && t.DueAt.Before(mine.DueAt):
			absorbed.Had = append(absorbed.Had, mine.TargetSet)
			taken = append(taken, t.TargetSet)
		}
	}
	return Change{Cases: []CaseEvents{
		{Case: winner.ID, Events: append([]Event{absorbed}, taken...)},
		{Case: loser.ID, Events: []Event{Merged{Into: winner.ID}}},
	}}, nil
}

// Unmerge takes loser out of winner again; both get the deadlines back that
// they had.
func Unmerge(winner, loser *Case, by AgentID) (Change, error) {
	if err := winner.heldByOther(by); err != nil {
		return Change{}, err
	}
	if loser.State != StateMerged || loser.MergedInto != winner.ID {
		return Change{}, conflict("These cases are not merged.")
	}
	parted := Parted{To: loser.ID}
	for _, m := range winner.Mentions {
		if m.From == loser.ID {
			parted.Mentions = append(parted.Mentions, m.Mention)
		}
	}
	winners, losers := []Event{parted}, []Event{Unmerged{From: winner.ID, State: loser.BeforeMerge}}
	var had []TargetSet
	if i := slices.IndexFunc(winner.Absorbed, func(t TakenOver) bool { return t.Case == loser.ID }); i >= 0 {
		had = winner.Absorbed[i].Had
	}
	for _, t := range loser.Targets {
		if t.State != TargetIsEnded || t.How != EndMerged {
			continue
		}
		losers = append(losers, t.TargetSet)
		now := winner.Target(t.Target)
		if now == nil || now.State != TargetRunning || now.TargetSet != t.TargetSet {
			continue // the winner's own, or done with
		}
		if i := slices.IndexFunc(had, func(h TargetSet) bool { return h.Target == t.Target }); i >= 0 {
			winners = append(winners, had[i])
		} else {
			winners = append(winners, TargetEnded{Target: t.Target, How: EndMerged})
		}
	}
	return Change{Cases: []CaseEvents{{Case: winner.ID, Events: winners}, {Case: loser.ID, Events: losers}}}, nil
}

// Split moves mentions of a case into a new one of their own, and leads what
// their author writes in their threads there.
func Split(c *Case, by AgentID, mentions []MentionID, to CaseID) (Change, error) {
	if err := c.workable(by); err != nil {
		return Change{}, err
	}
	off := SplitOff{From: c.ID}
	var claims []ClaimSet
	for _, id := range mentions {
		m := c.Mention(id)
		if m == nil {
			return Change{}, &Error{Code: NotFound, Field: "mentions", Msg: "This mention is not part of the case."}
		}
		off.Mentions = append(off.Mentions, m.MentionRef)
		claims = append(claims, ClaimSet{Network: m.Labels.Network, Author: m.Author, Thread: m.Thread, Case: to})
	}
	if len(off.Mentions) == 0 || len(off.Mentions) == len(c.Mentions) {
		return Change{}, invalid("mentions", "Choose some of the mentions, not all.")
	}
	return Change{
		Cases: []CaseEvents{
			{Case: to, Events: []Event{off, Routed{Queue: c.Queue, Lane: c.Lane, Priority: c.Priority, Policy: c.Policy, Path: c.Path}}},
			{Case: c.ID, Events: []Event{Parted{To: to, Mentions: mentions}}},
		},
		Claims: claims,
	}, nil
}
