package sla_test

import (
	"strings"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/sla"
)

func TestRota(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	weekly := sla.Rota{Zone: "Europe/Berlin", People: []string{"ada", "bob", "cy"}, Since: sla.Date{Year: 2026, Month: 3, Day: 2}, Days: 7, At: 9 * time.Hour}
	for _, c := range []struct{ at, want string }{
		{"2026-03-02 08:59", "cy"}, // before the first turn they took turns too
		{"2026-03-02 09:00", "ada"}, {"2026-03-09 08:59", "ada"}, {"2026-03-09 09:00", "bob"}, {"2026-03-16 09:00", "cy"}, {"2026-03-23 09:00", "ada"},
		{"2026-03-30 08:59", "ada"}, {"2026-03-30 09:00", "bob"}, // the clocks changed the day before
		{"2026-02-23 09:00", "cy"}, {"2026-02-16 09:00", "bob"},
	} {
		at, err := time.ParseInLocation("2006-01-02 15:04", c.at, berlin)
		if err != nil {
			t.Fatal(err)
		}
		turns := weekly.Turns(at.UTC())
		if turns[0] != c.want {
			t.Errorf("%s: %s, want %s", c.at, turns[0], c.want)
		}
		if in := strings.Join(append(turns, turns[0]), " "); !strings.Contains("ada bob cy ada bob cy", in) {
			t.Errorf("%s: turns are %s", c.at, in)
		}
	}
	if err := weekly.Validate(); err != nil {
		t.Error(err)
	}
	if err := (&sla.Rota{}).Validate(); err == nil || strings.Count(err.Error(), "\n") != 3 {
		t.Errorf("an empty rota: %v", err)
	}
}
