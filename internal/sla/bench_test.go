package sla_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/sla"
)

func BenchmarkDeadline(b *testing.B) {
	start := time.Date(2026, 11, 20, 15, 45, 0, 0, time.UTC)
	for _, text := range []string{office, closing, always} {
		c := calendar(b, text)
		for _, d := range []time.Duration{30 * time.Minute, 16 * time.Hour, 400 * time.Hour, 20_000 * time.Hour} {
			b.Run(fmt.Sprintf("%s/%s", c.Name(), d), func(b *testing.B) {
				for b.Loop() {
					c.Deadline(start, d)
				}
			})
		}
	}
}

func BenchmarkElapsed(b *testing.B) {
	start := time.Date(2026, 11, 20, 15, 45, 0, 0, time.UTC)
	for _, text := range []string{office, always} {
		c := calendar(b, text)
		for _, days := range []int{1, 7, 90, 3650, 80_000} {
			b.Run(fmt.Sprintf("%s/%dd", c.Name(), days), func(b *testing.B) {
				for b.Loop() {
					c.Elapsed(start, start.AddDate(0, 0, days))
				}
			})
		}
	}
}

func BenchmarkTarget(b *testing.B) {
	c := calendar(b, closing)
	p := &sla.Policy{Name: "standard", FirstResponse: 30 * time.Minute}
	start := time.Date(2026, 11, 20, 15, 45, 0, 0, time.UTC)
	for b.Loop() {
		p.Target(sla.FirstResponse, start, c)
	}
}

func BenchmarkNewCalendar(b *testing.B) {
	table := timetable(b, closing)
	for b.Loop() {
		if _, err := sla.NewCalendar(table); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkVersion(b *testing.B) {
	p := &sla.Policy{Name: "standard", FirstResponse: 30 * time.Minute}
	for b.Loop() {
		p.Version()
	}
}
