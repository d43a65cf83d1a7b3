package learn

import (
	"cmp"
	"slices"
	"time"

	"github.com/amends-care/amends/internal/care"
)

// A Kind is how somebody came to say what a mention is.
type Kind int

// The kinds, from the weakest: a later one of the same person replaces an
// earlier one that is not stronger.
const (
	Worked    Kind = iota // claimed, and answered or resolved: a complaint
	Dismissed             // the case, as no complaint
	Reviewed              // said outright
)

// A Label is what one person says that one mention is.
type Label struct {
	Mention   care.MentionID
	By        care.AgentID
	Complaint bool
	Kind      Kind
	At        time.Time
	Case      care.CaseID // empty: said of a mention in no case
}

// followed is what has to be known of a case to say what its end means.
type followed struct {
	opener  care.MentionID
	claimed bool
	replier care.AgentID
	over    bool
	said    []care.MentionID // labelled by what happened to the case
}

// A Day is how much came in on one day.
type Day struct {
	Mentions int // of others than us
	Flagged  int
}

// Labels are what the records up to some place in the log say. The zero value
// stands at the beginning.
type Labels struct {
	of    map[care.MentionID][]Label // one of each person
	n     int
	cases map[care.CaseID]*followed
	days  map[int64]Day // by day since 1970, UTC
	Moves int           // how often a label came or went
}

// noAnswerNeeded is the one disposition that says nothing about a complaint.
const noAnswerNeeded = "no_answer_needed"

// Apply adds one record of a stream.
func (l *Labels) Apply(kind, name string, r care.Record) {
	if l.of == nil {
		l.of, l.cases, l.days = map[care.MentionID][]Label{}, map[care.CaseID]*followed{}, map[int64]Day{}
	}
	switch kind {
	case "case":
		for _, e := range r.Events {
			l.inCase(care.CaseID(name), r, e)
		}
	case "review":
		for _, e := range r.Events {
			if v, ok := e.(care.Reviewed); ok {
				l.say(Label{v.Mention, r.By.Agent(), v.Complaint, Reviewed, r.At, ""})
			}
		}
	case "source":
		for _, e := range r.Events {
			if v, ok := e.(care.SourceRead); ok {
				d := l.days[dayOf(r.At)]
				l.days[dayOf(r.At)] = Day{d.Mentions + v.New - v.Own, d.Flagged + v.Flagged}
			}
		}
	case "author", "retention":
		for _, e := range r.Events {
			switch e := e.(type) {
			case care.Erased:
				l.forget(e.Mentions)
			case care.Expired:
				l.forget(e.Mentions)
			}
		}
	}
	l.bound()
}

func dayOf(t time.Time) int64 { return t.Unix() / (24 * 3600) }

func (l *Labels) inCase(id care.CaseID, r care.Record, e care.Event) {
	c := l.cases[id]
	if c == nil {
		c = &followed{}
		l.cases[id] = c
	}
	by := r.By.Agent()
	switch e := e.(type) {
	case care.Opened:
		c.opener = e.Mention
	case care.SplitOff:
		if len(e.Mentions) > 0 {
			c.opener = e.Mentions[0].Mention
		}
	case care.Assigned:
		c.claimed = e.To != ""
	case care.ReplyRequested:
		c.replier = by
	case care.ReplyUndone:
		c.replier = ""
	case care.ReplySent:
		l.worked(id, c, c.replier, r.At)
	case care.Resolved:
		c.over = true
		if e.Disposition != noAnswerNeeded {
			l.worked(id, c, by, r.At)
		}
	case care.Merged:
		c.over = true
	case care.Dismissed:
		c.over = true
		l.withdraw(id, Worked)
	case care.Reviewed:
		kind := Reviewed
		if e.Why != "" {
			kind = Dismissed
		}
		l.say(Label{e.Mention, by, e.Complaint, kind, r.At, id})
	case care.Reopened:
		c.over = false
		l.withdraw(id, Dismissed)
	case care.Undone:
		c.over, c.claimed = e.State.Over(), e.Assignee != ""
		l.withdraw(id, Dismissed)
	}
}

// worked labels the mention that opened a case which somebody took on.
func (l *Labels) worked(id care.CaseID, c *followed, by care.AgentID, at time.Time) {
	if c.claimed && c.opener != "" {
		l.say(Label{c.opener, by, true, Worked, at, id})
	}
}

// say takes a label in. What is no person says nothing.
func (l *Labels) say(n Label) {
	if n.By == "" || n.Mention == "" {
		return
	}
	if c := l.cases[n.Case]; c != nil && !slices.Contains(c.said, n.Mention) {
		c.said = append(c.said, n.Mention)
	}
	all := l.of[n.Mention]
	i := slices.IndexFunc(all, func(was Label) bool { return was.By == n.By })
	switch {
	case i < 0:
		l.of[n.Mention] = append(all, n)
		l.n++
	case all[i].Kind > n.Kind:
		return
	default:
		all[i] = n
	}
	l.Moves++
}

// drop takes back the labels of a mention that go.
func (l *Labels) drop(m care.MentionID, goes func(Label) bool) {
	all := l.of[m]
	rest := slices.DeleteFunc(all, goes)
	if len(rest) == len(all) {
		return
	}
	l.n -= len(all) - len(rest)
	l.Moves++
	if l.of[m] = rest; len(rest) == 0 {
		delete(l.of, m)
	}
}

// withdraw takes back the labels of a kind that came from a case.
func (l *Labels) withdraw(id care.CaseID, kind Kind) {
	for _, m := range l.cases[id].said {
		l.drop(m, func(v Label) bool { return v.Case == id && v.Kind == kind })
	}
}

func (l *Labels) forget(gone []care.MentionID) {
	for _, m := range gone {
		l.drop(m, func(Label) bool { return true })
	}
}

// bound drops the oldest labels, and cases that are over, where there are too many.
func (l *Labels) bound() {
	if l.n > maxLabels+maxLabels/4 {
		for _, old := range l.All()[:l.n-maxLabels] {
			l.drop(old.Mention, func(v Label) bool { return v == old })
		}
	}
	if len(l.cases) > maxCases {
		for id, c := range l.cases {
			if c.over {
				delete(l.cases, id)
			}
		}
	}
}

// All are the labels in force, the oldest first.
func (l *Labels) All() []Label {
	out := make([]Label, 0, l.n)
	for _, all := range l.of {
		out = append(out, all...)
	}
	slices.SortFunc(out, func(a, b Label) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Mention, b.Mention), cmp.Compare(a.By, b.By))
	})
	return out
}

// Of are the labels of one mention.
func (l *Labels) Of(m care.MentionID) []Label { return l.of[m] }

// Len is how many labels are in force.
func (l *Labels) Len() int { return l.n }

// A Volume is what came in during a span, and how many days of it there were.
type Volume struct {
	Day
	Days int
}

// Volume adds up the days of the span before now.
func (l *Labels) Volume(now time.Time) (v Volume) {
	first := dayOf(now)
	for day, d := range l.days {
		if day > dayOf(now.Add(-span)) && day <= dayOf(now) {
			v.Mentions, v.Flagged = v.Mentions+d.Mentions, v.Flagged+d.Flagged
			first = min(first, day)
		}
	}
	v.Days = int(dayOf(now)-first) + 1
	return v
}

// PerDay is how many mentions come in a day.
func (v Volume) PerDay() float64 { return float64(v.Mentions) / float64(max(v.Days, 1)) }
