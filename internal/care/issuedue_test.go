package care_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
)

var telling = care.EscalationPolicy{Name: "standard", Steps: []care.EscalationStep{
	{When: care.WhenBreached, Notify: []string{"leads"}},
	{When: care.WhenPromiseDue, Notify: []string{"owner"}},
	{When: care.WhenPromiseSlipped, Notify: []string{"leads"}, Raise: true, Repeat: 10 * time.Minute, Times: 2},
	{When: care.WhenPromiseSlipped, After: time.Hour, Assign: "cy"},
}}

// settle lets the clock look.
func (x *trouble) settle() []care.Event {
	events := x.i.Settle(x.now, telling)
	_ = x.add(events, nil)
	return events
}

func TestPromiseToSayMore(t *testing.T) {
	say := func(know, at int) func(*trouble) error {
		return func(x *trouble) error {
			e := care.IssueSaid{Know: know}
			if at > 0 {
				e.NextAt = minute(at)
			}
			return x.add(x.i.Say(e, x.now))
		}
	}
	look := func(x *trouble) error { x.settle(); return nil }
	end := func(why string) func(*trouble) error {
		return func(x *trouble) error { return x.add(x.i.Close(why)) }
	}
	type step struct {
		at int
		do func(*trouble) error
	}
	for name, c := range map[string]struct {
		steps      []step
		kept, late int
		refused    bool // the last step
		open       bool
	}{
		"said in time":             {[]step{{0, say(2, 60)}, {50, say(3, 0)}}, 1, 0, false, false},
		"said late, nobody looked": {[]step{{0, say(2, 60)}, {70, say(3, 0)}}, 0, 1, false, false},
		"said late, after a look":  {[]step{{0, say(2, 60)}, {61, look}, {70, say(3, 0)}}, 0, 1, false, false},
		"moved without a word":     {[]step{{0, say(2, 60)}, {50, say(0, 90)}}, 0, 0, false, true},
		"moved when it was late":   {[]step{{0, say(2, 60)}, {61, say(0, 90)}, {80, say(4, 0)}}, 1, 1, false, false},
		"taken back in silence":    {[]step{{0, say(2, 60)}, {50, say(0, 0)}}, 0, 0, true, true},
		"mended, the time stands":  {[]step{{0, say(2, 60)}, {50, say(3, 60)}}, 0, 0, false, true},
		"fixed in time":            {[]step{{0, say(2, 60)}, {50, end("fixed")}}, 1, 0, false, false},
		"fixed late":               {[]step{{0, say(2, 60)}, {61, end("fixed")}}, 0, 1, false, false},
		"it was none":              {[]step{{0, say(2, 60)}, {50, end("no_issue")}}, 0, 0, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			x := newTrouble(t)
			for n, s := range c.steps {
				x.now = minute(s.at)
				if err := s.do(x); (err != nil) != (c.refused && n == len(c.steps)-1) {
					t.Fatalf("step %d: %v", n, err)
				}
			}
			if x.i.Kept != c.kept || x.i.Late != c.late || x.i.Said.NextAt.IsZero() == c.open {
				t.Errorf("kept %d, late %d, next at %v", x.i.Kept, x.i.Late, x.i.Said.NextAt)
			}
		})
	}
}

// The warning, the slip and each step come once, a late look records the
// promise's own instants, and what is over is not said any more.
func TestPromiseToSayMoreEscalates(t *testing.T) {
	x := newTrouble(t)
	must(t, x.add(x.i.Say(care.IssueSaid{Know: 2, NextAt: minute(60)}, x.now)))
	for _, c := range []struct {
		at    int
		wants []care.Event
	}{
		{44, []care.Event{care.Planned{At: minute(45)}}},
		{45, []care.Event{care.IssuePromiseAtRisk{At: minute(45)}, escalated(2, 45, 0), noticed(2, 45, 0, "owner"), care.Planned{At: minute(60)}}},
		{59, nil},
		{65, []care.Event{care.IssuePromiseSlipped{At: minute(60)}, escalated(3, 60, 0), noticed(3, 60, 0, "leads"), care.Planned{At: minute(70)}}},
		{65, nil},
		{70, []care.Event{escalated(3, 60, 1), noticed(3, 60, 1, "leads"), care.Planned{At: minute(80)}}},
	} {
		x.now = minute(c.at)
		if got := x.settle(); !reflect.DeepEqual(got, c.wants) {
			t.Fatalf("at %d:\n got%s\nwant%s", c.at, show(got), show(c.wants))
		}
	}
	must(t, x.add(x.i.Say(care.IssueSaid{Know: 3, NextAt: minute(200)}, x.now)))
	if slices.ContainsFunc(x.i.Notices, func(n care.Notice) bool { return n.Open() }) {
		t.Error("a notice of what is over still waits")
	}
	x.now = minute(100)
	if got := x.settle(); slices.ContainsFunc(got, func(e care.Event) bool { return e.Kind() != care.Planned{}.Kind() }) {
		t.Errorf("of a promise that is over:%s", show(got))
	}
}

