package instagram

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/networktest"
)

func TestSettings(t *testing.T) {
	networktest.Settings(t, func() *Settings { return newWorld(t, Comments).settings() }, networktest.Changes[*Settings]{
		"comments":       {func(*Settings) {}, ""},
		"tagged":         {func(s *Settings) { s.What = Tagged }, ""},
		"no number":      {func(s *Settings) { s.Account = "acme" }, "account:"},
		"no name":        {func(s *Settings) { s.Username = "@acme" }, "username:"},
		"no app":         {func(s *Settings) { s.AppID = "" }, "app_id:"},
		"no token":       {func(s *Settings) { s.Token = "" }, "token:"},
		"everything":     {func(s *Settings) { s.What = "" }, "what:"},
		"the future":     {func(s *Settings) { s.Back = -1 }, "back:"},
		"no time at all": {func(s *Settings) { s.Comments = 0 }, "comments:"},
	}, "hush")
}

func TestCommentsOnOldMedia(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Comments)
		old := w.Post(networktest.Post{Text: "nice"})
		time.Sleep(5 * 24 * time.Hour)
		got, p := networktest.Drain(t, w.Account(), "")
		if len(got) != 0 {
			t.Errorf("before its time: %+v", got)
		}
		time.Sleep(time.Minute)
		fresh := w.Post(networktest.Post{Author: "ben", Text: "mine leaks", InReplyTo: old})
		got, _ = networktest.Drain(t, w.Account(), p.Next)
		it := got[fresh]
		if len(got) != 1 || it.Post.InReplyTo != old || it.Post.Thread != old || !it.Post.Summoned || it.Post.Author.Handle != "ben" || it.Own ||
			!strings.HasPrefix(it.Post.URL, "https://www.instagram.com/p/") || !strings.HasSuffix(it.Post.URL, "/c/"+string(fresh)+"/") || len(it.Post.Links) != 1 {
			t.Errorf("%+v", got)
		}
	})
}

func TestMoreThanComesWithAMedium(t *testing.T) {
	w := newWorld(t, Comments)
	w.nested = 2
	_, p := networktest.Drain(t, w.Account(), "")
	first := w.Post(networktest.Post{Text: "mine leaks"})
	medium := w.Find(string(first)).Parent
	ids := []care.Remote{first}
	for i := range 120 {
		s := w.write("ben", fmt.Sprint("and mine ", i), medium, time.Time{})
		ids = append(ids, care.Remote(s.ID))
	}
	for range 60 {
		ids = append(ids, w.Post(networktest.Post{Author: "cleo", Text: "same here", InReplyTo: first}))
	}
	got, _ := networktest.Drain(t, w.Account(), p.Next)
	for _, id := range ids {
		if _, ok := got[id]; !ok {
			t.Fatalf("%s was lost; %d came", id, len(got))
		}
	}
}

func TestMediaThatTagUs(t *testing.T) {
	w := newWorld(t, Tagged)
	a := w.account()
	_, p := networktest.Drain(t, a, "")
	var ids []care.Remote
	for range 2*w.page + 1 {
		ids = append(ids, w.Post(networktest.Post{Text: "look what @acme.care sold me"}))
	}
	got, _ := networktest.Drain(t, a, p.Next)
	for _, id := range ids {
		it := got[id]
		if it.Post.Text != "look what @acme.care sold me" || it.Post.Author.Handle != "ana" || !it.Post.Summoned || it.Post.Thread != id || it.Post.Revision == "" {
			t.Fatalf("%+v", it)
		}
	}
	w.Edit(ids[0], "never mind")
	w.Delete(ids[1])
	items, err := a.Look(t.Context(), ids[:2])
	if err != nil || items[0].Post.Text != "never mind" || items[0].Post.Revision == got[ids[0]].Post.Revision || items[1].Kind != network.Deleted {
		t.Errorf("%v: %+v", err, items)
	}
	if posts, err := a.Thread(t.Context(), ids[2]); err != nil || len(posts) != 1 {
		t.Errorf("%v: %+v", err, posts)
	}
	if p := a.May(got[ids[2]].Post, time.Now()); p.How != care.ByHand {
		t.Errorf("%+v", p)
	}
	if e := networktest.Failure(t, networktest.ErrOf(a.Send(t.Context(), care.Answer{To: got[ids[2]].Post, Text: "soon", Key: "k"}))); e.Fault != network.Refused || !e.Unsent {
		t.Error(e)
	}
}

func TestWhatIsDelivered(t *testing.T) {
	w := newWorld(t, Comments)
	a := w.account()
	body := w.deliver(
		map[string]any{"field": "comments", "value": map[string]any{"id": "7", "text": "mine leaks", "from": map[string]any{"id": "12", "username": "ana"}, "media": map[string]any{"id": "5"}, "parent_id": "6"}},
		map[string]any{"field": "comments", "value": map[string]any{"id": "8", "text": "we are on it", "from": map[string]any{"id": account, "username": username}}},
		map[string]any{"field": "comments", "value": map[string]any{"id": "x"}},
		map[string]any{"field": "comments", "value": 17},
		map[string]any{"field": "mentions", "value": map[string]any{"media_id": "5", "comment_id": "9"}},
	)
	p, err := a.Receive(w.Sign(body, time.Now()), body)
	if err != nil || len(p.Items) != 2 || len(p.Bad) != 2 {
		t.Fatalf("%v: %+v", err, p)
	}
	if it := p.Items[0]; it.Post.InReplyTo != "6" || it.Post.Thread != "6" || it.Own {
		t.Errorf("%+v", it)
	}
	if it := p.Items[1]; !it.Own || it.Post.Summoned {
		t.Errorf("%+v", it)
	}
	other := []byte(strings.ReplaceAll(string(body), `"instagram"`, `"page"`))
	if e := networktest.Failure(t, networktest.ErrOf(a.Receive(w.Sign(other, time.Now()), other))); e.Fault != network.Malformed {
		t.Error(e)
	}
}

