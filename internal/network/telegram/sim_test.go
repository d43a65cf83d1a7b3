package telegram

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf16"
)

const (
	testToken = "4711:hush-telegram-aaaaaaaaaaaaaaaaaaaaa"
	botID     = 4711
	botName   = "acme_care_bot"
	group     = int64(-1001234567890)
)

// A sim is Telegram's Bot API as its documentation describes it: updates that
// wait until a later offset confirms them, messages that can be answered, and
// refusals in its own words. It fails the test on what Telegram would not take.
type sim struct {
	t testing.TB

	mu       sync.Mutex
	waiting  []update
	next     int64 // update
	messages map[int64]map[int64]message
	number   int64 // of the last message
	sent     []sentMessage
	refuses  map[int64]string // chats, with the description of their 403
	webhook  map[string]any
}

type sentMessage struct {
	chat, id, to int64
	text         string
}

func newSim(t testing.TB) *sim {
	return &sim{t: t, next: 900_000, messages: map[int64]map[int64]message{}, refuses: map[int64]string{}}
}

// known parameters of the methods that we call, as the documentation lists them.
var known = map[string][]string{
	"getMe":          {},
	"getUpdates":     {"offset", "limit", "timeout", "allowed_updates"},
	"getWebhookInfo": {},
	"sendMessage": {"business_connection_id", "chat_id", "message_thread_id", "text", "parse_mode", "entities", "link_preview_options",
		"disable_notification", "protect_content", "reply_parameters", "reply_markup"},
}

func (s *sim) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	rest, ok := strings.CutPrefix(r.URL.Path, "/bot")
	token, method, _ := strings.Cut(rest, "/")
	switch {
	case !ok || len(token) < 10:
		s.refuse(w, 404, "Not Found")
		return
	case token != testToken:
		s.refuse(w, 401, "Unauthorized")
		return
	case r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/json":
		s.t.Errorf("%s %s with %q", r.Method, method, r.Header.Get("Content-Type"))
	}
	body, err := io.ReadAll(r.Body)
	var given map[string]json.RawMessage
	if err != nil || json.Unmarshal(body, &given) != nil {
		s.t.Errorf("%s: no JSON object: %q", method, body)
	}
	for p := range given {
		if !slices.Contains(known[method], p) {
			s.t.Errorf("%s has no parameter %q", method, p)
		}
	}
	switch method {
	case "getMe":
		s.result(w, map[string]any{"id": botID, "is_bot": true, "first_name": "Acme", "username": botName})
	case "getUpdates":
		s.getUpdates(w, body)
	case "sendMessage":
		s.sendMessage(w, body)
	case "getWebhookInfo":
		if s.webhook == nil {
			s.webhook = map[string]any{"url": "", "has_custom_certificate": false, "pending_update_count": 0}
		}
		s.result(w, s.webhook)
	default:
		s.refuse(w, 404, "Not Found: method not found")
	}
}

func (s *sim) result(w http.ResponseWriter, result any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"ok": true, "result": result})
}

func (s *sim) refuse(w http.ResponseWriter, code int, description string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(map[string]any{"ok": false, "error_code": code, "description": description})
}

func (s *sim) getUpdates(w http.ResponseWriter, body []byte) {
	if s.webhook != nil && s.webhook["url"] != "" {
		s.refuse(w, 409, "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first")
		return
	}
	var in struct {
		Offset  int64    `json:"offset"`
		Limit   *int     `json:"limit"`
		Timeout int      `json:"timeout"`
		Allowed []string `json:"allowed_updates"`
	}
	if err := json.Unmarshal(body, &in); err != nil || in.Limit != nil && (*in.Limit < 1 || *in.Limit > 100) || in.Timeout < 0 || in.Offset < 0 {
		s.t.Errorf("getUpdates: %s", body)
	}
	s.waiting = slices.DeleteFunc(s.waiting, func(u update) bool { return u.ID < in.Offset }) // confirmed, gone for ever
	limit := 100
	if in.Limit != nil {
		limit = *in.Limit
	}
	s.result(w, s.waiting[:min(limit, len(s.waiting))])
}

func (s *sim) sendMessage(w http.ResponseWriter, body []byte) {
	var in struct {
		Chat  int64  `json:"chat_id"`
		Text  string `json:"text"`
		Reply struct {
			ID    int64 `json:"message_id"`
			Loose bool  `json:"allow_sending_without_reply"`
		} `json:"reply_parameters"`
	}
	if err := json.Unmarshal(body, &in); err != nil {
		s.refuse(w, 400, "Bad Request: can't parse parameters")
		return
	}
	chat, there := s.messages[in.Chat]
	to, answers := chat[in.Reply.ID]
	switch {
	case !there:
		s.refuse(w, 400, "Bad Request: chat not found")
	case s.refuses[in.Chat] != "":
		s.refuse(w, 403, s.refuses[in.Chat])
	case strings.TrimSpace(in.Text) == "":
		s.refuse(w, 400, "Bad Request: message text is empty")
	case len(utf16.Encode([]rune(in.Text))) > 4096:
		s.refuse(w, 400, "Bad Request: message is too long")
	case in.Reply.ID != 0 && !answers && !in.Reply.Loose:
		s.refuse(w, 400, "Bad Request: message to be replied not found")
	default:
		m := s.add(message{From: &user{ID: botID, FirstName: "Acme", Username: botName}, Chat: to.Chat, Date: time.Now().Unix(), Text: in.Text})
		s.sent = append(s.sent, sentMessage{in.Chat, m.ID, in.Reply.ID, in.Text})
		s.result(w, m)
	}
}

// add keeps a message under the next number.
func (s *sim) add(m message) message {
	s.number++
	m.ID = s.number
	if s.messages[m.Chat.ID] == nil {
		s.messages[m.Chat.ID] = map[int64]message{}
	}
	s.messages[m.Chat.ID][m.ID] = m
	return m
}

// say lets somebody write a message, of which the bot is told.
func (s *sim) say(m message) message {
	s.mu.Lock()
	defer s.mu.Unlock()
	m = s.add(m)
	s.waiting = append(s.waiting, update{ID: s.next, Message: &m})
	s.next++
	return m
}

// edit changes a message, of which the bot is told too.
func (s *sim) edit(chat, id int64, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.messages[chat][id]
	m.Text, m.EditDate = text, time.Now().Unix()
	s.messages[chat][id] = m
	s.waiting = append(s.waiting, update{ID: s.next, Edited: &m})
	s.next++
}

// remove deletes a message, of which nobody is told.
func (s *sim) remove(chat, id int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.messages[chat], id)
}

func person(author string) *user {
	id := int64(0)
	for _, c := range author {
		id = id*31 + int64(c)
	}
	return &user{ID: 10_000 + id, FirstName: author, Username: author + "_x"}
}

// named is a text that names the bot, with the entity that says so.
func named(text string) (string, []entity) {
	return fmt.Sprintf("@%s %s", botName, text), []entity{{Type: "mention", Offset: 0, Length: len(botName) + 1}}
}
