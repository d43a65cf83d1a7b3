package report

import (
	"iter"
	"math/bits"
)

// A set has a bit for each of some small numbers.
type set []uint64

// add puts a number in, and says whether it is new.
func (s *set) add(n uint32) bool {
	at, bit := int(n>>6), uint64(1)<<(n&63)
	if at >= len(*s) {
		*s = append(*s, make(set, max(at+1-len(*s), len(*s)))...)
	}
	if (*s)[at]&bit != 0 {
		return false
	}
	(*s)[at] |= bit
	return true
}

// remove takes a number out.
func (s set) remove(n uint32) {
	if at := int(n >> 6); at < len(s) {
		s[at] &^= 1 << (n & 63)
	}
}

// all are the numbers in order.
func (s set) all() iter.Seq[uint32] {
	return func(yield func(uint32) bool) {
		for i, left := range s {
			for ; left != 0; left &= left - 1 {
				if !yield(uint32(i<<6 + bits.TrailingZeros64(left))) {
					return
				}
			}
		}
	}
}

// join takes in those of another, and says how many there are together.
func (s *set) join(o set) (n int) {
	if len(o) > len(*s) {
		*s = append(*s, make(set, len(o)-len(*s))...)
	}
	for i, some := range o {
		(*s)[i] |= some
	}
	for _, some := range *s {
		n += bits.OnesCount64(some)
	}
	return n
}
