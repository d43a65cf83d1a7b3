package app

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/report"
)

// figures are what operators watch. Their names begin with amends_; none tells
// anything about a person, of the team or outside.
type figures struct {
	s        *serving
	registry *prometheus.Registry
	requests *prometheus.HistogramVec
}

func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("amends_"+name, help, labels, nil)
}

// The figures that are read when they are asked for.
var (
	descNeeds     = describe("cases_needing_action", "Cases that wait for something we have to do.", "queue")
	descWaiting   = describe("cases_waiting", "Cases that nobody has.", "queue")
	descBreached  = describe("cases_breached", "Cases whose deadline has passed and that are not answered yet.", "queue")
	descAtRisk    = describe("cases_at_risk", "Cases whose deadline is near, as the policy says.", "queue")
	descSoon      = describe("cases_due_soon", "Cases that will break a target within 30 minutes.", "queue")
	descOldest    = describe("oldest_wait_seconds", "How long the customer has waited who has waited longest of those whose case is ours to act on.", "queue")
	descSending   = describe("cases_sending", "Cases with a reply that is not settled: asked for, on its way or unknown.")
	descSendLate  = describe("sending_overdue_seconds", "For how long the outbox should have looked at a reply by now; 0: it is in time.")
	descFailed    = describe("cases_reply_failed", "Open cases whose newest reply failed: a person has to see to it.")
	descNoticing  = describe("cases_noticing", "Cases with a notice that has not left.")
	descNoteLate  = describe("notices_overdue_seconds", "For how long a notice should have left by now; 0: all are in time.")
	descIssues    = describe("known_issues_open", "Known issues that are not over.")
	descStates    = describe("cases", "Cases by state, for the states that are not work.", "state")
	descPromises  = describe("promises", "Promises to customers that are to be kept: open (due later than in 24 hours), due (within 24 hours), slipped (past due).", "queue", "state")
	descPosition  = describe("log_position", "Last record in the log that the view shows.")
	descSourceUp  = describe("source_up", "Whether a source reads (1) or somebody has to act (0).", "source")
	descSourceOK  = describe("source_success_timestamp_seconds", "When a source last answered.", "source")
	descSourceNew = describe("source_newest_timestamp_seconds", "Posting time of the newest post seen.", "source")
	descFailures  = describe("source_failures", "Failures of a source in a row.", "source")
	descCalls     = describe("source_calls_total", "Calls to a network since the start.", "source")
	descSpend     = describe("source_spend_dollars_total", "What the calls cost since the start, in US dollars.", "source")
	descTrouble   = describe("source_trouble", "1 for each kind of trouble that a source has: see the page Sources.", "source", "kind")
	descMentions  = describe("mentions_total", "Mentions kept, by source.", "source", "kind")
	descFile      = describe("store_file_bytes", "Size of the log's file.")
	descFree      = describe("store_free_pages", "Pages of the file that are free or about to be.")
	descReadOnly  = describe("store_read_only", "1 after a write error, until a restart.")
	descTranslate = describe("translation_characters_today", "Characters that were sent to the translation service since midnight UTC.")
	descLive      = describe("live_streams", "Browsers that are told of changes.")
)

func newFigures(s *serving) *figures {
	f := &figures{s: s, registry: prometheus.NewRegistry(), requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "amends_http_request_seconds", Help: "Requests by route and status.",
		Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5},
	}, []string{"route", "status"})}
	f.registry.MustRegister(f, f.requests, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return f
}

// maxScrapes bounds how many wait while the log is read for the first of them.
const maxScrapes = 4

func (f *figures) handler() http.Handler {
	return promhttp.HandlerFor(f.registry, promhttp.HandlerOpts{Registry: f.registry, MaxRequestsInFlight: maxScrapes})
}

func (f *figures) observe(route string, status int, took time.Duration) {
	f.requests.WithLabelValues(route, strconv.Itoa(status)).Observe(took.Seconds())
}

// Describe implements prometheus.Collector: which figures there are depends on
// what is set up, so none is promised.
func (f *figures) Describe(chan<- *prometheus.Desc) {}

// Collect implements prometheus.Collector.
func (f *figures) Collect(out chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	f.cases(gauge)
	f.standings(gauge)
	f.under(gauge)
	f.sources(gauge, func(d *prometheus.Desc, v float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, v, labels...)
	})
	st := f.s.file.Stats()
	gauge(descFile, float64(st.FileBytes))
	gauge(descFree, float64(st.FreePages+st.Pending))
	gauge(descReadOnly, truth(f.s.file.ReadOnly() != nil))
	if f.s.translator() != nil {
		if today, _, err := f.s.bureau.Sent(context.Background()); err == nil {
			gauge(descTranslate, float64(today))
		}
	}
	gauge(descLive, float64(f.s.live.Readers()))
}

