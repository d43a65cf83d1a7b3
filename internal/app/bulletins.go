package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/config"
	"github.com/amends-care/amends/internal/notify"
	"github.com/amends-care/amends/internal/outbox"
	"github.com/amends-care/amends/internal/report"
	"github.com/amends-care/amends/internal/sla"
)

// The streams of digests, alerts and known issues.
const (
	digestStream = "digest/"
	alertStream  = "alert/"
	issueStream  = "issue/"
)

// bulletins tells digests at their time, and watches figures.
func (s *serving) bulletins(ctx context.Context) error {
	if err := s.whenReleased(ctx); err != nil {
		return err
	}
	out := outbox.NewBulletins(s.Desk, s.noticeOptions())
	tick := time.NewTicker(15 * time.Second)
	defer tick.Stop()
	var looked time.Time // at the figures that are watched
	for {
		cfg := s.config()
		var errs []error
		for i := range cfg.Digests {
			if err := s.digest(ctx, &cfg.Digests[i]); err != nil {
				errs = append(errs, fmt.Errorf("digest %s: %w", cfg.Digests[i].Name, err))
			}
		}
		if now := s.Now(); now.Sub(looked) >= time.Minute {
			looked = now
			errs = append(errs, s.watchFigures(ctx, cfg))
		}
		names, err := s.bulletinNames(ctx)
		if errs = append(errs, err); err == nil {
			errs = append(errs, out.Tick(ctx, names))
		}
		if err := errors.Join(errs...); err != nil && ctx.Err() == nil {
			s.o.Log.Error("figures could not be told; trying again", "err", err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// bulletinNames are the streams that have ever told something, and the known
// issues that have something to tell.
func (s *serving) bulletinNames(ctx context.Context) (names []string, err error) {
	for doc, err := range s.Store.List(ctx, "bulletin/", "") {
		if err != nil {
			return nil, err
		}
		if name := strings.TrimPrefix(doc.Key, "bulletin/"); !strings.HasPrefix(name, issueStream) {
			names = append(names, name)
		}
	}
	ids, err := s.View.IssuesTelling()
	for _, id := range ids {
		names = append(names, issueStream+string(id))
	}
	return names, err
}

// digest issues a digest whose time has come: once for each point of its schedule,
// whatever restarts and whichever node looks. Of points that passed while nothing
// ran only the last is told; one that is new begins with the next.
func (s *serving) digest(ctx context.Context, d *config.Digest) error {
	schedule, err := d.Schedule(s.Zone())
	if err != nil {
		return err
	}
	name := digestStream + d.Name
	due, now := false, s.Now()
	_, err = s.Desk.Bulletin(ctx, care.ByClock, name, func(b *care.Bulletin, _ []byte) ([]care.Event, []byte, error) {
		var plan []care.Event
		plan, due = planned(b, schedule, now)
		return plan, nil, nil
	})
	if err != nil || !due {
		return err
	}
	point := schedule.Last(now)
	letter, position, err := s.digestLetter(ctx, d, schedule, point)
	if err != nil {
		return err
	}
	item := name + "/" + point.UTC().Format("20060102T1504Z")
	_, err = s.Desk.Bulletin(ctx, care.ByClock, name, func(b *care.Bulletin, kept []byte) ([]care.Event, []byte, error) {
		if _, still := planned(b, schedule, now); !still {
			return nil, nil, nil // another node's
		}
		keep, err := outbox.KeepLetter(b, kept, item, letter)
		events := b.Issue(item, "digest", d.Channels, care.DigestIssued{Point: point, Position: position})
		return append(events, care.Planned{At: schedule.Next(now)}), keep, err
	})
	return err
}

// planned says whether a digest is due, and otherwise when it will be, where that
// is not known yet.
func planned(b *care.Bulletin, s sla.Schedule, now time.Time) (plan []care.Event, due bool) {
	next := s.Next(now)
	switch {
	case !b.NextAt.IsZero() && !b.NextAt.After(now) && !s.Last(now).Before(b.NextAt) && s.Last(now).After(b.Point):
		return nil, true
	case !b.NextAt.Equal(next): // new, or its schedule was changed
		return []care.Event{care.Planned{At: next}}, false
	}
	return nil, false
}

func (s *serving) digestLetter(ctx context.Context, d *config.Digest, schedule sla.Schedule, point time.Time) (outbox.Letter, uint64, error) {
	from, to := schedule.Span(point)
	was, _ := schedule.Span(from.Add(point.Sub(to)))
	q := report.DigestQuery{Was: was, From: from, To: to, Zone: schedule.Zone, Queue: d.Queue, Demo: s.demo(), Link: s.link}
	var made report.Digest
	err := s.Figures(ctx, 0, func(f *report.Fold) (err error) {
		made, err = f.Digest(q)
		return err
	})
	if err != nil {
		return outbox.Letter{}, 0, err
	}
	html, err := made.HTML()
	if err != nil {
		return outbox.Letter{}, 0, err
	}
	detail, err := json.Marshal(made)
	return outbox.Letter{Title: made.Title(), Body: made.Text(), HTML: html, Link: s.link("/reports"), Severity: notify.Note, Detail: detail}, made.Position, err
}

// demo says whether the demo's cases are all there are to tell of.
func (s *serving) demo() bool { return s.o.Beside != nil }

// watchFigures looks at each figure that is watched, and tells where one went past
// its limit or is well again.
func (s *serving) watchFigures(ctx context.Context, cfg *config.Config) error {
	figures := report.Figures()
	var errs []error
	known := map[string]bool{}
	for i := range cfg.Alerts {
		a := &cfg.Alerts[i]
		known[alertStream+a.Name] = true
		if err := s.watchFigure(ctx, a, figures[a.Figure]); err != nil {
			errs = append(errs, fmt.Errorf("alert %s: %w", a.Name, err))
		}
	}
	names, err := s.bulletinNames(ctx)
	errs = append(errs, err)
	for _, name := range names {
		if known[name] || !strings.HasPrefix(name, alertStream) {
			continue
		}
		_, err := s.Desk.Bulletin(ctx, care.ByClock, name, func(b *care.Bulletin, _ []byte) ([]care.Event, []byte, error) {
			if b.Began.IsZero() {
				return nil, nil, nil
			}
			return append(b.Withdraw("removed"), care.AlertEnded{Why: "removed"}), nil, nil
		})
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

func (s *serving) watchFigure(ctx context.Context, a *config.Alert, unit string) error {
	limit, err := a.Limit(unit)
	if err != nil {
		return err
	}
	now := s.Now()
	var cell report.Cell
	var position uint64
	err = s.Figures(ctx, 0, func(f *report.Fold) (err error) {
		position = f.Position()
		cell, _, err = f.Watched(report.WatchQuery{Figure: a.Figure, Queue: a.Queue, At: now, Over: a.Over, Demo: s.demo()})
		return err
	})
	if err != nil {
		return err
	}
	_, err = s.Desk.Bulletin(ctx, care.ByClock, alertStream+a.Name, func(b *care.Bulletin, kept []byte) ([]care.Event, []byte, error) {
		if cell.Value == nil && limit.Above {
			cell.Value = cell.Low // at least that
		}
		turn := care.Watch{Above: limit.Above, Limit: limit.At, Clear: limit.Clear, Least: a.Least}.Turn(b, cell.Value, cell.N, position)
		if turn == nil {
			return nil, nil, nil
		}
		item := fmt.Sprintf("%s%s/%d", alertStream, a.Name, now.UnixMilli())
		var to []string
		severity, says := notify.Warning, "went past its limit"
		if _, began := turn.(care.AlertBegan); began {
			to = a.Channels
		} else {
			severity, says = notify.Note, "is well again"
			for _, channel := range a.Channels { // whoever was not told that it began need not hear that it ended
				if b.Told(channel) {
					to = append(to, channel)
				}
			}
		}
		keep, err := outbox.KeepLetter(b, kept, item, s.alertLetter(a, says, severity, cell, report.Unit(unit), limit))
		return b.Issue(item, "threshold", to, turn), keep, err
	})
	return err
}

// alertLetter tells of a figure: what it is, what it may be, and where it is seen.
func (s *serving) alertLetter(a *config.Alert, says string, severity notify.Severity, cell report.Cell, unit report.Unit, l config.Limit) outbox.Letter {
	than := "above"
	if !l.Above {
		than = "below"
	}
	page, _, _ := strings.Cut(a.Figure, "/")
	body := fmt.Sprintf("%s is %s (n %d). The alert is for %s %s, and ends at %s.", a.Figure, cell.Text(unit), cell.N, than, unit.Text(&l.At), unit.Text(&l.Clear))
	if a.Queue != "" {
		body += " Queue " + a.Queue + "."
	}
	return outbox.Letter{
		Title: fmt.Sprintf("%s %s: %s", a.Name, says, unit.Text(cell.Value)), Body: body, Link: s.link("/reports/" + page),
		Severity: severity, About: alertStream + a.Name, Over: severity == notify.Note, Labels: map[string]string{"why": "threshold", "queue": a.Queue, "case": ""},
	}
}
