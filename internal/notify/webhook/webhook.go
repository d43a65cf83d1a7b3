// Package webhook tells a server of the team's own: each notice is posted as
// JSON and signed as standardwebhooks.com describes, so that any of its
// libraries checks it.
//
// The receiver gets the notice's key as webhook-id: a notice that had to be
// sent again has the same one. The package keeps nothing and tries nothing
// again; the outbox does.
package webhook

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/notify"
)

const name = "webhook"

// Settings are one receiver.
type Settings struct {
	// URL is where notices are posted: https, or http on this machine or inside one's own network.
	URL network.Secret `yaml:"url"`
	// Secret signs them: at least 24 random bytes, in base64, with or without whsec_ before them.
	Secret network.Secret `yaml:"secret"`
}

// String tells the receiver's host only: the rest of an address is often a key.
func (s *Settings) String() string {
	u, err := url.Parse(string(s.URL))
	if err != nil {
		return name
	}
	return "webhook at " + u.Host
}

// GoString keeps secrets out of %#v.
func (s *Settings) GoString() string { return s.String() }

// Validate implements [notify.Settings].
func (s *Settings) Validate() error {
	var wrong []error
	u, err := url.Parse(string(s.URL))
	if err != nil || u.Host == "" || u.User != nil || u.Scheme != "https" && u.Scheme != "http" {
		wrong = append(wrong, errors.New("url: must be an address such as https://hooks.acme.example/amends"))
	}
	if _, err := key(string(s.Secret)); err != nil {
		wrong = append(wrong, err)
	}
	return errors.Join(wrong...)
}

func key(secret string) ([]byte, error) {
	b, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil || len(b) < 24 || len(b) > 64 {
		return nil, errors.New("secret: 24 to 64 random bytes in base64, such as “openssl rand -base64 32” makes")
	}
	return b, nil
}

// Driver opens webhooks.
func Driver() notify.Driver {
	return notify.Driver{
		Name:     name,
		Settings: func() notify.Settings { return &Settings{} },
		Open: notify.Opening(func(s *Settings, c *http.Client) (*Channel, error) {
			k, err := key(string(s.Secret))
			if err != nil {
				return nil, err
			}
			return &Channel{url: string(s.URL), key: k, http: network.Adapt(c, network.Dialect{})}, nil
		}),
	}
}

// A Channel is one receiver. Safe for concurrent use.
type Channel struct {
	url  string
	key  []byte
	http *http.Client
}

// A payload is what is posted. Fields are only ever added.
type payload struct {
	Type      string    `json:"type"` // always notice
	Timestamp time.Time `json:"timestamp"`
	Data      data      `json:"data"`
}

type data struct {
	Key      string          `json:"key"`
	To       string          `json:"to"`
	Title    string          `json:"title"`
	Body     string          `json:"body,omitempty"`
	Link     string          `json:"link,omitempty"`
	Severity notify.Severity `json:"severity"`
	Detail   json.RawMessage `json:"detail,omitempty"` // of a digest: its figures
}

// Send implements [notify.Channel]. Any 2xx means that it was taken.
func (c *Channel) Send(ctx context.Context, to string, n notify.Notice) error {
	if !headerSafe(n.Key) {
		return network.Malformed.Unsent("the notice has no key, or none that fits a header")
	}
	n = n.Clean()
	body, err := json.Marshal(payload{Type: "notice", Timestamp: n.At.UTC(), Data: data{n.Key, to, n.Title, n.Body, n.Link, n.Severity, n.Detail}})
	if err != nil {
		return network.Malformed.Unsent("the notice can't be written")
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, bytes.NewReader(body))
	if err != nil {
		return network.Malformed.Unsent("url is no address")
	}
	at := time.Now()
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Webhook-Id", n.Key)
	req.Header.Set("Webhook-Timestamp", strconv.FormatInt(at.Unix(), 10))
	req.Header.Set("Webhook-Signature", Sign(c.key, n.Key, at, body))
	resp, err := c.http.Do(req)
	if err != nil {
		return network.Typed(err)
	}
	resp.Body.Close() // whatever it says, the status says that it was taken
	return nil
}

// Sign is the signature of a body: v1, and the base64 of the HMAC-SHA256 over
// "id.seconds.body". https://www.standardwebhooks.com
func Sign(key []byte, id string, at time.Time, body []byte) string {
	mac := hmac.New(sha256.New, key)
	fmt.Fprintf(mac, "%s.%d.", id, at.Unix())
	mac.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// headerSafe says that a key can stand in a header and before a dot.
func headerSafe(key string) bool {
	return key != "" && len(key) <= 256 && !strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r >= 0x7f || r == '.' })
}

var _ notify.Channel = (*Channel)(nil)
