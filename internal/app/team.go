package app

import (
	"context"
	"time"

	"github.com/amends-care/amends/internal/auth"
	"github.com/amends-care/amends/internal/care"
)

// UserArgs name a person of the team, and what is to become of the account.
type UserArgs struct {
	Name      string     `json:"name"`
	Display   string     `json:"display,omitempty"`
	Role      auth.Role  `json:"role,omitempty"`
	Languages []string   `json:"languages,omitempty"`
	Password  string     `json:"password,omitempty"`
	Edit      *auth.Edit `json:"edit,omitempty"`
}

// A UserResult is an account, with a link that lets the person in where one
// was made.
type UserResult struct {
	auth.Account
	Link    string    `json:"link,omitempty"` // the path behind the console's address; works once
	Expires time.Time `json:"expires,omitzero"`
}

func opUserList(ctx context.Context, e *Engine, c call) error {
	for a, err := range e.People.Accounts(ctx) {
		if err != nil {
			return err
		}
		if err := c.answer(a); err != nil {
			return err
		}
	}
	return nil
}

// opUserAdd adds a person. Without a password the person comes in by a link.
func opUserAdd(ctx context.Context, e *Engine, c call) error {
	var args UserArgs
	if err := c.decode(&args); err != nil {
		return err
	}
	a, err := e.People.Add(ctx, c.by, auth.NewAccount{
		Name: args.Name, Display: args.Display, Role: args.Role, Languages: args.Languages,
		Password: args.Password, Temporary: args.Password != "",
	})
	if err != nil {
		return err
	}
	if args.Password != "" {
		return c.answer(UserResult{Account: a})
	}
	return e.linkFor(ctx, c, a)
}

func opUserChange(ctx context.Context, e *Engine, c call) error {
	var args UserArgs
	if err := c.decode(&args); err != nil {
		return err
	}
	a, err := e.People.Change(ctx, c.by, care.AgentID(args.Name), *args.Edit)
	if err == nil && a.Disabled {
		if err = e.shown(ctx); err == nil {
			_, _, err = e.Desk.LetGo(ctx, c.by, a.Name)
		}
	}
	if err != nil {
		return err
	}
	return c.answer(UserResult{Account: a})
}

func opUserReset(ctx context.Context, e *Engine, c call) error {
	var args UserArgs
	if err := c.decode(&args); err != nil {
		return err
	}
	a, err := e.People.Account(ctx, care.AgentID(args.Name))
	if err != nil {
		return err
	}
	return e.linkFor(ctx, c, a)
}

func (e *Engine) linkFor(ctx context.Context, c call, a auth.Account) error {
	secret, expires, err := e.People.MakeLink(ctx, c.by, a.Name, auth.ToReset)
	if err != nil {
		return err
	}
	return c.answer(UserResult{Account: a, Link: "/link/" + secret, Expires: expires})
}

// TokenArgs name a token and whose it is.
type TokenArgs struct {
	Owner string        `json:"owner"`
	Name  string        `json:"name,omitempty"`
	ID    string        `json:"id,omitempty"`
	Role  auth.Role     `json:"role,omitempty"`
	For   time.Duration `json:"for,omitempty"`
}

// A TokenResult is a fresh token. Its secret is shown this once.
type TokenResult struct {
	auth.Token
	Secret string `json:"secret"`
}

func opTokenList(ctx context.Context, e *Engine, c call) error {
	var args TokenArgs
	if err := c.decode(&args); err != nil {
		return err
	}
	tokens, err := e.People.Tokens(ctx, care.AgentID(args.Owner))
	if err != nil {
		return err
	}
	for _, t := range tokens {
		if err := c.answer(t); err != nil {
			return err
		}
	}
	return nil
}

func opTokenAdd(ctx context.Context, e *Engine, c call) error {
	var args TokenArgs
	if err := c.decode(&args); err != nil {
		return err
	}
	secret, t, err := e.People.AddToken(ctx, c.by, care.AgentID(args.Owner), auth.NewToken{Name: args.Name, Role: args.Role, For: args.For})
	if err != nil {
		return err
	}
	return c.answer(TokenResult{Token: t, Secret: secret})
}

func opTokenRevoke(ctx context.Context, e *Engine, c call) error {
	var args TokenArgs
	if err := c.decode(&args); err != nil {
		return err
	}
	if err := e.People.RevokeToken(ctx, c.by, care.AgentID(args.Owner), args.ID); err != nil {
		return err
	}
	return c.answer(struct{}{})
}
