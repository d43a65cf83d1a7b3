package sla_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/amends-care/amends/internal/sla"
)

func policy(t testing.TB, text string) *sla.Policy {
	t.Helper()
	var p sla.Policy
	loader, err := yaml.NewLoader(strings.NewReader(text), yaml.WithKnownFields())
	if err != nil {
		t.Fatal(err)
	}
	if err := loader.Load(&p); err != nil {
		t.Fatal(err)
	}
	if err := p.Validate([]string{"office"}); err != nil {
		t.Fatal(err)
	}
	return &p
}

const standard = "{name: standard, calendar: office, first_response: 30m, next_response: 2h, resolution: 16h}"

func TestTargets(t *testing.T) {
	c := calendar(t, office)
	tests := []struct {
		name, policy   string
		kind           sla.Kind
		start          string
		atRisk, wantBy string
	}{
		{"a quarter left by default", standard, sla.FirstResponse, "2026-11-23 10:00", "2026-11-23 10:22", "2026-11-23 10:30"},
		{"the margin is working time too", standard, sla.FirstResponse, "2026-11-20 16:45", "2026-11-23 09:07", "2026-11-23 09:15"},
		{"a shorter next response is a target of its own",
			"{name: p, first_response: 2h, next_response: 30m}", sla.FirstResponse, "2026-11-23 10:00", "2026-11-23 11:30", "2026-11-23 12:00"},
		{"next response", "{name: p, first_response: 2h, next_response: 30m}", sla.NextResponse, "2026-11-23 10:00", "2026-11-23 10:22", "2026-11-23 10:30"},
		{"a share", "{name: p, resolution: 16h, at_risk: 50%}", sla.Resolution, "2026-11-23 09:00", "2026-11-23 17:00", "2026-11-24 17:00"},
		{"a time", "{name: p, resolution: 16h, at_risk: 30m}", sla.Resolution, "2026-11-23 09:00", "2026-11-24 16:30", "2026-11-24 17:00"},
		{"none", "{name: p, resolution: 16h}", sla.FirstResponse, "2026-11-23 09:00", "", ""},
		{"no such kind", standard, sla.Kind("joy"), "2026-11-23 09:00", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			start := at(t, c, tt.start)
			got, ok := policy(t, tt.policy).Target(tt.kind, start, c)
			if tt.wantBy == "" {
				if ok || got != (sla.Target{}) {
					t.Errorf("there is a target %+v", got)
				}
				return
			}
			if !ok || got.Kind != tt.kind || !got.Start.Equal(start) || !got.Due.Equal(at(t, c, tt.wantBy)) {
				t.Errorf("%+v, %t, want due %s", got, ok, tt.wantBy)
			}
			if minute := got.AtRisk.Truncate(time.Minute); !minute.Equal(at(t, c, tt.atRisk)) {
				t.Errorf("at risk %s, want %s", got.AtRisk.In(c.Location()), tt.atRisk)
			}
			if got.Start.Location() != time.UTC || got.AtRisk.Location() != time.UTC || got.Due.Location() != time.UTC {
				t.Errorf("%+v is not in UTC", got)
			}
		})
	}
}

func TestPauseKeepsWhatWasLeft(t *testing.T) {
	c, p := calendar(t, office), policy(t, standard)
	target, _ := p.Target(sla.Resolution, at(t, c, "2026-11-23 09:00"), c) // due Tuesday 17:00
	paused := at(t, c, "2026-11-23 15:00")
	left := c.Left(target.Due, paused)
	if left != 10*time.Hour {
		t.Fatalf("%s left, want 10h", left)
	}
	again := p.Resume(sla.Resolution, at(t, c, "2026-11-26 08:00"), left, c)
	if want := at(t, c, "2026-11-27 11:00"); !again.Due.Equal(want) {
		t.Errorf("due %s, want %s", again.Due, want)
	}
	// At risk with a quarter of the 16 hours left, not of the 10.
	if want := at(t, c, "2026-11-26 15:00"); !again.AtRisk.Equal(want) {
		t.Errorf("at risk %s, want %s", again.AtRisk, want)
	}
	// Paused when it was at risk already: at risk from the first moment.
	late := p.Resume(sla.Resolution, at(t, c, "2026-11-26 08:00"), time.Hour, c)
	if !late.AtRisk.Equal(late.Start) || !late.Due.Equal(at(t, c, "2026-11-26 10:00")) {
		t.Errorf("resumed with an hour left: %+v", late)
	}
	if left := c.Left(target.Due, target.Due.Add(time.Hour)); left != 0 {
		t.Errorf("%s left after the deadline", left)
	}
	if gone := p.Resume(sla.Resolution, paused, 0, c); !gone.Due.Equal(paused) {
		t.Errorf("resumed with nothing left: due %s", gone.Due)
	}
}

