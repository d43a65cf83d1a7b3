package care_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/amends-care/amends/internal/care"
)

// Cases are merged, taken apart and split while a known issue is open: whoever is
// affected is written to, and nobody twice.
func TestKnownIssuesFollowCases(t *testing.T) {
	merge := func(x *trouble, winner, loser *care.Case) []care.IssueEvents {
		return care.MergeIssues([]*care.Issue{x.i}, winner, loser)
	}
	unmerge := func(x *trouble, winner, loser *care.Case) []care.IssueEvents {
		return care.UnmergeIssues([]*care.Issue{x.i}, winner, loser)
	}
	split := func(x *trouble, c, to *care.Case) []care.IssueEvents {
		return care.SplitIssues([]*care.Issue{x.i}, c, to.ID)
	}
	absorbed := func(from ...care.CaseID) (es []care.Event) {
		for _, id := range from {
			es = append(es, care.Absorbed{From: id})
		}
		return es
	}
	for _, c := range []struct {
		name   string
		linked []care.CaseID
		drafts bool // a round is drafted and approved
		closed bool
		winner []care.Event // what happened to c1 before
		moves  []func(x *trouble, a, b *care.Case) []care.IssueEvents
		want   string // cases of the issue, and what becomes of drafts
	}{
		{"the loser is affected: the winner is told", []care.CaseID{"c2"}, false, false, nil, []func(*trouble, *care.Case, *care.Case) []care.IssueEvents{merge}, "c2 c1"},
		{"not to be told in the loser any more", []care.CaseID{"c2"}, true, false, nil, []func(*trouble, *care.Case, *care.Case) []care.IssueEvents{merge}, "c2 c1; c2 skipped"},
		{"both are affected", []care.CaseID{"c1", "c2"}, true, false, nil, []func(*trouble, *care.Case, *care.Case) []care.IssueEvents{merge}, "c1 c2; c1 approved, c2 skipped"},
		{"only the winner is", []care.CaseID{"c1"}, true, false, nil, []func(*trouble, *care.Case, *care.Case) []care.IssueEvents{merge}, "c1; c1 approved"},
		{"a closed issue is left alone", []care.CaseID{"c2"}, false, true, nil, []func(*trouble, *care.Case, *care.Case) []care.IssueEvents{merge, split}, "c2"},
		{"taken apart again", []care.CaseID{"c2"}, false, false, absorbed("c2"), []func(*trouble, *care.Case, *care.Case) []care.IssueEvents{merge, unmerge}, "c2"},
		{"taken apart, and another one is still in it", []care.CaseID{"c2", "c3"}, false, false, absorbed("c2", "c3"), []func(*trouble, *care.Case, *care.Case) []care.IssueEvents{merge, unmerge}, "c2 c3 c1"},
		{"taken apart, and it was affected itself", []care.CaseID{"c1", "c2"}, false, false, absorbed("c2"), []func(*trouble, *care.Case, *care.Case) []care.IssueEvents{merge, unmerge}, "c1 c2"},
		{"merged once more", []care.CaseID{"c2"}, false, false, absorbed("c2"), []func(*trouble, *care.Case, *care.Case) []care.IssueEvents{merge, unmerge, merge}, "c2 c1"},
		{"split: both, until a person says which", []care.CaseID{"c1"}, true, false, nil, []func(*trouble, *care.Case, *care.Case) []care.IssueEvents{split}, "c1 c2; c1 approved"},
		{"split off what is not affected", nil, false, false, nil, []func(*trouble, *care.Case, *care.Case) []care.IssueEvents{split}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			x := newTrouble(t, c.linked...)
			if c.drafts {
				must(t, x.prepare(0, false, letters(c.linked...)))
				must(t, x.add(x.i.Approve(1, nil, len(c.linked), 10)))
			}
			if c.closed {
				must(t, x.add(x.i.Close("no_issue")))
			}
			a, b := theCase("c1"), theCase("c2")
			a.Apply(2, care.Record{At: start, Events: c.winner})
			for _, move := range c.moves {
				for _, ie := range move(x, a, b) {
					must(t, x.add(ie.Events, nil))
				}
			}
			var got []string
			for _, k := range x.i.Cases {
				got = append(got, string(k.Case))
			}
			s := strings.Join(got, " ")
			if c.drafts {
				s += "; " + states(x.i, 1)
			}
			if s != c.want {
				t.Errorf("got %q, want %q", s, c.want)
			}
		})
	}
}

// What was promised in a case that is merged goes to who has the other one, and
// comes back when they are taken apart.
func TestPromisesGoWithAMerge(t *testing.T) {
	d := newDesk(t, normal).open(mention("m1", 0), "c1").open(mention("m2", 0, in("t2")), "c2")
	d.must("c2", "agent/bob")(d.of("c2").Claim("bob", "claim"))
	d.must("c2", "agent/bob")(d.of("c2").MakePromise("bob", 1, d.now, minute(600), "call"))
	owner := func() string { return fmt.Sprint(d.of("c2").Promise(1).Owner, " ", d.of("c2").Promise(1).State) }
	lead := d.change("agent/lea")
	lead(care.Merge(d.of("c1"), d.of("c2"), "bob"))
	expect(t, "nobody has the other one", owner(), "bob open")
	lead(care.Unmerge(d.of("c1"), d.of("c2"), "bob"))
	d.must("c2", "agent/bob")(d.of("c2").Release("bob"))
	d.must("c1", "agent/ada")(d.of("c1").Claim("ada", "claim"))
	lead(care.Merge(d.of("c1"), d.of("c2"), "ada"))
	expect(t, "ada has it", owner(), "ada open")
	d.must("c1", "agent/ada")(d.of("c1").MakePromise("ada", d.of("c1").NextText(), d.now, minute(300), "write"))
	lead(care.Unmerge(d.of("c1"), d.of("c2"), "ada"))
	expect(t, "nobody has it", owner(), "ada open")
	expect(t, "what was promised since stays where it was", len(d.of("c1").Promises), 1)
	d.must("c2", "agent/cy")(d.of("c2").Claim("cy", "claim"))
	expect(t, "who takes it", owner(), "cy open")
	d.at(600).scan("c2")
	expect(t, "due as ever", owner(), "cy slipped")
}
