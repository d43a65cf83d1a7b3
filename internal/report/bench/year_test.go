// Package bench measures reports over a year of many cases, beside the same
// questions in SQLite and PostgreSQL, in a module of its own so that what they
// need does not weigh on Amends.
package bench

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/report"
	"github.com/amends-care/amends/internal/sla"
)

// What happens to a case, in the order in which it can.
const (
	opens = iota
	answers
	writesAgain
	answersAgain
	keeps
	resolves
	dismisses
	reopens
	resolvesAgain
)

// A happening is one record of the year: packed, so that millions can be sorted.
type happening struct {
	at   int64 // milliseconds since 1970
	of   uint32
	kind uint8
}

// A year is a log of many cases in the order of time, so that the records of
// one case are far apart, as they are in life.
type year struct {
	n          int
	start, end time.Time
	calendar   *sla.Calendar
	happenings []happening
	began      []int64
}

var (
	queues    = []string{"billing", "delivery", "outage", "returns", "app", "stores"}
	networks  = []string{"bluesky", "mastodon", "x", "reddit"}
	languages = []string{"en", "de", "fr", "es", "it", "pl", "nl", "pt"}
	topics    = []string{"billing", "delivery", "outage", "quality", "staff", "refund", "cancellation", "safety", "privacy", "other"}
	agents    = 40
)

func newYear(n int) *year {
	nine := sla.Hours{{From: 8 * time.Hour, To: 20 * time.Hour}}
	cal, err := sla.NewCalendar(sla.Timetable{Name: "long", Zone: "Europe/Berlin", Week: sla.Week{"mon-sat": nine}})
	if err != nil {
		panic(err)
	}
	y := &year{n: n, start: time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC), calendar: cal, began: make([]int64, n)}
	y.end = y.start.AddDate(1, 0, 0)
	r := rand.New(rand.NewPCG(1, 2))
	span := y.end.Sub(y.start).Milliseconds()
	lognormal := func(minutes, spread float64) int64 {
		return int64(60_000 * minutes * math.Exp(spread*r.NormFloat64()))
	}
	for i := range n {
		at := y.start.UnixMilli() + r.Int64N(span)
		y.began[i] = at
		add := func(at int64, kind uint8) { y.happenings = append(y.happenings, happening{at, uint32(i), kind}) }
		add(at+30_000, opens)
		switch u := r.IntN(100); {
		case u < 5:
			add(at+lognormal(40, 1)+60_000, dismisses)
			continue
		case u < 8:
			continue // nobody ever answers
		}
		replied := at + lognormal(25, 1.1) + 60_000
		add(replied, answers)
		done := replied + lognormal(300, 1)
		if r.IntN(5) == 0 {
			again := replied + (done-replied)/3
			add(again, writesAgain)
			add(again+(done-again)/3, answersAgain)
		}
		if r.IntN(12) == 0 {
			add(replied+(done-replied)*3/4, keeps)
		}
		add(done, resolves)
		if r.IntN(30) == 0 {
			back := done + lognormal(600, 1)
			add(back, reopens)
			add(back+lognormal(200, 1), resolvesAgain)
		}
	}
	slices.SortFunc(y.happenings, func(a, b happening) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.of, b.of), cmp.Compare(a.kind, b.kind))
	})
	return y
}

func (y *year) id(n uint32) care.CaseID {
	return care.CaseID(care.TimeID(time.UnixMilli(y.began[n]), n, [5]byte{}))
}

func (y *year) queue(n uint32) string { return queues[n%7%6] }

func (y *year) mention(n uint32, of int, posted int64) care.MentionRef {
	at := time.UnixMilli(posted).UTC()
	m := care.MentionRef{
		Mention: care.MentionID(care.TimeID(at, n*4+uint32(of), [5]byte{1})), Author: care.AuthorKey(fmt.Sprintf("%022x", n%uint32(y.n*2/5+1))),
		Thread: care.ThreadKey(fmt.Sprintf("%022x", n)), PostedAt: at, SeenAt: at.Add(30 * time.Second), Flagged: of == 0,
		Source: networks[n%4], Labels: care.Labels{Network: networks[n%4], Language: languages[n%8], Topic: topics[n%10], Severity: care.Low, At: at},
	}
	if n%5 == 0 {
		m.Labels.Severity = care.High
	}
	return m
}

