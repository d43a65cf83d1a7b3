package care

import "time"

// Severity is how bad the matter is for the customer: a soft signal of two levels.
type Severity string

// The severities. Empty means not judged.
const (
	Low  Severity = "low"
	High Severity = "high"
)

// Mood is how angry the customer sounds.
type Mood string

// The moods, calmest first. Empty means not judged.
const (
	Calm    Mood = "calm"
	Annoyed Mood = "annoyed"
	Angry   Mood = "angry"
	Furious Mood = "furious"
)

// Urgency is a reason why a mention can't wait.
type Urgency string

// The urgencies that are known. Others are refused by the configuration.
const (
	Vulnerable    Urgency = "vulnerable"     // somebody who depends on us is in need
	Safety        Urgency = "safety"         // danger to life or health
	Legal         Urgency = "legal"          // a lawyer, a court, a claim
	Press         Urgency = "press"          // a journalist writes
	Regulator     Urgency = "regulator"      // a regulator or ombudsman is named
	Cancellation  Urgency = "cancellation"   // the customer is about to leave
	BrokenPromise Urgency = "broken_promise" // we promised, and did not do it
	Viral         Urgency = "viral"          // many are reading or answering
)

// Lane is the part of a queue that a case waits in: critical comes before any
// deadline.
type Lane string

// The lanes.
const (
	Ordinary Lane = "ordinary"
	Critical Lane = "critical"
)

// Labels are what routing sees of a mention. The zero value of a field means
// not known, and matches no condition that names a value.
type Labels struct {
	Network  string    `json:"network,omitempty"`
	Language string    `json:"language,omitempty"` // BCP 47, lower case: "de", "pt"
	Topic    string    `json:"topic,omitempty"`
	Severity Severity  `json:"severity,omitempty"`
	Mood     Mood      `json:"mood,omitempty"`
	Urgency  []Urgency `json:"urgency,omitempty"`
	Reach    int       `json:"reach,omitempty"` // followers of the author
	Lists    []string  `json:"lists,omitempty"` // author lists the author is on: vip, press, staff …
	Brand    string    `json:"brand,omitempty"`
	At       time.Time `json:"at,omitzero"` // when the customer posted
}
