package play

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/networktest"
)

func TestSettings(t *testing.T) {
	good := string(account().file)
	networktest.Settings(t, func() *Settings {
		s := Driver().Settings().(*Settings)
		s.App, s.Key = app, network.Secret(good)
		return s
	}, networktest.Changes[*Settings]{
		"an app":           {func(*Settings) {}, ""},
		"a week":           {func(s *Settings) { s.Back = reach }, ""},
		"no app":           {func(s *Settings) { s.App = "" }, "app:"},
		"a name":           {func(s *Settings) { s.App = "My shop" }, "app:"},
		"a path":           {func(s *Settings) { s.App = "org.example/../x" }, "app:"},
		"no key":           {func(s *Settings) { s.Key = "" }, "key: missing"},
		"no JSON":          {func(s *Settings) { s.Key = "hush" }, "key: this is not a key file"},
		"another key":      {func(s *Settings) { s.Key = `{"type":"authorized_user"}` }, "key: this is no service account"},
		"a broken key":     {func(s *Settings) { s.Key = network.Secret(strings.ReplaceAll(good, "MII", "AAA")) }, "key: the private key"},
		"more than a week": {func(s *Settings) { s.Back = reach + 1 }, "back:"},
	}, "PRIVATE", "MII")
}

func TestWhatAReviewTells(t *testing.T) {
	w := newWorld(t)
	_, p := networktest.Drain(t, w.Account(), "")
	id := w.Post(networktest.Post{Text: "crashes all day"})
	got, _ := networktest.Drain(t, w.Account(), p.Next)
	post := got[id].Post
	if post.Kind != care.PostReview || post.Rating != 1 || post.Language != "pt-BR" || post.Text != "crashes all day" || post.Author.Name != "ana" ||
		post.Author.Handle != "" || !post.Summoned || !strings.HasPrefix(post.URL, "https://play.google.com/store/apps/details?id="+app) {
		t.Errorf("%+v", post)
	}
}

// After a restart nothing is known of a review, but its version tells the edit.
func TestAnEditIsKnownAfterARestart(t *testing.T) {
	w := newWorld(t)
	_, p := networktest.Drain(t, w.Account(), "")
	id := w.Post(networktest.Post{Text: "crashes all day"})
	before, p := networktest.Drain(t, w.Account(), p.Next)
	w.Edit(id, "works now")
	w.driver = Driver()
	after, _ := networktest.Drain(t, w.Account(), p.Next)
	if a, b := before[id].Post, after[id].Post; b.Text != "works now" || a.Revision == b.Revision || a.Revision == "" {
		t.Errorf("%+v, then %+v", a, b)
	}
}

func TestAnAnswerByHandIsFoundWithinAnHour(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		_, p := networktest.Drain(t, w.Account(), "")
		id := w.Post(networktest.Post{Text: "crashes all day"})
		_, p = networktest.Drain(t, w.Account(), p.Next)
		time.Sleep(3 * 24 * time.Hour)
		_, p = networktest.Drain(t, w.Account(), p.Next)
		own := w.Post(networktest.Post{Own: true, Text: "mended in 1.2.4", InReplyTo: id})
		time.Sleep(time.Hour)
		got, _ := networktest.Drain(t, w.Account(), p.Next)
		if it, ok := got[own]; !ok || !it.Own || it.Post.InReplyTo != id || it.Post.Text != "mended in 1.2.4" {
			t.Errorf("%+v", it)
		}
	})
}

func TestMoreThanAWeekIsAGap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		_, p := networktest.Drain(t, w.Account(), "")
		time.Sleep(time.Minute)
		w.Post(networktest.Post{Text: "x"})
		_, p = networktest.Drain(t, w.Account(), p.Next)
		w.Post(networktest.Post{Text: "nobody saw this"})
		time.Sleep(10 * 24 * time.Hour)
		_, p = networktest.Drain(t, w.Account(), p.Next)
		if len(p.Gaps) != 1 || p.Gaps[0].To.Sub(p.Gaps[0].From).Round(time.Hour) != 72*time.Hour {
			t.Errorf("%+v", p.Gaps)
		}
	})
}

