// Package desk is the only writer of what happens to a case. It has two doors:
// [Desk.Receive] takes a page of what a source brought, [Desk.Do] takes a
// decision by a person or the clock. Either way the rules decide (packages
// care, route and sla), and all that follows is one commit or nothing.
//
// It owns the streams case/, contact/, issue/, source/, author/, agent/, bulk/, review,
// digest/, alert/ and desk, and the documents mention/, seen/, gone/, claim/, thread/,
// text/, bulk/, person/, issue/, survey/, bulletin/ and source/. It shows nothing and
// calls no network.
package desk

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/store"
)

// Options of a Desk.
type Options struct {
	Key   []byte           // keys the hashes of authors and threads; 32 bytes, kept apart from the data
	Rules *Rules           // in force from the start
	Now   func() time.Time // nil: time.Now
	Heads Heads            // nil: Next finds nothing
	Log   *slog.Logger
	Cache int // cases kept folded in memory; 0: 20,000
	// Point is told at named steps, so that a test can stop the process there;
	// may be nil.
	Point func(point string)
}

// Heads knows the first cases of a queue that nobody has, and those that
// somebody has. What it says is a hint, checked again in the commit.
type Heads interface {
	// as of the place in the log that is returned with them.
	Heads(queue string, n int) ([]care.CaseID, store.Seq, error)
	// Held are the open cases that somebody has, as of the place that is returned.
	Held(a care.AgentID) ([]care.CaseID, store.Seq, error)
}

// A Desk changes cases.
type Desk struct {
	st    store.Store
	rules atomic.Pointer[Rules]
	names *names
	ids   *ids
	now   func() time.Time
	heads Heads
	log   *slog.Logger
	cases *lru.Cache[care.CaseID, *care.Case] // never changed once in here
	taken reserved
	read  places // of agents' streams
	point func(string)
}

// New returns a desk on a store.
func New(st store.Store, o Options) (*Desk, error) {
	if len(o.Key) < 16 {
		return nil, errors.New("desk: the hash key has less than 16 bytes")
	}
	if o.Cache == 0 {
		o.Cache = 20_000
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Point == nil {
		o.Point = func(string) {}
	}
	cases, err := lru.New[care.CaseID, *care.Case](o.Cache)
	if err != nil {
		return nil, fmt.Errorf("desk: %w", err)
	}
	d := &Desk{st: st, names: newNames(o.Key), ids: newIDs(), now: o.Now, heads: o.Heads, log: o.Log, cases: cases, point: o.Point}
	d.rules.Store(o.Rules)
	return d, nil
}

// Use puts other rules in force. Deadlines that are set stay what they are.
func (d *Desk) Use(r *Rules) { d.rules.Store(r) }

// PromisedBy is what the deadlines of a case would be by another policy from now
// on. Nothing is decided.
func (d *Desk) PromisedBy(c *care.Case, policy string) []care.Target {
	return c.PromisedBy(policy, ms(d.now()), d.rules.Load())
}

// maxTries bounds how often a decision is taken again after a conflict.
const maxTries = 25

// Do folds the cases, asks decide, adds what follows for queue and targets, and
// commits once. decide must be pure, and must not change the cases: it runs
// again after a conflict. op names the decision: the same op again has no
// further effect; it may be empty. An error of decide comes back as it is.
func (d *Desk) Do(ctx context.Context, by care.Actor, op string, ids []care.CaseID,
	decide func(now time.Time, cs []*care.Case) (care.Change, error)) (store.Seq, error) {
	return d.commit(ctx, by, op, func(u *unit) error {
		cs := make([]*care.Case, len(ids))
		for i, id := range ids {
			w, err := u.work(ctx, id)
			if err != nil {
				return err
			}
			cs[i] = w.now
		}
		change, err := decide(u.now, cs)
		if err != nil {
			return err
		}
		return u.change(ctx, change)
	})
}

// One is Do for a single case whose decision brings events and texts.
func (d *Desk) One(ctx context.Context, by care.Actor, op string, id care.CaseID,
	decide func(now time.Time, c *care.Case) ([]care.Event, error), texts ...care.KeptText) (store.Seq, error) {
	return d.Do(ctx, by, op, []care.CaseID{id}, func(now time.Time, cs []*care.Case) (care.Change, error) {
		events, err := decide(now, cs[0])
		return care.One(id, events, err, texts...)
	})
}

// commit builds a unit, writes it, and does both again when what it was built
// on has changed meanwhile.
func (d *Desk) commit(ctx context.Context, by care.Actor, op string, build func(*unit) error) (store.Seq, error) {
	docs := map[string]store.Doc{} // read once; after a conflict only what moved is read again
	for try := 0; ; try++ {
		u := d.unit(by, docs)
		b, refused := store.Batch{}, build(u)
		if refused == nil {
			b, refused = u.batch(ctx, op)
			if _, ok := errors.AsType[*care.Error](refused); refused != nil && !ok {
				return 0, refused
			}
		}
		if refused != nil || b.Size() == len(op) { // nothing to write
			if seq, ok := d.repeated(ctx, op); ok {
				return seq, nil
			}
			behind, err := u.behind(ctx)
			switch {
			case err != nil && refused == nil:
				return 0, err
			case !behind || try == maxTries:
				return u.position(), refused
			}
			continue
		}
		who, _, _ := strings.Cut(string(by), "/")
		d.point("desk." + who + ".commit")
		seq, err := d.st.Commit(ctx, b)
		if err == nil {
			d.point("desk." + who + ".committed")
			u.remember(seq, b)
			return seq, nil
		}
		var conflict *store.Conflict
		if !errors.As(err, &conflict) || try == maxTries {
			u.forget()
			return 0, fmt.Errorf("commit: %w", err)
		}
		for _, s := range conflict.Streams {
			if id, ok := strings.CutPrefix(s, "case/"); ok {
				d.cases.Remove(care.CaseID(id))
			}
		}
		for _, k := range conflict.Keys {
			delete(docs, k)
		}
		if err := pause(ctx, try); err != nil {
			return 0, err
		}
	}
}

// pause lets a crowd of decisions about the same thing drift apart.
func pause(ctx context.Context, try int) error {
	if try < 3 {
		return ctx.Err()
	}
	t := time.NewTimer(rand.N(time.Duration(try) * time.Millisecond))
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// repeated says whether an op was committed before, and with what result: a
// batch that can only succeed by being remembered.
func (d *Desk) repeated(ctx context.Context, op string) (store.Seq, bool) {
	if op == "" {
		return 0, false
	}
	seq, err := d.st.Commit(ctx, store.Batch{Op: op, Checks: []store.Check{{Key: "\x00never", Was: 1}}})
	return seq, err == nil
}
