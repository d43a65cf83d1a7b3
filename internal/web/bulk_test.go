package web

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/auth"
	"github.com/amends-care/amends/internal/care"
)

// crowded is a bench with some cases in the queue billing, and one in care.
func crowded(t *testing.T, n int) *bench {
	t.Helper()
	b := staffed(t)
	for i := range n {
		b.says(fmt.Sprint("ana", i), fmt.Sprint(i), "my bill is broken")
	}
	b.says("ben", "other", "the door is broken")
	return b
}

// bulk does something to many cases, and waits until it is done.
func (b *bench) bulk(role auth.Role, body BulkOrder, headers ...string) (s BulkState) {
	b.t.Helper()
	b.post(role, "/cases/bulk", body, headers...).want(200).into(&s)
	if s.State != "done" {
		b.t.Fatalf("not done: %+v", s)
	}
	return s
}

func TestAllMatchingAndBack(t *testing.T) {
	b := crowded(t, 5)
	var n CaseCount
	b.get(auth.Agent, "/count?queue=billing").want(200).into(&n)
	if n.Count != 5 || n.Limit != care.MaxBulk || n.Position == 0 {
		t.Fatalf("counted %+v", n)
	}
	b.says("late", "late", "my bill is broken too") // after the count was shown
	done := b.bulk(auth.Agent, BulkOrder{Matching: &CaseFilter{Queue: "billing"}, Position: n.Position, Do: "snooze", Until: start.Add(time.Hour)})
	if done.Cases != 5 || done.Done != 5 || done.Refused != 0 || done.By != "agent/agent" {
		t.Fatalf("%+v", done)
	}
	left := b.list("?queue=billing")
	if len(left.Cases) != 1 || left.Cases[0].Author.Handle != "late" {
		t.Errorf("left awake: %+v", left.Cases)
	}
	f := b.full(b.list("?state=snoozed").Cases[0].ID)
	last := f.Story[len(f.Story)-1].Events
	if says := []string{last[0].Says, last[1].Says}; !slices.Equal(says, []string{"agent did this to 5 cases at once.", "agent put it to sleep."}) {
		t.Errorf("the story says %q", says)
	}
	var back BulkState
	b.post(auth.Agent, "/bulks/"+done.ID+"/undo", nil).want(200).into(&back)
	if back.Done != 5 || back.Undoes != done.ID || len(b.list("?queue=billing").Cases) != 6 {
		t.Errorf("taken back: %+v", back)
	}
	b.post(auth.Agent, "/bulks/"+done.ID+"/undo", nil).want(200).into(&back)
	if back.Done != 5 {
		t.Errorf("taken back again: %+v", back)
	}
	var again BulkState
	b.get(auth.Viewer, "/bulks/"+done.ID).want(200).into(&again)
	if again.Done != 5 || again.State != "done" {
		t.Errorf("read again: %+v", again)
	}
}

func TestSameBulkAgainChangesNothing(t *testing.T) {
	b := crowded(t, 3)
	order := BulkOrder{Matching: &CaseFilter{Queue: "billing"}, Do: "claim"}
	first := b.bulk(auth.Agent, order, "Idempotency-Key", "k")
	b.says("late", "late", "my bill is broken too")
	again := b.bulk(auth.Agent, order, "Idempotency-Key", "k")
	if first.ID != again.ID || again.Cases != 3 || len(b.list("?state=needs&assignee=agent").Cases) != 3 {
		t.Errorf("first %+v\nagain %+v", first, again)
	}
}

func TestBulkTellsWhyNot(t *testing.T) {
	b := crowded(t, 3)
	ids := b.list("?queue=billing").Cases
	b.post(auth.Lead, "/cases/"+string(ids[1].ID)+"/claim", nil).want(200)
	got := b.bulk(auth.Agent, BulkOrder{Cases: []string{string(ids[0].ID), fmt.Sprint(ids[1].Number), string(ids[0].ID)}, Do: "dismiss", Reason: "spam"})
	if got.Cases != 2 || got.Done != 1 || got.Refused != 1 || got.Refusals[0].Why != "lead has this case." || !slices.Equal(got.Refusals[0].Cases, []care.CaseID{ids[1].ID}) {
		t.Errorf("%+v", got)
	}
}

func TestBulkNeedsWhatTheActNeeds(t *testing.T) {
	b := crowded(t, 1)
	b.setup.Ends = []care.Disposition{{Code: "solved"}, {Code: "refunded", Fields: []string{"order"}}}
	all := &CaseFilter{Queue: "billing"}
	done := b.bulk(auth.Lead, BulkOrder{Matching: all, Do: "assign", To: "agent"})
	for _, r := range []struct {
		name   string
		role   auth.Role
		order  BulkOrder
		status int
	}{
		{"a viewer", auth.Viewer, BulkOrder{Matching: all, Do: "claim"}, 403},
		{"an agent assigns", auth.Agent, BulkOrder{Matching: all, Do: "assign", To: "lead"}, 403},
		{"nobody to assign to", auth.Lead, BulkOrder{Matching: all, Do: "assign", To: "ghost"}, 422},
		{"no such queue", auth.Agent, BulkOrder{Matching: all, Do: "requeue", Queue: "moon"}, 422},
		{"a time that has passed", auth.Agent, BulkOrder{Matching: all, Do: "snooze", Until: start.Add(-time.Hour)}, 422},
		{"no such end", auth.Agent, BulkOrder{Matching: all, Do: "resolve", Disposition: "eaten"}, 422},
		{"no reason", auth.Agent, BulkOrder{Matching: all, Do: "dismiss"}, 422},
		{"no such act", auth.Agent, BulkOrder{Matching: all, Do: "burn"}, 422},
		{"a tag nobody sees", auth.Agent, BulkOrder{Matching: all, Do: "tag", Add: []string{"a\u202eb"}}, 422},
		{"neither cases nor a filter", auth.Agent, BulkOrder{Do: "claim"}, 422},
		{"both", auth.Agent, BulkOrder{Cases: []string{"1"}, Matching: all, Do: "claim"}, 422},
		{"nothing matches", auth.Agent, BulkOrder{Matching: &CaseFilter{Queue: "care", Tag: "none"}, Do: "claim"}, 422},
		{"no such case", auth.Agent, BulkOrder{Cases: []string{"999999"}, Do: "claim"}, 404},
	} {
		t.Run(r.name, func(t *testing.T) { b.t = t; b.post(r.role, "/cases/bulk", r.order).want(r.status) })
	}
	b.t = t
	b.post(auth.Agent, "/bulks/"+done.ID+"/undo", nil).want(403) // it was the lead's
	b.post(auth.Lead, "/bulks/nothing/undo", nil).want(404)
	more := b.bulk(auth.Agent, BulkOrder{Matching: all, Do: "resolve", Disposition: "refunded"})
	if more.Refused != 1 {
		t.Errorf("an end that needs more was used for many: %+v", more)
	}
	b.post(auth.Agent, "/bulks/"+more.ID+"/undo", nil).want(409) // it changed nothing
}
