package telegram

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
)

// What Telegram tells, so far as we use it. https://core.telegram.org/bots/api
type (
	update struct {
		ID      int64    `json:"update_id"`
		Message *message `json:"message"`
		Edited  *message `json:"edited_message"`
	}
	user struct {
		ID        int64  `json:"id"`
		FirstName string `json:"first_name"`
		LastName  string `json:"last_name"`
		Username  string `json:"username"`
	}
	chat struct {
		ID       int64  `json:"id"`
		Type     string `json:"type"` // private | group | supergroup | channel
		Title    string `json:"title"`
		Username string `json:"username"`
	}
	message struct {
		ID         int64    `json:"message_id"`
		ThreadID   int64    `json:"message_thread_id"`
		From       *user    `json:"from"`
		SenderChat *chat    `json:"sender_chat"` // a channel, or a group whose admin stays unnamed
		Chat       chat     `json:"chat"`
		Date       int64    `json:"date"`
		EditDate   int64    `json:"edit_date"`
		ReplyTo    *message `json:"reply_to_message"`
		Text       string   `json:"text"`
		Caption    string   `json:"caption"`
		Entities   []entity `json:"entities"`
		InCaption  []entity `json:"caption_entities"`

		Photo     []struct{} `json:"photo"`
		Video     *file      `json:"video"`
		VideoNote *file      `json:"video_note"`
		Animation *file      `json:"animation"`
		Document  *file      `json:"document"`
		Audio     *file      `json:"audio"`
		Voice     *file      `json:"voice"`
		Sticker   *struct {
			Emoji string `json:"emoji"`
		} `json:"sticker"`
	}
	file struct {
		Name string `json:"file_name"`
	}
	entity struct {
		Type   string `json:"type"`
		Offset int    `json:"offset"` // UTF-16 units
		Length int    `json:"length"`
		URL    string `json:"url"`
		User   *user  `json:"user"`
	}
)

// Most that is kept of what strangers wrote, in bytes.
const (
	maxText  = 32 << 10
	maxName  = 1 << 10
	maxLinks = 20
	maxURL   = 4 << 10
)

// remote makes a message's id: message numbers are unique in their chat only.
func remote(chat, message int64) care.Remote {
	return care.Remote(strconv.FormatInt(chat, 10) + "/" + strconv.FormatInt(message, 10))
}

// parseRemote takes it apart.
func parseRemote(r care.Remote) (chat, message int64, ok bool) {
	before, after, _ := strings.Cut(string(r), "/")
	chat, err := strconv.ParseInt(before, 10, 64)
	message, err2 := strconv.ParseInt(after, 10, 64)
	return chat, message, err == nil && err2 == nil && message > 0 && remote(chat, message) == r
}

// read adds what one update tells to a page. What does not concern us is left
// out without a word; what can't be read is told as bad.
func (a *Account) read(ctx context.Context, raw json.RawMessage, p *network.Page) error {
	var u update
	if err := json.Unmarshal(raw, &u); err != nil {
		p.Bad = append(p.Bad, network.BadItem{Reason: "an update that is not as Telegram describes them"})
		return nil
	}
	m, kind := u.Message, network.Seen
	if m == nil {
		m, kind = u.Edited, network.Edited
	}
	if m == nil || !m.says() {
		return nil
	}
	if bad := m.bad(); bad != "" {
		p.Bad = append(p.Bad, network.BadItem{Reason: bad})
		return nil
	}
	summoned, err := a.summoned(ctx, m)
	if err != nil || !summoned {
		return err
	}
	post := m.post()
	post.Summoned = true
	if kind == network.Edited {
		post.EditedAt = time.Unix(max(m.EditDate, m.Date), 0).UTC()
	}
	if !utf8.Valid(raw) {
		p.Repaired++
	}
	p.Items = append(p.Items, network.Item{Kind: kind, Post: post, Own: post.Author.ID == strconv.FormatInt(a.bot.id, 10)})
	return nil
}

// says that a message holds something a person said: not that somebody came
// into a group, shared a place or pressed Start.
func (m *message) says() bool {
	if m.Chat.Type == "private" && (m.Text == "/start" || strings.HasPrefix(m.Text, "/start ")) {
		return false
	}
	return m.Text != "" || m.Caption != "" || len(m.links()) > 0 || m.Sticker != nil
}

func (m *message) bad() string {
	switch {
	case m.ID <= 0 || m.Chat.ID == 0:
		return "a message without a number"
	case m.From == nil && m.SenderChat == nil:
		return "a message without a sender"
	case m.Date <= 0 || m.Date > 1<<40:
		return "a message without a time"
	}
	return ""
}

