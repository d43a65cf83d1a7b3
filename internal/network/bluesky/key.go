package bluesky

import (
	"crypto/sha256"
	"encoding/binary"
	"strings"
	"time"
)

const tidAlphabet = "234567abcdefghijklmnopqrstuvwxyz"

// recordKey makes the key of a reply's record from the answer's own: always the
// same, and of the form that the network wants, a time and a clock's number.
//
// The time is made up, from the eighteen years before Bluesky existed, so that
// it never meets a post that was written by hand; 59 bits are left to tell
// replies apart: of a million, two share one with a chance of one in a million.
// Should they, the second is refused and not put over the first.
func recordKey(key string) string {
	sum := sha256.Sum256([]byte("amends reply\x00" + key))
	n := binary.BigEndian.Uint64(sum[:8])
	const years = 1 << 49 // microseconds, 17.8 years
	micros := uint64(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro()) + n>>10%years
	return tid(micros<<10 | n&0x3ff)
}

func tid(v uint64) string {
	var b [13]byte
	for i := len(b) - 1; i >= 0; i-- {
		b[i] = tidAlphabet[v&31]
		v >>= 5
	}
	return string(b[:])
}

// tidTime is the instant in a key of the network's own making, as a commit's
// revision is; zero for anything else.
func tidTime(s string) time.Time {
	if len(s) != 13 {
		return time.Time{}
	}
	var v uint64
	for _, c := range []byte(s) {
		i := strings.IndexByte(tidAlphabet, c)
		if i < 0 {
			return time.Time{}
		}
		v = v<<5 | uint64(i)
	}
	if v>>63 != 0 {
		return time.Time{}
	}
	return time.UnixMicro(int64(v >> 10)).UTC()
}
