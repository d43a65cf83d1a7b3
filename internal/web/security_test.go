package web

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/auth"
	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/store"
	"github.com/amends-care/amends/internal/view"
)

// hostile is what strangers write to break a page.
func hostile() []string {
	return []string{
		`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `' autofocus onfocus=alert(1) x='`, `</textarea><script>alert(1)</script>`,
		`</title><svg onload=alert(1)>`, `javascript:alert(1)`, `{{.Me}} {{template "top"}} ${7*7}`, `<a href="javascript:alert(1)">x</a>`,
		`<style>*{display:none}</style>`, `<iframe srcdoc="<script>alert(1)</script>">`, `<base href=//evil.example>`, `<form action=//evil.example>`,
		"refund \u202Egnp.exe", "a\u200Bb\u2066c\u2069", strings.Repeat("z\u0316\u0317\u0318", 300), "\x00\x01\x1b[31m", "\xff\xfe\xc0\xaf",
		"https://bank.example@evil.example/x?<script>", "http://[::1]/ http://a\u202Eb.example", "https://exаmple.org/\"onmouseover=alert(1)",
		"<!-- --><![CDATA[ ]]>", "&lt;script&gt;&#60;", strings.Repeat("no spaces", 900), "\u2028\u2029\r\n\r\n\r\n", "%3Cscript%3E", "🏴\U000E0041\U000E0042", "",
	}
}

// Whatever stands in a name, a text, an address or a tag: every page stays ours.
// Each page is checked by lawful as it comes.
func TestHostileContentBreaksNoPage(t *testing.T) {
	b := staffed(t)
	me := b.in(auth.Admin)
	for i, h := range hostile() {
		b.posts(care.Post{
			Network: "file", Remote: care.Remote(fmt.Sprint("r", i)), Kind: care.PostPublic, Text: "broken " + h, PostedAt: b.clock(), URL: h, Language: h,
			Author: care.Author{ID: fmt.Sprint("a", i), Handle: h, Name: h}, Links: []care.Link{{URL: h, Kind: h, Alt: h}, {URL: "https://evil.example/" + h, Kind: "image", Alt: h}},
		})
	}
	for _, c := range b.cases() {
		at := "/cases/" + string(c.ID)
		h := hostile()[int(c.Number)%len(hostile())]
		text := strings.ToValidUTF8(h, "?") + "."
		b.post(auth.Agent, at+"/note", NewNote{Text: text}).want(200)
		b.post(auth.Agent, at+"/reply", NewReply{Text: "A " + strings.Map(func(r rune) rune {
			if r == '{' || r == '}' {
				return -1
			}
			return r
		}, text[:min(len(text), 200)])})
		b.post(auth.Agent, at+"/promises", NewPromise{Text: text[:min(len(text), 1000)], Due: b.clock().Add(time.Hour)})
		b.post(auth.Agent, at+"/tag", TagChange{Add: []string{text[:min(len(text), 30)]}})
		b.browse(me, "GET", at, nil).want(200)
		b.as(auth.Agent, "PUT", at+"/draft", KeptDraft{Text: text})
		b.get(auth.Agent, at).want(200)
		b.browse(me, "POST", "/issues", url.Values{"title": {h}, "topic": {h}, "know": {h}, "doing": {h}, "cases": {fmt.Sprint(c.Number)}, "op": {h}})
	}
	q := url.QueryEscape(hostile()[1])
	for _, path := range []string{"/queue", "/mine", "/mentions", "/issues", "/people", "/me", "/sources", "/queue?queue=" + q + "&tag=" + q + "&did=" + q + "&after=x", "/sign-in?next=" + q, "/link/" + url.PathEscape(hostile()[0]),
		"/cases/" + url.PathEscape(hostile()[1]), "/" + url.PathEscape(hostile()[2]), "/mentions?is=" + q} {
		b.browse(me, "GET", path, nil)
		b.ask("GET", path, nil)
	}
	b.get(auth.Viewer, "/cases?state=all&limit=200").want(200)
	b.get(auth.Viewer, "/mentions?limit=200").want(200)
}

