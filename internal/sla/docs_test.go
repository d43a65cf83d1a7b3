package sla_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/amends-care/amends/internal/sla"
)

// The page that explains deadlines must be true: its YAML loads, its worked
// examples come out as they say, and its sentences are those we write.
func TestDeadlinesPage(t *testing.T) {
	file, err := os.ReadFile("../../docs/deadlines.md")
	if err != nil {
		t.Fatal(err)
	}
	page := string(file)
	var written struct {
		Policies  []sla.Policy    `yaml:"policies"`
		Calendars []sla.Timetable `yaml:"calendars"`
	}
	loader, err := yaml.NewLoader(strings.NewReader(strings.Join(blocks(page, "yaml"), "\n")), yaml.WithKnownFields())
	if err != nil {
		t.Fatal(err)
	}
	if err := loader.Load(&written); err != nil {
		t.Fatal(err)
	}
	calendars := map[string]*sla.Calendar{}
	var names []string
	for _, table := range written.Calendars {
		c, err := sla.NewCalendar(table)
		if err != nil {
			t.Fatal(err)
		}
		calendars[c.Name()], names = c, append(names, c.Name())
	}
	for _, p := range written.Policies {
		if err := p.Validate(names); err != nil {
			t.Fatal(err)
		}
	}

	rows := 0
	for line := range strings.Lines(page) {
		cells := strings.Split(line, "|")
		if len(cells) < 6 || calendars[strings.TrimSpace(cells[1])] == nil {
			continue
		}
		rows++
		c := calendars[strings.TrimSpace(cells[1])]
		read := func(s string) time.Time {
			at, err := time.ParseInLocation("Mon 2006-01-02 15:04", strings.TrimSpace(s), c.Location())
			if err != nil || at.Format("Mon") != strings.TrimSpace(s)[:3] {
				t.Fatalf("%q in %s", s, line)
			}
			return at
		}
		d, err := time.ParseDuration(strings.TrimSpace(cells[3]))
		if err != nil {
			t.Fatal(err)
		}
		if got, want := c.Deadline(read(cells[2]), d), read(cells[4]); !got.Equal(want) {
			t.Errorf("due %s: %s", got.In(c.Location()), line)
		}
	}
	if rows != 11 {
		t.Errorf("%d worked examples found, want 11", rows)
	}

	p, office := &written.Policies[0], calendars["office"]
	target, _ := p.Target(sla.FirstResponse, time.Date(2026, 11, 20, 15, 45, 0, 0, office.Location()), office)
	e := p.Explain(target, office)
	if told := strings.TrimSpace(blocks(page, "text")[0]); told != e.String() {
		t.Errorf("the page says\n%s\nwe say\n%s", told, e.String())
	}

	// Waiting for the customer.
	start := time.Date(2026, 11, 23, 9, 0, 0, 0, office.Location())
	resolution, _ := p.Target(sla.Resolution, start, office)
	left := office.Left(resolution.Due, start.Add(6*time.Hour))
	again := p.Resume(sla.Resolution, start.AddDate(0, 0, 3).Add(-time.Hour), left, office)
	if left != 10*time.Hour || again.Due.In(office.Location()).Format("Mon 15:04") != "Fri 11:00" || office.Left(again.Due, again.AtRisk) != 4*time.Hour {
		t.Errorf("%s left, then %+v", left, again)
	}
}

// blocks are the fenced blocks of a language in a page.
func blocks(page, language string) (out []string) {
	for _, part := range strings.Split(page, "```"+language+"\n")[1:] {
		block, _, _ := strings.Cut(part, "```")
		out = append(out, block)
	}
	return out
}