// What a person wrote since must not be overwritten by an answer whose fate was
// not known.
func TestANewerAnswerIsNotOverwritten(t *testing.T) {
	w := newWorld(t)
	a := w.account()
	to := care.Post{Network: name, Remote: w.Post(networktest.Post{Text: "crashes all day"})}
	answer := care.Answer{To: to, Text: "We are on it.", Key: "k", At: time.Now().Add(-time.Second)}
	w.Post(networktest.Post{Own: true, Text: "mended in 1.2.4", InReplyTo: to.Remote})
	if e := networktest.Failure(t, func() error { _, _, err := a.Find(t.Context(), answer); return err }()); e.Fault != network.Malformed {
		t.Error(e)
	}
	answer.At = time.Now().Add(time.Hour) // written later: it may take the other's place
	if _, found, err := a.Find(t.Context(), answer); found || err != nil {
		t.Errorf("found %v, %v", found, err)
	}
}

func TestWhatCannotBeSent(t *testing.T) {
	w := newWorld(t)
	a := w.account()
	id := w.Post(networktest.Post{Text: "x"})
	good := care.Answer{To: care.Post{Network: name, Remote: id}, Text: "soon", Key: "k"}
	for what, change := range map[string]func(*care.Answer){
		"a message":      func(a *care.Answer) { a.Direct = true },
		"to an answer":   func(a *care.Answer) { a.To.Remote += ofAnswer },
		"to nothing":     func(a *care.Answer) { a.To.Remote = "a/b" },
		"no text":        func(a *care.Answer) { a.Text = "\n" },
		"no UTF-8":       func(a *care.Answer) { a.Text = "\xff" },
		"HTML":           func(a *care.Answer) { a.Text = "see <b>here</b>" },
		"with a picture": func(a *care.Answer) { a.Pictures = []care.Picture{{}} },
	} {
		bad := good
		change(&bad)
		if e := networktest.Failure(t, networktest.ErrOf(a.Send(t.Context(), bad))); !e.Unsent {
			t.Errorf("%s: %v", what, e)
		}
	}
	if w.Calls() != 0 {
		t.Errorf("%d calls", w.Calls())
	}
	good.Text = "we <3 you"
	sent, err := a.Send(t.Context(), good)
	if err != nil || w.Sent()[0].Text != good.Text {
		t.Errorf("%v: %+v", err, w.Sent())
	}
	if err := a.Mend(t.Context(), sent.Remote, "mended"); err != nil || w.Sent()[0].Text != "mended" {
		t.Errorf("%v: %+v", err, w.Sent())
	}
	if e := networktest.Failure(t, a.Mend(t.Context(), id, "mended")); !e.Unsent {
		t.Error(e)
	}
	if p := a.May(care.Post{Network: name, Remote: sent.Remote}, time.Now()); p.How != care.ByNone {
		t.Errorf("our own answer: %+v", p)
	}
}

func FuzzReview(f *testing.F) {
	a := newWorld(f).account()
	f.Add([]byte(`{"reviewId":"gp:1","authorName":"Ana","comments":[{"userComment":{"text":"x","lastModified":{"seconds":"1443676826","nanos":713000000},"starRating":5}}]}`))
	f.Add([]byte(`{"reviewId":"gp:1","comments":[{"userComment":{"lastModified":{"seconds":1443676826}}},{"developerComment":{"text":"y","lastModified":{"seconds":"1443676827"}}}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		r, err := a.read(json.RawMessage(raw))
		if err == nil && (r.review.Post.PostedAt.IsZero() || r.review.Post.Author.ID == "" || r.changed.IsZero()) {
			t.Fatalf("%+v", r)
		}
	})
}

// BenchmarkPoll reads pages of a hundred reviews. Divide by a hundred for one.
func BenchmarkPoll(b *testing.B) {
	w := newWorld(b)
	w.page = pageSize
	for range pageSize {
		w.Post(networktest.Post{Text: "Crashes since the last update, and nobody answers. I want my money back."})
	}
	w.Wire = networktest.NewWireOver(b, networktest.Replay(b, w.Wire))
	a := w.account()
	for b.Loop() {
		if p, err := a.Poll(b.Context(), ""); err != nil || len(p.Items) != pageSize {
			b.Fatal(len(p.Items), err)
		}
	}
}
