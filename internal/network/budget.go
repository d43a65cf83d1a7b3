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
	buckets map[string]*rate.Limiter
}

// NewBudget returns a budget whose buckets are full.
func NewBudget() *Budget { return &Budget{buckets: map[string]*rate.Limiter{}} }

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
	bucket := b.buckets[key]
	perSecond := rate.Limit(float64(l.Calls) / l.Per.Seconds())
	if bucket == nil {
		bucket = rate.NewLimiter(perSecond, l.Calls)
		b.buckets[key] = bucket
	}
	if bucket.Limit() != perSecond || bucket.Burst() != l.Calls {
		bucket.SetLimitAt(now, perSecond)
		bucket.SetBurstAt(now, l.Calls)
	}
	floor := 0.0
	if !reply {
		floor = math.Floor(keptForReplies * float64(l.Calls))
	}
	missing := floor + 1 - bucket.TokensAt(now)
	if missing <= 0 && bucket.AllowN(now, 1) {
		return nil
	}
	after := time.Duration(max(missing, 0) / float64(perSecond) * float64(time.Second))
	return &Error{Fault: Limited, Unsent: true, After: max(after, time.Millisecond),
		Err: Explain(fmt.Sprintf("our own limit of %d calls in %v is used up", l.Calls, l.Per))}
}

// learn lowers a bucket to what the network says is left.
func (b *Budget) learn(credential, endpoint string, l limits) {
	if l.leftKnown {
		b.lower(credential, endpoint, float64(l.left))
	}
}

// spent empties a bucket after the network said so.
func (b *Budget) spent(credential, endpoint string) { b.lower(credential, endpoint, 0) }

func (b *Budget) lower(credential, endpoint string, left float64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	bucket := b.buckets[credential+"\x00"+endpoint]
	if bucket == nil {
		return
	}
	now := time.Now()
	if excess := int(bucket.TokensAt(now) - left); excess > 0 {
		bucket.ReserveN(now, min(excess, bucket.Burst()))
	}
}