// Instagram has two storeys, and the owner of a medium may delete all on it.
func TestAnAnswerToAnAnswer(t *testing.T) {
	w := newWorld(t, Comments)
	a := w.account()
	_, p := networktest.Drain(t, a, "")
	first := w.Post(networktest.Post{Text: "mine leaks"})
	second := w.Post(networktest.Post{Author: "ben", Text: "mine too", InReplyTo: first})
	got, _ := networktest.Drain(t, a, p.Next)
	answer := care.Answer{To: got[second].Post, Text: "soon", Key: "k", At: time.Now()}
	sent, err := a.Send(t.Context(), answer)
	if err != nil || w.Sent()[0].To.Remote != first || !strings.Contains(sent.URL, "/c/"+string(sent.Remote)) {
		t.Fatalf("%v: %+v", err, sent)
	}
	if found, ok, err := a.Find(t.Context(), answer); err != nil || !ok || found.Remote != sent.Remote {
		t.Errorf("%v %v %v", found, ok, err)
	}
	for range 2 {
		if err := a.Withdraw(t.Context(), sent.Remote); err != nil || len(w.Sent()) != 0 {
			t.Errorf("%v: %+v", err, w.Sent())
		}
	}
	if e := networktest.Failure(t, a.Withdraw(t.Context(), second)); !e.Unsent || w.Find(string(second)) == nil {
		t.Error(e)
	}
}

func TestPrivateAnswersWhileLive(t *testing.T) {
	w := newWorld(t, Comments)
	a := w.account()
	id := w.Post(networktest.Post{Text: "is it waterproof?"})
	w.Find(string(id)).Live = true
	w.Over = true
	answer := care.Answer{To: care.Post{Network: name, Remote: id}, Text: "it is", Direct: true}
	if e := networktest.Failure(t, networktest.ErrOf(a.Send(t.Context(), answer))); !e.Settled() || !strings.Contains(e.Error(), "over") {
		t.Errorf("after the video: %v", e)
	}
	w.Over = false
	if _, err := a.Send(t.Context(), answer); err != nil || !w.Sent()[0].Direct {
		t.Errorf("while it runs: %v", err)
	}
}

func TestWhatCannotBeSent(t *testing.T) {
	w := newWorld(t, Comments)
	a := w.account()
	good := care.Answer{To: care.Post{Network: name, Remote: w.Post(networktest.Post{Text: "x"})}, Text: "soon", Key: "k"}
	for what, change := range map[string]func(*care.Answer){
		"private, empty": func(a *care.Answer) { a.Direct, a.Text = true, " " },
		"private, drawn": func(a *care.Answer) { a.Direct, a.Pictures = true, []care.Picture{{}} },
		"to nothing":     func(a *care.Answer) { a.To.Remote = "../me" },
		"no text":        func(a *care.Answer) { a.Text = "\n" },
		"no UTF-8":       func(a *care.Answer) { a.Text = "\xff" },
		"with a picture": func(a *care.Answer) { a.Pictures = []care.Picture{{}} },
		"hashtags":       func(a *care.Answer) { a.Text = "#a #b #c #d #e" },
		"addresses":      func(a *care.Answer) { a.Text = "https://a.example http://b.example" },
		"capitals":       func(a *care.Answer) { a.Text = "WE ARE SORRY!" },
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
	for _, text := range []string{"OK, soon", "対応します", "17"} {
		good.Text = text
		if _, err := a.Send(t.Context(), good); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func FuzzItem(f *testing.F) {
	a := newWorld(f, Comments).account()
	f.Add([]byte(`{"id":"1","text":"x","timestamp":"2026-11-20T09:30:00+0000","from":{"id":"4","username":"ana"},"parent_id":"2"}`), "", "https://www.instagram.com/p/x/")
	f.Add([]byte("{\"id\":\"1\",\"text\":\"\xff\",\"timestamp\":\"2026-11-20T09:30:00+0000\",\"username\":\"..\"}"), "3", "")
	f.Fuzz(func(t *testing.T, raw []byte, parent, permalink string) {
		it, _, err := a.item(json.RawMessage(raw), parent, permalink)
		if err == nil && (it.Post.Author.ID == "" || it.Post.Thread == "" || it.Post.PostedAt.IsZero()) {
			t.Fatalf("%+v", it)
		}
	})
}

// BenchmarkPoll reads a page of ten media with ten comments each. Divide by a
// hundred for one mention.
func BenchmarkPoll(b *testing.B) {
	w := newWorld(b, Comments)
	w.page = pageSize
	for range 10 {
		medium := w.write(username, "New kettles!", nil, time.Time{})
		for range 10 {
			w.write("ana", "My parcel never came and nobody answers. Order 4711, paid on Monday.", medium, time.Time{})
		}
	}
	w.Wire = networktest.NewWireOver(b, networktest.Replay(b, w.Wire))
	a := w.account()
	for b.Loop() {
		if p, err := a.Poll(b.Context(), ""); err != nil || len(p.Items) != 100 {
			b.Fatal(len(p.Items), err)
		}
	}
}
