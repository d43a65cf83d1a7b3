package learn

import (
	"math"
	"slices"

	"github.com/amends-care/amends/classifiers/eval"
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

// How a reviewer is believed before anything is known of them: as so many
// reviews of which the model's ranking says that they are this good.
const (
	supposed   = 20.0
	supposedAs = 0.7
)

// Trust says how far one person's reviews are believed, 0 to 1: by whether they
// call complaints what the model, which knows complaints in general, finds more
// likely to be some. A model that is new to a brand ranks its mentions rightly
// four times in five; whoever says the opposite of it, or throws a coin, is
// careless or worse. Few reviews, or none of one kind, are believed.
func Trust(reviews []eval.Point) float64 {
	auc, n := eval.AUC(reviews), float64(len(reviews))
	if math.IsNaN(auc) {
		return 1
	}
	auc = (auc*n + supposedAs*supposed) / (n + supposed)
	return min(1, max(0, (auc-0.5)/0.1))
}

// trusts is how far each reviewer is believed.
func trusts(examples []Example) map[care.AgentID]float64 {
	said := map[care.AgentID][]eval.Point{}
	for _, e := range examples {
		said[e.By] = append(said[e.By], eval.Point{P: eval.Sigmoid(e.Z), True: e.Complaint})
	}
	out := map[care.AgentID]float64{}
	for who, points := range said {
		out[who] = Trust(points)
	}
	return out
}
