package youtube

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

// maxLength is the most characters of a comment.
const maxLength = 10_000

// May implements [network.Replier].
func (a *Account) May(p care.Post, _ time.Time) care.Permission {
	switch {
	case p.Network != name || !idPattern.MatchString(string(p.Remote)):
		return care.Permission{How: care.ByNone, Why: "This is not a comment on YouTube."}
	case a.token == nil:
		return care.Permission{How: care.ByHand, Why: "Amends has only an API key for YouTube, which can read: open the comment and answer there.",
			Length: care.Length{Max: maxLength, Unit: "characters"}}
	}
	return care.Permission{How: care.ByAPI, Why: "YouTube lets a channel answer any comment.",
		Length: care.Length{Max: maxLength, Unit: "characters"}}
}

// Send implements [network.Replier]. YouTube knows no key for an answer, so one
// whose fate is not known is looked for by its words.
func (a *Account) Send(ctx context.Context, answer care.Answer) (network.Sent, error) {
	if err := sendable(answer); err != nil {
		return network.Sent{}, err
	}
	var done comment
	err := a.write(network.ForReply(ctx), http.MethodPost, "comments", url.Values{"part": {"snippet"}}, map[string]any{
		"snippet": map[string]any{"parentId": root(string(answer.To.Remote)), "textOriginal": answer.Text},
	}, &done)
	if err != nil {
		return network.Sent{}, err
	}
	if !idPattern.MatchString(done.ID) {
		return network.Sent{}, network.Malformed.Because("the answer was taken, but has no id")
	}
	return sent(&done, answer.To), nil
}

func sendable(answer care.Answer) error {
	switch {
	case answer.Direct:
		return network.Refused.Unsent("YouTube has no direct messages")
	case !idPattern.MatchString(string(answer.To.Remote)):
		return network.Malformed.Unsent("the answer is to no YouTube comment")
	case strings.TrimSpace(answer.Text) == "":
		return network.Malformed.Unsent("the answer is empty")
	case !utf8.ValidString(answer.Text):
		return network.Malformed.Unsent("the answer is not UTF-8")
	case utf8.RuneCountInString(answer.Text) > maxLength:
		return network.Malformed.Unsent("the answer is longer than YouTube takes: 10,000 characters")
	case len(answer.Pictures) > 0:
		return network.Malformed.Unsent("YouTube takes no pictures with a comment")
	}
	return nil
}

func sent(c *comment, to care.Post) network.Sent {
	s := network.Sent{Remote: care.Remote(c.ID)}
	s.At, _ = instant(c.Snippet.PublishedAt)
	before, _, ok := strings.Cut(to.URL, "&lc=")
	if videoPattern.MatchString(c.Snippet.VideoID) {
		s.URL = watch(c.Snippet.VideoID) + "&lc=" + c.ID
	} else if ok && strings.HasPrefix(before, "https://www.youtube.com/watch?v=") {
		s.URL = before + "&lc=" + c.ID
	}
	return s
}

// slack is how far apart our clock and YouTube's may be.
const slack = 10 * time.Minute

// Find implements [network.Replier]: by our channel, the thread and the words,
// not written before the answer was.
func (a *Account) Find(ctx context.Context, answer care.Answer) (network.Sent, bool, error) {
	if !idPattern.MatchString(string(answer.To.Remote)) {
		return network.Sent{}, false, network.Malformed.Unsent("the answer is to no YouTube comment")
	}
	all, err := a.replies(network.ForReply(ctx), root(string(answer.To.Remote)), true)
	if err != nil {
		return network.Sent{}, false, err
	}
	for _, raw := range all {
		var c comment
		if json.Unmarshal(raw, &c) != nil || c.Snippet.AuthorChannelID.Value != a.channel || !idPattern.MatchString(c.ID) {
			continue
		}
		words := c.Snippet.TextOriginal
		if words == "" {
			words = c.Snippet.TextDisplay
		}
		at, _ := instant(c.Snippet.PublishedAt)
		if care.SameWords(words, answer.Text) && (answer.At.IsZero() || !at.Before(answer.At.Add(-slack))) {
			return sent(&c, answer.To), true, nil
		}
	}
	return network.Sent{}, false, nil
}

// Withdraw implements [network.Withdrawer].
func (a *Account) Withdraw(ctx context.Context, id care.Remote) error {
	if !idPattern.MatchString(string(id)) {
		return network.Malformed.Unsent("the id is not a YouTube comment's")
	}
	err := a.write(network.ForReply(ctx), http.MethodDelete, "comments", url.Values{"id": {string(id)}}, nil, nil)
	if network.IsGone(err) {
		return nil
	}
	return err
}

// Mend implements [network.Mender].
func (a *Account) Mend(ctx context.Context, id care.Remote, text string) error {
	if err := sendable(care.Answer{To: care.Post{Remote: id}, Text: text}); err != nil {
		return err
	}
	return a.write(network.ForReply(ctx), http.MethodPut, "comments", url.Values{"part": {"snippet"}},
		map[string]any{"id": id, "snippet": map[string]any{"textOriginal": text}}, nil)
}
