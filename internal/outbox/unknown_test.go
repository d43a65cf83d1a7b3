package outbox_test

import (
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/desk"
	"github.com/amends-care/amends/internal/network/networktest"
)

// An answer of which nobody knows whether it arrived is looked for a few times,
// ever more slowly, and then left to a person. It is never sent again.
func TestNotFoundWaitsForAPerson(t *testing.T) {
	in(t, networktest.FakeOptions{}, func(b *bench) {
		b.net.BreakWrites(networktest.ServerError)
		b.boot(nil)
		id := b.answered("sorry")
		b.pass(undoFor + 25*time.Second)
		if n := b.net.CallsOf("find"); n != 0 {
			b.Errorf("looked for %d times before the attempt was over", n)
		}
		b.net.BreakWrites(networktest.Mended) // it would go through now
		b.pass(24 * time.Hour)
		b.expect(id, "sorry", care.ReplyIsUnknown, "transient", 0)
		if finds, sends := b.net.CallsOf("find"), b.net.CallsOf("send"); finds != care.MaxLooks || sends != 1 {
			b.Errorf("looked for %d times, sent %d times", finds, sends)
		}

		var to care.MentionID
		err := b.act(id, func(now time.Time, c *care.Case) ([]care.Event, error) {
			to = c.Mentions[0].Mention
			return c.SettleReply(1, now, false)
		})
		if err != nil {
			b.Fatal(err)
		}
		b.answer(id, to, "sorry again", care.ThenAwait)
		b.pass(time.Minute)
		if c, _ := b.story(id); c.Replies[0].State != care.ReplyIsFailed || c.Replies[1].State != care.ReplyIsSent || c.State != care.StateAwaiting {
			b.Errorf("replies %s and %s, case %s", c.Replies[0].State, c.Replies[1].State, c.State)
		}
		if old, now := b.posted("sorry"), b.posted("sorry again"); old != 0 || now != 1 {
			b.Errorf("posted %d and %d times", old, now)
		}
	})
}

// A look that fails is none: while the network is down, no look is used up.
func TestLooksThatFailAreNotCounted(t *testing.T) {
	in(t, networktest.FakeOptions{}, func(b *bench) {
		b.net.BreakWrites(networktest.Dropped)
		b.boot(nil)
		id := b.answered("sorry")
		b.pass(undoFor + time.Second)
		b.net.Break(networktest.ServerError)
		b.pass(3 * time.Hour)
		if r := b.reply(id); r.State != care.ReplyIsUnknown || r.Looks != 0 {
			b.Errorf("reply is %s after %d looks", r.State, r.Looks)
		}
		if n := b.net.CallsOf("find"); n < 100 {
			b.Errorf("tried only %d times", n)
		}
		b.net.Break(networktest.Mended)
		b.pass(time.Minute)
		b.expect(id, "sorry", care.ReplyIsSent, "", 1)
		if n := b.net.CallsOf("send"); n != 1 {
			b.Errorf("sent %d times", n)
		}
	})
}

// The customer may take the post back after our answer arrived.
func TestLookedForAlthoughThePostIsGone(t *testing.T) {
	in(t, networktest.FakeOptions{}, func(b *bench) {
		b.net.BreakWrites(networktest.Dropped)
		b.boot(nil)
		id, m := b.complaint()
		b.answer(id, m, "sorry", care.ThenAwait)
		b.pass(undoFor + time.Second)
		mention, err := b.mention(m)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := b.agent.Receive(b.Context(), desk.Arrivals{Source: "kettles", Items: []desk.Arrival{{What: desk.WasDeleted, Post: mention.Post}}}); err != nil {
			b.Fatal(err)
		}
		b.pass(time.Hour)
		b.expect(id, "sorry", care.ReplyIsSent, "", 1)
	})
}

// Each reply of a case is looked for in its own time, whatever else of the case
// has to be carried out.
func TestLookingKeepsItsPausesBesideAnotherReply(t *testing.T) {
	in(t, networktest.FakeOptions{}, func(b *bench) {
		id, first := b.complaint()
		mention, err := b.mention(first)
		if err != nil {
			b.Fatal(err)
		}
		p := mention.Post
		p.Remote, p.InReplyTo = "follow-up", p.Remote
		if _, err := b.agent.Receive(b.Context(), desk.Arrivals{Source: "kettles", Items: []desk.Arrival{{What: desk.WasSeen, Post: p}}}); err != nil {
			b.Fatal(err)
		}
		c, _ := b.story(id)
		if len(c.Mentions) != 2 {
			b.Fatalf("%d mentions", len(c.Mentions))
		}
		b.net.BreakWrites(networktest.ServerError)
		b.boot(nil)
		b.answer(id, first, "sorry", care.ThenKeep)
		b.pass(undoFor + time.Second)
		b.net.BreakWrites(networktest.LimitedSeconds) // the second is tried again and again
		b.answer(id, c.Mentions[1].Mention, "and sorry", care.ThenKeep)
		b.pass(24 * time.Second) // the first one's attempt is over in 29
		if finds := b.net.CallsOf("find"); finds != 0 {
			b.Errorf("looked for %d times before the attempt was over", finds)
		}
		b.pass(11 * time.Second)
		if finds := b.net.CallsOf("find"); finds != 1 {
			b.Errorf("looked for %d times, want 1", finds)
		}
	})
}
