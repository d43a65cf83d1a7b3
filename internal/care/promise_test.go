package care_test

import (
	"strings"
	"testing"

	"github.com/amends-care/amends/internal/care"
)

var promisedStep = on(5, "agent/ada", care.PromiseMade{Promise: 2, DueAt: minute(60), Owner: "ada", What: "call"})

func TestMakePromise(t *testing.T) {
	promise := func(due int) func(*care.Case) ([]care.Event, error) {
		return func(c *care.Case) ([]care.Event, error) {
			return c.MakePromise("ada", c.NextText(), minute(10), minute(due), "call")
		}
	}
	made := []care.Event{care.PromiseMade{Promise: 1, DueAt: minute(60), Owner: "ada", What: "call"}}
	decide(t, []decision{
		{"open case", []step{opened()}, promise(60), made, ""},
		{"someone else's case", []step{opened(), bobHas}, promise(60), made, ""},
		{"resolved case", []step{opened(), resolved}, promise(60), made, ""},
		{"in the past", []step{opened()}, promise(10), nil, care.Invalid},
		{"no such case", nil, promise(60), nil, care.NotFound},
	})
	c := fold(t, "c1", opened(), promisedStep)
	if _, err := c.MakePromise("ada", 2, minute(10), minute(60), "call"); err == nil {
		t.Error("two promises have the same text")
	}
}

func TestKeepPromise(t *testing.T) {
	keep := func(n int) func(*care.Case) ([]care.Event, error) {
		return func(c *care.Case) ([]care.Event, error) { return c.KeepPromise(n) }
	}
	kept := []care.Event{care.PromiseKept{Promise: 2}}
	decide(t, []decision{
		{"open", []step{opened(), promisedStep}, keep(2), kept, ""},
		{"slipped", []step{opened(), promisedStep, on(60, care.ByClock, care.PromiseSlipped{Promise: 2, At: minute(60)})}, keep(2), kept, ""},
		{"of a resolved case", []step{opened(), promisedStep, resolved}, keep(2), kept, ""},
		{"twice", []step{opened(), promisedStep, on(6, "agent/ada", care.PromiseKept{Promise: 2})}, keep(2), nil, ""},
		{"never made", []step{opened(), promisedStep}, keep(1), nil, care.NotFound},
	})
}

func TestRenegotiate(t *testing.T) {
	again := func(now, due int, told bool) func(*care.Case) ([]care.Event, error) {
		return func(c *care.Case) ([]care.Event, error) { return c.Renegotiate(2, minute(now), minute(due), told) }
	}
	slipped := care.PromiseSlipped{Promise: 2, At: minute(60)}
	decide(t, []decision{
		{"told in time", []step{opened(), promisedStep}, again(30, 90, true), []care.Event{care.PromiseRenegotiated{Promise: 2, DueAt: minute(90), Told: true}}, ""},
		{"not told", []step{opened(), promisedStep}, again(30, 90, false), []care.Event{care.PromiseRenegotiated{Promise: 2, DueAt: minute(90)}}, ""},
		{"told too late, before the clock looked", []step{opened(), promisedStep}, again(61, 90, true), []care.Event{slipped, care.PromiseRenegotiated{Promise: 2, DueAt: minute(90)}}, ""},
		{"told too late", []step{opened(), promisedStep, on(60, care.ByClock, slipped)}, again(61, 90, true), []care.Event{care.PromiseRenegotiated{Promise: 2, DueAt: minute(90)}}, ""},
		{"into the past", []step{opened(), promisedStep}, again(30, 30, true), nil, care.Invalid},
		{"kept", []step{opened(), promisedStep, on(6, "agent/ada", care.PromiseKept{Promise: 2})}, again(30, 90, true), nil, care.Conflict},
		{"never made", []step{opened()}, again(30, 90, true), nil, care.NotFound},
	})
}

