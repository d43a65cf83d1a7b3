package report

import (
	"math"
	"time"

	"github.com/amends-care/amends/internal/care"
)

// A moment is an instant in milliseconds since 1970; 0: not yet, or not known.
type moment int64

func momentOf(t time.Time) moment {
	if t.IsZero() {
		return 0
	}
	return moment(t.UnixMilli())
}

func (m moment) time() time.Time {
	if m == 0 {
		return time.Time{}
	}
	return time.UnixMilli(int64(m)).UTC()
}

// seconds is the time from one moment to another in whole seconds, never less
// than 0: a network's clock that runs ahead of ours is not believed.
func seconds(from, to moment) uint32 {
	return uint32(min(max(int64(to-from), 0)/1000, math.MaxUint32>>1))
}

// A fact is what figures need to know of one case, in a fixed number of bytes
// and without a pointer, so that a million of them are read in one sweep and
// the collector passes them by. What there can be several of (mentions,
// replies, targets …) stands in arrays of their own, in log order; the fact has
// the latest of each, from where they are chained backwards.
type fact struct {
	number    uint64 // what people call the case
	first     uint64 // its first mention
	began     moment // the customer's clock: posting of the oldest mention that began the wait
	seen      moment // the desk's clock: when we saw that one
	opened    moment
	claimed   moment // first
	replied   moment // first human reply that the customer could see
	resolved  moment // first
	ended     moment // last: resolved, dismissed or merged; 0 while there is work
	withdrawn moment // when the customer had taken everything back

	author uint32 // counted from 1; 0: not known
	// The latest of each kind, counted from 1.
	mentions, replies, targets, promises, waits, acts uint32
	// The target of the first response, counted from 1.
	response uint32
	// Working time of the first response, by both clocks, in seconds.
	workCustomer, workDesk uint32

	brand, queue, network, language, topic, lists, policy, source, disposition, assignee, calendar word
	issues                                                                                         word // known issues that it is linked to, together

	state    state
	severity severity
	critical bool
	late     bool
	byHand   bool // opened by a person
	missed   bool // by the classifier: opened by a person, and not flagged
	hidden   bool // never opened, or nothing but a stream that is no case
	reopens  uint8
}

func (c *fact) over() bool { return c.state >= resolved }

// A state is a care.State as one byte, the ends behind the others.
type state uint8

const (
	waiting state = iota
	claimed
	awaiting
	resolved
	dismissed
	merged
)

func stateOf(s care.State) state {
	switch s {
	case care.StateClaimed:
		return claimed
	case care.StateAwaiting:
		return awaiting
	case care.StateResolved:
		return resolved
	case care.StateDismissed:
		return dismissed
	case care.StateMerged:
		return merged
	}
	return waiting
}

type severity uint8

const (
	unjudged severity = iota
	low
	high
)

// A mention is a customer's post in a case. One that moved to another case is
// there a second time.
type mention struct {
	id     uint64
	posted moment
	seen   moment
	edited moment
	// deleted is when the customer took it back, as far as the case knows.
	deleted moment
	of      uint32 // the case
	prev    uint32
	review  uint32 // the act that last reviewed it, counted from 1
	source  word
	topic   word
	// foreign: it came with a case that was merged. before: it was answered
	// before it came. shut: the case was over after it was posted. gone: it went
	// to another case.
	foreign, before, shut, gone bool
	late, flagged, praise       bool
}

// A reply is an answer that the customer could see, or may see one day.
type reply struct {
	to        uint64
	requested moment
	visible   moment
	of        uint32
	prev      uint32
	n         int32
	told      bool // given in a case that this one was merged into: it is counted there
}

// A wait is the time from a customer's oldest unanswered mention to our answer,
// once a first answer was given.
type wait struct {
	start  moment
	seen   moment
	end    moment // 0: it lasts; else the answer, or the end of the case
	of     uint32
	prev   uint32
	work   uint32 // working time until end, by the customer's clock, in seconds
	workDk uint32 // by the desk's
	how    waitEnd
}

