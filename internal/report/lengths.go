package report

import (
	"iter"
	"slices"
)

// lengths are waits on their way to a curve. A few are a list that is sorted.
// Of many, those below 18 hours are counted, a counter for each length, so that
// a million take one sweep; only the longer ones are sorted.
type lengths struct {
	list    []duration // all; of many, those that are not counted yet
	near    []uint32   // of many: how many there are of each duration below nearest
	far     []duration // of many: the others
	counted int        // in near and far
}

const (
	many    = 1 << 15
	nearest = duration(1) << 17
)

func (l *lengths) add(d duration) {
	if len(l.list) == many {
		l.count()
	}
	l.list = append(l.list, d)
}

func (l *lengths) count() {
	if l.near == nil {
		l.near = make([]uint32, nearest)
	}
	for _, d := range l.list {
		if d < nearest {
			l.near[d]++
		} else {
			l.far = append(l.far, d)
		}
	}
	l.counted, l.list = l.counted+len(l.list), l.list[:0]
}

// join takes in those of another.
func (l *lengths) join(o *lengths) {
	for _, d := range o.list {
		l.add(d)
	}
	if o.near == nil {
		return
	}
	if l.near == nil {
		l.near = make([]uint32, nearest)
	}
	for d, n := range o.near {
		l.near[d] += n
	}
	l.far, l.counted = append(l.far, o.far...), l.counted+o.counted
}

// n is how many there are.
func (l *lengths) n() int { return l.counted + len(l.list) }

// sort makes them ready to be read.
func (l *lengths) sort() {
	if l.near != nil {
		l.count()
		sortDurations(l.far)
	}
	sortDurations(l.list)
}

// runs are the lengths in order, and how many there are of each.
func (l *lengths) runs() iter.Seq2[duration, int] {
	return func(yield func(duration, int) bool) {
		for d, n := range l.near {
			if n > 0 && !yield(duration(d), int(n)) {
				return
			}
		}
		ds := l.list
		if l.near != nil {
			ds = l.far
		}
		for from, i := 0, 0; i < len(ds); from = i {
			for i < len(ds) && ds[i] == ds[from] {
				i++
			}
			if !yield(ds[from], i-from) {
				return
			}
		}
	}
}

// longest is the last of them in order; 0: there is none.
func (l *lengths) longest() (last duration) {
	for d := range l.runs() {
		last = d
	}
	return last
}

// sortDurations sorts, many of them by their digits.
func sortDurations(ds []duration) {
	const few = 2048
	if len(ds) < few {
		slices.Sort(ds)
		return
	}
	var count [3][2048]uint32
	for _, d := range ds {
		count[0][d&2047]++
		count[1][d>>11&2047]++
		count[2][d>>22]++
	}
	from, to := ds, make([]duration, len(ds))
	for digit := range 3 {
		n, shift := &count[digit], 11*digit
		if n[from[0]>>shift&2047] == uint32(len(ds)) {
			continue // they all share this digit
		}
		at := uint32(0)
		for i := range n {
			n[i], at = at, at+n[i]
		}
		for _, d := range from {
			k := d >> shift & 2047
			to[n[k]] = d
			n[k]++
		}
		from, to = to, from
	}
	if &from[0] != &ds[0] {
		copy(ds, from)
	}
}
