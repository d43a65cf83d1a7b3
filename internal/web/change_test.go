package web

import (
	"testing"
	"time"

	"github.com/amends-care/amends/internal/auth"
	"github.com/amends-care/amends/internal/care"
)

// sentReply is a case whose reply stands on the network.
func sentReply(t *testing.T) (*bench, string) {
	b, at := opened(t)
	b.post(auth.Agent, at+"/reply", NewReply{Text: "We are on ti.", Then: "keep"}).want(200)
	f := b.only()
	b.advance(time.Minute)
	for _, decide := range []func(time.Time, *care.Case) []care.Event{
		func(now time.Time, c *care.Case) []care.Event { return c.AttemptReply(1, now, now.Add(time.Minute)) },
		func(now time.Time, c *care.Case) []care.Event { return c.ReplyWasSent(1, now, now, false) },
	} {
		_, err := b.desk.Do(t.Context(), care.ByOutbox, "", []care.CaseID{f.ID}, func(now time.Time, cs []*care.Case) (care.Change, error) {
			return care.One(f.ID, decide(now, cs[0]), nil, care.KeptText{Case: f.ID, N: 1, Text: care.Text{Body: "We are on ti.", Sent: "r1"}})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return b, at
}

func TestASentReplyIsMended(t *testing.T) {
	b, at := sentReply(t)
	b.post(auth.Agent, at+"/replies/1/mend", Wording{Text: "We are on it."}).wantProblem(409, "conflict")
	b.mends, b.withdraws = true, true
	if r := b.only().ReplyList[0]; !r.CanMend || !r.CanWithdraw {
		t.Fatalf("%+v", r)
	}
	b.post(auth.Viewer, at+"/replies/1/mend", Wording{Text: "We are on it."}).wantProblem(403, "denied")
	b.post(auth.Agent, at+"/replies/1/mend", Wording{Text: "Hi {customer.name}"}).wantProblem(422, "invalid")
	b.post(auth.Agent, at+"/replies/9/mend", Wording{Text: "We are on it."}).wantProblem(404, "not_found")
	b.post(auth.Agent, at+"/replies/1/mend", Wording{Text: "We are on it."}).want(200)
	r := b.only().ReplyList[0]
	if r.Change == nil || r.Change.What != care.Mend || r.Change.State != care.ReplyIsRequested || r.Change.Text != "We are on it." || r.Text != "We are on ti." {
		t.Fatalf("%+v %+v", r, r.Change)
	}
	if ids, err := b.view.Unsent(r.Change.NotBefore, 9); err != nil || len(ids) != 1 {
		t.Fatalf("the outbox may do %v, %v", ids, err)
	}
	b.post(auth.Agent, at+"/replies/1/mend", Wording{Text: "Another."}).wantProblem(409, "conflict")
	b.post(auth.Agent, at+"/replies/1/undo", nil).want(200)
	b.post(auth.Lead, at+"/replies/1/mend", Wording{Text: "We are on it."}).want(200)
	b.do(func(_ time.Time, c *care.Case) []care.Event { return c.ChangeIsMade(1) })
	r = b.only().ReplyList[0]
	if r.Text != "We are on it." || r.Before != "We are on ti." || r.Change.State != care.ReplyIsSent {
		t.Fatalf("%+v %+v", r, r.Change)
	}
}

func TestASentReplyIsWithdrawn(t *testing.T) {
	b, at := sentReply(t)
	b.post(auth.Agent, at+"/replies/1/withdraw", nil).wantProblem(409, "conflict")
	b.withdraws = true
	b.post(auth.Agent, at+"/replies/1/withdraw", nil).want(200)
	b.do(func(_ time.Time, c *care.Case) []care.Event { return c.ChangeIsMade(1) })
	r := b.only().ReplyList[0]
	if !r.Withdrawn || r.CanWithdraw {
		t.Fatalf("%+v", r)
	}
	b.post(auth.Agent, at+"/replies/1/withdraw", nil).wantProblem(409, "conflict")
	if f := b.only(); f.FirstReply.IsZero() {
		t.Error("the customer was answered, and the figures say not")
	}
}

// What a lead has to approve is not smuggled in by changing what was sent.
func TestAMendedReplyNeedsTheSameEyes(t *testing.T) {
	b, at := sentReply(t)
	b.mends = true
	b.setup.Approvals = []care.ApprovalRule{{Name: "money", Amounts: true}}
	b.post(auth.Agent, at+"/replies/1/mend", Wording{Text: "You get 20 EUR."}).wantProblem(403, "denied")
	b.post(auth.Lead, at+"/replies/1/mend", Wording{Text: "You get 20 EUR."}).want(200)
	b.may = care.Permission{How: care.ByNone, Why: "They asked us not to."}
	b.post(auth.Agent, at+"/replies/1/undo", nil).wantProblem(409, "conflict")
	b.post(auth.Lead, at+"/replies/1/undo", nil).want(200)
	b.post(auth.Agent, at+"/replies/1/mend", Wording{Text: "Sorry."}).wantProblem(409, "conflict")
}

// do lets the outbox decide something about the only case.
func (b *bench) do(decide func(time.Time, *care.Case) []care.Event) {
	b.t.Helper()
	id := b.only().ID
	_, err := b.desk.Do(b.t.Context(), care.ByOutbox, "", []care.CaseID{id}, func(now time.Time, cs []*care.Case) (care.Change, error) {
		return care.One(id, decide(now, cs[0]), nil)
	})
	if err != nil {
		b.t.Fatal(err)
	}
}
