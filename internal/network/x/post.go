package x

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	//lint:ignore SA1019 deprecated by its author and wanted here: see ADR 11
	"github.com/dghubble/go-twitter/twitter"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
)

// Most that is kept of what strangers wrote, in bytes.
const (
	maxText   = 128 << 10 // 25,000 characters of any script
	maxName   = 1 << 10
	maxHandle = 64
	maxAlt    = 4 << 10
	maxURL    = 4 << 10
	maxLinks  = 20
	maxEdits  = 20
	maxFollow = 1 << 31
)

// X's ids hold the time since this instant, in milliseconds, above 22 bits.
const (
	epoch      = 1288834974657
	idBits     = 22
	firstTimed = 30_000_000_000 // older ids are a plain count
)

// idTime is when a post with this id was written; zero for the oldest.
func idTime(id int64) time.Time {
	if id < firstTimed {
		return time.Time{}
	}
	return time.UnixMilli(id>>idBits + epoch).UTC()
}

// idBefore is the greatest id older than an instant.
func idBefore(at time.Time) int64 {
	ms := at.UnixMilli() - epoch
	if ms <= 0 {
		return 0
	}
	return ms<<idBits - 1
}

func fingerprint(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:12])
}

// unreadable is why a post can't be told.
type unreadable string

func (u unreadable) Error() string { return string(u) }

// A reading is a post and what else X tells of it.
type reading struct {
	post     care.Post
	id       int64     // of the version that was read
	at       time.Time // what lists are ordered by: when that version was written
	newest   string    // the id of the newest version
	repost   bool
	threaded bool // X told which conversation it belongs to
	repaired bool
}

// read makes a post of a tweet. us is our own number.
func read(t *twitter.Tweet, us int64) (reading, error) {
	id := t.ID
	if id == 0 {
		id, _ = strconv.ParseInt(t.IDStr, 10, 64)
	}
	if id <= 0 {
		return reading{}, unreadable("it is not as X describes posts")
	}
	if t.User == nil || t.User.ID <= 0 {
		return reading{}, unreadable("its author is missing")
	}
	first, newest, edits := history(t, id)
	created, _ := t.CreatedAtTime()
	r := reading{id: id, newest: strconv.FormatInt(newest, 10), repost: t.RetweetedStatus != nil}
	r.at = timed(id, created)
	remote := care.Remote(strconv.FormatInt(first, 10))
	text, links := content(t)
	r.repaired = strings.ContainsRune(text, utf8.RuneError)
	p := care.Post{
		Network: name, Remote: remote, Kind: care.PostPublic,
		Author: author(t.User), Text: text, Links: links,
		PostedAt: timed(first, created),
		URL:      webURL(first),
		Thread:   remote,
		Summoned: summons(t, us),
		Shares:   max(0, t.RetweetCount) + max(0, t.QuoteCount),
	}
	if r.at.IsZero() || p.PostedAt.IsZero() {
		return reading{}, unreadable("its time is missing")
	}
	if edits {
		p.EditedAt = timed(newest, created)
	}
	p.Revision = care.Remote(r.newest)
	if t.Lang != "" && t.Lang != "und" && len(t.Lang) <= 16 && !strings.HasPrefix(t.Lang, "q") && t.Lang != "zxx" && t.Lang != "art" {
		p.Language = network.Word(t.Lang)
	}
	if parent := parentOf(t); parent != "" {
		p.InReplyTo, p.Thread = parent, parent
	}
	if c, ok := t.Scopes[scopeConversation].(string); ok && userPattern.MatchString(c) {
		p.Thread, r.threaded = care.Remote(c), true
	}
	if t.PossiblySensitive {
		p.Warning = "X marks what is attached as sensitive."
	}
	r.post = p
	return r, nil
}

// history is the first and the newest id of a post, and whether there were edits.
func history(t *twitter.Tweet, id int64) (first, newest int64, edits bool) {
	first, newest = id, id
	all, _ := t.Scopes[scopeHistory].([]any)
	for _, v := range all[:min(len(all), maxEdits)] {
		s, _ := v.(string)
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil || n <= 0 {
			continue
		}
		first, newest = min(first, n), max(newest, n)
	}
	return first, newest, first != newest
}

// timed is when a version was written: by its id to the millisecond.
func timed(id int64, created time.Time) time.Time {
	if at := idTime(id); !at.IsZero() {
		return at
	}
	return created.UTC()
}

func webURL(id int64) string { return "https://x.com/i/web/status/" + strconv.FormatInt(id, 10) }

