package facebook

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/graph"
)

// one reads a post or comment as it is now.
func (a *Account) one(ctx context.Context, id care.Remote) (it network.Item, err error) {
	if !idPattern.MatchString(string(id)) {
		return it, network.Malformed.Unsent("an id is not a Facebook post's")
	}
	fields, under := postFields, ""
	if !a.isPost(string(id)) {
		fields, under = commentFields, a.postOf(string(id))
	}
	var raw json.RawMessage
	_, err = a.graph.Read(ctx, "/"+string(id), url.Values{"fields": {fields}}, &raw)
	if err != nil {
		return it, err
	}
	if it, _, err = a.item(raw, under); err != nil {
		return it, &network.Error{Fault: network.Malformed, Err: err}
	}
	return it, nil
}

// Look implements [network.Looker]. One that is gone would spoil a call for
// many, so each is a call.
func (a *Account) Look(ctx context.Context, ids []care.Remote) ([]network.Item, error) {
	return network.LookEach(name, ids, func(id care.Remote) (network.Item, error) { return a.one(ctx, id) })
}

// Thread implements [network.Threader]: the post and its comments.
func (a *Account) Thread(ctx context.Context, id care.Remote) ([]care.Post, error) {
	post := a.postOf(string(id))
	first, err := a.one(ctx, care.Remote(post))
	if err != nil {
		return nil, err
	}
	posts := []care.Post{first.Post}
	for raw, err := range a.graph.All(ctx, "/"+post+"/comments", commentFields, 100, maxThread, url.Values{"order": {"chronological"}, "filter": {"stream"}}) {
		if err != nil {
			return nil, err
		}
		if it, _, err := a.item(raw, post); err == nil {
			posts = append(posts, it.Post)
		}
	}
	slices.SortStableFunc(posts, func(x, y care.Post) int { return x.PostedAt.Compare(y.PostedAt) })
	return posts, nil
}

// Receive implements [network.Receiver]: changes of the page's feed.
func (a *Account) Receive(h http.Header, body []byte) (network.Page, error) {
	changes, err := a.graph.Take(h, body, "page")
	if err != nil {
		return network.Page{}, err
	}
	var p network.Page
	for i, c := range changes {
		if c.Account != a.us || c.Field != "feed" || a.what != Page {
			continue // another source's, or nothing that anybody wrote
		}
		it, ok, err := a.change(c)
		if err != nil {
			p.Bad = append(p.Bad, network.BadItem{Reason: fmt.Sprintf("change %d of a delivery: %v", i+1, err)})
			continue
		}
		if ok {
			p.Items = append(p.Items, it)
		}
	}
	slices.SortStableFunc(p.Items, func(x, y network.Item) int { return x.Post.PostedAt.Compare(y.Post.PostedAt) })
	return p, nil
}

// change makes an item of a change; ok is false for one that is no text.
func (a *Account) change(c graph.Change) (it network.Item, ok bool, err error) {
	var v struct {
		Item      string
		Verb      string
		PostID    string `json:"post_id"`
		CommentID string `json:"comment_id"`
		ParentID  string `json:"parent_id"`
		From      *struct{ ID, Name string }
		Message   string
		Created   float64 `json:"created_time"`
		Photo     string
		Link      string
	}
	if json.Unmarshal(c.Value, &v) != nil {
		return it, false, unreadable("not a change as Facebook describes them")
	}
	n := node{ID: v.PostID, From: v.From, Message: v.Message, FullPicture: v.Photo}
	under := ""
	switch v.Item {
	case "comment":
		n.ID, under = v.CommentID, v.PostID
		if !idPattern.MatchString(under) {
			return it, false, unreadable("the post of a comment is missing")
		}
		if v.ParentID != v.PostID {
			n.Parent = &struct{ ID string }{v.ParentID}
		}
	case "post", "status", "photo", "video", "link", "share":
	default:
		return it, false, nil // a like, for one
	}
	switch v.Verb {
	case "remove", "delete", "hide":
		if !idPattern.MatchString(n.ID) {
			return it, false, unreadable("the id is neither a post's nor a comment's")
		}
		return network.Deletion(name, care.Remote(n.ID)), true, nil
	case "add", "edited", "edit", "unhide":
	default:
		return it, false, nil
	}
	at := c.Sent
	if v.Created > 0 && v.Created < 7e9 {
		at = time.Unix(int64(v.Created), 0).UTC()
	}
	it, err = a.post(&n, at, under)
	if err == nil && (v.Verb == "edited" || v.Verb == "edit") {
		it.Kind, it.Post.EditedAt = network.Edited, c.Sent
	}
	return it, err == nil, err
}

// Challenge implements [network.Challenger].
func (a *Account) Challenge(q url.Values) (string, error) { return a.graph.Challenge(q) }
