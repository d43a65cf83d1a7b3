package auth

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/store"
)

// What a [care.AccountChanged] says.
const (
	added        = "added"
	disabled     = "disabled"
	enabled      = "enabled"
	roleChanged  = "role"
	detailed     = "details" // display name or languages
	passwordSet  = "password"
	tokenAdded   = "token_added"
	tokenRevoked = "token_revoked"
	linkMade     = "link_made"
	linkSpent    = "link_spent"
	signedOut    = "signed_out" // sessions ended by somebody
)

// An Account is a person of the team, as others may see it.
type Account struct {
	Name        care.AgentID // for signing in, and what records call the person
	Display     string
	Role        Role
	Languages   []string // BCP 47, lower case, best first
	Disabled    bool
	HasPassword bool
	MustChange  bool      // a new password has to be chosen first
	CreatedAt   time.Time //
	SignedInOn  time.Time // the day of the last sign-in; zero: never
}

// account is the document account/<name>.
type account struct {
	Name       care.AgentID `json:"name"`
	Display    string       `json:"display,omitempty"`
	Role       Role         `json:"role"`
	Languages  []string     `json:"languages,omitempty"`
	Disabled   bool         `json:"disabled,omitempty"`
	Password   string       `json:"password,omitempty"` // PHC
	MustChange bool         `json:"must_change,omitempty"`
	Epoch      int          `json:"epoch"` // raised to end all sessions at once
	CreatedAt  time.Time    `json:"created_at"`
	SignedInOn time.Time    `json:"signed_in_on,omitzero"`
}

func (a *account) shown() Account {
	display := cmp.Or(a.Display, string(a.Name))
	return Account{
		Name: a.Name, Display: display, Role: a.Role, Languages: a.Languages, Disabled: a.Disabled,
		HasPassword: a.Password != "", MustChange: a.MustChange, CreatedAt: a.CreatedAt, SignedInOn: a.SignedInOn,
	}
}

// A NewAccount is a person to be added.
type NewAccount struct {
	Name      string
	Display   string
	Role      Role
	Languages []string
	Password  string // empty: a link has to sign the person in
	Temporary bool   // the password has to be changed at the first sign-in
}

// Add adds a person. A name is never used twice: somebody who leaves is
// disabled, so that the records keep their meaning.
func (p *People) Add(ctx context.Context, by care.Actor, n NewAccount) (Account, error) {
	name, err := signInName(n.Name)
	if err != nil {
		return Account{}, err
	}
	if !n.Role.Valid() {
		return Account{}, invalid("role", "Choose a role: viewer, agent, lead or admin.")
	}
	a := account{Name: name, Role: n.Role, MustChange: n.Temporary && n.Password != "", CreatedAt: p.now()}
	if a.Display, err = displayName(n.Display); err != nil {
		return Account{}, err
	}
	if a.Languages, err = languageTags(n.Languages); err != nil {
		return Account{}, err
	}
	if n.Password != "" {
		if err := checkPassword(name, n.Password); err != nil {
			return Account{}, err
		}
		if a.Password, err = p.hasher.make(ctx, n.Password); err != nil {
			return Account{}, err
		}
	}
	taken := conflict("name", "There is a {name} already, or there was one.", "name", name)
	for range conflictTrys {
		docs, err := p.store.Get(ctx, accountsKey+string(name), adminsKey)
		if err != nil {
			return Account{}, err
		}
		if docs[0].Rev != 0 {
			return Account{}, taken
		}
		b := store.Batch{
			Puts:    []store.Put{{Key: docs[0].Key, Data: encode(a)}},
			Appends: []store.Append{p.record(name, by, care.AccountChanged{What: added, Role: string(a.Role)})},
		}
		if err := countAdmin(&b, docs[1], name, n.Role == Admin); err != nil {
			return Account{}, err
		}
		_, err = p.store.Commit(ctx, b)
		if _, lost := errors.AsType[*store.Conflict](err); lost {
			continue
		}
		return a.shown(), err
	}
	return Account{}, busy(name)
}

// Account returns one person.
func (p *People) Account(ctx context.Context, name care.AgentID) (Account, error) {
	a, _, err := p.read(ctx, name)
	return a.shown(), err
}

