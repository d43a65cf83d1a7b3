package report_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/report"
)

// figure is one number of a story, as people read it.
func figure(t *testing.T, s *story, q report.Query, page, table, column string) string {
	t.Helper()
	if q.From.IsZero() {
		q.From, q.To = march(t, 1, 0, 0), march(t, 29, 0, 0)
	}
	q.Zone = berlin(t)
	r := made(t, s.fold(), page, q)
	cell, unit := cellOf(&r, report.Ref{Table: table, Row: "all", Column: column})
	if cell == nil {
		t.Fatalf("there is no %s/%s/%s", page, table, column)
	}
	return unit.Text(cell.Value)
}

func expect(t *testing.T, s *story, q report.Query, want map[[3]string]string) {
	t.Helper()
	for at, value := range want {
		if got := figure(t, s, q, at[0], at[1], at[2]); got != value {
			t.Errorf("%s/%s/%s is %s, not %s", at[0], at[1], at[2], got, value)
		}
	}
}

func ana() post { return post{author: "ana", network: "bluesky", source: "bluesky", topic: "billing"} }

func TestTwoRepliesWithinASecond(t *testing.T) {
	s := newStory(t, office(), standard())
	at := march(t, 2, 9, 0)
	s.opens("c1", at, ana())
	s.replies("c1", "ada", at.Add(10*time.Minute))
	s.at(at.Add(10*time.Minute+400*time.Millisecond), func(now time.Time) { // on the network itself
		s.record("c1", now, care.ByIntake, s.cases["c1"].ReplyWasSeen(care.ReplySeen{Mention: "own", To: "c1.1", VisibleAt: now})...)
	})
	s.run(march(t, 2, 17, 0))
	expect(t, s, report.Query{AsOf: march(t, 2, 17, 0)}, map[[3]string]string{
		{"response", "first", "answered"}:         "1",
		{"response", "first", "median"}:           "10 min",
		{"response", "next", "waits"}:             "0",
		{"response", "sla_first_response", "met"}: "1",
		{"volume", "replies", "replies"}:          "2",
	})
}

func TestReplySeenAfterTheDeadlineWasVisibleBefore(t *testing.T) {
	s := newStory(t, office(), standard())
	at := march(t, 2, 9, 0)
	due := at.Add(30 * time.Minute)
	s.opens("c1", at, ana())
	s.at(due.Add(5*time.Minute), func(now time.Time) {
		s.record("c1", now, care.ByIntake, s.cases["c1"].ReplyWasSeen(care.ReplySeen{Mention: "own", To: "c1.1", VisibleAt: due.Add(-time.Second)})...)
	})
	s.run(due.Add(time.Minute))
	if first := s.cases["c1"].Target(care.FirstResponse); first.BreachedAt.IsZero() && first.State != care.TargetIsMet {
		t.Fatal("the clock did not look in between")
	}
	expect(t, s, report.Query{}, map[[3]string]string{
		{"response", "first", "median"}:              "29 min 59 s",
		{"response", "first", "within"}:              "100.0 %",
		{"response", "sla_first_response", "missed"}: "0",
	})
}

func TestReopenedCaseKeepsItsFirstResponseTime(t *testing.T) {
	s := newStory(t, office(), standard())
	at := march(t, 2, 9, 0)
	s.opens("c1", at, ana())
	s.replies("c1", "ada", at.Add(12*time.Minute))
	s.resolves("c1", "ada", at.Add(time.Hour), "solved")
	s.writes("c1", 2, march(t, 4, 9, 0), ana())
	s.replies("c1", "ada", march(t, 4, 11, 0))
	s.run(march(t, 4, 12, 0))
	expect(t, s, report.Query{}, map[[3]string]string{
		{"response", "first", "cases"}:              "1",
		{"response", "first", "median"}:             "12 min",
		{"response", "sla_first_response", "due"}:   "1",
		{"response", "next", "median"}:              "2 h",
		{"response", "sla_next_response", "missed"}: "1",
		{"response", "resolution", "first_median"}:  "1 h",
		{"response", "resolution", "full_median"}:   "–",
		{"response", "resolution", "reopenings"}:    "1",
		{"voice", "fcr", "too_early"}:               "1",
	})
}

