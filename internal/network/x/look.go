package x

import (
	"cmp"
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	//lint:ignore SA1019 deprecated by its author and wanted here: see ADR 11
	"github.com/dghubble/go-twitter/twitter"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
)

func served(resp *http.Response) time.Time {
	at, _ := http.ParseTime(resp.Header.Get("Date"))
	return at
}

// Look implements [network.Looker]. What X does not show us any more counts as
// deleted: its rules want that forgotten too.
func (a *Account) Look(ctx context.Context, ids []care.Remote) ([]network.Item, error) {
	ctx = billed(ctx, &a.owed)
	posts := slices.DeleteFunc(slices.Clone(ids), isMessage)
	found, err := a.lookup(ctx, posts)
	if err != nil {
		return nil, err
	}
	items := make([]network.Item, 0, len(ids))
	for _, id := range ids {
		it := network.Deletion(name, id)
		if r, ok := found[id]; ok {
			it = a.item(r)
			it.Post.Remote = id
		}
		if isMessage(id) {
			p, ok, err := a.lookMessage(ctx, id)
			if err != nil {
				return nil, err
			}
			if ok {
				it = a.messageItem(p)
			}
		}
		items = append(items, it)
	}
	return items, nil
}

// lookup reads posts as they are now; what is not shown to us is absent. An id
// stands for its newest version.
func (a *Account) lookup(ctx context.Context, ids []care.Remote) (map[care.Remote]reading, error) {
	found := map[care.Remote]reading{}
	ask := make([]int64, 0, len(ids))
	for _, id := range ids {
		n, err := strconv.ParseInt(string(id), 10, 64)
		if err != nil || n <= 0 {
			return nil, network.Malformed.Unsent("an id is not a post's on X")
		}
		if !slices.Contains(ask, n) {
			ask = append(ask, n)
		}
	}
	versions, err := a.versions(ctx, ask)
	if err != nil {
		return nil, err
	}
	var stale []int64
	for _, r := range versions {
		if n, _ := strconv.ParseInt(r.newest, 10, 64); n != r.id {
			stale = append(stale, n)
		}
	}
	fresh, err := a.versions(ctx, stale)
	if err != nil {
		return nil, err
	}
	all := slices.AppendSeq(slices.Collect(maps.Values(versions)), maps.Values(fresh))
	if err := a.thread(ctx, all); err != nil {
		return nil, err
	}
	newest := map[string]reading{}
	for _, r := range all {
		newest[strconv.FormatInt(r.id, 10)] = r
	}
	for _, id := range ids {
		n, _ := strconv.ParseInt(string(id), 10, 64)
		if r, ok := versions[n]; ok {
			if later, ok := newest[r.newest]; ok {
				r = later
			} else {
				r = newest[strconv.FormatInt(n, 10)]
			}
			found[id] = r
		}
	}
	return found, nil
}

// versions reads posts by the ids of their versions.
func (a *Account) versions(ctx context.Context, ids []int64) (map[int64]reading, error) {
	found := map[int64]reading{}
	for some := range slices.Chunk(ids, maxLookup) {
		tweets, _, err := a.twitter(ctx).Statuses.Lookup(some, &twitter.StatusLookupParams{TweetMode: "extended"})
		if err != nil {
			return nil, typed(err)
		}
		for i := range tweets {
			r, err := read(&tweets[i], a.us)
			if err != nil {
				return nil, &network.Error{Fault: network.Malformed, Err: err}
			}
			// X may answer with a newer version than was asked for.
			for _, id := range some {
				if id == r.id || !slices.Contains(some, r.id) && strconv.FormatInt(id, 10) == string(r.post.Remote) {
					found[id] = r
				}
			}
		}
	}
	return found, nil
}

const threadPages = 5

