package facebook

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
	pageID      = "106720000000001"
	appID       = "2718281828"
	appSecret   = "0123hush4567hush"
	pageToken   = "EAAGhushhush"
	verifyToken = "open-hush-sesame"
)

// A said is a post or comment as the simulator keeps it.
type said struct {
	id, author, text string
	created          time.Time
	parent           *said // nil: a post
	gone, sent       bool
}

func (s *said) top() *said {
	for s.parent != nil {
		s = s.parent
	}
	return s
}

// A world is Facebook as Meta's reference describes it, with one page.
type world struct {
	*networktest.Wire
	t      testing.TB
	driver network.Driver
	page   int
	nested int // comments that come with a post; 0: as many as asked for

	mu      sync.Mutex
	all     []*said
	refuse  string // the error of every call but debug_token
	usage   string
	debuged int
}

func newWorld(t testing.TB) *world {
	w := &world{t: t, driver: Driver(), page: 3, usage: `{"call_count":28,"total_time":25,"total_cputime":31}`}
	w.Wire = networktest.NewWire(t, http.HandlerFunc(w.serve))
	return w
}

func (w *world) settings() *Settings {
	s := w.driver.Settings().(*Settings)
	s.Page, s.AppID, s.AppSecret, s.Token, s.VerifyToken = pageID, appID, appSecret, pageToken, verifyToken
	return s
}

func (w *world) Account() network.Account { return w.account() }

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
		author = ""
	}
	return care.Remote(w.write(author, p.Text, string(p.InReplyTo), p.At).id)
}

func (w *world) write(author, text, parent string, at time.Time) *said {
	s := &said{author: author, text: text, created: cmp.Or(at, time.Now()).UTC().Truncate(time.Second)}
	number := strconv.Itoa(5000 + len(w.all))
	if parent == "" {
		s.id = pageID + "_" + number
	} else {
		s.parent = w.find(parent)
		_, post, _ := strings.Cut(s.top().id, "_")
		s.id = post + "_" + number
	}
	w.all = append(w.all, s)
	return s
}

func (w *world) find(id string) *said {
	for _, s := range w.all {
		if s.id == id && !w.hidden(s) {
			return s
		}
	}
	return nil
}

// hidden: a comment goes with what it is under.
func (w *world) hidden(s *said) bool {
	for ; s != nil; s = s.parent {
		if s.gone {
			return true
		}
	}
	return false
}

func (w *world) Edit(id care.Remote, text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.find(string(id)).text = text
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
		if s.sent && !w.hidden(s) {
			sent = append(sent, care.Answer{To: care.Post{Remote: care.Remote(s.parent.id)}, Text: s.text})
		}
	}
	return sent
}

// from is who wrote, with an id that holds for this page.
func (s *said) from() map[string]any {
	if s.author == "" {
		return map[string]any{"id": pageID, "name": "Acme"}
	}
	return map[string]any{"id": "49" + fmt.Sprintf("%x", s.author), "name": s.author}
}

// Delivery is what Meta posts about a change of the feed.
func (w *world) Delivery(id care.Remote) []byte {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := w.find(string(id))
	v := map[string]any{"item": "status", "verb": "add", "post_id": s.top().id, "message": s.text, "from": s.from(), "created_time": s.created.Unix()}
	if s.parent != nil {
		v["item"], v["comment_id"], v["parent_id"] = "comment", s.id, s.parent.id
	}
	return w.deliver(map[string]any{"field": "feed", "value": v})
}

func (w *world) deliver(changes ...any) []byte {
	b, err := json.Marshal(map[string]any{"object": "page", "entry": []any{map[string]any{"id": pageID, "time": time.Now().Unix(), "changes": changes}}})
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
	path, ours := strings.CutPrefix(r.URL.Scheme+"://"+r.URL.Host+r.URL.Path, "https://graph.facebook.com/v24.0/")
	if !ours || strings.Contains(r.URL.RawQuery, "access_token") {
		w.t.Errorf("called %s", r.URL)
	}
	if path == "debug_token" {
		if r.Header.Get("Authorization") != "Bearer "+appID+"|"+appSecret || r.Form.Get("input_token") != pageToken {
			w.t.Errorf("%s: %v", path, r.Form)
		}
		w.debuged++
		fmt.Fprintf(out, `{"data":{"app_id":%q,"type":"PAGE","is_valid":true,"expires_at":0,"data_access_expires_at":1830000000}}`, appID)
		return
	}
	out.Header().Set("X-App-Usage", w.usage)
	if w.refuse != "" {
		out.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(out, w.refuse)
		return
	}
	if r.Header.Get("Authorization") != "Bearer "+pageToken {
		refusal(out, 190, 463)
		return
	}
	if r.Form.Get("appsecret_proof") != sum(appSecret, pageToken) {
		w.t.Error("the call has no proof")
	}
	id, edge, _ := strings.Cut(path, "/")
	switch r.Method + " " + edge {
	case "GET feed":
		w.feed(out, r.Form)
	case "GET tagged":
		w.known(r.Form, "fields", "limit", "after")
		w.list(out, w.sorted(func(s *said) bool { return s.parent == nil && s.author != "" }, true), r.Form, func(s *said) any { return w.show(s, r.Form.Get("fields")) })
	case "GET comments":
		w.comments(out, id, r.Form)
	case "GET ":
		if s := w.find(id); s != nil {
			w.say(out, w.show(s, r.Form.Get("fields")))
			return
		}
		refusal(out, 100, 33)
	case "POST comments":
		w.comment(out, id, r.PostForm)
	case "POST ":
		w.known(r.PostForm, "message")
		w.find(id).text = r.PostForm.Get("message")
		fmt.Fprint(out, `{"success":true}`)
	case "DELETE ":
		s := w.find(id)
		if s == nil {
			refusal(out, 100, 33)
			return
		}
		s.gone = true
		fmt.Fprint(out, `{"success":true}`)
	default:
		w.t.Errorf("called %s %s", r.Method, r.URL)
	}
}

