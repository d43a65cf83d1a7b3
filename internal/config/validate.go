package config

import (
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"strings"

	"github.com/amends-care/amends/internal/route"
	"github.com/amends-care/amends/internal/sla"
)

// name is what queues, sources, policies, calendars and lists may be called:
// names stand in keys, addresses and commands.
var nameForm = regexp.MustCompile(`^[a-z0-9][a-z0-9_.-]{0,62}$`)

// validate tells everything that can't work.
func (p *parser) validate(c *Config) {
	p.names(c)
	p.public(c)
	for _, d := range []struct {
		what string
		bad  bool
	}{
		{"cases.reopen_window", c.Cases.ReopenWindow < 0},
		{"cases.late_after", c.Cases.LateAfter <= 0},
		{"cases.undo_for", c.Cases.UndoFor < 0},
		{"retention.mentions", c.Retention.Mentions < 0},
		{"retention.cases", c.Retention.Cases < 0},
	} {
		if d.bad {
			p.mistake(p.line(strings.SplitN(d.what, ".", 2)[0], -1), "%s: the time has to be above zero", d.what)
		}
	}
	if t := c.Classifier.Threshold; t < 0 || t >= 1 {
		p.mistake(p.line("classifier", -1), "classifier.threshold: choose a probability from 0 to below 1; 0 takes the model's own")
	}
	for i, s := range c.Sources {
		if s.Every < 0 {
			p.mistake(p.line("sources", i), "source %q: every has to be above zero", s.Name)
		}
	}
	calendars := map[string]*sla.Calendar{}
	for i, t := range c.Calendars {
		cal, err := sla.NewCalendar(t)
		for _, err := range each(err) {
			p.mistake(p.line("calendars", i), "%s", err)
		}
		calendars[t.Name] = cal
	}
	known := namesOf(c.Calendars, func(t sla.Timetable) string { return t.Name })
	for i := range c.Policies {
		for _, err := range each(c.Policies[i].Validate(known)) {
			p.mistake(p.line("policies", i), "%s", err)
		}
	}
	p.routing(c, known, calendars)
}

func (p *parser) routing(c *Config, calendars []string, made map[string]*sla.Calendar) {
	line := p.line("routing", -1)
	err := c.Routing.Validate(
		namesOf(c.Queues, func(q Queue) string { return q.Name }),
		namesOf(c.Policies, func(l sla.Policy) string { return l.Name }), calendars)
	for _, err := range each(err) {
		p.mistake(line, "%s", err)
	}
	if err != nil || p.bad != nil {
		return
	}
	tree, err := route.New(c.Routing, made)
	for _, err := range each(err) {
		p.mistake(line, "%s", err)
	}
	if err == nil {
		for _, err := range each(tree.CheckExamples()) {
			p.mistake(line, "%s", err)
		}
	}
}

func (p *parser) names(c *Config) {
	check := func(section, what string, names []string) {
		seen := map[string]bool{}
		for i, n := range names {
			switch {
			case !nameForm.MatchString(n):
				p.mistake(p.line(section, i), "%s %q: a name has 1 to 63 small letters, digits, dots, dashes or underscores", what, n)
			case seen[n]:
				p.mistake(p.line(section, i), "%s %q is there twice", what, n)
			}
			seen[n] = true
		}
	}
	check("sources", "source", namesOf(c.Sources, func(s Source) string { return s.Name }))
	check("queues", "queue", namesOf(c.Queues, func(q Queue) string { return q.Name }))
	check("policies", "policy", namesOf(c.Policies, func(l sla.Policy) string { return l.Name }))
	check("calendars", "calendar", namesOf(c.Calendars, func(t sla.Timetable) string { return t.Name }))
	for name, authors := range c.Lists {
		check("lists", "list", []string{name})
		for _, a := range authors {
			if n, h, ok := strings.Cut(a, "/"); !ok || n == "" || h == "" {
				p.mistake(p.line("lists", -1), "list %q: write an author as network/handle, not %q", name, a)
			}
		}
	}
}

func (p *parser) public(c *Config) {
	if c.PublicURL == "" {
		return
	}
	u, err := url.Parse(c.PublicURL)
	line := p.line("public_url", -1)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		p.mistake(line, "public_url: write the whole address: https://care.example.org")
	case u.Path != "" && u.Path != "/" || u.RawQuery != "":
		p.mistake(line, "public_url: only the host, with no path behind it")
	case u.Scheme == "http" && !loopback(u.Hostname()) && len(c.TrustedProxies) == 0:
		p.mistake(line, "public_url: use https; http is only for this machine, or behind trusted_proxies that end the encryption")
	}
}

func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.IsLoopback()
}

func namesOf[T any](list []T, name func(T) string) []string {
	all := make([]string, len(list))
	for i, v := range list {
		all[i] = name(v)
	}
	return all
}

// Rules are the parts of a configuration that desk decides by.
type Rules struct {
	Tree      *route.Tree
	Policies  map[string]sla.Policy
	Calendars map[string]*sla.Calendar
}

// Rules makes the tree, policies and calendars. A Config that was loaded never
// fails here.
func (c *Config) Rules() (Rules, error) {
	r := Rules{Policies: map[string]sla.Policy{}, Calendars: map[string]*sla.Calendar{}}
	for _, t := range c.Calendars {
		cal, err := sla.NewCalendar(t)
		if err != nil {
			return r, fmt.Errorf("calendar %s: %w", t.Name, err)
		}
		r.Calendars[t.Name] = cal
	}
	for _, l := range c.Policies {
		r.Policies[l.Name] = l
	}
	var err error
	r.Tree, err = route.New(c.Routing, r.Calendars)
	return r, err
}
