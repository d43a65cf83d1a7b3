package learn

import (
	"math/rand/v2"
	"slices"

	"github.com/amends-care/amends/classifiers/eval"
)

// A Pair is what both say of one reviewed mention that neither learned from.
type Pair struct {
	Champion, Challenger bool // flagged
	Complaint            bool
	Weight               float64 // for how many it stands
}

// Evidence is how a challenger did beside the model in force. Intervals are of
// 99 %: there are a few looks, and each could be lucky.
type Evidence struct {
	Held         int           `json:"held"` // reviews
	RecallWas    float64       `json:"recall_was"`
	Recall       float64       `json:"recall"`
	PrecisionWas float64       `json:"precision_was"`
	Precision    float64       `json:"precision"`
	DRecall      eval.Interval `json:"recall_change"`
	DPrecision   eval.Interval `json:"precision_change"`
}

const (
	draws = 2000
	// slack is how much recall may be lost within the interval's lower end. The
	// value itself must not fall at all.
	slack = 0.05
)

// Compare draws the pairs again and again, each time both models on the same
// ones (a paired bootstrap).
func Compare(pairs []Pair) Evidence {
	recallWas, recall, precisionWas, precision := rates(pairs, nil)
	e := Evidence{
		Held: len(pairs), RecallWas: recallWas, Recall: recall, PrecisionWas: precisionWas, Precision: precision,
		DRecall: eval.Interval{Value: recall - recallWas}, DPrecision: eval.Interval{Value: precision - precisionWas},
	}
	if len(pairs) == 0 {
		return e
	}
	rng := rand.New(rand.NewPCG(uint64(len(pairs)), 0xC4A11E46))
	var dr, dp []float64
	pick := make([]int, len(pairs))
	for range draws {
		for i := range pick {
			pick[i] = rng.IntN(len(pairs))
		}
		a, b, c, d := rates(pairs, pick)
		dr, dp = append(dr, b-a), append(dp, d-c)
	}
	slices.Sort(dr)
	slices.Sort(dp)
	e.DRecall.Low, e.DRecall.High = dr[draws/200], dr[draws-1-draws/200]
	e.DPrecision.Low, e.DPrecision.High = dp[draws/200], dp[draws-1-draws/200]
	return e
}

// rates are recall and precision of both; of all pairs, or of those picked. A
// rate of nothing is 0.
func rates(pairs []Pair, pick []int) (recallWas, recall, precisionWas, precision float64) {
	var all, hitWas, hit, saidWas, said float64
	add := func(p *Pair) {
		w := p.Weight
		if p.Champion {
			saidWas += w
		}
		if p.Challenger {
			said += w
		}
		if !p.Complaint {
			return
		}
		all += w
		if p.Champion {
			hitWas += w
		}
		if p.Challenger {
			hit += w
		}
	}
	if pick == nil {
		for i := range pairs {
			add(&pairs[i])
		}
	}
	for _, i := range pick {
		add(&pairs[i])
	}
	return ratio(hitWas, all), ratio(hit, all), ratio(hitWas, saidWas), ratio(hit, said)
}

func ratio(a, b float64) float64 {
	if b <= 0 {
		return 0
	}
	return a / b
}

// A Ruling is what becomes of a challenger.
type Ruling string

// The rulings.
const (
	Waits    Ruling = "waits"
	Promoted Ruling = "promoted"
	Retired  Ruling = "retired" // another one is made, of all reviews there are
)

// looks are after how many reviews a challenger is looked at. Looking at every
// one of them would promote by luck sooner or later.
func looks() []int { return []int{50, 100, 200, 400} }

// Rule decides at a look: promoted is only who misses no more and is wrong less
// often, beyond chance.
func (e *Evidence) Rule() Ruling {
	switch {
	case e.Held < looks()[0]:
		return Waits
	case e.DRecall.Value >= 0 && e.DRecall.Low >= -slack && e.DPrecision.Low > 0:
		return Promoted
	case e.DRecall.High < 0 || e.DPrecision.High < 0 || e.Held >= looks()[3]:
		return Retired
	}
	return Waits
}
