package report

import (
	"fmt"
	"sync"
)

// settles is how long before the present a block must end so that what was
// counted of it is kept: what happens now happens mostly to what is younger.
const settles = 14 * msPerDay

// mostKept bounds for how many questions something is kept.
const mostKept = 64

// A kept is what a question counted in the blocks that were settled: complete,
// and untouched by any record since. It never changes, so several reports may
// stand on it at once.
type kept struct {
	blocks blockset
	n      int // of them
	until  moment
	sheets []*sheet
	unkept []uint32 // cases of the blocks that are in no sheet, and counted each time
}

// keeps are those of a fold, by their question.
type keeps struct {
	mu sync.Mutex
	of map[string]*kept
}

// A blockset says which blocks of the arrays are read.
type blockset struct {
	which  which
	before moment
	at     uint64
	unkept []uint32 // cases of settled blocks that are read all the same
}

type which uint8

const (
	allBlocks which = iota
	settledOnes
	otherOnes
)

func (s *blockset) has(x *extent, b int) bool {
	return s.which == allBlocks || x.settled(b, s.before, s.at) == (s.which == settledOnes)
}

// everything are the arrays of what a case has in it.
func (f *Fold) everything() []*extent {
	return []*extent{&f.when.cases, &f.when.mentions, &f.when.replies, &f.when.waits, &f.when.targets, &f.when.acts}
}

// settled is how many blocks of some arrays are.
func settled(of []*extent, s *blockset) (n int) {
	for _, x := range of {
		for b := range x.lo {
			n += one(x.settled(b, s.before, s.at))
		}
	}
	return n
}

// resweep is sweep, where what settled blocks tell is kept from one asking of a
// question to the next. A block of which a case was changed is settled no more: then
// one is missing, and all is counted anew. What count reads must be of the entry at
// hand and its own case, and of the present only by [group.goes] and [eval.changes]; or,
// of another array that is told apart, what touches that.
func (e *eval) resweep(of []*extent, count func(e *eval, s []*sheet), sheets ...*sheet) {
	k := e.kept(of, count, sheets)
	if k == nil {
		e.sweep(count, sheets...)
		return
	}
	others := e.f.eval(e.q, nil)
	others.blocks = blockset{otherOnes, k.blocks.before, k.blocks.at, k.unkept}
	others.count(count, sheets)
	for i, s := range sheets {
		s.stand(k.sheets[i])
	}
	e.end(sheets)
}

// kept is what is kept of a question, which is counted where it has to be; nil
// where there is nothing to keep.
func (e *eval) kept(of []*extent, count func(e *eval, s []*sheet), sheets []*sheet) *kept {
	if e.picks != nil || e.asOf != e.f.at { // of another present
		return nil
	}
	f, q := e.f, &e.q
	question := fmt.Sprintf("%s %d %d %v %q %q %q %s %t %t %t %t", sheets[0].name, e.from, e.to, q.Zone, q.By, q.Only, q.Beyond, q.Clock, q.Working, q.Imported, q.Late, q.Demo)
	f.keeps.mu.Lock()
	k := f.keeps.of[question]
	f.keeps.mu.Unlock()
	if k != nil && e.asOf < k.until && e.asOf-k.blocks.before < f.settles+f.settles/8 && settled(of, &k.blocks) == k.n {
		return k
	}
	k = &kept{blocks: blockset{which: settledOnes, before: e.asOf - f.settles, at: f.position}}
	if k.n = settled(of, &k.blocks); k.n == 0 {
		return nil
	}
	for _, s := range sheets {
		k.sheets = append(k.sheets, s.blank(e))
	}
	old := f.eval(e.q, nil)
	old.blocks = k.blocks
	old.count(count, k.sheets)
	k.until, k.unkept = old.until, old.unkept
	for _, s := range k.sheets {
		for _, g := range append([]*group{s.total}, s.list...) {
			g.rest()
		}
	}
	f.keeps.mu.Lock()
	defer f.keeps.mu.Unlock()
	if f.keeps.of == nil || len(f.keeps.of) >= mostKept {
		f.keeps.of = map[string]*kept{}
	}
	f.keeps.of[question] = k
	return k
}

// changes notes that what e counts will be another at a moment, if nothing happens.
func (e *eval) changes(at moment) { e.until = min(e.until, at) }

// touch notes that a record changed a case, and with it all that belongs to it.
func (f *Fold) touch(n uint32, seq uint64) {
	c, when := &f.cases[n], &f.when
	when.cases.touch(n, seq)
	when.voices.touch(n, seq)
	for i := c.mentions; i != 0; i = f.mentions[i-1].prev {
		when.mentions.touch(i-1, seq)
	}
	for i := c.replies; i != 0; i = f.replies[i-1].prev {
		when.replies.touch(i-1, seq)
	}
	for i := c.waits; i != 0; i = f.waits[i-1].prev {
		when.waits.touch(i-1, seq)
	}
	for i := c.targets; i != 0; i = f.targets[i-1].prev {
		when.targets.touch(i-1, seq)
	}
	for i := c.acts; i != 0; i = f.acts[i-1].prev {
		when.acts.touch(i-1, seq)
	}
}
