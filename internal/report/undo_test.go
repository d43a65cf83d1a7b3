package report_test

import (
	"bytes"
	"testing"

	"github.com/amends-care/amends/internal/care"
)

// A decision that was taken back counts as none: the figures are those of the
// same story without it.
func TestWhatWasTakenBackCountsAsNone(t *testing.T) {
	for _, act := range []care.BulkAct{
		{Do: "claim"}, {Do: "assign", To: "cara"}, {Do: "release"},
		{Do: "resolve", End: care.Disposition{Code: "solved"}}, {Do: "dismiss", Reason: care.NotAComplaint},
	} {
		t.Run(act.Do, func(t *testing.T) {
			h := randomStory(t, 11, 300)
			before := h.fold()
			undone := 0
			for _, id := range h.ids {
				b := care.Bulk{ID: "b", By: "agent/ada", Lead: true, Act: act, Cases: []care.CaseID{id}}
				events, err := b.Decide(h.now, h.cases[id])
				if err != nil || len(events) == 0 {
					continue
				}
				h.record(id, h.now, b.By, events...)
				back := care.Bulk{ID: "u", By: "agent/ada", Undoes: "b", Cases: b.Cases}
				if events, err = back.Decide(h.now, h.cases[id]); err != nil {
					t.Fatal(err)
				}
				h.record(id, h.now, b.By, events...)
				undone++
			}
			if undone == 0 {
				t.Fatal("nothing was done that could be undone")
			}
			for i, q := range questions(h.now) {
				if !bytes.Equal(bytesOf(t, h.fold(), q), bytesOf(t, before, q)) {
					t.Errorf("question %d: %d that were taken back give other figures", i, undone)
				}
			}
		})
	}
}
