package care

import "time"

// A SourceState is what a source is doing.
type SourceState string

// The states of a source.
const (
	SourceReading SourceState = "reading" // polls, or waits for the next time
	SourceTrying  SourceState = "trying"  // failed, and tries again
	SourceDown    SourceState = "stopped" // keys or credit: somebody has to act
	SourceResting SourceState = "paused"  // somebody let it rest
	SourceCapped  SourceState = "capped"  // what it may cost in a day is spent
	SourceHeld    SourceState = "held"    // an administrator has to release the desk
)

// SourceHealth is how a source is doing on this node.
type SourceHealth struct {
	Name        string        `json:"name"`
	Network     string        `json:"network"`
	State       SourceState   `json:"state"`
	Fault       string        `json:"fault,omitempty"` // of the last failure: transient, limited, refused …
	Why         string        `json:"why,omitempty"`
	Failures    int           `json:"failures,omitempty"` // in a row
	TriedAt     time.Time     `json:"tried_at,omitzero"`
	SucceededAt time.Time     `json:"succeeded_at,omitzero"`
	NextAt      time.Time     `json:"next_at,omitzero"`
	Newest      time.Time     `json:"newest,omitzero"`       // posting time of the newest post seen: the watermark
	PushedAt    time.Time     `json:"pushed_at,omitzero"`    // when the network last told us something by itself
	Every       time.Duration `json:"every"`                 // between two polls when there is no more to read
	Calls       int           `json:"calls"`                 // since the start
	Spend       float64       `json:"spend,omitempty"`       // US dollars since the start
	SpentToday  float64       `json:"spent_today,omitempty"` // US dollars for reading in this UTC day
	Cap         float64       `json:"cap,omitempty"`         // what it may be; 0: no limit
	Left        int           `json:"left,omitempty"`        // calls left in the network's window
	LeftKnown   bool          `json:"left_known,omitempty"`
	Reset       time.Time     `json:"reset,omitzero"`
	Expires     time.Time     `json:"token_expires,omitzero"`
}
