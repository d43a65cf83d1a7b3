package web

import (
	"net/url"
	"slices"
	"testing"

	"github.com/amends-care/amends/internal/auth"
)

// find searches once the index knows of all that the view shows.
func (b *bench) find(q string) (out SearchResult) {
	b.t.Helper()
	if err := b.index.Wait(b.t.Context(), b.view.Position()); err != nil {
		b.t.Fatal(err)
	}
	b.get(auth.Viewer, "/search?q="+url.QueryEscape(q)).want(200).into(&out)
	return out
}

func TestSearchTellsWhereItFound(t *testing.T) {
	b := staffed(t)
	b.says("ana", "1", "my kettle is <b>broken</b>")
	b.says("bo", "2", "the bill is broken")
	f := b.find("kettle broken")
	if len(f.Cases) != 1 || f.Cases[0].Case.Author.Handle != "ana" {
		t.Fatalf("%+v", f)
	}
	want := []Run{{Text: "my "}, {Text: "kettle", Mark: true}, {Text: " is <b>"}, {Text: "broken", Mark: true}, {Text: "</b>"}}
	if !slices.Equal(f.Cases[0].Snippet, want) {
		t.Errorf("snippet: %+v", f.Cases[0].Snippet)
	}
	if f = b.find("@bo"); len(f.Cases) != 1 || !f.Cases[0].Exact || len(f.People) != 1 {
		t.Errorf("by handle: %+v", f)
	}
}

// The filters of a search are those of the list, and a wrong one says so.
func TestSearchFilters(t *testing.T) {
	b := staffed(t)
	b.says("ana", "1", "my kettle is broken")
	b.says("bo", "2", "my kettle is broken too")
	rows := []struct {
		q    string
		want int
	}{
		{"kettle", 2}, {"kettle from:ana", 1}, {"kettle state:waiting", 2}, {"kettle state:resolved", 0}, {"kettle network:file", 2}, {"kettle network:x", 0},
		{"kettle queue:care", 2}, {"kettle before:2001-01-01", 0}, {"kettle after:2001-01-01", 2}, {"kettle has:promise", 0}, {"state:waiting", 2},
		{"left:past", 0}, {"kettle mood:furious", 0}, {"kettle issue:none", 0}, {`"kettle is" assignee:nobody`, 2}, {"kettle assignee:me", 0},
	}
	for _, r := range rows {
		if f := b.find(r.q); len(f.Cases) != r.want {
			t.Errorf("%s finds %d, want %d", r.q, len(f.Cases), r.want)
		}
	}
	for _, q := range []string{"colour:red", "state:lost", "after:yesterday", "severity:", "from:!", "mood:happy x"} {
		b.get(auth.Viewer, "/search?q="+url.QueryEscape(q)).wantProblem(422, "invalid")
	}
}

func TestSavedLists(t *testing.T) {
	b := staffed(t)
	b.says("ana", "1", "my kettle is broken")
	b.says("bo", "2", "my bill is broken")
	type body = map[string]any
	var mine, team SavedView
	b.post(auth.Agent, "/views", body{"name": "  New  ones ", "filters": body{"state": "waiting"}}).want(201).into(&mine)
	b.post(auth.Agent, "/views", body{"name": "All", "filters": body{"network": "x"}, "shared": true}).wantProblem(403, "denied")
	b.post(auth.Lead, "/views", body{"name": "Mine", "filters": body{"assignee": "me"}, "shared": true}).want(201).into(&team)
	b.post(auth.Agent, "/views", body{"name": "Bad", "filters": body{"mood": "happy"}}).wantProblem(422, "invalid")
	b.post(auth.Agent, "/views", body{"name": " ", "filters": body{}}).wantProblem(422, "invalid")
	if mine.Name != "New ones" || mine.Count != 2 {
		t.Fatalf("%+v", mine)
	}
	lists := func() (out SavedViewList) {
		b.get(auth.Agent, "/views").want(200).into(&out)
		return out
	}
	if l := lists().Views; len(l) != 2 || !l[0].Shared || l[0].Count != 0 || l[1].ID != mine.ID {
		t.Fatalf("%+v", l)
	}
	// A case is taken: both counts follow, each for whoever asks.
	b.post(auth.Agent, "/cases/"+string(b.cases()[0].ID)+"/claim", nil).want(200)
	b.shown(b.view.Position())
	if l := lists().Views; l[0].Count != 1 || l[1].Count != 1 {
		t.Errorf("%+v", l)
	}
	var second SavedView
	b.post(auth.Agent, "/views", body{"name": "Second", "filters": body{"has": "promise"}}).want(201).into(&second)
	b.as(auth.Agent, "PATCH", "/views/"+second.ID, `{"name":"First","place":0}`).want(200)
	if l := lists().Views; l[1].Name != "First" || l[2].ID != mine.ID {
		t.Errorf("%+v", l)
	}
	b.as(auth.Agent, "PATCH", "/views/"+team.ID+"?shared=true", `{"name":"x"}`).wantProblem(403, "denied")
	b.as(auth.Viewer, "DELETE", "/views/"+mine.ID, nil).wantProblem(404, "not_found") // somebody else's
	b.as(auth.Agent, "DELETE", "/views/"+mine.ID, nil).want(204)
	b.as(auth.Lead, "DELETE", "/views/"+team.ID+"?shared=true", nil).want(204)
	if l := lists().Views; len(l) != 1 || l[0].ID != second.ID {
		t.Errorf("%+v", l)
	}
}
