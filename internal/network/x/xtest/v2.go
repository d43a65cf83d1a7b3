package xtest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// v2 answers a call of API v2. It needs the lock.
func (n *Network) v2(r *http.Request, sent []byte) reply {
	q := r.URL.Query()
	parts := strings.Split(strings.TrimPrefix(r.URL.Path, "/2/"), "/")
	brand := strconv.FormatInt(Brand, 10)
	switch route := r.Method + " " + r.URL.Path; {
	case len(parts) == 3 && parts[0] == "users" && parts[2] == "mentions":
		return n.list(r, q, priceOwn, func(p *post) bool { return n.mentions(p.newest().text, Brand) && parts[1] == brand })
	case len(parts) == 3 && parts[0] == "users" && parts[2] == "tweets":
		bare := strings.Contains(q.Get("exclude"), "retweets")
		return n.list(r, q, priceOwn, func(p *post) bool { return fmt.Sprint(p.author) == parts[1] && (!bare || p.repost == 0) })
	case route == "GET /2/tweets/search/recent":
		m, ok := n.parse(q.Get("query"))
		if !ok {
			return n.problem(400, "invalid-request", "Invalid Request", "There were errors processing your request: the query")
		}
		if old := n.now().Add(-7 * 24 * time.Hour); before(q.Get("since_id"), old) || before(q.Get("until_id"), old) {
			return n.problem(400, "invalid-request", "Invalid Request", "One or more parameters to your request was invalid: an id older than seven days.")
		}
		return n.list(r, q, pricePost, m)
	case route == "GET /2/tweets":
		return n.lookup(q)
	case route == "POST /2/tweets":
		return n.create(sent)
	case len(parts) == 2 && parts[0] == "tweets" && r.Method == http.MethodDelete:
		id, _ := strconv.ParseInt(parts[1], 10, 64)
		if w := n.byID[id]; w != nil && w.author != Brand {
			return n.problem(403, "", "Forbidden", "You are not authorized to delete this Post.")
		}
		if !n.remove(id) {
			return n.problem(404, "", "Not Found", "Not Found")
		}
		n.bill.spent += priceDelete
		return ok(map[string]any{"data": map[string]any{"deleted": true}})
	case route == "GET /2/dm_events":
		return n.dms(r, q)
	case len(parts) == 2 && parts[0] == "dm_events" && r.Method == http.MethodGet:
		return n.event(parts[1], q)
	case len(parts) == 4 && parts[0] == "dm_conversations" && r.Method == http.MethodPost:
		return n.dm(parts[2], sent)
	case len(parts) == 4 && parts[0] == "users" && parts[2] == "dm":
		id, _ := strconv.ParseInt(parts[1], 10, 64)
		n.blocked[id] = parts[3] == "block"
		if parts[3] == "block" {
			return ok(map[string]any{"data": map[string]any{"blocked": true}})
		}
		return ok(map[string]any{"data": map[string]any{"blocked": false}})
	case strings.HasPrefix(r.URL.Path, "/2/media/"):
		return n.upload(r, sent)
	case route == "GET /2/tweets/counts/recent":
		return n.counts(q)
	case strings.HasPrefix(r.URL.Path, "/2/tweets/search/stream"):
		return n.streaming(r, sent)
	}
	n.fault(r, "there is no such call")
	return n.problem(404, "", "Not Found", "Not Found")
}

// before says that an id is older than an instant.
func before(id string, at time.Time) bool {
	n, err := strconv.ParseInt(id, 10, 64)
	return err == nil && n>>22+epoch < at.UnixMilli()
}

// A wish is what a request wants told of posts.
type wish struct{ fields, expansions map[string]bool }

func (n *Network) wish(q url.Values) wish {
	set := func(s string) map[string]bool {
		m := map[string]bool{}
		for f := range strings.SplitSeq(s, ",") {
			m[f] = true
		}
		return m
	}
	return wish{set(q.Get(n.opts.Fields + ".fields")), set(q.Get("expansions"))}
}

