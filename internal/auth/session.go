package auth

import (
	"cmp"
	"context"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/store"
)

// A Visit says where a sign-in comes from.
type Visit struct {
	From   netip.Addr
	Device string // the browser's own words; cut and cleaned before it is kept
	Old    string // the session so far, if any: it ends when the new one begins
}

// A Session is a fresh sign-in. The secret exists nowhere else.
type Session struct {
	Secret  string
	Ends    time.Time
	Account Account
}

// session is the document session/<hash>.
type session struct {
	Name   care.AgentID `json:"name"`
	Epoch  int          `json:"epoch"` // the account's, when it began
	Began  time.Time    `json:"began"`
	Used   time.Time    `json:"used"` // to about a twelfth of the idle time
	From   string       `json:"from,omitempty"`
	Device string       `json:"device,omitempty"`
}

// A SessionInfo is what a person sees of their sessions.
type SessionInfo struct {
	ID     string // public: it opens nothing
	Began  time.Time
	Used   time.Time
	From   string
	Device string
	This   bool // the one that asks
}

// publicID shortens the name of a document to what people and pages see.
func publicID(key, prefix string) string { return strings.TrimPrefix(key, prefix)[:16] }

// over says that a session has ended by itself.
func (p *People) over(s session, now time.Time) bool {
	return !now.Before(s.Began.Add(p.session)) || !now.Before(s.Used.Add(p.idle))
}

// wrong is the same for an unknown account, a wrong password and a disabled
// person.
const wrong = "This name and password don't belong together."

// SignIn opens a session by password. A wrong name or password is a
// [care.Error] that is Denied, too many of them a *[TooSoon]; both take as
// long whether the account exists or not.
func (p *People) SignIn(ctx context.Context, name, password string, v Visit) (Session, error) {
	id, nameErr := signInName(name)
	booked, err := p.throttle.take(id, v.From)
	if err != nil {
		return Session{}, err
	}
	var a account
	if nameErr == nil {
		a, _, err = p.read(ctx, id)
		if e, ok := errors.AsType[*care.Error](err); err != nil && (!ok || e.Code != care.NotFound) {
			return Session{}, err
		}
	}
	ok, stale, err := p.hasher.check(ctx, a.Password, password)
	if err != nil {
		return Session{}, err
	}
	if !ok || a.Disabled {
		return Session{}, denied(wrong)
	}
	p.throttle.worked(booked)
	if stale {
		if err := p.rehash(ctx, a, password); err != nil {
			return Session{}, err
		}
	}
	return p.open(ctx, id, v)
}

// rehash keeps a password at today's cost. Nothing changes for the person.
func (p *People) rehash(ctx context.Context, a account, password string) error {
	hash, err := p.hasher.make(ctx, password)
	if err != nil {
		return err
	}
	now, doc, err := p.read(ctx, a.Name)
	if err != nil || now.Password != a.Password {
		return err // changed meanwhile
	}
	now.Password = hash
	_, err = p.store.Commit(ctx, store.Batch{Puts: []store.Put{{Key: doc.Key, Was: doc.Rev, Data: encode(now)}}})
	if _, lost := errors.AsType[*store.Conflict](err); lost {
		return nil // next time
	}
	return err
}

// open begins a session, ends the one before, and notes the day.
func (p *People) open(ctx context.Context, name care.AgentID, v Visit) (Session, error) {
	for range conflictTrys {
		a, doc, err := p.read(ctx, name)
		if err != nil {
			return Session{}, err
		}
		if a.Disabled {
			return Session{}, denied(wrong)
		}
		b, opened := p.opening(a, doc, v)
		_, err = p.store.Commit(ctx, b)
		if _, lost := errors.AsType[*store.Conflict](err); lost {
			continue
		}
		return opened, err
	}
	return Session{}, busy(name)
}

// opening is the batch that begins a session. It holds only if the account is
// still what it was.
func (p *People) opening(a account, doc store.Doc, v Visit) (store.Batch, Session) {
	now := p.now()
	secret, hash := newSecret()
	s := session{Name: a.Name, Epoch: a.Epoch, Began: now, Used: now, Device: device(v.Device)}
	if v.From.IsValid() {
		s.From = v.From.Unmap().WithZone("").String()
	}
	b := store.Batch{Puts: []store.Put{{Key: sessionsKey + hash, Data: encode(s)}}}
	if plausible(v.Old) {
		b.Erases = []string{sessionsKey + hashOf(v.Old)}
	}
	if today := now.UTC().Truncate(day); a.SignedInOn.Equal(today) {
		b.Checks = []store.Check{{Key: doc.Key, Was: doc.Rev}}
	} else {
		a.SignedInOn = today
		b.Puts = append(b.Puts, store.Put{Key: doc.Key, Was: doc.Rev, Data: encode(a)})
	}
	return b, Session{Secret: secret, Ends: now.Add(p.session), Account: a.shown()}
}

