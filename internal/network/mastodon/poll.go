package mastodon

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/mattn/go-mastodon"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/newest"
)

// Poll implements [network.Account].
func (a *Account) Poll(ctx context.Context, cursor string) (network.Page, error) {
	ctx, tally := network.Metered(ctx)
	if a.Token != "" {
		if _, err := a.owner(ctx); err != nil {
			return network.Page{}, err
		}
	}
	l := newest.List{ID: a.What + "\x00" + a.Hashtag + "\x00" + a.Query + "\x00" + a.base + "\x00" + a.ourID(), Back: a.Back, Fetch: a.fetch}
	page, err := l.Poll(ctx, cursor)
	if err != nil {
		return network.Page{}, err
	}
	if err := a.thread(ctx, page.Items); err != nil {
		return network.Page{}, err
	}
	slices.SortStableFunc(page.Items, func(x, y network.Item) int { return x.Post.PostedAt.Compare(y.Post.PostedAt) })
	a.learn(ctx)
	page.Meter = tally.Meter()
	return page, nil
}

// fetch reads a page of the source's list. The server names a next page also
// after the last one, and a page may have gaps where it hides posts: of a page
// that is not full the next is read at once, which tells whether there is one.
func (a *Account) fetch(ctx context.Context, p newest.Place) (newest.Listing, error) {
	if p.Token != "" && !idPattern.MatchString(p.Token) {
		return newest.Listing{}, &network.Error{Fault: network.Malformed, Unsent: true, Again: true, Err: network.Explain("the stored cursor names no place in the list")}
	}
	l := newest.Listing{Token: p.Token}
	for range 3 {
		more, read, err := a.part(ctx, l.Token)
		if err != nil {
			return newest.Listing{}, err
		}
		more.Entries, more.Bad = append(l.Entries, more.Entries...), append(l.Bad, more.Bad...)
		l = more
		if read >= int(a.page) || l.Token == "" {
			break
		}
	}
	return l, nil
}

// part reads what the server gives at once, and says how many things that were.
func (a *Account) part(ctx context.Context, after string) (l newest.Listing, read int, err error) {
	// The library writes into the pagination that it is given: a fresh one each time.
	pg := &mastodon.Pagination{MaxID: mastodon.ID(after), Limit: a.page}
	var c call
	client := a.client(&c)
	switch a.What {
	case Mentions:
		l, err = a.mentions(ctx, client, &c, pg)
	case Hashtag:
		found, ferr := client.GetTimelineHashtag(ctx, a.Hashtag, false, pg)
		l, err = a.statuses(&c, found, ferr)
	case Own:
		found, ferr := client.GetAccountStatusesParams(ctx, mastodon.ID(a.ourID()), url.Values{"exclude_reblogs": {"true"}}, pg)
		l, err = a.statuses(&c, found, ferr)
	case Search:
		l, err = a.search(ctx, client, &c, pg)
	}
	if err != nil {
		return newest.Listing{}, 0, err
	}
	read = len(l.Entries) + len(l.Bad)
	if l.Served, l.Token = c.served, string(pg.MaxID); read == 0 || !idPattern.MatchString(l.Token) {
		l.Token = ""
	}
	return l, read, nil
}

// mentions reads a page of notifications. Those that the server would set apart
// as unwanted, of people it doesn't know well, are asked for too.
func (a *Account) mentions(ctx context.Context, client *mastodon.Client, c *call, pg *mastodon.Pagination) (newest.Listing, error) {
	c.extra = url.Values{"include_filtered": {"true"}, "types[]": {"mention"}}
	if a.known().quotes {
		c.extra.Add("types[]", "quote")
	}
	read, err := client.GetNotifications(ctx, pg)
	found, bad, err := list(c, read, err)
	if err != nil {
		return newest.Listing{}, err
	}
	l := a.listing(c, bad)
	for _, n := range found {
		if n.Status == nil || n.CreatedAt.IsZero() {
			l.Bad = append(l.Bad, network.BadItem{Reason: "a notification without its post"})
			continue
		}
		if e, ok := a.entry(&l, c, n.Status); ok {
			e.At = n.CreatedAt.UTC() // what this list is ordered by
			if n.Type == "quote" {
				e.Item.Post.Summoned = true
			}
			l.Entries = append(l.Entries, e)
		}
	}
	return l, nil
}

