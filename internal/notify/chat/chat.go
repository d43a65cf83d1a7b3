// Package chat tells a team where it chats: Slack, Microsoft Teams, Discord,
// Telegram, Matrix, and whoever listens to a topic of an ntfy server.
//
// The first three are told by an incoming webhook, an address that is a key to
// one room of theirs, the others by a server and a token. Texts arrive as they are: nothing in them can become
// markup, or call everybody. The package keeps nothing and tries nothing again.
package chat

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
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

	Telegram = "telegram"
	Matrix   = "matrix"
)

// Settings are one room, or one server.
type Settings struct {
	// Kind is slack, teams, discord, ntfy, telegram or matrix.
	Kind string `yaml:"kind"`
	// URL is the room's incoming webhook, or the server of ntfy or Matrix. Telegram
	// needs none.
	URL network.Secret `yaml:"url"`
	// Token is the bot's of Telegram, the access token of Matrix, or signs in at an
	// ntfy server that wants it.
	Token network.Secret `yaml:"token"`
}

// telegramURL is where bots of Telegram are, unless a server of one's own is named.
const telegramURL = "https://api.telegram.org"

// String tells the kind only: the address is a key.
func (s *Settings) String() string { return "chat on " + s.Kind }

// GoString keeps secrets out of %#v.
func (s *Settings) GoString() string { return s.String() }

// Validate implements [notify.Settings].
func (s *Settings) Validate() error {
	var wrong []error
	if writerOf(s.Kind) == nil {
		wrong = append(wrong, errors.New("kind: must be slack, teams, discord, ntfy, telegram or matrix"))
	}
	u, err := url.Parse(string(s.address()))
	if err != nil || u.Host == "" || u.User != nil || u.Scheme != "https" && u.Scheme != "http" {
		wrong = append(wrong, errors.New("url: must be an address that begins with https://"))
	}
	switch hooked := s.Kind == Slack || s.Kind == Teams || s.Kind == Discord; {
	case s.Token == "" && (s.Kind == Telegram || s.Kind == Matrix):
		wrong = append(wrong, errors.New("token: it is missing"))
	case s.Token != "" && (hooked || strings.ContainsFunc(string(s.Token), func(r rune) bool { return r <= ' ' || r >= 0x7f || strings.ContainsRune("/?#%", r) })):
		wrong = append(wrong, errors.New("token: is for ntfy, telegram and matrix only, and has no spaces or slashes"))
	}
	return errors.Join(wrong...)
}

// address is URL, or where the kind is by default.
func (s *Settings) address() network.Secret {
	if s.Kind == Telegram && s.URL == "" {
		return telegramURL
	}
	return s.URL
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

// A Channel is one room, or one server. Safe for concurrent use.
type Channel struct {
	settings Settings
	write    writer
	http     *http.Client
}

// Send implements [notify.Channel]. To is the topic on ntfy, the chat on Telegram
// and the room on Matrix; elsewhere the address is one room's, and to is not used.
func (c *Channel) Send(ctx context.Context, to string, n notify.Notice) error {
	body, err := json.Marshal(c.write(to, n.Clean()))
	if err != nil {
		return network.Malformed.Unsent("the notice can't be written")
	}
	method, at := http.MethodPost, strings.TrimSuffix(string(c.settings.address()), "/")
	switch c.settings.Kind {
	case Telegram:
		at += "/bot" + string(c.settings.Token) + "/sendMessage"
	case Matrix: // a server takes one key once
		method, at = http.MethodPut, at+"/_matrix/client/v3/rooms/"+url.PathEscape(to)+"/send/m.room.message/"+base64.RawURLEncoding.EncodeToString([]byte(n.Key))
	default:
		at = string(c.settings.URL)
	}
	if to == "" && (c.settings.Kind == Telegram || c.settings.Kind == Matrix) {
		return network.Malformed.Unsent("the channel does not say whom it tells: write to")
	}
	req, err := http.NewRequestWithContext(ctx, method, at, bytes.NewReader(body))
	if err != nil {
		return network.Malformed.Unsent("url is no address")
	}
	req.Header.Set("Content-Type", "application/json")
	if c.settings.Token != "" && c.settings.Kind != Telegram {
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
	case Telegram:
		return telegram
	case Matrix:
		return matrix
	}
	return nil
}

type object = map[string]any

// plain is a notice in lines, of its text at most so many bytes.
func plain(n notify.Notice, most int) string {
	lines := []string{n.Title, cut(n.Body, most), n.Link}
	return strings.Join(slices.DeleteFunc(lines, func(s string) bool { return s == "" }), "\n")
}

// slack writes plain text, in which & < and > must be escaped and everything
// else is itself. https://docs.slack.dev/messaging/formatting-message-text
func slack(_ string, n notify.Notice) any {
	text := plain(n, notify.MaxBody)
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

// telegram writes a text without a parse mode, in which nothing is markup.
// https://core.telegram.org/bots/api#sendmessage
func telegram(to string, n notify.Notice) any {
	n.Link = cutLink(n.Link)
	return object{
		"chat_id": to, "text": plain(n, 3000), // 4,096 signs with title and link
		"link_preview_options": object{"is_disabled": true}, "disable_notification": n.Severity == notify.Note,
	}
}

// cutLink leaves out a link that is too long to go with a text.
func cutLink(link string) string {
	if len(link) > 800 {
		return ""
	}
	return link
}

// matrix writes plain text that calls nobody.
// https://spec.matrix.org/v1.11/client-server-api/#mroommessage
func matrix(_ string, n notify.Notice) any {
	return object{"msgtype": "m.text", "body": plain(n, notify.MaxBody), "m.mentions": object{}}
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
