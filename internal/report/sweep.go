package report

import (
	"iter"
	"runtime"
	"sync"
)

// A share is the part of the facts that one of several goroutines reads.
type share struct{ this, of int }

// alone is the number of cases up to which one goroutine is quicker than several.
const alone = 8 * blockOf

// sweep lets count fill the sheets of a page. Each processor counts its share of
// the facts into sheets of its own, and then they are added up: whole numbers
// and lengths of time, to which their order is the same. The whole of a sheet is
// the sum of its rows.
func (e *eval) sweep(count func(e *eval, s []*sheet), sheets ...*sheet) {
	shares := runtime.GOMAXPROCS(0)
	if len(e.f.cases) <= alone {
		shares = 1
	}
	parts := make([][]*sheet, shares)
	var wg sync.WaitGroup
	for this := range parts {
		mine := e.f.eval(e.q, e.picks)
		mine.share = share{this, shares}
		for _, s := range sheets {
			parts[this] = append(parts[this], s.blank(mine))
		}
		wg.Go(func() { count(mine, parts[this]) })
	}
	wg.Wait()
	for _, part := range parts {
		for i, s := range part {
			sheets[i].join(s)
		}
	}
}

// blocks are those of an array that may have to do with a span, as far as they are
// of e's share, each with the place of its first entry.
func blocks[T any](e *eval, all []T, x *extent, from, to moment) iter.Seq2[int, []T] {
	return func(yield func(int, []T) bool) {
		for b := e.share.this; b < len(x.lo); b += e.share.of {
			if first := b * blockOf; x.hi[b] >= from && x.lo[b] < to && !yield(first, all[first:min(first+blockOf, len(all))]) {
				return
			}
		}
	}
}

// inSpan are those that may lie in the span, each with its place.
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

// each are those of e's share of an array that has no extents.
func each[T any](e *eval, all []T) iter.Seq2[uint32, *T] {
	return func(yield func(uint32, *T) bool) {
		for i := e.share.this; i < len(all); i += e.share.of {
			if !yield(uint32(i), &all[i]) {
				return
			}
		}
	}
}

// mine says whether a case is of e's share.
func (e *eval) mine(n uint32) bool { return int(n)/blockOf%e.share.of == e.share.this }

// actsOfMine are the acts of the cases of e's share that may lie in the span.
func (e *eval) actsOfMine() iter.Seq[*act] {
	return func(yield func(*act) bool) {
		all := *e
		all.share = share{0, 1}
		for _, a := range inSpan(&all, e.f.acts, &e.f.when.acts) {
			if e.mine(a.of) && !yield(a) {
				return
			}
		}
	}
}
