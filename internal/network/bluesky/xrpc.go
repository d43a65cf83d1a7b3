package bluesky

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/amends-care/amends/internal/network"
)

// A client calls one server as one account.
type client struct {
	host    string
	http    *http.Client
	session *session
}

// A code is the network's own name for a refusal.
type code string

func (c code) Error() string { return string(c) }

// The codes that mean something to us.
const (
	expiredToken   code = "ExpiredToken"
	invalidToken   code = "InvalidToken"
	authMissing    code = "AuthMissing"
	recordNotFound code = "RecordNotFound"
	repoNotFound   code = "RepoNotFound" // ours: the network has only words for it
	notFound       code = "NotFound"
	invalidSwap    code = "InvalidSwap"
)

// saidCode is the code in an error, or empty.
func saidCode(err error) code {
	c, _ := errors.AsType[code](err)
	return c
}

// advice says in place of some codes what to do about them.
var advice = map[code]string{
	"AuthenticationRequired":  "the name or the app password is wrong",
	"AuthFactorTokenRequired": "this is the account's main password; make an app password and use that",
	"AccountTakedown":         "the account was taken down by its server",
	"AccountDeactivated":      "the account is deactivated",
}

// dialect is what the guarded transport needs to know of this network. It keeps
// no count of calls: the network counts them by address, for all accounts
// together and in windows of its own, tells how many are left with each answer,
// and a busy brand needs a hundredth of them. Sessions are counted in [session].
func dialect() network.Dialect { return network.Dialect{Refine: refine} }

func refine(resp *http.Response, body []byte, e *network.Error) {
	var said struct{ Error, Message string }
	if json.Unmarshal(body, &said) != nil {
		return
	}
	c := code(network.Word(said.Error))
	if c == "InvalidRequest" && strings.HasPrefix(said.Message, "Could not find repo") {
		c = repoNotFound
	}
	if c == "" {
		return
	}
	switch c {
	case expiredToken, invalidToken, authMissing, "AccountTakedown", "AccountDeactivated":
		e.Fault, e.Unsent = network.Refused, true
	case "BlockedActor", "BlockedByActor":
		e.Fault = network.Refused
	case recordNotFound, repoNotFound, notFound:
		e.Fault = network.Gone
	case "MethodNotImplemented", "XRPCNotSupported":
		e.Fault = network.Malformed
	}
	words := string(c)
	if known := advice[c]; known != "" {
		words = known
	}
	e.Err = network.Explain(words, c)
}

// query reads. served is the server's clock, zero when it doesn't tell.
func (c *client) query(ctx context.Context, nsid string, params url.Values, into any) (served time.Time, err error) {
	return c.signed(ctx, http.MethodGet, nsid, params, nil, into)
}

// procedure writes.
func (c *client) procedure(ctx context.Context, nsid string, body, into any) error {
	_, err := c.signed(ctx, http.MethodPost, nsid, nil, body, into)
	return err
}

// signed calls within the account's session. When the server no longer takes
// the token it did nothing else, so the call is made once more in a new session.
func (c *client) signed(ctx context.Context, method, nsid string, params url.Values, body, into any) (time.Time, error) {
	token, err := c.session.token(ctx, c, "")
	if err != nil {
		return time.Time{}, notYet(method, err)
	}
	served, err := c.exchange(ctx, method, nsid, params, body, token, into)
	if !outOfSession(err) {
		return served, err
	}
	if token, err = c.session.token(ctx, c, token); err != nil {
		return time.Time{}, notYet(method, err)
	}
	return c.exchange(ctx, method, nsid, params, body, token, into)
}

// notYet is the error of a step before a write: the write was not begun, or was
// refused for its token.
func notYet(method string, err error) error {
	if method == http.MethodGet {
		return err
	}
	return unsent(err)
}

// unsent marks an error of a step before the one that matters: nothing of that
// can have arrived. A 4xx tells so by itself.
func unsent(err error) error {
	e, ok := errors.AsType[*network.Error](err)
	if !ok || e.Settled() {
		return err
	}
	marked := *e
	marked.Unsent = true
	return &marked
}

// outOfSession says that a call failed for its token alone.
func outOfSession(err error) bool {
	switch saidCode(err) {
	case expiredToken, invalidToken, authMissing:
		return true
	case "":
		e, ok := errors.AsType[*network.Error](err)
		return ok && e.Status == http.StatusUnauthorized
	}
	return false
}

// A blobBody is sent as it is.
type blobBody struct {
	kind  string
	bytes []byte
}

// exchange is one call and its answer.
func (c *client) exchange(ctx context.Context, method, nsid string, params url.Values, body any, token string, into any) (time.Time, error) {
	address := c.host + "/xrpc/" + nsid
	if len(params) > 0 {
		address += "?" + params.Encode()
	}
	kind, sent := "application/json", []byte(nil)
	switch b := body.(type) {
	case nil:
	case blobBody:
		kind, sent = b.kind, b.bytes
	default:
		var err error
		if sent, err = json.Marshal(body); err != nil {
			return time.Time{}, &network.Error{Fault: network.Malformed, Unsent: true, Err: err}
		}
	}
	send := bytes.NewReader(sent)
	req, err := http.NewRequestWithContext(ctx, method, address, send)
	if err != nil {
		return time.Time{}, network.Malformed.Unsent("the call can't be made", err)
	}
	if body != nil {
		req.Header.Set("Content-Type", kind)
	}
	req.Header.Set("Accept", "application/json")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return time.Time{}, network.Typed(err)
	}
	served, _ := http.ParseTime(resp.Header.Get("Date"))
	if into == nil {
		return served, resp.Body.Close()
	}
	return served, network.DecodeJSON(resp, into)
}
