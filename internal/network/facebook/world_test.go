package facebook

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

const pageID = "106720000000001"

// A world is Facebook as Meta's reference describes it, with one page.
type world struct {
	*networktest.Wire
	*graphtest.App
	driver network.Driver
	page   int
	nested int // comments that come with a post; 0: as many as asked for

}

func newWorld(t testing.TB) *world {
	w := &world{driver: Driver(), page: 3, App: graphtest.New(t, base)}
	w.Wire = networktest.NewWire(t, http.HandlerFunc(w.serve))
	return w
}

func (w *world) settings() *Settings {
	s := w.driver.Settings().(*Settings)
	s.Page, s.Keys = pageID, w.Keys
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
		author = ""
	}
	return care.Remote(w.write(author, p.Text, string(p.InReplyTo), p.At).ID)
}

func (w *world) write(author, text, parent string, at time.Time) *graphtest.Node {
	number := strconv.Itoa(5000 + len(w.Nodes))
	if parent == "" {
		return w.Write(pageID+"_"+number, author, text, nil, at)
	}
	on := w.Find(parent)
	_, post, _ := strings.Cut(on.Top().ID, "_")
	return w.Write(post+"_"+number, author, text, on, at)
}

// from is who wrote, with an id that holds for this page.
func from(s *graphtest.Node) map[string]any {
	if s.Author == "" {
		return map[string]any{"id": pageID, "name": "Acme"}
	}
	return map[string]any{"id": "49" + fmt.Sprintf("%x", s.Author), "name": s.Author}
}

// person is the number of who wrote.
func person(s *graphtest.Node) string { return from(s)["id"].(string) }

// Delivery is what Meta posts about a change of the feed.
func (w *world) Delivery(id care.Remote) []byte {
	w.Lock()
	defer w.Unlock()
	s := w.Find(string(id))
	v := map[string]any{"item": "status", "verb": "add", "post_id": s.Top().ID, "message": s.Text, "from": from(s), "created_time": s.Created.Unix()}
	if s.Parent != nil {
		v["item"], v["comment_id"], v["parent_id"] = "comment", s.ID, s.Parent.ID
	}
	return w.deliver(map[string]any{"field": "feed", "value": v})
}

func (w *world) deliver(changes ...any) []byte { return w.Deliver("page", pageID, changes...) }

func (w *world) serve(out http.ResponseWriter, r *http.Request) {
	w.Lock()
	defer w.Unlock()
	id, edge, ok := w.Enter(out, r)
	if !ok {
		return
	}
	switch r.Method + " " + edge {
	case "GET feed":
		w.feed(out, r.Form)
	case "GET tagged":
		w.Known(r.Form, "fields", "limit", "after")
		w.List(out, w.Sorted(func(s *graphtest.Node) bool { return s.Parent == nil && s.Author != "" }, true), r.Form, func(s *graphtest.Node) any { return w.show(s, r.Form.Get("fields")) })
	case "GET comments":
		w.comments(out, id, r.Form)
	case "GET ":
		if s := w.Find(id); s != nil {
			w.Say(out, w.show(s, r.Form.Get("fields")))
			return
		}
		graphtest.Refusal(out, 100, 33)
	case "POST messages":
		w.Private(out, r.PostForm, 2018278, func(text string) bool { return utf8.RuneCountInString(text) <= 2000 })
	case "GET conversations":
		w.Talks(out, r.Form, "messenger", person)
	case "GET messages":
		w.Messages(out, id, r.Form, pageID, person)
	case "POST comments":
		w.comment(out, id, r.PostForm)
	case "POST ":
		w.Known(r.PostForm, "message")
		w.Find(id).Text = r.PostForm.Get("message")
		fmt.Fprint(out, `{"success":true}`)
	case "DELETE ":
		s := w.Find(id)
		if s == nil {
			graphtest.Refusal(out, 100, 33)
			return
		}
		s.Gone = true
		fmt.Fprint(out, `{"success":true}`)
	default:
		w.T.Errorf("called %s %s", r.Method, r.URL)
	}
}

// show gives the fields that were asked for and no others.
func (w *world) show(s *graphtest.Node, fields string) map[string]any {
	all := map[string]any{"id": s.ID, "message": s.Text, "from": from(s), "created_time": s.Time(),
		"permalink_url": "https://www.facebook.com/acme/posts/" + s.ID}
	if s.Parent != nil && s.Parent.Parent != nil {
		all["parent"] = map[string]any{"id": s.Parent.ID}
	}
	own, _, _ := strings.Cut(fields, ",comments")
	return graphtest.Only(all, own)
}

func (w *world) feed(out http.ResponseWriter, form url.Values) {
	w.Known(form, "fields", "limit", "after")
	fields := form.Get("fields")
	_, inner, ok := strings.Cut(fields, "comments.limit(50).order(reverse_chronological).filter(stream){")
	if !ok {
		w.T.Errorf("fields=%s", fields)
	}
	nested := "50"
	if w.nested > 0 {
		nested = strconv.Itoa(w.nested)
	}
	w.List(out, w.Sorted(func(s *graphtest.Node) bool { return s.Parent == nil }, true), form, func(s *graphtest.Node) any {
		post := w.show(s, fields)
		comments := w.Sorted(func(c *graphtest.Node) bool { return c.Parent != nil && c.Top() == s }, true)
		if len(comments) > 0 {
			post["comments"] = w.Page(comments, nested, "", func(c *graphtest.Node) any { return w.show(c, inner) })
		}
		return post
	})
}

func (w *world) comments(out http.ResponseWriter, id string, form url.Values) {
	w.Known(form, "fields", "limit", "after", "order", "filter")
	on := w.Find(id)
	if on == nil {
		graphtest.Refusal(out, 100, 33)
		return
	}
	wanted := func(s *graphtest.Node) bool { return s.Parent == on }
	if form.Get("filter") == "stream" {
		wanted = func(s *graphtest.Node) bool { return s.Parent != nil && s.Top() == on }
	}
	w.List(out, w.Sorted(wanted, form.Get("order") == "reverse_chronological"), form, func(s *graphtest.Node) any { return w.show(s, form.Get("fields")) })
}

func (w *world) comment(out http.ResponseWriter, id string, form url.Values) {
	w.Known(form, "message")
	on := w.Find(id)
	switch text := form.Get("message"); {
	case on == nil:
		graphtest.Refusal(out, 100, 33)
	case on.Parent != nil && on.Parent.Parent != nil:
		w.T.Errorf("an answer on the fourth storey, under %s", id)
	case text == "" || utf8.RuneCountInString(text) > 8000:
		graphtest.Refusal(out, 100, 0)
	default:
		s := w.write("", text, id, time.Time{})
		s.Sent = true
		w.Say(out, map[string]any{"id": s.ID})
	}
}

func TestDriver(t *testing.T) {
	networktest.Run(t, networktest.Traits{
		Page: 3, Edits: networktest.OnLook, Deletes: networktest.OnLook, Own: true, Direct: true, Once: true, Window: graph.PrivateFor, Late: newest.Overlap,
		Faults: networktest.HTTPFaults(), Secrets: newWorld(t).Secrets(),
	}, func(t *testing.T) networktest.World { return newWorld(t) })
}
