package threads

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/networktest"
)

func TestSettings(t *testing.T) {
	networktest.Settings(t, func() *Settings { return newWorld(t, Replies).settings() }, networktest.Changes[*Settings]{
		"replies":           {func(*Settings) {}, ""},
		"mentions":          {func(s *Settings) { s.What = Mentions }, ""},
		"a search":          {func(s *Settings) { s.What, s.Query = Search, "acme" }, ""},
		"a search of none":  {func(s *Settings) { s.What = Search }, "query:"},
		"words for nothing": {func(s *Settings) { s.Query = "acme" }, "query:"},
		"no number":         {func(s *Settings) { s.Account = "acme" }, "account:"},
		"no name":           {func(s *Settings) { s.Username = "@acme" }, "username:"},
		"no app":            {func(s *Settings) { s.AppID = "" }, "app_id:"},
		"no token":          {func(s *Settings) { s.Token = "" }, "token:"},
		"everything":        {func(s *Settings) { s.What = "" }, "what:"},
		"the future":        {func(s *Settings) { s.Back = -1 }, "back:"},
		"no time at all":    {func(s *Settings) { s.Replies = 0 }, "replies:"},
	}, "hush")
}

func TestRepliesToOldThreads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Replies)
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
			it.Post.URL != "https://www.threads.net/@ben/post/"+string(fresh) {
			t.Errorf("%+v", got)
		}
		time.Sleep(3 * 24 * time.Hour)
		calls := w.Calls()
		networktest.Drain(t, w.Account(), "")
		if n := w.Calls() - calls; n > 2 { // the list, and the token
			t.Errorf("a new source made %d calls for threads that are too old", n)
		}
	})
}

func TestLongTalks(t *testing.T) {
	w := newWorld(t, Replies)
	_, p := networktest.Drain(t, w.Account(), "")
	first := w.Post(networktest.Post{Text: "mine leaks"})
	ids, on := []care.Remote{first}, first
	for i := range 230 {
		on = w.Post(networktest.Post{Author: "ben", Text: fmt.Sprint("and mine ", i), InReplyTo: on})
		if i%10 == 0 {
			on = first
		}
		ids = append(ids, care.Remote(w.Nodes[len(w.Nodes)-1].ID))
	}
	got, _ := networktest.Drain(t, w.Account(), p.Next)
	for _, id := range ids {
		if it, ok := got[id]; !ok || it.Post.Thread != first {
			t.Fatalf("%s is in %q; %d came", id, it.Post.Thread, len(got))
		}
	}
	items, err := w.account().Look(t.Context(), ids[8:9])
	if err != nil || items[0].Post.Thread != first {
		t.Errorf("%v: %+v", err, items)
	}
}

func TestATalkInCirclesEnds(t *testing.T) {
	if got := first("1", map[care.Remote]care.Remote{"1": "2", "2": "1"}); got == "" {
		t.Error(got)
	}
}

func TestRepostsAreLeftOut(t *testing.T) {
	w := newWorld(t, Search)
	_, p := networktest.Drain(t, w.account(), "")
	w.Post(networktest.Post{Text: "mine leaks"})
	w.Nodes[0].Repost = true
	mine := w.Post(networktest.Post{Text: "not for me @Acme.Care. Really"})
	other := w.Post(networktest.Post{Text: "nor @acme.career or a@acme.care"})
	got, _ := networktest.Drain(t, w.account(), p.Next)
	if len(got) != 2 || !got[mine].Post.Summoned || got[other].Post.Summoned {
		t.Errorf("%+v", got)
	}
}

