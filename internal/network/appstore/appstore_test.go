package appstore

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/networktest"
	"github.com/amends-care/amends/internal/network/newest"
)

// faults are those of the suite but silence, which is met in a bubble, where no
// clock of this machine decides.
func faults() []networktest.Fault {
	return slices.DeleteFunc(networktest.HTTPFaults(), func(f networktest.Fault) bool {
		return f == networktest.Silent || f == networktest.Stalled
	})
}

func TestDriver(t *testing.T) {
	t.Run("public", func(t *testing.T) {
		networktest.Run(t, networktest.Traits{Page: 3, Shape: networktest.Single, Late: newest.Overlap, Faults: faults()},
			func(t *testing.T) networktest.World { return newShop(t, false) })
	})
	t.Run("two countries", func(t *testing.T) {
		networktest.Run(t, networktest.Traits{Page: 6, Shape: networktest.Single, Late: newest.Overlap, Faults: []networktest.Fault{networktest.Unreachable}},
			func(t *testing.T) networktest.World {
				s := newShop(t, false)
				s.countries = []string{"us", "de"}
				return s
			})
	})
	t.Run("with keys", func(t *testing.T) {
		secrets := []string{"eyJ", "Bearer", ""}
		networktest.Run(t, networktest.Traits{
			Page: 3, Shape: networktest.Single, Late: newest.Overlap, Faults: faults(), Secrets: secrets,
			Edits: networktest.OnLook, Deletes: networktest.OnLook, Own: true, Keyed: true,
		}, func(t *testing.T) networktest.World {
			s := newShop(t, true)
			secrets[2] = strings.Split(string(s.pem()), "\n")[1]
			return s
		})
	})
}

func TestAServerThatSaysNothing(t *testing.T) {
	for _, keyed := range []bool{false, true} {
		for _, f := range []networktest.Fault{networktest.Silent, networktest.Stalled} {
			synctest.Test(t, func(t *testing.T) {
				s := newShop(t, keyed)
				id := s.Post(networktest.Post{Text: "broken"})
				a := s.open()
				s.Break(f)
				if _, err := a.Poll(t.Context(), ""); networktest.Failure(t, err).Fault != network.Transient || networktest.Failure(t, err).Unsent {
					t.Errorf("%s: %v", f, err)
				}
				if !keyed {
					return
				}
				answer := care.Answer{To: care.Post{Remote: id}, Text: "sorry", Key: "k"}
				if _, err := a.(network.Replier).Send(t.Context(), answer); networktest.Failure(t, err).Settled() {
					t.Errorf("%s: an answer that may have arrived: %v", f, err)
				}
				s.Break(networktest.Mended)
				_, found, err := a.(network.Replier).Find(t.Context(), answer)
				if want := f == networktest.Stalled; err != nil || found != want {
					t.Errorf("%s: found %v, %v", f, found, err)
				}
			})
		}
	}
}

func TestReviewOfTheFeed(t *testing.T) {
	const raw = `{"author":{"uri":{"label":"https://itunes.apple.com/de/reviews/id638572168"},"name":{"label":"Ana"},"label":""},"updated":{"label":"2026-11-20T03:12:44-07:00"},
"im:rating":{"label":"1"},"im:version":{"label":"3.4.3"},"id":{"label":"6290024630"},"title":{"label":"Broken"},"content":{"label":"It crashes.\nAlways.","attributes":{"type":"text"}}}`
	var e entry
	if err := json.Unmarshal([]byte(raw), &e); err != nil {
		t.Fatal(err)
	}
	got, err := e.review("de").post(app)
	want := care.Post{
		Network: "appstore", Remote: "6290024630", Thread: "6290024630", Kind: care.PostReview, Rating: 1, Summoned: true,
		Author: care.Author{ID: "id638572168", Handle: "Ana", Name: "Ana"}, Text: "Broken\n\nIt crashes.\nAlways.\n\n[version 3.4.3]",
		PostedAt: time.Date(2026, 11, 20, 10, 12, 44, 0, time.UTC), URL: "https://apps.apple.com/de/app/id310633997?see-all=reviews", Revision: got.Revision,
	}
	if err != nil || fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
		t.Errorf("%v\ngot  %+v\nwant %+v", err, got, want)
	}
}

