package x

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	//lint:ignore SA1019 deprecated by its author and wanted here: see ADR 11
	"github.com/dghubble/go-twitter/twitter"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
)

// A bridge carries calls of v1.1 over v2: the address, the names of parameters
// and the shape of answers. It goes under go-twitter and above what signs.
//
// What v1.1 has no place for comes in a tweet's scopes: the conversation, the
// history of edits, how pictures are described. That a list goes on comes in
// the header more.
type bridge struct {
	next    http.RoundTripper
	account *Account
}

const (
	more     = "X-Amends-More" // set to 1 where a list goes on
	fromForm = 64 << 10        // most bytes of a call's own body
	hops     = 10              // pages without a post that are followed at once
)

func (b *bridge) RoundTrip(r *http.Request) (*http.Response, error) {
	path := strings.TrimSuffix(strings.TrimPrefix(r.URL.Path, "/1.1/"), ".json")
	params, err := readParams(r)
	if err != nil {
		return nil, err
	}
	us := strconv.FormatInt(b.account.us, 10)
	prices := &b.account.set.Prices
	switch {
	case path == "statuses/mentions_timeline":
		return b.list(r, "/2/users/"+us+"/mentions", params, 5, prices.Own)
	case path == "statuses/user_timeline":
		return b.list(r, "/2/users/"+params.Get("user_id")+"/tweets", params, 5, prices.Own)
	case path == "search/tweets":
		return b.list(r, "/2/tweets/search/recent", params, 10, prices.Post)
	case path == "statuses/lookup":
		return b.lookup(r, params)
	case path == "statuses/update":
		return b.update(r, params)
	case strings.HasPrefix(path, "statuses/destroy/"):
		return b.destroy(r, strings.TrimPrefix(path, "statuses/destroy/"))
	case path == "direct_messages/events/list":
		return b.messages(r, params)
	case path == "direct_messages/events/show":
		return b.oneMessage(r, params)
	case path == "direct_messages/events/new":
		return b.message(r, params)
	}
	return nil, network.Malformed.Unsent("the bridge to v2 carries no such call")
}

// readParams reads what a v1.1 call says, in its address or as a form. A body
// of JSON is under the name body.
func readParams(r *http.Request) (url.Values, error) {
	params := r.URL.Query()
	if r.Body == nil {
		return params, nil
	}
	defer r.Body.Close()
	sent, err := io.ReadAll(io.LimitReader(r.Body, fromForm))
	if err == nil && strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		params.Set("body", string(sent))
		return params, nil
	}
	var form url.Values
	if err == nil {
		form, err = url.ParseQuery(string(sent))
	}
	if err != nil {
		return nil, network.Malformed.Unsent("the call can't be read", err)
	}
	maps.Copy(params, form)
	return params, nil
}

// ask makes the v2 call. body may be nil.
func (b *bridge) ask(r *http.Request, method, path string, params url.Values, body, into any) (*http.Response, error) {
	from := *r
	from.Method = method
	to, err := readdressed(&from, b.account.host, path, params)
	if err != nil {
		return nil, err
	}
	if body != nil {
		sent, err := json.Marshal(body)
		if err != nil {
			return nil, network.Malformed.Unsent("the call can't be written", err)
		}
		to.Body = io.NopCloser(bytes.NewReader(sent))
		to.ContentLength = int64(len(sent))
		to.Header.Set("Content-Type", "application/json")
	}
	resp, err := b.next.RoundTrip(to)
	if err != nil {
		return nil, err
	}
	return resp, network.DecodeJSON(resp, into)
}

// told makes the answer in v1.1's shape.
func told(r *http.Request, resp *http.Response, v any) (*http.Response, error) {
	body, err := json.Marshal(v)
	if err != nil {
		return nil, network.Malformed.Because("the answer can't be carried over", err)
	}
	out := replaced(resp, body)
	out.StatusCode, out.Status, out.Request = http.StatusOK, "200 OK", r
	out.Header.Del(more)
	return out, nil
}