func TestOthersThreads(t *testing.T) {
	w := newWorld(t, Mentions)
	root := w.write("cleo", "Which kettle?", nil, time.Time{})
	_, p := networktest.Drain(t, w.account(), "")
	id := w.Post(networktest.Post{Author: "ben", Text: "none of these", InReplyTo: care.Remote(root.ID)})
	below := w.Post(networktest.Post{Text: "right", InReplyTo: id})
	got, _ := networktest.Drain(t, w.account(), p.Next)
	if it := got[below]; len(got) != 2 || it.Post.InReplyTo != id || it.Post.Thread != care.Remote(root.ID) {
		t.Errorf("%+v", got)
	}
	if posts, err := w.account().Thread(t.Context(), below); err != nil || len(posts) != 1 || posts[0].Remote != below {
		t.Errorf("%v: %+v", err, posts)
	}
	if may := w.account().May(got[below].Post, time.Now()); may.How != care.ByAPI || may.Length.Max != 500 {
		t.Errorf("%+v", may)
	}
}

func TestWhatIsDelivered(t *testing.T) {
	root := func(owner, name string) map[string]any {
		return map[string]any{"id": "5", "owner_id": owner, "username": name}
	}
	value := func(more map[string]any) map[string]any {
		v := map[string]any{"id": "7", "username": "ana", "text": "mine leaks", "timestamp": "2026-11-20T09:30:00+0000", "replied_to": map[string]any{"id": "6"}, "root_post": root(account, username)}
		for k := range more {
			v[k] = more[k]
		}
		return v
	}
	for name, c := range map[string]struct {
		what, field string
		value       any
		items, bad  int
	}{
		"a reply":                 {Replies, "replies", value(nil), 1, 0},
		"by the name alone":       {Replies, "replies", value(map[string]any{"root_post": root("9", "Acme.Care")}), 1, 0},
		"to another account":      {Replies, "replies", value(map[string]any{"root_post": root("9", "bolt")}), 0, 0},
		"to nobody":               {Replies, "replies", value(map[string]any{"root_post": nil}), 0, 0},
		"a mention":               {Mentions, "mentions", value(map[string]any{"text": "look @acme.care"}), 1, 0},
		"a mention of another":    {Mentions, "mentions", value(map[string]any{"text": "look @bolt"}), 0, 0},
		"for the other source":    {Replies, "mentions", value(map[string]any{"text": "look @acme.care"}), 0, 0},
		"a search is told none":   {Search, "replies", value(nil), 0, 0},
		"something new":           {Replies, "publish", value(nil), 0, 0},
		"without a time":          {Replies, "replies", value(map[string]any{"timestamp": "soon"}), 0, 1},
		"with an id that is none": {Replies, "replies", value(map[string]any{"id": "../me"}), 0, 1},
		"no post at all":          {Replies, "replies", 17, 0, 1},
	} {
		w := newWorld(t, c.what)
		body := w.deliver(c.field, c.value)
		p, err := w.account().Receive(w.Sign(body, time.Now()), body)
		if err != nil || len(p.Items) != c.items || len(p.Bad) != c.bad {
			t.Errorf("%s: %v: %+v", name, err, p)
		}
		if c.items == 1 && (p.Items[0].Post.InReplyTo != "6" || !p.Items[0].Post.Summoned || p.Items[0].Own) {
			t.Errorf("%s: %+v", name, p.Items[0])
		}
	}
}

// The answer stands with the second step: whatever happens to the first,
// nothing does, and it can be sent again.
func TestTheFirstStepLeavesNothing(t *testing.T) {
	for _, f := range networktest.HTTPFaults() {
		if f == networktest.Silent || f == networktest.Stalled {
			continue // the suite waits for these
		}
		w := newWorld(t, Replies)
		answer := care.Answer{To: care.Post{Network: name, Remote: w.Post(networktest.Post{Text: "x"})}, Text: "soon", Key: "k", At: time.Now()}
		w.Wire.BreakWrites(f)
		e := networktest.Failure(t, networktest.ErrOf(w.account().Send(t.Context(), answer)))
		w.Break(networktest.Mended)
		if !e.Settled() || len(w.Sent()) != 0 {
			t.Errorf("%s: %v, %+v", f, e, w.Sent())
		}
		if _, err := w.account().Send(t.Context(), answer); err != nil || len(w.Sent()) != 1 {
			t.Errorf("%s: %v, %+v", f, err, w.Sent())
		}
	}
}

