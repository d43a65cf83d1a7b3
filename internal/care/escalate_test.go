package care_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
)

// told is what a scan of the clock did, in short.
func told(events []care.Event) string {
	var all []string
	for _, e := range events {
		switch e := e.(type) {
		case care.Escalated:
			all = append(all, fmt.Sprintf("%s to level %d", e.Why, e.Level))
		case care.NoticeRequested:
			all = append(all, "tell "+e.Channel)
		case care.Unmatched:
			all = append(all, e.Why)
		case care.Routed:
			all = append(all, "to "+e.Queue)
		case care.Assigned:
			all = append(all, fmt.Sprintf("give to %s (%s)", e.To, e.Why))
		case care.Released:
			all = append(all, "back: "+e.Why)
		}
	}
	return strings.Join(all, ", ")
}

func policy(steps ...care.EscalationStep) promised {
	p := normal
	p.escalation = care.EscalationPolicy{Name: "standard", Steps: steps}
	return p
}

// TestEscalation scans each minute and says at which minutes something was done.
func TestEscalation(t *testing.T) {
	leads := []string{"leads"}
	angry := func(m *care.MentionRef) { m.Labels.Mood = care.Furious }
	severe := func(m *care.MentionRef) { m.Labels.Severity = care.High }
	for _, c := range []struct {
		name  string
		steps []care.EscalationStep
		act   map[int]func(*desk) // at a minute
		until int
		want  string
	}{
		{"at risk, breached: once each", []care.EscalationStep{
			{When: care.WhenAtRisk, Target: care.FirstResponse, Notify: leads}, {When: care.WhenBreached, Target: care.FirstResponse, Raise: true, Notify: leads},
		}, nil, 90, "15: at_risk to level 0, tell leads; 30: breached to level 1, tell leads"},
		{"later than the trigger", []care.EscalationStep{{When: care.WhenBreached, Target: care.FirstResponse, After: 10 * time.Minute, Raise: true}},
			nil, 60, "40: breached to level 1"},
		{"not when it is answered", []care.EscalationStep{{When: care.WhenBreached, Target: care.FirstResponse, Raise: true}},
			map[int]func(*desk){20: func(d *desk) { d.answer("m1", care.ThenKeep) }}, 60, ""},
		{"nobody takes it", []care.EscalationStep{{When: care.WhenUnclaimed, After: 5 * time.Minute, Assign: "lea"}}, nil, 60, "5: unclaimed to level 0, give to lea (escalation)"},
		{"nobody is there: told once, and still on the list", []care.EscalationStep{{When: care.WhenUnclaimed, After: 5 * time.Minute, Assign: "nobody", Notify: leads}},
			nil, 60, "5: unclaimed to level 0, nobody is there, tell leads"},
		{"somebody took it", []care.EscalationStep{{When: care.WhenUnclaimed, After: 5 * time.Minute, Notify: leads}},
			map[int]func(*desk){3: func(d *desk) { d.must("c1", "agent/ada")(d.of("c1").Claim("ada", "claim")) }}, 60, ""},
		{"put back: it waits anew", []care.EscalationStep{{When: care.WhenUnclaimed, After: 5 * time.Minute, Notify: leads}},
			map[int]func(*desk){
				3:  func(d *desk) { d.must("c1", "agent/ada")(d.of("c1").Claim("ada", "claim")) },
				10: func(d *desk) { d.must("c1", "agent/ada")(d.of("c1").Release("ada")) },
			}, 60, "15: unclaimed to level 0, tell leads"},
		{"to another queue, whoever has it", []care.EscalationStep{{When: care.WhenBreached, Target: care.FirstResponse, Queue: "urgent"}},
			map[int]func(*desk){3: func(d *desk) { d.must("c1", "agent/ada")(d.of("c1").Claim("ada", "claim")) }}, 60, "30: breached to level 0, to urgent, back: queue"},
		{"again and again, with a limit", []care.EscalationStep{{When: care.WhenBreached, Target: care.FirstResponse, Raise: true, Notify: leads, Repeat: 10 * time.Minute, Times: 2}},
			nil, 120, "30: breached to level 1, tell leads; 40: breached to level 0, tell leads; 50: breached to level 0, tell leads"},
		{"until somebody knows", []care.EscalationStep{{When: care.WhenBreached, Target: care.FirstResponse, Notify: leads, Repeat: 10 * time.Minute, Times: 9}},
			map[int]func(*desk){45: func(d *desk) { d.must("c1", "agent/lea")(d.of("c1").Acknowledge(d.now)) }}, 120,
			"30: breached to level 0, tell leads; 40: breached to level 0, tell leads"},
		{"a new deadline is another matter", []care.EscalationStep{{When: care.WhenBreached, Notify: leads}},
			map[int]func(*desk){
				10: func(d *desk) { d.answer("m1", care.ThenKeep) },
				20: func(d *desk) { d.add(mention("m2", 20)) },
				50: func(d *desk) { d.answer("m2", care.ThenKeep) },
				60: func(d *desk) { d.add(mention("m3", 60)) },
			}, 120, "40: breached to level 0, tell leads; 80: breached to level 0, tell leads"},
		{"the customer got angrier", []care.EscalationStep{{When: care.WhenAngrier, Raise: true}},
			map[int]func(*desk){7: func(d *desk) { d.add(mention("m2", 7, angry)) }, 9: func(d *desk) { d.add(mention("m3", 9, angry)) }}, 20, "7: angrier to level 1"},
		{"it got worse", []care.EscalationStep{{When: care.WhenSevere, Raise: true}},
			map[int]func(*desk){7: func(d *desk) { d.add(mention("m2", 7, severe)) }}, 20, "7: severe to level 1"},
		{"a promise is due soon, and slips: also of a case that is over", []care.EscalationStep{
			{When: care.WhenPromiseDue, Notify: leads}, {When: care.WhenPromiseSlipped, After: 10 * time.Minute, Raise: true, Queue: "urgent"}},
			map[int]func(*desk){
				4: func(d *desk) {
					d.must("c1", "agent/ada")(d.of("c1").MakePromise("ada", d.of("c1").NextText(), d.now, minute(84), "call"))
				},
				5: func(d *desk) { d.must("c1", "agent/ada")(d.of("c1").Resolve("ada", "solved")) },
			}, 120, "64: promise_due to level 0, tell leads; 94: promise_slipped to level 1"},
		{"a promise that is kept warns nobody", []care.EscalationStep{{When: care.WhenPromiseDue, Notify: leads}},
			map[int]func(*desk){
				4: func(d *desk) {
					d.must("c1", "agent/ada")(d.of("c1").MakePromise("ada", d.of("c1").NextText(), d.now, minute(84), "call"))
				},
				60: func(d *desk) { d.must("c1", "agent/ada")(d.of("c1").KeepPromise(1)) },
			}, 120, ""},
		{"what is over is left alone", []care.EscalationStep{{When: care.WhenBreached, Raise: true}},
			map[int]func(*desk){5: func(d *desk) {
				d.must("c1", "agent/ada")(d.of("c1").Dismiss("ada", care.NotAComplaint))
			}}, 60, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDesk(t, policy(c.steps...))
			var got []string
			for n := range c.until + 1 {
				d.at(n)
				was := len(d.log["c1"])
				if n == 0 {
					d.open(mention("m1", 0))
				}
				if act := c.act[n]; act != nil {
					act(d)
				}
				for range 2 { // a second scan adds nothing
					d.scan("c1")
				}
				var done []string
				for _, r := range d.log["c1"][was:] {
					if s := told(r.Events); strings.Contains(s, " to level ") {
						done = append(done, s[max(0, strings.Index(s, triggerIn(s))):])
					}
				}
				if len(done) > 0 {
					got = append(got, fmt.Sprintf("%d: %s", n, strings.Join(done, ", ")))
				}
			}
			if s := strings.Join(got, "; "); s != c.want {
				t.Errorf("got  %s\nwant %s", s, c.want)
			}
		})
	}
}

