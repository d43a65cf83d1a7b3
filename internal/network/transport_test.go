package network_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/amends-care/amends/internal/network"
)

var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}

// roundTrip is a network in memory.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func answering(status int, header http.Header, body string) roundTrip {
	return func(r *http.Request) (*http.Response, error) {
		if header == nil {
			header = http.Header{}
		}
		return &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
	}
}

// typed fails the test unless err is an *Error once a driver has typed it.
func typed(t *testing.T, err error) *network.Error {
	t.Helper()
	e, ok := errors.AsType[*network.Error](network.Typed(err))
	if !ok {
		t.Fatalf("got %v, want a *network.Error", err)
	}
	return e
}

func TestStatusBecomesFault(t *testing.T) {
	used := http.Header{"X-Ratelimit-Remaining": {"0"}, "X-Ratelimit-Reset": {"60"}}
	for _, c := range []struct {
		status  int
		header  http.Header
		fault   network.Fault
		settled bool
	}{
		{400, nil, network.Malformed, true},
		{401, nil, network.Refused, true},
		{402, nil, network.Unpaid, true},
		{403, nil, network.Refused, true},
		{403, used, network.Limited, true},
		{404, nil, network.Gone, true},
		{408, nil, network.Transient, false},
		{409, nil, network.Malformed, false},
		{410, nil, network.Gone, true},
		{422, nil, network.Malformed, true},
		{425, nil, network.Transient, false},
		{429, nil, network.Limited, true},
		{451, nil, network.Gone, true},
		{500, nil, network.Transient, false},
		{504, nil, network.Transient, false},
		{302, http.Header{"Location": {"https://elsewhere.example/"}}, network.Malformed, false},
		{304, nil, "", false},
		{201, nil, "", false},
	} {
		client := network.NewClient(network.Options{Base: answering(c.status, c.header, "{}")})
		resp, err := client.Post("https://api.example/v1", "text/plain", strings.NewReader("x"))
		if c.fault == "" {
			if err != nil || resp.StatusCode != c.status {
				t.Errorf("%d: got %v, want success", c.status, err)
			}
			continue
		}
		e := typed(t, err)
		if e.Fault != c.fault || e.Status != c.status || e.Settled() != c.settled {
			t.Errorf("%d: got %s, status %d, settled %v; want %s, settled %v", c.status, e.Fault, e.Status, e.Settled(), c.fault, c.settled)
		}
		if e.Unsent != (c.fault == network.Limited) {
			t.Errorf("%d: Unsent is %v", c.status, e.Unsent)
		}
	}
}

func TestDialectRefinesAFault(t *testing.T) {
	client := network.Adapt(network.NewClient(network.Options{Base: answering(400, nil, `{"error":"InvalidToken"}`)}), network.Dialect{
		Refine: func(resp *http.Response, body []byte, e *network.Error) {
			if resp.StatusCode == 400 && bytes.Contains(body, []byte("InvalidToken")) {
				e.Fault, e.Err = network.Refused, network.Explain(network.Word("InvalidToken"))
			}
		},
	})
	_, err := client.Get("https://api.example/xrpc/x?token=hush")
	e := typed(t, err)
	if e.Fault != network.Refused || e.Error() != "refused: GET api.example: 400 Bad Request: InvalidToken" {
		t.Errorf("got %q", e.Error())
	}
}

