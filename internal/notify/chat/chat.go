// Package chat tells a team where it chats: Slack, Microsoft Teams, Discord,
// and whoever listens to a topic of an ntfy server.
//
// The first three are told by an incoming webhook, an address that is a key to
// one room of theirs. Texts arrive as they are: nothing in them can become
// markup, or call everybody. The package keeps nothing and tries nothing again.
package chat

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/notify"
)

const name = "chat"

// The kinds of chat.
const (
	Slack   = "slack" // and Mattermost, Rocket.Chat: whatever takes Slack's webhooks
	Teams   = "teams"
	Discord = "discord"
	Ntfy    = "ntfy"
)

// Settings are one room, or one ntfy server.
type Settings struct {
	// Kind is slack, teams, discord or ntfy.
	Kind string `yaml:"kind"`
	// URL is the room's incoming webhook, or the ntfy server.
	URL network.Secret `yaml:"url"`
	// Token signs in at an ntfy server that wants it.
	Token network.Secret `yaml:"token"`
}

// String tells the kind only: the address is a key.
func (s *Settings) String() string { return "chat on " + s.Kind }

// GoString keeps secrets out of %#v.
func (s *Settings) GoString() string { return s.String() }

// Validate implements [notify.Settings].
func (s *Settings) Validate() error {
	var wrong []error
	if writerOf(s.Kind) == nil {
		wrong = append(wrong, errors.New("kind: must be slack, teams, discord or ntfy"))
	}
	u, err := url.Parse(string(s.URL))
	if err != nil || u.Host == "" || u.User != nil || u.Scheme != "https" && u.Scheme != "http" {
		wrong = append(wrong, errors.New("url: must be an address that begins with https://"))
	}
	if s.Token != "" && (s.Kind != Ntfy || strings.ContainsFunc(string(s.Token), func(r rune) bool { return r <= ' ' || r >= 0x7f })) {
		wrong = append(wrong, errors.New("token: is for ntfy only, and has no spaces"))
	}
	return errors.Join(wrong...)
}

// Driver opens chats.
func Driver() notify.Driver {
	return notify.Driver{
		Name:     name,
		Settings: func() notify.Settings { return &Settings{} },
		Open: notify.Opening(func(s *Settings, c *http.Client) (*Channel, error) {
			return &Channel{settings: *s, write: writerOf(s.Kind), http: network.Adapt(c, network.Dialect{})}, nil
		}),
	}
}

// A Channel is one room, or one ntfy server. Safe for concurrent use.
type Channel struct {
	settings Settings
	write    writer
	http     *http.Client
}

// Send implements [notify.Channel]. To is the topic on ntfy; elsewhere the
// address is one room's, and to is not used.
func (c *Channel) Send(ctx context.Context, to string, n notify.Notice) error {
	body, err := json.Marshal(c.write(to, n.Clean()))
	if err != nil {
		return network.Malformed.Unsent("the notice can't be written")
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, string(c.settings.URL), bytes.NewReader(body))
	if err != nil {
		return network.Malformed.Unsent("url is no address")
	}
	req.Header.Set("Content-Type", "application/json")
	if c.settings.Token != "" {
		req.Header.Set("Authorization", "Bearer "+string(c.settings.Token))
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return network.Typed(err)
	}
	resp.Body.Close() // whatever it says, the status says that it was taken
	return nil
}

// A writer puts a notice into the form that a kind of chat takes.
type writer func(to string, n notify.Notice) any

// writerOf is the writer of a kind; nil: there is no such kind.
func writerOf(kind string) writer {
	switch kind {
	case Slack:
		return slack
	case Teams:
		return teams
	case Discord:
		return discord
	case Ntfy:
		return ntfy
	}
	return nil
}

type object = map[string]any

// slack writes plain text, in which & < and > must be escaped and everything
// else is itself. https://docs.slack.dev/messaging/formatting-message-text
func slack(_ string, n notify.Notice) any {
	text := n.Title
	for _, part := range []string{n.Body, n.Link} {
		if part != "" {
			text += "\n" + part
		}
	}
	text = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(text)
	return object{"text": text, "mrkdwn": false, "link_names": false, "parse": "none", "unfurl_links": false, "unfurl_media": false}
}

// teams writes an adaptive card of text runs, which know no markup.
// https://adaptivecards.io/explorer/TextRun.html
func teams(_ string, n notify.Notice) any {
	block := func(run object) object { return object{"type": "RichTextBlock", "inlines": []object{run}} }
	card := object{
		"$schema": "http://adaptivecards.io/schemas/adaptive-card.json", "type": "AdaptiveCard", "version": "1.4",
		"body": []object{block(object{"type": "TextRun", "text": n.Title, "weight": "bolder"})},
	}
	if n.Body != "" {
		card["body"] = append(card["body"].([]object), block(object{"type": "TextRun", "text": cut(n.Body, 8<<10)})) // a message has 28 KB
	}
	if n.Link != "" {
		card["actions"] = []object{{"type": "Action.OpenUrl", "title": "Open in Amends", "url": n.Link}}
	}
	return object{"type": "message", "attachments": []object{{"contentType": "application/vnd.microsoft.card.adaptive", "content": card}}}
}

// discord writes an embed. Its markup is escaped, and nobody is called.
// https://docs.discord.com/developers/resources/webhook#execute-webhook
func discord(_ string, n notify.Notice) any {
	embed := object{"title": escape(cut(n.Title, 120)), "description": escape(cut(n.Body, 2000))} // 256 and 4,096 signs, of which escaping may double each
	if n.Link != "" {
		embed["url"] = n.Link
	}
	return object{"embeds": []object{embed}, "allowed_mentions": object{"parse": []string{}}}
}

// escape puts a backslash before every sign that may begin markup.
func escape(s string) string {
	var b strings.Builder
	for _, r := range s {
		if strings.ContainsRune("\\*_~`|>#-<[]()@:", r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// ntfy writes a message for a topic. https://docs.ntfy.sh/publish/#publish-as-json
func ntfy(to string, n notify.Notice) any {
	message := object{"topic": to, "title": n.Title, "message": cmp.Or(cut(n.Body, 3500), n.Title)} // longer ones become files
	if n.Link != "" {
		message["click"] = n.Link
	}
	message["priority"] = map[notify.Severity]int{notify.Note: 3, notify.Warning: 4, notify.Critical: 5}[n.Severity]
	return message
}

// cut takes the first n bytes of a text, to the end of a rune.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}

var _ notify.Channel = (*Channel)(nil)
