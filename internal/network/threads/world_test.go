package threads

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/graph/graphtest"
	"github.com/amends-care/amends/internal/network/networktest"
	"github.com/amends-care/amends/internal/network/newest"
)

const (
	account  = "25025520000000001"
	username = "acme.care"
	query    = "kettle"
)

// A container is an answer before it is published.
type container struct {
	to   *graphtest.Node
	text string
	done bool
}

// A world is Threads as Meta's reference describes it, with one account.
type world struct {
	*networktest.Wire
	*graphtest.App
	driver network.Driver
	what   string
	page   int

	containers []*container
	renewed    string            // the token that comes of renewing ours; empty: it is too young
	unready    bool              // containers take their time
	last       networktest.Fault // of the step that publishes, and of no other
}

func newWorld(t testing.TB, what string) *world {
	w := &world{driver: Driver(), what: what, page: 3, App: graphtest.New(t, base)}
	w.Alone, w.Keys.Inspector = true, w.Keys.Token
	w.Wire = networktest.NewWire(t, http.HandlerFunc(w.serve))
	return w
}

// Break implements [networktest.World].
func (w *world) Break(f networktest.Fault) {
	w.Lock()
	w.last = networktest.Mended
	w.Unlock()
	w.Wire.Break(f)
}

// BreakWrites breaks the write that shows: what fails before leaves nothing.
func (w *world) BreakWrites(f networktest.Fault) {
	w.Break(networktest.Mended)
	w.Lock()
	defer w.Unlock()
	w.last = f
}

// RoundTrip implements [http.RoundTripper].
func (w *world) RoundTrip(r *http.Request) (*http.Response, error) {
	w.Lock()
	f := w.last
	w.Unlock()
	if f != networktest.Mended && strings.HasSuffix(r.URL.Path, "/threads_publish") {
		w.Wire.Break(f)
		defer w.Wire.Break(networktest.Mended)
	}
	return w.Wire.RoundTrip(r)
}

func (w *world) settings() *Settings {
	s := w.driver.Settings().(*Settings)
	s.Account, s.Username, s.What, s.Keys = account, username, w.what, w.Keys
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
	w.T.Helper()
	opened, err := w.driver.Open(w.settings(), network.NewClient(network.Options{Base: w}))
	if err != nil {
		w.T.Fatal(err)
	}
	a := opened.(*Account)
	a.page = w.page
	return a
}

