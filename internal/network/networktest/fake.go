package networktest

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
)

// A FakeNetwork is a whole network in memory, for the tests of those who use
// drivers. It never opens a socket and takes time only when told to, so it runs
// in a synctest bubble. It is a [World] itself and passes [Run].
//
// It can be made to fail like any network: see [FakeNetwork.Break],
// [FakeNetwork.Script], [FakeNetwork.Delay], [FakeNetwork.Skew],
// [FakeNetwork.Lag] and [FakeNetwork.Reorder]. Safe for concurrent use.
type FakeNetwork struct {
	opts FakeOptions

	mu      sync.Mutex
	posts   map[care.Remote]*fakePost
	log     []fakeEvent // what Poll tells, in order
	pending []fakeEvent // not visible yet
	answers []care.Answer
	made    int // posts and answers so far
	calls   []string

	fault  Fault
	writes bool
	script []Fault
	delay  time.Duration
	lag    time.Duration
	skew   time.Duration
	random *rand.Rand
}

// FakeOptions set up a [FakeNetwork]. The zero value is right for most tests.
type FakeOptions struct {
	Network string // what its posts say; default: file
	Page    int    // items in one page at most; default 10
	// Newest makes Poll scan from the newest page to the oldest, as X and
	// Bluesky do; else it reads forward.
	Newest bool
	// Overlap is how many items of the past each new scan tells again.
	Overlap int
	// Keyed makes the network honour an answer's key: sending again changes nothing.
	Keyed bool
	// May answers [network.Replier].May; default: every post, by the API, 300 characters.
	May func(p care.Post, now time.Time) care.Permission
}

type fakePost struct {
	post    care.Post
	own     bool
	deleted bool
}

type fakeEvent struct {
	item    network.Item
	visible time.Time
}

// Denied is a lie that only the fake tells, since nothing can be done about it
// but to recognise our own post later: done, then a 400 says it failed.
const Denied Fault = "done, then a 400 says it was refused"

// Fake returns an empty network.
func Fake(o FakeOptions) *FakeNetwork {
	o.Network = cmp.Or(o.Network, "file")
	o.Page = cmp.Or(o.Page, 10)
	if o.May == nil {
		o.May = func(care.Post, time.Time) care.Permission {
			return care.Permission{How: care.ByAPI, Why: "Anybody may answer here.", Length: care.Length{Max: 300, Unit: "characters"}}
		}
	}
	return &FakeNetwork{opts: o, posts: map[care.Remote]*fakePost{}}
}

// Traits are what [Run] may ask of the network.
func (f *FakeNetwork) Traits() Traits {
	return Traits{Page: f.opts.Page, Edits: OnPoll, Deletes: OnPoll, Own: true, Late: 24 * time.Hour, Keyed: f.opts.Keyed, Stale: fakeStale,
		Faults: HTTPFaults(), Secrets: []string{fakeKey, fakeVerify}}
}

// Account implements [World]: our account, which can also answer, look and read threads.
func (f *FakeNetwork) Account() network.Account { return &fakeAccount{net: f} }

// Search is an account that reads only posts which contain a word, for two
// sources that see the same post.
func (f *FakeNetwork) Search(word string) network.Account { return &fakeAccount{net: f, word: word} }

// Post implements [World].
func (f *FakeNetwork) Post(p Post) care.Remote {
	f.mu.Lock()
	defer f.mu.Unlock()
	author := cmp.Or(p.Author, "ana")
	if p.Own {
		author = "brand"
	}
	at := p.At
	if at.IsZero() {
		at = time.Now().Add(f.skew)
	}
	return f.publish(care.Post{Author: care.Author{ID: "id-" + author, Handle: author, Name: strings.ToUpper(author[:1]) + author[1:]},
		Text: p.Text, PostedAt: at.UTC(), InReplyTo: p.InReplyTo, Summoned: !p.Own}, p.Own)
}

// publish needs the lock.
func (f *FakeNetwork) publish(p care.Post, own bool) care.Remote {
	f.made++
	p.Network, p.Kind = f.opts.Network, care.PostPublic
	p.Remote = care.Remote(fmt.Sprintf("p%06d", f.made))
	p.URL = "https://fake.example/" + string(p.Remote)
	p.Thread = p.Remote
	if parent := f.posts[p.InReplyTo]; parent != nil {
		p.Thread = parent.post.Thread
	}
	f.posts[p.Remote] = &fakePost{post: p, own: own}
	f.tell(network.Item{Kind: network.Seen, Post: p, Own: own})
	return p.Remote
}

