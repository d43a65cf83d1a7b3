package webhook

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/networktest"
)

const (
	secret   = "whsec_aHVzaC1odXNoLWh1c2gtaHVzaC00NzEx" // hush-hush-hush-hush-4711
	replyURL = "https://shop.example/amends?shop=7"
)

// A world is a program that posts mentions to us and takes answers.
type world struct {
	*networktest.Wire
	t *testing.T

	mu      sync.Mutex
	posts   map[care.Remote]map[string]any
	answers []care.Answer
	ids     map[string]string // by key
}

func newWorld(t *testing.T) *world {
	w := &world{t: t, posts: map[care.Remote]map[string]any{}, ids: map[string]string{}}
	w.Wire = networktest.NewWire(t, http.HandlerFunc(w.serve))
	return w
}

func (w *world) Account() network.Account {
	w.t.Helper()
	s := Driver().Settings().(*Settings)
	s.Secret, s.ReplyURL = secret+"\nan-older-secret-that-still-counts\n", replyURL
	a, err := Driver().Open(s, network.NewClient(network.Options{Base: w.Wire}))
	if err != nil {
		w.t.Fatal(err)
	}
	return a
}

func (w *world) Post(p networktest.Post) care.Remote {
	w.mu.Lock()
	defer w.mu.Unlock()
	id := care.Remote(fmt.Sprintf("form/%d", len(w.posts)+1))
	m := map[string]any{
		"id": id, "text": p.Text, "author": map[string]any{"handle": "@" + cmp.Or(p.Author, "ana")},
		"posted_at": time.Now().Format(time.RFC3339Nano), "url": "https://shop.example/forms/" + id,
	}
	if p.InReplyTo != "" {
		m["in_reply_to"] = p.InReplyTo
	}
	w.posts[id] = m
	return id
}

func (w *world) Edit(care.Remote, string) { w.t.Fatal("posts don't change") }
func (w *world) Delete(care.Remote)       { w.t.Fatal("posts aren't deleted") }

func (w *world) Delivery(id care.Remote) []byte {
	w.mu.Lock()
	defer w.mu.Unlock()
	b, err := json.Marshal(w.posts[id])
	if err != nil {
		w.t.Fatal(err)
	}
	return b
}

func (w *world) Sign(body []byte, at time.Time) http.Header {
	return signedWith(w.t, secret, "msg_1", body, at)
}

func signedWith(t testing.TB, secret, id string, body []byte, at time.Time) http.Header {
	t.Helper()
	k, err := key(secret)
	if err != nil {
		t.Fatal(err)
	}
	a := &Account{keys: [][]byte{k}}
	h := http.Header{}
	a.sign(h, id, body, at)
	return h
}

func (w *world) Sent() []care.Answer {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.answers)
}

// serve takes answers as the documentation asks for.
func (w *world) serve(out http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		w.t.Error(err)
	}
	id, stamp := r.Header.Get("webhook-id"), r.Header.Get("webhook-timestamp")
	if sec, err := strconv.ParseInt(stamp, 10, 64); err != nil || time.Since(time.Unix(sec, 0)).Abs() > time.Minute {
		w.t.Errorf("signed at %q", stamp)
	}
	k, _ := key(secret)
	if r.Header.Get("webhook-signature") != signature(k, id, stamp, body) {
		w.t.Error("the call is not signed by the first secret")
	}
	if r.URL.Path != "/amends" || r.URL.Query().Get("shop") != "7" {
		w.t.Errorf("called %s", r.URL)
	}
	out.Header().Set("Content-Type", "application/json")
	switch r.Method {
	case http.MethodGet:
		if r.URL.Query().Get("key") != id {
			w.t.Errorf("asked for %q, signed %q", r.URL.Query().Get("key"), id)
		}
		json.NewEncoder(out).Encode(map[string]any{"found": w.ids[id] != "", "id": w.ids[id]})
	case http.MethodPost:
		var got reply
		if err := json.Unmarshal(body, &got); err != nil || got.Key != id || r.Header.Get("Idempotency-Key") != id ||
			r.Header.Get("Content-Type") != "application/json" || got.To.Network != name {
			w.t.Errorf("%v: %s %v", err, body, r.Header)
		}
		if w.posts[care.Remote(got.To.ID)] == nil {
			http.Error(out, `{}`, http.StatusNotFound)
			return
		}
		if w.ids[id] == "" {
			w.answers = append(w.answers, care.Answer{To: care.Post{Remote: care.Remote(got.To.ID)}, Text: got.Text, Key: got.Key})
			w.ids[id] = fmt.Sprintf("answer/%d", len(w.answers))
		}
		json.NewEncoder(out).Encode(map[string]any{"id": w.ids[id], "url": "https://shop.example/" + w.ids[id], "at": time.Now()})
	default:
		w.t.Errorf("called by %s", r.Method)
	}
}

func TestDriver(t *testing.T) {
	networktest.Run(t, networktest.Traits{
		Page: 1, Pushed: true, Keyed: true, Stale: 5 * time.Minute, Faults: networktest.HTTPFaults(),
		Secrets: []string{secret, "hush-hush", "aHVzaC1o", "an-older-secret"},
	}, func(t *testing.T) networktest.World { return newWorld(t) })
}
