package tables

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"

	"github.com/amends-care/amends/internal/report"
)

// On the wire: the shape of the tables, then for each row its table counted from
// 1 and its values, each with its kind first, then 0.

// maxText bounds a name, in bytes.
const maxText = 1 << 20

// shape tells whether sender and receiver know the same tables.
func shape(all []*report.Listing) uint64 {
	h := fnv.New64a()
	for _, l := range all {
		fmt.Fprintf(h, "%s\n", l.Name)
		for _, f := range l.Fields {
			fmt.Fprintf(h, "%s %d\n", f.Name, f.Kind)
		}
	}
	return h.Sum64()
}

// Send writes every row of a fold for [Write]. The error is a *care.Error or w's.
func Send(w io.Writer, f *report.Fold, span report.Span) error {
	all := report.Listings()
	buf := bufio.NewWriterSize(w, 1<<16)
	line := binary.BigEndian.AppendUint64(nil, shape(all))
	if _, err := buf.Write(line); err != nil {
		return err
	}
	err := f.List(all, span, func(l int, values []report.Value) error {
		line = append(line[:0], byte(l+1))
		for _, v := range values {
			line = append(line, byte(v.Kind))
			switch v.Kind {
			case 0:
			case report.Text:
				line = append(binary.AppendUvarint(line, uint64(len(v.Text))), v.Text...)
			default:
				line = binary.AppendVarint(line, v.Number)
			}
		}
		_, err := buf.Write(line)
		return err
	})
	if err != nil {
		return err
	}
	return errors.Join(buf.WriteByte(0), buf.Flush())
}

var errShape = errors.New("the server on this folder is of another version than this command")

// receive gives what was sent to a form.
func receive(from io.Reader, to form) error {
	all := report.Listings()
	r := bufio.NewReaderSize(from, 1<<16)
	var head [8]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return err
	}
	if binary.BigEndian.Uint64(head[:]) != shape(all) {
		return errShape
	}
	names := map[string]string{} // the same few come again and again
	at := -1
	reach := func(l int) error { // a table without a row is written too
		for at < l {
			if at >= 0 {
				if err := to.end(); err != nil {
					return err
				}
			}
			if at++; at < len(all) {
				if err := to.begin(all[at]); err != nil {
					return err
				}
			}
		}
		return nil
	}
	var values []report.Value
	for {
		l, err := r.ReadByte()
		switch {
		case err != nil:
			return fmt.Errorf("the rows end too soon: %w", err)
		case l == 0:
			return reach(len(all))
		case int(l) > len(all) || int(l)-1 < at:
			return fmt.Errorf("table %d comes after table %d", l, at+1)
		}
		if err := reach(int(l) - 1); err != nil {
			return err
		}
		if values, err = readRow(r, values[:0], all[at].Fields, names); err != nil {
			return fmt.Errorf("a row of %s: %w", all[at].Name, err)
		}
		if err := to.row(values); err != nil {
			return err
		}
	}
}

func readRow(r *bufio.Reader, values []report.Value, fields []report.Field, names map[string]string) ([]report.Value, error) {
	for _, f := range fields {
		kind, err := r.ReadByte()
		if err != nil {
			return nil, err
		}
		v := report.Value{Kind: report.FieldKind(kind)}
		switch v.Kind {
		case 0:
		case f.Kind:
			if v.Kind == report.Text {
				v.Text, err = readText(r, names)
			} else {
				v.Number, err = binary.ReadVarint(r)
			}
		default:
			err = fmt.Errorf("%s is of kind %d", f.Name, kind)
		}
		if err != nil {
			return nil, err
		}
		values = append(values, v)
	}
	return values, nil
}

// maxNames bounds the names that are kept.
const maxNames = 4096

func readText(r *bufio.Reader, names map[string]string) (string, error) {
	n, err := binary.ReadUvarint(r)
	if err != nil || n > maxText {
		return "", errors.Join(fmt.Errorf("a text of %d bytes", n), err)
	}
	b := make([]byte, n)
	if _, err := io.ReadFull(r, b); err != nil {
		return "", err
	}
	if s, ok := names[string(b)]; ok {
		return s, nil
	}
	s := string(b)
	if len(names) < maxNames {
		names[s] = s
	}
	return s, nil
}
