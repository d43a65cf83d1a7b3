package care_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
)

// manyAct is something that can be done to many cases.
func manyAct(h *history) care.BulkAct {
	return care.BulkAct{
		Do: pick(h.r, care.BulkActs()), To: pick(h.r, agents), Queue: pick(h.r, []string{"billing", "repairs"}), Until: h.now.Add(time.Minute + h.minutes(90)),
		Add: []string{pick(h.r, []string{"a", "b"})}, Remove: []string{pick(h.r, []string{"a", "b"})},
		End: care.Disposition{Code: "solved"}, Reason: pick(h.r, []string{"spam", care.NotAComplaint}),
	}
}

func TestBulkActs(t *testing.T) {
	until := minute(90)
	bulk := func(act care.BulkAct, lead ...bool) func(*care.Case) ([]care.Event, error) {
		return func(c *care.Case) ([]care.Event, error) { return act.Decide("ada", len(lead) > 0, minute(9), c) }
	}
	mine, bobs := on(1, "agent/ada", care.Assigned{To: "ada", Why: "claim"}), on(1, "agent/bob", care.Assigned{To: "bob", Why: "claim"})
	promised := on(2, "agent/ada", care.PromiseMade{Promise: 1, DueAt: minute(900), Owner: "ada"})
	held := on(2, "agent/lea", care.LegalHold{Note: 1})
	over := on(3, "agent/ada", care.Resolved{Disposition: "solved"})
	decide(t, []decision{
		{"claim", []step{opened()}, bulk(care.BulkAct{Do: "claim"}), []care.Event{care.Assigned{To: "ada", Why: "claim"}}, ""},
		{"claim one's own", []step{opened(), mine}, bulk(care.BulkAct{Do: "claim"}), nil, ""},
		{"claim another's", []step{opened(), bobs}, bulk(care.BulkAct{Do: "claim"}), nil, care.Conflict},
		{"assign", []step{opened(), bobs}, bulk(care.BulkAct{Do: "assign", To: "cy"}), []care.Event{care.Assigned{To: "cy", Why: "assign"}}, ""},
		{"release", []step{opened(), mine}, bulk(care.BulkAct{Do: "release"}), []care.Event{care.Released{Why: "hand"}}, ""},
		{"move another's", []step{opened(), bobs}, bulk(care.BulkAct{Do: "requeue", Queue: "repairs"}), nil, care.Conflict},
		{"move another's as a lead", []step{opened(), bobs}, bulk(care.BulkAct{Do: "requeue", Queue: "repairs"}, true),
			[]care.Event{care.Routed{Queue: "repairs", Lane: care.Ordinary, Policy: "normal"}, care.Released{Why: "queue"}}, ""},
		{"snooze", []step{opened()}, bulk(care.BulkAct{Do: "snooze", Until: until}), []care.Event{care.Snoozed{Until: until}}, ""},
		{"wake what is awake", []step{opened()}, bulk(care.BulkAct{Do: "wake"}), nil, ""},
		{"tag", []step{opened()}, bulk(care.BulkAct{Do: "tag", Add: []string{"outage"}}), []care.Event{care.Tagged{Add: []string{"outage"}}}, ""},
		{"resolve", []step{opened()}, bulk(care.BulkAct{Do: "resolve", End: care.Disposition{Code: "solved"}}), []care.Event{care.Resolved{Disposition: "solved"}}, ""},
		{"resolve what is resolved", []step{opened(), over}, bulk(care.BulkAct{Do: "resolve", End: care.Disposition{Code: "solved"}}), nil, care.Conflict},
		{"resolve with an open promise", []step{opened(), mine, promised}, bulk(care.BulkAct{Do: "resolve", End: care.Disposition{Code: "solved"}}), nil, care.Conflict},
		{"resolve under legal hold", []step{opened(), held}, bulk(care.BulkAct{Do: "resolve", End: care.Disposition{Code: "solved"}}), nil, care.Conflict},
		{"an end of another queue", []step{opened()}, bulk(care.BulkAct{Do: "resolve", End: care.Disposition{Code: "solved", Queues: []string{"repairs"}}}), nil, care.Invalid},
		{"an end that needs more words", []step{opened()}, bulk(care.BulkAct{Do: "resolve", End: care.Disposition{Code: "refunded", Fields: []string{"order"}}}), nil, care.Invalid},
		{"dismiss", []step{opened()}, bulk(care.BulkAct{Do: "dismiss", Reason: "spam"}), []care.Event{care.Dismissed{Reason: "spam"}}, ""},
		{"dismiss with an open promise", []step{opened(), mine, promised}, bulk(care.BulkAct{Do: "dismiss", Reason: "spam"}), nil, care.Conflict},
		{"nothing there is", []step{opened()}, bulk(care.BulkAct{Do: "burn"}), nil, care.Invalid},
		{"no case", nil, bulk(care.BulkAct{Do: "dismiss", Reason: "spam"}), nil, care.NotFound},
	})
}

// inBulk is a step that is one of two cases in bulk b1.
func inBulk(at int, events ...care.Event) step {
	return on(at, "agent/ada", append([]care.Event{care.InBulk{Bulk: "b1", Cases: 2}}, events...)...)
}