// Accounts yields everybody, by name, disabled people too.
func (p *People) Accounts(ctx context.Context) iter.Seq2[Account, error] {
	return func(yield func(Account, error) bool) {
		for d, err := range p.store.List(ctx, accountsKey, "") {
			var a account
			if err == nil {
				a, err = decode[account](d)
			}
			if !yield(a.shown(), err) || err != nil {
				return
			}
		}
	}
}

// An Edit changes an account. What is nil stays.
type Edit struct {
	Display   *string
	Languages []string // empty and not nil: none
	Role      *Role
	Disabled  *bool
}

// Change edits an account. Another role, or being disabled, ends the person's
// sessions at once. The last administrator can't be disabled or lose the role.
func (p *People) Change(ctx context.Context, by care.Actor, name care.AgentID, e Edit) (Account, error) {
	return p.change(ctx, by, name, func(a *account) ([]care.AccountChanged, error) {
		var did []care.AccountChanged
		if e.Display != nil || e.Languages != nil {
			was := a.shown()
			var err error
			if e.Display != nil {
				if a.Display, err = displayName(*e.Display); err != nil {
					return nil, err
				}
			}
			if e.Languages != nil {
				if a.Languages, err = languageTags(e.Languages); err != nil {
					return nil, err
				}
			}
			if is := a.shown(); is.Display != was.Display || !slices.Equal(is.Languages, was.Languages) {
				did = append(did, care.AccountChanged{What: detailed})
			}
		}
		if e.Role != nil && *e.Role != a.Role {
			if !e.Role.Valid() {
				return nil, invalid("role", "Choose a role: viewer, agent, lead or admin.")
			}
			a.Role = *e.Role
			a.Epoch++
			did = append(did, care.AccountChanged{What: roleChanged, Role: string(a.Role)})
		}
		if e.Disabled != nil && *e.Disabled != a.Disabled {
			what := enabled
			if a.Disabled = *e.Disabled; a.Disabled {
				what = disabled
			}
			a.Epoch++
			did = append(did, care.AccountChanged{What: what})
		}
		return did, nil
	})
}

// SetPassword gives a person another password and ends all their sessions.
// temporary says that the person has to choose one of their own first.
func (p *People) SetPassword(ctx context.Context, by care.Actor, name care.AgentID, password string, temporary bool) error {
	if err := checkPassword(name, password); err != nil {
		return err
	}
	hash, err := p.hasher.make(ctx, password)
	if err != nil {
		return err
	}
	_, err = p.change(ctx, by, name, func(a *account) ([]care.AccountChanged, error) {
		a.Password, a.MustChange = hash, temporary
		a.Epoch++
		return []care.AccountChanged{{What: passwordSet}}, nil
	})
	return err
}

// ChangePassword is SetPassword by the person, who proves the old one where
// there is one, and goes on with a fresh session.
func (p *People) ChangePassword(ctx context.Context, who Identity, old, password string, v Visit) (Session, error) {
	if who.Session == "" {
		return Session{}, denied("Sign in to change your password.")
	}
	a, _, err := p.read(ctx, who.Name)
	if err != nil {
		return Session{}, err
	}
	if a.Password != "" && !a.MustChange { // who has to change it proved it a moment ago
		booked, err := p.throttle.take(who.Name, v.From)
		if err != nil {
			return Session{}, err
		}
		ok, _, err := p.hasher.check(ctx, a.Password, old)
		if err != nil {
			return Session{}, err
		}
		if !ok {
			return Session{}, invalid("old", "This is not your password so far.")
		}
		p.throttle.worked(booked)
	}
	if err := p.SetPassword(ctx, who.Actor(), who.Name, password, false); err != nil {
		return Session{}, err
	}
	return p.open(ctx, who.Name, v)
}