// list is a page of posts, newest first. It needs the lock.
func (n *Network) list(r *http.Request, q url.Values, price int64, is matcher) reply {
	since, _ := strconv.ParseInt(q.Get("since_id"), 10, 64)
	until, _ := strconv.ParseInt(cmp.Or(q.Get("pagination_token"), q.Get("until_id")), 10, 64)
	size, _ := strconv.Atoi(q.Get("max_results"))
	if size <= 0 {
		n.fault(r, "max_results is missing")
	}
	if n.opts.Page > 0 {
		size = min(size, n.opts.Page)
	}
	var found []*post
	now, listed := n.now(), 0
	for _, p := range slices.Backward(n.posts) {
		id := p.newest().id
		if id <= since {
			break
		}
		if p.visible.After(now) || !is(p) {
			continue
		}
		if listed++; strings.HasSuffix(r.URL.Path, "/mentions") && listed > 800 {
			break
		}
		if until > 0 && id >= until {
			continue
		}
		if found = append(found, p); len(found) > size {
			break
		}
	}
	meta := map[string]any{"result_count": min(len(found), size)}
	if len(found) > size {
		found = found[:size]
		meta["next_token"] = strconv.FormatInt(found[size-1].newest().id, 10)
	}
	var told []version
	for _, p := range found {
		n.bill.read(now, fmt.Sprint("post ", p.newest().id), price)
		told = append(told, p.newest())
		if n.repeats {
			told = append(told, p.newest())
		}
	}
	body := map[string]any{"meta": meta}
	n.tell(body, told, n.wish(q))
	return ok(body)
}

// tell writes posts and what they refer to. It needs the lock.
func (n *Network) tell(body map[string]any, all []version, want wish) {
	if len(all) == 0 {
		return
	}
	var data, posts, media []any
	seen := map[int64]bool{}
	users := map[int64]bool{}
	added := map[int64]bool{}
	for _, v := range all {
		p := n.byID[v.id]
		data = append(data, n.describe(p, v, want))
		users[p.author] = want.expansions["author_id"]
		for i, alt := range p.pictures {
			key := fmt.Sprintf("3_%d%d", p.first(), i)
			media = append(media, map[string]any{"media_key": key, "type": "photo", "url": "https://pbs.example/" + key + ".jpg", "alt_text": alt})
		}
		for _, id := range []int64{p.parent, p.quote, p.repost} {
			ref := n.byID[id]
			if ref == nil || added[id] || !want.expansions["referenced_posts"] && !want.expansions["referenced_tweets.id"] {
				continue
			}
			added[id] = true
			at := slices.IndexFunc(ref.versions, func(v version) bool { return v.id == id })
			posts = append(posts, n.describe(ref, ref.versions[at], want))
			users[ref.author] = users[ref.author] || want.expansions["author_id"]
		}
	}
	body["data"] = data
	includes := map[string]any{}
	var people []any
	for id, wanted := range users {
		if u := n.users[id]; wanted && !seen[id] {
			seen[id] = true
			metrics := map[string]any{"followers_count": u.followers, "following_count": 1, "tweet_count": 1, "listed_count": 0}
			if n.opts.Fields == "post" {
				metrics["post_count"] = 1
				delete(metrics, "tweet_count")
			}
			people = append(people, map[string]any{"id": strconv.FormatInt(id, 10), "name": strings.ToUpper(u.handle[:1]) + u.handle[1:], "username": u.handle, "public_metrics": metrics})
		}
	}
	if len(people) > 0 {
		includes["users"] = people
	}
	if len(posts) > 0 {
		includes[n.opts.Fields+"s"] = posts
	}
	if len(media) > 0 && want.expansions["attachments.media_keys"] {
		includes["media"] = media
	}
	if len(includes) > 0 {
		body["includes"] = includes
	}
}

