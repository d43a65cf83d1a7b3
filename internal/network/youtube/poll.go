package youtube

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/newest"
)

// The capabilities of an account.
var (
	_ network.Replier    = (*Account)(nil)
	_ network.Looker     = (*Account)(nil)
	_ network.Threader   = (*Account)(nil)
	_ network.Withdrawer = (*Account)(nil)
	_ network.Mender     = (*Account)(nil)
)

// Poll implements [network.Account].
func (a *Account) Poll(ctx context.Context, cursor string) (network.Page, error) {
	ctx, tally := network.Metered(ctx)
	list := newest.List{ID: a.channel + "\x00" + a.video, Back: a.back, Deep: a.answers, Fetch: a.fetch, Forgot: forgot}
	page, err := list.Poll(ctx, cursor)
	if err != nil {
		return network.Page{}, err
	}
	slices.SortStableFunc(page.Items, func(x, y network.Item) int { return x.Post.PostedAt.Compare(y.Post.PostedAt) })
	page.Meter = tally.Meter()
	page.Meter.LeftKnown = true
	page.Meter.Left, page.Meter.Reset = a.quota.left(time.Now())
	return page, nil
}

// forgot says that YouTube does not take its own token any more.
func forgot(_ newest.Place, err error) bool {
	return said(err) == invalidPageToken || said(err) == processing
}

// fetch reads a page of threads, each with its answers.
func (a *Account) fetch(ctx context.Context, p newest.Place) (newest.Listing, error) {
	params := url.Values{
		"part": {"snippet,replies"}, "order": {"time"}, "textFormat": {"plainText"}, "maxResults": {strconv.Itoa(a.page)},
	}
	if a.video != "" {
		params.Set("videoId", a.video)
	} else {
		params.Set("allThreadsRelatedToChannelId", a.channel)
	}
	if p.Token != "" {
		params.Set("pageToken", p.Token)
	}
	page, served, err := a.threads(ctx, params)
	if err != nil {
		return newest.Listing{}, err
	}
	l := newest.Listing{Token: page.NextPageToken, Served: served}
	bad := func(raw []byte, format string, args ...any) {
		if a.told.News(raw) { // the overlap brings it again
			l.Bad = append(l.Bad, network.BadItem{Reason: fmt.Sprintf(format, args...)})
		}
	}
	for i, raw := range page.Items {
		var t thread
		if json.Unmarshal(raw, &t) != nil {
			bad(raw, "thread %d of a page: not as the network describes them", i+1)
			continue
		}
		it, repaired, err := a.item(t.Snippet.TopLevelComment, t.Snippet.VideoID)
		if err != nil {
			bad(raw, "thread %d of a page: %v", i+1, err)
			continue
		}
		at := it.Post.PostedAt
		l.Entries = append(l.Entries, newest.Entry{At: at, Item: it, Repaired: repaired})
		answers := t.Replies.Comments
		if t.Snippet.TotalReplyCount > len(answers) {
			if answers, err = a.replies(ctx, t.ID, false); err != nil {
				return newest.Listing{}, err
			}
		}
		for n, raw := range answers {
			it, repaired, err := a.item(raw, t.Snippet.VideoID)
			if err != nil {
				bad(raw, "answer %d in thread %d of a page: %v", n+1, i+1, err)
				continue
			}
			l.Entries = append(l.Entries, newest.Entry{At: at, Indexed: it.Post.PostedAt, Item: it, Repaired: repaired})
		}
	}
	return l, nil
}

// A list is a page of any resource.
type list struct {
	Items         []json.RawMessage
	NextPageToken string
}

func (a *Account) threads(ctx context.Context, params url.Values) (list, time.Time, error) {
	var page list
	served, err := a.read(ctx, "commentThreads", params, false, &page)
	if err == nil && page.Items == nil {
		err = network.Malformed.Because("the answer is no list of comments")
	}
	return page, served, err
}

// maxReplies bounds what is read of one thread.
const maxReplies = 1000

// replies reads the answers in a thread; those of one that is gone are none.
func (a *Account) replies(ctx context.Context, id string, reply bool) ([]json.RawMessage, error) {
	params := url.Values{"part": {"snippet"}, "parentId": {id}, "textFormat": {"plainText"}, "maxResults": {"100"}}
	var all []json.RawMessage
	for len(all) < maxReplies {
		var page list
		_, err := a.read(ctx, "comments", params, reply, &page)
		switch {
		case said(err) == commentNotFound || said(err) == parentNotFound:
			return all, nil
		case err != nil:
			return nil, err
		case page.Items == nil:
			return nil, network.Malformed.Because("the answer is no list of comments")
		}
		all = append(all, page.Items...)
		if page.NextPageToken == "" || page.NextPageToken == params.Get("pageToken") {
			break
		}
		params.Set("pageToken", page.NextPageToken)
	}
	return all, nil
}

// Look implements [network.Looker].
func (a *Account) Look(ctx context.Context, ids []care.Remote) ([]network.Item, error) {
	const most = 50 // in one call
	found := map[care.Remote]network.Item{}
	var ask []string
	for _, id := range ids {
		if !idPattern.MatchString(string(id)) {
			return nil, network.Malformed.Unsent("an id is not a YouTube comment's")
		}
		if !slices.Contains(ask, string(id)) {
			ask = append(ask, string(id))
		}
	}
	for some := range slices.Chunk(ask, most) {
		var page list
		_, err := a.read(ctx, "comments", url.Values{"part": {"snippet"}, "textFormat": {"plainText"}, "id": {strings.Join(some, ",")}}, true, &page)
		if said(err) == commentNotFound {
			continue
		}
		if err != nil {
			return nil, err
		}
		if page.Items == nil {
			return nil, network.Malformed.Because("the answer is no list of comments")
		}
		for _, raw := range page.Items {
			it, _, err := a.item(raw, a.video)
			if err != nil {
				return nil, &network.Error{Fault: network.Malformed, Err: err}
			}
			found[it.Post.Remote] = it
		}
	}
	items := make([]network.Item, len(ids))
	for i, id := range ids {
		it, ok := found[id]
		if !ok {
			it = network.Deletion(name, id)
		}
		items[i] = it
	}
	return items, nil
}

// Thread implements [network.Threader].
func (a *Account) Thread(ctx context.Context, id care.Remote) ([]care.Post, error) {
	if !idPattern.MatchString(string(id)) {
		return nil, network.Malformed.Unsent("the id is not a YouTube comment's")
	}
	first := root(string(id))
	page, _, err := a.threads(ctx, url.Values{"part": {"snippet"}, "textFormat": {"plainText"}, "id": {first}})
	if err != nil {
		return nil, err
	}
	if len(page.Items) == 0 {
		return nil, network.Gone.Because("the thread is gone")
	}
	var t thread
	if json.Unmarshal(page.Items[0], &t) != nil {
		return nil, network.Malformed.Because("the answer is no thread")
	}
	all, err := a.replies(ctx, first, false)
	if err != nil {
		return nil, err
	}
	var posts []care.Post
	for _, raw := range append([]json.RawMessage{t.Snippet.TopLevelComment}, all...) {
		if it, _, err := a.item(raw, t.Snippet.VideoID); err == nil {
			posts = append(posts, it.Post)
		}
	}
	slices.SortStableFunc(posts, func(x, y care.Post) int { return x.PostedAt.Compare(y.PostedAt) })
	return posts, nil
}
