package app

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/amends-care/amends/internal/report"
	"github.com/amends-care/amends/internal/tables"
)

// TablesArgs say of what tables are made.
type TablesArgs struct {
	From string `json:"from,omitempty"` // as in [report.Ask]
	To   string `json:"to,omitempty"`
	Zone string `json:"zone,omitempty"`
	At   uint64 `json:"at,omitempty"` // the last record; 0: all
}

// opTables sends the rows of every table, which [tables.Write] reads. They wait
// in a file first: whoever takes them slowly holds up no report.
func opTables(ctx context.Context, e *Engine, c call) error {
	var args TablesArgs
	if err := c.decode(&args); err != nil {
		return err
	}
	ask := report.Ask{From: args.From, To: args.To, Zone: args.Zone}
	q, err := ask.Query(e.Zone())
	if err != nil {
		return err
	}
	spool, err := os.CreateTemp(e.Dir, "tables-*.part")
	if err != nil {
		return fmt.Errorf("tables: %w", err)
	}
	defer func() {
		_ = spool.Close()
		_ = os.Remove(spool.Name())
	}()
	err = e.Figures(ctx, args.At, func(f *report.Fold) error { return tables.Send(spool, f, report.Span{From: q.From, To: q.To}) })
	if err != nil {
		return err
	}
	if _, err := spool.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("tables: %w", err)
	}
	_, err = io.Copy(c.out, spool)
	return err
}
