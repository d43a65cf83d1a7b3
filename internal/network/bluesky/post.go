package bluesky

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
)

// Most that is kept of what strangers wrote, in bytes. The network itself takes
// less; this holds for servers that don't.
const (
	maxText   = 16 << 10
	maxName   = 1 << 10
	maxAlt    = 4 << 10
	maxLinks  = 20
	maxURL    = 4 << 10
	maxURI    = 1 << 10
	maxFollow = 1 << 31
)

var (
	keyPattern  = regexp.MustCompile(`^[a-zA-Z0-9._:~-]{1,512}$`)
	cidPattern  = regexp.MustCompile(`^[a-zA-Z0-9+=/]{8,256}$`)
	langPattern = regexp.MustCompile(`^[a-zA-Z]{2,8}(-[a-zA-Z0-9]{1,8}){0,5}$`)
)

// splitURI takes a post's URI apart; ok is false for what is no post's.
func splitURI(uri string) (did, rkey string, ok bool) {
	rest, ok := strings.CutPrefix(uri, "at://")
	did, path, ok1 := strings.Cut(rest, "/")
	collection, rkey, ok2 := strings.Cut(path, "/")
	ok = ok && ok1 && ok2 && collection == postType && len(uri) <= maxURI && didPattern.MatchString(did) && keyPattern.MatchString(rkey)
	return did, rkey, ok
}

// webURL is where people see a post. It has the DID, which stays when the
// author takes another name.
func webURL(uri string) string {
	did, rkey, ok := splitURI(uri)
	if !ok {
		return ""
	}
	return "https://bsky.app/profile/" + did + "/post/" + rkey
}

// unreadable is why a post can't be told.
type unreadable string

func (u unreadable) Error() string { return string(u) }

// A reading is a post and what else a view tells of it.
type reading struct {
	post     care.Post
	at       time.Time // what lists are ordered by
	indexed  time.Time
	hidden   bool // taken from public view by a moderator
	closed   bool // takes no answer from us
	blocks   bool
	repaired bool
	reply    *replyRef
}

// read makes a post of a view's JSON. us is our own DID.
func read(raw json.RawMessage, us string) (reading, error) {
	var v view
	if err := json.Unmarshal(raw, &v); err != nil {
		return reading{}, unreadable("not a post as the network describes them")
	}
	r, err := v.read(us)
	r.repaired = broken(raw)
	return r, err
}

func (v *view) read(us string) (reading, error) {
	did, _, ok := splitURI(v.URI)
	if !ok {
		return reading{}, unreadable("the id is not a post's")
	}
	if did != v.Author.DID {
		return reading{}, unreadable("the author is not the one in the id")
	}
	if !cidPattern.MatchString(v.CID) {
		return reading{}, unreadable("the version is missing")
	}
	var rec record
	if err := json.Unmarshal(v.Record, &rec); err != nil {
		return reading{}, unreadable("the record is not as the network describes them")
	}
	if rec.Type != postType {
		return reading{}, unreadable("the record is no post")
	}
	r := reading{
		hidden: hidden(v.Labels) || hidden(v.Author.Labels),
		closed: v.Viewer.ReplyDisabled,
		blocks: v.Author.blocks(),
		reply:  rec.Reply,
	}
	if r.indexed, ok = instant(v.IndexedAt); !ok {
		return reading{}, unreadable("the time is missing")
	}
	r.at = r.indexed
	if at, ok := instant(rec.CreatedAt); ok && at.Before(r.at) {
		r.at = at
	}
	p := care.Post{
		Network:  name,
		Remote:   care.Remote(v.URI),
		Revision: care.Remote(v.CID),
		Kind:     care.PostPublic,
		Author:   v.Author.author(),
		Text:     clip(rec.Text, maxText),
		PostedAt: r.at,
		URL:      webURL(v.URI),
		Thread:   care.Remote(v.URI),
		Links:    links(did, rec),
		Summoned: did != us && summons(rec, us),
		Warning:  warning(slices.Concat(v.Labels, lenient[struct{ Values []label }](rec.Labels).Values)),
	}
	if n := v.Reposts + v.Quotes; 0 < n && n < maxFollow {
		p.Shares = n
	}
	for _, l := range rec.Langs {
		if langPattern.MatchString(l) {
			p.Language = l
			break
		}
	}
	if rec.Reply != nil {
		if _, _, ok := splitURI(rec.Reply.Parent.URI); ok {
			p.InReplyTo = care.Remote(rec.Reply.Parent.URI)
			p.Thread = p.InReplyTo
		}
		if _, _, ok := splitURI(rec.Reply.Root.URI); ok {
			p.Thread = care.Remote(rec.Reply.Root.URI)
		}
	}
	r.post = p
	return r, nil
}