// list carries a list of posts, newest first. X may give a page with nothing in
// it although the list goes on; those are followed here, since a caller that
// goes on by the last post's id would be stuck.
func (b *bridge) list(r *http.Request, path string, in url.Values, least int, price float64) (*http.Response, error) {
	params := b.account.fields()
	count, _ := strconv.Atoi(in.Get("count"))
	params.Set("max_results", strconv.Itoa(min(max(count, least), 100)))
	if since := in.Get("since_id"); since != "" {
		params.Set("since_id", since)
	}
	if top, err := strconv.ParseInt(in.Get("max_id"), 10, 64); err == nil {
		params.Set("until_id", strconv.FormatInt(top+1, 10)) // which is not in it, as max_id is
	}
	if q := in.Get("q"); q != "" {
		params.Set("query", q)
	}
	if in.Get("include_rts") == "false" {
		params.Set("exclude", "retweets")
	}
	for range hops {
		var page v2List
		resp, err := b.ask(r, http.MethodGet, path, params, nil, &page)
		if err != nil {
			return nil, err
		}
		if page.Data == nil && page.Meta == nil {
			return nil, network.Malformed.Because("the answer is no list of posts")
		}
		b.account.charge(r.Context(), page, price)
		goesOn := page.Meta != nil && page.Meta.NextToken != ""
		if len(page.Data) == 0 && goesOn {
			params.Set("pagination_token", page.Meta.NextToken)
			continue
		}
		posts := page.old()
		var body any = posts
		if path == "/2/tweets/search/recent" {
			body = struct {
				Statuses []oldPost `json:"statuses"`
			}{posts}
		}
		out, err := told(r, resp, body)
		if err == nil && goesOn {
			out.Header.Set(more, "1")
		}
		return out, err
	}
	return nil, network.Transient.Because("X gave only empty pages of a list that goes on")
}

// lookup carries a look-up of up to a hundred posts.
func (b *bridge) lookup(r *http.Request, in url.Values) (*http.Response, error) {
	params := b.account.fields()
	params.Set("ids", in.Get("id"))
	var page v2List
	resp, err := b.ask(r, http.MethodGet, "/2/tweets", params, nil, &page)
	if err != nil {
		return nil, err
	}
	if page.Data == nil && page.Errors == nil {
		return nil, network.Malformed.Because("the answer is no list of posts")
	}
	b.account.charge(r.Context(), page, b.account.set.Prices.Post)
	if kind := page.ailing(); kind != "" {
		return nil, network.Transient.Because("X could not tell of a post: " + kind)
	}
	return told(r, resp, page.old())
}

// update carries a new post.
func (b *bridge) update(r *http.Request, in url.Values) (*http.Response, error) {
	body := map[string]any{"text": in.Get("status")}
	if to := in.Get("in_reply_to_status_id"); to != "" {
		body["reply"] = map[string]any{"in_reply_to_tweet_id": to}
	}
	if media := in.Get("media_ids"); media != "" {
		body["media"] = map[string]any{"media_ids": strings.Split(media, ",")}
	}
	var done struct{ Data struct{ ID string } }
	resp, err := b.ask(r, http.MethodPost, "/2/tweets", nil, body, &done)
	if err != nil {
		return nil, err
	}
	price := b.account.set.Prices.Write
	if len(care.Addresses(in.Get("status"))) > 0 {
		price = b.account.set.Prices.WriteURL
	}
	charged(r.Context(), price)
	id, err := postID(done.Data.ID)
	if err != nil {
		return nil, err
	}
	return told(r, resp, oldPost{ID: id, IDStr: done.Data.ID, CreatedAt: idTime(id).Format(time.RubyDate)})
}

// destroy carries the end of a post.
func (b *bridge) destroy(r *http.Request, id string) (*http.Response, error) {
	var done struct{ Data struct{ Deleted bool } }
	resp, err := b.ask(r, http.MethodDelete, "/2/tweets/"+url.PathEscape(id), nil, nil, &done)
	if err != nil {
		return nil, err
	}
	charged(r.Context(), b.account.set.Prices.Delete)
	if !done.Data.Deleted {
		return nil, network.Malformed.Because("X did not delete the post")
	}
	return told(r, resp, struct{}{})
}

// messageFields are the parameters that say what is told of a message.
func (a *Account) messageFields() url.Values {
	fields := "id,text,event_type,created_at,dm_conversation_id,sender_id"
	if a.set.Fields == FieldsPost { // there the sender is told with who it is
		fields = "id,text,event_type,created_at,dm_conversation_id"
	}
	return url.Values{"dm_event.fields": {fields}, "expansions": {"sender_id"}, "user.fields": {"name,username,public_metrics"}}
}

// messages carries a page of direct messages, both ways, newest first.
func (b *bridge) messages(r *http.Request, in url.Values) (*http.Response, error) {
	params := b.account.messageFields()
	params.Set("event_types", "MessageCreate")
	params.Set("max_results", in.Get("count"))
	if c := in.Get("cursor"); c != "" {
		params.Set("pagination_token", c)
	}
	var page v2Messages
	resp, err := b.ask(r, http.MethodGet, "/2/dm_events", params, nil, &page)
	if err != nil {
		return nil, err
	}
	if page.Data == nil && page.Meta == nil {
		return nil, network.Malformed.Because("the answer is no list of messages")
	}
	b.account.chargeMessages(r.Context(), page.Data)
	return told(r, resp, page.old(b.account.us))
}

