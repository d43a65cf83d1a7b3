package reddit

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/networktest"
	"github.com/amends-care/amends/internal/network/newest"
)

const (
	us           = "Acme_Care"
	clientID     = "p-jcoLKBynTLew"
	clientSecret = "gko_LXELoV07ZBNUXrvWZfzE3aI"
	refreshToken = "4711-hush_hush"
	password     = "correct horse"
)

// A said is a post or a comment as the simulator keeps it.
type said struct {
	name, author, title, text string
	created, edited           time.Time
	parent                    *said
	gone, sent                bool
}

func (s *said) top() *said {
	for s.parent != nil {
		s = s.parent
	}
	return s
}

// A world is Reddit with the subreddit r/shop.
type world struct {
	*networktest.Wire
	t      testing.TB
	driver network.Driver
	what   string
	page   int

	mu      sync.Mutex
	all     []*said
	tokens  int
	expired bool
	refuse  string // answers every comment with this
	last    url.Values
}

func newWorld(t testing.TB, what string) *world {
	w := &world{t: t, driver: Driver(), what: what, page: 3}
	w.Wire = networktest.NewWire(t, http.HandlerFunc(w.serve))
	return w
}

func (w *world) Account() network.Account { return w.account() }

func (w *world) settings() *Settings {
	s := w.driver.Settings().(*Settings)
	s.Username, s.ClientID, s.ClientSecret, s.RefreshToken = us, clientID, clientSecret, refreshToken
	s.What, s.Subreddits = w.what, []string{"shop"}
	switch w.what {
	case Search:
		s.Query = "acme"
	case Own:
		s.Subreddits = nil
	}
	return s
}

func (w *world) account() *Account {
	w.t.Helper()
	opened, err := w.driver.Open(w.settings(), network.NewClient(network.Options{Base: w.Wire}))
	if err != nil {
		w.t.Fatal(err)
	}
	a := opened.(*Account)
	a.page = w.page
	return a
}

func (w *world) Post(p networktest.Post) care.Remote {
	w.mu.Lock()
	defer w.mu.Unlock()
	author := cmp.Or(p.Author, "ana")
	if p.Own {
		author = us
	}
	return care.Remote(w.write(author, p.Text, string(p.InReplyTo), p.At).name)
}

func (w *world) write(author, text, parent string, at time.Time) *said {
	s := &said{author: author, text: text, created: cmp.Or(at, time.Now()).UTC().Truncate(time.Second)}
	id := strconv.FormatInt(int64(1_000_000+len(w.all)), 36)
	if parent == "" {
		s.name, s.title = "t3_"+id, "About acme"
	} else {
		s.name, s.parent = "t1_"+id, w.find(parent)
	}
	w.all = append(w.all, s)
	return s
}

func (w *world) find(name string) *said {
	for _, s := range w.all {
		if s.name == name {
			return s
		}
	}
	return nil
}

func (w *world) Edit(id care.Remote, text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := w.find(string(id))
	s.text, s.edited = text, time.Now().UTC().Truncate(time.Second)
	if !s.edited.After(s.created) {
		s.edited = s.created.Add(time.Second)
	}
}

func (w *world) Delete(id care.Remote) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.find(string(id)).gone = true
}

func (w *world) Sent() []care.Answer {
	w.mu.Lock()
	defer w.mu.Unlock()
	var sent []care.Answer
	for _, s := range w.all {
		if s.sent && !s.gone {
			sent = append(sent, care.Answer{To: care.Post{Remote: care.Remote(s.parent.name)}, Text: s.text})
		}
	}
	return sent
}

var agentPattern = regexp.MustCompile(`^[a-z]+:[a-z.]+:v[0-9.]+ \(by /u/` + us + `\)$`)

func (w *world) serve(out http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !agentPattern.MatchString(r.UserAgent()) {
		w.t.Errorf("called by %q", r.UserAgent())
	}
	if err := r.ParseForm(); err != nil {
		w.t.Error(err)
	}
	out.Header().Set("Content-Type", "application/json; charset=UTF-8")
	if r.URL.String() == tokens {
		w.token(out, r)
		return
	}
	if r.URL.Scheme+"://"+r.URL.Host != api {
		w.t.Errorf("called %s", r.URL)
	}
	out.Header().Set("X-Ratelimit-Remaining", "996.0")
	out.Header().Set("X-Ratelimit-Used", "4")
	out.Header().Set("X-Ratelimit-Reset", "433")
	if w.expired || r.Header.Get("Authorization") != fmt.Sprintf("Bearer eyJ.%d", w.tokens) {
		out.WriteHeader(http.StatusUnauthorized)
		fmt.Fprint(out, `{"message":"Unauthorized","error":401}`)
		return
	}
	if r.Form.Get("raw_json") != "1" {
		w.t.Errorf("%s would come escaped", r.URL)
	}
	if r.Method == http.MethodPost {
		w.change(out, r)
		return
	}
	w.show(out, r)
}

