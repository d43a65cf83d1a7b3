package report_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/report"
	"github.com/amends-care/amends/internal/sla"
)

// A queue that grows: forty cases a day from nine to five, and people who answer
// the freshest first, forty-eight a day for two weeks and thirty a day then.
func growing(t *testing.T, weeks int) (s *story, answers map[care.CaseID]time.Duration) {
	s = newStory(t, office(), sla.Policy{Name: "standard", FirstResponse: time.Hour})
	answers = map[care.CaseID]time.Duration{}
	type open struct {
		id care.CaseID
		at time.Time
	}
	var waiting []open
	n := 0
	for day := range 7 * weeks {
		if day%7 > 4 {
			continue
		}
		nine := march(t, 2, 9, 0).AddDate(0, 0, day)
		every := 10 * time.Minute
		if day >= 14 {
			every = 16 * time.Minute
		}
		for next := range 480 { // the minutes of the day
			now := nine.Add(time.Duration(next) * time.Minute)
			if next%12 == 0 {
				n++
				id := care.CaseID(fmt.Sprintf("c%05d", n))
				s.opens(id, now, post{author: string(id), network: "bluesky", source: "bluesky", topic: "delivery"})
				waiting = append(waiting, open{id, now})
			}
			if now.Sub(nine)%every == every-time.Minute && len(waiting) > 0 {
				last := waiting[len(waiting)-1]
				waiting = waiting[:len(waiting)-1]
				s.replies(last.id, "ada", now)
				answers[last.id] = now.Sub(last.at)
			}
		}
	}
	return s, answers
}

// The plain average of answered cases, as other tools show it, stays calm while
// the queue grows; ours does not. docs/metrics.md has the table.
func TestAGrowingQueue(t *testing.T) {
	const weeks = 6
	var table strings.Builder
	for week := range weeks {
		s, answers := growing(t, week+1)
		monday := march(t, 2, 0, 0).AddDate(0, 0, 7*week)
		friday := monday.AddDate(0, 0, 4).Add(17 * time.Hour)
		s.run(friday)
		r, err := s.fold().Report("response", report.Query{From: monday, To: monday.AddDate(0, 0, 7), Zone: berlin(t), AsOf: friday})
		if err != nil {
			t.Fatal(err)
		}
		var sum time.Duration
		n := 0
		for id, took := range answers {
			if c := s.cases[id]; !c.OpenedAt.Before(monday) {
				sum += took
				n++
			}
		}
		now, err := s.fold().Report("now", report.Query{Zone: berlin(t), AsOf: friday})
		if err != nil {
			t.Fatal(err)
		}
		text := func(r *report.Report, table, column string) string {
			c, unit := cellOf(r, report.Ref{Table: table, Row: "all", Column: column})
			return unit.Text(c.Value)
		}
		fmt.Fprintf(&table, "| %d | %d | %s | %d min | %s | %s | %s |\n", week+1, n/5, text(&now, "open", "unanswered"),
			int((sum / time.Duration(n)).Round(time.Minute).Minutes()), text(&r, "first", "median"), text(&r, "first", "p90"), text(&r, "first", "within"))
	}
	doc, err := os.ReadFile("../../docs/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(doc), "<!-- growth -->\n")
	has, _, ok := strings.Cut(rest, "<!-- /growth -->")
	lines := strings.SplitAfterN(has, "\n", 3)
	if !ok || len(lines) < 3 || lines[2] != table.String() {
		t.Errorf("docs/metrics.md is to have these rows:\n%s", &table)
	}
}