func TestHeadersOfEveryAnswer(t *testing.T) {
	b := staffed(t)
	for _, a := range []*answer{
		b.ask("GET", "/sign-in", nil), b.ask("GET", "/nothing", nil), b.ask("GET", apiPath+"/cases", nil), b.get(auth.Viewer, "/cases"),
		b.ask("GET", b.assets.names["app.js"], nil), b.ask("POST", "/sign-in", url.Values{}, "Sec-Fetch-Site", "cross-site"), b.browse(b.in(auth.Viewer), "GET", "/queue", nil),
	} {
		for name, want := range map[string]string{
			"Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "same-origin",
			"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
		} {
			if got := a.Header.Get(name); got != want {
				t.Errorf("%s: %s is %q", a.what, name, got)
			}
		}
		if cc := a.Header.Get("Cache-Control"); cc != "no-store" && !strings.Contains(a.what, assetsPath) {
			t.Errorf("%s: Cache-Control is %q", a.what, cc)
		}
		if a.Header.Get("Strict-Transport-Security") != "" {
			t.Errorf("%s: HSTS without TLS", a.what)
		}
	}
	for _, d := range []string{"default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'", "require-trusted-types-for 'script'", "trusted-types 'none'"} {
		if !strings.Contains(policy, d) {
			t.Errorf("the policy lacks %s", d)
		}
	}
	if strings.Contains(policy, "unsafe") {
		t.Error("the policy allows something unsafe")
	}
}

// A request that another site makes a browser send changes nothing.
func TestOtherSitesChangeNothing(t *testing.T) {
	b := staffed(t, func(d *Deps) { d.PublicURL = &url.URL{Scheme: "https", Host: "care.example"} })
	b.says("ana", "1", "it is broken")
	id := string(b.cases()[0].ID)
	me := b.in(auth.Agent)
	for name, c := range map[string]struct {
		headers []string
		status  int
	}{
		"same origin":                    {[]string{"Sec-Fetch-Site", "same-origin"}, 200},
		"typed by the user":              {[]string{"Sec-Fetch-Site", "none"}, 200},
		"a program":                      {nil, 200},
		"the public address":             {[]string{"Sec-Fetch-Site", "cross-site", "Origin", "https://care.example"}, 200},
		"another site":                   {[]string{"Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"}, 403},
		"a sister site":                  {[]string{"Sec-Fetch-Site", "same-site", "Origin", "https://blog.care.example"}, 403},
		"an old browser on another site": {[]string{"Origin", "https://evil.example"}, 403},
		"a sandbox":                      {[]string{"Origin", "null"}, 403},
	} {
		headers := append([]string{"Cookie", me}, c.headers...)
		a := b.ask("POST", apiPath+"/cases/"+id+"/note", NewNote{Text: name}, headers...)
		f := b.ask("POST", "/issues", url.Values{"title": {name}, "cases": {id}}, headers...)
		if a.StatusCode != c.status || (f.StatusCode == 303) != (c.status == 200) {
			t.Errorf("%s: API %d, form %d", name, a.StatusCode, f.StatusCode)
		}
		if c.status == 403 {
			a.wantProblem(403, "cross_origin")
		}
	}
	if c := b.only(); len(c.Notes) != 4 || len(c.Issues) != 4 {
		t.Errorf("%d notes, %d issues", len(c.Notes), len(c.Issues))
	}
}

// No page and no read changes anything: a link that is followed is harmless.
func TestNoGetChangesAnything(t *testing.T) {
	b := staffed(t)
	b.says("ana", "1", "it is broken")
	id := string(b.cases()[0].ID)
	me := b.in(auth.Admin)
	before, err := store.Last(t.Context(), b.st)
	if err != nil {
		t.Fatal(err)
	}
	secret, _, err := b.People.MakeLink(t.Context(), "cli/test", "agent", auth.ToStart)
	if err != nil {
		t.Fatal(err)
	}
	before++ // the link is on record
	for _, r := range b.routes {
		path := strings.NewReplacer("{id}", id, "{n}", "1", "{name}", "agent", "{secret}", secret, "{$}", "").Replace(r.path)
		for _, method := range []string{"GET", "HEAD"} {
			if method == "GET" && r.path == eventsPath {
				continue // without end
			}
			b.browse(me, method, path, nil)
		}
	}
	after, err := store.Last(t.Context(), b.st)
	if err != nil || after != before {
		t.Fatalf("%d records were %d: %v", after, before, err)
	}
	b.ask("POST", "/link/"+secret, nil).want(303) // the link was not spent
}

