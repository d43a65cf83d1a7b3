// Package graph calls Meta's Graph API for the drivers of its networks: one
// token, one app, the manners of errors and limits that they share, and the
// check of what Meta posts to us.
//
// It stores nothing. In memory it keeps how much of the app's allowance is used
// and when the token ends.
package graph

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/amends-care/amends/internal/network"
)

// Keys are a source's rights at Meta.
type Keys struct {
	// AppID and AppSecret are the app's, made at developers.facebook.com.
	AppID     string         `yaml:"app_id"`
	AppSecret network.Secret `yaml:"app_secret"`
	// Token is the access token of the page or account.
	Token network.Secret `yaml:"token"`
	// VerifyToken is a word of your own that Meta asks for when a webhook is set up.
	VerifyToken network.Secret `yaml:"verify_token"`
	// Inspector asks when Token ends; empty: the app does.
	Inspector network.Secret `yaml:"-"`
	// Renewal is where Token is made to last anew; empty: it can't be.
	Renewal string `yaml:"-"`
}

var appPattern = regexp.MustCompile(`^[0-9]{5,20}$`)

// Wrong lists what is wrong with the keys.
func (k *Keys) Wrong() (wrong []error) {
	if !appPattern.MatchString(k.AppID) {
		wrong = append(wrong, errors.New("app_id: must be the app's number, from developers.facebook.com"))
	}
	if k.AppSecret == "" {
		wrong = append(wrong, errors.New("app_secret: missing; it stands with the app under Settings, Basic"))
	}
	if k.Token == "" || strings.ContainsAny(string(k.Token), " \r\n") {
		wrong = append(wrong, errors.New("token: missing; the access token of the page or account"))
	}
	if k.VerifyToken != "" && len(k.VerifyToken) < 12 {
		wrong = append(wrong, errors.New("verify_token: must have at least 12 characters"))
	}
	return wrong
}

// The bounds of what a source reads.
const (
	maxBack  = 90 * 24 * time.Hour
	maxUnder = 90 * 24 * time.Hour
)

// WrongSpans lists what is wrong with how far back a new source reads, and with
// how long after a post what stands under it is polled for; name is that setting's.
func WrongSpans(back time.Duration, name string, under time.Duration) (wrong []error) {
	if back < 0 || back > maxBack {
		wrong = append(wrong, errors.New("back: must be between 0 and 90 days"))
	}
	if under < time.Hour || under > maxUnder {
		wrong = append(wrong, fmt.Errorf("%s: must be between an hour and 90 days", name))
	}
	return wrong
}

// A Client calls the Graph API with one token. Safe for concurrent use.
type Client struct {
	base   string
	keys   Keys
	proof  string
	http   *http.Client
	oracle *oracle
}

// New returns a client. base is scheme, host and version, without a slash at
// the end. all is shared by the clients of one driver.
func New(base string, keys Keys, c *http.Client, all *Known) *Client {
	k := hmac.New(sha256.New, []byte(keys.AppSecret))
	k.Write([]byte(keys.Token))
	o := all.of(keys)
	adapted := network.Adapt(c, network.Dialect{Refine: refine})
	watching := *adapted
	watching.Transport = observing{adapted.Transport, o}
	return &Client{base: base, keys: keys, proof: hex.EncodeToString(k.Sum(nil)), http: &watching, oracle: o}
}

// Read makes a call that changes nothing. served is Meta's clock, zero when it
// doesn't tell.
func (c *Client) Read(ctx context.Context, path string, params url.Values, into any) (served time.Time, err error) {
	params.Set("appsecret_proof", c.proof)
	return network.Call{Method: http.MethodGet, URL: c.base + path + "?" + params.Encode(), Token: string(c.keys.Token)}.Do(ctx, c.http, into)
}

// Write makes a call that changes something: POST or DELETE.
func (c *Client) Write(ctx context.Context, method, path string, params url.Values, into any) error {
	params.Set("appsecret_proof", c.proof)
	call := network.Call{Method: method, URL: c.base + path, Token: string(c.keys.Token)}
	if method == http.MethodPost {
		call.Type, call.Body = "application/x-www-form-urlencoded", []byte(params.Encode())
	} else {
		call.URL += "?" + params.Encode()
	}
	_, err := call.Do(ctx, c.http, into)
	return err
}

// Meter adds to a page's meter what is known of the allowance, in hundredths,
// and of the token's end, which is asked for once a day. That is worth a call
// and no failure.
func (c *Client) Meter(ctx context.Context, m network.Meter) network.Meter {
	used, known, expires, ask := c.oracle.look(time.Now())
	if ask {
		var said struct {
			Data struct {
				ExpiresAt     int64 `json:"expires_at"`
				DataExpiresAt int64 `json:"data_access_expires_at"`
			}
		}
		params := url.Values{"input_token": {string(c.keys.Token)}}
		_, err := network.Call{Method: http.MethodGet, URL: c.base + "/debug_token?" + params.Encode(),
			Token: cmp.Or(string(c.keys.Inspector), c.keys.AppID+"|"+string(c.keys.AppSecret))}.Do(ctx, c.http, &said)
		if e, ok := errors.AsType[*network.Error](err); err == nil || ok && e.Fault == network.Refused {
			expires = earliest(said.Data.ExpiresAt, said.Data.DataExpiresAt) // never, to those who may not ask
			c.oracle.tell(expires, time.Now())
		}
		m.Calls++
		if c.keys.Renewal != "" && time.Until(expires) < renewBefore {
			m.Calls++
			if at, ok := c.renew(ctx); ok {
				expires = at
				c.oracle.tell(expires, time.Now())
			}
		}
	}
	if known {
		m.Left, m.LeftKnown = max(0, 100-used), true
	}
	m.TokenExpires = expires
	return m
}

