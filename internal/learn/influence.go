package learn

import (
	"math"
	"slices"

	"github.com/amends-care/amends/classifiers/adapt"
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

const (
	// supposed is how many reviews' worth it is believed, before anything is known
	// of a reviewer, that the model ranks their reviews as supposedAs.
	supposed   = 20.0
	supposedAs = 0.7
	// seasoned is from how many reviews a person says something about the team,
	// and quorum from how many such people on the team is a measure.
	seasoned = 5
	quorum   = 3
	// apart is how far a reviewer's own prior may lie from the team's, in log odds.
	apart = 1.0
)

// A Habit is how one person reviews.
type Habit struct {
	N     int
	AUC   float64 // of the model's ranking by their word, drawn towards what is supposed; NaN: of one kind only
	Prior float64 // how many more complaints they see than the model, in log odds
}

// habit of a person by their reviews.
func habit(reviews []adapt.Example) Habit {
	points := make([]eval.Point, len(reviews))
	for i, e := range reviews {
		points[i] = eval.Point{P: eval.Sigmoid(e.Z), True: e.Complaint}
	}
	n := float64(len(reviews))
	h := Habit{N: len(reviews), AUC: (eval.AUC(points)*n + supposedAs*supposed) / (n + supposed)}
	_, h.Prior = adapt.Recalibrate(reviews)
	return h
}

// Trust says how far one person's reviews are believed, 0 to 1. A model that is
// new to a brand ranks its mentions rightly four times in five; whoever says the
// opposite of it, or throws a coin, is careless or worse, unless the team says so
// too. And whoever sees far more or far fewer complaints than the team does, in
// mentions of the same kind, is not believed either.
func Trust(h Habit, team []Habit) float64 {
	worst, centre := 0.5, h.Prior
	var ranks, priors []float64
	for _, t := range team {
		if t.N >= seasoned {
			priors = append(priors, t.Prior)
			if !math.IsNaN(t.AUC) {
				ranks = append(ranks, t.AUC)
			}
		}
	}
	if len(ranks) >= quorum {
		worst = min(worst, median(ranks)-0.2)
	}
	if len(priors) >= quorum {
		centre = median(priors)
	}
	trust := min(1, max(0, 2-math.Abs(h.Prior-centre)/apart))
	if !math.IsNaN(h.AUC) {
		trust *= min(1, max(0, (h.AUC-worst)/0.1))
	}
	return trust
}

func median(v []float64) float64 {
	slices.Sort(v)
	return (v[(len(v)-1)/2] + v[len(v)/2]) / 2
}

// trusts is how far each reviewer is believed.
func trusts(examples []Example) map[care.AgentID]float64 {
	said := map[care.AgentID][]adapt.Example{}
	for _, e := range examples {
		said[e.By] = append(said[e.By], adapt.Example{Z: e.Z, Complaint: e.Complaint, Weight: 1})
	}
	habits := map[care.AgentID]Habit{}
	var team []Habit
	for who, reviews := range said {
		habits[who] = habit(reviews)
		team = append(team, habits[who])
	}
	out := map[care.AgentID]float64{}
	for who, h := range habits {
		out[who] = Trust(h, team)
	}
	return out
}
