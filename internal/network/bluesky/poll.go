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
)

// Poll implements [network.Account].
func (a *Account) Poll(ctx context.Context, cursor string) (network.Page, error) {
	m, err := readMark(cursor, a.list)
	if err != nil {
		return network.Page{}, err
	}
	ctx, tally := network.Metered(ctx)
	raw, token, served, err := a.fetch(ctx, m)
	if m.Scan != nil && m.Scan.Token != "" && (forgotten(err) || a.memo.stuck(m.Scan.Token, err)) {
		page := network.Page{}
		page.Gaps, page.More = m.lost(a.list.what == Search)
		page.Next, page.Meter = m.String(), tally.Meter()
		return page, nil
	}
	if err != nil {
		return network.Page{}, err
	}
	now := time.Now()
	var page network.Page
	l := listing{token: token, served: served}
	told := map[string]bool{}
	for i, item := range raw {
		e, err := a.entry(item, now)
		if err != nil {
			if a.memo.news(item) { // the overlap brings it again
				page.Bad = append(page.Bad, network.BadItem{Reason: fmt.Sprintf("post %d of a page: %v", i+1, err)})
			}
			continue
		}
		id := string(e.item.Post.Remote)
		e.none = e.none || told[id] // a post that both mentions and answers us is there twice
		if !e.none {
			told[id] = true
		}
		l.entries = append(l.entries, e)
	}
	deliver, gaps, more, err := m.take(l, now, a.back)
	if err != nil {
		return network.Page{}, err
	}
	slices.Reverse(deliver)
	slices.SortStableFunc(deliver, func(a, b entry) int { return a.at.Compare(b.at) })
	for _, e := range deliver {
		page.Items = append(page.Items, e.item)
		if e.repaired {
			page.Repaired++
		}
	}
	a.introduce(ctx, page.Items)
	page.Gaps, page.More, page.Next, page.Meter = gaps, more, m.String(), tally.Meter()
	return page, nil
}

// forgotten says that the network refused a cursor of its own.
func forgotten(err error) bool {
	e, ok := errors.AsType[*network.Error](err)
	return ok && e.Status == http.StatusBadRequest && e.Fault == network.Malformed
}

// fetch reads the next page of the source's list.
func (a *Account) fetch(ctx context.Context, m mark) (items []json.RawMessage, token string, served time.Time, err error) {
	params := url.Values{"limit": {strconv.Itoa(a.page)}}
	if m.Scan != nil && m.Scan.Token != "" {
		params.Set("cursor", m.Scan.Token)
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
		if m.Scan != nil {
			params.Set("since", m.Scan.Bottom.Format(time.RFC3339Nano))
			if !m.Scan.Until.IsZero() {
				params.Set("until", m.Scan.Until.Add(time.Millisecond).Format(time.RFC3339Nano))
			}
		}
	}
	served, err = a.query(ctx, nsid, params, &page)
	if err != nil {
		return nil, "", served, err
	}
	if page.Notifications == nil && page.Posts == nil && page.Feed == nil {
		return nil, "", served, &network.Error{Fault: network.Malformed, Err: network.Explain("the answer is no list of posts")}
	}
	return slices.Concat(page.Notifications, page.Posts, page.Feed), page.Cursor, served, nil
}

// entry makes an entry of one element of a list.
func (a *Account) entry(raw json.RawMessage, now time.Time) (entry, error) {
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
			return entry{}, unreadable("not an entry of a feed")
		}
		if post = f.Post; f.Reason != nil && f.Reason.Type == "app.bsky.feed.defs#reasonRepost" {
			at, ok := instant(f.Reason.IndexedAt)
			if !ok {
				return entry{}, unreadable("the time of a repost is missing")
			}
			return entry{at: at, indexed: at, none: true}, nil
		}
	}
	us := a.session.known()
	r, err := read(post, us)
	if err != nil {
		return entry{}, err
	}
	if a.list.what == Mentions {
		r.post.Summoned = true // the network says so, also of an answer further down our thread
	}
	e := entry{at: r.at, indexed: r.indexed, repaired: r.repaired}
	e.none = r.hidden || a.list.what == Own && r.post.Author.ID != us
	if !e.none {
		e.item = a.item(r, now)
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