func author(u *twitter.User) care.Author {
	a := care.Author{ID: strconv.FormatInt(u.ID, 10), Name: clip(strings.TrimSpace(u.Name), maxName)}
	if handle := strings.TrimPrefix(u.ScreenName, "@"); len(handle) <= maxHandle {
		a.Handle = handle
	}
	if 0 < u.FollowersCount && u.FollowersCount < maxFollow {
		a.Followers = u.FollowersCount
	}
	return a
}

func parentOf(t *twitter.Tweet) care.Remote {
	s := t.InReplyToStatusIDStr
	if s == "" && t.InReplyToStatusID > 0 {
		s = strconv.FormatInt(t.InReplyToStatusID, 10)
	}
	if !userPattern.MatchString(s) {
		return ""
	}
	return care.Remote(s)
}

// summons says that a post mentions an account or quotes it, which is what
// lets a self-serve app answer. An answer to us usually has our name in it; one
// whose author took that out does not count at X.
func summons(t *twitter.Tweet, us int64) bool {
	if t.User.ID == us {
		return false
	}
	for _, e := range entities(t) {
		for _, m := range e.UserMentions {
			if m.ID == us {
				return true
			}
		}
	}
	q := t.QuotedStatus
	return q != nil && q.User != nil && q.User.ID == us
}

// entities are what X found in the text: of the whole one, if it is long.
func entities(t *twitter.Tweet) []*twitter.Entities {
	var all []*twitter.Entities
	if t.ExtendedTweet != nil && t.ExtendedTweet.Entities != nil {
		all = append(all, t.ExtendedTweet.Entities)
	}
	if t.Entities != nil {
		all = append(all, t.Entities)
	}
	return all
}

// content is a post's text as its author wrote it, with X's short addresses
// replaced, and what is attached to it.
func content(t *twitter.Tweet) (string, []care.Link) {
	text, extended := cmp.Or(t.FullText, t.Text), t.ExtendedEntities
	if x := t.ExtendedTweet; x != nil && x.FullText != "" {
		text = x.FullText
		if x.ExtendedEntities != nil {
			extended = x.ExtendedEntities
		}
	}
	var links []care.Link
	add := func(kind, url, alt string) {
		if web(url) && len(links) < maxLinks {
			links = append(links, care.Link{Kind: kind, URL: url, Alt: clip(alt, maxAlt)})
		}
	}
	text = clip(text, maxText)
	alts, _ := t.Scopes[scopeAlt].(map[string]any)
	if extended != nil {
		for i := range extended.Media {
			m := &extended.Media[i]
			kind := "video"
			if m.Type == "photo" {
				kind = "image"
			}
			alt, _ := alts[m.IDStr].(string)
			add(kind, cmp.Or(m.MediaURLHttps, m.MediaURL), alt)
			text = without(text, m.URL)
		}
	}
	quote := t.QuotedStatusIDStr
	if quote == "" && t.QuotedStatusID > 0 {
		quote = strconv.FormatInt(t.QuotedStatusID, 10)
	}
	for _, e := range entities(t) {
		for _, u := range e.Urls {
			if !web(u.ExpandedURL) || len(u.URL) < 8 {
				continue
			}
			if quote != "" && strings.HasSuffix(u.ExpandedURL, "/status/"+quote) {
				text = without(text, u.URL)
				continue
			}
			add("link", u.ExpandedURL, "")
			text = strings.ReplaceAll(text, u.URL, u.ExpandedURL)
		}
		break // of the whole text only
	}
	if userPattern.MatchString(quote) {
		add("quote", "https://x.com/i/web/status/"+quote, "")
	}
	return clip(unescape.Replace(strings.ToValidUTF8(text, "\uFFFD")), maxText), links
}

// unescape undoes what X does to three signs of every text, and no more.
var unescape = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&")

// without takes from the end of a text the address that stands for an attachment.
func without(text, short string) string {
	if short == "" {
		return text
	}
	if rest, ok := strings.CutSuffix(text, short); ok {
		return strings.TrimRight(rest, " ")
	}
	return text
}

// web lets pass what a browser may open.
func web(url string) bool {
	return len(url) <= maxURL && (strings.HasPrefix(url, "https://") || strings.HasPrefix(url, "http://"))
}

// clip cuts a text to at most n bytes at the end of a rune.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// item makes of a reading what a page tells.
func (a *Account) item(r reading) network.Item {
	it := network.Item{Kind: network.Seen, Post: r.post, Own: r.post.Author.ID == strconv.FormatInt(a.us, 10)}
	if !r.post.EditedAt.IsZero() {
		it.Kind = network.Edited
	}
	return it
}
