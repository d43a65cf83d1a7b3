package mastodon

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/mattn/go-mastodon"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/mastodon/mastodontest"
	"github.com/amends-care/amends/internal/network/networktest"
)

const statusJSON = `{"id":"42","created_at":"2026-11-21T10:00:00.123Z","edited_at":"2026-11-21T10:05:00.000Z","in_reply_to_id":"41","in_reply_to_account_id":"7",
"sensitive":true,"spoiler_text":" kitchens ","visibility":"unlisted","language":"en","uri":"https://far.example/users/Ana/statuses/42","url":"https://far.example/@Ana/42",
"reblogs_count":3,"content":"<p><span class=\"h-card\"><a href=\"https://social.example/@acme\" class=\"u-url mention\">@<span>acme</span></a></span> it broke<br />see <a href=\"https://x.example/a\"><span class=\"invisible\">https://</span><span>x.example/a</span></a> <a href=\"https://social.example/tags/fail\" class=\"mention hashtag\">#<span>fail</span></a></p><p>twice</p>",
"reblog":null,"account":{"id":"9","username":"Ana","acct":"Ana@far.example","display_name":" Ana ","followers_count":12},
"media_attachments":[{"id":"1","type":"image","url":"https://social.example/1.png","description":"a broken cup"},{"id":"2","type":"gifv","url":"","remote_url":"https://far.example/2.mp4"},{"id":"3","type":"unknown","url":"javascript:x"}],
"mentions":[{"id":"7","username":"acme","acct":"acme","url":"https://social.example/@acme"}]}`

func TestStatusBecomesAPost(t *testing.T) {
	w := newWorld(t, Mentions)
	a := w.account()
	a.us.Store(&mastodon.Account{ID: "7"})
	a.roots.Add("41", "40")
	var st mastodon.Status
	if err := json.Unmarshal([]byte(statusJSON), &st); err != nil {
		t.Fatal(err)
	}
	got, err := a.read(&st)
	if err != nil {
		t.Fatal(err)
	}
	want := care.Post{
		Network: "mastodon", Remote: "social.example/42", Kind: care.PostPublic,
		Author: care.Author{ID: "ana@far.example", Handle: "ana@far.example", Name: "Ana", Followers: 12},
		Text:   "@acme it broke\nsee https://x.example/a #fail\n\ntwice", Language: "en",
		PostedAt: time.Date(2026, 11, 21, 10, 0, 0, 123e6, time.UTC), EditedAt: time.Date(2026, 11, 21, 10, 5, 0, 0, time.UTC),
		URL: "https://far.example/@Ana/42", InReplyTo: "social.example/41", Thread: "social.example/40", Summoned: true,
		Shares: 3, Warning: "kitchens",
		Links: []care.Link{{Kind: "image", URL: "https://social.example/1.png", Alt: "a broken cup"}, {Kind: "video", URL: "https://far.example/2.mp4"}},
	}
	if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestPostsThatCannotBeTold(t *testing.T) {
	s := &server{host: "social.example"}
	for _, c := range []struct{ name, from, to string }{
		{"an id that is a path", `"id":"42"`, `"id":"../42"`},
		{"no author", `"acct":"Ana@far.example"`, `"acct":""`},
		{"an author that is two words", `"acct":"Ana@far.example"`, `"acct":"a b"`},
		{"no time", `"created_at":"2026-11-21T10:00:00.123Z"`, `"created_at":null`},
	} {
		var st mastodon.Status
		if err := json.Unmarshal([]byte(strings.Replace(statusJSON, c.from, c.to, 1)), &st); err != nil {
			t.Fatal(err)
		}
		if p, err := s.read(&st); err == nil {
			t.Errorf("%s: %+v", c.name, p)
		}
	}
}

// saying is a server that says one thing, whatever is asked.
type saying map[string]string

func (s saying) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	for path, body := range s {
		if strings.HasSuffix(r.URL.Path, path) {
			_, _ = w.Write([]byte(body))
			return
		}
	}
	http.NotFound(w, r)
}

