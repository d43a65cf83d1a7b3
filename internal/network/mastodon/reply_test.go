package mastodon

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/mastodon/mastodontest"
	"github.com/amends-care/amends/internal/network/networktest"
)

var png = []byte("\x89PNG\r\n\x1a\n0000")

// complaint posts something and reads it back.
func (w *world) complaint(p mastodontest.Post) care.Post {
	w.t.Helper()
	items, err := w.account().Look(w.t.Context(), []care.Remote{w.remote(w.server.Post(p))})
	if err != nil || len(items) != 1 {
		w.t.Fatal(items, err)
	}
	return items[0].Post
}

func (w *world) send(a care.Answer) network.Sent {
	w.t.Helper()
	a.Key, a.At = "k-"+a.Text, time.Now()
	sent, err := w.account().Send(w.t.Context(), a)
	if err != nil {
		w.t.Fatal(err)
	}
	return sent
}

func TestAnswersAreNeverWiderThanWhatTheyAnswer(t *testing.T) {
	for _, c := range []struct {
		of, configured string
		direct         bool
		want           string
	}{
		{"public", "unlisted", false, "unlisted"},
		{"public", "public", false, "public"},
		{"public", "public", true, "direct"},
		{"unlisted", "public", false, "unlisted"},
		{"private", "public", false, "private"},
		{"direct", "public", false, "direct"},
	} {
		w := newWorld(t, Mentions)
		w.settings.Visibility = c.configured
		p := w.complaint(mastodontest.Post{By: "ana", Text: "@acme broken", Visibility: c.of})
		w.send(care.Answer{To: p, Text: "sorry", Direct: c.direct})
		if got := w.server.Sent("acme"); got[0].Visibility != c.want {
			t.Errorf("%+v: %s", c, got[0].Visibility)
		}
		if private := c.of == "private" || c.of == "direct"; private != (p.Kind == care.PostDirect) {
			t.Errorf("%s is a %s", c.of, p.Kind)
		}
	}
}

func TestAnswersMentionWhomTheyAreFor(t *testing.T) {
	for _, c := range []struct{ by, text, want string }{
		{"ana", "sorry", "@ana sorry"},
		{"cy@far.example", "sorry", "@cy@far.example sorry"},
		{"ana", "Sorry, @Ana!", "Sorry, @Ana!"},
		{"ana", "hello @ana@social.example.", "hello @ana@social.example."},
		{"ana", "ask @anabel", "@ana ask @anabel"},
	} {
		w := newWorld(t, Mentions)
		w.send(care.Answer{To: w.complaint(mastodontest.Post{By: c.by, Text: "@acme broken"}), Text: c.text})
		if got := w.server.Sent("acme")[0].Text; got != c.want {
			t.Errorf("%s: sent %q, want %q", c.text, got, c.want)
		}
	}
}

func TestAnswersAreFoundByTheirWords(t *testing.T) {
	w := newWorld(t, Mentions)
	w.server.SignUp("ben@far.example")
	w.server.Ignores = true
	p := w.complaint(mastodontest.Post{By: "cy@far.example", Text: "@acme broken"})
	for _, text := range []string{
		"plain", "two\n\nparagraphs\nand a line", "see https://acme.example/help/a/very/long/way/to/the/page?a=1&b=2 there",
		"with @ben@far.example and #acme", "<b>no</b> & markup", "ﬁne – “quoted” 😀", "@ben@far.example too",
	} {
		sent := w.send(care.Answer{To: p, Text: text})
		found, ok, err := w.account().Find(t.Context(), care.Answer{To: p, Text: text, At: time.Now()})
		if err != nil || !ok || found.Remote != sent.Remote {
			t.Errorf("%q: %v %v %v", text, found, ok, err)
		}
	}
	if _, ok, err := w.account().Find(t.Context(), care.Answer{To: p, Text: "plain", At: time.Now().Add(time.Hour)}); ok || err != nil {
		t.Errorf("an answer of an hour before was taken for this one: %v", err)
	}
}

// TestServersThatIgnoreTheKeyDouble is why a doubtful answer is looked for, and
// never just sent again.
func TestServersThatIgnoreTheKeyDouble(t *testing.T) {
	for ignores, want := range map[bool]int{true: 2, false: 1} {
		w := newWorld(t, Mentions)
		w.server.Ignores = ignores
		p := w.complaint(mastodontest.Post{By: "ana", Text: "@acme broken"})
		for range 2 {
			w.send(care.Answer{To: p, Text: "sorry"})
		}
		if n := len(w.server.Sent("acme")); n != want {
			t.Errorf("ignores the key %v: %d answers", ignores, n)
		}
	}
}

