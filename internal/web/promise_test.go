package web

import (
	"fmt"
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

// A reply that was taken back promised nothing, and the story says so.
func TestAReplyTakesItsPromisesWithIt(t *testing.T) {
	b, at := opened(t)
	due := start.Add(24 * time.Hour)
	b.post(auth.Agent, at+"/promises", NewPromise{Text: "A call.", Due: due}).want(200)
	b.post(auth.Agent, at+"/reply", NewReply{Text: "I write by tomorrow.", Promises: []NewPromise{{Text: "I write by tomorrow.", Due: due}}}).want(200)
	f := b.only()
	if len(f.PromiseList) != 2 {
		t.Fatalf("%+v", f.PromiseList)
	}
	b.post(auth.Agent, fmt.Sprintf("%s/replies/%d/undo", at, f.ReplyList[0].N), nil).want(200)
	f = b.only()
	if len(f.PromiseList) != 1 || f.PromiseList[0].Text != "A call." {
		t.Errorf("%+v", f.PromiseList)
	}
	last := f.Story[len(f.Story)-1].Events
	if says := last[0].Says; says != "agent took the reply back before it was sent. So what it promised was not promised." {
		t.Errorf("the story says %q", says)
	}
}

// A promise is at risk for a quarter of its time before it is due.
func TestAPromiseWarnsBeforeItIsDue(t *testing.T) {
	b, at := opened(t)
	due := start.Add(24 * time.Hour)
	b.post(auth.Agent, at+"/promises", NewPromise{Text: "We write by tomorrow.", What: "write", Due: due}).want(200)
	if p := b.only().PromiseList; len(p) != 1 || !p[0].DueAt.Equal(due) || !p[0].AtRisk.Equal(due.Add(-6*time.Hour)) {
		t.Fatalf("%+v", p)
	}
}
