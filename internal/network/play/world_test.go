package play

import (
	"cmp"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/networktest"
	"github.com/amends-care/amends/internal/network/newest"
)

const (
	app   = "org.example.shop"
	email = "amends@shop-4711.iam.gserviceaccount.com"
)

// account is a service account with a key of its own.
var account = sync.OnceValue(func() (a struct {
	private *rsa.PrivateKey
	file    network.Secret
}) {
	var err error
	if a.private, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
		panic(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(a.private)
	if err != nil {
		panic(err)
	}
	file, err := json.Marshal(map[string]string{
		"type": "service_account", "client_email": email, "private_key_id": "hush0001", "token_uri": tokens,
		"private_key": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})),
	})
	if err != nil {
		panic(err)
	}
	a.file = network.Secret(file)
	return a
})

// An opinion is a review as the simulator keeps it.
type opinion struct {
	id, author, text, answer string
	changed, answered        time.Time
	gone, sent               bool
}

// A world is Google Play as its reference describes it.
type world struct {
	*networktest.Wire
	t      testing.TB
	driver network.Driver
	page   int

	mu      sync.Mutex
	all     []*opinion
	tokens  int
	expired bool
	last    time.Time
}

func newWorld(t testing.TB) *world {
	w := &world{t: t, driver: Driver(), page: 3}
	w.Wire = networktest.NewWire(t, http.HandlerFunc(w.serve))
	return w
}

func (w *world) Account() network.Account { return w.account() }

func (w *world) account() *Account {
	w.t.Helper()
	s := w.driver.Settings().(*Settings)
	s.App, s.Key = app, account().file
	opened, err := w.driver.Open(s, network.NewClient(network.Options{Base: w.Wire}))
	if err != nil {
		w.t.Fatal(err)
	}
	a := opened.(*Account)
	a.page = w.page
	return a
}

// now is later than anything before.
func (w *world) now() time.Time {
	at := time.Now().UTC().Truncate(time.Millisecond)
	if !at.After(w.last) {
		at = w.last.Add(time.Millisecond)
	}
	w.last = at
	return at
}

func (w *world) Post(p networktest.Post) care.Remote {
	w.mu.Lock()
	defer w.mu.Unlock()
	if p.Own {
		o := w.find(string(p.InReplyTo))
		o.answer, o.answered = p.Text, w.now()
		return p.InReplyTo + ofAnswer
	}
	o := &opinion{id: fmt.Sprintf("gp:AOqpTO%04d_-x", len(w.all)+1), author: cmp.Or(p.Author, "ana"), text: p.Text, changed: w.now()}
	if !p.At.IsZero() {
		o.changed = p.At
	}
	w.all = append(w.all, o)
	return care.Remote(o.id)
}

func (w *world) find(id string) *opinion {
	for _, o := range w.all {
		if o.id == id && !o.gone {
			return o
		}
	}
	return nil
}

func (w *world) Edit(id care.Remote, text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	o := w.find(string(id))
	o.text, o.changed = text, w.now()
}

func (w *world) Delete(id care.Remote) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.find(string(id)).gone = true
}

func (w *world) Sent() []care.Answer {
	w.mu.Lock()
	defer w.mu.Unlock()
	var sent []care.Answer
	for _, o := range w.all {
		if o.sent && !o.gone {
			sent = append(sent, care.Answer{To: care.Post{Remote: care.Remote(o.id)}, Text: o.answer})
		}
	}
	return sent
}

func (w *world) serve(out http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	out.Header().Set("Content-Type", "application/json; charset=UTF-8")
	if r.URL.Host == "oauth2.googleapis.com" {
		w.token(out, r)
		return
	}
	path, ours := strings.CutPrefix(r.URL.Scheme+"://"+r.URL.Host+r.URL.Path, "https://androidpublisher.googleapis.com/androidpublisher/v3/applications/"+app+"/reviews")
	if !ours {
		w.t.Errorf("called %s", r.URL)
	}
	if w.expired || r.Header.Get("Authorization") != fmt.Sprintf("Bearer ya29.%d", w.tokens) {
		refusal(out, http.StatusUnauthorized, "UNAUTHENTICATED")
		return
	}
	id, reply := strings.CutSuffix(strings.TrimPrefix(path, "/"), ":reply")
	switch {
	case r.Method == http.MethodGet && path == "":
		w.list(out, r)
	case r.Method == http.MethodGet && !reply:
		if o := w.find(id); o != nil {
			w.say(out, w.show(o))
			return
		}
		refusal(out, http.StatusNotFound, "NOT_FOUND")
	case r.Method == http.MethodPost && reply:
		w.reply(out, r, id)
	default:
		w.t.Errorf("called %s %s", r.Method, r.URL)
	}
}

