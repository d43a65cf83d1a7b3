package train

import (
	"math"
	"slices"
)

const (
	// ratioShare is how much the log-count ratio of a feature says of the penalty
	// on its weight: 0 nothing, 1 all.
	ratioShare = 0.6
	// ratioSmooth is added to the counts of both classes.
	ratioSmooth = 0.1
)

// solveScaled is solve after every hashed feature is scaled by how much likelier
// it is in one class than in the other (Wang and Manning, 2012: Baselines and
// Bigrams), which makes it cheap to lean on what tells them apart and dear on
// the rest. The weights returned are those of the features as they were.
func solveScaled(rows []row, width int, c float64, epochs int, seed uint64) []float64 {
	scale := ratios(rows)
	scaled := make([]row, len(rows))
	for i := range rows {
		r := rows[i]
		r.val = slices.Clone(r.val)
		for k, j := range r.idx {
			if j < 1<<bits {
				r.val[k] *= float32(scale[j])
			}
		}
		scaled[i] = r
	}
	w := solve(scaled, width, c, epochs, seed)
	for j, s := range scale {
		w[j] *= s
	}
	return w
}

// ratios are what the hashed features are scaled by.
func ratios(rows []row) []float64 {
	var counts [2][]float64
	counts[0], counts[1] = make([]float64, 1<<bits), make([]float64, 1<<bits)
	var sums [2]float64
	for i := range rows {
		r, class := &rows[i], 0
		if r.pos {
			class = 1
		}
		for k, j := range r.idx {
			if j < 1<<bits {
				v := r.cost * float64(r.val[k])
				counts[class][j] += v
				sums[class] += v
			}
		}
	}
	out := make([]float64, 1<<bits)
	for j := range out {
		out[j] = 1
		if no, yes := counts[0][j], counts[1][j]; no+yes > 0 && sums[0] > 0 && sums[1] > 0 {
			ratio := math.Log((yes + ratioSmooth) / (no + ratioSmooth) * (sums[0] / sums[1]))
			out[j] = 1 - ratioShare + ratioShare*math.Abs(ratio)
		}
	}
	return out
}
