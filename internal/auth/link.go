package auth

import (
	"context"
	"errors"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/store"
)

// A Purpose is what a one-time link is for.
type Purpose string

// The purposes.
const (
	ToStart Purpose = "start" // sign in on a first start; holds for [FirstLink]
	ToReset Purpose = "reset" // choose a new password; holds for [ResetLink]
)

// holds is how long a link of this purpose can be spent.
func (p Purpose) holds() time.Duration {
	if p == ToStart {
		return FirstLink
	}
	return ResetLink
}

// link is the document link/<hash>.
type link struct {
	Name      care.AgentID `json:"name"`
	Purpose   Purpose      `json:"purpose"`
	Epoch     int          `json:"epoch"` // of the account when it was made
	ExpiresAt time.Time    `json:"expires_at"`
}

// spent is the same for a link that was used, has expired or never was.
const spent = "This link was used already, or its time is over. Ask for a new one."

// MakeLink makes a link that signs a person in once. Only its secret is
// returned: whoever has it is the person.
func (p *People) MakeLink(ctx context.Context, by care.Actor, name care.AgentID, why Purpose) (secret string, expires time.Time, err error) {
	a, doc, err := p.read(ctx, name)
	if err != nil {
		return "", time.Time{}, err
	}
	if a.Disabled {
		return "", time.Time{}, conflict("", "This person is disabled. Enable the account first.")
	}
	secret, hash := newSecret()
	l := link{Name: name, Purpose: why, Epoch: a.Epoch, ExpiresAt: p.now().Add(why.holds())}
	_, err = p.store.Commit(ctx, store.Batch{
		Puts:    []store.Put{{Key: linksKey + hash, Data: encode(l)}},
		Checks:  []store.Check{{Key: doc.Key, Was: doc.Rev}},
		Appends: []store.Append{p.record(name, by, care.AccountChanged{What: linkMade})},
	})
	if _, lost := errors.AsType[*store.Conflict](err); lost {
		return "", time.Time{}, busy(name)
	}
	return secret, l.ExpiresAt, err
}

// StartLink makes the link for a first start. As long as nobody has ever
// signed in there is one: for the administrator, who is added if there is no
// account at all. After that ok is false.
func (p *People) StartLink(ctx context.Context, by care.Actor) (secret string, ok bool, err error) {
	var first Account
	for a, err := range p.Accounts(ctx) {
		switch {
		case err != nil:
			return "", false, err
		case !a.SignedInOn.IsZero() || a.HasPassword:
			return "", false, nil
		case first.Name == "" && a.Role == Admin && !a.Disabled:
			first = a
		}
	}
	if first.Name == "" {
		if first, err = p.Add(ctx, by, NewAccount{Name: "admin", Display: "Administrator", Role: Admin}); err != nil {
			return "", false, err
		}
	}
	secret, _, err = p.MakeLink(ctx, by, first.Name, ToStart)
	return secret, err == nil, err
}

// LinkFor tells whom a link would sign in and what for, without spending it.
func (p *People) LinkFor(ctx context.Context, secret string) (Account, Purpose, error) {
	l, _, a, _, err := p.usable(ctx, secret)
	return a.shown(), l.Purpose, err
}

// SpendLink signs a person in by a link. It works once: of two who spend it at
// the same time one gets in. A link to reset takes the old password and every
// session away, and asks for a new password first.
func (p *People) SpendLink(ctx context.Context, secret string, v Visit) (Session, error) {
	for range conflictTrys {
		l, linkDoc, a, accountDoc, err := p.usable(ctx, secret)
		if err != nil {
			return Session{}, err
		}
		if l.Purpose == ToReset {
			a.MustChange, a.Password = true, ""
			a.Epoch++
		}
		a.SignedInOn = p.now().UTC().Truncate(day)
		b, opened := p.opening(a, accountDoc, v)
		b.Puts = append(b.Puts, store.Put{Key: accountDoc.Key, Was: accountDoc.Rev, Data: encode(a)})
		b.Checks = []store.Check{{Key: linkDoc.Key, Was: linkDoc.Rev}}
		b.Erases = append(b.Erases, linkDoc.Key)
		b.Appends = []store.Append{p.record(a.Name, care.ByAgent(a.Name), care.AccountChanged{What: linkSpent})}
		_, err = p.store.Commit(ctx, b)
		if _, lost := errors.AsType[*store.Conflict](err); lost {
			continue // spent by another, which the next look tells, or the account moved
		}
		return opened, err
	}
	return Session{}, busy("this account")
}

// usable reads a link that can be spent now. One that was made before the
// account last changed its role, password or state can't.
func (p *People) usable(ctx context.Context, secret string) (l link, linkDoc store.Doc, a account, accountDoc store.Doc, err error) {
	no := func(err error) (link, store.Doc, account, store.Doc, error) {
		return link{}, store.Doc{}, account{}, store.Doc{}, err
	}
	if !plausible(secret) {
		return no(denied(spent))
	}
	docs, err := p.store.Get(ctx, linksKey+hashOf(secret))
	if err != nil {
		return no(err)
	}
	if docs[0].Rev == 0 {
		return no(denied(spent))
	}
	if l, err = decode[link](docs[0]); err != nil {
		return no(err)
	}
	if a, accountDoc, err = p.read(ctx, l.Name); err != nil {
		return no(err)
	}
	if !p.now().Before(l.ExpiresAt) || a.Disabled || a.Epoch != l.Epoch {
		return no(denied(spent))
	}
	return l, docs[0], a, accountDoc, nil
}
