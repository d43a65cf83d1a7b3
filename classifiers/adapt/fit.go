package adapt

import (
	"math"

	"github.com/amends-care/amends/classifiers/eval"
	"github.com/amends-care/amends/classifiers/internal/feature"
)

// An Example is one reviewed text.
type Example struct {
	Z         float64 // log odds by the model that is adapted
	Complaint bool
	Weight    float64 // how much it counts; 1 for most
	// Text teaches the correction; empty where it may not, as by the terms of
	// some networks: then only Z counts.
	Text string
}

// How firmly a brand is believed to be like all others, as standard deviations
// in log odds before any review.
const (
	shiftPrior = 0.5
	slopePrior = 0.05
)

// Recalibrate fits slope and shift to the examples, drawn towards 1 and 0 by a
// normal prior: the maximum of the posterior, by Newton's method. Without
// examples it is 1 and 0.
func Recalibrate(examples []Example) (slope, shift float64) {
	slope, shift = 1, 0
	for range 50 {
		ga, gb := (slope-1)/(slopePrior*slopePrior), shift/(shiftPrior*shiftPrior)
		haa, hbb, hab := 1/(slopePrior*slopePrior), 1/(shiftPrior*shiftPrior), 0.0
		for _, e := range examples {
			p := eval.Sigmoid(slope*e.Z + shift)
			d, h := e.Weight*(p-truth(e.Complaint)), e.Weight*p*(1-p)
			ga, gb = ga+d*e.Z, gb+d
			haa, hab, hbb = haa+h*e.Z*e.Z, hab+h*e.Z, hbb+h
		}
		det := haa*hbb - hab*hab
		da, db := (hbb*ga-hab*gb)/det, (haa*gb-hab*ga)/det
		// A long step is cut: far from the maximum the curve is not what it seems.
		cut := min(1, 1/max(math.Abs(da), math.Abs(db), 1e-12))
		slope, shift = slope-cut*da, shift-cut*db
		if math.Abs(da)+math.Abs(db) < 1e-9 {
			break
		}
	}
	return min(max(slope, MinSlope), MaxSlope), min(max(shift, -MaxShift), MaxShift)
}

func truth(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}

// row is a text in the space of the correction.
type row struct {
	idx  []uint32
	val  []float64
	sq   float64 // its squared length: 2 for a text of any length, 0 for none
	y    float64 // +1 or -1
	off  float64 // what is said without a correction
	cost float64
}

func vector(x *feature.Extractor, text string) (r row) {
	x.Extract(text)
	for b := range feature.Blocks {
		at := map[uint32]int{}
		from := len(r.idx)
		for _, h := range x.Hashes[b] {
			j := rowOf(h)
			k, ok := at[j]
			if !ok {
				k = len(r.idx)
				at[j], r.idx, r.val = k, append(r.idx, j), append(r.val, 0)
			}
			r.val[k]++
		}
		sum := 0.0
		for k := from; k < len(r.val); k++ {
			r.val[k] = feature.Weight(int(r.val[k]))
			sum += r.val[k] * r.val[k]
		}
		for k := from; k < len(r.val); k++ {
			r.val[k] /= math.Sqrt(sum)
		}
	}
	for _, v := range r.val {
		r.sq += v * v
	}
	return r
}

// Strength is how much a review of weight 1 may say against the belief that
// nothing needs to be corrected.
const Strength = 0.7

// Correct fits the correction of an adaptation to examples with texts: the
// maximum of the posterior of a logistic regression whose prior is no
// correction at all, on top of what slope and shift make of Z.
//
// It is solved in the dual, where the correction is a sum over the examples of
// Strength·Weight·α·(±x) with every α between 0 and 1. So no review weighs more
// than Strength·Weight, whatever it says, and a reviewer no more than the sum of
// theirs. The same examples in the same order give the same bytes.
func (a *Adaptation) Correct(examples []Example) {
	var rows []row
	x := feature.New()
	for _, e := range examples {
		if e.Text == "" || e.Weight <= 0 {
			continue
		}
		r := vector(x, e.Text)
		r.y, r.off, r.cost = 2*truth(e.Complaint)-1, a.Slope*e.Z+a.Shift, Strength*e.Weight
		if r.sq > 0 {
			rows = append(rows, r)
		}
	}
	w := make([]float64, 1<<bits)
	alpha := make([]float64, len(rows))
	for range 60 {
		worst := 0.0
		for i := range rows {
			worst = max(worst, rows[i].improve(w, &alpha[i]))
		}
		if worst < 1e-4 {
			break
		}
	}
	a.quantise(w)
}

// improve finds the best α of one example, the others as they are, and returns
// how far it moved. The condition α = σ(-y·score) has one root between 0 and 1.
func (r *row) improve(w []float64, alpha *float64) float64 {
	dot := 0.0
	for k, j := range r.idx {
		dot += w[j] * r.val[k]
	}
	without := r.y*(r.off+dot) - r.cost*r.sq**alpha
	low, high := 0.0, 1.0
	for range 30 {
		mid := (low + high) / 2
		if mid > eval.Sigmoid(-without-r.cost*r.sq*mid) {
			high = mid
		} else {
			low = mid
		}
	}
	next := (low + high) / 2
	by := r.cost * (next - *alpha) * r.y
	for k, j := range r.idx {
		w[j] += by * r.val[k]
	}
	moved := math.Abs(next - *alpha)
	*alpha = next
	return moved
}

// quantise keeps the correction in a byte a row.
func (a *Adaptation) quantise(w []float64) {
	top := 0.0
	for _, v := range w {
		top = max(top, math.Abs(v))
	}
	a.Step, a.Table = 0, nil
	if top == 0 {
		return
	}
	a.Step, a.Table = min(top/127, MaxCorrection), make([]byte, len(w))
	for j, v := range w {
		a.Table[j] = byte(int8(max(-127, min(127, math.Round(v/a.Step)))))
	}
}
