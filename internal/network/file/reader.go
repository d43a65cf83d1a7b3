package file

import (
	"bytes"
	"errors"
	"io"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/record"
)

// maxLine is the most bytes of a line, or of a CSV row with line feeds in its
// text. A longer one is bad.
const maxLine = 1 << 20

// A Format is how records are written.
type Format string

// The formats.
const (
	JSONL Format = "jsonl"
	CSV   Format = "csv"
)

// A Reader reads records of the import format one after another, in constant
// memory. A line that can't be read is told and passed over.
type Reader struct {
	in     io.Reader
	now    time.Time
	format Format // "" until the first bytes are seen
	table  *csvTable

	buf        []byte
	start, end int
	ended      bool // in has nothing more
	err        error
	offset     int64 // of buf[start] in the stream
	line       int   // lines passed over so far
	open       bool  // the last record ended only because the stream did
	useless    bool  // the header names nothing we could read
	rec        record.Record
}

// NewReader reads from r. name is the file's, whose ending tells the format
// (.csv, .tsv; .jsonl, .ndjson, .json); without one the first bytes do. now is
// when a post was written that doesn't say.
func NewReader(r io.Reader, name string, now time.Time) *Reader {
	return &Reader{in: r, now: now.UTC(), format: formatOf(name), buf: make([]byte, 256<<10)}
}

func formatOf(name string) Format {
	switch strings.ToLower(path.Ext(name)) {
	case ".csv", ".tsv":
		return CSV
	case ".jsonl", ".ndjson", ".json":
		return JSONL
	}
	return ""
}

// Offset is how many bytes were read of the stream.
func (r *Reader) Offset() int64 { return r.offset }

// Line is the number of the last line that was read, from 1.
func (r *Reader) Line() int { return r.line }

// ReadPage reads at most most records, bad ones included. Items are oldest
// first. More is false once the stream has ended. An error is the stream's own
// (what was read before it is in the page), or says that it is no text at all.
func (r *Reader) ReadPage(most int) (network.Page, error) {
	var p network.Page
	for range most {
		row, err := r.next()
		if err == io.EOF {
			sortItems(p.Items)
			return p, nil
		}
		if err != nil {
			sortItems(p.Items)
			return p, err
		}
		row.into(&p, most)
	}
	sortItems(p.Items)
	p.More = true
	return p, nil
}

// readReady is ReadPage for a stream that never ends: it waits for the first
// record and then takes what is there.
func (r *Reader) readReady(most int) (network.Page, error) {
	p, err := r.ReadPage(1)
	for p.More && len(p.Items)+len(p.Bad) < most && bytes.IndexByte(r.window(), '\n') >= 0 {
		row, err := r.next()
		if err != nil {
			break // told again when asked again
		}
		row.into(&p, most)
	}
	sortItems(p.Items)
	return p, err
}

// A row is one record, good or bad.
type row struct {
	item     network.Item
	line     int // its first
	wrong    string
	repaired bool
	dated    bool // it says itself when it was posted
}

func (r *row) into(p *network.Page, most int) {
	if r.wrong != "" {
		p.Bad = append(p.Bad, network.BadItem{Line: r.line, Reason: r.wrong})
		return
	}
	if p.Items == nil {
		p.Items = make([]network.Item, 0, min(most, 2000))
	}
	if r.repaired {
		p.Repaired++
	}
	p.Items = append(p.Items, r.item)
}

// sortItems puts the oldest first; an edit counts from when it was made.
func sortItems(items []network.Item) {
	older := func(a, b network.Item) int { return happened(a).Compare(happened(b)) }
	if !slices.IsSortedFunc(items, older) {
		slices.SortStableFunc(items, older)
	}
}

func happened(it network.Item) time.Time {
	if it.Post.EditedAt.After(it.Post.PostedAt) {
		return it.Post.EditedAt
	}
	return it.Post.PostedAt
}

