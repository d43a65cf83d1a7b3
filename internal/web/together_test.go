package web

import (
	"strconv"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/auth"
	"github.com/amends-care/amends/internal/care"
)

func TestASensitiveReplyWaitsForALead(t *testing.T) {
	b, at := opened(t)
	b.setup.Approvals = []care.ApprovalRule{{Name: "money", Amounts: true}}
	var w Written
	b.post(auth.Agent, at+"/reply", NewReply{Text: "You get 20 EUR back."}).want(200).into(&w)
	if r := b.only().ReplyList[0]; r.Approval != "money" {
		t.Fatalf("%+v", r)
	}
	b.advance(time.Hour)
	if ids, err := b.view.Unsent(b.clock(), 9); err != nil || len(ids) != 0 {
		t.Fatalf("the outbox may send %v, %v", ids, err)
	}
	if n := len(b.list("?state=approve").Cases); n != 1 {
		t.Fatalf("%d to approve", n)
	}
	b.post(auth.Agent, at+"/replies/1/approve", nil).wantProblem(403, "denied")
	b.post(auth.Lead, at+"/replies/1/refuse", Because{Why: "Too little."}).want(200)
	if f := b.only(); f.ReplyList[0].State != care.ReplyIsRefused || len(b.list("?state=approve").Cases) != 0 {
		t.Fatalf("%+v", f.ReplyList[0])
	}
	b.post(auth.Agent, at+"/reply", NewReply{Text: "You get 30 EUR back."}).want(200).into(&w)
	b.post(auth.Lead, at+"/replies/3/approve", nil).want(200)
	if ids, err := b.view.Unsent(b.clock().Add(time.Minute), 9); err != nil || len(ids) != 1 {
		t.Fatalf("the outbox may send %v, %v", ids, err)
	}
}

func TestAMacroIsFilledInAndWhatFollowsIsDone(t *testing.T) {
	b, at := opened(t)
	b.setup.Macros = []care.Macro{{Name: "soon", Texts: map[string]string{"en": "Hi {customer.name}, case {case.number}. {agent.name}", "de": "Hallo {customer.name}!"},
		Then: "keep", Tags: []string{"late"}, Promise: "write", Within: 24 * time.Hour, Snooze: time.Hour}}
	var l MacroList
	b.get(auth.Viewer, "/macros").want(200).into(&l)
	if len(l.Macros) != 1 || l.Macros[0].Title != "soon" || len(l.Macros[0].Languages) != 2 {
		t.Fatalf("%+v", l)
	}
	var f Filled
	b.get(auth.Agent, at+"/macros/soon").want(200).into(&f)
	if want := "Hi Ana, case " + itoa(b.only().Number) + ". The agent"; f.Text != want || f.Language != "en" || !f.PromiseDue.Equal(start.Add(24*time.Hour)) {
		t.Fatalf("%+v, want %q", f, want)
	}
	b.get(auth.Agent, at+"/macros/soon?language=de").want(200).into(&f)
	if f.Text != "Hallo Ana!" {
		t.Fatalf("%+v", f)
	}
	b.get(auth.Agent, at+"/macros/none").wantProblem(404, "not_found")
	b.post(auth.Agent, at+"/reply", NewReply{Text: "Hi {customer.name|there}"}).wantProblem(422, "invalid")
	b.post(auth.Agent, at+"/reply", NewReply{Text: f.Text, Then: "keep", Macro: "soon"}).want(200)
	c := b.only()
	if len(c.PromiseList) != 1 || c.PromiseList[0].Text != f.Text || len(c.Tags) != 1 || c.Snoozed.IsZero() {
		t.Fatalf("%+v %v %v", c.PromiseList, c.Tags, c.Snoozed)
	}
}

func TestAnEndThatNeedsDetails(t *testing.T) {
	b, at := opened(t)
	b.setup.Ends = []care.Disposition{{Code: "refunded", Queues: []string{"billing"}, Fields: []string{"order_number"}}, {Code: "pressed", Queues: []string{"care"}}}
	b.post(auth.Agent, at+"/resolve", Resolution{Disposition: "refunded"}).wantProblem(422, "invalid")
	b.post(auth.Agent, at+"/resolve", Resolution{Disposition: "pressed"}).wantProblem(422, "invalid")
	b.post(auth.Agent, at+"/resolve", Resolution{Disposition: "refunded", Details: Details{"order_number": "A 12"}}).want(200)
	if f := b.only(); f.State != "resolved" || f.End != "refunded" {
		t.Fatalf("%+v", f.CaseRow)
	}
}

func TestGoodwillWithinTheLimitNeedsNoAsking(t *testing.T) {
	b, at := opened(t)
	b.setup.Limit = care.Limit{Amount: 2_000, Currency: "EUR"}
	b.post(auth.Agent, at+"/goodwill", Gift{Amount: 1_500, Currency: "EUR", What: "voucher", Why: "Three weeks late."}).want(200)
	var w Written
	b.post(auth.Agent, at+"/goodwill", Gift{Amount: 1_500, Currency: "EUR", What: "voucher", Why: "And broken."}).want(200).into(&w)
	f := b.only()
	if len(f.Goodwill) != 2 || f.Goodwill[0].State != "given" || f.Goodwill[1].State != "asked" || f.Goodwill[1].Why != "And broken." || w.N != f.Goodwill[1].N {
		t.Fatalf("%+v", f.Goodwill)
	}
	b.post(auth.Lead, at+"/goodwill/2/approve", nil).want(200)
	if g := b.only().Goodwill[1]; g.State != "given" || g.DecidedBy != "lead" {
		t.Fatalf("%+v", g)
	}
}

