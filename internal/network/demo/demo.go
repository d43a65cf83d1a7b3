// Package demo is a whole fictional network in memory that behaves like real
// ones: the networks, brand, team and customers of `amends demo`.
//
// A broadband and mobile provider called Lindavo, which does not exist, is
// talked about in nine languages on eight labelled networks. [New] makes up the
// story of the past and the stream of the present from a seed and a start;
// the same seed and start give the same network again. [Network] is the
// account on it, by the contract of internal/network. [Network.History] is what
// customers and team did before the start, [Network.Colleagues] what the team
// would do after it.
//
// It owns the texts under content/, all written for it, and one small file for
// what does not follow from the seed: the answers that were sent, and when
// nobody watched. It never reaches outside: every address is under .example.
package demo

import (
	"errors"
	"fmt"
	"iter"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
)

// Settings are a demo source's part of the configuration.
type Settings struct {
	Seed  uint64        `yaml:"seed"`  // another seed is another story
	Days  int           `yaml:"days"`  // of history before the start
	Start time.Time     `yaml:"start"` // where history ends and the live stream begins; zero: when the file is new, or now
	Pace  time.Duration `yaml:"pace"`  // about one new conversation each
	Keep  string        `yaml:"keep"`  // file for the answers that are sent; empty: they are gone when the program ends
	Still bool          `yaml:"still"` // nothing happens by itself

	Clock func() time.Time `yaml:"-"` // nil: the time of day
}

// Bounds of the settings.
const (
	maxDays = 400
	minPace = 2 * time.Second
	maxPace = time.Hour
)

// Validate implements [network.Settings].
func (s *Settings) Validate() error {
	var errs []error
	if s.Days < 0 || s.Days > maxDays {
		errs = append(errs, fmt.Errorf("days: choose 0 to %d, not %d", maxDays, s.Days))
	}
	if s.Pace < minPace || s.Pace > maxPace {
		errs = append(errs, fmt.Errorf("pace: choose %v to %v, not %v", minPace, maxPace, s.Pace))
	}
	return errors.Join(errs...)
}

// Default are the settings of `amends demo`.
func Default() *Settings { return &Settings{Seed: 1, Days: 90, Pace: 12 * time.Second} }

// Driver is the driver "demo".
func Driver() network.Driver {
	return network.Driver{
		Name:     "demo",
		Settings: func() network.Settings { return Default() },
		Open:     network.Opening(func(s *Settings, _ *http.Client) (*Network, error) { return New(*s) }),
	}
}

// Network is the fictional network, and the brand's account on it. Safe for
// concurrent use.
type Network struct {
	seed  uint64
	start time.Time
	still bool
	now   func() time.Time
	past  []*conversation
	told  []*beat // the beats of the past, in order
	live  *stream

	mu      sync.Mutex
	kept    *kept
	horizon time.Time // up to here it was told what happened
	recent  map[uint64]*conversation
	added   []*conversation // by tests
}

// New makes up the network. With a file from before, the story goes on.
func New(s Settings) (*Network, error) {
	if err := s.Validate(); err != nil {
		return nil, fmt.Errorf("demo: %w", err)
	}
	n := &Network{seed: s.Seed, still: s.Still, now: s.Clock, recent: map[uint64]*conversation{}}
	if n.now == nil {
		n.now = time.Now
	}
	about := story{Version: keptVersion, Seed: s.Seed, Start: s.Start.UTC().Truncate(time.Second), Days: s.Days}
	if s.Start.IsZero() {
		about.Start = n.now().UTC().Truncate(time.Second)
	}
	var err error
	if n.kept, err = openKept(s.Keep, &about); err != nil {
		return nil, fmt.Errorf("demo: %w", err)
	}
	n.start = about.Start
	if s.Still {
		return n, nil
	}
	w, err := newWriter(s.Seed)
	if err != nil {
		return nil, err
	}
	n.past = w.history(n.start, s.Days)
	for _, c := range n.past {
		for i := range c.beats {
			n.told = append(n.told, &c.beats[i])
		}
	}
	slices.SortFunc(n.told, func(a, b *beat) int { return a.place().compare(b.place()) })
	n.live = &stream{writer: w, start: n.start, pace: s.Pace, past: n.past}
	return n, nil
}

// Start is where history ends and the live stream begins.
func (n *Network) Start() time.Time { return n.start }

// History is all that happened before the start, in order: what the account's
// poll would have told, and what the team did. Answers that the team sent are
// moves with their outcome, not items.
func (n *Network) History() iter.Seq[Step] {
	return func(yield func(Step) bool) {
		for _, b := range n.told {
			if !b.at.Before(n.start) {
				return
			}
			if !yield(b.step()) {
				return
			}
		}
	}
}

func (b *beat) step() Step {
	if b.happens() {
		item := b.item
		return Step{At: b.at, Item: &item}
	}
	move := b.move
	return Step{At: b.at, Move: &move}
}

// Colleagues are the moves that the team would make after from, up to to, on
// what happens now. They leave nearly half of the cases alone.
func (n *Network) Colleagues(from, to time.Time) []Move {
	n.mu.Lock()
	defer n.mu.Unlock()
	var moves []Move
	for _, b := range n.between(place{at: from, num: last}, to) {
		if b.move.Kind != "" && !b.at.Before(n.start) {
			moves = append(moves, b.move)
		}
	}
	return moves
}

// An About says what the story knows of a post: the truth that guesses can be
// measured against.
type About struct {
	Kind     string // complaint, critical, surge, double, sarcasm, bad review, praise, question …
	Topic    string // billing, outage, … where there is one
	Language string
	Area     string // of the outage that it is about
}

// Complaint says whether the first post of the conversation is one.
func (a About) Complaint() bool { return unhappy[a.Kind] }

// About tells what a post is; ok is false for one that the story does not know.
func (n *Network) About(id care.Remote) (a About, ok bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	c := n.conversationOf(id)
	if c == nil {
		return About{}, false
	}
	return About{Kind: c.kind, Topic: c.topic, Language: c.lang, Area: c.area}, true
}
