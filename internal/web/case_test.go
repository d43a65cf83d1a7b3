package web

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/auth"
	"github.com/amends-care/amends/internal/care"
)

func TestALeadsNoComesWithItsReason(t *testing.T) {
	b, at := opened(t)
	b.setup.Approvals = []care.ApprovalRule{{Name: "money", Amounts: true}}
	b.post(auth.Agent, at+"/reply", NewReply{Text: "You get 20 EUR back."}).want(200)
	b.post(auth.Lead, at+"/replies/1/refuse", Because{Why: "Too little."}).want(200)
	b.post(auth.Agent, at+"/goodwill", Gift{Amount: 1_500, Currency: "EUR", What: "voucher", Why: "Three weeks late."}).want(200)
	b.post(auth.Lead, at+"/goodwill/3/refuse", Because{Why: "Not for this."}).want(200)
	f := b.only()
	if f.ReplyList[0].Refused != "Too little." || f.Goodwill[0].Refused != "Not for this." {
		t.Errorf("%q, %q", f.ReplyList[0].Refused, f.Goodwill[0].Refused)
	}
}

func TestOtherCasesAreCalledByTheirNumbers(t *testing.T) {
	b, at := opened(t)
	b.says("bo", "2", "my bill is broken too")
	b.says("cy", "3", "and mine is broken, again")
	by := map[string]CaseRow{}
	for _, r := range b.cases() {
		by[r.Author.Handle] = r
	}
	bo, cy := by["bo"], by["cy"]
	b.post(auth.Agent, at+"/link", Other{To: string(bo.ID)}).want(200)
	b.post(auth.Agent, "/cases/"+string(cy.ID)+"/merge", Merger{Into: string(by["ana"].ID)}).want(200)
	var f, gone CaseFull
	b.get(auth.Viewer, at).want(200).into(&f)
	b.get(auth.Viewer, "/cases/"+string(cy.ID)).want(200).into(&gone)
	if len(f.Beside) != 2 || f.Beside[0].How != "absorbed" || f.Beside[0].Number != cy.Number || f.Beside[1].How != "linked" || f.Beside[1].Number != bo.Number || f.Beside[1].Author.Handle != "bo" {
		t.Errorf("%+v", f.Beside)
	}
	if len(gone.Beside) != 1 || gone.Beside[0].How != "merged_into" || gone.Beside[0].Number != f.Number {
		t.Errorf("%+v", gone.Beside)
	}
}

func TestWhatAPersonGotBefore(t *testing.T) {
	b, at := opened(t)
	b.setup.Limit = care.Limit{Amount: 2_000, Currency: "EUR"}
	b.post(auth.Agent, at+"/goodwill", Gift{Amount: 1_500, Currency: "EUR", What: "voucher", Why: "Late."}).want(200)
	b.post(auth.Agent, at+"/goodwill", Gift{Amount: 90_000, Currency: "EUR", What: "refund", Why: "Asked for."}).want(200) // nobody has said yes
	number := b.only().Number
	b.post(auth.Agent, at+"/dismiss", Dismissal{Reason: "not_a_complaint"}).want(200)
	b.advance(90 * 24 * time.Hour)
	b.says("ana", "9", "my bill is broken again")
	var f CaseFull
	for _, r := range b.cases() {
		if r.Number != number {
			f = b.full(r.ID)
		}
	}
	if g := f.Contact.Goodwill; len(g) != 1 || g[0].Number != number || g[0].Amount != 1_500 || g[0].What != "voucher" {
		t.Errorf("%+v of case %d", g, f.Number)
	}
}

func TestWhatIsInForceForEnds(t *testing.T) {
	b, _ := opened(t)
	var me Me
	b.get(auth.Agent, "/me").want(200).into(&me)
	if len(me.Ends) != len(me.Dispositions) || me.Ends[0].Code != me.Dispositions[0] {
		t.Errorf("%+v", me.Ends)
	}
	b.setup.Ends = []care.Disposition{{Code: "refunded", Fields: []string{"order_number"}}}
	b.setup.Limit = care.Limit{Amount: 2_000, Currency: "EUR"}
	b.get(auth.Agent, "/me").want(200).into(&me)
	if len(me.Ends) != 1 || !slices.Equal(me.Ends[0].Fields, []string{"order_number"}) || me.Goodwill != (GiftLimit{2_000, "EUR"}) {
		t.Errorf("%+v, %+v", me.Ends, me.Goodwill)
	}
}

func TestAZoneIsNoted(t *testing.T) {
	b, at := opened(t)
	b.post(auth.Agent, at+"/contact/know", NewFact{What: care.FactZone, Text: "Europe/Nowhere"}).wantProblem(422, "invalid")
	b.post(auth.Agent, at+"/contact/know", NewFact{What: care.FactZone, Text: "Europe/Lisbon"}).want(200)
	if z := b.only().Contact.Zone; z == nil || z.Text != "Europe/Lisbon" {
		t.Errorf("%+v", z)
	}
}

func TestACaseIsTakenOut(t *testing.T) {
	b, at := opened(t)
	b.post(auth.Agent, at+"/note", NewNote{Text: "<b>She</b> is right."}).want(200)
	cookie := b.in(auth.Viewer)
	ask := func(format string, status int) string {
		t.Helper()
		return string(b.browse(cookie, "GET", at+"/export?format="+format, nil).want(status).body)
	}
	html := ask("html", 200)
	for _, want := range []string{"my bill is broken", "&lt;b&gt;She&lt;/b&gt; is right.", "30 minutes of working time", "opened"} {
		if !strings.Contains(strings.ToLower(html), strings.ToLower(want)) {
			t.Errorf("the page lacks %q", want)
		}
	}
	var f CaseFull
	if err := json.Unmarshal([]byte(ask("json", 200)), &f); err != nil || f.Number != b.only().Number {
		t.Errorf("%v: case %d", err, f.Number)
	}
	ask("exe", 422)
}
