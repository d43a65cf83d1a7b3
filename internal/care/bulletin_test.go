package care_test

import (
	"testing"

	"github.com/amends-care/amends/internal/care"
)

// An alert begins past its limit, ends well on this side of it, and says each
// once.
func TestWatch(t *testing.T) {
	const none = -1
	above := care.Watch{Above: true, Limit: 10, Clear: 8, Least: 5}
	for _, v := range []struct {
		name   string
		w      care.Watch
		n      int
		values []float64
		want   string
	}{
		{"once each", above, 9, []float64{5, 11, 12, 11, 7, 6}, ".b..e."},
		{"near the limit it does not ring all day", above, 9, []float64{11, 9.9, 10.1, 9, 10.5, 8}, "b....e"},
		{"at the limit it is still well", above, 9, []float64{10}, "."},
		{"too few to tell", above, 4, []float64{50, 60}, ".."},
		{"nothing left to measure", above, 9, []float64{11, none}, "be"},
		{"nothing to measure", above, 9, []float64{none}, "."},
		{"below", care.Watch{Limit: 0.8, Clear: 0.85, Least: 1}, 9, []float64{0.9, 0.7, 0.81, 0.86}, ".b.e"},
	} {
		b, got := &care.Bulletin{}, ""
		for i, value := range v.values {
			p := &value
			if value == none {
				p = nil
			}
			e := v.w.Turn(b, p, v.n, 7)
			switch e.(type) {
			case care.AlertBegan:
				got += "b"
			case care.AlertEnded:
				got += "e"
			default:
				got += "."
				continue
			}
			b.Apply(uint64(i+1), care.Record{At: day0, Events: []care.Event{e}})
		}
		if got != v.want {
			t.Errorf("%s: %s, want %s", v.name, got, v.want)
		}
	}
}
