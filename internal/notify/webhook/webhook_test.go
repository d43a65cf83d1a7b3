package webhook

import (
	"crypto/hmac"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/networktest"
	"github.com/amends-care/amends/internal/notify"
	"github.com/amends-care/amends/internal/notify/notifytest"
)

const (
	testURL = "https://hooks.acme.example/hush-path?key=hush-query"
	to      = "leads"
)

var testKey = []byte("hush-hush-hush-hush-hush-hush-32")

// A receiver checks each notice as a receiver should.
type receiver struct {
	*networktest.Wire
	t   testing.TB
	mu  sync.Mutex
	got []notifytest.Arrival
}

func newReceiver(t testing.TB) *receiver {
	r := &receiver{t: t}
	r.Wire = networktest.NewWire(t, r)
	return r
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		r.t.Error(err)
	}
	id, stamp := req.Header.Get("webhook-id"), req.Header.Get("webhook-timestamp")
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	want := Sign(testKey, id, time.Unix(seconds, 0), body)
	if err != nil || !hmac.Equal([]byte(want), []byte(req.Header.Get("webhook-signature"))) || time.Since(time.Unix(seconds, 0)).Abs() > 5*time.Minute {
		r.t.Errorf("%s %s: the signature is wrong: %v", id, stamp, err)
	}
	var p payload
	if err := json.Unmarshal(body, &p); err != nil || p.Type != "notice" || req.URL.String() != testURL && req.URL.RequestURI() != "/hush-path?key=hush-query" {
		r.t.Errorf("%s %q: %v", req.URL, body, err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.got = append(r.got, notifytest.Arrival{To: p.Data.To, Title: p.Data.Title, Body: p.Data.Body, Link: p.Data.Link, Key: id})
	w.WriteHeader(http.StatusNoContent)
}

func (r *receiver) Channel() notify.Channel {
	d := Driver()
	s := d.Settings().(*Settings)
	s.URL, s.Secret = testURL, network.Secret("whsec_"+base64.StdEncoding.EncodeToString(testKey))
	c, err := d.Open(s, network.NewClient(network.Options{Base: r.Wire}))
	if err != nil {
		r.t.Fatal(err)
	}
	return c
}

func (r *receiver) Got() []notifytest.Arrival {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.got)
}

func TestChannel(t *testing.T) {
	traits := notifytest.Traits{
		To: to, Keyed: true, Secrets: []string{"hush", base64.StdEncoding.EncodeToString(testKey)},
		// A receiver that says nothing is what the transport's tests are about.
		Faults: slices.DeleteFunc(networktest.HTTPFaults(), func(f networktest.Fault) bool {
			return f == networktest.Silent || f == networktest.Stalled
		}),
	}
	notifytest.Run(t, traits, func(t *testing.T) notifytest.World { return newReceiver(t) })
}

// TestSignature is worked out with the standard's own example.
func TestSignature(t *testing.T) {
	k, err := key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	if err != nil {
		t.Fatal(err)
	}
	got := Sign(k, "msg_p5jXN8AQM9LWM0D4loKWxJek", time.Unix(1614265330, 0), []byte(`{"test": 2432232314}`))
	if want := "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestKeysThatFitNoHeader(t *testing.T) {
	r := newReceiver(t)
	for _, k := range []string{"", "a.b", "a b", "a\r\nX: y", strings.Repeat("k", 300), "ü"} {
		err := r.Channel().Send(t.Context(), to, notify.Notice{Key: k, Title: "x"})
		if e, ok := errors.AsType[*network.Error](err); !ok || !e.Unsent {
			t.Errorf("%q: %v", k, err)
		}
	}
	if len(r.Got()) != 0 {
		t.Error("one was sent")
	}
}

func TestSettings(t *testing.T) {
	good := network.Secret(base64.StdEncoding.EncodeToString(testKey))
	for want, s := range map[string]Settings{
		"":       {testURL, good},
		"url":    {"ftp://hush.example", good},
		"secret": {testURL, "hush"},
	} {
		err := s.Validate()
		if (err == nil) != (want == "") || err != nil && (!strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), "hush")) {
			t.Errorf("%q: %v", want, err)
		}
		if shown := fmt.Sprintf("%v %+v %#v", &s, &s, &s); strings.Contains(shown, "hush-") || strings.Contains(shown, string(good)) {
			t.Errorf("a secret is shown: %s", shown)
		}
	}
}
