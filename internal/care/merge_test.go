package care_test

import (
	"reflect"
	"testing"

	"github.com/amends-care/amends/internal/care"
)

// pair is c1, open since minute 0, and c2 with a mention m2 in another thread,
// open since minute 10.
func pair(t testing.TB, tt care.Timetable) *desk {
	d := newDesk(t, tt).open(mention("m1", 0))
	return d.at(10).open(mention("m2", 10, in("t2")), "c2")
}

func (d *desk) merge(winner, loser care.CaseID) {
	d.t.Helper()
	d.change("agent/ada")(care.Merge(d.of(winner), d.of(loser), "ada"))
}

func (d *desk) unmerge(winner, loser care.CaseID) {
	d.t.Helper()
	d.change("agent/ada")(care.Unmerge(d.of(winner), d.of(loser), "ada"))
}

func TestMergeIsRefused(t *testing.T) {
	for _, r := range []struct {
		name          string
		winner, loser []step
		code          care.Code
	}{
		{"both open", []step{opened()}, []step{opened()}, ""},
		{"a resolved loser", []step{opened()}, []step{opened(), resolved}, ""},
		{"a dismissed loser", []step{opened()}, []step{opened(), dismissed}, ""},
		{"no winner", nil, []step{opened()}, care.NotFound},
		{"no loser", []step{opened()}, nil, care.NotFound},
		{"a resolved winner", []step{opened(), resolved}, []step{opened()}, care.Conflict},
		{"a merged winner", []step{opened(), merged}, []step{opened()}, care.Conflict},
		{"a merged loser", []step{opened()}, []step{opened(), merged}, care.Conflict},
		{"someone else's winner", []step{opened(), bobHas}, []step{opened()}, care.Conflict},
		{"someone else's loser", []step{opened()}, []step{opened(), bobHas}, care.Conflict},
		{"a reply is asked for in the loser", []step{opened()}, []step{opened(), adaHas, asked("keep")}, care.Conflict},
		{"a reply is on its way from the loser", []step{opened()}, []step{opened(), adaHas, asked("keep"), attempted}, care.Conflict},
		{"a reply may have been sent from the loser", []step{opened()}, []step{opened(), adaHas, asked("keep"), attempted, unknown}, care.Conflict},
		{"a reply was sent from the loser", []step{opened()}, []step{opened(), adaHas, asked("keep"), attempted, sent}, ""},
		{"a reply is on its way from the winner", []step{opened(), adaHas, asked("keep"), attempted}, []step{opened()}, ""},
	} {
		t.Run(r.name, func(t *testing.T) {
			_, err := care.Merge(fold(t, "c1", r.winner...), fold(t, "c2", r.loser...), "ada")
			expectCode(t, err, r.code)
		})
	}
	c := fold(t, "c1", opened())
	_, err := care.Merge(c, c, "ada")
	expectCode(t, err, care.Invalid)
}

func TestMergeTakesTheEarlierDeadline(t *testing.T) {
	d := pair(t, normal)
	d.merge("c2", "c1") // the younger case goes on
	expect(t, "winner", d.targets("c2"), "first_response running 0s–30m0s; resolution running 0s–8h0m0s")
	expect(t, "loser", d.targets(), "first_response merged; resolution merged")
	expect(t, "winner's oldest", d.of("c2").Unanswered().Mention, "m1")
	expect(t, "loser", d.of("c1").State, care.StateMerged)

	d = pair(t, normal)
	was := d.targets()
	d.merge("c1", "c2") // the older case goes on
	expect(t, "winner keeps its own", d.targets(), was)
	expect(t, "loser", d.targets("c2"), "first_response merged; resolution merged")
}

func TestUnmergeRestoresBoth(t *testing.T) {
	for _, way := range [][2]care.CaseID{{"c1", "c2"}, {"c2", "c1"}} {
		winner, loser := way[0], way[1]
		d := pair(t, normal)
		d.at(12).must(loser, "agent/ada")(d.of(loser).Claim("ada", "claim"))
		w, l := d.of(winner), d.of(loser)
		d.at(15).merge(winner, loser)
		expect(t, "winner has both mentions", len(d.of(winner).Mentions), 2)
		d.at(20).unmerge(winner, loser)
		for before, after := range map[*care.Case]*care.Case{w: d.of(winner), l: d.of(loser)} {
			if !reflect.DeepEqual(before.Targets, after.Targets) {
				t.Errorf("%s: targets\n got %+v\nwant %+v", after.ID, after.Targets, before.Targets)
			}
			if !reflect.DeepEqual(before.Mentions, after.Mentions) {
				t.Errorf("%s: mentions\n got %+v\nwant %+v", after.ID, after.Mentions, before.Mentions)
			}
			expect(t, "state", after.State, before.State)
			expect(t, "assignee", after.Assignee, before.Assignee)
			expect(t, "merged into", after.MergedInto, "")
			expect(t, "absorbed", len(after.Absorbed), 0)
		}
	}
}

