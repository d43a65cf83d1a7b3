// Package config reads the configuration: YAML to a struct, defaults, and one
// check that tells every mistake at once, each with its file and line and how
// to mend it, in words for people who do not program. Nothing is opened, sent
// or written meanwhile but for reading: the file, the secrets and the holidays
// that it names.
//
// It owns no document, though it says which ones keep what is in force, see
// [Rules.Kept]. Each network's driver says what its own part of a source can
// hold. A secret is never in the file, and never in a message.
package config

import (
	"net/netip"
	"time"

	"github.com/amends-care/amends/classifiers/topic"
	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/route"
	"github.com/amends-care/amends/internal/sla"
)

// A Config is everything that is set up, with defaults filled in.
type Config struct {
	// Brand is the name of whose mentions these are, as the team says it.
	Brand string `yaml:"brand"`
	// Listen is the address of the console and the API, host:port. Port 0 picks one.
	Listen string `yaml:"listen"`
	// PublicURL is how people reach the console from outside: https, or http on
	// this machine only, unless TrustedProxies is set. It has no slash at its end.
	PublicURL string `yaml:"public_url"`
	// TrustedProxies may say who really asks (X-Forwarded-For, X-Forwarded-Proto):
	// addresses, or ranges such as 10.0.0.0/8.
	TrustedProxies []netip.Prefix `yaml:"trusted_proxies"`
	// Inside are addresses of one's own network, or of this machine, that sources
	// may reach: a server run by oneself. All other private ones are refused.
	Inside []netip.Prefix `yaml:"inside"`

	// Sources are the streams of mentions that are read.
	Sources []Source `yaml:"sources"`
	// Queues are the teams that cases wait for; by default one, care.
	Queues []Queue `yaml:"queues"`
	// Routing says which case goes to which queue, and what is promised there.
	Routing route.Routing `yaml:"routing"`
	// Policies are what is promised; by default one, standard.
	Policies []sla.Policy `yaml:"policies"`
	// Calendars are working hours, by which policies count.
	Calendars []sla.Timetable `yaml:"calendars"`
	// People say which cases somebody of the team can be given by a rule.
	People []Person `yaml:"people"`
	// OnCall are rotas: who takes turns.
	OnCall []sla.Rota `yaml:"on_call"`
	// Escalations say who hears of a case that is going wrong.
	Escalations []Escalation `yaml:"escalations"`
	// KnownIssues say who hears that it is time to say more of a known issue.
	KnownIssues KnownIssues `yaml:"known_issues"`
	// Acknowledgements are what customers hear by itself while nobody is there.
	Acknowledgements []Acknowledgement `yaml:"acknowledgements"`
	// Channels are ways in which the team is told.
	Channels []Channel `yaml:"channels"`
	// Notices say what of all that belongs in one message, and when it is sent.
	Notices Notices `yaml:"notices"`
	// Macros are canned replies; MacroFiles are files with more of them.
	Macros     []Macro  `yaml:"macros"`
	MacroFiles []string `yaml:"macro_files"`
	// Fallbacks stand for placeholders whose value is not known, by language.
	Fallbacks map[string]map[string]string `yaml:"fallbacks"`
	// Dispositions are how a case can end; by default six common ways.
	Dispositions []Disposition `yaml:"dispositions"`
	// Approvals say which replies a lead has to look at before they leave.
	Approvals []Approval `yaml:"approvals"`
	// Goodwill is what an agent may give without asking.
	Goodwill Goodwill `yaml:"goodwill"`
	// Surveys say when customers are asked how it went.
	Surveys Surveys `yaml:"surveys"`
	// Translation says by which service mentions are translated; by default by none.
	Translation Translation `yaml:"translation"`
	// Digests tell figures by a schedule.
	Digests []Digest `yaml:"digests"`
	// Alerts watch figures.
	Alerts []Alert `yaml:"alerts"`
	// Lists are authors known beforehand, as network/handle, by the list's name.
	Lists map[string][]string `yaml:"lists"`

	// Cases are the rules that hold for every case.
	Cases Cases `yaml:"cases"`
	// Classifier says how mentions are judged.
	Classifier Classifier `yaml:"classifier"`
	// Retention says how long things are kept.
	Retention Retention `yaml:"retention"`

	// written is where each setting stands; nil if there is no file.
	written *written
	// keyless are sources.NAME and channels.NAME whose secret is gone.
	keyless []string
	// ownMacros are how many of Macros the file itself holds.
	ownMacros int
}

// A Source is one stream of mentions: a network, an account, a query.
type Source struct {
	// Name is unique. A source that is renamed starts anew.
	Name string `yaml:"name"`
	// Network is where it reads.
	Network string `yaml:"network"`
	// Brand is whose mentions they are; by default the brand of the desk.
	Brand string `yaml:"brand"`
	// Every is the time between two polls when there is nothing more to read; by default 1m.
	Every time.Duration `yaml:"every"`
	// Cap is what reading may cost in a UTC day, in US dollars; 0: no limit.
	Cap float64 `yaml:"cap"`
	// AnswerAs is the source, of the same network, whose account answers what this
	// one reads; by default its own.
	AnswerAs string `yaml:"answer_as"`
	// Recheck is how often what was read is looked at again, so that what its author
	// took back is forgotten here too; 0: only before it is answered.
	Recheck time.Duration `yaml:"recheck"`
	// Settings are the network's own.
	Settings network.Settings `yaml:"settings"`
}

// setDefaults fills in what holds unless the file says otherwise.
func (s *Source) setDefaults() { s.Every, s.Recheck = time.Minute, day }

