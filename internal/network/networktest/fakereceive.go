package networktest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
)

// What a [FakeNetwork] and its driver know of each other.
const (
	fakeKey      = "fake-hush-4712" // signs deliveries
	fakeVerify   = "fake-hush-4713" // is asked for
	fakeSigned   = "Fake-Signature"
	fakeTime     = "Fake-Time"
	fakeStale    = 5 * time.Minute
	fakeDelivery = 1 << 20 // bytes at most
)

// Delivery implements [Deliverer]: the post as JSON.
func (f *FakeNetwork) Delivery(id care.Remote) []byte {
	f.mu.Lock()
	defer f.mu.Unlock()
	p := f.posts[id]
	it := network.Item{Kind: network.Seen, Post: p.post, Own: p.own}
	switch {
	case p.deleted:
		it = network.Item{Kind: network.Deleted, Post: care.Post{Network: f.opts.Network, Remote: id}}
	case !p.post.EditedAt.IsZero():
		it.Kind = network.Edited
	}
	b, err := json.Marshal([]network.Item{it})
	if err != nil {
		panic("a post is always JSON: " + err.Error())
	}
	return b
}

// Sign implements [Deliverer].
func (f *FakeNetwork) Sign(body []byte, at time.Time) http.Header {
	h := http.Header{}
	h.Set(fakeTime, strconv.FormatInt(at.Unix(), 10))
	h.Set(fakeSigned, fakeSum(h.Get(fakeTime), body))
	return h
}

func fakeSum(at string, body []byte) string {
	sum := hmac.New(sha256.New, []byte(fakeKey))
	sum.Write([]byte(at + "."))
	sum.Write(body)
	return hex.EncodeToString(sum.Sum(nil))
}

// Ask implements [Challenger].
func (f *FakeNetwork) Ask() (q url.Values, answer string) {
	return url.Values{"verify": {fakeVerify}, "challenge": {"1158201444"}}, "1158201444"
}

// Receive implements [network.Receiver].
func (a *fakeAccount) Receive(h http.Header, body []byte) (network.Page, error) {
	if !hmac.Equal([]byte(h.Get(fakeSigned)), []byte(fakeSum(h.Get(fakeTime), body))) {
		return network.Page{}, network.Refused.Because("the signature is wrong")
	}
	at, err := strconv.ParseInt(h.Get(fakeTime), 10, 64)
	if err != nil || time.Since(time.Unix(at, 0)).Abs() > fakeStale {
		return network.Page{}, network.Refused.Because("the delivery is old")
	}
	var page network.Page
	if len(body) > fakeDelivery || json.Unmarshal(body, &page.Items) != nil || len(page.Items) == 0 {
		return network.Page{}, network.Malformed.Because("the delivery is no list of posts")
	}
	return page, nil
}

// Challenge implements [network.Challenger].
func (a *fakeAccount) Challenge(q url.Values) (string, error) {
	if q.Get("verify") != fakeVerify || q.Get("challenge") == "" {
		return "", network.Refused.Because("the question is not the network's")
	}
	return q.Get("challenge"), nil
}
