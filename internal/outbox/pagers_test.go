package outbox_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/networktest"
)

// A pager keeps open what it is told.
type pager struct{ room }

func (*pager) Keeps() bool { return true }

// heard is what came, in order: opened, known and over, by incident.
func (p *pager) heard() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var names, out []string
	for _, n := range p.said {
		if !slices.Contains(names, n.About) {
			names = append(names, n.About)
		}
		word := "opened"
		if n.Known {
			word = "known"
		}
		if n.Over {
			word = "over"
		}
		out = append(out, fmt.Sprint(slices.Index(names, n.About)+1, " ", word))
	}
	return strings.Join(out, ", ")
}

// asks makes a case ask for a notice.
func (b *bench) asks(id care.CaseID, key, why string) {
	b.Helper()
	b.by(id, "clock", func(*care.Case) ([]care.Event, error) {
		return []care.Event{care.NoticeRequested{Key: "standard/" + key + "/leads", Channel: "leads", Why: why}}, nil
	})
}

func (b *bench) by(id care.CaseID, by care.Actor, decide func(c *care.Case) ([]care.Event, error)) {
	b.Helper()
	if _, err := b.newDesk(nil).One(b.Context(), by, "", id, func(_ time.Time, c *care.Case) ([]care.Event, error) { return decide(c) }); err != nil {
		b.Fatal(err)
	}
}

// What somebody has in hand here, or is over, nobody is called for any more: the
// pager is told once, whatever is said again, fails or is stopped in between.
func TestPagersHearHowItStands(t *testing.T) {
	claim := func(c *care.Case) ([]care.Event, error) { return c.Claim("ada", "claim") }
	knows := func(*care.Case) ([]care.Event, error) { return []care.Event{care.Acknowledged{}}, nil }
	ends := func(c *care.Case) ([]care.Event, error) { return c.Dismiss("ada", "spam") }
	for _, c := range []struct {
		name string
		act  func(b *bench, p *pager, id func() care.CaseID)
		want string
	}{
		{"taken: nothing is left of it", func(b *bench, _ *pager, id func() care.CaseID) {
			c := id()
			b.asks(c, "1/x/0", "unclaimed")
			b.pass(5 * time.Minute)
			b.by(c, "agent/ada", claim)
		}, "1 opened, 1 over"},
		{"somebody has it, and then it is over", func(b *bench, _ *pager, id func() care.CaseID) {
			c := id()
			b.asks(c, "1/x/0", "angrier")
			b.pass(5 * time.Minute)
			b.by(c, "agent/ada", claim)
			b.pass(5 * time.Minute)
			b.by(c, "agent/ada", ends)
		}, "1 opened, 1 known, 1 over"},
		{"acknowledged", func(b *bench, _ *pager, id func() care.CaseID) {
			c := id()
			b.asks(c, "1/x/0", "unclaimed")
			b.pass(5 * time.Minute)
			b.by(c, "agent/lea", knows)
		}, "1 opened, 1 known"},
		{"said again: the same incident", func(b *bench, _ *pager, id func() care.CaseID) {
			c := id()
			b.asks(c, "1/x/0", "unclaimed")
			b.pass(10 * time.Minute)
			b.asks(c, "1/x/1", "unclaimed")
			b.pass(10 * time.Minute)
			b.by(c, "agent/ada", claim)
		}, "1 opened, 1 opened, 1 over"},
		{"another step: another incident", func(b *bench, _ *pager, id func() care.CaseID) {
			c := id()
			b.asks(c, "1/x/0", "unclaimed")
			b.pass(10 * time.Minute)
			b.asks(c, "2/x/0", "angrier")
			b.pass(10 * time.Minute)
			b.by(c, "agent/ada", claim)
		}, "1 opened, 2 opened, 1 over, 2 known"},
		{"a message about two: over with the last", func(b *bench, _ *pager, id func() care.CaseID) {
			one, two := id(), id()
			b.asks(one, "1/x/0", "unclaimed")
			b.asks(two, "1/x/0", "unclaimed")
			b.pass(5 * time.Minute)
			b.by(one, "agent/ada", claim)
			b.pass(5 * time.Minute)
			b.by(two, "agent/lea", knows)
			b.pass(5 * time.Minute)
			b.by(two, "agent/ada", claim)
		}, "1 opened, 1 known, 1 over"},
		{"over before it was said is not said", func(b *bench, _ *pager, id func() care.CaseID) {
			c := id()
			b.asks(c, "1/x/0", "unclaimed")
			b.by(c, "agent/ada", claim)
		}, ""},
		{"nor what somebody knows already", func(b *bench, _ *pager, id func() care.CaseID) {
			c := id()
			b.asks(c, "1/x/0", "angrier")
			b.pass(5 * time.Second)
			b.by(c, "agent/lea", knows)
		}, ""},
		{"it can't be reached for a while", func(b *bench, p *pager, id func() care.CaseID) {
			c := id()
			b.asks(c, "1/x/0", "unclaimed")
			b.pass(5 * time.Minute)
			p.fails = slices.Repeat([]error{&network.Error{Fault: network.Transient}}, 4)
			b.by(c, "agent/ada", claim)
		}, "1 opened, 1 over"},
		{"what no case ends is nobody's to end here", func(b *bench, _ *pager, id func() care.CaseID) {
			c := id()
			b.asks(c, "1/x/0", care.BadScore)
			b.pass(5 * time.Minute)
			b.by(c, "agent/ada", claim)
		}, "1 opened"},
	} {
		t.Run(c.name, func(t *testing.T) {
			in(t, networktest.FakeOptions{}, func(b *bench) {
				p := &pager{}
				b.tellers(p, "pager.told") // dies once it told how something stands
				b.tellers(p, "")
				c.act(b, p, func() care.CaseID { id, _ := b.complaint(); return id })
				b.pass(4 * time.Hour)
				got := p.heard()
				for range 3 { // told twice by those who died is told once
					got = strings.NewReplacer("1 over, 1 over", "1 over", "1 known, 1 known", "1 known", "2 known, 2 known", "2 known").Replace(got)
				}
				if got != c.want {
					b.Errorf("heard %s; want %s", got, c.want)
				}
			})
		})
	}
}
