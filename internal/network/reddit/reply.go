package reddit

import (
	"context"
	"encoding/json"
	"net/url"
	"strconv"
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
	if p.Network != name || !idPattern.MatchString(string(p.Remote)) {
		return care.Permission{How: care.ByNone, Why: "This is not a post on Reddit."}
	}
	return care.Permission{How: care.ByAPI, Why: "Reddit lets accounts answer in public, within the rules of the subreddit.",
		Length: care.Length{Max: maxLength, Unit: "characters"}}
}

// An outcome is how Reddit answers a write.
type outcome struct {
	JSON *struct {
		Errors    [][]any
		Ratelimit float64 // seconds
		Data      struct{ Things []thing }
	}
}

// err is what Reddit refused, although the answer was a success.
func (o *outcome) err() error {
	if o.JSON == nil {
		return network.Malformed.Because("the answer doesn't say what became of it")
	}
	if len(o.JSON.Errors) == 0 {
		return nil
	}
	code, words := "", ""
	if first := o.JSON.Errors[0]; len(first) > 1 {
		code, _ = first[0].(string)
		words, _ = first[1].(string)
	}
	switch code {
	case "RATELIMIT", "QUOTA_FILLED":
		return refused(network.Limited, code, wait(o.JSON.Ratelimit, words))
	case "DELETED_COMMENT", "DELETED_LINK", "NO_THING_ID":
		return refused(network.Gone, code, 0)
	case "THREAD_LOCKED", "TOO_OLD", "SUBREDDIT_NOTALLOWED", "BANNED_FROM_SUBREDDIT", "USER_BLOCKED", "NOT_AUTHOR", "USER_REQUIRED":
		return refused(network.Refused, code, 0)
	}
	return refused(network.Malformed, code, 0)
}

// wait is how long Reddit asks to wait: in seconds, or in a sentence such as
// “try again in 9 minutes”.
func wait(seconds float64, words string) time.Duration {
	const usual, most = time.Minute, time.Hour
	if seconds > 0 && seconds < most.Seconds() {
		return time.Duration(seconds*float64(time.Second)) + time.Second
	}
	fields := strings.Fields(words)
	for i, f := range fields[:max(0, len(fields)-1)] {
		n, err := strconv.Atoi(f)
		if err != nil || n < 1 || n > 60 {
			continue
		}
		switch unit := fields[i+1]; {
		case strings.HasPrefix(unit, "minute"):
			return time.Duration(n+1) * time.Minute
		case strings.HasPrefix(unit, "second"):
			return time.Duration(n+1) * time.Second
		}
	}
	return usual
}

// Send implements [network.Replier]. Reddit knows no key for an answer, so one
// whose fate is not known is looked for among our own comments.
func (a *Account) Send(ctx context.Context, answer care.Answer) (network.Sent, error) {
	if err := sendable(answer); err != nil {
		return network.Sent{}, err
	}
	var done outcome
	err := a.write(network.ForReply(ctx), "/api/comment", url.Values{
		"api_type": {"json"}, "thing_id": {string(answer.To.Remote)}, "text": {answer.Text},
	}, &done)
	if err != nil {
		return network.Sent{}, err
	}
	if err := done.err(); err != nil {
		return network.Sent{}, err
	}
	if len(done.JSON.Data.Things) != 1 {
		return network.Sent{}, network.Malformed.Because("the answer was taken, but is not shown")
	}
	var d data
	if json.Unmarshal(done.JSON.Data.Things[0].Data, &d) != nil || !idPattern.MatchString(d.Name) {
		return network.Sent{}, network.Malformed.Because("the answer was taken, but has no id")
	}
	return sent(&d), nil
}

func sendable(answer care.Answer) error {
	switch {
	case answer.Direct:
		return network.Refused.Unsent("direct messages on Reddit are not supported")
	case !idPattern.MatchString(string(answer.To.Remote)):
		return network.Malformed.Unsent("the answer is to no Reddit post")
	case strings.TrimSpace(answer.Text) == "":
		return network.Malformed.Unsent("the answer is empty")
	case !utf8.ValidString(answer.Text):
		return network.Malformed.Unsent("the answer is not UTF-8")
	case utf8.RuneCountInString(answer.Text) > maxLength:
		return network.Malformed.Unsent("the answer is longer than Reddit takes: 10,000 characters")
	case len(answer.Pictures) > 0:
		return network.Malformed.Unsent("pictures on Reddit are not supported")
	}
	return nil
}

func sent(d *data) network.Sent {
	s := network.Sent{Remote: care.Remote(d.Name)}
	s.At, _ = instant(d.CreatedUTC)
	if strings.HasPrefix(d.Permalink, "/") && len(d.Permalink) < maxURL {
		s.URL = "https://www.reddit.com" + d.Permalink
	}
	return s
}

const (
	slack    = 10 * time.Minute // how far apart our clock and Reddit's may be
	maxPages = 10               // of own comments: as far as Reddit shows them
)

// Find implements [network.Replier]: among our own comments, by what they
// answer and by their words, not written before the answer was.
func (a *Account) Find(ctx context.Context, answer care.Answer) (network.Sent, bool, error) {
	if !idPattern.MatchString(string(answer.To.Remote)) {
		return network.Sent{}, false, network.Malformed.Unsent("the answer is to no Reddit post")
	}
	ctx = network.ForReply(ctx)
	params := url.Values{"sort": {"new"}, "limit": {"100"}}
	for range maxPages {
		var page listing
		if _, err := a.read(ctx, "/user/"+a.us+"/comments", params, &page); err != nil {
			return network.Sent{}, false, err
		}
		if page.Data == nil {
			return network.Sent{}, false, network.Malformed.Because("the answer is no listing")
		}
		for _, t := range page.Data.Children {
			var d data
			if json.Unmarshal(t.Data, &d) != nil || !idPattern.MatchString(d.Name) || !strings.EqualFold(d.Author, a.us) {
				continue
			}
			at, _ := instant(d.CreatedUTC)
			if !answer.At.IsZero() && at.Before(answer.At.Add(-slack)) {
				return network.Sent{}, false, nil // all below are older
			}
			if d.ParentID == string(answer.To.Remote) && care.SameWords(d.Body, answer.Text) {
				return sent(&d), true, nil
			}
		}
		if page.Data.After == "" {
			break
		}
		params.Set("after", page.Data.After)
	}
	return network.Sent{}, false, nil
}

// Withdraw implements [network.Withdrawer]. Reddit answers the same to what is
// gone already.
func (a *Account) Withdraw(ctx context.Context, id care.Remote) error {
	if !strings.HasPrefix(string(id), "t1_") || !idPattern.MatchString(string(id)) {
		return network.Malformed.Unsent("the id is not a Reddit comment's")
	}
	return a.write(network.ForReply(ctx), "/api/del", url.Values{"id": {string(id)}}, nil)
}

// Mend implements [network.Mender].
func (a *Account) Mend(ctx context.Context, id care.Remote, text string) error {
	if err := sendable(care.Answer{To: care.Post{Remote: id}, Text: text}); err != nil {
		return err
	}
	var done outcome
	err := a.write(network.ForReply(ctx), "/api/editusertext", url.Values{"api_type": {"json"}, "thing_id": {string(id)}, "text": {text}}, &done)
	if err != nil {
		return err
	}
	return done.err()
}
