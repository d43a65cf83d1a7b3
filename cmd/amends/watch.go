package main

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/amends-care/amends/internal/app"
	"github.com/amends-care/amends/internal/config"
	"github.com/amends-care/amends/internal/setup"
)

type watchCmd struct {
	Brand   string   `help:"The brand's name, as people write it." required:"" placeholder:"NAME"`
	AppID   string   `help:"The app's number in the App Store, to read its reviews." placeholder:"N"`
	Country []string `help:"Whose App Store: two letters. May be given several times." default:"us" placeholder:"CC"`
	Server  string   `help:"The Mastodon server whose view of hashtags is read." default:"mastodon.social" placeholder:"HOST"`
	Hashtag []string `help:"A hashtag besides the brand's own. May be given several times." placeholder:"TAG"`
	Feed    []string `help:"An RSS, Atom or JSON feed. May be given several times." placeholder:"URL"`
	Config  string   `help:"The configuration file that is written; one that is there is never touched." default:"amends.yaml" type:"path" placeholder:"FILE"`
	Data    string   `help:"The data folder." default:"amends-data" env:"AMENDS_DATA" type:"path" placeholder:"DIR"`
	Listen  string   `help:"Where the console and the API listen; port 0 picks one." placeholder:"ADDR"`
	NoStart bool     `help:"Only write the configuration."`

	HackerNews string `help:"Where Hacker News is searched." hidden:""`
	AppStore   string `help:"Where App Store reviews are read." hidden:""`
}

// Help is what "amends watch --help" adds.
func (watchCmd) Help() string {
	return `Hear something real in a minute: it writes a configuration with the sources that need no key (Hacker News, Mastodon hashtags, and if you name them App Store reviews and feeds), and starts as "amends serve" does. On its first start it prints a line that begins with "open " and holds a one-time address that signs the administrator in.`
}

func (w *watchCmd) Run(ctx context.Context, c console, log *slog.Logger) error {
	done, err := app.WriteWatch(app.WatchOptions{
		File: w.Config, Brand: w.Brand, AppID: w.AppID, Countries: w.Country, Server: w.Server, Hashtags: w.Hashtag, Feeds: w.Feed,
		HackerNews: w.HackerNews, AppStore: w.AppStore,
	})
	if err != nil {
		return err
	}
	w.tell(c, done)
	if w.NoStart {
		return nil
	}
	own, err := setup.Open(w.Data, w.Config, app.Kinds())
	if err != nil {
		return err
	}
	o := app.ServeOptions{Dir: w.Data, Setup: own, Listen: w.Listen, Version: version(), Log: log, Out: c.out}
	o.Reload = func() (*config.Config, error) { return config.LoadLayers(w.Config, setup.Path(w.Data), app.Kinds()) }
	if o.Config, err = o.Reload(); err != nil {
		return err
	}
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	defer signal.Stop(hangup)
	o.Hangup = hangup
	return app.Serve(ctx, o)
}

// tell says what was written, what is heard, and what is not.
func (w *watchCmd) tell(c console, done *app.Watched) {
	again := "amends serve --config " + shown(done.File)
	if filepath.Base(w.Data) != "amends-data" {
		again += " --data " + shown(w.Data)
	}
	c.printf("Configuration written to %s. The next time, start with: %s\n\nListening, without a key, to\n", done.File, again)
	for _, line := range done.Heard {
		c.printf("  %s\n", line)
	}
	c.printf("\nThese need keys of yours, and are where most people complain:\n")
	for _, n := range app.KeyedNetworks() {
		c.printf("  %-12s %s\n", n[0], n[1])
	}
	if done.Word {
		c.printf("\nIf %q is an ordinary word too, much of this will be about something else. A rule with context helps: in the file, add to the query of Hacker News what goes with the name, read a hashtag that only you have, and list under classifier.never what is never about you.\n", w.Brand)
	}
	c.printf("\n")
}

// shown is a path as one would type it here.
func shown(path string) string {
	wd, err := os.Getwd()
	if err != nil {
		return path
	}
	if rel, err := filepath.Rel(wd, path); err == nil && filepath.IsLocal(rel) {
		return rel
	}
	return path
}