// describe writes one version of a post, in the fields that were asked for.
func (n *Network) describe(p *post, v version, want wish) map[string]any {
	r := n.render(v.id, v.text)
	var history []string
	for _, v := range p.versions {
		history = append(history, strconv.FormatInt(v.id, 10))
	}
	newer := n.opts.Fields == "post"
	d := map[string]any{"id": strconv.FormatInt(v.id, 10), "text": r.text, "edit_history_" + n.opts.Fields + "_ids": history}
	asked := func(field, expansion string) bool {
		return want.fields[field] || newer && want.expansions[cmp.Or(expansion, field)]
	}
	if asked("author_id", "") {
		d["author_id"] = strconv.FormatInt(p.author, 10)
	}
	if want.fields["created_at"] {
		d["created_at"] = v.at.Format("2006-01-02T15:04:05.000Z")
	}
	if want.fields["conversation_id"] {
		d["conversation_id"] = strconv.FormatInt(p.root, 10)
	}
	if want.fields["lang"] {
		d["lang"] = "en"
	}
	if parent := n.byID[p.parent]; parent != nil && asked("in_reply_to_user_id", "") {
		d["in_reply_to_user_id"] = strconv.FormatInt(parent.author, 10)
	}
	var refs []any
	for kind, id := range map[string]int64{"replied_to": p.parent, "quoted": p.quote, "retweeted": p.repost} {
		if id != 0 {
			refs = append(refs, map[string]any{"type": kind, "id": strconv.FormatInt(id, 10)})
		}
	}
	if len(refs) > 0 && asked("referenced_"+n.opts.Fields+"s", "") {
		d["referenced_"+n.opts.Fields+"s"] = refs
	}
	if want.fields["public_metrics"] {
		d["public_metrics"] = map[string]any{"re" + n.opts.Fields + "_count": 2, "reply_count": 0, "like_count": 0, "quote_count": 1, "bookmark_count": 0, "impression_count": 9}
	}
	if len(p.pictures) > 0 && want.fields["attachments"] {
		var keys []string
		for i := range p.pictures {
			keys = append(keys, fmt.Sprintf("3_%d%d", p.first(), i))
		}
		d["attachments"] = map[string]any{"media_keys": keys}
	}
	if want.fields["entities"] {
		entities := map[string]any{}
		var urls, mentions []any
		for _, u := range r.urls {
			urls = append(urls, map[string]any{"start": u.start, "end": u.end, "url": u.short, "expanded_url": u.expanded, "display_url": strings.TrimPrefix(u.expanded, "https://")})
		}
		for _, m := range r.mentions {
			mentions = append(mentions, map[string]any{"start": m.start, "end": m.end, "username": m.user.handle, "id": strconv.FormatInt(m.user.id, 10)})
		}
		if urls != nil {
			entities["urls"] = urls
		}
		if mentions != nil {
			entities["mentions"] = mentions
		}
		if len(entities) > 0 {
			d["entities"] = entities
		}
	}
	return d
}

func (n *Network) lookup(q url.Values) reply {
	var told []version
	var missing []any
	for s := range strings.SplitSeq(q.Get("ids"), ",") {
		id, _ := strconv.ParseInt(s, 10, 64)
		p := n.byID[id]
		if p == nil {
			problem := n.problem(200, "resource-not-found", "Not Found Error", "Could not find tweet with ids: ["+s+"].").body.(map[string]any)
			delete(problem, "status")
			problem["parameter"], problem["value"], problem["resource_id"], problem["resource_type"] = "ids", s, s, "tweet"
			missing = append(missing, problem)
			continue
		}
		n.bill.read(n.now(), "post "+s, pricePost)
		told = append(told, p.versions[slices.IndexFunc(p.versions, func(v version) bool { return v.id == id })])
	}
	body := map[string]any{}
	n.tell(body, told, n.wish(q))
	if missing != nil {
		body["errors"] = missing
	}
	return ok(body)
}