type waitEnd uint8

const (
	lasts waitEnd = iota
	answered
	closed // the case ended without an answer to it
	void   // it is none any more
)

// A target is one promise of the SLA policy.
type target struct {
	mention uint64
	atRisk  moment
	due     moment
	done    moment // answered, in time or late
	of      uint32
	prev    uint32
	policy  word
	kind    targetKind
	state   targetState
	how     ending
}

type targetKind uint8

const (
	firstResponse targetKind = iota
	nextResponse
	resolution
	targetKinds
)

func targetKindOf(k care.TargetKind) targetKind {
	switch k {
	case care.FirstResponse:
		return firstResponse
	case care.NextResponse:
		return nextResponse
	}
	return resolution
}

type targetState uint8

const (
	running targetState = iota
	paused
	met
	breached
	ended
)

type ending uint8

const (
	notEnded ending = iota
	unanswered
	asDismissed
	asMerged
	asWithdrawn
)

func endingOf(e care.Ending) ending {
	switch e {
	case care.Unanswered:
		return unanswered
	case care.EndDismissed:
		return asDismissed
	case care.EndMerged:
		return asMerged
	}
	return asWithdrawn
}

// owed says that what the target is about is still to be done, in time or not.
func (t *target) owed() bool {
	return t.state <= paused || t.state == breached && t.done == 0 && t.how == notEnded
}

// A promise is what an agent told a customer would happen.
type promise struct {
	made  moment
	due   moment // what the customer was told first
	until moment // what the customer was told last
	done  moment
	of    uint32
	prev  uint32
	n     int32
	reply int32 // that says it; 0: the customer knows otherwise
	owner word
	told  bool // of another time, before the old one had passed
	slip  bool // a time passed without word
	void  bool // its reply was never sent, so nothing was promised
}

// An act is one thing that a person did, or that happened to a case's state.
type act struct {
	at   moment
	of   uint32
	prev uint32
	by   word // the person; 0: nobody
	kind actKind
	// helping says that it helped somebody else, who had the case.
	helping bool
}

type actKind uint8

const (
	actOther actKind = iota
	actOpened
	actClosed
	actReopened
	actHandedOn
	actHelp // an answer, a note, a promise
	// Reviews of a flagged mention, then of one that was passed.
	actConfirmed
	actRefused
	actMissed
	actPassed
	actVoid // a review that was taken back
)

// A reading is a page that a source brought.
type reading struct {
	at      moment
	source  word
	read    uint32 // new mentions
	flagged uint32
	late    uint32
	micros  int64 // what it cost, in millionths of a US dollar
}

// A word stands for a name: of a queue, a topic, a person. 0 is no name.
type word uint16

// words are the names that occur. Nothing in them tells a word's order.
type words struct {
	list []string
	of   map[string]word
}

// word takes a name in. Beyond 65,000 names the rest is told as one.
func (w *words) word(s string) word {
	if s == "" {
		return 0
	}
	if n, ok := w.of[s]; ok {
		return n
	}
	if len(w.list) == math.MaxUint16 {
		return math.MaxUint16
	}
	if w.of == nil {
		w.of, w.list = map[string]word{}, append(w.list, "")
	}
	n := word(len(w.list))
	w.list, w.of[s] = append(w.list, s), n
	return n
}

func (w *words) name(n word) string {
	switch {
	case n == 0:
		return ""
	case int(n) >= len(w.list):
		return "others"
	}
	return w.list[n]
}

// key is a mention's id as a number. Two of one case never share one in practice.
func key[T ~string](id T) uint64 {
	if id == "" {
		return 0
	}
	h := uint64(14695981039346656037)
	for i := range len(id) {
		h = (h ^ uint64(id[i])) * 1099511628211
	}
	return h | 1
}