// noHandle is what the network shows while a name is not proven.
const noHandle = "handle.invalid"

func (p *profile) author() care.Author {
	a := care.Author{ID: p.DID, Handle: p.Handle, Name: clip(strings.TrimSpace(p.DisplayName), maxName)}
	if a.Handle == noHandle || len(a.Handle) > 253 || !handlePattern.MatchString(a.Handle) {
		a.Handle = p.DID
	}
	if 0 < p.FollowersCount && p.FollowersCount < maxFollow {
		a.Followers = p.FollowersCount
	}
	return a
}

// summons says that a post addresses an account: it mentions it, answers it or
// quotes it.
func summons(rec record, us string) bool {
	if us == "" {
		return false
	}
	ours := func(uri string) bool { return strings.HasPrefix(uri, "at://"+us+"/") }
	if rec.Reply != nil && ours(rec.Reply.Parent.URI) {
		return true
	}
	for _, f := range lenient[[]facet](rec.Facets) {
		for _, x := range f.Features {
			if x.Type == mentionType && x.DID == us {
				return true
			}
		}
	}
	e := lenient[embed](rec.Embed)
	return ours(e.Record.URI) || ours(e.Record.Record.URI)
}

// links are what is attached to a post, and the addresses in its text, which
// shows them shortened.
func links(did string, rec record) []care.Link {
	var all []care.Link
	add := func(kind, url, alt string) {
		if url != "" && len(url) <= maxURL && len(all) < maxLinks {
			all = append(all, care.Link{Kind: kind, URL: url, Alt: clip(alt, maxAlt)})
		}
	}
	e := lenient[embed](rec.Embed)
	for range 2 { // an embed, and the media beside a quote
		for _, m := range append(e.Images, e.Items...) {
			add("image", m.Image.address("https://cdn.bsky.app/img/feed_fullsize/plain/"+did+"/", "@jpeg"), m.Alt)
		}
		add("video", e.Video.address("https://video.bsky.app/watch/"+did+"/", "/playlist.m3u8"), e.Alt)
		add("link", web(e.External.URI), "")
		add("quote", webURL(e.Record.URI), "")
		add("quote", webURL(e.Record.Record.URI), "")
		e = lenient[embed](e.Media)
	}
	for _, f := range lenient[[]facet](rec.Facets) {
		for _, x := range f.Features {
			if x.Type == linkType {
				add("link", web(x.URI), "")
			}
		}
	}
	return all
}

// web lets pass what a browser may open.
func web(url string) string {
	if strings.HasPrefix(url, "https://") || strings.HasPrefix(url, "http://") {
		return url
	}
	return ""
}

func (b *blob) address(before, after string) string {
	if b == nil || !cidPattern.MatchString(b.Ref.Link) {
		return ""
	}
	return before + b.Ref.Link + after
}

// instant reads a time as the network writes it, and as some programs do
// although they shouldn't.
func instant(s string) (time.Time, bool) {
	if len(s) > 64 {
		return time.Time{}, false
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04:05-0700"} {
		if t, err := time.Parse(layout, s); err == nil && t.Year() >= 1970 && t.Year() <= 9999 {
			return t.UTC().Truncate(time.Millisecond), true
		}
	}
	return time.Time{}, false
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

// item makes of a reading what a page tells, with what else we remember.
func (a *Account) item(r reading, now time.Time) network.Item {
	us := a.session.known()
	p := r.post
	it := network.Item{Kind: network.Seen, Own: us != "" && p.Author.ID == us}
	a.memo.author(p.Author.ID, func(who *author) {
		if who.blocks = r.blocks; p.Author.Handle != p.Author.ID {
			who.handle, who.name = p.Author.Handle, p.Author.Name
		}
		p.Author.Followers = max(p.Author.Followers, who.followers)
	})
	if edited := a.memo.version(string(p.Remote), string(p.Revision), now); !edited.IsZero() {
		it.Kind, p.EditedAt = network.Edited, edited
	}
	a.memo.closed(string(p.Remote), r.closed)
	it.Post = p
	return it
}
