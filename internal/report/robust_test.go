package report_test

import (
	"bytes"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/report"
)

// A log of which parts are missing, or whose strangers tell impossible times, is
// shown as far as it goes.
func TestLogsWithHoles(t *testing.T) {
	for seed := range uint64(4) {
		h := randomStory(t, seed, 200)
		r := rand.New(rand.NewPCG(seed, 11))
		f := report.New(h.calendar)
		for _, e := range h.log {
			if r.IntN(3) > 0 {
				if err := f.Add(e.seq, e.stream, e.data); err != nil {
					t.Fatal(err)
				}
			}
		}
		odd := []time.Time{{}, time.Unix(-1e12, 0), time.Unix(1e12, 0), h.now}
		for i := range 40 {
			at, other := pick(r, odd), pick(r, odd)
			f.Apply(f.Position()+1, "case/odd", care.Record{At: h.now, By: "agent/ada", Events: []care.Event{pick(r, []care.Event{
				care.Opened{MentionRef: care.MentionRef{Mention: care.MentionID(rune('a' + i)), Author: "eve", PostedAt: at, SeenAt: other}},
				care.ReplySeen{Mention: "own", VisibleAt: at}, care.ReplySent{Reply: -1, VisibleAt: at},
				care.TargetSet{Target: care.NextResponse, StartAt: at, DueAt: other}, care.TargetSet{Target: "never heard of", DueAt: at},
				care.PromiseMade{Promise: i, DueAt: at}, care.PromiseKept{Promise: i - 1}, care.Resolved{}, care.Reopened{}, care.Unmerged{State: "resolved", Replied: odd},
				care.Absorbed{From: "odd", Mentions: []care.MentionRef{{Mention: "z", PostedAt: at}}}, care.Parted{Mentions: []care.MentionID{"z"}}, care.SplitOff{}, care.Unknown{Number: 999},
			})}})
		}
		if err := f.Add(f.Position()+1, "case/broken", []byte{1, 255, 255}); err == nil {
			t.Error("a record that can't be read was taken")
		}
		for _, by := range append(report.Dimensions(), report.ByNothing) {
			for _, q := range []report.Query{
				{By: by, Late: true, Imported: true, Working: true},
				{By: by, Late: true, From: time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC), To: time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), Clock: "desk"},
			} {
				for _, name := range report.Names() {
					page := made(t, f, name, q)
					for _, form := range report.Forms() {
						if err := page.Write(&bytes.Buffer{}, form); err != nil {
							t.Fatal(err)
						}
					}
				}
			}
		}
	}
}