func (w *world) token(out http.ResponseWriter, r *http.Request) {
	id, secret, _ := r.BasicAuth()
	f := r.PostForm
	ok := f.Get("grant_type") == "refresh_token" && f.Get("refresh_token") == refreshToken ||
		f.Get("grant_type") == "password" && f.Get("username") == us && f.Get("password") == password
	switch {
	case r.Method != http.MethodPost || id != clientID || secret != clientSecret:
		out.WriteHeader(http.StatusUnauthorized)
		fmt.Fprint(out, `{"message":"Unauthorized","error":401}`)
	case !ok:
		fmt.Fprint(out, `{"error":"invalid_grant"}`) // with a success
	default:
		w.tokens++
		w.expired = false
		fmt.Fprintf(out, `{"access_token":"eyJ.%d","token_type":"bearer","expires_in":86400,"scope":"read submit edit history identity"}`, w.tokens)
	}
}

func (w *world) show(out http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	post := func(s *said) bool { return s.parent == nil }
	switch path := r.URL.Path; {
	case path == "/r/shop/new":
		w.list(out, q, func(s *said) bool { return post(s) && !s.gone })
	case path == "/r/shop/comments":
		w.list(out, q, func(s *said) bool { return !post(s) && !s.gone })
	case path == "/r/shop/search":
		if q.Get("q") != "acme" || q.Get("restrict_sr") != "1" || q.Get("sort") != "new" || q.Get("type") != "link" {
			w.t.Errorf("search by %v", q)
		}
		w.list(out, q, func(s *said) bool { return post(s) && !s.gone && strings.Contains(s.title, "acme") })
	case path == "/user/"+us+"/comments":
		w.list(out, q, func(s *said) bool { return !post(s) && s.author == us && !s.gone })
	case path == "/user/"+us+"/overview":
		w.list(out, q, func(s *said) bool { return s.author == us && !s.gone })
	case path == "/api/info":
		var found []any
		for name := range strings.SplitSeq(q.Get("id"), ",") {
			if s := w.find(name); s != nil {
				found = append(found, w.thing(s, false))
			}
		}
		w.say(out, listed(found, ""))
	case strings.HasPrefix(path, "/comments/"):
		w.tree(out, q, "t3_"+strings.TrimPrefix(path, "/comments/"))
	default:
		w.t.Errorf("called %s", r.URL)
	}
}

func listed(things []any, after string) map[string]any {
	if things == nil {
		things = []any{}
	}
	data := map[string]any{"children": things, "after": nil, "before": nil, "dist": len(things)}
	if after != "" {
		data["after"] = after
	}
	return map[string]any{"kind": "Listing", "data": data}
}

func (w *world) say(out http.ResponseWriter, answer any) {
	if err := json.NewEncoder(out).Encode(answer); err != nil {
		w.t.Error(err)
	}
}

// list gives a page. A place that is gone gives an empty one, as Reddit does.
func (w *world) list(out http.ResponseWriter, q url.Values, wanted func(*said) bool) {
	most, err := strconv.Atoi(q.Get("limit"))
	if err != nil || most < 1 || most > 100 {
		w.t.Errorf("limit=%s", q.Get("limit"))
	}
	var all []*said
	for _, s := range w.all {
		if wanted(s) {
			all = append(all, s)
		}
	}
	slices.Reverse(all)
	slices.SortStableFunc(all, func(a, b *said) int { return b.created.Compare(a.created) })
	if after := q.Get("after"); after != "" {
		i := slices.IndexFunc(all, func(s *said) bool { return s.name == after })
		if i < 0 {
			w.say(out, listed(nil, ""))
			return
		}
		all = all[i+1:]
	}
	var things []any
	after := ""
	for i, s := range all {
		if len(things) == most {
			after = all[i-1].name
			break
		}
		things = append(things, w.thing(s, false))
	}
	w.say(out, listed(things, after))
}

