package learn

import (
	"time"

	"github.com/amends-care/amends/classifiers/adapt"
	"github.com/amends-care/amends/internal/care"
)

// An Example is a label with what it is about, for as long as a round takes.
type Example struct {
	Label
	Z       float64 // log odds by the model that ships
	Text    string  // to score; empty: it is gone
	Teaches bool    // its network lets a model learn from the text
	Flagged bool    // when it came in
	// Chance is how likely it was to be looked at, whatever it is: 1 for what was
	// flagged, the sampled share for what was not, 0 where somebody came upon it.
	Chance float64
}

// standing says whether a label still is about what the mention says.
func standing(l *Label, m *care.Mention) bool {
	return !m.Own && !m.Deleted && m.Post.Text != "" && !m.Post.EditedAt.After(l.At)
}

// taught are the examples as they teach: each reviewer within bounds, and the
// texts that must not teach left out.
func taught(examples []Example) []adapt.Example {
	weights := weightsOf(examples)
	out := make([]adapt.Example, len(examples))
	for i, e := range examples {
		out[i] = adapt.Example{Z: e.Z, Complaint: e.Complaint, Weight: weights[i]}
		if e.Teaches {
			out[i].Text = e.Text
		}
	}
	return out
}

// weightsOf is how much each example counts: by how many its reviewer gave, and
// how far they are believed.
func weightsOf(examples []Example) []float64 {
	by := make([]care.AgentID, len(examples))
	for i, e := range examples {
		by[i] = e.By
	}
	weights, trust := Weights(by), trusts(examples)
	for i, a := range by {
		weights[i] *= trust[a]
	}
	return weights
}

// since are the examples of mentions that came in after an instant: what was
// made by then can't have learned from them.
func since(examples []Example, at time.Time) []Example {
	floor := care.MentionID(care.TimeFloor(at))
	var out []Example
	for _, e := range examples {
		if e.Mention >= floor {
			out = append(out, e)
		}
	}
	return out
}
