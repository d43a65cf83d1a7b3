package outbox_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/desk"
	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/networktest"
	"github.com/amends-care/amends/internal/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestNothingLeavesWhileItCanBeUndone(t *testing.T) {
	in(t, networktest.FakeOptions{}, func(b *bench) {
		b.boot(nil)
		sent, undone := b.answered("sent"), b.answered("undone")
		b.pass(undoFor - time.Millisecond)
		if n := b.net.CallsOf("send"); n != 0 {
			b.Fatalf("%d calls before the time to undo was over", n)
		}
		undo := func(_ time.Time, c *care.Case) ([]care.Event, error) { return c.UndoReply("ada", 1) }
		if err := b.act(undone, undo); err != nil {
			b.Fatal(err)
		}
		b.pass(time.Second)
		b.expect(sent, "sent", care.ReplyIsSent, "", 1)
		if err := b.act(sent, undo); err == nil {
			b.Error("undone after it was sent")
		}
		b.pass(time.Hour)
		b.expect(undone, "undone", care.ReplyIsUndone, "", 0)
	})
}

func TestSentReplyIsKeptWithWhereItStands(t *testing.T) {
	in(t, networktest.FakeOptions{}, func(b *bench) {
		b.boot(nil)
		id := b.answered("a new one is on its way")
		b.pass(undoFor + time.Second)
		c, _ := b.story(id)
		if c.State != care.StateAwaiting {
			b.Errorf("the case is %s", c.State)
		}
		if at := c.FirstReplyAt; !at.Equal(c.Replies[0].VisibleAt) || at.Before(c.Replies[0].AttemptedAt) {
			b.Errorf("first reply at %v", at)
		}
		docs, err := b.st.Get(b.Context(), "text/"+string(id)+"/1")
		if err != nil {
			b.Fatal(err)
		}
		text, err := care.DecodeText(docs[0].Data)
		if err != nil || text.Sent == "" || !strings.HasSuffix(text.URL, string(text.Sent)) || text.Body != "a new one is on its way" {
			b.Errorf("kept as %+v, %v", text, err)
		}
	})
}

// What can't be sent fails at once, with a reason that a person can act on,
// and no call is made.
func TestWhatCanNotBeSent(t *testing.T) {
	no := func(how care.Way) networktest.FakeOptions {
		return networktest.FakeOptions{May: func(care.Post, time.Time) care.Permission { return care.Permission{How: how, Why: "No."} }}
	}
	for _, c := range []struct {
		name   string
		o      networktest.FakeOptions
		before func(b *bench, id care.CaseID, m care.Mention)
		why    string
	}{
		{"the network does not allow it", no(care.ByNone), nil, "not_allowed"},
		{"only by hand", no(care.ByHand), nil, "not_allowed"},
		{"the source is gone", networktest.FakeOptions{}, func(b *bench, _ care.CaseID, _ care.Mention) { b.account = nil }, "no_account"},
		{"the source can't answer", networktest.FakeOptions{}, func(b *bench, _ care.CaseID, _ care.Mention) {
			b.account = struct{ network.Account }{b.account}
		}, "no_account"},
		{"the post was deleted on the network", networktest.FakeOptions{}, func(b *bench, _ care.CaseID, m care.Mention) {
			b.net.Delete(m.Post.Remote)
		}, "target_gone"},
		{"the post was deleted, and we know", networktest.FakeOptions{}, func(b *bench, _ care.CaseID, m care.Mention) {
			_, err := b.agent.Receive(b.Context(), desk.Arrivals{Source: "kettles", Items: []desk.Arrival{{What: desk.WasDeleted, Post: m.Post}}})
			if err != nil {
				b.Fatal(err)
			}
		}, "target_gone"},
		{"the text was erased", networktest.FakeOptions{}, func(b *bench, id care.CaseID, _ care.Mention) {
			b.erase("text/" + string(id) + "/1")
		}, "erased"},
		{"the mention was erased", networktest.FakeOptions{}, func(b *bench, _ care.CaseID, m care.Mention) {
			b.erase("mention/" + string(m.ID))
		}, "erased"},
	} {
		t.Run(c.name, func(t *testing.T) {
			in(t, c.o, func(b *bench) {
				id, m := b.complaint()
				b.answer(id, m, "sorry", care.ThenAwait)
				mention, err := b.mention(m)
				if err != nil {
					b.Fatal(err)
				}
				if c.before != nil {
					c.before(b, id, mention)
				}
				b.boot(nil)
				b.pass(time.Hour)
				b.expect(id, "sorry", care.ReplyIsFailed, c.why, 0)
				if n := b.net.CallsOf("send"); n != 0 {
					b.Errorf("%d calls were made all the same", n)
				}
			})
		})
	}
}

func (b *bench) erase(key string) {
	b.Helper()
	if _, err := b.st.Commit(b.Context(), store.Batch{Erases: []string{key}}); err != nil {
		b.Fatal(err)
	}
}