// Whatever goes wrong, no error says what was asked with which key.
func TestNoErrorTellsASecret(t *testing.T) {
	const secret = "hush-4711"
	echo := func(r *http.Request) string { return fmt.Sprint(r.URL, r.Header) }
	bases := map[string]roundTrip{
		"refused": func(r *http.Request) (*http.Response, error) { return answering(403, nil, echo(r))(r) },
		"lying":   func(r *http.Request) (*http.Response, error) { return answering(200, nil, echo(r))(r) },
		"wrong": func(r *http.Request) (*http.Response, error) {
			return answering(200, nil, fmt.Sprintf(`{"n":%q}`, secret))(r)
		},
		"broken": func(r *http.Request) (*http.Response, error) { return nil, fmt.Errorf("lost %s", echo(r)) },
		"dial": func(r *http.Request) (*http.Response, error) {
			return nil, &net.OpError{Op: "dial", Err: errors.New(echo(r))}
		},
		"dns": func(r *http.Request) (*http.Response, error) { return nil, &net.DNSError{Name: echo(r), Err: echo(r)} },
		"redirect": func(r *http.Request) (*http.Response, error) {
			return answering(302, http.Header{"Location": {"ftp://u:" + secret + "@x.example/" + secret}}, "")(r)
		},
	}
	for name, base := range bases {
		client := network.Adapt(network.NewClient(network.Options{Base: base}), network.Dialect{Redirects: 3, Credential: secret})
		req, _ := http.NewRequest("GET", "https://u:"+secret+"@api.example/bot"+secret+"/me?key="+secret, nil)
		req.Header.Set("Authorization", "Bearer "+secret)
		resp, err := client.Do(req)
		if err == nil {
			var v struct{ N int }
			err = network.DecodeJSON(resp, &v)
		}
		if err == nil {
			t.Fatalf("%s: no error", name)
		}
		e := network.Typed(err)
		for _, text := range []string{e.Error(), fmt.Sprintf("%v", e)} {
			if strings.Contains(text, secret) {
				t.Errorf("%s: the error tells the secret: %s", name, text)
			}
		}
	}
}

func TestUnsentOnlyWhenNothingCanHaveArrived(t *testing.T) {
	var served atomic.Int32
	plain := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		served.Add(1)
		switch r.URL.Path {
		case "/drop":
			conn, _, _ := http.NewResponseController(w).Hijack()
			conn.Close()
		case "/half":
			w.Header().Set("Content-Length", "100")
			fmt.Fprint(w, "half")
		case "/silent":
			io.Copy(io.Discard, r.Body) // only then does the server notice that we left
			<-r.Context().Done()
		}
	}))
	defer plain.Close()
	secure := httptest.NewUnstartedServer(http.NotFoundHandler())
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	defer secure.Close()
	closed := httptest.NewServer(nil)
	closed.Close()

	client := network.NewClient(network.Options{Inside: loopback})
	public := network.NewClient(network.Options{})
	short := network.NewClient(network.Options{Inside: loopback, Timeout: 50 * time.Millisecond})
	ended, end := context.WithCancel(t.Context())
	end()
	for _, c := range []struct {
		name   string
		client *http.Client
		ctx    context.Context
		url    string
		unsent bool
	}{
		{"refused connection", client, t.Context(), closed.URL, true},
		{"certificate by a stranger", client, t.Context(), secure.URL, true},
		{"address that is not public", public, t.Context(), plain.URL, true},
		{"cancelled before", client, ended, plain.URL, true},
		{"dropped", client, t.Context(), plain.URL + "/drop", false},
		{"half an answer", client, t.Context(), plain.URL + "/half", false},
		{"no answer in time", short, t.Context(), plain.URL + "/silent", false},
	} {
		before := served.Load()
		req, _ := http.NewRequestWithContext(c.ctx, "POST", c.url, strings.NewReader("{}"))
		req.Header.Set("Idempotency-Key", "k")
		resp, err := c.client.Do(req)
		if err == nil {
			err = network.DecodeJSON(resp, new(any))
		}
		e := typed(t, err)
		if e.Unsent != c.unsent {
			t.Errorf("%s: Unsent is %v: %v", c.name, e.Unsent, e)
		}
		if n := served.Load() - before; c.unsent && n != 0 || !c.unsent && n != 1 {
			t.Errorf("%s: the server was called %d times", c.name, n)
		}
	}
	if served.Load() == 0 {
		t.Error("the server was never called")
	}
}

