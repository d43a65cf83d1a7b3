package outbox_test

import (
	"context"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/networktest"
	"github.com/amends-care/amends/internal/outbox"
)

// What provably did not leave is tried again, ever more slowly, and not for ever.
func TestUnsentIsTriedAgainUpToABound(t *testing.T) {
	in(t, networktest.FakeOptions{}, func(b *bench) {
		var tries []time.Time
		b.hook().send = func(context.Context) { tries = append(tries, time.Now()) }
		b.net.BreakWrites(networktest.Unreachable)
		b.boot(nil)
		id := b.answered("sorry")
		b.pass(2 * time.Hour)
		b.expect(id, "sorry", care.ReplyIsFailed, "transient", 0)
		if n := len(tries); n != 8 {
			b.Errorf("%d tries, want 8", n)
		}
		for i := 1; i < len(tries); i++ {
			if wait, most := tries[i].Sub(tries[i-1]), 5*time.Second<<(i-1)+time.Second; wait > most {
				b.Errorf("%v before try %d, want %v at most", wait, i+1, most)
			}
		}
	})
}

func TestUnsentIsSentOnceTheNetworkIsBack(t *testing.T) {
	for _, f := range []networktest.Fault{networktest.Unreachable, networktest.LimitedDate} {
		t.Run(string(f), func(t *testing.T) {
			in(t, networktest.FakeOptions{}, func(b *bench) {
				b.net.BreakWrites(f)
				b.boot(nil)
				id := b.answered("sorry")
				b.pass(undoFor + time.Second)
				if r := b.reply(id); r.State != care.ReplyIsRequested || r.Why == "" || r.Tries == 0 {
					b.Errorf("between two tries it is %s (%s) after %d", r.State, r.Why, r.Tries)
				}
				b.net.BreakWrites(networktest.Mended)
				b.pass(30 * time.Minute)
				b.expect(id, "sorry", care.ReplyIsSent, "", 1)
			})
		})
	}
}

// A reply that waits for its next try has not left, so it can still be undone.
func TestUnsentCanBeUndone(t *testing.T) {
	in(t, networktest.FakeOptions{}, func(b *bench) {
		b.net.BreakWrites(networktest.LimitedSeconds)
		b.boot(nil)
		id := b.answered("sorry")
		b.pass(undoFor + time.Second)
		err := b.act(id, func(_ time.Time, c *care.Case) ([]care.Event, error) { return c.UndoReply("ada", 1) })
		if err != nil {
			b.Fatal(err)
		}
		b.net.BreakWrites(networktest.Mended)
		b.pass(time.Hour)
		b.expect(id, "sorry", care.ReplyIsUndone, "limited", 0)
	})
}

// The wait that a network asks for is kept, however short our own would be.
func TestLimitIsHonoured(t *testing.T) {
	in(t, networktest.FakeOptions{}, func(b *bench) {
		var tries []time.Time
		b.hook().send = func(context.Context) { tries = append(tries, time.Now()) }
		b.net.BreakWrites(networktest.LimitedSeconds)
		b.boot(nil)
		b.answered("sorry")
		b.pass(time.Hour)
		if len(tries) != 8 {
			b.Errorf("%d tries, want 8", len(tries))
		}
		for i := 1; i < len(tries); i++ {
			if wait := tries[i].Sub(tries[i-1]); wait < networktest.Wait {
				b.Errorf("%v before try %d", wait, i+1)
			}
		}
	})
}

// A call ends before the attempt's deadline, when others may begin to look for
// the answer: also when the process was held up between the commit and the call.
func TestCallEndsBeforeTheAttemptIsOver(t *testing.T) {
	for _, held := range []time.Duration{0, 12 * time.Second, 40 * time.Second} {
		t.Run(held.String(), func(t *testing.T) {
			in(t, networktest.FakeOptions{}, func(b *bench) {
				id := b.answered("sorry")
				h, once := b.hook(), true
				h.send = func(ctx context.Context) {
					ends, ok := ctx.Deadline()
					if last := b.reply(id).Deadline; !ok || ends.After(last) {
						b.Errorf("the call may last until %v, the attempt until %v", ends, last)
					}
				}
				box := outbox.New(outbox.Options{
					Desk: b.newDesk(nil), Store: b.st, Pending: b.view,
					Account: func(string, string) network.Account { return h },
					Point: func(point string) {
						if point == "outbox.attempted" && once {
							once = false
							time.Sleep(held)
						}
					},
				})
				for range 20 {
					b.pass(10 * time.Second)
					if err := box.One(b.Context(), id); err != nil {
						b.Fatal(err)
					}
				}
				b.expect(id, "sorry", care.ReplyIsSent, "", 1)
			})
		})
	}
}

// What the outbox remembers of a case to leave it alone for a moment is not
// kept for ever.
func TestNothingIsRememberedOfWhatIsDone(t *testing.T) {
	in(t, networktest.FakeOptions{}, func(b *bench) {
		box := outbox.New(outbox.Options{
			Desk: b.newDesk(nil), Store: b.st, Pending: b.view, Account: func(string, string) network.Account { return b.account },
		})
		ctx, stop := context.WithCancel(b.Context())
		defer stop()
		done := make(chan error, 1)
		go func() { done <- box.Run(ctx) }()
		for range 50 {
			b.answered("sorry")
		}
		b.pass(undoFor + 250*time.Millisecond)
		if box.Resting() == 0 {
			b.Error("no case was left alone")
		}
		b.pass(time.Minute)
		if n := box.Resting(); n != 0 {
			b.Errorf("%d cases are still remembered", n)
		}
		stop()
		<-done
	})
}
