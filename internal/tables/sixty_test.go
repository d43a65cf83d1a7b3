package tables_test

import (
	"bufio"
	"bytes"
	"database/sql"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/report"
	"github.com/amends-care/amends/internal/sla"
	"github.com/amends-care/amends/internal/tables"
)

// sixty is the fold of the sixty cases of docs/metrics.md.
func sixty(t testing.TB) *report.Fold {
	t.Helper()
	hours, err := sla.NewCalendar(sla.Timetable{
		Name: "office", Zone: "Europe/Berlin", Week: sla.Week{"mon-fri": {{From: 9 * time.Hour, To: 17 * time.Hour}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	log, err := os.Open("../report/testdata/sixty.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	f := report.New(func(string) *sla.Calendar { return hours })
	lines := bufio.NewScanner(log)
	for seq := uint64(1); lines.Scan(); seq++ {
		var e struct {
			Stream string
			Record care.Record
		}
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			t.Fatal(err)
		}
		f.Apply(seq, e.Stream, e.Record)
	}
	if lines.Err() != nil || f.Cases() != 60 {
		t.Fatalf("%d cases: %v", f.Cases(), lines.Err())
	}
	return f
}

// written are the tables of a fold in a form, in a folder of their own.
func written(t testing.TB, f *report.Fold, form string, span report.Span) string {
	t.Helper()
	var sent bytes.Buffer
	if err := tables.Send(&sent, f, span); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "out put?") // a name that an address would take apart
	if err := tables.Write(dir, form, &sent); err != nil {
		t.Fatal(err)
	}
	return dir
}

func database(t testing.TB, dir string) *sql.DB {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, "amends.sqlite"))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "read.sqlite")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// rowsOf are the rows of a table in a form, each value as it is written, and the
// columns' names first.
func rowsOf(t testing.TB, dir, form string, l *report.Listing) (rows [][]string) {
	t.Helper()
	switch form {
	case "csv":
		file, err := os.Open(filepath.Join(dir, l.Name+".csv"))
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		if rows, err = csv.NewReader(file).ReadAll(); err != nil {
			t.Fatal(err)
		}
	case "sqlite":
		rows = sqliteRows(t, dir, l)
	case "parquet":
		rows = parquetRows(t, dir, l)
	}
	return rows
}

func sqliteRows(t testing.TB, dir string, l *report.Listing) [][]string {
	t.Helper()
	found, err := database(t, dir).Query("SELECT * FROM " + l.Name + " ORDER BY rowid")
	if err != nil {
		t.Fatal(err)
	}
	defer found.Close()
	names, err := found.Columns()
	if err != nil {
		t.Fatal(err)
	}
	rows := [][]string{names}
	for found.Next() {
		row, to := make([]string, len(names)), make([]any, len(names))
		values := make([]any, len(names))
		for i := range values {
			to[i] = &values[i]
		}
		if err := found.Scan(to...); err != nil {
			t.Fatal(err)
		}
		for i, v := range values {
			switch {
			case v == nil:
			case l.Fields[i].Kind == report.Truth:
				row[i] = strconv.FormatBool(v == int64(1))
			default:
				row[i] = fmt.Sprint(v)
			}
		}
		rows = append(rows, row)
	}
	if err := found.Err(); err != nil {
		t.Fatal(err)
	}
	return rows
}

func parquetRows(t testing.TB, dir string, l *report.Listing) [][]string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, l.Name+".parquet"))
	if err != nil {
		t.Fatal(err)
	}
	file, err := parquet.OpenFile(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for i, c := range file.Schema().Columns() {
		names = append(names, c[0])
		logical := file.Schema().Fields()[i].Type().LogicalType()
		if is := logical != nil && strings.HasPrefix(logical.String(), "TIMESTAMP(isAdjustedToUTC=true,unit=MILLIS"); is != (l.Fields[i].Kind == report.Instant) {
			t.Errorf("%s.%s is %v", l.Name, c[0], logical)
		}
	}
	rows := [][]string{names}
	from := parquet.NewReader(file)
	defer from.Close()
	buf := make([]parquet.Row, 16)
	for {
		n, err := from.ReadRows(buf)
		for _, r := range buf[:n] {
			row := make([]string, len(names))
			for i, v := range r {
				switch {
				case v.IsNull():
				case l.Fields[i].Kind == report.Instant:
					row[i] = report.Value{Kind: report.Instant, Number: v.Int64()}.Written()
				default:
					row[i] = v.String()
				}
			}
			rows = append(rows, row)
		}
		if err == io.EOF {
			return rows
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}
