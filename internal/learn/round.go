package learn

import (
	"math"

	"github.com/amends-care/amends/classifiers/adapt"
)

// How far one round moves prior and threshold at most, in log odds, and the
// slope.
const (
	stepShift = 0.5
	stepSlope = 0.1
)

// Recalibrated is the adaptation in force with the prior of the reviews, no
// further away than one round may go. One with a correction stays as it is: it
// was fitted together with its prior, and the next challenger brings a new one.
func Recalibrated(now *adapt.Adaptation, examples []Example) *adapt.Adaptation {
	if len(examples) < LeastReviews || len(now.Table) > 0 {
		return now
	}
	next := *now
	next.Slope, next.Shift = adapt.Recalibrate(taught(examples))
	next.Slope = within(next.Slope, now.Slope, stepSlope)
	next.Shift = within(next.Shift, now.Shift, stepShift)
	if math.Abs(next.Shift-now.Shift) < 0.02 && math.Abs(next.Slope-now.Slope) < 0.01 {
		return now
	}
	return &next
}

func within(v, of, by float64) float64 { return min(max(v, of-by), of+by) }

// Challenger is what the reviews make of the model that ships; ok is false while
// there are too few of them.
func Challenger(base string, examples []Example) (a *adapt.Adaptation, ok bool) {
	var yes, no int
	for _, e := range examples {
		switch {
		case !e.Teaches:
		case e.Complaint:
			yes++
		default:
			no++
		}
	}
	if yes+no < leastTaught || min(yes, no) < leastEach {
		return nil, false
	}
	teach := taught(examples)
	a = adapt.Plain(base)
	a.Slope, a.Shift = adapt.Recalibrate(teach)
	a.Correct(teach)
	return a, true
}
