package x

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	//lint:ignore SA1019 deprecated by its author and wanted here: see ADR 11
	"github.com/dghubble/go-twitter/twitter"
	"github.com/dghubble/oauth1"

	"github.com/amends-care/amends/internal/network"
)

// connect makes the clients: go-twitter's calls go through the bridge, are
// signed, and leave by the guarded transport.
func (a *Account) connect(c *http.Client) {
	s := &a.set
	guarded := network.Adapt(c, dialect(s.Mode, string(s.AccessToken)))
	keys := oauth1.NewConfig(string(s.ConsumerKey), string(s.ConsumerSecret))
	token := oauth1.NewToken(string(s.AccessToken), string(s.AccessSecret))
	signing := oauth1.NewClient(context.WithValue(context.Background(), oauth1.HTTPClient, guarded), keys, token).Transport
	client := func(t http.RoundTripper) *http.Client {
		return &http.Client{Transport: t, CheckRedirect: guarded.CheckRedirect, Timeout: guarded.Timeout}
	}
	a.signed = client(signing)
	a.app = network.Adapt(c, dialect(V2, string(s.BearerToken)))
	if s.Mode == V1 {
		a.rest = client(whole{signing, a.host})
	} else {
		a.rest = client(&bridge{next: signing, account: a})
	}
}

// twitter is the package's client, whose every call runs under ctx.
func (a *Account) twitter(ctx context.Context) *twitter.Client {
	return twitter.NewClient(network.Bind(ctx, a.rest))
}

// whole sends v1.1 calls to a host and hands on only answers that are whole
// JSON: the package takes an empty one for a success.
type whole struct {
	next http.RoundTripper
	host string
}

func (w whole) RoundTrip(r *http.Request) (*http.Response, error) {
	to, err := readdressed(r, w.host, r.URL.Path, r.URL.Query())
	if err != nil {
		return nil, err
	}
	to.Body = r.Body
	to.ContentLength = r.ContentLength
	to.Header = r.Header
	resp, err := w.next.RoundTrip(to)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode == http.StatusNoContent {
		return resp, nil
	}
	var all json.RawMessage
	if err := network.DecodeJSON(resp, &all); err != nil {
		return nil, err
	}
	return replaced(resp, textCursor(all)), nil
}

// textCursor writes a cursor that came as a number as text, which is all that
// the package reads; 0 is the end.
func textCursor(all json.RawMessage) json.RawMessage {
	var page map[string]json.RawMessage
	if !bytes.Contains(all, []byte(`"next_cursor"`)) || json.Unmarshal(all, &page) != nil {
		return all
	}
	cursor, err := strconv.ParseUint(string(page["next_cursor"]), 10, 64)
	if err != nil {
		return all
	}
	text := ""
	if cursor > 0 {
		text = strconv.FormatUint(cursor, 10)
	}
	page["next_cursor"] = json.RawMessage(strconv.Quote(text))
	if b, err := json.Marshal(page); err == nil {
		return b
	}
	return all
}

// readdressed makes a request for another place.
func readdressed(r *http.Request, host, path string, params url.Values) (*http.Request, error) {
	address := host + path
	if len(params) > 0 {
		// oauth1 signs what it reads from the URL, so a blank must be %20 in both.
		address += "?" + strings.ReplaceAll(params.Encode(), "+", "%20")
	}
	to, err := http.NewRequestWithContext(r.Context(), r.Method, address, nil)
	if err != nil {
		return nil, network.Malformed.Unsent("the call can't be made", err)
	}
	to.Header.Set("Accept", "application/json")
	return to, nil
}

// replaced is an answer with another body.
func replaced(resp *http.Response, body []byte) *http.Response {
	out := *resp
	out.Header = resp.Header.Clone()
	out.Header.Del("Content-Length")
	out.Header.Del("Content-Encoding")
	out.Header.Set("Content-Type", "application/json")
	out.Body = io.NopCloser(bytes.NewReader(body))
	out.ContentLength = int64(len(body))
	return &out
}

