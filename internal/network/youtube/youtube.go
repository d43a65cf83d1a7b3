// Package youtube reads the comments on a channel's videos, or on any one
// video, and answers them as the channel.
//
// YouTube lists threads of comments by when they began, newest first; the
// answers come with them. So an answer to an old comment does not show at the
// top: threads are read again, once an hour, for as long as is configured.
//
// YouTube counts units: one for a page, fifty for an answer, by default 10,000 a
// day for a project at Google. It never says how many are left, so this package
// counts what this process used and stops reading early enough to answer.
//
// It stores nothing. In memory it keeps access tokens and the day's units, one
// of each for all sources of a credential.
package youtube

import (
	"cmp"
	"context"
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
const name = "youtube"

// Settings are one source on YouTube.
type Settings struct {
	// Channel is the brand's channel by its id, which begins with UC.
	Channel string `yaml:"channel"`
	// Video is one video, by anybody, to read instead of the channel's.
	Video string `yaml:"video"`
	// Key is an API key, for reading.
	Key network.Secret `yaml:"key"`
	// ClientID, ClientSecret and RefreshToken are for answering, as the channel.
	ClientID     string         `yaml:"client_id"`
	ClientSecret network.Secret `yaml:"client_secret"`
	RefreshToken network.Secret `yaml:"refresh_token"`
	// Back is how far back a new source reads; 0: from now.
	Back time.Duration `yaml:"back"`
	// Answers is how long after a comment answers to it are looked for.
	Answers time.Duration `yaml:"answers"`
	// Quota is how many units a day Google grants the project.
	Quota int `yaml:"quota"`
}

const (
	maxBack    = 365 * 24 * time.Hour
	maxAnswers = 30 * 24 * time.Hour
	maxQuota   = 1_000_000_000
)

var (
	channelPattern = regexp.MustCompile(`^UC[a-zA-Z0-9_-]{22}$`)
	videoPattern   = regexp.MustCompile(`^[a-zA-Z0-9_-]{11}$`)
)

// Validate implements [network.Settings].
func (s *Settings) Validate() error {
	var wrong []error
	bad := func(format string, args ...any) { wrong = append(wrong, fmt.Errorf(format, args...)) }
	if !channelPattern.MatchString(s.Channel) {
		bad("channel: must be the id of your channel, UC and 22 more signs; see youtube.com/account_advanced")
	}
	if s.Video != "" && !videoPattern.MatchString(s.Video) {
		bad("video: must be the id of a video, the 11 signs after watch?v=")
	}
	given := 0
	for _, v := range []string{s.ClientID, string(s.ClientSecret), string(s.RefreshToken)} {
		if v != "" {
			given++
		}
	}
	switch {
	case given != 0 && given != 3:
		bad("client_id, client_secret and refresh_token: give all three, or none")
	case given == 0 && s.Key == "":
		bad("key: missing; make an API key in Google's console, or give client_id, client_secret and refresh_token")
	}
	if s.Back < 0 || s.Back > maxBack {
		bad("back: must be between 0 and 365 days")
	}
	if s.Answers < time.Hour || s.Answers > maxAnswers {
		bad("answers: must be between an hour and 30 days")
	}
	if s.Quota < 100 || s.Quota > maxQuota {
		bad("quota: must be at least 100 units a day")
	}
	return errors.Join(wrong...)
}

// Driver opens sources on YouTube. Sources that one Driver opened share tokens
// and units.
func Driver() network.Driver {
	shared := &shared{ring: oauth.NewRing(), quotas: newQuotas()}
	return network.Driver{
		Name: name,
		Offer: network.Offer{
			Title:  "YouTube",
			Hears:  "Comments under a channel's videos, or under one video",
			Effort: network.NeedsApp,
			Needs:  "An API key from Google's console. To answer: a client there, and the channel's consent.",
			Begin:  map[string]string{"back": "7d"},
		},
		Settings: func() network.Settings {
			return &Settings{Answers: 72 * time.Hour, Quota: 10_000}
		},
		Open: network.Opening(func(s *Settings, c *http.Client) (*Account, error) {
			return open(s, c, shared)
		}),
	}
}

type shared struct {
	ring   *oauth.Ring
	quotas *quotas
}

// An Account is one source. Safe for concurrent use.
type Account struct {
	http    *http.Client
	key     string
	token   *oauth.Source // nil: we may not answer
	quota   *quota
	channel string
	video   string
	back    time.Duration
	answers time.Duration
	page    int         // threads to ask for at once
	told    newest.Once // what could not be read
}

const (
	pageSize = 100 // the most that YouTube gives at once
	api      = "https://www.googleapis.com/youtube/v3/"
	tokens   = "https://oauth2.googleapis.com/token"
)

func open(s *Settings, c *http.Client, all *shared) (*Account, error) {
	a := &Account{
		key: string(s.Key), channel: s.Channel, video: s.Video, back: s.Back, answers: s.Answers, page: pageSize,
		quota: all.quotas.of(s.Quota, cmp.Or(s.ClientID, string(s.Key))),
	}
	a.http = network.Adapt(c, network.Dialect{Refine: a.refine})
	if s.RefreshToken != "" {
		form := url.Values{"grant_type": {"refresh_token"}, "client_id": {s.ClientID},
			"client_secret": {string(s.ClientSecret)}, "refresh_token": {string(s.RefreshToken)}}
		a.token = all.ring.Source(func(ctx context.Context) (oauth.Token, error) {
			return oauth.Exchange(ctx, c, tokens, form, nil)
		}, s.ClientID, string(s.ClientSecret), string(s.RefreshToken))
	}
	return a, nil
}

// What calls cost, in units.
const (
	costRead  = 1
	costWrite = 50
)

// read makes a call by key, or as the channel where there is none. What belongs
// to an answer is read as the channel, which is shown its own words unchanged.
func (a *Account) read(ctx context.Context, resource string, params url.Values, reply bool, into any) (served time.Time, err error) {
	if err := a.quota.take(costRead, reply, time.Now()); err != nil {
		return time.Time{}, err
	}
	params.Set("prettyPrint", "false")
	if a.token == nil || a.key != "" && !reply {
		params.Set("key", a.key)
		return network.Call{Method: http.MethodGet, URL: api + resource + "?" + params.Encode()}.Do(ctx, a.http, into)
	}
	err = a.token.Call(ctx, false, func(token string) error {
		served, err = network.Call{Method: http.MethodGet, URL: api + resource + "?" + params.Encode(), Token: token}.Do(ctx, a.http, into)
		return err
	})
	return served, err
}

// write makes a call as the channel.
func (a *Account) write(ctx context.Context, method, resource string, params url.Values, body, into any) error {
	if a.token == nil {
		return network.Refused.Unsent("there are no keys to write with: client_id, client_secret and refresh_token")
	}
	if err := a.quota.take(costWrite, true, time.Now()); err != nil {
		return err
	}
	var sent []byte
	if body != nil {
		var err error
		if sent, err = json.Marshal(body); err != nil {
			return network.Malformed.Unsent("the answer can't be written as JSON")
		}
	}
	params.Set("prettyPrint", "false")
	return a.token.Call(ctx, true, func(token string) error {
		_, err := network.Call{Method: method, URL: api + resource + "?" + params.Encode(), Token: token, Body: sent}.Do(ctx, a.http, into)
		return err
	})
}

// A reason is Google's own name for a refusal.
type reason string

func (r reason) Error() string { return string(r) }

// said is the reason in an error, or empty.
func said(err error) reason {
	r, _ := errors.AsType[reason](err)
	return r
}

// refine reads Google's errors.
func (a *Account) refine(_ *http.Response, body []byte, e *network.Error) {
	var answer struct {
		Error struct {
			Errors  []struct{ Reason string }
			Details []struct{ Reason string }
		}
	}
	if json.Unmarshal(body, &answer) != nil {
		return
	}
	var why []reason
	for _, one := range append(answer.Error.Errors, answer.Error.Details...) {
		if w := network.Word(one.Reason); w != "" {
			why = append(why, reason(w))
		}
	}
	for _, r := range why {
		switch r {
		case "quotaExceeded", "dailyLimitExceeded":
			e.Fault, e.Unsent, e.After = network.Limited, true, a.quota.spent(time.Now())
		case "rateLimitExceeded", "userRateLimitExceeded":
			e.Fault, e.Unsent, e.After = network.Limited, true, max(e.After, time.Minute)
		case "commentsDisabled", "videoNotFound", "channelNotFound", commentNotFound, threadNotFound, parentNotFound:
			e.Fault = network.Gone
		case "keyInvalid", "API_KEY_INVALID", "keyExpired":
			e.Fault = network.Refused
		default:
			continue
		}
		e.Err = network.Explain(cmp.Or(advice[r], string(r)), r)
		return
	}
	if len(why) > 0 {
		e.Err = network.Explain(cmp.Or(advice[why[0]], string(why[0])), why[0])
	}
}

const (
	commentNotFound  reason = "commentNotFound"
	threadNotFound   reason = "commentThreadNotFound"
	parentNotFound   reason = "parentCommentNotFound"
	invalidPageToken reason = "invalidPageToken"
	processing       reason = "processingFailure"
)

// advice says in place of some reasons what to do about them.
var advice = map[reason]string{
	"quotaExceeded":           "the day's units are used up",
	"dailyLimitExceeded":      "the day's units are used up",
	"commentsDisabled":        "comments are switched off",
	"accessNotConfigured":     "YouTube Data API v3 is not enabled for the project in Google's console",
	"API_KEY_INVALID":         "the API key is wrong",
	"keyInvalid":              "the API key is wrong",
	"ipRefererBlocked":        "the API key may not be used from this address",
	"insufficientPermissions": "the token lacks the right youtube.force-ssl",
	"ineligibleAccount":       "the Google account has no YouTube channel",
}

// text of a stranger, cut to what is kept of it.
func text(s string, most int) string { return network.Clip(strings.ToValidUTF8(s, "\uFFFD"), most) }
