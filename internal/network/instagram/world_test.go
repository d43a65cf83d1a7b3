package instagram

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/graph"
	"github.com/amends-care/amends/internal/network/graph/graphtest"
	"github.com/amends-care/amends/internal/network/networktest"
	"github.com/amends-care/amends/internal/network/newest"
)

const (
	account  = "17841405822304914"
	username = "acme.care"
)

// A world is Instagram as Meta's reference describes it, with one account.
type world struct {
	*networktest.Wire
	*graphtest.App
	driver network.Driver
	what   string
	page   int
	nested int // that come with what they are under; 0: as many as asked for

}

func newWorld(t testing.TB, what string) *world {
	w := &world{driver: Driver(), what: what, page: 3, App: graphtest.New(t, base)}
	w.Wire = networktest.NewWire(t, http.HandlerFunc(w.serve))
	return w
}

func (w *world) settings() *Settings {
	s := w.driver.Settings().(*Settings)
	s.Account, s.Username, s.What, s.Keys = account, username, w.what, w.Keys
	return s
}

func (w *world) Account() network.Account { return w.account() }

func (w *world) account() *Account {
	w.T.Helper()
	opened, err := w.driver.Open(w.settings(), network.NewClient(network.Options{Base: w.Wire}))
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
	author := cmp.Or(p.Author, "ana")
	if p.Own {
		author = username
	}
	if w.what == Tagged {
		return care.Remote(w.write(author, p.Text, nil, p.At).ID)
	}
	if p.InReplyTo == "" { // each comment under a medium of its own
		return care.Remote(w.write(author, p.Text, w.write(username, "New kettles!", nil, p.At), p.At).ID)
	}
	on := w.Find(string(p.InReplyTo))
	if on.Parent.Parent != nil { // two storeys
		on = on.Parent
	}
	return care.Remote(w.write(author, p.Text, on, p.At).ID)
}

func (w *world) write(author, text string, parent *graphtest.Node, at time.Time) *graphtest.Node {
	return w.Write(strconv.Itoa(17900000000000000+len(w.Nodes)), author, text, parent, at)
}

// from is who wrote, with an id that holds for this account.
func from(s *graphtest.Node) map[string]any {
	if s.Author == username {
		return map[string]any{"id": account, "username": username}
	}
	id := 0
	for _, c := range s.Author {
		id = id*131 + int(c)
	}
	return map[string]any{"id": "12" + strconv.Itoa(id), "username": s.Author}
}

// person is the number of who wrote.
func person(s *graphtest.Node) string { return from(s)["id"].(string) }

// Delivery is what Meta posts about a comment.
func (w *world) Delivery(id care.Remote) []byte {
	w.Lock()
	defer w.Unlock()
	s := w.Find(string(id))
	v := map[string]any{"id": s.ID, "text": s.Text, "from": from(s), "media": map[string]any{"id": s.Top().ID, "media_product_type": "FEED"}}
	if s.Parent.Parent != nil {
		v["parent_id"] = s.Parent.ID
	}
	return w.deliver(map[string]any{"field": "comments", "value": v})
}

func (w *world) deliver(changes ...any) []byte { return w.Deliver("instagram", account, changes...) }

func (w *world) serve(out http.ResponseWriter, r *http.Request) {
	w.Lock()
	defer w.Unlock()
	id, edge, ok := w.Enter(out, r)
	if !ok {
		return
	}
	switch r.Method + " " + edge {
	case "GET media", "GET tags":
		w.media(out, r.Form)
	case "GET comments", "GET replies":
		w.below(out, id, r.Form)
	case "GET ":
		if s := w.Find(id); s != nil {
			w.Say(out, w.show(s, r.Form.Get("fields")))
			return
		}
		graphtest.Refusal(out, 100, 33)
	case "POST messages":
		w.Private(out, r.PostForm, 2534022, func(text string) bool { return len(text) <= 1000 })
	case "GET conversations":
		w.Talks(out, r.Form, "instagram", person)
	case "GET messages":
		w.Messages(out, id, r.Form, account, person)
	case "POST replies":
		w.answer(out, id, r.PostForm)
	case "DELETE ":
		w.Find(id).Gone = true
		fmt.Fprint(out, `{"success":true}`)
	default:
		w.T.Errorf("called %s %s", r.Method, r.URL)
	}
}

