package tables_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/report"
	"github.com/amends-care/amends/internal/tables"
)

// The same rows stand in all forms.
func TestFormsHoldTheSameRows(t *testing.T) {
	f := sixty(t)
	dirs := map[string]string{}
	for _, form := range tables.Formats() {
		dirs[form] = written(t, f, form, report.Span{})
	}
	for _, l := range report.Listings() {
		want := rowsOf(t, dirs["csv"], "csv", l)
		for i, field := range l.Fields {
			if want[0][i] != field.Name {
				t.Errorf("%s: column %d is %s", l.Name, i, want[0][i])
			}
		}
		for _, form := range []string{"sqlite", "parquet"} {
			if got := rowsOf(t, dirs[form], form, l); !slices.EqualFunc(got, want, slices.Equal) {
				t.Errorf("%s has %d rows as CSV and %d as %s, and they differ:\n%v\n%v", l.Name, len(want), len(got), form, want[:2], got[:2])
			}
		}
	}
	if n := len(rowsOf(t, dirs["csv"], "csv", report.Listings()[1])); n != 61 {
		t.Errorf("%d lines of cases", n)
	}
}

// The same position gives the same bytes.
func TestSameBytes(t *testing.T) {
	f := sixty(t)
	for _, form := range tables.Formats() {
		one, two := written(t, f, form, report.Span{}), written(t, f, form, report.Span{})
		names, err := os.ReadDir(one)
		if err != nil || len(names) == 0 {
			t.Fatal(err)
		}
		for _, n := range names {
			a, _ := os.ReadFile(filepath.Join(one, n.Name()))
			b, err := os.ReadFile(filepath.Join(two, n.Name()))
			if err != nil || !bytes.Equal(a, b) {
				t.Errorf("%s: %d bytes and %d, not the same (%v)", n.Name(), len(a), len(b), err)
			}
		}
	}
}

// A span keeps its cases with all that is theirs, and nothing else.
func TestSpan(t *testing.T) {
	f := sixty(t)
	day := report.Span{From: time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC), To: time.Date(2026, 3, 3, 0, 0, 0, 0, time.UTC)}
	dir := written(t, f, "csv", day)
	has := map[string]bool{}
	cases := report.Listings()[1]
	for _, row := range rowsOf(t, dir, "csv", cases)[1:] {
		has[row[0]] = true
	}
	if len(has) != 8 {
		t.Errorf("%d cases began on the Monday", len(has))
	}
	for _, l := range report.Listings() {
		at := slices.IndexFunc(l.Fields, func(f report.Field) bool { return f.Name == "case_number" })
		for _, row := range rowsOf(t, dir, "csv", l)[1:] {
			if at >= 0 && !has[row[at]] {
				t.Errorf("%s has a row of case %s, which is not listed", l.Name, row[at])
			}
		}
	}
}

// Half of what was sent leaves what was there before, and nothing half.
func TestHalfIsNothing(t *testing.T) {
	var sent bytes.Buffer
	if err := tables.Send(&sent, sixty(t), report.Span{}); err != nil {
		t.Fatal(err)
	}
	for _, form := range tables.Formats() {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "cases.csv"), []byte("before"), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, n := range []int{0, 5, 8, 500, sent.Len() - 1} {
			if err := tables.Write(dir, form, bytes.NewReader(sent.Bytes()[:n])); err == nil {
				t.Errorf("%s: %d bytes of %d were enough", form, n, sent.Len())
			}
		}
		left, err := os.ReadDir(dir)
		before, _ := os.ReadFile(filepath.Join(dir, "cases.csv"))
		if err != nil || len(left) != 1 || string(before) != "before" {
			t.Errorf("%s left %v (%v)", form, left, err)
		}
	}
}

// Any bytes are refused, and none of them makes it panic.
func FuzzWrite(f *testing.F) {
	var sent bytes.Buffer
	if err := tables.Send(&sent, sixty(f), report.Span{}); err != nil {
		f.Fatal(err)
	}
	f.Add(sent.Bytes()[:2000])
	f.Add(append(sent.Bytes()[:8:8], 2, 2, 255, 255, 255, 255, 255, 1))
	f.Fuzz(func(t *testing.T, b []byte) {
		if err := tables.Write(t.TempDir(), "csv", bytes.NewReader(b)); err == nil && !bytes.HasPrefix(b, sent.Bytes()[:8]) {
			t.Error("taken without its head")
		}
	})
}

// A name that a spreadsheet would take for a formula is none in CSV.
func TestFormulas(t *testing.T) {
	for _, name := range []string{"=1+1", "+1", "-1", "@SUM(A1)", "\tx"} {
		v := report.Value{Kind: report.Text, Text: name}
		if got := v.Neutral(); got != "'"+name {
			t.Errorf("%q is written as %q", name, got)
		}
	}
	if v := (report.Value{Kind: report.Integer, Number: -1}); strings.HasPrefix(v.Neutral(), "'") {
		t.Error("a number is no formula")
	}
}
