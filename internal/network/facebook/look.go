package facebook

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/graph"
)

// one reads a post or comment as it is now; ok is false when it is gone.
func (a *Account) one(ctx context.Context, id string) (it network.Item, ok bool, err error) {
	fields, under := postFields, ""
	if !a.isPost(id) {
		fields, under = commentFields, a.postOf(id)
	}
	var raw json.RawMessage
	_, err = a.graph.Read(ctx, "/"+id, url.Values{"fields": {fields}}, &raw)
	if gone(err) {
		return it, false, nil
	}
	if err != nil {
		return it, false, err
	}
	if it, _, err = a.item(raw, under); err != nil {
		return it, false, &network.Error{Fault: network.Malformed, Err: err}
	}
	return it, true, nil
}

func gone(err error) bool {
	e, ok := errors.AsType[*network.Error](err)
	return ok && e.Fault == network.Gone
}

// Look implements [network.Looker]. One that is gone would spoil a call for
// many, so each is a call.
func (a *Account) Look(ctx context.Context, ids []care.Remote) ([]network.Item, error) {
	found := map[care.Remote]network.Item{}
	items := make([]network.Item, len(ids))
	for i, id := range ids {
		if !idPattern.MatchString(string(id)) {
			return nil, graph.Malformed("an id is not a Facebook post's")
		}
		it, known := found[id]
		if !known {
			var ok bool
			var err error
			if it, ok, err = a.one(ctx, string(id)); err != nil {
				return nil, err
			}
			if !ok {
				it = network.Item{Kind: network.Deleted, Post: care.Post{Network: name, Remote: id}}
			}
			found[id] = it
		}
		items[i] = it
	}
	return items, nil
}

// Thread implements [network.Threader]: the post and its comments.
func (a *Account) Thread(ctx context.Context, id care.Remote) ([]care.Post, error) {
	if !idPattern.MatchString(string(id)) {
		return nil, graph.Malformed("the id is not a Facebook post's")
	}
	post := a.postOf(string(id))
	first, ok, err := a.one(ctx, post)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, &network.Error{Fault: network.Gone, Err: network.Explain("the post is gone")}
	}
	posts := []care.Post{first.Post}
	for after := ""; len(posts) < maxThread; {
		page, err := a.commentsOf(ctx, post, "chronological", "stream", after)
		if err != nil {
			return nil, err
		}
		for _, raw := range page.Data {
			if it, _, err := a.item(raw, post); err == nil {
				posts = append(posts, it.Post)
			}
		}
		if next := page.After(); next != "" && next != after {
			after = next
			continue
		}
		break
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
		return network.Item{Kind: network.Deleted, Post: care.Post{Network: name, Remote: care.Remote(n.ID)}}, true, nil
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
