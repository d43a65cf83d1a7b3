package app

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"sync"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/config"
	"github.com/amends-care/amends/internal/report"
	"github.com/amends-care/amends/internal/sla"
	"github.com/amends-care/amends/internal/store"
)

// Digest writes the figures of a span beside those of the span before, as a
// digest tells them; by default of the last seven whole days. The form is table,
// html or json.
func (e *Engine) Digest(ctx context.Context, w io.Writer, form string, ask *report.Ask, at uint64) error {
	asked, err := ask.Query(e.Zone())
	if err != nil {
		return err
	}
	midnight := sla.Schedule{Every: sla.Daily, Zone: asked.Zone}
	from, to := asked.From, asked.To
	if to.IsZero() {
		to = midnight.Last(e.Now())
	}
	if from.IsZero() {
		from = to.In(asked.Zone).AddDate(0, 0, -7)
	}
	days := int(to.Sub(from).Round(24*time.Hour) / (24 * time.Hour))
	q := report.DigestQuery{
		Was: from.In(asked.Zone).AddDate(0, 0, -max(days, 1)), From: from, To: to, Zone: asked.Zone, Queue: ask.Only[string(report.ByQueue)],
		Demo: asked.Demo, Link: e.link,
	}
	return e.Figures(ctx, at, func(f *report.Fold) error {
		d, err := f.Digest(q)
		if err != nil {
			return err
		}
		text := d.Text()
		switch form {
		case "json":
			return json.NewEncoder(w).Encode(d)
		case "html":
			if text, err = d.HTML(); err != nil {
				return err
			}
		case "table":
		default:
			return &care.Error{Code: care.Invalid, Field: "format", Msg: "A digest can be printed as table, html or json."}
		}
		_, err = io.WriteString(w, text)
		return err
	})
}

// link is an address of the console, or "" where nobody said how it is reached.
func (e *Engine) link(path string) string { return linkTo(e.Config.PublicURL, path) }

func linkTo(base, path string) string {
	if base == "" {
		return ""
	}
	address, err := url.JoinPath(base, path)
	if err != nil {
		return ""
	}
	return address
}

// Open lists the cases behind a number of a report, and the record it was
// looked up at.
func (e *Engine) Open(ctx context.Context, name string, q report.Query, ref report.Ref, at uint64) (o report.Opened, position uint64, err error) {
	err = e.Figures(ctx, at, func(f *report.Fold) (err error) {
		position = f.Position()
		o, err = f.Open(name, q, ref)
		return err
	})
	return o, position, err
}

// Since tells what a report says otherwise at a record, 0: the log's end, than it
// did at an earlier one.
func (e *Engine) Since(ctx context.Context, name string, q report.Query, since, at uint64) (c report.Changes, err error) {
	last, err := store.Last(ctx, e.Store)
	if err != nil {
		return c, fmt.Errorf("report: %w", err)
	}
	if since == 0 || since > cmp.Or(at, uint64(last)) {
		return c, &care.Error{Code: care.Invalid, Field: "since", Msg: "Name an earlier record, of 1 to {last}.", With: []any{"last", cmp.Or(at, uint64(last))}}
	}
	was, err := e.fold(ctx, nil, store.Seq(since))
	if err != nil {
		return c, err
	}
	err = e.Figures(ctx, at, func(f *report.Fold) (err error) {
		c, err = f.Since(was, name, q)
		return err
	})
	return c, err
}

// Zone is that of the team's first calendar, or UTC.
func (e *Engine) Zone() *time.Location {
	for _, c := range e.Config.Calendars {
		if zone, err := time.LoadLocation(c.Zone); err == nil {
			return zone
		}
	}
	return time.UTC
}

// A standing is the fold of reports, kept in memory and brought up to the log's
// end when somebody asks, and the reports that were made of it as it stands:
// many people look at the same page.
type standing struct {
	mu   sync.RWMutex // held for writing while the fold moves
	fold *report.Fold

	asked sync.Mutex
	made  map[string]func() (report.Report, error)
}

