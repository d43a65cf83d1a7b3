package webhook

import (
	"bytes"
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

var (
	_ network.Receiver = (*Account)(nil)
	_ network.Replier  = (*Account)(nil)
)

// May implements [network.Replier].
func (a *Account) May(p care.Post, _ time.Time) care.Permission {
	switch {
	case p.Remote == "":
		return care.Permission{How: care.ByNone, Why: "This mention has no id."}
	case a.reply != "":
		return care.Permission{
			How: care.ByAPI, Direct: p.Kind == care.PostDirect, Why: "The program that sent this mention takes answers.",
			Length: care.Length{Max: a.length, Unit: "characters"},
		}
	case p.URL != "":
		return care.Permission{How: care.ByHand, Why: "The program that sent this mention takes no answers: open it and answer there."}
	}
	return care.Permission{How: care.ByHand, Why: "The program that sent this mention takes no answers and gave no address: answer where it was written."}
}

// A reply is what we post.
type reply struct {
	Key  string `json:"key"`
	Text string `json:"text"`
	To   struct {
		ID      string `json:"id"`
		Network string `json:"network"`
		Thread  string `json:"thread,omitempty"`
		URL     string `json:"url,omitempty"`
		Author  string `json:"author,omitempty"`
	} `json:"to"`
	Direct bool   `json:"direct,omitempty"`
	As     string `json:"as,omitempty"`
}

// A standing reply is what the program says of one.
type standing struct {
	Found *bool     `json:"found"` // asked for by key
	ID    string    `json:"id"`
	URL   string    `json:"url"`
	At    time.Time `json:"at"`
}

// Send implements [network.Replier]. The answer's key is the delivery's id and
// its Idempotency-Key: the program answers the same to the same key.
func (a *Account) Send(ctx context.Context, answer care.Answer) (network.Sent, error) {
	if err := a.sendable(answer); err != nil {
		return network.Sent{}, err
	}
	r := reply{Key: answer.Key, Text: answer.Text, Direct: answer.Direct, As: answer.As}
	r.To.ID, r.To.Network, r.To.Thread = string(answer.To.Remote), answer.To.Network, string(answer.To.Thread)
	r.To.URL, r.To.Author = answer.To.URL, answer.To.Author.Handle
	body, err := json.Marshal(r)
	if err != nil {
		return network.Sent{}, network.Malformed.Unsent("the answer can't be written as JSON")
	}
	s, err := a.exchange(ctx, http.MethodPost, a.reply, answer.Key, body)
	if err != nil {
		return network.Sent{}, err
	}
	return s.sent()
}

func (a *Account) sendable(answer care.Answer) error {
	switch {
	case a.reply == "":
		return network.Refused.Unsent("there is no reply_url: answer by hand")
	case !headerSafe(answer.Key):
		return network.Malformed.Unsent("the answer's key is missing or can't be a header")
	case answer.To.Remote == "":
		return network.Malformed.Unsent("the answer is to nothing")
	case answer.Direct && answer.To.Kind != care.PostDirect:
		return network.Refused.Unsent("only a message can be answered by a message")
	case strings.TrimSpace(answer.Text) == "":
		return network.Malformed.Unsent("the answer is empty")
	case !utf8.ValidString(answer.Text):
		return network.Malformed.Unsent("the answer is not UTF-8")
	case utf8.RuneCountInString(answer.Text) > a.length:
		return network.Malformed.Unsent("the answer is longer than reply_length")
	case len(answer.Pictures) > 0:
		return network.Malformed.Unsent("pictures can't go with an answer here")
	}
	return nil
}

func headerSafe(key string) bool {
	return key != "" && len(key) <= maxID && strings.IndexFunc(key, func(r rune) bool { return r <= ' ' || r > '~' }) < 0
}

// Find implements [network.Replier]. It asks the program by key. That the
// address is not there is no answer: only the program's own no is one.
func (a *Account) Find(ctx context.Context, answer care.Answer) (network.Sent, bool, error) {
	if a.reply == "" {
		return network.Sent{}, false, nil
	}
	if !headerSafe(answer.Key) {
		return network.Sent{}, false, network.Malformed.Unsent("the answer's key is missing or can't be a header")
	}
	u, err := url.Parse(a.reply)
	if err != nil {
		return network.Sent{}, false, network.Malformed.Unsent("reply_url can't be read")
	}
	q := u.Query()
	q.Set("key", answer.Key)
	u.RawQuery = q.Encode()
	s, err := a.exchange(ctx, http.MethodGet, u.String(), answer.Key, nil)
	switch {
	case err != nil:
		return network.Sent{}, false, err
	case s.Found == nil:
		return network.Sent{}, false, network.Malformed.Because("the answer doesn't say whether the reply was found")
	case !*s.Found:
		return network.Sent{}, false, nil
	}
	sent, err := s.sent()
	return sent, err == nil, err
}

// exchange is one signed call.
func (a *Account) exchange(ctx context.Context, method, address, id string, body []byte) (standing, error) {
	req, err := http.NewRequestWithContext(network.ForReply(ctx), method, address, bytes.NewReader(body))
	if err != nil {
		return standing{}, network.Malformed.Unsent("the call can't be made")
	}
	req.Header.Set("Accept", "application/json")
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Idempotency-Key", id)
	}
	a.sign(req.Header, id, body, time.Now())
	resp, err := a.http.Do(req)
	if err != nil {
		return standing{}, network.Typed(err)
	}
	var s standing
	return s, network.DecodeJSON(resp, &s)
}

func (s standing) sent() (network.Sent, error) {
	if s.ID == "" || len(s.ID) > 512 || strings.ContainsFunc(s.ID, func(r rune) bool { return r < ' ' || r == 0x7f || r == utf8.RuneError }) {
		return network.Sent{}, network.Malformed.Because("the program took the answer but gave it no id")
	}
	sent := network.Sent{Remote: care.Remote(s.ID), At: s.At.UTC()}
	if len(s.URL) <= 4096 && (strings.HasPrefix(s.URL, "https://") || strings.HasPrefix(s.URL, "http://")) {
		sent.URL = s.URL
	}
	return sent, nil
}
