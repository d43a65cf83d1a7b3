// Package threads reads the replies to an account's own threads, the posts that
// mention it, or a search of what is public, and answers under all of them.
//
// Under a thread of ours, each reply to it begins a talk of its own, with the
// replies to that one; the thread itself is not read. A new reply moves no
// thread to the top, so those of the last days are read at each poll; replies to
// older ones come by webhook, which also brings all others at once.
//
// The package stores nothing. It never likes, hides, reposts or quotes.
package threads

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
	"unicode/utf8"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/graph"
	"github.com/amends-care/amends/internal/network/newest"
)

// name is what posts of this network carry.
const name = "threads"

// What a source reads.
const (
	Replies  = "replies"  // to the account's own threads
	Mentions = "mentions" // public posts that name the account
	Search   = "search"   // public posts with some words
)

// Settings are one source on Threads.
type Settings struct {
	// Account is the account by its number.
	Account string `yaml:"account"`
	// Username is its name without @.
	Username   string `yaml:"username"`
	graph.Keys `yaml:",inline"`
	// What is replies, mentions or search.
	What string `yaml:"what"`
	// Query is what to search for.
	Query string `yaml:"query"`
	// Back is how far back a new source reads; 0: from now.
	Back time.Duration `yaml:"back"`
	// Replies is how long after a thread replies to it are polled for.
	Replies time.Duration `yaml:"replies"`
}

const (
	maxQuery = 256 // bytes
)

var (
	idPattern   = regexp.MustCompile(`^[0-9]{1,24}$`)
	userPattern = regexp.MustCompile(`^[a-zA-Z0-9._]{1,30}$`)
)

// keys are those of the Graph API. On Threads a token is looked into with a
// user's and not with the app's.
func (s *Settings) keys() graph.Keys {
	k := s.Keys
	k.Inspector, k.Renewal = s.Token, renewal
	return k
}

// Validate implements [network.Settings].
func (s *Settings) Validate() error {
	wrong := s.Keys.Wrong()
	bad := func(format string, args ...any) { wrong = append(wrong, fmt.Errorf(format, args...)) }
	if !idPattern.MatchString(s.Account) {
		bad("account: must be the account's number: the id that GET /me gives")
	}
	if !userPattern.MatchString(s.Username) {
		bad("username: must be the account's name, without @")
	}
	switch s.What {
	case Replies, Mentions:
		if s.Query != "" {
			bad("query: only with what: search")
		}
	case Search:
		if strings.TrimSpace(s.Query) == "" || len(s.Query) > maxQuery || !utf8.ValidString(s.Query) {
			bad("query: must be what to search for, at most 256 bytes")
		}
	default:
		bad("what: must be replies, mentions or search, not %q", s.What)
	}
	return errors.Join(append(wrong, graph.WrongSpans(s.Back, "replies", s.Replies)...)...)
}

// Driver opens sources on Threads.
func Driver() network.Driver {
	known := graph.NewKnown()
	return network.Driver{
		Name: name,
		Offer: network.Offer{
			Title:  "Threads",
			Hears:  "Replies to an account, mentions, or a search",
			Effort: network.NeedsApproval,
			Needs:  "An account, and an app at Meta that Meta has reviewed.",
			Begin:  map[string]string{"back": "7d"},
		},
		Settings: func() network.Settings { return &Settings{What: Replies, Replies: 7 * 24 * time.Hour} },
		Open: network.Opening(func(s *Settings, c *http.Client) (*Account, error) {
			return &Account{
				graph: graph.New(base, s.keys(), c, known), us: s.Account, username: s.Username,
				names: naming(s.Username), what: s.What, query: s.Query, back: s.Back,
				replies: s.Replies, page: pageSize,
			}, nil
		}),
	}
}

// An Account is one source. Safe for concurrent use.
type Account struct {
	graph    *graph.Client
	us       string
	username string
	names    *regexp.Regexp // @ and our name in a text
	what     string
	query    string
	back     time.Duration
	replies  time.Duration
	page     int         // posts to ask for at once
	told     newest.Once // what could not be read
}

const (
	base     = "https://graph.threads.net/v1.0"
	renewal  = "https://graph.threads.net/refresh_access_token"
	pageSize = 25
)

// naming finds an account named in a text.
func naming(username string) *regexp.Regexp {
	return regexp.MustCompile(`(?i)(^|[^\pL\pN._@])@` + regexp.QuoteMeta(username) + `($|[^\pL\pN._]|\.($|[^\pL\pN._]))`)
}

