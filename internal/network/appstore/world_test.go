package appstore

import (
	"cmp"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
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

	"github.com/golang-jwt/jwt/v5"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/networktest"
)

// A shop is the App Store with one app, as its public feed and App Store Connect
// show it.
type shop struct {
	*networktest.Wire
	t         testing.TB
	keyed     bool
	page      int
	countries []string
	key       *ecdsa.PrivateKey

	mu      sync.Mutex
	reviews []*stored // oldest first
	answers int
}

type stored struct {
	id, by, text, country string
	at                    time.Time
	answer                *answer
}

type answer struct {
	id, text string
	at       time.Time
	byHand   bool
}

const (
	app    = "310633997"
	keyID  = "2X9R4HXF34"
	issuer = "57246542-96fe-1a63-e053-0824d011072a"
)

func newShop(t testing.TB, keyed bool) *shop {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	s := &shop{t: t, keyed: keyed, page: 3, countries: []string{"us"}, key: key}
	s.Wire = networktest.NewWire(t, s)
	return s
}

func (s *shop) pem() network.Secret {
	s.t.Helper()
	b, err := x509.MarshalPKCS8PrivateKey(s.key)
	if err != nil {
		s.t.Fatal(err)
	}
	return network.Secret(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: b}))
}

func (s *shop) settings() *Settings {
	set := &Settings{AppID: app, Countries: slices.Clone(s.countries)}
	if s.keyed {
		set.KeyID, set.IssuerID, set.PrivateKey = keyID, issuer, s.pem()
	}
	return set
}

func (s *shop) open() network.Account {
	s.t.Helper()
	a, err := Driver().Open(s.settings(), network.NewClient(network.Options{Base: s.Wire}))
	if err != nil {
		s.t.Fatal(err)
	}
	switch a := a.(type) {
	case *Public:
		a.page = s.page
	case *Connect:
		a.page = s.page
	}
	return a
}

// Account hides of a shop without keys that a person may answer: the suite would
// have a program do it.
func (s *shop) Account() network.Account {
	if a, ok := s.open().(*Public); ok {
		return struct{ network.Account }{a}
	}
	return s.open()
}

func (s *shop) Post(p networktest.Post) care.Remote {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := p.At
	if at.IsZero() {
		at = time.Now()
	}
	if p.Own {
		return answerMark + care.Remote(s.answer(s.find(string(p.InReplyTo)), p.Text, true).id)
	}
	r := &stored{id: strconv.Itoa(7000 + len(s.reviews)), by: cmp.Or(p.Author, "ana"), text: p.Text, country: s.countries[len(s.reviews)%len(s.countries)], at: at.UTC()}
	s.reviews = append(s.reviews, r)
	return care.Remote(r.id)
}

func (s *shop) answer(r *stored, text string, byHand bool) *answer {
	if r.answer == nil {
		s.answers++
		r.answer = &answer{id: fmt.Sprintf("a-%d", s.answers)}
	}
	r.answer.text, r.answer.byHand, r.answer.at = text, byHand, time.Now().UTC()
	return r.answer
}

func (s *shop) find(id string) *stored {
	i := slices.IndexFunc(s.reviews, func(r *stored) bool { return r.id == id })
	if i < 0 {
		return nil
	}
	return s.reviews[i]
}

func (s *shop) Edit(id care.Remote, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.find(string(id)).text = text
}

func (s *shop) Delete(id care.Remote) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reviews = slices.DeleteFunc(s.reviews, func(r *stored) bool { return r.id == string(id) })
}

func (s *shop) Sent() (all []care.Answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.reviews {
		if r.answer != nil && !r.answer.byHand {
			all = append(all, care.Answer{To: care.Post{Remote: care.Remote(r.id)}, Text: r.answer.text})
		}
	}
	return all
}

// newest lists reviews as both interfaces do.
func (s *shop) newest(of ...string) []*stored {
	all := slices.DeleteFunc(slices.Clone(s.reviews), func(r *stored) bool { return len(of) > 0 && !slices.Contains(of, r.country) })
	slices.Reverse(all)
	slices.SortStableFunc(all, func(a, b *stored) int { return b.at.Compare(a.at) })
	return all
}

