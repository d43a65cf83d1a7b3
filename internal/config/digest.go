package config

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/amends-care/amends/internal/sla"
)

// A Digest tells the figures of a day, a week or a month, beside those before.
type Digest struct {
	// Name is what records call it. One that is renamed starts anew.
	Name string `yaml:"name"`
	// Each is how often: day, week or month; by default week.
	Each string `yaml:"each"`
	// On is the day: of a week mon to sun, of a month 1 to 28; by default the first.
	On string `yaml:"on"`
	// At is the time of the day, as 08:00; by default that.
	At string `yaml:"at"`
	// Zone is the receivers' time zone; by default that of the first calendar.
	Zone string `yaml:"zone"`
	// Queue is the one it is about; by default all.
	Queue string `yaml:"queue"`
	// Channels are whom it goes to.
	Channels []string `yaml:"channels"`
}

func (d *Digest) setDefaults() { d.Each, d.At = "week", "08:00" }

// Schedule is when the digest is told. zone is that of the team.
func (d *Digest) Schedule(zone *time.Location) (sla.Schedule, error) {
	s := sla.Schedule{Every: sla.Every(d.Each), Zone: zone, On: 1}
	if d.Zone != "" {
		var err error
		if s.Zone, err = time.LoadLocation(d.Zone); err != nil || strings.EqualFold(d.Zone, "local") {
			return s, fmt.Errorf("zone: %q is no time zone: write one such as Europe/Berlin", clip(d.Zone))
		}
	}
	at, err := time.Parse("15:04", d.At)
	if err != nil {
		return s, fmt.Errorf("at: %q is no time of the day: write one such as 08:00", clip(d.At))
	}
	s.Hour, s.Minute = at.Hour(), at.Minute()
	switch s.Every {
	case sla.Daily:
		if d.On != "" {
			return s, fmt.Errorf("on: a digest of every day has none: leave it out")
		}
	case sla.Weekly:
		days := []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}
		if d.On != "" {
			if s.On = slices.Index(days, strings.ToLower(d.On)) + 1; s.On == 0 {
				return s, fmt.Errorf("on: %q is no day of the week: write one of %s", clip(d.On), strings.Join(days, ", "))
			}
		}
	case sla.Monthly:
		if d.On != "" {
			if s.On, err = strconv.Atoi(d.On); err != nil || s.On < 1 || s.On > 28 {
				return s, fmt.Errorf("on: write a day that every month has: 1 to 28")
			}
		}
	default:
		return s, fmt.Errorf("each: %q is no schedule: write day, week or month", clip(d.Each))
	}
	return s, nil
}

// An Alert watches a figure, and tells when it goes past a limit and when it is
// well again.
type Alert struct {
	// Name is what records call it.
	Name string `yaml:"name"`
	// Figure is what is watched, as page/table/column of a report: response/first/p90.
	Figure string `yaml:"figure"`
	// Queue is the one it is about; by default all.
	Queue string `yaml:"queue"`
	// Over is the span up to now that counts; by default 1d. Figures of what is
	// open now have none.
	Over time.Duration `yaml:"over"`
	// Above or Below is the limit: a length of time (4h), a share (80%) or a number,
	// as the figure is.
	Above string `yaml:"above"`
	Below string `yaml:"below"`
	// Clear is where it is well again; by default a tenth on the right side of the
	// limit, so that a figure near it does not ring all day.
	Clear string `yaml:"clear"`
	// Least is of how many the figure has to be made; by default 5.
	Least int `yaml:"least"`
	// Channels are who is told.
	Channels []string `yaml:"channels"`
}

func (a *Alert) setDefaults() { a.Over, a.Least = day, 5 }

// A Limit is where an alert begins and ends, in the figure's unit: seconds,
// shares from 0 to 1, or numbers.
type Limit struct {
	Above     bool // else below
	At, Clear float64
}