func TestPicturesGoOut(t *testing.T) {
	w := newWorld(t, Mentions)
	p := w.complaint(mastodontest.Post{By: "ana", Text: "@acme broken"})
	w.send(care.Answer{To: p, Text: "like this", Pictures: []care.Picture{{Type: "image/png", Alt: "the switch", Bytes: png}}})
	if got := w.server.Sent("acme")[0].Pictures; !slices.Equal(got, []string{"the switch"}) {
		t.Error(got)
	}
	_, err := w.account().Send(t.Context(), care.Answer{To: p, Text: "x", Key: "k", Pictures: []care.Picture{{Type: "image/png", Bytes: []byte("no picture")}}})
	if e := networktest.Failure(t, err); !e.Settled() || len(w.server.Sent("acme")) != 1 {
		t.Errorf("a picture that the server refused: %v", err)
	}
	for _, bad := range [][]care.Picture{{{Type: "image/gif", Bytes: png}}, {{Type: "image/png"}}, slices.Repeat([]care.Picture{{Type: "image/png", Bytes: png}}, 5)} {
		if _, err := w.account().Send(t.Context(), care.Answer{To: p, Text: "x", Key: "k", Pictures: bad}); !networktest.Failure(t, err).Unsent {
			t.Error(err)
		}
	}
}

func TestLengthAsTheServerCounts(t *testing.T) {
	w := newWorld(t, Mentions)
	w.server.Characters = 100
	p := w.complaint(mastodontest.Post{By: "cy@far.example", Text: "@acme broken"})
	a := w.account()
	if got := a.May(p, time.Now()); got.Length.Max != 500-len("@cy@far.example ") || got.How != care.ByAPI || !got.Direct || got.Pictures != 4 {
		t.Errorf("before the server was asked: %+v", got)
	}
	if _, err := a.Poll(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	if got := a.May(p, time.Now()).Length; got != (care.Length{Max: 100 - len("@cy@far.example "), Unit: "graphemes"}) {
		t.Errorf("%+v", got)
	}
	long := "https://acme.example/" + strings.Repeat("x", 200) + " 👨‍👩‍👧‍👦" + strings.Repeat("a", 59)
	if _, err := a.Send(t.Context(), care.Answer{To: p, Text: long, Key: "k"}); err != nil {
		t.Errorf("an address counts 23, a family one: %v", err)
	}
	if _, err := a.Send(t.Context(), care.Answer{To: p, Text: long + "a", Key: "k2"}); !networktest.Failure(t, err).Unsent {
		t.Error(err)
	}
}

func TestLimitsOfAnOldServer(t *testing.T) {
	w := newWorld(t, Mentions)
	w.server.Old, w.server.Characters = true, 5000
	a := w.account()
	if _, err := a.Poll(t.Context(), ""); err != nil || a.known().characters != 5000 {
		t.Error(a.known(), err)
	}
}

func TestWithoutATokenByHand(t *testing.T) {
	w := newWorld(t, Hashtag)
	w.settings.Token = ""
	p := w.complaint(mastodontest.Post{By: "ana", Text: "broken #acme"})
	if got := w.account().May(p, time.Now()); got.How != care.ByHand || got.Why == "" {
		t.Errorf("%+v", got)
	}
	if _, err := w.account().Send(t.Context(), care.Answer{To: p, Text: "sorry", Key: "k"}); networktest.Failure(t, err).Fault != network.Refused || !networktest.Failure(t, err).Unsent {
		t.Error(err)
	}
	if got := w.account().May(care.Post{Network: name, Remote: "other.example/1"}, time.Now()); got.How != care.ByNone {
		t.Errorf("a post of another server: %+v", got)
	}
}

func TestMendLeavesTheRestAsItIs(t *testing.T) {
	w := newWorld(t, Own)
	p := w.complaint(mastodontest.Post{By: "ana", Text: "@acme broken"})
	sent := w.send(care.Answer{To: p, Text: "like this", Pictures: []care.Picture{{Type: "image/png", Alt: "the switch", Bytes: png}}})
	if err := w.account().Mend(t.Context(), sent.Remote, "like that"); err != nil {
		t.Fatal(err)
	}
	got := w.server.Sent("acme")[0]
	if got.Text != "@ana like that" || len(got.Pictures) != 1 || got.InReplyTo != w.local(p.Remote) {
		t.Errorf("%+v", got)
	}
	for id, text := range map[care.Remote]string{p.Remote: "not ours", sent.Remote: strings.Repeat("a", 501)} {
		if err := w.account().Mend(t.Context(), id, text); !networktest.Failure(t, err).Settled() {
			t.Error(err)
		}
	}
}

func TestWithdraw(t *testing.T) {
	w := newWorld(t, Own)
	p := w.complaint(mastodontest.Post{By: "ana", Text: "@acme broken"})
	sent := w.send(care.Answer{To: p, Text: "sorry"})
	for range 2 { // the second time it is gone already
		if err := w.account().Withdraw(t.Context(), sent.Remote); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(w.server.Sent("acme")); n != 0 {
		t.Errorf("%d answers stand", n)
	}
	if err := w.account().Withdraw(t.Context(), p.Remote); networktest.Failure(t, err).Fault != network.Refused {
		t.Error(err)
	}
}

func TestBlock(t *testing.T) {
	w := newWorld(t, Mentions)
	p := w.complaint(mastodontest.Post{By: "cy@far.example", Text: "@acme broken"})
	for _, on := range []bool{true, false} {
		if err := w.account().Block(t.Context(), p.Author, on); err != nil {
			t.Fatal(err)
		}
		if got := w.server.Blocked("acme", "cy@far.example"); got != on {
			t.Errorf("blocked %v, want %v", got, on)
		}
	}
	if err := w.account().Block(t.Context(), care.Author{ID: "nobody@social.example"}, true); networktest.Failure(t, err).Fault != network.Gone {
		t.Error(err)
	}
}
