package main

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/amends-care/amends/internal/app"
	"github.com/amends-care/amends/internal/setup"
)

type serveCmd struct {
	folderFlags
	Listen string `help:"Where the console and the API listen; port 0 picks one." placeholder:"ADDR"`
	NoSend bool   `help:"Rehearse: read everything, send nothing."`
}

// Help is what "amends serve --help" adds.
func (serveCmd) Help() string {
	return `Without a configuration it starts on an embedded store with no sources, and the console leads to the first one: what is set up there is kept in the data folder. On its first start it prints a line that begins with "open " and holds a one-time address that signs the administrator in.

SIGHUP reads the configuration again; if it has mistakes, the old one stays in force. SIGTERM stops in order.`
}

func (s *serveCmd) Run(ctx context.Context, c console, log *slog.Logger) error {
	cfg, err := s.load()
	if err != nil {
		return err
	}
	own, err := setup.Open(s.Data, s.Config, app.Kinds())
	if err != nil {
		return err
	}
	o := app.ServeOptions{Dir: s.Data, Config: cfg, Reload: s.load, Setup: own, Listen: s.Listen, NoSend: s.NoSend, Version: version(), Log: log, Out: c.out}
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	defer signal.Stop(hangup)
	o.Hangup = hangup
	return app.Serve(ctx, o)
}

type demoCmd struct {
	Data   string `help:"Keep the demo in this folder; without it, it is gone when you stop it." type:"path" placeholder:"DIR"`
	Listen string `help:"Where the console listens; port 0 picks one." default:"127.0.0.1:8025" placeholder:"ADDR"`
}

func (d *demoCmd) Run(ctx context.Context, c console, log *slog.Logger) error {
	show, done := c.progress()
	defer done()
	return app.Demo(ctx, app.DemoOptions{Dir: d.Data, Listen: d.Listen, Version: version(), Log: log, Out: c.out, Progress: show})
}
