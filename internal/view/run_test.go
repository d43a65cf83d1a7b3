package view_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/amends-care/amends/internal/store"
	"github.com/amends-care/amends/internal/view"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// follow runs a view until the test stops it.
func follow(v *view.View) (stop func() error) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- v.Run(ctx) }()
	return func() error { cancel(); return <-done }
}

func TestWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		v := h.open(view.Options{})
		defer v.Close()
		stop := follow(v)
		h.mentions("a", 3)
		if err := v.WaitForAll(t.Context()); err != nil {
			t.Fatal(err)
		}
		at := v.Position()
		if last, err := store.Last(t.Context(), h.st); err != nil || at != last {
			t.Errorf("stands at %d of %d, %v", at, last, err)
		}
		if err := v.Wait(t.Context(), at); err != nil {
			t.Errorf("what is shown is waited for: %v", err)
		}

		// A record that comes later wakes who waits, and no sooner.
		woken := make(chan error, 1)
		go func() { woken <- v.Wait(t.Context(), at+2) }()
		synctest.Wait()
		select {
		case err := <-woken:
			t.Fatalf("woken too soon: %v", err)
		default:
		}
		h.mentions("a", 3)
		if err := <-woken; err != nil {
			t.Error(err)
		}

		// A wait has its own end.
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		if err := v.Wait(ctx, at+1000); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("ended with %v", err)
		}

		// When the view ends, so does every wait.
		go func() { woken <- v.Wait(context.Background(), at+1000) }()
		synctest.Wait()
		if err := stop(); !errors.Is(err, context.Canceled) {
			t.Errorf("Run ended with %v", err)
		}
		if err := <-woken; !errors.Is(err, context.Canceled) {
			t.Errorf("a wait ended with %v", err)
		}
	})
}

// The store may be closed first: the view says so, and so does every wait.
func TestStoreEnds(t *testing.T) {
	h := newHouse(t)
	h.mentions("a", 3)
	v := h.open(view.Options{})
	defer v.Close()
	stop := follow(v)
	if err := v.WaitForAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.st.Close()
	if err := v.Wait(t.Context(), v.Position()+1); !errors.Is(err, store.ErrClosed) {
		t.Errorf("a wait ended with %v", err)
	}
	if err := stop(); !errors.Is(err, store.ErrClosed) && !errors.Is(err, context.Canceled) {
		t.Errorf("Run ended with %v", err)
	}
	if err := v.WaitForAll(t.Context()); err == nil {
		t.Error("waited for a store that is closed")
	}
}

// A view can be verified while it is followed.
func TestVerifyWhileItIsFollowed(t *testing.T) {
	h := newHouse(t)
	v := h.open(view.Options{})
	defer v.Close()
	stop := follow(v)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range 40 {
			h.mentions("a", 9)
		}
	}()
	for range 3 {
		if at, found, err := v.Verify(t.Context()); err != nil || len(found) > 0 {
			t.Errorf("at %d: %v, %v", at, found, err)
		}
	}
	<-done
	if err := v.WaitForAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, found, err := v.Verify(t.Context()); err != nil || len(found) > 0 {
		t.Errorf("%v, %v", found, err)
	}
	_ = stop()
	h.mentions("a", 9) // and brought up to date after that
	catchUp(t, v)
	if _, found, err := v.Verify(t.Context()); err != nil || len(found) > 0 {
		t.Errorf("%v, %v", found, err)
	}
}
