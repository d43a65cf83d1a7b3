package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"

	"github.com/amends-care/amends/internal/app"
	"github.com/amends-care/amends/internal/network"
)

type importCmd struct {
	folderFlags
	Replay bool     `help:"Let time pass as the posts' own times say: deadlines, breaches and answers come out as they would have been."`
	JSON   bool     `help:"Print one object for programs."`
	Files  []string `arg:"" name:"file" help:"JSONL, or CSV with the same headers; - is standard input."`
}

// Help is what "amends import --help" adds.
func (importCmd) Help() string {
	return `Each line has an id and a text, and may have network, author {handle, name, followers}, lang, posted_at, url, in_reply_to, thread, by_brand and edited_at; docs/import-format.md tells all. A bad line is reported and the rest goes on. Importing a file again adds nothing.

Exits with 0 only if every line was good.`
}

func (i *importCmd) Run(ctx context.Context, c console, log *slog.Logger) error {
	total := app.ImportSummary{Bad: []network.BadItem{}}
	err := i.operate(ctx, true, log, func(op app.Operator) error {
		for _, name := range i.Files {
			sum, err := i.one(ctx, c, op, name)
			if err != nil {
				return err
			}
			if !i.JSON {
				i.report(c, name, sum)
			}
			total.Add(sum)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if i.JSON {
		if err := c.print(total); err != nil {
			return err
		}
	}
	if len(total.Bad) > 0 {
		return errNo
	}
	return nil
}

func (i *importCmd) one(ctx context.Context, c console, op app.Operator, name string) (app.ImportSummary, error) {
	var in io.Reader = c.in
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return app.ImportSummary{}, err
		}
		defer f.Close()
		in = f
	}
	return ask[app.ImportSummary](ctx, c, op, "import", app.ImportArgs{Name: name, Replay: i.Replay}, in)
}

// shownBad is how many bad lines are told one by one.
const shownBad = 1000

func (i *importCmd) report(c console, name string, s app.ImportSummary) {
	for n, b := range s.Bad {
		if n == shownBad {
			fmt.Fprintf(c.err, "%s: and %d more bad lines\n", name, len(s.Bad)-n)
			break
		}
		fmt.Fprintf(c.err, "%s:%d: %s\n", name, b.Line, b.Reason)
	}
	c.printf("%s: %d read, %d new, %d already known, %d flagged, %d cases opened, %d late, %d repaired, %d bad\n",
		name, s.Read, s.New, s.Known, s.Flagged, s.Cases, s.Late, s.Repaired, len(s.Bad))
}