func TestMergeAnsweredCases(t *testing.T) {
	t.Run("an answered loser brings no new wait", func(t *testing.T) {
		d := pair(t, normal)
		d.at(12).answer("m1", care.ThenKeep)
		d.at(15).merge("c2", "c1")
		expect(t, "winner waits with", d.of("c2").Unanswered().Mention, "m2")
		expect(t, "winner", d.targets("c2"), "first_response running 10m0s–40m0s; resolution running 0s–8h0m0s")
		expect(t, "winner's first reply", d.of("c2").FirstReplyAt.IsZero(), true)
	})
	t.Run("what the customer took back stays so", func(t *testing.T) {
		d := pair(t, normal)
		d.at(12).do("c1", care.ByIntake, d.of("c1").DeleteMention("m1")...)
		d.at(15).merge("c2", "c1")
		expect(t, "winner waits with", d.of("c2").Unanswered().Mention, "m2")
		expect(t, "winner", d.targets("c2"), "first_response running 10m0s–40m0s; resolution running 10m0s–8h10m0s")
	})
	t.Run("a waiting loser gives an answered winner a next response", func(t *testing.T) {
		d := pair(t, normal)
		d.at(5).answer("m1", care.ThenAwait)
		d.at(15).merge("c1", "c2")
		expect(t, "state", d.of("c1").State, care.StateClaimed)
		d.expect("first_response met 0s–30m0s done 5m0s", "resolution running 15m0s–8h10m0s", "next_response running 10m0s–30m0s")
	})
	t.Run("an answer there does not end a wait here", func(t *testing.T) {
		d := pair(t, normal)
		d.at(12).answer("m1", care.ThenKeep)
		d.at(13).merge("c2", "c1")
		d.at(45).scan("c2")
		expect(t, "winner", d.targets("c2"), "first_response breached 10m0s–40m0s breached 40m0s; resolution running 0s–8h0m0s")
	})
	t.Run("what the winner resolved before is not the loser's", func(t *testing.T) {
		d := pair(t, normal)
		d.at(12).must("c1", "agent/ada")(d.of("c1").Resolve("ada", "solved"))
		d.at(14).must("c1", "agent/ada")(d.of("c1").Reopen())
		d.at(15).merge("c1", "c2")
		expect(t, "winner waits with", d.of("c1").Unanswered().Mention, "m2")
	})
	t.Run("a loser's older mention moves no clock of the winner's", func(t *testing.T) {
		d := newDesk(t, normal).open(mention("m1", 0))
		d.at(1).open(mention("m2", -30, in("t2"), seen(1)), "c2")
		d.do("c2", care.ByIntake, care.ReplySeen{Mention: "o1", To: "m2", VisibleAt: minute(-25)}, care.MentionAdded{MentionRef: mention("m3", -10, in("t2"), seen(1))})
		expect(t, "loser", d.targets("c2"), "first_response met -30m0s–0s done -25m0s; resolution running -30m0s–7h30m0s; next_response running -10m0s–10m0s")
		d.at(5).merge("c1", "c2")
		d.expect("first_response running 0s–30m0s", "resolution running -30m0s–7h30m0s", "next_response running -10m0s–10m0s")
	})
	t.Run("nor does the winner's move what the loser brought", func(t *testing.T) {
		d := newDesk(t, normal).open(mention("m0", -5000, seen(0), late)).at(5).add(mention("m1", 5))
		d.at(10).open(mention("m2", 10, in("t2")), "c2")
		d.at(12).merge("c1", "c2")
		d.expect("next_response running 5m0s–25m0s", "first_response running 10m0s–40m0s", "resolution running 10m0s–8h10m0s")
		d.at(13).unmerge("c1", "c2")
		d.expect("next_response running 5m0s–25m0s", "first_response merged", "resolution merged")
	})
	t.Run("a late loser sets no clock", func(t *testing.T) {
		d := newDesk(t, normal).open(mention("m1", 0))
		d.at(5).open(mention("m2", -5000, in("t2"), seen(5), late), "c2")
		d.merge("c1", "c2")
		d.expect("first_response running 0s–30m0s", "resolution running 0s–8h0m0s")
	})
}

