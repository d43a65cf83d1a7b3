package report_test

import (
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/report"
)

// tells adds a record of a stream that is no case's, at noon.
func (s *story) tells(stream string, events ...care.Event) {
	s.tellsAt(noon(s.t), stream, events...)
}

func (s *story) tellsAt(when time.Time, stream string, events ...care.Event) {
	s.at(when, func(at time.Time) {
		rec := care.Record{At: at, By: care.ByAgent("ada"), Events: events}
		s.log = append(s.log, entry{uint64(len(s.log) + 1), stream, rec.Encode()})
	})
	s.run(when)
}

// A case counts in the row of its known issues, of several in a row of theirs
// together; one that was taken out is in none.
func TestKnownIssues(t *testing.T) {
	s := sixty(t)
	from := len(s.log)
	link := func(k int) care.IssueLinked { return care.IssueLinked{Case: caseID(k), Why: "hand"} }
	s.tells("issue/i1", care.IssueOpened{Topic: "billing"}, link(1), link(2), link(3))
	s.tells("issue/i2", care.IssueOpened{Topic: "billing"}, link(3), link(4), link(4))
	s.tells("issue/i1", care.IssueUnlinked{Case: caseID(2)})
	s.tells("issue/i1", care.IssueUnlinked{Case: caseID(2)})
	one, two := "issue "+strconv.Itoa(from+1), "issue "+strconv.Itoa(from+2)
	f := s.fold()
	for label, want := range map[string][]care.CaseID{one: {caseID(1)}, two: {caseID(4)}, one + " + " + two: {caseID(3)}} {
		o, err := f.Open("topics", ofSixty(t), report.Ref{Table: "issues", Row: label, Column: "cases"})
		if err != nil || !slices.Equal(o.Cases, want) {
			t.Errorf("%s: %v %v, want %v", label, o.Cases, err, want)
		}
	}
	q := ofSixty(t)
	q.Only = map[report.Dimension]string{report.ByIssue: one}
	r := made(t, f, "response", q)
	if c, _ := cellOf(&r, report.Ref{Table: "first", Row: "all", Column: "cases"}); *c.Value != 1 {
		t.Errorf("%v cases of %s", *c.Value, one)
	}
}

// What was left out opens too.
func TestLeftOutOpens(t *testing.T) {
	f := sixty(t).fold()
	for column, want := range map[string][]care.CaseID{"late": {caseID(55), caseID(56)}, "imported": {caseID(57), caseID(58)}, "demo": {caseID(59)}} {
		o, err := f.Open("response", ofSixty(t), report.Ref{Table: "left_out", Row: "all", Column: column})
		if err != nil || !slices.Equal(o.Cases, want) || o.N != len(want) {
			t.Errorf("%s: %v %v, want %v", column, o, err, want)
		}
	}
}

// A span is compared with what was asked for.
func TestAgainst(t *testing.T) {
	f := sixty(t).fold()
	q := report.Query{From: march(t, 9, 0, 0), To: march(t, 16, 0, 0), Zone: berlin(t)}
	for against, want := range map[string]string{"": "2026-03-01", "before": "2026-03-01", "year": "2025-03-09", "none": ""} {
		q.Against = against
		r := made(t, f, "volume", q)
		if got := r.Before; (got == nil) != (want == "") || got != nil && got.From.Format("2006-01-02") != want {
			t.Errorf("against %q: %v, want from %s", against, got, want)
		}
		c, _ := cellOf(&r, report.Ref{Table: "cases", Row: "all", Column: "cases"})
		if has := c.Was != nil && *c.Was > 0; has != (against == "" || against == "before") {
			t.Errorf("against %q: was %v", against, c.Was)
		}
	}
}