// token checks a signed request as Google does.
func (w *world) token(out http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil || r.Method != http.MethodPost || r.PostForm.Get("grant_type") != "urn:ietf:params:oauth:grant-type:jwt-bearer" {
		w.t.Errorf("%s %v: %v", r.Method, r.PostForm, err)
	}
	parts := strings.Split(r.PostForm.Get("assertion"), ".")
	if len(parts) != 3 {
		w.t.Fatalf("%d parts", len(parts))
	}
	var head struct{ Alg, Typ, Kid string }
	var claims struct {
		Iss, Scope, Aud string
		Iat, Exp        int64
	}
	for i, into := range []any{&head, &claims} {
		b, err := base64.RawURLEncoding.DecodeString(parts[i])
		if err != nil || json.Unmarshal(b, into) != nil {
			w.t.Errorf("part %d: %v", i, err)
		}
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if err != nil || rsa.VerifyPKCS1v15(&account().private.PublicKey, crypto.SHA256, sum[:], signature) != nil {
		w.t.Error("the signature is wrong")
	}
	now := time.Now().Unix()
	if head.Alg != "RS256" || head.Typ != "JWT" || head.Kid != "hush0001" || claims.Iss != email || claims.Aud != tokens || claims.Scope != scope ||
		claims.Iat > now || claims.Exp <= now || claims.Exp-claims.Iat > 3600 {
		w.t.Errorf("%+v %+v", head, claims)
	}
	w.tokens++
	w.expired = false
	fmt.Fprintf(out, `{"access_token":"ya29.%d","expires_in":3599,"token_type":"Bearer"}`, w.tokens)
}

func refusal(out http.ResponseWriter, status int, word string) {
	out.WriteHeader(status)
	fmt.Fprintf(out, `{"error":{"code":%d,"message":"Please don't repeat me.","status":%q}}`, status, word)
}

func (w *world) say(out http.ResponseWriter, answer any) {
	if err := json.NewEncoder(out).Encode(answer); err != nil {
		w.t.Error(err)
	}
}

func when(at time.Time) map[string]any {
	return map[string]any{"seconds": strconv.FormatInt(at.Unix(), 10), "nanos": at.Nanosecond()}
}

func (w *world) show(o *opinion) map[string]any {
	comments := []any{map[string]any{"userComment": map[string]any{
		"text": "\t" + o.text, "lastModified": when(o.changed), "starRating": 1, "reviewerLanguage": "pt_BR",
		"device": "trltecan", "androidOsVersion": 34, "appVersionCode": 12345, "appVersionName": "1.2.3", "thumbsUpCount": 10,
	}}}
	if o.answer != "" {
		comments = append(comments, map[string]any{"developerComment": map[string]any{"text": o.answer, "lastModified": when(o.answered)}})
	}
	return map[string]any{"reviewId": o.id, "authorName": o.author, "comments": comments}
}

func (w *world) list(out http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	for p := range q {
		if !slices.Contains([]string{"maxResults", "token", "translationLanguage", "startIndex"}, p) {
			w.t.Errorf("parameter %s", p)
		}
	}
	most, err := strconv.Atoi(q.Get("maxResults"))
	if err != nil || most < 1 || most > 100 {
		w.t.Errorf("maxResults=%s", q.Get("maxResults"))
	}
	listed := slices.DeleteFunc(slices.Clone(w.all), func(o *opinion) bool { return time.Since(o.changed) > reach })
	slices.Reverse(listed)
	slices.SortStableFunc(listed, func(a, b *opinion) int { return b.changed.Compare(a.changed) })
	if token := q.Get("token"); token != "" { // an instant, so that an edit in between moves nothing
		at, err := time.Parse(time.RFC3339Nano, strings.TrimPrefix(token, "t:"))
		if err != nil {
			refusal(out, http.StatusBadRequest, "INVALID_ARGUMENT")
			return
		}
		listed = slices.DeleteFunc(listed, func(o *opinion) bool { return !o.changed.Before(at) })
	}
	answer, items := map[string]any{}, []any{}
	for i, o := range listed {
		if o.gone {
			continue
		}
		if len(items) == most {
			answer["tokenPagination"] = map[string]any{"nextPageToken": "t:" + listed[i-1].changed.Format(time.RFC3339Nano)}
			break
		}
		items = append(items, w.show(o))
	}
	if len(items) > 0 {
		answer["reviews"] = items
	}
	w.say(out, answer)
}

var html = regexp.MustCompile(`<[^>]*>`)

func (w *world) reply(out http.ResponseWriter, r *http.Request, id string) {
	var body struct{ ReplyText string }
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	if err := d.Decode(&body); err != nil {
		w.t.Error(err)
	}
	o := w.find(id)
	switch {
	case o == nil:
		refusal(out, http.StatusNotFound, "NOT_FOUND")
	case body.ReplyText == "" || utf8.RuneCountInString(body.ReplyText) > 350:
		refusal(out, http.StatusBadRequest, "INVALID_ARGUMENT")
	default:
		o.answer, o.answered, o.sent = html.ReplaceAllString(body.ReplyText, ""), w.now(), true
		w.say(out, map[string]any{"result": map[string]any{"replyText": o.answer, "lastEdited": when(o.answered)}})
	}
}

func TestDriver(t *testing.T) {
	networktest.Run(t, networktest.Traits{
		Page: 3, Edits: networktest.OnPoll, Deletes: networktest.OnLook, Own: true, Late: newest.Overlap, Keyed: true, Shape: networktest.Single,
		Faults: networktest.HTTPFaults(), Secrets: []string{"ya29.", "hush0001", "PRIVATE KEY", "eyJ"},
	}, func(t *testing.T) networktest.World { return newWorld(t) })
}
