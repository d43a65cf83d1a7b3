package xtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// A window counts the calls of an endpoint in 15 minutes.
type window struct {
	ends time.Time
	left int
}

// granted is what X allows one account in 15 minutes.
var granted = map[string]int{
	"/2/users/:id/mentions": 300, "/2/users/:id/tweets": 900, "/2/tweets/search/recent": 300, "GET /2/tweets": 5000, "POST /2/tweets": 100,
	"/2/dm_events": 15, "/2/tweets/search/stream": 50,
}

// A bill is what X asks for what was read and written, in thousandths of a
// dollar. A resource is paid for once between two midnights in UTC.
type bill struct {
	spent  int64
	credit int64
	capped bool
	day    string
	paid   map[string]bool
}

const (
	pricePost, priceOwn, priceMessage = 5, 1, 10
	priceWrite, priceURL, priceDelete = 15, 200, 10
)

func (b *bill) read(now time.Time, id string, price int64) {
	if day := now.Format(time.DateOnly); day != b.day {
		b.day, b.paid = day, map[string]bool{}
	}
	if !b.paid[id] {
		b.spent += price
	}
	b.paid[id] = true
}

// Spent is what all calls cost so far, in US dollars.
func (n *Network) Spent() float64 {
	n.mu.Lock()
	defer n.mu.Unlock()
	return float64(n.bill.spent) / 1000
}

// Credit lets this much be spent from now on, in US dollars; what is asked for
// once it is gone is refused. Negative: no limit.
func (n *Network) Credit(dollars float64) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.bill.capped, n.bill.credit = dollars >= 0, n.bill.spent+int64(dollars*1000)
}

// A reply is what X answers.
type reply struct {
	status int
	body   any
	stream *stream
}

func ok(body any) reply { return reply{status: http.StatusOK, body: body} }

// problem is a refusal as v2 makes it.
func (n *Network) problem(status int, kind, title, detail string) reply {
	host := "https://api.x.com/2/problems/"
	if n.opts.Fields == "tweet" {
		host = "https://api.twitter.com/2/problems/"
	}
	if kind == "" {
		host, kind = "", "about:blank"
	}
	return reply{status: status, body: map[string]any{"type": host + kind, "title": title, "detail": detail, "status": status}}
}

// RoundTrip implements [http.RoundTripper].
func (n *Network) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	var sent []byte
	if r.Body != nil {
		var err error
		if sent, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
		r.Body.Close()
	}
	in := r.Clone(r.Context())
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		form, err := url.ParseQuery(string(sent))
		if err != nil {
			n.fault(r, "the form: %v", err)
		}
		in.Form = r.URL.Query()
		maps.Copy(in.Form, form)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	header := http.Header{"Date": {n.now().Format(http.TimeFormat)}}
	a := n.answer(in, sent, header)
	if a.stream != nil {
		return &http.Response{StatusCode: 200, Status: "200 OK", Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
			Header: http.Header{"Content-Type": {"application/json"}, "Date": header["Date"]}, Body: a.stream, ContentLength: -1, Request: r}, nil
	}
	body, err := json.Marshal(a.body)
	if err != nil {
		n.t.Fatalf("the network can't write its answer: %v", err)
	}
	kind := "application/json"
	if a.status >= 400 && strings.HasPrefix(r.URL.Path, "/2/") {
		kind = "application/problem+json"
	}
	header.Set("Content-Type", kind)
	if n.opts.Spec != nil && strings.HasPrefix(r.URL.Path, "/2/") {
		n.opts.Spec.check(n.t, in, sent, a.status, header, body)
	}
	return &http.Response{StatusCode: a.status, Status: fmt.Sprintf("%d %s", a.status, http.StatusText(a.status)), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: header, Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)), Request: r}, nil
}

// answer needs the lock.
func (n *Network) answer(r *http.Request, sent []byte, header http.Header) reply {
	by := signedBy(r)
	appOnly := strings.HasPrefix(r.URL.Path, "/2/tweets/search/stream") || strings.HasPrefix(r.URL.Path, "/2/tweets/counts/")
	switch {
	case by == "":
		if strings.HasPrefix(r.URL.Path, "/1.1/") {
			return reply{status: 401, body: map[string]any{"errors": []any{map[string]any{"code": 32, "message": "Could not authenticate you."}}}}
		}
		return n.problem(401, "", "Unauthorized", "Unauthorized")
	case appOnly != (by == "app"):
		n.fault(r, "signed by the %s", by)
		return n.problem(403, "unsupported-authentication", "Unsupported Authentication", "This endpoint is for another kind of token.")
	case n.bill.capped && n.bill.spent >= n.bill.credit:
		return n.problem(402, "credits", "CreditsDepleted", "Your enrolled account does not have any credits to fulfill this request.")
	}
	endpoint := r.URL.Path
	if strings.HasPrefix(endpoint, "/2/users/") {
		endpoint = "/2/users/:id/" + endpoint[strings.LastIndexByte(endpoint, '/')+1:]
	}
	if endpoint == "/2/tweets" {
		endpoint = r.Method + " " + endpoint
	}
	if !n.admit(endpoint, header) {
		return n.problem(429, "", "Too Many Requests", "Too Many Requests")
	}
	if strings.HasPrefix(r.URL.Path, "/1.1/") {
		return n.old(r, sent)
	}
	return n.v2(r, sent)
}

// admit counts a call and tells what is left.
func (n *Network) admit(endpoint string, header http.Header) bool {
	limit, set := n.grants[endpoint]
	if !set {
		limit = granted[endpoint]
	}
	if limit == 0 {
		return true
	}
	w := n.windows[endpoint]
	if now := n.now(); w == nil || !now.Before(w.ends) {
		w = &window{ends: now.Add(15 * time.Minute), left: limit}
		n.windows[endpoint] = w
	}
	w.left = min(w.left, limit)
	allowed := w.left > 0
	if allowed {
		w.left--
	}
	header.Set("X-Rate-Limit-Limit", strconv.Itoa(limit))
	header.Set("X-Rate-Limit-Remaining", strconv.Itoa(w.left))
	header.Set("X-Rate-Limit-Reset", strconv.FormatInt(w.ends.Unix(), 10))
	return allowed
}
