package demo

import (
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
)

// A MoveKind is what somebody of the team does.
type MoveKind string

// The kinds of move. Each is one action that an agent has in the console.
const (
	Open        MoveKind = "open"        // take a mention as a case that the classifier did not flag
	Claim       MoveKind = "claim"       // as take next would
	Assign      MoveKind = "assign"      // give it to To, whoever has it
	Reply       MoveKind = "reply"       // Text to the mention Remote, with Then and Disposition
	Note        MoveKind = "note"        // Text
	Tag         MoveKind = "tag"         // Tags
	Promise     MoveKind = "promise"     // Text, What, due Until
	Keep        MoveKind = "keep"        // the newest promise was kept
	Renegotiate MoveKind = "renegotiate" // the newest promise is due Until now; Told the customer before
	HandOff     MoveKind = "handoff"     // to To, with Text
	Snooze      MoveKind = "snooze"      // until Until
	Await       MoveKind = "await"       // the customer has to act
	Resolve     MoveKind = "resolve"     // Disposition
	Dismiss     MoveKind = "dismiss"     // Reason
)

// A Move is what somebody of the team does with the case that a mention is in,
// at a time. It is decided from the story alone, not from how the case stands:
// whoever plays moves skips one that the case does not allow, such as any move
// on a mention that no case was opened for. Open alone asks for the opposite:
// it is skipped when the mention is in a case already.
type Move struct {
	At      time.Time
	By      care.AgentID
	Kind    MoveKind
	Network string
	Remote  care.Remote // the mention

	Text        string
	Then        string // of a reply: care.ThenAwait, ThenKeep or ThenResolve
	Disposition string
	Reason      string
	What        string // of a promise: call | write | refund | repair | other
	Until       time.Time
	Told        bool
	To          care.AgentID
	Tags        []string

	// Sent is where the answer stands, for a reply of the history: the network
	// has it already. Zero for one that is still to be sent.
	Sent network.Sent
}

// A Step is one thing that happened: an item that the account's poll reports,
// or a move of the team. One of the two is nil.
type Step struct {
	At   time.Time
	Item *network.Item
	Move *Move
}