func TestUndoBulk(t *testing.T) {
	undo := func(c *care.Case) ([]care.Event, error) { return c.UndoBulk("b1") }
	mine := on(1, "agent/ada", care.Assigned{To: "ada", Why: "claim"})
	first := care.TargetSet{Target: care.FirstResponse, Clock: "customer", StartAt: minute(0), DueAt: minute(30), Policy: "normal", Mention: "m1"}
	running := opened()
	running.events = append(running.events, first)
	waiting := care.Undone{At: minute(5), State: care.StateWaiting, QueuedAt: minute(0)}
	ended := waiting
	ended.Waits, ended.Targets = []care.MentionID{"m1"}, []care.TargetSet{first}
	dismissed := ended
	dismissed.Flagged = []care.MentionID{"m1"}
	breach := care.TargetBreached{Target: care.FirstResponse, At: minute(30)}
	late := ended
	late.At = minute(35)
	decide(t, []decision{
		{"a claim", []step{opened(), inBulk(5, care.Assigned{To: "ada", Why: "claim"})}, undo, []care.Event{waiting}, ""},
		{"an assignment", []step{opened(), mine, inBulk(5, care.Assigned{To: "bob", Why: "assign"})}, undo,
			[]care.Event{care.Undone{At: minute(5), State: care.StateClaimed, Assignee: "ada", Given: "claim"}}, ""},
		{"a release", []step{opened(), mine, inBulk(5, care.Released{Why: "hand"})}, undo,
			[]care.Event{care.Undone{At: minute(5), State: care.StateClaimed, Assignee: "ada", Given: "claim"}}, ""},
		{"an assignment with a promise", []step{opened(), mine, on(2, "agent/ada", care.PromiseMade{Promise: 1, DueAt: minute(900), Owner: "ada"}), inBulk(5, care.Assigned{To: "bob", Why: "assign"})}, undo,
			[]care.Event{care.Undone{At: minute(5), State: care.StateClaimed, Assignee: "ada", Given: "claim"}, care.PromisePassed{Promise: 1, To: "ada"}}, ""},
		{"another queue", []step{opened(), inBulk(5, care.Routed{Queue: "repairs", Policy: "normal"})}, undo,
			[]care.Event{care.Routed{Queue: "billing", Lane: care.Ordinary, Policy: "normal", Path: []string{"all", "billing"}}}, ""},
		{"a snooze", []step{opened(), inBulk(5, care.Snoozed{Until: minute(60)})}, undo, []care.Event{care.Woken{Why: "hand"}}, ""},
		{"a longer snooze", []step{opened(), on(1, "agent/ada", care.Snoozed{Until: minute(60)}), inBulk(5, care.Snoozed{Until: minute(90)})}, undo, []care.Event{care.Snoozed{Until: minute(60)}}, ""},
		{"a waking", []step{opened(), on(1, "agent/ada", care.Snoozed{Until: minute(60)}), inBulk(5, care.Woken{Why: "hand"})}, undo, []care.Event{care.Snoozed{Until: minute(60)}}, ""},
		{"tags", []step{opened(), on(1, "agent/ada", care.Tagged{Add: []string{"a", "b"}}), inBulk(5, care.Tagged{Add: []string{"c"}, Remove: []string{"a"}})}, undo,
			[]care.Event{care.Tagged{Add: []string{"a"}, Remove: []string{"c"}}}, ""},
		{"an end", []step{running, inBulk(5, care.Resolved{Disposition: "solved"}, care.TargetEnded{Target: care.FirstResponse, How: care.Unanswered})}, undo, []care.Event{ended}, ""},
		{"an end of what slept", []step{running, on(1, "agent/ada", care.Snoozed{Until: minute(60)}, care.WaitingOn{On: "bank", Until: minute(70)}),
			inBulk(5, care.Resolved{Disposition: "solved"}, care.TargetEnded{Target: care.FirstResponse, How: care.Unanswered})}, undo,
			[]care.Event{ended, care.Snoozed{Until: minute(60)}, care.WaitingOn{On: "bank", Until: minute(70)}}, ""},
		{"an end of what was overdue", []step{running, on(30, care.ByClock, breach), inBulk(35, care.Resolved{Disposition: "solved"})}, undo, []care.Event{late, breach}, ""},
		{"a dismissal", []step{running, inBulk(5, care.Dismissed{Reason: care.NotAComplaint}, care.Reviewed{Mention: "m1", Why: care.NotAComplaint}, care.TargetEnded{Target: care.FirstResponse, How: care.EndDismissed})}, undo,
			[]care.Event{dismissed}, ""},
		{"a breach on the way stays one", []step{running, inBulk(5, care.Assigned{To: "ada", Why: "claim"}), on(30, care.ByClock, breach, care.NoticeRequested{Key: "k"})}, undo,
			[]care.Event{waiting}, ""},

		{"not after a note", []step{opened(), inBulk(5, care.Snoozed{Until: minute(60)}), on(6, "agent/bob", care.Noted{Note: 1})}, undo, nil, care.Conflict},
		{"not after the customer wrote", []step{opened(), inBulk(5, care.Snoozed{Until: minute(60)}), on(6, care.ByIntake, care.MentionAdded{MentionRef: mention("m2", 6)})}, undo, nil, care.Conflict},
		{"not after somebody claimed", []step{opened(), inBulk(5, care.Released{}), on(6, "agent/bob", care.Assigned{To: "bob", Why: "next"})}, undo, nil, care.Conflict},
		{"not after it woke", []step{opened(), inBulk(5, care.Snoozed{Until: minute(60)}), on(60, care.ByClock, care.Woken{Why: "time"})}, undo, nil, care.Conflict},
		{"not when time had come for more in the same moment", []step{opened(), inBulk(5, care.Assigned{To: "ada"}, care.Escalated{Level: 1, Step: "x"})}, undo, nil, care.Conflict},
		{"not twice", []step{opened(), inBulk(5, care.Snoozed{Until: minute(60)}), on(6, "agent/ada", care.InBulk{Bulk: "b1", Undo: true}, care.Woken{Why: "hand"})}, undo, nil, care.Conflict},
		{"not after another bulk", []step{opened(), inBulk(5, care.Snoozed{Until: minute(60)}), on(6, "agent/ada", care.InBulk{Bulk: "b2"}, care.Tagged{Add: []string{"x"}})}, undo, nil, care.Conflict},
		{"not of a case that was no part of it", []step{opened()}, undo, nil, care.Conflict},
		{"no case", nil, undo, nil, care.NotFound},
	})
}