// Wall time is what the customer waited; working time is what the team had.
func TestWorkingTime(t *testing.T) {
	s := newStory(t, office(), standard())
	friday := march(t, 6, 16, 45)
	p := ana()
	p.lag = 5 * time.Minute
	s.opens("c1", friday, p)
	s.replies("c1", "ada", march(t, 9, 9, 10))
	s.run(march(t, 9, 10, 0))
	for _, v := range []struct {
		q    report.Query
		want string
	}{
		{report.Query{}, "2 d 16 h"},
		{report.Query{Working: true}, "25 min"},
		{report.Query{Working: true, Clock: "desk"}, "20 min"},
	} {
		expect(t, s, v.q, map[[3]string]string{{"response", "first", "median"}: v.want, {"response", "first", "within"}: "100.0 %"})
	}
}

// A scan that is late records the deadline's own instant, and the miss counts
// in the span of the deadline.
func TestLateScan(t *testing.T) {
	s := newStory(t, office(), standard())
	s.opens("c1", march(t, 2, 16, 15), ana()) // due at 16:45
	s.run(march(t, 2, 16, 20))
	s.record("c1", march(t, 3, 9, 30), care.ByClock)
	monday := report.Query{From: march(t, 2, 0, 0), To: march(t, 3, 0, 0)}
	expect(t, s, monday, map[[3]string]string{{"response", "sla_first_response", "missed"}: "1"})
}

func TestReplyAndWaitInOneAction(t *testing.T) {
	s := newStory(t, office(), standard())
	at := march(t, 2, 9, 0)
	s.opens("c1", at, ana())
	s.at(at.Add(7*time.Minute), func(now time.Time) {
		s.record("c1", now, care.ByAgent("ada"), s.must(s.cases["c1"].RequestReply("ada", care.ReplyRequested{Reply: 1, To: "c1.1", Key: "k", NotBefore: now, Then: care.ThenAwait}))...)
		s.record("c1", now, care.ByOutbox, s.cases["c1"].AttemptReply(1, now, now)...)
		s.record("c1", now, care.ByOutbox, s.cases["c1"].ReplyWasSent(1, now, now, false)...)
	})
	s.run(at.Add(time.Hour))
	expect(t, s, report.Query{}, map[[3]string]string{
		{"response", "first", "median"}: "7 min", {"response", "first", "within"}: "100.0 %", {"now", "open", "awaiting"}: "1",
	})
}

// An old case that nobody answered can't be made young by merging it.
func TestMergingHidesNoWait(t *testing.T) {
	s := newStory(t, office(), standard())
	s.opens("old", march(t, 2, 9, 0), ana())
	s.opens("new", march(t, 4, 9, 0), ana())
	s.at(march(t, 4, 9, 5), func(now time.Time) {
		change, err := care.Merge(s.cases["new"], s.cases["old"], "ada")
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range change.Cases {
			s.record(c.Case, now, care.ByAgent("ada"), c.Events...)
		}
	})
	s.replies("new", "ada", march(t, 4, 9, 10))
	s.run(march(t, 4, 10, 0))
	expect(t, s, report.Query{}, map[[3]string]string{
		{"response", "first", "cases"}: "1", {"response", "first", "median"}: "2 d", {"response", "first", "within"}: "0.0 %",
	})
}

// An erased customer changes no figure: nothing but the log was read, and what
// an erasure adds to it says nothing to a report.
func TestErasureChangesNoFigure(t *testing.T) {
	s := sixty(t)
	q := report.Query{From: march(t, 1, 0, 0), AsOf: noon(t), By: report.ByTopic, Zone: berlin(t)}
	before := bytesOf(t, s.fold(), q)
	f := s.fold()
	seq := f.Position()
	for _, gone := range []struct {
		stream string
		event  care.Event
	}{
		{"erased/author-07", care.Erased{Author: "author-07", Mentions: []care.MentionID{"case-07.1", "case-07.2"}, Cases: []care.CaseID{"case-07"}}},
		{"case/case-07", care.Erased{Author: "author-07"}},
		{"case/case-08", care.Expired{Case: "case-08"}},
	} {
		seq++
		r := care.Record{At: noon(t), By: "cli/root", Events: []care.Event{gone.event}}
		if err := f.Add(seq, gone.stream, r.Encode()); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(before, bytesOf(t, f, q)) {
		t.Error("an erasure changed a figure")
	}
}
