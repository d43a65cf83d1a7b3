package remote

import (
	"sync"
	"time"
)

// A breaker leaves a scorer alone that failed several times in a row. After the
// pause one call is let through; if it goes well, all are.
type breaker struct {
	failures int
	pause    time.Duration

	mu      sync.Mutex
	failed  int
	until   time.Time
	probing bool
}

// allow says whether a call may be made now. Each true must be followed by done
// or forget.
func (b *breaker) allow(now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.failed < b.failures {
		return true
	}
	if b.probing || now.Before(b.until) {
		return false
	}
	b.probing = true
	return true
}

// done says how a call went.
func (b *breaker) done(well bool, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.probing = false
	if well {
		b.failed = 0
		return
	}
	b.failed++
	b.until = now.Add(b.pause)
}

// forget says that a call was given up by the caller and tells nothing.
func (b *breaker) forget() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.probing = false
}
