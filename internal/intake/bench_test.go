package intake_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/amends-care/amends/classifiers"
	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/desk"
	"github.com/amends-care/amends/internal/intake"
	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/networktest"
	"github.com/amends-care/amends/internal/route"
	"github.com/amends-care/amends/internal/sla"
	"github.com/amends-care/amends/internal/store"
	"github.com/amends-care/amends/internal/store/boltstore"
	"github.com/amends-care/amends/internal/view"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// every is the pace of the sources of these tests.
const every = time.Minute

// A bench is a store that intakes fill, in a synctest bubble.
type bench struct {
	*testing.T
	st    store.Store
	dir   string
	net   *networktest.FakeNetwork
	rules *desk.Rules
	alive []*process
	views int
}

// in runs a test in a bubble, with a bench.
func in(t *testing.T, o networktest.FakeOptions, test func(*bench)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(45 * 24 * time.Hour) // so that there is a past
		b := &bench{T: t, dir: t.TempDir(), net: networktest.Fake(o)}
		st, err := boltstore.Open(filepath.Join(b.dir, "log.db"), boltstore.Options{Unsynced: true})
		if err != nil {
			t.Fatal(err)
		}
		defer st.Close()
		b.st = st
		tree, err := route.New(route.Routing{Tree: route.Node{Queue: "care", Policy: "standard"}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		b.rules = desk.NewRules(tree, map[string]sla.Policy{"standard": {Name: "standard", FirstResponse: 30 * time.Minute}}, nil)
		b.rules.LateAfter, b.rules.ReopenWindow = 24*time.Hour, 24*time.Hour
		defer func() {
			for _, p := range b.alive {
				p.end()
			}
		}()
		test(b)
	})
}

// keywords flags what is broken, and counts what it is asked.
type keywords struct {
	mu    sync.Mutex
	asked int
	fails int // so often
}

func (k *keywords) Classify(_ context.Context, texts []classifiers.Text) ([]classifiers.Verdict, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.fails > 0 {
		k.fails--
		return nil, fmt.Errorf("out of order")
	}
	k.asked += len(texts)
	out := make([]classifiers.Verdict, len(texts))
	for i, t := range texts {
		out[i].Complaint = strings.Contains(t.Body, "broken")
		out[i].Probability, out[i].Model = 0.9, "keywords"
	}
	return out, nil
}

// A process is what dies together: a desk and an intake.
type process struct {
	*intake.Intake
	stop context.CancelFunc
	wg   sync.WaitGroup

	mu     sync.Mutex
	steps  []string
	killAt int
	dead   bool
}

// settings of a process; the zero value will do.
type settings struct {
	killAt  int // dies at this step
	judge   classifiers.Classifier
	stopped func(string) bool
	paused  func(string) bool
}

// source is one source that reads an account.
func source(name string, a network.Account) intake.Source {
	return intake.Source{Name: name, Network: "file", Account: a, Every: every}
}

func (b *bench) boot(s settings, sources ...intake.Source) *process {
	b.Helper()
	p := &process{killAt: s.killAt}
	d, err := desk.New(b.st, desk.Options{Key: []byte("a key for tests only, 32 bytes ..."), Rules: b.rules, Point: p.point})
	if err != nil {
		b.Fatal(err)
	}
	if s.judge == nil {
		s.judge = &keywords{}
	}
	p.Intake = intake.New(intake.Options{Desk: d, Store: b.st, Classifier: s.judge, Stopped: s.stopped, Paused: s.paused, Point: p.point})
	ctx, stop := context.WithCancel(b.Context())
	p.stop = stop
	p.wg.Go(func() { _ = p.Run(ctx, sources) })
	b.alive = append(b.alive, p)
	return p
}

