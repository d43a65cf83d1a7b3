package outbox_test

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/care/caretest"
	"github.com/amends-care/amends/internal/desk"
	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/networktest"
	"github.com/amends-care/amends/internal/outbox"
	"github.com/amends-care/amends/internal/route"
	"github.com/amends-care/amends/internal/store"
	"github.com/amends-care/amends/internal/store/boltstore"
	"github.com/amends-care/amends/internal/view"
)

// undoFor is how long a reply of these tests waits before it is sent.
const undoFor = 10 * time.Second

// A bench is a store and a network on which outboxes live and die. It belongs
// into a synctest bubble.
type bench struct {
	*testing.T
	dir     string
	st      store.Store
	net     *networktest.FakeNetwork
	account network.Account // what the outbox sends through; nil: nothing does
	agent   *desk.Desk      // in whose name the test acts; no kill reaches it
	view    *view.View      // what it says is a hint, so one outlives all outboxes
	rules   *desk.Rules
	posts   int
	told    care.CaseID // whose customer a known issue tells
	alive   []*process
}

// in runs a test in a bubble, with a bench.
func in(t *testing.T, o networktest.FakeOptions, test func(*bench)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		b := &bench{T: t, dir: t.TempDir(), net: networktest.Fake(o)}
		b.account = b.net.Account()
		st, err := boltstore.Open(filepath.Join(b.dir, "log.db"), boltstore.Options{Unsynced: true})
		if err != nil {
			t.Fatal(err)
		}
		defer st.Close()
		b.st = st
		tree, err := route.New(route.Routing{Tree: route.Node{Queue: "care"}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		b.rules = desk.NewRules(tree, nil, nil)
		b.rules.UndoFor, b.rules.LateAfter, b.rules.ReopenWindow = undoFor, 24*time.Hour, 24*time.Hour
		b.agent = b.newDesk(nil)
		if b.view, err = view.Open(filepath.Join(b.dir, "view.db"), st, view.Options{}); err != nil {
			t.Fatal(err)
		}
		defer b.view.Close()
		ctx, stop := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() { _ = b.view.Run(ctx) })
		defer func() {
			for _, p := range b.alive {
				p.end()
			}
			stop()
			wg.Wait()
		}()
		test(b)
	})
}

func (b *bench) newDesk(point func(string)) *desk.Desk {
	b.Helper()
	d, err := desk.New(b.st, desk.Options{Key: []byte("a key for tests only, 32 bytes ..."), Rules: b.rules, Point: point})
	if err != nil {
		b.Fatal(err)
	}
	return d
}

// A process is what dies together: a desk and an outbox.
type process struct {
	stop context.CancelFunc
	wg   sync.WaitGroup

	mu     sync.Mutex
	steps  []string // the points that were reached
	killAt func(step int, point string) bool
	dead   bool
}

// boot starts a process. killAt, which may be nil, is asked at each named step
// whether the process dies there.
func (b *bench) boot(killAt func(step int, point string) bool) *process {
	b.Helper()
	p := &process{killAt: killAt}
	d := b.newDesk(p.point)
	ctx, stop := context.WithCancel(b.Context())
	p.stop = stop
	box := outbox.New(outbox.Options{
		Desk: d, Store: b.st, Pending: b.view, Point: p.point, Account: func(string, string) network.Account { return b.account },
		Told: func(id care.CaseID) (bool, error) { return id == b.told, nil },
		Silent: func(ctx context.Context, m *care.Mention) (bool, error) {
			out, err := b.view.OptedOut(ctx, care.AuthorRef{Network: m.Post.Network, Author: m.Author})
			return out != nil, err
		},
	})
	p.wg.Go(func() { _ = box.Run(ctx) })
	b.alive = append(b.alive, p)
	return p
}

// point ends the goroutine that reaches the step at which the process dies, and
// any that comes to another step after that: nothing of it runs on.
func (p *process) point(name string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.steps = append(p.steps, name)
	if !p.dead && p.killAt != nil && p.killAt(len(p.steps), name) {
		p.dead = true
		p.stop()
	}
	if p.dead {
		runtime.Goexit()
	}
}

func (p *process) killed() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.dead
}

// reached counts the steps so far.
func (p *process) reached() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.steps)
}

