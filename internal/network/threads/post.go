package threads

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/graph"
)

// Most that is kept of what strangers wrote, in bytes.
const (
	maxText = 32 << 10
	maxURL  = 4 << 10
	maxAlt  = 4 << 10
)

// repost is the kind of a post that only passes another on.
const repost = "REPOST_FACADE"

// A node is a post as the API tells it.
type node struct {
	ID         string
	Text       string
	Username   string // of public accounts and our own
	Timestamp  string
	Permalink  string
	MediaType  string `json:"media_type"`
	MediaURL   string `json:"media_url"`
	AltText    string `json:"alt_text"`
	HasReplies *bool  `json:"has_replies"`
	RootPost   ref    `json:"root_post"`  // of a reply: the thread it is in
	RepliedTo  ref    `json:"replied_to"` // of a reply: what it answers
}

// A ref names a post. Only the webhook tells whose it is.
type ref struct {
	ID       string
	OwnerID  string `json:"owner_id"`
	Username string
}

// unreadable is why something can't be told.
type unreadable string

func (u unreadable) Error() string { return string(u) }

// item makes an item of a post. Under our own threads its talk is known only
// as far up as what it answers: see [talk].
func (a *Account) item(raw json.RawMessage) (it network.Item, n node, err error) {
	if json.Unmarshal(raw, &n) != nil {
		return it, n, unreadable("not a post as the API describes them")
	}
	at, ok := graph.Instant(n.Timestamp)
	if !ok {
		return it, n, unreadable("the time is missing")
	}
	if !idPattern.MatchString(n.ID) {
		return it, n, unreadable("the id is no number")
	}
	return a.post(&n, at), n, nil
}

func (a *Account) post(n *node, at time.Time) network.Item {
	text := network.Clip(strings.ToValidUTF8(n.Text, "\uFFFD"), maxText)
	p := care.Post{
		Network: name, Remote: care.Remote(n.ID), Kind: care.PostPublic, Text: text, PostedAt: at, Thread: care.Remote(n.ID),
		Author: author(n), Revision: care.Remote(graph.Version(text)), // Threads tells no time of an edit
	}
	switch parent := n.parent(); {
	case parent == "":
	case a.what == Replies:
		if parent != n.RootPost.ID {
			p.InReplyTo, p.Thread = care.Remote(parent), care.Remote(parent)
		}
	default:
		p.InReplyTo, p.Thread = care.Remote(parent), care.Remote(parent)
		if idPattern.MatchString(n.RootPost.ID) {
			p.Thread = care.Remote(n.RootPost.ID)
		}
	}
	if address(n.Permalink) {
		p.URL = n.Permalink
	}
	if address(n.MediaURL) {
		p.Links = []care.Link{{URL: n.MediaURL, Kind: kind(n.MediaType), Alt: network.Clip(strings.ToValidUTF8(n.AltText, "\uFFFD"), maxAlt)}}
	}
	it := network.Item{Kind: network.Seen, Own: strings.EqualFold(n.Username, a.username)}
	p.Summoned = !it.Own && (a.what != Search || a.names.MatchString(text))
	it.Post = p
	return it
}

// parent is what a post answers; empty: nothing.
func (n *node) parent() string {
	if idPattern.MatchString(n.RepliedTo.ID) && n.RepliedTo.ID != n.ID {
		return n.RepliedTo.ID
	}
	return ""
}

func address(s string) bool { return len(s) <= maxURL && strings.HasPrefix(s, "https://") }

func kind(mediaType string) string {
	switch mediaType {
	case "IMAGE", "CAROUSEL_ALBUM":
		return "image"
	case "VIDEO":
		return "video"
	}
	return "file"
}

// author is known by name alone: Threads tells no number.
func author(n *node) care.Author {
	if !userPattern.MatchString(n.Username) {
		return care.Author{ID: "post/" + n.ID}
	}
	return care.Author{ID: "name/" + strings.ToLower(n.Username), Handle: n.Username}
}
