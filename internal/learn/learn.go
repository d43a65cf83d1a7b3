// Package learn makes the flagging better with what the team says of it: from
// reviews to the brand's own prior and threshold, to a challenger that runs in
// the shadow of the model in force, and back by one button.
//
// What a label is, how much one reviewer counts, who is put in force and what a
// threshold costs are pure functions over the log's records and the mentions'
// documents. A [Learner] carries them out. It owns the stream model and the
// documents model/: the state, each version as the very bytes that judge, and
// the evidence for it. It keeps no text, changes no case, and judges nothing
// anew: another version judges what comes from then on.
package learn

import "time"

const (
	// LeastReviews is from how many reviews on prior and threshold move.
	LeastReviews = 50
	// leastTaught and leastEach are how many texts a challenger is made of, and
	// how many of each truth.
	leastTaught = 100
	leastEach   = 20
	// maxLabels bounds what is remembered: the newest.
	maxLabels = 20_000
	// maxCases bounds the cases that are followed for their labels.
	maxCases = 200_000
	// span is how far back figures of volume look.
	span = 28 * 24 * time.Hour
	// offerFor is how long a sampled mention is offered for review.
	offerFor = 14 * 24 * time.Hour
)