func TestAContainerThatIsNotReady(t *testing.T) {
	w := newWorld(t, Replies)
	answer := care.Answer{To: care.Post{Network: name, Remote: w.Post(networktest.Post{Text: "x"})}, Text: "soon", Key: "k", At: time.Now()}
	w.unready = true
	if e := networktest.Failure(t, networktest.ErrOf(w.account().Send(t.Context(), answer))); e.Fault != network.Transient || !e.Unsent || e.After != 30*time.Second {
		t.Error(e)
	}
	w.unready = false
	sent, err := w.account().Send(t.Context(), answer)
	if err != nil || len(w.Sent()) != 1 {
		t.Fatal(err, w.Sent())
	}
	for range 2 {
		if err := w.account().Withdraw(t.Context(), sent.Remote); err != nil || len(w.Sent()) != 0 {
			t.Errorf("%v: %+v", err, w.Sent())
		}
	}
	if e := networktest.Failure(t, w.account().Withdraw(t.Context(), answer.To.Remote)); e.Fault != network.Refused {
		t.Error(e)
	}
}

func TestAnOldAnswerOfTheSameWordsIsNotThisOne(t *testing.T) {
	w := newWorld(t, Replies)
	to := w.Post(networktest.Post{Text: "x"})
	w.write(username, "soon", w.Find(string(to)), time.Now().Add(-time.Hour))
	answer := care.Answer{To: care.Post{Network: name, Remote: to}, Text: "soon", At: time.Now()}
	if _, found, err := w.account().Find(t.Context(), answer); err != nil || found {
		t.Error(found, err)
	}
	answer.At = time.Time{}
	if _, found, err := w.account().Find(t.Context(), answer); err != nil || !found {
		t.Error(found, err)
	}
}

func TestWhatCannotBeSent(t *testing.T) {
	w := newWorld(t, Replies)
	good := care.Answer{To: care.Post{Network: name, Remote: w.Post(networktest.Post{Text: "x"})}, Text: "soon", Key: "k"}
	for what, change := range map[string]func(*care.Answer){
		"a message":      func(a *care.Answer) { a.Direct = true },
		"to nothing":     func(a *care.Answer) { a.To.Remote = "../me" },
		"no text":        func(a *care.Answer) { a.Text = "\n" },
		"no UTF-8":       func(a *care.Answer) { a.Text = "\xff" },
		"with a picture": func(a *care.Answer) { a.Pictures = []care.Picture{{}} },
	} {
		bad := good
		change(&bad)
		if e := networktest.Failure(t, networktest.ErrOf(w.account().Send(t.Context(), bad))); !e.Unsent {
			t.Errorf("%s: %v", what, e)
		}
	}
	if w.Calls() != 0 {
		t.Errorf("%d calls", w.Calls())
	}
}

// Only a tester of the app may ask when a token ends: that spoils no poll, and
// is not asked each time.
func TestTheEndOfTheToken(t *testing.T) {
	w := newWorld(t, Mentions)
	if p, err := w.account().Poll(t.Context(), ""); err != nil || p.Meter.TokenExpires.Unix() != 1830000000 {
		t.Error(p.Meter, err)
	}
	w = newWorld(t, Mentions)
	w.MayNotAsk = true
	for range 3 {
		if p, err := w.account().Poll(t.Context(), ""); err != nil || !p.Meter.TokenExpires.IsZero() || w.Asked != 1 {
			t.Error(p.Meter, w.Asked, err)
		}
	}
}