func (f *figures) cases(gauge func(*prometheus.Desc, float64, ...string)) {
	c, err := f.s.View.Counts()
	if err != nil {
		f.s.o.Log.Error("figures of cases can't be read", "err", err)
		return
	}
	for _, q := range f.s.config().Queues {
		gauge(descNeeds, float64(c.Queues[q.Name]), q.Name)
		gauge(descWaiting, float64(c.Waiting[q.Name]), q.Name)
	}
	for _, state := range []care.State{care.StateAwaiting, care.StateResolved, care.StateDismissed, care.StateMerged} {
		gauge(descStates, float64(c.States[state]), string(state))
	}
	gauge(descSending, float64(c.Sending))
	gauge(descFailed, float64(c.Failed))
	gauge(descNoticing, float64(c.Noticing))
	gauge(descPosition, float64(c.Position))
}

// standings are made of the same facts as the report of now. The first scrape
// after a start reads the log, also when whoever asked has gone: the next finds
// it read.
func (f *figures) standings(gauge func(*prometheus.Desc, float64, ...string)) {
	var all map[string]*report.Standing
	err := f.s.Figures(context.Background(), 0, func(fold *report.Fold) error {
		all = fold.Standings(f.s.Now())
		return nil
	})
	if err != nil {
		f.s.o.Log.Error("figures of deadlines can't be read", "err", err)
		return
	}
	for _, q := range f.s.config().Queues {
		if all[q.Name] == nil {
			all[q.Name] = &report.Standing{}
		}
	}
	for queue, s := range all {
		gauge(descBreached, float64(s.Overdue), queue)
		gauge(descAtRisk, float64(s.AtRisk), queue)
		gauge(descSoon, float64(s.Soon), queue)
		gauge(descOldest, s.Oldest.Seconds(), queue)
		gauge(descPromises, float64(s.Promises-s.PromisesSoon), queue, "open")
		gauge(descPromises, float64(s.PromisesSoon), queue, "due")
		gauge(descPromises, float64(s.PromisesSlipped), queue, "slipped")
	}
}

// under is what is under way: whether it is late, and how many issues are open.
func (f *figures) under(gauge func(*prometheus.Desc, float64, ...string)) {
	now := f.s.Now()
	for desc, next := range map[*prometheus.Desc]func() (time.Time, bool){descSendLate: f.s.View.NextSend, descNoteLate: f.s.View.NextNotice} {
		late := time.Duration(0)
		if at, ok := next(); ok {
			late = max(0, now.Sub(at))
		}
		gauge(desc, late.Seconds())
	}
	issues, err := f.s.View.IssueRows()
	if err != nil {
		f.s.o.Log.Error("figures of known issues can't be read", "err", err)
		return
	}
	open := 0
	for i := range issues {
		if issues[i].State == care.IssueOpen {
			open++
		}
	}
	gauge(descIssues, float64(open))
}

func (f *figures) sources(gauge, counter func(*prometheus.Desc, float64, ...string)) {
	for name, h := range f.s.intake.Health() {
		gauge(descSourceUp, truth(h.State != care.SourceDown), name)
		gauge(descFailures, float64(h.Failures), name)
		counter(descCalls, float64(h.Calls), name)
		counter(descSpend, h.Spend, name)
		if !h.SucceededAt.IsZero() {
			gauge(descSourceOK, float64(h.SucceededAt.UnixMilli())/1000, name)
		}
		if !h.Newest.IsZero() {
			gauge(descSourceNew, float64(h.Newest.UnixMilli())/1000, name)
		}
	}
	all, err := f.s.View.Sources()
	if err != nil {
		f.s.o.Log.Error("figures of sources can't be read", "err", err)
		return
	}
	health, now := f.s.intake.Health(), f.s.Now()
	for _, s := range all {
		if h, ok := health[s.Name]; ok {
			tale := s.Tale(h)
			for _, t := range tale.Troubles(now) {
				gauge(descTrouble, 1, s.Name, string(t.Kind))
			}
		}
		counter(descMentions, float64(s.Totals.New), s.Name, "new")
		counter(descMentions, float64(s.Totals.Flagged), s.Name, "flagged")
		counter(descMentions, float64(s.Totals.Late), s.Name, "late")
	}
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
