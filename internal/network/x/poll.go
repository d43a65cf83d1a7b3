package x

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	//lint:ignore SA1019 deprecated by its author and wanted here: see ADR 11
	"github.com/dghubble/go-twitter/twitter"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/newest"
)

// How much of a list X shows. A few less than it says, since posts that were
// deleted count there and not here.
const (
	mostMentions = 780
	mostOwn      = 3180
)

// overlap is read again below where the last scan began.
const overlap = 2 * time.Minute

// Poll implements [network.Account].
func (a *Account) Poll(ctx context.Context, cursor string) (network.Page, error) {
	ctx, tally := network.Metered(ctx)
	var cost bill
	ctx = billed(ctx, &cost)
	list := newest.List{ID: a.listID(), Back: a.set.Back, Overlap: overlap, Deep: -1, Fetch: a.fetch}
	switch a.set.What {
	case Search:
		list.Reach = reach - 5*time.Minute // what is asked for must still be in it when it is asked
	case Mentions:
		list.Most = mostMentions
	case Own:
		list.Most = mostOwn
	case Messages:
		list.Fetch, list.Forgot, list.Reach = a.fetchMessages, forgot, messagesReach
	}
	page, err := list.Poll(ctx, cursor)
	if err != nil {
		a.owed.add(cost.settle())
		return network.Page{}, typed(err)
	}
	page.Meter = tally.Meter()
	page.Meter.Spend = cost.settle() + a.owed.settle()
	return page, nil
}

// listID tells lists apart.
func (a *Account) listID() string {
	return a.set.What + "\x00" + a.set.Query + "\x00" + strconv.FormatInt(a.us, 10) + "\x00" + a.set.Mode
}

// fetch reads a page of posts. A place in the list is the greatest id that is
// still to be read, which X can't forget.
func (a *Account) fetch(ctx context.Context, p newest.Place) (newest.Listing, error) {
	now := time.Now()
	var since, top int64
	if !p.Bottom.IsZero() {
		since = idBefore(p.Bottom)
	}
	if p.Token != "" {
		var err error
		if top, err = strconv.ParseInt(p.Token, 10, 64); err != nil || top <= 0 {
			return newest.Listing{}, &network.Error{Fault: network.Malformed, Unsent: true, Again: true, Err: network.Explain("the stored place in the list is no id")}
		}
	}
	if a.set.What == Search { // X refuses ids that are out of its reach
		edge := now.Add(-reach + time.Minute)
		if since < idBefore(edge) {
			since = 0
		}
		if top > 0 && top < idBefore(edge) {
			return newest.Listing{}, nil
		}
	}
	count := a.page
	if p.Bottom.IsZero() && a.set.Back == 0 {
		count = 1 // a new source that reads from now needs the list's top and nothing else
	}
	tweets, resp, err := a.list(ctx, count, since, top)
	if err != nil {
		return newest.Listing{}, typed(err)
	}
	served, _ := http.ParseTime(resp.Header.Get("Date"))
	l := newest.Listing{Served: served}
	goesOn := resp.Header.Get(more) != ""
	lowest := lowestID(tweets)
	if a.set.Mode == V1 && lowest > 1 { // which doesn't tell; a page may be short for what was left out of it
		rest, _, err := a.list(ctx, 1, since, lowest-1)
		if err != nil {
			return newest.Listing{}, typed(err)
		}
		goesOn = len(rest) > 0
	}
	readings, bad := a.readAll(tweets)
	l.Bad = bad
	if err := a.thread(ctx, readings); err != nil {
		return newest.Listing{}, err
	}
	for _, r := range readings {
		l.Entries = append(l.Entries, a.entry(r))
	}
	if goesOn {
		if lowest <= 1 {
			return newest.Listing{}, network.Malformed.Because("the list does not say where it goes on")
		}
		l.Token = strconv.FormatInt(lowest-1, 10)
	}
	return l, nil
}

func lowestID(tweets []twitter.Tweet) (lowest int64) {
	for i := range tweets {
		if id := tweets[i].ID; id > 0 && (lowest == 0 || id < lowest) {
			lowest = id
		}
	}
	return lowest
}

// entry makes an entry of a post. Mentions are told by X itself, so they
// address us also where the text doesn't show it.
func (a *Account) entry(r reading) newest.Entry {
	e := newest.Entry{At: r.at, Repaired: r.repaired, None: r.repost}
	it := a.item(r)
	switch a.set.What {
	case Mentions:
		it.Post.Summoned = !it.Own
	case Own:
		e.None = e.None || !it.Own
	}
	if !e.None {
		e.Item = it
	}
	return e
}

