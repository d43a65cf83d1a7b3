package telegram

import (
	"context"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
)

// maxUnits is the network's limit on a message, in UTF-16 units.
const maxUnits = 4096

// May implements [network.Replier]. A bot may answer whoever wrote to it, until
// they block it, and may write to nobody else.
func (a *Account) May(p care.Post, _ time.Time) care.Permission {
	if _, _, ok := parseRemote(p.Remote); !ok || p.Network != name {
		return care.Permission{How: care.ByNone, Why: "This is not a message on Telegram."}
	}
	may := care.Permission{
		How: care.ByAPI, Why: "They wrote in a group that our bot is in, so it may answer there.",
		Length: care.Length{Max: maxUnits, Unit: "utf16"},
	}
	if p.Kind == care.PostDirect {
		may.Direct, may.Why = true, "They wrote to our bot, so it may answer."
	}
	return may
}

// Send implements [network.Replier]: an answer to the message, in its chat.
func (a *Account) Send(ctx context.Context, answer care.Answer) (network.Sent, error) {
	ctx = network.ForReply(ctx)
	chat, to, err := sendable(answer)
	if err != nil {
		return network.Sent{}, err
	}
	var sent message
	err = a.call(ctx, "sendMessage", map[string]any{
		"chat_id": chat, "text": answer.Text,
		"reply_parameters":     map[string]any{"message_id": to}, // a message that was deleted is not answered
		"link_preview_options": map[string]any{"is_disabled": true},
	}, &sent)
	if err != nil {
		return network.Sent{}, err
	}
	if sent.ID <= 0 || sent.Chat.ID != chat {
		return network.Sent{}, network.Malformed.Because("sendMessage: the result names another message")
	}
	stands := network.Sent{Remote: remote(chat, sent.ID), URL: sent.Chat.address(sent.ID)}
	if sent.Date > 0 {
		stands.At = time.Unix(sent.Date, 0).UTC()
	}
	a.bot.sent.Add(answer.Key, stands)
	return stands, nil
}

// sendable finds what is wrong with an answer before anything is sent.
func sendable(answer care.Answer) (chat, message int64, err error) {
	chat, message, ok := parseRemote(answer.To.Remote)
	fault, words := network.Malformed, ""
	switch {
	case !ok || answer.To.Network != name:
		words = "what it answers is no message on Telegram"
	case answer.Direct && answer.To.Kind != care.PostDirect:
		fault, words = network.Refused, "a bot may not write first to somebody who wrote in a group"
	case answer.Key == "":
		words = "the answer has no key"
	case len(answer.Pictures) > 0:
		words = "pictures can't go with an answer on Telegram yet"
	case strings.TrimSpace(answer.Text) == "":
		words = "the answer is empty"
	case !utf8.ValidString(answer.Text):
		words = "the answer is not UTF-8"
	case len(utf16.Encode([]rune(answer.Text))) > maxUnits:
		words = "the answer is longer than Telegram takes: 4,096 UTF-16 units"
	default:
		return chat, message, nil
	}
	return 0, 0, &network.Error{Fault: fault, Unsent: true, Err: network.Explain(words)}
}

// Find implements [network.Replier] as far as Telegram lets it: a bot can't
// look at what it wrote. An answer is found that was acknowledged since the
// program started; what was not stays unknown, so a person is asked.
func (a *Account) Find(ctx context.Context, answer care.Answer) (network.Sent, bool, error) {
	if sent, ok := a.bot.sent.Get(answer.Key); ok {
		return sent, true, nil
	}
	// Whoever looks while Telegram can't be reached, or the token is wrong, learns
	// that and not that nothing is there.
	if err := a.call(network.ForReply(ctx), "getMe", struct{}{}, nil); err != nil {
		return network.Sent{}, false, err
	}
	return network.Sent{}, false, nil
}

var _ network.Replier = (*Account)(nil)
