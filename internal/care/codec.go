package care

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// errShort says that the bytes end before what they announce.
var errShort = errors.New("truncated")

// A codec writes or reads one value, field by field, in a fixed order. One
// method of a type thus describes both directions. Reading past the end leaves
// the remaining fields at their zero value, so fields can be added at the end
// of a type and old bytes still decode. For that to hold, a struct within
// another is a block: it carries its length.
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
	if c.int64(&x); c.reading {
		*v = int(x)
	}
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

// The first and last second that the printed form can show.
const (
	minSecond = -62167219200 // 0000-01-01T00:00:00Z
	maxSecond = 253402300799 // 9999-12-31T23:59:59Z
)

// time keeps milliseconds; the zero time stays the zero time. Strangers tell
// us times, so one outside the years 0 to 9999 is kept as the nearest within.
func (c *codec) time(v *time.Time) {
	var ms int64
	if !c.reading && !v.IsZero() {
		ms = v.UnixMilli()
		if s := v.Unix(); s < minSecond || s > maxSecond {
			ms = 1000 * min(max(s, minSecond), maxSecond)
		}
		if ms >= 0 {
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
	*v = time.UnixMilli(min(max(ms, 1000*minSecond), 1000*maxSecond+999)).UTC()
}

// duration keeps milliseconds.
func (c *codec) duration(v *time.Duration) {
	const most = math.MaxInt64 / int64(time.Millisecond)
	ms := v.Milliseconds()
	c.int64(&ms)
	if c.reading {
		*v = time.Duration(min(max(ms, -most), most)) * time.Millisecond
	}
}

// float keeps 24 bits of a number, and of a small one six decimals: 0.93 stays
// 0.93 in print. What is no number is kept as 0.
func (c *codec) float(v *float64) {
	if !c.reading {
		c.buf = binary.LittleEndian.AppendUint32(c.buf, math.Float32bits(float32(finite(*v))))
		return
	}
	if c.done() {
		return
	}
	if len(c.buf) < 4 {
		c.fail(errShort)
		return
	}
	*v = finite(float64(math.Float32frombits(binary.LittleEndian.Uint32(c.buf))))
	if math.Abs(*v) < 8 {
		*v = math.Round(*v*1e6) / 1e6
	}
	c.buf = c.buf[4:]
}

func finite(f float64) float64 {
	if math.IsNaN(f) || math.Abs(f) > math.MaxFloat32 {
		return 0
	}
	return f
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

// str is text for named string types. Like all that writes, it leaves what it
// writes alone: events share slices, and several goroutines encode them.
func str[T ~string](c *codec, v *T) {
	s := string(*v)
	if c.text(&s); c.reading {
		*v = T(s)
	}
}

// enum writes a well-known word as one byte and any other in full. Words are
// only ever added at the end of a table. A newer program's word is read as
// unknown-<place>, and written again as what it was.
func enum[T ~string](c *codec, v *T, words []T) {
	var u uint64
	if !c.reading {
		u = place(*v, words)
	}
	c.uint(&u)
	switch {
	case u == 1:
		str(c, v)
	case c.reading && u >= 2 && u-2 < uint64(len(words)):
		*v = words[u-2]
	case c.reading && u >= 2:
		*v = T(unknownWord + strconv.FormatUint(u-2, 10))
	}
}

const unknownWord = "unknown-"

// place is a word's number on disk: 0 for none, 1 for one that is written in
// full, else its place in the table and 2.
func place[T ~string](word T, words []T) uint64 {
	if word == "" {
		return 0
	}
	if i := slices.Index(words, word); i >= 0 {
		return uint64(i) + 2
	}
	if s, ok := strings.CutPrefix(string(word), unknownWord); ok {
		i, err := strconv.ParseUint(s, 10, 63)
		if err == nil && i >= uint64(len(words)) && strconv.FormatUint(i, 10) == s {
			return i + 2
		}
	}
	return 1
}

// block writes the fields of a struct within another one, with their length
// before them.
func (c *codec) block(fields func(*codec)) {
	if !c.reading {
		at := len(c.buf)
		c.buf = append(c.buf, 0) // enough for most
		fields(c)
		var head [binary.MaxVarintLen64]byte
		n := binary.PutUvarint(head[:], uint64(len(c.buf)-at-1))
		if n > 1 {
			c.buf = slices.Insert(c.buf, at, head[1:n]...)
		}
		copy(c.buf[at:], head[:n])
		return
	}
	var n uint64
	c.uint(&n)
	if c.err != nil || n > uint64(len(c.buf)) {
		c.fail(errShort)
		return
	}
	rest := c.buf[n:]
	c.buf = c.buf[:n:n]
	fields(c)
	if c.err == nil {
		c.buf = rest
	}
}

// list writes a count and each element, which takes a byte at least.
func list[T any](c *codec, v *[]T, each func(*codec, *T)) {
	n := uint64(len(*v))
	c.uint(&n)
	if !c.reading {
		for i := range *v {
			each(c, &(*v)[i])
		}
		return
	}
	if n == 0 || c.err != nil {
		return
	}
	if n > uint64(len(c.buf)) {
		c.fail(errShort)
		return
	}
	// A count is believed only as far as its elements are there.
	*v = make([]T, 0, min(n, 64))
	for range n {
		if len(c.buf) == 0 {
			c.fail(errShort)
		}
		var e T
		if each(c, &e); c.err != nil {
			*v = nil
			return
		}
		*v = append(*v, e)
	}
}

// blocks is list for structs, to which fields may be added.
func blocks[T any, P interface {
	*T
	fields(*codec)
}](c *codec, v *[]T) {
	list(c, v, func(c *codec, e *T) { c.block(P(e).fields) })
}

func texts(c *codec, v *[]string) { list(c, v, str[string]) }

// decode reads what fields describes from b, whose first byte is the version.
func decode(b []byte, version byte, what string, fields func(*codec)) error {
	if len(b) == 0 {
		return fmt.Errorf("decode %s: empty", what)
	}
	if b[0] == 0 || b[0] > version {
		return fmt.Errorf("decode %s: format %d is not known to this program, which reads up to %d", what, b[0], version)
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
