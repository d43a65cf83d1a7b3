package care_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/amends-care/amends/internal/care"
)

func TestNote(t *testing.T) {
	note := func(c *care.Case) ([]care.Event, error) { return c.Note(c.NextText()) }
	decide(t, []decision{
		{"first", []step{opened()}, note, []care.Event{care.Noted{Note: 1}}, ""},
		{"after another text", []step{opened(), on(1, "agent/ada", care.Noted{Note: 4})}, note, []care.Event{care.Noted{Note: 5}}, ""},
		{"someone else's case", []step{opened(), bobHas}, note, []care.Event{care.Noted{Note: 1}}, ""},
		{"when all is over", []step{opened(), resolved}, note, []care.Event{care.Noted{Note: 1}}, ""},
		{"no such case", nil, note, nil, care.NotFound},
	})
	again := fold(t, "c1", opened(), on(1, "agent/ada", care.Noted{Note: 1}), on(2, "agent/ada", care.Noted{Note: 1}))
	expect(t, "notes after one was replaced", len(again.Notes), 1)
}

func TestTag(t *testing.T) {
	tag := func(add, remove []string) func(*care.Case) ([]care.Event, error) {
		return func(c *care.Case) ([]care.Event, error) { return c.Tag(add, remove) }
	}
	vip := on(1, "agent/ada", care.Tagged{Add: []string{"refund", "vip"}})
	var thirty []string
	for i := range 30 {
		thirty = append(thirty, fmt.Sprint("tag", i))
	}
	full := on(1, "agent/ada", care.Tagged{Add: thirty})
	decide(t, []decision{
		{"new ones, tidied", []step{opened()}, tag([]string{" VIP ", "refund", "vip"}, nil), []care.Event{care.Tagged{Add: []string{"vip", "refund"}}}, ""},
		{"that is there", []step{opened(), vip}, tag([]string{"vip"}, nil), nil, ""},
		{"take away", []step{opened(), vip}, tag(nil, []string{"Vip", "vip", "unheard"}), []care.Event{care.Tagged{Remove: []string{"vip"}}}, ""},
		{"both", []step{opened(), vip}, tag([]string{"press"}, []string{"vip"}), []care.Event{care.Tagged{Add: []string{"press"}, Remove: []string{"vip"}}}, ""},
		{"nothing", []step{opened()}, tag(nil, nil), nil, ""},
		{"blank", []step{opened()}, tag([]string{"  "}, nil), nil, care.Invalid},
		{"forty characters of any script", []step{opened()}, tag([]string{strings.Repeat("ß", 40)}, nil), []care.Event{care.Tagged{Add: []string{strings.Repeat("ß", 40)}}}, ""},
		{"too long", []step{opened()}, tag([]string{strings.Repeat("a", 41)}, nil), nil, care.Invalid},
		{"no text", []step{opened()}, tag([]string{"a\xff"}, nil), nil, care.Invalid},
		{"one too many", []step{opened(), full}, tag([]string{"more"}, nil), nil, care.Invalid},
		{"one for another", []step{opened(), full}, tag([]string{"more"}, []string{"tag3"}), []care.Event{care.Tagged{Add: []string{"more"}, Remove: []string{"tag3"}}}, ""},
		{"one for the same one twice", []step{opened(), full}, tag([]string{"more", "most"}, []string{"tag3", "tag3"}), nil, care.Invalid},
		{"when all is over", []step{opened(), resolved}, tag([]string{"vip"}, nil), []care.Event{care.Tagged{Add: []string{"vip"}}}, ""},
		{"no such case", nil, tag([]string{"vip"}, nil), nil, care.NotFound},
	})
	c := fold(t, "c1", opened(), vip, on(2, "agent/ada", care.Tagged{Add: []string{"late", "refund"}, Remove: []string{"vip"}}))
	if want := []string{"late", "refund"}; !slices.Equal(c.Tags, want) {
		t.Errorf("tags %q, want %q", c.Tags, want)
	}
}

func TestSnoozeAndWake(t *testing.T) {
	snooze := func(until int) func(*care.Case) ([]care.Event, error) {
		return func(c *care.Case) ([]care.Event, error) { return c.Snooze("ada", minute(10), minute(until)) }
	}
	wake := func(c *care.Case) ([]care.Event, error) { return c.Wake("ada") }
	asleep := on(6, "agent/ada", care.Snoozed{Until: minute(60)})
	decide(t, []decision{
		{"waiting case", []step{opened()}, snooze(60), []care.Event{care.Snoozed{Until: minute(60)}}, ""},
		{"longer", []step{opened(), adaHas, asleep}, snooze(90), []care.Event{care.Snoozed{Until: minute(90)}}, ""},
		{"until now", []step{opened()}, snooze(10), nil, care.Invalid},
		{"someone else's case", []step{opened(), bobHas}, snooze(60), nil, care.Conflict},
		{"resolved", []step{opened(), resolved}, snooze(60), nil, care.Conflict},
		{"wake", []step{opened(), adaHas, asleep}, wake, []care.Event{care.Woken{Why: "hand"}}, ""},
		{"wake what is awake", []step{opened(), adaHas}, wake, nil, ""},
		{"wake someone else's case", []step{opened(), bobHas, asleep}, wake, nil, care.Conflict},
	})
	c := fold(t, "c1", opened(), asleep)
	expect(t, "the case keeps its state", c.State, care.StateWaiting)
	c = fold(t, "c1", opened(), asleep, resolved)
	expect(t, "what is over sleeps no more", c.SnoozedUntil.IsZero(), true)
}

