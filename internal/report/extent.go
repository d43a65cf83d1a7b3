package report

import "iter"

// blockOf is how many entries share an extent.
const blockOf = 1024

// An extent says between which moments the entries of each block of an array
// lie, so that a span of a month does not read the whole year. It is never too
// narrow.
type extent struct{ lo, hi []moment }

// note widens the block of an entry to a moment.
func (x *extent) note(i int, m moment) {
	b := i / blockOf
	for b >= len(x.lo) {
		x.lo, x.hi = append(x.lo, 1<<62), append(x.hi, -1<<62)
	}
	x.lo[b], x.hi[b] = min(x.lo[b], m), max(x.hi[b], m)
}

// within are the places, of n, that may lie in a span.
func (x *extent) within(n int, from, to moment) iter.Seq[int] {
	return func(yield func(int) bool) {
		for b := range x.lo {
			if x.hi[b] < from || x.lo[b] >= to {
				continue
			}
			for i := b * blockOf; i < min((b+1)*blockOf, n); i++ {
				if !yield(i) {
					return
				}
			}
		}
	}
}
