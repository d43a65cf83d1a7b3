// Package webhook takes mentions that another program posts to us, signed, and
// may hand answers back to it: for a shop's own contact form, a review site
// without a driver, or whatever a team has to connect.
//
// Nothing is polled. What arrives is believed only with a signature by a secret
// that both sides know, made a short while ago, in the form of Standard
// Webhooks (standardwebhooks.com), for which there are libraries in most
// languages. Mentions have the import format (docs/import-format.md).
//
// The package keeps nothing and tries nothing again. It never calls any address
// but the one for replies.
package webhook

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/amends-care/amends/internal/network"
)

// name is what posts carry that name no network.
const name = "webhook"

// Settings are one sender.
type Settings struct {
	// Secret is what the sender signs with, at least 24 characters. Several may be
	// given, one a line, to change it without a gap: each is believed, and the
	// first signs what we send.
	Secret network.Secret `yaml:"secret"`
	// Network is what mentions belong to that name no network of their own.
	Network string `yaml:"network"`
	// Window is how old a delivery may be.
	Window time.Duration `yaml:"window"`
	// ReplyURL is where answers are posted to; empty: people answer by hand.
	ReplyURL string `yaml:"reply_url"`
	// ReplyLength is the most characters of an answer.
	ReplyLength int `yaml:"reply_length"`
}

const (
	minSecret  = 24 // characters
	maxSecrets = 8
	minWindow  = time.Second
	maxWindow  = time.Hour
	maxReply   = 100_000 // characters
)

var networkPattern = regexp.MustCompile(`^[a-z0-9_-]{1,32}$`)

// Validate implements [network.Settings].
func (s *Settings) Validate() error {
	var wrong []error
	bad := func(format string, args ...any) { wrong = append(wrong, fmt.Errorf(format, args...)) }
	all := strings.Fields(string(s.Secret))
	switch {
	case len(all) == 0:
		bad("secret: missing; make one of at least %d characters and give it to the sender too", minSecret)
	case len(all) > maxSecrets:
		bad("secret: more than %d secrets", maxSecrets)
	}
	for _, one := range all {
		if len(one) < minSecret {
			bad("secret: one is shorter than %d characters", minSecret)
		}
		if _, err := key(one); err != nil {
			bad("secret: what follows whsec_ must be base64")
		}
	}
	if !networkPattern.MatchString(s.Network) {
		bad("network: must be small letters, digits, - and _, at most 32 of them")
	}
	if s.Window < minWindow || s.Window > maxWindow {
		bad("window: must be between 1s and 1h")
	}
	if s.ReplyURL != "" {
		if err := checkURL(s.ReplyURL); err != nil {
			wrong = append(wrong, err)
		}
	}
	if s.ReplyLength < 1 || s.ReplyLength > maxReply {
		bad("reply_length: must be between 1 and %d characters", maxReply)
	}
	return errors.Join(wrong...)
}

func checkURL(address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil || u.Fragment != "" {
		return errors.New("reply_url: must be an address such as https://shop.example.org/amends/reply")
	}
	addr, addrErr := netip.ParseAddr(u.Hostname())
	here := u.Hostname() == "localhost" || addrErr == nil && addr.IsLoopback()
	if u.Scheme != "https" && (u.Scheme != "http" || !here) {
		return errors.New("reply_url: must begin with https://; http:// only for a program on this machine")
	}
	return nil
}

// key is the bytes that a secret stands for: whsec_ and base64, as Standard
// Webhooks writes them, or any other words as they are.
func key(secret string) ([]byte, error) {
	if encoded, ok := strings.CutPrefix(secret, "whsec_"); ok {
		return base64.StdEncoding.DecodeString(encoded)
	}
	return []byte(secret), nil
}

// Driver takes mentions from other programs.
func Driver() network.Driver {
	return network.Driver{
		Name: name,
		Offer: network.Offer{
			Title:  "Webhook",
			Hears:  "What a program of yours posts: a contact form, a shop",
			Effort: network.NeedsApp,
			Needs:  "A program that can sign what it posts, and a secret that both know.",
		},
		Settings: func() network.Settings {
			return &Settings{Network: name, Window: 5 * time.Minute, ReplyLength: 10_000}
		},
		Open: network.Opening(open),
	}
}

// An Account is one sender. Safe for concurrent use.
type Account struct {
	network string
	keys    [][]byte // the first signs
	window  time.Duration
	reply   string // where answers go; empty: nowhere
	length  int
	http    *http.Client
}

func open(s *Settings, c *http.Client) (*Account, error) {
	a := &Account{
		network: s.Network, window: s.Window, reply: s.ReplyURL, length: s.ReplyLength,
		http: network.Adapt(c, network.Dialect{}),
	}
	for one := range strings.FieldsSeq(string(s.Secret)) {
		k, err := key(one)
		if err != nil {
			return nil, errors.New("a secret is not base64") // Validate said so
		}
		a.keys = append(a.keys, k)
	}
	return a, nil
}

// Poll implements [network.Account]. There is nothing to poll.
func (a *Account) Poll(ctx context.Context, _ string) (network.Page, error) {
	if err := ctx.Err(); err != nil {
		return network.Page{}, network.Transient.Unsent("cancelled", err)
	}
	return network.Page{}, nil
}
