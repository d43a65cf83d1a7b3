package telegram

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/amends-care/amends/internal/network"
)

// A client calls the Bot API's methods. The token is part of each address, and
// the transport tells no address in an error.
type client struct {
	base string // https://host/bot<token>/
	http *http.Client
}

// call makes one call, and reads its result into result unless that is nil.
func (c *client) call(ctx context.Context, method string, params, result any) error {
	body, err := json.Marshal(params)
	if err != nil {
		return network.Malformed.Unsent(method + ": the call can't be written")
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+method, bytes.NewReader(body))
	if err != nil {
		return network.Malformed.Unsent(method + ": the address is none")
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := c.http.Do(req)
	if err != nil {
		return network.Typed(err)
	}
	var said answer
	if err := network.DecodeJSON(resp, &said); err != nil {
		return err
	}
	if !said.OK { // with a success for a status: no server of Telegram's does that
		return network.Malformed.Because(method + ": the answer is neither a success nor an error")
	}
	if result == nil {
		return nil
	}
	if err := json.Unmarshal(said.Result, result); err != nil {
		return network.Malformed.Because(method + ": the result has another form than expected")
	}
	return nil
}

// An answer is what every method says.
type answer struct {
	OK          bool            `json:"ok"`
	Result      json.RawMessage `json:"result"`
	Description string          `json:"description"`
	Parameters  struct {
		RetryAfter      int   `json:"retry_after"`
		MigrateToChatID int64 `json:"migrate_to_chat_id"`
	} `json:"parameters"`
}

func dialect(token string) network.Dialect {
	return network.Dialect{
		Credential: token,
		Refine:     refine,
		Limit: func(r *http.Request) (string, network.Limit) {
			_, method, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/bot"), "/")
			return method, network.Limit{}
		},
	}
}

// A meaning is what a refusal means to us.
type meaning struct {
	part  string // of Telegram's description, in small letters
	fault network.Fault
	words string
}

// meanings of descriptions. Telegram gives no codes besides the status.
var meanings = []meaning{
	{"blocked by the user", network.Gone, "the customer has blocked the bot"},
	{"user is deactivated", network.Gone, "the customer's account was deleted"},
	{"can't initiate conversation", network.Refused, "the customer has not written to the bot, and a bot may not write first"},
	{"bot was kicked", network.Gone, "the bot was removed from the group"},
	{"not a member", network.Gone, "the bot is not in the group any more"},
	{"have no rights to send", network.Refused, "the bot may not write in this group"},
	{"not enough rights", network.Refused, "the bot may not write in this group"},
	{"chat not found", network.Gone, "the chat is not there any more"},
	{"group chat was deleted", network.Gone, "the group was deleted"},
	{"upgraded to a supergroup", network.Gone, "the group got another number; answer a newer message of it"},
	{"message to be replied not found", network.Gone, "the message was deleted"},
	{"replied message not found", network.Gone, "the message was deleted"},
	{"message is too long", network.Malformed, "the answer is longer than Telegram takes"},
	{"webhook is active", network.Refused, "Telegram posts this bot's updates to a webhook; take it away with deleteWebhook, or set webhook_secret"},
	{"terminated by other getupdates", network.Transient, "another program reads this bot's updates; only one may"},
}

// refine reads what Telegram says beside the status.
func refine(resp *http.Response, body []byte, e *network.Error) {
	var said answer
	if json.Unmarshal(body, &said) != nil {
		return
	}
	if wait := said.Parameters.RetryAfter; e.Fault == network.Limited && wait > 0 {
		e.After = time.Duration(min(wait, 24*60*60)) * time.Second
	}
	description := strings.ToLower(said.Description)
	for _, m := range meanings {
		if strings.Contains(description, m.part) {
			e.Fault, e.Err = m.fault, network.Explain(m.words)
			return
		}
	}
	switch resp.StatusCode {
	case http.StatusUnauthorized, http.StatusNotFound:
		if said.Description != "" { // an unknown token is not found
			e.Fault, e.Err = network.Refused, network.Explain("Telegram does not know this token; ask @BotFather for it")
		}
	case http.StatusConflict:
		e.Fault = network.Transient
	}
}

// username is the bot's name on the network, without @.
func (a *Account) username(ctx context.Context) (string, error) {
	a.bot.mu.Lock()
	known := a.bot.name
	a.bot.mu.Unlock()
	if known != "" {
		return known, nil
	}
	var me user
	if err := a.call(ctx, "getMe", struct{}{}, &me); err != nil {
		return "", err
	}
	if me.Username == "" {
		return "", network.Malformed.Because("getMe: the bot has no name")
	}
	a.bot.mu.Lock()
	defer a.bot.mu.Unlock()
	a.bot.name = me.Username
	return me.Username, nil
}
