// Package reddit reads posts and comments of subreddits, what a search finds, or
// what the brand's own account writes, and answers as that account.
//
// Reddit's lists are newest first and end after about a thousand entries. A
// place in a list is its last post; when that post is gone, Reddit gives an
// empty page, which looks like the end. The package takes it for a place that
// was forgotten and begins again.
//
// It stores nothing. In memory it keeps access tokens. It never votes, never
// sends messages, and writes nothing but answers.
package reddit

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/newest"
	"github.com/amends-care/amends/internal/network/oauth"
)

// name is what posts of this network carry.
const name = "reddit"

// What a source reads.
const (
	Subreddits = "subreddits" // all posts and comments of some
	Search     = "search"     // posts that a query finds
	Own        = "own"        // what the account itself writes
)

// Settings are one source on Reddit.
type Settings struct {
	// Username is the brand's account, without u/.
	Username string `yaml:"username"`
	// ClientID and ClientSecret are the app's, made at reddit.com/prefs/apps.
	ClientID     string         `yaml:"client_id"`
	ClientSecret network.Secret `yaml:"client_secret"`
	// Password signs in an app of the kind script; RefreshToken one of the kind web.
	Password     network.Secret `yaml:"password"`
	RefreshToken network.Secret `yaml:"refresh_token"`
	// What is subreddits, search or own.
	What string `yaml:"what"`
	// Subreddits are those to read, without r/; with what: search, those to search in.
	Subreddits []string `yaml:"subreddits"`
	// Query is what to search for; only with what: search.
	Query string `yaml:"query"`
	// Back is how far back a new source reads; 0: from now.
	Back time.Duration `yaml:"back"`
}

const (
	maxBack       = 30 * 24 * time.Hour
	maxSubreddits = 50
)

var (
	userPattern      = regexp.MustCompile(`^[a-zA-Z0-9_-]{2,20}$`)
	subredditPattern = regexp.MustCompile(`^[a-zA-Z0-9][a-zA-Z0-9_]{1,20}$`)
)

// Validate implements [network.Settings].
func (s *Settings) Validate() error {
	var wrong []error
	bad := func(format string, args ...any) { wrong = append(wrong, fmt.Errorf(format, args...)) }
	if !userPattern.MatchString(s.Username) {
		bad("username: must be the account's name, without u/")
	}
	if s.ClientID == "" || strings.ContainsAny(s.ClientID, ": \r\n") {
		bad("client_id: must be the app's id, from reddit.com/prefs/apps")
	}
	if s.ClientSecret == "" {
		bad("client_secret: missing; it stands with the app at reddit.com/prefs/apps")
	}
	if (s.Password == "") == (s.RefreshToken == "") {
		bad("password or refresh_token: give one of them")
	}
	if len(s.Subreddits) > maxSubreddits {
		bad("subreddits: more than %d", maxSubreddits)
	}
	for i, sub := range s.Subreddits {
		if !subredditPattern.MatchString(sub) {
			bad("subreddits: number %d is no subreddit's name; write them without r/", i+1)
		}
	}
	if query := strings.TrimSpace(s.Query); s.What != Search && query != "" {
		bad("query: is only for what: search")
	} else if s.What == Search && (query == "" || len(s.Query) > 512) {
		bad("query: must say what to search for, in at most 512 bytes")
	}
	switch s.What {
	case Subreddits:
		if len(s.Subreddits) == 0 {
			bad("subreddits: missing; name those to read")
		}
	case Own:
		if len(s.Subreddits) > 0 {
			bad("subreddits: are not for what: own")
		}
	case Search:
	default:
		bad("what: must be subreddits, search or own, not %q", s.What)
	}
	if s.Back < 0 || s.Back > maxBack {
		bad("back: must be between 0 and 30 days")
	}
	return errors.Join(wrong...)
}

// Driver opens sources on Reddit. Sources that one Driver opened share tokens.
func Driver() network.Driver {
	ring := oauth.NewRing()
	return network.Driver{
		Name: name,
		Offer: network.Offer{
			Title:  "Reddit",
			Hears:  "Some subreddits, or a search",
			Effort: network.NeedsApproval,
			Needs:  "An account, an app registered at Reddit, and Reddit's leave to use its data.",
			Begin:  map[string]string{"back": "7d"},
		},
		Settings: func() network.Settings { return &Settings{What: Search} },
		Open: network.Opening(func(s *Settings, c *http.Client) (*Account, error) {
			return open(s, c, ring)
		}),
	}
}