// show gives the fields that were asked for and no others.
func (w *world) show(s *graphtest.Node, fields string) map[string]any {
	all := map[string]any{"id": s.ID, "timestamp": s.Time(), "username": s.Author}
	own, inner, nests := strings.Cut(fields, ".limit(50){")
	permalink := "https://www.instagram.com/p/" + s.Top().ID + "/"
	switch {
	case s.Parent == nil:
		all["caption"], all["permalink"] = s.Text, permalink
		if nests && w.what == Comments {
			all["comments"] = w.Page(w.under(s), w.many(), "", func(c *graphtest.Node) any { return w.show(c, strings.TrimSuffix(inner, "}")) })
		}
	default:
		all["text"], all["from"] = s.Text, from(s)
		if strings.Contains(own, "media{") {
			all["media"] = map[string]any{"id": s.Top().ID, "permalink": permalink}
		}
		if s.Parent.Parent != nil {
			all["parent_id"] = s.Parent.ID
		} else if nests && len(w.under(s)) > 0 {
			all["replies"] = w.Page(w.under(s), w.many(), "", func(c *graphtest.Node) any { return w.show(c, strings.TrimSuffix(inner, "}")) })
		}
	}
	return graphtest.Only(all, own)
}

func (w *world) many() string { return strconv.Itoa(cmp.Or(w.nested, 50)) }

// under are the comments on a medium, newest first, or the answers to a comment.
func (w *world) under(on *graphtest.Node) []*graphtest.Node {
	return w.Sorted(func(s *graphtest.Node) bool { return s.Parent == on }, on.Parent == nil)
}

func (w *world) media(out http.ResponseWriter, form url.Values) {
	w.Known(form, "fields", "limit", "after")
	if fields := form.Get("fields"); w.what == Comments && fields != "id,timestamp,permalink,comments.limit(50){"+commentFields+"}" || w.what == Tagged && fields != taggedFields {
		w.T.Errorf("fields=%s", fields)
	}
	w.List(out, w.Sorted(func(s *graphtest.Node) bool { return s.Parent == nil }, true), form, func(s *graphtest.Node) any { return w.show(s, form.Get("fields")) })
}

func (w *world) below(out http.ResponseWriter, id string, form url.Values) {
	w.Known(form, "fields", "limit", "after")
	on := w.Find(id)
	if on == nil {
		graphtest.Refusal(out, 100, 33)
		return
	}
	w.List(out, w.under(on), form, func(s *graphtest.Node) any { return w.show(s, form.Get("fields")) })
}

func (w *world) answer(out http.ResponseWriter, id string, form url.Values) {
	w.Known(form, "message")
	on := w.Find(id)
	switch text := form.Get("message"); {
	case on == nil:
		graphtest.Refusal(out, 100, 33)
	case on.Parent == nil || on.Parent.Parent != nil:
		w.T.Errorf("an answer under %s, which is no comment on a medium", id)
	case text == "" || utf8.RuneCountInString(text) > 300:
		graphtest.Refusal(out, 100, 0)
	default:
		s := w.write(username, text, on, time.Time{})
		s.Sent = true
		w.Say(out, map[string]any{"id": s.ID})
	}
}

func TestDriver(t *testing.T) {
	traits := networktest.Traits{
		Page: 3, Deletes: networktest.OnLook, Own: true, Direct: true, Once: true, Window: graph.PrivateFor, Late: newest.Overlap, Shape: networktest.Flat,
		Faults: networktest.HTTPFaults(), Secrets: newWorld(t, Comments).Secrets(),
	}
	networktest.Run(t, traits, func(t *testing.T) networktest.World { return newWorld(t, Comments) })
}
