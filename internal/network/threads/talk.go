package threads

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
)

const (
	maxThread = 2000 // replies that are read to one thread
	maxDepth  = 50   // replies from one up to that which begins its talk
)

// A talk is all that was said under a thread of ours.
type talk struct {
	said []said
	bad  []bad
}

type said struct {
	item     network.Item
	repaired bool
}

type bad struct {
	raw []byte
	err error
}

// talk reads the replies to a thread of ours at any depth, the newest of them, and finds which one
// each talk began with. Those to one that is gone are none.
func (a *Account) talk(ctx context.Context, root string) (t talk, err error) {
	parents := map[care.Remote]care.Remote{}
	for raw, err := range a.graph.All(ctx, "/"+root+"/conversation", postFields, 100, maxThread, url.Values{"reverse": {"true"}}) {
		if network.IsGone(err) {
			break
		}
		if err != nil {
			return talk{}, err
		}
		it, _, err := a.item(raw)
		if err != nil {
			t.bad = append(t.bad, bad{raw, err})
			continue
		}
		parents[it.Post.Remote] = it.Post.InReplyTo
		t.said = append(t.said, said{it, !utf8.Valid(raw)})
	}
	for i := range t.said {
		p := &t.said[i].item.Post
		p.Thread = first(p.Remote, parents)
	}
	return t, nil
}

// first goes up from a reply as far as is known. A chain that bites its own
// tail ends somewhere.
func first(id care.Remote, parents map[care.Remote]care.Remote) care.Remote {
	for range maxDepth {
		up, ok := parents[id]
		if !ok || up == "" {
			break
		}
		id = up
	}
	return id
}

// one reads a post as it is now.
func (a *Account) one(ctx context.Context, id care.Remote) (it network.Item, n node, err error) {
	if !idPattern.MatchString(string(id)) {
		return it, n, network.Malformed.Unsent("an id is not a Threads post's")
	}
	var raw json.RawMessage
	_, err = a.graph.Read(ctx, "/"+string(id), url.Values{"fields": {postFields}}, &raw)
	if err != nil {
		return it, n, err
	}
	if it, n, err = a.item(raw); err != nil {
		return it, n, &network.Error{Fault: network.Malformed, Err: err}
	}
	return it, n, nil
}

// Look implements [network.Looker], with a call for each, and for a reply under
// our own threads one more for each reply that it is below.
func (a *Account) Look(ctx context.Context, ids []care.Remote) ([]network.Item, error) {
	return network.LookEach(name, ids, func(id care.Remote) (network.Item, error) { return a.look(ctx, id) })
}

func (a *Account) look(ctx context.Context, id care.Remote) (network.Item, error) {
	it, _, err := a.one(ctx, id)
	if err != nil || a.what != Replies {
		return it, err
	}
	for up, n := it.Post.InReplyTo, 0; up != "" && n < maxDepth; n++ {
		above, _, err := a.one(ctx, up)
		if err != nil && !network.IsGone(err) {
			return it, err
		}
		it.Post.Thread = up
		up = above.Post.InReplyTo
	}
	return it, nil
}

// Thread implements [network.Threader]: a reply to our thread and all below it.
// What stands around a mention or a find is not shown to us.
func (a *Account) Thread(ctx context.Context, id care.Remote) ([]care.Post, error) {
	it, n, err := a.one(ctx, id)
	if err != nil {
		return nil, err
	}
	alone := []care.Post{it.Post}
	if a.what != Replies || !idPattern.MatchString(n.RootPost.ID) {
		return alone, nil
	}
	t, err := a.talk(ctx, n.RootPost.ID)
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(t.said, func(s said) bool { return s.item.Post.Remote == id })
	if at < 0 {
		return alone, nil
	}
	var posts []care.Post
	for _, s := range t.said {
		if s.item.Post.Thread == t.said[at].item.Post.Thread {
			posts = append(posts, s.item.Post)
		}
	}
	slices.SortStableFunc(posts, func(x, y care.Post) int { return x.PostedAt.Compare(y.PostedAt) })
	return posts, nil
}

// Receive implements [network.Receiver]: replies to our threads, or mentions.
// Of a reply below others only the one that it answers is told, so its talk
// begins there.
func (a *Account) Receive(h http.Header, body []byte) (network.Page, error) {
	if err := a.graph.Signed(h, body); err != nil {
		return network.Page{}, err
	}
	var d struct {
		Values *struct {
			Field string
			Value json.RawMessage
		}
	}
	if json.Unmarshal(body, &d) != nil || d.Values == nil || d.Values.Field == "" {
		return network.Page{}, network.Malformed.Unsent("the delivery is not about a post on Threads")
	}
	if d.Values.Field != a.what { // another source's, or nothing that holds a text
		return network.Page{}, nil
	}
	it, n, err := a.item(d.Values.Value)
	switch {
	case err != nil:
		return network.Page{Bad: []network.BadItem{{Reason: fmt.Sprintf("a delivery: %v", err)}}}, nil
	case !a.ours(&n):
		return network.Page{}, nil // another account's of the same app
	}
	page := network.Page{Items: []network.Item{it}}
	if !utf8.Valid(body) {
		page.Repaired = 1
	}
	return page, nil
}

// ours says that a delivery is for this source: the webhook is the app's.
func (a *Account) ours(n *node) bool {
	if a.what == Mentions {
		return a.names.MatchString(n.Text)
	}
	return n.RootPost.OwnerID == a.us || strings.EqualFold(n.RootPost.Username, a.username)
}

// Challenge implements [network.Challenger].
func (a *Account) Challenge(q url.Values) (string, error) { return a.graph.Challenge(q) }