// call makes a v2 call and reads its answer. body and into may be nil.
func call(ctx context.Context, c *http.Client, method, address string, header http.Header, body, into any) (*http.Response, error) {
	var send io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return nil, network.Malformed.Unsent("the call can't be written", err)
		}
		send = bytes.NewReader(b)
	}
	r, err := http.NewRequestWithContext(ctx, method, address, send)
	if err != nil {
		return nil, network.Malformed.Unsent("the call can't be made", err)
	}
	maps.Copy(r.Header, header)
	r.Header.Set("Accept", "application/json")
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	resp, err := c.Do(r)
	if err != nil {
		return nil, network.Typed(err)
	}
	return resp, network.DecodeJSON(resp, into)
}

// bearer is the header of the app's own calls.
func (a *Account) bearer() http.Header {
	return http.Header{"Authorization": {"Bearer " + string(a.set.BearerToken)}}
}

// A code is X's own name for a refusal.
type code string

func (c code) Error() string { return string(c) }

// The codes that mean something to us.
const (
	duplicate code = "duplicate"
	capped    code = "usage-capped"
	tooMany   code = "too-many-connections"
)

// saidCode is the code in an error, or empty.
func saidCode(err error) code {
	c, _ := errors.AsType[code](err)
	return c
}

// A problem is any of the ways in which X refuses.
type problem struct {
	Type   string
	Title  string
	Detail string
	Reason string
	Errors json.RawMessage // v1.1: codes; v2: problems, or what was wrong with parameters
	Error  string
}

// kind is a problem's type without its beginning, which changed with the
// company's name.
func (p *problem) kind() string { return network.Word(p.Type[strings.LastIndexByte(p.Type, '/')+1:]) }

// words say in place of some codes what they mean and what to do.
var words = map[int]string{
	32:  "the keys are wrong",
	64:  "the account is suspended",
	88:  "too many calls",
	89:  "the access token was taken back or is wrong",
	135: "this machine's clock is wrong by minutes",
	136: "the author has blocked our account",
	144: "the post is gone",
	179: "the post is not shown to us",
	186: "the text is longer than X takes",
	187: "X refuses the same text twice",
	215: "the keys are wrong",
	226: "X takes this for a machine's doing and refuses it",
	326: "the account is locked until somebody signs in at x.com",
	349: "this person takes no direct messages from our account",
	385: "the post to be answered is gone or not shown to us",
	416: "the app is suspended or not allowed to do this",
	433: "the author limited who may answer",
	453: "X serves this old call to few contracts any more: set mode: v2",
}

var faults = map[int]network.Fault{
	88: network.Limited, 34: network.Gone, 144: network.Gone, 385: network.Gone, 186: network.Malformed, 187: network.Malformed,
}

var sameText = regexp.MustCompile(`(?i)duplicate content|is a duplicate`)

// refine tells by X's own words what a refusal is about.
func refine(resp *http.Response, body []byte, e *network.Error) {
	var p problem
	if json.Unmarshal(body, &p) != nil {
		p = problem{}
	}
	var known string
	var c code
	kind := p.kind()
	switch {
	case sameText.MatchString(p.Detail) || sameText.Match(p.Errors):
		e.Fault, c, known = network.Malformed, duplicate, words[187]
	case kind == "usage-capped":
		e.Fault, e.After, c, known = network.Unpaid, 0, capped, "the cap of posts that the contract allows is used up"
	case kind == "credits" || strings.HasSuffix(kind, "credits-depleted") || resp.StatusCode == http.StatusPaymentRequired:
		e.Fault, known = network.Unpaid, "out of credit at X: buy some, or raise the limit, at console.x.com"
	case kind == "client-forbidden":
		e.Fault, known = network.Refused, "X does not let this app make this call: check its project and plan at console.x.com"
	case kind == "streaming-connection" || resp.StatusCode == http.StatusTooManyRequests && strings.Contains(p.Detail, "onnection"):
		e.Fault, c, known = network.Limited, tooMany, "X allows one stream at a time and another is open"
	case strings.HasSuffix(kind, "resource-not-found"):
		e.Fault = network.Gone
	case resp.StatusCode == http.StatusForbidden && notSummoned.MatchString(p.Detail):
		e.Fault, known = network.Refused, "X lets an app answer only authors who mentioned or quoted our account"
	}
	if known == "" {
		known = oldWords(p.Errors, e)
	}
	if known == "" && kind != "" && kind != "about:blank" {
		known = kind
	}
	switch {
	case known != "" && c != "":
		e.Err = network.Explain(known, c)
	case known != "":
		e.Err = network.Explain(known)
	}
}

