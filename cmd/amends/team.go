package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/amends-care/amends/internal/app"
	"github.com/amends-care/amends/internal/auth"
	"github.com/amends-care/amends/internal/care"
)

type userCmd struct {
	List    userListCmd    `cmd:"" help:"List everybody."`
	Add     userAddCmd     `cmd:"" help:"Add a person. Without a password, a one-time link lets them in."`
	Role    userRoleCmd    `cmd:"" help:"Give a person another role."`
	Disable userDisableCmd `cmd:"" help:"Shut a person out at once. What they did stays in the records."`
	Enable  userEnableCmd  `cmd:"" help:"Let a person in again."`
	Reset   userResetCmd   `cmd:"" help:"Make a one-time link to choose a new password."`
}

type userListCmd struct {
	folderFlags
	JSON bool `help:"Print an object a line for programs."`
}

func (u *userListCmd) Run(ctx context.Context, c console, log *slog.Logger) error {
	return u.operate(ctx, false, log, func(op app.Operator) error {
		return table(ctx, c, op, "user.list", struct{}{}, u.JSON, "NAME\tROLE\tLANGUAGES\tDISPLAY\tSTATE", func(a auth.Account) string {
			state := "active"
			if a.Disabled {
				state = "disabled"
			}
			return fmt.Sprintf("%s\t%s\t%s\t%s\t%s", a.Name, a.Role, strings.Join(a.Languages, ","), a.Display, state)
		})
	})
}

// table performs an operation that answers with an object a line, and shows them.
func table[T any](ctx context.Context, c console, op app.Operator, name string, args any, asJSON bool, head string, row func(T) string) error {
	var out bytes.Buffer
	if err := op.Do(ctx, name, args, nil, &out, nil); err != nil {
		return err
	}
	if asJSON {
		_, err := io.Copy(c.out, &out)
		return err
	}
	w := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, head)
	lines := bufio.NewScanner(&out)
	for lines.Scan() {
		var v T
		if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
			return err
		}
		fmt.Fprintln(w, row(v))
	}
	return w.Flush()
}

type userAddCmd struct {
	folderFlags
	Name          string   `arg:"" help:"What the person signs in with: small letters, digits, dots and dashes."`
	Role          string   `help:"${enum}." enum:"viewer,agent,lead,admin" default:"agent"`
	Display       string   `help:"The name that colleagues and customers see."`
	Language      []string `help:"Languages the person works in, best first."`
	PasswordStdin bool     `help:"Read a first password from standard input; it has to be changed at the first sign-in."`
	JSON          bool     `help:"Print one object for programs."`
}

func (u *userAddCmd) Run(ctx context.Context, c console, log *slog.Logger) error {
	args := app.UserArgs{Name: u.Name, Display: u.Display, Role: auth.Role(u.Role), Languages: u.Language}
	if u.PasswordStdin {
		line, err := bufio.NewReader(c.in).ReadString('\n')
		if err != nil && line == "" {
			return &care.Error{Code: care.Invalid, Msg: "There is no password on standard input."}
		}
		args.Password = strings.TrimRight(line, "\r\n")
	}
	return u.operate(ctx, true, log, func(op app.Operator) error {
		return showUser(ctx, c, op, "user.add", args, u.JSON)
	})
}

func showUser(ctx context.Context, c console, op app.Operator, name string, args app.UserArgs, asJSON bool) error {
	res, err := ask[app.UserResult](ctx, c, op, name, args, nil)
	switch {
	case err != nil:
		return err
	case asJSON:
		return c.print(res)
	}
	c.printf("%s is %s.\n", res.Name, res.Role)
	if res.Link != "" {
		c.printf("The console's address followed by %s lets %s in once, until %s.\n", res.Link, res.Name, res.Expires.Local().Format(time.RFC1123))
	}
	return nil
}

type userRoleCmd struct {
	folderFlags
	Name string `arg:"" help:"The person."`
	Role string `arg:"" help:"${enum}." enum:"viewer,agent,lead,admin"`
}