var feedPattern = regexp.MustCompile(`^/([a-z]{2})/rss/customerreviews/page=(\d+)/id=(\d+)/sortby=mostrecent/json$`)

func (s *shop) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch m := feedPattern.FindStringSubmatch(r.URL.Path); {
	case r.Host == "itunes.apple.com" && m != nil && m[3] == app:
		n, _ := strconv.Atoi(m[2])
		if n > maxPages {
			s.t.Errorf("the feed has no page %d", n)
		}
		all := s.newest(m[1])
		s.feed(w, all[min(len(all), (n-1)*s.page):min(len(all), n*s.page)], n)
	case r.Host == "api.appstoreconnect.apple.com":
		s.connect(w, r)
	default:
		s.t.Errorf("there is no %s", r.URL)
		http.NotFound(w, r)
	}
}

func (s *shop) tell(w http.ResponseWriter, v any) {
	if err := json.NewEncoder(w).Encode(v); err != nil {
		s.t.Error(err)
	}
}

// feed has the app itself before the reviews, one entry without brackets, and
// none without the field, as Apple's has.
func (s *shop) feed(w http.ResponseWriter, reviews []*stored, page int) {
	type m = map[string]any
	l := func(v string) m { return m{"label": v} }
	var entries []any
	for _, r := range reviews {
		entries = append(entries, m{
			"author":     m{"uri": l("https://itunes.apple.com/" + r.country + "/reviews/id" + r.by), "name": l(r.by), "label": ""},
			"updated":    l(r.at.In(time.FixedZone("", -7*3600)).Format(time.RFC3339Nano)),
			"im:rating":  l("2"),
			"im:version": l("3.1"), "id": l(r.id), "title": l("A title"), "content": m{"label": r.text, "attributes": m{"type": "text"}},
			"im:voteSum": l("0"),
		})
	}
	feed := m{"author": m{"name": l("iTunes Store")}}
	switch {
	case len(entries) == 1 && page > 1:
		feed["entry"] = entries[0]
	case len(entries) > 0:
		feed["entry"] = entries
	}
	s.tell(w, m{"feed": feed})
}

// fail refuses as App Store Connect does.
func (s *shop) fail(w http.ResponseWriter, status int, code string) {
	w.WriteHeader(status)
	s.tell(w, map[string]any{"errors": []any{map[string]any{"status": strconv.Itoa(status), "code": code, "title": "No.", "detail": "No."}}})
}

func (s *shop) signed(r *http.Request) bool {
	token, err := jwt.Parse(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "), func(*jwt.Token) (any, error) { return &s.key.PublicKey, nil },
		jwt.WithValidMethods([]string{"ES256"}), jwt.WithAudience("appstoreconnect-v1"), jwt.WithExpirationRequired(), jwt.WithIssuedAt())
	if err != nil {
		return false
	}
	exp, _ := token.Claims.GetExpirationTime()
	iat, _ := token.Claims.GetIssuedAt()
	iss, _ := token.Claims.GetIssuer()
	return token.Header["kid"] == keyID && iss == issuer && exp.Sub(iat.Time) <= 20*time.Minute
}

func (s *shop) connect(w http.ResponseWriter, r *http.Request) {
	if !s.signed(r) {
		s.fail(w, 401, "NOT_AUTHORIZED")
		return
	}
	parts := strings.Split(strings.TrimPrefix(r.URL.Path, "/v1/"), "/")
	switch kind := r.Method + " " + parts[0] + strings.Join(parts[min(len(parts), 2):], " "); kind {
	case "GET appscustomerReviews":
		s.list(w, r)
	case "GET customerReviews":
		if rev := s.find(parts[1]); rev != nil {
			s.tell(w, map[string]any{"data": reviewJSON(rev)})
			return
		}
		s.fail(w, 404, "NOT_FOUND")
	case "GET customerReviewsresponse":
		if rev := s.find(parts[1]); rev != nil && rev.answer != nil {
			s.tell(w, map[string]any{"data": answerJSON(rev)})
			return
		}
		s.fail(w, 404, "NOT_FOUND")
	case "POST customerReviewResponses":
		s.create(w, r)
	case "GET customerReviewResponses", "DELETE customerReviewResponses":
		i := slices.IndexFunc(s.reviews, func(x *stored) bool { return x.answer != nil && x.answer.id == parts[1] })
		if i < 0 {
			s.fail(w, 404, "NOT_FOUND")
			return
		}
		if r.Method == http.MethodDelete {
			s.reviews[i].answer = nil
			w.WriteHeader(http.StatusNoContent)
			return
		}
		s.tell(w, map[string]any{"data": answerJSON(s.reviews[i])})
	default:
		s.t.Errorf("App Store Connect has no %s", kind)
		s.fail(w, 404, "NOT_FOUND")
	}
}

