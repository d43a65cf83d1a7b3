package eval

import (
	"cmp"
	"math"
	"slices"
)

// A Weighed point stands for as many texts as its weight: one over the chance
// with which it was chosen to be looked at (Horvitz and Thompson, 1952).
type Weighed struct {
	Point
	Weight float64
}

// WilsonShare is the score interval of a share seen among n, which need not be
// a whole number: of weighed points, the square of the sum of their weights over
// the sum of the squares (Kish, 1965).
func WilsonShare(p, n float64) Interval {
	if n <= 0 || math.IsNaN(p) {
		return Interval{math.NaN(), 0, 1}
	}
	const z = 1.959964
	mid := (p + z*z/(2*n)) / (1 + z*z/n)
	half := z / (1 + z*z/n) * math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	return Interval{p, max(0, mid-half), min(1, mid+half)}
}

// share is how many of those that belong also hit, by weight.
func share(points []Weighed, belongs, hit func(Weighed) bool) Interval {
	var all, hits, squares float64
	for _, p := range points {
		if !belongs(p) || p.Weight <= 0 {
			continue
		}
		all, squares = all+p.Weight, squares+p.Weight*p.Weight
		if hit(p) {
			hits += p.Weight
		}
	}
	if all == 0 {
		return WilsonShare(math.NaN(), 0)
	}
	return WilsonShare(hits/all, all*all/squares)
}

// CostWeighed is [Cost] for weighed points.
func CostWeighed(points []Weighed, threshold float64, v Volume) Choice {
	complaint := func(p Weighed) bool { return p.True }
	flagged := func(p Weighed) bool { return p.P >= threshold }
	others := v.PerDay * (1 - v.shareOf(points))
	return Choice{
		Threshold:    threshold,
		MissedPer100: share(points, complaint, func(p Weighed) bool { return !flagged(p) }).Times(100),
		FalsePerDay:  share(points, func(p Weighed) bool { return !p.True }, flagged).Times(others),
		RightPer100:  share(points, flagged, complaint).Times(100),
	}
}

func (v Volume) shareOf(points []Weighed) float64 {
	if v.Share > 0 || len(points) == 0 {
		return v.Share
	}
	s := share(points, func(Weighed) bool { return true }, func(p Weighed) bool { return p.True }).Value
	if math.IsNaN(s) {
		return 0
	}
	return s
}

// thresholds are those that make a difference among the points, highest first.
func thresholds(points []Weighed) []float64 {
	var out []float64
	for _, p := range points {
		if p.Weight > 0 {
			out = append(out, p.P)
		}
	}
	slices.SortFunc(out, func(a, b float64) int { return cmp.Compare(b, a) })
	return slices.Compact(out)
}

// MissAtMostWeighed is [MissAtMost] for weighed points.
func MissAtMostWeighed(points []Weighed, n float64, v Volume) (Choice, error) {
	for _, t := range thresholds(points) {
		if c := CostWeighed(points, t, v); c.MissedPer100.Value <= n {
			return c, nil
		}
	}
	return Choice{}, ErrUnreachable
}

// FalseAtMostWeighed is [FalseAtMost] for weighed points.
func FalseAtMostWeighed(points []Weighed, n float64, v Volume) (Choice, error) {
	var best Choice
	found := false
	for _, t := range thresholds(points) {
		c := CostWeighed(points, t, v)
		if c.FalsePerDay.Value > n {
			break
		}
		best, found = c, true
	}
	if !found {
		return best, ErrUnreachable
	}
	return best, nil
}
