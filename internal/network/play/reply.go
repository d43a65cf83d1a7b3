package play

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
)

// maxLength is the most characters of an answer.
const maxLength = 350

// tagged is what Google takes out of an answer.
var tagged = regexp.MustCompile(`<[^>]*>`)

// May implements [network.Replier].
func (a *Account) May(p care.Post, _ time.Time) care.Permission {
	if _, answer, ok := splitID(p.Remote); !ok || answer || p.Network != name {
		return care.Permission{How: care.ByNone, Why: "This is not a review on Google Play."}
	}
	return care.Permission{How: care.ByAPI, Why: "Google Play lets developers answer any review; a new answer takes the place of the one before.",
		Length: care.Length{Max: maxLength, Unit: "characters"}}
}

// Send implements [network.Replier]. A review has one answer: sending it again
// puts the same in the same place.
func (a *Account) Send(ctx context.Context, answer care.Answer) (network.Sent, error) {
	one, reply, ok := splitID(answer.To.Remote)
	switch {
	case !ok || reply:
		return network.Sent{}, network.Malformed.Unsent("the answer is to no Google Play review")
	case answer.Direct:
		return network.Sent{}, network.Refused.Unsent("Google Play has no direct messages")
	case len(answer.Pictures) > 0:
		return network.Sent{}, network.Malformed.Unsent("Google Play takes no pictures with an answer")
	}
	return a.put(ctx, one, answer.Text)
}

func (a *Account) put(ctx context.Context, id, text string) (network.Sent, error) {
	switch {
	case strings.TrimSpace(text) == "":
		return network.Sent{}, network.Malformed.Unsent("the answer is empty")
	case !utf8.ValidString(text):
		return network.Sent{}, network.Malformed.Unsent("the answer is not UTF-8")
	case utf8.RuneCountInString(text) > maxLength:
		return network.Sent{}, network.Malformed.Unsent("the answer is longer than Google Play takes: 350 characters")
	case tagged.MatchString(text):
		return network.Sent{}, network.Malformed.Unsent("Google Play takes out what looks like HTML: write it without < and >")
	}
	body, err := json.Marshal(map[string]string{"replyText": text})
	if err != nil {
		return network.Sent{}, network.Malformed.Unsent("the answer can't be written as JSON")
	}
	var done struct {
		Result *struct {
			ReplyText  string
			LastEdited *stamp
		}
	}
	if _, err := a.call(network.ForReply(ctx), http.MethodPost, "/"+url.PathEscape(id)+":reply", nil, body, &done); err != nil {
		return network.Sent{}, err
	}
	if done.Result == nil {
		return network.Sent{}, network.Malformed.Because("Google doesn't say whether it took the answer")
	}
	return network.Sent{Remote: care.Remote(id + ofAnswer), URL: a.url(id), At: instantOf(done.Result.LastEdited)}, nil
}

// Find implements [network.Replier]. When another answer has been put there
// since, this one must not come back over it: that is an error.
func (a *Account) Find(ctx context.Context, answer care.Answer) (network.Sent, bool, error) {
	one, reply, ok := splitID(answer.To.Remote)
	if !ok || reply {
		return network.Sent{}, false, network.Malformed.Unsent("the answer is to no Google Play review")
	}
	r, ok, err := a.review(network.ForReply(ctx), one)
	if err != nil || !ok || r.answer == nil {
		return network.Sent{}, false, err
	}
	stands := r.answer.Post
	if care.SameWords(stands.Text, answer.Text) {
		return network.Sent{Remote: stands.Remote, URL: stands.URL, At: stands.PostedAt}, true, nil
	}
	if !answer.At.IsZero() && stands.PostedAt.After(answer.At) {
		return network.Sent{}, false, network.Malformed.Because("another answer was given since; a person must see to it")
	}
	return network.Sent{}, false, nil
}

// Mend implements [network.Mender].
func (a *Account) Mend(ctx context.Context, id care.Remote, text string) error {
	one, answer, ok := splitID(id)
	if !ok || !answer {
		return network.Malformed.Unsent("the id is not an answer's on Google Play")
	}
	_, err := a.put(ctx, one, text)
	return err
}
