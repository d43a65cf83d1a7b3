package config

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/amends-care/amends/internal/notify"
)

// A Channel is a way in which somebody of the team is told.
type Channel struct {
	// Name is what escalations call it.
	Name string `yaml:"name"`
	// Kind is how it tells.
	Kind string `yaml:"kind"`
	// To is whom, as its kind understands it: a mail address, a topic.
	To string `yaml:"to"`
	// Sources says that it is told when a source needs somebody too.
	Sources bool `yaml:"sources"`
	// Settings are the kind's own.
	Settings notify.Settings `yaml:"settings"`
}

// Notices say what belongs in one message, and when it is sent.
type Notices struct {
	// By are the labels whose values make a group: why, queue or case.
	By []string `yaml:"by"`
	// Wait is how long a new group waits for more before its first message.
	Wait time.Duration `yaml:"wait"`
	// Interval is how long after a message the next one of a group may follow.
	Interval time.Duration `yaml:"interval"`
	// Silences keep notices quiet for a while.
	Silences []Silence `yaml:"silences"`
}

// A Silence keeps notices quiet from one instant to another.
type Silence struct {
	// Queue and Why are what a notice has to be about; of those left out, anything.
	Queue string `yaml:"queue"`
	Why   string `yaml:"why"`
	// From and Until are when.
	From  time.Time `yaml:"from"`
	Until time.Time `yaml:"until"`
}

// labels are what notices can be grouped by.
var labels = []string{"why", "queue", "case"}

// Policy is how notices are grouped, in the words of notify.
func (n *Notices) Policy() (notify.Policy, []notify.Silence) {
	var silences []notify.Silence
	for _, s := range n.Silences {
		match := map[string]string{}
		for label, v := range map[string]string{"queue": s.Queue, "why": s.Why} {
			if v != "" {
				match[label] = v
			}
		}
		silences = append(silences, notify.Silence{Match: match, From: s.From, Until: s.Until})
	}
	return notify.Policy{By: n.By, Wait: n.Wait, Interval: n.Interval}, silences
}

// channels looks at channels, who names them, and notices.
func (p *parser) channels(c *Config) {
	var kinds []string
	for _, d := range p.kinds.Channels {
		kinds = append(kinds, d.Name)
	}
	for i, h := range c.Channels {
		path := fmt.Sprintf("channels[%d]", i)
		switch {
		case h.Settings != nil:
			p.account(path+".settings", h.Settings)
		case h.Kind == "":
			p.amiss(path+".kind", "it is missing: write one of %s", strings.Join(kinds, ", "))
		default:
			p.amiss(path+".kind", "there is no kind %q: write one of %s", clip(h.Kind), strings.Join(kinds, ", "))
		}
	}
	names := namesOf(c.Channels, func(h Channel) string { return h.Name })
	for i, e := range c.Escalations {
		for n, s := range e.Steps {
			for k, to := range s.Notify {
				p.refers(fmt.Sprintf("escalations[%d].steps[%d].notify[%d]", i, n, k), to, "channel", names)
			}
		}
	}
	for i, by := range c.Notices.By {
		if path := fmt.Sprintf("notices.by[%d]", i); p.sound(path) && !slices.Contains(labels, by) {
			p.amiss(path, "%q is no label of a notice: write one of %s", clip(by), strings.Join(labels, ", "))
		}
	}
	p.length("notices.wait", c.Notices.Wait, 0)
	p.length("notices.interval", c.Notices.Interval, 0)
	for i, s := range c.Notices.Silences {
		path := fmt.Sprintf("notices.silences[%d]", i)
		switch {
		case !p.readable(path):
		case s.Queue == "" && s.Why == "":
			p.amiss(path, "it would silence everything: give it a queue or a why")
		case !s.Until.After(s.From):
			p.amiss(path+".until", "it has to be after from")
		}
	}
}
