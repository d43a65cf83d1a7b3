package intake

import (
	"math"
	"slices"
	"strings"

	"github.com/amends-care/amends/classifiers"
	"github.com/amends-care/amends/internal/care"
)

// maxReasons is how many reasons of a verdict are kept with a mention: the
// heaviest, in the order of the text.
const maxReasons = 12

// opinion is a classifier's verdict in the words of care.
func opinion(v *classifiers.Verdict) care.Verdict {
	out := care.Verdict{
		Complaint: v.Complaint, Probability: v.Probability, Model: v.Model,
		Sentiment: v.Sentiment.String(), Wants: v.Wants.String(),
		Labels: care.Labels{
			Language: v.Language.Tag, Topic: string(v.Topic), Severity: care.Severity(v.Severity.String()), Mood: care.Mood(v.Mood.String()),
		},
	}
	if out.Labels.Language == "und" {
		out.Labels.Language = ""
	}
	for _, u := range v.Urgency {
		out.Labels.Urgency = append(out.Labels.Urgency, care.Urgency(strings.ReplaceAll(u.String(), " ", "_")))
	}
	for _, r := range heaviest(v.Why) {
		out.Why = append(out.Why, care.Reason{From: r.From, To: r.To, Weight: r.Weight})
	}
	return out
}

// heaviest returns the reasons that weigh most, still in their order.
func heaviest(why []classifiers.Reason) []classifiers.Reason {
	if len(why) <= maxReasons {
		return why
	}
	weights := make([]float64, len(why))
	for i, r := range why {
		weights[i] = math.Abs(r.Weight)
	}
	slices.Sort(weights)
	least := weights[len(weights)-maxReasons]
	kept := make([]classifiers.Reason, 0, maxReasons)
	for _, r := range why {
		if math.Abs(r.Weight) >= least && len(kept) < maxReasons {
			kept = append(kept, r)
		}
	}
	return kept
}
