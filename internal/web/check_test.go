package web

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/auth"
	"github.com/amends-care/amends/internal/care"
)

func (b *bench) advice(at, text string) ReplyAdvice {
	b.t.Helper()
	var out ReplyAdvice
	b.post(auth.Agent, at+"/reply/check", ReplyToCheck{Text: text}).want(200).into(&out)
	return out
}

func (a ReplyAdvice) kinds() (out []string) {
	for _, x := range a.Advice {
		out = append(out, x.Kind)
	}
	return out
}

func TestAdviceBeforeSending(t *testing.T) {
	b, at := opened(t)
	b.Language = func(_ context.Context, text string) (string, float64) {
		if strings.Contains(text, "leid") {
			return "de", 0.95
		}
		return "en", 0.9
	}
	b.setup.Approvals = []care.ApprovalRule{{Name: "money", Amounts: true}}
	for text, want := range map[string][]string{
		"Hi {customer.name}":                                    {"placeholder"},
		"Write to ada@example.org":                              {"personal"},
		"What is your account number?":                          {"asks"},
		"Das tut mir leid, wir sehen uns das heute noch einmal": {"language"},
		"We are sorry for any inconvenience and look into it.":  {"unnamed"},
		"Your bill was broken, and I put it right by tonight.":  nil,
		"": nil,
	} {
		if got := b.advice(at, text).kinds(); !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
	if got := b.advice(at, "You get 20 EUR back."); got.Approval != "money" {
		t.Errorf("%+v", got)
	}
	var direct ReplyAdvice
	b.post(auth.Agent, at+"/reply/check", ReplyToCheck{Text: "Write to ada@example.org", Direct: true}).want(200).into(&direct)
	if len(direct.Advice) > 0 {
		t.Errorf("in a direct message: %+v", direct)
	}
}

func TestTheSameAgainIsNoticed(t *testing.T) {
	b, at := opened(t)
	const text = "I am sorry that the bill is broken. I am looking into it now and will write to you again within a day."
	b.post(auth.Agent, at+"/reply", NewReply{Text: text}).want(200)
	if got := b.advice(at, text).kinds(); len(got) > 0 {
		t.Fatalf("nobody has read it yet: %v", got)
	}
	b.advance(11 * time.Second)
	b.sent(at)
	a := b.advice(at, "Hello. "+text)
	if len(a.Advice) != 1 || a.Advice[0].Kind != "repeated" || a.Advice[0].Case != b.only().Number || a.Advice[0].At.IsZero() {
		t.Fatalf("%+v", a)
	}
}

func TestPersonalDetailsAreNotSentInPublic(t *testing.T) {
	b, at := opened(t)
	const text = "Call us on 0800 123 4567 about the bill."
	b.post(auth.Agent, at+"/reply", NewReply{Text: text}).wantProblem(422, "invalid")
	b.post(auth.Agent, at+"/reply", NewReply{Text: text, Direct: true}).want(200)
	b.post(auth.Agent, at+"/replies/1/undo", nil).want(200)
	b.post(auth.Agent, at+"/reply", NewReply{Text: text, Ours: true}).want(200)
}

func TestAReplyBringsItsPromises(t *testing.T) {
	b, at := opened(t)
	due := start.Add(24 * time.Hour)
	in := NewReply{Text: "I call you by tomorrow, and write today.", Promises: []NewPromise{{Text: "I call you by tomorrow", Due: due, What: "call"}, {Text: "write today", Due: start.Add(time.Hour)}}}
	bad := in
	bad.Promises = []NewPromise{in.Promises[0], {Text: "yesterday", Due: start.Add(-time.Hour)}}
	b.post(auth.Agent, at+"/reply", bad).wantProblem(422, "invalid")
	if f := b.only(); len(f.ReplyList) != 0 || len(f.PromiseList) != 0 {
		t.Fatalf("%d replies, %d promises", len(f.ReplyList), len(f.PromiseList))
	}
	b.post(auth.Agent, at+"/reply", in).want(200)
	got := b.only().PromiseList
	if len(got) != 2 || got[0].Text != "I call you by tomorrow" || !got[0].DueAt.Equal(due) || got[0].What != "call" || got[1].Text != "write today" || got[0].Owner != "agent" {
		t.Fatalf("%+v", got)
	}
}
