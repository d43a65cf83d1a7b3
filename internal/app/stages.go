package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// A stage is a part that runs until its context ends, and how long it may take
// to stop then.
type stage struct {
	name string
	stop time.Duration
	run  func(context.Context) error
}

// runStages starts parts in order and waits. When ctx ends, or a part fails,
// they are stopped one after the other, the last first, so that no part loses
// what it stands on. It returns the first failure, if there was one.
func runStages(ctx context.Context, log *slog.Logger, stages []stage) error {
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	type running struct {
		stage
		cancel context.CancelFunc
		done   chan struct{}
	}
	var started []running
	for _, s := range stages {
		own, cancel := context.WithCancel(context.WithoutCancel(ctx))
		r := running{s, cancel, make(chan struct{})}
		started = append(started, r)
		go func() {
			defer close(r.done)
			if err := s.run(own); err != nil && own.Err() == nil {
				fail(fmt.Errorf("%s: %w", s.name, err))
			}
		}()
	}
	<-ctx.Done()
	for i := len(started) - 1; i >= 0; i-- {
		r := started[i]
		r.cancel()
		t := time.NewTimer(r.stop)
		select {
		case <-r.done:
		case <-t.C:
			log.Error("a part did not stop in time", "part", r.name, "took", r.stop)
		}
		t.Stop()
	}
	if err := context.Cause(ctx); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}
