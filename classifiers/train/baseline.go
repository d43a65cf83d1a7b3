package train

import (
	"slices"

	"github.com/amends-care/amends/classifiers/eval"
	"github.com/amends-care/amends/classifiers/internal/scan"
)

// Parts numbers the examples for cross-validation: k folds alike in classes, or
// one part for each domain if k is 0.
func Parts(examples []Example, k int, seed uint64) []int {
	if k == 0 {
		return byGroup(examples, func(e *Example) string { return e.Domain })
	}
	classes := make([]bool, len(examples))
	for i := range examples {
		classes[i] = examples[i].Complaint == Yes
	}
	return eval.Folds(classes, k, seed)
}

// OfBrand says whether an example is about a brand, and not just anything.
func OfBrand(e *Example) bool { return brand(e) }

// Baseline judges each example by a plain logistic regression over hashed
// strings, trained on the other parts and calibrated on their brand mentions:
// what others do, to stand beside. Split gives the strings of a text.
func Baseline(examples []Example, split func(string) []string, parts []int, seed uint64) []eval.Point {
	rows := make([]row, len(examples))
	seen := map[uint32]int{}
	for i := range examples {
		clear(seen)
		r := row{pos: examples[i].Complaint == Yes, cost: 1}
		for _, s := range split(examples[i].Text) {
			j := uint32(scan.HashString(s) >> (64 - bits))
			if k, ok := seen[j]; ok {
				r.val[k]++
				continue
			}
			seen[j] = len(r.idx)
			r.idx, r.val = append(r.idx, j), append(r.val, 1)
		}
		normalise(r.val)
		r.idx, r.val = append(r.idx, rowBias), append(r.val, 1)
		rows[i] = r
	}
	return Calibrated(examples, parts, func(rest []int) func(int) float64 {
		mine := make([]row, len(rest))
		for k, i := range rest {
			mine[k] = rows[i]
		}
		w := solve(mine, size, cost, epochs, seed)
		return func(i int) float64 { return rows[i].dot(w) }
	})
}

// Calibrated judges each example by what fit makes of the other parts: fit
// returns a score for any example, and the map to probabilities is fitted to
// the scores that brand mentions of the other parts get from a fit that has
// not seen them.
func Calibrated(examples []Example, parts []int, fit func(rest []int) func(int) float64) []eval.Point {
	out := make([]eval.Point, len(examples))
	parallel(slices.Max(parts)+1, func(part int) {
		var rest []int
		var classes []bool
		for i := range examples {
			if parts[i] != part {
				rest, classes = append(rest, i), append(classes, examples[i].Complaint == Yes)
			}
		}
		folds := eval.Folds(classes, quickFolds, 2)
		var z []float64
		var truths []bool
		for f := range quickFolds {
			var inner []int
			for k, i := range rest {
				if folds[k] != f {
					inner = append(inner, i)
				}
			}
			score := fit(inner)
			for k, i := range rest {
				if folds[k] == f && brand(&examples[i]) {
					z, truths = append(z, score(i)), append(truths, classes[k])
				}
			}
		}
		platt, score := eval.FitPlatt(z, truths), fit(rest)
		for i := range examples {
			if parts[i] == part {
				out[i] = eval.Point{P: eval.Sigmoid(platt.A*score(i) + platt.B), True: examples[i].Complaint == Yes}
			}
		}
	})
	return out
}
