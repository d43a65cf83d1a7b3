package outbox_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network/networktest"
)

// A trouble is a way for a network to fail, and what has to become of a reply.
type trouble struct {
	name   string
	breaks func(*networktest.FakeNetwork)
	posted bool            // the network takes the answer, whatever it says
	state  care.ReplyState // without any kill
	why    string
}

func sends(f networktest.Fault) func(*networktest.FakeNetwork) {
	return func(n *networktest.FakeNetwork) { n.BreakWrites(f) }
}

var troubles = []trouble{
	{"none", sends(networktest.Mended), true, care.ReplyIsSent, ""},
	{"accepts and drops the answer", sends(networktest.Dropped), true, care.ReplyIsSent, ""},
	{"accepts and never answers", sends(networktest.Stalled), true, care.ReplyIsSent, ""},
	{"accepts and says 504", sends(networktest.Lied), true, care.ReplyIsSent, ""},
	{"accepts and says half of it", sends(networktest.Truncated), true, care.ReplyIsSent, ""},
	{"accepts and says it refused", sends(networktest.Denied), true, care.ReplyIsFailed, "malformed"},
	{"never answers", sends(networktest.Silent), false, care.ReplyIsUnknown, "transient"},
	{"says 500", sends(networktest.ServerError), false, care.ReplyIsUnknown, "transient"},
	{"refuses", sends(networktest.Forbidden), false, care.ReplyIsFailed, "refused"},
	{"can't be reached", sends(networktest.Unreachable), false, care.ReplyIsFailed, "transient"},
	{"limits", sends(networktest.LimitedSeconds), false, care.ReplyIsFailed, "limited"},
	{"takes longer than we wait", func(n *networktest.FakeNetwork) { n.Delay(25 * time.Second) }, false, care.ReplyIsUnknown, "transient"},
	{"takes nearly as long as we wait", func(n *networktest.FakeNetwork) { n.Delay(19 * time.Second) }, true, care.ReplyIsSent, ""},
}

// settling is longer than anything the outbox does by itself: eight tries with
// their pauses, five looks.
const settling = time.Hour

// until lets time go by until the process is killed, or nothing is left to be
// done about a case's reply. A network that is slow gets well meanwhile.
func (b *bench) until(p *process, id care.CaseID) {
	b.Helper()
	for waited := time.Duration(0); waited < settling; waited += 5 * time.Second {
		if waited == 2*time.Minute {
			b.net.Delay(0)
		}
		r := b.reply(id)
		if _, busy := r.NextAt(); !busy || p.killed() {
			b.pass(time.Second)
			return
		}
		b.pass(5 * time.Second)
	}
	b.Fatalf("after %v: neither killed nor settled", settling)
}

// TestKilledBetweenAnyTwoSteps lets the network fail in every way, and kills
// the outbox at every step on the way of a reply. Another one starts on the
// same store. The customer never gets the answer twice, and the reply comes to
// one end.
func TestKilledBetweenAnyTwoSteps(t *testing.T) {
	for _, tr := range troubles {
		t.Run(tr.name, func(t *testing.T) {
			in(t, networktest.FakeOptions{}, func(b *bench) {
				steps := tr.unharmed(b)
				for k := 1; k <= steps; k++ {
					if k > 16 && k < steps-9 {
						continue // a try like those before it
					}
					tr.killed(b, k)
				}
			})
		})
	}
}

// unharmed sends one reply without a kill, and returns how many steps it took.
func (tr *trouble) unharmed(b *bench) int {
	b.Helper()
	b.net.Break(networktest.Mended)
	b.net.Delay(0)
	id := b.answered("unharmed")
	tr.breaks(b.net)
	p := b.boot(nil)
	b.until(p, id)
	p.end()
	posts := 0
	if tr.posted {
		posts = 1
	}
	b.expect(id, "unharmed", tr.state, tr.why, posts)
	return p.reached()
}

