// Package instagram reads the comments on a professional account's own media,
// or the media of others in which it is tagged, and answers comments.
//
// A thread is a comment and the answers to it; the picture or film that it is
// under is a link beside it. A new comment moves no medium to the top, so the
// media of the last days are read at each poll; comments on older ones come by
// webhook, which also brings all others at once.
//
// The package stores nothing. It never likes, hides or sends messages.
package instagram

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
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
const name = "instagram"

// What a source reads.
const (
	Comments = "comments" // on the account's own media
	Tagged   = "tagged"   // media of others in which it is tagged
)

// Settings are one source on Instagram.
type Settings struct {
	// Account is the professional account by its number.
	Account string `yaml:"account"`
	// Username is its name without @.
	Username   string `yaml:"username"`
	graph.Keys `yaml:",inline"`
	// What is comments or tagged.
	What string `yaml:"what"`
	// Back is how far back a new source reads; 0: from now.
	Back time.Duration `yaml:"back"`
	// Comments is how long after a medium comments on it are polled for.
	Comments time.Duration `yaml:"comments"`
}

var (
	idPattern   = regexp.MustCompile(`^[0-9]{1,24}$`)
	userPattern = regexp.MustCompile(`^[a-zA-Z0-9._]{1,30}$`)
)

// Validate implements [network.Settings].
func (s *Settings) Validate() error {
	wrong := s.Keys.Wrong()
	bad := func(format string, args ...any) { wrong = append(wrong, fmt.Errorf(format, args...)) }
	if !idPattern.MatchString(s.Account) {
		bad("account: must be the account's number: instagram_business_account of its page")
	}
	if !userPattern.MatchString(s.Username) {
		bad("username: must be the account's name, without @")
	}
	if s.What != Comments && s.What != Tagged {
		bad("what: must be comments or tagged, not %q", s.What)
	}
	return errors.Join(append(wrong, graph.WrongSpans(s.Back, "comments", s.Comments)...)...)
}

// Driver opens sources on Instagram.
func Driver() network.Driver {
	known := graph.NewKnown()
	return network.Driver{
		Name: name,
		Offer: network.Offer{
			Title:  "Instagram",
			Hears:  "Comments on a professional account's media, or media that tag it",
			Effort: network.NeedsApproval,
			Needs:  "A professional account tied to a Facebook page, and an app at Meta that Meta has reviewed.",
			Begin:  map[string]string{"back": "7d"},
		},
		Settings: func() network.Settings { return &Settings{What: Comments, Comments: 7 * 24 * time.Hour} },
		Open: network.Opening(func(s *Settings, c *http.Client) (*Account, error) {
			return &Account{
				graph: graph.New(base, s.Keys, c, known), us: s.Account, username: s.Username,
				what: s.What, back: s.Back, comments: s.Comments, page: pageSize,
			}, nil
		}),
	}
}

// An Account is one source. Safe for concurrent use.
type Account struct {
	graph    *graph.Client
	us       string
	username string
	what     string
	back     time.Duration
	comments time.Duration
	page     int         // media to ask for at once
	told     newest.Once // what could not be read
}

const (
	base     = "https://graph.facebook.com/v24.0"
	pageSize = 25
)

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
	list := newest.List{ID: a.what + "\x00" + a.us, Back: a.back, Overlap: a.comments, Fetch: a.fetch}
	if a.what == Tagged {
		list.Overlap = newest.Overlap
	}
	return a.graph.Poll(ctx, cursor, list)
}

// Most that is kept of what strangers wrote, in bytes.
const (
	maxText = 16 << 10
	maxURL  = 4 << 10
)

// A node is a comment, or a medium in which we are tagged.
type node struct {
	ID        string
	Text      string // of a comment
	Caption   string // of a medium
	Timestamp string
	Username  string
	From      *struct{ ID, Username string }
	ParentID  string `json:"parent_id"` // of an answer
	Permalink string // of a medium
	Media     *struct{ ID, Permalink string }
	Comments  graph.List // of a medium
	Replies   graph.List // of a comment
}

// unreadable is why something can't be told.
type unreadable string

func (u unreadable) Error() string { return string(u) }

// item makes an item of a node; permalink is that of the medium it is under.
func (a *Account) item(raw json.RawMessage, parent, permalink string) (it network.Item, n node, err error) {
	if json.Unmarshal(raw, &n) != nil {
		return it, n, unreadable("not a comment or medium as Instagram describes them")
	}
	at, ok := graph.Instant(n.Timestamp)
	if !ok {
		return it, n, unreadable("the time is missing")
	}
	if n.ParentID == "" {
		n.ParentID = parent
	}
	if n.Media != nil && permalink == "" {
		permalink = n.Media.Permalink
	}
	it, err = a.post(&n, at, permalink)
	return it, n, err
}

