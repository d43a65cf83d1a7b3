package care

import (
	"encoding/base32"
	"encoding/binary"
	"strings"
	"time"
)

// A CaseID names a case. It is time-ordered; people see the case's Number.
type CaseID string

// A MentionID is our own name for a mention: time-ordered by when we saw it,
// and free of anything the network put into its id.
type MentionID string

// Remote is a network's id of a post. It may name a person, so it is kept in
// documents only, never in the log.
type Remote string

// An AuthorKey is the keyed hash of a network and an author's id on it.
type AuthorKey string

// A ThreadKey is the keyed hash of a network and a thread's id on it.
type ThreadKey string

// An AgentID is the sign-in name of a person on the team.
type AgentID string

// An Actor is who made a record: agent/<name>, token/<name>, cli/<os user>, or
// one of the constants below.
type Actor string

// The actors that are no person.
const (
	ByIntake Actor = "intake"
	ByClock  Actor = "clock"
	ByOutbox Actor = "outbox"
	ByWatch  Actor = "watch" // links what is alike to a known issue
	// ByCustomer answers surveys: whoever has the link, so it names nobody.
	ByCustomer Actor = "customer"
)

// ByAgent is the actor of a person on the team.
func ByAgent(a AgentID) Actor { return Actor("agent/" + string(a)) }

// Agent returns the person behind the actor, or "" when it is no person.
func (a Actor) Agent() AgentID {
	name, ok := strings.CutPrefix(string(a), "agent/")
	if !ok {
		return ""
	}
	return AgentID(name)
}

// OfTeam says that somebody of the team acted, by whichever door: the console, a
// program of theirs, or a terminal.
func (a Actor) OfTeam() bool {
	door, who, _ := strings.Cut(string(a), "/")
	return who != "" && (door == "agent" || door == "token" || door == "cli")
}

// idText keeps the order of the bytes it encodes.
var idText = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// TimeID forms a time-ordered id of 24 characters: six bytes of milliseconds,
// four of a counter that orders the ids of one millisecond, five of chance,
// which keeps the ids of several nodes apart.
func TimeID(at time.Time, counter uint32, chance [5]byte) string {
	var b [15]byte
	ms := uint64(max(at.UnixMilli(), 0))
	b[0], b[1] = byte(ms>>40), byte(ms>>32)
	binary.BigEndian.PutUint32(b[2:], uint32(ms))
	binary.BigEndian.PutUint32(b[6:], counter)
	copy(b[10:], chance[:])
	return idText.EncodeToString(b[:])
}

// TimeFloor is the smallest id that [TimeID] can form at an instant: a place to
// start reading from.
func TimeFloor(at time.Time) string { return TimeID(at, 0, [5]byte{}) }

// IDTime is the instant an id was formed at, to the millisecond, in UTC.
// ok is false for a text that is no such id.
func IDTime(id string) (at time.Time, ok bool) {
	if len(id) != 24 {
		return time.Time{}, false
	}
	b, err := idText.DecodeString(id)
	if err != nil || len(b) != 15 { // line ends are passed over
		return time.Time{}, false
	}
	ms := uint64(b[0])<<40 | uint64(b[1])<<32 | uint64(binary.BigEndian.Uint32(b[2:]))
	return time.UnixMilli(int64(ms)).UTC(), true
}
