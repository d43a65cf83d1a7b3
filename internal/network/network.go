// Package network is the contract between Amends and the networks it listens
// to and answers on, and the guarded transport that all drivers share.
//
// A driver turns a network's own ways into [Page]s of posts and answers; it
// keeps nothing, retries nothing and decides nothing: cursors, retries, limits
// and what becomes of a post belong to intake, outbox and desk. What a correct
// driver does is written down as a suite in networktest.
package network

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/amends-care/amends/internal/care"
)

// A Driver knows how to open accounts on one network.
type Driver struct {
	Name     string
	Settings func() Settings // a fresh value, to decode this driver's YAML into
	Open     func(Settings, *http.Client) (Account, error)
	// Priced: each read costs money, so nothing is read again without need.
	Priced bool
	// NoTraining: its terms forbid to train models on its texts.
	NoTraining bool
	// Offer is how somebody who sets up a source in the console is told of it. The
	// zero Offer: the console does not, since it reads files of this machine.
	Offer Offer
}

// An Offer tells a newcomer of a network.
type Offer struct {
	Title  string      // as people call it
	Hears  care.Phrase // what is heard there
	Needs  care.Phrase // what has to be had before, in plain words
	Effort Effort
	// Begin are the settings that a new source begins with, as they are written,
	// where that is not the driver's default.
	Begin map[string]string
}

// An Effort is what it takes until a network can be heard.
type Effort int

// The efforts, the least first.
const (
	NeedsNothing  Effort = iota // it is public
	NeedsAccount                // an account of ours, and a key that is made in its settings
	NeedsApp                    // a program registered with the network
	NeedsApproval               // that somebody there says yes, or money
)

// Settings are one driver's part of a source's configuration: a pointer to a
// struct with yaml tags.
type Settings interface {
	// Validate reports every mistake at once, each saying how to mend it.
	Validate() error
}

// An Account reads what is said about the brand through one account or query.
type Account interface {
	// Poll reads one page from cursor; the empty cursor starts. Items are oldest
	// first within the page; a newest-first scan delivers newer pages before older
	// ones, so what is made of a set of items must not depend on their order.
	// Polling the same cursor again is harmless. Every error is an [*Error].
	Poll(ctx context.Context, cursor string) (Page, error)
}

// An ItemKind says what happened to a post.
type ItemKind string

// The kinds of item.
const (
	Seen    ItemKind = "seen"
	Edited  ItemKind = "edited"  // Post holds the new text
	Deleted ItemKind = "deleted" // only Post.Network and Post.Remote need be set
)

// An Item is one thing that a page tells.
type Item struct {
	Kind ItemKind
	Post care.Post
	Own  bool // written by an account of ours
}

// A Page is one step of reading a source.
type Page struct {
	Items []Item
	Next  string // the cursor to poll next: opaque, durable, at most 4 KiB
	More  bool   // there is more to read now: poll again at once
	Gaps  []Gap
	// Anew says that reading began anew, as with an empty cursor: the one given was
	// of something else. What comes may have been posted at any time.
	Anew bool
	Bad  []BadItem // what could not be read; the rest of the page stands
	// Repaired counts items whose text had broken UTF-8, now U+FFFD.
	Repaired int
	Meter    Meter
}

// A BadItem is an item that a source sent and we could not read.
type BadItem struct {
	Line   int    `json:"line,omitempty"` // of a file, from 1; else 0
	Reason string `json:"reason"`
}

// A Gap is a span of time that can never be read any more.
type Gap struct {
	From, To time.Time
	Why      string
}

// A Meter is what a page cost and what is left. Zero fields are not known.
type Meter struct {
	Calls        int
	Spend        float64 // in US dollars
	Left         int     // calls left in the window
	LeftKnown    bool
	Reset        time.Time // when the window starts anew
	TokenExpires time.Time
}

// Optional capabilities of an Account.
type (
	// A Replier can answer on the network.
	Replier interface {
		// May says whether and how a post may be answered. It makes no call.
		May(p care.Post, now time.Time) care.Permission
		// Send answers once. An [*Error] says whether the answer can have arrived.
		Send(ctx context.Context, a care.Answer) (Sent, error)
		// Find looks whether an answer is on the network already: by key where the
		// network keeps one, else by account, parent and normalised text.
		Find(ctx context.Context, a care.Answer) (Sent, bool, error)
	}
	// A Looker reads posts anew: before a reply, and for the duty to forget what
	// was deleted. One item per id, in order; a post that is gone comes back Deleted.
	Looker interface {
		Look(ctx context.Context, ids []care.Remote) ([]Item, error)
	}
	// A Threader reads the posts of a thread, oldest first, so far as they are visible.
	Threader interface {
		Thread(ctx context.Context, id care.Remote) ([]care.Post, error)
	}
	// A Pusher is told by the network. took returned nil: the page is durable.
	Pusher interface {
		Listen(ctx context.Context, took func(Page) error) error
	}
	// A Receiver takes what the network posts to us. 200 only after the commit.
	Receiver interface {
		// Receive checks the signature and reads the posts. What is not signed is Refused.
		Receive(h http.Header, body []byte) (Page, error)
	}
	// A Challenger is a Receiver whose network asks first whether an address is ours.
	Challenger interface {
		// Challenge returns what to answer to a GET with this query. A wrong one is Refused.
		Challenge(q url.Values) (string, error)
	}
	// A Withdrawer takes back an answer of ours. One that is gone already is no error.
	Withdrawer interface {
		Withdraw(ctx context.Context, id care.Remote) error
	}
	// A Mender changes the text of an answer of ours.
	Mender interface {
		Mend(ctx context.Context, id care.Remote, text string) error
	}
	// A Blocker keeps an author from addressing our account, or lets them again.
	Blocker interface {
		Block(ctx context.Context, author care.Author, blocked bool) error
	}
	// An Estimator asks the network beforehand how much a source would bring. An
	// error that is Unsent says that it can't be asked that.
	Estimator interface {
		Estimate(ctx context.Context) (Estimate, error)
	}
)

// An Estimate is what a day of reading a source would bring.
type Estimate struct {
	PerDay  float64 // posts
	Spend   float64 // in US dollars
	Unknown bool    // there is too little to tell
}

// Sent is where an answer stands on the network.
type Sent struct {
	Remote care.Remote
	URL    string
	At     time.Time // by the network's clock; zero when it doesn't say
}

// A Fault is the class of an [Error].
type Fault string

// The faults.
const (
	Transient Fault = "transient" // may work soon: 5xx, network, time-out
	Limited   Fault = "limited"   // too many calls: wait for After
	Refused   Fault = "refused"   // keys are wrong or rights are missing: stop the source
	Unpaid    Fault = "unpaid"    // out of credit: stop the source
	Gone      Fault = "gone"      // what was asked for is not there
	Malformed Fault = "malformed" // the answer, or what we sent, makes no sense
)

// An Error is every failure of a driver. Its text never holds a secret or a
// post's text.
type Error struct {
	Fault  Fault
	Unsent bool          // no byte can have arrived: sending again is safe
	Again  bool          // Malformed of a cursor only: start again from the empty cursor
	After  time.Duration // wait at least this long; 0: the caller's own back-off
	Status int           // HTTP status, 0 when there was none
	Err    error
}

func (e *Error) Error() string {
	if e.Err == nil {
		return string(e.Fault)
	}
	return string(e.Fault) + ": " + e.Err.Error()
}

func (e *Error) Unwrap() error { return e.Err }