// oneMessage carries a look at a message. One that X doesn't show is Gone.
func (b *bridge) oneMessage(r *http.Request, in url.Values) (*http.Response, error) {
	var one struct {
		Data     *v2Message
		Includes v2Includes
		Errors   json.RawMessage
	}
	resp, err := b.ask(r, http.MethodGet, "/2/dm_events/"+url.PathEscape(in.Get("id")), b.account.messageFields(), nil, &one)
	switch {
	case err != nil:
		return nil, err
	case one.Data == nil && one.Errors == nil:
		return nil, network.Malformed.Because("the answer is no message")
	case one.Data == nil:
		return nil, network.Gone.Because("the message is not shown to us")
	}
	page := v2Messages{Data: []v2Message{*one.Data}, Includes: one.Includes}
	b.account.chargeMessages(r.Context(), page.Data)
	old := page.old(b.account.us)
	if len(old.Events) == 0 {
		return nil, network.Gone.Because("the message is not one between two")
	}
	return told(r, resp, map[string]any{"event": old.Events[0]})
}

func (a *Account) chargeMessages(ctx context.Context, all []v2Message) {
	now := time.Now()
	for _, m := range all {
		if a.ledger.first("dm "+m.ID, now) {
			charged(ctx, a.set.Prices.Message)
		}
	}
}

// message carries a new direct message.
func (b *bridge) message(r *http.Request, in url.Values) (*http.Response, error) {
	var old struct{ Event twitter.DirectMessageEvent }
	if json.Unmarshal([]byte(in.Get("body")), &old) != nil || old.Event.Message == nil || old.Event.Message.Target == nil || old.Event.Message.Data == nil {
		return nil, network.Malformed.Unsent("the call is no message")
	}
	to := old.Event.Message.Target.RecipientID
	var done struct {
		Data struct {
			ID string `json:"dm_event_id"`
		}
	}
	resp, err := b.ask(r, http.MethodPost, "/2/dm_conversations/with/"+url.PathEscape(to)+"/messages", nil,
		map[string]any{"text": old.Event.Message.Data.Text}, &done)
	if err != nil {
		return nil, err
	}
	charged(r.Context(), b.account.set.Prices.Write)
	id, err := postID(done.Data.ID)
	if err != nil {
		return nil, err
	}
	old.Event.ID, old.Event.CreatedAt = done.Data.ID, fmt.Sprint(idTime(id).UnixMilli())
	return told(r, resp, map[string]any{"event": old.Event})
}

// fields are the parameters that say what is told of a post.
func (a *Account) fields() url.Values {
	const users, media = "name,username,public_metrics", "media_key,type,url,preview_image_url,alt_text"
	if a.set.Fields == FieldsTweet {
		return tweetFields()
	}
	return url.Values{
		"post.fields": {"id,text,created_at,conversation_id,lang,entities,attachments,public_metrics,note_post,possibly_sensitive"},
		// author_id and the posts it refers to are told only with what they stand for.
		"expansions": {"author_id,referenced_posts,edit_history_post_ids,in_reply_to_user_id,attachments.media_keys"}, "user.fields": {users}, "media.fields": {media},
	}
}

// tweetFields are the same by their older names, which the stream still has.
func tweetFields() url.Values {
	return url.Values{
		"tweet.fields": {"id,text,author_id,created_at,conversation_id,in_reply_to_user_id,lang,entities,attachments,public_metrics,note_tweet,possibly_sensitive,referenced_tweets,edit_history_tweet_ids"},
		"expansions":   {"author_id,referenced_tweets.id,referenced_tweets.id.author_id,attachments.media_keys"},
		"user.fields":  {"name,username,public_metrics"},
		"media.fields": {"media_key,type,url,preview_image_url,alt_text"},
	}
}

// charge puts on the bill what X asks for a page of posts: each once a day.
func (a *Account) charge(ctx context.Context, page v2List, price float64) {
	now, sum := time.Now(), 0.0
	for _, p := range page.Data {
		if a.ledger.first(p.ID, now) {
			sum += price
		}
	}
	if each := a.set.Prices.Included; each > 0 {
		for _, u := range page.Includes.Users {
			if a.ledger.first("user "+u.ID, now) {
				sum += each
			}
		}
		for _, p := range page.Includes.posts() {
			if a.ledger.first(p.ID, now) {
				sum += each
			}
		}
	}
	charged(ctx, sum)
}

type billKey struct{}

// billed returns a context whose calls are put on a bill.
func billed(ctx context.Context, b *bill) context.Context {
	return context.WithValue(ctx, billKey{}, b)
}

func charged(ctx context.Context, price float64) {
	if b, ok := ctx.Value(billKey{}).(*bill); ok {
		b.add(price)
	}
}
