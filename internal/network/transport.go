package network

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/netip"
	"net/url"
	"sync/atomic"
	"time"
)

// Options say how a client guards its calls. The zero value is right for most
// networks: public addresses only, bounded in time and size.
type Options struct {
	UserAgent string // default: amends

	DialTimeout   time.Duration // to a connection, name look-up included; default 5 s
	TLSTimeout    time.Duration // default 5 s
	HeaderTimeout time.Duration // from the request's last byte to the answer's header; default 15 s
	Timeout       time.Duration // a whole exchange, the body read included; default 30 s

	MaxBody   int64 // bytes of an answer once unpacked; default 8 MiB
	MaxHeader int64 // bytes of an answer's header; default 64 KiB

	// Inside lists addresses of one's own network that may be called although
	// they are not [Public]: a server run in the same house, loopback in a test.
	Inside []netip.Prefix
	// Proxy carries every call. The addresses behind it can't be checked by us,
	// except those that are written out in a URL.
	Proxy *url.URL

	// Budget is shared by all clients that may use one credential; nil: a fresh one.
	Budget *Budget
	// Base carries the calls in place of real connections: a simulator in memory.
	Base http.RoundTripper
}

// A Dialect is what a driver knows of its network's manners. The zero value
// knows HTTP's own.
type Dialect struct {
	// Refine corrects what the status suggested. body is the start of the
	// answer, at most 64 KiB. It may set Fault, After, Unsent and, as Err, an
	// [Explain] of the network's own error code; never a piece of the body.
	Refine func(resp *http.Response, body []byte, e *Error)
	// Limit names the endpoint that a call is charged to and what the network
	// grants there; a zero Limit is not counted.
	Limit func(r *http.Request) (endpoint string, l Limit)
	// Credential tells buckets of several accounts apart. It is hashed at once.
	Credential string
	// Redirects is how many a GET may follow; 0: none. Others never follow one,
	// since that would send them twice.
	Redirects int
}

// NewClient returns a client for drivers. Every answer that is no success comes
// back as an [*Error], and no error tells a URL's path or query, a header or a
// body. 304 passes as a success.
//
// Requests that may change something (all but GET and HEAD) are sent once, and
// on a connection of their own: one that the server is just closing can't then
// leave the outcome unknown. A GET may go out again when the connection it was
// to use had already been closed.
func NewClient(o Options) *http.Client {
	return Adapt(&http.Client{Transport: newGuard(o)}, Dialect{})
}

// Adapt returns a client that works like c and speaks a driver's dialect. A
// client that did not come from [NewClient] gets its guards here, so a driver
// that adapts what it is given is always guarded.
func Adapt(c *http.Client, d Dialect) *http.Client {
	g := *guardOf(c)
	g.dialect = d
	g.bucket = bucketName(d.Credential)
	return &http.Client{Transport: &g, CheckRedirect: g.checkRedirect, Jar: c.Jar, Timeout: c.Timeout}
}

// guardOf is the guard under a client, or a fresh one that takes its place.
func guardOf(c *http.Client) *guard {
	switch t := c.Transport.(type) {
	case *guard:
		return t
	case nil:
		return newGuard(Options{})
	default:
		return newGuard(Options{Base: t})
	}
}

// Bind returns a client whose every request runs under ctx, for libraries that
// know no context. It is cheap: make one for each poll.
func Bind(ctx context.Context, c *http.Client) *http.Client {
	bound := *c
	bound.Transport = binder{ctx, cmp.Or(c.Transport, http.RoundTripper(newGuard(Options{})))}
	return &bound
}

type binder struct {
	ctx  context.Context
	next http.RoundTripper
}

func (b binder) RoundTrip(r *http.Request) (*http.Response, error) {
	return b.next.RoundTrip(r.WithContext(b.ctx))
}

// Streaming marks a request whose answer has no end: neither the whole time nor
// the size of its body is bounded. Whoever reads it bounds both.
func Streaming(ctx context.Context) context.Context {
	return context.WithValue(ctx, streamKey{}, true)
}

// ForReply marks a call that carries an answer to a customer: it may use the
// part of a bucket that reading leaves alone.
func ForReply(ctx context.Context) context.Context {
	return context.WithValue(ctx, replyKey{}, true)
}

type (
	streamKey struct{}
	replyKey  struct{}
)

// A guard is the round-tripper under every driver.
type guard struct {
	opts    Options
	dialect Dialect
	bucket  string
	budget  *Budget
	reads   http.RoundTripper
	writes  http.RoundTripper // a fresh connection for each
	wired   bool              // reads and writes are our own, so what httptrace saw is all there was
}

func newGuard(o Options) *guard {
	o.UserAgent = cmp.Or(o.UserAgent, "amends")
	o.DialTimeout = cmp.Or(o.DialTimeout, 5*time.Second)
	o.TLSTimeout = cmp.Or(o.TLSTimeout, 5*time.Second)
	o.HeaderTimeout = cmp.Or(o.HeaderTimeout, 15*time.Second)
	o.Timeout = cmp.Or(o.Timeout, 30*time.Second)
	o.MaxBody = cmp.Or(o.MaxBody, 8<<20)
	o.MaxHeader = cmp.Or(o.MaxHeader, 64<<10)
	g := &guard{opts: o, budget: o.Budget, reads: o.Base, writes: o.Base}
	if g.budget == nil {
		g.budget = NewBudget()
	}
	if o.Base == nil {
		reads := o.transport()
		writes := reads.Clone()
		writes.DisableKeepAlives = true
		g.reads, g.writes, g.wired = reads, writes, true
	}
	return g
}

