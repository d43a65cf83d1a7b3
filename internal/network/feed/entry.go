package feed

import (
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/mmcdole/gofeed"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/htmltext"
)

// Most that is kept of what strangers wrote, in bytes.
const (
	maxText  = 32 << 10
	maxTitle = 1 << 10
	maxName  = 256
	maxID    = 512
	maxLinks = 20
	maxURL   = 4 << 10
)

// An entry is a post, and whether it tells when it was written.
type entry struct {
	post    care.Post
	dated   bool
	updated time.Time // zero: not told
}

// entries makes posts of a feed's newest entries, each id once.
func (a *Account) entries(f parsed, now time.Time) []entry {
	var all []entry
	at := map[care.Remote]int{}
	for _, i := range newestOf(f.Items) {
		e := a.entry(f, i, now)
		if _, twice := at[e.post.Remote]; twice {
			continue
		}
		at[e.post.Remote] = len(all)
		all = append(all, e)
	}
	for i := range all { // what an entry answers leads to the first of its thread
		p := &all[i].post
		for up, steps := p.InReplyTo, 0; up != "" && steps < len(all); steps++ {
			p.Thread = up
			j, ok := at[up]
			if !ok {
				break
			}
			up = all[j].post.InReplyTo
		}
	}
	return all
}

var langPattern = regexp.MustCompile(`^[a-zA-Z]{2,8}(-[a-zA-Z0-9]{1,8}){0,5}$`)

func (a *Account) entry(f parsed, i int, now time.Time) entry {
	it := f.Items[i]
	title := clean(it.Title, maxTitle)
	if f.FeedType != "json" {
		title = unmarked(title)
	}
	body := cmp.Or(it.Content, it.Description)
	var links []care.Link
	if f.plain[i] && it.Content != "" {
		body = clean(body, maxText)
	} else {
		body, links = htmltext.Plain(body, htmltext.Options{Max: maxText})
	}
	if strings.HasPrefix(body, title) { // many feeds repeat it
		title = ""
	}
	e := entry{post: care.Post{
		Network: name, Kind: care.PostPublic,
		Author: a.author(f, it), Text: strings.TrimSpace(title + "\n\n" + body), URL: web(it.Link),
	}}
	p := &e.post
	p.Remote = a.remote(cmp.Or(strings.TrimSpace(it.GUID), strings.TrimSpace(it.Link), "sha256:"+digest(it.Title+"\x00"+it.Content+"\x00"+it.Description)))
	p.Thread = p.Remote
	if langPattern.MatchString(f.Language) {
		p.Language = f.Language
	}
	if thr := it.Extensions["thr"]["in-reply-to"]; len(thr) > 0 { // RFC 4685
		if ref := strings.TrimSpace(thr[0].Attrs["ref"]); ref != "" && a.remote(ref) != p.Remote {
			p.InReplyTo = a.remote(ref)
		}
	}
	p.PostedAt = now
	if at := written(it); at != nil && at.Year() >= 1970 && at.Before(now) {
		p.PostedAt = at.UTC().Truncate(time.Millisecond)
	}
	e.dated = written(it) != nil
	if at := it.UpdatedParsed; at != nil && at.After(p.PostedAt) && !at.After(now) {
		e.updated = at.UTC().Truncate(time.Millisecond)
	}
	p.Links = attached(p.URL, it, links)
	return e
}

func attached(page string, it *gofeed.Item, more []care.Link) (links []care.Link) {
	add := func(l care.Link) {
		if l.URL = web(l.URL); l.URL != "" && l.URL != page && len(links) < maxLinks {
			links = append(links, l)
		}
	}
	for _, e := range it.Enclosures {
		if e == nil {
			continue
		}
		kind, _, _ := strings.Cut(e.Type, "/")
		if kind != "image" && kind != "video" {
			kind = "file"
		}
		add(care.Link{Kind: kind, URL: e.URL})
	}
	for _, l := range more {
		add(l)
	}
	return links
}

// author is who signs an entry, or else the feed.
func (a *Account) author(f parsed, it *gofeed.Item) care.Author {
	who := ""
	for _, p := range append(it.Authors, f.Authors...) {
		if p != nil && who == "" {
			who = cmp.Or(strings.TrimSpace(p.Name), strings.TrimSpace(p.Email))
		}
	}
	who = clean(cmp.Or(who, strings.TrimSpace(f.Title), a.at.Host), maxName)
	who = cmp.Or(strings.TrimLeft(who, "@ "), a.at.Host)
	return care.Author{ID: a.at.Host + "/" + strings.ToLower(who), Handle: who, Name: who}
}

// remote is an id that no other feed has: an address, or one of this feed.
func (a *Account) remote(id string) care.Remote {
	id = strings.ToValidUTF8(id, "\uFFFD")
	if u, err := url.Parse(id); err != nil || u.Scheme == "" || u.Opaque == "" && u.Host == "" {
		id = a.at.Host + a.at.Path + "#" + id
	}
	if len(id) > maxID {
		id = "sha256:" + digest(id)
	}
	return care.Remote(id)
}

func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return base64.RawURLEncoding.EncodeToString(sum[:18])
}

var tagPattern = regexp.MustCompile(`</?[a-zA-Z][^<>]*>|&[a-zA-Z#0-9]+;`)

// unmarked is a title as text: HTML only where there is some in it.
func unmarked(s string) string {
	if !tagPattern.MatchString(s) {
		return s
	}
	s, _ = htmltext.Plain(s, htmltext.Options{Max: maxTitle})
	return s
}

func clean(s string, n int) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(strings.TrimSpace(s), "\uFFFD"), "\x00", "\uFFFD")
	return network.Clip(s, n)
}

// web lets pass what a browser may open.
func web(s string) string {
	s = strings.TrimSpace(s)
	if len(s) <= maxURL && utf8.ValidString(s) && (strings.HasPrefix(s, "https://") || strings.HasPrefix(s, "http://")) {
		return s
	}
	return ""
}
