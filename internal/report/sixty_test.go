package report_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
)

// berlin is the desk's zone.
func berlin(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func march(t testing.TB, day, hour, minute int) time.Time {
	t.Helper()
	return time.Date(2026, time.March, day, hour, minute, 0, 0, berlin(t))
}

// noon is when the sixty cases are looked at: Monday 20 April 2026, 12:00.
func noon(t testing.TB) time.Time {
	t.Helper()
	return time.Date(2026, time.April, 20, 12, 0, 0, 0, berlin(t))
}

// sixty is the history of docs/metrics.md, case by case. The names of its
// parts are those of the document.
func sixty(t testing.TB) *story {
	s := newStory(t, office(), standard())
	for k := 1; k <= 40; k++ {
		answeredCase(s, t, k)
	}
	comingBack(s, t)
	promising(s, t)
	teamwork(s, t)
	withoutAnswer(s, t)
	leftOut(s, t)
	s.run(noon(t))
	s.at(noon(t), func(now time.Time) { // the last record of the log
		s.record("case-40", now, care.ByAgent("ada"), s.must(s.cases["case-40"].Tag([]string{"seen"}, nil))...)
	})
	s.run(noon(t))
	return s
}

func caseID(k int) care.CaseID { return care.CaseID(fmt.Sprintf("case-%02d", k)) }

// posted is when case k of the forty began: eight a day from Monday 2 March, every
// half hour from nine.
func posted(t testing.TB, k int) time.Time {
	return march(t, 2+(k-1)/8, 9, 0).Add(time.Duration((k-1)%8) * 30 * time.Minute)
}

// who is the agent of case k: ada has the odd ones, bob the even ones.
func who(k int) care.AgentID {
	if k%2 == 1 {
		return "ada"
	}
	return "bob"
}

// ordinary is what the customer of case k wrote.
func ordinary(k int) post {
	p := post{
		author: fmt.Sprintf("author-%02d", k), network: "bluesky", source: "bluesky", language: "en", topic: "delivery",
		severity: care.Low, queue: "delivery", lag: 20 * time.Second,
	}
	if k%2 == 0 {
		p.network, p.source, p.lag = "mastodon", "mastodon", 40*time.Second
	}
	if k <= 24 {
		p.topic, p.queue = "billing", "billing"
	}
	if k <= 10 {
		p.severity = care.High
	}
	switch k {
	case 39:
		p.author = "author-31"
	case 40:
		p.byHand, p.unflagged = true, true
	}
	return p
}

// answeredCase: case k is answered after k minutes and resolved after three hours.
func answeredCase(s *story, t testing.TB, k int) {
	id, at := caseID(k), posted(t, k)
	s.opens(id, at, ordinary(k))
	s.replies(id, who(k), at.Add(time.Duration(k)*time.Minute))
	disposition, by := "solved", who(k)
	switch k {
	case 22:
		by = "cara" // see teamwork
	case 32, 33:
		disposition = "unreachable"
	}
	s.resolves(id, by, at.Add(3*time.Hour), disposition)
}

// comingBack: the customers of cases 1 to 10 write again.
func comingBack(s *story, t testing.TB) {
	for k := 1; k <= 8; k++ { // an hour after they first did
		id, at := caseID(k), posted(t, k).Add(time.Hour)
		p := ordinary(k)
		p.praise, p.unflagged = k == 1, k == 1 || k >= 5
		s.writes(id, 2, at, p)
		switch {
		case k <= 6:
			s.replies(id, who(k), at.Add(time.Duration(10*k)*time.Minute))
		case k == 8:
			s.writes(id, 3, at.Add(10*time.Minute), p)
			s.replies(id, who(k), at.Add(30*time.Minute))
		}
	}
	for k := 9; k <= 10; k++ { // the next day, on the resolved case
		id, at := caseID(k), posted(t, k).AddDate(0, 0, 1)
		p := ordinary(k)
		p.unflagged = k == 9
		s.writes(id, 2, at, p)
		s.replies(id, who(k), at.Add(15*time.Minute))
	}
	s.resolves(caseID(9), "ada", posted(t, 9).Add(27*time.Hour), "solved")
}

// promising: with the answer of cases 11 to 20 goes a promise, due the next
// day at ten.
func promising(s *story, t testing.TB) {
	for k := 11; k <= 20; k++ {
		id, by := caseID(k), who(k)
		made := posted(t, k).Add(time.Duration(k) * time.Minute)
		y, m, d := made.Date()
		due := time.Date(y, m, d+1, 10, 0, 0, 0, berlin(t))
		if k == 20 {
			due = time.Date(2026, time.May, 10, 10, 0, 0, 0, berlin(t))
		}
		s.acts(id, by, made, func(c *care.Case, now time.Time) ([]care.Event, error) {
			return c.MakePromise(by, c.NextText(), now, due, "call")
		})
		keep := func(at time.Time) {
			s.acts(id, by, at, func(c *care.Case, _ time.Time) ([]care.Event, error) { return c.KeepPromise(c.Promises[0].N) })
		}
		switch {
		case k <= 15:
			keep(due.Add(-time.Hour))
		case k <= 17: // the customer hears of the day after, an hour before
			s.acts(id, by, due.Add(-time.Hour), func(c *care.Case, now time.Time) ([]care.Event, error) {
				return c.Renegotiate(c.Promises[0].N, now, due.AddDate(0, 0, 1), true)
			})
			keep(due.Add(20 * time.Hour))
		case k == 18:
			keep(due.Add(time.Hour))
		}
	}
}

// teamwork: cara notes in a case of ada's, and bob hands her one of his. Cases
// 23 to 25 are confirmed as complaints; a missed and a passed mention are found.
func teamwork(s *story, t testing.TB) {
	s.acts(caseID(21), "cara", posted(t, 21).Add(time.Hour), func(c *care.Case, _ time.Time) ([]care.Event, error) { return c.Note(c.NextText()) })
	s.acts(caseID(22), "bob", posted(t, 22).Add(time.Hour), func(c *care.Case, _ time.Time) ([]care.Event, error) {
		return c.HandOff("bob", "cara", c.NextText())
	})
	review := func(k, n int, complaint bool, by care.AgentID) {
		s.acts(caseID(k), by, posted(t, k).Add(4*time.Hour), func(c *care.Case, _ time.Time) ([]care.Event, error) {
			return c.Review(c.Mentions[n-1].Mention, complaint)
		})
	}
	review(23, 1, true, "ada")
	review(24, 1, true, "bob")
	review(25, 1, true, "ada")
	review(8, 3, true, "bob")
	review(1, 2, false, "ada")
}

// withoutAnswer: cases 41 to 47.
func withoutAnswer(s *story, t testing.TB) {
	p := post{network: "bluesky", source: "bluesky", language: "en", topic: "delivery", queue: "delivery", severity: care.Low, lag: 20 * time.Second}
	open := func(k int, at time.Time, severity care.Severity) {
		q := p
		q.author, q.severity = fmt.Sprintf("author-%02d", k), severity
		s.opens(caseID(k), at, q)
	}
	for i, minutes := range []int{10, 20, 29} { // they wait at noon
		open(41+i, noon(t).Add(-time.Duration(minutes)*time.Minute), care.Low)
	}
	friday := march(t, 6, 13, 0)
	open(44, friday, care.High) // nobody ever looked; the customer complains again on Monday
	again := p
	again.author, again.severity = "author-44", care.High
	s.writes(caseID(44), 2, march(t, 9, 13, 0), again)
	for k := 45; k <= 46; k++ { // closed without an answer after four hours
		open(k, march(t, 5, 13, 0), care.Low)
		s.resolves(caseID(k), "bob", march(t, 5, 17, 0), "solved")
	}
	open(47, friday, care.Low) // the customer takes it back after a quarter of an hour
	s.at(friday.Add(15*time.Minute), func(now time.Time) {
		s.record(caseID(47), now, care.ByIntake, s.cases[caseID(47)].DeleteMention("case-47.1")...)
	})
}

// leftOut: cases 48 to 60.
func leftOut(s *story, t testing.TB) {
	p := post{network: "bluesky", source: "bluesky", language: "de", topic: "other", queue: "delivery", severity: care.Low, lag: 20 * time.Second}
	at := march(t, 4, 14, 0)
	open := func(k int, change func(*post)) {
		q := p
		q.author = fmt.Sprintf("author-%02d", k)
		if change != nil {
			change(&q)
		}
		s.opens(caseID(k), at, q)
	}
	for i, reason := range []string{care.NotAComplaint, care.NotAComplaint, care.NotAComplaint, "spam", "spam", "not_about_us", "duplicate"} {
		k := 48 + i // dismissed after half an hour
		open(k, nil)
		s.acts(caseID(k), "ada", at.Add(30*time.Minute), func(c *care.Case, _ time.Time) ([]care.Event, error) { return c.Dismiss("ada", reason) })
	}
	for k := 55; k <= 56; k++ {
		open(k, func(q *post) { q.late, q.lag = true, 30*time.Hour })
	}
	for k := 57; k <= 58; k++ {
		open(k, func(q *post) { q.source = "import" })
	}
	open(59, func(q *post) { q.source = "demo" })
	open(60, func(q *post) { q.author = "author-24" }) // a second account of the matter: merged into case 24
	s.at(at.Add(time.Minute), func(now time.Time) {
		change, err := care.Merge(s.cases[caseID(24)], s.cases[caseID(60)], "bob")
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range change.Cases {
			s.record(c.Case, now, care.ByAgent("bob"), c.Events...)
		}
	})
}
