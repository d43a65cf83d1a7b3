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
		b.optOut(id)
		b.boot(nil)
		b.pass(time.Hour)
		b.expect(id, "sorry", care.ReplyIsFailed, "opted_out", 0)
		if n := b.net.CallsOf("send"); n != 0 {
			b.Errorf("%d calls were made all the same", n)
		}
	})
}

// optOut notes that the customer of a case does not want to hear from us.
func (b *bench) optOut(id care.CaseID) {
	b.Helper()
	c, _ := b.story(id)
	_, err := b.agent.People(b.Context(), "agent/ada", "", []care.AuthorRef{{Network: c.Labels.Network, Author: c.Author}},
		func(_ time.Time, ps []*care.Person) (care.Change, error) {
			es, err := ps[0].AskSilence("asked", c.Mentions[0].Mention)
			return care.Change{Contacts: es}, err
		})
	if err != nil {
		b.Fatal(err)
	}
}