// next reads one record. io.EOF ends the stream.
func (r *Reader) next() (row, error) {
	for {
		if r.format == "" || r.offset == 0 {
			if err := r.begin(); err != nil {
				return row{}, err
			}
		}
		if r.format == CSV && r.table == nil {
			if wrong, err := r.header(); err != nil || wrong != "" {
				return row{line: r.line, wrong: wrong}, err
			}
			continue
		}
		line, wrong, err := r.take()
		if err != nil {
			return row{}, err
		}
		first := r.line
		if wrong == "" && len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		if r.format == CSV {
			r.line += bytes.Count(line, []byte("\n"))
		}
		if wrong != "" {
			return row{line: first, wrong: wrong}, nil
		}
		return r.parse(line, first), nil
	}
}

func (r *Reader) parse(line []byte, number int) row {
	out := row{line: number}
	clear(r.rec[:])
	var text string
	text, out.repaired = record.Repair(line)
	if r.format == CSV {
		out.wrong = r.table.parse(text, &r.rec)
	} else {
		var halved bool
		halved, out.wrong = record.ParseJSON(text, &r.rec)
		out.repaired = out.repaired || halved
	}
	if out.wrong == "" {
		out.item, out.wrong = r.rec.Item(r.now, networkName)
		out.dated = r.rec[record.PostedAt] != ""
	}
	return out
}

var errUTF16 = &network.Error{Fault: network.Malformed, Err: errors.New("the file is UTF-16; save it as UTF-8")}

// begin looks at the first bytes: a mark of the encoding, and the format if
// the name didn't tell.
func (r *Reader) begin() error {
	for r.end-r.start < 3 && r.more() {
	}
	w := r.window()
	switch {
	case bytes.HasPrefix(w, []byte{0xff, 0xfe}), bytes.HasPrefix(w, []byte{0xfe, 0xff}):
		return errUTF16
	case r.offset == 0 && bytes.HasPrefix(w, []byte("\ufeff")):
		r.drop(3)
		w = w[3:]
	}
	if r.format == "" {
		for len(bytes.TrimSpace(w)) == 0 && r.more() && len(w) < maxLine {
			w = r.window()
		}
		r.format = CSV
		if b := bytes.TrimSpace(w); len(b) > 0 && (b[0] == '{' || b[0] == '[') {
			r.format = JSONL
		}
	}
	if len(w) == 0 {
		return r.finished()
	}
	return nil
}

// header reads the first line of a CSV stream. When it is of no use, so is the
// rest, which is passed over unread.
func (r *Reader) header() (wrong string, err error) {
	for {
		line, wrong, err := r.take()
		if err != nil {
			return "", err
		}
		if wrong == "" && len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		text, _ := record.Repair(line)
		table, ok := newTable([]byte(text))
		if wrong != "" || !ok {
			r.in, r.ended, r.start, r.useless = nil, true, r.end, true
			return "the header names no id and text; nothing below it was read", nil
		}
		r.table = &table
		return "", nil
	}
}

// take cuts the next line, or the next CSV row, off the stream, without its end.
func (r *Reader) take() (line []byte, wrong string, err error) {
	if r.format == CSV {
		comma := byte(',')
		if r.table != nil {
			comma = r.table.comma
		}
		return r.takeRow(comma)
	}
	return r.takeLine()
}

func (r *Reader) takeLine() (line []byte, wrong string, err error) {
	for from := 0; ; {
		w := r.window()
		if i := bytes.IndexByte(w[from:], '\n'); i >= 0 && from+i <= maxLine {
			return r.cut(from+i, 1), "", nil
		}
		if from = len(w); from > maxLine {
			return nil, tooLong, r.skipLine()
		}
		if !r.more() {
			if err := r.finished(); err != nil {
				return nil, "", err
			}
			line = r.cut(r.end-r.start, 0)
			r.open = true
			return line, "", nil
		}
	}
}

