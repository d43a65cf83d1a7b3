package learn

import (
	"fmt"

	"github.com/amends-care/amends/classifiers/adapt"
	"github.com/amends-care/amends/classifiers/eval"
	"github.com/amends-care/amends/internal/care"
)

// An Aim is what a team asks of the threshold, in its own words. At most one is
// above 0.
type Aim struct {
	MissAtMost  float64 `json:"miss_at_most,omitempty"`  // of 100 complaints
	FalseAtMost float64 `json:"false_at_most,omitempty"` // per agent and day
}

// Check says what is wrong with an aim, for a person to read.
func (a Aim) Check() error {
	switch {
	case a.MissAtMost < 0 || a.MissAtMost >= 100:
		return &care.Error{Code: care.Invalid, Field: "miss_at_most", Msg: "Of 100 complaints, more than 0 and fewer than 100 can be missed."}
	case a.FalseAtMost < 0 || a.FalseAtMost > 10_000:
		return &care.Error{Code: care.Invalid, Field: "false_at_most", Msg: "False ones per agent and day are a number up to 10,000."}
	case a.MissAtMost > 0 && a.FalseAtMost > 0:
		return &care.Error{Code: care.Invalid, Field: "false_at_most", Msg: "Aim at one of them: what is missed, or what is false."}
	}
	return nil
}

// String is the aim as the log has it; empty: none.
func (a Aim) String() string {
	switch {
	case a.MissAtMost > 0:
		return fmt.Sprintf("miss_at_most %g", a.MissAtMost)
	case a.FalseAtMost > 0:
		return fmt.Sprintf("false_at_most %g", a.FalseAtMost)
	}
	return ""
}

// points are the reviews as an adaptation scores them, each standing for those
// like it that nobody looked at.
func points(a *adapt.Adaptation, examples []Example) []eval.Weighed {
	weights := weightsOf(examples)
	var out []eval.Weighed
	for i, e := range examples {
		if e.Chance > 0 {
			p := eval.Sigmoid(a.LogOdds(e.Z, e.Text))
			out = append(out, eval.Weighed{Point: eval.Point{P: p, True: e.Complaint}, Weight: weights[i] / e.Chance})
		}
	}
	return out
}

// Threshold is the one that does what the team aims at, by its own reviews, and
// no further from the one in force than a step in log odds. Without an aim, or
// with too few reviews, it is the one in force.
func Threshold(aim Aim, points []eval.Weighed, v eval.Volume, agents int, now, step float64) float64 {
	if len(points) < LeastReviews {
		return now
	}
	var c eval.Choice
	var err error
	switch {
	case aim.MissAtMost > 0:
		c, err = eval.MissAtMostWeighed(points, aim.MissAtMost, v)
	case aim.FalseAtMost > 0:
		c, err = eval.FalseAtMostWeighed(points, aim.FalseAtMost*float64(max(agents, 1)), v)
	default:
		return now
	}
	if err != nil {
		return now
	}
	return eval.Sigmoid(within(eval.Logit(c.Threshold), eval.Logit(now), step))
}

// Costs are what thresholds cost by the reviews, the false ones per agent.
func Costs(points []eval.Weighed, v eval.Volume, agents int, at ...float64) []eval.Choice {
	v.PerDay /= float64(max(agents, 1))
	out := make([]eval.Choice, len(at))
	for i, t := range at {
		out[i] = eval.CostWeighed(points, t, v)
	}
	return out
}
