package intake

import (
	"encoding/binary"
	"time"

	"github.com/amends-care/amends/internal/network"
)

// A place is how far a source has been read: the document source/<name>.
type place struct {
	Cursor string    // the driver's own
	Whole  time.Time // what was posted before was read, all of it; zero: not known
	Began  time.Time // when the scan under way began; zero: none is
}

// after is the place behind a page that was polled from here.
func (p place) after(page *network.Page, polled time.Time) place {
	next := place{Cursor: page.Next, Whole: p.Whole, Began: p.Began}
	if next.Began.IsZero() {
		next.Began = polled
	}
	if !page.More {
		next.Whole, next.Began = next.Began, time.Time{}
	}
	return next
}

// lag is how long a network may take to show a post.
const lag = 10 * time.Minute

// since is the instant from which on a post can't have been read before. Zero:
// not known.
func (p place) since() time.Time {
	if p.Whole.IsZero() {
		return time.Time{}
	}
	return p.Whole.Add(-lag)
}

// placeVersion begins the document. No driver's cursor begins with such a byte,
// so a document that does not is a cursor alone.
const placeVersion = 1

func (p place) encode() []byte {
	b := []byte{placeVersion}
	for _, t := range []time.Time{p.Whole, p.Began} {
		var ms int64
		if !t.IsZero() {
			ms = t.UnixMilli()
		}
		b = binary.AppendVarint(b, ms)
	}
	return append(b, p.Cursor...)
}

func decodePlace(b []byte) place {
	if len(b) == 0 || b[0] != placeVersion {
		return place{Cursor: string(b)}
	}
	rest := b[1:]
	var p place
	for _, t := range []*time.Time{&p.Whole, &p.Began} {
		ms, n := binary.Varint(rest)
		if n <= 0 {
			return place{Cursor: string(b)}
		}
		if ms != 0 {
			*t = time.UnixMilli(ms).UTC()
		}
		rest = rest[n:]
	}
	p.Cursor = string(rest)
	return p
}
