// Package appstore reads the reviews of an app in Apple's App Store, and answers
// them.
//
// Without keys it reads the public feed of each country, newest first by package
// newest: five hundred reviews a country and no more, and no answers. With keys
// of App Store Connect it reads all reviews of all countries by that interface,
// our answers too, and answers by it: one answer a review, which sending again
// replaces by the same. The two name reviews differently, so a source that gets
// keys starts anew.
//
// The package owns no stored state; in memory it keeps a token for some minutes.
package appstore

import (
	"cmp"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
)

// name is what posts of this network carry.
const name = "appstore"

// Settings are one app.
type Settings struct {
	// AppID is the number in the address of the app's page, after id.
	AppID string `yaml:"app_id"`
	// Countries are the shops that are read, as two letters; by default us. With
	// keys none means all.
	Countries []string `yaml:"countries"`
	// KeyID is the id of a key of App Store Connect.
	KeyID string `yaml:"key_id"`
	// IssuerID is the team's; a key of a single person has none.
	IssuerID string `yaml:"issuer_id"`
	// PrivateKey is what is in the key's file, that ends in .p8.
	PrivateKey network.Secret `yaml:"private_key"`
	// Back is how far back a new source reads; 0: from now.
	Back time.Duration `yaml:"back"`
	// Host is asked in place of Apple's own: https, or http on this machine.
	Host string `yaml:"host"`
}

// String tells everything but the key.
func (s *Settings) String() string { return "appstore reviews of " + s.AppID }

// GoString keeps the key out of %#v.
func (s *Settings) GoString() string { return s.String() }

const (
	maxBack      = 365 * 24 * time.Hour
	maxCountries = 8 // whose places fit in one cursor
	publicHost   = "https://itunes.apple.com"
	connectHost  = "https://api.appstoreconnect.apple.com"
)

var (
	appPattern    = regexp.MustCompile(`^[0-9]{6,12}$`)
	keyPattern    = regexp.MustCompile(`^[A-Z0-9]{8,16}$`)
	issuerPattern = regexp.MustCompile(`^[0-9a-fA-F-]{36}$`)
)

// Validate implements [network.Settings].
func (s *Settings) Validate() error {
	var wrong []error
	bad := func(format string, args ...any) { wrong = append(wrong, fmt.Errorf(format, args...)) }
	if !appPattern.MatchString(s.AppID) {
		bad("app_id: must be the number in the address of the app's page, such as 310633997")
	}
	for _, c := range s.Countries {
		if territory(c) == "" {
			bad("countries: %q is no country; write two letters, such as us or de", c)
		}
	}
	if len(s.Countries) > maxCountries && s.KeyID == "" {
		bad("countries: at most %d in one source; make another source for the rest", maxCountries)
	}
	switch keyed := s.KeyID != "" || s.PrivateKey != "" || s.IssuerID != ""; {
	case !keyed:
	case !keyPattern.MatchString(s.KeyID):
		bad("key_id: must be the key's id, such as 2X9R4HXF34, from App Store Connect, Users and Access, Integrations")
	case s.IssuerID != "" && !issuerPattern.MatchString(s.IssuerID):
		bad("issuer_id: must be the issuer's id from the same page; leave it out for an individual key")
	default:
		if _, err := parseKey(s.PrivateKey); err != nil {
			wrong = append(wrong, err)
		}
	}
	if s.Back < 0 || s.Back > maxBack {
		bad("back: must be between 0 and 365 days")
	}
	if _, err := parseHost(s.Host, publicHost); err != nil {
		wrong = append(wrong, err)
	}
	return errors.Join(wrong...)
}

// parseKey reads the file that Apple gives once.
func parseKey(secret network.Secret) (*ecdsa.PrivateKey, error) {
	key, err := jwt.ParseECPrivateKeyFromPEM([]byte(secret))
	if err != nil || key.Curve != elliptic.P256() {
		return nil, errors.New("private_key: must be what is in the key's .p8 file, that begins with -----BEGIN PRIVATE KEY-----")
	}
	return key, nil
}

