package instagram

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/graph"
)

// What Instagram takes in a comment by its API.
const (
	maxLength   = 300 // characters
	maxHashtags = 4
	maxLinks    = 1
)

// maxPrivate is the most bytes of a private answer.
const maxPrivate = 1000

// May implements [network.Replier].
func (a *Account) May(p care.Post, now time.Time) care.Permission {
	length := care.Length{Max: maxLength, Unit: "characters"}
	switch {
	case p.Network != name || !idPattern.MatchString(string(p.Remote)):
		return care.Permission{How: care.ByNone, Why: "This is not a comment on Instagram."}
	case a.what == Tagged:
		return care.Permission{How: care.ByHand, Why: "Instagram lets accounts answer through its API only under their own media: open it and answer there.", Length: length}
	}
	if p.Author.ID == a.us || p.PostedAt.IsZero() || !now.Before(p.PostedAt.Add(graph.PrivateFor)) {
		return care.Permission{How: care.ByAPI, Why: "Instagram lets an account answer comments on its own media.", Length: length}
	}
	return care.Permission{How: care.ByAPI, Direct: true, Length: length, DirectLength: care.Length{Max: maxPrivate, Unit: "bytes"},
		Why: "Instagram lets an account answer comments on its own media, and within 7 days once in private, with at most 1000 bytes; those on a live video only while it runs."}
}

// root is the comment that an answer hangs on: Instagram has two storeys.
func root(to care.Post) care.Remote {
	if idPattern.MatchString(string(to.Thread)) {
		return to.Thread
	}
	return to.Remote
}

// Send implements [network.Replier]. Instagram knows no key for an answer, so
// one whose fate is not known is looked for by its words.
func (a *Account) Send(ctx context.Context, answer care.Answer) (network.Sent, error) {
	if err := a.sendable(answer); err != nil {
		return network.Sent{}, err
	}
	if answer.Direct {
		return a.graph.Private(ctx, a.us, "comment_id", answer)
	}
	var done struct{ ID string }
	err := a.graph.Write(network.ForReply(ctx), http.MethodPost, "/"+string(root(answer.To))+"/replies", url.Values{"message": {answer.Text}}, &done)
	if err != nil {
		return network.Sent{}, err
	}
	if !idPattern.MatchString(done.ID) {
		return network.Sent{}, network.Malformed.Because("the answer was taken, but has no id")
	}
	return network.Sent{Remote: care.Remote(done.ID), URL: beside(answer.To, done.ID)}, nil
}

// beside is the address of an answer, made from that of what it answers.
func beside(to care.Post, id string) string {
	before, _, ok := strings.Cut(to.URL, "/c/")
	if !ok {
		return ""
	}
	return before + "/c/" + id + "/"
}

func (a *Account) sendable(answer care.Answer) error {
	switch text := answer.Text; {
	case a.what == Tagged:
		return network.Refused.Unsent("what stands under others' media must be answered by hand")
	case !idPattern.MatchString(string(answer.To.Remote)):
		return network.Malformed.Unsent("the answer is to no Instagram comment")
	case answer.Direct:
		return graph.CheckPrivate(answer, care.Length{Max: maxPrivate, Unit: "bytes"})
	case strings.TrimSpace(text) == "":
		return network.Malformed.Unsent("the answer is empty")
	case !utf8.ValidString(text):
		return network.Malformed.Unsent("the answer is not UTF-8")
	case utf8.RuneCountInString(text) > maxLength:
		return network.Malformed.Unsent("the answer is longer than Instagram takes: 300 characters")
	case strings.Count(text, "#") > maxHashtags:
		return network.Malformed.Unsent("the answer has more hashtags than Instagram takes: 4")
	case strings.Count(text, "http://")+strings.Count(text, "https://") > maxLinks:
		return network.Malformed.Unsent("the answer has more addresses than Instagram takes: 1")
	case shouted(text):
		return network.Malformed.Unsent("Instagram takes no answer all in capitals")
	case len(answer.Pictures) > 0:
		return network.Malformed.Unsent("pictures on Instagram are not supported")
	}
	return nil
}

// shouted says that every letter that could be small is a capital.
func shouted(text string) bool {
	return strings.ContainsFunc(text, unicode.IsUpper) && !strings.ContainsFunc(text, func(r rune) bool { return unicode.IsLetter(r) && !unicode.IsUpper(r) })
}

// slack is how far apart our clock and Instagram's may be.
const slack = 10 * time.Minute

// Find implements [network.Replier]: by our account, the comment and the words,
// not written before the answer was.
func (a *Account) Find(ctx context.Context, answer care.Answer) (network.Sent, bool, error) {
	if !idPattern.MatchString(string(answer.To.Remote)) {
		return network.Sent{}, false, network.Malformed.Unsent("the answer is to no Instagram comment")
	}
	if answer.Direct {
		return a.graph.FindPrivate(ctx, "instagram", a.us, answer)
	}
	for raw, err := range a.answers(network.ForReply(ctx), root(answer.To)) {
		if network.IsGone(err) {
			break // and with the comment the answers to it
		}
		if err != nil {
			return network.Sent{}, false, err
		}
		it, _, err := a.item(raw, "", "")
		if err == nil && it.Own && care.SameWords(it.Post.Text, answer.Text) && (answer.At.IsZero() || !it.Post.PostedAt.Before(answer.At.Add(-slack))) {
			return network.Sent{Remote: it.Post.Remote, URL: beside(answer.To, string(it.Post.Remote)), At: it.Post.PostedAt}, true, nil
		}
	}
	return network.Sent{}, false, nil
}

// Withdraw implements [network.Withdrawer].
func (a *Account) Withdraw(ctx context.Context, id care.Remote) error {
	if !idPattern.MatchString(string(id)) {
		return network.Malformed.Unsent("the id is not an Instagram comment's")
	}
	ctx = network.ForReply(ctx)
	it, err := a.one(ctx, id) // the owner of a medium may delete anybody's comment
	switch {
	case network.IsGone(err):
		return nil
	case err != nil:
		return err
	case !it.Own:
		return network.Refused.Unsent("the comment is not our account's")
	}
	if err = a.graph.Write(ctx, http.MethodDelete, "/"+string(id), url.Values{}, nil); network.IsGone(err) {
		return nil
	}
	return err
}