func reviewJSON(r *stored) map[string]any {
	link := map[string]any{}
	if r.answer != nil {
		link["data"] = map[string]string{"type": answerType, "id": r.answer.id}
	}
	return map[string]any{"type": reviewType, "id": r.id, "relationships": map[string]any{"response": link}, "attributes": map[string]any{
		"rating": 2, "title": "A title", "body": r.text, "reviewerNickname": r.by, "createdDate": r.at.Format(time.RFC3339Nano), "territory": territory(r.country),
	}}
}

func answerJSON(r *stored) map[string]any {
	return map[string]any{"type": answerType, "id": r.answer.id,
		"attributes":    map[string]any{"responseBody": r.answer.text, "lastModifiedDate": r.answer.at.Format(time.RFC3339Nano), "state": "PENDING_PUBLISH"},
		"relationships": map[string]any{"review": map[string]any{"data": map[string]string{"type": reviewType, "id": r.id}}}}
}

func (s *shop) list(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	for k := range q {
		if !slices.Contains([]string{"sort", "limit", "include", "filter[territory]", "cursor"}, k) {
			s.t.Errorf("the list has no parameter %s", k)
		}
	}
	limit, err := strconv.Atoi(q.Get("limit"))
	if err != nil || limit < 1 || limit > 200 || q.Get("sort") != "-createdDate" || q.Get("include") != "response" {
		s.t.Errorf("asked with %v", q)
	}
	var of []string
	for t := range strings.SplitSeq(q.Get("filter[territory]"), ",") {
		if t != "" {
			of = append(of, countryOf(t))
		}
	}
	all := s.newest(of...)
	if after := q.Get("cursor"); after != "" {
		i := slices.IndexFunc(all, func(x *stored) bool { return "after-"+x.id == after })
		if i < 0 {
			s.fail(w, 400, "PARAMETER_ERROR.INVALID")
			return
		}
		all = all[i+1:]
	}
	links := map[string]string{"self": "https://" + r.Host + r.URL.String()}
	if len(all) > limit {
		all = all[:limit]
		links["next"] = "https://" + r.Host + r.URL.Path + "?cursor=after-" + all[limit-1].id + "&limit=" + q.Get("limit")
	}
	data, included := []any{}, []any{}
	for _, x := range all {
		data = append(data, reviewJSON(x))
		if x.answer != nil {
			included = append(included, answerJSON(x))
		}
	}
	s.tell(w, map[string]any{"data": data, "included": included, "links": links})
}

func (s *shop) create(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Data struct {
			Type          string
			Attributes    struct{ ResponseBody string }
			Relationships struct {
				Review struct{ Data struct{ Type, ID string } }
			}
		}
	}
	dec := json.NewDecoder(r.Body)
	dec.DisallowUnknownFields()
	if err := dec.Decode(&in); err != nil || in.Data.Type != answerType || in.Data.Relationships.Review.Data.Type != reviewType || r.Header.Get("Content-Type") != "application/json" {
		s.t.Errorf("no answer that Apple would take: %v", err)
	}
	rev := s.find(in.Data.Relationships.Review.Data.ID)
	switch text := in.Data.Attributes.ResponseBody; {
	case rev == nil:
		s.fail(w, 404, "NOT_FOUND")
	case text == "" || utf8.RuneCountInString(text) > maxAnswer:
		s.fail(w, 409, "ENTITY_ERROR.ATTRIBUTE.INVALID")
	default:
		s.answer(rev, text, false)
		w.WriteHeader(http.StatusCreated)
		s.tell(w, map[string]any{"data": answerJSON(rev)})
	}
}
