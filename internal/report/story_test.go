package report_test

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/report"
	"github.com/amends-care/amends/internal/sla"
)

// A story is a log in the making: people act at their times, the rules of care
// and sla make of it what package desk would, and the clock looks in between.
type story struct {
	t     testing.TB
	hours *sla.Calendar
	sla   sla.Policy
	cases map[care.CaseID]*care.Case
	ids   []care.CaseID
	log   []entry
	plan  []step
}

// An entry is one record of the log.
type entry struct {
	seq    uint64
	stream string
	data   []byte
}

type step struct {
	at time.Time
	do func(now time.Time)
}

func newStory(t testing.TB, hours sla.Timetable, promise sla.Policy) *story {
	t.Helper()
	cal, err := sla.NewCalendar(hours)
	if err != nil {
		t.Fatal(err)
	}
	return &story{t: t, hours: cal, sla: promise, cases: map[care.CaseID]*care.Case{}}
}

// office is Monday to Friday, nine to five, in Berlin.
func office() sla.Timetable {
	nine := sla.Hours{{From: 9 * time.Hour, To: 17 * time.Hour}}
	return sla.Timetable{Name: "office", Zone: "Europe/Berlin", Week: sla.Week{"mon-fri": nine}}
}

func standard() sla.Policy {
	return sla.Policy{Name: "standard", Calendar: "office", FirstResponse: 30 * time.Minute, NextResponse: time.Hour, Resolution: 16 * time.Hour}
}

// Start, Left and Resume implement care.Timetable.
func (s *story) Start(_ *care.Case, k care.TargetKind, posted, seen time.Time) (care.TargetSet, bool) {
	t, ok := s.sla.Target(sla.Kind(k), s.sla.Start(posted, seen), s.hours)
	return s.set(k, t), ok
}

func (s *story) set(k care.TargetKind, t sla.Target) care.TargetSet {
	return care.TargetSet{
		Target: k, Clock: string(s.sla.Normal().Clock), StartAt: t.Start, AtRiskAt: t.AtRisk, DueAt: t.Due,
		Promised: s.sla.Length(sla.Kind(k)), Policy: s.sla.Name, Version: s.sla.Version(), Calendar: s.hours.Version(),
	}
}

func (s *story) Left(t care.Target, at time.Time) time.Duration { return s.hours.Left(t.DueAt, at) }

func (*story) Steps(*care.Case) []care.PlannedStep { return nil }

func (*story) Whom(_ *care.Case, p care.PlannedStep) (care.AgentID, string) { return p.Assign, "" }

func (*story) Lapse(*care.Case) (time.Time, bool) { return time.Time{}, false }

func (s *story) Resume(t care.Target, at time.Time) care.TargetSet {
	return s.set(t.Target, s.sla.Resume(sla.Kind(t.Target), at, t.Left, s.hours))
}

// calendar is the one that a report counts working time by.
func (s *story) calendar(version string) *sla.Calendar {
	if version == s.hours.Version() {
		return s.hours
	}
	return nil
}

// at plans something; what is planned for one instant happens in that order.
func (s *story) at(when time.Time, do func(now time.Time)) {
	s.plan = append(s.plan, step{when, do})
}

// run lets all that is planned happen, and the clock up to an instant.
func (s *story) run(until time.Time) {
	slices.SortStableFunc(s.plan, func(a, b step) int { return a.at.Compare(b.at) })
	for _, p := range s.plan {
		s.clock(p.at)
		p.do(p.at)
	}
	s.plan = nil
	s.clock(until)
}

// clock settles what is due before an instant, each at its own.
func (s *story) clock(until time.Time) {
	for {
		var next *care.Case
		var when time.Time
		for _, id := range s.ids {
			if at, ok := s.cases[id].NextAlarm(); ok && at.Before(until) && (next == nil || at.Before(when)) {
				next, when = s.cases[id], at
			}
		}
		if next == nil {
			return
		}
		s.record(next.ID, when, care.ByClock)
	}
}

