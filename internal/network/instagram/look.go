package instagram

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"slices"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
)

// one reads a comment or medium as it is now.
func (a *Account) one(ctx context.Context, id care.Remote) (it network.Item, err error) {
	if !idPattern.MatchString(string(id)) {
		return it, network.Malformed.Unsent("an id is not an Instagram comment's")
	}
	fields := lookFields
	if a.what == Tagged {
		fields = taggedFields
	}
	var raw json.RawMessage
	_, err = a.graph.Read(ctx, "/"+string(id), url.Values{"fields": {fields}}, &raw)
	if err != nil {
		return it, err
	}
	if it, _, err = a.item(raw, "", ""); err != nil {
		return it, &network.Error{Fault: network.Malformed, Err: err}
	}
	return it, nil
}

// Look implements [network.Looker], with a call for each.
func (a *Account) Look(ctx context.Context, ids []care.Remote) ([]network.Item, error) {
	return network.LookEach(name, ids, func(id care.Remote) (network.Item, error) { return a.one(ctx, id) })
}

// Thread implements [network.Threader]: a comment and the answers to it.
func (a *Account) Thread(ctx context.Context, id care.Remote) ([]care.Post, error) {
	first, err := a.one(ctx, id)
	if err == nil && first.Post.Thread != id {
		first, err = a.one(ctx, first.Post.Thread)
	}
	if err != nil {
		return nil, err
	}
	posts := []care.Post{first.Post}
	if a.what == Tagged {
		return posts, nil // the comments of others' media are not shown to us
	}
	for raw, err := range a.answers(ctx, first.Post.Remote) {
		if err != nil {
			return nil, err
		}
		if it, _, err := a.item(raw, string(first.Post.Remote), ""); err == nil {
			posts = append(posts, it.Post)
		}
	}
	slices.SortStableFunc(posts, func(x, y care.Post) int { return x.PostedAt.Compare(y.PostedAt) })
	return posts, nil
}

// answers are those to a comment.
func (a *Account) answers(ctx context.Context, id care.Remote) iter.Seq2[json.RawMessage, error] {
	return a.graph.All(ctx, "/"+string(id)+"/replies", answerFields, nested, maxThread, nil)
}

// Receive implements [network.Receiver]: comments on our media. Instagram
// doesn't say when they were written, but tells them at once.
func (a *Account) Receive(h http.Header, body []byte) (network.Page, error) {
	changes, err := a.graph.Take(h, body, "instagram")
	if err != nil {
		return network.Page{}, err
	}
	var p network.Page
	for i, c := range changes {
		if c.Account != a.us || c.Field != "comments" && c.Field != "live_comments" || a.what != Comments {
			continue // another source's, or nothing that holds a text
		}
		var n node
		err := error(unreadable("not a comment as Instagram describes them"))
		var it network.Item
		if json.Unmarshal(c.Value, &n) == nil {
			it, err = a.post(&n, c.Sent, "")
		}
		if err != nil {
			p.Bad = append(p.Bad, network.BadItem{Reason: fmt.Sprintf("change %d of a delivery: %v", i+1, err)})
			continue
		}
		p.Items = append(p.Items, it)
	}
	slices.SortStableFunc(p.Items, func(x, y network.Item) int { return x.Post.PostedAt.Compare(y.Post.PostedAt) })
	return p, nil
}

// Challenge implements [network.Challenger].
func (a *Account) Challenge(q url.Values) (string, error) { return a.graph.Challenge(q) }
