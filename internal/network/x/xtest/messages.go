package xtest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// mayWrite says that a person wrote to our account before.
func (n *Network) mayWrite(to int64) bool {
	return slices.ContainsFunc(n.messages, func(m message) bool { return m.from == to && m.to == Brand })
}

// page is a page of the messages of our account, newest first, and the token
// of the next.
func (n *Network) page(r *http.Request, token, count string) ([]message, string) {
	size, _ := strconv.Atoi(count)
	if size <= 0 {
		n.fault(r, "the number of messages is missing")
	}
	if n.opts.Page > 0 {
		size = min(size, n.opts.Page)
	}
	until, _ := strconv.ParseInt(strings.TrimLeft(token, "0"), 10, 64)
	var found []message
	for _, m := range slices.Backward(n.messages) {
		if m.from != Brand && m.to != Brand || until > 0 && m.id >= until {
			continue
		}
		if len(found) == size {
			return found, fmt.Sprintf("%020d", found[size-1].id)
		}
		found = append(found, m)
	}
	return found, ""
}

func (n *Network) dms(r *http.Request, q url.Values) reply {
	found, next := n.page(r, q.Get("pagination_token"), q.Get("max_results"))
	meta := map[string]any{"result_count": len(found)}
	if next != "" {
		meta["next_token"] = next
	}
	body := map[string]any{"meta": meta}
	n.tellMessages(body, found, q)
	return ok(body)
}

// event is a look at one message.
func (n *Network) event(id string, q url.Values) reply {
	at := slices.IndexFunc(n.messages, func(m message) bool { return strconv.FormatInt(m.id, 10) == id })
	if at < 0 || n.messages[at].from != Brand && n.messages[at].to != Brand {
		return n.problem(404, "", "Not Found", "Not Found")
	}
	body := map[string]any{}
	n.tellMessages(body, n.messages[at:at+1], q)
	body["data"] = body["data"].([]any)[0]
	return ok(body)
}

func (n *Network) tellMessages(body map[string]any, found []message, q url.Values) {
	fields := map[string]bool{}
	for f := range strings.SplitSeq(q.Get("dm_event.fields")+","+q.Get("expansions"), ",") {
		fields[f] = true
	}
	var data, people []any
	seen := map[int64]bool{}
	for _, m := range found {
		n.bill.read(n.now(), fmt.Sprint("dm ", m.id), priceMessage)
		d := map[string]any{"id": strconv.FormatInt(m.id, 10), "event_type": "MessageCreate"}
		if fields["text"] {
			d["text"] = n.render(m.id, m.text).text
		}
		if fields["created_at"] {
			d["created_at"] = m.at.Format("2006-01-02T15:04:05.000Z")
		}
		if fields["dm_conversation_id"] {
			d["dm_conversation_id"] = conversation(m.from, m.to)
		}
		if fields["sender_id"] {
			d["sender_id"] = strconv.FormatInt(m.from, 10)
		}
		data = append(data, d)
		if u := n.users[m.from]; fields["sender_id"] && !seen[u.id] {
			seen[u.id] = true
			people = append(people, map[string]any{"id": strconv.FormatInt(u.id, 10), "name": u.handle, "username": u.handle})
		}
	}
	if data != nil {
		body["data"] = data
	}
	if people != nil {
		body["includes"] = map[string]any{"users": people}
	}
}

func conversation(a, b int64) string { return fmt.Sprintf("%d-%d", max(a, b), min(a, b)) }

func (n *Network) dm(to string, sent []byte) reply {
	var in struct{ Text string }
	id, err := strconv.ParseInt(to, 10, 64)
	if json.Unmarshal(sent, &in) != nil || in.Text == "" || err != nil {
		return n.problem(400, "invalid-request", "Invalid Request", "One or more parameters to your request was invalid.")
	}
	if !n.mayWrite(id) {
		return n.problem(403, "", "Forbidden", "You do not have permission to DM one or more participants.")
	}
	m := n.write(Brand, id, in.Text)
	n.bill.spent += priceWrite
	n.sent = append(n.sent, Sent{ID: m, To: id, Text: in.Text})
	return reply{status: http.StatusCreated, body: map[string]any{"data": map[string]any{
		"dm_conversation_id": conversation(Brand, id), "dm_event_id": strconv.FormatInt(m, 10)}}}
}
