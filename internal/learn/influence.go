package learn

import (
	"slices"

	"github.com/amends-care/amends/internal/care"
)

// freely is how many reviews of one person always count in full.
const freely = 25

// Weights says how much each review counts, given who gave it: 1 as long as its
// reviewer has given at most twice as many as is usual in the team, and less
// beyond, so that all of theirs together count no more than that. Usual is the
// lower median, so fewer than half of the team can't move it.
func Weights(by []care.AgentID) []float64 {
	given := map[care.AgentID]int{}
	for _, a := range by {
		given[a]++
	}
	most := Cap(given)
	out := make([]float64, len(by))
	for i, a := range by {
		out[i] = min(1, most/float64(given[a]))
	}
	return out
}

// Cap is how much all reviews of one person together count at most.
func Cap(given map[care.AgentID]int) float64 {
	var counts []int
	for _, n := range given {
		counts = append(counts, n)
	}
	if len(counts) == 0 {
		return freely
	}
	slices.Sort(counts)
	return float64(max(freely, 2*counts[(len(counts)-1)/2]))
}
