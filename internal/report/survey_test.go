package report_test

import (
	"fmt"
	"testing"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/report"
)

// surveyed is the sixty cases with answers: as many of each score as said.
func surveyed(t *testing.T, kind care.SurveyKind, asked int, scores map[int]int) *report.Fold {
	t.Helper()
	f := sixty(t).fold()
	at, k := march(t, 10, 9, 0), 0
	take := func(events ...care.Event) {
		k++
		stream := fmt.Sprintf("case/%s", caseID(k%40+1))
		f.Apply(f.Position()+1, stream, care.Record{At: at, By: care.ByClock, Events: append([]care.Event{
			care.ReplyRequested{Reply: 900 + k, Key: stream, Automatic: true}, care.SurveyAsked{Survey: k, Ask: kind, Reply: 900 + k},
			care.ReplySent{Reply: 900 + k, VisibleAt: at},
		}, events...)})
	}
	for score, n := range scores {
		for range n {
			take(care.SurveyAnswered{Survey: k + 1, Score: 1}, care.SurveyAnswered{Survey: k + 1, Score: score}) // the last counts
		}
	}
	for k < asked {
		take()
	}
	return f
}

func TestSurveys(t *testing.T) {
	for _, v := range []struct {
		name        string
		kind        care.SurveyKind
		asked       int
		scores      map[int]int
		column      string
		want, share string
	}{
		{"csat", care.CSAT, 40, map[int]int{5: 6, 4: 2, 3: 1, 1: 1}, "csat", "80.0 % (49.0 % to 94.3 %)", "25.0 % (14.2 % to 40.2 %)"},
		{"csat of nobody", care.CSAT, 8, nil, "csat", "–", "0.0 % (0.0 % to 32.4 %)"},
		// 20 promoters, 10 passives and 10 detractors: (20 − 10)/40 = 25; √((0.75 − 0.0625)/40) = 0.1311.
		{"nps", care.NPS, 40, map[int]int{10: 20, 7: 5, 8: 5, 6: 5, 0: 5}, "nps", "+25.0 (−0.7 to +50.7)", "100.0 % (91.2 % to 100.0 %)"},
		{"nps of 29", care.NPS, 40, map[int]int{10: 29}, "nps", "–", "72.5 % (57.2 % to 83.9 %)"},
		{"ces", care.CES, 10, map[int]int{7: 2, 5: 1, 4: 1, 1: 1}, "ces", "60.0 % (23.1 % to 88.2 %)", "50.0 % (23.7 % to 76.3 %)"},
		{"ces, the mean of 24/5", care.CES, 5, map[int]int{7: 2, 5: 1, 4: 1, 1: 1}, "mean", "4.80", "100.0 % (56.6 % to 100.0 %)"},
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

// A survey counts once it was sent, or was answered after all; what is no answer
// to it counts for nothing.
func TestWhatIsASurvey(t *testing.T) {
	at := march(t, 10, 9, 0)
	ask := care.SurveyAsked{Survey: 1, Ask: care.CSAT, Reply: 900}
	sent := care.ReplySent{Reply: 900, VisibleAt: at}
	for _, v := range []struct {
		name           string
		events         []care.Event
		asked, answers string
	}{
		{"asked for", []care.Event{ask}, "0", "0"},
		{"sent", []care.Event{ask, sent}, "1", "0"},
		{"another answer was sent", []care.Event{ask, care.ReplySent{Reply: 901, VisibleAt: at}}, "0", "0"},
		{"answered", []care.Event{ask, sent, care.SurveyAnswered{Survey: 1, Score: 4}}, "1", "1"},
		{"answered, though nobody knew that it arrived", []care.Event{ask, care.ReplyUnknown{Reply: 900}, care.SurveyAnswered{Survey: 1, Score: 4}}, "1", "1"},
		{"an answer to another", []care.Event{ask, sent, care.SurveyAnswered{Survey: 2, Score: 4}}, "1", "0"},
		{"a score that there is not", []care.Event{ask, sent, care.SurveyAnswered{Survey: 1, Score: 9}}, "1", "0"},
		{"a kind of tomorrow", []care.Event{care.SurveyAsked{Survey: 1, Ask: "mood", Reply: 900}, sent}, "–", "–"},
	} {
		f := sixty(t).fold()
		f.Apply(f.Position()+1, "case/"+string(caseID(1)), care.Record{At: at, Events: v.events})
		r := made(t, f, "voice", report.Query{From: march(t, 1, 0, 0)})
		for column, want := range map[string]string{"asked": v.asked, "answers": v.answers} {
			got := "–"
			if c, unit := cellOf(&r, report.Ref{Table: "csat", Row: "all", Column: column}); c != nil {
				got = c.Text(unit)
			}
			if got != want {
				t.Errorf("%s: %s is %s, not %s", v.name, column, got, want)
			}
		}
	}
}

// A survey is no answer of a person: it ends no wait.
func TestASurveyAnswersNobody(t *testing.T) {
	f := sixty(t).fold()
	q := report.Query{From: march(t, 1, 0, 0)}
	before := made(t, f, "response", q)
	at := march(t, 9, 12, 0)
	f.Apply(f.Position()+1, "case/"+string(caseID(44)), care.Record{At: at, By: care.ByClock, Events: []care.Event{
		care.ReplyRequested{Reply: 900, Key: "k", Automatic: true}, care.SurveyAsked{Survey: 1, Ask: care.CSAT, Reply: 900}, care.ReplySent{Reply: 900, VisibleAt: at},
	}})
	after := made(t, f, "response", q)
	for _, column := range []string{"answered", "waiting", "median"} {
		ref := report.Ref{Table: "first", Row: "all", Column: column}
		a, unit := cellOf(&before, ref)
		if b, _ := cellOf(&after, ref); a.Text(unit) != b.Text(unit) {
			t.Errorf("%s was %s and is %s", column, a.Text(unit), b.Text(unit))
		}
	}
}
