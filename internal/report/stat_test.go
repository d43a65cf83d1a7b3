package report_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/amends-care/amends/internal/report"
)

func near(a, b, by float64) bool { return math.Abs(a-b) <= by }

func TestWilson(t *testing.T) {
	for _, v := range []struct {
		k, n   int
		lo, hi float64
	}{{8, 10, 0.4902, 0.9433}, {0, 10, 0, 0.2775}, {10, 10, 0.7225, 1}, {50, 100, 0.4038, 0.5962}, {0, 0, 0, 1}} {
		if lo, hi := report.Wilson(v.k, v.n); !near(lo, v.lo, 5e-5) || !near(hi, v.hi, 5e-5) {
			t.Errorf("%d of %d: %.4f to %.4f, not %.4f to %.4f", v.k, v.n, lo, hi, v.lo, v.hi)
		}
	}
}

// remission are the weeks without relapse of the 21 patients on 6-MP of
// Freireich and others (1963), the example of most textbooks.
func remission() []report.Wait {
	var waits []report.Wait
	for _, w := range []uint32{6, 6, 6, 7, 10, 13, 16, 22, 23} {
		waits = append(waits, report.Wait{Seconds: w, Over: true})
	}
	for _, w := range []uint32{6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35} {
		waits = append(waits, report.Wait{Seconds: w})
	}
	return waits
}

// The curve is the one in print: S, and its band on the scale of log(−log S).
func TestSurvivalIsTheTextbooks(t *testing.T) {
	c := report.Survival(remission())
	want := []struct {
		week      uint32
		s         float64
		low, high float64
	}{
		{6, 0.8571, 0.6197, 0.9516}, {7, 0.8067, 0.5631, 0.9228}, {10, 0.7529, 0.5032, 0.8894}, {13, 0.6902, 0.4316, 0.8491},
		{16, 0.6275, 0.3675, 0.8049}, {22, 0.5378, 0.2678, 0.7468}, {23, 0.4482, 0.1881, 0.6801},
	}
	if len(c.Steps) != len(want) || c.N != 21 || c.Over != 9 {
		t.Fatalf("%d steps of %d waits, %d ended", len(c.Steps), c.N, c.Over)
	}
	for i, w := range want {
		s := c.Steps[i]
		if s.Seconds != w.week || !near(s.S, w.s, 5e-5) || !near(s.Low, w.low, 5e-4) || !near(s.High, w.high, 5e-4) {
			t.Errorf("week %d: %.4f (%.4f to %.4f), not %.4f (%.4f to %.4f)", s.Seconds, s.S, s.Low, s.High, w.s, w.low, w.high)
		}
	}
	if m := c.Quantile(0.5); !m.Reached || m.Seconds != 23 || !m.LowKnown || m.Low != 13 || m.HighKnown {
		t.Errorf("median %+v, not 23 (13 or more)", m)
	}
	if q := c.Quantile(0.9); q.Reached {
		t.Errorf("p90 %+v was never reached", q)
	}
}

// Many waits are sorted and searched another way than few: the figure is the
// same, and the interval holds the true median in about 95 of 100 samples.
func TestQuantileCovers(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	for _, n := range []int{60, 3000} {
		runs := 600
		held := 0
		for range runs {
			waits := make([]report.Wait, n)
			for i := range waits {
				ends, cut := 10_000*r.ExpFloat64(), 30_000*r.Float64()
				waits[i] = report.Wait{Seconds: uint32(min(ends, cut)), Over: ends <= cut}
			}
			c := report.Survival(waits)
			q := c.Quantile(0.5)
			if truth := 10_000 * math.Ln2; (!q.LowKnown || float64(q.Low) <= truth) && (!q.HighKnown || float64(q.High) >= truth) {
				held++
			}
		}
		if share := float64(held) / float64(runs); share < 0.92 || share > 0.985 {
			t.Errorf("%d waits: the interval holds the median in %.1f %% of samples", n, 100*share)
		}
	}
}

// Without a cut-off wait the median is the middle one.
func TestMedianOfAnswered(t *testing.T) {
	var waits []report.Wait
	for i := range 5001 {
		waits = append(waits, report.Wait{Seconds: uint32((i * 7919) % 5001), Over: true})
	}
	c := report.Survival(waits)
	if m := c.Quantile(0.5); m.Seconds != 2500 {
		t.Errorf("the median of 0 to 5000 is %d", m.Seconds)
	}
	empty := report.Survival(nil)
	if q := empty.Quantile(0.5); q.Reached || q.LowKnown || q.HighKnown {
		t.Errorf("of nothing: %+v", q)
	}
}

// Going down a curve many lengths at once finds what its steps and their band say:
// with few cut off and with many, at any share, and with most of it kept.
func TestQuantilesAtOnce(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 5))
	for round := range 60 {
		n, cut := 150+r.IntN(9000), r.IntN(1+round)
		waits := make([]report.Wait, n)
		for i := range waits {
			waits[i] = report.Wait{Seconds: uint32(1500 * math.Exp(1.1*r.NormFloat64())), Over: r.IntN(100) >= cut}
		}
		c := report.Survival(waits)
		kept := r.IntN(n)
		shares := []float64{0.5, 0.9}
		for i, got := range report.QuantilesAtOnce(waits[kept:], waits[:kept], shares...) {
			var want report.Quantile
			for _, s := range c.Steps {
				left := 1 - shares[i] + 1e-12
				if !want.Reached && s.S <= left {
					want.Reached, want.Seconds = true, s.Seconds
				}
				if !want.LowKnown && s.Low <= left {
					want.LowKnown, want.Low = true, s.Seconds
				}
				if !want.HighKnown && s.High <= left && s.S > 0 {
					want.HighKnown, want.High = true, s.Seconds
				}
			}
			if got != want {
				t.Fatalf("round %d, %d waits of which %d %% go on, %d kept: %v of %v, %v step by step", round, n, cut, kept, got, shares[i], want)
			}
		}
	}
}
