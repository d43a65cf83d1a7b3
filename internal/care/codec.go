package care

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"
)

// errShort says that the bytes end before what they announce.
var errShort = errors.New("truncated")

// A codec writes or reads one value, field by field, in a fixed order. One
// method of a type thus describes both directions. Reading past the end leaves
// the remaining fields at their zero value, so fields can be added at the end
// of a type and old bytes still decode.
type codec struct {
	buf     []byte // written so far, or still to read
	reading bool
	err     error
}

func (c *codec) done() bool { return c.reading && (c.err != nil || len(c.buf) == 0) }

func (c *codec) fail(err error) {
	if c.err == nil {
		c.err = err
	}
	c.buf = nil
}

func (c *codec) uint(v *uint64) {
	if !c.reading {
		c.buf = binary.AppendUvarint(c.buf, *v)
		return
	}
	if c.done() {
		return
	}
	x, n := binary.Uvarint(c.buf)
	if n <= 0 {
		c.fail(errShort)
		return
	}
	*v, c.buf = x, c.buf[n:]
}

func (c *codec) int64(v *int64) {
	u := uint64(*v<<1) ^ uint64(*v>>63)
	c.uint(&u)
	if c.reading {
		*v = int64(u>>1) ^ -int64(u&1)
	}
}

func (c *codec) int(v *int) {
	x := int64(*v)
	c.int64(&x)
	*v = int(x)
}

func (c *codec) bool(v *bool) {
	var u uint64
	if *v {
		u = 1
	}
	c.uint(&u)
	if c.reading {
		*v = u == 1
	}
}

// time keeps milliseconds; the zero time stays the zero time.
func (c *codec) time(v *time.Time) {
	var ms int64
	if !c.reading && !v.IsZero() {
		if ms = v.UnixMilli(); ms >= 0 {
			ms++ // 0 stands for the zero time
		}
	}
	c.int64(&ms)
	if !c.reading || ms == 0 {
		return
	}
	if ms > 0 {
		ms--
	}
	*v = time.UnixMilli(ms).UTC()
}

// duration keeps milliseconds.
func (c *codec) duration(v *time.Duration) {
	ms := v.Milliseconds()
	c.int64(&ms)
	if c.reading {
		*v = time.Duration(ms) * time.Millisecond
	}
}

func (c *codec) float(v *float64) {
	if !c.reading {
		c.buf = binary.LittleEndian.AppendUint32(c.buf, math.Float32bits(float32(*v)))
		return
	}
	if c.done() {
		return
	}
	if len(c.buf) < 4 {
		c.fail(errShort)
		return
	}
	*v = float64(math.Float32frombits(binary.LittleEndian.Uint32(c.buf)))
	c.buf = c.buf[4:]
}

// text works on any string type: c.text((*string)(&e.To)).
func (c *codec) text(v *string) {
	n := uint64(len(*v))
	c.uint(&n)
	if !c.reading {
		c.buf = append(c.buf, *v...)
		return
	}
	if c.err != nil {
		return
	}
	if n > uint64(len(c.buf)) {
		c.fail(errShort)
		return
	}
	*v, c.buf = string(c.buf[:n]), c.buf[n:]
}

// str is text for named string types.
func str[T ~string](c *codec, v *T) {
	s := string(*v)
	c.text(&s)
	*v = T(s)
}

// enum writes a well-known word as one byte and any other in full. Words are
// only ever added at the end of a table.
func enum[T ~string](c *codec, v *T, words []T) {
	var u uint64
	if i := slices.Index(words, *v); !c.reading && i >= 0 {
		u = uint64(i) + 2
	} else if !c.reading && *v != "" {
		u = 1
	}
	c.uint(&u)
	switch {
	case u == 1:
		str(c, v)
	case c.reading && u >= 2 && u-2 < uint64(len(words)):
		*v = words[u-2]
	case c.reading && u >= 2:
		*v = T(fmt.Sprintf("unknown-%d", u)) // a newer program's word
	}
}

// list writes a count and each element.
func list[T any](c *codec, v *[]T, each func(*codec, *T)) {
	n := uint64(len(*v))
	c.uint(&n)
	if c.reading {
		if n == 0 || c.err != nil {
			return
		}
		if n > uint64(len(c.buf)) { // an element takes a byte at least
			c.fail(errShort)
			return
		}
		*v = make([]T, n)
	}
	for i := range *v {
		each(c, &(*v)[i])
	}
	if c.reading && c.err != nil {
		*v = nil
	}
}

func texts(c *codec, v *[]string) { list(c, v, str[string]) }

// decode reads what fields describes from b, whose first byte is the version.
func decode(b []byte, version byte, what string, fields func(*codec)) error {
	if len(b) == 0 {
		return fmt.Errorf("decode %s: empty", what)
	}
	if b[0] != version {
		return fmt.Errorf("decode %s: format %d is newer than this program, which reads up to %d", what, b[0], version)
	}
	c := codec{buf: b[1:], reading: true}
	fields(&c)
	if c.err != nil {
		return fmt.Errorf("decode %s: %w", what, c.err)
	}
	return nil
}

// encode is the other direction of decode.
func encode(version byte, size int, fields func(*codec)) []byte {
	c := codec{buf: append(make([]byte, 0, size), version)}
	fields(&c)
	return c.buf
}
