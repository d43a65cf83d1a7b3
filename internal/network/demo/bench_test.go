package demo

import (
	"testing"
	"time"
)

// BenchmarkNinetyDays makes up the whole history, texts read from their files
// included.
func BenchmarkNinetyDays(b *testing.B) {
	steps := 0
	for b.Loop() {
		n := aStory(b)
		steps = len(n.told)
	}
	b.ReportMetric(float64(steps), "steps")
}

// BenchmarkContent reads and checks all texts.
func BenchmarkContent(b *testing.B) {
	for b.Loop() {
		contents(b)
	}
}

// BenchmarkPoll asks every two seconds, as the demo does.
func BenchmarkPoll(b *testing.B) {
	s := settings(someday)
	at := someday
	s.Clock = func() time.Time { return at }
	n := opened(b, s)
	cursor, items := "", 0
	for b.Loop() {
		at = at.Add(2 * time.Second)
		p, err := n.Poll(b.Context(), cursor)
		if err != nil {
			b.Fatal(err)
		}
		cursor = p.Next
		items += len(p.Items)
	}
	b.ReportMetric(float64(items)/float64(b.N), "items/op")
}
