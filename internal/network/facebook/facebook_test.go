package facebook

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
	networktest.Settings(t, func() *Settings { return newWorld(t).settings() }, networktest.Changes[*Settings]{
		"a page":         {func(*Settings) {}, ""},
		"tagged":         {func(s *Settings) { s.What = Tagged }, ""},
		"no webhook":     {func(s *Settings) { s.VerifyToken = "" }, ""},
		"a name":         {func(s *Settings) { s.Page = "acme" }, "page:"},
		"no app":         {func(s *Settings) { s.AppID = "" }, "app_id:"},
		"no secret":      {func(s *Settings) { s.AppSecret = "" }, "app_secret:"},
		"no token":       {func(s *Settings) { s.Token = "" }, "token:"},
		"a short word":   {func(s *Settings) { s.VerifyToken = "hush" }, "verify_token:"},
		"everything":     {func(s *Settings) { s.What = "" }, "what:"},
		"the future":     {func(s *Settings) { s.Back = -1 }, "back:"},
		"no time at all": {func(s *Settings) { s.Comments = 0 }, "comments:"},
	}, "hush")
}

// A new source tells nothing from before its time, although it reads old posts.
func TestCommentsOnOldPosts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		post := w.Post(networktest.Post{Own: true, Text: "New kettles are here!"})
		old := w.Post(networktest.Post{Text: "nice", InReplyTo: post})
		time.Sleep(5 * 24 * time.Hour)
		got, p := networktest.Drain(t, w.Account(), "")
		if len(got) != 0 {
			t.Errorf("before its time: %+v", got)
		}
		time.Sleep(time.Minute)
		fresh := w.Post(networktest.Post{Author: "ben", Text: "mine leaks", InReplyTo: old})
		got, _ = networktest.Drain(t, w.Account(), p.Next)
		it, ok := got[fresh]
		if len(got) != 1 || !ok || it.Post.InReplyTo != old || it.Post.Thread != post {
			t.Errorf("%+v", got)
		}
	})
}

func TestMoreCommentsThanComeWithAPost(t *testing.T) {
	w := newWorld(t)
	w.nested = 2
	_, p := networktest.Drain(t, w.Account(), "")
	post := w.Post(networktest.Post{Own: true, Text: "New kettles are here!"})
	var ids []care.Remote
	for range 205 {
		ids = append(ids, w.Post(networktest.Post{Text: "mine leaks", InReplyTo: post}))
	}
	got, _ := networktest.Drain(t, w.Account(), p.Next)
	for _, id := range ids {
		if _, ok := got[id]; !ok {
			t.Fatalf("%s was lost; %d came", id, len(got))
		}
	}
}

func TestPostsThatTagThePage(t *testing.T) {
	w := newWorld(t)
	s := w.settings()
	s.What = Tagged
	a, err := w.driver.Open(s, network.NewClient(network.Options{Base: w.Wire}))
	if err != nil {
		t.Fatal(err)
	}
	_, p := networktest.Drain(t, a, "")
	var ids []care.Remote
	for range pageSize + 1 {
		ids = append(ids, w.Post(networktest.Post{Text: "bought at @Acme, broken at once"}))
	}
	got, _ := networktest.Drain(t, a, p.Next)
	for _, id := range ids {
		if it := got[id]; !it.Post.Summoned || it.Post.Thread != id || it.Post.Author.Name != "ana" {
			t.Fatalf("%+v", it)
		}
	}
	w.Delete(ids[0])
	items, err := a.(network.Looker).Look(t.Context(), ids[:2])
	if err != nil || items[0].Kind != network.Deleted || items[1].Kind != network.Seen {
		t.Errorf("%v: %+v", err, items)
	}
}

func TestTheMeter(t *testing.T) {
	w := newWorld(t)
	_, p := networktest.Drain(t, w.Account(), "")
	if m := p.Meter; m.Left != 69 || !m.LeftKnown || m.TokenExpires.Unix() != 1830000000 || m.Calls != 2 {
		t.Errorf("%+v", m)
	}
	if _, p = networktest.Drain(t, w.Account(), p.Next); p.Meter.Calls != 1 || w.Asked != 1 || p.Meter.TokenExpires.IsZero() {
		t.Errorf("%+v, asked %d times", p.Meter, w.Asked)
	}
}