// end shuts a process down, or clears away a dead one.
func (p *process) end() {
	p.stop()
	p.wg.Wait()
}

// pass lets time go by.
func (b *bench) pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// complaint lets a customer write, and returns the case.
func (b *bench) complaint() (care.CaseID, care.MentionID) {
	b.Helper()
	b.posts++
	id := b.net.Post(networktest.Post{Author: fmt.Sprint("customer", b.posts), Text: "my kettle is broken"})
	items, err := b.net.Account().(network.Looker).Look(b.Context(), []care.Remote{id})
	if err != nil {
		b.Fatal(err)
	}
	_, err = b.agent.Receive(b.Context(), desk.Arrivals{
		Source: "kettles", Items: []desk.Arrival{{What: desk.WasSeen, Post: items[0].Post, Verdict: &care.Verdict{Complaint: true}}},
	})
	if err != nil {
		b.Fatal(err)
	}
	docs, err := b.st.Get(b.Context(), "seen/file/"+string(id))
	if err != nil {
		b.Fatal(err)
	}
	m, err := b.mention(care.MentionID(docs[0].Data))
	if err != nil {
		b.Fatal(err)
	}
	return m.Case, m.ID
}

func (b *bench) mention(id care.MentionID) (care.Mention, error) {
	docs, err := b.st.Get(b.Context(), "mention/"+string(id))
	if err != nil {
		return care.Mention{}, err
	}
	return care.DecodeMention(docs[0].Data)
}

// answer asks for a reply, which may leave after undoFor. Its key is its text.
func (b *bench) answer(id care.CaseID, to care.MentionID, text, then string) {
	b.Helper()
	_, err := b.agent.Do(b.Context(), care.ByAgent("ada"), "", []care.CaseID{id}, func(now time.Time, cs []*care.Case) (care.Change, error) {
		r := care.ReplyRequested{Reply: cs[0].NextText(), To: to, Key: text, NotBefore: now.Add(undoFor), Then: then, Disposition: "solved"}
		events, err := cs[0].RequestReply("ada", r)
		return care.One(id, events, err, care.KeptText{Case: id, N: r.Reply, Text: care.Text{Body: text}})
	})
	if err != nil {
		b.Fatal(err)
	}
}

// answered is a complaint with a reply asked for.
func (b *bench) answered(text string) care.CaseID {
	b.Helper()
	id, m := b.complaint()
	b.answer(id, m, text, care.ThenAwait)
	return id
}

func (b *bench) act(id care.CaseID, decide func(now time.Time, c *care.Case) ([]care.Event, error)) error {
	_, err := b.agent.One(b.Context(), care.ByAgent("ada"), "", id, decide)
	return err
}

// story is a case with all its records, read from the log.
func (b *bench) story(id care.CaseID) (*care.Case, []care.SeqRecord) {
	b.Helper()
	all := slices.Collect(caretest.Records(b, b.st.Stream(b.Context(), "case/"+string(id), 0)))
	return care.Fold(id, all), all
}

// reply is the only reply of a case.
func (b *bench) reply(id care.CaseID) care.Reply {
	b.Helper()
	c, _ := b.story(id)
	if len(c.Replies) != 1 {
		b.Fatalf("%d replies, want 1", len(c.Replies))
	}
	return c.Replies[0]
}

// posted counts how often an answer stands on the network.
func (b *bench) posted(text string) int {
	n := 0
	for _, a := range b.net.Sent() {
		if a.Key == text {
			n++
		}
	}
	return n
}

// expect checks the only reply of a case and how often it was posted.
func (b *bench) expect(id care.CaseID, text string, state care.ReplyState, why string, posts int) {
	b.Helper()
	r := b.reply(id)
	if r.State != state || r.Why != why {
		b.Errorf("reply is %s (%s), want %s (%s)", r.State, r.Why, state, why)
	}
	if n := b.posted(text); n != posts {
		b.Errorf("%d answers stand on the network, want %d", n, posts)
	}
}

// outcomes lists the events that told what became of the replies of a case.
func outcomes(story []care.SeqRecord) string {
	var all []string
	for _, r := range story {
		for _, e := range r.Events {
			switch e.(type) {
			case care.ReplySent, care.ReplyFailed, care.ReplyUndone:
				all = append(all, string(e.Kind()))
			}
		}
	}
	return strings.Join(all, " ")
}
