package chat

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/networktest"
	"github.com/amends-care/amends/internal/notify"
	"github.com/amends-care/amends/internal/notify/notifytest"
)

const room = "leads"

// A receiver reads what is posted as the chat that it plays shows it.
type receiver struct {
	*networktest.Wire
	t    testing.TB
	kind string
	mu   sync.Mutex
	got  []notifytest.Arrival
}

func newReceiver(t testing.TB, kind string) *receiver {
	r := &receiver{t: t, kind: kind}
	r.Wire = networktest.NewWire(t, r)
	return r
}

func (r *receiver) Channel() notify.Channel {
	d := Driver()
	s := d.Settings().(*Settings)
	s.Kind, s.URL = r.kind, "https://chat.example/hush-path"
	if r.kind == Ntfy || r.kind == Matrix || r.kind == Telegram {
		s.Token = "hush-token"
	}
	c, err := d.Open(s, network.NewClient(network.Options{Base: r.Wire}))
	if err != nil {
		r.t.Fatal(err)
	}
	return c
}

func (r *receiver) Got() []notifytest.Arrival {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.got)
}

// posted is all that the kinds of chat read.
type posted struct {
	Text        string
	Mrkdwn      *bool
	Attachments []struct {
		Content struct {
			Body []struct {
				Type    string
				Inlines []struct{ Type, Text string }
			}
			Actions []struct{ Type, URL string }
		}
	}
	Embeds                       []struct{ Title, Description, URL string }
	Mentions                     *struct{ Parse []string } `json:"allowed_mentions"`
	Topic, Title, Message, Click string
	ChatID                       string          `json:"chat_id"`
	ParseMode                    string          `json:"parse_mode"`
	MsgType, Body                string          // of Matrix, with m.mentions
	Calls                        json.RawMessage `json:"m.mentions"`
}

// lines reads a notice that was written in lines.
func (a *arrival) lines(text string) {
	a.Title, a.Body, _ = strings.Cut(text, "\n")
	if i := strings.LastIndexByte(a.Body, '\n'); strings.HasPrefix(a.Body[i+1:], "https://") {
		a.Link = a.Body[i+1:]
	}
}

type arrival struct{ notifytest.Arrival }

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	var p posted
	if err := json.NewDecoder(req.Body).Decode(&p); err != nil || req.Header.Get("Content-Type") != "application/json" {
		r.t.Errorf("%v", err)
	}
	a := arrival{notifytest.Arrival{To: room}}
	switch r.kind {
	case Slack:
		if p.Mrkdwn == nil || *p.Mrkdwn || strings.ContainsAny(p.Text, "<>") {
			r.t.Errorf("markup is on, or a sign of it is in %q", p.Text)
		}
		a.lines(strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(p.Text))
	case Telegram:
		if req.URL.Path != "/hush-path/bothush-token/sendMessage" || p.ParseMode != "" || len([]rune(p.Text)) > 4096 || req.Header.Get("Authorization") != "" {
			r.t.Errorf("to %s, parsed as %q, %d signs", req.URL.Path, p.ParseMode, len([]rune(p.Text)))
		}
		a.To = p.ChatID
		a.lines(p.Text)
	case Matrix:
		rest, ok := strings.CutPrefix(req.URL.Path, "/hush-path/_matrix/client/v3/rooms/")
		to, key, _ := strings.Cut(rest, "/send/m.room.message/")
		if !ok || req.Method != http.MethodPut || req.Header.Get("Authorization") != "Bearer hush-token" || p.MsgType != "m.text" || string(p.Calls) != "{}" {
			r.t.Errorf("%s %s: %+v", req.Method, req.URL.Path, p)
		}
		b, err := base64.RawURLEncoding.DecodeString(key)
		if err != nil {
			r.t.Errorf("key %q: %v", key, err)
		}
		a.To, a.Key = to, string(b)
		a.lines(p.Body)
	case Teams:
		c := p.Attachments[0].Content
		a.Title = c.Body[0].Inlines[0].Text
		if len(c.Body) > 1 {
			a.Body = c.Body[1].Inlines[0].Text
		}
		if len(c.Actions) > 0 {
			a.Link = c.Actions[0].URL
		}
		for _, b := range c.Body {
			if b.Type != "RichTextBlock" || b.Inlines[0].Type != "TextRun" {
				r.t.Errorf("%s knows markup", b.Type)
			}
		}
	case Discord:
		e := p.Embeds[0]
		if p.Mentions == nil || len(p.Mentions.Parse) != 0 || len([]rune(e.Title)) > 256 || len([]rune(e.Description)) > 4096 {
			r.t.Errorf("everybody may be called, or it is too long: %d %d", len(e.Title), len(e.Description))
		}
		a.Title, a.Body, a.Link = r.unescape(e.Title), r.unescape(e.Description), e.URL
	case Ntfy:
		if req.Header.Get("Authorization") != "Bearer hush-token" {
			r.t.Error("not signed in")
		}
		a.Arrival = notifytest.Arrival{To: p.Topic, Title: p.Title, Body: p.Message, Link: p.Click}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.got = append(r.got, a.Arrival)
	fmt.Fprint(w, "ok")
}

// unescape reads Discord's markup; a sign of it without a backslash fails the test.
func (r *receiver) unescape(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s):
			i++
		case strings.IndexByte("*_~`|>#<[@", s[i]) >= 0:
			r.t.Errorf("markup in %q", s)
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

func TestChannel(t *testing.T) {
	for _, kind := range []string{Slack, Teams, Discord, Ntfy, Telegram, Matrix} {
		t.Run(kind, func(t *testing.T) {
			notifytest.Run(t, notifytest.Traits{
				To: room, Keyed: kind == Matrix, Secrets: []string{"hush"},
				Faults: slices.DeleteFunc(networktest.HTTPFaults(), func(f networktest.Fault) bool {
					return f == networktest.Silent || f == networktest.Stalled
				}),
			}, func(t *testing.T) notifytest.World { return newReceiver(t, kind) })
		})
	}
}

func TestSettings(t *testing.T) {
	for want, s := range map[string]Settings{
		"":                     {Kind: Slack, URL: "https://hooks.slack.com/services/hush"},
		"kind":                 {Kind: "fax", URL: "https://hooks.slack.com/services/hush"},
		"url":                  {Kind: Slack, URL: "hush"},
		"token":                {Kind: Slack, URL: "https://hooks.slack.com/services/hush", Token: "hush"},
		"token: it is missing": {Kind: Telegram},
		"token: is":            {Kind: Matrix, URL: "https://matrix.example", Token: "hush/../x"},
	} {
		err := s.Validate()
		if (err == nil) != (want == "") || err != nil && (!strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), "hush")) {
			t.Errorf("%q: %v", want, err)
		}
		if shown := fmt.Sprintf("%v %+v %#v", &s, &s, &s); strings.Contains(shown, "hush") {
			t.Errorf("a secret is shown: %s", shown)
		}
	}
}