func (w *world) Post(p networktest.Post) care.Remote {
	w.Lock()
	defer w.Unlock()
	author, text := cmp.Or(p.Author, "ana"), w.addressed(p.Text)
	if p.Own {
		author = username
	}
	var on *graphtest.Node
	switch {
	case p.InReplyTo != "":
		on = w.Find(string(p.InReplyTo))
	case w.what == Replies: // each reply under a thread of its own
		on = w.write(username, "New kettles!", nil, p.At)
	}
	return care.Remote(w.write(author, text, on, p.At).ID)
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

func (w *world) write(author, text string, parent *graphtest.Node, at time.Time) *graphtest.Node {
	return w.Write(strconv.Itoa(18000000000000000+len(w.Nodes)), author, text, parent, at)
}

func (w *world) Edit(id care.Remote, text string) { w.App.Edit(id, w.addressed(text)) }

// Delivery is what Meta posts about a reply or a mention.
func (w *world) Delivery(id care.Remote) []byte {
	w.Lock()
	defer w.Unlock()
	p := w.Find(string(id))
	v := w.show(p, "id,username,text,media_type,permalink,timestamp,replied_to")
	if p.Parent != nil {
		v["root_post"] = map[string]any{"id": p.Top().ID, "owner_id": account, "username": p.Top().Author}
	}
	return w.deliver(w.what, v)
}

func (w *world) deliver(field string, value any) []byte {
	return w.JSON(map[string]any{
		"app_id": w.Keys.AppID, "topic": "moderate", "target_id": "78901", "time": time.Now().Unix(), "subscription_id": "234567",
		"has_uid_field": false, "values": map[string]any{"value": value, "field": field},
	})
}

func (w *world) serve(out http.ResponseWriter, r *http.Request) {
	w.Lock()
	defer w.Unlock()
	if r.URL.Path == "/refresh_access_token" {
		w.renew(out, r.URL.Query())
		return
	}
	id, edge, ok := w.Enter(out, r)
	if !ok {
		return
	}
	switch r.Method + " " + edge {
	case "GET threads", "GET replies", "GET mentions":
		if id != account {
			w.T.Errorf("called %s", r.URL.Path)
		}
		w.ofAccount(out, edge, r.Form)
	case "GET conversation":
		w.conversation(out, id, r.Form)
	case "GET ":
		w.get(out, id, r.Form)
	case "POST threads", "POST threads_publish":
		if id != account {
			w.T.Errorf("called %s", r.URL.Path)
		}
		w.answer(out, edge, r.PostForm)
	case "DELETE ":
		p := w.Find(id)
		switch {
		case p == nil:
			graphtest.Refusal(out, 100, 33)
		case p.Author != username:
			graphtest.Refusal(out, 10, 0)
		default:
			p.Gone = true
			fmt.Fprintf(out, `{"success":true,"deleted_id":%q}`, id)
		}
	default:
		w.T.Errorf("called %s %s", r.Method, r.URL)
	}
}

// renew makes a token last anew that is a day old.
func (w *world) renew(out http.ResponseWriter, form url.Values) {
	if form.Get("grant_type") != "th_refresh_token" || form.Get("access_token") != string(w.Keys.Token) {
		w.T.Errorf("renewed with %v", form)
	}
	if w.renewed == "" {
		graphtest.Refusal(out, 100, 0)
		return
	}
	w.Say(out, map[string]any{"access_token": w.renewed, "token_type": "bearer", "expires_in": 5183944})
}

// show gives the fields that were asked for and no others.
func (w *world) show(p *graphtest.Node, fields string) map[string]any {
	all := map[string]any{
		"id": p.ID, "text": p.Text, "username": p.Author, "timestamp": p.Time(),
		"permalink": "https://www.threads.net/@" + p.Author + "/post/" + p.ID, "media_type": "TEXT_POST", "media_url": nil, "alt_text": nil,
		"has_replies": slices.ContainsFunc(w.Nodes, func(r *graphtest.Node) bool { return !r.Gone && r.Parent == p }), "root_post": nil, "replied_to": nil,
	}
	if p.Repost {
		all["media_type"] = repost
	}
	if p.Parent != nil {
		all["root_post"], all["replied_to"] = map[string]any{"id": p.Top().ID}, map[string]any{"id": p.Parent.ID}
	}
	shown := map[string]any{}
	for f := range strings.SplitSeq(fields, ",") {
		v, ok := all[f]
		if !ok {
			w.T.Errorf("there is no field %s", f)
		}
		if v != nil {
			shown[f] = v
		}
	}
	return shown
}

// list gives a page of posts, newest first.
func (w *world) list(out http.ResponseWriter, form url.Values, wanted func(*graphtest.Node) bool) {
	since, _ := strconv.ParseInt(form.Get("since"), 10, 64)
	all := w.Sorted(func(p *graphtest.Node) bool { return wanted(p) && p.Created.Unix() >= since }, true)
	w.List(out, all, form, func(p *graphtest.Node) any { return w.show(p, form.Get("fields")) })
}

func (w *world) ofAccount(out http.ResponseWriter, edge string, form url.Values) {
	w.Known(form, "fields", "limit", "after", "since")
	w.list(out, form, func(p *graphtest.Node) bool {
		switch edge {
		case "threads":
			return p.Author == username && p.Parent == nil
		case "replies":
			return p.Author == username && p.Parent != nil
		}
		return strings.Contains(p.Text, "@"+username) && p.Author != username
	})
}

func (w *world) conversation(out http.ResponseWriter, id string, form url.Values) {
	w.Known(form, "fields", "limit", "after", "reverse")
	root := w.Find(id)
	switch {
	case form.Get("reverse") != "true":
		w.T.Errorf("reverse=%s", form.Get("reverse"))
	case root == nil:
		graphtest.Refusal(out, 100, 33)
	case root.Parent != nil || root.Author != username:
		w.T.Errorf("%s is no thread of ours", id)
	default:
		w.list(out, form, func(p *graphtest.Node) bool { return p != root && p.Top() == root })
	}
}

func (w *world) get(out http.ResponseWriter, id string, form url.Values) {
	if id == "keyword_search" {
		w.Known(form, "fields", "limit", "after", "q", "search_type")
		if form.Get("search_type") != "RECENT" {
			w.T.Errorf("search_type=%s", form.Get("search_type"))
		}
		w.list(out, form, func(p *graphtest.Node) bool { return strings.Contains(p.Text, form.Get("q")) })
		return
	}
	w.Known(form, "fields")
	if p := w.Find(id); p != nil {
		w.Say(out, w.show(p, form.Get("fields")))
		return
	}
	graphtest.Refusal(out, 100, 33)
}

func (w *world) answer(out http.ResponseWriter, edge string, form url.Values) {
	if edge == "threads" {
		w.Known(form, "media_type", "text", "reply_to_id")
		to, text := w.Find(form.Get("reply_to_id")), form.Get("text")
		switch {
		case form.Get("media_type") != "TEXT":
			w.T.Errorf("media_type=%s", form.Get("media_type"))
		case to == nil:
			graphtest.Refusal(out, 100, 33)
		case text == "" || utf8.RuneCountInString(text) > 500:
			graphtest.Refusal(out, 100, 0)
		default:
			w.containers = append(w.containers, &container{to: to, text: text})
			fmt.Fprintf(out, `{"id":"%d"}`, 17000000000000000+len(w.containers))
		}
		return
	}
	w.Known(form, "creation_id")
	n, err := strconv.Atoi(form.Get("creation_id"))
	if n -= 17000000000000001; err != nil || n < 0 || n >= len(w.containers) || w.containers[n].done || w.unready {
		graphtest.Refusal(out, 24, 4279009)
		return
	}
	c := w.containers[n]
	c.done = true
	p := w.write(username, c.text, c.to, time.Time{})
	p.Sent = true
	fmt.Fprintf(out, `{"id":%q}`, p.ID)
}

func TestDriver(t *testing.T) {
	traits := networktest.Traits{
		Page: 3, Edits: networktest.OnLook, Deletes: networktest.OnLook, Own: true, Late: newest.Overlap, Steps: true,
		Faults: networktest.HTTPFaults(), Secrets: newWorld(t, Replies).Secrets(),
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
