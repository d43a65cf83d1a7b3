// Package networktest says what a correct network driver does: one suite that
// every driver runs, against a real server or a simulator, and a network in
// memory for the tests of those who use drivers.
//
// It never opens a socket and never sleeps; a [World] may.
package networktest

import (
	"net/http"
	"net/url"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
)

// A World is a network that the suite can drive, with one account of ours on
// it. What Post, Edit and Delete do can be polled once they have returned.
// They fail the test themselves when they can't do what they are asked.
type World interface {
	// Account opens our account anew, as after a restart of the program.
	Account() network.Account
	// Post publishes something that the account's poll must report.
	Post(p Post) care.Remote
	// Edit replaces the text of a post. Not called when [Traits].Edits is Never.
	Edit(id care.Remote, text string)
	// Delete removes a post. Not called when [Traits].Deletes is Never.
	Delete(id care.Remote)
	// Break makes every call from now on meet the fault, until [Mended]. Called
	// only with what [Traits].Faults lists.
	Break(f Fault)
	// Sent lists the answers that stand on the network, written by our account
	// through it, in order: To.Remote and Text, and Key where the network keeps it.
	Sent() []care.Answer
}

// A World may also do these.
type (
	// A Skewer can set the network's clock ahead of ours (or behind, negative).
	Skewer interface{ Skew(d time.Duration) }
	// A WriteBreaker can break calls that change something, and no others.
	WriteBreaker interface{ BreakWrites(f Fault) }
	// A Deliverer signs what the network posts to us: see [network.Receiver].
	Deliverer interface {
		// Delivery is what the network posts to us about a post, as it is now.
		Delivery(id care.Remote) []byte
		// Sign gives the headers that a body signed at an instant comes with, and
		// no header that plays no part in that.
		Sign(body []byte, at time.Time) http.Header
	}
	// A Challenger asks whether an address is ours: see [network.Challenger].
	Challenger interface {
		// Ask is the right question, and the answer to it.
		Ask() (q url.Values, answer string)
	}
	// A Counter counts the calls that reached the network, refused ones included.
	Counter interface{ Calls() int }
)

// A Post is what somebody publishes in a World.
type Post struct {
	Author    string      // a handle, without special signs; empty: ana
	Text      string      // it addresses our account where the network needs that: the World adds the name
	At        time.Time   // zero: now. Set only with Traits.Late
	InReplyTo care.Remote // empty: it starts a thread
	Own       bool        // by our own account, written by hand. Set only with Traits.Own
}

// Traits say what a network and its driver can do, so that the suite asks for
// no more. Everything is off in the zero value.
type Traits struct {
	Page    int           // most items in one page as the World has set it up; at least 1
	Edits   Told          // how an edit shows
	Deletes Told          // how a deletion shows
	Own     bool          // Poll reports our own posts, marked as Own
	Late    time.Duration // a post this old that appears only now is still found
	Keyed   bool          // Send with a key that was used before changes nothing
	Shape   Shape         // how answers hang together
	Pushed  bool          // Poll tells nothing: posts come by Receive alone
	Stale   time.Duration // what the network posted to us is refused when it was signed this long ago; 0: never
	Forgets bool          // what a later cursor passed is gone from the network: an older one can't go back
	Blind   bool          // nobody can look whether an answer arrived that the network did not acknowledge
	Direct  bool          // answers can be sent in private too; a World's Sent says which were
	Once    bool          // a post takes one private answer
	Window  time.Duration // how long a post takes a private answer; 0: for ever
	Steps   bool          // a write takes place with its last step, so what fails before may be told as unsent
	Faults  []Fault       // what Break can cause
	Secrets []string      // tokens and passwords that must never show in an error or a cursor
}

// Told is how the driver learns that a post was changed.
type Told string

// The ways. A driver that is told by Poll and can Look must see it there too.
const (
	Never  Told = ""     // posts don't change, or nobody can know
	OnLook Told = "look" // only Look shows it
	OnPoll Told = "poll" // Poll reports it
)

// Shape is how deep a network's threads are.
type Shape string

// The shapes.
const (
	Deep   Shape = ""       // every post can be answered
	Flat   Shape = "flat"   // all answers hang on the first post
	Single Shape = "single" // nobody but us can answer
)

// A Fault is a way in which a network fails.
type Fault string

// The faults. All but Mended make every call fail.
const (
	Mended Fault = ""

	LimitedSeconds Fault = "429, Retry-After in seconds"
	LimitedDate    Fault = "429, Retry-After as a date"
	LimitedEpoch   Fault = "429, reset as epoch seconds"
	LimitedISO     Fault = "429, reset as an ISO instant"
	Unauthorised   Fault = "401"
	Unpaid         Fault = "402"
	Forbidden      Fault = "403"
	ServerError    Fault = "500 without a body"
	BadGateway     Fault = "502 with a page of HTML"

	Truncated Fault = "200, and the body ends in the middle"
	Lying     Fault = "200, and the body is not what it says"
	Empty     Fault = "200 without a body"
	Huge      Fault = "200 with a body of 50 MB"

	Unreachable Fault = "connection refused"
	Silent      Fault = "no answer until the caller gives up"
	Dropped     Fault = "done, then the connection breaks" // a write took place, its answer is lost
	Lied        Fault = "done, then a 504 says it failed"
	Stalled     Fault = "done, then no answer until the caller gives up"
)

// HTTPFaults are the faults that a [Wire] can cause.
func HTTPFaults() []Fault {
	return []Fault{LimitedSeconds, LimitedDate, LimitedEpoch, LimitedISO, Unauthorised, Unpaid, Forbidden, ServerError, BadGateway,
		Truncated, Lying, Empty, Huge, Unreachable, Silent, Dropped, Lied, Stalled}
}

// Wait is how long a limited network asks to wait in every dialect.
const Wait = 17 * time.Second

// want says which faults an error may be reported as.
func (f Fault) want() []network.Fault {
	switch f {
	case LimitedSeconds, LimitedDate, LimitedEpoch, LimitedISO:
		return []network.Fault{network.Limited}
	case Unauthorised, Forbidden:
		return []network.Fault{network.Refused}
	case Unpaid:
		return []network.Fault{network.Unpaid}
	case Lying, Empty, Huge, Truncated:
		return []network.Fault{network.Malformed, network.Transient}
	}
	return []network.Fault{network.Transient}
}

// takes says that a write takes place in spite of the fault.
func (f Fault) takes() bool {
	switch f {
	case Dropped, Lied, Stalled, Truncated, Lying, Empty, Huge:
		return true
	}
	return false
}
