package report_test

import (
	"testing"
	"time"

	"github.com/amends-care/amends/internal/report"
)

// surveyed is the sixty cases with answers: as many of each score as said.
func surveyed(t *testing.T, kind report.SurveyKind, asked int, scores map[int]int) *report.Fold {
	t.Helper()
	f := sixty(t).fold()
	k := 0
	take := func(s report.Survey) {
		k++
		s.Case, s.Kind, s.SentAt = caseID(k%40+1), kind, march(t, 10, 9, 0)
		if !f.Survey(s) {
			t.Fatalf("%+v was refused", s)
		}
	}
	for score, n := range scores {
		for range n {
			take(report.Survey{Answered: true, Score: score})
		}
	}
	for k < asked {
		take(report.Survey{})
	}
	return f
}

func TestSurveys(t *testing.T) {
	for _, v := range []struct {
		name        string
		kind        report.SurveyKind
		asked       int
		scores      map[int]int
		column      string
		want, share string
	}{
		{"csat", report.CSAT, 40, map[int]int{5: 6, 4: 2, 3: 1, 1: 1}, "csat", "80.0 % (49.0 % to 94.3 %)", "25.0 % (14.2 % to 40.2 %)"},
		{"csat of nobody", report.CSAT, 8, nil, "csat", "–", "0.0 % (0.0 % to 32.4 %)"},
		// 20 promoters, 10 passives and 10 detractors: (20 − 10)/40 = 25; √((0.75 − 0.0625)/40) = 0.1311.
		{"nps", report.NPS, 40, map[int]int{10: 20, 7: 5, 8: 5, 6: 5, 0: 5}, "nps", "+25.0 (−0.7 to +50.7)", "100.0 % (91.2 % to 100.0 %)"},
		{"nps of 29", report.NPS, 40, map[int]int{10: 29}, "nps", "–", "72.5 % (57.2 % to 83.9 %)"},
		{"ces", report.CES, 10, map[int]int{7: 2, 5: 1, 4: 1, 1: 1}, "ces", "60.0 % (23.1 % to 88.2 %)", "50.0 % (23.7 % to 76.3 %)"},
		{"ces, the mean of 24/5", report.CES, 5, map[int]int{7: 2, 5: 1, 4: 1, 1: 1}, "mean", "4.80", "100.0 % (56.6 % to 100.0 %)"},
	} {
		f := surveyed(t, v.kind, v.asked, v.scores)
		r := made(t, f, "voice", report.Query{From: march(t, 1, 0, 0)})
		for column, want := range map[string]string{v.column: v.want, "rate": v.share} {
			c, unit := cellOf(&r, report.Ref{Table: string(v.kind), Row: "all", Column: column})
			if got := c.Text(unit); got != want {
				t.Errorf("%s: %s is %s, not %s", v.name, column, got, want)
			}
		}
	}
}

func TestSurveysAreChecked(t *testing.T) {
	f := sixty(t).fold()
	for _, s := range []report.Survey{
		{Case: "nobody", Kind: report.CSAT}, {Case: "case-01", Kind: "mood"}, {Case: "case-01", Kind: report.CSAT, Answered: true, Score: 6},
		{Case: "case-01", Kind: report.CES, Answered: true}, {Case: "case-01", Kind: report.NPS, Answered: true, Score: -1},
	} {
		if s.SentAt = time.Now(); f.Survey(s) {
			t.Errorf("%+v was taken", s)
		}
	}
}