// An Account is one source. Safe for concurrent use.
type Account struct {
	http  *http.Client
	token *oauth.Source
	us    string // our name
	agent string
	back  time.Duration
	page  int // posts to ask for at once
	id    string
	lists []path      // what is read, side by side
	told  newest.Once // what could not be read
}

// A path is one list at Reddit.
type path struct {
	path   string
	params url.Values
	most   int // entries that Reddit shows of it
}

const (
	pageSize  = 100
	api       = "https://oauth.reddit.com"
	tokens    = "https://www.reddit.com/api/v1/access_token"
	mostList  = 900 // they end a little before or after 1,000
	mostFound = 230 // and searches at about 250
)

func open(s *Settings, c *http.Client, ring *oauth.Ring) (*Account, error) {
	a := &Account{us: s.Username, agent: "server:care.amends:v1 (by /u/" + s.Username + ")", back: s.Back, page: pageSize}
	a.id = s.What + "\x00" + strings.Join(s.Subreddits, "+") + "\x00" + s.Query + "\x00" + strings.ToLower(s.Username)
	subs := "/r/" + strings.Join(s.Subreddits, "+")
	switch s.What {
	case Subreddits:
		a.lists = []path{{subs + "/new", nil, mostList}, {subs + "/comments", nil, mostList}}
	case Own:
		a.lists = []path{{"/user/" + s.Username + "/overview", url.Values{"sort": {"new"}}, mostList}}
	case Search:
		params := url.Values{"q": {s.Query}, "sort": {"new"}, "type": {"link"}, "t": {"all"}, "include_over_18": {"on"}}
		if len(s.Subreddits) == 0 {
			subs = ""
		} else {
			params.Set("restrict_sr", "1")
		}
		a.lists = []path{{subs + "/search", params, mostFound}}
	}
	a.http = network.Adapt(c, network.Dialect{
		Refine: refine, Credential: s.ClientID,
		// A hundred a minute, counted over ten.
		Limit: func(*http.Request) (string, network.Limit) {
			return "api", network.Limit{Calls: 1000, Per: 10 * time.Minute}
		},
	})
	form := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {string(s.RefreshToken)}}
	if s.RefreshToken == "" {
		form = url.Values{"grant_type": {"password"}, "username": {s.Username}, "password": {string(s.Password)}}
	}
	header := http.Header{"User-Agent": {a.agent},
		"Authorization": {"Basic " + base64.StdEncoding.EncodeToString([]byte(s.ClientID+":"+string(s.ClientSecret)))}}
	a.token = ring.Source(func(ctx context.Context) (oauth.Token, error) {
		return oauth.Exchange(ctx, c, tokens, form, header)
	}, s.ClientID, string(s.ClientSecret), form.Encode())
	return a, nil
}

// read makes a call that changes nothing.
func (a *Account) read(ctx context.Context, path string, params url.Values, into any) (served time.Time, err error) {
	params.Set("raw_json", "1") // else < > & come escaped
	err = a.token.Call(ctx, false, func(token string) error {
		served, err = network.Call{Method: http.MethodGet, URL: api + path + "?" + params.Encode(), Token: token,
			Header: http.Header{"User-Agent": {a.agent}}}.Do(ctx, a.http, into)
		return err
	})
	return served, err
}

// write makes a call that changes something.
func (a *Account) write(ctx context.Context, path string, form url.Values, into any) error {
	form.Set("raw_json", "1")
	return a.token.Call(ctx, true, func(token string) error {
		_, err := network.Call{Method: http.MethodPost, URL: api + path, Token: token, Type: "application/x-www-form-urlencoded",
			Body: []byte(form.Encode()), Header: http.Header{"User-Agent": {a.agent}}}.Do(ctx, a.http, into)
		return err
	})
}

// refine reads why Reddit refuses.
func refine(_ *http.Response, body []byte, e *network.Error) {
	var said struct{ Reason string }
	if json.Unmarshal(body, &said) != nil || network.Word(said.Reason) == "" {
		return
	}
	switch said.Reason {
	case "private", "banned", "quarantined", "gold_only":
		e.Fault = network.Refused
		e.Err = network.Explain("a subreddit is closed to the account: " + said.Reason)
	default:
		e.Err = network.Explain(network.Word(said.Reason))
	}
}