// What is left of a bulk and its undo, where nothing else happened, is two
// records: the case stands as it stood before.
func TestBulkAndUndoLeaveACaseAsItWas(t *testing.T) {
	acts := map[string]int{}
	lives(t, 40, func(t *testing.T, h *history) {
		for _, id := range h.ids {
			h.do(id, care.ByClock)                                           // what was due was due before
			sleep := care.BulkAct{Do: "snooze", Until: h.now.Add(time.Hour)} // or hardly any is there to be woken
			if events, err := sleep.Decide("ada", true, h.now, h.of(id)); err == nil && h.r.IntN(2) == 0 {
				h.do(id, "agent/ada", events...)
			}
			for _, name := range care.BulkActs() {
				if thereAndBack(t, h, id, name) {
					acts[name]++
				}
			}
		}
	})
	for _, name := range care.BulkActs() {
		if acts[name] < 5 && !testing.Short() {
			t.Errorf("%s was undone %d times", name, acts[name])
		}
	}
}

// thereAndBack does one thing to a case as one of many, and takes it back; false:
// it made no sense there, or time had come for something else.
func thereAndBack(t *testing.T, h *history, id care.CaseID, name string) bool {
	before := h.of(id)
	b := care.Bulk{ID: name, By: "agent/ada", Lead: true, Act: manyAct(h), Cases: []care.CaseID{id}}
	b.Act.Do = name
	events, err := b.Decide(h.now, before)
	if err != nil || len(events) == 0 {
		return false
	}
	all := h.do(id, b.By, events...)
	if k := kindsOf(all); strings.Contains(k, "case.escalated") || strings.Contains(k, "case.wait_over") {
		return false
	}
	again := care.Bulk{ID: b.ID + " back", By: b.By, Undoes: b.ID, Cases: b.Cases}
	if events, err = again.Decide(h.now, h.of(id)); err != nil {
		t.Fatalf("%s: %s can't be undone: %v", id, name, err)
	}
	h.do(id, b.By, events...)
	if want, got := stands(t, before), stands(t, h.of(id)); got != want {
		t.Fatalf("%s: %s and back\n got %s\nwant %s", id, name, got, want)
	}
	return true
}

// stands prints everything about a case but when it was last touched, what is
// said to the team, and what the clock plans.
func stands(t *testing.T, c *care.Case) string {
	t.Helper()
	d := c.Clone()
	d.Seq, d.LastAt, d.TouchedAt, d.HandledAt, d.LookAt = 0, time.Time{}, time.Time{}, time.Time{}, time.Time{}
	d.Notices = nil
	b, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestBulkCounts(t *testing.T) {
	b := care.Bulk{Cases: []care.CaseID{"c1", "c2", "c3", "c4"}, Came: "...."}
	b.Settle(0, care.BulkDone, care.Sentence{})
	b.Settle(1, care.BulkRefused, care.Say("{who} has this case.", "who", "bob"))
	b.Settle(2, care.BulkRefused, care.Say("{who} has this case.", "who", "bob"))
	want := []care.Refusal{{Why: care.Say("{who} has this case.", "who", "bob"), N: 2, Cases: []care.CaseID{"c2", "c3"}}}
	if !reflect.DeepEqual(b.Refusals, want) || b.Count(care.BulkRefused) != 2 || b.Count(care.BulkDone) != 1 {
		t.Errorf("%+v", b)
	}
	if got := b.Pending(9); !reflect.DeepEqual(got, []int{3}) {
		t.Errorf("pending %v", got)
	}
	if got := b.Changed(); !reflect.DeepEqual(got, []care.CaseID{"c1"}) {
		t.Errorf("changed %v", got)
	}
}