func TestCookies(t *testing.T) {
	proxy := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	for name, c := range map[string]struct {
		public, host, peer, proto string
		proxies                   []netip.Prefix
		cookie                    string // empty: refused
		hsts                      bool
	}{
		"loopback":                        {host: "127.0.0.1:8080", cookie: loopbackCookieName},
		"loopback by name":                {host: "localhost:8080", cookie: loopbackCookieName},
		"loopback by IPv6":                {host: "[::1]:8080", cookie: loopbackCookieName},
		"http on a network":               {host: "care.local:8080"},
		"a name that begins as loopback":  {host: "127.0.0.1.evil.example"},
		"behind a proxy with TLS":         {host: "care.example", peer: "10.1.2.3:5", proto: "https", proxies: proxy, cookie: cookieName, hsts: true},
		"behind a proxy without TLS":      {host: "care.example", peer: "10.1.2.3:5", proto: "http", proxies: proxy},
		"who only says to be a proxy":     {host: "care.example", peer: "203.0.113.9:5", proto: "https", proxies: proxy},
		"public address":                  {public: "https://care.example", host: "care.example", cookie: cookieName, hsts: true},
		"this machine, a public address":  {public: "https://care.example", host: "localhost:8080", cookie: loopbackCookieName},
		"another name, a public address":  {public: "https://care.example", host: "10.0.0.7:8080"},
		"a proxy that says nothing of it": {host: "care.example", peer: "10.1.2.3:5", proxies: proxy},
	} {
		t.Run(name, func(t *testing.T) {
			b := staffed(t, func(d *Deps) {
				d.TrustedProxies = c.proxies
				if c.public != "" {
					d.PublicURL, _ = url.Parse(c.public)
				}
			})
			secret, _, err := b.People.MakeLink(t.Context(), "cli/test", "agent", auth.ToStart)
			if err != nil {
				t.Fatal(err)
			}
			a := b.ask("POST", "/link/"+secret, nil, "Host", c.host, "Test-Peer", c.peer, "X-Forwarded-Proto", c.proto)
			if (a.Header.Get("Strict-Transport-Security") != "") != c.hsts {
				t.Errorf("HSTS: %q", a.Header.Get("Strict-Transport-Security"))
			}
			if c.cookie == "" {
				if a.want(403).contains("https"); len(a.Cookies()) != 0 {
					t.Errorf("a cookie: %v", a.Cookies())
				}
				b.ask("POST", apiPath+"/session", SignIn{Name: "agent", Password: password}, "Host", c.host, "Test-Peer", c.peer, "X-Forwarded-Proto", c.proto).wantProblem(403, "no_tls")
				return
			}
			got := a.want(303).Cookies()[0]
			if got.Name != c.cookie || got.Secure != (c.cookie == cookieName) || !got.HttpOnly || got.SameSite != http.SameSiteLaxMode || got.Path != "/" || got.Domain != "" {
				t.Errorf("cookie %v", got)
			}
			b.ask("GET", "/queue", nil, "Cookie", got.Name+"="+got.Value, "Host", c.host, "Test-Peer", c.peer, "X-Forwarded-Proto", c.proto).want(200)
		})
	}
}

