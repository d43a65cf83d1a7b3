package setup_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/config"
	"github.com/amends-care/amends/internal/form"
	"github.com/amends-care/amends/internal/setup"
)

type m = form.Values

// Whatever a form holds stands in the file, holds, and is in the form again.
func TestSectionsComeBack(t *testing.T) {
	for _, tt := range []struct {
		section, name string
		v             m
		holds         func(*config.Config) bool
	}{
		{"routing", "", m{"tree": m{"queue": "care", "routes": []any{
			m{"when": m{"topic": []any{"billing", "refund"}}, "priority": "7", "routes": []any{m{"name": "loud", "when": m{"mood": []any{"furious"}}, "lane": "critical"}}},
		}}, "examples": []any{m{"given": m{"topic": []any{"billing"}, "urgency": []any{"legal", "press"}}, "want": "care"}}},
			func(c *config.Config) bool {
				r := c.Routing.Tree.Routes
				return len(r) == 1 && len(r[0].When.Topic) == 2 && *r[0].Priority == 7 && r[0].Routes[0].Name == "loud" && len(c.Routing.Examples) == 1
			}},
		{"calendars", "office", m{"name": "office", "zone": "Europe/Berlin", "week": m{"mon-fri": "09:00-12:00, 13:00-17:00", "sat": "10:00-12:00"},
			"holidays": []any{m{"date": "12-25", "until": "12-26", "name": "Christmas"}}, "exceptions": []any{m{"date": "12-24", "hours": "closed"}}},
			func(c *config.Config) bool {
				return len(c.Calendars[0].Week) == 2 && len(c.Calendars[0].Holidays) == 1 && len(c.Calendars[0].Exceptions) == 1
			}},
		{"people", "ada", m{"name": "ada", "queues": []any{"care"}, "skills": []any{"billing"}, "capacity": "12"},
			func(c *config.Config) bool { return c.People[0].Capacity == 12 }},
		{"on_call", "first-line", m{"name": "first-line", "zone": "Europe/Berlin", "people": []any{"ada", "bo"}, "since": "2026-12-07", "days": "7", "at": "8h"},
			func(c *config.Config) bool { return len(c.OnCall[0].People) == 2 }},
		{"lists", "vip", m{"name": "vip", "authors": []any{"bluesky/ana.example.org"}}, func(c *config.Config) bool { return len(c.Lists["vip"]) == 1 }},
		{"fallbacks", "en", m{"name": "en", "texts": m{"customer.name": "there"}}, func(c *config.Config) bool { return c.Fallbacks["en"]["customer.name"] == "there" }},
		{"surveys", "", m{"let_alone": "60d", "low": m{"at_most": "3"}}, func(c *config.Config) bool { return c.Surveys.Low.AtMost == 3 }},
		{"notices", "", m{"by": []any{"queue"}, "silences": []any{m{"why": "breached", "from": "2026-12-24T12:00:00Z", "until": "2026-12-27T08:00:00Z"}}},
			func(c *config.Config) bool { return len(c.Notices.Silences) == 1 }},
	} {
		t.Run(tt.section, func(t *testing.T) {
			d := open(t, "")
			c, _ := d.mustMake(form.Change{Section: tt.section, Name: tt.name, Values: tt.v})
			if !tt.holds(c) {
				t.Errorf("it does not hold:\n%s", d.file())
			}
			v, _, _, ok, err := d.Entry(tt.section, "", tt.name, c)
			if err != nil || !ok {
				t.Fatal(ok, err)
			}
			before := d.file()
			d.mustMake(form.Change{Section: tt.section, Name: tt.name, Values: v})
			if d.file() != before {
				t.Errorf("it was\n%s\nand is\n%s", before, d.file())
			}
			d.mustMake(form.Change{Section: tt.section, Name: tt.name, Gone: true})
			if strings.Contains(d.file(), "\n"+tt.section+":") {
				t.Errorf("it is still there:\n%s", d.file())
			}
		})
	}
}