// hooked is an account that lets a test do something while a call is under way.
type hooked struct {
	*bench
	send func(ctx context.Context) // before the call
	look func(ctx context.Context) error
}

func (b *bench) hook() *hooked {
	h := &hooked{bench: b}
	b.account = h
	return h
}

func (h *hooked) replier() network.Replier { return h.net.Account().(network.Replier) }

func (h *hooked) Poll(ctx context.Context, cursor string) (network.Page, error) {
	return h.net.Account().Poll(ctx, cursor)
}

func (h *hooked) May(p care.Post, now time.Time) care.Permission { return h.replier().May(p, now) }

func (h *hooked) Send(ctx context.Context, a care.Answer) (network.Sent, error) {
	if h.send != nil {
		h.send(ctx)
	}
	return h.replier().Send(ctx, a)
}

func (h *hooked) Find(ctx context.Context, a care.Answer) (network.Sent, bool, error) {
	return h.replier().Find(ctx, a)
}

func (h *hooked) Look(ctx context.Context, ids []care.Remote) ([]network.Item, error) {
	if h.look != nil {
		if err := h.look(ctx); err != nil {
			return nil, err
		}
	}
	return h.net.Account().(network.Looker).Look(ctx, ids)
}

// Not knowing whether the post is still there is no reason to be silent.
func TestSentAlthoughThePostCouldNotBeLookedAt(t *testing.T) {
	in(t, networktest.FakeOptions{}, func(b *bench) {
		b.hook().look = func(ctx context.Context) error {
			<-ctx.Done()
			return &network.Error{Fault: network.Transient}
		}
		b.boot(nil)
		id := b.answered("sorry")
		b.pass(undoFor + 15*time.Second)
		b.expect(id, "sorry", care.ReplyIsRequested, "", 0)
		b.pass(10 * time.Second)
		b.expect(id, "sorry", care.ReplyIsSent, "", 1)
	})
}

func TestTextErasedDuringTheCallStaysErased(t *testing.T) {
	in(t, networktest.FakeOptions{}, func(b *bench) {
		id := b.answered("sorry")
		b.hook().send = func(context.Context) { b.erase("text/" + string(id) + "/1") }
		b.boot(nil)
		b.pass(time.Minute)
		b.expect(id, "sorry", care.ReplyIsSent, "", 1)
		if docs, err := b.st.Get(b.Context(), "text/"+string(id)+"/1"); err != nil || docs[0].Rev != 0 {
			b.Errorf("the text is back: %q, %v", docs[0].Data, err)
		}
	})
}

// Shutting down waits for the call under way, so that its outcome is known.
func TestShutdownLetsACallEnd(t *testing.T) {
	for _, c := range []struct {
		f     networktest.Fault
		state care.ReplyState
		why   string
		posts int
		took  time.Duration // from the shutdown
	}{
		{networktest.Mended, care.ReplyIsSent, "", 1, 10 * time.Second},
		{networktest.Forbidden, care.ReplyIsFailed, "refused", 0, 10 * time.Second},
		{networktest.Stalled, care.ReplyIsUnknown, "transient", 1, 15 * time.Second},
	} {
		t.Run(string(c.f), func(t *testing.T) {
			in(t, networktest.FakeOptions{}, func(b *bench) {
				h := b.hook()
				h.send = func(context.Context) { b.net.BreakWrites(c.f); b.net.Delay(15 * time.Second) }
				id := b.answered("sorry")
				p := b.boot(nil)
				b.pass(undoFor + 5*time.Second + 250*time.Millisecond)
				began := time.Now()
				p.end()
				if took := time.Since(began).Round(time.Second); took != c.took {
					b.Errorf("the shutdown took %v, want %v", took, c.took)
				}
				b.expect(id, "sorry", c.state, c.why, c.posts)
			})
		})
	}
}

// At most sixteen calls are made at once, and everybody's turn comes.
func TestManyRepliesAtOnce(t *testing.T) {
	in(t, networktest.FakeOptions{}, func(b *bench) {
		var mu sync.Mutex
		calls, most := 0, 0
		b.hook().send = func(context.Context) {
			mu.Lock()
			calls++
			most = max(most, calls)
			mu.Unlock()
			time.Sleep(5 * time.Second)
			mu.Lock()
			calls--
			mu.Unlock()
		}
		var ids []care.CaseID
		for i := range 100 {
			ids = append(ids, b.answered(fmt.Sprint("sorry ", i)))
		}
		b.boot(nil)
		b.pass(undoFor + 7*6*time.Second)
		if most != 16 {
			b.Errorf("%d calls at once", most)
		}
		for i, id := range ids {
			b.expect(id, fmt.Sprint("sorry ", i), care.ReplyIsSent, "", 1)
		}
	})
}