// A round-tripper that is not ours proves nothing by not calling httptrace.
func TestAForeignTransportProvesNothing(t *testing.T) {
	for _, c := range []struct {
		err    error
		unsent bool
	}{
		{errors.New("accepted, then lost"), false},
		{io.ErrUnexpectedEOF, false},
		{&net.OpError{Op: "read", Err: io.EOF}, false},
		{&net.OpError{Op: "dial", Err: errors.New("refused")}, true},
		{&net.DNSError{IsNotFound: true}, true},
	} {
		client := network.NewClient(network.Options{Base: roundTrip(func(*http.Request) (*http.Response, error) { return nil, c.err })})
		_, err := client.Post("https://api.example/", "", nil)
		if e := typed(t, err); e.Unsent != c.unsent {
			t.Errorf("%v: Unsent is %v", c.err, e.Unsent)
		}
	}
}

// net/http repeats a request that has an Idempotency-Key when a kept
// connection breaks. Networks exist that ignore the key.
func TestAWriteIsSentOnce(t *testing.T) {
	var posts atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			return
		}
		posts.Add(1)
		conn, _, _ := http.NewResponseController(w).Hijack()
		conn.Close()
	}))
	defer server.Close()
	client := network.NewClient(network.Options{Inside: loopback})
	for _, body := range []io.Reader{strings.NewReader("text"), nil} {
		posts.Store(0)
		if resp, err := client.Get(server.URL); err != nil {
			t.Fatal(err)
		} else {
			io.Copy(io.Discard, resp.Body)
			resp.Body.Close() // the connection is kept
		}
		req, _ := http.NewRequest("POST", server.URL, body)
		req.Header.Set("Idempotency-Key", "k")
		if _, err := client.Do(req); err == nil {
			t.Error("no error")
		}
		if n := posts.Load(); n != 1 {
			t.Errorf("sent %d times", n)
		}
	}
}

func TestABodyCannotBeReadTwice(t *testing.T) {
	for _, body := range []io.Reader{strings.NewReader("text"), nil} {
		client := network.NewClient(network.Options{Base: roundTrip(func(r *http.Request) (*http.Response, error) {
			if r.GetBody != nil || r.Body == nil || r.Body == http.NoBody {
				t.Error("net/http could send this again by itself")
			}
			return answering(200, nil, "")(r)
		})})
		if _, err := client.Post("https://api.example/", "", body); err != nil {
			t.Error(err)
		}
	}
}

func TestAnswersAreBounded(t *testing.T) {
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	z.Write(bytes.Repeat([]byte(" "), 1<<20))
	z.Close()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/header":
			w.Header().Set("X", strings.Repeat("x", 1<<20))
		case "/bomb":
			w.Header().Set("Content-Encoding", "gzip")
			w.Write(bomb.Bytes())
		case "/exact":
			w.Write(bytes.Repeat([]byte(" "), 64<<10))
		case "/more":
			w.Write(bytes.Repeat([]byte(" "), 64<<10+1))
		}
	}))
	defer server.Close()
	client := network.NewClient(network.Options{Inside: loopback, MaxBody: 64 << 10})
	for path, n := range map[string]int{"/exact": 64 << 10, "/more": 64 << 10, "/bomb": 64 << 10} {
		resp, err := client.Get(server.URL + path)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		b, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if len(b) != n || (err == nil) != (path == "/exact") {
			t.Errorf("%s: read %d bytes, %v", path, len(b), err)
		}
		if err != nil && typed(t, err).Fault != network.Malformed {
			t.Errorf("%s: %v", path, err)
		}
	}
	if _, err := client.Get(server.URL + "/header"); err == nil {
		t.Error("a header of 1 MiB was read")
	}
	req, _ := http.NewRequestWithContext(network.Streaming(t.Context()), "GET", server.URL+"/bomb", nil)
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if b, err := io.ReadAll(resp.Body); len(b) != 1<<20 || err != nil {
		t.Errorf("a stream ended after %d bytes: %v", len(b), err)
	}
}