const tooLong = "longer than 1 MiB"

// takeRow takes a CSV row. A row that can't be one costs its first line only,
// so that a stray quote doesn't swallow the rows below it.
func (r *Reader) takeRow(comma byte) (line []byte, wrong string, err error) {
	from, quoted := 0, false
	for {
		w := r.window()
		end, in, stopped, broken := rowEnd(w, comma, from, quoted)
		switch {
		case end >= 0 && end <= maxLine:
			return trimReturn(r.cut(end, 1)), "", nil
		case broken:
			return nil, unmatched, r.skipLine()
		case len(w) > maxLine:
			if i := bytes.IndexByte(w, '\n'); i >= 0 && i <= maxLine {
				return nil, unmatched, r.skipLine()
			}
			return nil, tooLong, r.skipLine()
		}
		from, quoted = stopped, in
		if r.more() {
			continue
		}
		if err := r.finished(); err != nil {
			return nil, "", err
		}
		if in && !closes(r.window(), comma) {
			err = r.skipLine()
			r.open = true
			return nil, unmatched, err
		}
		line = trimReturn(r.cut(r.end-r.start, 0))
		r.open = true
		return line, "", nil
	}
}

// closes says that the last row of a stream, which ended in a quoted field,
// ended it with its last byte.
func closes(w []byte, comma byte) bool {
	_, ok := split(string(w), comma)
	return ok
}

func trimReturn(b []byte) []byte { return bytes.TrimSuffix(b, []byte("\r")) }

// resume makes a Reader of a file go on where another one stopped. head is the
// file from its start up to there. ok is false when its header is of no use.
func (r *Reader) resume(head io.Reader, offset int64, line int) (ok bool, err error) {
	if offset == 0 {
		return true, nil
	}
	h := &Reader{in: head, format: r.format, buf: make([]byte, 8<<10)}
	if err := h.begin(); err != nil {
		return false, err
	}
	r.format = h.format
	if h.format == CSV {
		if wrong, err := h.header(); err != nil || wrong != "" {
			return false, err
		}
		r.table = h.table
	}
	r.offset, r.line = offset, line
	return true, nil
}

// finished is io.EOF once nothing is left, and the stream's error if it broke:
// what then stands in the window may be half a line.
func (r *Reader) finished() error {
	if r.err != nil {
		return r.err
	}
	if r.start == r.end {
		return io.EOF
	}
	return nil
}

// skipLine passes over the rest of a line, however long it is.
func (r *Reader) skipLine() error {
	for {
		w := r.window()
		if i := bytes.IndexByte(w, '\n'); i >= 0 {
			r.cut(i, 1)
			return nil
		}
		r.drop(len(w))
		if !r.more() {
			r.line++
			r.open = true
			return r.err
		}
	}
}

func (r *Reader) window() []byte { return r.buf[r.start:r.end] }

// cut takes n bytes and the end of line behind them.
func (r *Reader) cut(n, end int) []byte {
	line := r.buf[r.start : r.start+n]
	r.open = false
	r.drop(n + end)
	r.line++
	return line
}

func (r *Reader) drop(n int) {
	r.start += n
	r.offset += int64(n)
}

// more reads on behind the window and says whether anything came. What was a
// window before may have moved.
func (r *Reader) more() bool {
	if r.ended {
		return false
	}
	if r.start > 0 {
		r.end = copy(r.buf, r.window())
		r.start = 0
	}
	if r.end == len(r.buf) {
		r.buf = append(r.buf, make([]byte, len(r.buf))...)
	}
	for range 100 {
		n, err := r.in.Read(r.buf[r.end:])
		r.end += n
		if err != nil {
			r.ended = true
			if err != io.EOF {
				r.err = err
			}
		}
		if n > 0 || err != nil {
			return n > 0
		}
	}
	r.ended, r.err = true, io.ErrNoProgress
	return false
}
