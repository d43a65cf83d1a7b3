package care_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
)

func contactSamples() []care.Event {
	evidence := []care.Evidence{{Kind: care.SameHandle, Weight: 0.55}, {Kind: care.SaidSo, Weight: 0.9, By: "a2"}}
	return []care.Event{
		care.ContactBegun{Network: "mastodon"},
		care.ContactKnown{What: care.FactGiven, Value: "", N: 3, From: care.FromCustomer, Mention: "m2"},
		care.ContactForgot{What: care.FactGiven, N: 3},
		care.ContactProposed{Other: "a2", Network: "x", Score: 0.875, Evidence: evidence},
		care.ContactRefused{Other: "a2"},
		care.ContactLinked{Other: "a2", Network: "x", Into: true, Score: 0.875, Evidence: evidence},
		care.ContactUnlinked{Other: "a2", Into: true},
		care.OptedOut{Why: "asked", Mention: "m2"},
		care.OptOutLifted{Why: "mistake"},
		care.ContactConsented{Given: true, Mention: "m2"},
	}
}

// A crowd is contacts as desk keeps them.
type crowd struct {
	t   testing.TB
	all map[care.AuthorKey]*care.Contact
	seq uint64
	now time.Time
}

// newCrowd has authors named for their networks: "x/ana".
func newCrowd(t testing.TB, names ...string) *crowd {
	c := &crowd{t: t, all: map[care.AuthorKey]*care.Contact{}, now: start}
	for _, n := range names {
		network, _, _ := strings.Cut(n, "/")
		c.tell([]care.ContactEvents{{Author: care.AuthorKey(n), Events: []care.Event{care.ContactBegun{Network: network}}}}, nil)
	}
	return c
}

func (c *crowd) contact(a care.AuthorKey) (*care.Contact, error) {
	if c.all[a] == nil {
		c.all[a] = &care.Contact{Author: a}
	}
	return c.all[a], nil
}

func (c *crowd) person(a care.AuthorKey) *care.Person {
	c.t.Helper()
	p, err := care.PersonOf(a, c.contact)
	if err != nil {
		c.t.Fatal(err)
	}
	return p
}

func (c *crowd) tell(es []care.ContactEvents, err error) error {
	for _, e := range es {
		c.seq++
		at, _ := c.contact(e.Author)
		at.Apply(c.seq, care.Record{At: c.now, By: "agent/ada", Events: e.Events})
	}
	c.now = c.now.Add(time.Minute)
	return err
}

var byEye = []care.Evidence{{Kind: care.Seen, Weight: 0.7}}

func TestOnePersonBehindSeveralAuthors(t *testing.T) {
	c := newCrowd(t, "bluesky/ana", "mastodon/ana", "email/ana", "bluesky/bo")
	must(t, c.tell(care.LinkPeople(c.person("bluesky/ana"), c.person("mastodon/ana"), byEye)))
	must(t, c.tell(care.LinkPeople(c.person("email/ana"), c.person("mastodon/ana"), byEye)))
	p := c.person("mastodon/ana")
	if len(p.All) != 3 || !p.Is("email/ana") || p.Is("bluesky/bo") || p.Root() != c.person("email/ana").Root() {
		t.Fatalf("person %+v", p)
	}
	must(t, c.tell(c.person("email/ana").Learn(care.ContactKnown{What: care.FactLanguage, Value: "de", From: care.FromAgent})))
	must(t, c.tell(c.person("bluesky/ana").Learn(care.ContactKnown{What: care.FactLanguage, Value: "en", From: care.FromCustomer, Mention: "m1"})))
	if f, in := c.person("mastodon/ana").Current(care.FactLanguage); f == nil || f.Value != "en" || in != "bluesky/ana" || f.Mention != "m1" {
		t.Errorf("language %+v in %s", f, in)
	}
	if again, err := care.LinkPeople(c.person("bluesky/ana"), c.person("email/ana"), byEye); again != nil || err != nil {
		t.Errorf("linked twice: %v, %v", again, err)
	}
}

