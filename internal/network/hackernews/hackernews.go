// Package hackernews reads what people say on Hacker News, by the public search
// that Algolia runs for it. It needs no key.
//
// A source is a search, newest first, read by package newest. Hacker News has no
// way for programs to answer, so a person does it on the site.
//
// The package keeps nothing, not even in memory, and never writes.
package hackernews

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/htmltext"
	"github.com/amends-care/amends/internal/network/newest"
)

// name is what posts of this network carry.
const name = "hackernews"

// What a source can be limited to.
const (
	Stories  = "stories"
	Comments = "comments"
)

// Settings are one source.
type Settings struct {
	// Query is what to search for; "two words" in quotes are looked for together.
	Query string `yaml:"query"`
	// Only is stories or comments; empty: both.
	Only string `yaml:"only"`
	// Back is how far back a new source reads; 0: from now.
	Back time.Duration `yaml:"back"`
	// Host is where the search is: https, or http on this machine.
	Host string `yaml:"host"`
}

// maxBack is as far as a new source may read back.
const maxBack = 365 * 24 * time.Hour

// Validate implements [network.Settings].
func (s *Settings) Validate() error {
	var wrong []error
	switch {
	case strings.TrimSpace(s.Query) == "":
		wrong = append(wrong, errors.New("query: missing; what to search for"))
	case len(s.Query) > 512 || !utf8.ValidString(s.Query):
		wrong = append(wrong, errors.New("query: longer than 512 bytes, or not UTF-8"))
	}
	if s.Only != "" && s.Only != Stories && s.Only != Comments {
		wrong = append(wrong, fmt.Errorf("only: must be stories or comments, or left out, not %q", s.Only))
	}
	if s.Back < 0 || s.Back > maxBack {
		wrong = append(wrong, errors.New("back: must be between 0 and 365 days"))
	}
	if _, err := parseHost(s.Host); err != nil {
		wrong = append(wrong, err)
	}
	return errors.Join(wrong...)
}

// parseHost leaves nothing but scheme, name and port.
func parseHost(host string) (string, error) {
	u, err := url.Parse(host)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || strings.Trim(u.Path, "/") != "" {
		return "", errors.New("host: must be an address such as https://hn.algolia.com")
	}
	addr, addrErr := netip.ParseAddr(u.Hostname())
	here := u.Hostname() == "localhost" || addrErr == nil && addr.IsLoopback()
	if u.Scheme != "https" && (u.Scheme != "http" || !here) {
		return "", errors.New("host: must begin with https://; http:// only for a server on this machine")
	}
	return u.Scheme + "://" + u.Host, nil
}

// Driver opens searches of Hacker News.
func Driver() network.Driver {
	return network.Driver{
		Name: name,
		Offer: network.Offer{
			Title: "Hacker News",
			Hears: "Stories and comments with some words in them",
			Needs: "Words to search for.",
			Begin: map[string]string{"back": "7d"},
		},
		Settings: func() network.Settings { return &Settings{Host: "https://hn.algolia.com"} },
		Open:     network.Opening(open),
	}
}

// An Account is one search. Besides [network.Account] it is a
// [network.Looker], a [network.Threader], a [network.Estimator], and a
// [network.Replier] that says who may answer: a person. Safe for concurrent use.
type Account struct {
	Settings
	http *http.Client
	page int
}

var (
	_ network.Replier   = (*Account)(nil)
	_ network.Looker    = (*Account)(nil)
	_ network.Threader  = (*Account)(nil)
	_ network.Estimator = (*Account)(nil)
)

// pageSize is how many hits are asked for at once.
const pageSize = 100

func open(s *Settings, c *http.Client) (*Account, error) {
	a := &Account{Settings: *s, page: pageSize}
	var err error
	if a.Host, err = parseHost(s.Host); err != nil {
		return nil, err
	}
	a.http = network.Adapt(c, network.Dialect{})
	return a, nil
}

// Poll implements [network.Account].
func (a *Account) Poll(ctx context.Context, cursor string) (network.Page, error) {
	ctx, tally := network.Metered(ctx)
	l := newest.List{ID: a.Query + "\x00" + a.Only + "\x00" + a.Host, Back: a.Back, Fetch: a.fetch}
	page, err := l.Poll(ctx, cursor)
	if err != nil {
		return network.Page{}, err
	}
	page.Meter = tally.Meter()
	return page, nil
}

