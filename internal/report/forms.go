package report

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Forms are the forms in which a report can be written.
func Forms() []string { return []string{"table", "csv", "json", "svg"} }

// Write writes a report in one of its forms.
func (r *Report) Write(w io.Writer, form string) error {
	switch form {
	case "table":
		return r.writeText(w)
	case "csv":
		return r.writeCSV(w)
	case "json":
		return r.writeJSON(w)
	case "svg":
		return r.writeSVG(w)
	}
	return fmt.Errorf("there is no form %q; there are %v", form, Forms())
}

func (r *Report) writeJSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(r)
}

// writeText is for a terminal: a block for each table, the figures of one row
// below each other where there is only one row.
func (r *Report) writeText(w io.Writer) error {
	var b strings.Builder
	for i, line := range r.head() {
		if i == 0 {
			line = strings.ToUpper(line)
		}
		fmt.Fprintln(&b, plainText(line))
	}
	hatched := false
	for _, t := range r.Tables {
		fmt.Fprintf(&b, "\n%s (%s)\n", t.Title, t.Dates.text())
		for _, line := range wrapped(t.Definition, 96) {
			fmt.Fprintf(&b, "  %s\n", line)
		}
		var grid [][]string
		if len(t.Rows) == 1 {
			for i, c := range t.Columns {
				cell := &t.Rows[0].Cells[i]
				grid = append(grid, []string{c.Title, cell.Text(c.Unit), ofHow(cell, c.Unit)})
			}
		} else {
			head := []string{""}
			for _, c := range t.Columns {
				head = append(head, c.Title)
			}
			grid = append(grid, head)
			for _, row := range t.Rows {
				line := []string{plainText(row.Label)}
				for i, c := range t.Columns {
					cell := row.Cells[i]
					if t.grid { // seven intervals beside each other fit no terminal
						cell.Low, cell.High = nil, nil
					}
					line = append(line, cell.Text(c.Unit))
				}
				grid = append(grid, line)
			}
		}
		writeGrid(&b, grid)
		for _, row := range t.Rows {
			for i, c := range row.Cells {
				hatched = hatched || c.Thin && c.Value != nil && t.Columns[i].Unit != Count
			}
		}
	}
	if hatched {
		b.WriteString("\n* fewer than 5: too few to tell\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// ofHow says what a cell stands on, and how it was before.
func ofHow(c *Cell, u Unit) string {
	var parts []string
	if u != Count {
		parts = append(parts, fmt.Sprintf("of %d", c.N))
	}
	if c.Was != nil {
		parts = append(parts, c.Trend.Since()+" "+u.Text(c.Was))
	}
	if c.Why != "" {
		parts = append(parts, c.Why)
	}
	return strings.Join(parts, "; ")
}

func writeGrid(b *strings.Builder, grid [][]string) {
	var widths []int
	for _, line := range grid {
		for i, s := range line {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(s))
		}
	}
	for _, line := range grid {
		var l strings.Builder
		for i, s := range line {
			l.WriteString("  " + s + strings.Repeat(" ", widths[i]-utf8.RuneCountInString(s)))
		}
		b.WriteString(strings.TrimRight(l.String(), " ") + "\n")
	}
}

// plainText makes a name that came from outside safe for a terminal and for a
// picture: what turns text shows as a dot, what hides is dropped.
func plainText(s string) string {
	return strings.Map(func(r rune) rune {
		if r == 0x200b || r == 0x200e || r == 0x200f || r == 0x61c || r >= 0x2060 && r <= 0x2064 || r == 0xfeff {
			return -1
		}
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 || r == utf8.RuneError || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			return '·'
		}
		return r
	}, s)
}

func wrapped(s string, width int) (lines []string) {
	line := ""
	for word := range strings.FieldsSeq(s) {
		if line != "" && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width {
			lines, line = append(lines, line), ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return append(lines, line)
}

// csvHead is the first line of the CSV form: one line for each number.
func csvHead() []string {
	return []string{
		"report", "table", "counted_by", "row", "figure", "unit", "value", "low", "high", "n", "before", "trend", "remark",
		"from", "to", "zone", "clock", "time", "as_of", "position",
	}
}

func (r *Report) writeCSV(w io.Writer) error {
	out := csv.NewWriter(w)
	if err := out.Write(csvHead()); err != nil {
		return err
	}
	tail := []string{
		r.From.Format(time.RFC3339), r.To.Format(time.RFC3339), r.Zone, r.Clock, r.Time, r.AsOf.Format(time.RFC3339Nano), strconv.FormatUint(r.Position, 10),
	}
	for _, t := range r.Tables {
		for _, row := range t.Rows {
			for i, c := range t.Columns {
				cell := row.Cells[i]
				line := []string{
					r.Name, t.Name, string(t.Dates), neutral(row.Label), c.Name, string(c.Unit),
					plainNumber(cell.Value), plainNumber(cell.Low), plainNumber(cell.High), strconv.Itoa(cell.N), plainNumber(cell.Was), string(cell.Trend), cell.Why,
				}
				if err := out.Write(append(line, tail...)); err != nil {
					return err
				}
			}
		}
	}
	out.Flush()
	return out.Error()
}

// neutral keeps a spreadsheet from taking a name for a formula.
func neutral(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r\n", rune(s[0])) || strings.HasPrefix(s, "＝") || strings.HasPrefix(s, "＋") || strings.HasPrefix(s, "－") || strings.HasPrefix(s, "＠") {
		return "'" + s
	}
	return s
}

func plainNumber(v *float64) string {
	if v == nil {
		return ""
	}
	return strconv.FormatFloat(*v, 'f', -1, 64)
}
