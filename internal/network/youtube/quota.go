package youtube

import (
	"crypto/sha256"
	"fmt"
	"sync"
	"time"

	"github.com/amends-care/amends/internal/network"
)

// quotas has the units of each project, whoever uses them.
type quotas struct {
	zone *time.Location
	mu   sync.Mutex
	all  map[[sha256.Size]byte]*quota
}

func newQuotas() *quotas {
	zone, err := time.LoadLocation("America/Los_Angeles")
	if err != nil { // a system without zones; an hour wrong in summer
		zone = time.FixedZone("PST", -8*60*60)
	}
	return &quotas{zone: zone, all: map[[sha256.Size]byte]*quota{}}
}

func (q *quotas) of(total int, project string) *quota {
	key := sha256.Sum256([]byte(project))
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.all[key] == nil {
		q.all[key] = &quota{zone: q.zone}
	}
	one := q.all[key]
	one.resize(total)
	return one
}

// A quota is a project's units of one day, which begins at midnight in
// California. It knows only what this process used.
type quota struct {
	zone *time.Location

	mu    sync.Mutex
	total int
	used  int
	ends  time.Time // of the day that used is about
}

func (q *quota) resize(total int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.total = total
}

// midnight is the next one.
func (q *quota) midnight(now time.Time) time.Time {
	y, m, d := now.In(q.zone).Date()
	return time.Date(y, m, d+1, 0, 0, 0, 0, q.zone)
}

// turn begins a new day where one has begun. It needs the lock.
func (q *quota) turn(now time.Time) {
	if !now.Before(q.ends) {
		q.used, q.ends = 0, q.midnight(now)
	}
}

// keptForReplies is the part of the units that reading leaves alone: one in so many.
const keptForReplies = 5

// take takes units, or says how long to wait for the next day's.
func (q *quota) take(units int, reply bool, now time.Time) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.turn(now)
	most := q.total
	if !reply {
		most -= q.total / keptForReplies
	}
	if q.used+units > most {
		return &network.Error{Fault: network.Limited, Unsent: true, After: q.ends.Sub(now),
			Err: network.Explain(fmt.Sprintf("our own limit of %d units a day is used up", most))}
	}
	q.used += units
	return nil
}

// spent notes that Google has counted more than we, and says how long to wait.
func (q *quota) spent(now time.Time) time.Duration {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.turn(now)
	q.used = q.total
	return q.ends.Sub(now)
}

// left is what is left for reading and answering, and until when.
func (q *quota) left(now time.Time) (units int, ends time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.turn(now)
	return max(0, q.total-q.used), q.ends.UTC()
}
