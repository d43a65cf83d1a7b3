package play

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

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/newest"
)

// The capabilities of an account.
var (
	_ network.Replier  = (*Account)(nil)
	_ network.Looker   = (*Account)(nil)
	_ network.Threader = (*Account)(nil)
	_ network.Mender   = (*Account)(nil)
)

// Poll implements [network.Account]. All that Google shows is read again once an
// hour, for answers that were given by hand.
func (a *Account) Poll(ctx context.Context, cursor string) (network.Page, error) {
	ctx, tally := network.Metered(ctx)
	list := newest.List{ID: a.app, Back: a.back, Deep: reach, Reach: reach, Fetch: a.fetch, Forgot: forgot}
	page, err := list.Poll(ctx, cursor)
	if err != nil {
		return network.Page{}, err
	}
	slices.SortStableFunc(page.Items, func(x, y network.Item) int { return x.Post.PostedAt.Compare(y.Post.PostedAt) })
	page.Meter = tally.Meter()
	return page, nil
}

// forgot says that Google does not take its own token any more.
func forgot(p newest.Place, err error) bool {
	e, ok := errors.AsType[*network.Error](err)
	return ok && p.Token != "" && e.Status == http.StatusBadRequest
}

func (a *Account) fetch(ctx context.Context, p newest.Place) (newest.Listing, error) {
	params := url.Values{"maxResults": {strconv.Itoa(a.page)}}
	if p.Token != "" {
		params.Set("token", p.Token)
	}
	var page struct {
		Reviews         []json.RawMessage
		TokenPagination struct{ NextPageToken string }
	}
	served, err := a.call(ctx, http.MethodGet, "", params, nil, &page)
	if err != nil {
		return newest.Listing{}, err
	}
	l := newest.Listing{Token: page.TokenPagination.NextPageToken, Served: served}
	for i, raw := range page.Reviews { // none: an empty object
		r, err := a.read(raw)
		if err != nil {
			if a.told.News(raw) { // it is read again
				l.Bad = append(l.Bad, network.BadItem{Reason: fmt.Sprintf("review %d of a page: %v", i+1, err)})
			}
			continue
		}
		l.Entries = append(l.Entries, newest.Entry{At: r.changed, Item: r.review, Repaired: r.repaired})
		if r.answer != nil {
			l.Entries = append(l.Entries, newest.Entry{At: r.changed, Indexed: r.answer.Post.PostedAt, Item: *r.answer})
		}
	}
	return l, nil
}

// review reads one as it is now; ok is false when it is gone.
func (a *Account) review(ctx context.Context, id string) (r reading, ok bool, err error) {
	var raw json.RawMessage
	_, err = a.call(ctx, http.MethodGet, "/"+url.PathEscape(id), nil, nil, &raw)
	if e, typed := errors.AsType[*network.Error](err); typed && e.Status == http.StatusNotFound {
		return r, false, nil
	}
	if err != nil {
		return r, false, err
	}
	if r, err = a.read(raw); err != nil {
		return r, false, &network.Error{Fault: network.Malformed, Err: err}
	}
	return r, true, nil
}

// Look implements [network.Looker]. Google gives one review a call.
func (a *Account) Look(ctx context.Context, ids []care.Remote) ([]network.Item, error) {
	type seen struct {
		r  reading
		ok bool
	}
	found := map[string]seen{}
	items := make([]network.Item, len(ids))
	for i, id := range ids {
		one, answer, ok := splitID(id)
		if !ok {
			return nil, network.Malformed.Unsent("an id is not a Google Play review's")
		}
		s, known := found[one]
		if !known {
			var err error
			if s.r, s.ok, err = a.review(ctx, one); err != nil {
				return nil, err
			}
			found[one] = s
		}
		switch {
		case s.ok && !answer:
			items[i] = s.r.review
		case s.ok && s.r.answer != nil:
			items[i] = *s.r.answer
		default:
			items[i] = network.Deletion(name, id)
		}
	}
	return items, nil
}

// Thread implements [network.Threader]: the review and the answer to it.
func (a *Account) Thread(ctx context.Context, id care.Remote) ([]care.Post, error) {
	one, _, ok := splitID(id)
	if !ok {
		return nil, network.Malformed.Unsent("the id is not a Google Play review's")
	}
	r, ok, err := a.review(ctx, one)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, network.Gone.Because("the review is gone")
	}
	posts := []care.Post{r.review.Post}
	if r.answer != nil {
		posts = append(posts, r.answer.Post)
	}
	slices.SortStableFunc(posts, func(x, y care.Post) int { return x.PostedAt.Compare(y.PostedAt) })
	return posts, nil
}

// instantOf is when an answer took effect; zero when Google doesn't say.
func instantOf(s *stamp) time.Time {
	at, _ := s.instant()
	return at
}
