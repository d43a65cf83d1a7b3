package desk_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/desk"
	"github.com/amends-care/amends/internal/store"
)

// on is a complaint by an author on a network.
func on(network, author, id, text string) care.Post {
	p := post(author, id, text, start)
	p.Network, p.Author.Name = network, "Somebody"
	return p
}

func (b *bench) person(network string, c *care.Case) *care.Person {
	b.t.Helper()
	p, err := b.view.Person(b.t.Context(), care.AuthorRef{Network: network, Author: c.Author})
	if err != nil {
		b.t.Fatal(err)
	}
	return p.Person
}

func (b *bench) people(who []care.AuthorRef, decide func(ps []*care.Person) (care.Change, error)) {
	b.t.Helper()
	_, err := b.desk.People(b.t.Context(), "agent/ada", "", who, func(_ time.Time, ps []*care.Person) (care.Change, error) { return decide(ps) })
	if err != nil {
		b.t.Fatal(err)
	}
}

func ref(c *care.Case) care.AuthorRef {
	return care.AuthorRef{Network: c.Labels.Network, Author: c.Author}
}

func TestTheSameHandleElsewhereIsProposed(t *testing.T) {
	b := newBench(t)
	b.receive(labelled(on("bluesky", "anaweber77", "1", "broken")), labelled(on("mastodon", "anaweber77", "2", "still broken")), labelled(on("bluesky", "bobby_tables", "3", "broken too")))
	cs := b.cases()
	ana, other, bob := cs[0], cs[1], cs[2]
	for _, c := range []*care.Case{ana, other} {
		p := b.person(c.Labels.Network, c)
		if len(p.Self.Proposed) != 1 || p.Self.Proposed[0].Score < care.ProposeFrom || len(p.All) != 1 {
			t.Fatalf("%s: proposed %+v", c.Labels.Network, p.Self.Proposed)
		}
	}
	if got := b.person("bluesky", bob).Self.Proposed; len(got) != 0 {
		t.Errorf("bob: %+v", got)
	}
	b.people([]care.AuthorRef{ref(ana), ref(other)}, func(ps []*care.Person) (care.Change, error) {
		es, err := care.LinkPeople(ps[0], ps[1], []care.Evidence{{Kind: care.Seen, Weight: 0.7}})
		return care.Change{Contacts: es}, err
	})
	if p := b.person("mastodon", other); !p.Is(ana.Author) {
		t.Error("not linked")
	}
	b.people([]care.AuthorRef{ref(other)}, func(ps []*care.Person) (care.Change, error) {
		es, err := ps[0].Unlink(ana.Author)
		return care.Change{Contacts: es}, err
	})
	if p := b.person("mastodon", other); p.Is(ana.Author) || len(p.Self.Proposed) != 1 {
		t.Error("still linked, or the proposal is gone")
	}
}

// labelled is an arrival judged beforehand, whose labels name the network.
func labelled(p care.Post) desk.Arrival {
	return desk.Arrival{What: desk.WasSeen, Post: p, Verdict: &care.Verdict{Complaint: strings.Contains(p.Text, "broken")}}
}

func TestWhoNamesTheirOtherAccountIsProposedInEitherOrder(t *testing.T) {
	for _, order := range [][2]int{{0, 1}, {1, 0}} {
		b := newBench(t)
		posts := []care.Post{on("bluesky", "ana", "1", "Broken again, broken. I'm also @weber_a on the other side"), on("mastodon", "weber_a", "2", "broken")}
		b.receive(labelled(posts[order[0]]))
		b.receive(labelled(posts[order[1]]))
		for _, c := range b.cases() {
			p := b.person(c.Labels.Network, c)
			if len(p.Self.Proposed) != 1 || p.Self.Proposed[0].Evidence[0].Kind != care.SaidSo {
				t.Errorf("%s: proposed %+v", c.Labels.Network, p.Self.Proposed)
			}
		}
	}
}

func TestFactsAreKeptAndForgotten(t *testing.T) {
	b := newBench(t)
	b.receive(labelled(on("bluesky", "ana", "1", "broken")))
	c := b.only()
	learn := func(what care.FactKind, text string) {
		b.people([]care.AuthorRef{ref(c)}, func(ps []*care.Person) (care.Change, error) {
			n := ps[0].Self.NextText()
			es, err := ps[0].Learn(care.ContactKnown{What: what, N: n, From: care.FromAgent})
			return care.Change{Contacts: es, Facts: []care.KeptFact{{Author: c.Author, N: n, Text: care.Text{Body: text}}}}, err
		})
	}
	learn(care.FactName, "Annie")
	learn(care.FactName, "Ana")
	learn(care.FactGiven, "order AB-123")
	page, err := b.view.Person(t.Context(), ref(c))
	if err != nil {
		t.Fatal(err)
	}
	name, in := page.Person.Current(care.FactName)
	if name == nil || page.Texts[in][name.N].Body != "Ana" || name.By != "agent/ada" {
		t.Errorf("name %+v", name)
	}
	if keys := b.keys("person/" + string(c.Author)); len(keys) != 2 {
		t.Errorf("a name that was replaced is still there: %q", keys)
	}
	b.people([]care.AuthorRef{ref(c)}, func(ps []*care.Person) (care.Change, error) {
		es, err := ps[0].Forget(care.FactGiven, 3)
		return care.Change{Contacts: es}, err
	})
	if keys := b.keys("person/" + string(c.Author)); len(keys) != 1 {
		t.Errorf("what was forgotten is still there: %q", keys)
	}
}

