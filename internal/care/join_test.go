package care_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
)

func TestPlace(t *testing.T) {
	const window = 24 * time.Hour
	open := func(id care.CaseID, at int) *care.Case {
		return fold(t, id, on(at, care.ByIntake, care.Opened{MentionRef: mention("m1", at)}))
	}
	over := func(c *care.Case, at int, e care.Event) *care.Case {
		c.Apply(c.Seq+1, care.Record{At: minute(at), Events: []care.Event{e}})
		return c
	}
	resolvedAt := func(id care.CaseID, at int) *care.Case {
		return over(open(id, 0), at, care.Resolved{Disposition: "solved"})
	}
	claim := func(pairs ...string) (k care.Claims) {
		for i := 0; i < len(pairs); i += 2 {
			k.Set(care.ThreadKey(pairs[i]), care.CaseID(pairs[i+1]))
		}
		return k
	}
	day := 24 * 60
	for _, r := range []struct {
		name   string
		m      care.MentionRef
		now    int
		claims care.Claims
		cases  []*care.Case
		want   care.Placing
	}{
		{"nothing known, a complaint", mention("m9", 5), 5, claim(), nil, care.Placing{Open: true}},
		{"nothing known, no complaint", mention("m9", 5, unflagged), 5, claim(), nil, care.Placing{}},
		{"its thread's open case", mention("m9", 5), 5, claim("t1", "c1"), []*care.Case{open("c1", 0)}, care.Placing{Join: "c1"}},
		{"also what is no complaint", mention("m9", 5, unflagged), 5, claim("t1", "c1"), []*care.Case{open("c1", 0)}, care.Placing{Join: "c1"}},
		{"another thread: the newest open case", mention("m9", 5, in("t9")), 5, claim("t1", "c1", "t2", "c2"), []*care.Case{open("c1", 0), open("c2", 1)}, care.Placing{Join: "c2"}},
		{"the newest, however old the claim", mention("m9", 5, in("t9")), 5, claim("t2", "c2", "t1", "c1"), []*care.Case{open("c1", 0), open("c2", 1)}, care.Placing{Join: "c2"}},
		{"its own thread before a newer case", mention("m9", 5), 5, claim("t1", "c1", "t2", "c2"), []*care.Case{open("c1", 0), open("c2", 1)}, care.Placing{Join: "c1"}},
		{"resolved, within the window", mention("m9", 5), 60, claim("t1", "c1"), []*care.Case{resolvedAt("c1", 1)}, care.Placing{Join: "c1"}},
		{"resolved, the last instant of the window", mention("m9", day), day, claim("t1", "c1"), []*care.Case{resolvedAt("c1", 1)}, care.Placing{Join: "c1"}},
		{"resolved, the window just closed", mention("m9", day+1), day + 1, claim("t1", "c1"), []*care.Case{resolvedAt("c1", 1)}, care.Placing{Open: true, Previous: "c1"}},
		{"posted within the window, and seen after it", mention("m9", 5, seen(3*day)), 3 * day, claim("t1", "c1"), []*care.Case{resolvedAt("c1", 1)}, care.Placing{Join: "c1"}},
		{"posted before it was resolved, and seen after the window", mention("m9", 0, seen(3*day)), 3 * day, claim("t1", "c1"), []*care.Case{resolvedAt("c1", 1)}, care.Placing{Open: true, Previous: "c1"}},
		{"resolved, the window closed before they wrote", mention("m9", 2*day), 2 * day, claim("t1", "c1"), []*care.Case{resolvedAt("c1", 1)}, care.Placing{Open: true, Previous: "c1"}},
		{"resolved, another thread", mention("m9", 5, in("t9")), 60, claim("t1", "c1"), []*care.Case{resolvedAt("c1", 1)}, care.Placing{Open: true, Previous: "c1"}},
		{"resolved in its thread, open elsewhere", mention("m9", day+1), day + 1, claim("t1", "c1", "t2", "c2"), []*care.Case{resolvedAt("c1", 1), open("c2", 1)}, care.Placing{Join: "c2", Previous: ""}},
		{"dismissed lets go at once", mention("m9", 5), 5, claim("t1", "c1"), []*care.Case{over(open("c1", 0), 1, care.Dismissed{Reason: "spam"})}, care.Placing{Open: true, Previous: "c1"}},
		{"dismissed, and no complaint now", mention("m9", 5, unflagged), 5, claim("t1", "c1"), []*care.Case{over(open("c1", 0), 1, care.Dismissed{Reason: "spam"})}, care.Placing{Previous: "c1"}},
		{"merged: the case that goes on", mention("m9", 5), 5, claim("t1", "c1"), []*care.Case{over(open("c1", 0), 1, care.Merged{Into: "c2"}), open("c2", 0)}, care.Placing{Join: "c2"}},
		{"merged twice", mention("m9", 5), 5, claim("t1", "c1"), []*care.Case{over(open("c1", 0), 1, care.Merged{Into: "c2"}), over(open("c2", 0), 2, care.Merged{Into: "c3"}), open("c3", 0)}, care.Placing{Join: "c3"}},
		{"merged, and resolved there", mention("m9", 5), 60, claim("t1", "c1"), []*care.Case{over(open("c1", 0), 1, care.Merged{Into: "c2"}), resolvedAt("c2", 1)}, care.Placing{Join: "c2"}},
		{"merged in a ring ends", mention("m9", 5), 5, claim("t1", "c1"), []*care.Case{over(open("c1", 0), 1, care.Merged{Into: "c1"})}, care.Placing{Open: true}},
		{"the case is not to be had", mention("m9", 5), 5, claim("t1", "c1"), nil, care.Placing{Open: true}},
	} {
		t.Run(r.name, func(t *testing.T) {
			cases := func(id care.CaseID) *care.Case {
				for _, c := range r.cases {
					if c.ID == id {
						return c
					}
				}
				return nil
			}
			expect(t, "place", care.Place(r.m, r.claims, cases, minute(r.now), window), r.want)
		})
	}
}

