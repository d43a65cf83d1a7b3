package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/amends-care/amends/internal/store"
)

// testModel does at random what callers do, to the store and to a model of it
// that fits the eye, and compares them.
func testModel(t *testing.T, e Engine) {
	for seed := range uint64(6) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			m := &model{
				t: t, e: e, rand: rand.New(rand.NewPCG(11, seed)),
				dir: t.TempDir(), docs: make(map[string]store.Doc), ends: make(map[string]store.Seq), ops: make(map[string]store.Seq),
			}
			m.s = e.Open(t, m.dir)
			t.Cleanup(func() { _ = m.s.Close() })
			for range 300 {
				m.step()
			}
			m.compare()
		})
	}
}

// A model is a store in plain maps, beside the one that is tried.
type model struct {
	t    *testing.T
	e    Engine
	s    store.Store
	dir  string
	rand *rand.Rand

	log  []store.Record
	ends map[string]store.Seq
	docs map[string]store.Doc
	ops  map[string]store.Seq
	past []store.Batch // committed with an Op
	rev  uint64        // highest seen
}

func (m *model) step() {
	switch n := m.rand.IntN(100); {
	case n < 80:
		m.commit(m.batch())
	case n < 85 && len(m.past) > 0:
		m.commit(m.past[m.rand.IntN(len(m.past))])
	case n < 93:
		m.compareSome()
	case n < 96:
		m.reopen()
	case n < 98 && m.e.Restore != nil:
		m.move()
	default:
		m.compare()
	}
}

func (m *model) name() string { return nasty[m.rand.IntN(len(nasty))] }

func (m *model) data() []byte {
	switch m.rand.IntN(20) {
	case 0:
		return nil
	case 1:
		return bytes.Repeat([]byte("large "), m.rand.IntN(20_000))
	default:
		return fmt.Append(nil, "data ", m.rand.Uint32())
	}
}

// names returns up to n different names, each once.
func (m *model) names(n int) []string {
	set := make(map[string]bool)
	for range m.rand.IntN(n + 1) {
		set[m.name()] = true
	}
	names := slices.Sorted(maps.Keys(set))
	m.rand.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	return names
}

// was is mostly what the model says, and sometimes wrong.
func (m *model) was(key string) uint64 {
	switch m.rand.IntN(30) {
	case 0:
		return 0
	case 1:
		return m.rev
	default:
		return m.docs[key].Rev
	}
}

func (m *model) batch() store.Batch {
	var b store.Batch
	for _, n := range m.names(3) {
		after := m.ends[n]
		switch m.rand.IntN(30) {
		case 0:
			after = store.Seq(len(m.log))
		case 1, 2:
			after = store.Any
		}
		b.Appends = append(b.Appends, store.Append{Stream: n, After: after, Data: m.data()})
	}
	for i, k := range m.names(8) {
		switch {
		case i%5 == 3:
			b.Checks = append(b.Checks, store.Check{Key: k, Was: m.was(k)})
		case i%5 == 4:
			b.Erases = append(b.Erases, k)
		default:
			b.Puts = append(b.Puts, store.Put{Key: k, Was: m.was(k), Data: m.data()})
		}
	}
	if m.rand.IntN(3) == 0 {
		b.Op = fmt.Sprint("op ", m.rand.IntN(200))
	}
	return b
}

// commit does to both, and compares the answers.
func (m *model) commit(b store.Batch) {
	m.t.Helper()
	seq, err := m.s.Commit(m.t.Context(), b)
	if len(b.Appends)+len(b.Puts)+len(b.Checks)+len(b.Erases) == 0 {
		if !errors.Is(err, store.ErrInvalid) {
			m.t.Fatalf("commit of nothing: %v", err)
		}
		return
	}
	if want, known := m.ops[b.Op]; known {
		if err != nil || seq != want {
			m.t.Fatalf("commit of %s again: %d, %v, want %d", b.Op, seq, err, want)
		}
		return
	}
	if want := m.conflict(b); want != nil {
		c, ok := errors.AsType[*store.Conflict](err)
		if !ok || !slices.Equal(c.Streams, want.Streams) || !slices.Equal(c.Keys, want.Keys) {
			m.t.Fatalf("commit: got %v, want %v", err, want)
		}
		return
	}
	if err != nil {
		m.t.Fatalf("commit: %v", err)
	}
	m.apply(b)
	if seq != store.Seq(len(m.log)) {
		m.t.Fatalf("commit returned %d, want %d", seq, len(m.log))
	}
	if b.Op != "" {
		m.ops[b.Op] = seq
		m.past = append(m.past, b)
	}
}