func (u *userRoleCmd) Run(ctx context.Context, c console, log *slog.Logger) error {
	role := auth.Role(u.Role)
	return u.operate(ctx, false, log, func(op app.Operator) error {
		return showUser(ctx, c, op, "user.change", app.UserArgs{Name: u.Name, Edit: &auth.Edit{Role: &role}}, false)
	})
}

type userDisableCmd struct {
	folderFlags
	Name string `arg:"" help:"The person."`
}

func (u *userDisableCmd) Run(ctx context.Context, c console, log *slog.Logger) error {
	return u.enable(ctx, c, log, u.Name, false)
}

type userEnableCmd struct {
	folderFlags
	Name string `arg:"" help:"The person."`
}

func (u *userEnableCmd) Run(ctx context.Context, c console, log *slog.Logger) error {
	return u.enable(ctx, c, log, u.Name, true)
}

func (f *folderFlags) enable(ctx context.Context, c console, log *slog.Logger, name string, on bool) error {
	off := !on
	return f.operate(ctx, false, log, func(op app.Operator) error {
		return showUser(ctx, c, op, "user.change", app.UserArgs{Name: name, Edit: &auth.Edit{Disabled: &off}}, false)
	})
}

type userResetCmd struct {
	folderFlags
	Name string `arg:"" help:"The person."`
	JSON bool   `help:"Print one object for programs."`
}

func (u *userResetCmd) Run(ctx context.Context, c console, log *slog.Logger) error {
	return u.operate(ctx, false, log, func(op app.Operator) error {
		return showUser(ctx, c, op, "user.reset", app.UserArgs{Name: u.Name}, u.JSON)
	})
}

type tokenCmd struct {
	List   tokenListCmd   `cmd:"" help:"List tokens."`
	Add    tokenAddCmd    `cmd:"" help:"Make a token for a person. It is shown this once."`
	Revoke tokenRevokeCmd `cmd:"" help:"End a token at once."`
}

type tokenListCmd struct {
	folderFlags
	Owner string `arg:"" optional:"" help:"Whose; everybody's if nobody is named."`
	JSON  bool   `help:"Print an object a line for programs."`
}

func (t *tokenListCmd) Run(ctx context.Context, c console, log *slog.Logger) error {
	return t.operate(ctx, false, log, func(op app.Operator) error {
		return table(ctx, c, op, "token.list", app.TokenArgs{Owner: t.Owner}, t.JSON, "ID\tOWNER\tNAME\tROLE", func(k auth.Token) string {
			return fmt.Sprintf("%s\t%s\t%s\t%s", k.ID, k.Owner, k.Name, k.Role)
		})
	})
}

type tokenAddCmd struct {
	folderFlags
	Owner string        `arg:"" help:"The person in whose name the program works."`
	Name  string        `arg:"" help:"What the token is for."`
	Role  string        `help:"Less than the person's role." enum:"viewer,agent,lead,admin," default:""`
	For   time.Duration `help:"How long it holds; without it, until it is revoked."`
	JSON  bool          `help:"Print one object for programs."`
}

func (t *tokenAddCmd) Run(ctx context.Context, c console, log *slog.Logger) error {
	return t.operate(ctx, false, log, func(op app.Operator) error {
		args := app.TokenArgs{Owner: t.Owner, Name: t.Name, Role: auth.Role(t.Role), For: t.For}
		res, err := ask[app.TokenResult](ctx, c, op, "token.add", args, nil)
		switch {
		case err != nil:
			return err
		case t.JSON:
			return c.print(res)
		}
		c.printf("%s\n", res.Secret)
		return nil
	})
}

type tokenRevokeCmd struct {
	folderFlags
	ID string `arg:"" help:"The token's id, as listed."`
}

func (t *tokenRevokeCmd) Run(ctx context.Context, c console, log *slog.Logger) error {
	return t.operate(ctx, false, log, func(op app.Operator) error {
		_, err := ask[struct{}](ctx, c, op, "token.revoke", app.TokenArgs{ID: t.ID}, nil)
		return err
	})
}
