package eval

import (
	"errors"
	"math"
	"testing"
)

func weighed(p float64, yes bool, w float64) Weighed { return Weighed{Point{P: p, True: yes}, w} }

// Points of weight 1 give what plain points give.
func TestWeighedAgreesWithPlain(t *testing.T) {
	points := []Point{{P: .9, True: true}, {P: .8}, {P: .7, True: true}, {P: .4, True: true}, {P: .3}, {P: .1}, {P: .05}}
	var ws []Weighed
	for _, p := range points {
		ws = append(ws, Weighed{p, 1})
	}
	v := Volume{PerDay: 700}
	for _, at := range []float64{.05, .3, .5, .75, .95} {
		a, b := Cost(points, at, v), CostWeighed(ws, at, v)
		for _, pair := range [][2]Interval{{a.MissedPer100, b.MissedPer100}, {a.FalsePerDay, b.FalsePerDay}, {a.RightPer100, b.RightPer100}} {
			same := math.IsNaN(pair[0].Value) && math.IsNaN(pair[1].Value) || math.Abs(pair[0].Value-pair[1].Value)+math.Abs(pair[0].High-pair[1].High) < 1e-9
			if !same {
				t.Errorf("at %v: %v and %v", at, pair[0], pair[1])
			}
		}
	}
	for _, n := range []float64{0, 34, 67} {
		a, _ := MissAtMost(points, n, v)
		b, _ := MissAtMostWeighed(ws, n, v)
		if a.Threshold != b.Threshold {
			t.Errorf("miss at most %v: %v and %v", n, a.Threshold, b.Threshold)
		}
	}
	for _, n := range []float64{0, 150, 1000} {
		a, _ := FalseAtMost(points, n, v)
		b, _ := FalseAtMostWeighed(ws, n, v)
		if a.Threshold != b.Threshold {
			t.Errorf("false at most %v: %v and %v", n, a.Threshold, b.Threshold)
		}
	}
}

// One of fifty was looked at, so what was found stands for fifty.
func TestWeightsStandForWhatWasNotLookedAt(t *testing.T) {
	var ws []Weighed
	for range 90 {
		ws = append(ws, weighed(.9, true, 1))
	}
	ws = append(ws, weighed(.2, true, 10), weighed(.2, false, 10))
	c := CostWeighed(ws, .5, Volume{PerDay: 110})
	if math.Abs(c.MissedPer100.Value-10) > 1e-9 {
		t.Errorf("misses %v of 100, want 10", c.MissedPer100.Value)
	}
	if plain := Wilson(1, 91); c.MissedPer100.High/100 < plain.High {
		t.Errorf("up to %v: no wider than if all had been looked at", c.MissedPer100.High)
	}
	if _, err := FalseAtMostWeighed(nil, 3, Volume{}); !errors.Is(err, ErrUnreachable) {
		t.Errorf("without points: %v", err)
	}
}
