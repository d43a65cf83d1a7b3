package care

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// An AssignRule says who gets the cases of a queue.
type AssignRule string

// The rules.
const (
	ByTaking    AssignRule = "take_next"    // agents take the head of the queue themselves
	RoundRobin  AssignRule = "round_robin"  // whoever was given a case the longest ago
	LeastLoaded AssignRule = "least_loaded" // whoever has the fewest, by how many they can have
)

// AssignRules are all there are.
func AssignRules() []AssignRule { return []AssignRule{ByTaking, RoundRobin, LeastLoaded} }

// A Colleague is somebody who can be given cases, as they stand now.
type Colleague struct {
	ID        AgentID
	Queues    []string // empty: all
	Languages []string // BCP 47, lower case; empty: any
	Skills    []string // topics; empty: any
	Capacity  int      // cases at once; 0: no limit
	Load      int      // cases they have now
	GivenAt   time.Time
	Away      bool // by their own word, or out of their shift
}

// room says that somebody can have one more.
func (a *Colleague) room() bool { return !a.Away && (a.Capacity == 0 || a.Load < a.Capacity) }

// speaks says that somebody can answer in a language; one that is not known
// anybody can.
func (a *Colleague) speaks(language string) bool {
	return language == "" || len(a.Languages) == 0 || slices.ContainsFunc(a.Languages, func(l string) bool {
		base, _, _ := strings.Cut(l, "-")
		asked, _, _ := strings.Cut(language, "-")
		return base == asked
	})
}

// A Choice is who gets a case, and why, in words for the case's story.
type Choice struct {
	To  AgentID
	Why string
	// Nobody says why nobody can have it now; empty: somebody can.
	Nobody string
}

// Choose picks who gets a case. before is who answered this customer last, or
// empty: they go on with them where they can. The order of the team does not
// matter, and of two who are equal the first by name is taken, so that the
// choice can be explained and made again.
func (r AssignRule) Choose(c *Case, team []Colleague, before AgentID) Choice {
	language := c.Labels.Language
	at := func(keep func(*Colleague) bool) (fit []Colleague) {
		for _, a := range team {
			if (len(a.Queues) == 0 || slices.Contains(a.Queues, c.Queue)) && keep(&a) {
				fit = append(fit, a)
			}
		}
		slices.SortFunc(fit, func(a, b Colleague) int { return cmp.Compare(a.ID, b.ID) })
		return fit
	}
	fit := at(func(a *Colleague) bool { return a.room() && a.speaks(language) })
	switch {
	case len(fit) > 0:
	case len(at(func(a *Colleague) bool { return a.speaks(language) })) == 0:
		return Choice{Nobody: "nobody of this queue speaks " + language}
	case len(at(func(a *Colleague) bool { return a.speaks(language) && !a.Away })) == 0:
		return Choice{Nobody: "everybody who could is away"}
	default:
		return Choice{Nobody: "everybody who could has as many cases as they can"}
	}
	if i := slices.IndexFunc(fit, func(a Colleague) bool { return a.ID == before }); before != "" && i >= 0 {
		return Choice{To: before, Why: "answered this customer before"}
	}
	group := fmt.Sprintf("of %d", len(fit))
	if language != "" {
		group += " who can answer in " + language
	}
	if able := slices.DeleteFunc(slices.Clone(fit), func(a Colleague) bool { return !slices.Contains(a.Skills, c.Labels.Topic) }); len(able) > 0 && c.Labels.Topic != "" {
		fit, group = able, fmt.Sprintf("of %d who know about %s", len(able), c.Labels.Topic)
	}
	switch r {
	case RoundRobin:
		a := slices.MinFunc(fit, func(a, b Colleague) int { return a.GivenAt.Compare(b.GivenAt) })
		return Choice{To: a.ID, Why: "next in turn " + group}
	case LeastLoaded:
		a := slices.MinFunc(fit, func(a, b Colleague) int { return cmp.Compare(a.share(), b.share()) })
		return Choice{To: a.ID, Why: fmt.Sprintf("has the fewest cases (%d) %s", a.Load, group)}
	}
	return Choice{Nobody: "agents take the next themselves"}
}

// share is how full somebody's hands are; without a limit twenty cases are full.
func (a *Colleague) share() float64 {
	return float64(a.Load) / float64(cmp.Or(a.Capacity, 20))
}

// GiveByRule gives a waiting case to whom a rule chose, or notes why to nobody.
func (c *Case) GiveByRule(ch Choice) []Event {
	switch {
	case c.State != StateWaiting || c.Rests():
		return nil
	case ch.To != "":
		return []Event{Assigned{To: ch.To, Why: "rule: " + ch.Why}}
	case ch.Nobody != c.Unmatched:
		return []Event{Unmatched{Why: ch.Nobody}}
	}
	return nil
}

// LastAnswered is who last answered the customer in this case, if anybody did.
func (c *Case) LastAnswered() AgentID {
	for _, r := range slices.Backward(c.Replies) {
		if a := r.By.Agent(); a != "" && !r.VisibleAt.IsZero() {
			return a
		}
	}
	return ""
}
