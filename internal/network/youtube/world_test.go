package youtube

import (
	"cmp"
	"encoding/json"
	"fmt"
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
	apiKey       = "AIzaSyHush0000"
	clientSecret = "GOCSPX-hush"
	refreshToken = "1//hush"
	video        = "dQw4w9WgXcQ"
)

var brand = channelOf("brand")

func channelOf(author string) string { return "UC" + author + strings.Repeat("0", 22-len(author)) }

// A remark is a comment as the simulator keeps it.
type remark struct {
	id, author, text   string
	published, updated time.Time
	gone, sent         bool
}

func (r *remark) parent() string {
	if first := root(r.id); first != r.id {
		return first
	}
	return ""
}

// A world is YouTube as its reference describes it, with one video of the brand's.
type world struct {
	*networktest.Wire
	t      testing.TB
	driver network.Driver
	keyed  bool // reads by key
	page   int

	mu      sync.Mutex
	all     []*remark
	tokens  int
	expired bool   // the access token
	refuse  string // the reason of every refusal from now on
}

func newWorld(t testing.TB, keyed bool) *world {
	w := &world{t: t, driver: Driver(), keyed: keyed, page: 3}
	w.Wire = networktest.NewWire(t, http.HandlerFunc(w.serve))
	return w
}

func (w *world) Account() network.Account { return w.account() }

func (w *world) account() *Account {
	w.t.Helper()
	s := w.driver.Settings().(*Settings)
	s.Channel, s.ClientID, s.ClientSecret, s.RefreshToken = brand, "4711.apps", clientSecret, refreshToken
	s.Quota = 1_000_000
	if w.keyed {
		s.Key = apiKey
	}
	opened, err := w.driver.Open(s, network.NewClient(network.Options{Base: w.Wire}))
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
		author = "brand"
	}
	return care.Remote(w.write(author, p.Text, root(string(p.InReplyTo)), cmp.Or(p.At, time.Now())).id)
}

func (w *world) write(author, text, parent string, at time.Time) *remark {
	id := fmt.Sprintf("Ug%06d", len(w.all)+1)
	if parent != "" {
		id = parent + "." + id
	}
	at = at.UTC().Truncate(time.Second)
	r := &remark{id: id, author: author, text: text, published: at, updated: at}
	w.all = append(w.all, r)
	return r
}

func (w *world) find(id string) *remark {
	for _, r := range w.all {
		if r.id == id && !r.gone && (r.parent() == "" || w.find(r.parent()) != nil) {
			return r
		}
	}
	return nil
}

func (w *world) Edit(id care.Remote, text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	r := w.find(string(id))
	r.text, r.updated = text, r.published.Add(time.Second)
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
	for _, r := range w.all {
		if r.sent && !r.gone {
			sent = append(sent, care.Answer{To: care.Post{Remote: care.Remote(r.parent())}, Text: r.text})
		}
	}
	return sent
}

func (w *world) serve(out http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	out.Header().Set("Content-Type", "application/json; charset=UTF-8")
	if r.URL.Host == "oauth2.googleapis.com" {
		w.token(out, r)
		return
	}
	if r.URL.Scheme+"://"+r.URL.Host != "https://www.googleapis.com" {
		w.t.Errorf("called %s", r.URL)
	}
	q := r.URL.Query()
	if w.refuse != "" {
		refusal(out, http.StatusForbidden, w.refuse)
		return
	}
	if !w.signed(out, r, q) {
		return
	}
	switch r.Method + " " + strings.TrimPrefix(r.URL.Path, "/youtube/v3/") {
	case "GET commentThreads":
		w.listThreads(out, q)
	case "GET comments":
		w.listComments(out, q)
	case "POST comments":
		w.insert(out, r, q)
	case "PUT comments":
		w.update(out, r, q)
	case "DELETE comments":
		w.params(q, "id")
		c := w.find(q.Get("id"))
		if c == nil {
			refusal(out, http.StatusNotFound, "commentNotFound")
			return
		}
		c.gone = true
		out.WriteHeader(http.StatusNoContent)
	default:
		w.t.Errorf("called %s %s", r.Method, r.URL.Path)
	}
}

func (w *world) token(out http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil || r.Method != http.MethodPost || r.URL.Path != "/token" {
		w.t.Errorf("%s %s: %v", r.Method, r.URL, err)
	}
	if f := r.PostForm; f.Get("grant_type") != "refresh_token" || f.Get("client_id") != "4711.apps" || f.Get("client_secret") != clientSecret || f.Get("refresh_token") != refreshToken {
		out.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(out, `{"error":"invalid_grant","error_description":"Bad Request"}`)
		return
	}
	w.tokens++
	w.expired = false
	fmt.Fprintf(out, `{"access_token":"ya29.%d","expires_in":3599,"scope":"https://www.googleapis.com/auth/youtube.force-ssl","token_type":"Bearer"}`, w.tokens)
}