// asked opens a source on a server that says these things.
func asked(t testing.TB, s saying, set Settings) *Account {
	t.Helper()
	a, err := Driver().Open(&set, network.NewClient(network.Options{Base: networktest.NewWire(t, s)}))
	if err != nil {
		t.Fatal(err)
	}
	return a.(*Account)
}

var keyless = Settings{Server: "social.example", What: Hashtag, Hashtag: "#acme", Visibility: "unlisted", Back: maxBack}

func TestOneBadPostSpoilsNoOther(t *testing.T) {
	root := strings.Replace(statusJSON, `"in_reply_to_id":"41"`, `"in_reply_to_id":null`, 1)
	for name, bad := range map[string]string{
		"a time that is none": strings.Replace(root, `"2026-11-21T10:05:00.000Z"`, `"yesterday"`, 1),
		"another form":        `{"id":["x"]}`,
		"null":                `null`,
		"no post at all":      `7`,
		"no author":           strings.Replace(root, `"acct":"Ana@far.example"`, `"acct":""`, 1),
	} {
		a := asked(t, saying{"tag/acme": "[" + bad + "," + root + "]"}, keyless)
		page, err := a.Poll(t.Context(), "")
		if err != nil || len(page.Items) != 1 || len(page.Bad) != 1 {
			t.Errorf("%s: %d items, bad %v, %v", name, len(page.Items), page.Bad, err)
		}
	}
}

func TestAnswersThatAreNoList(t *testing.T) {
	for _, body := range []string{`null`, `{}`, `"x"`, `[`, `{"error":"x"}`} {
		_, err := asked(t, saying{"tag/acme": body}, keyless).Poll(t.Context(), "")
		if e := networktest.Failure(t, err); e.Fault != network.Malformed {
			t.Errorf("%s: %v", body, err)
		}
	}
}

func TestBrokenTextIsCounted(t *testing.T) {
	a := asked(t, saying{"tag/acme": "[" + strings.Replace(strings.Replace(statusJSON, `"41"`, `null`, 1), "twice", "tw\xffce", 1) + "]"}, keyless)
	page, err := a.Poll(t.Context(), "")
	if err != nil || page.Repaired != 1 || !utf8.ValidString(page.Items[0].Post.Text) {
		t.Error(page.Repaired, err)
	}
}

// TestOwn reads what our account wrote: answers too, and not what it passed on.
func TestOwn(t *testing.T) {
	w := newWorld(t, Own)
	a := w.account()
	first, err := a.Poll(t.Context(), "")
	if err != nil || first.More {
		t.Fatal(first, err)
	}
	ana := w.server.Post(mastodontest.Post{By: "ana", Text: "@acme broken"})
	var want []care.Remote
	for i := range 7 {
		want = append(want, w.remote(w.server.Post(mastodontest.Post{By: "acme", Text: fmt.Sprintf("answer %d", i), InReplyTo: ana})))
	}
	w.server.Boost("acme", ana)
	want = append(want, w.send(care.Answer{To: care.Post{Remote: w.remote(ana)}, Text: "sorry"}).Remote)
	var got []care.Remote
	for cursor, more := first.Next, true; more; {
		page, err := w.account().Poll(t.Context(), cursor)
		if err != nil {
			t.Fatal(err)
		}
		for _, it := range page.Items {
			if !it.Own || it.Post.Summoned || it.Post.Thread != w.remote(ana) {
				t.Errorf("%+v", it)
			}
			got = append(got, it.Post.Remote)
		}
		cursor, more = page.Next, page.More
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("read %v, want %v", got, want)
	}
}

