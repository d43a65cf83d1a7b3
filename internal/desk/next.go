package desk

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"sync"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/store"
)

// ErrNobodyWaits says that a queue has nothing to take.
var ErrNobodyWaits = &care.Error{Code: care.NotFound, Msg: "Nobody is waiting on us here."}

// Next gives an agent the head of a queue: the critical lane first, then the
// earliest deadline. It never gives one case to two. op may be empty; the same
// op again gives the same case.
func (d *Desk) Next(ctx context.Context, by care.AgentID, op, queue string) (care.CaseID, store.Seq, error) {
	return d.NextFor(ctx, care.ByAgent(by), by, op, queue)
}

// NextFor is Next where somebody else asks for the agent.
func (d *Desk) NextFor(ctx context.Context, by care.Actor, to care.AgentID, op, queue string) (care.CaseID, store.Seq, error) {
	if seq, ok := d.repeated(ctx, op); ok {
		id, err := d.caseAt(ctx, seq)
		return id, seq, err
	}
	for n := 64; ; n *= 4 {
		ids, at, err := d.heads.Heads(queue, n)
		if err != nil {
			return "", 0, fmt.Errorf("next in %s: %w", queue, err)
		}
		for _, id := range ids {
			if !d.taken.reserve(id, at) {
				continue
			}
			seq, err := d.One(ctx, by, op, id, func(_ time.Time, c *care.Case) ([]care.Event, error) {
				if c.State != care.StateWaiting || c.Queue != queue || c.Rests() {
					return nil, errTaken
				}
				return c.Claim(to, "next")
			})
			if err == nil {
				d.taken.settle(id, seq)
				return id, seq, nil
			}
			d.taken.free(id)
			if !errors.Is(err, errTaken) {
				return "", 0, err
			}
		}
		if len(ids) < n {
			return "", 0, ErrNobodyWaits
		}
	}
}

// errTaken says that a hint was out of date: try the next.
var errTaken = errors.New("taken meanwhile")

// caseAt is the case whose record stands at a place of the log.
func (d *Desk) caseAt(ctx context.Context, seq store.Seq) (care.CaseID, error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	for r, err := range d.st.Tail(ctx, seq-1) {
		if err != nil {
			return "", err
		}
		if id, ok := strings.CutPrefix(r.Stream, "case/"); ok {
			return care.CaseID(id), nil
		}
		break
	}
	return "", fmt.Errorf("record %d belongs to no case", seq)
}

// reserved are the cases that this node is giving to somebody, or gave so
// lately that the hints may not know yet. It only saves work: the commit decides.
type reserved struct {
	mu  sync.Mutex
	ids map[care.CaseID]store.Seq // the record that gave it; inFlight: not there yet
}

const inFlight = store.Seq(math.MaxUint64)

// reserve takes a case that a hint as of some place names; false: somebody has it.
func (r *reserved) reserve(id care.CaseID, at store.Seq) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if given, ok := r.ids[id]; ok && given > at {
		return false
	}
	if r.ids == nil {
		r.ids = map[care.CaseID]store.Seq{}
	}
	if len(r.ids) > 4096 {
		for id, given := range r.ids {
			if given <= at {
				delete(r.ids, id)
			}
		}
	}
	r.ids[id] = inFlight
	return true
}

func (r *reserved) settle(id care.CaseID, given store.Seq) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ids[id] = given
}

func (r *reserved) free(id care.CaseID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.ids, id)
}
