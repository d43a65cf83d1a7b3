package desk

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/store"
)

// Alarms knows which cases have a deadline, promise or snooze that is due. What
// it says is a hint, checked again in the commit.
type Alarms interface {
	Alarms(now time.Time, n int) ([]care.CaseID, error)
	// Wait returns once the hints are as of a place in the log.
	Wait(ctx context.Context, seq store.Seq) error
}

// scan is how many cases are settled in one commit.
const scan = 500

// Clock settles what is due, every second until ctx ends. Nothing is kept in
// memory, so a restart loses no deadline, and a late scan records the deadlines'
// own instants. One node at a time should run it; two do no harm. It holds turn
// while it works.
func (d *Desk) Clock(ctx context.Context, due Alarms, turn sync.Locker) error {
	return d.everySecond(ctx, turn, "deadlines could not be settled", func() error { return d.Tick(ctx, due) })
}

// everySecond does something until ctx ends, and holds turn while it does. A
// failure is logged as what, and is tried again.
func (d *Desk) everySecond(ctx context.Context, turn sync.Locker, what string, do func() error) error {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		turn.Lock()
		err := do()
		turn.Unlock()
		if err != nil && ctx.Err() == nil {
			d.log.Error(what+"; trying again", "err", err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Tick settles all that is due by now.
func (d *Desk) Tick(ctx context.Context, due Alarms) error {
	for last := store.Seq(0); ; {
		ids, err := due.Alarms(d.now(), scan)
		if err != nil {
			return fmt.Errorf("read alarms: %w", err)
		}
		if len(ids) == 0 {
			return nil
		}
		seq, err := d.Settle(ctx, ids)
		switch {
		case err != nil:
			return err
		case seq == last:
			return fmt.Errorf("%d cases are due, and there is nothing to record of them", len(ids))
		}
		last = seq
		if err := due.Wait(ctx, seq); err != nil {
			return err
		}
	}
}

// Settle records what time has made of cases: breaches, slipped promises, ended
// snoozes. It changes nothing where there is nothing to record.
func (d *Desk) Settle(ctx context.Context, ids []care.CaseID) (store.Seq, error) {
	return d.commit(ctx, care.ByClock, "", func(u *unit) error {
		for _, id := range ids {
			w, err := u.work(ctx, id)
			if err != nil {
				return err
			}
			if w.now.Exists() {
				u.emit(w, w.now.Settle(w.before, u.at(w), u.rules)...)
			}
		}
		return nil
	})
}
