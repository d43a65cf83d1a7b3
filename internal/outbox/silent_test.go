package outbox_test

import (
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network/networktest"
)

// A reply that waits when the customer asks not to be contacted is not sent,
// and says why.
func TestOptOutHoldsBackWhatWaits(t *testing.T) {
	in(t, networktest.FakeOptions{}, func(b *bench) {
		id, m := b.complaint()
		b.answer(id, m, "sorry", care.ThenAwait)
		mention, err := b.mention(m)
		if err != nil {
			b.Fatal(err)
		}
		_, err = b.agent.People(b.Context(), "agent/ada", "", []care.AuthorRef{{Network: mention.Post.Network, Author: mention.Author}},
			func(_ time.Time, ps []*care.Person) (care.Change, error) {
				es, err := ps[0].AskSilence("asked", m)
				return care.Change{Contacts: es}, err
			})
		if err != nil {
			b.Fatal(err)
		}
		b.boot(nil)
		b.pass(time.Hour)
		b.expect(id, "sorry", care.ReplyIsFailed, "opted_out", 0)
		if n := b.net.CallsOf("send"); n != 0 {
			b.Errorf("%d calls were made all the same", n)
		}
	})
}
