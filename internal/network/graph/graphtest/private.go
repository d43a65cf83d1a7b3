package graphtest

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// privateFor is how long Meta takes a private answer to a comment.
const privateFor = 7 * 24 * time.Hour

// Private takes a private answer: one to each comment, in time, with the right
// to. late is the network's subcode for one that comes too late, fits says
// whether it takes a text of that length.
func (a *App) Private(out http.ResponseWriter, form url.Values, late int, fits func(text string) bool) {
	a.Known(form, "recipient", "message")
	var to struct {
		CommentID string `json:"comment_id"`
		PostID    string `json:"post_id"`
	}
	var message struct{ Text string }
	if json.Unmarshal([]byte(form.Get("recipient")), &to) != nil || json.Unmarshal([]byte(form.Get("message")), &message) != nil {
		a.T.Errorf("recipient=%s message=%s", form.Get("recipient"), form.Get("message"))
	}
	on := a.Find(to.CommentID + to.PostID)
	switch {
	case a.NoMessages:
		Refusal(out, 230, 0)
	case on == nil:
		Refusal(out, 100, 33)
	case a.private(on) != nil:
		Refusal(out, 10900, 0)
	case time.Since(on.Created) > privateFor || on.Live && a.Over:
		Refusal(out, 10, late)
	case message.Text == "" || !fits(message.Text):
		Refusal(out, 100, 0)
	default:
		n := a.Write("m_"+strconv.Itoa(len(a.Nodes)), "", message.Text, on, time.Time{})
		n.Sent, n.Direct = true, true
		a.Say(out, map[string]any{"recipient_id": "49", "message_id": n.ID})
	}
}

// private is the private answer to a node, or nil.
func (a *App) private(on *Node) *Node {
	for _, n := range a.Nodes {
		if n.Direct && n.Parent == on {
			return n
		}
	}
	return nil
}

// Talks lists the one talk with a person, whom person names, if there is one.
func (a *App) Talks(out http.ResponseWriter, form url.Values, platform string, person func(*Node) string) {
	a.Known(form, "fields", "limit", "platform", "user_id")
	if form.Get("platform") != platform {
		a.T.Errorf("platform=%s", form.Get("platform"))
	}
	data := []any{}
	for _, n := range a.Nodes {
		if n.Direct && person(n.Parent) == form.Get("user_id") {
			data = []any{map[string]any{"id": "t_" + form.Get("user_id")}}
		}
	}
	a.Say(out, map[string]any{"data": data})
}

// Messages lists what was written in a talk, the newest first.
func (a *App) Messages(out http.ResponseWriter, talk string, form url.Values, us string, person func(*Node) string) {
	a.Known(form, "fields", "limit", "after")
	var all []*Node
	for _, n := range a.Nodes {
		if n.Direct && person(n.Parent) == strings.TrimPrefix(talk, "t_") {
			all = append([]*Node{n}, all...)
		}
	}
	a.List(out, all, form, func(n *Node) any {
		return map[string]any{"id": n.ID, "created_time": n.Time(), "message": n.Text, "from": map[string]any{"id": us}}
	})
}
