package email

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-sasl"

	"github.com/amends-care/amends/internal/network"
)

// tokens keeps the one access token that is in force, and has another made
// before it runs out.
type tokens struct {
	settings OAuth
	http     *http.Client

	mu    sync.Mutex
	token string
	until time.Time
}

func newTokens(o OAuth, c *http.Client) *tokens {
	return &tokens{settings: o, http: network.Adapt(c, network.Dialect{Refine: refineToken})}
}

// refineToken knows what a token endpoint says with 400: that the consent was
// taken back or the application is not known. RFC 6749, 5.2.
func refineToken(_ *http.Response, body []byte, e *network.Error) {
	var said struct{ Error string }
	if json.Unmarshal(body, &said) != nil {
		return
	}
	switch said.Error {
	case "invalid_grant":
		e.Fault, e.Err = network.Refused, network.Explain("the mailbox's owner must agree anew: the refresh token is not valid any more")
	case "invalid_client", "unauthorized_client", "unsupported_grant_type", "invalid_scope":
		e.Fault, e.Err = network.Refused, network.Explain(network.Word(said.Error))
	}
}

// margin is how long before its end a token counts as ended.
const margin = time.Minute

// access returns a token that holds now, and until when.
func (t *tokens) access(ctx context.Context) (string, time.Time, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.token != "" && time.Now().Before(t.until.Add(-margin)) {
		return t.token, t.until, nil
	}
	form := url.Values{"grant_type": {"refresh_token"}, "client_id": {t.settings.ClientID}, "refresh_token": {string(t.settings.RefreshToken)}}
	if t.settings.ClientSecret != "" {
		form.Set("client_secret", string(t.settings.ClientSecret))
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, t.settings.TokenURL, strings.NewReader(form.Encode()))
	if err != nil {
		return "", time.Time{}, network.Malformed.Unsent("token_url is no address")
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	asked := time.Now()
	resp, err := t.http.Do(req)
	if err != nil {
		return "", time.Time{}, network.Typed(err)
	}
	var given struct {
		AccessToken string `json:"access_token"`
		ExpiresIn   int    `json:"expires_in"`
	}
	if err := network.DecodeJSON(resp, &given); err != nil {
		return "", time.Time{}, err
	}
	if given.AccessToken == "" {
		return "", time.Time{}, network.Malformed.Because("the provider's answer has no access token")
	}
	t.token, t.until = given.AccessToken, asked.Add(time.Duration(min(max(given.ExpiresIn, 0), 86400))*time.Second)
	return t.token, t.until, nil
}

// forget drops a token that a server did not take.
func (t *tokens) forget(token string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.token == token {
		t.token = ""
	}
}

// xoauth2 signs in as Gmail and Microsoft 365 want it.
type xoauth2 struct{ user, token string }

func (x xoauth2) Start() (mech string, first []byte, err error) {
	return "XOAUTH2", []byte("user=" + x.user + "\x01auth=Bearer " + x.token + "\x01\x01"), nil
}

// Next gets a server's explanation of why it refuses, and nothing else.
func (x xoauth2) Next([]byte) ([]byte, error) { return nil, errToken }

var errToken = errors.New("the server does not take the access token")

// credentials are what this mailbox signs in with, given what the server takes.
func (a *Account) credentials(ctx context.Context) (sasl.Client, time.Time, error) {
	if a.tokens == nil {
		return sasl.NewPlainClient("", a.settings.User, string(a.settings.Password)), time.Time{}, nil
	}
	token, until, err := a.tokens.access(ctx)
	if err != nil {
		return nil, time.Time{}, err
	}
	return xoauth2{a.settings.User, token}, until, nil
}

// notTaken forgets a token that a server refused.
func (a *Account) notTaken(c sasl.Client) {
	if x, ok := c.(xoauth2); ok {
		a.tokens.forget(x.token)
	}
}