func TestRefusals(t *testing.T) {
	for body, want := range map[string]network.Error{
		`{"error":{"code":190,"error_subcode":463}}`: {Fault: network.Refused},
		`{"error":{"code":10}}`:                      {Fault: network.Refused},
		`{"error":{"code":200}}`:                     {Fault: network.Refused},
		`{"error":{"code":368}}`:                     {Fault: network.Refused},
		`{"error":{"code":4}}`:                       {Fault: network.Limited, Unsent: true, After: 5 * time.Minute},
		`{"error":{"code":17}}`:                      {Fault: network.Limited, Unsent: true, After: 5 * time.Minute},
		`{"error":{"code":32}}`:                      {Fault: network.Limited, Unsent: true, After: 5 * time.Minute},
		`{"error":{"code":613}}`:                     {Fault: network.Limited, Unsent: true, After: 5 * time.Minute},
		`{"error":{"code":80001}}`:                   {Fault: network.Limited, Unsent: true, After: 5 * time.Minute},
		`{"error":{"code":2,"is_transient":true,"message":"repeat me"}}`:  {Fault: network.Transient},
		`{"error":{"code":100,"error_subcode":33,"message":"repeat me"}}`: {Fault: network.Gone},
		`{"error":{"code":100,"message":"(#100) repeat me"}}`:             {Fault: network.Malformed},
		`{"error":"repeat me"}`: {Fault: network.Malformed},
	} {
		w := newWorld(t)
		w.Refuse = body
		e := networktest.Failure(t, networktest.ErrOf(w.Account().Poll(t.Context(), "")))
		if e.Fault != want.Fault || e.Unsent != want.Unsent || e.After != want.After || strings.Contains(e.Error(), "repeat me") {
			t.Errorf("%s: %+v", body, e)
		}
		if want.Fault == network.Transient && e.Settled() {
			t.Errorf("%s: a failure at Meta settles nothing", body)
		}
	}
	w := newWorld(t)
	w.Refuse, w.Usage = `{"error":{"code":32}}`, `{"call_count":101,"estimated_time_to_regain_access":23}`
	if e := networktest.Failure(t, networktest.ErrOf(w.Account().Poll(t.Context(), ""))); e.After != 23*time.Minute {
		t.Errorf("%+v", e)
	}
}

func TestWhatIsDelivered(t *testing.T) {
	w := newWorld(t)
	a := w.account()
	body := w.deliver(
		map[string]any{"field": "feed", "value": map[string]any{"item": "comment", "verb": "remove", "post_id": pageID + "_5", "comment_id": "5_6"}},
		map[string]any{"field": "feed", "value": map[string]any{"item": "comment", "verb": "edited", "post_id": pageID + "_5", "parent_id": "5_6", "comment_id": "5_7",
			"message": "it came", "created_time": 1763600000, "from": map[string]any{"id": "49", "name": "Ana"}}},
		map[string]any{"field": "feed", "value": map[string]any{"item": "reaction", "verb": "add", "post_id": pageID + "_5"}},
		map[string]any{"field": "feed", "value": map[string]any{"item": "comment", "verb": "add", "comment_id": "nonsense", "post_id": pageID + "_5"}},
		map[string]any{"field": "feed", "value": "nonsense"},
		map[string]any{"field": "leadgen", "value": map[string]any{}},
	)
	p, err := a.Receive(w.Sign(body, time.Now()), body)
	if err != nil || len(p.Items) != 2 || len(p.Bad) != 2 {
		t.Fatalf("%v: %+v", err, p)
	}
	if it := p.Items[0]; it.Kind != network.Deleted || it.Post.Remote != "5_6" || it.Post.Text != "" {
		t.Errorf("%+v", it)
	}
	if it := p.Items[1]; it.Kind != network.Edited || it.Post.InReplyTo != "5_6" || it.Post.Thread != pageID+"_5" || it.Post.EditedAt.IsZero() || !it.Post.Summoned {
		t.Errorf("%+v", it)
	}
	other := []byte(strings.ReplaceAll(string(body), `"id":"`+pageID+`"`, `"id":"999"`))
	if p, err := a.Receive(w.Sign(other, time.Now()), other); err != nil || len(p.Items)+len(p.Bad) != 0 {
		t.Errorf("another page's: %v, %+v", err, p)
	}
}

// Facebook has three storeys.
func TestAnAnswerToAnAnswer(t *testing.T) {
	w := newWorld(t)
	a := w.account()
	_, p := networktest.Drain(t, a, "")
	post := w.Post(networktest.Post{Text: "where is my order?"})
	second := w.Post(networktest.Post{Author: "ben", Text: "same here", InReplyTo: post})
	third := w.Post(networktest.Post{Text: "still nothing", InReplyTo: second})
	got, _ := networktest.Drain(t, a, p.Next)
	answer := care.Answer{To: got[third].Post, Text: "soon", Key: "k", At: time.Now()}
	sent, err := a.Send(t.Context(), answer)
	if err != nil || w.Sent()[0].To.Remote != second {
		t.Fatalf("%v: %+v", err, w.Sent())
	}
	if found, ok, err := a.Find(t.Context(), answer); err != nil || !ok || found.Remote != sent.Remote {
		t.Errorf("%v %v %v", found, ok, err)
	}
	if err := a.Mend(t.Context(), sent.Remote, "tomorrow"); err != nil || w.Sent()[0].Text != "tomorrow" {
		t.Errorf("%v: %+v", err, w.Sent())
	}
	for range 2 {
		if err := a.Withdraw(t.Context(), sent.Remote); err != nil || len(w.Sent()) != 0 {
			t.Errorf("%v: %+v", err, w.Sent())
		}
	}
	for _, id := range []care.Remote{post, third} { // a page could delete both
		if e := networktest.Failure(t, a.Withdraw(t.Context(), id)); !e.Unsent || w.Find(string(id)) == nil {
			t.Error(e)
		}
	}
}