// renewBefore is how long before its end, known or not, a token is renewed.
const renewBefore = 30 * 24 * time.Hour

// renew makes the token last anew, until at. Should Meta give another in its
// place, that one is left alone: we keep nothing, so after a restart it would
// be lost, and the end that is told must be that of the token we are given.
func (c *Client) renew(ctx context.Context) (at time.Time, ok bool) {
	var said struct {
		Token   string  `json:"access_token"`
		Seconds float64 `json:"expires_in"`
	}
	params := url.Values{"grant_type": {"th_refresh_token"}, "access_token": {string(c.keys.Token)}}
	_, err := network.Call{Method: http.MethodGet, URL: c.keys.Renewal + "?" + params.Encode()}.Do(ctx, c.http, &said)
	if err != nil || said.Token != string(c.keys.Token) || !(said.Seconds > 0 && said.Seconds < 1e8) {
		return at, false
	}
	return time.Now().Add(time.Duration(said.Seconds) * time.Second).UTC().Truncate(time.Second), true
}

// earliest of two instants in seconds; 0 is never.
func earliest(a, b int64) (at time.Time) {
	for _, s := range []int64{a, b} {
		if t := time.Unix(s, 0).UTC(); s > 0 && s < 7e9 && (at.IsZero() || t.Before(at)) {
			at = t
		}
	}
	return at
}

// Known is what the clients of one driver know of apps and tokens. Safe for
// concurrent use.
type Known struct {
	mu  sync.Mutex
	all map[[sha256.Size]byte]*oracle
}

// NewKnown knows nothing yet.
func NewKnown() *Known { return &Known{all: map[[sha256.Size]byte]*oracle{}} }

func (k *Known) of(keys Keys) *oracle {
	key := sha256.Sum256([]byte(keys.AppID + "\x00" + string(keys.Token)))
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.all[key] == nil {
		k.all[key] = new(oracle)
	}
	return k.all[key]
}

// An oracle is what is known of one token.
type oracle struct {
	mu      sync.Mutex
	used    int // hundredths of the allowance, the worst of all that Meta counts
	known   bool
	expires time.Time
	asked   time.Time
}

const askEvery = 24 * time.Hour

func (o *oracle) look(now time.Time) (used int, known bool, expires time.Time, ask bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.used, o.known, o.expires, o.asked.IsZero() || now.Sub(o.asked) >= askEvery
}

func (o *oracle) tell(expires, now time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.expires, o.asked = expires, now
}

func (o *oracle) observe(h http.Header) {
	u, ok := usage(h)
	if !ok {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.used, o.known = u.percent, true
}

// observing notes the allowance that comes with each answer.
type observing struct {
	next   http.RoundTripper
	oracle *oracle
}

func (o observing) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := o.next.RoundTrip(r)
	if err == nil {
		o.oracle.observe(resp.Header)
	}
	return resp, err
}

// A use is how much of an allowance is used up.
type use struct {
	percent int
	regain  time.Duration // until calls are taken again; 0: they are, or it doesn't say
}

// usage reads Meta's headers: of the app, of the page, and of the business.
func usage(h http.Header) (u use, ok bool) {
	type counts struct {
		CallCount    float64 `json:"call_count"`
		TotalTime    float64 `json:"total_time"`
		TotalCPUTime float64 `json:"total_cputime"`
		Regain       float64 `json:"estimated_time_to_regain_access"` // minutes
	}
	var all []counts
	for _, name := range []string{"X-App-Usage", "X-Page-Usage"} {
		var one counts
		if v := h.Get(name); v != "" && len(v) < 4096 && json.Unmarshal([]byte(v), &one) == nil {
			all = append(all, one)
		}
	}
	var business map[string][]counts
	if v := h.Get("X-Business-Use-Case-Usage"); v != "" && len(v) < 16<<10 && json.Unmarshal([]byte(v), &business) == nil {
		for _, some := range business {
			all = append(all, some...)
		}
	}
	for _, c := range all {
		worst := slices.Max([]float64{c.CallCount, c.TotalTime, c.TotalCPUTime})
		u.percent = max(u.percent, int(min(max(worst, 0), 1000)))
		u.regain = max(u.regain, time.Duration(min(max(c.Regain, 0), 24*60)*float64(time.Minute)))
	}
	return u, len(all) > 0
}