// Whatever was linked before: a link that is taken back leaves every contact as
// it was, but for the places of the records.
func TestUnlinkReturnsToWhatWas(t *testing.T) {
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(seed, 11))
		var names []string
		for i := range 6 {
			names = append(names, fmt.Sprintf("%s/%d", pick(r, []string{"bluesky", "mastodon", "x"}), i))
		}
		c := newCrowd(t, names...)
		for range r.IntN(12) {
			a, b := care.AuthorKey(pick(r, names)), care.AuthorKey(pick(r, names))
			switch r.IntN(6) {
			case 0:
				_ = c.tell(c.person(a).AskSilence("asked", ""))
			case 1:
				_ = c.tell(c.person(a).Learn(care.ContactKnown{What: care.FactChannel, Value: string(b), From: care.FromAgent}))
			case 2:
				_ = c.tell(c.person(a).Unlink(b))
			case 3:
				_ = c.tell(c.person(a).GiveConsent(r.IntN(2) == 0, ""), nil)
			default:
				_ = c.tell(care.LinkPeople(c.person(a), c.person(b), byEye))
			}
		}
		was := snapshot(c)
		a, b := c.person(care.AuthorKey(pick(r, names))), c.person(care.AuthorKey(pick(r, names)))
		linked, err := care.LinkPeople(a, b, byEye)
		if err != nil || linked == nil {
			continue
		}
		must(t, c.tell(linked, nil))
		together := c.person(a.Self.Author)
		if !together.Is(b.Self.Author) || len(together.All) != len(a.All)+len(b.All) {
			t.Fatalf("seed %d: not one person", seed)
		}
		must(t, c.tell(together.Unlink(linked[1].Author)))
		if now := snapshot(c); !reflect.DeepEqual(was, now) {
			t.Fatalf("seed %d:\n was %+v\n now %+v", seed, was, now)
		}
	}
}

