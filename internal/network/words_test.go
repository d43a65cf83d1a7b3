package network

import "testing"

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
		if got := SameWords(c.a, c.b); got != c.want {
			t.Errorf("%q, %q: %v", c.a, c.b, got)
		}
	}
}

func TestClip(t *testing.T) {
	for _, c := range []struct {
		in   string
		n    int
		want string
	}{{"abc", 3, "abc"}, {"abc", 2, "ab"}, {"aä", 2, "a"}, {"ä", 1, ""}, {"", 0, ""}} {
		if got := Clip(c.in, c.n); got != c.want {
			t.Errorf("%q to %d: %q", c.in, c.n, got)
		}
	}
}
