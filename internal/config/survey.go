package config

import (
	"fmt"
	"slices"
	"time"

	"github.com/amends-care/amends/internal/care"
)

// Surveys say when customers are asked how it went. Without a rule nobody is,
// unless an agent asks.
type Surveys struct {
	// LetAlone is how long nobody is asked again, over all their accounts; by
	// default 30d.
	LetAlone time.Duration `yaml:"let_alone"`
	// Open is how long a survey can be answered, and the answer changed; by default 14d.
	Open time.Duration `yaml:"open"`
	// Public says that the link may stand in a public answer, where anybody can use
	// it; by default it goes by direct message only.
	Public bool `yaml:"public"`
	// Low says what a low score sets off.
	Low LowScore `yaml:"low"`
	// Rules say who is asked what; the first that fits counts.
	Rules []SurveyRule `yaml:"rules"`
}

// A LowScore says what a low score sets off.
type LowScore struct {
	// AtMost is the highest score that is low; by default 2.
	AtMost int `yaml:"at_most"`
	// Notify are the channels that are told.
	Notify []string `yaml:"notify"`
	// Raise lifts the case one level.
	Raise bool `yaml:"raise"`
	// Reopen takes the case up again.
	Reopen bool `yaml:"reopen"`
}

// A SurveyRule says what customers of some queues are asked, and when.
type SurveyRule struct {
	// Queues are those whose customers are asked; by default all.
	Queues []string `yaml:"queues"`
	// Ask is the question: csat (how satisfied they are), ces (how easy it was) or
	// nps (whether they would recommend you).
	Ask string `yaml:"ask"`
	// After is how long after the case was resolved; by default 1d.
	After time.Duration `yaml:"after"`
	// Share is how many of them, from 0 to 1; by default 1, which is all.
	Share float64 `yaml:"share"`
}

func (s *SurveyRule) setDefaults() { s.After, s.Share = day, 1 }

// Rule is what customers of a queue are asked; the zero rule: nothing.
func (s *Surveys) Rule(queue string) care.SurveyRule {
	for _, r := range s.Rules {
		if len(r.Queues) == 0 || slices.Contains(r.Queues, queue) {
			return care.SurveyRule{Ask: care.SurveyKind(r.Ask), After: r.After, Share: r.Share}
		}
	}
	return care.SurveyRule{}
}

// LowScore is what a low score sets off, in the words of care.
func (s *Surveys) LowScore() care.LowScore {
	return care.LowScore{AtMost: s.Low.AtMost, Notify: s.Low.Notify, Raise: s.Low.Raise, Reopen: s.Low.Reopen}
}

// surveys looks at surveys.
func (p *parser) surveys(c *Config) {
	p.length("surveys.let_alone", c.Surveys.LetAlone, day)
	p.length("surveys.open", c.Surveys.Open, time.Hour)
	if n := c.Surveys.Low.AtMost; n < 0 || n > 9 {
		p.amiss("surveys.low.at_most", "write 0 to 9: above that every score would be low")
	}
	p.told("surveys.low.notify", c.Surveys.Low.Notify, c)
	if len(c.Surveys.Rules) > 0 && c.PublicURL == "" && p.readable("public_url") {
		p.amiss("surveys.rules", "customers answer on a page of ours: set public_url, so that a link can lead there")
	}
	taken := map[string]bool{}
	for i, r := range c.Surveys.Rules {
		path := fmt.Sprintf("surveys.rules[%d]", i)
		if _, _, ok := care.SurveyKind(r.Ask).Scale(); !ok && p.sound(path+".ask") {
			p.amiss(path+".ask", "%q is no question of ours: write csat, ces or nps", clip(r.Ask))
		}
		p.length(path+".after", r.After, 0)
		if r.Share <= 0 || r.Share > 1 {
			p.amiss(path+".share", "write a share above 0 and at most 1, such as 0.5 for every second customer")
		}
		if taken[""] {
			p.amiss(path, "the rule before it is for all queues, so this one is for none: put it first")
		}
		for n, q := range r.Queues {
			at := fmt.Sprintf("%s.queues[%d]", path, n)
			p.refers(at, q, "queue", namesOf(c.Queues, func(q Queue) string { return q.Name }))
			if taken[q] {
				p.amiss(at, "a rule before it is for this queue already")
			}
			taken[q] = true
		}
		taken[""] = taken[""] || len(r.Queues) == 0
	}
}

// told looks whether channels exist.
func (p *parser) told(path string, to []string, c *Config) {
	names := namesOf(c.Channels, func(h Channel) string { return h.Name })
	for i, name := range to {
		p.refers(fmt.Sprintf("%s[%d]", path, i), name, "channel", names)
	}
}