// The capabilities of an account.
var (
	_ network.Replier    = (*Account)(nil)
	_ network.Looker     = (*Account)(nil)
	_ network.Threader   = (*Account)(nil)
	_ network.Receiver   = (*Account)(nil)
	_ network.Challenger = (*Account)(nil)
	_ network.Withdrawer = (*Account)(nil)
)

// Poll implements [network.Account].
func (a *Account) Poll(ctx context.Context, cursor string) (network.Page, error) {
	list := newest.List{ID: a.what + "\x00" + a.us + "\x00" + a.query, Back: a.back, Overlap: newest.Overlap, Fetch: a.fetch}
	if a.what == Replies {
		list.Overlap, list.Fetch = a.replies, a.fetchReplies
	}
	return a.graph.Poll(ctx, cursor, list)
}

// postFields are what is asked for of posts.
const postFields = "id,text,username,timestamp,permalink,media_type,media_url,alt_text,root_post,replied_to"

// fetch reads a page of mentions, or of a search.
func (a *Account) fetch(ctx context.Context, p newest.Place) (newest.Listing, error) {
	path, params := "/"+a.us+"/mentions", url.Values(nil)
	if a.what == Search {
		path, params = "/keyword_search", url.Values{"q": {a.query}, "search_type": {"RECENT"}}
	}
	page, served, err := a.graph.List(ctx, path, postFields, a.page, p.Token, params)
	if err != nil {
		return newest.Listing{}, err
	}
	l := newest.Listing{Token: page.After(), Served: served}
	for i, raw := range page.Data {
		it, n, err := a.item(raw)
		switch {
		case err != nil:
			a.bad(&l, raw, fmt.Errorf("post %d of a page: %w", i+1, err))
		default:
			l.Entries = append(l.Entries, newest.Entry{At: it.Post.PostedAt, Item: it, None: n.MediaType == repost, Repaired: !utf8.Valid(raw)})
		}
	}
	return l, nil
}

// fetchReplies reads a page of our own threads with the replies to them.
func (a *Account) fetchReplies(ctx context.Context, p newest.Place) (newest.Listing, error) {
	page, served, err := a.graph.List(ctx, "/"+a.us+"/threads", "id,timestamp,has_replies", a.page, p.Token, nil)
	if err != nil {
		return newest.Listing{}, err
	}
	bottom := p.Bottom
	if bottom.IsZero() { // a new source: no call for what it won't tell
		bottom = time.Now().Add(-a.back - a.replies - newest.Overlap)
	}
	l := newest.Listing{Token: page.After(), Served: served}
	for i, raw := range page.Data {
		var n node
		known := json.Unmarshal(raw, &n) == nil && idPattern.MatchString(n.ID)
		at, dated := graph.Instant(n.Timestamp)
		if !known || !dated {
			a.bad(&l, raw, fmt.Errorf("thread %d of a page: %w", i+1, unreadable("not a thread as the API describes them")))
			continue
		}
		l.Entries = append(l.Entries, newest.Entry{At: at, None: true}) // ours; it counts for the order
		if n.HasReplies != nil && !*n.HasReplies || at.Before(bottom) {
			continue
		}
		talk, err := a.talk(ctx, n.ID)
		if err != nil {
			return newest.Listing{}, err
		}
		for _, b := range talk.bad {
			a.bad(&l, b.raw, fmt.Errorf("thread %d of a page: %w", i+1, b.err))
		}
		for _, s := range talk.said {
			l.Entries = append(l.Entries, newest.Entry{At: at, Indexed: s.item.Post.PostedAt, Item: s.item, Repaired: s.repaired})
		}
	}
	return l, nil
}

// bad notes what can't be read, once: it is read again.
func (a *Account) bad(l *newest.Listing, raw []byte, err error) {
	if a.told.News(raw) {
		l.Bad = append(l.Bad, network.BadItem{Reason: err.Error()})
	}
}

// May implements [network.Replier]. Under others' threads an account may answer
// that has the right to read mentions or to search, which such a source has.
func (a *Account) May(p care.Post, _ time.Time) care.Permission {
	length := care.Length{Max: maxLength, Unit: "characters"}
	switch {
	case p.Network != name || !idPattern.MatchString(string(p.Remote)):
		return care.Permission{How: care.ByNone, Why: "This is not a post on Threads."}
	case a.what == Replies:
		return care.Permission{How: care.ByAPI, Why: "Threads lets an account answer under its own threads.", Length: length}
	}
	return care.Permission{How: care.ByAPI, Why: "Threads lets an account answer public posts that it found as a mention or by a search, unless the author has limited who may.", Length: length}
}