// What happens while two cases are one belongs to the right one afterwards.
func TestUnmergeAfterWork(t *testing.T) {
	t.Run("an answer to the loser's mention is the loser's", func(t *testing.T) {
		d := pair(t, normal)
		d.at(15).merge("c1", "c2")
		d.at(20).answer("m2", care.ThenKeep)
		d.at(60).unmerge("c1", "c2")
		expect(t, "loser waits", d.of("c2").Unanswered() == nil, true)
		expect(t, "loser's first reply", d.of("c2").FirstReplyAt, minute(20))
		expect(t, "loser's replies", len(d.of("c2").Replies), 0)
		expect(t, "loser", d.targets("c2"), "first_response met 10m0s–40m0s done 20m0s; resolution running 10m0s–8h10m0s")
	})
	t.Run("an answer to the winner's is not", func(t *testing.T) {
		d := pair(t, normal)
		d.at(15).merge("c1", "c2")
		d.at(20).answer("m1", care.ThenKeep)
		d.at(60).unmerge("c1", "c2")
		expect(t, "loser", d.targets("c2"), "first_response breached 10m0s–40m0s breached 40m0s; resolution running 10m0s–8h10m0s")
		d.expect("first_response met 0s–30m0s done 20m0s", "resolution running 0s–8h0m0s")
	})
	t.Run("an answer from before they were one is nobody's", func(t *testing.T) {
		d := newDesk(t, normal).open(mention("m1", 0)).at(1).add(mention("m2", 1, in("t2")))
		d.at(5).answer("m2", care.ThenKeep)
		d.change("agent/ada")(care.Split(d.of("c1"), "ada", []care.MentionID{"m2"}, "c2"))
		was := d.of("c2")
		d.at(10).merge("c1", "c2")
		d.at(11).unmerge("c1", "c2")
		expect(t, "first reply", d.of("c2").FirstReplyAt, was.FirstReplyAt)
		expect(t, "told of", len(d.of("c2").Elsewhere), 0)
	})
	t.Run("the loser's breach is the loser's", func(t *testing.T) {
		d := pair(t, normal)
		d.at(15).merge("c2", "c1")
		d.at(32).scan("c2")
		expect(t, "winner", d.targets("c2"), "first_response breached 0s–30m0s breached 30m0s; resolution running 0s–8h0m0s")
		d.at(35).unmerge("c2", "c1")
		expect(t, "winner", d.targets("c2"), "first_response running 10m0s–40m0s; resolution running 10m0s–8h10m0s")
		d.expect("first_response breached 0s–30m0s breached 30m0s", "resolution running 0s–8h0m0s")
	})
	t.Run("taken back while merged", func(t *testing.T) {
		d := pair(t, normal)
		d.at(15).merge("c1", "c2")
		d.at(16).do("c1", care.ByIntake, d.of("c1").DeleteMention("m2")...)
		d.at(20).unmerge("c1", "c2")
		expect(t, "loser", d.targets("c2"), "first_response withdrawn; resolution withdrawn")
	})
	t.Run("a paused resolution stays paused", func(t *testing.T) {
		d := pair(t, normal)
		d.at(20).must("c2", "agent/ada")(d.of("c2").Await("ada"))
		d.at(30).merge("c1", "c2")
		d.at(40).unmerge("c1", "c2")
		expect(t, "loser", d.targets("c2"), "first_response breached 10m0s–40m0s breached 40m0s; resolution paused 7h50m0s left")
		expect(t, "state", d.of("c2").State, care.StateAwaiting)
	})
	t.Run("a loser without a deadline of the winner's leaves none", func(t *testing.T) {
		d := newDesk(t, normal).open(mention("m1", -5000, seen(0), late))
		d.at(10).open(mention("m2", 10, in("t2")), "c2")
		d.expect("")
		d.merge("c1", "c2")
		d.expect("first_response running 10m0s–40m0s", "resolution running 10m0s–8h10m0s")
		d.at(20).unmerge("c1", "c2")
		d.expect("first_response merged", "resolution merged")
	})
}