// point ends the goroutine that reaches the step at which the process dies, and
// any that comes to another step after that.
func (p *process) point(name string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.steps = append(p.steps, name)
	if len(p.steps) == p.killAt {
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

func (p *process) end() {
	p.stop()
	p.wg.Wait()
}

func (b *bench) pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// says lets somebody post.
func (b *bench) says(author, text string) care.Remote {
	return b.net.Post(networktest.Post{Author: author, Text: text})
}

// A fact is one record of the log.
type fact struct {
	Stream string
	care.Record
}

// log is all that was recorded, in order.
func (b *bench) log() (all []fact) {
	b.Helper()
	last, err := store.Last(b.Context(), b.st)
	if err != nil {
		b.Fatal(err)
	}
	if last == 0 {
		return nil
	}
	for r, err := range b.st.Tail(b.Context(), 0) {
		if err != nil {
			b.Fatal(err)
		}
		rec, err := care.DecodeRecord(r.Data)
		if err != nil {
			b.Fatal(err)
		}
		all = append(all, fact{r.Stream, rec})
		if r.Seq == last {
			break
		}
	}
	return all
}

// events are those of a stream of one kind.
func events[E care.Event](b *bench, stream string) (all []E) {
	b.Helper()
	for _, f := range b.log() {
		for _, e := range f.Events {
			if v, ok := e.(E); ok && f.Stream == stream {
				all = append(all, v)
			}
		}
	}
	return all
}

// totals adds up what the log tells that a source read.
func (b *bench) totals(name string) (sum care.SourceRead) {
	b.Helper()
	for _, e := range events[care.SourceRead](b, "source/"+name) {
		sum.Add(e)
	}
	return sum
}

// look opens a view that shows all there is.
func (b *bench) look() *view.View {
	b.Helper()
	b.views++
	v, err := view.Open(filepath.Join(b.dir, fmt.Sprintf("view-%d.db", b.views)), b.st, view.Options{})
	if err != nil {
		b.Fatal(err)
	}
	if err := v.CatchUp(b.Context()); err != nil {
		b.Fatal(err)
	}
	return v
}

// cases are all there are, with their documents, by author and then by age.
func (b *bench) cases() (all []*view.CasePage) {
	b.Helper()
	v := b.look()
	defer v.Close()
	p, err := v.Cases(b.Context(), view.Query{List: view.Every, Limit: 200})
	if err != nil || p.Next != "" {
		b.Fatalf("%v, more %q", err, p.Next)
	}
	for _, r := range p.Rows {
		c, err := v.Case(b.Context(), r.ID)
		if err != nil {
			b.Fatal(err)
		}
		all = append(all, c)
	}
	slices.SortStableFunc(all, func(x, y *view.CasePage) int {
		return cmp.Or(cmp.Compare(x.Case.Author, y.Case.Author), cmp.Compare(x.Case.ID, y.Case.ID))
	})
	return all
}

// only is the one case there is.
func (b *bench) only() *view.CasePage {
	b.Helper()
	cs := b.cases()
	if len(cs) != 1 {
		b.Fatalf("%d cases, want 1", len(cs))
	}
	return cs[0]
}

// kept are all mentions, by the network's id.
func (b *bench) kept() map[care.Remote]care.Mention {
	b.Helper()
	all := map[care.Remote]care.Mention{}
	for d, err := range b.st.List(b.Context(), "mention/", "") {
		if err != nil {
			b.Fatal(err)
		}
		m, err := care.DecodeMention(d.Data)
		if err != nil {
			b.Fatal(err)
		}
		if _, twice := all[m.Post.Remote]; twice {
			b.Errorf("post %s is kept twice", m.Post.Remote)
		}
		all[m.Post.Remote] = m
	}
	return all
}

var anID = regexp.MustCompile(`\b[0-9a-hjkmnp-tv-z]{24}\b`)

// export is everything that was recorded and kept, with ids named by the order
// in which they come, so that two runs can be compared.
func (b *bench) export() string {
	b.Helper()
	var out strings.Builder
	write := func(v any) {
		line, err := json.Marshal(v)
		if err != nil {
			b.Fatal(err)
		}
		out.Write(append(line, '\n'))
	}
	for _, f := range b.log() {
		write(f.Stream)
		write(f.Record)
	}
	kept := b.kept()
	for _, r := range slices.Sorted(maps.Keys(kept)) {
		write(kept[r])
	}
	for _, prefix := range []string{"thread/", "gone/", "source/"} {
		for d, err := range b.st.List(b.Context(), prefix, "") {
			if err != nil {
				b.Fatal(err)
			}
			switch prefix {
			case "thread/":
				l, err := care.DecodeLoose(d.Data)
				if err != nil {
					b.Fatal(err)
				}
				write(d.Key)
				write(l)
			case "gone/":
				write(d.Key)
			default:
				write(d)
			}
		}
	}
	names := map[string]string{}
	return anID.ReplaceAllStringFunc(out.String(), func(id string) string {
		if names[id] == "" {
			names[id] = fmt.Sprint("id", len(names)+1)
		}
		return names[id]
	})
}

func random(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 1)) }

// digest is what matters of a case, whatever the order in which its posts came.
func digest(c *view.CasePage) string {
	var lines []string
	for _, m := range c.Case.Mentions {
		d := c.Mentions[m.Mention]
		lines = append(lines, fmt.Sprintf("  %s %q late %v settled %v", d.Post.Remote, d.Post.Text, m.Late, m.Settled))
	}
	for _, r := range c.Case.Replies { // what an answer is to is not known when it is read before that
		lines = append(lines, fmt.Sprintf("  reply %s at %v", r.State, r.VisibleAt))
	}
	for _, t := range c.Case.Targets {
		lines = append(lines, fmt.Sprintf("  %s %s from %v due %v done %v", t.Target, t.State, t.StartAt, t.DueAt, t.DoneAt))
	}
	slices.Sort(lines)
	return fmt.Sprintf("%s in %s, first answer %v\n%s\n", c.Case.State, c.Case.Queue, c.Case.FirstReplyAt, strings.Join(lines, "\n"))
}
