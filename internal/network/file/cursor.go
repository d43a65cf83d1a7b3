package file

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"io"
	"math"
	"slices"
	"time"

	"github.com/amends-care/amends/internal/network"
)

// maxPlaces bounds the cursor. A file that is older than the newest so many,
// and grows again, is read from its start: what is known is dropped by intake.
const maxPlaces = 96

// A cursor is how far a folder was read.
type cursor struct {
	Version int `json:"v"`
	// Floor: every change that the system dates up to here was read, but for
	// what places say. In nanoseconds, by the clock that dates the files.
	Floor int64 `json:"floor,omitempty"`
	// Ceil is the next floor, once the scan that is under way has seen every
	// file, and Began a sum of what there was when it began.
	Ceil  int64 `json:"ceil,omitempty"`
	Began int64 `json:"began,omitempty"`
	// Scan is the file at which the scan stands; those before it are done.
	Scan []byte `json:"scan,omitempty"`
	// Mid says that Scan was left in the middle.
	Mid bool `json:"mid,omitempty"`
	// A replay began at Base with the post of Origin, in milliseconds.
	Base   int64 `json:"base,omitempty"`
	Origin int64 `json:"origin,omitempty"`
	// Packed is the places, at most 32 bytes each.
	Packed []byte `json:"at,omitempty"`

	places []place // most recently read first
}

// A place is how far one file was read.
type place struct {
	name   [6]byte // hashed
	print  [4]byte // what the file began with, hashed
	offset int64
	line   int64
	at     int64 // when the file was last changed, in seconds: since when we may have missed something
}

const cursorVersion = 1

func readCursor(s string) (*cursor, error) {
	c := &cursor{Version: cursorVersion}
	if s == "" {
		return c, nil
	}
	err := json.Unmarshal([]byte(s), c)
	if err != nil || c.Version != cursorVersion || s[len(s)-1] != '}' || !c.unpack() {
		return nil, &network.Error{Fault: network.Malformed, Again: true, Err: network.Explain("the cursor can't be read", err)}
	}
	return c, nil
}

func (c *cursor) String() string {
	c.pack()
	b, err := json.Marshal(c)
	if err != nil {
		panic(err) // numbers and bytes always can
	}
	return string(b)
}

func (c *cursor) pack() {
	c.Packed = c.Packed[:0]
	for _, p := range c.places {
		c.Packed = append(append(c.Packed, p.name[:]...), p.print[:]...)
		for _, n := range []int64{p.offset, p.line, p.at} {
			c.Packed = binary.AppendUvarint(c.Packed, uint64(n))
		}
	}
}

func (c *cursor) unpack() bool {
	for b := c.Packed; len(b) > 0; {
		var p place
		if len(b) < len(p.name)+len(p.print) || len(c.places) == maxPlaces {
			return false
		}
		b = b[copy(p.name[:], b):]
		b = b[copy(p.print[:], b):]
		for _, n := range []*int64{&p.offset, &p.line, &p.at} {
			u, size := binary.Uvarint(b)
			if size <= 0 || u > math.MaxInt64 {
				return false
			}
			*n, b = int64(u), b[size:]
		}
		c.places = append(c.places, p)
	}
	return true
}

func (c *cursor) place(name string) (place, bool) {
	hashed := hashName([]byte(name))
	for _, p := range c.places {
		if p.name == hashed {
			return p, true
		}
	}
	return place{name: hashed}, false
}

// keep notes how far a file was read; forget drops it.
func (c *cursor) keep(p place) {
	c.forget(p)
	c.places = slices.Insert(c.places, 0, p)
	if len(c.places) > maxPlaces {
		c.places = c.places[:maxPlaces]
	}
}

func (c *cursor) forget(p place) {
	c.places = slices.DeleteFunc(c.places, func(q place) bool { return q.name == p.name })
}

// due says when an item that happened at an instant is to appear.
func (c *cursor) due(at time.Time, speed float64) time.Time {
	passed := at.Sub(time.UnixMilli(c.Origin))
	return time.UnixMilli(c.Base).Add(time.Duration(float64(passed) / speed)).UTC()
}

func hashName(name []byte) (h [6]byte) {
	sum := sha256.Sum256(name)
	copy(h[:], sum[:])
	return h
}

// maxPrint is how much of a file's start makes its fingerprint.
const maxPrint = 1024

// fingerprint tells a file from another one of the same name by what it begins
// with, as far as that was read.
func fingerprint(f io.ReaderAt, offset int64) (print [4]byte, err error) {
	b := make([]byte, min(offset, maxPrint))
	n, err := f.ReadAt(b, 0)
	if err != nil && err != io.EOF {
		return print, err
	}
	sum := sha256.Sum256(b[:n])
	copy(print[:], sum[:])
	return print, nil
}
