package store

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"
)

// LeaseTerm is how long a lease stands unrenewed before another may take it.
const LeaseTerm = 15 * time.Second

// releaseTime bounds how long giving a lease back may hold up a shutdown.
const releaseTime = 2 * time.Second

// A Lease is the right to do some work that one node at a time should do. It
// saves work and no more: what keeps the work right are the expectations of
// its batches, and the fence for those that have no other.
//
// No clock is shared. A holder renews the document lease/<Name>, which changes
// its revision; a watcher takes the lease when by its own monotonic clock the
// revision has not changed for a Term; a holder gives up when by its own clock
// four fifths of a Term have passed since it began the last renewal that
// succeeded, so that its work has the last fifth to stop in.
type Lease struct {
	Store Store
	Name  string
	// Holder names who wants the lease: one name for each live node, the same
	// after a restart. A lease that its own holder left behind when it was
	// killed is taken at once.
	Holder string
	Term   time.Duration // 0: LeaseTerm
}

// Hold waits until it has the lease, runs work, and gives the lease back when
// work has returned. The context of work ends when the lease is lost, with
// [ErrLeaseLost] as its cause; work must then return soon. The fence, as one of
// a batch's Checks, makes the batch conflict from the moment another holder
// has the lease.
//
// It returns what work returned, or ErrLeaseLost, or while it waits the error
// of the context or of the store.
func (l Lease) Hold(ctx context.Context, work func(ctx context.Context, fence Check) error) error {
	if l.Term == 0 {
		l.Term = LeaseTerm
	}
	t := &tenure{Lease: l}
	if err := t.acquire(ctx); err != nil {
		return fmt.Errorf("lease %s: %w", l.Name, err)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	done := make(chan error, 1)
	fence := Check{Key: t.fenceKey(), Was: t.fence}
	go func() { done <- work(ctx, fence) }()
	if err := t.keep(ctx, done); err != nil {
		cancel(err)
		<-done
		return err
	}
	// keep has taken the answer of work, and left it in t.
	t.release(ctx)
	return t.result
}

// A tenure is one holding of a lease, from trying for it to giving it back.
type tenure struct {
	Lease
	mark   []byte    // what its documents hold
	rev    uint64    // of the lease document
	fence  uint64    // of the fence document: changes only with the holder
	since  time.Time // when the last renewal that succeeded began
	result error     // of the work
}

func (t *tenure) leaseKey() string { return "lease/" + t.Name }
func (t *tenure) fenceKey() string { return "fence/" + t.Name }

// good is how long a renewal is good for.
func (t *tenure) good() time.Duration { return t.Term / 5 * 4 }

// acquire waits until the lease is free, and takes it.
func (t *tenure) acquire(ctx context.Context) error {
	t.mark = []byte(rand.Text() + " " + t.Holder)
	var seen sighting
	look := time.NewTicker(t.Term / 5)
	defer look.Stop()
	for {
		docs, err := t.Store.Get(ctx, t.leaseKey(), t.fenceKey())
		if err != nil {
			return err
		}
		_, holder, _ := strings.Cut(string(docs[0].Data), " ")
		if docs[0].Rev == 0 || holder == t.Holder || seen.stale(docs[0].Rev, t.Term) {
			ok, err := t.take(ctx, docs[0].Rev, docs[1].Rev)
			if ok || err != nil {
				return err
			}
		}
		select {
		case <-look.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// take writes both documents if they are still as they were seen.
func (t *tenure) take(ctx context.Context, lease, fence uint64) (bool, error) {
	began := time.Now()
	_, err := t.Store.Commit(ctx, Batch{Puts: []Put{
		{Key: t.leaseKey(), Was: lease, Data: t.mark},
		{Key: t.fenceKey(), Was: fence, Data: t.mark},
	}})
	if _, lost := errors.AsType[*Conflict](err); lost {
		return false, nil // another was faster
	}
	if err != nil {
		return false, err // if it was written, the next try finds its own name
	}
	ok, fence, err := t.stands(ctx)
	t.since, t.fence = began, fence
	return ok, err
}

// stands reads the documents again and says whether they are still this
// tenure's, which no other's mark is, and the revision of the fence.
func (t *tenure) stands(ctx context.Context) (ok bool, fence uint64, err error) {
	docs, err := t.Store.Get(ctx, t.leaseKey(), t.fenceKey())
	if err != nil {
		return false, 0, err
	}
	if string(docs[0].Data) != string(t.mark) || string(docs[1].Data) != string(t.mark) {
		return false, 0, nil
	}
	t.rev = docs[0].Rev
	return true, docs[1].Rev, nil
}

// keep renews until the work is done, and returns nil, or until the lease is
// lost, and says so.
func (t *tenure) keep(ctx context.Context, done <-chan error) error {
	lost := fmt.Errorf("lease %s: %w", t.Name, ErrLeaseLost)
	again := time.NewTicker(t.Term / 5)
	defer again.Stop()
	for {
		end := time.NewTimer(t.good() - time.Since(t.since))
		select {
		case t.result = <-done:
			end.Stop()
			return nil
		case <-end.C:
			return lost
		case <-again.C:
			end.Stop()
		}
		// While work winds down after ctx has ended, it still needs its lease.
		if err := t.renew(context.WithoutCancel(ctx)); err != nil {
			return lost
		}
	}
}

// renew writes the lease document again. Its error means lost for certain; a
// store that can't be reached is tried again later, as long as the last renewal is
// good.
func (t *tenure) renew(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, t.Term/5)
	defer cancel()
	for ctx.Err() == nil {
		began := time.Now()
		if began.Sub(t.since) >= t.good() {
			return ErrLeaseLost // this process was asleep
		}
		was := t.rev
		_, err := t.Store.Commit(ctx, Batch{
			Puts: []Put{{Key: t.leaseKey(), Was: t.rev, Data: t.mark}},
		})
		_, conflict := errors.AsType[*Conflict](err)
		stands, _, readErr := t.stands(ctx)
		switch {
		case readErr != nil:
			return nil
		case !stands:
			return ErrLeaseLost
		case conflict:
			continue // an earlier renewal arrived late, and moved it on
		case t.rev != was: // whatever the answer was, it was written
			t.since = began
		}
		return nil
	}
	return nil
}

// release gives the lease back. If it fails, the lease runs out by itself.
func (t *tenure) release(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), releaseTime)
	defer cancel()
	_, _ = t.Store.Commit(ctx, Batch{
		Checks: []Check{{Key: t.fenceKey(), Was: t.fence}},
		Erases: []string{t.leaseKey(), t.fenceKey()},
	})
}

// A sighting is a revision, and since when it has been seen unchanged.
type sighting struct {
	rev   uint64
	since time.Time
}

// stale looks again, and says whether the revision has stood for a term.
func (s *sighting) stale(rev uint64, term time.Duration) bool {
	if now := time.Now(); rev != s.rev {
		s.rev, s.since = rev, now
	}
	return time.Since(s.since) >= term
}

// A Roster tells which of the leases whose names begin alike are being
// renewed, and so which nodes are alive. It is not safe for concurrent use.
type Roster struct {
	Store  Store
	Prefix string        // of the leases' names, such as "node/"
	Term   time.Duration // 0: LeaseTerm

	seen map[string]*sighting
}

// Live returns the names of the leases that are held, without the prefix, in
// order. One that it sees for the first time counts as held, and then for a
// Term after each renewal; so look at least every few seconds.
func (r *Roster) Live(ctx context.Context) ([]string, error) {
	term := r.Term
	if term == 0 {
		term = LeaseTerm
	}
	now := make(map[string]*sighting)
	var live []string
	for d, err := range r.Store.List(ctx, "lease/"+r.Prefix, "") {
		if err != nil {
			return nil, err
		}
		name := strings.TrimPrefix(d.Key, "lease/"+r.Prefix)
		s := r.seen[name]
		if s == nil {
			s = new(sighting)
		}
		if now[name] = s; !s.stale(d.Rev, term) {
			live = append(live, name)
		}
	}
	r.seen = now
	return live, nil
}