func TestRedirects(t *testing.T) {
	var got *http.Request
	base := roundTrip(func(r *http.Request) (*http.Response, error) {
		to := map[string]string{
			"/once": "https://b.example/end", "/loop": "/loop", "/down": "http://a.example/end", "/file": "file:///etc/passwd",
		}[r.URL.Path]
		if to == "" {
			got = r
			return answering(200, nil, "ok")(r)
		}
		return answering(307, http.Header{"Location": {to}}, "")(r)
	})
	follow := network.Adapt(network.NewClient(network.Options{Base: base}), network.Dialect{Redirects: 3})
	stay := network.NewClient(network.Options{Base: base})

	req, _ := http.NewRequest("GET", "https://a.example/once?key=hush", nil)
	req.Header.Set("Authorization", "Bearer hush")
	if _, err := follow.Do(req); err != nil || got.URL.Host != "b.example" {
		t.Fatalf("a GET was not redirected: %v", err)
	}
	if ref, auth := got.Header.Get("Referer"), got.Header.Get("Authorization"); ref != "" || auth != "" {
		t.Errorf("the other host was told %q and %q", ref, auth)
	}
	for _, path := range []string{"/loop", "/down", "/file"} {
		if _, err := follow.Get("https://a.example" + path); err == nil {
			t.Errorf("%s was followed", path)
		}
	}
	if _, err := stay.Get("https://a.example/once"); err == nil {
		t.Error("a redirect was followed that the driver did not ask for")
	}
	if _, err := follow.Post("https://a.example/once", "", strings.NewReader("x")); err == nil {
		t.Error("a POST was sent twice")
	}
}

func TestBindAndMeter(t *testing.T) {
	client := network.Adapt(&http.Client{Transport: answering(200, http.Header{
		"X-Rate-Limit-Remaining": {"7"}, "X-Rate-Limit-Reset": {"60"}}, "{}")}, network.Dialect{})
	ctx, tally := network.Metered(t.Context())
	ctx, end := context.WithCancel(ctx)
	bound := network.Bind(ctx, client)
	for range 2 {
		if _, err := bound.Get("https://api.example/"); err != nil {
			t.Fatal(err)
		}
	}
	if m := tally.Meter(); m.Calls != 2 || m.Left != 7 || !m.LeftKnown || m.Reset.IsZero() {
		t.Errorf("got %+v", m)
	}
	end()
	_, err := bound.Get("https://api.example/")
	if e := typed(t, err); !errors.Is(e, context.Canceled) || !e.Unsent {
		t.Errorf("got %v", err)
	}
	if m := tally.Meter(); m.Calls != 2 {
		t.Errorf("a call that never left was counted: %+v", m)
	}
}

func TestWholeExchangeIsBoundedInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := roundTrip(func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(until{r.Context()})}, nil
		})
		client := network.NewClient(network.Options{Base: slow, Timeout: 10 * time.Second})
		start := time.Now()
		resp, err := client.Get("https://api.example/")
		if err != nil {
			t.Fatal(err)
		}
		_, err = io.ReadAll(resp.Body)
		resp.Body.Close()
		if e := typed(t, err); e.Fault != network.Transient || time.Since(start) != 10*time.Second {
			t.Errorf("after %v: %v", time.Since(start), err)
		}
	})
}

// until is a body that says nothing until its request ends.
type until struct{ ctx context.Context }

func (u until) Read([]byte) (int, error) {
	<-u.ctx.Done()
	return 0, u.ctx.Err()
}

func TestGuardedDialer(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "{}") }))
	defer server.Close()
	_, err := network.NewClient(network.Options{}).Get(server.URL)
	if e := typed(t, err); e.Fault != network.Refused || !e.Unsent {
		t.Errorf("loopback was called: %v", err)
	}
	if _, err := network.NewClient(network.Options{Inside: loopback}).Get(server.URL); err != nil {
		t.Errorf("allowed and refused: %v", err)
	}
	proxy, _ := url.Parse(server.URL)
	behind := network.NewClient(network.Options{Proxy: proxy})
	for _, u := range []string{"http://169.254.169.254/latest", "http://localhost/", "http://[::1]/", "http://2130706433/"} {
		if _, err := behind.Get(u); u != "http://2130706433/" && err == nil {
			t.Errorf("%s was asked of the proxy", u)
		}
	}
	if _, err := behind.Get("http://api.example/"); err != nil {
		t.Errorf("the proxy was not used: %v", err)
	}
}