// signed checks who calls; only the channel itself may write.
func (w *world) signed(out http.ResponseWriter, r *http.Request, q url.Values) bool {
	bearer, asOwner := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	switch {
	case asOwner && !w.expired && bearer == fmt.Sprintf("ya29.%d", w.tokens):
	case asOwner:
		refusal(out, http.StatusUnauthorized, "authError")
		return false
	case q.Get("key") == "" || r.Method != http.MethodGet:
		w.t.Errorf("%s %s is not authorised", r.Method, r.URL.Path)
	case q.Get("key") != apiKey:
		refusal(out, http.StatusBadRequest, "keyInvalid")
		return false
	}
	return true
}

// params checks that a call has no parameter that the reference doesn't know.
func (w *world) params(q url.Values, known ...string) {
	for name := range q {
		if name != "key" && name != "prettyPrint" && !slices.Contains(known, name) {
			w.t.Errorf("parameter %s", name)
		}
	}
}

func refusal(out http.ResponseWriter, status int, reason string) {
	out.WriteHeader(status)
	fmt.Fprintf(out, `{"error":{"code":%d,"message":"Please don't repeat me.","errors":[{"message":"nor me","domain":"youtube.x","reason":%q}]}}`, status, reason)
}

func (w *world) snippet(r *remark, inThread bool) map[string]any {
	s := map[string]any{
		"channelId": brand, "textDisplay": r.text, "authorDisplayName": "@" + r.author,
		"authorChannelUrl": "http://www.youtube.com/channel/" + channelOf(r.author), "authorChannelId": map[string]any{"value": channelOf(r.author)},
		"canRate": true, "viewerRating": "none", "likeCount": 0,
		"publishedAt": r.published.Format(time.RFC3339), "updatedAt": r.updated.Format(time.RFC3339),
	}
	if inThread {
		s["videoId"] = video
	}
	if r.parent() != "" {
		s["parentId"] = r.parent()
	}
	return map[string]any{"kind": "youtube#comment", "id": r.id, "snippet": s}
}

func (w *world) repliesTo(id string) (all []*remark) {
	for _, r := range w.all {
		if r.parent() == id && !r.gone {
			all = append(all, r)
		}
	}
	return all
}

func (w *world) listThreads(out http.ResponseWriter, q url.Values) {
	w.params(q, "part", "order", "textFormat", "maxResults", "videoId", "allThreadsRelatedToChannelId", "id", "pageToken")
	filters := 0
	for _, f := range []string{"videoId", "allThreadsRelatedToChannelId", "id"} {
		if q.Has(f) {
			filters++
		}
	}
	if filters != 1 || !strings.Contains(q.Get("part"), "snippet") || q.Get("textFormat") != "plainText" || q.Has("videoId") && q.Get("videoId") != video ||
		q.Has("allThreadsRelatedToChannelId") && q.Get("allThreadsRelatedToChannelId") != brand {
		w.t.Errorf("threads by %v", q)
	}
	if q.Has("id") && (q.Has("maxResults") || q.Has("order") || q.Has("pageToken")) {
		refusal(out, http.StatusBadRequest, "incompatibleParameters")
		return
	}
	var threads []*remark
	for _, r := range w.all {
		if r.parent() == "" && (!q.Has("id") || r.id == q.Get("id")) {
			threads = append(threads, r)
		}
	}
	slices.Reverse(threads)
	slices.SortStableFunc(threads, func(a, b *remark) int { return b.published.Compare(a.published) })
	from, token := 0, q.Get("pageToken")
	if token != "" {
		if from = slices.IndexFunc(threads, func(r *remark) bool { return "after-"+r.id == token }) + 1; from == 0 {
			refusal(out, http.StatusBadRequest, "invalidPageToken")
			return
		}
	}
	most := len(threads)
	if !q.Has("id") {
		most = w.size(q, 20)
	}
	items, next := []any{}, ""
	for i, r := range threads[from:] {
		if r.gone {
			continue
		}
		if len(items) == most {
			next = "after-" + threads[from+i-1].id
			break
		}
		replies := w.repliesTo(r.id)
		t := map[string]any{"kind": "youtube#commentThread", "id": r.id, "snippet": map[string]any{
			"channelId": brand, "videoId": video, "topLevelComment": w.snippet(r, true), "canReply": true, "isPublic": true, "totalReplyCount": len(replies)}}
		if strings.Contains(q.Get("part"), "replies") && len(replies) > 0 {
			var some []any
			for _, r := range replies[:min(5, len(replies))] { // not the newest, nor all
				some = append(some, w.snippet(r, true))
			}
			t["replies"] = map[string]any{"comments": some}
		}
		items = append(items, t)
	}
	w.page2(out, "youtube#commentThreadListResponse", items, next)
}

