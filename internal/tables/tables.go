// Package tables writes the facts behind the figures for other programs: as
// CSV, as Parquet, or as a SQLite database. docs/tables.md has every column.
//
// The process that has the folder open sends the rows ([Send]); the command
// that asked for them writes the files ([Write]), a row at a time, so that a
// million cases take no more memory than a few. Files appear under their names
// only when all are whole. It owns nothing in the data folder, and holds no
// text of a customer: package report has none to give.
package tables

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/amends-care/amends/internal/report"
)

// Formats are the forms in which tables can be written.
func Formats() []string { return []string{"csv", "parquet", "sqlite"} }

// A form takes rows, table after table.
type form interface {
	begin(*report.Listing) error // of the next table
	row(values []report.Value) error
	end() error // of that table
	close() error
}

// files are what a form writes in a folder: each under a name of its own until
// all are whole.
type files struct {
	dir   *os.Root
	names []string
	open  []*os.File
}

const part = ".part"

func (f *files) create(name string) (*os.File, error) {
	file, err := f.dir.OpenFile(name+part, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, err
	}
	f.names, f.open = append(f.names, name), append(f.open, file)
	return file, nil
}

// keep gives the files their names.
func (f *files) keep() error {
	for i, name := range f.names {
		if err := errors.Join(f.open[i].Sync(), f.open[i].Close()); err != nil {
			return err
		}
		f.open[i] = nil
		if err := f.dir.Rename(name+part, name); err != nil {
			return err
		}
	}
	return nil
}

// drop takes away what is not whole.
func (f *files) drop() {
	for i, name := range f.names {
		if f.open[i] != nil {
			_ = f.open[i].Close()
			_ = f.dir.Remove(name + part)
		}
	}
}

// Write writes the rows that [Send] sent as files in dir, which is made where it
// is not there. What stands there under the same names is replaced; on an error
// nothing is.
func Write(dir, format string, r io.Reader) (err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("tables: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return fmt.Errorf("tables: %w", err)
	}
	defer root.Close()
	to := &files{dir: root}
	defer to.drop()
	var f form
	switch format {
	case "csv":
		f = &csvForm{to: to}
	case "parquet":
		f = &parquetForm{to: to}
	case "sqlite":
		if f, err = newSQLite(to, dir); err != nil {
			return fmt.Errorf("tables: %w", err)
		}
	default:
		return fmt.Errorf("there is no format %q; there are %v", format, Formats())
	}
	if err := errors.Join(receive(r, f), f.close()); err != nil {
		return fmt.Errorf("tables: %w", err)
	}
	if err := to.keep(); err != nil {
		return fmt.Errorf("tables: %w", err)
	}
	return nil
}

// apart is a form whose tables are files of their own: nothing is left to do at the end.
type apart struct{}

func (apart) close() error { return nil }
