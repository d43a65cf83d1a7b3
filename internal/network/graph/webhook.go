package graph

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/url"
	"time"

	"github.com/amends-care/amends/internal/network"
)

// The most that a delivery may hold.
const (
	maxBody    = 1 << 20 // bytes
	maxChanges = 2000
)

// A Change is one thing that Meta tells of an account.
type Change struct {
	Account string    // whose it is
	Sent    time.Time // when Meta told it
	Field   string    // feed, comments, mentions …
	Value   json.RawMessage
}

// Signed checks the size and the signature of a delivery.
func (c *Client) Signed(h http.Header, body []byte) error {
	if len(body) > maxBody {
		return network.Malformed.Unsent("the delivery is longer than 1 MiB")
	}
	sum := hmac.New(sha256.New, []byte(c.keys.AppSecret))
	sum.Write(body)
	want := "sha256=" + hex.EncodeToString(sum.Sum(nil))
	if !hmac.Equal([]byte(want), []byte(h.Get("X-Hub-Signature-256"))) {
		return network.Refused.Unsent("the delivery is not signed with the app's secret")
	}
	return nil
}

// Take checks the signature of a delivery and takes it apart. object is what
// it must be about: page, instagram.
func (c *Client) Take(h http.Header, body []byte, object string) ([]Change, error) {
	if err := c.Signed(h, body); err != nil {
		return nil, err
	}
	var d struct {
		Object string
		Entry  []struct {
			ID      string
			Time    float64 // in seconds, of some events in milliseconds
			Changes []struct {
				Field string
				Value json.RawMessage
			}
		}
	}
	if json.Unmarshal(body, &d) != nil || d.Object != object {
		return nil, network.Malformed.Unsent("the delivery is not about a " + object)
	}
	var all []Change
	for _, e := range d.Entry {
		sent := time.Now().UTC()
		for e.Time > 1e11 {
			e.Time /= 1000
		}
		if e.Time > 0 {
			sent = time.UnixMilli(int64(e.Time * 1000)).UTC()
		}
		for _, one := range e.Changes {
			all = append(all, Change{Account: e.ID, Sent: sent, Field: one.Field, Value: one.Value})
		}
	}
	if len(all) > maxChanges {
		return nil, network.Malformed.Unsent("the delivery has too many changes")
	}
	return all, nil
}

// Challenge answers Meta's question whether an address is ours.
func (c *Client) Challenge(q url.Values) (string, error) {
	given, want := q.Get("hub.verify_token"), string(c.keys.VerifyToken)
	answer := q.Get("hub.challenge")
	if want == "" {
		return "", network.Refused.Unsent("there is no verify_token")
	}
	if q.Get("hub.mode") != "subscribe" || subtle.ConstantTimeCompare([]byte(given), []byte(want)) != 1 || network.Word(answer) == "" {
		return "", network.Refused.Unsent("the question is not Meta's")
	}
	return answer, nil
}

// Instant reads a time as Meta writes it.
func Instant(s string) (time.Time, bool) {
	if len(s) > 64 {
		return time.Time{}, false
	}
	for _, layout := range []string{"2006-01-02T15:04:05-0700", time.RFC3339} {
		if t, err := time.Parse(layout, s); err == nil && t.Year() >= 1970 && t.Year() < 2200 {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}

// Version tells a text from another: Meta tells no time of an edit.
func Version(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:8])
}