func refusal(out http.ResponseWriter, code, subcode int) {
	out.WriteHeader(http.StatusBadRequest)
	fmt.Fprintf(out, `{"error":{"message":"Please don't repeat me.","type":"OAuthException","code":%d,"error_subcode":%d,"fbtrace_id":"x"}}`, code, subcode)
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
func (w *world) show(s *said, fields string) map[string]any {
	all := map[string]any{"id": s.id, "message": s.text, "from": s.from(), "created_time": s.created.Format("2006-01-02T15:04:05-0700"),
		"permalink_url": "https://www.facebook.com/acme/posts/" + s.id}
	if s.parent != nil && s.parent.parent != nil {
		all["parent"] = map[string]any{"id": s.parent.id}
	}
	own, _, _ := strings.Cut(fields, ",comments")
	for name := range all {
		if name != "id" && !strings.Contains(own, name) {
			delete(all, name)
		}
	}
	return all
}

// list gives a page of a list that is in order.
func (w *world) list(out http.ResponseWriter, all []*said, form url.Values, show func(*said) any) {
	w.say(out, w.paged(all, form.Get("limit"), form.Get("after"), show))
}

func (w *world) paged(all []*said, limit, after string, show func(*said) any) map[string]any {
	most, err := strconv.Atoi(limit)
	if err != nil || most < 1 || most > 100 {
		w.t.Errorf("limit=%s", limit)
	}
	if after != "" {
		all = all[slices.IndexFunc(all, func(s *said) bool { return s.id == strings.TrimPrefix(after, "QVFI") })+1:]
	}
	data, last, more := []any{}, "", false
	for _, s := range all {
		if w.hidden(s) {
			continue
		}
		if more = len(data) == most; more {
			break
		}
		data, last = append(data, show(s)), s.id
	}
	answer := map[string]any{"data": data}
	if len(data) > 0 {
		paging := map[string]any{"cursors": map[string]any{"before": "QVFI", "after": "QVFI" + last}}
		if more {
			paging["next"] = "https://graph.facebook.com/next?access_token=" + pageToken
		}
		answer["paging"] = paging
	}
	return answer
}

// sorted are the posts, or the comments that are wanted, in order.
func (w *world) sorted(wanted func(*said) bool, backwards bool) []*said {
	var all []*said
	for _, s := range w.all {
		if wanted(s) {
			all = append(all, s)
		}
	}
	if backwards {
		slices.Reverse(all)
	}
	slices.SortStableFunc(all, func(a, b *said) int {
		if backwards {
			a, b = b, a
		}
		return a.created.Compare(b.created)
	})
	return all
}

func (w *world) feed(out http.ResponseWriter, form url.Values) {
	w.known(form, "fields", "limit", "after")
	fields := form.Get("fields")
	_, inner, ok := strings.Cut(fields, "comments.limit(50).order(reverse_chronological).filter(stream){")
	if !ok {
		w.t.Errorf("fields=%s", fields)
	}
	nested := "50"
	if w.nested > 0 {
		nested = strconv.Itoa(w.nested)
	}
	w.list(out, w.sorted(func(s *said) bool { return s.parent == nil }, true), form, func(s *said) any {
		post := w.show(s, fields)
		comments := w.sorted(func(c *said) bool { return c.parent != nil && c.top() == s }, true)
		if len(comments) > 0 {
			post["comments"] = w.paged(comments, nested, "", func(c *said) any { return w.show(c, inner) })
		}
		return post
	})
}

func (w *world) comments(out http.ResponseWriter, id string, form url.Values) {
	w.known(form, "fields", "limit", "after", "order", "filter")
	on := w.find(id)
	if on == nil {
		refusal(out, 100, 33)
		return
	}
	wanted := func(s *said) bool { return s.parent == on }
	if form.Get("filter") == "stream" {
		wanted = func(s *said) bool { return s.parent != nil && s.top() == on }
	}
	w.list(out, w.sorted(wanted, form.Get("order") == "reverse_chronological"), form, func(s *said) any { return w.show(s, form.Get("fields")) })
}

func (w *world) comment(out http.ResponseWriter, id string, form url.Values) {
	w.known(form, "message")
	on := w.find(id)
	switch text := form.Get("message"); {
	case on == nil:
		refusal(out, 100, 33)
	case on.parent != nil && on.parent.parent != nil:
		w.t.Errorf("an answer on the fourth storey, under %s", id)
	case text == "" || utf8.RuneCountInString(text) > 8000:
		refusal(out, 100, 0)
	default:
		s := w.write("", text, id, time.Time{})
		s.sent = true
		w.say(out, map[string]any{"id": s.id})
	}
}

func TestDriver(t *testing.T) {
	networktest.Run(t, networktest.Traits{
		Page: 3, Edits: networktest.OnLook, Deletes: networktest.OnLook, Own: true, Late: newest.Overlap,
		Faults: networktest.HTTPFaults(), Secrets: []string{appSecret, pageToken, verifyToken, sum(appSecret, pageToken)},
	}, func(t *testing.T) networktest.World { return newWorld(t) })
}