// What becomes of a promise, told by the clock and people in every order.
func TestPromiseOutcomes(t *testing.T) {
	for _, r := range []struct {
		name    string
		act     func(*desk)
		state   care.PromiseState
		slipped bool
	}{
		{"still open", func(d *desk) { d.at(59).scan() }, care.PromiseOpen, false},
		{"due", func(d *desk) { d.at(60).scan() }, care.PromiseHasSlid, true},
		{"kept in time", func(d *desk) { d.keep(59) }, care.PromiseIsKept, false},
		{"kept in the last instant", func(d *desk) { d.keep(60) }, care.PromiseIsKept, false},
		{"kept late", func(d *desk) { d.at(60).scan(); d.keep(70) }, care.PromiseIsKept, true},
		{"kept late, before the clock looked", func(d *desk) { d.keep(70) }, care.PromiseIsKept, true},
		{"told, then kept", func(d *desk) { d.renegotiate(50, 90, true); d.keep(80) }, care.PromiseWasToldOf, false},
		{"told, then late again", func(d *desk) { d.renegotiate(50, 90, true); d.at(90).scan() }, care.PromiseHasSlid, true},
		{"told too late, then kept", func(d *desk) { d.renegotiate(61, 90, true); d.keep(80) }, care.PromiseIsKept, true},
		{"moved without a word", func(d *desk) { d.renegotiate(50, 90, false); d.keep(80) }, care.PromiseIsKept, false},
		{"slips in a resolved and snoozed case too", func(d *desk) {
			d.at(10).must("c1", "agent/ada")(d.of("c1").Resolve("ada", "solved"))
			d.at(60).scan()
		}, care.PromiseHasSlid, true},
	} {
		t.Run(r.name, func(t *testing.T) {
			d := newDesk(t, normal).open(mention("m1", 0))
			d.at(5).must("c1", "agent/ada")(d.of("c1").MakePromise("ada", 1, d.now, minute(60), "call"))
			r.act(d)
			p := d.of("c1").Promise(1)
			expect(t, "state", p.State, r.state)
			expect(t, "slipped", p.Slipped, r.slipped)
			told := 0
			for _, rec := range d.log["c1"] {
				for _, e := range rec.Events {
					if e, ok := e.(care.PromiseSlipped); ok && (e.At.Equal(minute(60)) || e.At.Equal(minute(90))) {
						told++
					}
				}
			}
			expect(t, "records of the slip, at the promised time", told, map[bool]int{true: 1}[r.slipped])
		})
	}
}

func (d *desk) keep(at int) {
	d.t.Helper()
	d.at(at).must("c1", "agent/ada")(d.of("c1").KeepPromise(1))
}

func (d *desk) renegotiate(at, due int, told bool) {
	d.t.Helper()
	d.at(at).must("c1", "agent/ada")(d.of("c1").Renegotiate(1, d.now, minute(due), told))
}

// The team is warned before a promise is due, once for each time agreed on, and
// nothing that happens to the case takes it off the list.
func TestAPromiseIsWarnedOfAndStaysListed(t *testing.T) {
	made := on(4, "agent/ada", care.PromiseMade{Promise: 2, DueAt: minute(84), Owner: "ada", What: "call"})
	told := on(70, "agent/ada", care.PromiseRenegotiated{Promise: 2, DueAt: minute(110), Told: true})
	warned := on(64, care.ByClock, care.PromiseAtRisk{Promise: 2, At: minute(64)})
	for _, c := range []struct {
		name    string
		history []step
		at      int // when the clock looks
		want    string
	}{
		{"in good time", []step{opened(), made}, 63, ""},
		{"near", []step{opened(), made}, 64, "promise.at_risk"},
		{"once", []step{opened(), made, warned}, 65, ""},
		{"past", []step{opened(), made, warned}, 84, "promise.slipped"},
		{"past, and nobody looked before", []step{opened(), made}, 90, "promise.slipped"},
		{"a new time", []step{opened(), made, warned, told}, 99, ""},
		{"near again", []step{opened(), made, warned, told}, 100, "promise.at_risk"},
		{"of a resolved case", []step{opened(), made, on(5, "agent/ada", care.Resolved{Disposition: "solved"})}, 64, "promise.at_risk"},
		{"of a snoozed case to which the customer said thanks", []step{opened(), made, on(6, "agent/ada", care.Snoozed{Until: minute(600)}),
			on(7, care.ByIntake, care.MentionAdded{MentionRef: mention("m2", 7, unflagged)}, care.Woken{Why: "mention"})}, 64, "promise.at_risk"},
		{"of a case that waits for the customer, who said thanks", []step{opened(), made, on(6, "agent/ada", care.Awaiting{}),
			on(7, care.ByIntake, care.MentionAdded{MentionRef: mention("m2", 7, unflagged)})}, 84, "promise.slipped"},
		{"of a dismissed case", []step{opened(), made, on(5, "agent/ada", care.Dismissed{Reason: "spam"})}, 84, "promise.slipped"},
		{"of a case that is kept for a court, and waits on the bank", []step{opened(), made, on(5, "agent/ada", care.LegalHold{}, care.WaitingOn{On: "bank", Until: minute(900)})}, 84, "promise.slipped"},
		{"of a case from which the customer's posts were split off", []step{opened(), made, on(5, "agent/ada", care.Parted{To: "c9", Mentions: []care.MentionID{"m1"}})}, 84, "promise.slipped"},
		{"of a case that the customer took back", []step{opened(), made, on(5, care.ByIntake, care.MentionDeleted{Mention: "m1"})}, 84, "promise.slipped"},
		{"of a merged case", []step{opened(), made, on(5, "agent/ada", care.Merged{Into: "c9"})}, 84, "promise.slipped"},
	} {
		t.Run(c.name, func(t *testing.T) {
			x := fold(t, "c1", c.history...)
			var got strings.Builder
			for _, e := range x.Settle(x, minute(c.at), promised{}) {
				if k := string(e.Kind()); k == "promise.at_risk" || k == "promise.slipped" {
					got.WriteString(k)
				}
			}
			expect(t, "what follows", got.String(), c.want)
			row := x.Row()
			expect(t, "listed", row.Promises, 1)
			expect(t, "by when", row.Promise, x.Promise(2).DueAt)
		})
	}
}