// change applies an edit to an account and commits it with its records, again
// if somebody else was quicker. An edit that does nothing writes nothing.
func (p *People) change(ctx context.Context, by care.Actor, name care.AgentID, edit func(*account) ([]care.AccountChanged, error)) (Account, error) {
	for range conflictTrys {
		docs, err := p.store.Get(ctx, accountsKey+string(name), adminsKey)
		if err != nil {
			return Account{}, err
		}
		if docs[0].Rev == 0 {
			return Account{}, notFound("There is nobody of that name.")
		}
		a, err := decode[account](docs[0])
		if err != nil {
			return Account{}, err
		}
		did, err := edit(&a)
		if err != nil || len(did) == 0 {
			return a.shown(), err
		}
		b := store.Batch{Puts: []store.Put{{Key: docs[0].Key, Was: docs[0].Rev, Data: encode(a)}}}
		r := care.Record{At: p.now(), By: by}
		for _, e := range did {
			r.Events = append(r.Events, e)
		}
		b.Appends = []store.Append{{Stream: peopleStream + string(name), After: store.Any, Data: r.Encode()}}
		if err := countAdmin(&b, docs[1], name, a.Role == Admin && !a.Disabled); err != nil {
			return Account{}, err
		}
		_, err = p.store.Commit(ctx, b)
		if _, lost := errors.AsType[*store.Conflict](err); lost {
			continue
		}
		return a.shown(), err
	}
	return Account{}, busy(name)
}

// countAdmin keeps the list of enabled administrators in step, so that two who
// demote each other at the same time can't leave the desk without one.
func countAdmin(b *store.Batch, d store.Doc, name care.AgentID, is bool) error {
	var admins []care.AgentID
	if d.Rev != 0 {
		var err error
		if admins, err = decode[[]care.AgentID](d); err != nil {
			return err
		}
	}
	i, was := slices.BinarySearch(admins, name)
	switch {
	case was == is:
		return nil
	case is:
		admins = slices.Insert(admins, i, name)
	case len(admins) == 1:
		return conflict("role", "This is the last administrator. Make somebody else one first.")
	default:
		admins = slices.Delete(admins, i, i+1)
	}
	b.Puts = append(b.Puts, store.Put{Key: adminsKey, Was: d.Rev, Data: encode(admins)})
	return nil
}

func (p *People) read(ctx context.Context, name care.AgentID) (account, store.Doc, error) {
	if _, err := signInName(string(name)); err != nil {
		return account{}, store.Doc{}, notFound("There is nobody of that name.")
	}
	docs, err := p.store.Get(ctx, accountsKey+string(name))
	if err != nil {
		return account{}, store.Doc{}, err
	}
	if docs[0].Rev == 0 {
		return account{}, docs[0], notFound("There is nobody of that name.")
	}
	a, err := decode[account](docs[0])
	return a, docs[0], err
}

func busy(name care.AgentID) error {
	return conflict("", "Others are changing {name} at this moment. Try again.", "name", name)
}

// names are what is safe in a key, an actor and an address, and can't be taken
// for another by eye.
var names = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,31}$`)

func signInName(s string) (care.AgentID, error) {
	s = strings.ToLower(strings.TrimSpace(s))
	if !names.MatchString(s) {
		return "", invalid("name", "A sign-in name has 1 to 32 letters a–z, digits, dots, dashes or underscores.")
	}
	return care.AgentID(s), nil
}

const maxDisplay = 60

func displayName(s string) (string, error) {
	s = norm.NFC.String(strings.Join(strings.Fields(s), " "))
	hidden := strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) })
	switch {
	case !utf8.ValidString(s) || hidden:
		return "", invalid("display", "A name is made of visible characters.")
	case utf8.RuneCountInString(s) > maxDisplay:
		return "", invalid("display", "A name can have {n} characters at most.", "n", maxDisplay)
	}
	return s, nil
}

const maxLanguages = 20

func languageTags(in []string) ([]string, error) {
	out := make([]string, 0, len(in))
	if len(in) > maxLanguages {
		return nil, invalid("languages", "Name {n} languages at most.", "n", maxLanguages)
	}
	for _, s := range in {
		tag, err := language.Parse(strings.TrimSpace(s))
		if err != nil {
			return nil, invalid("languages", "Name languages by their codes, such as en, de or pt-BR.")
		}
		if code := strings.ToLower(tag.String()); !slices.Contains(out, code) {
			out = append(out, code)
		}
	}
	return out, nil
}
