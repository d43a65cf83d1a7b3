package report

import (
	"iter"
	"runtime"
	"sync"
)

// A share is the part of the facts that one of several goroutines reads.
type share struct{ this, of int }

// sweep lets count fill the sheets of a page. The whole of a sheet is the sum of
// its rows.
func (e *eval) sweep(count func(e *eval, s []*sheet), sheets ...*sheet) {
	e.count(count, sheets)
	e.end(sheets)
}

// count lets each processor count its share of the facts into sheets of its own,
// and then adds them up: whole numbers and lengths of time, to which their order
// is the same. The sheets are empty before.
func (e *eval) count(count func(e *eval, s []*sheet), sheets []*sheet) {
	parts := make([][]*sheet, e.shares())
	evals := make([]*eval, len(parts))
	for this := range parts {
		mine := e.f.eval(e.q, e.picks)
		mine.share, mine.blocks = share{this, len(parts)}, e.blocks
		for _, s := range sheets {
			parts[this] = append(parts[this], s.blank(mine))
		}
		evals[this] = mine
	}
	atOnce(len(parts), func(this int) { count(evals[this], parts[this]) })
	for this, part := range parts {
		for i, s := range part {
			if this == 0 {
				sheets[i].take(s)
			} else {
				sheets[i].join(s)
			}
		}
		e.until, e.unkept = min(e.until, evals[this].until), append(e.unkept, evals[this].unkept...)
	}
}

// end makes the waits of all rows ready to be read, and reads them.
func (e *eval) end(sheets []*sheet) {
	var groups []*group
	for _, s := range sheets {
		groups = append(append(groups, s.total), s.list...)
	}
	shares := e.shares()
	atOnce(shares, func(this int) {
		for i := this; i < len(groups); i += shares {
			groups[i].end(e)
		}
	})
}

// shares is how many goroutines read the facts.
func (e *eval) shares() int {
	if len(e.f.when.cases.lo) <= 8 { // one is quicker than several
		return 1
	}
	return runtime.GOMAXPROCS(0)
}

// atOnce does several things at once.
func atOnce(n int, do func(this int)) {
	var wg sync.WaitGroup
	for this := 1; this < n; this++ {
		wg.Go(func() { do(this) })
	}
	do(0)
	wg.Wait()
}

// blocks are those of an array that may have to do with a span, as far as e reads
// them, each with the place of its first entry.
func blocks[T any](e *eval, all []T, x *extent, from, to moment) iter.Seq2[int, []T] {
	return func(yield func(int, []T) bool) {
		for b := e.share.this; b < len(x.lo); b += e.share.of {
			if x.hi[b] < from || x.lo[b] >= to || !e.blocks.has(x, b) {
				continue
			}
			if first := b * x.of; !yield(first, all[first:min(first+x.of, len(all))]) {
				return
			}
		}
	}
}

// inSpan are the entries that may lie in the span, each with its place.
func inSpan[T any](e *eval, all []T, x *extent) iter.Seq2[uint32, *T] {
	return func(yield func(uint32, *T) bool) {
		for first, block := range blocks(e, all, x, e.from, e.to) {
			for i := range block {
				if !yield(uint32(first+i), &block[i]) {
					return
				}
			}
		}
	}
}

// each are the entries of an array that has no extents: it is short, and nothing
// of it is kept.
func each[T any](e *eval, all []T) iter.Seq2[uint32, *T] {
	return func(yield func(uint32, *T) bool) {
		for i := e.share.this; i < len(all) && e.blocks.which != settledOnes; i += e.share.of {
			if !yield(uint32(i), &all[i]) {
				return
			}
		}
	}
}

// stillOpen are the cases that are not over. Nothing of them is kept either.
func (e *eval) stillOpen() iter.Seq2[uint32, *fact] {
	return func(yield func(uint32, *fact) bool) {
		if e.share.this > 0 || e.blocks.which == settledOnes {
			return
		}
		for n := range e.f.open.all() {
			if !yield(n, &e.f.cases[n]) {
				return
			}
		}
	}
}
