package care_test

import (
	"testing"

	"github.com/amends-care/amends/internal/care"
)

var waitsOn = on(5, "agent/ada", care.WaitingOn{On: "warehouse", Until: minute(60)})

func TestWaitOnSomebodyElse(t *testing.T) {
	wait := func(on string, until int) func(*care.Case) ([]care.Event, error) {
		return func(c *care.Case) ([]care.Event, error) { return c.WaitOn("ada", on, minute(10), minute(until)) }
	}
	stop := func(c *care.Case) ([]care.Event, error) { return c.StopWaiting("ada") }
	began := []care.Event{care.WaitingOn{On: "bank", Until: minute(60)}}
	decide(t, []decision{
		{"waiting case", []step{opened()}, wait("bank", 60), began, ""},
		{"own case", []step{opened(), adaHas}, wait("bank", 60), began, ""},
		{"on somebody else after all", []step{opened(), waitsOn}, wait("bank", 60), began, ""},
		{"someone else's case", []step{opened(), bobHas}, wait("bank", 60), nil, care.Conflict},
		{"resolved case", []step{opened(), resolved}, wait("bank", 60), nil, care.Conflict},
		{"it waits for the customer", []step{opened(), on(6, "agent/ada", care.Awaiting{})}, wait("bank", 60), nil, care.Conflict},
		{"on nobody", []step{opened()}, wait("", 60), nil, care.Invalid},
		{"until a time that is past", []step{opened()}, wait("bank", 10), nil, care.Invalid},
		{"they have acted", []step{opened(), waitsOn}, stop, []care.Event{care.WaitOver{Why: "hand"}}, ""},
		{"nobody had to", []step{opened()}, stop, nil, ""},
	})
}

func TestWhoWaitsOnSomebodyElse(t *testing.T) {
	d := newDesk(t, normal).open(mention("m1", 0))
	d.at(5).must("c1", "agent/ada")(d.of("c1").WaitOn("ada", "warehouse", d.now, minute(60)))
	row := d.of("c1").Row()
	expect(t, "state", row.State, care.StateWaiting)
	expect(t, "needs us", row.NeedsUs(), false)
	expect(t, "on whom", row.WaitsOn, "warehouse")
	expect(t, "its deadline runs on", row.DueAt, minute(30))
	d.at(31).scan()
	expect(t, "and is breached", d.of("c1").Row().Breached, true)
	expect(t, "it still waits", d.of("c1").WaitsOn, "warehouse")
	d.at(60).scan()
	row = d.of("c1").Row()
	expect(t, "the time has come", row.NeedsUs(), true)

	d.at(61).must("c1", "agent/ada")(d.of("c1").WaitOn("ada", "bank", d.now, minute(600)))
	d.at(62).add(mention("m2", 62))
	row = d.of("c1").Row()
	expect(t, "the customer wrote", row.NeedsUs(), true)

	d.at(63).must("c1", "agent/ada")(d.of("c1").WaitOn("ada", "bank", d.now, minute(600)))
	d.must("c1", "agent/ada")(d.of("c1").Resolve("ada", "solved"))
	expect(t, "what is over waits for nobody", d.of("c1").WaitsOn, "")
}
