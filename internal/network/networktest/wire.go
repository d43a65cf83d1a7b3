package networktest

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// A Wire is a round-tripper that carries requests to a network and can break:
// the Break of any [World] that speaks HTTP. It needs no socket when the
// network is a handler, so it runs in a synctest bubble.
//
// Its refusals repeat the request's URL, header and body, so that a driver
// which puts an answer into an error is found out.
type Wire struct {
	t    testing.TB
	next http.RoundTripper

	mu     sync.Mutex
	fault  Fault
	writes bool // the fault is for writes alone
	skew   time.Duration
	calls  int
}

// NewWire carries requests to a handler.
func NewWire(t testing.TB, h http.Handler) *Wire { return NewWireOver(t, handling{h}) }

// NewWireOver carries requests to where another round-tripper does.
func NewWireOver(t testing.TB, next http.RoundTripper) *Wire { return &Wire{t: t, next: next} }

// Break makes every request from now on meet the fault, until [Mended].
func (w *Wire) Break(f Fault) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.fault, w.writes = f, false
}

// BreakWrites makes every request but GET and HEAD meet the fault, until [Mended].
func (w *Wire) BreakWrites(f Fault) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.fault, w.writes = f, true
}

// Skew sets the server's clock ahead of ours, or behind.
func (w *Wire) Skew(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.skew = d
}

// Calls counts the requests that came so far, refused ones included.
func (w *Wire) Calls() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.calls
}

// RoundTrip implements [http.RoundTripper].
func (w *Wire) RoundTrip(r *http.Request) (*http.Response, error) {
	w.mu.Lock()
	w.calls++
	fault, skew := w.fault, w.skew
	if w.writes && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
		fault = Mended
	}
	w.mu.Unlock()
	now := time.Now().Add(skew)

	var sent []byte
	if r.Body != nil {
		var err error
		sent, err = io.ReadAll(r.Body)
		r.Body.Close()
		if err != nil {
			return nil, err
		}
		r = r.Clone(r.Context())
		r.Body = io.NopCloser(bytes.NewReader(sent))
	}
	switch fault {
	case Unreachable:
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	case Silent:
		<-r.Context().Done()
		return nil, r.Context().Err()
	case Mended, Dropped, Lied, Stalled, Truncated, Lying, Empty, Huge:
		resp, err := w.next.RoundTrip(r)
		if err != nil {
			return nil, err
		}
		if resp.Header.Get("Date") == "" || skew != 0 {
			resp.Header.Set("Date", now.UTC().Format(http.TimeFormat))
		}
		return w.spoil(fault, r, resp, sent)
	}
	return refusal(fault, r, sent, now), nil
}

// spoil breaks an answer after the network did what was asked.
func (w *Wire) spoil(f Fault, r *http.Request, resp *http.Response, sent []byte) (*http.Response, error) {
	if f == Mended {
		return resp, nil
	}
	whole, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	if err != nil {
		return nil, err
	}
	switch f {
	case Dropped:
		return nil, fmt.Errorf("read %s: %w", r.URL, syscall.ECONNRESET)
	case Stalled:
		<-r.Context().Done()
		return nil, r.Context().Err()
	case Lied:
		return answer(r, http.StatusGatewayTimeout, "text/html", strings.NewReader("<h1>504 "+echo(r, sent)+"</h1>")), nil
	case Truncated:
		resp.Body = io.NopCloser(io.MultiReader(bytes.NewReader(whole[:len(whole)/2]), failing{io.ErrUnexpectedEOF}))
	case Lying:
		resp.Body = io.NopCloser(strings.NewReader("<!doctype html><title>Sign in to the Wi-Fi</title>" + echo(r, sent)))
	case Empty:
		resp.Body = http.NoBody
	case Huge:
		resp.Body = io.NopCloser(&huge{t: w.t, left: 50 << 20})
	}
	resp.ContentLength = -1
	resp.Header.Del("Content-Length")
	return resp, nil
}