func TestWhatTheFeedMayHold(t *testing.T) {
	at := time.Now().UTC().Format(time.RFC3339)
	review := `{"id":{"label":"1"},"im:rating":{"label":"9"},"updated":{"label":"` + at + `"},"content":{"label":"x"}}`
	for _, c := range []struct {
		name, body string
		items, bad int
		fails      bool
	}{
		{"no reviews", `{"feed":{"author":{}}}`, 0, 0, false},
		{"one without brackets", `{"feed":{"entry":` + review + `}}`, 1, 0, false},
		{"the app itself first", `{"feed":{"entry":[{"im:name":{"label":"App"},"id":{"label":"x"}},` + review + `]}}`, 1, 0, false},
		{"one without a time", `{"feed":{"entry":[` + strings.Replace(review, at, "", 1) + `,` + review + `]}}`, 1, 1, false},
		{"one without an id", `{"feed":{"entry":[` + strings.Replace(review, `"1"`, `"a b"`, 1) + `,` + review + `]}}`, 1, 1, false},
		{"one of another form", `{"feed":{"entry":[7,` + review + `]}}`, 1, 1, false},
		{"no feed", `{}`, 0, 0, true},
		{"no list", `{"feed":{"entry":"x"}}`, 0, 0, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			a, err := Driver().Open(&Settings{AppID: app, Back: time.Hour}, network.NewClient(network.Options{Base: networktest.NewWire(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				_, _ = w.Write([]byte(c.body))
			}))}))
			if err != nil {
				t.Fatal(err)
			}
			page, err := a.Poll(t.Context(), "")
			if c.fails {
				if networktest.Failure(t, err).Fault != network.Malformed {
					t.Error(err)
				}
				return
			}
			if err != nil || len(page.Items) != c.items || len(page.Bad) != c.bad {
				t.Fatalf("%d items, bad %v, %v", len(page.Items), page.Bad, err)
			}
			for _, it := range page.Items {
				if it.Post.Rating != 5 {
					t.Errorf("%d stars", it.Post.Rating)
				}
			}
		})
	}
}

func TestEightCountriesFitInACursor(t *testing.T) {
	s := newShop(t, false)
	s.countries = []string{"us", "de", "gb", "fr", "es", "it", "jp", "br"}
	for i := range 100 {
		s.Post(networktest.Post{Text: fmt.Sprint("broken ", i)})
	}
	seen := map[care.Remote]bool{}
	for cursor, more := "", true; more; {
		page, err := s.open().Poll(t.Context(), cursor)
		if err != nil || len(page.Next) > 4096 {
			t.Fatal(len(page.Next), err)
		}
		for _, it := range page.Items {
			seen[it.Post.Remote] = true
		}
		cursor, more = page.Next, page.More
	}
	if len(seen) != 100 {
		t.Errorf("%d of 100 reviews", len(seen))
	}
}

func TestWithoutKeysByHand(t *testing.T) {
	a := newShop(t, false).open().(*Public)
	if got := a.May(care.Post{Network: name, Remote: "7"}, time.Now()); got.How != care.ByHand || !strings.Contains(string(got.Why), "App Store Connect") {
		t.Errorf("%+v", got)
	}
	if _, err := a.Send(t.Context(), care.Answer{}); !networktest.Failure(t, err).Unsent {
		t.Error(err)
	}
}

