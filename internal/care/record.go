package care

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
)

// A Record is one commit by one actor to one stream: the unit of the log.
type Record struct {
	At     time.Time // the desk's clock, never before the stream's last record; to the millisecond
	By     Actor
	Events []Event
}

const recordVersion = 1

// Encode gives the compact form that is kept on disk. An event of a kind that
// is not in the table is a programmer's error and panics.
func (r *Record) Encode() []byte {
	return encode(recordVersion, 64+128*len(r.Events), func(c *codec) {
		c.time(&r.At)
		str(c, &r.By)
		for _, e := range r.Events {
			if u, ok := e.(Unknown); ok {
				c.uint(&u.Number)
				c.block(func(c *codec) { c.buf = append(c.buf, u.Bytes...) })
				continue
			}
			s, ok := byKind[e.Kind()]
			if !ok {
				panic(fmt.Sprintf("care: event %T has no place in the table of kinds", e))
			}
			c.uint(&s.number)
			c.block(func(c *codec) { s.encode(c, e) })
		}
	})
}

// DecodeRecord reads the compact form, of this version or an older one. Events
// of unknown kinds become [Unknown]; they are for the caller to count.
func DecodeRecord(b []byte) (Record, error) {
	var r Record
	err := decode(b, recordVersion, "record", func(c *codec) {
		c.time(&r.At)
		str(c, &r.By)
		for c.err == nil && len(c.buf) > 0 {
			var number, size uint64
			c.uint(&number)
			short := len(c.buf) == 0 // a size is never left out
			if c.uint(&size); short || c.err != nil || size > uint64(len(c.buf)) {
				c.fail(errShort)
				return
			}
			inner := codec{buf: c.buf[:size:size], reading: true}
			c.buf = c.buf[size:]
			s, ok := byNumber[number]
			if !ok {
				r.Events = append(r.Events, Unknown{Number: number, Bytes: bytes.Clone(inner.buf)})
				continue
			}
			e := s.decode(&inner)
			if inner.err != nil {
				c.fail(fmt.Errorf("%s: %w", s.kind, inner.err))
				return
			}
			r.Events = append(r.Events, e)
		}
	})
	return r, err
}

type printedRecord struct {
	At time.Time      `json:"at"`
	By Actor          `json:"by"`
	Ev []printedEvent `json:"ev"`
}

type printedEvent struct {
	K Kind            `json:"k"`
	D json.RawMessage `json:"d"`
}

// MarshalJSON gives the printed form: {"at":…,"by":…,"ev":[{"k":…,"d":{…}}]}.
func (r Record) MarshalJSON() ([]byte, error) {
	p := printedRecord{At: r.At, By: r.By, Ev: make([]printedEvent, len(r.Events))}
	for i, e := range r.Events {
		d, err := json.Marshal(e)
		if err != nil {
			return nil, fmt.Errorf("print %s: %w", e.Kind(), err)
		}
		p.Ev[i] = printedEvent{K: e.Kind(), D: d}
	}
	return json.Marshal(p)
}

// UnmarshalJSON reads the printed form. A kind that is not in the table is an
// error here, save the one that [Unknown] prints as: the printed form is for
// tests and people.
func (r *Record) UnmarshalJSON(b []byte) error {
	var p printedRecord
	if err := json.Unmarshal(b, &p); err != nil {
		return err
	}
	*r = Record{At: p.At, By: p.By}
	for _, e := range p.Ev {
		read := parse[Unknown]
		if s, ok := byKind[e.K]; ok {
			read = s.print
		} else if e.K != (Unknown{}).Kind() {
			return fmt.Errorf("unknown kind of event %q", e.K)
		}
		ev, err := read(e.D)
		if err != nil {
			return fmt.Errorf("%s: %w", e.K, err)
		}
		r.Events = append(r.Events, ev)
	}
	return nil
}

func parse[T Event](b []byte) (Event, error) {
	var v T
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	err := dec.Decode(&v)
	return v, err
}