func (w *world) thing(s *said, deep bool) map[string]any {
	author, fullname, text := s.author, any("t2_"+strings.ToLower(strings.ReplaceAll(s.author, "_", ""))), s.text
	if s.gone {
		author, fullname, text = "[deleted]", nil, "[deleted]"
	}
	d := map[string]any{"name": s.name, "id": s.name[3:], "author": author, "author_fullname": fullname, "subreddit": "shop",
		"created_utc": float64(s.created.Unix()), "edited": false, "permalink": "/r/shop/comments/" + s.top().name[3:] + "/about_acme/" + s.name[3:] + "/"}
	if !s.edited.IsZero() {
		d["edited"] = float64(s.edited.Unix())
	}
	if s.parent == nil {
		d["title"], d["selftext"], d["is_self"], d["over_18"], d["num_crossposts"] = s.title, text, true, false, 0
		d["url"] = "https://www.reddit.com/r/shop/comments/" + s.name[3:]
		if s.gone {
			d["removed_by_category"] = "deleted"
		}
		return map[string]any{"kind": "t3", "data": d}
	}
	d["body"], d["parent_id"], d["link_id"], d["replies"] = text, s.parent.name, s.top().name, ""
	if deep {
		if below := w.below(s); len(below) > 0 {
			d["replies"] = listed(below, "")
		}
	}
	return map[string]any{"kind": "t1", "data": d}
}

func (w *world) below(parent *said) (things []any) {
	for _, s := range w.all {
		if s.parent == parent && (!s.gone || len(w.below(s)) > 0) {
			things = append(things, w.thing(s, true))
		}
	}
	return things
}

// tree shows two comments of each post at most, and “more”.
func (w *world) tree(out http.ResponseWriter, q url.Values, name string) {
	top := w.find(name)
	if top == nil || top.parent != nil {
		out.WriteHeader(http.StatusNotFound)
		fmt.Fprint(out, `{"message":"Not Found","error":404}`)
		return
	}
	below := w.below(top)
	if id := q.Get("comment"); id != "" {
		s := w.find("t1_" + id)
		for s.parent.parent != nil {
			s = s.parent
		}
		below = []any{w.thing(s, true)}
	} else if len(below) > 2 {
		below = append(below[:2], map[string]any{"kind": "more", "data": map[string]any{"count": 1, "name": "t1__", "id": "_", "children": []string{}}})
	}
	w.say(out, []any{listed([]any{w.thing(top, false)}, ""), listed(below, "")})
}

func (w *world) change(out http.ResponseWriter, r *http.Request) {
	f := r.PostForm
	w.last = f
	known := []string{"raw_json", "api_type", "thing_id", "text", "id"}
	for p := range f {
		if !slices.Contains(known, p) {
			w.t.Errorf("field %s", p)
		}
	}
	if len(r.URL.Query()) > 0 || r.Header.Get("Content-Type") != "application/x-www-form-urlencoded" {
		w.t.Errorf("%s %s", r.URL, r.Header.Get("Content-Type"))
	}
	if r.URL.Path == "/api/del" {
		if s := w.find(f.Get("id")); s != nil {
			s.gone = true
		}
		fmt.Fprint(out, `{}`)
		return
	}
	s := w.find(f.Get("thing_id"))
	code := w.refuse
	switch {
	case f.Get("api_type") != "json":
		w.t.Error("the answer would be jQuery")
	case code != "":
	case s == nil || s.gone:
		code = "DELETED_COMMENT"
	case f.Get("text") == "":
		code = "NO_TEXT"
	case utf8.RuneCountInString(f.Get("text")) > 10_000:
		code = "TOO_LONG"
	}
	if code != "" {
		fmt.Fprintf(out, `{"json":{"errors":[[%q,"Take a break for 9 minutes before trying again.","ratelimit"]]}}`, code)
		return
	}
	switch r.URL.Path {
	case "/api/comment":
		s = w.write(us, f.Get("text"), s.name, time.Time{})
		s.sent = true
	case "/api/editusertext":
		s.text = f.Get("text")
	default:
		w.t.Errorf("called %s", r.URL)
	}
	w.say(out, map[string]any{"json": map[string]any{"errors": []any{}, "data": map[string]any{"things": []any{w.thing(s, false)}}}})
}

func TestDriver(t *testing.T) {
	traits := networktest.Traits{
		Page: 3, Edits: networktest.OnLook, Deletes: networktest.OnLook, Own: true, Late: newest.Overlap,
		Faults: networktest.HTTPFaults(), Secrets: []string{clientSecret, refreshToken, password, "eyJ", "cC1qY29"},
	}
	t.Run("subreddits", func(t *testing.T) {
		networktest.Run(t, traits, func(t *testing.T) networktest.World { return newWorld(t, Subreddits) })
	})
	t.Run("search", func(t *testing.T) {
		traits := traits // a search finds posts and no comments
		traits.Own, traits.Shape, traits.Faults = false, networktest.Single, nil
		networktest.Run(t, traits, func(t *testing.T) networktest.World { return newWorld(t, Search) })
	})
}
