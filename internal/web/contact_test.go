package web

import (
	"testing"

	"github.com/amends-care/amends/internal/auth"
	"github.com/amends-care/amends/internal/care"
)

func (b *bench) saysOn(network, author, id, text string) {
	b.t.Helper()
	b.posts(care.Post{Network: network, Remote: care.Remote(id), Kind: care.PostPublic, Text: text, PostedAt: b.clock(),
		Author: care.Author{ID: author + "@" + network, Handle: author, Name: "Ana Weber"}})
}

func (b *bench) of(network string) CaseFull {
	b.t.Helper()
	for _, c := range b.cases() {
		if c.Network == network {
			return b.full(c.ID)
		}
	}
	b.t.Fatalf("no case on %s", network)
	return CaseFull{}
}

func TestOptOutIsOfferedAndHonoured(t *testing.T) {
	b := staffed(t)
	b.saysOn("bluesky", "anaweber77", "1", "It is broken. Do not contact me!")
	c := b.only()
	if c.Contact.Asks == nil || c.Contact.Asks.Text != "Do not contact me" || c.Permission.How != care.ByAPI {
		t.Fatalf("asks %+v, permission %+v", c.Contact.Asks, c.Permission)
	}
	at := "/cases/" + string(c.ID)
	for range 2 {
		b.post(auth.Agent, at+"/contact/opt-out", Silence{Why: "asked", Mention: c.Contact.Asks.Mention}, "Idempotency-Key", "k1").want(200)
	}
	c = b.only()
	if c.Contact.OptOut == nil || c.Contact.OptOut.By != "agent/agent" || c.Permission.How != care.ByNone || len(c.Contact.Story) != 1 {
		t.Fatalf("opt-out %+v, permission %+v, story %+v", c.Contact.OptOut, c.Permission, c.Contact.Story)
	}
	b.post(auth.Agent, at+"/reply", NewReply{Text: "Sorry!"}).wantProblem(409, "conflict").contains("asked us not to contact them")
	b.post(auth.Agent, at+"/contact/lift", Lift{Why: "asked_again"}).want(200)
	b.post(auth.Agent, at+"/reply", NewReply{Text: "Sorry!"}).want(200)
}

func TestAccountsOfOnePerson(t *testing.T) {
	b := staffed(t)
	b.saysOn("bluesky", "anaweber77", "1", "It is broken.")
	b.saysOn("mastodon", "anaweber77", "2", "Still broken.")
	sky := b.of("bluesky")
	if n := len(sky.Contact.Proposals); n != 1 || sky.Contact.Proposals[0].Network != "mastodon" || sky.Contact.Proposals[0].Handle != "anaweber77" {
		t.Fatalf("proposals %+v", sky.Contact.Proposals)
	}
	at := "/cases/" + string(sky.ID)
	other := OtherAccount{Author: sky.Contact.Proposals[0].Author}
	b.post(auth.Agent, "/cases/"+string(b.of("mastodon").ID)+"/promises", NewPromise{Text: "a call", Due: start.AddDate(0, 0, 1)}).want(200)
	b.post(auth.Agent, at+"/contact/link", other).want(200)
	b.post(auth.Agent, at+"/contact/know", NewFact{What: care.FactName, Text: "Annie"}).want(200)
	b.post(auth.Agent, at+"/contact/know", NewFact{What: care.FactGiven, Text: "order 4711", Mention: sky.To}).want(200)
	var card Contact
	b.get(auth.Viewer, "/cases/"+string(b.of("mastodon").ID)+"/contact").want(200).into(&card)
	if len(card.Accounts) != 2 || card.Accounts[0].Network != "mastodon" || len(card.Cases) != 1 || card.Cases[0].Network != "bluesky" ||
		card.Name == nil || card.Name.Text != "Annie" || card.Given[0].From != care.FromCustomer || card.Promises.Open != 1 {
		t.Fatalf("card %+v", card)
	}
	b.post(auth.Agent, at+"/contact/unlink", other).want(200)
	b.get(auth.Viewer, "/cases/"+string(b.of("mastodon").ID)+"/contact").want(200).into(&card)
	if len(card.Accounts) != 1 {
		t.Fatalf("accounts %+v", card.Accounts)
	}
	b.post(auth.Agent, at+"/contact/refuse", other).want(200)
	if sky = b.of("bluesky"); len(sky.Contact.Proposals) != 0 {
		t.Errorf("still proposed: %+v", sky.Contact.Proposals)
	}
	b.post(auth.Agent, at+"/contact/link", OtherAccount{Author: "nobody"}).wantProblem(404, "not_found")
	b.post(auth.Agent, at+"/contact/forget", Forgetting{What: care.FactTier}).wantProblem(404, "not_found")
}

func TestXIsNotMatchedWithoutAgreement(t *testing.T) {
	b := staffed(t)
	b.saysOn("x", "anaweber77", "1", "It is broken.")
	b.saysOn("mastodon", "anaweber77", "2", "Still broken.")
	x, toot := b.of("x"), b.of("mastodon")
	if len(x.Contact.Proposals)+len(toot.Contact.Proposals) != 0 {
		t.Fatal("proposed")
	}
	at := "/cases/" + string(x.ID) + "/contact/"
	b.post(auth.Agent, at+"link", OtherAccount{Author: toot.Author.Key}).wantProblem(403, "denied").contains("agreed")
	b.post(auth.Agent, at+"consent", Consent{Given: true, Mention: x.To}).want(200)
	b.post(auth.Agent, at+"link", OtherAccount{Author: toot.Author.Key}).want(200)
}
