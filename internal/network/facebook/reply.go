package facebook

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
	"github.com/amends-care/amends/internal/network/graph"
)

// maxLength is the most characters of a comment.
const maxLength = 8000

// maxPrivate is the most characters of a private answer.
const maxPrivate = 2000

// May implements [network.Replier].
func (a *Account) May(p care.Post, now time.Time) care.Permission {
	length := care.Length{Max: maxLength, Unit: "characters"}
	switch {
	case p.Network != name || !idPattern.MatchString(string(p.Remote)):
		return care.Permission{How: care.ByNone, Why: "This is not a post or comment on Facebook."}
	case a.what == Tagged:
		return care.Permission{How: care.ByHand, Why: "Facebook lets pages answer through its API only on their own page: open the post and answer there.", Length: length}
	}
	if !a.mayPrivate(p, now) {
		return care.Permission{How: care.ByAPI, Why: "Facebook lets a page answer what is written on it.", Length: length}
	}
	return care.Permission{How: care.ByAPI, Direct: true, Length: length, DirectLength: care.Length{Max: maxPrivate, Unit: "characters"},
		Why: "Facebook lets a page answer what is written on it, and within 7 days once in private, with at most 2000 characters."}
}

// under is what an answer hangs on: Facebook has three storeys, so an answer to
// an answer hangs on the comment above both.
func under(to care.Post) string {
	if to.InReplyTo != "" && to.InReplyTo != to.Thread && idPattern.MatchString(string(to.InReplyTo)) {
		return string(to.InReplyTo)
	}
	return string(to.Remote)
}

// mayPrivate says that the author of a post on our page, or of a comment, can
// still be answered in private. Another page can't.
func (a *Account) mayPrivate(p care.Post, now time.Time) bool {
	return a.what == Page && p.Author.ID != a.us && !p.PostedAt.IsZero() && now.Before(p.PostedAt.Add(graph.PrivateFor))
}

// Send implements [network.Replier]. Facebook knows no key for an answer, so one
// whose fate is not known is looked for by its words.
func (a *Account) Send(ctx context.Context, answer care.Answer) (network.Sent, error) {
	if err := a.sendable(answer); err != nil {
		return network.Sent{}, err
	}
	if answer.Direct {
		of := "comment_id"
		if a.isPost(string(answer.To.Remote)) {
			of = "post_id"
		}
		return a.graph.Private(ctx, a.us, of, answer)
	}
	var done struct{ ID string }
	err := a.graph.Write(network.ForReply(ctx), http.MethodPost, "/"+under(answer.To)+"/comments", url.Values{"message": {answer.Text}}, &done)
	if err != nil {
		return network.Sent{}, err
	}
	if !idPattern.MatchString(done.ID) {
		return network.Sent{}, network.Malformed.Because("the answer was taken, but has no id")
	}
	return network.Sent{Remote: care.Remote(done.ID), URL: "https://www.facebook.com/" + done.ID}, nil
}

func (a *Account) sendable(answer care.Answer) error {
	switch {
	case a.what == Tagged:
		return network.Refused.Unsent("what stands on another's page must be answered by hand")
	case !idPattern.MatchString(string(answer.To.Remote)):
		return network.Malformed.Unsent("the answer is to no Facebook post")
	case answer.Direct:
		return graph.CheckPrivate(answer, care.Length{Max: maxPrivate, Unit: "characters"})
	case strings.TrimSpace(answer.Text) == "":
		return network.Malformed.Unsent("the answer is empty")
	case !utf8.ValidString(answer.Text):
		return network.Malformed.Unsent("the answer is not UTF-8")
	case utf8.RuneCountInString(answer.Text) > maxLength:
		return network.Malformed.Unsent("the answer is longer than Facebook takes: 8,000 characters")
	case len(answer.Pictures) > 0:
		return network.Malformed.Unsent("pictures on Facebook are not supported")
	}
	return nil
}

// slack is how far apart our clock and Facebook's may be.
const slack = 10 * time.Minute

// Find implements [network.Replier]: by the page, what it hangs on and the
// words, not written before the answer was.
func (a *Account) Find(ctx context.Context, answer care.Answer) (network.Sent, bool, error) {
	if !idPattern.MatchString(string(answer.To.Remote)) {
		return network.Sent{}, false, network.Malformed.Unsent("the answer is to no Facebook post")
	}
	if answer.Direct {
		return a.graph.FindPrivate(ctx, "messenger", a.us, answer)
	}
	for raw, err := range a.graph.All(network.ForReply(ctx), "/"+under(answer.To)+"/comments", commentFields, 100, maxThread, newestFirst("toplevel")) {
		if network.IsGone(err) {
			break
		}
		if err != nil {
			return network.Sent{}, false, err
		}
		var n node
		at, ok := time.Time{}, json.Unmarshal(raw, &n) == nil && idPattern.MatchString(n.ID)
		if !ok {
			continue
		}
		if at, ok = graph.Instant(n.CreatedTime); ok && !answer.At.IsZero() && at.Before(answer.At.Add(-slack)) {
			break // all that follow are older
		}
		if n.From != nil && n.From.ID == a.us && care.SameWords(n.Message, answer.Text) {
			return network.Sent{Remote: care.Remote(n.ID), URL: "https://www.facebook.com/" + n.ID, At: at}, true, nil
		}
	}
	return network.Sent{}, false, nil
}

// Withdraw implements [network.Withdrawer].
func (a *Account) Withdraw(ctx context.Context, id care.Remote) error {
	if !idPattern.MatchString(string(id)) || a.isPost(string(id)) {
		return network.Malformed.Unsent("the id is not a Facebook comment's")
	}
	ctx = network.ForReply(ctx)
	it, err := a.one(ctx, id) // a page may delete anybody's comment
	switch {
	case network.IsGone(err):
		return nil
	case err != nil:
		return err
	case !it.Own:
		return network.Refused.Unsent("the comment is not the page's")
	}
	if err = a.graph.Write(ctx, http.MethodDelete, "/"+string(id), url.Values{}, nil); network.IsGone(err) {
		return nil
	}
	return err
}

// Mend implements [network.Mender].
func (a *Account) Mend(ctx context.Context, id care.Remote, text string) error {
	if a.isPost(string(id)) {
		return network.Malformed.Unsent("the id is not a Facebook comment's")
	}
	if err := a.sendable(care.Answer{To: care.Post{Remote: id}, Text: text}); err != nil {
		return err
	}
	return a.graph.Write(network.ForReply(ctx), http.MethodPost, "/"+string(id), url.Values{"message": {text}}, nil)
}
