package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/amends-care/amends/internal/app"
	"github.com/amends-care/amends/internal/config"
	"github.com/amends-care/amends/internal/route"
	"github.com/amends-care/amends/internal/setup"
)

type checkCmd struct {
	Try   bool     `help:"Ask the network of each source once, with its keys: whether it answers, and what a day of it would bring and cost. Nothing is kept or sent."`
	Data  string   `help:"With what the console set up in this data folder." type:"path" placeholder:"DIR"`
	Files []string `arg:"" name:"file" help:"Configuration files." type:"path"`
}

func (x *checkCmd) Run(ctx context.Context, c console) error {
	bad := false
	for _, f := range x.Files {
		own := ""
		if x.Data != "" {
			own = setup.Path(x.Data)
		}
		cfg, err := config.LoadLayers(f, own, app.Kinds())
		if err != nil {
			bad = true
			fmt.Fprintln(c.err, err)
			continue
		}
		c.printf("%s: good\n", f)
		for _, what := range cfg.Aside() {
			c.printf("  %s: set up in the console too; what %s says holds\n", what, app.Holds(cfg, what))
		}
		for _, what := range cfg.Keyless() {
			c.printf("  %s: its key is not in this folder; paste it again at Set up\n", what)
		}
		if !x.Try {
			continue
		}
		trials, err := app.Try(ctx, cfg, version())
		if err != nil {
			return err
		}
		for _, t := range trials {
			bad = bad || t.Err != nil
			c.printf("  %s: %s\n", t.Source, tried(&t))
		}
	}
	if bad {
		return errNo
	}
	return nil
}

// tried says in a sentence what a trial came to.
func tried(t *app.Trial) string {
	switch {
	case t.Err != nil:
		return t.Err.Error()
	case !t.Known:
		return fmt.Sprintf("answers in %v; %d posts at first", t.Took.Round(time.Millisecond), t.Posts)
	case t.Spend > 0:
		return fmt.Sprintf("answers in %v; about %.0f posts a day, which cost %.2f dollars to read", t.Took.Round(time.Millisecond), t.PerDay, t.Spend)
	}
	return fmt.Sprintf("answers in %v; about %.0f posts a day", t.Took.Round(time.Millisecond), t.PerDay)
}

type routeCmd struct {
	Config string   `help:"The configuration with the routing tree." env:"AMENDS_CONFIG" type:"path" placeholder:"FILE"`
	Data   string   `help:"With what the console set up in this data folder." type:"path" placeholder:"DIR"`
	Want   string   `help:"The queue it should be; another one is exit code 1." placeholder:"QUEUE"`
	JSON   bool     `help:"Print one object for programs."`
	Labels []string `arg:"" optional:"" name:"key=value" help:"Labels of a mention: network=x severity=high urgency=safety …"`
}

// Help is what "amends route --help" adds.
func (routeCmd) Help() string {
	return `Prints the queue and the way through the tree: each node that was tried, and whether it matched. Nothing is started and nothing is changed.`
}

func (x *routeCmd) Run(_ context.Context, c console) error {
	cfg := config.Default()
	if x.Config != "" || x.Data != "" {
		own := ""
		if x.Data != "" {
			own = setup.Path(x.Data)
		}
		var err error
		if cfg, err = config.LoadLayers(x.Config, own, app.Kinds()); err != nil {
			return err
		}
	}
	rules, err := cfg.Rules()
	if err != nil {
		return err
	}
	labels, err := route.ParseLabels(x.Labels)
	if err != nil {
		return err
	}
	d := rules.Tree.Route(labels)
	if x.JSON {
		err = c.print(map[string]any{"queue": d.Queue, "lane": d.Lane, "priority": d.Priority, "policy": d.Policy, "path": d.Path})
	} else {
		for _, t := range rules.Tree.Trace(labels) {
			c.printf("%s%s: %s\n", strings.Repeat("  ", t.Depth), t.Name, t.Outcome())
		}
		c.printf("queue %s, lane %s, priority %d, policy %s\npath  %s\n", d.Queue, d.Lane, d.Priority, d.Policy, strings.Join(d.Path, " › "))
	}
	if err == nil && x.Want != "" && x.Want != d.Queue {
		fmt.Fprintf(c.err, "amends: it goes to %s, not to %s\n", d.Queue, x.Want)
		return errNo
	}
	return err
}
