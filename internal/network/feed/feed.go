// Package feed reads RSS, Atom and JSON feeds: of blogs, forums, news, and of
// searches that some sites offer as feeds. Parsing is by
// github.com/mmcdole/gofeed; asking, and what is new, are ours.
//
// A feed is asked with what it said last (ETag, Last-Modified), and not before
// the time that it asks to be left alone, up to an hour. The cursor holds a
// fingerprint of each of the newest 256 entries that were there last: an unknown
// one is new, one with other words was edited, and when none of the old ones is
// left, entries may have come and gone in between, which is told as a gap. An
// entry that is no longer there has not been deleted: feeds are short.
//
// The package owns no stored state; in memory it keeps when to ask again. It
// never writes.
package feed

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/amends-care/amends/internal/network"
)

// name is what posts of this network carry.
const name = "feed"

// Settings are one feed.
type Settings struct {
	// URL is the feed's address: https, or http.
	URL string `yaml:"url"`
	// Back is how far back a new source reads, of what the feed still has; 0: from now.
	Back time.Duration `yaml:"back"`
}

// maxBack is as far as a new source may read back.
const maxBack = 365 * 24 * time.Hour

// Validate implements [network.Settings].
func (s *Settings) Validate() error {
	var wrong []error
	u, err := url.Parse(s.URL)
	switch {
	case s.URL == "":
		wrong = append(wrong, errors.New("url: missing; the address of a feed"))
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || len(s.URL) > 2048:
		wrong = append(wrong, errors.New("url: must be an address that begins with https:// or http://"))
	case u.User != nil:
		wrong = append(wrong, errors.New("url: has a password in it; feeds that need one can't be read"))
	}
	if s.Back < 0 || s.Back > maxBack {
		wrong = append(wrong, errors.New("back: must be between 0 and 365 days"))
	}
	return errors.Join(wrong...)
}

// Driver opens feeds.
func Driver() network.Driver {
	return network.Driver{
		Name: name,
		Offer: network.Offer{
			Title: "Feed",
			Hears: "A blog, a forum, news: whatever has an RSS, Atom or JSON feed",
			Needs: "The feed's address.",
			Begin: map[string]string{"back": "7d"},
		},
		Settings: func() network.Settings { return new(Settings) },
		Open:     network.Opening(open),
	}
}

// An Account is one feed. Safe for concurrent use.
type Account struct {
	Settings
	at    *url.URL
	http  *http.Client
	until atomic.Pointer[time.Time] // the feed asks to be left alone until then
}

// redirects is how many are followed. Feeds move.
const redirects = 5

func open(s *Settings, c *http.Client) (*Account, error) {
	at, err := url.Parse(s.URL)
	if err != nil {
		return nil, err
	}
	return &Account{
		Settings: *s, at: at,
		http: network.Adapt(c, network.Dialect{Redirects: redirects}),
	}, nil
}

// Poll implements [network.Account]. A feed comes whole, so there is never more.
func (a *Account) Poll(ctx context.Context, cursor string) (network.Page, error) {
	m, err := readMark(cursor, a.URL)
	if err != nil {
		return network.Page{}, err
	}
	if until := a.until.Load(); until != nil && cursor != "" && time.Now().Before(*until) && ctx.Err() == nil {
		return network.Page{Next: cursor, Meter: network.Meter{Reset: *until}}, nil
	}
	ctx, tally := network.Metered(ctx)
	got, err := a.fetch(ctx, m)
	if err != nil {
		return network.Page{}, err
	}
	page := network.Page{Next: cursor}
	if !got.same {
		f, err := parse(got.body, got.kind)
		if err != nil {
			return network.Page{}, err
		}
		got.wait = max(got.wait, f.ttl)
		if page, err = m.take(a.entries(f, got.now), got, a.Back); err != nil {
			return network.Page{}, err
		}
	}
	page.Meter = tally.Meter()
	if wait := min(got.wait, maxWait); wait > 0 {
		until := time.Now().Add(wait)
		a.until.Store(&until)
		page.Meter.Reset = until
	}
	return page, nil
}

// maxWait is as long as a feed may ask to be left alone: whoever says a day
// would keep us blind for one.
const maxWait = time.Hour

// An answer is what the server said.
type answer struct {
	same       bool // as last time
	body       []byte
	kind       string // Content-Type
	etag, date string // Last-Modified
	now        time.Time
	wait       time.Duration
}

func (a *Account) fetch(ctx context.Context, m mark) (answer, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, a.URL, nil)
	if err != nil {
		return answer{}, network.Malformed.Unsent("the call can't be made", err)
	}
	req.Header.Set("Accept", "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, application/json;q=0.9, */*;q=0.5")
	if m.ETag != "" {
		req.Header.Set("If-None-Match", m.ETag)
	}
	if m.Modified != "" {
		req.Header.Set("If-Modified-Since", m.Modified)
	}
	resp, err := a.http.Do(req)
	if err != nil {
		return answer{}, network.Typed(err)
	}
	defer resp.Body.Close()
	now := time.Now()
	if served, err := http.ParseTime(resp.Header.Get("Date")); err == nil && served.Before(now) {
		now = served
	}
	got := answer{
		same: resp.StatusCode == http.StatusNotModified, kind: resp.Header.Get("Content-Type"),
		etag: short(resp.Header.Get("ETag"), 256), date: short(resp.Header.Get("Last-Modified"), 64),
		now: now.UTC().Truncate(time.Millisecond), wait: maxAge(resp.Header.Get("Cache-Control")),
	}
	if got.body, err = io.ReadAll(resp.Body); err != nil {
		e := network.Typed(err)
		if typed, ok := errors.AsType[*network.Error](e); ok {
			typed.Unsent = false // an answer began
		}
		return answer{}, e
	}
	return got, nil
}

// short lets pass what is worth keeping; a part of it would be worth nothing.
func short(s string, n int) string {
	if len(s) > n {
		return ""
	}
	return s
}

var agePattern = regexp.MustCompile(`(?i)(?:^|[\s,])max-age\s*=\s*"?(\d{1,9})`)

// maxAge is how long a server says that its answer stays fresh.
func maxAge(control string) time.Duration {
	m := agePattern.FindStringSubmatch(control)
	if m == nil {
		return 0
	}
	n, err := strconv.Atoi(m[1])
	if err != nil {
		return 0
	}
	return time.Duration(n) * time.Second
}
