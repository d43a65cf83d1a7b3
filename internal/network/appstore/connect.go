package appstore

import (
	"context"
	"crypto/ecdsa"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/golang-jwt/jwt/v5"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/newest"
)

// Connect is an app as its makers see it. Besides [network.Account] it is a
// [network.Replier], [network.Looker], [network.Withdrawer] and
// [network.Mender]. Safe for concurrent use.
type Connect struct {
	Settings
	host string
	http *http.Client
	page int
	key  *ecdsa.PrivateKey

	mu    sync.Mutex
	token string
	until time.Time
}

var (
	_ network.Replier    = (*Connect)(nil)
	_ network.Looker     = (*Connect)(nil)
	_ network.Withdrawer = (*Connect)(nil)
	_ network.Mender     = (*Connect)(nil)
)

const (
	connectPage = 200                // most reviews at once
	maxAnswer   = 5970               // signs of an answer
	answersBack = 7 * 24 * time.Hour // how old a review may be whose answer, written elsewhere, is noticed
	tokenLasts  = 15 * time.Minute   // Apple takes no token that lasts more than twenty
)

func openConnect(s Settings, c *http.Client) (*Connect, error) {
	host, err := parseHost(s.Host, connectHost)
	if err != nil {
		return nil, err
	}
	key, err := parseKey(s.PrivateKey)
	if err != nil {
		return nil, err
	}
	return &Connect{Settings: s, host: host, key: key, page: connectPage, http: network.Adapt(c, network.Dialect{Refine: refine})}, nil
}

// refine finds the cause in what Apple says about a refusal.
func refine(_ *http.Response, body []byte, e *network.Error) {
	var said struct{ Errors []struct{ Code string } }
	if json.Unmarshal(body, &said) != nil || len(said.Errors) == 0 {
		if e.Fault == network.Gone {
			e.Fault = network.Malformed // not Apple's own word: it says nothing of a review
		}
		return
	}
	code := network.Word(said.Errors[0].Code)
	switch {
	case code == "":
		return
	case strings.HasPrefix(code, "NOT_AUTHORIZED"):
		e.Err = network.Explain("the key is not valid (any more), or this machine's clock is wrong")
	case strings.HasPrefix(code, "FORBIDDEN"):
		e.Err = network.Explain("the key lacks the right: it needs the role Customer Support, or Admin")
	default:
		e.Err = network.Explain(code)
	}
}

// bearer is a token signed with the key, made anew before it ends.
func (a *Connect) bearer() (string, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := time.Now()
	if a.token != "" && now.Add(time.Minute).Before(a.until) {
		return a.token, nil
	}
	claims := jwt.MapClaims{"iat": now.Add(-time.Minute).Unix(), "exp": now.Add(tokenLasts).Unix(), "aud": "appstoreconnect-v1"}
	if a.IssuerID != "" {
		claims["iss"] = a.IssuerID
	} else {
		claims["sub"] = "user"
	}
	t := jwt.NewWithClaims(jwt.SigningMethodES256, claims)
	t.Header["kid"] = a.KeyID
	signed, err := t.SignedString(a.key)
	if err != nil {
		return "", network.Refused.Unsent("the key can't sign")
	}
	a.token, a.until = signed, now.Add(tokenLasts)
	return signed, nil
}

func (a *Connect) call(ctx context.Context, method, path string, body, into any) (time.Time, error) {
	token, err := a.bearer()
	if err != nil {
		return time.Time{}, err
	}
	c := network.Call{Method: method, URL: a.host + path, Token: token}
	if body != nil {
		if c.Body, err = json.Marshal(body); err != nil {
			return time.Time{}, network.Malformed.Unsent("the call can't be made", err)
		}
	}
	return c.Do(ctx, a.http, into)
}

// A resource is what the interface tells of anything.
type resource struct {
	Type       string `json:"type"`
	ID         string `json:"id"`
	Attributes struct {
		Rating   int    `json:"rating"`
		Title    string `json:"title"`
		Body     string `json:"body"`
		Nickname string `json:"reviewerNickname"`
		Created  string `json:"createdDate"`
		Country  string `json:"territory"`
		Response string `json:"responseBody"`
		Modified string `json:"lastModifiedDate"`
	} `json:"attributes"`
	Relationships struct {
		Response struct{ Data *resource } `json:"response"`
		Review   struct{ Data *resource } `json:"review"`
	} `json:"relationships"`
}

const (
	reviewType = "customerReviews"
	answerType = "customerReviewResponses"
	answerMark = "response/" // before the id of an answer of ours
)

