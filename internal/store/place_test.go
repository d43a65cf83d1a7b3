package store_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/amends-care/amends/internal/store"
)

// Who waits for a place hears of it, and of what ended the way there; what was
// reached before stays so.
func TestPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p store.Place
		heard := map[store.Seq]chan error{}
		for _, seq := range []store.Seq{0, 1, 5, 6} {
			answer := make(chan error, 1)
			heard[seq] = answer
			go func() { answer <- p.Wait(t.Context(), seq) }()
		}
		expect := func(seq store.Seq, want error) {
			t.Helper()
			synctest.Wait()
			select {
			case err := <-heard[seq]:
				if !errors.Is(err, want) || want == nil && err != nil {
					t.Errorf("waiting for %d: %v, not %v", seq, err, want)
				}
			default:
				t.Errorf("%d is not heard of at %d", seq, p.Position())
			}
		}
		expect(0, nil)
		p.Reach(5)
		p.Reach(3)
		expect(1, nil)
		expect(5, nil)
		broken := errors.New("the disk is full")
		p.End(broken)
		expect(6, broken)
		if err := p.Wait(t.Context(), 5); err != nil || p.Position() != 5 {
			t.Errorf("5 is not reached any more: %v at %d", err, p.Position())
		}
		ctx, stop := context.WithCancel(t.Context())
		stop()
		var fresh store.Place
		if err := fresh.Wait(ctx, 1); !errors.Is(err, context.Canceled) {
			t.Errorf("waiting goes on after its end: %v", err)
		}
	})
}
