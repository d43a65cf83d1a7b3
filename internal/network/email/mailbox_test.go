package email

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/email/mailtest"
	"github.com/amends-care/amends/internal/network/networktest"
)

// These tests run on the real servers, so each says what mail does and what
// becomes of it.

// drain polls until nothing is left, beginning at cursor.
func drain(t *testing.T, a *Account, cursor string) (items []network.Item, gaps []network.Gap, next string) {
	t.Helper()
	for {
		p, err := a.Poll(t.Context(), cursor)
		if err != nil {
			t.Fatal(err)
		}
		items, gaps, cursor = append(items, p.Items...), append(gaps, p.Gaps...), p.Next
		if !p.More {
			return items, gaps, cursor
		}
	}
}

func TestMailbox(t *testing.T) {
	d := mailtest.Start(t, "")
	for name, f := range map[string]func(*testing.T, *world){
		"a folder that is numbered anew":     numberedAnew,
		"a new source reads from now":        fromNow,
		"a large picture before the text":    pictureFirst,
		"mails that are passed over":         passedOver,
		"a mail that can't be told":          cantBeTold,
		"moved mails are not taken back":     moved,
		"where an answer goes":               whereTo,
		"what an SMTP server refuses":        refusals,
		"cancelled while a server is silent": silent,
		"TLS":                                secure,
		"hostile texts in an answer":         hostile,
		"a folder that isn't there":          noFolder,
		"a file of sent mail under its name": named,
	} {
		t.Run(name, func(t *testing.T) { f(t, newWorld(t, d, Append, 3)) })
	}
}

func numberedAnew(t *testing.T, w *world) {
	a := w.account()
	first := w.Post(networktest.Post{Text: "one"})
	_, _, cursor := drain(t, a, "")
	if err := w.dovecot.Renumber(w.user, "INBOX"); err != nil {
		t.Fatal(err)
	}
	second := w.Post(networktest.Post{Text: "two"})
	items, gaps, cursor := drain(t, a, cursor)
	seen := map[care.Remote]bool{}
	for _, it := range items {
		seen[it.Post.Remote] = true
	}
	if len(gaps) != 1 || !seen[first] || !seen[second] {
		t.Errorf("%d gaps, items %v", len(gaps), seen)
	}
	if items, gaps, _ := drain(t, a, cursor); len(items) != 0 || len(gaps) != 0 {
		t.Errorf("afterwards %d items, %d gaps", len(items), len(gaps))
	}
}

func fromNow(t *testing.T, w *world) {
	settings := w.settings()
	settings.Back = 0
	a, err := open(settings, network.NewClient(network.Options{Inside: inside}))
	if err != nil {
		t.Fatal(err)
	}
	w.Post(networktest.Post{Text: "old"})
	w.Post(networktest.Post{Text: "old and ours", Own: true})
	items, _, cursor := drain(t, a, "")
	if len(items) != 0 {
		t.Errorf("%d items from before", len(items))
	}
	id := w.Post(networktest.Post{Text: "new"})
	if items, _, _ := drain(t, a, cursor); len(items) != 1 || items[0].Post.Remote != id {
		t.Errorf("%+v", items)
	}
}

func pictureFirst(t *testing.T, w *world) {
	picture := strings.Repeat(strings.Repeat("A", 76)+"\r\n", 4000)
	w.deliver("INBOX", crlf(head)+"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: image/jpeg; name=kettle.jpg\r\n"+
		"Content-Transfer-Encoding: base64\r\n\r\n"+picture+"--x\r\nContent-Type: text/plain\r\n\r\nIt leaks.\r\n--x--")
	items, _, _ := drain(t, w.account(), "")
	if len(items) != 1 || items[0].Post.Text != "It leaks." || len(items[0].Post.Links) != 1 {
		t.Errorf("%+v", items)
	}
}

func crlf(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }

func passedOver(t *testing.T, w *world) {
	for range 4 { // more than a page of them
		w.deliver("INBOX", "Auto-Submitted: auto-replied\r\n"+crlf(head)+"\r\nI am away.")
	}
	id := w.Post(networktest.Post{Text: "It leaks."})
	if items, _, _ := drain(t, w.account(), ""); len(items) != 1 || items[0].Post.Remote != id || !items[0].Post.Summoned {
		t.Errorf("%+v", items)
	}
}

func cantBeTold(t *testing.T, w *world) {
	w.deliver("INBOX", "Subject: from nobody\r\n\r\nx")
	id := w.Post(networktest.Post{Text: "It leaks."})
	p, err := w.account().Poll(t.Context(), "")
	if err != nil || len(p.Bad) != 1 || len(p.Items) != 1 || p.Items[0].Post.Remote != id {
		t.Errorf("%+v, %v", p, err)
	}
}

