package reddit

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/networktest"
)

func TestSettings(t *testing.T) {
	networktest.Settings(t, func() *Settings { return newWorld(t, Subreddits).settings() }, networktest.Changes[*Settings]{
		"subreddits":          {func(*Settings) {}, ""},
		"a search everywhere": {func(s *Settings) { s.What, s.Query, s.Subreddits = Search, "acme", nil }, ""},
		"own":                 {func(s *Settings) { s.What, s.Subreddits = Own, nil }, ""},
		"a script":            {func(s *Settings) { s.Password, s.RefreshToken = password, "" }, ""},
		"no name":             {func(s *Settings) { s.Username = "" }, "username:"},
		"u/":                  {func(s *Settings) { s.Username = "u/acme" }, "username:"},
		"no app":              {func(s *Settings) { s.ClientID = "" }, "client_id:"},
		"no secret":           {func(s *Settings) { s.ClientSecret = "" }, "client_secret:"},
		"two ways in":         {func(s *Settings) { s.Password = password }, "password or refresh_token"},
		"no way in":           {func(s *Settings) { s.RefreshToken = "" }, "password or refresh_token"},
		"no subreddit":        {func(s *Settings) { s.Subreddits = nil }, "subreddits: missing"},
		"r/":                  {func(s *Settings) { s.Subreddits = []string{"shop", "r/shop"} }, "number 2"},
		"a path":              {func(s *Settings) { s.Subreddits = []string{"../user"} }, "number 1"},
		"too many":            {func(s *Settings) { s.Subreddits = make([]string, 51) }, "more than 50"},
		"an unused query":     {func(s *Settings) { s.Query = "acme" }, "query:"},
		"no query":            {func(s *Settings) { s.What = Search }, "query:"},
		"own of others":       {func(s *Settings) { s.What = Own }, "subreddits:"},
		"nothing":             {func(s *Settings) { s.What = "" }, "what:"},
		"the future":          {func(s *Settings) { s.Back = -1 }, "back:"},
	}, refreshToken, clientSecret)
}

func TestWhatIsTold(t *testing.T) {
	w := newWorld(t, Subreddits)
	a := w.Account()
	_, page := networktest.Drain(t, a, "")
	if m := page.Meter; m.Left != 996 || !m.LeftKnown || m.Reset.IsZero() {
		t.Errorf("%+v", m)
	}
	plain := w.Post(networktest.Post{Text: "where is my order?"})
	call := w.Post(networktest.Post{Author: "ben", Text: "ask U/acme_care, they know", InReplyTo: plain})
	other := w.Post(networktest.Post{Author: "ben", Text: "not u/acme_care_fan", InReplyTo: plain})
	ours := w.Post(networktest.Post{Own: true, Text: "hello"})
	onOurs := w.Post(networktest.Post{Text: "hello yourself", InReplyTo: ours})
	got, _ := networktest.Drain(t, a, page.Next)
	p := got[plain].Post
	if p.Text != "About acme\n\nwhere is my order?" || p.Author.ID != "t2_ana" || p.Author.Handle != "ana" || p.Kind != care.PostPublic || p.Revision == "" ||
		!strings.HasPrefix(p.URL, "https://www.reddit.com/r/shop/comments/") || len(p.Links) != 0 {
		t.Errorf("%+v", p)
	}
	for id, want := range map[care.Remote]bool{plain: false, call: true, other: false, ours: false} {
		if got[id].Post.Summoned != want {
			t.Errorf("%s: summoned %v", id, !want)
		}
	}
	if !got[ours].Own || got[onOurs].Post.InReplyTo != ours {
		t.Errorf("%+v %+v", got[ours], got[onOurs])
	}
}

// Reddit marks no edit of the first minutes; the version tells it all the same.
func TestASilentEditHasAnotherVersion(t *testing.T) {
	w := newWorld(t, Subreddits)
	a := w.Account()
	_, page := networktest.Drain(t, a, "")
	id := w.Post(networktest.Post{Text: "where is my order?"})
	before, page := networktest.Drain(t, a, page.Next)
	w.find(string(id)).text = "it came"
	after, _ := networktest.Drain(t, a, page.Next)
	if x, y := before[id].Post, after[id].Post; x.Revision == y.Revision || !strings.Contains(y.Text, "it came") {
		t.Errorf("%+v, then %+v", x, y)
	}
}

