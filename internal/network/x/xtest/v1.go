package xtest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// old answers a call of v1.1, which tells no conversations and no edits. It
// needs the lock.
func (n *Network) old(r *http.Request, sent []byte) reply {
	q := r.URL.Query()
	if r.Form != nil {
		q = r.Form
	}
	path := strings.TrimSuffix(strings.TrimPrefix(r.URL.Path, "/1.1/"), ".json")
	if strings.HasPrefix(path, "statuses/") && q.Get("tweet_mode") != "extended" && r.Method == http.MethodGet {
		n.fault(r, "without tweet_mode=extended texts are cut")
	}
	list := func(is matcher) []any {
		since, _ := strconv.ParseInt(q.Get("since_id"), 10, 64)
		top, _ := strconv.ParseInt(q.Get("max_id"), 10, 64)
		size, _ := strconv.Atoi(q.Get("count"))
		if size <= 0 {
			n.fault(r, "count is missing")
		}
		if n.opts.Page > 0 {
			size = min(size, n.opts.Page)
		}
		found := []any{}
		for _, p := range slices.Backward(n.posts) {
			id := p.newest().id
			if id <= since || len(found) == size {
				break
			}
			if (top == 0 || id <= top) && !p.visible.After(n.now()) && is(p) {
				found = append(found, n.oldPost(p, p.newest(), true))
			}
		}
		return found
	}
	switch {
	case path == "statuses/mentions_timeline":
		return ok(list(func(p *post) bool { return n.mentions(p.newest().text, Brand) }))
	case path == "statuses/user_timeline":
		return ok(list(func(p *post) bool {
			return fmt.Sprint(p.author) == q.Get("user_id") && (p.repost == 0 || q.Get("include_rts") != "false")
		}))
	case path == "search/tweets":
		m, fine := n.parse(q.Get("q"))
		if !fine {
			return n.code(400, 195, "Missing or invalid url parameter.")
		}
		return ok(map[string]any{"statuses": list(m), "search_metadata": map[string]any{}})
	case path == "statuses/lookup":
		found := []any{}
		for s := range strings.SplitSeq(q.Get("id"), ",") {
			id, _ := strconv.ParseInt(s, 10, 64)
			if p := n.byID[id]; p != nil {
				at := slices.IndexFunc(p.versions, func(v version) bool { return v.id == id })
				found = append(found, n.oldPost(p, p.versions[at], true))
			}
		}
		return ok(found)
	case path == "statuses/update" && r.Method == http.MethodPost:
		return n.oldUpdate(r)
	case strings.HasPrefix(path, "statuses/destroy/") && r.Method == http.MethodPost:
		id, _ := strconv.ParseInt(strings.TrimPrefix(path, "statuses/destroy/"), 10, 64)
		p := n.byID[id]
		if p == nil {
			return n.code(404, 144, "No status found with that ID.")
		}
		gone := n.oldPost(p, p.newest(), true)
		n.remove(id)
		return ok(gone)
	case path == "blocks/create" || path == "blocks/destroy":
		id, _ := strconv.ParseInt(q.Get("user_id"), 10, 64)
		n.blocked[id] = path == "blocks/create"
		return ok(map[string]any{"id": id, "id_str": q.Get("user_id")})
	case path == "direct_messages/events/list":
		found, next := n.page(r, q.Get("cursor"), q.Get("count"))
		events := []any{}
		for _, m := range found {
			events = append(events, oldMessage(m, n.render(m.id, m.text).text))
		}
		return ok(map[string]any{"events": events, "next_cursor": next})
	case path == "direct_messages/events/show":
		for _, m := range n.messages {
			if strconv.FormatInt(m.id, 10) == q.Get("id") {
				return ok(map[string]any{"event": oldMessage(m, n.render(m.id, m.text).text)})
			}
		}
		return n.code(404, 34, "Sorry, that page does not exist.")
	case path == "direct_messages/events/new":
		return n.oldMessageNew(sent)
	}
	n.fault(r, "there is no such call")
	return n.code(404, 34, "Sorry, that page does not exist.")
}

