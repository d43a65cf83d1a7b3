package auth

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/store"
)

// maxTokens bounds the tokens of one person.
const maxTokens = 50

// A Token is an API token as its owner and an administrator see it.
type Token struct {
	ID        string // public: it opens nothing
	Owner     care.AgentID
	Name      string
	Role      Role
	CreatedAt time.Time
	Expires   time.Time // zero: never
	UsedOn    time.Time // the day; zero: never
}

// token is the document token/<hash>.
type token struct {
	Owner     care.AgentID `json:"owner"`
	Name      string       `json:"name"`
	Role      Role         `json:"role"`
	CreatedAt time.Time    `json:"created_at"`
	Expires   time.Time    `json:"expires,omitzero"`
	UsedOn    time.Time    `json:"used_on,omitzero"`
}

func (t *token) shown(key string) Token {
	return Token{
		ID: publicID(key, tokensKey), Owner: t.Owner, Name: t.Name, Role: t.Role,
		CreatedAt: t.CreatedAt, Expires: t.Expires, UsedOn: t.UsedOn,
	}
}

// A NewToken is a token to be made.
type NewToken struct {
	Name string
	Role Role          // the person's at most; empty: the person's
	For  time.Duration // how long it holds; 0: until it is revoked
}

// AddToken makes an API token for a person. The secret is shown this once.
func (p *People) AddToken(ctx context.Context, by care.Actor, owner care.AgentID, n NewToken) (secret string, t Token, err error) {
	name, err := signInName(n.Name)
	if err != nil {
		return "", Token{}, invalid("name", "A token's name has 1 to 32 letters a–z, digits, dots, dashes or underscores.")
	}
	for range conflictTrys {
		a, doc, err := p.read(ctx, owner)
		if err != nil {
			return "", Token{}, err
		}
		kept := token{Owner: owner, Name: string(name), Role: n.Role, CreatedAt: p.now()}
		if err := p.allowed(ctx, &kept, a, n.For); err != nil {
			return "", Token{}, err
		}
		secret, _ := newSecret()
		secret = tokenMark + secret
		key := tokensKey + hashOf(secret)
		_, err = p.store.Commit(ctx, store.Batch{
			// The account is put as it is: so no two tokens of a person are
			// made at once, and none while the role changes.
			Puts:    []store.Put{{Key: key, Data: encode(kept)}, {Key: doc.Key, Was: doc.Rev, Data: doc.Data}},
			Appends: []store.Append{p.record(owner, by, care.AccountChanged{What: tokenAdded, Role: string(kept.Role)})},
		})
		if _, lost := errors.AsType[*store.Conflict](err); lost {
			continue
		}
		return secret, kept.shown(key), err
	}
	return "", Token{}, busy(owner)
}

// allowed checks a new token against its owner and completes it.
func (p *People) allowed(ctx context.Context, t *token, a account, holds time.Duration) error {
	if t.Role == "" {
		t.Role = a.Role
	}
	switch {
	case !t.Role.Valid():
		return invalid("role", "Choose a role: viewer, agent, lead or admin.")
	case Least(t.Role, a.Role) != t.Role:
		return invalid("role", "A token can't do more than the person it belongs to.")
	case holds < 0:
		return invalid("for", "A token can't end before it begins.")
	case holds > 0:
		t.Expires = t.CreatedAt.Add(holds)
	}
	tokens, err := p.Tokens(ctx, t.Owner)
	switch {
	case err != nil:
		return err
	case len(tokens) >= maxTokens:
		return conflict("name", "There are {n} tokens already. Revoke one first.", "n", maxTokens)
	case slices.ContainsFunc(tokens, func(o Token) bool { return o.Name == t.Name }):
		return conflict("name", "There is a token of that name already.")
	}
	return nil
}

// Tokens are the tokens of a person, by name; of everybody when owner is empty.
func (p *People) Tokens(ctx context.Context, owner care.AgentID) ([]Token, error) {
	var out []Token
	for d, err := range p.store.List(ctx, tokensKey, "") {
		if err != nil {
			return nil, err
		}
		t, err := decode[token](d)
		if err != nil {
			return nil, err
		}
		if owner == "" || t.Owner == owner {
			out = append(out, t.shown(d.Key))
		}
	}
	slices.SortFunc(out, func(x, y Token) int {
		return strings.Compare(string(x.Owner)+"\x00"+x.Name, string(y.Owner)+"\x00"+y.Name)
	})
	return out, nil
}

// RevokeToken ends a token by its public id. owner limits whose it may be;
// empty: anybody's.
func (p *People) RevokeToken(ctx context.Context, by care.Actor, owner care.AgentID, id string) error {
	for d, err := range p.store.List(ctx, tokensKey, "") {
		if err != nil {
			return err
		}
		if publicID(d.Key, tokensKey) != id {
			continue
		}
		t, err := decode[token](d)
		if err != nil {
			return err
		}
		if owner != "" && t.Owner != owner {
			break
		}
		_, err = p.store.Commit(ctx, store.Batch{
			Erases:  []string{d.Key},
			Appends: []store.Append{p.record(t.Owner, by, care.AccountChanged{What: tokenRevoked})},
		})
		return err
	}
	return notFound("There is no such token.")
}

// Bearer returns the person behind an API token, or [ErrSignedOut]. The role is
// the lesser of the token's and the person's as it is now.
func (p *People) Bearer(ctx context.Context, secret string) (Identity, error) {
	rest, ours := strings.CutPrefix(secret, tokenMark)
	if !ours || !plausible(rest) {
		return Identity{}, ErrSignedOut
	}
	docs, err := p.store.Get(ctx, tokensKey+hashOf(secret))
	if err != nil {
		return Identity{}, err
	}
	if docs[0].Rev == 0 {
		return Identity{}, ErrSignedOut
	}
	t, err := decode[token](docs[0])
	if err != nil {
		return Identity{}, err
	}
	now := p.now()
	if !t.Expires.IsZero() && !now.Before(t.Expires) {
		return Identity{}, ErrSignedOut
	}
	a, _, err := p.read(ctx, t.Owner)
	if err != nil {
		return Identity{}, err
	}
	if a.Disabled {
		return Identity{}, ErrSignedOut
	}
	if today := now.UTC().Truncate(day); t.UsedOn.Before(today) {
		t.UsedOn = today
		// As with a session: whoever else noted the day did it for us.
		_, _ = p.store.Commit(ctx, store.Batch{Puts: []store.Put{{Key: docs[0].Key, Was: docs[0].Rev, Data: encode(t)}}})
	}
	who := a.identity("", t.Name)
	who.Role = Least(t.Role, a.Role)
	who.MustChange = false // a program can't choose a password
	return who, nil
}
