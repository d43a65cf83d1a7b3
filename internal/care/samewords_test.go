package care_test

import (
	"testing"

	"github.com/amends-care/amends/internal/care"
)

func TestSameWords(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"We are on it.", "we  are\non it.", true},
		{"We are on it.", "@ana @ben We are on\u200b it.", true},
		{"Ｗｅ are", "we are", true},
		{"@ana", "@ana", true},
		{"We are on it.", "We are on it!", false},
		{"", "", false},
		{"\u200b", " ", false},
	} {
		if got := care.SameWords(c.a, c.b); got != c.want {
			t.Errorf("%q, %q: %v", c.a, c.b, got)
		}
	}
}
