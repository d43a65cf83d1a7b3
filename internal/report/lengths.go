package report

import "slices"

// lengths are waits on their way to a curve. They come in any order and leave as
// runs. A few are sorted; of many, those below 18 hours are counted, a counter
// for each length, so that a million take one sweep and only the longer ones are sorted.
type lengths struct {
	list  []duration // not counted yet
	near  []uint32   // of many: how many there are of each duration below nearest
	far   []duration // of many: the others
	going []going    // what lasts up to the present
	runs  []run      // all, in order, once they are ended
	n     int        // in runs, and in those of on
	on    *lengths   // ended, and kept from another time; nil: none were
}

// A run is how many there are of one length.
type run struct {
	d duration
	n uint32
}

// A going is a wait that lasts, by a case's calendar.
type going struct {
	since    moment
	calendar word
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
	l.list = l.list[:0]
}

// join takes in those of another. Neither is ended.
func (l *lengths) join(o *lengths) {
	for _, d := range o.list {
		l.add(d)
	}
	l.far, l.going = append(l.far, o.far...), append(l.going, o.going...)
	if l.near == nil && o.near != nil {
		l.near = make([]uint32, nearest)
	}
	for d, n := range o.near {
		l.near[d] += n
	}
}

// measure ends what lasts, at the present of e.
func (l *lengths) measure(e *eval) {
	if l.on != nil {
		l.going = append(l.going, l.on.going...)
	}
	for _, g := range l.going {
		l.add(e.since(g.calendar, g.since, e.asOf, false))
	}
	l.going = nil
}

// end makes runs of all. What lasts is not among them unless it was measured.
func (l *lengths) end() {
	if l.near != nil {
		l.count()
		some := 0
		for _, n := range l.near {
			some += one(n > 0)
		}
		l.runs = make([]run, 0, some+len(l.far))
		for d, n := range l.near {
			if n > 0 {
				l.runs = append(l.runs, run{duration(d), n})
				l.n += int(n)
			}
		}
		l.list, l.near, l.far = l.far, nil, nil
	}
	sortDurations(l.list)
	for i, d := range l.list {
		if i == 0 || d != l.list[i-1] {
			l.runs = append(l.runs, run{d: d})
		}
		l.runs[len(l.runs)-1].n++
	}
	if l.n, l.list = l.n+len(l.list), nil; l.on != nil {
		l.n += l.on.n
	}
}

// longest is the last of them in order; 0: there is none.
func (l *lengths) longest() (d duration) {
	if len(l.runs) > 0 {
		d = l.runs[len(l.runs)-1].d
	}
	if l.on != nil {
		d = max(d, l.on.longest())
	}
	return d
}

// sortDurations sorts, many of them by their digits.
func sortDurations(ds []duration) {
	const few = 512
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

// A merging reads two lists of runs as one.
type merging struct{ a, b []run }

// all are the runs of what is ended, with those of what is kept.
func (l *lengths) all() merging {
	if l.on == nil {
		return merging{a: l.runs}
	}
	return merging{l.runs, l.on.runs}
}

func (r *merging) some() bool { return len(r.a)+len(r.b) > 0 }

func (r *merging) is(o merging) bool { return len(r.a) == len(o.a) && len(r.b) == len(o.b) }

// next takes the waits of the shortest length.
func (r *merging) next() (first run) {
	switch {
	case len(r.b) == 0 || len(r.a) > 0 && r.a[0].d < r.b[0].d:
		first, r.a = r.a[0], r.a[1:]
	case len(r.a) == 0 || r.b[0].d < r.a[0].d:
		first, r.b = r.b[0], r.b[1:]
	default:
		first = run{r.a[0].d, r.a[0].n + r.b[0].n}
		r.a, r.b = r.a[1:], r.b[1:]
	}
	return first
}

// head is how many runs at the head of either list belong to the next few lengths,
// how many waits those are, and whether all of them ended.
func (r *merging) head() (some [2]int, waits int, ended bool) {
	const few = 64
	lists, long := [2][]run{r.a, r.b}, 0
	if len(r.b) > len(r.a) {
		long = 1
	}
	on := duration(0)
	head := lists[long][:min(few, len(lists[long]))]
	for _, one := range head {
		waits, on = waits+int(one.n), on|one.d
	}
	some[long] = len(head)
	last := head[len(head)-1].d
	for _, one := range lists[1-long] {
		if one.d > last {
			break
		}
		waits, on = waits+int(one.n), on|one.d
		some[1-long]++
	}
	return some, waits, on.over()
}

// behind is what is left without some.
func (r *merging) behind(some [2]int) merging { return merging{r.a[some[0]:], r.b[some[1]:]} }