// record is what one happening writes to the log.
func (y *year) record(h happening) care.Record {
	at := time.UnixMilli(h.at).UTC()
	began := time.UnixMilli(y.began[h.of]).UTC()
	agent := care.AgentID(fmt.Sprintf("agent-%02d", int(h.of)%agents))
	set := func(k care.TargetKind, start time.Time, d time.Duration) care.TargetSet {
		return care.TargetSet{
			Target: k, Clock: "customer", StartAt: start, AtRiskAt: start.Add(d * 3 / 4), DueAt: start.Add(d), Promised: d,
			Policy: "standard", Version: "v1", Calendar: y.calendar.Version(),
		}
	}
	within := func(k care.TargetKind, start time.Time, d time.Duration) care.Event {
		if at.Sub(start) > d {
			return care.TargetBreached{Target: k, At: start.Add(d)}
		}
		return care.TargetMet{Target: k, At: at}
	}
	r := care.Record{At: at, By: care.ByAgent(agent)}
	first := y.mention(h.of, 0, y.began[h.of])
	switch h.kind {
	case opens:
		r.By = care.ByIntake
		r.Events = []care.Event{
			care.Opened{MentionRef: first, Probability: 0.9, Model: "linear@1"},
			care.Routed{Queue: y.queue(h.of), Lane: care.Ordinary, Policy: "standard", Tree: "t1", Path: []string{y.queue(h.of)}},
			set(care.FirstResponse, began, 30*time.Minute), set(care.Resolution, began, 24*time.Hour),
		}
	case answers:
		r.Events = []care.Event{
			care.Assigned{To: agent, Why: "next"}, care.ReplyRequested{Reply: 1, To: first.Mention, Key: "k", NotBefore: at, Then: care.ThenKeep},
			care.ReplySent{Reply: 1, VisibleAt: at}, within(care.FirstResponse, began, 30*time.Minute),
		}
		if h.of%12 == 0 {
			r.Events = append(r.Events, care.PromiseMade{Promise: 2, DueAt: at.Add(24 * time.Hour), Owner: agent, What: "call"})
		}
	case writesAgain:
		r.By = care.ByIntake
		r.Events = []care.Event{care.MentionAdded{MentionRef: y.mention(h.of, 1, h.at-30_000)}, set(care.NextResponse, at, time.Hour)}
	case answersAgain:
		r.Events = []care.Event{
			care.ReplyRequested{Reply: 3, To: first.Mention, Key: "k", NotBefore: at, Then: care.ThenKeep}, care.ReplySent{Reply: 3, VisibleAt: at},
			care.TargetMet{Target: care.NextResponse, At: at},
		}
	case keeps:
		r.Events = []care.Event{care.PromiseKept{Promise: 2}}
	case resolves:
		r.Events = []care.Event{care.Resolved{Disposition: "solved"}, within(care.Resolution, began, 24*time.Hour)}
	case dismisses:
		r.Events = []care.Event{care.Dismissed{Reason: "spam"}, care.TargetEnded{Target: care.FirstResponse, How: care.EndDismissed}}
	case reopens:
		r.By = care.ByIntake
		r.Events = []care.Event{care.MentionAdded{MentionRef: y.mention(h.of, 2, h.at-30_000)}, care.Reopened{}}
	case resolvesAgain:
		r.Events = []care.Event{care.Resolved{Disposition: "solved"}}
	}
	return r
}

func (y *year) fold() *report.Fold {
	f := report.New(func(string) *sla.Calendar { return y.calendar })
	for i, h := range y.happenings {
		f.Apply(uint64(i+1), "case/"+string(y.id(h.of)), y.record(h))
	}
	return f
}

// note lets somebody write a note in the youngest case: the log goes on.
func (y *year) note(f *report.Fold) {
	last := y.happenings[len(y.happenings)-1]
	r := care.Record{At: time.UnixMilli(last.at).UTC(), By: care.ByAgent("agent-01"), Events: []care.Event{care.Noted{Note: 1}}}
	f.Apply(f.Position()+1, "case/"+string(y.id(last.of)), r)
}
