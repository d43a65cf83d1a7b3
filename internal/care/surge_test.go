package care_test

import (
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
)

func surgeSamples() []care.Event {
	return []care.Event{
		care.SourceCharged{Micros: 125_000},
		care.SurgeBegan{Brand: "acme", Topic: "outage", Language: "en", Since: then(-60), Count: 31, Usual: 2.25},
		care.SurgeEnded{Brand: "acme", Topic: "outage", Language: "en", Since: then(-60), Until: then(120)},
	}
}

// A surge is told once while it lasts, and its end once; it ends with its last
// hour, and never before its first.
func TestSurgesTurn(t *testing.T) {
	hour := time.Date(2026, 3, 2, 18, 0, 0, 0, time.UTC)
	outage := care.Surge{Brand: "acme", Topic: "outage", Since: hour, Count: 31, Usual: 2}
	later := outage
	later.Since, later.Count = hour.Add(time.Hour), 80
	var s care.Surges
	for i, step := range []struct {
		after time.Duration
		seen  []care.Surge
		want  []care.Event
	}{
		{10 * time.Minute, nil, nil},
		{20 * time.Minute, []care.Surge{outage}, []care.Event{care.SurgeBegan{Brand: "acme", Topic: "outage", Since: hour, Count: 31, Usual: 2}}},
		{21 * time.Minute, []care.Surge{outage}, nil},
		{80 * time.Minute, []care.Surge{later}, nil},
		{185 * time.Minute, nil, []care.Event{care.SurgeEnded{Brand: "acme", Topic: "outage", Since: hour, Until: hour.Add(2 * time.Hour)}}},
		{186 * time.Minute, nil, nil},
		{200 * time.Minute, []care.Surge{{Brand: "acme", Since: hour.Add(3 * time.Hour), Count: 9}}, []care.Event{care.SurgeBegan{Brand: "acme", Since: hour.Add(3 * time.Hour), Count: 9}}},
		{201 * time.Minute, nil, []care.Event{care.SurgeEnded{Brand: "acme", Since: hour.Add(3 * time.Hour), Until: hour.Add(4 * time.Hour)}}},
	} {
		got := s.Turn(hour.Add(step.after), step.seen)
		expect(t, step.after.String(), len(got), len(step.want))
		for k := range got {
			expect(t, step.after.String(), got[k], step.want[k])
		}
		s.Apply(uint64(i+1), care.Record{At: hour.Add(step.after), Events: got})
	}
}
