package report_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/report"
)

// A surge says how long it took until it was told, until it was over, and until
// it was a known issue, and opens the cases that came while it lasted.
func TestPastSurges(t *testing.T) {
	s := newStory(t, office(), standard())
	s.opens("case-01", march(t, 2, 17, 40), post{author: "ana", topic: "outage"}) // before it
	for i, id := range []care.CaseID{"case-02", "case-03", "case-04"} {
		s.opens(id, march(t, 2, 18, 5+i), post{author: string(id), topic: "outage"})
	}
	s.opens("case-05", march(t, 2, 18, 9), post{author: "eva", topic: "billing"})
	s.run(march(t, 2, 18, 10))
	s.tellsAt(march(t, 2, 18, 10), care.SurgesStream, care.SurgeBegan{Topic: "outage", Since: march(t, 2, 18, 0), Count: 3, Usual: 0.5})
	s.tellsAt(march(t, 2, 18, 25), "issue/i1", care.IssueOpened{Topic: "outage"}, care.IssueLinked{Case: "case-02", Why: "group"}, care.IssueLinked{Case: "case-03", Why: "group"})
	s.opens("case-06", march(t, 2, 20, 30), post{author: "fay", topic: "outage"}) // after it
	s.run(march(t, 2, 21, 0))
	s.tellsAt(march(t, 2, 21, 5), care.SurgesStream, care.SurgeEnded{Topic: "outage", Since: march(t, 2, 18, 0), Until: march(t, 2, 20, 0)})
	s.tellsAt(march(t, 2, 21, 30), care.SurgesStream, care.SurgeBegan{Topic: "billing", Since: march(t, 2, 21, 0), Count: 7})

	f := s.fold()
	q := report.Query{From: march(t, 2, 0, 0), To: march(t, 3, 0, 0), Zone: berlin(t)}
	r := made(t, f, "volume", q)
	for ref, want := range map[report.Ref]string{
		{Table: "surges", Row: "2026-03-02 18:00 outage", Column: "cases"}:        "3",
		{Table: "surges", Row: "2026-03-02 18:00 outage", Column: "told_after"}:   "10 min",
		{Table: "surges", Row: "2026-03-02 18:00 outage", Column: "lasted"}:       "2 h",
		{Table: "surges", Row: "2026-03-02 18:00 outage", Column: "issue_after"}:  "25 min",
		{Table: "surges", Row: "2026-03-02 18:00 outage", Column: "linked"}:       "2",
		{Table: "surges", Row: "2026-03-02 21:00 billing", Column: "issue_after"}: "–",
		{Table: "surges", Row: "2026-03-02 21:00 billing", Column: "lasted"}:      "–",
	} {
		cell, unit := cellOf(&r, ref)
		if cell == nil {
			t.Errorf("%s: there is none", ref)
		} else if got := cell.Text(unit); got != want {
			t.Errorf("%s: %s, want %s", ref, got, want)
		}
	}
	o, err := f.Open("volume", q, report.Ref{Table: "surges", Row: "2026-03-02 18:00 outage", Column: "issue_after"})
	if err != nil || len(o.Cases) != 3 || o.Cases[0] != "case-02" {
		t.Errorf("it opens %v, %v", o.Cases, err)
	}
}

// A case that fell into two surges is in the row of each, and in the whole once;
// every number opens just its cases.
func TestOverlappingSurges(t *testing.T) {
	s := newStory(t, office(), standard())
	for i, p := range []post{{author: "ana", topic: "outage", language: "de"}, {author: "bea", topic: "outage", language: "de"}, {author: "cy", topic: "outage", language: "en"}, {author: "dee", topic: "billing", language: "de"}} {
		s.opens(caseID(i+1), march(t, 2, 18, 5+i), p)
	}
	s.tellsAt(march(t, 2, 18, 10), care.SurgesStream, care.SurgeBegan{Topic: "outage", Since: march(t, 2, 18, 0), Count: 3}, care.SurgeBegan{Language: "de", Since: march(t, 2, 18, 0), Count: 3})
	s.tellsAt(march(t, 2, 18, 25), "issue/i1", care.IssueOpened{Topic: "outage"}, care.IssueLinked{Case: caseID(1)}, care.IssueLinked{Case: caseID(2)})
	s.run(march(t, 2, 20, 0))

	f := s.fold()
	q := report.Query{From: march(t, 2, 0, 0), To: march(t, 3, 0, 0), Zone: berlin(t)}
	r := made(t, f, "volume", q)
	for row, want := range map[string]struct {
		linked string
		cases  []care.CaseID
	}{
		"2026-03-02 18:00 outage": {"2", []care.CaseID{caseID(1), caseID(2), caseID(3)}},
		"2026-03-02 18:00 de":     {"2", []care.CaseID{caseID(1), caseID(2), caseID(4)}},
		"all":                     {"2", []care.CaseID{caseID(1), caseID(2), caseID(3), caseID(4)}},
	} {
		linked, unit := cellOf(&r, report.Ref{Table: "surges", Row: row, Column: "linked"})
		if linked == nil || linked.Text(unit) != want.linked {
			t.Errorf("%s: linked %v, want %s", row, linked, want.linked)
		}
		ref := report.Ref{Table: "surges", Row: row, Column: "cases"}
		count, unit := cellOf(&r, ref)
		o, err := f.Open("volume", q, ref)
		if err != nil || !slices.Equal(o.Cases, want.cases) || count == nil || count.Text(unit) != fmt.Sprint(len(want.cases)) {
			t.Errorf("%s: %v of %v, %v", row, count, o.Cases, err)
		}
	}
}

// What a source was charged is told for each mention and each complaint that it
// brought; where nothing was charged, that is said.
func TestCostBySource(t *testing.T) {
	s := newStory(t, office(), standard())
	at := march(t, 2, 9, 0)
	s.tellsAt(at, "source/x", care.SourceRead{New: 8, Flagged: 2}, care.SourceCharged{Micros: 40_000})
	s.tellsAt(at.Add(time.Hour), "source/x", care.SourceCharged{Micros: 5_000})
	s.tellsAt(at.Add(time.Hour), "source/feed", care.SourceRead{New: 3, Flagged: 1})
	s.tellsAt(at.AddDate(0, 0, 2), "source/x", care.SourceCharged{Micros: 999_000}) // of another day

	r := made(t, s.fold(), "volume", report.Query{From: march(t, 2, 0, 0), To: march(t, 3, 0, 0), Zone: berlin(t)})
	for ref, want := range map[report.Ref]string{
		{Table: "cost", Row: "x", Column: "spent"}:            "$0.0450",
		{Table: "cost", Row: "x", Column: "per_mention"}:      "$0.0056",
		{Table: "cost", Row: "x", Column: "per_complaint"}:    "$0.0225 *",
		{Table: "cost", Row: "feed", Column: "spent"}:         "$0.00",
		{Table: "cost", Row: "feed", Column: "per_complaint"}: "–",
		{Table: "cost", Row: "all", Column: "mentions"}:       "11",
	} {
		cell, unit := cellOf(&r, ref)
		if got := cell.Text(unit); got != want {
			t.Errorf("%s: %s, want %s", ref, got, want)
		}
		if ref.Row == "feed" && cell.Why == "" {
			t.Errorf("%s does not say why", ref)
		}
	}
}
