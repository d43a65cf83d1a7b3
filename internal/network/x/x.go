// Package x reads and answers on X: mentions of an account, its own posts, a
// search, or the direct messages that people write to it.
//
// The client above is github.com/dghubble/go-twitter, which speaks X's old API,
// v1.1. X serves that to hardly anybody any more, so a bridge under it carries
// each call over v2; with mode v1.1 it is left out. Everything that X refuses
// becomes an error below the package, which would take it for a success. The
// filtered stream, which tells posts at once, has a small client of its own.
//
// Reading costs money, so nothing is asked for twice that needn't be, and each
// page says what it cost. The package owns no stored state. In memory it keeps
// which posts were paid for today, and small bounded tables. It never follows,
// likes, reposts, or writes to anybody who did not address the account, and
// never tries again by itself.
package x

import (
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/amends-care/amends/internal/network"
)

// name is what posts of this network carry.
const name = "x"

// What a source reads.
const (
	Mentions = "mentions" // posts that mention the account, answers to it among them
	Own      = "own"      // what the account itself wrote
	Search   = "search"   // what a query finds
	Messages = "messages" // direct messages to the account
)

// The ways to X.
const (
	V2 = "v2"   // over the bridge
	V1 = "v1.1" // without it, for contracts and gateways that still serve v1.1
)

// The generations of v2's field names: X renamed them in August 2026.
const (
	FieldsPost  = "post"  // post.fields, referenced_posts, repost_count
	FieldsTweet = "tweet" // tweet.fields, referenced_tweets, retweet_count
)

// The kinds of contract with X.
const (
	SelfServe  = "self-serve" // may answer only authors who addressed the account
	Enterprise = "enterprise"
)

// Settings are one source on X.
type Settings struct {
	// Host is where the API is: https, or http on this machine.
	Host string `yaml:"host"`
	// ConsumerKey and ConsumerSecret are the app's, AccessToken and AccessSecret the account's.
	ConsumerKey    network.Secret `yaml:"consumer_key"`
	ConsumerSecret network.Secret `yaml:"consumer_secret"`
	AccessToken    network.Secret `yaml:"access_token"`
	AccessSecret   network.Secret `yaml:"access_secret"`
	// BearerToken is the app's own, for the stream and to count posts beforehand.
	BearerToken network.Secret `yaml:"bearer_token"`
	// UserID is the account's number; empty: the digits in front of the access token.
	UserID string `yaml:"user_id"`
	// What is mentions, own, search or messages.
	What string `yaml:"what"`
	// Query is what to search for; only with what: search.
	Query string `yaml:"query"`
	// Stream lets X tell a search's posts at once, besides polling.
	Stream bool `yaml:"stream"`
	// Back is how far back a new source reads; 0: from now.
	Back time.Duration `yaml:"back"`
	// Mode is v2 or v1.1.
	Mode string `yaml:"mode"`
	// Fields is post or tweet.
	Fields string `yaml:"fields"`
	// Plan is self-serve or enterprise.
	Plan string `yaml:"plan"`
	// Length is the most characters of a post, as X counts them.
	Length int `yaml:"length"`
	// Prices are what X asks for. They count with mode v2 only.
	Prices Prices `yaml:"prices"`
}

// Prices are in US dollars.
type Prices struct {
	Post     float64 `yaml:"post"`      // a post read by search, stream or look-up
	Own      float64 `yaml:"own"`       // a mention or an own post read
	Message  float64 `yaml:"message"`   // a direct message read
	Included float64 `yaml:"included"`  // each author or post that comes along with a post
	Write    float64 `yaml:"write"`     // a post or message written
	WriteURL float64 `yaml:"write_url"` // a post written with an address in it
	Delete   float64 `yaml:"delete"`    // a post taken back
	Media    float64 `yaml:"media"`     // a picture's description written
	Count    float64 `yaml:"count"`     // an estimate
}

func defaults() *Settings {
	return &Settings{
		Host: "https://api.x.com", What: Mentions, Mode: V2, Fields: FieldsPost, Plan: SelfServe, Length: 280,
		Prices: Prices{Post: 0.005, Own: 0.001, Message: 0.010, Write: 0.015, WriteURL: 0.200, Delete: 0.010, Media: 0.005, Count: 0.005},
	}
}