func (a *Account) search(ctx context.Context, client *mastodon.Client, c *call, pg *mastodon.Pagination) (newest.Listing, error) {
	c.extra = url.Values{"type": {"statuses"}, "limit": {strconv.FormatInt(pg.Limit, 10)}}
	if pg.MaxID != "" {
		c.extra.Set("max_id", string(pg.MaxID))
	}
	found, err := client.Search(ctx, a.Query, false)
	if err != nil {
		return newest.Listing{}, c.typed(err)
	}
	if found.Statuses == nil {
		return newest.Listing{}, network.Malformed.Because("the answer is no result of a search")
	}
	*pg = mastodon.Pagination{}
	if n := len(found.Statuses); n > 0 && found.Statuses[n-1] != nil {
		pg.MaxID = found.Statuses[n-1].ID
	}
	return a.statuses(c, found.Statuses, nil)
}

func (a *Account) statuses(c *call, read []*mastodon.Status, err error) (newest.Listing, error) {
	found, bad, err := list(c, read, err)
	if err != nil {
		return newest.Listing{}, err
	}
	l := a.listing(c, bad)
	for _, s := range found {
		if e, ok := a.entry(&l, c, s); ok {
			l.Entries = append(l.Entries, e)
		}
	}
	return l, nil
}

func (a *Account) listing(c *call, bad int) (l newest.Listing) {
	for range bad {
		l.Bad = append(l.Bad, network.BadItem{Reason: "a post has another form than the network describes"})
	}
	return l
}

// entry makes an entry of a status; one that can't be read is told as bad.
func (a *Account) entry(l *newest.Listing, c *call, s *mastodon.Status) (newest.Entry, bool) {
	p, err := a.read(s)
	if err != nil {
		l.Bad = append(l.Bad, network.BadItem{Reason: fmt.Sprintf("a post can't be told: %v", err)})
		return newest.Entry{}, false
	}
	e := newest.Entry{At: p.PostedAt, Item: a.item(p, string(s.Account.ID)), Repaired: c.repaired()}
	e.None = s.Reblog != nil
	return e, true
}

// thread finds the beginning of the threads that the posts of a page belong to.
// What was found is remembered, so a page that failed half-way costs less when
// it is read again.
func (a *Account) thread(ctx context.Context, items []network.Item) error {
	for i := range items {
		p := &items[i].Post
		id, _ := a.local(p.Remote)
		parent, ok := a.local(p.InReplyTo)
		if !ok {
			continue
		}
		root, known := a.root(id, parent)
		if !known {
			var c call
			around, err := a.client(&c).GetStatusContext(ctx, mastodon.ID(id))
			if e, ok := errors.AsType[*network.Error](c.typed(err)); ok {
				if e.Fault != network.Gone && e.Fault != network.Refused {
					return e
				}
				around = &mastodon.Context{} // deleted meanwhile, or only for its people
			} else if err != nil {
				return c.typed(err)
			}
			root = a.around(id, parent, around)
		}
		p.Thread = a.remote(root)
	}
	return nil
}

// root is what is remembered of a thread's beginning.
func (s *server) root(id, parent string) (string, bool) {
	if root, ok := s.roots.Get(id); ok {
		return root, true
	}
	root, ok := s.roots.Get(parent)
	if ok {
		s.roots.Add(id, root)
	}
	return root, ok
}

// around remembers which post began a thread: the first that stands above.
func (s *server) around(id, parent string, c *mastodon.Context) (root string) {
	root = parent
	if parent == "" {
		root = id
	}
	for _, st := range c.Ancestors {
		if st != nil && idPattern.MatchString(string(st.ID)) {
			root = string(st.ID)
			break
		}
	}
	s.roots.Add(id, root)
	for _, st := range slices.Concat(c.Ancestors, c.Descendants) {
		if st != nil && idPattern.MatchString(string(st.ID)) {
			s.roots.Add(string(st.ID), root)
		}
	}
	return root
}

// tell makes posts of statuses, oldest first; what can't be read is left out.
func (s *server) tell(all []*mastodon.Status) []care.Post {
	var posts []care.Post
	for _, st := range all {
		if st == nil {
			continue
		}
		if p, err := s.read(st); err == nil {
			posts = append(posts, p)
		}
	}
	slices.SortStableFunc(posts, func(a, b care.Post) int { return a.PostedAt.Compare(b.PostedAt) })
	return posts
}

// waiting is how far clocks may be apart, and a slow server late.
const waiting = 2 * time.Minute