// Poll implements [network.Account].
func (a *Connect) Poll(ctx context.Context, cursor string) (network.Page, error) {
	ctx, tally := network.Metered(ctx)
	l := newest.List{ID: "connect\x00" + a.AppID + "\x00" + strings.Join(a.Countries, ","), Back: a.Back, Deep: answersBack, Fetch: a.fetch, Forgot: forgot}
	page, err := l.Poll(ctx, cursor)
	if err != nil {
		return network.Page{}, err
	}
	inOrder(page.Items)
	page.Meter = tally.Meter()
	return page, nil
}

// forgot says that Apple does not know the place in the list any more.
func forgot(_ newest.Place, err error) bool {
	e, ok := errors.AsType[*network.Error](err)
	return ok && e.Status == http.StatusBadRequest
}

func (a *Connect) fetch(ctx context.Context, p newest.Place) (newest.Listing, error) {
	q := url.Values{"sort": {"-createdDate"}, "limit": {strconv.Itoa(a.page)}, "include": {"response"}}
	var only []string
	for _, c := range a.Countries {
		only = append(only, territory(c))
	}
	if len(only) > 0 {
		q.Set("filter[territory]", strings.Join(only, ","))
	}
	if p.Token != "" {
		q.Set("cursor", p.Token)
	}
	var found struct {
		Data     []json.RawMessage
		Included []resource
		Links    struct{ Next string }
	}
	var l newest.Listing
	var err error
	if l.Served, err = a.call(ctx, http.MethodGet, "/v1/apps/"+a.AppID+"/customerReviews?"+q.Encode(), nil, &found); err != nil {
		return newest.Listing{}, err
	}
	if found.Data == nil {
		return newest.Listing{}, network.Malformed.Because("the answer is no list of reviews")
	}
	answers := map[string]resource{}
	for _, r := range found.Included {
		answers[r.ID] = r
	}
	for _, raw := range found.Data {
		var r resource
		if json.Unmarshal(raw, &r) != nil {
			l.Bad = append(l.Bad, network.BadItem{Reason: "a review has another form than Apple describes"})
			continue
		}
		post, err := r.review().post(a.AppID)
		if err != nil {
			l.Bad = append(l.Bad, network.BadItem{Reason: err.Error()})
			continue
		}
		l.Entries = append(l.Entries, newest.Entry{At: post.PostedAt, Repaired: !utf8.Valid(raw), Item: network.Item{Kind: network.Seen, Post: post}})
		if to := r.Relationships.Response.Data; to != nil {
			if own, err := a.own(answers[to.ID], post.Remote); err == nil {
				l.Entries = append(l.Entries, newest.Entry{At: post.PostedAt, Indexed: own.PostedAt, Item: network.Item{Kind: network.Seen, Post: own, Own: true}})
			}
		}
	}
	if next, err := url.Parse(found.Links.Next); err == nil && len(found.Data) > 0 {
		l.Token = next.Query().Get("cursor")
	}
	return l, nil
}

func (r *resource) review() review {
	at, _ := time.Parse(time.RFC3339, r.Attributes.Created)
	return review{id: r.ID, author: r.Attributes.Nickname, title: r.Attributes.Title, text: r.Attributes.Body,
		country: countryOf(r.Attributes.Country), at: at, rating: r.Attributes.Rating}
}

// own makes a post of an answer of ours.
func (a *Connect) own(r resource, to care.Remote) (care.Post, error) {
	at, _ := time.Parse(time.RFC3339, r.Attributes.Modified)
	p, err := review{id: r.ID, author: "developer", authorID: "app/" + a.AppID, text: r.Attributes.Response, at: at}.post(a.AppID)
	if err != nil {
		return p, err
	}
	p.Remote, p.InReplyTo, p.Thread, p.Summoned = answerMark+p.Remote, to, to, false
	return p, nil
}

// May implements [network.Replier]. Apple lets an app's makers answer each
// review, once; another answer takes the place of the first.
func (a *Connect) May(p care.Post, _ time.Time) care.Permission {
	if p.Network != name || !idPattern.MatchString(string(p.Remote)) {
		return care.Permission{How: care.ByNone, Why: "This is not a review in the App Store."}
	}
	return care.Permission{
		How: care.ByAPI, Why: "Apple lets an app's makers answer each review once; a second answer replaces the first.",
		Length: care.Length{Max: maxAnswer, Unit: "characters"},
	}
}

// Send implements [network.Replier].
func (a *Connect) Send(ctx context.Context, answer care.Answer) (network.Sent, error) {
	if answer.Direct || len(answer.Pictures) > 0 {
		return network.Sent{}, network.Refused.Unsent("an answer to a review is public and has no pictures")
	}
	r, err := a.put(network.ForReply(ctx), answer.To.Remote, answer.Text)
	if err != nil {
		return network.Sent{}, err
	}
	return sent(r), nil
}

