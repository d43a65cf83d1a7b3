package web

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/auth"
)

func TestPromisesAreProposedAndNotKept(t *testing.T) {
	b, at := opened(t)
	var found PromiseProposals
	b.post(auth.Agent, at+"/promises/find", Draft{Text: "We write by tomorrow.", Zone: "Europe/Berlin"}).want(200).into(&found)
	if len(found.Promises) != 1 || found.Promises[0].Text != "by tomorrow" || !found.Promises[0].Due.Equal(start.Add(24*time.Hour)) {
		t.Fatalf("%+v", found)
	}
	b.post(auth.Agent, at+"/promises/find", Draft{Text: "Thanks."}).want(200).into(&found)
	if len(found.Promises) != 0 || len(b.only().PromiseList) != 0 {
		t.Fatalf("%+v", found)
	}
	for _, zone := range []string{"Nowhere/At_All", "Local", "../../etc/passwd"} {
		b.post(auth.Agent, at+"/promises/find", Draft{Text: "x", Zone: zone}).wantProblem(422, "invalid")
	}
	b.post(auth.Agent, "/cases/9999/promises/find", Draft{Text: "x"}).wantProblem(404, "not_found")
}

// The page offers to track what the newest reply promises, until that is done.
func TestThePageOffersToTrackAPromise(t *testing.T) {
	b, at := opened(t)
	me := b.in(auth.Agent)
	b.post(auth.Agent, at+"/reply", NewReply{Text: "We write by tomorrow."}).want(200)
	b.browse(me, "GET", at, nil).want(200).contains("Keep track of it").contains("by tomorrow")
	due := start.Add(24 * time.Hour)
	b.browse(me, "POST", at+"/promises", url.Values{"text": {"by tomorrow"}, "what": {"write"}, "due": {due.Format(time.RFC3339)}}).want(303)
	b.shown(b.view.Position())
	f := b.only()
	if len(f.PromiseList) != 1 || !f.PromiseList[0].DueAt.Equal(due) || !f.PromiseList[0].AtRisk.Equal(due.Add(-6*time.Hour)) {
		t.Fatalf("%+v", f.PromiseList)
	}
	if strings.Contains(string(b.browse(me, "GET", at, nil).want(200).body), "Keep track of it") {
		t.Error("it is offered again")
	}
}
