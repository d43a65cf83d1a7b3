package threads

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/graph"
)

// maxLength is the most that Threads takes, in characters.
const maxLength = 500

// Send implements [network.Replier], in two steps: a container, which nobody
// sees and which ends by itself after a day, and its publication. Only with the
// second does the answer stand. Threads knows no key for an answer, so one whose
// fate is not known is looked for by its words.
func (a *Account) Send(ctx context.Context, answer care.Answer) (network.Sent, error) {
	if err := sendable(answer); err != nil {
		return network.Sent{}, err
	}
	ctx = network.ForReply(ctx)
	var made struct{ ID string }
	err := a.graph.Write(ctx, http.MethodPost, "/"+a.us+"/threads",
		url.Values{"media_type": {"TEXT"}, "text": {answer.Text}, "reply_to_id": {string(answer.To.Remote)}}, &made)
	if err == nil && !idPattern.MatchString(made.ID) {
		err = network.Malformed.Because("the container has no id")
	}
	if err != nil {
		return network.Sent{}, network.NotYet(err)
	}
	var done struct{ ID string }
	err = a.graph.Write(ctx, http.MethodPost, "/"+a.us+"/threads_publish", url.Values{"creation_id": {made.ID}}, &done)
	if err != nil {
		return network.Sent{}, unready(err)
	}
	if !idPattern.MatchString(done.ID) {
		return network.Sent{}, network.Malformed.Because("the answer was published, but has no id")
	}
	return network.Sent{Remote: care.Remote(done.ID)}, nil
}

const (
	notThere = graph.Code(24)   // of a container: Threads has not finished it yet
	pause    = 30 * time.Second // that Meta recommends between the steps
)

// unready tells a container that Threads did not know yet for what it is:
// nothing was published, and with a new one it may work.
func unready(err error) error {
	if graph.Said(err) != notThere {
		return err
	}
	return &network.Error{Fault: network.Transient, Unsent: true, After: pause, Err: network.Explain("Threads was not ready to publish the answer", err)}
}

func sendable(answer care.Answer) error {
	switch text := answer.Text; {
	case answer.Direct:
		return network.Refused.Unsent("Threads has no private messages for programs")
	case !idPattern.MatchString(string(answer.To.Remote)):
		return network.Malformed.Unsent("the answer is to no Threads post")
	case strings.TrimSpace(text) == "":
		return network.Malformed.Unsent("the answer is empty")
	case !utf8.ValidString(text):
		return network.Malformed.Unsent("the answer is not UTF-8")
	case utf8.RuneCountInString(text) > maxLength:
		return network.Malformed.Unsent("the answer is longer than Threads takes: 500 characters")
	case len(answer.Pictures) > 0:
		return network.Malformed.Unsent("pictures on Threads are not supported")
	}
	return nil
}

// slack is how far apart our clock and Threads' may be.
const slack = 10 * time.Minute

// maxOwn is the most of our own replies that are read to find one.
const maxOwn = 2000

// Find implements [network.Replier]: among our account's replies, by
// what they answer and the words, none written before the answer was.
func (a *Account) Find(ctx context.Context, answer care.Answer) (network.Sent, bool, error) {
	if !idPattern.MatchString(string(answer.To.Remote)) {
		return network.Sent{}, false, network.Malformed.Unsent("the answer is to no Threads post")
	}
	params := url.Values{}
	if !answer.At.IsZero() {
		params.Set("since", strconv.FormatInt(answer.At.Add(-slack).Unix(), 10))
	}
	for raw, err := range a.graph.All(network.ForReply(ctx), "/"+a.us+"/replies", postFields, 100, maxOwn, params) {
		if err != nil {
			return network.Sent{}, false, err
		}
		it, said, err := a.item(raw)
		if err == nil && said.parent() == string(answer.To.Remote) && !it.Post.PostedAt.Before(answer.At.Add(-slack)) && care.SameWords(it.Post.Text, answer.Text) {
			return network.Sent{Remote: it.Post.Remote, URL: it.Post.URL, At: it.Post.PostedAt}, true, nil
		}
	}
	return network.Sent{}, false, nil
}

// Withdraw implements [network.Withdrawer]. Threads deletes an account's own
// posts alone.
func (a *Account) Withdraw(ctx context.Context, id care.Remote) error {
	if !idPattern.MatchString(string(id)) {
		return network.Malformed.Unsent("the id is not a Threads post's")
	}
	if err := a.graph.Write(network.ForReply(ctx), http.MethodDelete, "/"+string(id), url.Values{}, nil); !network.IsGone(err) {
		return err
	}
	return nil
}
