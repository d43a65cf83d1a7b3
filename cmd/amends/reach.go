package main

import (
	"context"
	"errors"
	"log/slog"

	"github.com/amends-care/amends/internal/app"
)

// A reachFlags is what commands have in common that speak to a desk's API, on
// this machine or another.
type reachFlags struct {
	folderFlags
	Server string `help:"Another machine's desk, such as https://desk.example.org, in place of the folder." env:"AMENDS_SERVER" placeholder:"URL"`
	Token  string `help:"API token in whose person's name to work. Better in the environment, where nobody else sees it." env:"AMENDS_TOKEN" placeholder:"TOKEN"`
	As     string `help:"For whom the folder's administrator works: the story names both." placeholder:"NAME"`
}

// reach gives do the desk's API.
func (f *reachFlags) reach(ctx context.Context, log *slog.Logger, do func(*app.API) error) error {
	cfg, err := f.load()
	if err != nil {
		return err
	}
	api, err := app.Reach(ctx, app.ReachOptions{Dir: f.Data, Config: cfg, Server: f.Server, Token: f.Token, As: f.As, Log: log})
	if err != nil {
		return err
	}
	return errors.Join(do(api), api.Close())
}
