package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/amends-care/amends/internal/app"
	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/desk"
	"github.com/amends-care/amends/internal/setup"
)

type verifyCmd struct {
	folderFlags
	JSON bool `help:"Print one object for programs."`
}

func (v *verifyCmd) Run(ctx context.Context, c console, log *slog.Logger) error {
	return v.operate(ctx, false, log, func(op app.Operator) error {
		res, err := ask[app.VerifyResult](ctx, c, op, "verify", struct{}{}, nil)
		if err != nil {
			return err
		}
		switch {
		case v.JSON:
			err = c.print(res)
		case len(res.Differences) == 0:
			c.printf("Every view equals a rebuild from the log, at record %d.\n", res.Position)
		default:
			for _, d := range res.Differences {
				c.printf("%s\n", d)
			}
			c.printf("The view differs from the log. Stop the server, delete view.db and start again: it is rebuilt.\n")
		}
		if err == nil && len(res.Differences) > 0 {
			return errNo
		}
		return err
	})
}

type backupCmd struct {
	folderFlags
	File string `arg:"" help:"Where to write it; - is standard output." type:"path"`
}

// Help is what "amends backup --help" adds.
func (backupCmd) Help() string {
	return `The backup holds everything but the key of the hashes: keep the file DIR/key somewhere else, and put it back before you start on a restored folder. What was set up in the console is in the backup too; the keys that were pasted there are sealed, and only DIR/key opens them.`
}

func (b *backupCmd) Run(ctx context.Context, c console, log *slog.Logger) (err error) {
	return b.operate(ctx, false, log, func(op app.Operator) error {
		show, done := c.progress()
		defer done()
		if b.File == "-" {
			return op.Do(ctx, "backup", struct{}{}, nil, c.out, show)
		}
		if _, err := os.Stat(b.File); err == nil {
			return &care.Error{Code: care.Conflict, Msg: "{file} is there already; a backup overwrites nothing.", With: []any{"file", b.File}}
		}
		return writeFile(b.File, func(w io.Writer) error { return op.Do(ctx, "backup", struct{}{}, nil, w, show) })
	})
}

type restoreCmd struct {
	File string `arg:"" help:"The backup; - is standard input."`
	Dir  string `arg:"" help:"The data folder to make." type:"path"`
	Key  string `help:"The file DIR/key of the desk that was backed up, as you kept it apart." type:"path" placeholder:"FILE"`
}

func (r *restoreCmd) Run(ctx context.Context, c console) error {
	in := c.in
	if r.File != "-" {
		f, err := os.Open(r.File)
		if err != nil {
			return err
		}
		defer f.Close()
		in = f
	}
	at, err := app.Restore(ctx, in, r.Dir, r.Key, "cli/restore")
	if err != nil {
		return err
	}
	c.printf("Restored up to record %d. The desk is held: nothing is read or sent until \"amends release --data %s\".\n", at, r.Dir)
	if setup.Sealed(r.Dir) {
		c.printf("Keys that were pasted in the console are sealed: put the key that you kept apart in the place of %s before you start.\n", filepath.Join(r.Dir, "key"))
	}
	return nil
}

type releaseCmd struct{ folderFlags }

func (r *releaseCmd) Run(ctx context.Context, c console, log *slog.Logger) error {
	return r.operate(ctx, false, log, func(op app.Operator) error {
		_, err := ask[struct{}](ctx, c, op, "release", struct{}{}, nil)
		if err == nil {
			c.printf("The desk reads and sends again. Replies that were on their way are looked for first.\n")
		}
		return err
	})
}

type eraseCmd struct {
	folderFlags
	Yes    bool   `help:"Don't ask." short:"y"`
	JSON   bool   `help:"Print one object for programs."`
	Person string `arg:"" help:"The person, as NETWORK/HANDLE."`
}

// Help is what "amends erase --help" adds.
func (eraseCmd) Help() string {
	return `The cases and all figures stay; what was said and who said it is gone, and what others wrote loses the handle. Run "amends compact" afterwards: only then is no byte of it left in the file. Backups made before still hold it.`
}

func (e *eraseCmd) Run(ctx context.Context, c console, log *slog.Logger) error {
	who, err := app.ParsePerson(e.Person)
	if err != nil {
		return err
	}
	if !e.Yes {
		fmt.Fprintf(c.err, "Everything of %s on %s will be gone for good. Type the handle to go on: ", who.Handle, who.Network)
		answer, _ := bufio.NewReader(c.in).ReadString('\n')
		if strings.TrimSpace(answer) != who.Handle {
			return &care.Error{Code: care.Invalid, Msg: "Nothing was erased."}
		}
	}
	return e.operate(ctx, false, log, func(op app.Operator) error {
		done, err := ask[desk.Erasure](ctx, c, op, "erase", who, nil)
		switch {
		case err != nil:
			return err
		case e.JSON:
			return c.print(done)
		}
		c.printf("Erased: %d mentions, %d of our answers, %d texts. %d texts of others lost the handle. %d cases stay.\nRun \"amends compact\" to take the last traces out of the file.\n",
			done.Mentions, done.Answers, done.Texts, done.Named, done.Cases)
		return nil
	})
}

type compactCmd struct {
	folderFlags
	JSON bool `help:"Print one object for programs."`
}

func (x *compactCmd) Run(ctx context.Context, c console, log *slog.Logger) error {
	return x.operate(ctx, false, log, func(op app.Operator) error {
		res, err := ask[app.CompactResult](ctx, c, op, "compact", struct{}{}, nil)
		switch {
		case err != nil:
			return err
		case x.JSON:
			return c.print(res)
		}
		c.printf("The log's file had %d bytes and has %d now.\n", res.Before, res.After)
		return nil
	})
}