// Erasing one account takes what is known of the person, and leaves the log,
// the other's case and the wish not to be contacted.
func TestErasingForgetsThePerson(t *testing.T) {
	b := newBench(t)
	b.receive(labelled(on("bluesky", "anaweber77", "1", "broken, write to ana@example.org")), labelled(on("mastodon", "anaweber77", "2", "broken")))
	cs := b.cases()
	b.people([]care.AuthorRef{ref(cs[0]), ref(cs[1])}, func(ps []*care.Person) (care.Change, error) {
		es, err := care.LinkPeople(ps[0], ps[1], []care.Evidence{{Kind: care.Seen, Weight: 0.7}})
		return care.Change{Contacts: es}, err
	})
	b.people([]care.AuthorRef{ref(cs[1])}, func(ps []*care.Person) (care.Change, error) {
		n := ps[0].Self.NextText()
		known, err := ps[0].Learn(care.ContactKnown{What: care.FactName, N: n, From: care.FromAgent})
		return care.Change{Contacts: known, Facts: []care.KeptFact{{Author: cs[1].Author, N: n, Text: care.Text{Body: "Ana Weber"}}}}, err
	})
	b.people([]care.AuthorRef{ref(cs[0])}, func(ps []*care.Person) (care.Change, error) {
		es, err := ps[0].AskSilence("asked", "")
		return care.Change{Contacts: es}, err
	})
	before := figures(t, b)
	done, err := b.desk.Erase(context.Background(), "cli/test", "bluesky", "anaweber77", nil)
	if err != nil || done.Facts == 0 {
		t.Fatalf("%+v, %v", done, err)
	}
	for _, k := range b.keys("person/") {
		docs, _ := b.st.Get(t.Context(), k)
		if !strings.HasPrefix(k, "person/trait/") || strings.Contains(string(docs[0].Data), string(cs[0].Author)) {
			t.Errorf("%s is left", k)
		}
	}
	if b.person("bluesky", cs[0]).OptedOut() == nil {
		t.Error("the wish not to be contacted was forgotten")
	}
	if after := figures(t, b); after != before {
		t.Errorf("figures were %+v, are %+v", before, after)
	}
}

func figures(t *testing.T, b *bench) (n [3]int) {
	t.Helper()
	b.catchUp()
	c, err := b.view.Counts()
	if err != nil {
		t.Fatal(err)
	}
	return [3]int{c.All, c.Needs, c.Breached}
}

func TestTraitsGoWithTheirTerm(t *testing.T) {
	b := newBench(t)
	b.receive(labelled(on("bluesky", "anaweber77", "1", "broken")))
	if len(b.keys("person/trait/")) == 0 {
		t.Fatal("no trait is kept")
	}
	s := b.desk.Sweeper(desk.Terms{Mentions: time.Hour, Cases: 30 * 24 * time.Hour})
	b.mu.Lock()
	b.now = b.now.Add(40 * 24 * time.Hour)
	b.mu.Unlock()
	if _, err := s.Step(t.Context()); err != nil {
		t.Fatal(err)
	}
	if keys := b.keys("person/trait/"); len(keys) != 0 {
		t.Errorf("left: %q", keys)
	}
}

// A wish that two people note at once is noted once, and an answer that says
// the same again changes nothing.
func TestOptOutOnce(t *testing.T) {
	b := newBench(t)
	b.receive(labelled(on("bluesky", "ana", "1", "broken")))
	c := b.only()
	var seqs []store.Seq
	for range 2 {
		seq, err := b.desk.People(t.Context(), "agent/ada", "op-1", []care.AuthorRef{ref(c)}, func(_ time.Time, ps []*care.Person) (care.Change, error) {
			es, err := ps[0].AskSilence("asked", "")
			return care.Change{Contacts: es}, err
		})
		if err != nil {
			t.Fatal(err)
		}
		seqs = append(seqs, seq)
	}
	page, err := b.view.Person(t.Context(), ref(c))
	if err != nil || len(page.Story) != 1 || seqs[0] != seqs[1] {
		t.Errorf("%d records, at %v: %v", len(page.Story), seqs, err)
	}
}
