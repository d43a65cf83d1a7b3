package youtube

import (
	"encoding/json"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
)

// Most that is kept of what strangers wrote, in bytes.
const (
	maxText = 40 << 10 // 10,000 characters
	maxName = 1 << 10
)

// idPattern is a comment's id; an answer's has its thread's before a dot.
var idPattern = regexp.MustCompile(`^[a-zA-Z0-9_-]{1,128}(\.[a-zA-Z0-9_-]{1,128})?$`)

// root is the first comment of the thread that a comment is in.
func root(id string) string {
	first, _, _ := strings.Cut(id, ".")
	return first
}

// A thread is the first comment of a thread and some of the answers to it.
type thread struct {
	ID      string
	Snippet struct {
		ChannelID       string `json:"channelId"`
		VideoID         string `json:"videoId"`
		TopLevelComment json.RawMessage
		TotalReplyCount int
	}
	Replies struct{ Comments []json.RawMessage }
}

// A comment is one as the network describes them.
type comment struct {
	ID      string
	Snippet struct {
		AuthorDisplayName string
		AuthorChannelURL  string `json:"authorChannelUrl"`
		AuthorChannelID   struct{ Value string }
		ChannelID         string `json:"channelId"` // whose video it is under
		VideoID           string `json:"videoId"`
		TextDisplay       string
		TextOriginal      string
		ParentID          string `json:"parentId"`
		PublishedAt       string
		UpdatedAt         string
	}
}

// unreadable is why a comment can't be told.
type unreadable string

func (u unreadable) Error() string { return string(u) }

// item makes an item of a comment. video is the one that it is under, where the
// network tells that only of the thread.
func (a *Account) item(raw json.RawMessage, video string) (it network.Item, repaired bool, err error) {
	var c comment
	if json.Unmarshal(raw, &c) != nil {
		return it, false, unreadable("not a comment as the network describes them")
	}
	s := &c.Snippet
	if !idPattern.MatchString(c.ID) {
		return it, false, unreadable("the id is not a comment's")
	}
	posted, ok := instant(s.PublishedAt)
	if !ok {
		return it, false, unreadable("the time is missing")
	}
	p := care.Post{
		Network: name, Remote: care.Remote(c.ID), Kind: care.PostPublic, Author: author(&c), PostedAt: posted,
		Text: text(s.TextDisplay, maxText), Thread: care.Remote(root(c.ID)),
	}
	if s.TextOriginal != "" { // told only to who wrote it
		p.Text = text(s.TextOriginal, maxText)
	}
	if c.ID != root(c.ID) {
		p.InReplyTo = p.Thread // the network has two storeys
	}
	it.Kind, it.Own = network.Seen, s.AuthorChannelID.Value == a.channel
	if edited, ok := instant(s.UpdatedAt); ok && edited.After(posted) {
		it.Kind, p.EditedAt = network.Edited, edited
	}
	p.Summoned = !it.Own && s.ChannelID == a.channel
	if s.VideoID != "" {
		video = s.VideoID
	}
	if videoPattern.MatchString(video) {
		p.URL = watch(video) + "&lc=" + c.ID
		p.Links = []care.Link{{URL: watch(video), Kind: "video"}}
	}
	it.Post = p
	return it, !utf8.Valid(raw), nil
}

func watch(video string) string { return "https://www.youtube.com/watch?v=" + video }

// author is known by the channel. One whose channel is gone counts as a person
// of its own: names are not unique.
func author(c *comment) care.Author {
	s := &c.Snippet
	shown := strings.TrimSpace(text(s.AuthorDisplayName, maxName))
	a := care.Author{ID: s.AuthorChannelID.Value, Name: strings.TrimLeft(shown, "@")}
	if strings.HasPrefix(shown, "@") {
		a.Handle = a.Name
	}
	if !channelPattern.MatchString(a.ID) {
		a.ID = "comment/" + c.ID
	}
	return a
}

// instant reads a time as the network writes it.
func instant(s string) (time.Time, bool) {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil || len(s) > 64 || t.Year() < 1970 || t.Year() > 2200 {
		return time.Time{}, false
	}
	return t.UTC(), true
}
