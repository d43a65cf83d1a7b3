// Package auth knows the people of the team: their accounts and roles, how they
// sign in, and what proves later that they did.
//
// It owns these documents, and nobody else writes them:
//
//	account/<name>     a person: role, languages, password hash
//	account-admins     who can administer, so that the last one can't be lost
//	session/<sha256>   a sign-in, named by the hash of its secret
//	token/<sha256>     an API token, likewise
//	link/<sha256>      a one-time link, likewise
//
// and the streams people/<name>, which have a record for each change of an
// account with who made it. A secret (password, session, token, link) is handed
// out once and kept as a hash only; none is ever logged or in a record.
//
// Nothing here knows HTTP, and nothing decides what happens to a case.
package auth

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/store"
)

// ErrSignedOut says that a session or token is missing, unknown, expired or
// revoked. It does not say which.
var ErrSignedOut = errors.New("no valid session or token")

// How long things hold, unless [Options] says otherwise.
const (
	IdleTime     = 12 * time.Hour     // a session that nobody uses
	SessionTime  = 7 * 24 * time.Hour // a session at most
	FirstLink    = 24 * time.Hour     // the link of a first start
	ResetLink    = time.Hour          // the link to choose a new password
	pruneEvery   = time.Hour          // how often Run looks for what has expired
	conflictTrys = 8                  // decisions about one account that may collide
	day          = 24 * time.Hour     // tokens are told "last used" to the day
	tokenMark    = "amends_pat_"      // lets a scanner for leaked secrets know ours
	adminsKey    = "account-admins"   // names of the enabled administrators
	accountsKey  = "account/"         // + name
	sessionsKey  = "session/"         // + hash
	tokensKey    = "token/"           // + hash
	linksKey     = "link/"            // + hash
	peopleStream = "people/"          // + name
	secretBytes  = 32                 // of chance in a session, token or link
)

// Options are the terms of a session. Zero fields take the defaults.
type Options struct {
	Idle    time.Duration // a session ends after this long without use
	Session time.Duration // and after this long in any case
}

// People are the accounts of one desk. All methods are safe for concurrent use.
type People struct {
	store    store.Store
	now      func() time.Time
	idle     time.Duration
	session  time.Duration
	hasher   *hasher
	throttle *throttle
}

// New returns the people kept in s. now tells the time: nothing here reads
// another clock.
func New(s store.Store, now func() time.Time, o Options) *People {
	p := &People{store: s, now: now, idle: IdleTime, session: SessionTime, hasher: newHasher(), throttle: newThrottle(now)}
	if o.Idle > 0 {
		p.idle = o.Idle
	}
	if o.Session > 0 {
		p.session = o.Session
	}
	return p
}

// Run erases what has expired, once an hour, until ctx ends.
func (p *People) Run(ctx context.Context) error {
	tick := time.NewTicker(pruneEvery)
	defer tick.Stop()
	for {
		if _, err := p.Prune(ctx); err != nil && ctx.Err() == nil {
			return fmt.Errorf("prune sessions and links: %w", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// Prune erases sessions and links that have expired, and says how many.
func (p *People) Prune(ctx context.Context) (int, error) {
	var gone []string
	now := p.now()
	for d, err := range p.store.List(ctx, sessionsKey, "") {
		if err != nil {
			return 0, err
		}
		if s, err := decode[session](d); err != nil || p.over(s, now) {
			gone = append(gone, d.Key)
		}
	}
	for d, err := range p.store.List(ctx, linksKey, "") {
		if err != nil {
			return 0, err
		}
		if l, err := decode[link](d); err != nil || !now.Before(l.ExpiresAt) {
			gone = append(gone, d.Key)
		}
	}
	if len(gone) == 0 {
		return 0, nil
	}
	_, err := p.store.Commit(ctx, store.Batch{Erases: gone})
	return len(gone), err
}

// newSecret is a fresh secret and the name under which its document is kept.
func newSecret() (secret, hash string) {
	b := make([]byte, secretBytes)
	rand.Read(b) // never fails: it ends the program instead
	secret = base64.RawURLEncoding.EncodeToString(b)
	return secret, hashOf(secret)
}

// hashOf names the document of a secret. The secret has 256 bits of chance, so
// a plain hash is enough, and looking it up tells an attacker's clock nothing
// about the secret itself.
func hashOf(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// plausible turns away what can't be one of our secrets before it costs a read.
func plausible(secret string) bool {
	return len(secret) == base64.RawURLEncoding.EncodedLen(secretBytes)
}

func decode[T any](d store.Doc) (T, error) {
	var v T
	if err := json.Unmarshal(d.Data, &v); err != nil {
		return v, fmt.Errorf("read a document of %T: %w", v, err)
	}
	return v, nil
}

// encode can't fail for the documents of this package: they hold no channel,
// function or cycle.
func encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic("auth: " + err.Error())
	}
	return b
}

// record is the entry in the stream of a person for a change of the account.
// The account's own document, put in the same batch, fences it.
func (p *People) record(name care.AgentID, by care.Actor, e care.AccountChanged) store.Append {
	r := care.Record{At: p.now(), By: by, Events: []care.Event{e}}
	return store.Append{Stream: peopleStream + string(name), After: store.Any, Data: r.Encode()}
}

func denied(msg care.Phrase) error { return &care.Error{Code: care.Denied, Msg: msg} }

func invalid(field string, msg care.Phrase, with ...any) error {
	return &care.Error{Code: care.Invalid, Field: field, Msg: msg, With: with}
}

func notFound(msg care.Phrase) error { return &care.Error{Code: care.NotFound, Msg: msg} }

func conflict(field string, msg care.Phrase, with ...any) error {
	return &care.Error{Code: care.Conflict, Field: field, Msg: msg, With: with}
}
