package care

import "slices"

// MergeIssues lets known issues follow a merge: an open one that the loser belongs
// to gets the winner, so that its customer is told too. What was to be sent to the
// loser is not sent there any more.
func MergeIssues(is []*Issue, winner, loser *Case) (out []IssueEvents) {
	for _, i := range is {
		if i.working() != nil || i.Case(loser.ID) == nil {
			continue
		}
		var events []Event
		for _, s := range i.Steps {
			if skipped, err := i.SkipDraft(s.N, loser.ID, string(StateMerged)); err == nil {
				events = append(events, skipped...)
			}
		}
		if i.Case(winner.ID) == nil {
			events = append(events, IssueLinked{Case: winner.ID, Author: winner.Author, Why: byMerge})
		}
		if len(events) > 0 {
			out = append(out, IssueEvents{i.ID, events})
		}
	}
	return out
}

// UnmergeIssues takes a winner out of known issues that it belongs to only since
// loser went into it.
func UnmergeIssues(is []*Issue, winner, loser *Case) (out []IssueEvents) {
	for _, i := range is {
		since := i.Case(winner.ID)
		others := slices.ContainsFunc(winner.Absorbed, func(t TakenOver) bool { return t.Case != loser.ID && i.Case(t.Case) != nil })
		if i.working() != nil || since == nil || since.Why != byMerge || others {
			continue
		}
		out = append(out, IssueEvents{i.ID, []Event{IssueUnlinked{Case: winner.ID}}})
	}
	return out
}

// SplitIssues ties what was split off a case to the known issues of the case:
// nobody knows yet which of the two each is about. A person takes out what does not
// belong, and one person is written to once in any case.
func SplitIssues(is []*Issue, c *Case, to CaseID) (out []IssueEvents) {
	for _, i := range is {
		if i.working() == nil && i.Case(c.ID) != nil && i.Case(to) == nil {
			out = append(out, IssueEvents{i.ID, []Event{IssueLinked{Case: to, Author: c.Author, Why: bySplit}}})
		}
	}
	return out
}

// Why a case belongs to an issue that none of its own posts tied to it.
const (
	byMerge = "merge"
	bySplit = "split"
)
