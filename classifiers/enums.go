package classifiers

import (
	"fmt"
	"slices"
)

// A Severity is how bad the matter is for the customer.
type Severity uint8

// Severities. The zero value means not judged.
const (
	SeverityLow Severity = iota + 1
	SeverityHigh
)

// A Sentiment is the tone of the text as a whole.
type Sentiment uint8

// Sentiments. The zero value means not judged.
const (
	Negative Sentiment = iota + 1
	Neutral
	Positive
)

// A Mood is how angry the author sounds.
type Mood uint8

// Moods, from mild to strong. The zero value means not judged.
const (
	Calm Mood = iota + 1
	Annoyed
	Angry
	Furious
)

// A Level is how far a model is known to be right.
type Level uint8

// Levels. The zero value means not judged.
const (
	LowConfidence  Level = iota + 1 // hardly measured, or measured weak: a person should look
	FairConfidence                  // measured, weaker than in the model's best language
	GoodConfidence                  // as good as in the model's best language
)

// An Urgency is a reason why a mention can't wait.
type Urgency uint8

// Urgencies, gravest first.
const (
	Safety        Urgency = iota + 1 // danger to life, health or property
	Vulnerable                       // a person who depends on it: ill, old, a child, disabled
	Legal                            // a lawyer, a court, a claim
	Regulator                        // an authority or ombudsman
	Press                            // a journalist, a newspaper, television
	BrokenPromise                    // something promised before did not happen
	Cancellation                     // the customer is leaving or says so
	Viral                            // reaches many, or spreads fast
)

// Wants is what kind of answer a mention calls for.
type Wants uint8

// Kinds. The zero value means not judged.
const (
	WantsRemedy Wants = iota + 1 // a complaint: somebody should put it right
	WantsAnswer                  // a question
	Praise                       // thanks would do
	MereMention                  // nothing is asked
	Spam                         // advertising and the like
	Bait                         // written to provoke; an answer feeds it
)

// An Aspect is a field of a verdict that evidence can be about.
type Aspect uint8

// Aspects.
const (
	AboutSeverity Aspect = iota + 1
	AboutSentiment
	AboutMood
	AboutTopic
	AboutUrgency
	AboutWants
	AboutSarcasm
)

// names returns the printed form of every value of an enum, in order; the first
// is the zero value's.
func (Severity) names() []string  { return []string{"", "low", "high"} }
func (Sentiment) names() []string { return []string{"", "negative", "neutral", "positive"} }
func (Mood) names() []string      { return []string{"", "calm", "annoyed", "angry", "furious"} }
func (Level) names() []string     { return []string{"", "low", "fair", "good"} }
func (Urgency) names() []string {
	return []string{"", "safety", "vulnerable", "legal", "regulator", "press", "broken promise", "cancellation", "viral"}
}
func (Wants) names() []string {
	return []string{"", "complaint", "question", "praise", "mention", "spam", "bait"}
}
func (Aspect) names() []string {
	return []string{"", "severity", "sentiment", "mood", "topic", "urgency", "wants", "sarcasm"}
}

type enum interface {
	~uint8
	names() []string
}

func name[E enum](e E) string {
	names := e.names()
	if int(e) < len(names) {
		return names[e]
	}
	return fmt.Sprintf("%T(%d)", e, uint8(e))
}

func marshal[E enum](e E) ([]byte, error) {
	if int(e) >= len(e.names()) {
		return nil, fmt.Errorf("no such value: %s", name(e))
	}
	return []byte(name(e)), nil
}

func unmarshal[E enum](e *E, text []byte) error {
	i := slices.Index((*e).names(), string(text))
	if i < 0 {
		return fmt.Errorf("no such %T: %q", *e, text)
	}
	*e = E(i)
	return nil
}

func (v Severity) String() string  { return name(v) }
func (v Sentiment) String() string { return name(v) }
func (v Mood) String() string      { return name(v) }
func (v Level) String() string     { return name(v) }
func (v Urgency) String() string   { return name(v) }
func (v Wants) String() string     { return name(v) }
func (v Aspect) String() string    { return name(v) }

// MarshalText writes the printed form; a value out of range is an error.
func (v Severity) MarshalText() ([]byte, error)  { return marshal(v) }
func (v Sentiment) MarshalText() ([]byte, error) { return marshal(v) } // MarshalText is as for Severity.
func (v Mood) MarshalText() ([]byte, error)      { return marshal(v) } // MarshalText is as for Severity.
func (v Level) MarshalText() ([]byte, error)     { return marshal(v) } // MarshalText is as for Severity.
func (v Urgency) MarshalText() ([]byte, error)   { return marshal(v) } // MarshalText is as for Severity.
func (v Wants) MarshalText() ([]byte, error)     { return marshal(v) } // MarshalText is as for Severity.
func (v Aspect) MarshalText() ([]byte, error)    { return marshal(v) } // MarshalText is as for Severity.

// UnmarshalText reads the printed form; the empty text is the zero value.
func (v *Severity) UnmarshalText(b []byte) error  { return unmarshal(v, b) }
func (v *Sentiment) UnmarshalText(b []byte) error { return unmarshal(v, b) } // UnmarshalText is as for Severity.
func (v *Mood) UnmarshalText(b []byte) error      { return unmarshal(v, b) } // UnmarshalText is as for Severity.
func (v *Level) UnmarshalText(b []byte) error     { return unmarshal(v, b) } // UnmarshalText is as for Severity.
func (v *Urgency) UnmarshalText(b []byte) error   { return unmarshal(v, b) } // UnmarshalText is as for Severity.
func (v *Wants) UnmarshalText(b []byte) error     { return unmarshal(v, b) } // UnmarshalText is as for Severity.
func (v *Aspect) UnmarshalText(b []byte) error    { return unmarshal(v, b) } // UnmarshalText is as for Severity.
