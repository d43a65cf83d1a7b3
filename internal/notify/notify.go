// Package notify is the contract between Amends and the channels by which it
// tells the team: a mail, a webhook, a chat. It also says which notices belong
// in one message and when ([Due]), so that a surge is one message.
//
// A channel sends one notice once; keeping, retrying and recording are the
// outbox's. What a correct channel does is written down as a suite in
// notifytest. Channels share the guarded transport of package network, and so
// its errors and secrets.
package notify

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/amends-care/amends/internal/network"
)

// A Driver knows how to open channels of one kind.
type Driver struct {
	Name     string
	Settings func() Settings // a fresh value, to decode this driver's YAML into
	Open     func(Settings, *http.Client) (Channel, error)
}

// Settings are one channel's part of the configuration: a pointer to a struct
// with yaml tags, as a network's are.
type Settings = network.Settings

// Opening makes a [Driver]'s Open of a driver's own, as [network.Opening] does.
func Opening[S Settings, C Channel](open func(S, *http.Client) (C, error)) func(Settings, *http.Client) (Channel, error) {
	return func(s Settings, c *http.Client) (Channel, error) {
		channel, err := network.OpenWith(s, c, open)
		if err != nil {
			return nil, err
		}
		return channel, nil
	}
}

// A Channel tells somebody something.
type Channel interface {
	// Send tells to, a name that the channel knows, of one notice. A nil error
	// means that the other side has taken it. Every other error is a
	// [*network.Error], whose Unsent and Settled are true, and whose text tells
	// neither a secret nor the notice.
	Send(ctx context.Context, to string, n Notice) error
}

// A Keeper is a channel whose receiver keeps what it was told open until it is Over.
type Keeper interface {
	Channel
	// Keeps says so. A notice that is Known or Over goes to no other channel.
	Keeps() bool
}

// Keeps says whether the receivers of a channel keep open what they are told.
func Keeps(c Channel) bool {
	k, ok := c.(Keeper)
	return ok && k.Keeps()
}

// A Severity is how much a notice matters.
type Severity string

// The severities.
const (
	Note     Severity = "info"
	Warning  Severity = "warning"
	Critical Severity = "critical"
)

// A Notice is one message to the team. Its texts may hold what strangers wrote.
type Notice struct {
	Key      string // unique for this notice, for ever; a receiver may know by it what it has had
	Title    string // one line
	Body     string // plain text; may be empty
	Link     string // where to act; may be empty
	Severity Severity
	At       time.Time
	// About names what it is about, for a receiver that keeps it open until it is
	// Over; empty: the notice stands alone, and nobody says when it is over.
	About string
	Over  bool
	Known bool // somebody has it in hand: who keeps it open need call nobody else
	// HTML is the same as Body for a mail, made and escaped by us; Detail is what a
	// program reads of it, as JSON. Either may be empty, and a channel that can't
	// carry one leaves it.
	HTML   string
	Detail json.RawMessage
}

// Most that a channel is given of a notice, in bytes.
const (
	MaxTitle = 200
	MaxBody  = 16 << 10
	MaxLink  = 2 << 10

	maxRich = 256 << 10 // of HTML and Detail, each
)

// Clean makes a notice fit for a channel: valid UTF-8, a title of one line,
// no control signs but line breaks, each part within its bounds. A link that
// is no web address is left out.
func (n Notice) Clean() Notice {
	n.Title = clip(strings.Join(strings.Fields(readable(n.Title)), " "), MaxTitle)
	n.Body = clip(strings.TrimSpace(readable(n.Body)), MaxBody)
	if len(n.Link) > MaxLink || strings.ContainsFunc(n.Link, func(r rune) bool { return r <= ' ' || r == 0x7f || r == utf8.RuneError }) ||
		!strings.HasPrefix(n.Link, "https://") && !strings.HasPrefix(n.Link, "http://") {
		n.Link = ""
	}
	if len(n.HTML) > maxRich || !utf8.ValidString(n.HTML) {
		n.HTML = ""
	}
	if len(n.Detail) > maxRich || !json.Valid(n.Detail) {
		n.Detail = nil
	}
	switch n.Severity {
	case Note, Warning, Critical:
	default:
		n.Severity = Note
	}
	if n.Title == "" {
		n.Title = "Amends has something to tell you"
	}
	return n
}

// readable leaves out what a screen can't show or what would turn a line's
// direction for all that follows.
func readable(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r == '\r' || r == '\u2028' || r == '\u2029' || r == '\u0085':
			return '\n'
		case r < ' ' || r >= 0x7f && r < 0xa0, r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069':
			return -1
		}
		return r
	}, s)
}

// clip cuts a text to at most n bytes at the end of a rune, with a sign that
// there was more.
func clip(s string, n int) string {
	const more = "…"
	if len(s) <= n {
		return s
	}
	n -= len(more)
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + more
}