// A place is where in the search a page begins: at a second, of which some were
// read already.
type place struct {
	second int64
	read   int
}

func (p place) String() string { return fmt.Sprintf("%d:%d", p.second, p.read) }

// maxHits is the most that the search gives at once.
const maxHits = 1000

func parsePlace(token string) (p place, err error) {
	if token == "" {
		return p, nil
	}
	second, read, _ := strings.Cut(token, ":")
	p.second, err = strconv.ParseInt(second, 10, 64)
	if err == nil {
		p.read, err = strconv.Atoi(read)
	}
	if err != nil || p.read < 0 || p.read > maxHits {
		return p, &network.Error{Fault: network.Malformed, Unsent: true, Again: true, Err: network.Explain("the stored cursor names no place in the list")}
	}
	return p, nil
}

// fetch reads a page of the search. Pages by number would move while posts come
// in, and end after a thousand hits. So the next is asked for by time, and what
// was read of its first second is read again.
func (a *Account) fetch(ctx context.Context, at newest.Place) (newest.Listing, error) {
	p, err := parsePlace(at.Token)
	if err != nil {
		return newest.Listing{}, err
	}
	want := min(a.page+p.read, maxHits)
	q := a.query(want)
	var limits []string
	if !at.Bottom.IsZero() {
		limits = append(limits, fmt.Sprintf("created_at_i>=%d", at.Bottom.Unix()))
	}
	if p.second > 0 {
		limits = append(limits, fmt.Sprintf("created_at_i<=%d", p.second))
	}
	if len(limits) > 0 {
		q.Set("numericFilters", strings.Join(limits, ","))
	}
	var found struct{ Hits []json.RawMessage }
	l := newest.Listing{}
	if l.Served, err = a.ask(ctx, "/api/v1/search_by_date?"+q.Encode(), &found); err != nil {
		return newest.Listing{}, err
	}
	if found.Hits == nil {
		return newest.Listing{}, network.Malformed.Because("the answer is no result of a search")
	}
	var next place
	for _, raw := range found.Hits {
		var h hit
		post, err := h.read(raw)
		if err != nil {
			l.Bad = append(l.Bad, network.BadItem{Reason: err.Error()})
			continue
		}
		if h.At != next.second {
			next = place{second: h.At}
		}
		next.read++
		l.Entries = append(l.Entries, newest.Entry{At: post.PostedAt, Repaired: !utf8.Valid(raw), Item: network.Item{Kind: network.Seen, Post: post}})
	}
	if len(found.Hits) >= want && next.second > 0 {
		l.Token = next.String()
	}
	return l, nil
}

// Estimate implements [network.Estimator], by the last four weeks.
func (a *Account) Estimate(ctx context.Context) (network.Estimate, error) {
	const days = 28
	q := a.query(0)
	q.Set("numericFilters", fmt.Sprintf("created_at_i>=%d", time.Now().Add(-days*24*time.Hour).Unix()))
	var found struct {
		Hits *int `json:"nbHits"`
	}
	if _, err := a.ask(ctx, "/api/v1/search_by_date?"+q.Encode(), &found); err != nil {
		return network.Estimate{}, err
	}
	if found.Hits == nil || *found.Hits < 0 {
		return network.Estimate{}, network.Malformed.Because("the answer is no result of a search")
	}
	return network.Estimate{PerDay: float64(*found.Hits) / days}, nil
}

// query is what is asked for, but when.
func (a *Account) query(hits int) url.Values {
	return url.Values{
		"query": {a.Query}, "tags": {a.tags()}, "hitsPerPage": {strconv.Itoa(hits)},
		"typoTolerance": {"false"}, "advancedSyntax": {"true"},
		"restrictSearchableAttributes": {"title,url,story_text,comment_text"}, // not its author, nor the story it is under
	}
}

func (a *Account) tags() string {
	switch a.Only {
	case Stories:
		return "story"
	case Comments:
		return "comment"
	}
	return "(story,comment)"
}

// ask makes one call. served is the server's clock.
func (a *Account) ask(ctx context.Context, path string, into any) (served time.Time, err error) {
	return network.Call{Method: http.MethodGet, URL: a.Host + path}.Do(ctx, a.http, into)
}