// A Queue is the waiting cases of one team.
type Queue struct {
	// Name is what routing, addresses and commands call it.
	Name string `yaml:"name"`
	// Title is what the console shows; by default the name.
	Title string `yaml:"title"`
	// Assign is who gets its cases: take_next (agents take them), round_robin or
	// least_loaded; by default take_next.
	Assign string `yaml:"assign"`
	// Untouched is the working time after which a case that somebody took and did
	// nothing about goes back; 0: never.
	Untouched time.Duration `yaml:"untouched"`
	// Escalation is what happens when a case of it is going wrong; by default nothing.
	Escalation string `yaml:"escalation"`
	// Away is the acknowledgement that customers get who write while nobody is there;
	// by default none.
	Away string `yaml:"away"`
}

// Cases are the rules that hold for every case.
type Cases struct {
	// ReopenWindow is how long after its end a new mention reopens a case; 0: never.
	ReopenWindow time.Duration `yaml:"reopen_window"`
	// LateAfter is the age from which a mention is late when it is first seen: its
	// case has no first response target and sets off no notice.
	LateAfter time.Duration `yaml:"late_after"`
	// UndoFor is how long a reply waits before it leaves, so that it can be undone;
	// 0: it leaves at once.
	UndoFor time.Duration `yaml:"undo_for"`
	// Viral says from when on a case goes to the critical lane because many read
	// or answer it.
	Viral Viral `yaml:"viral"`
	// Outside is who outside the team a case can wait for; by default warehouse,
	// carrier, bank, supplier, technical and other.
	Outside []string `yaml:"outside"`
}

// Viral says from when on a matter is viral. A limit of 0 is none.
type Viral struct {
	// Reach is how many follow the author; by default 50000.
	Reach int `yaml:"reach"`
	// Shares is how often a post was passed on; by default 100.
	Shares int `yaml:"shares"`
	// RepliesPerHour is how many posts, by anybody, the thread gets within an hour; by default 30.
	RepliesPerHour int `yaml:"replies_per_hour"`
}

// Classifier says how mentions are judged.
type Classifier struct {
	// Threshold is the probability from which a mention is flagged; 0: the model's own.
	Threshold float64 `yaml:"threshold"`
	// Aim is what the threshold is for, in place of a number: it is then chosen by
	// the team's own reviews.
	Aim Aim `yaml:"aim"`
	// Review says how much is offered to be reviewed.
	Review Review `yaml:"review"`
	// Taxonomy is the file with the topics that mentions are sorted by; empty: the
	// ones built in.
	Taxonomy string `yaml:"taxonomy"`
	// Topics are those of the file; nil: there is none.
	Topics topic.Taxonomy `yaml:"-"`
	// Always are phrases that make every mention with one of them a complaint.
	Always []string `yaml:"always"`
	// Never are phrases that make no mention with one of them a complaint.
	Never []string `yaml:"never"`
}

// An Aim is what a team asks of the threshold. At most one is above 0.
type Aim struct {
	// MissAtMost is how many of 100 complaints may be missed.
	MissAtMost float64 `yaml:"miss_at_most"`
	// FalseAtMost is how many mentions may be flagged in vain, per agent and day.
	FalseAtMost float64 `yaml:"false_at_most"`
}

// Review says how much is offered to be reviewed, so that what is never flagged
// is looked at too.
type Review struct {
	// Unflagged is the share of mentions that were not flagged, 0 to 1.
	Unflagged float64 `yaml:"unflagged"`
	// Dismissed is the share of dismissals that a second person sees, 0 to 1.
	Dismissed float64 `yaml:"dismissed"`
}

// Retention says how long things are kept.
type Retention struct {
	// Mentions is how long mentions are kept that are in no case.
	Mentions time.Duration `yaml:"mentions"`
	// Cases is how long the mentions and texts of a case are kept after its end.
	Cases time.Duration `yaml:"cases"`
}

// Default is the configuration of somebody who has none: one queue, one
// policy, no sources.
func Default() *Config {
	c := &Config{}
	c.setDefaults()
	c.complete()
	return c
}

// setDefaults fills in what holds unless the file says otherwise, before the
// file is read: so a zero that is written stays a zero.
func (c *Config) setDefaults() {
	c.Brand = "Your brand"
	c.Listen = "127.0.0.1:8025"
	c.Cases = Cases{ReopenWindow: 7 * day, LateAfter: day, UndoFor: 10 * time.Second, Viral: Viral{Reach: 50_000, Shares: 100, RepliesPerHour: 30}}
	c.Classifier.Review = Review{Unflagged: 0.02, Dismissed: 0.1}
	c.Notices = Notices{By: []string{"why"}, Wait: 30 * time.Second, Interval: 5 * time.Minute}
	c.Surveys = Surveys{LetAlone: 30 * day, Open: 14 * day, Low: LowScore{AtMost: 2}}
	c.Translation.setDefaults()
	c.Retention = Retention{Mentions: 90 * day, Cases: 2 * 365 * day}
}

// complete fills in what follows from the rest, after the file is read.
func (c *Config) complete() {
	if len(c.Queues) == 0 {
		c.Queues = []Queue{{Name: "care", Title: "Care"}}
	}
	if len(c.Policies) == 0 {
		c.Policies = []sla.Policy{{Name: "standard", FirstResponse: time.Hour, NextResponse: 2 * time.Hour, Resolution: 24 * time.Hour}}
	}
	orElse(&c.Routing.Tree.Queue, c.Queues[0].Name)
	orElse(&c.Routing.Tree.Policy, c.Policies[0].Name)
	for i := range c.Queues {
		orElse(&c.Queues[i].Title, c.Queues[i].Name)
	}
	for i := range c.Sources {
		orElse(&c.Sources[i].Brand, c.Brand)
	}
}

// orElse gives a text that is empty another.
func orElse(v *string, other string) {
	if *v == "" {
		*v = other
	}
}