// TestAnswersWrittenElsewhereAreTold, also to reviews of some days ago.
func TestAnswersWrittenElsewhereAreTold(t *testing.T) {
	s := newShop(t, true)
	id := s.Post(networktest.Post{Text: "broken", At: time.Now().Add(-5 * 24 * time.Hour)})
	first, err := s.open().Poll(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	own := s.Post(networktest.Post{Own: true, Text: "we are on it", InReplyTo: id})
	page, err := s.open().Poll(t.Context(), first.Next)
	if err != nil || len(page.Items) != 1 || !page.Items[0].Own || page.Items[0].Post.Remote != own || page.Items[0].Post.InReplyTo != id {
		t.Errorf("%+v %v", page.Items, err)
	}
}

func TestMendAndWithdraw(t *testing.T) {
	s := newShop(t, true)
	a := s.open().(*Connect)
	id := s.Post(networktest.Post{Text: "broken"})
	sent, err := a.Send(t.Context(), care.Answer{To: care.Post{Remote: id}, Text: "sorry", Key: "k"})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Mend(t.Context(), sent.Remote, "very sorry"); err != nil || s.Sent()[0].Text != "very sorry" {
		t.Error(s.Sent(), err)
	}
	for range 2 {
		if err := a.Withdraw(t.Context(), sent.Remote); err != nil || len(s.Sent()) != 0 {
			t.Error(s.Sent(), err)
		}
	}
	if err := a.Withdraw(t.Context(), id); networktest.Failure(t, err).Fault != network.Refused {
		t.Error(err)
	}
}

func TestKeysThatAreRefused(t *testing.T) {
	s := newShop(t, true)
	a := s.open().(*Connect)
	a.KeyID = "AAAAAAAAAA"
	_, err := a.Poll(t.Context(), "")
	if e := networktest.Failure(t, err); e.Fault != network.Refused || !strings.Contains(e.Error(), "key is not valid") {
		t.Error(err)
	}
}

func TestSettings(t *testing.T) {
	good := newShop(t, true).settings()
	if err := good.Validate(); err != nil {
		t.Fatal(err)
	}
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	b, err := x509.MarshalPKCS8PrivateKey(other)
	if err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string]func(*Settings){
		"app_id":        func(s *Settings) { s.AppID = "com.acme" },
		"countries":     func(s *Settings) { s.Countries = []string{"usa"} },
		"countries: at": func(s *Settings) { *s = Settings{AppID: app, Countries: slices.Repeat([]string{"us"}, 9)} },
		"key_id":        func(s *Settings) { s.KeyID = "" },
		"issuer_id":     func(s *Settings) { s.IssuerID = "me" },
		"private_key":   func(s *Settings) { s.PrivateKey = "hush" },
		"private_key: mus": func(s *Settings) {
			s.PrivateKey = network.Secret(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: b}))
		},
		"back": func(s *Settings) { s.Back = -1 },
		"host": func(s *Settings) { s.Host = "http://apple.example" },
	} {
		s := *good
		change(&s)
		if err := s.Validate(); err == nil || !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), "hush") {
			t.Errorf("%s: %v", want, err)
		}
	}
	if said := fmt.Sprintf("%v %+v %#v", good, good, good); strings.Contains(said, "PRIVATE") {
		t.Error(said)
	}
}

func FuzzFeed(f *testing.F) {
	f.Add([]byte(`{"id":{"label":"1"},"im:rating":{"label":"9"},"updated":{"label":"2026-11-20T03:12:44-07:00"},"content":{"label":"x"}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		var e entry
		if json.Unmarshal(b, &e) != nil || e.Rating == nil {
			return
		}
		if p, err := e.review("us").post(app); err == nil && (p.Author.ID == "" || p.Rating > 5 || len(p.Text) > maxText+2*maxTitle) {
			t.Errorf("%+v", p)
		}
	})
}

// BenchmarkPollPublic reads pages of fifty reviews from memory. Multiply by
// twenty for a thousand.
func BenchmarkPollPublic(b *testing.B) {
	s := newShop(b, false)
	s.page = perPage
	for i := range perPage {
		s.Post(networktest.Post{Text: fmt.Sprintf("since the update %d it crashes at the start, and nobody answers", i)})
	}
	a := s.open()
	for b.Loop() {
		if page, err := a.Poll(b.Context(), ""); err != nil || len(page.Items) != perPage {
			b.Fatal(len(page.Items), err)
		}
	}
}