func TestClaimsAreBounded(t *testing.T) {
	var k care.Claims
	for i := range 500 {
		k.Set(care.ThreadKey(fmt.Sprint(i)), "c1")
		k.Set("always", "c2")
	}
	if n := len(k.Entries); n > 64 {
		t.Errorf("%d claims are remembered", n)
	}
	last := k.Entries[len(k.Entries)-2:]
	expect(t, "the newest stays", last[0], care.ClaimEntry{Thread: "499", Case: "c1"})
	expect(t, "and what is set again", last[1], care.ClaimEntry{Thread: "always", Case: "c2"})
}

func TestLooseMentionsAreBounded(t *testing.T) {
	var l care.Loose
	for i := range 1000 {
		l.Add(care.LooseMention{Ref: mention(care.MentionID(fmt.Sprint(i)), i)})
	}
	if n := len(l.Mentions); n > 200 {
		t.Errorf("%d mentions are remembered", n)
	}
	expect(t, "the newest stays", l.Mentions[len(l.Mentions)-1].Ref.Mention, "999")
}

func TestTakeIn(t *testing.T) {
	take := func(m care.MentionRef) func(*care.Case) ([]care.Event, error) {
		return func(c *care.Case) ([]care.Event, error) { return c.TakeIn(m), nil }
	}
	m2, m3 := mention("m2", 25), mention("m3", 15)
	asleep := on(6, "agent/ada", care.Snoozed{Until: minute(600)})
	decide(t, []decision{
		{"open case", []step{opened()}, take(m2), []care.Event{care.MentionAdded{MentionRef: m2}}, ""},
		{"known", []step{opened(), on(25, care.ByIntake, care.MentionAdded{MentionRef: m2})}, take(m2), nil, ""},
		{"wakes", []step{opened(), asleep}, take(m2), []care.Event{care.MentionAdded{MentionRef: m2}, care.Woken{Why: "mention"}}, ""},
		{"reopens", []step{opened(), resolved}, take(m2), []care.Event{care.MentionAdded{MentionRef: m2}, care.Reopened{Mention: "m2"}}, ""},
		{"posted before it was resolved: reopens nothing", []step{opened(), resolved}, take(m3), []care.Event{care.MentionAdded{MentionRef: m3}}, ""},
		{"posted in the very instant: reopens nothing", []step{opened(), resolved}, take(mention("m4", 20)), []care.Event{care.MentionAdded{MentionRef: mention("m4", 20)}}, ""},
	})
}

func TestEditAndDeleteMention(t *testing.T) {
	edited := care.MentionEdited{Mention: "m1", At: minute(9), Flagged: true, Labels: care.Labels{Topic: "refund"}}
	edit := func(c *care.Case) ([]care.Event, error) { return c.EditMention(edited), nil }
	remove := func(c *care.Case) ([]care.Event, error) { return c.DeleteMention("m1"), nil }
	gone := on(7, care.ByIntake, care.MentionDeleted{Mention: "m1"})
	timeless := care.MentionEdited{Mention: "m1", Labels: care.Labels{Topic: "fee"}}
	decide(t, []decision{
		{"edit", []step{opened()}, edit, []care.Event{edited}, ""},
		{"edit, known", []step{opened(), on(10, care.ByIntake, edited)}, edit, nil, ""},
		{"edit, a later one is known", []step{opened(), on(10, care.ByIntake, care.MentionEdited{Mention: "m1", At: minute(10)})}, edit, nil, ""},
		{"edit, an earlier one is known", []step{opened(), on(10, care.ByIntake, care.MentionEdited{Mention: "m1", At: minute(8)})}, edit, []care.Event{edited}, ""},
		{"edit, one without a time is known", []step{opened(), on(10, care.ByIntake, timeless)}, edit, []care.Event{edited}, ""},
		{"edit without a time", []step{opened(), on(10, care.ByIntake, edited)}, func(c *care.Case) ([]care.Event, error) { return c.EditMention(timeless), nil }, []care.Event{timeless}, ""},
		{"edit of nothing of the case", nil, edit, nil, ""},
		{"delete", []step{opened()}, remove, []care.Event{care.MentionDeleted{Mention: "m1"}}, ""},
		{"delete twice", []step{opened(), gone}, remove, nil, ""},
		{"delete nothing of the case", nil, remove, nil, ""},
	})
	c := fold(t, "c1", opened(), on(10, care.ByIntake, edited))
	expect(t, "topic of the mention", c.Mention("m1").Labels.Topic, "refund")
	expect(t, "topic of the case", c.Labels.Topic, "refund")
	c.Apply(9, care.Record{At: minute(11), Events: []care.Event{care.MentionEdited{Mention: "m1", At: minute(8), Labels: care.Labels{Topic: "old"}}}})
	expect(t, "topic after an older edit was read", c.Labels.Topic, "refund")
	c.Apply(10, care.Record{At: minute(12), Events: []care.Event{care.MentionAdded{MentionRef: mention("m2", 12)}, care.MentionEdited{Mention: "m2", At: minute(12), Labels: care.Labels{Topic: "new"}}}})
	expect(t, "topic after another mention was edited", c.Labels.Topic, "refund")
}