func TestWhatReadsAsDeleted(t *testing.T) {
	a := newWorld(t, Subreddits).account()
	for in, want := range map[string]network.ItemKind{
		`{"name":"t1_a","created_utc":1763600000,"author":"[deleted]","body":"[deleted]"}`:                                    network.Deleted,
		`{"name":"t1_a","created_utc":1763600000,"author":"ana","body":"[removed]"}`:                                          network.Deleted,
		`{"name":"t3_a","created_utc":1763600000,"author":"ana","title":"x","selftext":"","removed_by_category":"moderator"}`: network.Deleted,
		`{"name":"t1_a","created_utc":1763600000,"author":"[deleted]","body":"still here"}`:                                   network.Seen,
	} {
		it, _, _, err := a.item(thing{Kind: in[9:11], Data: json.RawMessage(in)})
		if err != nil || it.Kind != want || want == network.Deleted && (it.Post.Text != "" || it.Post.Author.Handle != "") {
			t.Errorf("%s: %+v %v", in, it, err)
		}
		if want == network.Seen && (it.Post.Author.ID != "post/t1_a" || it.Post.Author.Handle != "") {
			t.Errorf("%+v", it.Post.Author)
		}
	}
}

func TestRefusalsWithASuccess(t *testing.T) {
	w := newWorld(t, Subreddits)
	a := w.account()
	good := care.Answer{To: care.Post{Network: name, Remote: w.Post(networktest.Post{Text: "x"})}, Text: "soon", Key: "k"}
	for code, want := range map[string]network.Fault{
		"RATELIMIT": network.Limited, "THREAD_LOCKED": network.Refused, "TOO_OLD": network.Refused, "DELETED_COMMENT": network.Gone, "SOMETHING_NEW": network.Malformed,
	} {
		w.refuse = code
		e := networktest.Failure(t, networktest.ErrOf(a.Send(t.Context(), good)))
		if e.Fault != want || !e.Settled() || code == "RATELIMIT" && (!e.Unsent || e.After != 10*time.Minute) || strings.Contains(e.Error(), "Take a break") {
			t.Errorf("%s: %+v", code, e)
		}
	}
	if len(w.Sent()) != 0 {
		t.Errorf("%+v", w.Sent())
	}
}

func TestTheOwnList(t *testing.T) {
	w := newWorld(t, Own)
	a := w.Account()
	_, page := networktest.Drain(t, a, "")
	theirs := w.Post(networktest.Post{Text: "where is my order?"})
	ours := w.Post(networktest.Post{Own: true, Text: "we are on it", InReplyTo: theirs})
	got, _ := networktest.Drain(t, a, page.Next)
	if len(got) != 1 || !got[ours].Own || got[ours].Post.InReplyTo != theirs || got[ours].Post.Thread != theirs {
		t.Errorf("%+v", got)
	}
}

// A comment that a long thread hides is shown with what is around it.
func TestThreadOfAHiddenComment(t *testing.T) {
	w := newWorld(t, Subreddits)
	a := w.account()
	top := w.Post(networktest.Post{Text: "where is my order?"})
	for range 3 {
		w.Post(networktest.Post{Author: "ben", Text: "same here", InReplyTo: top})
	}
	hidden := w.Post(networktest.Post{Author: "cleo", Text: "and mine", InReplyTo: top})
	posts, err := a.Thread(t.Context(), hidden)
	if err != nil || len(posts) != 4 || posts[len(posts)-1].Remote != hidden {
		t.Errorf("%v: %+v", err, posts)
	}
}

func TestAScriptSignsInByPassword(t *testing.T) {
	w := newWorld(t, Subreddits)
	s := w.settings()
	s.Password, s.RefreshToken = password, ""
	client := network.NewClient(network.Options{Base: w.Wire})
	a, err := w.driver.Open(s, client)
	if err != nil {
		t.Fatal(err)
	}
	networktest.Drain(t, a, "")
	s.Password = "wrong"
	a, err = w.driver.Open(s, client)
	if err != nil {
		t.Fatal(err)
	}
	if e := networktest.Failure(t, networktest.ErrOf(a.Poll(t.Context(), ""))); e.Fault != network.Refused || !strings.Contains(e.Error(), "invalid_grant") {
		t.Error(e)
	}
	w.expired = true
	networktest.Drain(t, w.Account(), "")
}

