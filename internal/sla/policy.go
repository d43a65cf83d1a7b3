package sla

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// longest is the most working time that a policy may promise: what is meant to
// be longer is no promise to a customer.
const longest = 366 * day

// defaultMargin applies where a policy says nothing: at risk with a quarter of
// the time left.
const defaultMargin = 25 // percent

// A Policy is what a team promises. It is written in YAML as it stands here.
type Policy struct {
	Name  string `yaml:"name" json:"name"`
	Clock Clock  `yaml:"clock" json:"clock"` // default: customer
	// Calendar names the hours that count; without one every hour does.
	Calendar string `yaml:"calendar" json:"calendar,omitempty"`
	// The targets, in working time. 0: this policy has no such target.
	FirstResponse time.Duration `yaml:"first_response" json:"first_response,omitempty"`
	NextResponse  time.Duration `yaml:"next_response" json:"next_response,omitempty"`
	Resolution    time.Duration `yaml:"resolution" json:"resolution,omitempty"`
	// AtRisk says how much time is left when a target counts as at risk.
	AtRisk Margin `yaml:"at_risk" json:"at_risk"` // default: 25%
}

// A Clock says from when a first response is measured.
type Clock string

// The clocks. Empty means Customer.
const (
	Customer Clock = "customer" // from when the customer posted
	Desk     Clock = "desk"     // from when we saw it
)

// UnmarshalText refuses a clock that does not exist.
func (c *Clock) UnmarshalText(text []byte) error {
	switch *c = Clock(text); *c {
	case "", Customer, Desk:
		return nil
	}
	return fmt.Errorf("%q is not a clock: write customer (from when they posted) or desk (from when we saw it)", clip(string(text)))
}

// A Kind is what a target promises.
type Kind string

// The kinds of target.
const (
	FirstResponse Kind = "first_response"
	NextResponse  Kind = "next_response"
	Resolution    Kind = "resolution"
)

// Kinds lists every kind.
func Kinds() []Kind { return []Kind{FirstResponse, NextResponse, Resolution} }

// A Margin is how much of a target's time is left when it counts as at risk:
// a share of what was promised, or working time. As text: 25% or 30m. The zero
// Margin means 25%.
type Margin struct {
	Percent int // 1 to 99; 0 if Time counts
	Time    time.Duration
}

// UnmarshalText reads 25% or 30m.
func (m *Margin) UnmarshalText(text []byte) error {
	s := strings.TrimSpace(string(text))
	bad := fmt.Errorf("%q is not a margin: write the share of time left (25%%) or the time left (30m) from which a target is at risk", clip(s))
	if share, ok := strings.CutSuffix(s, "%"); ok {
		n, err := strconv.Atoi(strings.TrimSpace(share))
		if err != nil || n < 1 || n > 99 {
			return bad
		}
		*m = Margin{Percent: n}
		return nil
	}
	d, err := time.ParseDuration(s)
	if err != nil || d <= 0 {
		return bad
	}
	*m = Margin{Time: d}
	return nil
}

// MarshalText writes what UnmarshalText reads.
func (m Margin) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

func (m Margin) String() string {
	switch {
	case m.Time > 0:
		return m.Time.String()
	case m.Percent > 0:
		return strconv.Itoa(m.Percent) + "%"
	}
	return strconv.Itoa(defaultMargin) + "%"
}

// of is the working time left, of a target's length, when it becomes at risk.
func (m Margin) of(length time.Duration) time.Duration {
	if m.Time > 0 {
		return m.Time
	}
	percent := m.Percent
	if percent == 0 {
		percent = defaultMargin
	}
	return length / 100 * time.Duration(percent)
}

