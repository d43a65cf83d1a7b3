package config_test

import (
	"testing"
	"time"

	"github.com/amends-care/amends/internal/config"
)

// A node of the tree has no name that a place could go by: it has its number.
func TestLineOfNumbered(t *testing.T) {
	c := all(t)
	for at, want := range map[string]int{"": 33, "routes[0]": 37, "routes[0].queue": 39, "routes[1]": 41, "routes[2]": 0} {
		more := []string{"tree"}
		if at != "" {
			more = append(more, at)
		}
		if got := c.Line("routing", more...); got.Line != want {
			t.Errorf("%q is at %v, want line %d", at, got, want)
		}
	}
}

func TestSpell(t *testing.T) {
	for _, v := range []struct {
		d       time.Duration
		working bool
		want    string
	}{
		{90 * time.Minute, true, "1h30m"}, {48 * time.Hour, true, "48h"}, {48 * time.Hour, false, "2d"},
		{25 * time.Hour, false, "1d1h"}, {10 * time.Second, false, "10s"}, {0, false, "0s"},
	} {
		if got := config.Spell(v.d, v.working); got != v.want {
			t.Errorf("%v is %q, want %q", v.d, got, v.want)
		}
	}
}
