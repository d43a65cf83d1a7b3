// Package config reads the configuration: YAML to a struct, defaults, and one
// Validate that tells every mistake at once, each with its file and line and
// how to mend it. Nothing is opened, sent or written meanwhile.
//
// It owns no document. Each network's driver decodes its own part of a source.
package config

import (
	"net/netip"
	"time"

	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/route"
	"github.com/amends-care/amends/internal/sla"
)

// A Config is everything that is set up, with defaults filled in.
type Config struct {
	// Brand is the name of whose mentions these are, as the team says it.
	Brand string `yaml:"brand"`
	// Listen is the address of the console and the API: host:port.
	Listen string `yaml:"listen"`
	// PublicURL is how people reach the console from outside: https, or http on
	// this machine only, unless TrustedProxies is set.
	PublicURL string `yaml:"public_url"`
	// TrustedProxies may say who really asks (X-Forwarded-For, -Proto).
	TrustedProxies []netip.Prefix `yaml:"trusted_proxies"`

	Sources   []Source        `yaml:"sources"`
	Queues    []Queue         `yaml:"queues"`
	Routing   route.Routing   `yaml:"routing"`
	Policies  []sla.Policy    `yaml:"policies"`
	Calendars []sla.Timetable `yaml:"calendars"`
	// Lists are authors known beforehand, as network/handle, by the list's name.
	Lists map[string][]string `yaml:"lists"`

	Cases      Cases      `yaml:"cases"`
	Classifier Classifier `yaml:"classifier"`
	Retention  Retention  `yaml:"retention"`
}

// A Source is one stream of mentions: a network, an account, a query.
type Source struct {
	Name    string        `yaml:"name"`    // unique; a source that is renamed starts anew
	Network string        `yaml:"network"` // the driver
	Brand   string        `yaml:"brand"`   // default: the brand above
	Every   time.Duration `yaml:"every"`   // between two polls; default 1m
	// Settings are the driver's own.
	Settings network.Settings `yaml:"settings"`
}

// A Queue is the waiting cases of one team.
type Queue struct {
	Name  string `yaml:"name"`
	Title string `yaml:"title"` // as the console shows it; default: the name
}

// Cases are the rules that hold for every case.
type Cases struct {
	// ReopenWindow is how long after its resolution a new mention reopens a case.
	ReopenWindow time.Duration `yaml:"reopen_window"`
	// LateAfter is the age from which a mention is late when it is first seen.
	LateAfter time.Duration `yaml:"late_after"`
	// UndoFor is how long a reply waits before it leaves.
	UndoFor time.Duration `yaml:"undo_for"`
}

// Classifier says how mentions are judged.
type Classifier struct {
	// Threshold is the probability from which a mention is flagged; 0: the model's own.
	Threshold float64 `yaml:"threshold"`
	// Always and Never are phrases that decide before the model does.
	Always []string `yaml:"always"`
	Never  []string `yaml:"never"`
}

// Retention says how long things are kept.
type Retention struct {
	Mentions time.Duration `yaml:"mentions"` // that are in no case
	Cases    time.Duration `yaml:"cases"`    // mentions and texts of a case, after its end
}

// Default is the configuration of somebody who has none: one queue, one
// policy, no sources.
func Default() *Config {
	c := &Config{}
	c.fill()
	return c
}

// fill puts defaults where nothing is said.
func (c *Config) fill() {
	set(&c.Brand, "Your brand")
	set(&c.Listen, "127.0.0.1:8025")
	set(&c.Cases.ReopenWindow, 7*24*time.Hour)
	set(&c.Cases.LateAfter, 24*time.Hour)
	set(&c.Cases.UndoFor, 10*time.Second)
	set(&c.Retention.Mentions, 90*24*time.Hour)
	set(&c.Retention.Cases, 2*365*24*time.Hour)
	if len(c.Queues) == 0 {
		c.Queues = []Queue{{Name: "care", Title: "Care"}}
	}
	if len(c.Policies) == 0 {
		c.Policies = []sla.Policy{{Name: "standard", FirstResponse: time.Hour, NextResponse: 2 * time.Hour, Resolution: 24 * time.Hour}}
	}
	set(&c.Routing.Tree.Queue, c.Queues[0].Name)
	set(&c.Routing.Tree.Policy, c.Policies[0].Name)
	for i := range c.Queues {
		set(&c.Queues[i].Title, c.Queues[i].Name)
	}
	for i := range c.Sources {
		set(&c.Sources[i].Brand, c.Brand)
		set(&c.Sources[i].Every, time.Minute)
	}
}

func set[T comparable](v *T, to T) {
	var zero T
	if *v == zero {
		*v = to
	}
}
