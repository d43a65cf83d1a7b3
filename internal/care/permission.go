package care

import "time"

// A Way is how we may answer a mention.
type Way string

// The ways.
const (
	ByAPI  Way = "api"     // we may send it
	ByHand Way = "by_hand" // a person must, on the network itself: copy and open
	ByNone Way = "no"      // not at all
)

// A Permission says whether and how a post may be answered.
type Permission struct {
	How    Way       `json:"how"`
	Direct bool      `json:"direct"`         // a direct message is possible too
	Why    Phrase    `json:"why"`            // one plain sentence for the agent
	Since  time.Time `json:"since,omitzero"` // fills {since} in Why, if it is there
	Until  time.Time `json:"until,omitzero"` // end of the window; zero: none
	Length Length    `json:"length"`
	// DirectLength is the limit on a direct message where it is another.
	DirectLength Length `json:"direct_length,omitzero"`
	// Pictures is how many pictures may go with it; 0: none.
	Pictures int `json:"pictures,omitempty"`
}

// Says is why, for the agent.
func (p Permission) Says() Sentence { return Say(p.Why, "since", p.Since) }

// LengthOf is the limit on a direct message, or on a public answer.
func (p Permission) LengthOf(direct bool) Length {
	if direct && p.DirectLength.Max > 0 {
		return p.DirectLength
	}
	return p.Length
}

// A Length is a network's limit on a reply, as the network counts it.
type Length struct {
	Max  int    `json:"max"`  // 0: none
	Unit string `json:"unit"` // graphemes | characters | bytes | utf16 | weighted (as X counts)
}

// An Answer is a reply on its way to a network.
type Answer struct {
	To     Post   // what it answers
	Text   string //
	Direct bool   // a direct message; else public
	Key    string // unique for this reply, for ever; drivers derive the network's idempotency from it
	As     string // which of our accounts; empty: the source's own
	At     time.Time
	// Pictures go with the text; no more than Permission.Pictures.
	Pictures []Picture
}

// A Picture goes with a reply.
type Picture struct {
	Type  string `json:"type"`          // image/png or image/jpeg
	Alt   string `json:"alt,omitempty"` // what it shows, for those who can't see it
	Bytes []byte `json:"bytes,omitempty"`
}
