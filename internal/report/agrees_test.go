package report_test

import (
	"testing"

	"github.com/amends-care/amends/internal/care"
)

// What the fold knows of a case in a few bytes is what the case itself says,
// whatever happened to it.
func TestFactsAgreeWithTheCase(t *testing.T) {
	merges, waits, promises, withdrawn := 0, 0, 0, 0
	for seed := range uint64(60) {
		h := randomStory(t, seed, 400)
		f := h.fold()
		for _, id := range h.ids {
			c := h.cases[id]
			got, ok := f.Tell(id)
			if !ok {
				t.Fatalf("seed %d: %s is not known", seed, id)
			}
			if got.State != c.State || got.Assignee != c.Assignee && !c.State.Over() {
				t.Errorf("seed %d: %s is %s of %q, not %s of %q", seed, id, got.State, got.Assignee, c.State, c.Assignee)
			}
			if got.Promises != len(c.Promises) {
				t.Errorf("seed %d: %s: %d promises, not %d", seed, id, got.Promises, len(c.Promises))
			}
			promises += got.Unsaid
			if !got.FirstReplyAt.Equal(c.FirstReplyAt) {
				t.Errorf("seed %d: %s: first reply %v, not %v", seed, id, got.FirstReplyAt, c.FirstReplyAt)
			}
			if (c.State == care.StateResolved || c.State == care.StateDismissed) && c.BeforeMerge == "" && !got.EndedAt.Equal(c.ClosedAt) {
				t.Errorf("seed %d: %s: ended %v, not %v", seed, id, got.EndedAt, c.ClosedAt)
			}
			for _, target := range c.Targets {
				if got.Targets[target.Target] != string(target.State) || got.Ends[target.Target] != target.How {
					t.Errorf("seed %d: %s: %s is %s %s, not %s %s", seed, id, target.Target, got.Targets[target.Target], got.Ends[target.Target], target.State, target.How)
				}
				if target.State == care.TargetIsBroken && target.How == care.Withdrawn {
					withdrawn++
				}
			}
			if c.State == care.StateMerged {
				merges++
				continue
			}
			u := c.Unanswered()
			if wait := u != nil && !c.FirstReplyAt.IsZero() && !c.State.Over(); wait {
				waits++
				if !got.Waiting.Equal(u.PostedAt) {
					t.Errorf("seed %d: %s: waits since %v, not %v", seed, id, got.Waiting, u.PostedAt)
				}
			}
		}
		if t.Failed() {
			return
		}
	}
	if merges < 20 || waits < 50 || promises < 20 || withdrawn < 5 {
		t.Errorf("only %d merges, %d waits, %d promises that nobody said and %d broken targets that were withdrawn were tried", merges, waits, promises, withdrawn)
	}
}
