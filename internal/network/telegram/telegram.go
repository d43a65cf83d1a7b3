// Package telegram reads what people write to a bot on Telegram, or about it in
// a group, and answers them.
//
// Updates come by polling, or are posted to us. A poll confirms to Telegram
// what an earlier one told, never what it tells itself, so a page that was read
// and not kept is told again. Telegram keeps updates for 24 hours; after a
// longer pause a gap is told.
//
// A bot can't look anything up: not a message, not whether an answer of its own
// arrived. So an answer that was sent and not acknowledged stays unknown, for a
// person to settle, and messages that were deleted are not told as deleted.
//
// The package owns no stored state. In memory it keeps the bot's name and a
// bounded list of the answers that Telegram acknowledged. It never writes first
// and never tries again by itself.
package telegram

import (
	"errors"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/amends-care/amends/internal/network"
)

// name is what posts of this network carry.
const name = "telegram"

// Settings are one bot.
type Settings struct {
	// Token is what @BotFather gave.
	Token network.Secret `yaml:"token"`
	// Host is the Bot API server: https, or http on this machine.
	Host string `yaml:"host"`
	// WebhookSecret is what Telegram sends with each update that it posts to us; empty: we poll.
	WebhookSecret network.Secret `yaml:"webhook_secret"`
}

// String tells everything but the secrets.
func (s *Settings) String() string { return "telegram bot at " + s.Host }

// GoString keeps secrets out of %#v.
func (s *Settings) GoString() string { return s.String() }

var (
	tokenPattern  = regexp.MustCompile(`^([0-9]{3,20}):[A-Za-z0-9_-]{20,100}$`)
	secretPattern = regexp.MustCompile(`^[A-Za-z0-9_-]{16,256}$`)
)

// Validate implements [network.Settings].
func (s *Settings) Validate() error {
	var wrong []error
	switch {
	case s.Token == "":
		wrong = append(wrong, errors.New("token: missing; write to @BotFather on Telegram to get one"))
	case !tokenPattern.MatchString(string(s.Token)):
		wrong = append(wrong, errors.New("token: this is no bot's token; they are a number, a colon and 35 letters and digits"))
	}
	if _, err := parseHost(s.Host); err != nil {
		wrong = append(wrong, err)
	}
	if s.WebhookSecret != "" && !secretPattern.MatchString(string(s.WebhookSecret)) {
		wrong = append(wrong, errors.New("webhook_secret: 16 to 256 letters, digits, _ and -"))
	}
	return errors.Join(wrong...)
}

func parseHost(host string) (string, error) {
	u, err := url.Parse(host)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || strings.Trim(u.Path, "/") != "" {
		return "", errors.New("host: must be an address such as https://api.telegram.org")
	}
	addr, addrErr := netip.ParseAddr(u.Hostname())
	here := u.Hostname() == "localhost" || addrErr == nil && addr.IsLoopback()
	if u.Scheme != "https" && (u.Scheme != "http" || !here) {
		return "", errors.New("host: must begin with https://; http:// only for a server on this machine")
	}
	return u.Scheme + "://" + u.Host, nil
}

// Driver opens bots. Sources that one Driver opened share what is known of
// their bot.
func Driver() network.Driver {
	known := &bots{byToken: map[string]*bot{}}
	return network.Driver{
		Name: name,
		Offer: network.Offer{
			Title:  "Telegram",
			Hears:  "What people write to a bot",
			Effort: network.NeedsAccount,
			Needs:  "A bot: @BotFather makes one and gives its token, at once and free.",
		},
		Settings: func() network.Settings { return &Settings{Host: "https://api.telegram.org"} },
		Open: network.Opening(func(s *Settings, c *http.Client) (network.Account, error) {
			a, err := open(s, c, known)
			switch {
			case err != nil:
				return nil, err
			case a.secret == "":
				return a, nil
			}
			return &Hook{a}, nil
		}),
	}
}

// An Account is one bot. Safe for concurrent use.
type Account struct {
	client
	bot    *bot
	secret string // of the webhook; empty: we poll
	page   int    // most updates to ask for at once
}

// A Hook is a bot whose updates Telegram posts to us: a [network.Receiver] too.
// Polling it looks whether they get through.
type Hook struct{ *Account }

// pageSize is the most updates that the network gives at once.
const pageSize = 100

func open(s *Settings, c *http.Client, known *bots) (*Account, error) {
	host, err := parseHost(s.Host)
	if err != nil {
		return nil, err
	}
	b, err := known.of(string(s.Token))
	if err != nil {
		return nil, err
	}
	return &Account{
		client: client{
			base: host + "/bot" + string(s.Token) + "/",
			http: network.Adapt(c, dialect(string(s.Token))),
		},
		bot:    b,
		secret: string(s.WebhookSecret),
		page:   pageSize,
	}, nil
}

// bots is what we know of each bot while the program runs.
type bots struct {
	mu      sync.Mutex
	byToken map[string]*bot
}

// A bot is one account of ours.
type bot struct {
	id   int64
	sent *lru.Cache[string, network.Sent] // by the answer's key

	mu   sync.Mutex
	name string // without @; empty: not known yet
}

// maxSent is how many acknowledged answers are remembered.
const maxSent = 10_000

func (b *bots) of(token string) (*bot, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if known := b.byToken[token]; known != nil {
		return known, nil
	}
	number, _, _ := strings.Cut(token, ":")
	id, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return nil, errors.New("token: its number is too large")
	}
	sent, err := lru.New[string, network.Sent](maxSent)
	if err != nil {
		return nil, err
	}
	b.byToken[token] = &bot{id: id, sent: sent}
	return b.byToken[token], nil
}
