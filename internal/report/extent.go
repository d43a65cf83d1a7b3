package report

import "iter"

// blockOf is how many entries share an extent.
const blockOf = 1024

// An extent says of each block of an array between which moments its entries
// lie, so that a span of a month does not read the whole year; it is never too
// narrow. And it says which record last changed one of them, or the case that
// it belongs to, so that what was counted of a block can be kept until then.
type extent struct {
	of      int // entries of a block
	lo, hi  []moment
	changed []uint64
}

// block is that of an entry.
func (x *extent) block(i int) int {
	b := i / x.of
	for b >= len(x.lo) {
		x.lo, x.hi, x.changed = append(x.lo, 1<<62), append(x.hi, -1<<62), append(x.changed, 0)
	}
	return b
}

// note widens the block of an entry to a moment.
func (x *extent) note(i int, m moment) {
	b := x.block(i)
	x.lo[b], x.hi[b] = min(x.lo[b], m), max(x.hi[b], m)
}

// touch notes that an entry was changed by a record.
func (x *extent) touch(i uint32, seq uint64) { x.changed[x.block(int(i))] = seq }

// settled says that all of a block lies before a horizon, and that no record
// after one changed it.
func (x *extent) settled(b int, before moment, at uint64) bool {
	return x.hi[b] < before && x.changed[b] <= at
}

// within are the places, of n, that may lie in a span.
func (x *extent) within(n int, from, to moment) iter.Seq[int] {
	return func(yield func(int) bool) {
		for b := range x.lo {
			if x.hi[b] < from || x.lo[b] >= to {
				continue
			}
			for i := b * x.of; i < min((b+1)*x.of, n); i++ {
				if !yield(i) {
					return
				}
			}
		}
	}
}