// Each mistake is told at its field, also deep in a tree.
func TestSectionsRefused(t *testing.T) {
	for name, tt := range map[string]struct {
		section, name string
		v             m
		field, says   string
	}{
		"a queue deep in the tree": {"routing", "", m{"tree": m{"routes": []any{m{"when": m{"mood": []any{"calm"}}, "routes": []any{m{"when": m{"topic": []any{"a"}}, "queue": "biling"}}}}}},
			"tree.routes.0.routes.0.queue", "biling"},
		"a mood that is none":     {"routing", "", m{"tree": m{"routes": []any{m{"when": m{"mood": []any{"cross"}}}}}}, "tree.routes.0.when.mood", "cross"},
		"a route never reached":   {"routing", "", m{"tree": m{"routes": []any{m{"name": "a"}, m{"name": "b", "when": m{"mood": []any{"calm"}}}}}}, "tree.routes.1", "never reached"},
		"an example that fails":   {"routing", "", m{"examples": []any{m{"given": m{"topic": []any{"a"}}, "want": "elsewhere"}}}, "examples.0", "comes to"},
		"no such zone":            {"calendars", "a", m{"name": "a", "zone": "Europe/Berlim", "week": m{"mon": "9:00-10:00"}}, "zone", "not known"},
		"a day that is none":      {"calendars", "a", m{"name": "a", "zone": "UTC", "week": m{"mondy": "9:00-10:00"}}, "week.mondy", "not a day"},
		"hours that are none":     {"calendars", "a", m{"name": "a", "zone": "UTC", "week": m{"mon": "9-5"}}, "week.mon", "time of day"},
		"a holiday that is none":  {"calendars", "a", m{"name": "a", "zone": "UTC", "week": m{"mon": "closed"}, "holidays": []any{m{"date": "12-25"}, m{"date": "Xmas"}}}, "holidays.1.date", "not a date"},
		"a shift not there":       {"people", "ada", m{"name": "ada", "shift": "night"}, "shift", "night"},
		"a rota without people":   {"on_call", "a", m{"name": "a", "zone": "UTC", "since": "2026-12-07", "days": "7"}, "people", "who takes turns"},
		"an author that is none":  {"lists", "vip", m{"name": "vip", "authors": []any{"bluesky/ana.example.org", "ana"}}, "authors", "no author"},
		"a list's name":           {"lists", "V I P", m{"name": "V I P", "authors": []any{"x/ana"}}, "name", "v-i-p"},
		"a figure not there":      {"alerts", "slow", m{"name": "slow", "figure": "response/frist/p90", "above": "4h"}, "figure", "response/first"},
		"a digest's channel":      {"digests", "weekly", m{"name": "weekly", "channels": []any{"leads"}}, "channels", "leads"},
		"a file of the machine":   {"calendars", "a", m{"name": "a", "zone": "UTC", "week": m{"mon": "closed"}, "ical": []any{"/etc/passwd"}}, "ical", "no such setting"},
		"a value without a name":  {"fallbacks", "en", m{"name": "en", "texts": m{"": "there"}}, "texts", "without a name"},
		"a tree that never ends":  {"routing", "", m{"tree": deep(100)}, "tree" + strings.Repeat(".routes.0", 32), "too deep"},
		"something else entirely": {"routing", "", m{"tree": "a text"}, "tree", "not what it should be"},
	} {
		t.Run(name, func(t *testing.T) {
			d := open(t, "")
			_, _, err := d.make(form.Change{Section: tt.section, Name: tt.name, Values: tt.v})
			w, ok := errors.AsType[*form.Wrong](err)
			if !ok || !strings.Contains(w.Fields[tt.field], tt.says) {
				t.Errorf("%+v", err)
			}
			if d.file() != "" {
				t.Errorf("it was written:\n%s", d.file())
			}
		})
	}
}