func TestStartOfClock(t *testing.T) {
	published := time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)
	seen := published.Add(2 * time.Minute)
	customer, desk := policy(t, "{name: p}"), policy(t, "{name: p, clock: desk}")
	for _, tt := range []struct {
		name            string
		p               *sla.Policy
		published, want time.Time
	}{
		{"customer's clock is the default", customer, published, published},
		{"desk's clock", desk, published, seen},
		{"a network's clock that runs ahead", customer, seen.Add(time.Hour), seen},
		{"a network without a time", customer, time.Time{}, seen},
	} {
		if got := tt.p.Start(tt.published, seen); !got.Equal(tt.want) {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

func TestPolicyMistakes(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*sla.Policy)
		path   string
		words  string
	}{
		{"no name", func(p *sla.Policy) { p.Name = "" }, "name", "is missing"},
		{"long name", func(p *sla.Policy) { p.Name = strings.Repeat("x", 101) }, "name", "shorten"},
		{"no such calendar", func(p *sla.Policy) { p.Calendar = "offcie" }, "calendar", "write one of office, nights"},
		{"no such clock", func(p *sla.Policy) { p.Clock = "sun" }, "clock", "customer or desk"},
		{"negative", func(p *sla.Policy) { p.FirstResponse = -time.Minute }, "first_response", "is negative"},
		{"for ever", func(p *sla.Policy) { p.Resolution = 9000 * time.Hour }, "resolution", "promise less"},
		{"at risk from the start", func(p *sla.Policy) { p.AtRisk.Time = 30 * time.Minute }, "at_risk", "no less than first_response"},
		{"more than everything", func(p *sla.Policy) { p.AtRisk.Percent = 120 }, "at_risk", "from 1% to 99%"},
	} {
		p := sla.Policy{Name: "p", Calendar: "office", FirstResponse: 30 * time.Minute}
		tt.change(&p)
		err := p.Validate([]string{"office", "nights"})
		problem, ok := errors.AsType[*sla.Problem](err)
		if !ok || problem.Path != tt.path || !strings.Contains(problem.Msg, tt.words) {
			t.Errorf("%s: %v, want %q at %s", tt.name, err, tt.words, tt.path)
		}
	}
	both := sla.Policy{Calendar: "x", Clock: "y", NextResponse: -1}
	if err := both.Validate(nil); len(strings.Split(err.Error(), "\n")) != 4 {
		t.Errorf("want four mistakes: %v", err)
	}
	none := sla.Policy{Name: "none", Calendar: "24/7"}
	if err := none.Validate(nil); err != nil {
		t.Errorf("a policy without targets: %v", err)
	}
}

func TestPolicyText(t *testing.T) {
	for _, text := range []string{"at_risk: 0%", "at_risk: 100%", "at_risk: 25", "at_risk: -5m", "at_risk: soon", "at_risk: 1.5%",
		"clock: ours", "first_response: 2d", "first_response: 30", "fist_response: 30m"} {
		var p sla.Policy
		loader, err := yaml.NewLoader(strings.NewReader(text), yaml.WithKnownFields())
		if err != nil {
			t.Fatal(err)
		}
		if err := loader.Load(&p); err == nil || !strings.Contains(err.Error(), "line 1") {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestPolicyVersion(t *testing.T) {
	want := policy(t, standard).Version()
	if want != "cebac042e826" {
		t.Errorf("version of the standard policy is %s: versions in old events no longer match", want)
	}
	same := policy(t, strings.Replace(standard, "}", ", clock: customer, at_risk: 25%}", 1))
	if got := same.Version(); got != want {
		t.Errorf("defaults written out: version %s, want %s", got, want)
	}
	for _, change := range []string{", clock: desk}", ", at_risk: 26%}", ", at_risk: 5m}"} {
		if got := policy(t, strings.Replace(standard, "}", change, 1)).Version(); got == want {
			t.Errorf("%s: the version is the same", change)
		}
	}
	kept, err := json.Marshal(same.Normal())
	if err != nil {
		t.Fatal(err)
	}
	var again sla.Policy
	if err := json.Unmarshal(kept, &again); err != nil || again.Version() != want {
		t.Errorf("%s: version %s after it was kept, %v", kept, again.Version(), err)
	}
}

func TestAlways(t *testing.T) {
	c := sla.Always()
	from := time.Date(2026, 3, 28, 23, 0, 0, 0, time.UTC)
	if got := c.Deadline(from, 48*time.Hour); !got.Equal(from.Add(48 * time.Hour)) {
		t.Errorf("48 hours of every hour end at %s", got)
	}
	if c.Name() != "24/7" {
		t.Errorf("is called %q", c.Name())
	}
}