func (o *Options) transport() *http.Transport {
	t := &http.Transport{
		DialContext:            dialer(o),
		TLSHandshakeTimeout:    o.TLSTimeout,
		ResponseHeaderTimeout:  o.HeaderTimeout,
		MaxResponseHeaderBytes: o.MaxHeader,
		MaxIdleConnsPerHost:    4,
		IdleConnTimeout:        90 * time.Second,
		ForceAttemptHTTP2:      true,
	}
	if o.Proxy != nil {
		t.Proxy = http.ProxyURL(o.Proxy)
	}
	return t
}

func (g *guard) RoundTrip(req *http.Request) (*http.Response, error) {
	endpoint, err := g.admit(req)
	if err != nil {
		if req.Body != nil {
			req.Body.Close()
		}
		return nil, err
	}
	ctx, stop := req.Context(), context.CancelFunc(func() {})
	streaming := ctx.Value(streamKey{}) != nil
	if !streaming {
		ctx, stop = context.WithTimeout(ctx, g.opts.Timeout)
	}
	var connected atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { connected.Store(true) },
	})
	tally, _ := ctx.Value(tallyKey{}).(*Tally)

	resp, err := g.carry(ctx, req)
	if err != nil {
		e := g.broken(ctx, req, err)
		e.Unsent = e.Unsent || !connected.Load() && (g.wired || beforeConnection(err))
		stop()
		tally.call(!e.Unsent)
		return nil, e
	}
	resp.Request = req
	limits := readLimits(resp.Header, time.Now())
	tally.call(true)
	tally.limits(limits)
	g.budget.learn(g.bucket, endpoint, limits)
	capped := &body{rc: resp.Body, left: g.opts.MaxBody, endless: streaming, stop: stop,
		broken: func(err error) error { return g.broken(ctx, req, err) }}
	resp.Body = capped
	if resp.StatusCode/100 == 2 || resp.StatusCode == http.StatusNotModified || g.follows(resp) {
		return resp, nil
	}
	return nil, g.refused(resp, limits, endpoint)
}

// admit takes the call from its bucket.
func (g *guard) admit(req *http.Request) (endpoint string, err error) {
	if err := req.Context().Err(); err != nil {
		e := g.broken(req.Context(), req, err)
		e.Unsent = true
		return "", e
	}
	if err := g.opts.checkLiteral(req.URL); err != nil {
		return "", err
	}
	if g.dialect.Limit == nil {
		return "", nil
	}
	endpoint, limit := g.dialect.Limit(req)
	return endpoint, g.budget.take(g.bucket, endpoint, limit, req.Context().Value(replyKey{}) != nil)
}

// carry sends one request once. net/http would send a request with an
// Idempotency-Key again by itself when the connection breaks; networks exist
// that ignore the key, so the body it hands over can't be read twice.
func (g *guard) carry(ctx context.Context, req *http.Request) (*http.Response, error) {
	out := req.Clone(ctx)
	if out.Header.Get("User-Agent") == "" {
		out.Header.Set("User-Agent", g.opts.UserAgent)
	}
	if out.Method == http.MethodGet || out.Method == http.MethodHead || out.Method == "" {
		return g.reads.RoundTrip(out)
	}
	out.GetBody = nil
	if out.Body == nil || out.Body == http.NoBody {
		out.Body = io.NopCloser(emptyReader{})
	}
	return g.writes.RoundTrip(out)
}

type emptyReader struct{}

func (emptyReader) Read([]byte) (int, error) { return 0, io.EOF }

// follows says that the client is to follow this redirect.
func (g *guard) follows(resp *http.Response) bool {
	switch resp.StatusCode {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther,
		http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		m := resp.Request.Method
		return g.dialect.Redirects > 0 && (m == http.MethodGet || m == http.MethodHead || m == "") && resp.Header.Get("Location") != ""
	}
	return false
}

func (g *guard) checkRedirect(r *http.Request, via []*http.Request) error {
	r.Header.Del("Referer") // it would hand the last URL, keys included, to the next host
	from := via[len(via)-1].URL
	switch {
	case len(via) > g.dialect.Redirects:
		return Malformed.Because(from.Host + ": too many redirects")
	case r.URL.Scheme != "https" && (r.URL.Scheme != "http" || from.Scheme == "https"):
		return Malformed.Because(from.Host + ": redirect to an unsafe scheme")
	case r.URL.User != nil:
		return Malformed.Because(from.Host + ": redirect with a password in it")
	}
	return nil
}

// A body ends an answer that is longer than allowed and types what breaks it.
type body struct {
	rc      io.ReadCloser
	left    int64
	endless bool
	stop    context.CancelFunc
	broken  func(error) error
	err     error
}

func (b *body) Read(p []byte) (int, error) {
	if b.err != nil {
		return 0, b.err
	}
	if !b.endless && int64(len(p)) > b.left+1 {
		p = p[:b.left+1] // one more than allowed tells an end from an excess
	}
	n, err := b.rc.Read(p)
	if !b.endless && int64(n) > b.left {
		n, err = int(b.left), Malformed.Because("the answer is longer than allowed")
		b.rc.Close()
	}
	b.left -= int64(n)
	switch {
	case err == nil || err == io.EOF:
	default:
		err = b.broken(err)
	}
	b.err = err
	return n, err
}

func (b *body) Close() error {
	err := b.rc.Close()
	b.stop()
	return err
}

// callName names a request by what may be told: method and host.
func callName(req *http.Request, endpoint string) string {
	name := cmp.Or(req.Method, http.MethodGet) + " " + req.URL.Host
	if endpoint != "" {
		name += fmt.Sprintf(" (%s)", endpoint)
	}
	return name
}
