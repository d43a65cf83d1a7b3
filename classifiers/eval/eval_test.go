package eval

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func near(t *testing.T, what string, got, want, within float64) {
	t.Helper()
	if math.IsNaN(got) || math.Abs(got-want) > within {
		t.Errorf("%s = %.6f, want %.6f", what, got, want)
	}
}

// hand is small enough to check on paper.
var hand = []Point{
	{P: 0.9, True: true}, {P: 0.8, True: true}, {P: 0.7}, {P: 0.6, True: true},
	{P: 0.4}, {P: 0.3, True: true}, {P: 0.2}, {P: 0.1},
}

func TestFiguresByHand(t *testing.T) {
	c := At(hand, 0.5)
	if want := (Confusion{TP: 3, FP: 1, FN: 1, TN: 3}); c != want {
		t.Fatalf("confusion %+v, want %+v", c, want)
	}
	near(t, "precision", c.Precision(), 0.75, 1e-12)
	near(t, "recall", c.Recall(), 0.75, 1e-12)
	near(t, "macro-F1", c.MacroF1(), 0.75, 1e-12)
	near(t, "AUC", AUC(hand), 13.0/16, 1e-12)
	near(t, "recall at precision 1", RecallAt(hand, 1), 0.5, 1e-12)
	near(t, "Brier", Brier(hand), (0.01+0.04+0.49+0.16+0.16+0.49+0.04+0.01)/8, 1e-12)
	near(t, "AUC of ties", AUC([]Point{{P: 0.5, True: true}, {P: 0.5}}), 0.5, 1e-12)
}

func TestWilsonAgainstPublishedValues(t *testing.T) {
	// Newcombe (1998), table I, method 3.
	for _, c := range []struct {
		k, n      int
		low, high float64
	}{{81, 263, 0.2553, 0.3662}, {15, 148, 0.0624, 0.1605}, {0, 20, 0, 0.1611}, {1, 29, 0.0061, 0.1718}} {
		got := Wilson(c.k, c.n)
		near(t, "low", got.Low, c.low, 6e-5)
		near(t, "high", got.High, c.high, 6e-5)
	}
}

// simulate draws points whose log odds are a·z+b when z is claimed.
func simulate(n int, a, b float64) (z []float64, truths []bool) {
	rng := rand.New(rand.NewPCG(7, 7))
	for range n {
		v := rng.NormFloat64() * 2
		z = append(z, v)
		truths = append(truths, rng.Float64() < Sigmoid(a*v+b))
	}
	return z, truths
}

func TestPlattFindsTheMap(t *testing.T) {
	z, truths := simulate(20000, 0.6, -1)
	f := FitPlatt(z, truths)
	near(t, "A", f.A, 0.6, 0.03)
	near(t, "B", f.B, -1, 0.05)
	var before, after []Point
	for i := range z {
		before = append(before, Point{P: Sigmoid(z[i]), True: truths[i]})
		after = append(after, Point{P: Sigmoid(f.A*z[i] + f.B), True: truths[i]})
	}
	if e := ECE(after, 10); e > 0.015 {
		t.Errorf("calibrated ECE %.3f", e)
	}
	if ECE(before, 10) < 0.1 {
		t.Error("the simulation was calibrated to begin with")
	}
	if f := FitPlatt(z[:3], []bool{true, true, true}); f != (Platt{1, 0}) {
		t.Errorf("one class only gives %+v", f)
	}
}

func TestPriorIsFoundWithoutLabels(t *testing.T) {
	// Scores with log likelihood ratio of two normals, calibrated at 0.4, seen at 0.1.
	rng := rand.New(rand.NewPCG(3, 3))
	var ps []float64
	for range 20000 {
		mean := -1.0
		if rng.Float64() < 0.1 {
			mean = 1
		}
		llr := 2 * (mean + rng.NormFloat64())
		ps = append(ps, Sigmoid(llr+Logit(0.4)))
	}
	near(t, "prior", Prior(ps, 0.4), 0.1, 0.02)
	near(t, "shift and back", Shift(Shift(0.3, 0.4, 0.1), 0.1, 0.4), 0.3, 1e-12)
}

func TestChoicesKeepTheirPromise(t *testing.T) {
	z, truths := simulate(5000, 1, -0.5)
	var points []Point
	for i := range z {
		points = append(points, Point{P: Sigmoid(z[i]), True: truths[i]})
	}
	v := Volume{PerDay: 2000}
	for _, n := range []float64{0, 5, 20, 50, 100} {
		c, err := MissAtMost(points, n, v)
		if err != nil {
			t.Fatal(err)
		}
		if c.MissedPer100.Value > n+1e-9 {
			t.Errorf("miss at most %v: misses %v", n, c.MissedPer100.Value)
		}
		if higher := Cost(points, math.Nextafter(c.Threshold, 2), v); n < 100 && higher.MissedPer100.Value <= n {
			t.Errorf("miss at most %v: a higher threshold would do", n)
		}
	}
	for _, n := range []float64{10, 100, 500} {
		c, err := FalseAtMost(points, n, v)
		if err != nil {
			t.Fatal(err)
		}
		if c.FalsePerDay.Value > n {
			t.Errorf("at most %v false a day: %v", n, c.FalsePerDay.Value)
		}
	}
	if _, err := MissAtMost([]Point{{P: 0.5}}, 10, v); !errors.Is(err, ErrUnreachable) {
		t.Errorf("no complaints: %v", err)
	}
	if _, err := FalseAtMost([]Point{{P: 0.5}}, 10, v); !errors.Is(err, ErrUnreachable) {
		t.Errorf("a false alarm at the top: %v", err)
	}
}

func TestFoldsAreStratifiedAndRepeat(t *testing.T) {
	var classes []bool
	for i := range 1003 {
		classes = append(classes, i%4 == 0)
	}
	a, b := Folds(classes, 10, 1), Folds(classes, 10, 1)
	if !slices.Equal(a, b) || slices.Equal(a, Folds(classes, 10, 2)) {
		t.Error("folds must depend on the seed and on nothing else")
	}
	var n, pos [10]int
	for i, f := range a {
		n[f]++
		if classes[i] {
			pos[f]++
		}
	}
	for f := range n {
		if n[f] < 100 || n[f] > 101 || pos[f] < 25 || pos[f] > 26 {
			t.Errorf("fold %d has %d, %d of them true", f, n[f], pos[f])
		}
	}
}

func TestBootstrapCoversTheTruth(t *testing.T) {
	hits := 0
	for run := range uint64(100) {
		rng := rand.New(rand.NewPCG(run, 9))
		var points []Point
		for range 200 {
			points = append(points, Point{P: 1, True: rng.Float64() < 0.3})
		}
		i := Bootstrap(points, 200, run, func(ps []Point) float64 { return At(ps, 0.5).Precision() })
		if i.Low <= 0.3 && 0.3 <= i.High {
			hits++
		}
	}
	if hits < 88 {
		t.Errorf("95 %% intervals covered the truth %d times of 100", hits)
	}
}
