package newest

import (
	"crypto/sha256"
	"sync"
)

// A Once tells news from what was met before, so that an entry that can't be
// read is reported once and not with every reading of the overlap. It is
// bounded, never stored, and may be lost at any time. The zero value has met
// nothing. Safe for concurrent use.
type Once struct {
	mu  sync.Mutex
	met map[[16]byte]struct{}
}

const onceSize = 10_000

// News says whether something is met for the first time.
func (o *Once) News(raw []byte) bool {
	sum := sha256.Sum256(raw)
	key := [16]byte(sum[:16])
	o.mu.Lock()
	defer o.mu.Unlock()
	if _, old := o.met[key]; old {
		return false
	}
	if o.met == nil || len(o.met) >= onceSize {
		o.met = map[[16]byte]struct{}{}
	}
	o.met[key] = struct{}{}
	return true
}
