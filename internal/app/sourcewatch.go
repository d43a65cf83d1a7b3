package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/config"
	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/notify"
	"github.com/amends-care/amends/internal/outbox"
	"github.com/amends-care/amends/internal/store"
	"github.com/amends-care/amends/internal/view"
)

// channels opens the channels of a configuration.
func (s *serving) channels(c *config.Config) (map[string]outbox.Way, error) {
	client := network.NewClient(network.Options{UserAgent: "amends/" + s.o.Version, Inside: c.Inside, Budget: s.budget})
	drivers := map[string]notify.Driver{}
	for _, d := range Channels() {
		drivers[d.Name] = d
	}
	ways := map[string]outbox.Way{}
	var errs []error
	for _, h := range c.Channels {
		channel, err := drivers[h.Kind].Open(h.Settings, client)
		if slices.Contains(c.Keyless(), "channels."+h.Name) {
			channel, err = keyless{}, nil
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("channel %s: %w", h.Name, err))
			continue
		}
		ways[h.Name] = outbox.Way{Channel: channel, To: h.To}
	}
	return ways, errors.Join(errs...)
}

// notices tells the team what cases ask for.
func (s *serving) notices(ctx context.Context) error {
	if err := s.whenReleased(ctx); err != nil {
		return err
	}
	return outbox.NewNotices(s.noticeOptions()).Run(ctx)
}

func (s *serving) noticeOptions() outbox.NoticeOptions {
	return outbox.NoticeOptions{
		Desk: s.Desk, Pending: s.View, Link: s.link, Log: s.o.Log, Now: s.Now, Point: point,
		Ways: func() (map[string]outbox.Way, notify.Policy, []notify.Silence) {
			r := s.running.Load()
			policy, silences := r.config.Notices.Policy()
			return r.ways, policy, silences
		},
	}
}

// link is an address of the console, or "" where nobody said how it is reached.
func (s *serving) link(path string) string { return linkTo(s.config().PublicURL, path) }

// watchSources looks every minute whether a source has gone quiet, and tells
// those who asked for it when one needs somebody.
func (s *serving) watchSources(ctx context.Context) error {
	if err := s.whenReleased(ctx); err != nil {
		return err
	}
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
		if err := errors.Join(s.listen(ctx), s.tellTroubles(ctx)); err != nil && ctx.Err() == nil {
			s.o.Log.Error("the sources could not be watched; trying again", "err", err)
		}
	}
}

// listen records that a source has gone quiet, or is heard again.
func (s *serving) listen(ctx context.Context) error {
	var errs []error
	for _, c := range s.config().Sources {
		src := s.logged(c.Name)
		if src.Paused || src.Stopped != "" {
			continue
		}
		hour := s.Now().UTC().Truncate(time.Hour)
		came, usual, err := s.comings(c.Name, hour)
		if err != nil {
			return err
		}
		hours, n, expected := care.Quiet(came, usual)
		switch was := !src.Quiet.Since.IsZero(); {
		case hours > 0 && !was:
			_, err = s.Desk.TellSource(ctx, care.ByClock, c.Name, care.SourceQuiet{Since: hour.Add(-time.Duration(hours) * time.Hour), Expected: expected, Came: n})
		case hours == 0 && was:
			_, err = s.Desk.TellSource(ctx, care.ByClock, c.Name, care.SourceHeard{})
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// weeksBack is with how many weeks before a source's hours are compared, and
// weeksNeeded how many of them must be known.
const (
	weeksBack   = 6
	weeksNeeded = 2
	week        = 7 * 24
)

// comings are a source's new posts in each of the last 24 whole hours, the
// latest first, and how many usually come in the same hours of the week.
func (s *serving) comings(source string, hour time.Time) (came []int, usual []float64, err error) {
	series := view.SeriesSource + source
	const back = weeksBack*week + 24
	counts, err := s.View.Hours(series, hour.Add(-back*time.Hour), back)
	if err != nil {
		return nil, nil, err
	}
	first := slices.IndexFunc(counts, func(n int) bool { return n > 0 }) // nothing is known before
	for i := range 24 {
		at := back - 1 - i
		sum, weeks := 0, 0
		for w := 1; w <= weeksBack; w++ {
			if then := at - w*week; first >= 0 && then >= first {
				sum, weeks = sum+counts[then], weeks+1
			}
		}
		mean := 0.0
		if weeks >= weeksNeeded {
			mean = float64(sum) / float64(weeks)
		}
		came, usual = append(came, counts[at]), append(usual, mean)
	}
	return came, usual, nil
}

// toldTroubles is the document of what was told about sources, and when.
const toldTroubles = "notice/sources"

// tellTroubles tells the channels that asked for it of every trouble once. One
// that can't be told is tried again: better twice than never.
func (s *serving) tellTroubles(ctx context.Context) error {
	r := s.running.Load()
	docs, err := s.Store.Get(ctx, toldTroubles)
	if err != nil {
		return err
	}
	told := map[string]time.Time{}
	if docs[0].Rev != 0 {
		if err := json.Unmarshal(docs[0].Data, &told); err != nil {
			return fmt.Errorf("%s: %w", toldTroubles, err)
		}
	}
	now, changed := s.Now(), false
	maps.DeleteFunc(told, func(_ string, at time.Time) bool { return now.Sub(at) > 30*24*time.Hour })
	health := s.intake.Health()
	var errs []error
	for _, c := range r.config.Sources {
		src := s.logged(c.Name)
		tale := src.Tale(health[c.Name])
		for _, t := range tale.Troubles(now) {
			if t.Kind == care.TroublePaused {
				continue
			}
			for _, h := range r.config.Channels {
				key := fmt.Sprintf("%s/%s/%d/%s", c.Name, t.Kind, t.Since.Unix(), h.Name)
				if _, known := told[key]; known || !h.Sources {
					continue
				}
				if err := s.tellTrouble(ctx, r.ways[h.Name], key, c.Name, t); err != nil {
					errs = append(errs, fmt.Errorf("channel %s: %w", h.Name, err))
					continue
				}
				told[key], changed = now, true
			}
		}
	}
	if changed {
		b, err := json.Marshal(told)
		if err != nil {
			return err
		}
		_, err = s.Store.Commit(ctx, store.Batch{Puts: []store.Put{{Key: toldTroubles, Was: docs[0].Rev, Data: b}}})
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

func (s *serving) tellTrouble(ctx context.Context, way outbox.Way, key, source string, t care.Trouble) error {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	severity := notify.Warning
	if t.Kind.Blinding() {
		severity = notify.Critical
	}
	return way.Channel.Send(ctx, way.To, notify.Notice{
		Key: key, Title: fmt.Sprintf("Source %s: %s", source, strings.ReplaceAll(string(t.Kind), "_", " ")), Body: t.Why.String(),
		Link: s.link("/sources"), Severity: severity, At: s.Now(),
	}.Clean())
}