// TestThreadsAreAskedForOnce: a busy thread costs one call, not one a post.
func TestThreadsAreAskedForOnce(t *testing.T) {
	w := newWorld(t, Mentions)
	w.page = pageSize
	a := w.account()
	page, err := a.Poll(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	root := w.server.Post(mastodontest.Post{By: "ana", Text: "who else?"})
	up := root
	for i := range 20 {
		up = w.server.Post(mastodontest.Post{By: "ana", Text: fmt.Sprintf("@acme me %d", i), InReplyTo: up})
	}
	calls := w.Calls()
	if page, err = a.Poll(t.Context(), page.Next); err != nil || len(page.Items) != 20 {
		t.Fatal(len(page.Items), err)
	}
	for _, it := range page.Items {
		if it.Post.Thread != w.remote(root) {
			t.Errorf("in thread %s", it.Post.Thread)
		}
	}
	if n := w.Calls() - calls; n > 3 { // the list, its end, the thread
		t.Errorf("%d calls", n)
	}
}

func TestServersThatShowNothingWithoutAKey(t *testing.T) {
	w := newWorld(t, Hashtag)
	w.settings.Token, w.server.Closed = "", true
	_, err := w.account().Poll(t.Context(), "")
	if e := networktest.Failure(t, err); e.Fault != network.Refused || !strings.Contains(e.Error(), "set a token") {
		t.Error(err)
	}
}

func TestQuotesOfUsAreMentions(t *testing.T) {
	w := newWorld(t, Mentions)
	a := w.account()
	page, err := a.Poll(t.Context(), "") // and learns that this server tells of quotes
	if err != nil {
		t.Fatal(err)
	}
	ours := w.server.Post(mastodontest.Post{By: "acme", Text: "buy our kettles"})
	quote := w.server.Quote("ana", "do not", ours)
	if page, err = a.Poll(t.Context(), page.Next); err != nil || len(page.Items) != 1 || page.Items[0].Post.Remote != w.remote(quote) || !page.Items[0].Post.Summoned {
		t.Error(page.Items, err)
	}
}

func TestEstimate(t *testing.T) {
	for what, want := range map[string]float64{Hashtag: 4, Search: 28 / 6.0, Mentions: 28 * 24} { // all notified within an hour
		w := newWorld(t, what)
		w.page = pageSize
		for i := range 28 {
			w.server.Post(mastodontest.Post{By: "ana", Text: w.text("broken"), At: time.Now().Add(-time.Duration(i%7) * 24 * time.Hour)})
		}
		got, err := w.account().Estimate(t.Context())
		if err != nil || got.PerDay < want*0.85 || got.PerDay > want*1.15 || got.Spend != 0 {
			t.Errorf("%s: %+v, want about %.1f a day; %v", what, got, want, err)
		}
	}
	if got, err := newWorld(t, Mentions).account().Estimate(t.Context()); err != nil || got.PerDay != 0 {
		t.Error(got, err)
	}
}

func TestSettings(t *testing.T) {
	good := []Settings{
		{Server: "mastodon.social", What: Hashtag, Hashtag: "acme", Visibility: "unlisted"},
		{Server: "https://Mastodon.Social/", Token: "t", What: Mentions, Visibility: "public"},
		{Server: "http://127.0.0.1:8080", Token: "t", What: Search, Query: "acme", Visibility: "unlisted", Back: time.Hour},
	}
	for _, s := range good {
		if err := s.Validate(); err != nil {
			t.Errorf("%v: %v", &s, err)
		}
	}
	for want, change := range map[string]func(*Settings){
		"server":     func(s *Settings) { s.Server = "http://mastodon.social" },
		"token":      func(s *Settings) { s.Token = "" },
		"what":       func(s *Settings) { s.What = "likes" },
		"hashtag":    func(s *Settings) { s.What, s.Hashtag = Hashtag, "two words" },
		"query":      func(s *Settings) { s.What = Search },
		"visibility": func(s *Settings) { s.Visibility = "private" },
		"back":       func(s *Settings) { s.Back = -1 },
	} {
		s := good[1]
		change(&s)
		if err := s.Validate(); err == nil || !strings.HasPrefix(err.Error(), want+":") {
			t.Errorf("%s: %v", want, err)
		}
	}
	s := Settings{Server: "mastodon.social", What: Mentions, Token: "hush"}
	if said := fmt.Sprintf("%v %+v %#v", &s, &s, &s); strings.Contains(said, "hush") {
		t.Error(said)
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(statusJSON))
	f.Fuzz(func(t *testing.T, b []byte) {
		var st mastodon.Status
		if json.Unmarshal(b, &st) != nil {
			return
		}
		s := &server{host: "social.example", roots: table()}
		if p, err := s.read(&st); err == nil && (!utf8.ValidString(p.Text) || p.Author.ID == "" || p.PostedAt.IsZero()) {
			t.Errorf("%+v", p)
		}
	})
}
