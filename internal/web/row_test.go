package web

import "testing"

func TestHandleBesideTheName(t *testing.T) {
	for _, tt := range []struct {
		a       Author
		network string
		want    string
	}{
		{Author{Name: "Ana Weber", Handle: "ana"}, "x", "@ana"},
		{Author{Handle: "ana@town.example"}, "mastodon", "@ana@town.example"},
		{Author{Name: "Ana Weber", Handle: "ana@mail.example"}, "email", "ana@mail.example"},
		{Author{Name: "Ana W.", Handle: "Ana W."}, "feed", ""}, // there are only names
		{Author{Name: "Ana"}, "x", ""},
	} {
		if got := handleOf(tt.a, tt.network); got != tt.want {
			t.Errorf("%+v on %s is %q, not %q", tt.a, tt.network, got, tt.want)
		}
	}
}
