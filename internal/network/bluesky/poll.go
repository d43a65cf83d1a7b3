package bluesky

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/newest"
)

// Poll implements [network.Account].
func (a *Account) Poll(ctx context.Context, cursor string) (network.Page, error) {
	ctx, tally := network.Metered(ctx)
	page, err := a.newest().Poll(ctx, cursor)
	if err != nil {
		return network.Page{}, err
	}
	a.introduce(ctx, page.Items)
	page.Meter = tally.Meter()
	return page, nil
}

// newest is the list that the source reads.
func (a *Account) newest() *newest.List {
	return &newest.List{ID: a.list.id(), Back: a.back, Seeks: a.list.what == Search, Fetch: a.fetch, Forgot: a.forgot}
}

// Estimate implements [network.Estimator]. Reading costs nothing here.
func (a *Account) Estimate(ctx context.Context) (network.Estimate, error) {
	perDay, known, err := a.newest().PerDay(ctx)
	return network.Estimate{PerDay: perDay, Unknown: !known}, err
}

// forgot says that the network refused a cursor of its own.
func (a *Account) forgot(p newest.Place, err error) bool {
	e, ok := errors.AsType[*network.Error](err)
	return ok && e.Status == http.StatusBadRequest && e.Fault == network.Malformed || a.memo.stuck(p.Token, err)
}

// A list is what a source reads.
type list struct {
	what, query, account string
}

// id tells lists apart.
func (l list) id() string { return l.what + "\x00" + l.query + "\x00" + l.account }

// fetch reads a page of the source's list.
func (a *Account) fetch(ctx context.Context, p newest.Place) (newest.Listing, error) {
	raw, token, served, err := a.ask(ctx, p)
	if err != nil {
		return newest.Listing{}, err
	}
	l := newest.Listing{Token: token, Served: served}
	now := time.Now()
	for i, item := range raw {
		e, err := a.entry(item, now)
		if err != nil {
			if a.memo.news(item) { // the overlap brings it again
				l.Bad = append(l.Bad, network.BadItem{Reason: fmt.Sprintf("post %d of a page: %v", i+1, err)})
			}
			continue
		}
		l.Entries = append(l.Entries, e)
	}
	return l, nil
}

// ask makes the call that reads a page.
func (a *Account) ask(ctx context.Context, p newest.Place) (items []json.RawMessage, token string, served time.Time, err error) {
	params := url.Values{"limit": {strconv.Itoa(a.page)}}
	if p.Token != "" {
		params.Set("cursor", p.Token)
	}
	var page struct {
		Cursor        string
		Notifications []json.RawMessage
		Posts         []json.RawMessage
		Feed          []json.RawMessage
	}
	nsid := ""
	switch a.list.what {
	case Mentions:
		nsid = "app.bsky.notification.listNotifications"
		params["reasons"] = []string{"mention", "reply", "quote"}
		params.Set("priority", "false") // else a setting of the account would hide strangers
	case Own:
		nsid = "app.bsky.feed.getAuthorFeed"
		us, err := a.session.owner(ctx, &a.client)
		if err != nil {
			return nil, "", time.Time{}, err
		}
		params.Set("actor", us)
		params.Set("filter", "posts_with_replies")
	case Search:
		nsid = "app.bsky.feed.searchPosts"
		params.Set("q", a.list.query)
		params.Set("sort", "latest")
		if !p.Bottom.IsZero() {
			params.Set("since", p.Bottom.Format(time.RFC3339Nano))
		}
		if !p.Until.IsZero() {
			params.Set("until", p.Until.Add(time.Millisecond).Format(time.RFC3339Nano))
		}
	}
	served, err = a.query(ctx, nsid, params, &page)
	if err != nil {
		return nil, "", served, err
	}
	if page.Notifications == nil && page.Posts == nil && page.Feed == nil {
		return nil, "", served, network.Malformed.Because("the answer is no list of posts")
	}
	return slices.Concat(page.Notifications, page.Posts, page.Feed), page.Cursor, served, nil
}

// entry makes an entry of one element of a list.
func (a *Account) entry(raw json.RawMessage, now time.Time) (newest.Entry, error) {
	post := raw
	if a.list.what == Own {
		var f struct {
			Post   json.RawMessage
			Reason *struct {
				Type      string `json:"$type"`
				IndexedAt string `json:"indexedAt"`
			}
		}
		if json.Unmarshal(raw, &f) != nil {
			return newest.Entry{}, unreadable("not an entry of a feed")
		}
		if post = f.Post; f.Reason != nil && f.Reason.Type == "app.bsky.feed.defs#reasonRepost" {
			at, ok := instant(f.Reason.IndexedAt)
			if !ok {
				return newest.Entry{}, unreadable("the time of a repost is missing")
			}
			return newest.Entry{At: at, None: true}, nil
		}
	}
	us := a.session.known()
	r, err := read(post, us)
	if err != nil {
		return newest.Entry{}, err
	}
	if a.list.what == Mentions {
		r.post.Summoned = true // the network says so, also of an answer further down our thread
	}
	e := newest.Entry{At: r.at, Indexed: r.indexed, Repaired: r.repaired}
	e.None = r.hidden || a.list.what == Own && r.post.Author.ID != us
	if !e.None {
		e.Item = a.item(r, now)
	}
	return e, nil
}

// introduce adds how many follow the authors, asking for those not known yet.
// It is worth a few calls and no failure: without it the posts still stand.
func (a *Account) introduce(ctx context.Context, items []network.Item) {
	const most = 25 // in one call
	var ask []string
	now := time.Now()
	for _, it := range items {
		did := it.Post.Author.ID
		if who := a.memo.who(did); now.Sub(who.asked) > followersFor && !slices.Contains(ask, did) {
			ask = append(ask, did)
		}
	}
	for dids := range slices.Chunk(ask, most) {
		var found struct{ Profiles []profile }
		if _, err := a.query(ctx, "app.bsky.actor.getProfiles", url.Values{"actors": dids}, &found); err != nil {
			break
		}
		for _, did := range dids {
			a.memo.author(did, func(who *author) { who.asked = now })
		}
		for _, p := range found.Profiles {
			a.memo.author(p.DID, func(who *author) {
				who.followers, who.handle, who.name = p.author().Followers, p.author().Handle, p.author().Name
				who.blocks = p.blocks()
			})
		}
	}
	for i := range items {
		p := &items[i].Post.Author
		p.Followers = max(p.Followers, a.memo.who(p.ID).followers)
	}
}
