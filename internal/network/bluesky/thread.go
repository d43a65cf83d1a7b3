package bluesky

import (
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
)

const (
	maxParents = 100
	maxDepth   = 10
	maxThread  = 1000 // posts
)

// A node is a post in a thread. One that is gone, blocked or hidden has no
// post, and may still have parents.
type node struct {
	Post    json.RawMessage
	Parent  *node
	Replies []*node
}

// Thread implements [network.Threader]: the posts above, the post, and the
// answers to it. What is missing between them leaves no trace.
func (a *Account) Thread(ctx context.Context, id care.Remote) ([]care.Post, error) {
	if _, _, ok := splitURI(string(id)); !ok {
		return nil, network.Malformed.Unsent("the id is not a Bluesky post's")
	}
	var page struct{ Thread *node }
	_, err := a.query(ctx, "app.bsky.feed.getPostThread", url.Values{
		"uri": {string(id)}, "depth": {strconv.Itoa(maxDepth)}, "parentHeight": {strconv.Itoa(maxParents)},
	}, &page)
	if err != nil {
		return nil, err
	}
	if page.Thread == nil {
		return nil, network.Malformed.Because("the answer is no thread")
	}
	if len(page.Thread.Post) == 0 {
		return nil, network.Gone.Because("the post is not shown to us")
	}
	t := tree{account: a, now: time.Now()}
	top := page.Thread
	for n := 0; top.Parent != nil && n < maxParents; n++ {
		above := top.Parent
		above.Replies, top.Parent = []*node{top}, nil
		top = above
	}
	t.add(top, time.Time{}, maxParents+maxDepth)
	slices.SortStableFunc(t.posts, func(a, b placed) int { return a.at.Compare(b.at) })
	posts := make([]care.Post, len(t.posts))
	for i, p := range t.posts {
		posts[i] = p.post
	}
	return posts, nil
}

// A tree collects the posts of a thread.
type tree struct {
	account *Account
	now     time.Time
	posts   []placed
}

// A placed post stands where its time puts it, but never before what it
// answers: a clock may be wrong.
type placed struct {
	post care.Post
	at   time.Time
}

func (t *tree) add(n *node, after time.Time, depth int) {
	if n == nil || depth < 0 || len(t.posts) >= maxThread {
		return
	}
	if r, err := read(n.Post, t.account.session.known()); err == nil && !r.hidden {
		after = latest(after, r.at)
		t.posts = append(t.posts, placed{t.account.item(r, t.now).Post, after})
	}
	for _, reply := range n.Replies {
		t.add(reply, after, depth-1)
	}
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
