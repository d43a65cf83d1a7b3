package telegram

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/networktest"
)

func poll(t *testing.T, a *Account, cursor string) network.Page {
	t.Helper()
	p, err := a.Poll(t.Context(), cursor)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func only(t *testing.T, p network.Page) network.Item {
	t.Helper()
	if len(p.Items) != 1 || len(p.Bad) != 0 {
		t.Fatalf("%d items, bad %v", len(p.Items), p.Bad)
	}
	return p.Items[0]
}

func TestPrivateChat(t *testing.T) {
	w := newWorld(t, 10)
	w.sim.say(private("ana", "/start"))
	m := w.sim.say(private("ana", "My kettle leaks."))
	p := poll(t, w.account(), "")
	id := fmt.Sprint(person("ana").ID)
	want := care.Post{
		Network: name, Remote: remote(m.Chat.ID, m.ID), Kind: care.PostDirect, Thread: care.Remote(id), Summoned: true,
		Author: care.Author{ID: id, Handle: "ana_x", Name: "ana"}, Text: "My kettle leaks.", PostedAt: time.Unix(m.Date, 0).UTC(),
	}
	if got := only(t, p).Post; !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	a := w.account()
	if may := a.May(want, time.Now()); may.How != care.ByAPI || !may.Direct || may.Length != (care.Length{Max: 4096, Unit: "utf16"}) {
		t.Errorf("%+v", may)
	}
	sent, err := a.Send(t.Context(), care.Answer{To: want, Text: "Sorry!", Key: "k", Direct: true})
	if err != nil || sent.At.IsZero() || w.sim.sent[0].to != m.ID {
		t.Errorf("%+v, %v", sent, err)
	}
}

// What in a group is for us, and what is not.
func TestGroups(t *testing.T) {
	us := &message{ID: 1, From: &user{ID: botID}, Chat: chat{ID: group}}
	change := func(f func(*message)) message {
		m := inGroup("ana", "x")
		f(&m)
		return m
	}
	for name, c := range map[string]struct {
		m    message
		ours bool
	}{
		"names the bot":          {inGroup("ana", "help"), true},
		"answers the bot":        {change(func(m *message) { m.Text, m.Entities, m.ReplyTo = "still broken", nil, us }), true},
		"nothing to do with us":  {change(func(m *message) { m.Text, m.Entities = "nice weather", nil }), false},
		"the name without proof": {change(func(m *message) { m.Entities = nil }), false},
		"another's name":         {change(func(m *message) { m.Text, m.Entities = "@other_bot x", []entity{{Type: "mention", Length: 10}} }), false},
		"a command for us": {change(func(m *message) {
			m.Text, m.Entities = "/help@ACME_care_bot", []entity{{Type: "bot_command", Length: 19}}
		}), true},
		"after an emoji": {change(func(m *message) {
			m.Text, m.Entities = "👍🏽 @"+botName, []entity{{Type: "mention", Offset: 5, Length: len(botName) + 1}}
		}), true},
		"below a picture": {change(func(m *message) { m.Caption, m.InCaption, m.Text, m.Entities = m.Text, m.Entities, "", nil }), true},
		"a lying entity": {change(func(m *message) {
			m.Entities = []entity{{Type: "mention", Offset: 1 << 40, Length: 1 << 62}, {Type: "mention", Offset: -1, Length: 3}}
		}), false},
		"by name alone":   {change(func(m *message) { m.Entities = []entity{{Type: "text_mention", Length: 1, User: &user{ID: botID}}} }), true},
		"a channel":       {change(func(m *message) { m.Chat.Type = "channel" }), false},
		"somebody joined": {change(func(m *message) { m.Text, m.Entities = "", nil }), false},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, 10)
			w.sim.say(c.m)
			p := poll(t, w.account(), "")
			if (len(p.Items) == 1) != c.ours || len(p.Bad) > 0 {
				t.Errorf("%+v", p)
			}
			if c.ours && (p.Items[0].Post.URL != "https://t.me/kettles/1" || p.Items[0].Post.Kind != care.PostPublic) {
				t.Errorf("%+v", p.Items[0].Post)
			}
		})
	}
}

