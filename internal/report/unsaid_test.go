package report_test

import (
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/report"
)

// What a reply promised that was never sent was never promised: it is due in no
// span, kept by nobody, and not still to come.
func TestWhatWasNeverSaidIsNoPromise(t *testing.T) {
	at := march(t, 2, 9, 0)
	for _, v := range []struct {
		name    string
		undone  bool
		promise string
	}{{"the reply stands", false, "1"}, {"the reply was undone", true, "0"}} {
		t.Run(v.name, func(t *testing.T) {
			s := newStory(t, office(), standard())
			for i, id := range []care.CaseID{"kept", "slipped", "to come"} {
				s.opens(id, at, ana())
				due := []time.Time{at.Add(time.Hour), at.Add(time.Hour), march(t, 3, 9, 0)}[i]
				s.at(at.Add(10*time.Minute), func(now time.Time) {
					asked := s.must(s.cases[id].RequestReply("ada", care.ReplyRequested{Reply: 1, To: s.cases[id].Mentions[0].Mention, Key: string(id), NotBefore: at.Add(3 * time.Hour), Then: care.ThenKeep}))
					s.record(id, now, care.ByAgent("ada"), append(asked, s.must(s.cases[id].PromiseIn(1, "ada", 2, now, due, "call"))...)...)
				})
			}
			s.acts("kept", "ada", at.Add(30*time.Minute), func(c *care.Case, _ time.Time) ([]care.Event, error) { return c.KeepPromise(2) })
			for _, id := range []care.CaseID{"kept", "slipped", "to come"} {
				if v.undone {
					s.acts(id, "ada", at.Add(2*time.Hour), func(c *care.Case, _ time.Time) ([]care.Event, error) { return c.UndoReply("ada", 1) })
				}
			}
			s.run(march(t, 2, 12, 0))
			expect(t, s, report.Query{AsOf: march(t, 2, 12, 0)}, map[[3]string]string{
				{"promises", "promises", "kept"}: v.promise, {"promises", "promises", "slipped"}: v.promise, {"promises", "to_come", "open"}: v.promise,
			})
		})
	}
}
