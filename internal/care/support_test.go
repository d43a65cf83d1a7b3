package care_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
)

// start is the minute 0 of all tests: a Monday.
var start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func minute(n int) time.Time { return start.Add(time.Duration(n) * time.Minute) }

// mention is a flagged mention by ana in thread t1, seen as soon as it was posted.
func mention(id care.MentionID, posted int, change ...func(*care.MentionRef)) care.MentionRef {
	m := care.MentionRef{
		Mention: id, Author: "ana", Thread: "t1", PostedAt: minute(posted), SeenAt: minute(posted), Flagged: true,
		Source: "bluesky", Labels: care.Labels{Network: "bluesky", Language: "en", At: minute(posted)},
	}
	for _, f := range change {
		f(&m)
	}
	return m
}

func seen(at int) func(*care.MentionRef)         { return func(m *care.MentionRef) { m.SeenAt = minute(at) } }
func late(m *care.MentionRef)                    { m.Late = true }
func unflagged(m *care.MentionRef)               { m.Flagged = false }
func in(t care.ThreadKey) func(*care.MentionRef) { return func(m *care.MentionRef) { m.Thread = t } }
func labelled(topic string) func(*care.MentionRef) {
	return func(m *care.MentionRef) { m.Labels.Topic = topic }
}

// A step is one record of a history.
type step struct {
	at     int // minute
	by     care.Actor
	events []care.Event
}

func on(at int, by care.Actor, events ...care.Event) step { return step{at, by, events} }

// opened is the first record of nearly every history: ana complains at minute 0.
func opened() step {
	return on(0, care.ByIntake, care.Opened{MentionRef: mention("m1", 0)},
		care.Routed{Queue: "billing", Lane: care.Ordinary, Policy: "normal", Path: []string{"all", "billing"}})
}

// fold makes a case of a history, through the bytes on disk.
func fold(t testing.TB, id care.CaseID, history ...step) *care.Case {
	t.Helper()
	var records []care.SeqRecord
	for i, s := range history {
		r := care.Record{At: minute(s.at), By: s.by, Events: s.events}
		back, err := care.DecodeRecord(r.Encode())
		if err != nil {
			t.Fatalf("record %d: %v", i, err)
		}
		records = append(records, care.SeqRecord{Seq: uint64(i + 1), Record: back})
	}
	return care.Fold(id, records)
}

// A decision is one row of a table: what happened, what is asked, what follows.
type decision struct {
	name    string
	history []step
	act     func(*care.Case) ([]care.Event, error)
	want    []care.Event
	code    care.Code // of the refusal
}

func decide(t *testing.T, rows []decision) {
	t.Helper()
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			t.Helper()
			c := fold(t, "c1", r.history...)
			untouched := c.Clone()
			got, err := r.act(c)
			expectCode(t, err, r.code)
			expectEvents(t, got, r.want)
			if !reflect.DeepEqual(c, untouched) {
				t.Error("the decision changed the case")
			}
		})
	}
}

func expectCode(t testing.TB, err error, code care.Code) {
	t.Helper()
	var e *care.Error
	switch {
	case code == "" && err != nil:
		t.Fatalf("refused: %v", err)
	case code == "":
	case !errors.As(err, &e):
		t.Fatalf("error %v, want %s", err, code)
	case e.Code != code:
		t.Fatalf("refused as %s (%s), want %s", e.Code, e.Msg, code)
	case !strings.HasSuffix(string(e.Msg), "."):
		t.Errorf("%q is no whole sentence", e.Msg)
	}
}

func expectEvents(t testing.TB, got, want []care.Event) {
	t.Helper()
	if len(got) == 0 && len(want) == 0 {
		return
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("events\n got %s\nwant %s", show(got), show(want))
	}
}

func show(events []care.Event) string {
	var b strings.Builder
	for _, e := range events {
		d, err := json.Marshal(e)
		if err != nil {
			d = []byte(err.Error())
		}
		fmt.Fprintf(&b, "\n  %s %s", e.Kind(), d)
	}
	return b.String()
}

// A promised is the simplest Timetable: wall time, the same for every case.
type promised struct {
	first, next, resolution time.Duration // 0: not promised
	clock                   string        // customer (also when empty) | desk
	version                 string
	escalation              care.EscalationPolicy
	untouched               time.Duration // 0: a claim never lapses
}