func TestNoTokenInALink(t *testing.T) {
	w := newWorld(t, 10)
	m := private("ana", "")
	m.Photo, m.Caption = make([]struct{}, 3), "look"
	m.Document = &file{Name: "bill.pdf"}
	m.InCaption = []entity{{Type: "text_link", Length: 4, URL: "https://acme.example/x"}, {Type: "text_link", Length: 4, URL: "javascript:alert(1)"}}
	w.sim.say(m)
	got := only(t, poll(t, w.account(), "")).Post
	want := []care.Link{{Kind: "image"}, {Kind: "file", Alt: "bill.pdf"}, {Kind: "link", URL: "https://acme.example/x"}}
	if got.Text != "look" || !reflect.DeepEqual(got.Links, want) {
		t.Errorf("%+v", got)
	}
}

func TestAddresses(t *testing.T) {
	for want, c := range map[string]chat{
		"https://t.me/kettles/7":      {ID: group, Type: "supergroup", Username: "kettles"},
		"https://t.me/c/1234567890/7": {ID: group, Type: "supergroup"},
		"":                            {ID: -5, Type: "group", Username: "a/b"},
	} {
		if got := c.address(7); got != want {
			t.Errorf("%+v: %q", c, got)
		}
	}
}

// A page that a kill lost is told again; one that was passed is not.
func TestConfirmedByTheNextPollAlone(t *testing.T) {
	w := newWorld(t, 2)
	for i := range 3 {
		w.sim.say(private("ana", fmt.Sprint("message ", i)))
	}
	first := poll(t, w.account(), "")
	if len(w.sim.waiting) != 3 {
		t.Errorf("reading confirmed %d", 3-len(w.sim.waiting))
	}
	if again := poll(t, w.account(), ""); len(again.Items) != 2 || again.Items[0].Post.Remote != first.Items[0].Post.Remote {
		t.Errorf("%+v", again)
	}
	poll(t, w.account(), first.Next)
	if len(w.sim.waiting) != 1 {
		t.Errorf("%d wait", len(w.sim.waiting))
	}
}

func TestGapAfterADay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 10)
		cursor := poll(t, w.account(), "").Next
		for _, c := range []struct {
			pause time.Duration
			gap   bool
		}{{time.Hour, false}, {23 * time.Hour, false}, {48 * time.Hour, true}, {time.Hour, false}} {
			time.Sleep(c.pause) // the bubble's clock
			p := poll(t, w.account(), cursor)
			if (len(p.Gaps) == 1) != c.gap {
				t.Errorf("after %v: %+v", c.pause, p.Gaps)
			}
			if c.gap && (p.Gaps[0].To.Sub(p.Gaps[0].From) > 24*time.Hour || !p.Gaps[0].To.After(p.Gaps[0].From)) {
				t.Errorf("%+v", p.Gaps)
			}
			cursor = p.Next
		}
	})
}

func TestRefusalsInPlainWords(t *testing.T) {
	for description, want := range map[string]struct {
		fault network.Fault
		words string
	}{
		"Forbidden: bot was blocked by the user":                 {network.Gone, "blocked the bot"},
		"Forbidden: user is deactivated":                         {network.Gone, "was deleted"},
		"Forbidden: bot was kicked from the supergroup chat":     {network.Gone, "removed"},
		"Forbidden: bot can't initiate conversation with a user": {network.Refused, "may not write first"},
		"Forbidden: something of " + testToken:                   {network.Refused, "403"},
	} {
		w := newWorld(t, 10)
		w.sim.say(private("ana", "help"))
		post := only(t, poll(t, w.account(), "")).Post
		w.sim.refuses[person("ana").ID] = description
		_, err := w.account().Send(t.Context(), care.Answer{To: post, Text: "Sorry!", Key: "k"})
		e, ok := errors.AsType[*network.Error](err)
		if !ok || e.Fault != want.fault || !e.Settled() || !strings.Contains(err.Error(), want.words) || strings.Contains(err.Error(), "hush") {
			t.Errorf("%s: %v", description, err)
		}
	}
}

func TestDeletedMessageIsNotAnswered(t *testing.T) {
	w := newWorld(t, 10)
	m := w.sim.say(private("ana", "help"))
	post := only(t, poll(t, w.account(), "")).Post
	w.sim.remove(m.Chat.ID, m.ID)
	_, err := w.account().Send(t.Context(), care.Answer{To: post, Text: "Sorry!", Key: "k"})
	if e, ok := errors.AsType[*network.Error](err); !ok || e.Fault != network.Gone || !e.Settled() {
		t.Errorf("%v", err)
	}
}