func refusal(f Fault, r *http.Request, sent []byte, now time.Time) *http.Response {
	status, body := http.StatusTooManyRequests, `{"error":"RateLimitExceeded","message":`+fmt.Sprintf("%q", echo(r, sent))+`}`
	header := http.Header{}
	switch f {
	case LimitedSeconds:
		header.Set("Retry-After", fmt.Sprint(int(Wait.Seconds())))
	case LimitedDate:
		header.Set("Retry-After", now.Add(Wait).UTC().Format(http.TimeFormat))
	case LimitedEpoch:
		header.Set("X-Rate-Limit-Reset", fmt.Sprint(now.Add(Wait).Unix()))
		header.Set("X-Rate-Limit-Remaining", "0")
	case LimitedISO:
		header.Set("X-RateLimit-Reset", now.Add(Wait).UTC().Format("2006-01-02T15:04:05.000000Z"))
		header.Set("X-RateLimit-Remaining", "0")
	case Unauthorised:
		status = http.StatusUnauthorized
	case Unpaid:
		status = http.StatusPaymentRequired
	case Forbidden:
		status = http.StatusForbidden
	case ServerError:
		status, body = http.StatusInternalServerError, ""
	case BadGateway:
		status, body = http.StatusBadGateway, "<html><h1>502 Bad Gateway</h1>"+echo(r, sent)
	}
	resp := answer(r, status, "application/json", strings.NewReader(body))
	for k, v := range header {
		resp.Header[http.CanonicalHeaderKey(k)] = v
	}
	resp.Header.Set("Date", now.UTC().Format(http.TimeFormat))
	return resp
}

// echo is all that a request told us, secrets included.
func echo(r *http.Request, sent []byte) string {
	return fmt.Sprintf("%s %s %v %s", r.Method, r.URL, r.Header, sent)
}

func answer(r *http.Request, status int, kind string, body io.Reader) *http.Response {
	return &http.Response{
		Status: fmt.Sprintf("%d %s", status, http.StatusText(status)), StatusCode: status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {kind}}, Body: io.NopCloser(body), ContentLength: -1, Request: r,
	}
}

// handling carries requests to a handler in memory.
type handling struct{ h http.Handler }

func (h handling) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	in := r.Clone(r.Context())
	in.RequestURI = r.URL.RequestURI()
	in.RemoteAddr = "192.0.2.1:1234"
	if in.Host == "" {
		in.Host = r.URL.Host
	}
	if in.Body == nil {
		in.Body = http.NoBody
	}
	rec := httptest.NewRecorder()
	h.h.ServeHTTP(rec, in)
	resp := rec.Result()
	resp.Request = r
	return resp, nil
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// huge is a body of spaces inside a string that has no end in sight. Whoever
// reads most of it has no bound.
type huge struct {
	t     testing.TB
	left  int
	drawn int
}

func (h *huge) Read(p []byte) (int, error) {
	if h.left == 0 {
		return 0, io.EOF
	}
	n := min(len(p), h.left)
	for i := range p[:n] {
		p[i] = ' '
	}
	if h.drawn == 0 {
		p[0] = '"'
	}
	h.left -= n
	if h.drawn += n; h.drawn > 16<<20 && h.drawn-n <= 16<<20 {
		h.t.Errorf("the driver read more than 16 MiB of one answer")
	}
	return n, nil
}

// Replay carries each request once and from then on gives the same answer to
// the same URL, so that a benchmark measures the driver and not the simulator.
func Replay(t testing.TB, next http.RoundTripper) http.RoundTripper {
	return &replaying{t: t, next: next, bodies: map[string][]byte{}}
}

type replaying struct {
	t      testing.TB
	next   http.RoundTripper
	mu     sync.Mutex
	bodies map[string][]byte
}

func (p *replaying) RoundTrip(r *http.Request) (*http.Response, error) {
	key := r.Method + " " + r.URL.String()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bodies[key] == nil {
		resp, err := p.next.RoundTrip(r)
		if err != nil {
			return nil, err
		}
		whole, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil || resp.StatusCode != http.StatusOK {
			p.t.Fatalf("%s: %d, %v", key, resp.StatusCode, err)
		}
		p.bodies[key] = whole
	}
	return answer(r, http.StatusOK, "application/json", bytes.NewReader(p.bodies[key])), nil
}
