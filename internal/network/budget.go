package network

import (
	"crypto/sha256"
	"fmt"
	"math"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// A Limit is what a network grants one credential at one endpoint.
type Limit struct {
	Calls int
	Per   time.Duration
}

// keptForReplies is the part of each bucket that reading leaves alone.
const keptForReplies = 0.2

// A Budget holds a token bucket for each credential and endpoint, so that all
// sources of one account share what the network grants it. A call that finds
// its bucket empty is refused at once, with the wait; nothing queues here.
// Safe for concurrent use.
type Budget struct {
	mu      sync.Mutex
	buckets map[string]*bucket
}

type bucket struct {
	*rate.Limiter
	total int // calls in a window as the network says; 0: it didn't
}

// NewBudget returns a budget whose buckets are full.
func NewBudget() *Budget { return &Budget{buckets: map[string]*bucket{}} }

// bucketName keeps a credential out of every map and dump.
func bucketName(credential string) string {
	if credential == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(credential))
	return string(sum[:16])
}

func (b *Budget) take(credential, endpoint string, l Limit, reply bool) error {
	if l.Calls <= 0 || l.Per <= 0 {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	key := credential + "\x00" + endpoint
	have := b.buckets[key]
	if have == nil {
		have = &bucket{Limiter: rate.NewLimiter(0, l.Calls)}
		b.buckets[key] = have
	}
	if have.total > 0 {
		l.Calls = min(l.Calls, have.total)
	}
	perSecond := rate.Limit(float64(l.Calls) / l.Per.Seconds())
	if have.Limit() != perSecond || have.Burst() != l.Calls {
		have.SetLimitAt(now, perSecond)
		have.SetBurstAt(now, l.Calls)
	}
	floor := 0.0
	if !reply {
		floor = math.Floor(keptForReplies * float64(l.Calls))
	}
	missing := floor + 1 - have.TokensAt(now)
	if missing <= 0 && have.AllowN(now, 1) {
		return nil
	}
	after := time.Duration(max(missing, 0) / float64(perSecond) * float64(time.Second))
	return &Error{Fault: Limited, Unsent: true, After: max(after, time.Millisecond),
		Err: Explain(fmt.Sprintf("our own limit of %d calls in %v is used up", l.Calls, l.Per))}
}

// learn lowers a bucket to what the network says is left, and its size to what
// the network says it grants.
func (b *Budget) learn(credential, endpoint string, l limits) {
	if !l.leftKnown {
		return
	}
	b.lower(credential, endpoint, float64(l.left))
	if l.total > 0 {
		b.mu.Lock()
		defer b.mu.Unlock()
		if have := b.buckets[credential+"\x00"+endpoint]; have != nil {
			have.total = l.total
		}
	}
}

// spent empties a bucket after the network said so.
func (b *Budget) spent(credential, endpoint string) { b.lower(credential, endpoint, 0) }

func (b *Budget) lower(credential, endpoint string, left float64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	have := b.buckets[credential+"\x00"+endpoint]
	if have == nil {
		return
	}
	now := time.Now()
	if excess := int(have.TokensAt(now) - left); excess > 0 {
		have.ReserveN(now, min(excess, have.Burst()))
	}
}