var notSummoned = regexp.MustCompile(`(?i)have not been mentioned|not allowed because you`)

// oldWords reads v1.1's numbers.
func oldWords(raw json.RawMessage, e *network.Error) string {
	var numbered []struct{ Code int }
	if json.Unmarshal(raw, &numbered) != nil {
		return ""
	}
	for _, n := range numbered {
		if f, ok := faults[n.Code]; ok {
			e.Fault = f
		}
		if w := words[n.Code]; w != "" {
			return w
		}
	}
	return ""
}

// A grant is what X allows one account at one endpoint. Looking posts up is not
// among them: its 5,000 are out of reach, and a customer waits for it.
type grant struct {
	method string
	path   *regexp.Regexp
	name   string
	limit  network.Limit
}

const window = 15 * time.Minute

var grants = map[string][]grant{
	V2: {
		{"GET", regexp.MustCompile(`^/2/users/\d+/mentions$`), "mentions", network.Limit{Calls: 300, Per: window}},
		{"GET", regexp.MustCompile(`^/2/users/\d+/tweets$`), "own posts", network.Limit{Calls: 900, Per: window}},
		{"GET", regexp.MustCompile(`^/2/tweets/search/recent$`), "search", network.Limit{Calls: 300, Per: window}},
		{"POST", regexp.MustCompile(`^/2/tweets$`), "post", network.Limit{Calls: 100, Per: window}},
		{"DELETE", regexp.MustCompile(`^/2/tweets/\d+$`), "delete", network.Limit{Calls: 50, Per: window}},
		{"GET", regexp.MustCompile(`^/2/dm_events$`), "messages", network.Limit{Calls: 15, Per: window}},
		{"POST", regexp.MustCompile(`^/2/dm_conversations/with/\d+/messages$`), "message", network.Limit{Calls: 15, Per: window}},
		{"GET", regexp.MustCompile(`^/2/tweets/search/stream$`), "stream", network.Limit{Calls: 50, Per: window}},
		{"", regexp.MustCompile(`^/2/tweets/search/stream/rules$`), "rules", network.Limit{Calls: 100, Per: window}},
		{"GET", regexp.MustCompile(`^/2/tweets/counts/recent$`), "counts", network.Limit{Calls: 300, Per: window}},
	},
	V1: {
		{"GET", regexp.MustCompile(`^/1\.1/statuses/mentions_timeline\.json$`), "mentions", network.Limit{Calls: 75, Per: window}},
		{"GET", regexp.MustCompile(`^/1\.1/statuses/user_timeline\.json$`), "own posts", network.Limit{Calls: 900, Per: window}},
		{"GET", regexp.MustCompile(`^/1\.1/search/tweets\.json$`), "search", network.Limit{Calls: 180, Per: window}},
		{"POST", regexp.MustCompile(`^/1\.1/statuses/update\.json$`), "post", network.Limit{Calls: 300, Per: 3 * time.Hour}},
		{"GET", regexp.MustCompile(`^/1\.1/direct_messages/events/list\.json$`), "messages", network.Limit{Calls: 15, Per: window}},
	},
}

// dialect is what the guarded transport needs to know of X.
func dialect(mode, credential string) network.Dialect {
	return network.Dialect{Refine: refine, Credential: credential, Limit: func(r *http.Request) (string, network.Limit) {
		for _, g := range grants[mode] {
			if (g.method == "" || g.method == r.Method) && g.path.MatchString(r.URL.Path) {
				return g.name, g.limit
			}
		}
		return "", network.Limit{}
	}}
}

// typed is any error above the transport as the contract wants it.
func typed(err error) error { return network.Typed(err) }