// String tells everything but the keys.
func (s *Settings) String() string { return fmt.Sprintf("x %s at %s (%s)", s.What, s.Host, s.Mode) }

// GoString keeps the keys out of %#v.
func (s *Settings) GoString() string { return s.String() }

// The bounds of settings.
const (
	maxBack   = 90 * 24 * time.Hour
	reach     = 7 * 24 * time.Hour // of a search
	maxQuery  = 512                // characters that X takes in a search
	maxLength = 25_000
	noReposts = " -is:retweet"
)

var (
	userPattern  = regexp.MustCompile(`^[1-9][0-9]{0,18}$`)
	tokenPattern = regexp.MustCompile(`^([1-9][0-9]{0,18})-`)
)

// Validate implements [network.Settings].
func (s *Settings) Validate() error {
	var wrong []error
	bad := func(format string, args ...any) { wrong = append(wrong, fmt.Errorf(format, args...)) }
	if _, err := parseHost(s.Host); err != nil {
		wrong = append(wrong, err)
	}
	for _, k := range []struct {
		name  string
		value network.Secret
	}{{"consumer_key", s.ConsumerKey}, {"consumer_secret", s.ConsumerSecret}, {"access_token", s.AccessToken}, {"access_secret", s.AccessSecret}} {
		if k.value == "" {
			bad("%s: missing; it is under Keys and tokens of your app at console.x.com", k.name)
		}
	}
	switch {
	case s.UserID != "" && !userPattern.MatchString(s.UserID):
		bad("user_id: must be the account's number, not its name")
	case s.AccessToken != "" && s.UserID == "" && !tokenPattern.MatchString(string(s.AccessToken)):
		bad("user_id: missing; the access token does not begin with the account's number")
	}
	s.validateReading(bad)
	if s.Mode != V2 && s.Mode != V1 {
		bad("mode: must be v2 or v1.1, not %q", s.Mode)
	}
	if s.Fields != FieldsPost && s.Fields != FieldsTweet {
		bad("fields: must be post or tweet, not %q", s.Fields)
	}
	if s.Plan != SelfServe && s.Plan != Enterprise {
		bad("plan: must be self-serve or enterprise, not %q", s.Plan)
	}
	if s.Length < 1 || s.Length > maxLength {
		bad("length: must be between 1 and %d", maxLength)
	}
	p := s.Prices
	for _, price := range []float64{p.Post, p.Own, p.Message, p.Included, p.Write, p.WriteURL, p.Delete, p.Media, p.Count} {
		if price < 0 || price > 100 {
			bad("prices: must be between 0 and 100 US dollars each")
			break
		}
	}
	return errors.Join(wrong...)
}

func (s *Settings) validateReading(bad func(string, ...any)) {
	switch s.What {
	case Mentions, Own, Messages:
		if s.Query != "" {
			bad("query: is only for what: search")
		}
		if s.Stream {
			bad("stream: is only for what: search; a query such as @acme has the mentions")
		}
	case Search:
		if strings.TrimSpace(s.Query) == "" {
			bad("query: missing; what to search for")
		}
		if n := len([]rune(query(s.Query))); n > maxQuery {
			bad("query: %d characters with what we add to it; X takes %d", n, maxQuery)
		}
	default:
		bad("what: must be mentions, own, search or messages, not %q", s.What)
	}
	if s.Stream && s.BearerToken == "" {
		bad("bearer_token: missing; the stream needs the app's own token")
	}
	if s.Stream && s.Mode == V1 {
		bad("stream: X has no stream for mode v1.1")
	}
	if s.Back < 0 || s.Back > maxBack {
		bad("back: must be between 0 and %d days", maxBack/(24*time.Hour))
	}
}

// query is a search without reposts, which nobody could answer.
func query(q string) string { return "(" + strings.TrimSpace(q) + ")" + noReposts }