// A token is renewed in good time. One that comes in its place could not be
// kept over a restart, so the end that is told stays that of the old one.
func TestTheTokenIsRenewed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for renewed, want := range map[string]time.Duration{"ours": 5183944 * time.Second, "another": 20 * 24 * time.Hour} {
			w := newWorld(t, Mentions)
			w.Ends = time.Now().Add(45 * 24 * time.Hour).Unix()
			if w.renewed = "THAAanother"; renewed == "ours" {
				w.renewed = string(w.Keys.Token)
			}
			p, err := w.account().Poll(t.Context(), "")
			if err != nil || p.Meter.TokenExpires.Unix() != w.Ends {
				t.Errorf("%s: renewed too soon: %v, %v", renewed, p.Meter, err)
			}
			time.Sleep(25 * 24 * time.Hour)
			if p, err = w.account().Poll(t.Context(), ""); err != nil || time.Until(p.Meter.TokenExpires) != want || p.Meter.Calls != 3 {
				t.Errorf("%s: %v, %v", renewed, p.Meter, err)
			}
		}
	})
}

func TestPostBecomesAMention(t *testing.T) {
	a := newWorld(t, Search).account()
	it, _, err := a.item(json.RawMessage(`{"id":"7","text":"see\nthis","username":"Ana.B","timestamp":"2026-11-20T10:30:00+0100","permalink":"https://www.threads.net/@Ana.B/post/x",
		"media_type":"IMAGE","media_url":"https://cdn.example/a.jpg","alt_text":"a kettle"}`))
	want := care.Post{
		Network: name, Remote: "7", Revision: it.Post.Revision, Kind: care.PostPublic, Author: care.Author{ID: "name/ana.b", Handle: "Ana.B"}, Text: "see\nthis",
		PostedAt: time.Date(2026, 11, 20, 9, 30, 0, 0, time.UTC), URL: "https://www.threads.net/@Ana.B/post/x", Thread: "7",
		Links: []care.Link{{URL: "https://cdn.example/a.jpg", Kind: "image", Alt: "a kettle"}},
	}
	if err != nil || fmt.Sprintf("%+v", it.Post) != fmt.Sprintf("%+v", want) || it.Post.Revision == "" {
		t.Errorf("%v:\ngot  %+v\nwant %+v", err, it.Post, want)
	}
}

func FuzzItem(f *testing.F) {
	a := newWorld(f, Replies).account()
	f.Add([]byte(`{"id":"1","text":"x","timestamp":"2026-11-20T09:30:00+0000","username":"ana","root_post":{"id":"2"},"replied_to":{"id":"3"}}`))
	f.Add([]byte("{\"id\":\"1\",\"text\":\"\xff\",\"timestamp\":\"2026-11-20T09:30:00+0000\",\"username\":\"..\",\"media_url\":\"https://x.example\"}"))
	f.Add([]byte(`{"id":"1","timestamp":"2026-11-20T09:30:00Z","replied_to":{"id":"1"},"root_post":null,"permalink":"javascript:x"}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		it, _, err := a.item(json.RawMessage(raw))
		if err == nil && (it.Post.Author.ID == "" || it.Post.Thread == "" || it.Post.PostedAt.IsZero() || it.Post.InReplyTo == it.Post.Remote) {
			t.Fatalf("%+v", it)
		}
	})
}

func FuzzReceive(f *testing.F) {
	w := newWorld(f, Replies)
	a := w.account()
	f.Add(w.deliver("replies", map[string]any{"id": "7", "timestamp": "2026-11-20T09:30:00+0000", "root_post": map[string]any{"owner_id": account}}))
	f.Add([]byte(`{"values":{"field":"replies"}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		p, err := a.Receive(w.Sign(body, time.Time{}), body)
		if err == nil && slices.ContainsFunc(p.Items, func(it network.Item) bool { return it.Post.Remote == "" || it.Post.Thread == "" }) {
			t.Fatalf("%+v", p)
		}
	})
}

// BenchmarkPoll reads a page of ten threads with ten replies each. Divide by a
// hundred for one mention.
func BenchmarkPoll(b *testing.B) {
	w := newWorld(b, Replies)
	w.page = pageSize
	for range 10 {
		thread := w.write(username, "New kettles!", nil, time.Time{})
		for range 10 {
			w.write("ana", "My parcel never came and nobody answers. Order 4711, paid on Monday.", thread, time.Time{})
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