func moved(t *testing.T, w *world) {
	a := w.account()
	id := w.Post(networktest.Post{Text: "It leaks."})
	_, _, cursor := drain(t, a, "")
	s, err := a.signIn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	if _, err := s.Select("INBOX", nil).Wait(); err != nil {
		t.Fatal(err)
	}
	uids, err := s.search(&imap.SearchCriteria{}, 0, 10)
	if err != nil || len(uids) != 1 {
		t.Fatal(uids, err)
	}
	if err := s.Create("Archive", nil).Wait(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Move(imap.UIDSetNum(uids...), "Archive").Wait(); err != nil {
		t.Fatal(err)
	}
	if items, _, _ := drain(t, a, cursor); len(items) != 0 {
		t.Errorf("%+v", items)
	}
	// It is answered from what we kept of it.
	post := care.Post{Network: name, Remote: id, Thread: id, Author: care.Author{ID: "ana@customers.example"}}
	if _, err := a.Send(t.Context(), care.Answer{To: post, Text: "Sorry!", Key: "k"}); err != nil {
		t.Fatal(err)
	}
	if got := w.smtp.Taken(); len(got) != 1 || got[0].To[0] != "ana@customers.example" || !strings.Contains(string(got[0].Bytes), "In-Reply-To: <"+string(id)+">") {
		t.Errorf("%+v", got)
	}
}

func whereTo(t *testing.T, w *world) {
	w.deliver("INBOX", "Reply-To: Ana at home <home@customers.example>\r\nReferences: <r@a> <s@a>\r\nSubject: Kettle\r\n"+crlf(head)+"\r\nIt leaks.")
	a := w.account()
	items, _, _ := drain(t, a, "")
	if len(items) != 1 {
		t.Fatal(items)
	}
	if _, err := a.Send(t.Context(), care.Answer{To: items[0].Post, Text: "Sorry,\nAcme", Key: "k"}); err != nil {
		t.Fatal(err)
	}
	got := w.smtp.Taken()
	if len(got) != 1 || len(got[0].To) != 1 || got[0].To[0] != "home@customers.example" {
		t.Fatalf("%+v", got)
	}
	for _, want := range []string{"To: <home@customers.example>\r\n", "Subject: Re: Kettle\r\n", "References: <r@a> <s@a> <1@customers.example>\r\n",
		"In-Reply-To: <1@customers.example>\r\n", `From: "Acme Care" <` + w.address() + ">\r\n", "\r\n\r\nSorry,\r\nAcme"} {
		if !strings.Contains(string(got[0].Bytes), want) {
			t.Errorf("%q is not in\n%s", want, got[0].Bytes)
		}
	}
}

func hostile(t *testing.T, w *world) {
	w.deliver("INBOX", "Subject: =?utf-8?q?x=0D=0ABcc:_evil@x.example?=\r\n"+crlf(head)+"\r\nIt leaks.")
	a := w.account()
	items, _, _ := drain(t, a, "")
	text := "one\r\n.\r\nMAIL FROM:<x@x.example>\n.\n..\nBcc: evil@x.example\nlä " + strings.Repeat("long ", 1000)
	if _, err := a.Send(t.Context(), care.Answer{To: items[0].Post, Text: text, Key: "k"}); err != nil {
		t.Fatal(err)
	}
	got := w.smtp.Taken()
	if len(got) != 1 || len(got[0].To) != 1 {
		t.Fatalf("%d mails", len(got))
	}
	header, _, _ := strings.Cut(string(got[0].Bytes), "\r\n\r\n")
	if strings.Contains(header, "\r\nBcc") {
		t.Errorf("a header was let in:\n%s", header)
	}
	want := strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n"))
	if l := a.letter(raw{bytes: got[0].Bytes, arrived: arrived}); l.text != want {
		t.Errorf("sent %q\nread %q", want, l.text)
	}
	for what, answer := range map[string]care.Answer{
		"no key": {To: items[0].Post, Text: "x"}, "empty": {To: items[0].Post, Text: " ", Key: "k2"}, "not UTF-8": {To: items[0].Post, Text: "\xff", Key: "k2"},
		"too long": {To: items[0].Post, Text: strings.Repeat("x", maxAnswer+1), Key: "k2"}, "a foreign post": {To: care.Post{Network: "x"}, Text: "x", Key: "k2"},
		"an id with a line": {To: care.Post{Network: name, Remote: "a\r\nBcc: x"}, Text: "x", Key: "k2"},
	} {
		if _, err := a.Send(t.Context(), answer); !isUnsent(err) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func isUnsent(err error) bool {
	e, ok := errors.AsType[*network.Error](err)
	return ok && e.Unsent
}

func refusals(t *testing.T, w *world) {
	a := w.account()
	id := w.Post(networktest.Post{Text: "It leaks."})
	items, _, _ := drain(t, a, "")
	for _, c := range []struct {
		step  string
		code  int
		want  network.Fault
		known bool
	}{
		{"AUTH", 535, network.Refused, true},
		{"AUTH", 454, network.Transient, true},
		{"MAIL", 421, network.Transient, true},
		{"MAIL", 451, network.Transient, true},
		{"MAIL", 552, network.Refused, true},
		{"RCPT", 550, network.Gone, true},
		{"RCPT", 450, network.Limited, true},
		{"DATA", 452, network.Limited, true},
		{"DATA", 451, network.Transient, true},
		{"DATA", 554, network.Refused, true},
		{"DATA", 421, network.Transient, false}, // it may be the last word about anything
	} {
		w.smtp.Fail(c.step, c.code)
		_, err := a.Send(t.Context(), care.Answer{To: items[0].Post, Text: "Sorry!", Key: "k"})
		e, ok := errors.AsType[*network.Error](err)
		if !ok || e.Fault != c.want || e.Unsent != c.known || strings.Contains(err.Error(), mailtest.Password) {
			t.Errorf("%s %d: %v", c.step, c.code, err)
		}
		w.smtp.Fail(c.step, 0)
	}
	if n := len(w.smtp.Taken()); n != 0 {
		t.Fatalf("%d mails left", n)
	}
	sent, err := a.Send(t.Context(), care.Answer{To: items[0].Post, Text: "Sorry!", Key: "k"})
	if err != nil {
		t.Fatal(err)
	}
	posts, err := a.Thread(t.Context(), id)
	if err != nil || len(posts) != 2 || posts[1].Remote != sent.Remote {
		t.Errorf("%+v, %v", posts, err)
	}
}

// silent cancels a call while a server says nothing: before the message is
// whole nothing was sent, after it nobody knows.
func silent(t *testing.T, w *world) {
	a := w.account()
	w.Post(networktest.Post{Text: "It leaks."})
	items, _, cursor := drain(t, a, "")
	answer := care.Answer{To: items[0].Post, Text: "Sorry!", Key: "k"}
	for _, c := range []struct {
		proxy *mailtest.Proxy
		fault mailtest.Fault
		call  func(context.Context) error
		known bool // of what is sent: that nothing of it can have arrived
	}{
		{w.imapWire, mailtest.Mute, func(ctx context.Context) error { _, err := a.Poll(ctx, cursor); return err }, true},
		{w.imapWire, mailtest.Hang, func(ctx context.Context) error { _, err := a.Poll(ctx, cursor); return err }, true},
		{w.imapWire, mailtest.Mute, func(ctx context.Context) error { _, _, err := a.Find(ctx, answer); return err }, true},
		{w.imapWire, mailtest.Hang, func(ctx context.Context) error { _, err := a.Send(ctx, answer); return err }, true},
		{w.smtpWire, mailtest.Mute, func(ctx context.Context) error { _, err := a.Send(ctx, answer); return err }, true},
		{w.smtpWire, mailtest.Swallow, func(ctx context.Context) error { _, err := a.Send(ctx, answer); return err }, false},
	} {
		c.proxy.Break(c.fault)
		ctx, end := context.WithCancel(t.Context())
		go func() { <-c.proxy.Reached(); end() }()
		err := c.call(ctx)
		e, ok := errors.AsType[*network.Error](err)
		if !ok || !errors.Is(err, context.Canceled) || e.Fault != network.Transient || e.Unsent && !c.known {
			t.Errorf("%s: %v, unsent %v", c.fault, err, ok && e.Unsent)
		}
		c.proxy.Break(mailtest.Mended)
	}
	if n := len(w.smtp.Taken()); n != 0 {
		t.Errorf("%d mails left", n)
	}
}

func secure(t *testing.T, w *world) {
	_, port, _ := strings.Cut(w.dovecot.TLSAddress, ":")
	_, plainPort, _ := strings.Cut(w.dovecot.Address, ":")
	w.Post(networktest.Post{Text: "It leaks."})
	a := w.account()
	trusting := &tls.Config{RootCAs: w.dovecot.Roots}
	for name, c := range map[string]struct {
		server server
		config *tls.Config
		ok     bool
	}{
		"from the first byte":           {server{address: "127.0.0.1:" + port, host: "127.0.0.1", tls: true}, trusting, true},
		"STARTTLS":                      {server{address: "127.0.0.1:" + plainPort, host: "127.0.0.1"}, trusting, true},
		"by an authority we don't know": {server{address: "127.0.0.1:" + port, host: "127.0.0.1", tls: true}, nil, false},
		"STARTTLS, unknown authority":   {server{address: "127.0.0.1:" + plainPort, host: "127.0.0.1"}, nil, false},
		"for another host":              {server{address: "127.0.0.1:" + port, host: "mail.acme.example", tls: true}, trusting, false},
		"where there is none":           {server{address: "127.0.0.1:" + plainPort, host: "127.0.0.1", tls: true}, trusting, false},
	} {
		a.imap, a.tls = c.server, c.config
		p, err := a.Poll(t.Context(), "")
		if c.ok != (err == nil) || c.ok && len(p.Items) != 1 {
			t.Errorf("%s: %d items, %v", name, len(p.Items), err)
		}
	}
	if !strings.Contains(w.dovecot.Log(), w.user) {
		t.Error("no sign of those who were let in")
	}
	if strings.Contains(w.dovecot.Log(), mailtest.Password) {
		t.Error("a password in the server's log")
	}
}

func noFolder(t *testing.T, w *world) {
	settings := w.settings()
	settings.Folder = "Complaints"
	a, err := open(settings, network.NewClient(network.Options{Inside: inside}))
	if err != nil {
		t.Fatal(err)
	}
	_, err = a.Poll(t.Context(), "")
	if e, ok := errors.AsType[*network.Error](err); !ok || e.Fault != network.Refused {
		t.Errorf("%v", err)
	}
}

// named reads sent mail from a folder that was made after the first poll.
func named(t *testing.T, w *world) {
	settings := w.settings()
	settings.Sent = "Out"
	a, err := open(settings, network.NewClient(network.Options{Inside: inside}))
	if err != nil {
		t.Fatal(err)
	}
	_, _, cursor := drain(t, a, "")
	w.deliver("Out", crlf(strings.Replace(head, "Ana Example <Ana@Customers.example>", w.address(), 1))+"\r\nSorry!")
	if items, _, _ := drain(t, a, cursor); len(items) != 1 || !items[0].Own || items[0].Post.Summoned {
		t.Errorf("%+v", items)
	}
}

// TestSignInByToken lets dovecot ask, as providers do, whether a token holds.
func TestSignInByToken(t *testing.T) {
	asked := 0
	provider := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		user, token, _ := strings.Cut(r.PostFormValue("token"), "|")
		fmt.Fprintf(rw, `{"active":%q,"username":%q}`, fmt.Sprint(token == mailtest.Token), user)
	}))
	defer provider.Close()
	d := mailtest.Start(t, provider.URL)
	w := newWorld(t, d, Append, 3)
	w.Post(networktest.Post{Text: "It leaks."})
	valid := true
	issuer := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		asked++
		switch {
		case r.PostFormValue("grant_type") != "refresh_token" || r.PostFormValue("refresh_token") != "hush-refresh" || r.PostFormValue("client_id") != "amends":
			rw.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(rw, `{"error":"invalid_grant","error_description":"hush-refresh"}`)
		case !valid:
			fmt.Fprintf(rw, `{"access_token":%q,"expires_in":3600}`, w.user+"|stale")
		default:
			fmt.Fprintf(rw, `{"access_token":%q,"expires_in":3600}`, w.user+"|"+mailtest.Token)
		}
	}))
	defer issuer.Close()
	settings := w.settings()
	settings.Password, settings.SMTP = "", ""
	settings.OAuth = &OAuth{TokenURL: issuer.URL, ClientID: "amends", RefreshToken: "hush-refresh"}
	client := network.NewClient(network.Options{Inside: inside})
	a, err := open(settings, client)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		p, err := a.Poll(t.Context(), "")
		if err != nil || len(p.Items) != 1 || time.Until(p.Meter.TokenExpires) < 50*time.Minute {
			t.Fatalf("%+v, %v\n%s", p, err, d.Log())
		}
	}
	if asked != 1 {
		t.Errorf("%d tokens for two polls", asked)
	}
	valid = false
	if a, err = open(settings, client); err != nil {
		t.Fatal(err)
	}
	for range 2 { // a token that was refused is not used again
		_, err = a.Poll(t.Context(), "")
		if e, ok := errors.AsType[*network.Error](err); !ok || e.Fault != network.Refused || strings.Contains(err.Error(), "stale") {
			t.Errorf("%v", err)
		}
	}
	if asked != 3 {
		t.Errorf("%d tokens asked for, want 3", asked)
	}
	settings.OAuth = &OAuth{TokenURL: issuer.URL, ClientID: "amends", RefreshToken: "hush-other"}
	if a, err = open(settings, client); err != nil {
		t.Fatal(err)
	}
	_, err = a.Poll(t.Context(), "")
	if e, ok := errors.AsType[*network.Error](err); !ok || e.Fault != network.Refused || strings.Contains(err.Error(), "hush") {
		t.Errorf("%v", err)
	}
}