// record commits events of one case with what follows from them.
func (s *story) record(id care.CaseID, at time.Time, by care.Actor, events ...care.Event) {
	before := s.cases[id]
	if before == nil {
		before = &care.Case{ID: id}
		s.ids = append(s.ids, id)
	}
	after := before.Clone()
	seq := uint64(len(s.log) + 1)
	after.Apply(seq, care.Record{At: at, By: by, Events: events})
	events = append(events, after.Settle(before, at, s)...)
	if len(events) == 0 {
		return
	}
	rec := care.Record{At: at, By: by, Events: events}
	data := rec.Encode()
	read, err := care.DecodeRecord(data)
	if err != nil {
		s.t.Fatal(err)
	}
	now := before.Clone()
	now.Apply(seq, read)
	s.cases[id] = now
	s.log = append(s.log, entry{seq, "case/" + string(id), data})
}

// must passes on what a decision gave.
func (s *story) must(events []care.Event, err error) []care.Event {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
	return events
}

// A post is a mention, as a story tells it.
type post struct {
	author, network, source, language, topic string
	severity                                 care.Severity
	list                                     string
	lag                                      time.Duration // until we saw it
	unflagged, praise, late, byHand          bool
	queue                                    string
}

func (s *story) ref(id string, posted time.Time, p post) care.MentionRef {
	m := care.MentionRef{
		Mention: care.MentionID(id), Author: care.AuthorKey(p.author), Thread: care.ThreadKey("t-" + p.author), PostedAt: posted, SeenAt: posted.Add(p.lag),
		Flagged: !p.unflagged, Late: p.late, Source: p.source,
		Labels: care.Labels{Network: p.network, Language: p.language, Topic: p.topic, Severity: p.severity, At: posted},
	}
	if p.list != "" {
		m.Labels.Lists = []string{p.list}
	}
	if p.praise {
		m.Wants = "praise"
	}
	return m
}

// opens plans a case that begins with a post.
func (s *story) opens(id care.CaseID, posted time.Time, p post) {
	s.at(posted.Add(p.lag), func(now time.Time) {
		queue := cmp.Or(p.queue, "care")
		s.record(id, now, care.ByIntake, care.Opened{MentionRef: s.ref(string(id)+".1", posted, p), ByHand: p.byHand},
			care.Routed{Queue: queue, Lane: care.Ordinary, Policy: s.sla.Name})
	})
}

// writes plans another post of the customer.
func (s *story) writes(id care.CaseID, n int, posted time.Time, p post) {
	s.at(posted.Add(p.lag), func(now time.Time) {
		s.record(id, now, care.ByIntake, s.cases[id].TakeIn(s.ref(fmt.Sprintf("%s.%d", id, n), posted, p))...)
	})
}

// replies plans an answer to the customer's newest mention that is visible at
// an instant.
func (s *story) replies(id care.CaseID, by care.AgentID, visible time.Time) {
	s.at(visible, func(now time.Time) { s.reply(id, by, now) })
}

func (s *story) reply(id care.CaseID, by care.AgentID, now time.Time) {
	c := s.cases[id]
	n := c.NextText()
	to := c.Mentions[len(c.Mentions)-1].Mention
	s.record(id, now, care.ByAgent(by), s.must(c.RequestReply(by, care.ReplyRequested{
		Reply: n, To: to, Key: fmt.Sprintf("%s/%d", id, n), NotBefore: now, Then: care.ThenKeep,
	}))...)
	s.record(id, now, care.ByOutbox, s.cases[id].AttemptReply(n, now, now)...)
	s.record(id, now, care.ByOutbox, s.cases[id].ReplyWasSent(n, now, now, false)...)
}

// acts plans a decision of a person.
func (s *story) acts(id care.CaseID, by care.AgentID, when time.Time, decide func(c *care.Case, now time.Time) ([]care.Event, error)) {
	s.at(when, func(now time.Time) { s.record(id, now, care.ByAgent(by), s.must(decide(s.cases[id], now))...) })
}

func (s *story) resolves(id care.CaseID, by care.AgentID, when time.Time, disposition string) {
	s.acts(id, by, when, func(c *care.Case, _ time.Time) ([]care.Event, error) { return c.Resolve(by, disposition) })
}

// fold reads the log into a report's fold.
func (s *story) fold() *report.Fold { return s.foldTo(uint64(len(s.log))) }

func (s *story) foldTo(position uint64) *report.Fold {
	s.t.Helper()
	f := report.New(s.calendar)
	for _, e := range s.log[:position] {
		if err := f.Add(e.seq, e.stream, e.data); err != nil {
			s.t.Fatal(err)
		}
	}
	return f
}
