// Command amends hears what people say about a brand in public, finds the
// complaints, and gets each to the right person while it can still be put right.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/amends-care/amends/internal/app"
	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/config"
	"github.com/amends-care/amends/internal/setup"
)

// Exit codes, the same for every command.
const (
	exitOK     = 0
	exitFailed = 1 // it ran, and the answer is no: mistakes found, bad lines, a view that differs
	exitUsage  = 2 // the command line makes no sense
	exitError  = 3 // something broke on the way
)

// errNo ends a command with exitFailed; what is wrong has been said already.
var errNo = errors.New("no")

// A console is what a command reads and writes.
type console struct {
	in       io.Reader
	out, err io.Writer
	terminal bool // err is one: progress may be drawn
}

// cli is the command line.
type cli struct {
	Verbose bool `help:"Say more of what is being done." short:"v"`

	Serve    serveCmd    `cmd:"" help:"Run the monitor: read the sources, keep the desk, show the console."`
	Demo     demoCmd     `cmd:"" help:"Run a fictional brand with ninety days of history and mentions that keep arriving. No keys, no network."`
	Watch    watchCmd    `cmd:"" help:"Listen for a brand where no key is needed: writes a configuration and starts."`
	Import   importCmd   `cmd:"" help:"Take in mentions from JSONL or CSV files."`
	Classify classifyCmd `cmd:"" help:"Judge texts: JSONL in, JSONL out."`
	Check    checkCmd    `cmd:"" help:"Say everything that is wrong with configuration files."`
	Route    routeCmd    `cmd:"" help:"Show where a mention with these labels goes, and why."`
	SLA      slaCmd      `cmd:"" name:"sla" help:"Deadlines."`
	Report   reportCmd   `cmd:"" help:"Show figures: now, response, promises, volume, topics, quality, voice, people, digest."`
	Verify   verifyCmd   `cmd:"" help:"Compare every view with a rebuild from the log."`
	Backup   backupCmd   `cmd:"" help:"Write a consistent copy, also while the server runs."`
	Restore  restoreCmd  `cmd:"" help:"Make a data folder from a backup. It starts held: nothing is sent until it is released."`
	Release  releaseCmd  `cmd:"" help:"Let a restored desk read and send again."`
	Export   exportCmd   `cmd:"" help:"Write cases, mentions or events as JSONL, or tables for other programs."`
	Erase    eraseCmd    `cmd:"" help:"Remove everything that a person wrote or that names them."`
	Compact  compactCmd  `cmd:"" help:"Rewrite the log's file without what was erased."`
	Case     caseCmd     `cmd:"" help:"Work on cases from a terminal, here or on another machine."`
	Issue    issueCmd    `cmd:"" help:"Known issues: one cause, many cases."`
	Person   personCmd   `cmd:"" help:"The person behind a case: accounts, wishes."`
	User     userCmd     `cmd:"" help:"The people of the team."`
	Token    tokenCmd    `cmd:"" help:"Tokens for programs that use the API."`
	Model    modelCmd    `cmd:"" help:"What the team's reviews have taught, and back."`
	Train    trainCmd    `cmd:"" help:"Train a model from labelled texts."`
	Eval     evalCmd     `cmd:"" help:"Measure a model on labelled texts."`
	Complete completeCmd `cmd:"" name:"completion" help:"Print the completion script for a shell."`
	Version  versionCmd  `cmd:"" help:"Print the version."`
}

const about = `Amends hears what people say about a brand in public, finds the complaints, and gets each to the right person while it can still be put right.

Begin with "amends demo", or "amends serve" for the real thing.

Exit codes: 0 all is well; 1 the answer is no (mistakes found, bad lines, a view that differs); 2 the command line makes no sense; 3 something broke.`

func main() {
	c := console{in: os.Stdin, out: os.Stdout, err: os.Stderr, terminal: isTerminal(os.Stderr)}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], c)
	stop()
	os.Exit(code)
}

// run carries out one command and returns its exit code.
func run(ctx context.Context, args []string, c console) int {
	var line cli
	exited := -1
	parser, err := kong.New(&line, kong.Name("amends"), kong.Description(about), kong.UsageOnError(),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
		kong.Writers(c.out, c.err), kong.Exit(func(code int) { exited = code }),
		kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(c))
	if err != nil {
		fmt.Fprintln(c.err, "amends:", err)
		return exitError
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	k, err := parser.Parse(args)
	if exited >= 0 {
		return exited // help was asked for
	}
	if err != nil {
		fmt.Fprintf(c.err, "amends: %s\nTry \"amends --help\".\n", err)
		return exitUsage
	}
	level := slog.LevelInfo
	if line.Verbose {
		level = slog.LevelDebug
	}
	log := slog.New(slog.NewTextHandler(c.err, &slog.HandlerOptions{Level: level}))
	return c.code(k.Run(log, actName(k.Selected().Name)))
}

// actName is the last word of a command, for those that differ in nothing else.
type actName string

// code says what went wrong, if anything did, and returns the exit code for it.
func (c console) code(err error) int {
	var ce *care.Error
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errNo):
		return exitFailed
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(c.err, "amends: stopped")
		return exitError
	case errors.As(err, &ce):
		fmt.Fprintln(c.err, "amends:", ce.Says())
		return exitFailed
	}
	fmt.Fprintln(c.err, "amends:", err)
	return exitError
}

// A folderFlags is what commands on a data folder have in common.
type folderFlags struct {
	Data   string `help:"The data folder." default:"amends-data" env:"AMENDS_DATA" type:"path" placeholder:"DIR"`
	Config string `help:"The configuration file." env:"AMENDS_CONFIG" type:"path" placeholder:"FILE"`
}

// load reads the configuration, with what the console set up in the folder.
func (f *folderFlags) load() (*config.Config, error) {
	if err := app.Unseal(f.Data); err != nil {
		return nil, err
	}
	return config.LoadLayers(f.Config, setup.Path(f.Data), app.Kinds())
}

// operate gives do an operator on the folder.
func (f *folderFlags) operate(ctx context.Context, create bool, log *slog.Logger, do func(app.Operator) error) error {
	cfg, err := f.load()
	if err != nil {
		return err
	}
	// The log of a command is for what goes wrong; what goes well is its output.
	op, err := app.Operate(ctx, f.Data, cfg, create, log)
	if err != nil {
		return err
	}
	return errors.Join(do(op), op.Close())
}