// Who returns the person behind a session's secret, or [ErrSignedOut]. It
// counts as use.
func (p *People) Who(ctx context.Context, secret string) (Identity, error) {
	who, s, doc, err := p.behind(ctx, secret)
	if now := p.now(); err == nil && now.Sub(s.Used) >= p.idle/12 {
		s.Used = now
		// Somebody else's touch serves as well, and where nothing can be
		// written the session ends sooner: neither is this request's failure.
		_, _ = p.store.Commit(ctx, store.Batch{Puts: []store.Put{{Key: doc.Key, Was: doc.Rev, Data: encode(s)}}})
	}
	return who, err
}

// Still is Who for a window that is merely open: it does not count as use.
func (p *People) Still(ctx context.Context, secret string) (Identity, error) {
	who, _, _, err := p.behind(ctx, secret)
	return who, err
}

// behind reads a session that holds now.
func (p *People) behind(ctx context.Context, secret string) (Identity, session, store.Doc, error) {
	no := func(err error) (Identity, session, store.Doc, error) {
		return Identity{}, session{}, store.Doc{}, err
	}
	if !plausible(secret) {
		return no(ErrSignedOut)
	}
	docs, err := p.store.Get(ctx, sessionsKey+hashOf(secret))
	if err != nil {
		return no(err)
	}
	if docs[0].Rev == 0 {
		return no(ErrSignedOut)
	}
	s, err := decode[session](docs[0])
	if err != nil {
		return no(err)
	}
	a, _, err := p.read(ctx, s.Name)
	if err != nil {
		return no(err)
	}
	if p.over(s, p.now()) || a.Disabled || a.Epoch != s.Epoch {
		return no(ErrSignedOut)
	}
	return a.identity(publicID(docs[0].Key, sessionsKey), ""), s, docs[0], nil
}

func (a *account) identity(sessionID, token string) Identity {
	return Identity{
		Name: a.Name, Display: cmp.Or(a.Display, string(a.Name)), Languages: a.Languages, Role: a.Role,
		Session: sessionID, Token: token, MustChange: a.MustChange, NoPassword: a.Password == "",
	}
}

// SignOut ends one session by its secret. An unknown one is gone already.
func (p *People) SignOut(ctx context.Context, secret string) error {
	if !plausible(secret) {
		return nil
	}
	_, err := p.store.Commit(ctx, store.Batch{Erases: []string{sessionsKey + hashOf(secret)}})
	return err
}

// SignOutAll ends every session of a person at once.
func (p *People) SignOutAll(ctx context.Context, by care.Actor, name care.AgentID) error {
	_, err := p.change(ctx, by, name, func(a *account) ([]care.AccountChanged, error) {
		a.Epoch++
		return []care.AccountChanged{{What: signedOut}}, nil
	})
	return err
}

// Sessions are the live sessions of a person, the latest used first. this is
// the public id of the one that asks.
func (p *People) Sessions(ctx context.Context, name care.AgentID, this string) ([]SessionInfo, error) {
	a, _, err := p.read(ctx, name)
	if err != nil {
		return nil, err
	}
	var out []SessionInfo
	now := p.now()
	for d, err := range p.store.List(ctx, sessionsKey, "") {
		if err != nil {
			return nil, err
		}
		s, err := decode[session](d)
		if err != nil {
			return nil, err
		}
		if s.Name != name || s.Epoch != a.Epoch || p.over(s, now) {
			continue
		}
		id := publicID(d.Key, sessionsKey)
		out = append(out, SessionInfo{ID: id, Began: s.Began, Used: s.Used, From: s.From, Device: s.Device, This: id == this})
	}
	slices.SortFunc(out, func(x, y SessionInfo) int { return y.Used.Compare(x.Used) })
	return out, nil
}

// EndSession ends one session of a person by its public id.
func (p *People) EndSession(ctx context.Context, name care.AgentID, id string) error {
	for d, err := range p.store.List(ctx, sessionsKey, "") {
		if err != nil {
			return err
		}
		if publicID(d.Key, sessionsKey) != id {
			continue
		}
		s, err := decode[session](d)
		if err != nil {
			return err
		}
		if s.Name != name {
			break
		}
		_, err = p.store.Commit(ctx, store.Batch{Erases: []string{d.Key}})
		return err
	}
	return notFound("There is no such session, or it has ended.")
}

// EndOtherSessions ends all sessions of a person but one, by its public id.
func (p *People) EndOtherSessions(ctx context.Context, name care.AgentID, keep string) error {
	var b store.Batch
	for d, err := range p.store.List(ctx, sessionsKey, "") {
		if err != nil {
			return err
		}
		s, err := decode[session](d)
		if err != nil {
			return err
		}
		if s.Name == name && publicID(d.Key, sessionsKey) != keep {
			b.Erases = append(b.Erases, d.Key)
		}
	}
	if len(b.Erases) == 0 {
		return nil
	}
	_, err := p.store.Commit(ctx, b)
	return err
}

const maxDevice = 200

// device keeps what helps to tell one's sessions apart.
func device(s string) string {
	s = strings.Map(func(r rune) rune {
		if r > unicode.MaxASCII || !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, s)
	return s[:min(len(s), maxDevice)]
}
