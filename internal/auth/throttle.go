package auth

import (
	"hash/maphash"
	"math"
	"net/netip"
	"sync"
	"time"

	"github.com/amends-care/amends/internal/care"
)

// TooSoon refuses a sign-in since too many failed before it. Nobody is locked
// out: after a while one attempt is free again, and from where a person has
// signed in before, failures elsewhere don't count.
type TooSoon struct {
	After time.Duration // until the next attempt may be made
}

// Says is what the person is told.
func (e *TooSoon) Says() care.Sentence {
	return care.Say("Too many attempts failed. Try again in {n} seconds.", "n", int(math.Ceil(e.After.Seconds())))
}

func (e *TooSoon) Error() string { return e.Says().String() }

// A rate allows a burst of failures, and one more each interval.
type rate struct {
	burst    int
	interval time.Duration
}

// The rates count failures only: a sign-in that succeeds gives back what it took.
var (
	pairRate    = rate{5, 20 * time.Second}   // one account from one address
	addressRate = rate{50, 5 * time.Second}   // one address, whichever account
	accountRate = rate{100, 10 * time.Second} // one account, wherever from
)

const (
	throttleSlots = 1 << 15 // of each table: memory is fixed, whoever comes
	throttleRows  = 2       // tables with hashes of their own: who shares a slot in one rarely does in the other
	maxKnown      = 4096    // addresses that people signed in from
)

// A throttle slows down guessing. It lives in memory, in tables of a fixed
// size that no attacker can make us forget.
type throttle struct {
	now func() time.Time

	mu                      sync.Mutex
	pairs, addresses, names limiter
	known, knownBefore      map[pair]struct{}
}

type pair struct {
	name care.AgentID
	from netip.Prefix
}

func newThrottle(now func() time.Time) *throttle {
	return &throttle{
		now: now, pairs: newLimiter(pairRate), addresses: newLimiter(addressRate), names: newLimiter(accountRate),
		known: map[pair]struct{}{}, knownBefore: map[pair]struct{}{},
	}
}

// take books an attempt before it is made, so that many at once count as many.
// It says how long to wait instead where too many failed.
func (t *throttle) take(name care.AgentID, from netip.Addr) (pair, error) {
	p := pair{name, network(from)}
	now := t.now()
	t.mu.Lock()
	defer t.mu.Unlock()
	both, address, account := p.String(), p.from.String(), string(name)
	wait := max(t.pairs.wait(both, now), t.addresses.wait(address, now))
	if !t.isKnown(p) {
		wait = max(wait, t.names.wait(account, now))
	}
	if wait > 0 {
		return p, &TooSoon{After: wait}
	}
	t.pairs.add(both, now, 1)
	t.addresses.add(address, now, 1)
	t.names.add(account, now, 1)
	return p, nil
}

// worked gives back what an attempt booked.
func (t *throttle) worked(p pair) {
	now := t.now()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.pairs.add(p.String(), now, -1)
	t.addresses.add(p.from.String(), now, -1)
	t.names.add(string(p.name), now, -1)
	if len(t.known) >= maxKnown {
		t.known, t.knownBefore = map[pair]struct{}{}, t.known
	}
	t.known[p] = struct{}{}
}

func (t *throttle) isKnown(p pair) bool {
	_, now := t.known[p]
	_, before := t.knownBefore[p]
	return now || before
}

func (p pair) String() string { return string(p.name) + "\x00" + p.from.String() }

// network is what counts as one address: an IPv6 customer has a /64 at least.
func network(a netip.Addr) netip.Prefix {
	a = a.Unmap().WithZone("")
	bits := 32
	if a.Is6() {
		bits = 64
	}
	p, err := a.Prefix(bits)
	if err != nil {
		return netip.Prefix{} // no address, as through a socket: all of them are one
	}
	return p
}

// A limiter keeps, for each slot, the instant at which all its failures will be
// forgotten. A name has a slot in each row; the emptiest counts.
type limiter struct {
	rate rate
	seed [throttleRows]maphash.Seed
	full [throttleRows][]int64 // Unix nanoseconds
}

func newLimiter(r rate) limiter {
	l := limiter{rate: r}
	for i := range l.full {
		l.seed[i], l.full[i] = maphash.MakeSeed(), make([]int64, throttleSlots)
	}
	return l
}

func (l *limiter) slot(row int, name string) *int64 {
	return &l.full[row][maphash.String(l.seed[row], name)%throttleSlots]
}

func (l *limiter) wait(name string, now time.Time) time.Duration {
	least := int64(math.MaxInt64)
	for row := range l.full {
		least = min(least, *l.slot(row, name))
	}
	room := time.Duration(l.rate.burst-1) * l.rate.interval
	return max(0, time.Duration(least-now.UnixNano())-room)
}

func (l *limiter) add(name string, now time.Time, n int) {
	for row := range l.full {
		s := l.slot(row, name)
		*s = max(*s, now.UnixNano()) + int64(n)*int64(l.rate.interval)
	}
}

// A Pace lets one address ask something so often: a burst, and once more each
// interval. It lives in memory of a fixed size.
type Pace struct {
	now func() time.Time
	mu  sync.Mutex
	l   limiter
}

// NewPace returns a pace.
func NewPace(burst int, interval time.Duration, now func() time.Time) *Pace {
	return &Pace{now: now, l: newLimiter(rate{burst, interval})}
}

// Take books one try, or says how long to wait instead.
func (p *Pace) Take(from netip.Addr) (wait time.Duration) {
	now, name := p.now(), network(from).String()
	p.mu.Lock()
	defer p.mu.Unlock()
	if wait = p.l.wait(name, now); wait == 0 {
		p.l.add(name, now, 1)
	}
	return wait
}
