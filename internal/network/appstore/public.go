package appstore

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/language"

	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/newest"
)

// Public is an app as everybody sees its reviews. Safe for concurrent use.
type Public struct {
	Settings
	host string
	http *http.Client
	page int
}

var _ network.Replier = (*Public)(nil)

// What the public feed gives.
const (
	perPage  = 50
	maxPages = 10
)

func openPublic(s Settings, c *http.Client) (*Public, error) {
	host, err := parseHost(s.Host, publicHost)
	if err != nil {
		return nil, err
	}
	for i, country := range s.Countries {
		s.Countries[i] = strings.ToLower(country)
	}
	if len(s.Countries) == 0 {
		s.Countries = []string{"us"}
	}
	return &Public{Settings: s, host: host, page: perPage, http: network.Adapt(c, network.Dialect{Redirects: 2})}, nil
}

// A round is the cursor: each country's own, and whose turn it is.
type round struct {
	V     int               `json:"v"`
	Turn  string            `json:"t,omitempty"` // the country whose page is next; empty: the first
	Step  int               `json:"s,omitempty"` // pages of it that were read; below 0: for the second time
	Marks map[string]string `json:"m,omitempty"`
}

const roundVersion = 1

func readRound(cursor string) (round, error) {
	r := round{V: roundVersion}
	if cursor != "" {
		if err := json.Unmarshal([]byte(cursor), &r); err != nil || r.V != roundVersion {
			return r, &network.Error{Fault: network.Malformed, Unsent: true, Again: true,
				Err: network.Explain("the stored cursor can't be read by this version")}
		}
	}
	return r, nil
}

// Poll implements [network.Account]. It reads a page of one country; there is
// more until each had its turn. Pages have numbers, and reviews that come in
// meanwhile move them: a country that took several is begun once more.
func (a *Public) Poll(ctx context.Context, cursor string) (network.Page, error) {
	r, err := readRound(cursor)
	if err != nil {
		return network.Page{}, err
	}
	i := max(slices.Index(a.Countries, r.Turn), 0)
	country := a.Countries[i]
	ctx, tally := network.Metered(ctx)
	l := newest.List{
		ID: a.AppID + "\x00" + country, Back: a.Back, Most: perPage * maxPages,
		Fetch: func(ctx context.Context, p newest.Place) (newest.Listing, error) { return a.fetch(ctx, country, p) },
	}
	page, err := l.Poll(ctx, r.Marks[country])
	if err != nil {
		return network.Page{}, err
	}
	inOrder(page.Items)
	next := round{V: roundVersion, Marks: map[string]string{}}
	for _, c := range a.Countries { // those that are read no longer are forgotten
		if m, ok := r.Marks[c]; ok {
			next.Marks[c] = m
		}
	}
	next.Marks[country] = page.Next
	switch {
	case page.More && r.Step < 0:
		next.Turn, next.Step = country, r.Step
	case page.More:
		next.Turn, next.Step = country, r.Step+1
	case r.Step > 0: // what came on top while we read the pages below
		next.Turn, next.Step, page.More = country, -1, true
	case i+1 < len(a.Countries):
		next.Turn, page.More = a.Countries[i+1], true
	}
	b, err := json.Marshal(next)
	if err != nil {
		return network.Page{}, network.Malformed.Because("the cursor can't be written", err)
	}
	page.Next, page.Meter = string(b), tally.Meter()
	return page, nil
}

// A label is how the feed writes everything.
type label struct {
	Label string `json:"label"`
}

// An entry of the feed.
type entry struct {
	ID      label  `json:"id"`
	Title   label  `json:"title"`
	Content label  `json:"content"`
	Updated label  `json:"updated"`
	Rating  *label `json:"im:rating"` // the app itself, which older feeds begin with, has none
	Version label  `json:"im:version"`
	Author  struct {
		Name label `json:"name"`
		URI  label `json:"uri"`
	} `json:"author"`
}

func (a *Public) fetch(ctx context.Context, country string, p newest.Place) (newest.Listing, error) {
	number := 1
	if p.Token != "" {
		var err error
		if number, err = strconv.Atoi(p.Token); err != nil || number < 1 || number > maxPages {
			return newest.Listing{}, &network.Error{Fault: network.Malformed, Unsent: true, Again: true, Err: network.Explain("the stored cursor names no place in the list")}
		}
	}
	var found struct {
		Feed *struct {
			Entry json.RawMessage `json:"entry"`
		} `json:"feed"`
	}
	address := fmt.Sprintf("%s/%s/rss/customerreviews/page=%d/id=%s/sortby=mostrecent/json", a.host, country, number, a.AppID)
	var l newest.Listing
	var err error
	if l.Served, err = (network.Call{Method: http.MethodGet, URL: address}).Do(ctx, a.http, &found); err != nil {
		return newest.Listing{}, err
	}
	if found.Feed == nil {
		return newest.Listing{}, network.Malformed.Because("the answer is no feed of reviews")
	}
	entries, err := several(found.Feed.Entry)
	if err != nil {
		return newest.Listing{}, err
	}
	for _, raw := range entries {
		var e entry
		if json.Unmarshal(raw, &e) != nil {
			l.Bad = append(l.Bad, network.BadItem{Reason: "a review has another form than the feed's"})
			continue
		}
		if e.Rating == nil {
			continue
		}
		post, err := e.review(country).post(a.AppID)
		if err != nil {
			l.Bad = append(l.Bad, network.BadItem{Reason: err.Error()})
			continue
		}
		l.Entries = append(l.Entries, newest.Entry{At: post.PostedAt, Repaired: !utf8.Valid(raw), Item: network.Item{Kind: network.Seen, Post: post}})
	}
	if len(entries) >= a.page && number < maxPages {
		l.Token = strconv.Itoa(number + 1)
	}
	return l, nil
}

// several is a list that the feed writes without brackets when it has one part,
// and leaves out when it has none.
func several(raw json.RawMessage) (all []json.RawMessage, err error) {
	switch {
	case len(raw) == 0 || string(raw) == "null":
		return nil, nil
	case raw[0] == '{':
		return []json.RawMessage{raw}, nil
	case json.Unmarshal(raw, &all) != nil:
		return nil, network.Malformed.Because("the answer is no list of reviews")
	}
	return all, nil
}

func (e *entry) review(country string) review {
	at, _ := time.Parse(time.RFC3339, e.Updated.Label)
	rating, _ := strconv.Atoi(e.Rating.Label)
	_, who, _ := strings.Cut(e.Author.URI.Label, "/reviews/") // .../us/reviews/id123456
	return review{id: e.ID.Label, author: e.Author.Name.Label, authorID: who, title: e.Title.Label, text: e.Content.Label,
		version: e.Version.Label, country: country, at: at, rating: rating}
}

// territory is a country's name in three letters, as App Store Connect has it;
// empty when there is no such country.
func territory(country string) string {
	if len(country) != 2 {
		return ""
	}
	r, err := language.ParseRegion(country)
	if err != nil || !r.IsCountry() {
		return ""
	}
	return r.ISO3()
}

// countryOf is the other way round.
func countryOf(territory string) string {
	r, err := language.ParseRegion(territory)
	if err != nil || !r.IsCountry() {
		return ""
	}
	return strings.ToLower(r.String())
}