func TestWhereARequestComesFrom(t *testing.T) {
	s := &Server{Deps: Deps{TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128")}}}
	for _, c := range []struct{ peer, forwarded, want string }{
		{"203.0.113.9:5", "", "203.0.113.9"},
		{"203.0.113.9:5", "1.2.3.4", "203.0.113.9"}, // anybody can write a header
		{"10.0.0.1:5", "198.51.100.7", "198.51.100.7"},
		{"10.0.0.1:5", "1.2.3.4, 198.51.100.7, 10.0.0.2", "198.51.100.7"},
		{"10.0.0.1:5", "10.0.0.3", "10.0.0.3"},
		{"10.0.0.1:5", "nonsense", "10.0.0.1"},
		{"10.0.0.1:5", "", "10.0.0.1"},
		{"[::1]:5", "2001:db8::7", "2001:db8::7"},
		{"[::ffff:10.0.0.1]:5", "198.51.100.7", "198.51.100.7"},
		{"@", "198.51.100.7", "invalid IP"},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = c.peer
		r.Header.Set("X-Forwarded-For", c.forwarded)
		if got := s.from(r).String(); got != c.want {
			t.Errorf("%s, %q: %s, want %s", c.peer, c.forwarded, got, c.want)
		}
	}
}

// What is not meant for people is logged once, with an id, and shown without.
func TestInternalErrorsAreLoggedOnceAndNotShown(t *testing.T) {
	secret := errors.New("disk /dev/sda1 of host db7 is gone")
	b := staffed(t)
	me := b.in(auth.Agent)
	b.says("ana", "1", "her secret text is broken")
	b.Deps.Mentions = failing{b.view, secret}
	for _, a := range []*answer{b.get(auth.Agent, "/cases"), b.browse(me, "GET", "/mentions", nil)} {
		b.log.Reset()
		again := b.ask(strings.Fields(a.what)[0], strings.Fields(a.what)[1], nil, "Authorization", "Bearer "+b.tokens[auth.Agent])
		again.want(500).lacks("sda1").contains("Internal error")
		logged := b.log.String()
		if n := strings.Count(logged, "sda1"); n != 1 {
			t.Errorf("%s: logged %d times:\n%s", a.what, n, logged)
		}
		id := again.between("log under ", ".")
		if !strings.Contains(logged, "request="+id) {
			t.Errorf("%s: the log does not hold %s", a.what, id)
		}
	}
	b.Deps.Mentions = failing{b.view, fmt.Errorf("write: %w", store.ErrReadOnly)}
	b.get(auth.Agent, "/cases").wantProblem(503, "read_only")
	b.Deps.Mentions = panicking{b.view}
	b.get(auth.Agent, "/cases").wantProblem(500, "internal")
	if !strings.Contains(b.log.String(), "panicking") {
		t.Error("a panic is not in the log")
	}
}

// failing reads nothing any more.
type failing struct {
	*view.View
	err error
}

func (f failing) Mentions(context.Context, ...care.MentionID) ([]care.Mention, error) {
	return nil, f.err
}

func (f failing) AllMentions(context.Context, view.MentionQuery) ([]care.Mention, care.MentionID, error) {
	return nil, "", f.err
}

type panicking struct{ *view.View }

func (panicking) Mentions(context.Context, ...care.MentionID) ([]care.Mention, error) {
	panic("panicking")
}

// Nothing in the log tells what somebody wrote, who wrote it, or a secret.
func TestTheLogTellsNothingPersonal(t *testing.T) {
	b := staffed(t)
	me := b.in(auth.Agent)
	b.says("anasecret", "1", "my broken secrettext")
	at := "/cases/" + string(b.cases()[0].ID)
	b.post(auth.Agent, at+"/note", NewNote{Text: "secretnote"}).want(200)
	b.browse(me, "GET", at, nil).want(200)
	link, _, err := b.People.MakeLink(t.Context(), "cli/test", "agent", auth.ToReset)
	if err != nil {
		t.Fatal(err)
	}
	b.ask("GET", "/link/"+link, nil).want(200)
	b.ask("POST", apiPath+"/session", SignIn{Name: "agent", Password: "secretpassword"}).want(401)
	b.browse(me, "GET", "/queue?tag=secrettag", nil).want(200)
	logged := b.log.String()
	if !strings.Contains(logged, "route=") {
		t.Fatalf("nothing is logged:\n%s", logged)
	}
	for _, s := range []string{"secret", link, b.tokens[auth.Agent], strings.TrimPrefix(me, loopbackCookieName+"=")} {
		if strings.Contains(strings.ReplaceAll(logged, "{secret}", ""), s) {
			t.Errorf("the log holds %q:\n%s", s, logged)
		}
	}
}

func TestAssetsAreServedForEver(t *testing.T) {
	b := newBench(t)
	for _, name := range []string{"app.css", "app.js", "mark.svg", "inter-latin-wght-normal.woff2"} {
		a := b.ask("GET", b.assets.names[name], nil).want(200)
		if !strings.Contains(a.Header.Get("Cache-Control"), "immutable") || a.Header.Get("Content-Type") == "" {
			t.Errorf("%s: %v", name, a.Header)
		}
	}
	plain := b.ask("GET", b.assets.names["desk.js"], nil, "Accept-Encoding", "br, gzip;q=0").want(200)
	packed := b.ask("GET", b.assets.names["desk.js"], nil, "Accept-Encoding", "br, gzip;q=0.5").want(200)
	z, err := gzip.NewReader(bytes.NewReader(packed.body))
	if err != nil {
		t.Fatal(err)
	}
	if whole, err := io.ReadAll(z); err != nil || !bytes.Equal(whole, plain.body) || len(packed.body)*2 > len(whole) {
		t.Errorf("%d bytes packed, %d plain, %d unpacked: %v", len(packed.body), len(plain.body), len(whole), err)
	}
	if p, q := plain.Header, packed.Header; q.Get("Content-Encoding") != "gzip" || q.Get("Vary") != "Accept-Encoding" || q.Get("Content-Type") != p.Get("Content-Type") || p.Get("Content-Encoding") != "" || p.Get("ETag") == q.Get("ETag") {
		t.Errorf("plain %v, packed %v", p, q)
	}
	b.ask("GET", b.assets.names["desk.js"], nil, "If-None-Match", plain.Header.Get("ETag")).want(304)
	b.ask("GET", b.assets.names["app.css"], nil).want(200).contains("url(" + b.assets.names["inter-latin-wght-normal.woff2"] + ")").lacks("url(inter")
	b.ask("GET", "/assets/nothing.js", nil).want(404)
	b.ask("GET", "/assets/..%2fweb.go", nil).want(404)
}
