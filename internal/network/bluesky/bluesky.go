// Package bluesky reads and answers on Bluesky, or on any other network of the
// AT Protocol: mentions of an account (with answers and quotes), its own posts,
// or a search.
//
// A source is one list of posts, newest first, and its cursor is a scan of that
// list: from the newest down to where the last one began and a little further.
// Neither a cursor that the network forgot nor posts that appear late make a
// hole, and what can't be read any more is reported as a gap.
//
// Replies are records under a key made from the answer's own key, so that
// sending one again can neither double nor change it.
//
// The package owns no stored state. In memory it keeps sessions, one for all
// sources of an account, and small bounded tables of what it saw of authors and
// posts. It never follows, likes, reposts, mends or sends direct messages, and never
// tries again by itself, but for one new session when the old one has run out.
package bluesky

import (
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/amends-care/amends/internal/network"
)

// name is what posts of this network carry.
const name = "bluesky"

// What a source reads.
const (
	Mentions = "mentions" // mentions of the account, answers to it and quotes of it
	Own      = "own"      // what the account itself wrote
	Search   = "search"   // what a query finds
)

// Settings are one source on Bluesky.
type Settings struct {
	// Host is the server that the account signs in at: https, or http on this machine.
	Host string `yaml:"host"`
	// Handle is the account's name without @, or its DID.
	Handle string `yaml:"handle"`
	// AppPassword is made at Settings → Privacy and security → App passwords.
	AppPassword network.Secret `yaml:"app_password"`
	// What is mentions, own or search.
	What string `yaml:"what"`
	// Query is what to search for; only with what: search.
	Query string `yaml:"query"`
	// Back is how far back a new source reads; 0: from now.
	Back time.Duration `yaml:"back"`
}

// String tells everything but the password.
func (s *Settings) String() string {
	return fmt.Sprintf("bluesky %s of %s at %s", s.What, s.Handle, s.Host)
}

// GoString keeps the password out of %#v.
func (s *Settings) GoString() string { return s.String() }

// maxBack is as far as a new source may read back.
const maxBack = 90 * 24 * time.Hour

var (
	handlePattern = regexp.MustCompile(`^([a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\.)+[a-zA-Z]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?$`)
	didPattern    = regexp.MustCompile(`^did:[a-z]+:[a-zA-Z0-9._:%-]{1,256}$`)
)

// Validate implements [network.Settings].
func (s *Settings) Validate() error {
	var wrong []error
	bad := func(format string, args ...any) { wrong = append(wrong, fmt.Errorf(format, args...)) }
	if _, err := parseHost(s.Host); err != nil {
		wrong = append(wrong, err)
	}
	handle := strings.TrimPrefix(s.Handle, "@")
	switch {
	case handle == "":
		bad("handle: missing; the name of the account, such as acme.bsky.social")
	case strings.Contains(handle, "@"):
		bad("handle: an e-mail address can't be used; write the account's name, such as acme.bsky.social")
	case len(handle) > 253 || !handlePattern.MatchString(handle) && !didPattern.MatchString(handle):
		bad("handle: this is no Bluesky name; they look like acme.bsky.social")
	}
	if s.AppPassword == "" {
		bad("app_password: missing; make one in Bluesky at Settings, Privacy and security, App passwords")
	}
	switch s.What {
	case Mentions, Own:
		if s.Query != "" {
			bad("query: is only for what: search")
		}
	case Search:
		if strings.TrimSpace(s.Query) == "" {
			bad("query: missing; what to search for")
		}
		if len(s.Query) > 512 {
			bad("query: longer than 512 bytes")
		}
	default:
		bad("what: must be mentions, own or search, not %q", s.What)
	}
	if s.Back < 0 || s.Back > maxBack {
		bad("back: must be between 0 and %d days", maxBack/(24*time.Hour))
	}
	return errors.Join(wrong...)
}

// parseHost takes a server's address apart and puts it together again, so that
// nothing but scheme, name and port is left.
func parseHost(host string) (string, error) {
	u, err := url.Parse(host)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || strings.Trim(u.Path, "/") != "" {
		return "", errors.New("host: must be an address such as https://bsky.social")
	}
	addr, addrErr := netip.ParseAddr(u.Hostname())
	here := u.Hostname() == "localhost" || addrErr == nil && addr.IsLoopback()
	if u.Scheme != "https" && (u.Scheme != "http" || !here) {
		return "", errors.New("host: must begin with https://; http:// only for a server on this machine")
	}
	return u.Scheme + "://" + u.Host, nil
}

// Driver opens sources on Bluesky. Sources that one Driver opened share the
// session of their account, since new sessions are few: 30 in five minutes,
// 300 a day.
func Driver() network.Driver {
	sessions := newSessions()
	return network.Driver{
		Name: name,
		Offer: network.Offer{
			Title:  "Bluesky",
			Hears:  "Mentions of an account, or a search",
			Effort: network.NeedsAccount,
			Needs:  "An account there, and an app password from its settings: a minute's work, and free.",
			Begin:  map[string]string{"back": "7d"},
		},
		Settings: func() network.Settings {
			return &Settings{Host: "https://bsky.social", What: Mentions}
		},
		Open: network.Opening(func(s *Settings, c *http.Client) (*Account, error) {
			return open(s, c, sessions)
		}),
	}
}

var (
	_ network.Replier    = (*Account)(nil)
	_ network.Looker     = (*Account)(nil)
	_ network.Threader   = (*Account)(nil)
	_ network.Withdrawer = (*Account)(nil)
	_ network.Blocker    = (*Account)(nil)
	_ network.Estimator  = (*Account)(nil)
)

// An Account is one source. Safe for concurrent use.
type Account struct {
	client
	list list
	page int           // most posts to ask for at once
	back time.Duration // how far back a new source reads
	memo *memo
}

// pageSize is the most that the network gives at once.
const pageSize = 100

func open(s *Settings, c *http.Client, all *sessions) (*Account, error) {
	host, err := parseHost(s.Host)
	if err != nil {
		return nil, err
	}
	handle := strings.ToLower(strings.TrimPrefix(s.Handle, "@"))
	if didPattern.MatchString(s.Handle) {
		handle = s.Handle
	}
	return &Account{
		client: client{
			host:    host,
			http:    network.Adapt(c, dialect()),
			session: all.of(host, handle, string(s.AppPassword)),
		},
		list: list{what: s.What, query: s.Query, account: handle},
		page: pageSize,
		back: s.Back,
		memo: newMemo(),
	}, nil
}
