package threads

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
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
	account     = "25025520000000001"
	username    = "acme.care"
	appID       = "3141592653"
	appSecret   = "89abhushcdefhush"
	token       = "THAAhushhush"
	verifyToken = "open-hush-barley"
	query       = "kettle"
)

// A post is a thread or a reply, as the simulator keeps it.
type post struct {
	id, author, text string
	created          time.Time
	parent           *post // nil: a thread
	repost           bool
	gone, sent       bool
}

func (p *post) root() *post {
	for p.parent != nil {
		p = p.parent
	}
	return p
}

// A container is an answer before it is published.
type container struct {
	to   *post
	text string
	done bool
}

// A world is Threads as Meta's reference describes it, with one account.
type world struct {
	*networktest.Wire
	t      testing.TB
	driver network.Driver
	what   string
	page   int

	mu         sync.Mutex
	all        []*post
	containers []*container
	unready    bool // containers take their time
	mayNotAsk  bool // about the token
	asked      int
	last       networktest.Fault // of the step that publishes, and of no other
}

func newWorld(t testing.TB, what string) *world {
	w := &world{t: t, driver: Driver(), what: what, page: 3}
	w.Wire = networktest.NewWire(t, http.HandlerFunc(w.serve))
	return w
}

// Break implements [networktest.World].
func (w *world) Break(f networktest.Fault) {
	w.mu.Lock()
	w.last = networktest.Mended
	w.mu.Unlock()
	w.Wire.Break(f)
}

// BreakWrites breaks the write that shows: what fails before leaves nothing.
func (w *world) BreakWrites(f networktest.Fault) {
	w.Break(networktest.Mended)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.last = f
}

// RoundTrip implements [http.RoundTripper].
func (w *world) RoundTrip(r *http.Request) (*http.Response, error) {
	w.mu.Lock()
	f := w.last
	w.mu.Unlock()
	if f != networktest.Mended && strings.HasSuffix(r.URL.Path, "/threads_publish") {
		w.Wire.Break(f)
		defer w.Wire.Break(networktest.Mended)
	}
	return w.Wire.RoundTrip(r)
}

func (w *world) settings() *Settings {
	s := w.driver.Settings().(*Settings)
	s.Account, s.Username, s.What = account, username, w.what
	s.AppID, s.AppSecret, s.Token, s.VerifyToken = appID, appSecret, token, verifyToken
	if w.what == Search {
		s.Query = query
	}
	return s
}

func (w *world) Account() network.Account {
	a := w.account()
	if w.what == Replies {
		return a
	}
	// What stands around others' posts is not shown to us: the suite would ask for it.
	return struct {
		network.Replier
		network.Account
		network.Looker
		network.Receiver
		network.Challenger
	}{a, a, a, a, a}
}

// A found is a world that posts nothing to us.
type found struct {
	networktest.World
	networktest.WriteBreaker
	networktest.Counter
}

// Account hides that others' deliveries would be taken, and left alone.
func (f found) Account() network.Account {
	a := f.World.(*world).account()
	return struct {
		network.Replier
		network.Account
		network.Looker
	}{a, a, a}
}

func (w *world) account() *Account {
	w.t.Helper()
	opened, err := w.driver.Open(w.settings(), network.NewClient(network.Options{Base: w}))
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
	author, text := cmp.Or(p.Author, "ana"), w.addressed(p.Text)
	if p.Own {
		author = username
	}
	var on *post
	switch {
	case p.InReplyTo != "":
		on = w.find(string(p.InReplyTo))
	case w.what == Replies: // each reply under a thread of its own
		on = w.write(username, "New kettles!", nil, p.At)
	}
	return care.Remote(w.write(author, text, on, p.At).id)
}

// addressed is a text as the source would find it.
func (w *world) addressed(text string) string {
	switch w.what {
	case Mentions:
		return text + " @" + username
	case Search:
		return text + " " + query
	}
	return text
}

func (w *world) write(author, text string, parent *post, at time.Time) *post {
	p := &post{author: author, text: text, parent: parent, created: cmp.Or(at, time.Now()).UTC().Truncate(time.Second)}
	p.id = strconv.Itoa(18000000000000000 + len(w.all))
	w.all = append(w.all, p)
	return p
}

func (w *world) find(id string) *post {
	for _, p := range w.all {
		if p.id == id && !p.gone {
			return p
		}
	}
	return nil
}

func (w *world) Edit(id care.Remote, text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.find(string(id)).text = w.addressed(text)
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
	for _, p := range w.all {
		if p.sent && !p.gone {
			sent = append(sent, care.Answer{To: care.Post{Remote: care.Remote(p.parent.id)}, Text: p.text})
		}
	}
	return sent
}

// Delivery is what Meta posts about a reply or a mention.
func (w *world) Delivery(id care.Remote) []byte {
	w.mu.Lock()
	defer w.mu.Unlock()
	p := w.find(string(id))
	v := w.show(p, "id,username,text,media_type,permalink,timestamp,replied_to")
	if p.parent != nil {
		v["root_post"] = map[string]any{"id": p.root().id, "owner_id": account, "username": p.root().author}
	}
	return w.deliver(w.what, v)
}