func sent(r resource) network.Sent {
	at, _ := time.Parse(time.RFC3339, r.Attributes.Modified)
	return network.Sent{Remote: care.Remote(answerMark + r.ID), At: at.UTC()}
}

// put writes the answer to a review, in place of the one that may be there.
func (a *Connect) put(ctx context.Context, to care.Remote, text string) (r resource, err error) {
	words := ""
	switch {
	case !idPattern.MatchString(string(to)):
		words = "the id is not of a review"
	case strings.TrimSpace(text) == "" || !utf8.ValidString(text):
		words = "the answer is empty, or not UTF-8"
	case utf8.RuneCountInString(text) > maxAnswer:
		words = "the answer is longer than Apple takes: 5970 signs"
	}
	if words != "" {
		return r, network.Malformed.Unsent(words)
	}
	body := map[string]any{"data": map[string]any{
		"type":       answerType,
		"attributes": map[string]string{"responseBody": text},
		"relationships": map[string]any{"review": map[string]any{
			"data": map[string]string{"type": reviewType, "id": string(to)},
		}},
	}}
	var done struct{ Data resource }
	if _, err := a.call(ctx, http.MethodPost, "/v1/"+answerType, body, &done); err != nil {
		return r, err
	}
	if done.Data.Type != answerType || !idPattern.MatchString(done.Data.ID) {
		return r, network.Malformed.Because("Apple's answer is not what was sent")
	}
	return done.Data, nil
}

// Find implements [network.Replier]: a review has one answer, ours if the words are.
func (a *Connect) Find(ctx context.Context, answer care.Answer) (network.Sent, bool, error) {
	if !idPattern.MatchString(string(answer.To.Remote)) {
		return network.Sent{}, false, network.Malformed.Unsent("the id is not of a review")
	}
	var found struct{ Data *resource }
	_, err := a.call(network.ForReply(ctx), http.MethodGet, "/v1/customerReviews/"+string(answer.To.Remote)+"/response", nil, &found)
	if network.IsGone(err) {
		return network.Sent{}, false, nil
	}
	if err != nil || found.Data == nil || !care.SameWords(found.Data.Attributes.Response, answer.Text) {
		return network.Sent{}, false, err
	}
	return sent(*found.Data), true, nil
}

// Look implements [network.Looker].
func (a *Connect) Look(ctx context.Context, ids []care.Remote) ([]network.Item, error) {
	return network.LookEach(name, ids, func(id care.Remote) (network.Item, error) { return a.look(ctx, id) })
}

func (a *Connect) look(ctx context.Context, id care.Remote) (network.Item, error) {
	local, ours := strings.CutPrefix(string(id), answerMark)
	if !idPattern.MatchString(local) {
		return network.Item{}, network.Malformed.Unsent("the id is not of a review")
	}
	path := "/v1/" + reviewType + "/" + local
	if ours {
		path = "/v1/" + answerType + "/" + local + "?include=review"
	}
	var found struct{ Data resource }
	if _, err := a.call(ctx, http.MethodGet, path, nil, &found); err != nil {
		return network.Item{}, err
	}
	var p care.Post
	var err error
	if !ours {
		p, err = found.Data.review().post(a.AppID)
	} else if to := found.Data.Relationships.Review.Data; to != nil {
		p, err = a.own(found.Data, care.Remote(to.ID))
	} else {
		err = unreadable("an answer without its review")
	}
	if err == nil && p.Remote != id {
		err = unreadable("the answer is another review")
	}
	if err != nil {
		return network.Item{}, &network.Error{Fault: network.Malformed, Err: err}
	}
	return network.Item{Kind: network.Seen, Post: p, Own: ours}, nil
}

// Withdraw implements [network.Withdrawer].
func (a *Connect) Withdraw(ctx context.Context, id care.Remote) error {
	local, ours := strings.CutPrefix(string(id), answerMark)
	if !ours || !idPattern.MatchString(local) {
		return network.Refused.Unsent("the id is not of an answer of ours")
	}
	_, err := a.call(network.ForReply(ctx), http.MethodDelete, "/v1/"+answerType+"/"+local, nil, nil)
	if network.IsGone(err) {
		return nil
	}
	return err
}

// Mend implements [network.Mender]: the new text takes the old one's place.
func (a *Connect) Mend(ctx context.Context, id care.Remote, text string) error {
	ctx = network.ForReply(ctx)
	if !strings.HasPrefix(string(id), answerMark) {
		return network.Refused.Unsent("the id is not of an answer of ours")
	}
	it, err := a.look(ctx, id)
	if err != nil {
		return network.NotYet(err)
	}
	_, err = a.put(ctx, it.Post.InReplyTo, text)
	return err
}