// tell needs the lock.
func (f *FakeNetwork) tell(it network.Item) {
	f.pending = append(f.pending, fakeEvent{it, time.Now().Add(f.lag)})
}

// Edit implements [World].
func (f *FakeNetwork) Edit(id care.Remote, text string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	p := f.posts[id]
	p.post.Text, p.post.EditedAt = text, time.Now().Add(f.skew).UTC()
	f.tell(network.Item{Kind: network.Edited, Post: p.post, Own: p.own})
}

// Delete implements [World].
func (f *FakeNetwork) Delete(id care.Remote) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.posts[id].deleted = true
	f.tell(network.Item{Kind: network.Deleted, Post: care.Post{Network: f.opts.Network, Remote: id}})
}

// Break implements [World].
func (f *FakeNetwork) Break(fault Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fault, f.writes, f.script = fault, false, nil
}

// BreakWrites lets every Send, Mend and Withdraw meet the fault, and nothing else.
func (f *FakeNetwork) BreakWrites(fault Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fault, f.writes, f.script = fault, true, nil
}

// Script lets each of the next calls meet one fault, [Mended] being none; after
// that the fault of the last Break holds again.
func (f *FakeNetwork) Script(faults ...Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.script = append(f.script, faults...)
}

// Delay makes every call take this long. A write takes place at its end.
func (f *FakeNetwork) Delay(d time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.delay = d
}

// Lag makes what is published from now on visible to Poll only this much later.
func (f *FakeNetwork) Lag(d time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.lag = d
}

// Skew sets the network's clock ahead of ours, or behind.
func (f *FakeNetwork) Skew(d time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.skew = d
}

// Reorder makes what becomes visible between two polls come in any order:
// answers before questions, edits before posts. nil ends it.
func (f *FakeNetwork) Reorder(random *rand.Rand) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.random = random
}

// Sent implements [World].
func (f *FakeNetwork) Sent() []care.Answer {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.answers)
}

// Calls counts the calls that came so far, refused ones included.
func (f *FakeNetwork) Calls() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.calls)
}

// CallsOf counts the calls of one method: poll, send, mend, withdraw, find, look
// or thread.
func (f *FakeNetwork) CallsOf(method string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := 0
	for _, c := range f.calls {
		if c == method {
			n++
		}
	}
	return n
}

// meet lets a call wait and fail as the test ordered. then does the work, with
// the lock held, and is skipped when the fault prevents it.
func (f *FakeNetwork) meet(ctx context.Context, method string, then func() error) error {
	if err := ctx.Err(); err != nil {
		return network.Transient.Unsent("the call was cancelled", err)
	}
	f.mu.Lock()
	f.calls = append(f.calls, method)
	fault, delay := f.fault, f.delay
	if f.writes && !slices.Contains([]string{"send", "mend", "withdraw"}, method) {
		fault = Mended
	}
	if len(f.script) > 0 {
		fault, f.script = f.script[0], f.script[1:]
	}
	f.mu.Unlock()

	if err := pause(ctx, delay); err != nil {
		return err
	}
	if fault == Mended || fault.takes() || fault == Denied {
		f.mu.Lock()
		err := then()
		f.mu.Unlock()
		if err != nil {
			return err
		}
	}
	if fault == Silent || fault == Stalled {
		<-ctx.Done()
		return network.Transient.Because("no answer", ctx.Err())
	}
	return fault.err()
}

func pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return network.Transient.Because("no answer", ctx.Err())
	}
}

// err is what a driver makes of the fault; nil for none.
func (f Fault) err() error {
	e := &network.Error{Fault: network.Transient, Err: network.Explain(string(f))}
	switch f {
	case Mended:
		return nil
	case LimitedSeconds, LimitedDate, LimitedEpoch, LimitedISO:
		e.Fault, e.Status, e.Unsent, e.After = network.Limited, 429, true, Wait
	case Unauthorised:
		e.Fault, e.Status = network.Refused, 401
	case Forbidden:
		e.Fault, e.Status = network.Refused, 403
	case Unpaid:
		e.Fault, e.Status = network.Unpaid, 402
	case ServerError:
		e.Status = 500
	case BadGateway:
		e.Status = 502
	case Lied:
		e.Status = 504
	case Denied:
		e.Fault, e.Status = network.Malformed, 400
	case Lying, Empty, Huge:
		e.Fault = network.Malformed
	case Unreachable:
		e.Unsent = true
	}
	return e
}