// killed sends one reply and kills the outbox at its k-th step.
func (tr *trouble) killed(b *bench, k int) {
	b.Helper()
	b.net.Break(networktest.Mended)
	b.net.Delay(0)
	text := fmt.Sprintf("killed at %d", k)
	id := b.answered(text)
	tr.breaks(b.net)
	p := b.boot(func(step int, _ string) bool { return step == k })
	b.until(p, id)
	if !p.killed() {
		return // this time it took fewer tries
	}
	p.end()
	p = b.boot(nil)
	b.until(p, id)
	p.end()

	c, story := b.story(id)
	at := fmt.Sprintf("killed at step %d (%s)", k, b.step(k))
	if n := b.posted(text); n > 1 {
		b.Fatalf("%s: the customer got the answer %d times", at, n)
	}
	r := c.Replies[0]
	switch n := b.posted(text); {
	case r.State == care.ReplyIsSent && n != 1, r.State == care.ReplyIsFailed && n != 0 && tr.state != care.ReplyIsFailed:
		b.Errorf("%s: the reply is %s, but %d stand on the network", at, r.State, n)
	case r.State == care.ReplyIsUnknown && (n != 0 || r.Looks != care.MaxLooks):
		b.Errorf("%s: still unknown after %d looks, with %d on the network", at, r.Looks, n)
	case !r.Settled() && r.State != care.ReplyIsUnknown:
		b.Errorf("%s: the reply stays %s", at, r.State)
	}
	if got, want := outcomes(story), map[care.ReplyState]string{care.ReplyIsSent: "reply.sent", care.ReplyIsFailed: "reply.failed"}[r.State]; got != want {
		b.Errorf("%s: the log tells %q, want %q", at, got, want)
	}
}

// step names the k-th step of the latest process that was killed.
func (b *bench) step(k int) string {
	for i := len(b.alive) - 1; i >= 0; i-- {
		if p := b.alive[i]; p.dead {
			return p.steps[k-1]
		}
	}
	return ""
}

// TestKilledAgainAndAgain kills three outboxes in a row, at steps that differ.
func TestKilledAgainAndAgain(t *testing.T) {
	for _, f := range []networktest.Fault{networktest.Mended, networktest.Dropped, networktest.ServerError} {
		t.Run(string(f), func(t *testing.T) {
			in(t, networktest.FakeOptions{}, func(b *bench) {
				for _, first := range []int{2, 4, 5, 6} { // before and behind the commit, the call and its end
					for _, second := range []int{2, 4} {
						b.net.Break(networktest.Mended)
						text := fmt.Sprintf("killed at %d and %d", first, second)
						id := b.answered(text)
						b.net.BreakWrites(f)
						for _, k := range []int{first, second, second} {
							p := b.boot(func(step int, _ string) bool { return step == k })
							b.until(p, id)
							p.end()
						}
						p := b.boot(nil)
						b.until(p, id)
						p.end()
						if n := b.posted(text); n > 1 {
							b.Errorf("%s: posted %d times", text, n)
						}
					}
				}
			})
		})
	}
}

// TestTwoOutboxesAtOnce lets two nodes believe that it is their turn.
func TestTwoOutboxesAtOnce(t *testing.T) {
	for _, f := range []networktest.Fault{networktest.Mended, networktest.Lied, networktest.Unreachable} {
		t.Run(string(f), func(t *testing.T) {
			in(t, networktest.FakeOptions{}, func(b *bench) {
				b.net.BreakWrites(f)
				b.boot(nil)
				b.boot(nil)
				for i := range 10 {
					b.answered(fmt.Sprint("answer ", i))
				}
				b.net.Delay(3 * time.Second)
				b.pass(20 * time.Second)
				b.net.BreakWrites(networktest.Mended)
				b.pass(30 * time.Minute)
				for i := range 10 {
					if n := b.posted(fmt.Sprint("answer ", i)); n != 1 {
						b.Errorf("answer %d was posted %d times", i, n)
					}
				}
			})
		})
	}
}