func TestPrivateAnswers(t *testing.T) {
	w := newWorld(t)
	a := w.account()
	post := care.Answer{To: care.Post{Network: name, Remote: w.Post(networktest.Post{Text: "where is it?"})}, Text: "soon", Direct: true}
	if sent, err := a.Send(t.Context(), post); err != nil || sent.Remote == "" || !w.Sent()[0].Direct {
		t.Errorf("to a visitor's post: %v, %+v", err, w.Sent())
	}
	w.NoMessages = true
	other := post
	other.To.Remote = w.Post(networktest.Post{Text: "and mine?"})
	if e := networktest.Failure(t, networktest.ErrOf(a.Send(t.Context(), other))); e.Fault != network.Refused || !strings.Contains(e.Error(), "permission") {
		t.Errorf("without the right: %v", e)
	}
	other.To.Author.ID = "post/5_6"
	if _, found, err := a.Find(t.Context(), other); found || err != nil {
		t.Errorf("of somebody who is not told: %v, %v", found, err)
	}
	ours := care.Post{Network: name, Remote: "5_6", Author: care.Author{ID: pageID}, PostedAt: time.Now()}
	if a.May(ours, time.Now()).Direct {
		t.Error("a private answer to ourselves is offered")
	}
}

func TestWhatCannotBeSent(t *testing.T) {
	w := newWorld(t)
	a := w.account()
	good := care.Answer{To: care.Post{Network: name, Remote: w.Post(networktest.Post{Text: "x"})}, Text: "soon", Key: "k"}
	for what, change := range map[string]func(*care.Answer){
		"private, empty": func(a *care.Answer) { a.Direct, a.Text = true, " " },
		"private, drawn": func(a *care.Answer) { a.Direct, a.Pictures = true, []care.Picture{{}} },
		"to nothing":     func(a *care.Answer) { a.To.Remote = "../me" },
		"no text":        func(a *care.Answer) { a.Text = "\n" },
		"no UTF-8":       func(a *care.Answer) { a.Text = "\xff" },
		"with a picture": func(a *care.Answer) { a.Pictures = []care.Picture{{}} },
	} {
		bad := good
		change(&bad)
		if e := networktest.Failure(t, networktest.ErrOf(a.Send(t.Context(), bad))); !e.Unsent {
			t.Errorf("%s: %v", what, e)
		}
	}
	a.what = Tagged
	if p := a.May(good.To, time.Now()); p.How != care.ByHand {
		t.Errorf("%+v", p)
	}
	if e := networktest.Failure(t, networktest.ErrOf(a.Send(t.Context(), good))); e.Fault != network.Refused || !e.Unsent || w.Calls() != 0 {
		t.Errorf("%v after %d calls", e, w.Calls())
	}
}

func FuzzItem(f *testing.F) {
	a := newWorld(f).account()
	f.Add([]byte(`{"id":"1_2","message":"x","created_time":"2026-11-20T09:30:00+0000","from":{"id":"4","name":"Ana"}}`), "3_1")
	f.Add([]byte("{\"id\":\"1_2\",\"message\":\"\xff\",\"created_time\":\"2026-11-20T09:30:00+0000\",\"parent\":{\"id\":\"1_1\"}}"), "")
	f.Fuzz(func(t *testing.T, raw []byte, under string) {
		it, _, err := a.item(json.RawMessage(raw), under)
		if err == nil && (it.Post.Author.ID == "" || it.Post.Thread == "" || it.Post.PostedAt.IsZero()) {
			t.Fatalf("%+v", it)
		}
	})
}

func FuzzReceive(f *testing.F) {
	w := newWorld(f)
	a := w.account()
	f.Add(string(w.deliver(map[string]any{"field": "feed", "value": map[string]any{"item": "comment", "verb": "add", "comment_id": "5_7", "post_id": pageID + "_5", "message": "x"}})))
	f.Add(`{"object":"page","entry":[{"id":"` + pageID + `","time":1e30,"changes":[{"field":"feed","value":{}}]}]}`)
	f.Fuzz(func(t *testing.T, body string) {
		p, err := a.Receive(w.Sign([]byte(body), time.Now()), []byte(body))
		if err != nil {
			networktest.Failure(t, err)
		}
		for _, it := range p.Items {
			if it.Post.Remote == "" || it.Kind != network.Deleted && (it.Post.Author.ID == "" || it.Post.PostedAt.IsZero()) {
				t.Fatalf("%+v", it)
			}
		}
	})
}

// BenchmarkPoll reads a page of ten posts with nine comments each. Divide by a
// hundred for one mention.
func BenchmarkPoll(b *testing.B) {
	w := newWorld(b)
	w.page = pageSize
	for range 10 {
		post := w.Post(networktest.Post{Text: "My parcel never came and nobody answers. Order 4711, paid on Monday."})
		for range 9 {
			w.Post(networktest.Post{Text: "My parcel never came and nobody answers. Order 4711, paid on Monday.", InReplyTo: post})
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