func TestRetryAfter(t *testing.T) {
	a, err := open(settings(), network.NewClient(network.Options{Base: saying(429, `{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 35","parameters":{"retry_after":35}}`)}), &bots{byToken: map[string]*bot{}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = a.Poll(t.Context(), "")
	if e, ok := errors.AsType[*network.Error](err); !ok || e.Fault != network.Limited || e.After != 35*time.Second || !e.Unsent {
		t.Errorf("%v", err)
	}
}

// saying is a network that always says the same.
func saying(status int, body string) http.RoundTripper {
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: status, Header: http.Header{}, Body: nopCloser{strings.NewReader(body)}, Request: r}, nil
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

type nopCloser struct{ *strings.Reader }

func (nopCloser) Close() error { return nil }

func TestWrongToken(t *testing.T) {
	w := newWorld(t, 10)
	s := settings()
	s.Token = "4712:hush-other-bbbbbbbbbbbbbbbbbbbbbb"
	a, err := w.driver.Open(s, network.NewClient(network.Options{Base: w.Wire}))
	if err != nil {
		t.Fatal(err)
	}
	_, err = a.Poll(t.Context(), "")
	if e, ok := errors.AsType[*network.Error](err); !ok || e.Fault != network.Refused || strings.Contains(err.Error(), "hush") {
		t.Errorf("%v", err)
	}
}

func TestLengthInUTF16(t *testing.T) {
	w := newWorld(t, 10)
	w.sim.say(private("ana", "help"))
	post := only(t, poll(t, w.account(), "")).Post
	if _, err := w.account().Send(t.Context(), care.Answer{To: post, Text: strings.Repeat("👍", 2048), Key: "k1"}); err != nil {
		t.Error(err)
	}
	_, err := w.account().Send(t.Context(), care.Answer{To: post, Text: strings.Repeat("👍", 2048) + "a", Key: "k2"})
	if e, ok := errors.AsType[*network.Error](err); !ok || !e.Unsent || len(w.sim.sent) != 1 {
		t.Errorf("%v", err)
	}
}

func TestSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 10)
		w.sim.say(private("ana", "help"))
		post := only(t, poll(t, w.account(), "")).Post
		for _, f := range []networktest.Fault{networktest.Silent, networktest.Stalled} {
			w.Break(f)
			ctx, end := context.WithTimeout(t.Context(), time.Minute)
			_, err := w.account().Send(ctx, care.Answer{To: post, Text: "Sorry!", Key: string(f)})
			end()
			if e, ok := errors.AsType[*network.Error](err); !ok || e.Settled() || e.Fault != network.Transient {
				t.Errorf("%s: %v", f, err)
			}
		}
		w.Break(networktest.Mended)
		if _, found, err := w.account().Find(t.Context(), care.Answer{To: post, Key: string(networktest.Stalled)}); found || err != nil {
			t.Errorf("%v, %v", found, err)
		}
	})
}