// maxMade bounds the reports that are kept.
const maxMade = 64

// Report makes a report of the log up to a record; 0: all of it. It belongs to
// others too: callers only read it.
func (e *Engine) Report(ctx context.Context, name string, q report.Query, at uint64) (r report.Report, err error) {
	err = e.Figures(ctx, at, func(f *report.Fold) (err error) {
		if at != 0 || !q.AsOf.IsZero() { // asked for once
			r, err = f.Report(name, q)
			return err
		}
		r, err = e.standing.once(name, q)()
		return err
	})
	return r, err
}

// once is the report of the fold as it stands, which the first to call it makes.
func (s *standing) once(name string, q report.Query) func() (report.Report, error) {
	asked := q
	asked.Zone = nil // two of one name are two pointers
	key := fmt.Sprintf("%s %v %v", name, q.Zone, asked)
	s.asked.Lock()
	defer s.asked.Unlock()
	do, ok := s.made[key]
	if !ok {
		if s.made == nil || len(s.made) >= maxMade {
			s.made = map[string]func() (report.Report, error){}
		}
		f := s.fold
		do = sync.OnceValues(func() (report.Report, error) { return f.Report(name, q) })
		s.made[key] = do
	}
	return do
}

// Figures lets do read the facts of the log up to a record; 0: all of it. An
// earlier position is folded anew, which takes as long as reading the log.
func (e *Engine) Figures(ctx context.Context, at uint64, do func(*report.Fold) error) error {
	last, err := store.Last(ctx, e.Store)
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	if at > uint64(last) {
		return &care.Error{Code: care.Invalid, Field: "at", Msg: "The log ends at record {last}.", With: []any{"last", last}}
	}
	if at != 0 && at != uint64(last) {
		f, err := e.fold(ctx, nil, store.Seq(at))
		if err != nil {
			return err
		}
		return do(f)
	}
	if err := e.catchUp(ctx, last); err != nil {
		return err
	}
	e.standing.mu.RLock()
	defer e.standing.mu.RUnlock()
	return do(e.standing.fold)
}

// catchUp brings the kept fold up to a record.
func (e *Engine) catchUp(ctx context.Context, last store.Seq) error {
	s := &e.standing
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fold != nil && s.fold.Position() >= uint64(last) {
		return nil
	}
	s.asked.Lock()
	s.made = nil
	s.asked.Unlock()
	f, err := e.fold(ctx, s.fold, last)
	if err != nil {
		s.fold = nil // half a record may be in it
		return err
	}
	s.fold = f
	return nil
}

// fold reads the log up to a record, from where f stands; nil: from its start.
func (e *Engine) fold(ctx context.Context, f *report.Fold, last store.Seq) (*report.Fold, error) {
	if f == nil {
		f = report.New(func(version string) *sla.Calendar { return e.keptCalendar(context.WithoutCancel(ctx), version) })
	}
	if f.Position() >= uint64(last) {
		return f, nil
	}
	for r, err := range e.Store.Tail(ctx, store.Seq(f.Position())) {
		if err != nil {
			return nil, fmt.Errorf("report: %w", err)
		}
		if err := f.Add(uint64(r.Seq), r.Stream, r.Data); err != nil {
			return nil, err
		}
		if r.Seq >= last {
			break
		}
	}
	return f, nil
}

// keptCalendar is the calendar of a version, as it was in force; nil when it is
// not there: then working time is wall time.
func (e *Engine) keptCalendar(ctx context.Context, version string) *sla.Calendar {
	docs, err := e.Store.Get(ctx, config.KeptCalendars+version)
	if err != nil || docs[0].Rev == 0 {
		e.Log.Warn("a calendar is not kept; working time counts every hour", "version", version, "err", err)
		return nil
	}
	cal, err := config.ReadCalendar(docs[0].Data)
	if err != nil {
		e.Log.Warn("a kept calendar can't be read; working time counts every hour", "version", version, "err", err)
		return nil
	}
	return cal
}
