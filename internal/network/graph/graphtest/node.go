package graphtest

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/amends-care/amends/internal/care"
)

// A Node is a post, a medium, a comment, an answer to one, or a private reply.
type Node struct {
	ID, Author, Text string
	Created          time.Time
	Parent           *Node // nil: it hangs on nothing
	Gone             bool
	Sent             bool // by the driver
	Direct           bool // a private reply to Parent
	Repost           bool
	Live             bool // a comment on a live video
}

// Top is what a node hangs on at last.
func (n *Node) Top() *Node {
	for n.Parent != nil {
		n = n.Parent
	}
	return n
}

// Time is when a node was written, as Meta writes it.
func (n *Node) Time() string { return n.Created.Format("2006-01-02T15:04:05-0700") }

// Write keeps a node. The zero at is now.
func (a *App) Write(id, author, text string, parent *Node, at time.Time) *Node {
	n := &Node{ID: id, Author: author, Text: text, Parent: parent, Created: cmp.Or(at, time.Now()).UTC().Truncate(time.Second)}
	a.Nodes = append(a.Nodes, n)
	return n
}

// Find is a node that is there, or nil.
func (a *App) Find(id string) *Node {
	for _, n := range a.Nodes {
		if n.ID == id && !a.Hidden(n) && !n.Direct {
			return n
		}
	}
	return nil
}

// Hidden says that a node is gone, or what it hangs on.
func (a *App) Hidden(n *Node) bool {
	for ; n != nil; n = n.Parent {
		if n.Gone || a.Alone {
			return n.Gone
		}
	}
	return false
}

// Edit changes a node's text.
func (a *App) Edit(id care.Remote, text string) {
	a.Lock()
	defer a.Unlock()
	a.Find(string(id)).Text = text
}

// Delete takes a node away.
func (a *App) Delete(id care.Remote) {
	a.Lock()
	defer a.Unlock()
	a.Find(string(id)).Gone = true
}

// Sent is what the driver wrote and what still stands.
func (a *App) Sent() []care.Answer {
	a.Lock()
	defer a.Unlock()
	var sent []care.Answer
	for _, n := range a.Nodes {
		if n.Sent && !a.Hidden(n) {
			sent = append(sent, care.Answer{To: care.Post{Remote: care.Remote(n.Parent.ID)}, Text: n.Text, Direct: n.Direct})
		}
	}
	return sent
}

// Sorted are the nodes that are wanted, in order; backwards: the newest first.
func (a *App) Sorted(wanted func(*Node) bool, backwards bool) []*Node {
	var all []*Node
	for _, n := range a.Nodes {
		if !n.Direct && wanted(n) {
			all = append(all, n)
		}
	}
	if backwards {
		slices.Reverse(all)
	}
	slices.SortStableFunc(all, func(x, y *Node) int {
		if backwards {
			x, y = y, x
		}
		return x.Created.Compare(y.Created)
	})
	return all
}

// List answers with a page of nodes that are in order.
func (a *App) List(out http.ResponseWriter, all []*Node, form url.Values, show func(*Node) any) {
	a.Say(out, a.Page(all, form.Get("limit"), form.Get("after"), show))
}

// Page is a page of nodes that are in order.
func (a *App) Page(all []*Node, limit, after string, show func(*Node) any) map[string]any {
	most, err := strconv.Atoi(limit)
	if err != nil || most < 1 || most > 100 {
		a.T.Errorf("limit=%s", limit)
	}
	if after != "" {
		all = all[slices.IndexFunc(all, func(n *Node) bool { return n.ID == strings.TrimPrefix(after, "QVFI") })+1:]
	}
	data, last, more := []any{}, "", false
	for _, n := range all {
		if a.Hidden(n) {
			continue
		}
		if more = len(data) == most; more {
			break
		}
		data, last = append(data, show(n)), n.ID
	}
	answer := map[string]any{"data": data}
	if len(data) > 0 {
		paging := map[string]any{"cursors": map[string]any{"before": "QVFI", "after": "QVFI" + last}}
		if more {
			paging["next"] = a.Base + "/next?access_token=" + string(a.Keys.Token)
		}
		answer["paging"] = paging
	}
	return answer
}

// Only keeps the fields of a node that were asked for, and its id.
func Only(all map[string]any, fields string) map[string]any {
	for name := range all {
		if name != "id" && !strings.Contains(fields, name) {
			delete(all, name)
		}
	}
	return all
}