func TestWebhook(t *testing.T) {
	w := newWorld(t, 10)
	s := settings()
	s.WebhookSecret = "hush-webhook-secret"
	opened, err := w.driver.Open(s, network.NewClient(network.Options{Base: w.Wire}))
	if err != nil {
		t.Fatal(err)
	}
	a := opened.(*Hook)
	m := private("ana", "help")
	m.ID = 7
	body, err := json.Marshal(update{ID: 1, Message: &m})
	if err != nil {
		t.Fatal(err)
	}
	signed := func(secret string) http.Header {
		h := http.Header{}
		h.Set("X-Telegram-Bot-Api-Secret-Token", secret)
		return h
	}
	if p, err := a.Receive(signed("hush-webhook-secret"), body); err != nil || len(p.Items) != 1 || p.Items[0].Post.Text != "help" {
		t.Errorf("%+v, %v", p, err)
	}
	for name, c := range map[string]struct {
		h    http.Header
		body string
		want network.Fault
	}{
		"no secret":    {http.Header{}, string(body), network.Refused},
		"wrong secret": {signed("hush-webhook-secreT"), string(body), network.Refused},
		"no update":    {signed("hush-webhook-secret"), "{}", network.Malformed},
		"no JSON":      {signed("hush-webhook-secret"), "<", network.Malformed},
	} {
		_, err := a.Receive(c.h, []byte(c.body))
		if e, ok := errors.AsType[*network.Error](err); !ok || e.Fault != c.want {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, ok := w.Account().(network.Receiver); ok {
		t.Error("an account without a secret takes what anybody posts")
	}

	_, err = a.Poll(t.Context(), "c")
	if e, ok := errors.AsType[*network.Error](err); !ok || e.Fault != network.Malformed {
		t.Errorf("a foreign cursor: %v", err)
	}
	_, err = a.Poll(t.Context(), "")
	if e, ok := errors.AsType[*network.Error](err); !ok || e.Fault != network.Refused {
		t.Errorf("no webhook is set: %v", err)
	}
	w.sim.webhook = map[string]any{"url": "https://care.acme.example/hook", "pending_update_count": 4, "last_error_date": time.Now().Unix()}
	_, err = a.Poll(t.Context(), "")
	if e, ok := errors.AsType[*network.Error](err); !ok || e.Fault != network.Transient {
		t.Errorf("it does not get through: %v", err)
	}
	w.sim.webhook["pending_update_count"] = 0
	if p, err := a.Poll(t.Context(), ""); err != nil || len(p.Items) != 0 || p.More {
		t.Errorf("%+v, %v", p, err)
	}
	_, err = w.account().Poll(t.Context(), "") // who polls although there is a webhook is told what to do
	if e, ok := errors.AsType[*network.Error](err); !ok || e.Fault != network.Refused || !strings.Contains(err.Error(), "webhook") {
		t.Errorf("%v", err)
	}
}

func TestSettings(t *testing.T) {
	for want, change := range map[string]func(*Settings){
		"":                   func(*Settings) {},
		"token: missing":     func(s *Settings) { s.Token = "" },
		"token: this is no":  func(s *Settings) { s.Token = "4711:hush/../x" },
		"host: must begin":   func(s *Settings) { s.Host = "http://api.telegram.org" },
		"host: must be":      func(s *Settings) { s.Host = "api.telegram.org" },
		"webhook_secret: 16": func(s *Settings) { s.WebhookSecret = "hush" },
	} {
		s := settings()
		change(s)
		err := s.Validate()
		if (err == nil) != (want == "") || err != nil && (!strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), "hush")) {
			t.Errorf("%q: %v", want, err)
		}
		if shown := fmt.Sprintf("%v %+v %#v", s, s, s); strings.Contains(shown, "hush") {
			t.Errorf("a secret is shown: %s", shown)
		}
	}
}

func FuzzUpdate(f *testing.F) {
	f.Add([]byte(`{"update_id":1,"message":{"message_id":2,"date":1763200000,"chat":{"id":3,"type":"private"},"from":{"id":3,"first_name":"A"},"text":"help","entities":[{"type":"mention","offset":0,"length":4}]}}`))
	f.Add([]byte(`{"update_id":1,"edited_message":{"message_id":2,"date":1763200000,"edit_date":1763200001,"chat":{"id":-1001,"type":"supergroup"},"sender_chat":{"id":-1001,"title":"x"},"caption":"@acme_care_bot x","photo":[{}]}}`))
	known := &bots{byToken: map[string]*bot{}}
	a, err := open(settings(), network.NewClient(network.Options{Base: saying(200, `{"ok":true,"result":{"id":4711,"username":"acme_care_bot"}}`)}), known)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		var p network.Page
		if err := a.read(t.Context(), raw, &p); err != nil {
			t.Fatal(err)
		}
		for _, it := range p.Items {
			if _, _, ok := parseRemote(it.Post.Remote); !ok || it.Post.Author.ID == "" || it.Post.Author.Handle == "" || it.Post.Thread == "" || it.Post.PostedAt.IsZero() || len(it.Post.Text) > maxText {
				t.Errorf("%+v", it)
			}
		}
	})
}

// BenchmarkPoll reads pages of a hundred messages from memory: what the driver
// itself costs. Divide by a hundred for one mention.
func BenchmarkPoll(b *testing.B) {
	var updates []update
	for i := range pageSize {
		m := inGroup("ana", strings.Repeat("The kettle leaks, and nobody answers. ", 4))
		m.ID = int64(i + 1)
		updates = append(updates, update{ID: int64(i + 1), Message: &m})
	}
	page, err := json.Marshal(map[string]any{"ok": true, "result": updates})
	if err != nil {
		b.Fatal(err)
	}
	a, err := open(settings(), network.NewClient(network.Options{Base: saying(200, string(page))}), &bots{byToken: map[string]*bot{}})
	if err != nil {
		b.Fatal(err)
	}
	a.bot.name = botName
	b.SetBytes(int64(len(page)))
	b.ReportAllocs()
	for b.Loop() {
		if got, err := a.Poll(b.Context(), ""); err != nil || len(got.Items) != pageSize {
			b.Fatal(len(got.Items), err)
		}
	}
}