// Units of a limit.
const (
	unitTime  = "seconds"
	unitShare = "share"
)

// Limit reads the limit. unit is what the figure is measured in.
func (a *Alert) Limit(unit string) (l Limit, err error) {
	field, at := "above", a.Above
	if a.Above == "" {
		field, at = "below", a.Below
	}
	l = Limit{Above: a.Above != ""}
	if (a.Above == "") == (a.Below == "") {
		return l, fmt.Errorf("above: write either above or below")
	}
	if l.At, err = measure(at, unit); err != nil {
		return l, fmt.Errorf("%s: %w", field, err)
	}
	l.Clear = l.At * 0.9
	if !l.Above {
		l.Clear = l.At * 1.1
	}
	if l.At < 0 { // as NPS can be
		l.Clear = 2*l.At - l.Clear
	}
	if a.Clear == "" {
		return l, nil
	}
	if l.Clear, err = measure(a.Clear, unit); err != nil {
		return l, fmt.Errorf("clear: %w", err)
	}
	if l.Above && l.Clear > l.At || !l.Above && l.Clear < l.At {
		return l, fmt.Errorf("clear: it is beyond the limit, so the alert would end while it holds")
	}
	return l, nil
}

// measure reads a value in a unit.
func measure(s, unit string) (float64, error) {
	switch unit {
	case unitTime:
		d, err := parseLength(s, false)
		return d.Seconds(), err
	case unitShare:
		number, is := strings.CutSuffix(strings.TrimSpace(s), "%")
		v, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
		if !is || err != nil || v < 0 || v > 100 {
			return 0, fmt.Errorf("%q is no share: write one such as 80%%", clip(s))
		}
		return v / 100, nil
	}
	v, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
	if err != nil || v < -1e9 || v > 1e9 {
		return 0, fmt.Errorf("%q is no number", clip(s))
	}
	return v, nil
}

// digests looks at digests and alerts.
func (p *parser) digests(c *Config) {
	queues := namesOf(c.Queues, func(q Queue) string { return q.Name })
	for i := range c.Digests {
		d, path := &c.Digests[i], fmt.Sprintf("digests[%d]", i)
		if !p.readable(path) {
			continue
		}
		_, err := d.Schedule(time.UTC)
		p.ofField(path, err)
		p.refers(path+".queue", d.Queue, "queue", queues)
		p.someone(path, d.Channels, c)
	}
	for i := range c.Alerts {
		a, path := &c.Alerts[i], fmt.Sprintf("alerts[%d]", i)
		if !p.readable(path) {
			continue
		}
		unit, known := p.kinds.Figures[a.Figure]
		switch near := nearest(a.Figure, slices.Sorted(maps.Keys(p.kinds.Figures))); {
		case known:
			_, err := a.Limit(unit)
			p.ofField(path, err)
		case near != "":
			p.amiss(path+".figure", "there is no figure %q: did you mean %s?", clip(a.Figure), near)
		default:
			p.amiss(path+".figure", "there is no figure %q: write page/table/column of a report, such as response/first/p90; docs/surveys.md tells where they are", clip(a.Figure))
		}
		p.refers(path+".queue", a.Queue, "queue", queues)
		p.length(path+".over", a.Over, 10*time.Minute)
		if a.Least < 1 {
			p.amiss(path+".least", "write of how many the figure has to be made: 1 at least")
		}
		p.someone(path, a.Channels, c)
	}
}

// ofField tells an error that begins with the setting's name.
func (p *parser) ofField(path string, err error) {
	if err == nil {
		return
	}
	field, what, _ := strings.Cut(err.Error(), ": ")
	p.amiss(path+"."+field, "%s", what)
}

// someone looks whether anybody is told.
func (p *parser) someone(path string, to []string, c *Config) {
	if len(to) == 0 {
		p.amiss(path+".channels", "nobody is told: write the channels it goes to")
	}
	p.told(path+".channels", to, c)
}