func (w *world) size(q url.Values, usual int) int {
	if !q.Has("maxResults") {
		return usual
	}
	n, err := strconv.Atoi(q.Get("maxResults"))
	if err != nil || n < 1 || n > 100 {
		w.t.Errorf("maxResults=%s", q.Get("maxResults"))
	}
	return n
}

func (w *world) page2(out http.ResponseWriter, kind string, items []any, next string) {
	answer := map[string]any{"kind": kind, "items": items, "pageInfo": map[string]any{"totalResults": len(items)}}
	if next != "" {
		answer["nextPageToken"] = next
	}
	if err := json.NewEncoder(out).Encode(answer); err != nil {
		w.t.Error(err)
	}
}

func (w *world) listComments(out http.ResponseWriter, q url.Values) {
	w.params(q, "part", "textFormat", "maxResults", "id", "parentId", "pageToken")
	if q.Get("part") != "snippet" || q.Has("id") == q.Has("parentId") || q.Has("id") && (q.Has("maxResults") || q.Has("pageToken")) {
		w.t.Errorf("comments by %v", q)
	}
	items := []any{}
	if q.Has("id") {
		for id := range strings.SplitSeq(q.Get("id"), ",") {
			if r := w.find(id); r != nil {
				items = append(items, w.snippet(r, false))
			}
		}
		w.page2(out, "youtube#commentListResponse", items, "")
		return
	}
	if w.find(q.Get("parentId")) == nil {
		refusal(out, http.StatusNotFound, "commentNotFound")
		return
	}
	replies := w.repliesTo(q.Get("parentId"))
	from, next := 0, ""
	if q.Has("pageToken") {
		from, _ = strconv.Atoi(q.Get("pageToken"))
	}
	to := min(len(replies), from+w.size(q, 20))
	if to < len(replies) {
		next = strconv.Itoa(to)
	}
	for _, r := range replies[from:to] {
		items = append(items, w.snippet(r, false))
	}
	w.page2(out, "youtube#commentListResponse", items, next)
}

func (w *world) insert(out http.ResponseWriter, r *http.Request, q url.Values) {
	w.params(q, "part")
	var body struct {
		Snippet struct{ ParentID, TextOriginal string }
	}
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	if err := d.Decode(&body); err != nil || q.Get("part") != "snippet" {
		w.t.Errorf("%v: %v", q, err)
	}
	switch s := body.Snippet; {
	case strings.TrimSpace(s.TextOriginal) == "":
		refusal(out, http.StatusBadRequest, "commentTextRequired")
	case utf8.RuneCountInString(s.TextOriginal) > 10_000:
		refusal(out, http.StatusBadRequest, "commentTextTooLong")
	case strings.Contains(s.ParentID, "."):
		w.t.Errorf("an answer hangs on %s", s.ParentID)
	case w.find(s.ParentID) == nil:
		refusal(out, http.StatusNotFound, "parentCommentNotFound")
	default:
		c := w.write("brand", s.TextOriginal, s.ParentID, time.Now())
		c.sent = true
		answer := w.snippet(c, false)
		answer["snippet"].(map[string]any)["textOriginal"] = c.text
		if err := json.NewEncoder(out).Encode(answer); err != nil {
			w.t.Error(err)
		}
	}
}

func (w *world) update(out http.ResponseWriter, r *http.Request, q url.Values) {
	w.params(q, "part")
	var body struct {
		ID      string
		Snippet struct{ TextOriginal string }
	}
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		w.t.Error(err)
	}
	c := w.find(body.ID)
	if c == nil {
		refusal(out, http.StatusNotFound, "commentNotFound")
		return
	}
	c.text = body.Snippet.TextOriginal
	json.NewEncoder(out).Encode(w.snippet(c, false))
}

func TestDriver(t *testing.T) {
	for name, keyed := range map[string]bool{"by key": true, "as the channel": false} {
		t.Run(name, func(t *testing.T) {
			networktest.Run(t, networktest.Traits{
				Page: 3, Edits: networktest.OnLook, Deletes: networktest.OnLook, Own: true, Late: newest.Overlap, Shape: networktest.Flat,
				Faults: networktest.HTTPFaults(), Secrets: []string{apiKey, clientSecret, refreshToken, "ya29."},
			}, func(t *testing.T) networktest.World { return newWorld(t, keyed) })
		})
	}
}