// Validate names every mistake, joined; each is a [*Problem]. calendars are
// the names that exist.
func (p *Policy) Validate(calendars []string) error {
	in := problems{in: fmt.Sprintf("policy %q", clip(p.Name))}
	switch {
	case strings.TrimSpace(p.Name) == "":
		in.add("name", "is missing: give the policy a name that routes can refer to")
	case len(p.Name) > maxName:
		in.add("name", "is longer than %d bytes: shorten it", maxName)
	}
	if p.Calendar != "" && p.Calendar != aroundTheClock && !slices.Contains(calendars, p.Calendar) {
		in.add("calendar", "%q does not exist: %s", clip(p.Calendar), choose(calendars, "leave it out to count every hour"))
	}
	switch p.Clock {
	case "", Customer, Desk:
	default:
		in.add("clock", "%q is not a clock: write customer or desk", clip(string(p.Clock)))
	}
	for _, k := range Kinds() {
		switch d := p.Length(k); {
		case d < 0:
			in.add(string(k), "%s is negative: write working time, as 30m or 16h, or leave it out", d)
		case d > longest:
			in.add(string(k), "%s is more than %s of working time: promise less, or leave it out", d, longest)
		case d > 0 && p.AtRisk.Time >= d:
			in.add("at_risk", "%s is no less than %s (%s), which would be at risk from its start: write less, or a share as 25%%", p.AtRisk, k, d)
		}
	}
	if p.AtRisk.Percent < 0 || p.AtRisk.Percent > 99 || p.AtRisk.Time < 0 {
		in.add("at_risk", "is out of range: write a share from 1%% to 99%%, or a time as 30m")
	}
	return errors.Join(in.list...)
}

// choose advises which of the known names to write.
func choose(names []string, or string) string {
	if len(names) == 0 {
		return or
	}
	const most = 20
	known := strings.Join(names[:min(len(names), most)], ", ")
	if len(names) > most {
		known += " …"
	}
	return "write one of " + known + ", or " + or
}

// Version names the content: the same promise has the same version on every
// machine.
func (p *Policy) Version() string { return versionOf(p.Normal()) }

// Normal is the policy with its defaults written out; its JSON is what Version
// names.
func (p *Policy) Normal() Policy {
	n := *p
	if n.Clock == "" {
		n.Clock = Customer
	}
	if n.AtRisk == (Margin{}) {
		n.AtRisk = Margin{Percent: defaultMargin}
	}
	return n
}

// Length is the working time that the policy promises; 0 for no such target.
func (p *Policy) Length(k Kind) time.Duration {
	switch k {
	case FirstResponse:
		return p.FirstResponse
	case NextResponse:
		return p.NextResponse
	case Resolution:
		return p.Resolution
	}
	return 0
}

// Hours is the calendar that the policy counts by, of those there are by name.
// Where it names none of them every hour counts.
func (p *Policy) Hours(calendars map[string]*Calendar) *Calendar {
	if c, ok := calendars[p.Calendar]; ok {
		return c
	}
	return Always()
}

// Start is where the policy's clock starts for a mention: when the customer
// published it, or when we saw it. A network's clock that runs ahead of ours
// is not believed.
func (p *Policy) Start(published, seen time.Time) time.Time {
	if p.Clock == Desk || published.IsZero() || published.After(seen) {
		return seen
	}
	return published
}

// A Target is one promise with its instants, in UTC.
type Target struct {
	Kind   Kind
	Start  time.Time // from which working time counts
	AtRisk time.Time // Start <= AtRisk <= Due
	Due    time.Time // an answer at this instant still keeps the promise
}

// Target sets the target that starts at an instant; false if the policy has
// none of that kind. A nil calendar has no working time: see [Calendar].
func (p *Policy) Target(k Kind, start time.Time, c *Calendar) (Target, bool) {
	length := p.Length(k)
	if length <= 0 {
		return Target{}, false
	}
	return p.Resume(k, start, length, c), true
}

// Resume sets a target again that was paused with working time left: it starts
// at the instant at, and the margin is still that of the whole promise. What
// was left is [Calendar.Left] at the pause.
func (p *Policy) Resume(k Kind, at time.Time, left time.Duration, c *Calendar) Target {
	margin := p.AtRisk.of(p.Length(k))
	return Target{
		Kind:   k,
		Start:  at.UTC(),
		AtRisk: c.Deadline(at, left-margin),
		Due:    c.Deadline(at, left),
	}
}