// Thread implements [network.Threader]: the posts above, and what was written
// in the conversation in the last seven days. Older answers are not told.
func (a *Account) Thread(ctx context.Context, id care.Remote) ([]care.Post, error) {
	ctx = billed(ctx, &a.owed)
	if isMessage(id) {
		return a.messageThread(ctx, id)
	}
	found, err := a.lookup(ctx, []care.Remote{id})
	if err != nil {
		return nil, err
	}
	start, ok := found[id]
	if !ok {
		return nil, network.Gone.Because("the post is not shown to us")
	}
	posts := map[care.Remote]care.Post{start.post.Remote: start.post}
	if err := a.conversation(ctx, start.post.Thread, posts); err != nil {
		return nil, err
	}
	for range maxHeight { // what is older than a search reaches
		var missing []care.Remote
		for _, p := range posts {
			for _, above := range []care.Remote{p.InReplyTo, p.Thread} {
				if _, have := posts[above]; above != "" && !have && !slices.Contains(missing, above) {
					missing = append(missing, above)
				}
			}
		}
		parents, err := a.lookup(ctx, missing)
		if err != nil {
			return nil, err
		}
		grown := false
		for _, r := range parents {
			if _, have := posts[r.post.Remote]; !have {
				posts[r.post.Remote], grown = r.post, true
			}
		}
		if !grown {
			break
		}
	}
	all := slices.Collect(maps.Values(posts))
	slices.SortFunc(all, byAge)
	return all, nil
}

// byAge orders posts, those of one instant by their ids.
func byAge(a, b care.Post) int {
	return cmp.Or(a.PostedAt.Compare(b.PostedAt), cmp.Compare(len(a.Remote), len(b.Remote)), cmp.Compare(a.Remote, b.Remote))
}

// conversation adds what a search finds of a thread. v1.1 knows no
// conversations: there it is what was written to the author of the first post,
// and of that what hangs together.
func (a *Account) conversation(ctx context.Context, root care.Remote, posts map[care.Remote]care.Post) error {
	params := &twitter.SearchTweetParams{Query: "conversation_id:" + string(root), Count: a.page, TweetMode: "extended", ResultType: "recent"}
	if a.set.Mode == V1 {
		first, err := a.lookup(ctx, []care.Remote{root})
		if err != nil {
			return err
		}
		r, ok := first[root]
		if !ok || r.post.Author.Handle == "" {
			return nil
		}
		params.Query, params.SinceID = "to:"+r.post.Author.Handle+" OR from:"+r.post.Author.Handle, r.id
	}
	for range threadPages {
		page, resp, err := a.twitter(ctx).Search.Tweets(params)
		if err != nil {
			return typed(err)
		}
		readings, _ := a.readAll(page.Statuses)
		if err := a.thread(ctx, readings); err != nil {
			return err
		}
		for _, r := range readings {
			if !r.repost && r.post.Thread == root {
				posts[r.post.Remote] = r.post
			}
			if params.MaxID == 0 || r.id <= params.MaxID {
				params.MaxID = r.id - 1
			}
		}
		if len(readings) == 0 || a.set.Mode == V2 && resp.Header.Get(more) == "" {
			return nil
		}
	}
	return nil
}

// Estimate implements [network.Estimator] for searches, by what the last seven
// days brought. It needs the app's own token.
func (a *Account) Estimate(ctx context.Context) (network.Estimate, error) {
	q := query(a.set.Query)
	switch {
	case a.set.What == Own:
		q = "from:" + strconv.FormatInt(a.us, 10) + noReposts
	case a.set.What != Search:
		return network.Estimate{}, network.Refused.Unsent("X counts beforehand only what a search finds")
	}
	if a.set.BearerToken == "" {
		return network.Estimate{}, network.Refused.Unsent("X counts only for the app's own token: set bearer_token")
	}
	var counts struct {
		Data []struct {
			Posts  float64 `json:"post_count"`
			Tweets float64 `json:"tweet_count"`
		}
	}
	_, err := call(ctx, a.app, http.MethodGet, a.host+"/2/tweets/counts/recent?"+url.Values{"query": {q}, "granularity": {"day"}}.Encode(), a.bearer(), nil, &counts)
	if err != nil {
		return network.Estimate{}, typed(err)
	}
	a.owed.add(a.set.Prices.Count)
	total := 0.0
	for _, d := range counts.Data {
		total += max(d.Posts, d.Tweets)
	}
	perDay := total / 7
	price := a.set.Prices.Post
	if a.set.What == Own {
		price = a.set.Prices.Own
	}
	return network.Estimate{PerDay: perDay, Spend: perDay * price}, nil
}