func (a *Account) post(n *node, at time.Time, permalink string) (it network.Item, err error) {
	if !idPattern.MatchString(n.ID) {
		return it, unreadable("the id is no number")
	}
	text := n.Text
	if a.what == Tagged {
		text, permalink = n.Caption, n.Permalink
	}
	text = network.Clip(strings.ToValidUTF8(text, "\uFFFD"), maxText)
	p := care.Post{
		Network: name, Remote: care.Remote(n.ID), Kind: care.PostPublic, Text: text, PostedAt: at, Thread: care.Remote(n.ID),
		Author: author(n),
	}
	if a.what == Tagged {
		p.Revision = care.Remote(graph.Version(text)) // a caption can be changed, a comment can't
	} else if idPattern.MatchString(n.ParentID) && n.ParentID != n.ID {
		p.InReplyTo, p.Thread = care.Remote(n.ParentID), care.Remote(n.ParentID)
	}
	if len(permalink) <= maxURL && strings.HasPrefix(permalink, "https://") {
		p.URL = permalink
		if a.what == Comments {
			p.URL = strings.TrimSuffix(permalink, "/") + "/c/" + n.ID + "/"
			p.Links = []care.Link{{URL: permalink, Kind: "link"}}
		}
	}
	it.Kind, it.Own = network.Seen, p.Author.ID == a.us || strings.EqualFold(p.Author.Handle, a.username)
	p.Summoned = !it.Own // it stands under our medium, or tags us
	it.Post = p
	return it, nil
}

// author is known by Instagram's number where it tells one, else by the name.
func author(n *node) care.Author {
	a := care.Author{Handle: n.Username}
	if n.From != nil {
		a.ID = n.From.ID
		if n.From.Username != "" {
			a.Handle = n.From.Username
		}
	}
	if !userPattern.MatchString(a.Handle) {
		a.Handle = ""
	}
	switch {
	case idPattern.MatchString(a.ID):
	case a.Handle != "":
		a.ID = "name/" + strings.ToLower(a.Handle)
	default:
		a.ID = "post/" + n.ID
	}
	return a
}

// What is asked for of comments.
const (
	answerFields  = "id,text,timestamp,username,from{id,username},parent_id"
	commentFields = answerFields + ",replies.limit(50){" + answerFields + "}"
	lookFields    = answerFields + ",media{id,permalink}"
	taggedFields  = "id,caption,timestamp,username,permalink"
)

const (
	nested    = 50   // that are asked for at once of what stands under another
	maxThread = 2000 // comments that are read of one medium, and answers of one comment
)

// fetch reads a page of media with their comments.
func (a *Account) fetch(ctx context.Context, p newest.Place) (newest.Listing, error) {
	edge, fields := "/media", "id,timestamp,permalink,comments.limit(50){"+commentFields+"}"
	if a.what == Tagged {
		edge, fields = "/tags", taggedFields
	}
	page, served, err := a.graph.List(ctx, "/"+a.us+edge, fields, a.page, p.Token, nil)
	if err != nil {
		return newest.Listing{}, err
	}
	r := reading{account: a, ctx: ctx, bottom: p.Bottom, l: newest.Listing{Token: page.After(), Served: served}}
	for i, raw := range page.Data {
		r.where = fmt.Sprintf("medium %d of a page", i+1)
		if err := r.medium(raw); err != nil {
			return newest.Listing{}, err
		}
	}
	return r.l, nil
}

// A reading collects what a page of media tells.
type reading struct {
	account *Account
	ctx     context.Context
	bottom  time.Time
	where   string
	at      time.Time // of the medium
	l       newest.Listing
}

func (r *reading) bad(raw []byte, err error) {
	if r.account.told.News(raw) { // it is read again
		r.l.Bad = append(r.l.Bad, network.BadItem{Reason: fmt.Sprintf("%s: %v", r.where, err)})
	}
}

func (r *reading) take(it network.Item, raw json.RawMessage) {
	e := newest.Entry{At: r.at, Item: it, Repaired: !utf8.Valid(raw)}
	if !it.Post.PostedAt.Equal(r.at) {
		e.Indexed = it.Post.PostedAt
	}
	r.l.Entries = append(r.l.Entries, e)
}

func (r *reading) medium(raw json.RawMessage) error {
	var m node
	known := json.Unmarshal(raw, &m) == nil && idPattern.MatchString(m.ID)
	var dated bool
	if r.at, dated = graph.Instant(m.Timestamp); !dated || !known {
		r.bad(raw, unreadable("not a medium as Instagram describes them"))
		return nil
	}
	if r.account.what == Tagged {
		it, _, err := r.account.item(raw, "", "")
		if err != nil {
			r.bad(raw, err)
			return nil
		}
		r.take(it, raw)
		return nil
	}
	r.l.Entries = append(r.l.Entries, newest.Entry{At: r.at, None: true}) // ours; it counts for the order
	var oldest time.Time                                                  // they come newest first
	enough := func() bool { return !oldest.IsZero() && oldest.Before(r.bottom) }
	for raw, err := range r.account.graph.Rest(r.ctx, m.Comments, "/"+m.ID+"/comments", commentFields, nested, maxThread, nil, enough) {
		if err != nil {
			return err
		}
		it, c, err := r.account.item(raw, "", m.Permalink)
		if err != nil {
			r.bad(raw, err)
			continue
		}
		oldest = it.Post.PostedAt
		r.take(it, raw)
		if err := r.answers(c, m.Permalink); err != nil {
			return err
		}
	}
	return nil
}

func (r *reading) answers(c node, permalink string) error {
	for raw, err := range r.account.graph.Rest(r.ctx, c.Replies, "/"+c.ID+"/replies", answerFields, nested, maxThread, nil, nil) {
		if err != nil {
			return err
		}
		it, _, err := r.account.item(raw, c.ID, permalink)
		if err != nil {
			r.bad(raw, err)
			continue
		}
		r.take(it, raw)
	}
	return nil
}