func TestAwait(t *testing.T) {
	await := func(c *care.Case) ([]care.Event, error) { return c.Await("ada") }
	decide(t, []decision{
		{"own case", []step{opened(), adaHas}, await, []care.Event{care.Awaiting{}}, ""},
		{"nobody's", []step{opened()}, await, []care.Event{care.Awaiting{}}, ""},
		{"awaits already", []step{opened(), adaHas, awaiting}, await, nil, ""},
		{"someone else's case", []step{opened(), bobHas}, await, nil, care.Conflict},
		{"resolved", []step{opened(), resolved}, await, nil, care.Conflict},
	})
}

func TestEscalate(t *testing.T) {
	up := func(c *care.Case) ([]care.Event, error) { return c.Escalate("lea", "refund limit") }
	decide(t, []decision{
		{"first level", []step{opened()}, up, []care.Event{care.Escalated{Level: 1, To: "lea", Queue: "billing", Why: "refund limit"}, care.Followed{By: "lea"}}, ""},
		{"and the next", []step{opened(), on(1, care.ByClock, care.Escalated{Level: 1}, care.Followed{By: "lea"})}, up, []care.Event{care.Escalated{Level: 2, To: "lea", Queue: "billing", Why: "refund limit"}}, ""},
		{"someone else's case", []step{opened(), bobHas}, up, []care.Event{care.Escalated{Level: 1, To: "lea", Queue: "billing", Why: "refund limit"}, care.Followed{By: "lea"}}, ""},
		{"resolved", []step{opened(), resolved}, up, nil, care.Conflict},
		{"no such case", nil, up, nil, care.NotFound},
	})
}

func TestRequeue(t *testing.T) {
	to := func(queue string) func(*care.Case) ([]care.Event, error) {
		return func(c *care.Case) ([]care.Event, error) {
			return c.Requeue(care.Routed{Queue: queue, Lane: care.Critical, Policy: "normal"})
		}
	}
	routed := care.Routed{Queue: "repairs", Lane: care.Critical, Policy: "normal"}
	move := func(lead bool, queue, policy string) func(*care.Case) ([]care.Event, error) {
		return func(c *care.Case) ([]care.Event, error) { return c.MoveTo("ada", lead, queue, policy) }
	}
	path := []string{"all", "billing"}
	decide(t, []decision{
		{"nobody's case", []step{opened()}, to("repairs"), []care.Event{routed}, ""},
		{"somebody's case", []step{opened(), bobHas}, to("repairs"), []care.Event{routed, care.Released{Why: "queue"}}, ""},
		{"where it is", []step{opened(), bobHas}, to("billing"), nil, ""},
		{"nowhere", []step{opened()}, to(""), nil, care.Invalid},
		{"resolved", []step{opened(), resolved}, to("repairs"), nil, care.Conflict},
		{"an agent", []step{opened()}, move(false, "repairs", ""), []care.Event{care.Routed{Queue: "repairs", Lane: care.Ordinary, Policy: "normal"}}, ""},
		{"an agent, from somebody else", []step{opened(), bobHas}, move(false, "repairs", ""), nil, care.Conflict},
		{"an agent, by another policy", []step{opened()}, move(false, "billing", "fast"), nil, care.Denied},
		{"an agent, by the same policy", []step{opened()}, move(false, "billing", "normal"), nil, ""},
		{"a lead, by another policy: whoever has it keeps it", []step{opened(), bobHas}, move(true, "billing", "fast"), []care.Event{care.Routed{Queue: "billing", Lane: care.Ordinary, Policy: "fast", Path: path}}, ""},
	})
	d := newDesk(t, normal).open(mention("m1", 0))
	was := d.targets()
	d.at(10).must("c1", "agent/ada")(to("repairs")(d.of("c1")))
	expect(t, "deadlines after moving", d.targets(), was)
	expect(t, "queue", d.of("c1").Queue, "repairs")
	expect(t, "waits since", d.of("c1").QueuedAt, minute(0))
}