func (p promised) Start(_ *care.Case, k care.TargetKind, posted, seen time.Time) (care.TargetSet, bool) {
	d := map[care.TargetKind]time.Duration{care.FirstResponse: p.first, care.NextResponse: p.next, care.Resolution: p.resolution}[k]
	from, clock := posted, "customer"
	if p.clock == "desk" {
		from, clock = seen, "desk"
	}
	return p.set(k, clock, from, d), d > 0
}

func (p promised) set(k care.TargetKind, clock string, from time.Time, d time.Duration) care.TargetSet {
	return care.TargetSet{
		Target: k, Clock: clock, StartAt: from, AtRiskAt: from.Add((d / 2).Truncate(time.Millisecond)), DueAt: from.Add(d), Promised: d,
		Policy: "normal", Version: p.version, Calendar: "always",
	}
}

func (p promised) Steps(c *care.Case) []care.PlannedStep {
	return c.Plan(p.escalation, time.Time.Add)
}

func (promised) Whom(_ *care.Case, s care.PlannedStep) (care.AgentID, string) {
	if s.Assign == "nobody" {
		return "", "nobody is there"
	}
	return s.Assign, ""
}

func (p promised) Lapse(c *care.Case) (time.Time, bool) {
	return c.TouchedAt.Add(p.untouched), p.untouched > 0
}

func (promised) Left(t care.Target, at time.Time) time.Duration { return t.DueAt.Sub(at) }

func (p promised) Resume(t care.Target, at time.Time) care.TargetSet {
	again := p.set(t.Target, t.Clock, at, t.Left)
	again.Promised = t.Promised
	return again
}

// A desk is what a change of cases needs around the rules: a log, a clock, a
// policy. It commits as package desk does.
type desk struct {
	t     testing.TB
	now   time.Time
	tt    care.Timetable
	seq   uint64
	cases map[care.CaseID]*care.Case
	log   map[care.CaseID][]care.SeqRecord
	ids   []care.CaseID
	check func(before, after *care.Case) // after each commit
}

// normal is the policy of most tests.
var normal = promised{first: 30 * time.Minute, next: 20 * time.Minute, resolution: 8 * time.Hour}

func newDesk(t testing.TB, tt care.Timetable) *desk {
	return &desk{t: t, now: start, tt: tt, cases: map[care.CaseID]*care.Case{}, log: map[care.CaseID][]care.SeqRecord{}}
}

// at moves the clock.
func (d *desk) at(n int) *desk { d.now = minute(n); return d }

// of is a case, empty if it was never opened.
func (d *desk) of(id care.CaseID) *care.Case {
	if c, ok := d.cases[id]; ok {
		return c
	}
	return &care.Case{ID: id}
}

// do commits a decision on one case and what follows from it.
func (d *desk) do(id care.CaseID, by care.Actor, events ...care.Event) []care.Event {
	d.t.Helper()
	before := d.of(id)
	at := d.now
	if at.Before(before.LastAt) {
		at = before.LastAt
	}
	after := before.Clone()
	after.Apply(^uint64(0), care.Record{At: at, By: by, Events: events})
	follows := after.Settle(before, at, d.tt)
	if again := after.Settle(before, at, d.tt); !reflect.DeepEqual(follows, again) {
		d.t.Fatalf("settling changed the case: first%s\nthen%s", show(follows), show(again))
	}
	all := slices.Concat(events, follows)
	if len(all) == 0 {
		return nil
	}
	rec := care.Record{At: at, By: by, Events: all}
	back, err := care.DecodeRecord(rec.Encode())
	if err != nil {
		d.t.Fatalf("record of %s: %v", id, err)
	}
	if !reflect.DeepEqual(back, rec) {
		d.t.Fatalf("the record of %s came back changed:\n%s\n%s", id, show(rec.Events), show(back.Events))
	}
	d.seq++
	live := before.Clone()
	live.Apply(d.seq, rec)
	if before.Seq == 0 {
		d.ids = append(d.ids, id)
	}
	d.cases[id] = live
	d.log[id] = append(d.log[id], care.SeqRecord{Seq: d.seq, Record: back})
	if d.check != nil {
		d.check(before, live)
	}
	return all
}

// must is do for the outcome of a decide method.
func (d *desk) must(id care.CaseID, by care.Actor) func(events []care.Event, err error) []care.Event {
	return func(events []care.Event, err error) []care.Event {
		d.t.Helper()
		if err != nil {
			d.t.Fatalf("minute %v: %v", d.now.Sub(start), err)
		}
		return d.do(id, by, events...)
	}
}

