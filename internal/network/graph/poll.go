package graph

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/newest"
)

// A mark is the cursor: a place in a list of posts, and since when we are told
// of anything, for under old posts there are comments that are old too.
type mark struct {
	V     int       `json:"v"`
	Since time.Time `json:"since,omitzero"`
	At    string    `json:"at"`
}

// Poll reads the next page of a list of posts that come with their comments. An
// entry's At is its post's instant, Indexed its own; the list's Overlap is how
// long after a post comments on it are read.
func (c *Client) Poll(ctx context.Context, cursor string, list newest.List) (network.Page, error) {
	m := mark{V: 1}
	if cursor != "" && (json.Unmarshal([]byte(cursor), &m) != nil || m.V != 1) {
		return network.Page{}, &network.Error{Fault: network.Malformed, Unsent: true, Again: true, Err: network.Explain("the stored cursor can't be read by this version")}
	}
	ctx, tally := network.Metered(ctx)
	clock, fetch := time.Now(), list.Fetch
	list.Fetch = func(ctx context.Context, p newest.Place) (newest.Listing, error) {
		l, err := fetch(ctx, p)
		if !l.Served.IsZero() && l.Served.Before(clock) {
			clock = l.Served
		}
		return l, err
	}
	list.Deep = -1
	list.Forgot = func(p newest.Place, err error) bool { return p.Token != "" && Said(err) == 100 }
	page, err := list.Poll(ctx, m.At)
	if err != nil {
		return network.Page{}, err
	}
	if m.Since.IsZero() {
		m.Since = clock.Add(-list.Back - newest.Overlap).UTC().Truncate(time.Second)
	}
	page.Items = slices.DeleteFunc(page.Items, func(it network.Item) bool { return it.Post.PostedAt.Before(m.Since) })
	slices.SortStableFunc(page.Items, func(x, y network.Item) int { return x.Post.PostedAt.Compare(y.Post.PostedAt) })
	m.At = page.Next
	b, err := json.Marshal(m)
	if err != nil {
		return network.Page{}, network.Malformed.Unsent("the cursor can't be written")
	}
	page.Next, page.Meter = string(b), c.Meter(ctx, tally.Meter())
	return page, nil
}