// code is a refusal as v1.1 makes it.
func (n *Network) code(status, code int, text string) reply {
	return reply{status: status, body: map[string]any{"errors": []any{map[string]any{"code": code, "message": text}}}}
}

func (n *Network) oldUpdate(r *http.Request) reply {
	to, _ := strconv.ParseInt(r.Form.Get("in_reply_to_status_id"), 10, 64)
	if r.Form.Get("auto_populate_reply_metadata") != "true" {
		n.fault(r, "the answer would be to nobody")
	}
	w, refused := n.reply(to, r.Form.Get("status"), nil)
	switch {
	case strings.Contains(refused, "duplicate"):
		return n.code(403, 187, "Status is a duplicate.")
	case refused != "":
		return n.code(403, 385, "You attempted to reply to a Tweet that is deleted or not visible to you.")
	}
	return ok(n.oldPost(w, w.newest(), true))
}

// oldPost is a post in v1.1's shape.
func (n *Network) oldPost(p *post, v version, whole bool) map[string]any {
	r, u := n.render(v.id, v.text), n.users[p.author]
	urls, mentions := []any{}, []any{}
	for _, l := range r.urls {
		urls = append(urls, map[string]any{"indices": []int{l.start, l.end}, "url": l.short, "expanded_url": l.expanded, "display_url": l.expanded})
	}
	for _, m := range r.mentions {
		mentions = append(mentions, map[string]any{"indices": []int{m.start, m.end}, "id": m.user.id, "id_str": strconv.FormatInt(m.user.id, 10), "screen_name": m.user.handle})
	}
	d := map[string]any{
		"id": v.id, "id_str": strconv.FormatInt(v.id, 10), "created_at": v.at.Format(time.RubyDate), "full_text": r.text, "lang": "en", "truncated": false,
		"user":     map[string]any{"id": u.id, "id_str": strconv.FormatInt(u.id, 10), "screen_name": u.handle, "name": strings.ToUpper(u.handle[:1]) + u.handle[1:], "followers_count": u.followers},
		"entities": map[string]any{"urls": urls, "user_mentions": mentions, "hashtags": []any{}, "symbols": []any{}},
	}
	if parent := n.byID[p.parent]; parent != nil {
		d["in_reply_to_status_id"], d["in_reply_to_status_id_str"] = p.parent, strconv.FormatInt(p.parent, 10)
		d["in_reply_to_user_id"], d["in_reply_to_user_id_str"] = parent.author, strconv.FormatInt(parent.author, 10)
	}
	for name, id := range map[string]int64{"quoted_status": p.quote, "retweeted_status": p.repost} {
		if ref := n.byID[id]; ref != nil && whole {
			d[name], d[name+"_id"], d[name+"_id_str"] = n.oldPost(ref, ref.newest(), false), id, strconv.FormatInt(id, 10)
		}
	}
	return d
}

func oldMessage(m message, text string) map[string]any {
	return map[string]any{"type": "message_create", "id": strconv.FormatInt(m.id, 10), "created_timestamp": strconv.FormatInt(m.at.UnixMilli(), 10),
		"message_create": map[string]any{"sender_id": strconv.FormatInt(m.from, 10), "target": map[string]any{"recipient_id": strconv.FormatInt(m.to, 10)},
			"message_data": map[string]any{"text": text}}}
}

func (n *Network) oldMessageNew(sent []byte) reply {
	var in struct {
		Event struct {
			Type    string
			Message struct {
				Target struct {
					To string `json:"recipient_id"`
				}
				Data struct{ Text string } `json:"message_data"`
			} `json:"message_create"`
		}
	}
	to := int64(-1)
	if json.Unmarshal(sent, &in) == nil {
		to, _ = strconv.ParseInt(in.Event.Message.Target.To, 10, 64)
	}
	if cmp.Or(in.Event.Type, "?") != "message_create" || !n.mayWrite(to) {
		return n.code(403, 349, "You cannot send messages to this user.")
	}
	id := n.write(Brand, to, in.Event.Message.Data.Text)
	n.sent = append(n.sent, Sent{ID: id, To: to, Text: in.Event.Message.Data.Text})
	return ok(map[string]any{"event": oldMessage(n.messages[len(n.messages)-1], in.Event.Message.Data.Text)})
}