// May implements [network.Replier].
func (a *Account) May(p care.Post, _ time.Time) care.Permission {
	if p.Network != name || !idPattern.MatchString(string(p.Remote)) {
		return care.Permission{How: care.ByNone, Why: "This is not a post on Hacker News."}
	}
	return care.Permission{How: care.ByHand, Why: "Hacker News takes no answers from programs: open the post and answer there, under your own name."}
}

// Send implements [network.Replier]: it always refuses.
func (a *Account) Send(context.Context, care.Answer) (network.Sent, error) {
	return network.Sent{}, network.Refused.Unsent("Hacker News takes no answers from programs")
}

// Find implements [network.Replier]: nothing was ever sent.
func (a *Account) Find(context.Context, care.Answer) (network.Sent, bool, error) {
	return network.Sent{}, false, nil
}

var (
	idPattern   = regexp.MustCompile(`^[0-9]{1,18}$`)
	userPattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)
)

// maxText is the most that is kept of a post, in bytes.
const maxText = 32 << 10

// unreadable is why a post can't be told.
type unreadable string

func (u unreadable) Error() string { return string(u) }

// A hit is a post as the search tells it.
type hit struct {
	ID      string `json:"objectID"`
	At      int64  `json:"created_at_i"`
	Author  string `json:"author"`
	Title   string `json:"title"`
	URL     string `json:"url"`
	Story   string `json:"story_text"`
	Comment string `json:"comment_text"`
	StoryID int64  `json:"story_id"`
	Parent  int64  `json:"parent_id"`
}

func (h *hit) read(raw json.RawMessage) (care.Post, error) {
	if json.Unmarshal(raw, h) != nil {
		return care.Post{}, unreadable("a hit has another form than the search describes")
	}
	return makePost(h.ID, h.At, h.Author, h.Title, h.URL, h.Story+h.Comment, h.StoryID, h.Parent)
}

// An item is a post as it stands in its thread.
type item struct {
	ID       int64   `json:"id"`
	At       int64   `json:"created_at_i"`
	Author   string  `json:"author"` // null of one that was deleted
	Title    string  `json:"title"`
	URL      string  `json:"url"`
	Text     string  `json:"text"`
	StoryID  int64   `json:"story_id"`
	Parent   int64   `json:"parent_id"`
	Children []*item `json:"children"`
}

func (i *item) read() (care.Post, error) {
	return makePost(strconv.FormatInt(i.ID, 10), i.At, i.Author, i.Title, i.URL, i.Text, i.StoryID, i.Parent)
}

func makePost(id string, at int64, author, title, link, html string, story, parent int64) (care.Post, error) {
	switch {
	case !idPattern.MatchString(id):
		return care.Post{}, unreadable("a post has no id")
	case !userPattern.MatchString(author):
		return care.Post{}, unreadable("a post has no author")
	case at <= 0 || at > 253402300799: // the year 9999
		return care.Post{}, unreadable("a post has no time")
	}
	text, links := htmltext.Plain(html, htmltext.Options{Keep: true, Max: maxText})
	title, _ = htmltext.Plain(title, htmltext.Options{Max: 1 << 10})
	p := care.Post{
		Network: name, Remote: care.Remote(id), Kind: care.PostPublic,
		Author:   care.Author{ID: author, Handle: author},
		Text:     strings.TrimSpace(title + "\n\n" + text),
		PostedAt: time.Unix(at, 0).UTC(),
		URL:      "https://news.ycombinator.com/item?id=" + id,
		Thread:   care.Remote(id),
	}
	if (strings.HasPrefix(link, "https://") || strings.HasPrefix(link, "http://")) && len(link) <= 4<<10 && utf8.ValidString(link) {
		links = append([]care.Link{{Kind: "link", URL: link}}, links...)
	}
	p.Links = links
	if parent > 0 {
		p.InReplyTo, p.Thread = care.Remote(strconv.FormatInt(parent, 10)), care.Remote(strconv.FormatInt(cmp.Or(story, parent), 10))
	}
	// The search tells of no edits; by its words a changed post is known.
	sum := sha256.Sum256([]byte(p.Text))
	p.Revision = care.Remote(base64.RawURLEncoding.EncodeToString(sum[:6]))
	return p, nil
}
