package webhook

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/networktest"
)

func TestSettings(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Settings)
		want   string // empty: good
	}{
		"a secret":              {func(*Settings) {}, ""},
		"as the standard has":   {func(s *Settings) { s.Secret = secret }, ""},
		"two secrets":           {func(s *Settings) { s.Secret = secret + "\n" + s.Secret }, ""},
		"a reply address":       {func(s *Settings) { s.ReplyURL = replyURL }, ""},
		"one on this machine":   {func(s *Settings) { s.ReplyURL = "http://127.0.0.1:9000/x" }, ""},
		"a network":             {func(s *Settings) { s.Network = "trust-o-meter" }, ""},
		"no secret":             {func(s *Settings) { s.Secret = " " }, "secret: missing"},
		"a short secret":        {func(s *Settings) { s.Secret = "hush" }, "secret: one is shorter"},
		"not base64":            {func(s *Settings) { s.Secret = "whsec_not base64, not at all, no" }, "secret:"},
		"too many secrets":      {func(s *Settings) { s.Secret = network.Secret(strings.Repeat(secret+" ", 9)) }, "secret: more than 8"},
		"a network of words":    {func(s *Settings) { s.Network = "Our shop" }, "network:"},
		"no window":             {func(s *Settings) { s.Window = 0 }, "window:"},
		"no encryption":         {func(s *Settings) { s.ReplyURL = "http://shop.example/" }, "https://"},
		"no address":            {func(s *Settings) { s.ReplyURL = "shop" }, "reply_url:"},
		"an address with a key": {func(s *Settings) { s.ReplyURL = "https://a:b@shop.example/" }, "reply_url:"},
		"no length":             {func(s *Settings) { s.ReplyLength = 0 }, "reply_length:"},
	} {
		s := Driver().Settings().(*Settings)
		s.Secret = "a-secret-of-twenty-four-signs"
		c.change(s)
		err := s.Validate()
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
		if _, opened := Driver().Open(s, nil); (opened == nil) != (err == nil) {
			t.Errorf("%s: opens with %v", name, opened)
		}
		if text := fmt.Sprintf("%v %+v %#v", s, s, s); strings.Contains(text, "whsec") || strings.Contains(text, "twenty-four") {
			t.Errorf("%s: %s", name, text)
		}
	}
}