// summoned says that a message is for us: in a group one that names the bot,
// answers it or is a command for it.
func (a *Account) summoned(ctx context.Context, m *message) (bool, error) {
	switch m.Chat.Type {
	case "private":
		return true, nil
	case "group", "supergroup":
	default:
		return false, nil // a channel is ours
	}
	if m.ReplyTo != nil && m.ReplyTo.From != nil && m.ReplyTo.From.ID == a.bot.id {
		return true, nil
	}
	text, entities := m.Text, m.Entities
	if text == "" {
		text, entities = m.Caption, m.InCaption
	}
	var units []uint16
	for _, e := range entities {
		switch e.Type {
		case "text_mention":
			if e.User != nil && e.User.ID == a.bot.id {
				return true, nil
			}
			continue
		case "mention", "bot_command":
		default:
			continue
		}
		us, err := a.username(ctx)
		if err != nil {
			return false, err
		}
		if units == nil {
			units = utf16.Encode([]rune(text))
		}
		if e.Offset < 0 || e.Length < 1 || e.Length > len(units) || e.Offset > len(units)-e.Length {
			continue
		}
		_, who, at := strings.Cut(string(utf16.Decode(units[e.Offset:e.Offset+e.Length])), "@")
		if at && strings.EqualFold(who, us) {
			return true, nil
		}
	}
	return false, nil
}

// post is what a message says.
func (m *message) post() care.Post {
	p := care.Post{
		Network: name, Remote: remote(m.Chat.ID, m.ID), Kind: care.PostDirect, Author: m.author(),
		PostedAt: time.Unix(m.Date, 0).UTC(), Links: m.links(),
		Thread: care.Remote(strconv.FormatInt(m.Chat.ID, 10)), // a private chat is one conversation
	}
	p.Text = m.Text
	if p.Text == "" {
		p.Text = m.Caption
	}
	if p.Text == "" && m.Sticker != nil {
		p.Text = m.Sticker.Emoji
	}
	p.Text = clip(strings.ToValidUTF8(p.Text, "\uFFFD"), maxText)
	if m.ReplyTo != nil && m.ReplyTo.ID > 0 {
		p.InReplyTo = remote(m.Chat.ID, m.ReplyTo.ID)
	}
	if m.Chat.Type == "private" {
		return p
	}
	p.Kind = care.PostPublic
	p.URL = m.Chat.address(m.ID)
	switch {
	case m.ThreadID > 0:
		p.Thread = remote(m.Chat.ID, m.ThreadID)
	case p.InReplyTo != "": // a small group tells no more than the message that is answered
		p.Thread = p.InReplyTo
	default:
		p.Thread = p.Remote
	}
	return p
}

// address is where the members of a group see a message.
func (c *chat) address(message int64) string {
	if usernamePattern(c.Username) {
		return fmt.Sprintf("https://t.me/%s/%d", c.Username, message)
	}
	const supergroups = -1_000_000_000_000 // their numbers lie below
	if c.Type == "supergroup" && c.ID < supergroups {
		return fmt.Sprintf("https://t.me/c/%d/%d", supergroups-c.ID, message)
	}
	return ""
}

func usernamePattern(s string) bool {
	return len(s) > 0 && len(s) <= 64 && !strings.ContainsFunc(s, func(r rune) bool {
		return r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	})
}

func (m *message) author() care.Author {
	if m.SenderChat != nil && m.SenderChat.ID != 0 {
		return author(m.SenderChat.ID, m.SenderChat.Username, m.SenderChat.Title)
	}
	return author(m.From.ID, m.From.Username, m.From.FirstName+" "+m.From.LastName)
}

func author(id int64, username, shown string) care.Author {
	a := care.Author{ID: strconv.FormatInt(id, 10), Handle: username}
	if !usernamePattern(username) {
		a.Handle = a.ID
	}
	a.Name = clip(strings.TrimSpace(strings.ToValidUTF8(shown, "\uFFFD")), maxName)
	return a
}

// links are what is attached. A file's address would hold the bot's token, so
// they have none; and the addresses behind words.
func (m *message) links() []care.Link {
	var all []care.Link
	add := func(l care.Link) {
		if len(all) < maxLinks {
			l.Alt = clip(strings.ToValidUTF8(l.Alt, "\uFFFD"), maxName)
			all = append(all, l)
		}
	}
	if len(m.Photo) > 0 {
		add(care.Link{Kind: "image"})
	}
	for _, f := range []*file{m.Video, m.VideoNote, m.Animation} {
		if f != nil {
			add(care.Link{Kind: "video", Alt: f.Name})
		}
	}
	for _, f := range []*file{m.Audio, m.Voice, m.Document} {
		if f != nil && (m.Animation == nil || f != m.Document) { // an animation is told as a document too
			add(care.Link{Kind: "file", Alt: f.Name})
		}
	}
	for _, e := range append(m.Entities[:len(m.Entities):len(m.Entities)], m.InCaption...) {
		if e.Type == "text_link" && len(e.URL) <= maxURL && (strings.HasPrefix(e.URL, "https://") || strings.HasPrefix(e.URL, "http://")) {
			add(care.Link{Kind: "link", URL: strings.ToValidUTF8(e.URL, "")})
		}
	}
	return all
}

// clip cuts a text to at most n bytes at the end of a rune.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
