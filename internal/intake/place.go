package intake

import (
	"encoding/binary"
	"math"
	"time"

	"github.com/amends-care/amends/internal/network"
)

// A place is how far a source has been read, and what reading cost: the
// document source/<name>.
type place struct {
	Cursor string    // the driver's own
	Whole  time.Time // what was posted before was read, all of it; zero: not known
	Began  time.Time // when the scan under way began; zero: none is
	Day    time.Time // the UTC day that Spent is of
	Spent  int64     // in millionths of a US dollar
}

// after is the place behind a page that was polled from here.
func (p place) after(page *network.Page, polled time.Time) place {
	next := place{Cursor: page.Next, Whole: p.Whole, Began: p.Began}
	if page.Anew {
		next.Whole = time.Time{}
	}
	if next.Began.IsZero() {
		next.Began = polled
	}
	if !page.More {
		next.Whole, next.Began = next.Began, time.Time{}
	}
	next.Day, next.Spent = p.Day, p.Spent
	return next.pay(page.Meter.Spend, polled)
}

// pay adds what a call cost.
func (p place) pay(dollars float64, now time.Time) place {
	if dollars > 0 {
		p.Spent = p.spent(now) + int64(math.Ceil(dollars*1e6))
		p.Day = day(now)
	}
	return p
}

// spent is what this day's reading cost so far.
func (p place) spent(now time.Time) int64 {
	if !p.Day.Equal(day(now)) {
		return 0
	}
	return p.Spent
}

// day is the UTC day of an instant: networks bill by it.
func day(t time.Time) time.Time { return t.UTC().Truncate(24 * time.Hour) }

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

// The versions that begin the document. No driver's cursor begins with such a
// byte, so a document that does not is a cursor alone. The first had no cost.
const (
	placeWithoutCost = 1
	placeVersion     = 2
)

func (p place) encode() []byte {
	b := []byte{placeVersion}
	for _, t := range []time.Time{p.Whole, p.Began, p.Day} {
		var ms int64
		if !t.IsZero() {
			ms = t.UnixMilli()
		}
		b = binary.AppendVarint(b, ms)
	}
	b = binary.AppendVarint(b, p.Spent)
	return append(b, p.Cursor...)
}

func decodePlace(b []byte) place {
	var p place
	if len(b) == 0 {
		return p
	}
	fields := []func(int64){instant(&p.Whole), instant(&p.Began), instant(&p.Day), func(n int64) { p.Spent = n }}
	switch b[0] {
	case placeVersion:
	case placeWithoutCost:
		fields = fields[:2]
	default:
		return place{Cursor: string(b)}
	}
	rest := b[1:]
	for _, set := range fields {
		v, n := binary.Varint(rest)
		if n <= 0 {
			return place{Cursor: string(b)}
		}
		set(v)
		rest = rest[n:]
	}
	p.Cursor = string(rest)
	return p
}

func instant(t *time.Time) func(int64) {
	return func(ms int64) {
		if ms != 0 {
			*t = time.UnixMilli(ms).UTC()
		}
	}
}