func parseHost(host, usual string) (string, error) {
	if host == "" {
		return usual, nil
	}
	u, err := url.Parse(host)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || strings.Trim(u.Path, "/") != "" {
		return "", errors.New("host: must be an address such as " + usual)
	}
	addr, addrErr := netip.ParseAddr(u.Hostname())
	here := u.Hostname() == "localhost" || addrErr == nil && addr.IsLoopback()
	if u.Scheme != "https" && (u.Scheme != "http" || !here) {
		return "", errors.New("host: must begin with https://; http:// only for a server on this machine")
	}
	return u.Scheme + "://" + u.Host, nil
}

// Driver opens apps.
func Driver() network.Driver {
	return network.Driver{
		Name: name,
		Offer: network.Offer{
			Title: "App Store",
			Hears: "Reviews of an app",
			Needs: "The app's number. To answer reviews too: a key of App Store Connect.",
			Begin: map[string]string{"back": "30d"},
		},
		Settings: func() network.Settings { return new(Settings) },
		Open: network.Opening(func(s *Settings, c *http.Client) (network.Account, error) {
			if s.KeyID != "" {
				return openConnect(*s, c)
			}
			return openPublic(*s, c)
		}),
	}
}

// A review as either interface tells it.
type review struct {
	id, author, authorID, title, text, version, country string
	at                                                  time.Time
	rating                                              int
}

// Most that is kept of what strangers wrote, in bytes.
const (
	maxTitle = 1 << 10
	maxText  = 16 << 10
	maxName  = 256
)

var idPattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,128}$`)

// unreadable is why a review can't be told.
type unreadable string

func (u unreadable) Error() string { return string(u) }

func (r review) post(app string) (care.Post, error) {
	switch {
	case !idPattern.MatchString(r.id):
		return care.Post{}, unreadable("a review has no id")
	case r.at.Year() < 2008 || r.at.Year() > 9999: // the shop opened then
		return care.Post{}, unreadable("a review has no time")
	}
	who := cmp.Or(strings.TrimLeft(clean(r.author, maxName), "@ "), "anonymous")
	p := care.Post{
		Network: name, Remote: care.Remote(r.id), Thread: care.Remote(r.id), Kind: care.PostReview,
		// Nicknames are unique in the shop, and all that is told of an author.
		Author:   care.Author{ID: cmp.Or(clean(r.authorID, maxName), strings.ToLower(who)), Handle: who, Name: who},
		Text:     strings.TrimSpace(clean(r.title, maxTitle) + "\n\n" + clean(r.text, maxText)),
		PostedAt: r.at.UTC().Truncate(time.Millisecond), Rating: min(max(r.rating, 0), 5), Summoned: true,
	}
	if r.country != "" {
		p.URL = "https://apps.apple.com/" + r.country + "/app/id" + app + "?see-all=reviews"
	}
	// Apple tells of no edits; by its words a changed review is known.
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %s", p.Rating, p.Text))
	p.Revision = care.Remote(base64.RawURLEncoding.EncodeToString(sum[:6]))
	if v := clean(r.version, 64); v != "" {
		p.Text = strings.TrimSpace(p.Text + "\n\n[version " + v + "]")
	}
	return p, nil
}

func clean(s string, n int) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(strings.TrimSpace(s), "\uFFFD"), "\x00", "\uFFFD")
	return network.Clip(s, n)
}

// inOrder puts a page's items oldest first.
func inOrder(items []network.Item) {
	slices.SortStableFunc(items, func(a, b network.Item) int { return a.Post.PostedAt.Compare(b.Post.PostedAt) })
}

// May implements [network.Replier].
func (*Public) May(p care.Post, _ time.Time) care.Permission {
	if p.Network != name || !idPattern.MatchString(string(p.Remote)) {
		return care.Permission{How: care.ByNone, Why: "This is not a review in the App Store."}
	}
	return care.Permission{How: care.ByHand, Why: "This source has no keys of App Store Connect: answer there, at Ratings and Reviews."}
}

// Send implements [network.Replier]: it always refuses.
func (*Public) Send(context.Context, care.Answer) (network.Sent, error) {
	return network.Sent{}, network.Refused.Unsent("this source has no keys, so it can't answer")
}

// Find implements [network.Replier]: nothing was ever sent.
func (*Public) Find(context.Context, care.Answer) (network.Sent, bool, error) {
	return network.Sent{}, false, nil
}