func deep(n int) m {
	if n == 0 {
		return m{}
	}
	return m{"routes": []any{deep(n - 1)}}
}

// A calendar of the console reads no file, whoever wrote it into the console's file.
func TestConsoleReadsNoHolidayFile(t *testing.T) {
	d := open(t, "")
	ics := filepath.Join(d.dir, "days.ics")
	own := "calendars:\n  - {name: a, zone: UTC, week: 24/7, ical: [" + ics + "]}\n"
	if err := errors.Join(os.WriteFile(ics, []byte("BEGIN:VCALENDAR\nEND:VCALENDAR\n"), 0o600), os.WriteFile(setup.Path(d.dir), []byte(own), 0o600)); err != nil {
		t.Fatal(err)
	}
	if _, _, err := d.make(feed("forum", "https://forum.example.org/rss")); err == nil || !strings.Contains(err.Error(), "by the console") {
		t.Error(err)
	}
}

// A tree is one: where people wrote it, it is theirs. A list beside theirs is not.
func TestRoutingOfTheFile(t *testing.T) {
	d := open(t, "routing:\n  tree: {priority: 3}\nlists:\n  vip: [x/ana]\n")
	_, _, err := d.make(form.Change{Section: "routing", Values: m{"tree": m{"priority": "4"}}})
	if e, ok := errors.AsType[*care.Error](err); !ok || e.Code != care.Conflict || !strings.Contains(e.Error(), "amends.yaml, line 1") {
		t.Error(err)
	}
	if _, _, err = d.make(form.Change{Section: "lists", Name: "vip", Values: m{"name": "vip", "authors": []any{"x/bo"}}}); err == nil || !strings.Contains(err.Error(), "line 4") {
		t.Error(err)
	}
	c, _ := d.mustMake(form.Change{Section: "lists", Name: "press", Values: m{"name": "press", "authors": []any{"x/bo"}}})
	if len(c.Lists) != 2 || !c.ByConsole("lists", "press") || c.ByConsole("lists", "vip") {
		t.Errorf("%v", c.Lists)
	}
}

// The first disposition of one's own stands beside those that are built in, and
// what is changed or removed of them first leaves the others.
func TestFirstDispositionKeepsTheBuiltIn(t *testing.T) {
	codes := func(c *config.Config) string {
		var all []string
		for _, d := range c.Dispositions {
			all = append(all, d.Code+strings.Join(d.Fields, "+"))
		}
		return strings.Join(all, " ")
	}
	for _, tt := range []struct {
		ch         form.Change
		what, want string
	}{
		{form.Change{Name: "returned", Values: m{"code": "returned"}}, "added", "solved explained refunded replaced passed_on no_answer_needed returned"},
		{form.Change{Name: "refunded", Values: m{"code": "refunded", "fields": []any{"order_number"}}}, "changed", "solved explained refundedorder_number replaced passed_on no_answer_needed"},
		{form.Change{Name: "replaced", Gone: true}, "removed", "solved explained refunded passed_on no_answer_needed"},
	} {
		d := open(t, "")
		tt.ch.Section = "dispositions"
		c, did := d.mustMake(tt.ch)
		if codes(c) != tt.want || did.What != tt.what {
			t.Errorf("%s: %s, %s", tt.ch.Name, did.What, codes(c))
		}
		if setup.BuiltIn("dispositions", c) != nil {
			t.Error("the list is still the one built in")
		}
		tt.ch = form.Change{Section: "dispositions", Name: "solved", Gone: true}
		if c, _ = d.mustMake(tt.ch); strings.Contains(codes(c), "solved") {
			t.Errorf("afterwards: %s", codes(c))
		}
	}
	d := open(t, "dispositions: [{code: done}]\n")
	if c, _ := d.mustMake(form.Change{Section: "dispositions", Name: "returned", Values: m{"code": "returned"}}); codes(c) != "done returned" {
		t.Errorf("beside those of the file: %s", codes(c))
	}
}
