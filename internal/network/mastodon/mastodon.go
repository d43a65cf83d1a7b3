// Package mastodon reads and answers on Mastodon and on other servers of the
// Fediverse that speak its API, such as GoToSocial: mentions of an account, a
// hashtag (with a key or without), a search, or the account's own posts.
//
// Calls go through github.com/mattn/go-mastodon over the guarded transport,
// which turns every refusal into a typed error before the library sees it: its
// own tries again after a 429 never begin, and its streaming is not used.
//
// A source is one list of posts, newest first, read by package newest. The
// network could also be asked for what is newer than an id; but ids are not
// given in the order in which posts appear (a post from another server gets one
// for when it was written), and edits would go unseen. A post is named by
// server and id, so sources on one server tell one post as one.
//
// The package owns no stored state. In memory it keeps, for each server and key,
// whose key it is, the server's limits, and a bounded table of which post began
// a thread. It never follows, favourites or boosts, and tries nothing again.
package mastodon

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/mattn/go-mastodon"

	"github.com/amends-care/amends/internal/network"
)

// name is what posts of this network carry.
const name = "mastodon"

// What a source reads.
const (
	Mentions = "mentions" // posts that mention the account, and on newer servers those that quote it
	Hashtag  = "hashtag"  // public posts with a hashtag, so far as the server has them
	Search   = "search"   // what the server finds
	Own      = "own"      // what the account itself wrote
)

// Settings are one source on a server.
type Settings struct {
	// Server is where the account is, or whose view of a hashtag is read: a host
	// name, or an address with https:// (http:// on this machine only).
	Server string `yaml:"server"`
	// Token is the access token of the account; hashtags can often be read without.
	Token network.Secret `yaml:"token"`
	// What is mentions, hashtag, search or own.
	What string `yaml:"what"`
	// Hashtag is the tag without #; only with what: hashtag.
	Hashtag string `yaml:"hashtag"`
	// Query is what to search for; only with what: search.
	Query string `yaml:"query"`
	// Visibility is how answers to public posts are published: unlisted or public.
	Visibility string `yaml:"visibility"`
	// Back is how far back a new source reads; 0: from now.
	Back time.Duration `yaml:"back"`
}

// String tells everything but the token.
func (s *Settings) String() string {
	return fmt.Sprintf("mastodon %s at %s", strings.TrimSpace(s.What+" "+s.Hashtag), s.Server)
}

// GoString keeps the token out of %#v.
func (s *Settings) GoString() string { return s.String() }

// maxBack is as far as a new source may read back.
const maxBack = 90 * 24 * time.Hour

var tagPattern = regexp.MustCompile(`^[\p{L}\p{M}\p{N}_·]+$`)

// isTag says whether a word can be a hashtag. The pattern that counts to a hundred
// itself takes megabytes at every start of the program.
func isTag(word string) bool {
	return utf8.RuneCountInString(word) <= 100 && tagPattern.MatchString(word)
}

// Validate implements [network.Settings].
func (s *Settings) Validate() error {
	var wrong []error
	bad := func(format string, args ...any) { wrong = append(wrong, fmt.Errorf(format, args...)) }
	if _, err := parseServer(s.Server); err != nil {
		wrong = append(wrong, err)
	}
	if strings.ContainsAny(string(s.Token), " \t\r\n") {
		bad("token: has white space in it; copy it again from your server's page for developers")
	}
	switch s.What {
	case Mentions, Own, Search:
		if s.Token == "" {
			bad("token: missing; %s can't be read without one: make it at your server's Preferences, Development", s.What)
		}
	case Hashtag:
	default:
		bad("what: must be mentions, hashtag, search or own, not %q", s.What)
	}
	switch {
	case s.What == Hashtag && !isTag(strings.TrimPrefix(s.Hashtag, "#")):
		bad("hashtag: must be one word of letters and digits, such as acme")
	case s.What != Hashtag && s.Hashtag != "":
		bad("hashtag: is only for what: hashtag")
	case s.What == Search && strings.TrimSpace(s.Query) == "":
		bad("query: missing; what to search for")
	case s.What != Search && s.Query != "":
		bad("query: is only for what: search")
	case len(s.Query) > 512:
		bad("query: longer than 512 bytes")
	}
	if s.Visibility != visibilityUnlisted && s.Visibility != visibilityPublic {
		bad("visibility: must be unlisted or public, not %q", s.Visibility)
	}
	if s.Back < 0 || s.Back > maxBack {
		bad("back: must be between 0 and %d days", maxBack/(24*time.Hour))
	}
	return errors.Join(wrong...)
}

