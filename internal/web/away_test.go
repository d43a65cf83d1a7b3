package web

import (
	"net/url"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/auth"
	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/store"
)

// TestAwayAndBack: people say it of themselves, leads of anybody.
func TestAwayAndBack(t *testing.T) {
	b := staffed(t)
	me := func(role auth.Role) string {
		var m Me
		b.get(role, "/me").want(200).into(&m)
		return string(m.Name)
	}
	agent := me(auth.Agent)
	b.post(auth.Agent, "/me/away", Absence{Until: start.Add(-time.Hour)}).wantProblem(422, "invalid")
	b.post(auth.Agent, "/me/away", Absence{Cover: care.AgentID(agent)}).wantProblem(422, "invalid")
	b.post(auth.Lead, "/people/nobody/away", Absence{}).wantProblem(404, "not_found")
	for _, step := range []struct {
		role auth.Role
		path string
		body any
		away bool
	}{
		{auth.Agent, "/me/away", Absence{Until: start.Add(time.Hour)}, true},
		{auth.Lead, "/people/" + agent + "/back", nil, false},
		{auth.Lead, "/people/" + agent + "/away", Absence{}, true},
	} {
		var w Written
		b.post(step.role, step.path, step.body).want(200).into(&w)
		b.shown(w.Seq)
		all, err := b.view.Agents()
		if err != nil {
			t.Fatal(err)
		}
		g := all[care.AgentID(agent)]
		if got := g.AwayAt(start); got != step.away {
			t.Errorf("%s: away %v", step.path, got)
		}
		if g.AwayAt(start.Add(2*time.Hour)) != (step.away && g.Until.IsZero()) {
			t.Errorf("%s: two hours later: %+v", step.path, g)
		}
	}
}

// TestWhoLeavesPassesOn: open cases and open promises get another owner, also
// promises of cases that are over, and what was promised about known issues.
func TestWhoLeavesPassesOn(t *testing.T) {
	b := staffed(t)
	var me, lead Me
	b.get(auth.Agent, "/me").want(200).into(&me)
	b.get(auth.Lead, "/me").want(200).into(&lead)
	b.says("ana", "1", "it is broken")
	b.says("ben", "2", "it is broken too")
	b.says("cleo", "3", "and mine is broken")
	rows := b.cases()
	for i, r := range rows {
		path := "/cases/" + string(r.ID)
		role := auth.Agent
		if i == 2 {
			role = auth.Lead
		}
		b.post(role, path+"/claim", nil).want(200)
		if i == 1 {
			b.post(role, path+"/promises", NewPromise{Text: "a call", Due: start.Add(5 * time.Hour)}).want(200)
			b.post(role, path+"/resolve", map[string]any{"disposition": "solved"}).want(200)
		}
	}
	var theirs, others IssueWritten
	b.post(auth.Agent, "/issues", NewIssue{Title: "No internet", NextAt: start.Add(time.Hour)}).want(200).into(&theirs)
	b.post(auth.Lead, "/issues", NewIssue{Title: "Wrong bills", NextAt: start.Add(time.Hour)}).want(200).into(&others)
	b.shown(b.last())
	var p Passed
	b.post(auth.Lead, "/people/"+string(me.Name)+"/pass-on", NewOwner{To: lead.Name}).want(200).into(&p)
	if p.Cases != 2 || p.Issues != 1 {
		t.Errorf("%d cases and %d known issues moved, want 2 and 1", p.Cases, p.Issues)
	}
	if i := b.issue(theirs.Issue); i.Owner != lead.Name || !i.NextAt.Equal(start.Add(time.Hour)) || i.Kept+i.Late != 0 {
		t.Errorf("what was promised is %s's: %+v", i.Owner, i)
	}
	b.shown(b.last())
	for i, r := range rows {
		c := b.full(r.ID)
		if i != 1 && c.Assignee != lead.Name {
			t.Errorf("case %d is %s's", i, c.Assignee)
		}
		for _, pr := range c.PromiseList {
			if pr.Owner != lead.Name {
				t.Errorf("the promise is %s's", pr.Owner)
			}
		}
	}
}

// last is the end of the log.
func (b *bench) last() store.Seq {
	b.t.Helper()
	seq, err := store.Last(b.t.Context(), b.st)
	if err != nil {
		b.t.Fatal(err)
	}
	return seq
}

// Somebody says on their page that they are away, whom their work goes to, and
// that they are back; a lead says it of others.
func TestAwayOnPages(t *testing.T) {
	b, at := opened(t)
	b.post(auth.Agent, at+"/claim", nil).want(200)
	me, lead := b.in(auth.Agent), b.in(auth.Lead)
	b.send(me, "/me", "/me/away", "back_on", "the 30th of May").want(422).contains("no day of the calendar")
	b.send(me, "/me", "/me/away", "back_on", "2026-12-24", "cover", "lead").want(200).contains("You are away until")
	if f := b.only(); f.Assignee != "lead" {
		t.Fatalf("the case is with %q", f.Assignee)
	}
	b.send(me, "/me", "/me/back").want(200).contains("I am away from now on")
	b.send(lead, "/people", "/people/agent/away").want(200).contains("Is back")
	b.get(auth.Viewer, "/people").want(200).contains(`"away":true`)
	b.send(lead, "/people", "/people/agent/back").want(200)
	b.send(lead, "/people", "/people/lead/pass-on", "to", "agent").want(200).lacks(`name="display"`)
	if f := b.only(); f.Assignee != "agent" {
		t.Fatalf("the case is with %q", f.Assignee)
	}
}

// Everybody says how they are called; administrators say it of anybody.
func TestNamesOnPages(t *testing.T) {
	b := staffed(t)
	b.send(b.in(auth.Agent), "/me", "/me/name", "display", "Ada  Lane").want(200).contains(`value="Ada Lane"`)
	b.send(b.in(auth.Admin), "/people", "/people/agent", "display", "Ada L.").want(200).contains("Ada L.")
	b.browse(b.in(auth.Lead), "POST", "/people/agent", url.Values{"display": {"Bob"}}).want(403)
}
