// Package classifiers is the contract between Amends and whatever reads a text
// and says whether it is a complaint: [Text] in, [Verdict] out, by a
// [Classifier].
//
// It owns the words of a verdict and nothing else. It holds no model, performs
// no I/O, and imports nothing of Amends, so that other programs can use it and
// other models can stand behind it. The suite that every classifier passes is
// classifiers/classifiertest; the one that ships is classifiers/linear.
package classifiers

import "context"

// A Classifier judges texts.
type Classifier interface {
	// Classify returns one verdict per text, in order. It is safe for
	// concurrent use, survives any bytes, and keeps no text after it returns.
	// When ctx ends early it returns no verdicts and an error that wraps
	// ctx.Err(). It never writes to texts.
	Classify(ctx context.Context, texts []Text) ([]Verdict, error)
}

// A Text is one thing somebody said in public, and the little that is known
// about it that a judgement may use.
type Text struct {
	Body string // as the network gave it; any bytes
	Lang string // BCP 47 tag the network claims, a hint that may be wrong; or empty
	// Followers is how many follow the author, 0 if unknown. Shares is how often
	// the text was passed on so far. Both only feed the urgency "viral".
	Followers int
	Shares    int
}

// A Verdict is a classifier's opinion of one text. A field that the classifier
// does not judge is zero.
type Verdict struct {
	Complaint   bool    // Probability reached the classifier's threshold, or a rule said so
	Probability float64 // calibrated, 0 to 1

	Severity            Severity // how bad for the customer; a soft signal
	SeverityProbability float64  // that it is high, 0 to 1
	Sentiment           Sentiment
	Mood                Mood // how angry
	Language            Language
	Confidence          Level     // how far the model is known to be right in this language
	Topic               Topic     // a name from the taxonomy in use; empty if none fits
	Urgency             []Urgency // why it can't wait; in the order of the constants, none twice
	Wants               Wants     // what kind of answer it calls for, if any
	Sarcasm             bool      // suspected: the words may mean the opposite

	// Why says which parts of the text moved the probability. The log odds of
	// Probability are Rest plus the weights of Why; a positive weight speaks for a
	// complaint. Rest holds the prior and what belongs to no single place.
	Why  []Reason
	Rest float64
	// Evidence says which part of the text stands behind each other field.
	Evidence []Evidence

	Model string // name@hash of what judged; with a fallback, of what really did
	// Fallback is set when the classifier that was asked could not answer and
	// another one stood in, and says why, for an operator to read. It never
	// holds a part of the text.
	Fallback string
}

// A Reason is a part of the original text, in bytes, and its share of the log
// odds. It has offsets and never words, so that erasing the text erases it too.
// 0 <= From < To <= len(Body), both on the border of a rune.
type Reason struct {
	From, To int
	Weight   float64
}

// Evidence is a part of the original text that stands behind a field of the
// verdict other than Complaint. From == To means the whole of it, or something
// outside it, such as its reach.
type Evidence struct {
	About    Aspect
	Value    string // the field's value that this supports, such as "legal"
	From, To int
}

// A Language is what a text is written in.
type Language struct {
	Tag        string  // BCP 47: "en", "pt", "hi-Latn"; "und" if it can't be told
	Confidence float64 // 0 to 1
}

// A Topic is what a mention is about: the name of an entry of the taxonomy in
// use, such as "billing".
type Topic string
