// Package graphtest is what the simulators of Meta's networks have in common:
// an app with its token, the manners of calls, deliveries and refusals, posts
// that hang on others, and lists in pages. A driver's own test adds what its
// network shows and takes.
//
// It is for tests alone and keeps all in memory.
package graphtest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/network/graph"
)

// An App is Meta as one app with one account sees it. Lock it before looking in.
type App struct {
	sync.Mutex
	T    testing.TB
	Base string // what every call begins with
	Keys graph.Keys
	// Alone: a node stays when the one it hangs on goes.
	Alone bool
	Nodes []*Node

	Usage     string // what the header tells of the app's allowance
	Refuse    string // the error of every call but the one about the token
	MayNotAsk bool   // about the token
	// NoMessages: the app lacks the right to answer in private.
	NoMessages bool
	Over       bool  // the live video has ended
	Asked      int   // how often it was asked about
	Ends       int64 // when it does, in seconds
}

// New returns an app that has used a part of its allowance.
func New(t testing.TB, base string) *App {
	return &App{T: t, Base: base, Ends: 1830000000, Usage: `{"call_count":28,"total_time":25,"total_cputime":31}`,
		Keys: graph.Keys{AppID: "2718281828", AppSecret: "0123hush4567hush", Token: "EAAGhushhush", VerifyToken: "open-hush-sesame"}}
}

// Sign signs a delivery.
func (a *App) Sign(body []byte, _ time.Time) http.Header {
	return http.Header{"X-Hub-Signature-256": {"sha256=" + sum(string(a.Keys.AppSecret), string(body))}}
}

// Proof is what shows that a call is the app's.
func (a *App) Proof() string { return sum(string(a.Keys.AppSecret), string(a.Keys.Token)) }

// Secrets are all that no error and no log may tell.
func (a *App) Secrets() []string {
	return []string{string(a.Keys.AppSecret), string(a.Keys.Token), string(a.Keys.VerifyToken), a.Proof()}
}

func sum(key, text string) string {
	h := hmac.New(sha256.New, []byte(key))
	io.WriteString(h, text)
	return hex.EncodeToString(h.Sum(nil))
}

// Ask is Meta's question whether an address is ours, and the answer.
func (a *App) Ask() (q url.Values, answer string) {
	return url.Values{"hub.mode": {"subscribe"}, "hub.verify_token": {string(a.Keys.VerifyToken)}, "hub.challenge": {"1158201444"}}, "1158201444"
}

// Deliver is what Meta posts of changes to an account.
func (a *App) Deliver(object, account string, changes ...any) []byte {
	return a.JSON(map[string]any{"object": object, "entry": []any{map[string]any{"id": account, "time": time.Now().Unix(), "changes": changes}}})
}

// JSON writes a value out.
func (a *App) JSON(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		a.T.Fatal(err)
	}
	return b
}

// Enter checks a call and says what it is about: a node, and what of it. ok is
// false when it is answered already.
func (a *App) Enter(out http.ResponseWriter, r *http.Request) (id, edge string, ok bool) {
	if err := r.ParseForm(); err != nil {
		a.T.Error(err)
	}
	out.Header().Set("Content-Type", "application/json; charset=UTF-8")
	path, ours := strings.CutPrefix(r.URL.Scheme+"://"+r.URL.Host+r.URL.Path, a.Base+"/")
	if !ours || strings.Contains(r.URL.RawQuery, "access_token") {
		a.T.Errorf("called %s", r.URL)
	}
	bearer := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	if path == "debug_token" {
		asks := string(a.Keys.Inspector)
		if asks == "" {
			asks = a.Keys.AppID + "|" + string(a.Keys.AppSecret)
		}
		if bearer != asks || r.Form.Get("input_token") != string(a.Keys.Token) {
			a.T.Errorf("%s: %v", path, r.Form)
		}
		if a.Asked++; a.MayNotAsk {
			Refusal(out, 10, 0)
			return "", "", false
		}
		fmt.Fprintf(out, `{"data":{"app_id":%q,"is_valid":true,"expires_at":0,"data_access_expires_at":%d}}`, a.Keys.AppID, a.Ends)
		return "", "", false
	}
	if a.Usage != "" {
		out.Header().Set("X-App-Usage", a.Usage)
	}
	if a.Refuse != "" {
		out.WriteHeader(http.StatusBadRequest)
		io.WriteString(out, a.Refuse)
		return "", "", false
	}
	if bearer != string(a.Keys.Token) {
		Refusal(out, 190, 463)
		return "", "", false
	}
	if r.Form.Get("appsecret_proof") != a.Proof() {
		a.T.Error("the call has no proof")
	}
	id, edge, _ = strings.Cut(path, "/")
	return id, edge, true
}

// Refusal is an error as Meta words them.
func Refusal(out http.ResponseWriter, code, subcode int) {
	out.WriteHeader(http.StatusBadRequest)
	fmt.Fprintf(out, `{"error":{"message":"Please don't repeat me.","type":"OAuthException","code":%d,"error_subcode":%d,"is_transient":false,"fbtrace_id":"x"}}`, code, subcode)
}

// Say answers a call.
func (a *App) Say(out http.ResponseWriter, answer any) {
	if _, err := out.Write(a.JSON(answer)); err != nil {
		a.T.Error(err)
	}
}

// Known fails the test for a parameter that the call does not have.
func (a *App) Known(form url.Values, names ...string) {
	for p := range form {
		if p != "appsecret_proof" && !slices.Contains(names, p) {
			a.T.Errorf("parameter %s", p)
		}
	}
}