func (n *Network) create(sent []byte) reply {
	var in struct {
		Text  string
		Reply struct {
			To string `json:"in_reply_to_tweet_id"`
		}
		Media struct {
			IDs []string `json:"media_ids"`
		}
	}
	if err := json.Unmarshal(sent, &in); err != nil || in.Text == "" {
		return n.problem(400, "invalid-request", "Invalid Request", "One or more parameters to your request was invalid.")
	}
	to, _ := strconv.ParseInt(in.Reply.To, 10, 64)
	w, refused := n.reply(to, in.Text, in.Media.IDs)
	if refused != "" {
		return n.problem(403, "", "Forbidden", refused)
	}
	return reply{status: http.StatusCreated, body: map[string]any{"data": map[string]any{"id": strconv.FormatInt(w.first(), 10), "text": w.newest().text}}}
}

// reply publishes an answer of ours, with the name of whom it answers in front,
// or says why not.
func (n *Network) reply(to int64, text string, media []string) (*post, string) {
	parent := n.byID[to]
	if parent == nil {
		return nil, "You attempted to reply to a Tweet that is deleted or not visible to you."
	}
	quoted := n.byID[parent.quote]
	if !n.mentions(parent.newest().text, Brand) && (quoted == nil || quoted.author != Brand) {
		return nil, "Reply to this conversation is not allowed because you have not been mentioned or otherwise engaged by the author of the post you are replying to."
	}
	whole := "@" + n.users[parent.author].handle + " " + text
	for _, p := range n.posts {
		if p.author == Brand && p.newest().text == whole {
			return nil, "You are not allowed to create a Tweet with duplicate content."
		}
	}
	var pictures []string
	for _, id := range media {
		pictures = append(pictures, n.media[id])
	}
	n.bill.spent += priceWrite
	if address.MatchString(text) {
		n.bill.spent += priceURL - priceWrite
	}
	w := n.publish(Brand, Post{Text: whole, InReplyTo: to, Pictures: pictures})
	n.sent = append(n.sent, Sent{ID: w.first(), To: to, Text: text, Pictures: pictures})
	return w, ""
}

func (n *Network) upload(r *http.Request, sent []byte) reply {
	var in struct {
		Media    []byte
		Category string `json:"media_category"`
		ID       string
		Metadata struct {
			Alt struct{ Text string } `json:"alt_text"`
		}
	}
	if err := json.Unmarshal(sent, &in); err != nil {
		n.fault(r, "the body: %v", err)
	}
	if r.URL.Path == "/2/media/metadata" {
		n.media[in.ID] = in.Metadata.Alt.Text
		return ok(map[string]any{"data": map[string]any{"id": in.ID, "associated_metadata": map[string]any{"alt_text": map[string]any{"text": in.Metadata.Alt.Text}}}})
	}
	if len(in.Media) == 0 || in.Category == "" {
		return n.problem(400, "invalid-request", "Invalid Request", "media is missing")
	}
	id := strconv.FormatInt(n.newID(n.now()), 10)
	n.media[id] = ""
	body := map[string]any{"data": map[string]any{"id": id, "media_key": "3_" + id, "size": len(in.Media)}}
	if n.opts.Fields == "tweet" {
		body["meta"] = map[string]any{}
	}
	return ok(body)
}

func (n *Network) counts(q url.Values) reply {
	m, ok2 := n.parse(q.Get("query"))
	if !ok2 {
		return n.problem(400, "invalid-request", "Invalid Request", "the query")
	}
	now := n.now()
	var data []any
	total := 0
	for day := 6; day >= 0; day-- {
		start, end := now.Add(-time.Duration(day+1)*24*time.Hour), now.Add(-time.Duration(day)*24*time.Hour)
		count := 0
		for _, p := range n.posts {
			if at := p.newest().at; !at.Before(start) && at.Before(end) && m(p) {
				count++
			}
		}
		total += count
		data = append(data, map[string]any{"start": start.Format(time.RFC3339), "end": end.Format(time.RFC3339), n.opts.Fields + "_count": count})
	}
	return ok(map[string]any{"data": data, "meta": map[string]any{"total_" + n.opts.Fields + "_count": total}})
}