func escalated(step, at, again int) care.Event {
	why := map[int]string{2: "promise_due", 3: "promise_slipped"}[step]
	return care.IssueEscalated{Why: why, Step: fmt.Sprintf("issue/i1/standard/%d/%d/%d", step, minute(at).UnixMilli(), again)}
}

func noticed(step, at, again int, channel string) care.Event {
	e := escalated(step, at, again).(care.IssueEscalated)
	return care.NoticeRequested{Key: e.Step + "/" + channel, Channel: channel, Why: e.Why}
}

func TestWhoLeavesPassesTheirPromisesOn(t *testing.T) {
	x := newTrouble(t)
	must(t, x.add(x.i.Say(care.IssueSaid{Know: 2, NextAt: minute(60)}, x.now)))
	if got := x.i.Pass("bob", "cy"); got != nil {
		t.Errorf("not bob's: %v", got)
	}
	must(t, x.add(x.i.Pass("ada", "cy"), nil))
	if x.i.Owner != "cy" || !x.i.Said.NextAt.Equal(minute(60)) {
		t.Errorf("%s owes it at %v", x.i.Owner, x.i.Said.NextAt)
	}
}

// Whatever is done to a known issue, in any order: what we promised to say is
// listed until it is said or the matter is over, warned of before, and called
// late after; and all comes again from the log.
func TestRandomTroubles(t *testing.T) {
	for seed := range uint64(*histories) {
		r := rand.New(rand.NewPCG(seed, 5))
		x := newTrouble(t, "c1", "c2")
		var log []care.SeqRecord
		do := func(events []care.Event, err error) {
			if err == nil && len(events) > 0 {
				log = append(log, care.SeqRecord{Seq: x.seq + 1, Record: care.Record{At: x.now, By: "agent/ada", Events: events}})
				before := *x.i
				_ = x.add(events, nil)
				dueStays(t, seed, &before, x.i, events)
			}
		}
		for range 150 {
			if at, ok := x.i.NextAlarm(); ok && r.IntN(3) == 0 && at.After(x.now) {
				x.now = at
			} else {
				x.now = x.now.Add(time.Duration(r.IntN(20*60_000)) * time.Millisecond).Truncate(time.Millisecond)
			}
			switch r.IntN(7) {
			case 0, 1:
				e := care.IssueSaid{Know: r.IntN(2) * x.i.NextText(), Doing: r.IntN(2) * (x.i.NextText() + 1)}
				if r.IntN(4) > 0 {
					e.NextAt = x.now.Add(time.Duration(r.IntN(120)-10) * time.Minute)
				}
				do(x.i.Say(e, x.now))
			case 2:
				do(x.i.Close(pick(r, []string{"fixed", "no_issue"})))
			case 3:
				do(x.i.OpenAgain())
			case 4:
				do(x.i.Pass(pick(r, agents), pick(r, agents)), nil)
			default:
				do(x.i.Settle(x.now, telling), nil)
				if again := x.i.Settle(x.now, telling); len(again) > 0 {
					t.Fatalf("seed %d: settling again adds%s", seed, show(again))
				}
			}
		}
		replayed := newTrouble(t, "c1", "c2").i
		for _, rec := range log {
			replayed.Apply(rec.Seq, rec.Record)
		}
		if !reflect.DeepEqual(replayed, x.i) {
			t.Fatalf("seed %d: replayed\n got %+v\nwant %+v", seed, replayed, x.i)
		}
	}
}

// dueStays holds an issue to what was promised about it, after any change.
func dueStays(t *testing.T, seed uint64, before, i *care.Issue, events []care.Event) {
	t.Helper()
	fail := func(format string, args ...any) {
		t.Helper()
		t.Fatalf("seed %d, after%s: %s", seed, show(events), fmt.Sprintf(format, args...))
	}
	due, now := i.Said.NextAt, i.LastAt
	at, rings := i.NextAlarm()
	switch {
	case due.IsZero():
	case i.State != care.IssueOpen:
		fail("it is closed, and something is promised")
	case !i.Slipped && (!rings || at.After(due)):
		fail("due at %s, and rings at %s", clock(due), clock(at))
	case !i.Slipped && !i.Warned && at.After(i.AtRiskAt()):
		fail("the warning at %s is not listed", clock(i.AtRiskAt()))
	}
	if was := before.Said.NextAt; !was.IsZero() && due.IsZero() {
		said := i.Said.Know != before.Said.Know || i.Said.Doing != before.Said.Doing
		if !said && i.State == care.IssueOpen {
			fail("what was due at %s went in silence", clock(was))
		}
		if !before.Slipped && now.After(was) && i.Late != before.Late+1 {
			fail("late, and not counted as such")
		}
	}
	if i.Kept+i.Late > before.Kept+before.Late+1 {
		fail("counted twice")
	}
}
