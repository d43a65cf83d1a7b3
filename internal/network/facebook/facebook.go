// Package facebook reads what people write on a Facebook page and under its
// posts, or in posts that tag the page, and answers as the page.
//
// Facebook lists a page's posts newest first, each with its comments. A new
// comment moves no post to the top, so the posts of the last days are read at
// each poll, and older ones not at all: their comments come by webhook, which
// also brings all others at once. Both ways tell the same posts under the same
// ids.
//
// The package stores nothing. It never likes, hides or sends messages.
package facebook

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/graph"
	"github.com/amends-care/amends/internal/network/newest"
)

// name is what posts of this network carry.
const name = "facebook"

// What a source reads.
const (
	Page   = "page"   // visitors' posts and all comments on the page
	Tagged = "tagged" // posts elsewhere that tag the page
)

// Settings are one source on Facebook.
type Settings struct {
	// Page is the page by its number.
	Page       string `yaml:"page"`
	graph.Keys `yaml:",inline"`
	// What is page or tagged.
	What string `yaml:"what"`
	// Back is how far back a new source reads; 0: from now.
	Back time.Duration `yaml:"back"`
	// Comments is how long after a post comments on it are polled for.
	Comments time.Duration `yaml:"comments"`
}

var pagePattern = regexp.MustCompile(`^[0-9]{4,20}$`)

// Validate implements [network.Settings].
func (s *Settings) Validate() error {
	wrong := s.Keys.Wrong()
	bad := func(format string, args ...any) { wrong = append(wrong, fmt.Errorf(format, args...)) }
	if !pagePattern.MatchString(s.Page) {
		bad("page: must be the page's number, from its About, Page transparency")
	}
	if s.What != Page && s.What != Tagged {
		bad("what: must be page or tagged, not %q", s.What)
	}
	return errors.Join(append(wrong, graph.WrongSpans(s.Back, "comments", s.Comments)...)...)
}

// Driver opens sources on Facebook.
func Driver() network.Driver {
	known := graph.NewKnown()
	return network.Driver{
		Name: name,
		Offer: network.Offer{
			Title:  "Facebook",
			Hears:  "Comments on a page's posts, or posts that tag it",
			Effort: network.NeedsApproval,
			Needs:  "The page, and an app at Meta that Meta has reviewed.",
			Begin:  map[string]string{"back": "7d"},
		},
		Settings: func() network.Settings { return &Settings{What: Page, Comments: 7 * 24 * time.Hour} },
		Open: network.Opening(func(s *Settings, c *http.Client) (*Account, error) {
			return &Account{
				graph: graph.New(base, s.Keys, c, known), us: s.Page, what: s.What,
				back: s.Back, comments: s.Comments, page: pageSize,
			}, nil
		}),
	}
}

// An Account is one source. Safe for concurrent use.
type Account struct {
	graph    *graph.Client
	us       string // the page
	what     string
	back     time.Duration
	comments time.Duration
	page     int         // posts to ask for at once
	told     newest.Once // what could not be read
}

const (
	base     = "https://graph.facebook.com/v24.0"
	pageSize = 25
	nested   = 50 // comments that come with a post
)

// The capabilities of an account.
var (
	_ network.Replier    = (*Account)(nil)
	_ network.Looker     = (*Account)(nil)
	_ network.Threader   = (*Account)(nil)
	_ network.Receiver   = (*Account)(nil)
	_ network.Challenger = (*Account)(nil)
	_ network.Withdrawer = (*Account)(nil)
	_ network.Mender     = (*Account)(nil)
)

// Poll implements [network.Account].
func (a *Account) Poll(ctx context.Context, cursor string) (network.Page, error) {
	return a.graph.Poll(ctx, cursor, newest.List{ID: a.what + "\x00" + a.us, Back: a.back, Overlap: a.comments, Fetch: a.fetch})
}

// What is asked for of posts and of comments.
const (
	commentFields = "id,from{id,name},message,created_time,permalink_url,parent{id},attachment{type,url}"
	postFields    = "id,from{id,name},message,created_time,permalink_url,shares,full_picture"
)

// fetch reads a page of posts with their comments.
func (a *Account) fetch(ctx context.Context, p newest.Place) (newest.Listing, error) {
	fields, edge := postFields, "/feed"
	if a.what == Tagged {
		edge = "/tagged"
	} else {
		fields += fmt.Sprintf(",comments.limit(%d).order(reverse_chronological).filter(stream){%s}", nested, commentFields)
	}
	page, served, err := a.graph.List(ctx, "/"+a.us+edge, fields, a.page, p.Token, nil)
	if err != nil {
		return newest.Listing{}, err
	}
	l := newest.Listing{Token: page.After(), Served: served}
	for i, raw := range page.Data {
		it, repaired, err := a.item(raw, "")
		if err != nil {
			if a.told.News(raw) { // it is read again
				l.Bad = append(l.Bad, network.BadItem{Reason: fmt.Sprintf("post %d of a page: %v", i+1, err)})
			}
			continue
		}
		at := it.Post.PostedAt
		l.Entries = append(l.Entries, newest.Entry{At: at, Item: it, Repaired: repaired})
		var with struct{ Comments graph.List }
		if json.Unmarshal(raw, &with) != nil {
			continue
		}
		var oldest time.Time // they come newest first
		enough := func() bool { return !oldest.IsZero() && oldest.Before(p.Bottom) }
		n := 0
		for raw, err := range a.graph.Rest(ctx, with.Comments, "/"+string(it.Post.Remote)+"/comments", commentFields, 100, maxThread, newestFirst("stream"), enough) {
			if err != nil {
				return newest.Listing{}, err
			}
			n++
			c, repaired, err := a.item(raw, string(it.Post.Remote))
			if err != nil {
				if a.told.News(raw) {
					l.Bad = append(l.Bad, network.BadItem{Reason: fmt.Sprintf("comment %d of post %d of a page: %v", n, i+1, err)})
				}
				continue
			}
			oldest = c.Post.PostedAt
			l.Entries = append(l.Entries, newest.Entry{At: at, Indexed: oldest, Item: c, Repaired: repaired})
		}
	}
	return l, nil
}

// maxThread is the most comments that are read of one post.
const maxThread = 2000

// newestFirst asks for comments on a post: on it alone (toplevel), or all that
// stand under it (stream).
func newestFirst(filter string) url.Values {
	return url.Values{"order": {"reverse_chronological"}, "filter": {filter}}
}

// isPost says that an id is a post's and not a comment's. A comment's begins
// with the number of its post, a post's with that of who has it on their page.
func (a *Account) isPost(id string) bool {
	return a.what == Tagged || strings.HasPrefix(id, a.us+"_")
}

// postOf is the post that a comment is under.
func (a *Account) postOf(id string) string {
	if a.isPost(id) {
		return id
	}
	post, _, _ := strings.Cut(id, "_")
	return a.us + "_" + post
}
