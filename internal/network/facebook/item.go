package facebook

import (
	"encoding/json"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/graph"
)

// Most that is kept of what strangers wrote, in bytes.
const (
	maxText = 64 << 10
	maxName = 1 << 10
	maxURL  = 4 << 10
)

var idPattern = regexp.MustCompile(`^[0-9]{1,24}_[0-9]{1,24}$`)

type node struct {
	ID          string
	From        *struct{ ID, Name string }
	Message     string
	CreatedTime string                      `json:"created_time"`
	Permalink   string                      `json:"permalink_url"`
	FullPicture string                      `json:"full_picture"`
	Parent      *struct{ ID string }        // of an answer to a comment
	Attachment  *struct{ Type, URL string } // of a comment
	Shares      *struct{ Count int }        // of a post
}

// unreadable is why a post can't be told.
type unreadable string

func (u unreadable) Error() string { return string(u) }

// item makes an item of a post, or of a comment under one: then under is its id.
func (a *Account) item(raw json.RawMessage, under string) (it network.Item, repaired bool, err error) {
	var n node
	if json.Unmarshal(raw, &n) != nil {
		return it, false, unreadable("not a post or comment as Facebook describes them")
	}
	at, ok := graph.Instant(n.CreatedTime)
	if !ok {
		return it, false, unreadable("the time is missing")
	}
	if it, err = a.post(&n, at, under); err != nil {
		return it, false, err
	}
	return it, !utf8.Valid(raw), nil
}

func (a *Account) post(n *node, at time.Time, under string) (it network.Item, err error) {
	if !idPattern.MatchString(n.ID) {
		return it, unreadable("the id is neither a post's nor a comment's")
	}
	text := network.Clip(strings.ToValidUTF8(n.Message, "\uFFFD"), maxText)
	p := care.Post{
		Network: name, Remote: care.Remote(n.ID), Revision: care.Remote(graph.Version(text)), Kind: care.PostPublic,
		Text: text, PostedAt: at, Thread: care.Remote(n.ID), URL: web(n.Permalink),
		// Facebook hides who wrote, unless they let the app know: then a post is a person of its own.
		Author: care.Author{ID: "post/" + n.ID},
	}
	if n.From != nil && n.From.ID != "" && len(n.From.ID) <= 64 {
		p.Author = care.Author{ID: n.From.ID, Name: strings.TrimSpace(network.Clip(strings.ToValidUTF8(n.From.Name, "\uFFFD"), maxName))}
	}
	if under != "" {
		p.Thread, p.InReplyTo = care.Remote(under), care.Remote(under)
		if n.Parent != nil && idPattern.MatchString(n.Parent.ID) {
			p.InReplyTo = care.Remote(n.Parent.ID)
		}
	}
	if p.URL == "" {
		p.URL = "https://www.facebook.com/" + n.ID
	}
	if n.Attachment != nil {
		link(&p, n.Attachment.URL, kindOf(n.Attachment.Type))
	}
	link(&p, n.FullPicture, "image")
	if n.Shares != nil {
		p.Shares = min(max(0, n.Shares.Count), 1<<31-1)
	}
	it.Kind, it.Own = network.Seen, p.Author.ID == a.us
	p.Summoned = !it.Own // it stands on our page, or tags it
	it.Post = p
	return it, nil
}

func link(p *care.Post, address, kind string) {
	if address = web(address); address != "" {
		p.Links = append(p.Links, care.Link{URL: address, Kind: kind})
	}
}

func kindOf(attachment string) string {
	switch {
	case strings.HasPrefix(attachment, "photo"), strings.HasPrefix(attachment, "sticker"), strings.HasPrefix(attachment, "animated_image"):
		return "image"
	case strings.HasPrefix(attachment, "video"):
		return "video"
	}
	return "link"
}

// web lets pass what a browser may open.
func web(address string) string {
	if len(address) <= maxURL && (strings.HasPrefix(address, "https://") || strings.HasPrefix(address, "http://")) {
		return address
	}
	return ""
}
