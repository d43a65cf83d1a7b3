package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/amends-care/amends/internal/network"
)

// The headers of Standard Webhooks.
const (
	headerID        = "Webhook-Id"
	headerTimestamp = "Webhook-Timestamp"
	headerSignature = "Webhook-Signature"
)

// Most that is looked at of what anybody may send.
const (
	maxID         = 256 // bytes
	maxSignature  = 2048
	maxSignatures = 16
)

// check says whether a delivery was signed with one of our secrets, and lately.
func (a *Account) check(h http.Header, body []byte, now time.Time) error {
	id, stamp, signatures := h.Get(headerID), h.Get(headerTimestamp), h.Get(headerSignature)
	if id == "" || stamp == "" || signatures == "" {
		return network.Refused.Unsent("the delivery is not signed: " + headerID + ", " + headerTimestamp + " or " + headerSignature + " is missing")
	}
	if len(id) > maxID || len(signatures) > maxSignature {
		return network.Refused.Unsent("a header of the delivery is too long")
	}
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil {
		return network.Refused.Unsent(headerTimestamp + " is not seconds since 1970")
	}
	given := strings.Fields(signatures)
	if len(given) > maxSignatures {
		return network.Refused.Unsent("the delivery has too many signatures")
	}
	ok := false
	for _, k := range a.keys {
		want := []byte(signature(k, id, stamp, body))
		for _, g := range given {
			ok = hmac.Equal(want, []byte(g)) || ok
		}
	}
	if !ok {
		return network.Refused.Unsent("the signature is by none of our secrets")
	}
	// Only now: what is not signed learns nothing of our clock.
	if age := now.Sub(time.Unix(seconds, 0)); seconds < 0 || seconds > 1<<40 || age > a.window || age < -a.window {
		return network.Refused.Unsent("the delivery was signed too long ago, or one of the clocks is wrong")
	}
	return nil
}

// signature is over id, time and body.
func signature(key []byte, id, stamp string, body []byte) string {
	sum := hmac.New(sha256.New, key)
	sum.Write([]byte(id + "." + stamp + "."))
	sum.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(sum.Sum(nil))
}

// sign puts our signature on a request.
func (a *Account) sign(h http.Header, id string, body []byte, now time.Time) {
	stamp := strconv.FormatInt(now.Unix(), 10)
	h.Set(headerID, id)
	h.Set(headerTimestamp, stamp)
	h.Set(headerSignature, signature(a.keys[0], id, stamp, body))
}