// parseServer takes a server's address apart and puts it together again, so
// that nothing but scheme, name and port is left.
func parseServer(server string) (*url.URL, error) {
	if server != "" && !strings.Contains(server, "://") {
		server = "https://" + server
	}
	u, err := url.Parse(server)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || strings.Trim(u.Path, "/") != "" {
		return nil, errors.New("server: must be the name of a server, such as mastodon.social")
	}
	addr, addrErr := netip.ParseAddr(u.Hostname())
	here := u.Hostname() == "localhost" || addrErr == nil && addr.IsLoopback()
	if u.Scheme != "https" && (u.Scheme != "http" || !here) {
		return nil, errors.New("server: must begin with https://; http:// only for a server on this machine")
	}
	return &url.URL{Scheme: u.Scheme, Host: strings.ToLower(u.Host)}, nil
}

// Driver opens sources on Mastodon. Sources that one Driver opened share what is
// known of a server and its threads.
func Driver() network.Driver {
	all := &servers{all: map[[sha256.Size]byte]*server{}}
	return network.Driver{
		Name: name,
		Offer: network.Offer{
			Title: "Mastodon",
			Hears: "A hashtag, as one server shows it; with an account also its mentions",
			Needs: "A hashtag. For mentions of an account, and to answer: an access token from its settings.",
			Begin: map[string]string{"what": Hashtag, "back": "7d"},
		},
		Settings: func() network.Settings {
			return &Settings{Server: "mastodon.social", What: Mentions, Visibility: visibilityUnlisted}
		},
		Open: network.Opening(func(s *Settings, c *http.Client) (*Account, error) {
			return open(s, c, all)
		}),
	}
}

// An Account is one source. Besides [network.Account] it is a
// [network.Replier], [network.Looker], [network.Threader],
// [network.Withdrawer], [network.Mender], [network.Blocker] and
// [network.Estimator]. Safe for concurrent use.
type Account struct {
	Settings
	*server
	http *http.Client
	page int64 // most posts to ask for at once
}

var (
	_ network.Replier    = (*Account)(nil)
	_ network.Looker     = (*Account)(nil)
	_ network.Threader   = (*Account)(nil)
	_ network.Withdrawer = (*Account)(nil)
	_ network.Mender     = (*Account)(nil)
	_ network.Blocker    = (*Account)(nil)
	_ network.Estimator  = (*Account)(nil)
)

// pageSize is the most that every kind of list gives at once.
const pageSize = 40

func open(s *Settings, c *http.Client, all *servers) (*Account, error) {
	at, err := parseServer(s.Server)
	if err != nil {
		return nil, err
	}
	a := &Account{Settings: *s, page: pageSize, server: all.of(at, string(s.Token))}
	a.Hashtag = strings.TrimPrefix(a.Hashtag, "#")
	a.http = network.Adapt(c, dialect(at.Host+"\x00"+string(s.Token)))
	return a, nil
}

// servers has what is known of each server, with each key.
type servers struct {
	mu  sync.Mutex
	all map[[sha256.Size]byte]*server
}

func (s *servers) of(at *url.URL, token string) *server {
	key := sha256.Sum256([]byte(at.String() + "\x00" + token))
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all[key] == nil {
		s.all[key] = &server{base: at.String(), host: at.Host, roots: table()}
	}
	return s.all[key]
}

func table() *lru.Cache[string, string] {
	t, err := lru.New[string, string](maxRoots)
	if err != nil {
		panic("a table of some size can always be made: " + err.Error())
	}
	return t
}

// maxRoots is how many posts are remembered with the post that began their thread.
const maxRoots = 8192

// A server is what is known of one, as the holder of a key sees it.
type server struct {
	base, host string
	us         atomic.Pointer[mastodon.Account] // whose key it is; nil: not asked yet
	limits     atomic.Pointer[limits]           // nil: not asked yet
	roots      *lru.Cache[string, string]       // local ids of posts and of what began their threads
}

// limits are what a server takes.
type limits struct {
	characters int
	perURL     int // what an address counts
	pictures   int
	quotes     bool // it tells who quotes us
}

// known are the limits, or those of most servers.
func (s *server) known() limits {
	if l := s.limits.Load(); l != nil {
		return *l
	}
	return limits{characters: 500, perURL: 23, pictures: 4}
}

// ourID is the id of our account on its server, empty when it isn't known.
func (s *server) ourID() string {
	if us := s.us.Load(); us != nil {
		return string(us.ID)
	}
	return ""
}