// change commits a change of several cases.
func (d *desk) change(by care.Actor) func(care.Change, error) {
	return func(c care.Change, err error) {
		d.t.Helper()
		if err != nil {
			d.t.Fatal(err)
		}
		for _, ce := range c.Cases {
			d.do(ce.Case, by, ce.Events...)
		}
	}
}

// open starts case c1, or the one named, with a mention.
func (d *desk) open(m care.MentionRef, id ...care.CaseID) *desk {
	d.t.Helper()
	d.do(append(id, "c1")[0], care.ByIntake, care.Opened{MentionRef: m}, care.Routed{Queue: "billing", Lane: care.Ordinary, Policy: "normal"})
	return d
}

// add brings a mention into c1.
func (d *desk) add(m care.MentionRef) *desk {
	d.t.Helper()
	d.do("c1", care.ByIntake, d.of("c1").TakeIn(m)...)
	return d
}

// ask requests a reply in c1 and returns its number.
func (d *desk) ask(to care.MentionID, then string) int {
	d.t.Helper()
	c := d.of("c1")
	n := c.NextText()
	d.must("c1", "agent/ada")(c.RequestReply("ada", care.ReplyRequested{
		Reply: n, To: to, Key: fmt.Sprintf("c1/%d", n), NotBefore: d.now, Then: then, Disposition: "solved",
	}))
	return n
}

// attempt opens an attempt.
func (d *desk) attempt(n int) *desk {
	d.t.Helper()
	d.do("c1", care.ByOutbox, d.of("c1").AttemptReply(n, d.now, d.now.Add(30*time.Second))...)
	return d
}

// sent says that the network showed reply n at a minute.
func (d *desk) sent(n, visible int) *desk {
	d.t.Helper()
	d.do("c1", care.ByOutbox, d.of("c1").ReplyWasSent(n, d.now, minute(visible), false)...)
	return d
}

// answer is a whole reply in c1, written and sent in this minute.
func (d *desk) answer(to care.MentionID, then string) *desk {
	d.t.Helper()
	n := d.ask(to, then)
	return d.attempt(n).sent(n, int(d.now.Sub(start)/time.Minute))
}

// theirs is an answer that somebody wrote on the network itself.
func (d *desk) theirs(own, to care.MentionID, visible int) *desk {
	d.t.Helper()
	d.do("c1", care.ByIntake, d.of("c1").ReplyWasSeen(care.ReplySeen{Mention: own, To: to, VisibleAt: minute(visible)})...)
	return d
}

// scan is the clock's look at a case.
func (d *desk) scan(id ...care.CaseID) []care.Event {
	d.t.Helper()
	return d.do(append(id, "c1")[0], care.ByClock)
}

// targets prints the targets of a case: kind, state, from–due, when done.
func (d *desk) targets(id ...care.CaseID) string {
	var out []string
	for _, x := range d.of(append(id, "c1")[0]).Targets {
		s := fmt.Sprintf("%s %s %s–%s", x.Target, x.State, clock(x.StartAt), clock(x.DueAt))
		if x.State == care.TargetIsEnded {
			s = fmt.Sprintf("%s %s", x.Target, x.How)
		} else if x.How != "" {
			s += " " + string(x.How)
		}
		if x.State == care.TargetIsPaused {
			s = fmt.Sprintf("%s paused %s left", x.Target, x.Left)
		}
		if !x.BreachedAt.IsZero() {
			s += " breached " + clock(x.BreachedAt)
		}
		if !x.DoneAt.IsZero() {
			s += " done " + clock(x.DoneAt)
		}
		out = append(out, s)
	}
	return strings.Join(out, "; ")
}

func clock(t time.Time) string { return t.Sub(start).String() }

// expect compares the targets of c1.
func (d *desk) expect(want ...string) {
	d.t.Helper()
	if got := d.targets(); got != strings.Join(want, "; ") {
		d.t.Errorf("targets\n got %s\nwant %s", got, strings.Join(want, "; "))
	}
}

func expect[T comparable](t testing.TB, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// kindsOf names the kinds of events, in order.
func kindsOf(events []care.Event) string {
	var out []string
	for _, e := range events {
		out = append(out, string(e.Kind()))
	}
	return strings.Join(out, " ")
}