// snapshot is all that is known, without when and where it was recorded.
func snapshot(c *crowd) map[care.AuthorKey]care.Contact {
	out := map[care.AuthorKey]care.Contact{}
	for a, x := range c.all {
		d := x.Clone()
		d.Seq, d.LastAt = 0, time.Time{}
		d.Parts = slices.Clip(append([]care.ContactPart{}, d.Parts...))
		out[a] = *d
	}
	return out
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestOptOutHoldsForTheWholePerson(t *testing.T) {
	c := newCrowd(t, "bluesky/ana", "mastodon/ana")
	must(t, c.tell(care.LinkPeople(c.person("bluesky/ana"), c.person("mastodon/ana"), byEye)))
	must(t, c.tell(c.person("mastodon/ana").AskSilence("asked", "m1")))
	for _, a := range []care.AuthorKey{"bluesky/ana", "mastodon/ana"} {
		p := care.Permission{How: care.ByAPI, Direct: true, Why: "Anybody may answer.", Length: care.Length{Max: 300}}
		if p = p.Honour(c.person(a).OptedOut()); p.How != care.ByNone || p.Direct || !strings.Contains(p.Says().String(), "2026") {
			t.Errorf("%s: %+v", a, p)
		}
	}
	must(t, c.tell(c.person("bluesky/ana").Unlink("mastodon/ana")))
	if c.person("bluesky/ana").OptedOut() != nil || c.person("mastodon/ana").OptedOut() == nil {
		t.Error("the wish does not stay with who said it")
	}
	must(t, c.tell(c.person("mastodon/ana").LiftSilence("asked_again")))
	if p := (care.Permission{How: care.ByAPI}).Honour(c.person("mastodon/ana").OptedOut()); p.How != care.ByAPI {
		t.Errorf("after it was lifted: %+v", p)
	}
	if _, err := c.person("mastodon/ana").AskSilence("because", ""); err == nil {
		t.Error("any reason is taken")
	}
}

func TestXNeedsAgreement(t *testing.T) {
	c := newCrowd(t, "x/ana", "mastodon/ana", "x/ana2")
	handle := []care.Evidence{{Kind: care.SameHandle, Weight: 0.9}}
	if got := care.Propose(c.person("x/ana"), c.person("mastodon/ana"), handle); got != nil {
		t.Errorf("proposed: %+v", got)
	}
	if _, err := care.LinkPeople(c.person("mastodon/ana"), c.person("x/ana"), handle); err == nil || !strings.Contains(err.Error(), "agree") {
		t.Errorf("linked: %v", err)
	}
	if _, err := c.person("x/ana").Learn(care.ContactKnown{What: care.FactTier, Value: "gold", From: care.FromAgent}); err == nil {
		t.Error("a customer's tier was put to an account of X")
	}
	if got := care.Propose(c.person("x/ana"), c.person("x/ana2"), handle); len(got) != 2 {
		t.Errorf("within X: %+v", got)
	}
	if _, err := care.LinkPeople(c.person("x/ana"), c.person("mastodon/ana"), append(handle, care.Evidence{Kind: care.SaidSo, Weight: 0.9, By: "mastodon/ana"})); err == nil {
		t.Error("somebody else's word was taken for theirs")
	}
	said := append(handle, care.Evidence{Kind: care.SaidSo, Weight: 0.9, By: "x/ana"})
	if _, err := care.LinkPeople(c.person("x/ana"), c.person("mastodon/ana"), said); err != nil {
		t.Errorf("they said so themselves: %v", err)
	}
	must(t, c.tell(c.person("x/ana").GiveConsent(true, "m1"), nil))
	if _, err := care.LinkPeople(c.person("x/ana"), c.person("mastodon/ana"), handle); err != nil {
		t.Errorf("they agreed: %v", err)
	}
}

func TestProposalsAreMadeOnceAndCanBeRefused(t *testing.T) {
	c := newCrowd(t, "bluesky/ana", "mastodon/ana")
	weak, strong := []care.Evidence{{Kind: care.SameName, Weight: 0.3}}, []care.Evidence{{Kind: care.SameName, Weight: 0.3}, {Kind: care.SameLink, Weight: 0.4}}
	propose := func(e []care.Evidence) int {
		es := care.Propose(c.person("bluesky/ana"), c.person("mastodon/ana"), e)
		_ = c.tell(es, nil)
		return len(es)
	}
	if n := propose(weak); n != 0 {
		t.Error("a name alone proposes")
	}
	if a, b := propose(strong), propose(strong); a != 2 || b != 0 {
		t.Errorf("proposed %d, then %d", a, b)
	}
	if got := c.person("mastodon/ana").Self.Proposed; len(got) != 1 || got[0].Other != "bluesky/ana" || len(got[0].Evidence) != 2 {
		t.Errorf("proposals %+v", got)
	}
	must(t, c.tell(c.person("mastodon/ana").Refuse(c.person("bluesky/ana"))))
	if n := propose(append(strong, care.Evidence{Kind: care.SameEmail, Weight: 0.85})); n != 0 || len(c.person("bluesky/ana").Self.Proposed) != 0 {
		t.Error("proposed again after a person said no")
	}
}

func TestTraits(t *testing.T) {
	kinds := func(ts []care.Trait) (out []string) {
		for _, x := range ts {
			out = append(out, fmt.Sprintf("%s %s", x.Kind, x.Value))
		}
		return out
	}
	own, said := care.TraitsOf(&care.Post{
		Author: care.Author{Handle: "Ana_Weber@social.example", Name: "Ana  Weber"},
		Text:   "Order AB-12345678 is lost. Write to Ana.W@Example.org. I'm also @anaweber.bsky.social, same person.",
		Links:  []care.Link{{URL: "https://www.anaweber.example/about/", Kind: "link"}, {URL: "https://cdn.example/1.png", Kind: "image"}},
	})
	want := []string{"same_handle ana_weber", "same_name ana weber", "same_link anaweber.example/about", "same_email ana.w@example.org", "same_number AB12345678"}
	if got := kinds(own); !slices.Equal(got, want) {
		t.Errorf("own %q", got)
	}
	if got := kinds(said); !slices.Equal(got, []string{"said_so anaweber"}) {
		t.Errorf("said %q", got)
	}
	for h, alone := range map[string]bool{"ana_weber_88": true, "ana": false, "support": false, "user12345678": false, "1234567": false} {
		own, _ := care.TraitsOf(&care.Post{Author: care.Author{Handle: h}})
		if got := care.Score([]care.Evidence{own[0].Evidence}) >= care.ProposeFrom; got != alone {
			t.Errorf("the handle %s alone: %v", h, got)
		}
	}
	care.TraitsOf(&care.Post{Author: care.Author{Handle: "\xff\xfe"}, Text: strings.Repeat("\x00@\xff", 3000), Links: []care.Link{{URL: "%zz"}}})
}