func TestWhatIsForMe(t *testing.T) {
	b, at := opened(t)
	b.post(auth.Agent, at+"/note", NewNote{Text: "@lead please look."}).want(200)
	b.post(auth.Agent, at+"/follow", nil).want(200)
	for _, who := range []auth.Role{auth.Agent, auth.Lead} {
		var l CaseList
		b.get(who, "/cases?for=me").want(200).into(&l)
		if len(l.Cases) != 1 {
			t.Errorf("%s: %d cases", who, len(l.Cases))
		}
	}
	b.post(auth.Lead, at+"/unfollow", nil).want(200)
	var l CaseList
	if b.get(auth.Lead, "/cases?for=me").want(200).into(&l); len(l.Cases) != 0 {
		t.Errorf("%d cases are still the lead's", len(l.Cases))
	}
}

func TestFrictionHoldAndLinks(t *testing.T) {
	b, at := opened(t)
	b.says("ben", "2", "it is broken")
	other := itoa(b.cases()[0].Number)
	b.post(auth.Agent, at+"/link", Other{To: other}).want(200)
	b.post(auth.Agent, at+"/link", Other{To: "9999"}).wantProblem(404, "not_found")
	b.post(auth.Agent, at+"/friction", NewFriction{What: "refund_limit", Why: "20 is not enough."}).want(200)
	b.post(auth.Lead, at+"/hold", Because{Why: "A claim was filed."}).want(200)
	var f CaseFull
	b.get(auth.Viewer, at).want(200).into(&f)
	if len(f.Links) != 1 || len(f.Frictions) != 1 || f.Frictions[0].Why != "20 is not enough." || !f.OnHold {
		t.Fatalf("%+v %+v %v", f.Links, f.Frictions, f.OnHold)
	}
	for _, state := range []string{"friction", "held"} {
		if n := len(b.list("?state=" + state).Cases); n != 1 {
			t.Errorf("%s: %d cases", state, n)
		}
	}
	b.post(auth.Lead, at+"/friction/1/mend", nil).want(200)
	b.post(auth.Lead, at+"/lift-hold", nil).want(200)
	b.post(auth.Agent, at+"/unlink", Other{To: other}).want(200)
	for _, state := range []string{"friction", "held"} {
		if n := len(b.list("?state=" + state).Cases); n != 0 {
			t.Errorf("%s: %d cases", state, n)
		}
	}
}

func itoa(n uint64) string { return strconv.FormatUint(n, 10) }

// What somebody got lately is shown before they get more, and counts.
func TestGoodwillCountsForThePerson(t *testing.T) {
	b, at := opened(t)
	b.setup.Limit = care.Limit{Amount: 2_000, Currency: "EUR", Customer: 2_500, Within: 24 * time.Hour}
	b.post(auth.Agent, at+"/goodwill", Gift{Amount: 1_500, Currency: "EUR", What: "voucher", Why: "Late."}).want(200)
	b.post(auth.Agent, at+"/dismiss", Dismissal{Reason: "spam"}).want(200)
	b.says("ana", "2", "it is broken")
	second := "/cases/" + itoa(b.cases()[0].Number)
	b.post(auth.Agent, second+"/goodwill", Gift{Amount: 1_500, Currency: "EUR", What: "voucher", Why: "Late again."}).want(200)
	var f CaseFull
	b.get(auth.Agent, second).want(200).into(&f)
	if len(f.Contact.Goodwill) != 1 || f.Contact.Goodwill[0].Amount != 1_500 || len(f.Goodwill) != 1 || f.Goodwill[0].State != care.GoodwillIsAsked {
		t.Fatalf("%+v %+v", f.Contact.Goodwill, f.Goodwill)
	}
}

// What a customer is to be called, and their language, count for a macro.
func TestAMacroKnowsThePerson(t *testing.T) {
	b, at := opened(t)
	b.setup.Macros = []care.Macro{{Name: "hi", Texts: map[string]string{"en": "Hi {customer.name}", "de": "Hallo {customer.name}"}}}
	b.post(auth.Agent, at+"/contact/know", NewFact{What: care.FactName, Text: "Dr Ana"}).want(200)
	b.post(auth.Agent, at+"/contact/know", NewFact{What: care.FactLanguage, Text: "de"}).want(200)
	var f Filled
	if b.get(auth.Agent, at+"/macros/hi").want(200).into(&f); f.Text != "Hallo Dr Ana" {
		t.Errorf("%+v", f)
	}
	if b.get(auth.Agent, at+"/macros/hi?language=en").want(200).into(&f); f.Text != "Hi Dr Ana" {
		t.Errorf("%+v", f)
	}
}
