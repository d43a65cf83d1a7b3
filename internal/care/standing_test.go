package care_test

import (
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
)

// How the matter of a notice stands that was asked for at minute 20, once the case
// has gone on.
func TestHowAMatterStands(t *testing.T) {
	by := func(d *desk, a care.AgentID, events []care.Event, err error) {
		d.must("c1", care.ByAgent(a))(events, err)
	}
	claim := func(d *desk) { es, err := d.of("c1").Claim("ada", "claim"); by(d, "ada", es, err) }
	note := func(a care.AgentID) func(*desk) {
		return func(d *desk) { es, err := d.of("c1").Note(d.of("c1").NextText()); by(d, a, es, err) }
	}
	resolve := func(d *desk) { es, err := d.of("c1").Resolve("ada", "solved"); by(d, "ada", es, err) }
	answer := func(d *desk) { d.answer("m1", care.ThenKeep) }
	escalated := func(d *desk) { d.do("c1", care.ByClock, care.Assigned{To: "lea", Why: "escalation"}) }
	promise := func(d *desk) {
		es, err := d.of("c1").MakePromise("ada", d.of("c1").NextText(), d.now, minute(22), "call")
		by(d, "ada", es, err)
	}
	for _, c := range []struct {
		name   string
		why    care.Trigger
		before func(*desk) // at minute 10
		after  []func(*desk)
		want   care.Standing
	}{
		{"nobody took it", care.WhenUnclaimed, nil, nil, care.StandsOpen},
		{"somebody did", care.WhenUnclaimed, nil, []func(*desk){claim}, care.StandsOver},
		{"a colleague's note on what nobody has", care.WhenUnclaimed, nil, []func(*desk){note("bob")}, care.StandsOpen},
		{"at risk, and nobody has it", care.WhenAtRisk, nil, nil, care.StandsOpen},
		{"and somebody takes it", care.WhenAtRisk, nil, []func(*desk){claim}, care.StandsKnown},
		{"and an administrator gives it to somebody, from a terminal", care.WhenAtRisk, nil, []func(*desk){func(d *desk) {
			d.do("c1", "cli/root", care.Assigned{To: "ada", Why: "assign"})
		}}, care.StandsKnown},
		{"taken and put back", care.WhenAtRisk, nil, []func(*desk){claim, func(d *desk) {
			es, err := d.of("c1").Release("ada")
			by(d, "ada", es, err)
		}}, care.StandsOpen},
		{"had it before, and did nothing since", care.WhenAtRisk, claim, nil, care.StandsOpen},
		{"had it before, and does something", care.WhenAtRisk, claim, []func(*desk){note("ada")}, care.StandsKnown},
		{"given to who is on call, who did nothing", care.WhenAtRisk, nil, []func(*desk){escalated}, care.StandsOpen},
		{"given to who is on call, who begins", care.WhenAtRisk, nil, []func(*desk){escalated, note("lea")}, care.StandsKnown},
		{"answered, and the rest is not due yet", care.WhenAtRisk, claim, []func(*desk){answer}, care.StandsOver},
		{"resolved", care.WhenBreached, claim, []func(*desk){resolve}, care.StandsOver},
		{"angrier, and answered", care.WhenAngrier, claim, []func(*desk){answer}, care.StandsOver},
		{"a promise, and nothing is done", care.WhenPromiseDue, promise, nil, care.StandsOpen},
		{"a promise, and the case is resolved: it is still due", care.WhenPromiseDue, promise, []func(*desk){claim, resolve}, care.StandsKnown},
		{"a promise that is kept", care.WhenPromiseDue, promise, []func(*desk){func(d *desk) {
			es, err := d.of("c1").KeepPromise(1)
			by(d, "ada", es, err)
		}}, care.StandsOver},
		{"a promise with another time", care.WhenPromiseSlipped, promise, []func(*desk){func(d *desk) {
			es, err := d.of("c1").Renegotiate(1, d.now, minute(400), true)
			by(d, "ada", es, err)
		}}, care.StandsOver},
		{"what nothing of the case ends", care.BadScore, claim, []func(*desk){resolve}, care.StandsKnown},
		{"somebody knows", care.WhenUnclaimed, nil, []func(*desk){func(d *desk) {
			d.do("c1", "agent/lea", care.Acknowledged{})
		}}, care.StandsKnown},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDesk(t, promised{first: 30 * time.Minute, resolution: 10 * time.Hour}).open(mention("m1", 0)).at(10)
			if c.before != nil {
				c.before(d)
			}
			d.at(20).do("c1", care.ByClock, care.NoticeRequested{Key: "k", Channel: "pager", Why: string(c.why)})
			for i, act := range c.after {
				d.at(21 + i)
				act(d)
			}
			k := d.of("c1")
			if got := k.Stands(&k.Notices[0]); got != c.want {
				t.Errorf("it stands %q, want %q", got, c.want)
			}
		})
	}
}
