package outbox_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/networktest"
)

// onNetwork is a case whose reply was sent.
func (b *bench) onNetwork(text string) care.CaseID {
	b.Helper()
	b.net.Break(networktest.Mended)
	b.net.Delay(0)
	id := b.answered(text)
	p := b.boot(nil)
	b.until(p, id)
	p.end()
	b.expect(id, text, care.ReplyIsSent, "", 1)
	return id
}

// askChange asks to change the reply of a case.
func (b *bench) askChange(id care.CaseID, what care.ChangeKind, wording string) {
	b.Helper()
	_, err := b.agent.Do(b.Context(), care.ByAgent("ada"), "", []care.CaseID{id}, func(now time.Time, cs []*care.Case) (care.Change, error) {
		e := care.ReplyChangeAsked{Reply: 1, What: what, NotBefore: now.Add(undoFor)}
		var texts []care.KeptText
		if what == care.Mend {
			e.Wording = cs[0].NextText()
			texts = []care.KeptText{{Case: id, N: e.Wording, Text: care.Text{Body: wording}}}
		}
		events, err := cs[0].ChangeReply("ada", false, e)
		return care.One(id, events, err, texts...)
	})
	if err != nil {
		b.Fatal(err)
	}
}

// shown is what stands on the network where the reply of a case was sent.
func (b *bench) shown(id care.CaseID) (text string, gone bool) {
	b.Helper()
	docs, err := b.st.Get(b.Context(), "text/"+string(id)+"/1")
	if err != nil {
		b.Fatal(err)
	}
	t, err := care.DecodeText(docs[0].Data)
	if err != nil {
		b.Fatal(err)
	}
	b.net.Break(networktest.Mended)
	b.net.Delay(0)
	items, err := b.net.Account().(network.Looker).Look(b.Context(), []care.Remote{t.Sent})
	if err != nil {
		b.Fatal(err)
	}
	return items[0].Post.Text, items[0].Kind == network.Deleted
}

// untilChanged lets time go by until the process is killed or nothing is left to
// be done about the change.
func (b *bench) untilChanged(p *process, id care.CaseID) {
	b.Helper()
	for waited := time.Duration(0); waited < settling; waited += 5 * time.Second {
		if waited == 2*time.Minute {
			b.net.Delay(0)
		}
		if r := b.reply(id); p.killed() || !r.Change.Open() || r.Change.State == care.ReplyIsUnknown && r.Change.Looks == care.MaxLooks {
			b.pass(time.Second)
			return
		}
		b.pass(5 * time.Second)
	}
	b.Fatalf("after %v: neither killed nor settled", settling)
}

// TestChangesKilledBetweenAnyTwoSteps lets the network fail in every way, and
// kills the outbox at every step of a change. What the log says of it in the end
// is what the network shows.
func TestChangesKilledBetweenAnyTwoSteps(t *testing.T) {
	for _, what := range []care.ChangeKind{care.Mend, care.Withdraw} {
		for _, tr := range troubles {
			t.Run(string(what)+"/"+tr.name, func(t *testing.T) {
				in(t, networktest.FakeOptions{}, func(b *bench) {
					for k := range 24 {
						if !tr.changed(b, what, k) {
							return
						}
					}
				})
			})
		}
	}
}

// changed makes one change and kills the outbox at its k-th step; 0: at none. It
// returns false when there are fewer steps.
func (tr *trouble) changed(b *bench, what care.ChangeKind, k int) bool {
	b.Helper()
	text := fmt.Sprintf("killed at %d", k)
	id := b.onNetwork(text)
	b.askChange(id, what, "better words")
	tr.breaks(b.net)
	p := b.boot(func(step int, _ string) bool { return step == k })
	b.untilChanged(p, id)
	p.end()
	if killed := p.killed(); killed {
		p = b.boot(nil)
		b.untilChanged(p, id)
		p.end()
	} else if k > 0 {
		return false
	}
	r := b.reply(id)
	shown, gone := b.shown(id)
	made := gone || shown == "better words"
	switch {
	case r.State != care.ReplyIsSent || b.posted(text) != 1:
		b.Errorf("killed at %d: the reply itself is %s", k, r.State)
	case r.Change.State == care.ReplyIsSent && !made,
		r.Change.State == care.ReplyIsFailed && made && tr.state != care.ReplyIsFailed,
		r.Change.State == care.ReplyIsUnknown && made:
		b.Errorf("killed at %d (%s): the change is %s (%s), and the network shows %q, gone %v", k, b.step(k), r.Change.State, r.Change.Why, shown, gone)
	case k == 0 && (r.Change.State != tr.state || r.Change.Why != tr.why):
		b.Errorf("unharmed: the change is %s (%s), want %s (%s)", r.Change.State, r.Change.Why, tr.state, tr.why)
	case r.Withdrawn != (r.Change.State == care.ReplyIsSent && what == care.Withdraw), (r.Mended > 0) != (r.Change.State == care.ReplyIsSent && what == care.Mend):
		b.Errorf("killed at %d: withdrawn %v, mended %d, the change is %s", k, r.Withdrawn, r.Mended, r.Change.State)
	}
	return true
}

func TestChangeIsUndoneInTime(t *testing.T) {
	in(t, networktest.FakeOptions{}, func(b *bench) {
		id := b.onNetwork("sorry")
		b.boot(nil)
		b.askChange(id, care.Withdraw, "")
		if err := b.act(id, func(_ time.Time, c *care.Case) ([]care.Event, error) { return c.UndoReply("ada", 1) }); err != nil {
			b.Fatal(err)
		}
		b.pass(time.Hour)
		if r := b.reply(id); r.Change.State != care.ReplyIsUndone || r.Withdrawn || b.net.CallsOf("withdraw") != 0 {
			b.Errorf("%+v, %d calls", r.Change, b.net.CallsOf("withdraw"))
		}
	})
}

// Who asks not to be contacted gets no other text either; but what we said can
// still be taken off.
func TestChangesAfterAnOptOut(t *testing.T) {
	in(t, networktest.FakeOptions{}, func(b *bench) {
		id := b.onNetwork("sorry")
		b.optOut(id)
		b.boot(nil)
		b.askChange(id, care.Mend, "sorry again")
		b.pass(time.Minute)
		if r := b.reply(id); r.Change.State != care.ReplyIsFailed || r.Change.Why != "opted_out" || b.net.CallsOf("mend") != 0 {
			b.Errorf("mended: %+v", r.Change)
		}
		b.askChange(id, care.Withdraw, "")
		b.pass(time.Minute)
		if _, gone := b.shown(id); !gone || !b.reply(id).Withdrawn {
			b.Errorf("withdrawn: %+v", b.reply(id).Change)
		}
	})
}
