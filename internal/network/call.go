package network

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"net/http"
	"time"
)

// A Call is one request and its answer in JSON.
type Call struct {
	Method string
	URL    string
	Token  string // sent as a bearer's; empty: none
	Type   string // of Body; empty: JSON
	Body   []byte // nil: none
	Header http.Header
}

// Do makes the call and reads its answer into into; nil: the answer's body says
// nothing. served is the network's clock, zero when it doesn't tell. Every error
// is an [*Error].
func (c Call) Do(ctx context.Context, client *http.Client, into any) (served time.Time, err error) {
	req, err := http.NewRequestWithContext(ctx, c.Method, c.URL, bytes.NewReader(c.Body))
	if err != nil {
		return time.Time{}, Malformed.Unsent("the call can't be made", err)
	}
	maps.Copy(req.Header, c.Header)
	req.Header.Set("Accept", "application/json")
	if c.Body != nil {
		kind := c.Type
		if kind == "" {
			kind = "application/json"
		}
		req.Header.Set("Content-Type", kind)
	}
	if c.Token != "" {
		req.Header.Set("Authorization", "Bearer "+c.Token)
	}
	resp, err := client.Do(req)
	if err != nil {
		return time.Time{}, Typed(err)
	}
	served, _ = http.ParseTime(resp.Header.Get("Date"))
	if into == nil {
		return served, resp.Body.Close()
	}
	return served, DecodeJSON(resp, into)
}

// NotYet marks an error of a step before the call that sends an answer: nothing
// of that can have arrived. A refusal tells so by itself.
func NotYet(err error) error {
	e, ok := errors.AsType[*Error](err)
	if !ok || e.Settled() {
		return err
	}
	marked := *e
	marked.Unsent = true
	return &marked
}
