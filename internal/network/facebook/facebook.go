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
	Page string `yaml:"page"`
	// AppID and AppSecret are the app's, made at developers.facebook.com.
	AppID     string         `yaml:"app_id"`
	AppSecret network.Secret `yaml:"app_secret"`
	// Token is a page access token.
	Token network.Secret `yaml:"token"`
	// VerifyToken is a word of your own that Meta asks for when the webhook is set up.
	VerifyToken network.Secret `yaml:"verify_token"`
	// What is page or tagged.
	What string `yaml:"what"`
	// Back is how far back a new source reads; 0: from now.
	Back time.Duration `yaml:"back"`
	// Comments is how long after a post comments on it are polled for.
	Comments time.Duration `yaml:"comments"`
}

const (
	maxBack     = 90 * 24 * time.Hour
	maxComments = 90 * 24 * time.Hour
)

var pagePattern = regexp.MustCompile(`^[0-9]{4,20}$`)

func (s *Settings) keys() graph.Keys {
	return graph.Keys{AppID: s.AppID, AppSecret: s.AppSecret, Token: s.Token, VerifyToken: s.VerifyToken}
}

// Validate implements [network.Settings].
func (s *Settings) Validate() error {
	keys := s.keys()
	wrong := keys.Validate()
	bad := func(format string, args ...any) { wrong = append(wrong, fmt.Errorf(format, args...)) }
	if !pagePattern.MatchString(s.Page) {
		bad("page: must be the page's number, from its About, Page transparency")
	}
	if s.What != Page && s.What != Tagged {
		bad("what: must be page or tagged, not %q", s.What)
	}
	if s.Back < 0 || s.Back > maxBack {
		bad("back: must be between 0 and 90 days")
	}
	if s.Comments < time.Hour || s.Comments > maxComments {
		bad("comments: must be between an hour and 90 days")
	}
	return errors.Join(wrong...)
}

// Driver opens sources on Facebook.
func Driver() network.Driver {
	known := graph.NewKnown()
	return network.Driver{
		Name:     name,
		Settings: func() network.Settings { return &Settings{What: Page, Comments: 7 * 24 * time.Hour} },
		Open: network.Opening(func(s *Settings, c *http.Client) (*Account, error) {
			return &Account{
				graph: graph.New(base, s.keys(), c, known), us: s.Page, what: s.What,
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
	params := url.Values{"fields": {fields}, "limit": {fmt.Sprint(a.page)}}
	if p.Token != "" {
		params.Set("after", p.Token)
	}
	var page graph.List
	served, err := a.graph.Read(ctx, "/"+a.us+edge, params, &page)
	if err != nil {
		return newest.Listing{}, err
	}
	if page.Data == nil {
		return newest.Listing{}, graph.Unlisted()
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
		some := with.Comments
		for n := 0; ; {
			var oldest time.Time
			for _, raw := range some.Data {
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
			after := some.After()
			if after == "" || n >= maxThread || !oldest.IsZero() && oldest.Before(p.Bottom) {
				break
			}
			if some, err = a.commentsOf(ctx, string(it.Post.Remote), "reverse_chronological", "stream", after); err != nil {
				return newest.Listing{}, err
			}
		}
	}
	return l, nil
}

// maxThread is the most comments that are read of one post.
const maxThread = 2000

// commentsOf reads a page of comments.
func (a *Account) commentsOf(ctx context.Context, id, order, filter, after string) (graph.List, error) {
	params := url.Values{"fields": {commentFields}, "order": {order}, "filter": {filter}, "limit": {"100"}}
	if after != "" {
		params.Set("after", after)
	}
	var page graph.List
	_, err := a.graph.Read(ctx, "/"+id+"/comments", params, &page)
	if err == nil && page.Data == nil {
		err = graph.Unlisted()
	}
	return page, err
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