func account(t testing.TB, change func(*Settings)) *Account {
	t.Helper()
	s := Driver().Settings().(*Settings)
	s.Secret = secret + "\nan-older-secret-that-still-counts"
	if change != nil {
		change(s)
	}
	a, err := open(s, network.NewClient(network.Options{}))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// The example of the standard's own documentation.
func TestTheStandardsExample(t *testing.T) {
	k, err := key("whsec_plJ3nmyCDGBKInavdOK15jsl")
	if err != nil {
		t.Fatal(err)
	}
	got := signature(k, "msg_loFOjxBNrRLzqYUf", "1731705121", []byte(`{"event_type":"ping","data":{"success":true}}`))
	if want := "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0="; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestSecretsChangeWithoutAGap(t *testing.T) {
	a, body, now := account(t, nil), []byte(`{"id":"1","text":"where is my order?"}`), time.Now()
	for _, s := range []string{secret, "an-older-secret-that-still-counts"} {
		if _, err := a.Receive(signedWith(t, s, "m", body, now), body); err != nil {
			t.Errorf("%s: %v", s, err)
		}
	}
	both := signedWith(t, "some-secret-that-we-do-not-know", "m", body, now)
	both.Set(headerSignature, both.Get(headerSignature)+" "+signedWith(t, secret, "m", body, now).Get(headerSignature))
	if _, err := a.Receive(both, body); err != nil {
		t.Errorf("one of two signatures is ours: %v", err)
	}
	if _, err := a.Receive(signedWith(t, "some-secret-that-we-do-not-know", "m", body, now), body); fault(err) != network.Refused {
		t.Errorf("another's: %v", err)
	}
}

func fault(err error) network.Fault {
	if e, ok := errors.AsType[*network.Error](err); ok {
		return e.Fault
	}
	return ""
}

func TestSomeOfADeliveryIsBad(t *testing.T) {
	body := []byte(`[
		{"id":"2","text":"later","posted_at":"2026-11-20T09:41:00Z","network":"Shop"},
		{"id":"1","text":"first ` + "\xff" + `","posted_at":"2026-11-20T09:30:00Z","rating":1},
		{"id":"3"}, 17, {"id":"4","deleted":true}, {"id":"5","text":"x","posted_at":"soon"}]`)
	a := account(t, func(s *Settings) { s.Network = "forms" })
	p, err := a.Receive(signedWith(t, secret, "m", body, time.Now()), body)
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Items) != 3 || p.Repaired != 1 || len(p.Bad) != 3 {
		t.Fatalf("%+v, %d repaired, bad %v", p.Items, p.Repaired, p.Bad)
	}
	if p.Items[0].Kind != network.Deleted || p.Items[1].Post.Remote != "1" || p.Items[1].Post.Kind != care.PostReview || p.Items[2].Post.Network != "shop" {
		t.Errorf("%+v", p.Items)
	}
	for i, reason := range []string{"mention 3 of a delivery: no text", "mention 4 of a delivery: no JSON object", "mention 6 of a delivery: posted_at"} {
		if !strings.HasPrefix(p.Bad[i].Reason, reason) {
			t.Errorf("%q, want %q", p.Bad[i].Reason, reason)
		}
	}
	many := []byte("[" + strings.Repeat(`{},`, maxMentions) + "{}]")
	if _, err := a.Receive(signedWith(t, secret, "m", many, time.Now()), many); fault(err) != network.Malformed {
		t.Errorf("too many: %v", err)
	}
}

func TestWithoutAnAddressPeopleAnswerByHand(t *testing.T) {
	a := account(t, nil)
	post := care.Post{Network: name, Remote: "1", URL: "https://shop.example/1"}
	if p := a.May(post, time.Now()); p.How != care.ByHand {
		t.Errorf("%+v", p)
	}
	answer := care.Answer{To: post, Text: "soon", Key: "k"}
	if _, err := a.Send(t.Context(), answer); fault(err) != network.Refused {
		t.Errorf("sent: %v", err)
	}
	if _, found, err := a.Find(t.Context(), answer); found || err != nil {
		t.Errorf("found %v, %v", found, err)
	}
}

func TestWhatCannotBeSent(t *testing.T) {
	w := newWorld(t)
	a := w.Account().(network.Replier)
	good := care.Answer{To: care.Post{Network: name, Remote: w.Post(networktest.Post{Text: "x"})}, Text: "soon", Key: "k"}
	for what, change := range map[string]func(*care.Answer){
		"no key":         func(a *care.Answer) { a.Key = "" },
		"a key of words": func(a *care.Answer) { a.Key = "a b\r\nX: y" },
		"no text":        func(a *care.Answer) { a.Text = " " },
		"no UTF-8":       func(a *care.Answer) { a.Text = "\xff" },
		"to nothing":     func(a *care.Answer) { a.To.Remote = "" },
		"a message":      func(a *care.Answer) { a.Direct = true },
		"with a picture": func(a *care.Answer) { a.Pictures = []care.Picture{{}} },
	} {
		bad := good
		change(&bad)
		_, err := a.Send(t.Context(), bad)
		if e, ok := errors.AsType[*network.Error](err); !ok || !e.Unsent {
			t.Errorf("%s: %v", what, err)
		}
	}
	if w.Calls() != 0 {
		t.Errorf("%d calls", w.Calls())
	}
}

// An address that is not there is not a no: an answer could be sent twice.
func TestFindBelievesOnlyTheProgram(t *testing.T) {
	for body, status := range map[string]int{`{"error":"no such page"}`: 404, `{}`: 200, `{"found":true}`: 200, `{"found":true,"id":"a\u0000b"}`: 200} {
		a := account(t, func(s *Settings) { s.ReplyURL = replyURL })
		a.http = network.NewClient(network.Options{Base: answering{status, body}})
		if _, found, err := a.Find(t.Context(), care.Answer{Key: "k"}); err == nil || found {
			t.Errorf("%s: found %v, %v", body, found, err)
		}
	}
}

type answering struct {
	status int
	body   string
}

func (a answering) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: a.status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(a.body)), Request: r}, nil
}

func FuzzReceive(f *testing.F) {
	a := account(f, nil)
	for _, s := range []string{`{"id":"1","text":"x"}`, `[{"id":1,"text":"x","rating":3},{"id":"2","deleted":true}]`, `[]`, "[\xff]", `{"id":"\ud800"}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		p, err := a.Receive(signedWith(t, secret, "m", body, time.Now()), body)
		if err != nil {
			if fault(err) != network.Malformed {
				t.Fatal(err)
			}
			return
		}
		if !json.Valid(body) {
			t.Fatal("taken, but not JSON")
		}
		for _, it := range p.Items {
			if it.Post.Remote == "" || it.Post.Network == "" || it.Kind != network.Deleted && (it.Post.Author.ID == "" || it.Post.Thread == "") {
				t.Fatalf("%+v", it)
			}
		}
	})
}

// BenchmarkReceive takes a delivery of a hundred mentions. Divide by a hundred for one.
func BenchmarkReceive(b *testing.B) {
	a := account(b, nil)
	var all []string
	for i := range 100 {
		all = append(all, fmt.Sprintf(`{"id":"%d","text":"My parcel never came and nobody answers.","author":{"handle":"ana","name":"Ana"},"posted_at":"2026-11-20T09:30:00Z"}`, i))
	}
	body := []byte("[" + strings.Join(all, ",") + "]")
	h := http.Header{}
	a.sign(h, "m", body, time.Now())
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		if p, err := a.Receive(h, body); err != nil || len(p.Items) != 100 {
			b.Fatal(err)
		}
	}
}