func (m *model) conflict(b store.Batch) *store.Conflict {
	var c store.Conflict
	for _, a := range b.Appends {
		if a.After != store.Any && a.After != m.ends[a.Stream] {
			c.Streams = append(c.Streams, a.Stream)
		}
	}
	for _, p := range b.Puts {
		if p.Was != m.docs[p.Key].Rev {
			c.Keys = append(c.Keys, p.Key)
		}
	}
	for _, k := range b.Checks {
		if k.Was != m.docs[k.Key].Rev {
			c.Keys = append(c.Keys, k.Key)
		}
	}
	if c.Streams == nil && c.Keys == nil {
		return nil
	}
	return &c
}

// apply changes the model. Which number a commit has is the store's affair: it
// is read back, and must be higher than any before.
func (m *model) apply(b store.Batch) {
	m.t.Helper()
	for _, a := range b.Appends {
		seq := store.Seq(len(m.log) + 1)
		m.log = append(m.log, store.Record{Seq: seq, Prev: m.ends[a.Stream], Stream: a.Stream, Data: a.Data})
		m.ends[a.Stream] = seq
	}
	for _, k := range b.Erases {
		delete(m.docs, k)
	}
	if len(b.Puts) == 0 {
		return
	}
	now := rev(m.t, m.s, b.Puts[0].Key)
	if now <= m.rev {
		m.t.Fatalf("revision %d after %d", now, m.rev)
	}
	m.rev = now
	for _, p := range b.Puts {
		m.docs[p.Key] = store.Doc{Key: p.Key, Rev: now, Data: p.Data}
	}
}

func (m *model) sameDoc(got, want store.Doc) {
	m.t.Helper()
	if got.Key != want.Key || got.Rev != want.Rev || !bytes.Equal(got.Data, want.Data) {
		m.t.Fatalf("document %.40q at %d with %d bytes, want %.40q at %d with %d", got.Key, got.Rev, len(got.Data), want.Key, want.Rev, len(want.Data))
	}
}

func (m *model) compareSome() {
	m.t.Helper()
	keys := m.names(10)
	got, err := m.s.Get(m.t.Context(), keys...)
	if err != nil || len(got) != len(keys) {
		m.t.Fatalf("get: %d documents, %v", len(got), err)
	}
	for i, k := range keys {
		want := m.docs[k]
		want.Key = k
		m.sameDoc(got[i], want)
	}
	m.compareList(m.name()[:1], m.name())
	m.compareStream(m.name(), store.Seq(m.rand.IntN(len(m.log)+2)))
}

func (m *model) compareList(prefix, after string) {
	m.t.Helper()
	var want []store.Doc
	for _, k := range slices.Sorted(maps.Keys(m.docs)) {
		if strings.HasPrefix(k, prefix) && k > after {
			want = append(want, m.docs[k])
		}
	}
	got := docs(m.t, m.s, prefix, after)
	if len(got) != len(want) {
		m.t.Fatalf("list %q after %q: %d documents, want %d", prefix, after, len(got), len(want))
	}
	for i := range got {
		m.sameDoc(got[i], want[i])
	}
}

func (m *model) compareStream(name string, after store.Seq) {
	m.t.Helper()
	var want []store.Record
	for _, r := range m.log {
		if r.Stream == name && r.Seq > after {
			want = append(want, r)
		}
	}
	sameRecords(m.t, stream(m.t, m.s, name, after), want)
}

func (m *model) compare() {
	m.t.Helper()
	sameRecords(m.t, log(m.t, m.s, 0), m.log)
	m.compareList("", "")
	for _, n := range nasty {
		m.compareStream(n, 0)
	}
}

func (m *model) reopen() {
	m.t.Helper()
	if err := m.s.Close(); err != nil {
		m.t.Fatalf("close: %v", err)
	}
	m.s = m.e.Open(m.t, m.dir)
}

// move goes on in a copy: snapshot, restore elsewhere, open that.
func (m *model) move() {
	m.t.Helper()
	var copied bytes.Buffer
	seq, err := m.s.Snapshot(m.t.Context(), &copied)
	if err != nil || seq != store.Seq(len(m.log)) {
		m.t.Fatalf("snapshot at %d, %v; the log has %d", seq, err, len(m.log))
	}
	m.dir = m.t.TempDir()
	if at, err := m.e.Restore(m.dir, &copied); err != nil || at.Seq != seq {
		m.t.Fatalf("restore at %d, %v; the snapshot is at %d", at.Seq, err, seq)
	}
	m.reopen()
}
