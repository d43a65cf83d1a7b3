// Package route says where a case goes. A [Routing], as people write it, is a
// tree of nodes: among siblings the first that matches is taken, and what a
// node leaves out it has from its parent. [New] makes the [Tree] that decides.
//
// Every mention ends in exactly one queue, since the root matches everything
// and must name one. The package owns no document and no stream, performs no
// I/O and reads no clock; who works a queue is not its business.
package route

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"

	"github.com/amends-care/amends/internal/care"
)

// A Decision is where a case goes, and why.
type Decision struct {
	Queue    string
	Lane     care.Lane
	Priority int    // 0 to 9; the higher comes first among equal deadlines
	Policy   string // empty: nothing is promised
	// Path names the nodes that matched, from the root on. It is shared with
	// other decisions and must not be changed.
	Path []string
}

// A Tree decides where cases go. It is immutable and safe for concurrent use.
type Tree struct {
	root     *node
	routing  Routing // in its normal form
	version  string
	examples []Example
}

// A node is a Node with what it inherits worked out.
type node struct {
	match    match
	decision Decision // Lane is empty where urgency decides
	children []*node
}

// Route decides. It never fails: what nothing else matches is the root's.
func (t *Tree) Route(l care.Labels) Decision {
	at := t.root
	for {
		next := slices.IndexFunc(at.children, func(n *node) bool { return n.match.fails(&l) == "" })
		if next < 0 {
			break
		}
		at = at.children[next]
	}
	d := at.decision
	if d.Lane == "" {
		d.Lane = laneOf(l.Urgency)
	}
	return d
}

// laneOf is the lane where no node says one: what can't wait at all is critical.
func laneOf(urgency []care.Urgency) care.Lane {
	for _, u := range urgency {
		switch u {
		case care.Vulnerable, care.Safety, care.Legal, care.Viral:
			return care.Critical
		}
	}
	return care.Ordinary
}

// A Try is a node that was looked at on the way to a decision.
type Try struct {
	Depth   int // 0 for the root
	Name    string
	Matched bool
	Why     string // the first condition that did not hold; empty if matched
}

// Trace is the way to the decision for these labels: each node that was tried,
// in order.
func (t *Tree) Trace(l care.Labels) []Try {
	tries := []Try{{Name: t.root.name(), Matched: true}}
	for at := t.root; at != nil; {
		var taken *node
		for _, n := range at.children {
			why := n.match.fails(&l)
			tries = append(tries, Try{Depth: len(n.decision.Path) - 1, Name: n.name(), Matched: why == "", Why: why})
			if why == "" {
				taken = n
				break
			}
		}
		at = taken
	}
	return tries
}

// Outcome says in a word or two what came of it.
func (t *Try) Outcome() string {
	if t.Matched {
		return "yes"
	}
	return "no, " + t.Why
}

// A Stop is a node with what it inherits worked out.
type Stop struct {
	At       []int    // which of its siblings it is, on each level below the root
	When     string   // its conditions in short
	Decision Decision // Lane is empty where urgency decides
}

// Stops are all nodes, each before those below it, in the order in which they
// are written.
func (t *Tree) Stops() []Stop { return t.root.stops(nil, nil) }

func (n *node) stops(at []int, all []Stop) []Stop {
	all = append(all, Stop{at, n.match.String(), n.decision})
	for i, child := range n.children {
		all = child.stops(append(slices.Clone(at), i), all)
	}
	return all
}

func (n *node) name() string { return n.decision.Path[len(n.decision.Path)-1] }

// Version names the content: the same tree has the same version on every
// machine. Examples are no part of it.
func (t *Tree) Version() string { return t.version }

// MarshalJSON writes the tree in its normal form, which is what Version names
// and [New] takes again.
func (t *Tree) MarshalJSON() ([]byte, error) { return json.Marshal(t.routing) }

func versionOf(r Routing) string {
	b, err := json.Marshal(r)
	if err != nil {
		panic(err) // names and numbers
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:6])
}