func TestUnmergeIsRefused(t *testing.T) {
	d := pair(t, normal)
	d.open(mention("m3", 10, in("t3")), "c3")
	_, err := care.Unmerge(d.of("c1"), d.of("c2"), "ada")
	expectCode(t, err, care.Conflict) // never merged
	d.merge("c1", "c2")
	_, err = care.Unmerge(d.of("c3"), d.of("c2"), "ada")
	expectCode(t, err, care.Conflict) // not into that one
	d.must("c1", "agent/bob")(d.of("c1").Claim("bob", "claim"))
	_, err = care.Unmerge(d.of("c1"), d.of("c2"), "ada")
	expectCode(t, err, care.Conflict) // somebody works there
	d.must("c1", "agent/bob")(d.of("c1").Release("bob"))
	n := d.ask("m2", care.ThenKeep)
	_, err = care.Unmerge(d.of("c1"), d.of("c2"), "ada")
	expectCode(t, err, care.Conflict) // its answer is on its way
	d.must("c1", "agent/ada")(d.of("c1").UndoReply("ada", n))
	d.must("c1", "agent/ada")(d.of("c1").Release("ada"))
	d.merge("c3", "c1")
	_, err = care.Unmerge(d.of("c1"), d.of("c2"), "ada")
	expectCode(t, err, care.Conflict) // the winner went on elsewhere
	d.unmerge("c3", "c1")
	d.unmerge("c1", "c2")
	expect(t, "at last", d.of("c2").State, care.StateWaiting)
}

// A chain of merges is undone from its end.
func TestMergeInAChain(t *testing.T) {
	d := pair(t, normal)
	d.at(12).open(mention("m3", 12, in("t3")), "c3")
	one, two, three := d.of("c1").Targets, d.of("c2").Targets, d.of("c3").Targets
	d.merge("c2", "c1")
	d.merge("c3", "c2")
	expect(t, "mentions of the last", len(d.of("c3").Mentions), 3)
	expect(t, "due", d.of("c3").Target(care.FirstResponse).DueAt, minute(30))
	d.unmerge("c3", "c2")
	d.unmerge("c2", "c1")
	for id, want := range map[care.CaseID][]care.Target{"c1": one, "c2": two, "c3": three} {
		if got := d.of(id).Targets; !reflect.DeepEqual(got, want) {
			t.Errorf("%s\n got %+v\nwant %+v", id, got, want)
		}
		expect(t, "mentions", len(d.of(id).Mentions), 1)
	}
}

func TestSplit(t *testing.T) {
	history := []step{opened(), adaHas, on(8, care.ByIntake,
		care.MentionAdded{MentionRef: mention("m2", 6, in("t2"))}, care.MentionAdded{MentionRef: mention("m3", 8, in("t2"))},
		care.Absorbed{From: "c0", Mentions: []care.MentionRef{mention("m4", 3, in("t4"))}})}
	off := func(ids ...care.MentionID) (care.Change, error) {
		return care.Split(fold(t, "c1", history...), "ada", ids, "c9")
	}
	for _, r := range []struct {
		name string
		ids  []care.MentionID
		code care.Code
	}{
		{"none", nil, care.Invalid},
		{"all of its own, and one that came with a merge", []care.MentionID{"m1", "m2", "m3", "m4"}, care.Conflict},
		{"one that came with a merge", []care.MentionID{"m4"}, care.Conflict},
		{"one of another case", []care.MentionID{"m2", "m7"}, care.NotFound},
	} {
		_, err := off(r.ids...)
		expectCode(t, err, r.code)
	}
	c := fold(t, "c1", opened(), adaHas)
	_, err := care.Split(c, "ada", []care.MentionID{"m1"}, "c9")
	expectCode(t, err, care.Invalid)
	_, err = care.Split(c, "ada", []care.MentionID{"m1", "m1"}, "c9")
	expectCode(t, err, care.Invalid)
	_, err = care.Split(fold(t, "c1", append(history, on(10, "agent/ada", care.ReplyRequested{Reply: 1, To: "m2", Key: "k"}))...), "ada", []care.MentionID{"m2"}, "c9")
	expectCode(t, err, care.Conflict)

	change, err := off("m3", "m2", "m3")
	expectCode(t, err, "")
	want := care.Change{
		Cases: []care.CaseEvents{
			{Case: "c9", Events: []care.Event{
				care.SplitOff{From: "c1", Mentions: []care.MentionRef{mention("m2", 6, in("t2")), mention("m3", 8, in("t2"))}},
				care.Routed{Queue: "billing", Lane: care.Ordinary, Policy: "normal", Path: []string{"all", "billing"}},
			}},
			{Case: "c1", Events: []care.Event{care.Parted{To: "c9", Mentions: []care.MentionID{"m2", "m3"}}}},
		},
		Claims: []care.ClaimSet{{Network: "bluesky", Author: "ana", Thread: "t2", Case: "c9"}},
	}
	if !reflect.DeepEqual(change, want) {
		t.Errorf("change\n got %+v\nwant %+v", change, want)
	}
}