func TestPublic(t *testing.T) {
	for a, want := range map[string]bool{
		"8.8.8.8": true, "2606:4700::1111": true, "64:ff9b::808:808": true, "::ffff:8.8.8.8": true,
		"127.0.0.1": false, "::1": false, "10.1.2.3": false, "172.16.0.1": false, "192.168.1.1": false, "169.254.169.254": false,
		"100.64.0.1": false, "0.0.0.0": false, "::": false, "224.0.0.1": false, "255.255.255.255": false, "198.18.0.1": false,
		"fc00::1": false, "fe80::1": false, "fe80::1%eth0": false, "fec0::1": false, "ff02::1": false, "2001:db8::1": false,
		"::ffff:127.0.0.1": false, "::7f00:1": false, "64:ff9b::7f00:1": false, "64:ff9b:1::1": false, "2002:7f00:1::": false,
	} {
		if got := network.Public(netip.MustParseAddr(a)); got != want {
			t.Errorf("Public(%s) = %v", a, got)
		}
	}
	if network.Public(netip.Addr{}) {
		t.Error("no address is public")
	}
}

func TestDecodeJSON(t *testing.T) {
	for body, ok := range map[string]bool{
		`{"n":1}`: true, " {\"n\":1}\n": true, ``: false, ` `: false, `{"n":1`: false, `{"n":1} x`: false, `{"n":"hush"}`: false, `<html>`: false,
	} {
		var v struct{ N int }
		err := network.DecodeJSON(&http.Response{Body: io.NopCloser(strings.NewReader(body))}, &v)
		if (err == nil) != ok {
			t.Errorf("%q: %v", body, err)
		}
		if err != nil && (typed(t, err).Fault != network.Malformed || strings.Contains(err.Error(), "hush")) {
			t.Errorf("%q: %v", body, err)
		}
	}
}

func TestBackoff(t *testing.T) {
	most := func(n int64) int64 { return n - 1 }
	for n, want := range []time.Duration{5, 10, 20, 40, 80, 160, 320, 640, 900, 900} {
		if got := network.Backoff(n, most); got != want*time.Second {
			t.Errorf("%d: at most %v, want %v", n, got, want*time.Second)
		}
	}
	if got := network.Backoff(1000, func(int64) int64 { return 0 }); got != 0 {
		t.Errorf("at least %v", got)
	}
}

func TestWord(t *testing.T) {
	for in, want := range map[string]string{"InvalidToken": "InvalidToken", "a b": "", "é": "", "x-y_z.1:2": "x-y_z.1:2", strings.Repeat("x", 65): ""} {
		if got := network.Word(in); got != want {
			t.Errorf("Word(%q) = %q", in, got)
		}
	}
}

// BenchmarkGuard is what the guards add to a call.
func BenchmarkGuard(b *testing.B) {
	base := answering(200, http.Header{"X-Ratelimit-Remaining": {"1000000000"}, "X-Ratelimit-Reset": {"2026-11-21T14:05:00.000Z"}, "Date": {"Sat, 21 Nov 2026 14:00:00 GMT"}}, "{}")
	plain := &http.Client{Transport: base}
	guarded := network.Adapt(plain, network.Dialect{Limit: func(*http.Request) (string, network.Limit) {
		return "posts", network.Limit{Calls: 1e9, Per: time.Second}
	}})
	for name, client := range map[string]*http.Client{"plain": plain, "guarded": guarded} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				resp, err := client.Get("https://api.example/posts")
				if err != nil {
					b.Fatal(err)
				}
				var v struct{}
				if err := network.DecodeJSON(resp, &v); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
