package tables

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"

	_ "modernc.org/sqlite" // registers the driver "sqlite"

	"github.com/amends-care/amends/internal/report"
)

const sqliteName = "amends.sqlite"

// sqliteForm writes one database. Each column's definition stands in its table's
// text, where sqlite3's .schema shows it.
type sqliteForm struct {
	db      *sql.DB
	tx      *sql.Tx
	table   *report.Listing
	one     *sql.Stmt // a row
	many    *sql.Stmt // rowsAtOnce of them
	args    []any     // of rows that wait
	indexes []string  // made at the end
}

func newSQLite(to *files, dir string) (*sqliteForm, error) {
	if _, err := to.create(sqliteName); err != nil {
		return nil, err
	}
	// Nobody reads it before it is whole, so it needs no journal.
	at := url.URL{Scheme: "file", Opaque: (&url.URL{Path: filepath.Join(dir, sqliteName+part)}).EscapedPath(), RawQuery: "_pragma=journal_mode(off)&_pragma=synchronous(off)&_pragma=page_size(8192)&_pragma=cache_size(-16000)"}
	db, err := sql.Open("sqlite", at.String())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	tx, err := db.BeginTx(context.Background(), nil)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return &sqliteForm{db: db, tx: tx}, nil
}

// rowsAtOnce go into the database by one statement.
const rowsAtOnce = 32

func (s *sqliteForm) begin(l *report.Listing) error {
	var b strings.Builder
	fmt.Fprintf(&b, "CREATE TABLE %s ( -- %s\n", l.Name, l.Definition)
	for i, f := range l.Fields {
		kind := "INTEGER"
		if f.Kind == report.Text || f.Kind == report.Instant {
			kind = "TEXT"
		}
		switch {
		case f.Name == "case_number" && l.Name == "cases":
			kind += " PRIMARY KEY"
		case f.Name == "case_number":
			kind += " NOT NULL REFERENCES cases"
			s.indexes = append(s.indexes, fmt.Sprintf("CREATE INDEX %s_case ON %s (case_number)", l.Name, l.Name))
		}
		comma := ","
		if i == len(l.Fields)-1 {
			comma = ""
		}
		fmt.Fprintf(&b, "  %s %s%s -- %s\n", f.Name, kind, comma, f.Definition)
	}
	b.WriteString(")")
	if _, err := s.tx.Exec(b.String()); err != nil {
		return err
	}
	s.table = l
	row := "(?" + strings.Repeat(",?", len(l.Fields)-1) + ")"
	var err error
	if s.one, err = s.tx.Prepare("INSERT INTO " + l.Name + " VALUES " + row); err != nil {
		return err
	}
	s.many, err = s.tx.Prepare("INSERT INTO " + l.Name + " VALUES " + row + strings.Repeat(","+row, rowsAtOnce-1))
	return err
}

func (s *sqliteForm) row(values []report.Value) error {
	for _, v := range values {
		switch v.Kind {
		case 0:
			s.args = append(s.args, nil)
		case report.Text, report.Instant:
			s.args = append(s.args, v.Written())
		default:
			s.args = append(s.args, v.Number)
		}
	}
	if len(s.args) < rowsAtOnce*len(values) {
		return nil
	}
	_, err := s.many.Exec(s.args...)
	s.args = s.args[:0]
	return err
}

func (s *sqliteForm) end() error {
	wide := len(s.table.Fields)
	for ; len(s.args) > 0; s.args = s.args[wide:] {
		if _, err := s.one.Exec(s.args[:wide]...); err != nil {
			return err
		}
	}
	s.args = s.args[:0]
	return errors.Join(s.one.Close(), s.many.Close())
}

func (s *sqliteForm) close() error {
	for _, index := range s.indexes {
		if _, err := s.tx.Exec(index); err != nil {
			return errors.Join(err, s.tx.Rollback(), s.db.Close())
		}
	}
	return errors.Join(s.tx.Commit(), s.db.Close())
}
