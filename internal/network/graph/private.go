package graph

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
)

// PrivateFor is how long after a comment its author can be answered in private.
// Meta takes one such answer to each comment, and lets a talk follow only when
// the person writes back.
const PrivateFor = 7 * 24 * time.Hour

// CheckPrivate says why an answer can't be sent in private, or nil; most is what
// the network takes of a text, in its own unit.
func CheckPrivate(a care.Answer, most care.Length) error {
	switch {
	case strings.TrimSpace(a.Text) == "":
		return network.Malformed.Unsent("the answer is empty")
	case !utf8.ValidString(a.Text):
		return network.Malformed.Unsent("the answer is not UTF-8")
	case most.Of(a.Text) > most.Max:
		return network.Malformed.Unsent("the answer is longer than the network takes in private")
	case len(a.Pictures) > 0:
		return network.Malformed.Unsent("pictures in a private answer are not supported")
	}
	return nil
}

// Private sends a private answer as an account: of names what it answers,
// comment_id or post_id.
func (c *Client) Private(ctx context.Context, account, of string, a care.Answer) (network.Sent, error) {
	recipient, err := json.Marshal(map[string]string{of: string(a.To.Remote)})
	if err != nil {
		return network.Sent{}, network.Malformed.Unsent("the answer can't be written")
	}
	message, err := json.Marshal(map[string]string{"text": a.Text})
	if err != nil {
		return network.Sent{}, network.Malformed.Unsent("the answer can't be written")
	}
	var done struct {
		MessageID string `json:"message_id"`
	}
	err = c.Write(network.ForReply(ctx), http.MethodPost, "/"+account+"/messages", url.Values{"recipient": {string(recipient)}, "message": {string(message)}}, &done)
	if err != nil {
		return network.Sent{}, err
	}
	if done.MessageID == "" || len(done.MessageID) > maxID {
		return network.Sent{}, network.Malformed.Because("the answer was taken, but has no id")
	}
	return network.Sent{Remote: care.Remote(done.MessageID)}, nil
}

const (
	maxID = 512              // bytes of a message's id
	apart = 10 * time.Minute // that our clock and Meta's may be
)

// FindPrivate looks for a private answer in what was written with its author:
// by our words, not before the answer was. Meta shows the last twenty messages.
// platform is messenger or instagram.
func (c *Client) FindPrivate(ctx context.Context, platform, us string, a care.Answer) (network.Sent, bool, error) {
	if who := a.To.Author.ID; who == "" || strings.Contains(who, "/") {
		return network.Sent{}, false, nil // Meta doesn't say who it was
	}
	ctx = network.ForReply(ctx)
	talks := c.All(ctx, "/me/conversations", "id", 5, 5, url.Values{"platform": {platform}, "user_id": {a.To.Author.ID}})
	for raw, err := range talks {
		if network.IsGone(err) {
			break // nobody whom we wrote to
		}
		if err != nil {
			return network.Sent{}, false, err
		}
		var talk struct{ ID string }
		if json.Unmarshal(raw, &talk) != nil || talk.ID == "" {
			return network.Sent{}, false, network.Malformed.Because("the answer is no list of talks")
		}
		for raw, err := range c.All(ctx, "/"+url.PathEscape(talk.ID)+"/messages", "id,created_time,from,message", 20, 20, nil) {
			if err != nil {
				return network.Sent{}, false, err
			}
			var m struct {
				ID      string
				Message string
				Created string `json:"created_time"`
				From    struct{ ID string }
			}
			if json.Unmarshal(raw, &m) != nil || m.ID == "" || len(m.ID) > maxID {
				continue
			}
			at, dated := Instant(m.Created)
			if m.From.ID == us && care.SameWords(m.Message, a.Text) && dated && (a.At.IsZero() || !at.Before(a.At.Add(-apart))) {
				return network.Sent{Remote: care.Remote(m.ID), At: at}, true, nil
			}
		}
	}
	return network.Sent{}, false, nil
}
