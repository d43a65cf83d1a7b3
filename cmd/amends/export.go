package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"log/slog"

	"github.com/amends-care/amends/internal/app"
	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/tables"
)

type exportCmd struct {
	folderFlags
	What   string `help:"What to write as JSONL: ${enum}." enum:"cases,mentions,events" default:"cases"`
	Tables string `help:"Write the facts behind the figures into this folder instead, as tables for other programs." type:"path" placeholder:"DIR"`
	Format string `help:"Of the tables: ${enum}." enum:"csv,parquet,sqlite" default:"csv"`
	From   string `help:"Tables of the cases whose clock began on this day or later, as 2026-03-01." placeholder:"DATE"`
	To     string `help:"The day after the last." placeholder:"DATE"`
	Zone   string `help:"Whose days, as Europe/Berlin; by default those of the first calendar, or UTC."`
	At     uint64 `help:"Tables as the log stood after this record." placeholder:"SEQ"`
}

// Help is what "amends export --help" adds.
func (exportCmd) Help() string {
	return `With --tables the folder gets a CSV or Parquet file for each table, or one SQLite database. They hold no text, no handle and nobody's name; docs/tables.md describes every column. Files of the same names are replaced.`
}

func (x *exportCmd) Run(ctx context.Context, c console, log *slog.Logger) error {
	if x.Tables == "" && (x.From != "" || x.To != "" || x.Zone != "" || x.At != 0) {
		return &care.Error{Code: care.Invalid, Field: "tables", Msg: "A span and a record are for tables: say with --tables where they go."}
	}
	return x.operate(ctx, false, log, func(op app.Operator) error {
		show, done := c.progress()
		defer done()
		if x.Tables != "" {
			return x.tables(ctx, op, show)
		}
		w := bufio.NewWriterSize(c.out, 1<<16)
		return errors.Join(op.Do(ctx, "export", app.ExportArgs{What: x.What}, nil, w, show), w.Flush())
	})
}

// tables writes the rows as they come.
func (x *exportCmd) tables(ctx context.Context, op app.Operator, show func(string)) error {
	from, to := io.Pipe()
	sent := make(chan error, 1)
	go func() {
		err := op.Do(ctx, "tables", app.TablesArgs{From: x.From, To: x.To, Zone: x.Zone, At: x.At}, nil, to, show)
		_ = to.CloseWithError(err) // never fails
		sent <- err
	}()
	err := tables.Write(x.Tables, x.Format, from)
	_ = from.CloseWithError(err) // never fails
	if failed := <-sent; failed != nil {
		return failed
	}
	return err
}
