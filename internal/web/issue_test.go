package web

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/auth"
	"github.com/amends-care/amends/internal/care"
)

// outage is a known issue with n cases, opened from a proposed group.
func (b *bench) outage(n int) IssueWritten {
	b.t.Helper()
	g := care.Alike{ID: "g1", Topic: "outage", Language: "en", Phrases: []string{"no internet"}, Purity: 0.9, From: start, To: start}
	for i := range n {
		b.says(fmt.Sprintf("person%d", i), fmt.Sprint("p", i), fmt.Sprintf("The internet in street %d is broken since noon", i))
	}
	for _, c := range b.cases() {
		g.Cases, g.Mentions = append(g.Cases, c.ID), append(g.Mentions, b.full(c.ID).To)
	}
	b.watching = care.Watching{Groups: []care.Alike{g}, Surges: []care.Surge{{Brand: "Larkfield", Topic: "outage", Since: start, Count: n, Usual: 0.4, Chance: 1e-6}}}
	var w IssueWritten
	b.post(auth.Agent, "/issues", NewIssue{Title: "No internet in Leeds", Know: "A cable", Group: "g1", NextAt: start.Add(time.Hour)}, "Idempotency-Key", "k1").want(200).into(&w)
	return w
}

func (b *bench) issue(id care.IssueID) (f IssueFull) {
	b.t.Helper()
	b.get(auth.Viewer, "/issues/"+string(id)).want(200).into(&f)
	return f
}

func TestAGroupBecomesAKnownIssue(t *testing.T) {
	b := staffed(t)
	w := b.outage(3)
	cookie := b.in(auth.Lead)
	b.browse(cookie, "GET", "/issues", nil).want(200).contains("Far more than usual", "No internet in Leeds", "say more by")
	var again IssueWritten
	b.post(auth.Agent, "/issues", NewIssue{Title: "No internet in Leeds", Know: "A cable", Group: "g1", NextAt: start.Add(time.Hour)}, "Idempotency-Key", "k1").want(200).into(&again)
	if again != w {
		t.Errorf("the same write made %+v, then %+v", w, again)
	}
	f := b.issue(w.Issue)
	if len(f.Cases) != 3 || f.Cases[0].Why != "group" || f.Topic != "outage" || f.Know != "A cable" || f.Owner != "agent" {
		t.Fatalf("%+v", f)
	}
	c := b.full(f.Cases[0].Case)
	if len(c.Issues) != 1 || c.Issues[0].Name != "No internet in Leeds" {
		t.Fatalf("the case's issues: %+v", c.Issues)
	}
	for act, n := range map[string]int{"unlink": 0, "link": 1} {
		b.post(auth.Agent, "/issues/"+string(w.Issue)+"/unlink", IssueCase{Case: string(c.ID)})
		b.post(auth.Agent, "/issues/"+string(w.Issue)+"/"+act, IssueCase{Case: string(c.ID)}).want(200)
		if got := len(b.full(c.ID).Issues); got != n {
			t.Errorf("%s: linked to %d issues, not %d", act, got, n)
		}
	}
	b.post(auth.Agent, "/issues", NewIssue{Title: "x", Group: "g2"}).wantProblem(404, "not_found")
	b.get(auth.Viewer, fmt.Sprintf("/issues/%d", f.Number)).want(200)
	b.get(auth.Viewer, "/issues/999999").wantProblem(404, "not_found")
}