func TestWithdrawAndMend(t *testing.T) {
	w := newWorld(t, Subreddits)
	a := w.account()
	to := care.Post{Network: name, Remote: w.Post(networktest.Post{Text: "x"})}
	sent, err := a.Send(t.Context(), care.Answer{To: to, Text: "soon & <sound> > *quick*", Key: "k"})
	if err != nil || w.Sent()[0].Text != "soon & <sound> > *quick*" || sent.URL == "" || sent.At.IsZero() {
		t.Fatalf("%v: %+v", err, sent)
	}
	if err := a.Mend(t.Context(), sent.Remote, "tomorrow"); err != nil || w.Sent()[0].Text != "tomorrow" {
		t.Errorf("%v: %+v", err, w.Sent())
	}
	for range 2 {
		if err := a.Withdraw(t.Context(), sent.Remote); err != nil || len(w.Sent()) != 0 {
			t.Errorf("%v: %+v", err, w.Sent())
		}
	}
	if e := networktest.Failure(t, a.Withdraw(t.Context(), to.Remote)); !e.Unsent { // a whole post is not an answer
		t.Error(e)
	}
}

func TestWhatCannotBeSent(t *testing.T) {
	w := newWorld(t, Subreddits)
	a := w.account()
	good := care.Answer{To: care.Post{Network: name, Remote: w.Post(networktest.Post{Text: "x"})}, Text: "soon", Key: "k"}
	for what, change := range map[string]func(*care.Answer){
		"a message":      func(a *care.Answer) { a.Direct = true },
		"to nothing":     func(a *care.Answer) { a.To.Remote = "t5_x" },
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
	if w.Calls() != 0 {
		t.Errorf("%d calls", w.Calls())
	}
}

func TestWait(t *testing.T) {
	for words, want := range map[string]time.Duration{
		"you are doing that too much. try again in 9 minutes.": 10 * time.Minute,
		"try again in 30 seconds.":                             31 * time.Second,
		"Take a break for 1 minute":                            2 * time.Minute,
		"slow down":                                            time.Minute,
		"99999999 minutes":                                     time.Minute,
		"":                                                     time.Minute,
	} {
		if got := wait(0, words); got != want {
			t.Errorf("%q: %v, want %v", words, got, want)
		}
	}
	if got := wait(540.2, ""); got != 541200*time.Millisecond {
		t.Error(got)
	}
}

func FuzzItem(f *testing.F) {
	a := newWorld(f, Subreddits).account()
	f.Add("t1", []byte(`{"name":"t1_a","created_utc":1763600000.0,"author":"ana","body":"u/acme_care","parent_id":"t3_b","link_id":"t3_b","edited":1763600100.0}`))
	f.Add("t3", []byte("{\"name\":\"t3_a\",\"created_utc\":1e9,\"title\":\"\xff\",\"edited\":false}"))
	f.Fuzz(func(t *testing.T, kind string, raw []byte) {
		it, _, _, err := a.item(thing{kind, raw})
		if err == nil && it.Kind != network.Deleted && (it.Post.Author.ID == "" || it.Post.Thread == "" || it.Post.PostedAt.IsZero()) {
			t.Fatalf("%+v", it)
		}
	})
}

// BenchmarkPoll reads pages of a hundred posts. Divide by a hundred for one.
func BenchmarkPoll(b *testing.B) {
	w := newWorld(b, Search)
	w.page = pageSize
	for range pageSize {
		w.Post(networktest.Post{Text: "My parcel never came and nobody answers. Order 4711, paid on Monday."})
	}
	w.Wire = networktest.NewWireOver(b, networktest.Replay(b, w.Wire))
	for b.Loop() {
		a := w.account() // with a budget of its own
		if p, err := a.Poll(b.Context(), ""); err != nil || len(p.Items) != pageSize {
			b.Fatal(len(p.Items), err)
		}
	}
}
