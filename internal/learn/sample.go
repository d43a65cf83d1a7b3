package learn

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"math"

	"github.com/amends-care/amends/classifiers/eval"
	"github.com/amends-care/amends/internal/care"
)

// A Sampler chooses mentions to be looked at by a keyed hash of their id: the
// same ones every time and on every node, and nobody without the key knows which.
type Sampler struct {
	Key []byte
	// Unflagged is the share of mentions that were judged no complaint, and
	// Dismissed that of mentions whose case was dismissed, 0 to 1.
	Unflagged, Dismissed float64
}

// Picks says whether an unflagged mention is offered.
func (s *Sampler) Picks(id care.MentionID) bool { return s.place("unflagged", id) < s.Unflagged }

// Doubts says whether the dismissal of a mention is offered to a second person.
func (s *Sampler) Doubts(id care.MentionID) bool { return s.place("dismissed", id) < s.Dismissed }

// place is where a mention lies between 0 and 1.
func (s *Sampler) place(what string, id care.MentionID) float64 {
	h := hmac.New(sha256.New, s.Key)
	h.Write([]byte("review sample\x00" + what + "\x00" + string(id)))
	return float64(binary.BigEndian.Uint64(h.Sum(nil))>>11) / (1 << 53)
}

// Missed estimates how many of 100 complaints were not flagged: of the flagged
// we know how many were right, and of the others what a sample of them says.
// The interval is that of the sample (Wilson), carried through.
func Missed(v Volume, right float64, found, looked int) eval.Interval {
	p := eval.Wilson(found, looked)
	caught := right * float64(v.Flagged)
	share := func(p float64) float64 {
		missed := p * float64(v.Mentions-v.Flagged)
		if missed+caught <= 0 {
			return 0
		}
		return 100 * missed / (missed + caught)
	}
	out := eval.Interval{Value: math.NaN(), Low: share(p.Low), High: share(p.High)}
	if looked > 0 {
		out.Value = share(p.Value)
	}
	return out
}
