package file

import (
	"bytes"
	"strings"

	"github.com/amends-care/amends/internal/network/record"
)

// csvHeads are the columns that the header may name. A column of any other
// name is passed over.
var csvHeads = map[string]record.Field{
	"id": record.ID, "text": record.Text, "network": record.Network, "lang": record.Lang, "posted_at": record.PostedAt, "url": record.URL,
	"in_reply_to": record.InReplyTo, "thread": record.Thread, "by_brand": record.ByBrand, "edited_at": record.EditedAt,
	"kind": record.Kind, "rating": record.Rating, "deleted": record.Deleted,
	"author": record.Handle, "author.handle": record.Handle, "author_handle": record.Handle,
	"author.name": record.Name, "author_name": record.Name,
	"author.followers": record.Followers, "author_followers": record.Followers,
}

// A csvTable is what the header says of the rows below it.
type csvTable struct {
	comma   byte
	columns []record.Field
}

const unmatched = "the quotes of a field don't match"

// newTable reads a header. The separator is the one of comma, semicolon and
// tab that makes the most known columns of it.
func newTable(header []byte) (t csvTable, ok bool) {
	best := 0
	for _, comma := range []byte(",;\t") {
		cells, _ := split(string(header), comma)
		columns := make([]record.Field, len(cells))
		taken := [record.Fields]bool{}
		known := 0
		for i, c := range cells {
			f := csvHeads[strings.ToLower(strings.TrimSpace(c))]
			if f != record.None && !taken[f] {
				columns[i], taken[f] = f, true
				known++
			}
		}
		if known > best {
			best, ok = known, taken[record.ID] && taken[record.Text]
			t = csvTable{comma, columns}
		}
	}
	return t, ok
}

// parse puts one row's cells into rec.
func (t *csvTable) parse(row string, rec *record.Record) (wrong string) {
	n := 0
	for rest, more := row, true; more; n++ {
		var value string
		var ok bool
		if value, rest, more, ok = cell(rest, t.comma); !ok {
			return unmatched
		}
		if n < len(t.columns) {
			if f := t.columns[n]; f != record.None {
				rec[f] = value
			}
		} else if more || value != "" {
			return "more fields than the header has"
		}
	}
	return ""
}

func split(row string, comma byte) (cells []string, ok bool) {
	for more := true; more; {
		var value string
		if value, row, more, ok = cell(row, comma); !ok {
			return cells, false
		}
		cells = append(cells, value)
	}
	return cells, true
}

// cell takes the first field off a row. A quote inside a field that does not
// begin with one stands for itself.
func cell(row string, comma byte) (value, rest string, more, ok bool) {
	if row == "" || row[0] != '"' {
		i := strings.IndexByte(row, comma)
		if i < 0 {
			return row, "", false, true
		}
		return row[:i], row[i+1:], true, true
	}
	doubled := false
	at := 1
	for {
		i := strings.IndexByte(row[at:], '"')
		if i < 0 {
			return "", "", false, false
		}
		at += i
		if at+1 < len(row) && row[at+1] == '"' {
			doubled = true
			at += 2
			continue
		}
		break
	}
	value = row[1:at]
	if doubled {
		value = strings.ReplaceAll(value, `""`, `"`)
	}
	if strings.Contains(value, "\r\n") {
		value = strings.ReplaceAll(value, "\r\n", "\n")
	}
	switch rest = row[at+1:]; {
	case rest == "":
		return value, "", false, true
	case rest[0] == comma:
		return value, rest[1:], true, true
	}
	return "", "", false, false
}

// rowEnd finds where a row ends: at a line feed that stands in no quoted field.
// from and quoted say where an earlier look stopped. end is -1 when the row
// goes on beyond w; broken says that no row can begin like this.
func rowEnd(w []byte, comma byte, from int, quoted bool) (end int, in bool, stopped int, broken bool) {
	for i := from; i < len(w); {
		if !quoted {
			n := bytes.IndexByte(w[i:], '\n')
			line := w[i:]
			if n >= 0 {
				line = w[i : i+n]
			}
			q := openQuote(w, line, i, comma)
			switch {
			case q >= 0:
				i, quoted = q+1, true
				continue
			case n >= 0:
				return i + n, false, i, false
			}
			return -1, false, len(w), false
		}
		q := bytes.IndexByte(w[i:], '"')
		if q < 0 {
			return -1, true, len(w), false
		}
		i += q
		if i+1 == len(w) {
			return -1, true, i, false // doubled or not: the next byte will tell
		}
		switch w[i+1] {
		case '"':
			i += 2
		case comma, '\n':
			i, quoted = i+1, false
		case '\r':
			if i+2 == len(w) {
				return -1, true, i, false
			}
			if w[i+2] != '\n' {
				return -1, true, i, true
			}
			i, quoted = i+2, false
		default:
			return -1, true, i, true
		}
	}
	return -1, quoted, len(w), false
}

// openQuote is the place of the first quote in line that begins a field. line
// stands at place at of w, where a field may begin in the middle of a line only
// behind a comma.
func openQuote(w, line []byte, at int, comma byte) int {
	for off := 0; ; {
		q := bytes.IndexByte(line[off:], '"')
		if q < 0 {
			return -1
		}
		p := at + off + q
		if p == 0 || w[p-1] == comma {
			return p
		}
		off += q + 1
	}
}