func (w *world) deliver(field string, value any) []byte {
	b, err := json.Marshal(map[string]any{
		"app_id": appID, "topic": "moderate", "target_id": "78901", "time": time.Now().Unix(), "subscription_id": "234567",
		"has_uid_field": false, "values": map[string]any{"value": value, "field": field},
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return b
}

func (w *world) Sign(body []byte, _ time.Time) http.Header {
	return http.Header{"X-Hub-Signature-256": {"sha256=" + sum(appSecret, string(body))}}
}

func sum(key, text string) string {
	h := hmac.New(sha256.New, []byte(key))
	io.WriteString(h, text)
	return hex.EncodeToString(h.Sum(nil))
}

func (w *world) Ask() (q url.Values, answer string) {
	return url.Values{"hub.mode": {"subscribe"}, "hub.verify_token": {verifyToken}, "hub.challenge": {"1158201444"}}, "1158201444"
}

func (w *world) serve(out http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := r.ParseForm(); err != nil {
		w.t.Error(err)
	}
	out.Header().Set("Content-Type", "application/json; charset=UTF-8")
	path, ours := strings.CutPrefix(r.URL.Scheme+"://"+r.URL.Host+r.URL.Path, "https://graph.threads.net/v1.0/")
	if !ours || strings.Contains(r.URL.RawQuery, "access_token") {
		w.t.Errorf("called %s", r.URL)
	}
	if r.Header.Get("Authorization") != "Bearer "+token {
		refusal(out, 190, 463)
		return
	}
	if path == "debug_token" {
		if r.Form.Get("input_token") != token {
			w.t.Errorf("%s: %v", path, r.Form)
		}
		if w.asked++; w.mayNotAsk {
			refusal(out, 10, 0)
			return
		}
		fmt.Fprint(out, `{"data":{"type":"USER","is_valid":true,"expires_at":1830000000,"data_access_expires_at":1830000500}}`)
		return
	}
	if r.Form.Get("appsecret_proof") != sum(appSecret, token) {
		w.t.Error("the call has no proof")
	}
	id, edge, _ := strings.Cut(path, "/")
	switch r.Method + " " + edge {
	case "GET threads", "GET replies", "GET mentions":
		if id != account {
			w.t.Errorf("called %s", path)
		}
		w.ofAccount(out, edge, r.Form)
	case "GET conversation":
		w.conversation(out, id, r.Form)
	case "GET ":
		w.get(out, id, r.Form)
	case "POST threads", "POST threads_publish":
		if id != account {
			w.t.Errorf("called %s", path)
		}
		w.answer(out, edge, r.PostForm)
	case "DELETE ":
		p := w.find(id)
		switch {
		case p == nil:
			refusal(out, 100, 33)
		case p.author != username:
			refusal(out, 10, 0)
		default:
			p.gone = true
			fmt.Fprintf(out, `{"success":true,"deleted_id":%q}`, id)
		}
	default:
		w.t.Errorf("called %s %s", r.Method, r.URL)
	}
}

func refusal(out http.ResponseWriter, code, subcode int) {
	out.WriteHeader(http.StatusBadRequest)
	fmt.Fprintf(out, `{"error":{"message":"Please don't repeat me.","type":"THApiException","code":%d,"error_subcode":%d,"is_transient":false,"fbtrace_id":"x"}}`, code, subcode)
}

func (w *world) say(out http.ResponseWriter, answer any) {
	if err := json.NewEncoder(out).Encode(answer); err != nil {
		w.t.Error(err)
	}
}

func (w *world) known(form url.Values, names ...string) {
	for p := range form {
		if p != "appsecret_proof" && !slices.Contains(names, p) {
			w.t.Errorf("parameter %s", p)
		}
	}
}

// show gives the fields that were asked for and no others.
func (w *world) show(p *post, fields string) map[string]any {
	all := map[string]any{
		"id": p.id, "text": p.text, "username": p.author, "timestamp": p.created.Format("2006-01-02T15:04:05-0700"),
		"permalink": "https://www.threads.net/@" + p.author + "/post/" + p.id, "media_type": "TEXT_POST", "media_url": nil, "alt_text": nil,
		"has_replies": slices.ContainsFunc(w.all, func(r *post) bool { return !r.gone && r.parent == p }), "root_post": nil, "replied_to": nil,
	}
	if p.repost {
		all["media_type"] = repost
	}
	if p.parent != nil {
		all["root_post"], all["replied_to"] = map[string]any{"id": p.root().id}, map[string]any{"id": p.parent.id}
	}
	shown := map[string]any{}
	for f := range strings.SplitSeq(fields, ",") {
		v, ok := all[f]
		if !ok {
			w.t.Errorf("there is no field %s", f)
		}
		if v != nil {
			shown[f] = v
		}
	}
	return shown
}

// list gives a page of posts, newest first.
func (w *world) list(out http.ResponseWriter, form url.Values, wanted func(*post) bool) {
	most, err := strconv.Atoi(form.Get("limit"))
	if err != nil || most < 1 || most > 100 {
		w.t.Errorf("limit=%s", form.Get("limit"))
	}
	var all []*post
	for _, p := range slices.Backward(w.all) {
		if wanted(p) {
			all = append(all, p)
		}
	}
	slices.SortStableFunc(all, func(a, b *post) int { return b.created.Compare(a.created) })
	if after := form.Get("after"); after != "" {
		all = all[slices.IndexFunc(all, func(p *post) bool { return p.id == strings.TrimPrefix(after, "QVFI") })+1:]
	}
	if since, err := strconv.ParseInt(form.Get("since"), 10, 64); err == nil {
		all = slices.DeleteFunc(all, func(p *post) bool { return p.created.Unix() < since })
	}
	data, last, more := []any{}, "", false
	for _, p := range all {
		if p.gone {
			continue
		}
		if more = len(data) == most; more {
			break
		}
		data, last = append(data, w.show(p, form.Get("fields"))), p.id
	}
	answer := map[string]any{"data": data}
	if len(data) > 0 {
		paging := map[string]any{"cursors": map[string]any{"before": "QVFI", "after": "QVFI" + last}}
		if more {
			paging["next"] = "https://graph.threads.net/next?access_token=" + token
		}
		answer["paging"] = paging
	}
	w.say(out, answer)
}

func (w *world) ofAccount(out http.ResponseWriter, edge string, form url.Values) {
	w.known(form, "fields", "limit", "after", "since")
	w.list(out, form, func(p *post) bool {
		switch edge {
		case "threads":
			return p.author == username && p.parent == nil
		case "replies":
			return p.author == username && p.parent != nil
		}
		return strings.Contains(p.text, "@"+username) && p.author != username
	})
}

func (w *world) conversation(out http.ResponseWriter, id string, form url.Values) {
	w.known(form, "fields", "limit", "after", "reverse")
	root := w.find(id)
	switch {
	case form.Get("reverse") != "true":
		w.t.Errorf("reverse=%s", form.Get("reverse"))
	case root == nil:
		refusal(out, 100, 33)
	case root.parent != nil || root.author != username:
		w.t.Errorf("%s is no thread of ours", id)
	default:
		w.list(out, form, func(p *post) bool { return p != root && p.root() == root })
	}
}

func (w *world) get(out http.ResponseWriter, id string, form url.Values) {
	if id == "keyword_search" {
		w.known(form, "fields", "limit", "after", "q", "search_type")
		if form.Get("search_type") != "RECENT" {
			w.t.Errorf("search_type=%s", form.Get("search_type"))
		}
		w.list(out, form, func(p *post) bool { return strings.Contains(p.text, form.Get("q")) })
		return
	}
	w.known(form, "fields")
	if p := w.find(id); p != nil {
		w.say(out, w.show(p, form.Get("fields")))
		return
	}
	refusal(out, 100, 33)
}

func (w *world) answer(out http.ResponseWriter, edge string, form url.Values) {
	if edge == "threads" {
		w.known(form, "media_type", "text", "reply_to_id")
		to, text := w.find(form.Get("reply_to_id")), form.Get("text")
		switch {
		case form.Get("media_type") != "TEXT":
			w.t.Errorf("media_type=%s", form.Get("media_type"))
		case to == nil:
			refusal(out, 100, 33)
		case text == "" || utf8.RuneCountInString(text) > 500:
			refusal(out, 100, 0)
		default:
			w.containers = append(w.containers, &container{to: to, text: text})
			fmt.Fprintf(out, `{"id":"%d"}`, 17000000000000000+len(w.containers))
		}
		return
	}
	w.known(form, "creation_id")
	n, err := strconv.Atoi(form.Get("creation_id"))
	if n -= 17000000000000001; err != nil || n < 0 || n >= len(w.containers) || w.containers[n].done || w.unready {
		refusal(out, 24, 4279009)
		return
	}
	c := w.containers[n]
	c.done = true
	p := w.write(username, c.text, c.to, time.Time{})
	p.sent = true
	fmt.Fprintf(out, `{"id":%q}`, p.id)
}

func TestDriver(t *testing.T) {
	traits := networktest.Traits{
		Page: 3, Edits: networktest.OnLook, Deletes: networktest.OnLook, Own: true, Late: newest.Overlap, Steps: true,
		Faults: networktest.HTTPFaults(), Secrets: []string{appSecret, token, verifyToken, sum(appSecret, token)},
	}
	for _, what := range []string{Replies, Mentions, Search} {
		traits.Own = what == Replies // a mention is by others, and our answers need not have the words
		t.Run(what, func(t *testing.T) {
			networktest.Run(t, traits, func(t *testing.T) networktest.World {
				w := newWorld(t, what)
				if what == Search {
					return found{w, w, w}
				}
				return w
			})
		})
	}
}
