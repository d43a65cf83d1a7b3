package care

import (
	"encoding/json"
	"os"
	"testing"
)

func TestLengthAsTheNetworkCounts(t *testing.T) {
	b, err := os.ReadFile("testdata/lengths.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []struct {
		Unit, Text string
		Length     int
	}
	if err := json.Unmarshal(b, &all); err != nil || len(all) < 30 {
		t.Fatal(len(all), err)
	}
	for _, c := range all {
		if got := (Length{Unit: c.Unit}).Of(c.Text); got != c.Length {
			t.Errorf("%q in %q: %d, want %d", c.Text, c.Unit, got, c.Length)
		}
	}
}

func FuzzLength(f *testing.F) {
	f.Add("see https://a.example/b, acme.com! 👨‍👩‍👧‍👦 日本語")
	f.Fuzz(func(t *testing.T, text string) {
		if n := weighted(text); n < 0 || n > 3*len(text)+addressLength*len(text) {
			t.Fatalf("%q: %d", text, n)
		}
		last := 0
		for _, at := range Addresses(text) {
			if at[0] < last || at[1] <= at[0] || at[1] > len(text) {
				t.Fatalf("%q: %v", text, at)
			}
			last = at[1]
		}
	})
}