// parseHost takes a server's address apart and puts it together again, so that
// nothing but scheme, name and port is left.
func parseHost(host string) (string, error) {
	u, err := url.Parse(host)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || strings.Trim(u.Path, "/") != "" {
		return "", errors.New("host: must be an address such as https://api.x.com")
	}
	addr, addrErr := netip.ParseAddr(u.Hostname())
	here := u.Hostname() == "localhost" || addrErr == nil && addr.IsLoopback()
	if u.Scheme != "https" && (u.Scheme != "http" || !here) {
		return "", errors.New("host: must begin with https://; http:// only for a server on this machine")
	}
	return u.Scheme + "://" + u.Host, nil
}

// Driver opens sources on X. Sources that one Driver opened know together what
// was paid for already today.
func Driver() network.Driver {
	paid := &ledgers{all: map[string]*ledger{}}
	return network.Driver{
		Name: name,
		Offer: network.Offer{
			Title:  "X",
			Hears:  "Mentions of an account, a search, or direct messages",
			Effort: network.NeedsApproval,
			Needs:  "An app at X with credit on it: X asks money for each post that is read.",
			Begin:  map[string]string{"back": "1d"},
		},
		Priced:     true,
		NoTraining: true, // X's developer policy
		Settings:   func() network.Settings { return defaults() },
		Open: network.Opening(func(s *Settings, c *http.Client) (network.Account, error) {
			account, err := open(s, c, paid)
			if err != nil {
				return nil, err
			}
			if s.Stream {
				return &Streamer{account}, nil
			}
			return account, nil
		}),
	}
}

// An Account is one source. Besides [network.Account] it is a
// [network.Replier], [network.Looker], [network.Threader], [network.Withdrawer],
// [network.Blocker] and [network.Estimator]. Safe for concurrent use.
type Account struct {
	set    Settings
	host   string
	us     int64        // the account's number
	rest   *http.Client // carries go-twitter's calls
	signed *http.Client // v2, signed by the account
	app    *http.Client // v2, by the app's own token
	ledger *ledger
	owed   bill // for what no page could tell of yet
	page   int  // most posts to ask for at once
	memo   *memo
}

// A Streamer is an [Account] that X also tells posts at once: a [network.Pusher].
type Streamer struct{ *Account }

func open(s *Settings, c *http.Client, paid *ledgers) (*Account, error) {
	host, err := parseHost(s.Host)
	if err != nil {
		return nil, err
	}
	us := s.UserID
	if m := tokenPattern.FindStringSubmatch(string(s.AccessToken)); us == "" && m != nil {
		us = m[1]
	}
	number, err := strconv.ParseInt(us, 10, 64)
	if err != nil {
		return nil, errors.New("user_id: must be the account's number")
	}
	a := &Account{
		set: *s, host: host, us: number, page: 100, memo: newMemo(),
		ledger: paid.of(string(s.ConsumerKey)),
	}
	a.connect(c)
	return a, nil
}

// A ledger knows which posts an app paid for on this day: X asks for each only
// once between two midnights in UTC.
type ledger struct {
	mu   sync.Mutex
	day  int64
	paid map[string]bool
}

const maxPaid = 200_000 // what is forgotten beyond is counted again

// first says whether a thing was not paid for today yet, and notes it.
func (l *ledger) first(id string, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	day := now.Unix() / (24 * 60 * 60)
	if day != l.day || len(l.paid) >= maxPaid {
		l.day, l.paid = day, map[string]bool{}
	}
	had := l.paid[id]
	l.paid[id] = true
	return !had
}

type ledgers struct {
	mu  sync.Mutex
	all map[string]*ledger
}

func (l *ledgers) of(app string) *ledger {
	l.mu.Lock()
	defer l.mu.Unlock()
	app = fingerprint([]byte(app))
	if l.all[app] == nil {
		l.all[app] = new(ledger)
	}
	return l.all[app]
}

// A bill adds up what calls cost.
type bill struct {
	mu  sync.Mutex
	sum float64
}

func (b *bill) add(price float64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sum += price
}

// settle empties the bill.
func (b *bill) settle() float64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	sum := b.sum
	b.sum = 0
	return sum
}
