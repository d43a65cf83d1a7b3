// Package eval measures classifiers: how often they are right, how sure one
// may be of that figure, whether their probabilities mean what they say, and
// which threshold does what a team asks for.
//
// Everything here is a pure function of its arguments. A random choice takes a
// seed and repeats exactly.
package eval

import (
	"cmp"
	"encoding/json"
	"math"
	"math/rand/v2"
	"slices"
)

// A Point is one judged text whose truth is known.
type Point struct {
	P     float64 // probability, 0 to 1
	True  bool
	Group string // domain or language; may be empty
}

// A Confusion counts outcomes at one threshold.
type Confusion struct {
	TP, FP, FN, TN int
}

// At counts the points, flagging those whose probability is at least threshold.
func At(points []Point, threshold float64) Confusion {
	var c Confusion
	for _, p := range points {
		switch flagged := p.P >= threshold; {
		case flagged && p.True:
			c.TP++
		case flagged:
			c.FP++
		case p.True:
			c.FN++
		default:
			c.TN++
		}
	}
	return c
}

func ratio(a, b int) float64 {
	if b == 0 {
		return math.NaN()
	}
	return float64(a) / float64(b)
}

// N is how many points were counted.
func (c Confusion) N() int { return c.TP + c.FP + c.FN + c.TN }

// Precision is the share of the flagged that are complaints; NaN if none was.
func (c Confusion) Precision() float64 { return ratio(c.TP, c.TP+c.FP) }

// Recall is the share of the complaints that are flagged; NaN if there is none.
func (c Confusion) Recall() float64 { return ratio(c.TP, c.TP+c.FN) }

// Accuracy is the share judged right.
func (c Confusion) Accuracy() float64 { return ratio(c.TP+c.TN, c.N()) }

// FalseAlarms is the share of the others that are flagged; NaN if there is none.
func (c Confusion) FalseAlarms() float64 { return ratio(c.FP, c.FP+c.TN) }

// MacroF1 is the mean of the F1 of both classes. A class that neither occurs
// nor is claimed counts zero.
func (c Confusion) MacroF1() float64 {
	f := func(hit, wrong int) float64 {
		if hit == 0 {
			return 0
		}
		return 2 * float64(hit) / float64(2*hit+wrong)
	}
	return (f(c.TP, c.FP+c.FN) + f(c.TN, c.FP+c.FN)) / 2
}

// An Interval is a figure with its 95 % confidence interval.
type Interval struct {
	Value, Low, High float64
}

// MarshalJSON writes value, low and high; null for what is not a number.
func (i Interval) MarshalJSON() ([]byte, error) {
	number := func(v float64) *float64 {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil
		}
		return &v
	}
	return json.Marshal(map[string]*float64{"value": number(i.Value), "low": number(i.Low), "high": number(i.High)})
}

// Wilson is the score interval of k successes in n (Wilson, 1927).
func Wilson(k, n int) Interval {
	if n == 0 {
		return Interval{math.NaN(), 0, 1}
	}
	const z = 1.959964
	p, m := float64(k)/float64(n), float64(n)
	mid := (p + z*z/(2*m)) / (1 + z*z/m)
	half := z / (1 + z*z/m) * math.Sqrt(p*(1-p)/m+z*z/(4*m*m))
	return Interval{p, max(0, mid-half), min(1, mid+half)}
}

// Bootstrap is the percentile interval of a figure over draws of the points
// with replacement.
func Bootstrap(points []Point, draws int, seed uint64, figure func([]Point) float64) Interval {
	out := Interval{Value: figure(points), Low: math.NaN(), High: math.NaN()}
	if len(points) == 0 || draws < 2 {
		return out
	}
	rng := rand.New(rand.NewPCG(seed, 0xB0075742))
	got := make([]float64, 0, draws)
	sample := make([]Point, len(points))
	for range draws {
		for i := range sample {
			sample[i] = points[rng.IntN(len(points))]
		}
		if v := figure(sample); !math.IsNaN(v) {
			got = append(got, v)
		}
	}
	if len(got) == 0 {
		return out
	}
	slices.Sort(got)
	out.Low, out.High = quantile(got, 0.025), quantile(got, 0.975)
	return out
}

// quantile of sorted values, between neighbours in a straight line.
func quantile(sorted []float64, q float64) float64 {
	at := q * float64(len(sorted)-1)
	i := int(at)
	if i+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	return sorted[i] + (at-float64(i))*(sorted[i+1]-sorted[i])
}

// descending returns the points by falling probability.
func descending(points []Point) []Point {
	out := slices.Clone(points)
	slices.SortStableFunc(out, func(a, b Point) int { return cmp.Compare(b.P, a.P) })
	return out
}

// AUC is the chance that a complaint gets a higher probability than another
// text, ties counting half; NaN unless both occur.
func AUC(points []Point) float64 {
	ps := descending(points)
	var pos, neg, won float64
	for i := 0; i < len(ps); {
		var p, n float64
		j := i
		for ; j < len(ps) && ps[j].P == ps[i].P; j++ {
			if ps[j].True {
				p++
			} else {
				n++
			}
		}
		won += n*pos + n*p/2
		pos, neg = pos+p, neg+n
		i = j
	}
	if pos == 0 || neg == 0 {
		return math.NaN()
	}
	return won / (pos * neg)
}

// An Operating point is what one threshold does.
type Operating struct {
	Threshold float64
	Confusion
}

// Curve is every distinct threshold with what it does, from the highest down.
func Curve(points []Point) []Operating {
	ps := descending(points)
	var c Confusion
	for _, p := range ps {
		if p.True {
			c.FN++
		} else {
			c.TN++
		}
	}
	var out []Operating
	for i, p := range ps {
		if p.True {
			c.TP, c.FN = c.TP+1, c.FN-1
		} else {
			c.FP, c.TN = c.FP+1, c.TN-1
		}
		if i+1 == len(ps) || ps[i+1].P != p.P {
			out = append(out, Operating{p.P, c})
		}
	}
	return out
}

// RecallAt is the highest recall at which precision is still at least the one
// given; 0 if it never is.
func RecallAt(points []Point, precision float64) float64 {
	best := 0.0
	for _, o := range Curve(points) {
		if o.Precision() >= precision {
			best = max(best, o.Recall())
		}
	}
	return best
}
