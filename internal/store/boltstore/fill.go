package boltstore

import "bytes"

// How full a page is left when it splits. Where names arrive in order nothing
// is ever inserted into the page that was split, so it may be full; where they
// arrive at random, as keyed hashes do, a full page would split again at once.
// A claim under a keyed hash costs a fifth more in all when it is taken for an
// ordered one.
const (
	orderedFill = 0.95
	randomFill  = 0.6
)

// An arrival is how the names of one family arrive: it learns from where they
// are inserted, which costs nothing to know. Two that are inserted before the
// same neighbour are one run.
type arrival struct {
	neighbours [4][]byte // of the last runs; several networks mean several ends
	next       int       // which of them is replaced next
	inserts    int
	runs       int
}

// insert notes that a name was inserted before a neighbour; nil: at the end.
func (a *arrival) insert(neighbour []byte) {
	if a.inserts++; a.inserts > 4096 { // what is long ago counts less
		a.inserts, a.runs = a.inserts/2, a.runs/2
	}
	for _, n := range a.neighbours {
		if n != nil && bytes.Equal(n, neighbour) {
			return
		}
	}
	a.runs++
	a.neighbours[a.next] = append(a.neighbours[a.next][:0], neighbour...)
	if a.neighbours[a.next] == nil {
		a.neighbours[a.next] = []byte{}
	}
	a.next = (a.next + 1) % len(a.neighbours)
}

func (a *arrival) fill() float64 {
	if a.inserts > 16 && a.runs > a.inserts/2 {
		return randomFill
	}
	return orderedFill
}