// list makes the call that reads a page.
func (a *Account) list(ctx context.Context, count int, since, top int64) ([]twitter.Tweet, *http.Response, error) {
	client := a.twitter(ctx)
	const mode = "extended"
	switch a.set.What {
	case Mentions:
		return client.Timelines.MentionTimeline(&twitter.MentionTimelineParams{Count: count, SinceID: since, MaxID: top, TweetMode: mode})
	case Own:
		return client.Timelines.UserTimeline(&twitter.UserTimelineParams{
			UserID: a.us, Count: count, SinceID: since, MaxID: top, TweetMode: mode, IncludeRetweets: twitter.Bool(false)})
	default:
		found, resp, err := client.Search.Tweets(&twitter.SearchTweetParams{
			Query: query(a.set.Query), Count: count, SinceID: since, MaxID: top, TweetMode: mode, ResultType: "recent"})
		if err != nil {
			return nil, resp, err
		}
		return found.Statuses, resp, nil
	}
}

// readAll reads tweets; what can't be read is told once, though the overlap
// brings it again.
func (a *Account) readAll(tweets []twitter.Tweet) (all []reading, bad []network.BadItem) {
	for i := range tweets {
		r, err := read(&tweets[i], a.us)
		if err != nil {
			if a.memo.news(tweets[i].IDStr + " " + tweets[i].FullText) {
				bad = append(bad, network.BadItem{Reason: fmt.Sprintf("post %d of a page: %v", i+1, err)})
			}
			continue
		}
		all = append(all, r)
	}
	return all, bad
}

// The bounds of following answers up to where their thread begins.
const (
	maxHeight = 20
	maxLookup = 100 // ids in one call
)

// thread finds where the threads of answers begin when X doesn't tell, as v1.1
// doesn't: it follows the parents up. What is gone ends the way.
func (a *Account) thread(ctx context.Context, all []reading) error {
	for height := 0; ; height++ {
		var ask []int64
		for i := range all {
			r := &all[i]
			if r.threaded {
				continue
			}
			a.memo.placed(r.post.Remote, r.post.InReplyTo)
			root, known := a.memo.root(r.post.Remote)
			r.post.Thread = root
			if id, err := strconv.ParseInt(string(root), 10, 64); !known && err == nil && !slices.Contains(ask, id) {
				ask = append(ask, id)
			}
		}
		if len(ask) == 0 || height == maxHeight {
			return nil
		}
		for some := range slices.Chunk(ask, maxLookup) {
			parents, _, err := a.twitter(ctx).Statuses.Lookup(some, &twitter.StatusLookupParams{TweetMode: "extended"})
			if err != nil {
				return typed(err)
			}
			for i := range parents {
				if r, err := read(&parents[i], a.us); err == nil {
					a.memo.placed(r.post.Remote, r.post.InReplyTo)
				}
			}
			for _, id := range some {
				a.memo.top(care.Remote(strconv.FormatInt(id, 10)))
			}
		}
	}
}

// forgot says that X refused a place of its own.
func forgot(_ newest.Place, err error) bool {
	e, ok := errors.AsType[*network.Error](err)
	return ok && e.Status == http.StatusBadRequest && e.Fault == network.Malformed
}

// A memo is what an account remembers to save calls. It is bounded, never
// stored, and may be lost at any time: nothing that matters depends on it.
type memo struct {
	mu      sync.Mutex
	parents map[care.Remote]care.Remote // of posts; empty: it starts a thread
	bad     map[string]bool
}

const memoSize = 20_000

func newMemo() *memo { return &memo{parents: map[care.Remote]care.Remote{}, bad: map[string]bool{}} }

// placed notes what a post answers.
func (m *memo) placed(id, parent care.Remote) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.parents) >= memoSize {
		clear(m.parents)
	}
	m.parents[id] = parent
}

// top notes that nothing is known above a post that was looked for.
func (m *memo) top(id care.Remote) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, known := m.parents[id]; !known {
		m.parents[id] = ""
	}
}

// root is the highest post above one; known: nothing is above it.
func (m *memo) root(id care.Remote) (root care.Remote, known bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for range memoSize { // strangers' ids may go round in a circle
		parent, ok := m.parents[id]
		if !ok || parent == "" {
			return id, ok
		}
		id = parent
	}
	return id, true
}

// news says whether something is met for the first time.
func (m *memo) news(key string) bool {
	key = fingerprint([]byte(key))
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.bad[key] {
		return false
	}
	if len(m.bad) >= memoSize {
		clear(m.bad)
	}
	m.bad[key] = true
	return true
}