func TestSplitMovesTheWait(t *testing.T) {
	split := func(d *desk, ids ...care.MentionID) {
		d.change("agent/ada")(care.Split(d.of("c1"), "ada", ids, "c2"))
	}
	two := func() *desk { return newDesk(t, normal).open(mention("m1", 0)).at(6).add(mention("m2", 6, in("t2"))) }
	t.Run("the younger leaves", func(t *testing.T) {
		d := two()
		split(d, "m2")
		d.expect("first_response running 0s–30m0s", "resolution running 0s–8h0m0s")
		expect(t, "new case", d.targets("c2"), "first_response running 6m0s–36m0s; resolution running 6m0s–8h6m0s")
		expect(t, "shows where it came from", d.of("c2").Previous, "c1")
		expect(t, "is a case of its own", d.of("c2").Number, d.of("c2").Seq)
	})
	t.Run("the older leaves", func(t *testing.T) {
		d := two()
		split(d, "m1")
		d.expect("first_response running 6m0s–36m0s", "resolution running 0s–8h0m0s")
		expect(t, "new case", d.targets("c2"), "first_response running 0s–30m0s; resolution running 0s–8h0m0s")
	})
	t.Run("with its breach", func(t *testing.T) {
		d := two()
		d.at(31).scan()
		split(d, "m1")
		d.expect("first_response running 6m0s–36m0s", "resolution running 0s–8h0m0s")
		expect(t, "new case", d.targets("c2"), "first_response breached 0s–30m0s breached 30m0s; resolution running 0s–8h0m0s")
	})
	t.Run("only what is answered stays", func(t *testing.T) {
		d := newDesk(t, normal).open(mention("m1", 0))
		d.at(5).answer("m1", care.ThenKeep).at(6).add(mention("m2", 6, in("t2")))
		split(d, "m2")
		d.expect("first_response met 0s–30m0s done 5m0s", "resolution running 0s–8h0m0s", "next_response merged")
		expect(t, "new case", d.targets("c2"), "first_response running 6m0s–36m0s; resolution running 6m0s–8h6m0s")
	})
	t.Run("what is answered leaves", func(t *testing.T) {
		d := newDesk(t, normal).open(mention("m1", 0))
		d.at(5).answer("m1", care.ThenKeep).at(6).add(mention("m2", 6, in("t2")))
		split(d, "m1")
		d.expect("first_response met 0s–30m0s done 5m0s", "resolution running 0s–8h0m0s", "next_response running 6m0s–26m0s")
		expect(t, "new case", d.targets("c2"), "resolution running 0s–8h0m0s")
		d.at(9).do("c2", care.ByIntake, d.of("c2").TakeIn(mention("m3", 9))...)
		expect(t, "new case, then a follow-up", d.targets("c2"), "resolution running 0s–8h0m0s; next_response running 9m0s–29m0s")
	})
	t.Run("what was taken back leaves", func(t *testing.T) {
		d := two()
		d.do("c1", care.ByIntake, d.of("c1").DeleteMention("m2")...)
		split(d, "m2")
		expect(t, "new case", d.targets("c2"), "")
		d.at(9).do("c2", care.ByIntake, d.of("c2").TakeIn(mention("m3", 9))...)
		expect(t, "new case, then a follow-up", d.targets("c2"), "next_response running 9m0s–29m0s")
	})
	t.Run("a late one leaves", func(t *testing.T) {
		d := newDesk(t, normal).open(mention("m1", 0)).at(3).add(mention("m0", -5000, seen(3), late, in("t2")))
		split(d, "m0")
		expect(t, "late", d.of("c2").Late, true)
		expect(t, "new case", d.targets("c2"), "")
	})
}