// triggerIn is the trigger that a text names, so that what was done before an
// escalation in the same record is left out.
func triggerIn(s string) string {
	for _, w := range care.Triggers() {
		if strings.Contains(s, string(w)+" to level") {
			return string(w)
		}
	}
	return s
}

// A late case sets off no storm, and the clock is told when to look again.
func TestEscalationIsAnAlarm(t *testing.T) {
	steps := care.EscalationStep{When: care.WhenUnclaimed, After: 5 * time.Minute, Raise: true}
	d := newDesk(t, policy(steps)).open(mention("m1", 0))
	if at, ok := d.of("c1").NextAlarm(); !ok || !at.Equal(minute(5)) {
		t.Errorf("the clock looks at %v, %v", at, ok)
	}
	d.must("c1", "agent/ada")(d.of("c1").Claim("ada", "claim"))
	if at, _ := d.of("c1").NextAlarm(); !at.Equal(minute(30)) {
		t.Errorf("once it is claimed the clock looks at %v", at)
	}
	old := newDesk(t, policy(steps)).open(mention("m1", 0, late))
	if at, ok := old.of("c1").NextAlarm(); ok {
		t.Errorf("a late case has an alarm at %v", at)
	}
}

func TestAcknowledge(t *testing.T) {
	d := newDesk(t, policy(care.EscalationStep{When: care.WhenUnclaimed, Raise: true})).open(mention("m1", 0))
	if events := d.must("c1", "agent/lea")(d.of("c1").Acknowledge(d.now)); len(events) == 0 {
		t.Error("nothing was acknowledged")
	}
	if events, err := d.of("c1").Acknowledge(minute(1)); err != nil || len(events) != 0 {
		t.Errorf("a second time: %v, %v", events, err)
	}
}

// A claim that nobody touches goes back to its queue; touching it by anything
// holds it.
func TestClaimLapses(t *testing.T) {
	tt := normal
	tt.untouched = 20 * time.Minute
	for _, c := range []struct {
		name string
		act  func(*desk)
		back int // the minute at which it is back
	}{
		{"untouched", func(*desk) {}, 21},
		{"with a note", func(d *desk) { d.at(15).must("c1", "agent/ada")(d.of("c1").Note(1)) }, 35},
		{"somebody else's note holds nothing", func(d *desk) { d.at(15).must("c1", "agent/bob")(d.of("c1").Note(1)) }, 21},
		{"it waits for the customer", func(d *desk) { d.at(15).must("c1", "agent/ada")(d.of("c1").Await("ada")) }, 0},
	} {
		d := newDesk(t, tt).open(mention("m1", 0)).at(1)
		d.must("c1", "agent/ada")(d.of("c1").Claim("ada", "claim"))
		c.act(d)
		back := 0
		for n := 16; n < 90 && back == 0; n++ {
			if s := told(d.at(n).scan("c1")); strings.Contains(s, "back: untouched") {
				back = n
			}
		}
		if back != c.back {
			t.Errorf("%s: back at %d, want %d", c.name, back, c.back)
		}
	}
}