func TestEverybodyGetsTheirOwnWordsOnce(t *testing.T) {
	b := staffed(t)
	w := b.outage(4)
	at := "/issues/" + string(w.Issue)
	cases := b.issue(w.Issue).Cases
	b.post(auth.Agent, "/cases/"+string(cases[0].Case)+"/contact/opt-out", Silence{Why: "told"}).want(200)
	b.post(auth.Agent, at+"/drafts", NewDrafts{Text: "Hi {nam}"}).wantProblem(422, "invalid")
	b.post(auth.Agent, at+"/drafts", NewDrafts{Text: "[Hi|Hello] {name}, you wrote “{detail}”. We are on it."}).want(200)
	st := b.issue(w.Issue).Steps[0]
	seen := map[string]bool{}
	for _, d := range st.Drafts {
		if d.Case == cases[0].Case {
			if d.State != care.DraftSkipped || d.Why != "opted_out" {
				t.Errorf("they asked for silence: %+v", d)
			}
			continue
		}
		if seen[d.Text] || !strings.Contains(d.Text, "The internet in street") || !strings.Contains(d.Text, "Person") && strings.Contains(d.Text, "{") {
			t.Errorf("draft %q", d.Text)
		}
		seen[d.Text] = true
	}
	other := st.Drafts[2]
	b.post(auth.Agent, at+"/redraft", Redraft{Step: 1, Case: string(st.Drafts[1].Case), Text: other.Text}).wantProblem(409, "conflict")
	b.post(auth.Agent, at+"/redraft", Redraft{Step: 1, Case: string(st.Drafts[1].Case), Text: "Quite another text"}).want(200)
	b.post(auth.Agent, at+"/approve", Approval{Step: 1, Looked: 3, PerMinute: 60}).wantProblem(403, "denied")
	b.post(auth.Lead, at+"/approve", Approval{Step: 1, Looked: 2, PerMinute: 60}).wantProblem(409, "conflict")
	b.browse(b.in(auth.Lead), "GET", at, nil).want(200).contains("I looked at all 3: send them", "Quite another text")
	b.post(auth.Lead, at+"/approve", Approval{Step: 1, Looked: 3, PerMinute: 60}).want(200)
	for range 8 {
		b.advance(time.Second)
		if err := b.desk.SendDue(t.Context(), b.view); err != nil {
			t.Fatal(err)
		}
		if err := b.view.WaitForAll(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	replies := 0
	for _, c := range b.cases() {
		f := b.full(c.ID)
		for _, r := range f.ReplyList {
			replies++
			if r.By != "agent/lead" || r.State != care.ReplyIsRequested {
				t.Errorf("reply %+v", r)
			}
		}
	}
	if replies != 3 {
		t.Errorf("%d replies for three customers", replies)
	}
	b.post(auth.Lead, at+"/close", IssueEnd{Why: "fixed"}).wantProblem(409, "conflict").contains("4 of those affected")
	b.post(auth.Lead, at+"/close", IssueEnd{Why: "no_issue"}).want(200)
	b.post(auth.Agent, at+"/say", IssueSaying{Know: "more"}).wantProblem(409, "conflict")
	b.post(auth.Lead, at+"/reopen", nil).want(200)
}

func TestTheIssuePageWorksWithoutScript(t *testing.T) {
	b := staffed(t)
	cookie := b.in(auth.Lead)
	b.says("ana", "1", "broken")
	number := fmt.Sprint(b.only().Number)
	b.browse(cookie, "GET", "/issues", nil).want(200).contains("No known issue.")
	a := b.send(cookie, "/issues", "/issues", "title", "Wrong bills", "cases", number)
	a.want(200).contains("Wrong bills", "Case "+number)
	var l IssueList
	b.get(auth.Viewer, "/issues").want(200).into(&l)
	at := "/issues/" + string(l.Issues[0].ID)
	b.send(cookie, at, at+"/say", "know", "We know it", "next_at", start.Add(time.Hour).Format(time.RFC3339)).want(200).contains("We know it", "in 1 h")
	b.send(cookie, at, at+"/say", "next_at", start.Add(-time.Hour).Format(time.RFC3339)).want(422).contains("still to come")
	b.send(cookie, at, at+"/drafts", "text", "[Hi|Hello] {name|there}", "then", "keep").want(200).contains("to be looked at")
	b.send(cookie, at, at+"/redraft", "text", "Hello Ana").want(200).contains("Hello Ana")
	b.send(cookie, at, at+"/skip").want(200).contains("skipped")
	b.send(cookie, at, at+"/unlink").want(200).contains("None yet.")
	b.send(cookie, at, at+"/close", "why", "no_issue").want(200).contains("it was none")
	b.advance(2 * time.Hour)
	b.get(auth.Viewer, "/queues").want(200)
	if got := english(t).until(start, b.clock()); got != "late by 2 h" {
		t.Errorf("%q", got)
	}
}
