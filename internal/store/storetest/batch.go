package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/amends-care/amends/internal/store"
)

func testBatch(t *testing.T, e Engine) {
	t.Run("log starts empty", func(t *testing.T) {
		s := e.fresh(t)
		if got := last(t, s); got != 0 {
			t.Errorf("last of an empty log is %d", got)
		}
		if got := stream(t, s, "case/1", 0); got != nil {
			t.Errorf("stream that was never written has %d records", len(got))
		}
		if d := get(t, s, "mention/1"); d.Rev != 0 || d.Data != nil {
			t.Errorf("absent document is %+v", d)
		}
	})
	t.Run("stream expectations", func(t *testing.T) { testStreams(t, e) })
	t.Run("key expectations", func(t *testing.T) { testKeys(t, e) })
	t.Run("conflict names all and writes nothing", func(t *testing.T) { testWhole(t, e) })
	t.Run("any", func(t *testing.T) {
		s := e.fresh(t)
		must(t, s, add("source/a", store.Any, "1"))
		must(t, s, add("source/b", store.Any, "2"))
		must(t, s, add("source/a", store.Any, "3"))
		got := stream(t, s, "source/a", 0)
		if len(got) != 2 || got[0].Prev != 0 || got[1].Prev != 1 || got[1].Seq != 3 {
			t.Errorf("got %+v", got)
		}
	})
	t.Run("revisions are never reused", func(t *testing.T) {
		s := e.fresh(t)
		var before uint64
		for i := range 5 {
			must(t, s, put("a", 0, "x"))
			now := rev(t, s, "a")
			if now <= before {
				t.Fatalf("round %d: revision %d after %d", i, now, before)
			}
			before = now
			must(t, s, store.Batch{Erases: []string{"a"}})
		}
	})
	t.Run("one revision for a batch", func(t *testing.T) {
		s := e.fresh(t)
		must(t, s, store.Batch{Puts: []store.Put{{Key: "a"}, {Key: "b/c"}}})
		if a, b := rev(t, s, "a"), rev(t, s, "b/c"); a != b || a == 0 {
			t.Errorf("revisions %d and %d", a, b)
		}
	})
	t.Run("a revision for each batch", func(t *testing.T) {
		s := e.fresh(t)
		fill(t, s, 200) // many at once
		seen := make(map[uint64]string)
		for _, d := range docs(t, s, "d/", "") {
			if seen[d.Rev] != "" {
				t.Errorf("%s and %s have revision %d", seen[d.Rev], d.Key, d.Rev)
			}
			seen[d.Rev] = d.Key
		}
	})
	t.Run("batches in one group see each other", func(t *testing.T) { testGroup(t, e) })
	t.Run("invalid", func(t *testing.T) { testInvalid(t, e) })
	t.Run("bytes are the store's own", func(t *testing.T) { testOwnership(t, e) })
}

func testStreams(t *testing.T, e Engine) {
	s := e.fresh(t)
	conflicts(t, s, add("case/1", 1, ""), []string{"case/1"}, nil)
	if got := must(t, s, add("case/1", 0, "one")); got != 1 {
		t.Fatalf("first commit returned %d", got)
	}
	conflicts(t, s, add("case/1", 0, "again"), []string{"case/1"}, nil)
	// Another stream's record, though its sequence exists, is no match.
	must(t, s, add("case/2", 0, "two"))
	conflicts(t, s, add("case/1", 2, ""), []string{"case/1"}, nil)
	must(t, s, add("case/1", 1, "three"))
	conflicts(t, s, add("case/1", 1, ""), []string{"case/1"}, nil)
	want := []store.Record{
		{Seq: 1, Stream: "case/1", Data: []byte("one")},
		{Seq: 2, Stream: "case/2", Data: []byte("two")},
		{Seq: 3, Prev: 1, Stream: "case/1", Data: []byte("three")},
	}
	sameRecords(t, log(t, s, 0), want)

	// Several in one batch take their places in its order.
	seq := must(t, s, store.Batch{Appends: []store.Append{
		{Stream: "case/2", After: 2, Data: []byte("four")},
		{Stream: "case/1", After: 3, Data: []byte("five")},
		{Stream: "case/0", After: 0},
	}})
	if seq != 6 {
		t.Errorf("returned %d, want 6", seq)
	}
	sameRecords(t, log(t, s, 3), []store.Record{
		{Seq: 4, Prev: 2, Stream: "case/2", Data: []byte("four")},
		{Seq: 5, Prev: 3, Stream: "case/1", Data: []byte("five")},
		{Seq: 6, Stream: "case/0"},
	})
}

func testKeys(t *testing.T, e Engine) {
	s := e.fresh(t)
	conflicts(t, s, put("a/1", 7, ""), nil, []string{"a/1"})
	must(t, s, put("a/1", 0, "one"))
	first := rev(t, s, "a/1")
	conflicts(t, s, put("a/1", 0, "two"), nil, []string{"a/1"})
	must(t, s, put("a/1", first, "two"))
	conflicts(t, s, put("a/1", first, "three"), nil, []string{"a/1"})
	second := get(t, s, "a/1")
	if string(second.Data) != "two" || second.Rev <= first {
		t.Errorf("got %+v after revision %d", second, first)
	}

	check := func(key string, was uint64) store.Batch {
		return store.Batch{Checks: []store.Check{{Key: key, Was: was}}}
	}
	must(t, s, check("a/1", second.Rev))
	must(t, s, check("a/2", 0))
	conflicts(t, s, check("a/1", first), nil, []string{"a/1"})
	conflicts(t, s, check("a/1", 0), nil, []string{"a/1"})
	conflicts(t, s, check("a/2", second.Rev), nil, []string{"a/2"})
	if got := get(t, s, "a/1"); got.Rev != second.Rev {
		t.Errorf("a check changed the revision from %d to %d", second.Rev, got.Rev)
	}

	// An erasure needs no expectation and may have one.
	both := store.Batch{Checks: []store.Check{{Key: "a/1", Was: first}}, Erases: []string{"a/1"}}
	conflicts(t, s, both, nil, []string{"a/1"})
	both.Checks[0].Was = second.Rev
	must(t, s, both)
	must(t, s, store.Batch{Erases: []string{"a/1", "never/there"}})
	if got := get(t, s, "a/1"); got.Rev != 0 {
		t.Errorf("erased document is %+v", got)
	}
	conflicts(t, s, put("a/1", second.Rev, "four"), nil, []string{"a/1"})

	// Empty data is a document all the same.
	must(t, s, put("a/3", 0, ""))
	if got := get(t, s, "a/3"); got.Rev == 0 || len(got.Data) != 0 {
		t.Errorf("empty document is %+v", got)
	}
}

// testWhole has a batch with a bit of everything, of which some is wrong.
func testWhole(t *testing.T, e Engine) {
	s := e.fresh(t)
	must(t, s, store.Batch{
		Appends: []store.Append{{Stream: "case/1"}, {Stream: "case/2"}},
		Puts:    []store.Put{{Key: "k/1"}, {Key: "k/2"}, {Key: "k/3"}},
	})
	was := rev(t, s, "k/1")
	b := store.Batch{
		Op: "some of this is wrong",
		Appends: []store.Append{
			{Stream: "case/9", After: 3},
			{Stream: "case/1", After: 1, Data: []byte("right")},
			{Stream: "case/2", After: 1},
			{Stream: "case/8", After: store.Any},
		},
		Puts: []store.Put{
			{Key: "z", Was: was},
			{Key: "k/2", Was: was, Data: []byte("right")},
			{Key: "k/1", Was: 0},
			{Key: "new", Data: []byte("right")},
		},
		Checks: []store.Check{{Key: "k/4", Was: was}, {Key: "k/3", Was: was}, {Key: "c", Was: was}},
		Erases: []string{"k/3"},
	}
	conflicts(t, s, b, []string{"case/9", "case/2"}, []string{"z", "k/1", "k/4", "c"})
	if got := last(t, s); got != 2 {
		t.Errorf("the log has %d records, want 2", got)
	}
	for _, d := range docs(t, s, "", "") {
		if d.Rev != was || len(d.Data) != 0 {
			t.Errorf("document %+v", d)
		}
	}
	if got := len(docs(t, s, "", "")); got != 3 {
		t.Errorf("%d documents, want 3", got)
	}
	// What conflicted was not remembered: the same Op works once it is mended.
	b.Appends = b.Appends[1:2]
	b.Puts = b.Puts[1:2]
	b.Checks = nil
	if got := must(t, s, b); got != 3 {
		t.Errorf("mended batch returned %d, want 3", got)
	}
	if d := get(t, s, "k/2"); string(d.Data) != "right" {
		t.Errorf("got %+v", d)
	}
}

// testGroup has many callers want the same thing at once: one may have it each
// time, and nobody is told a conflict without there being one.
func testGroup(t *testing.T, e Engine) {
	nodes := e.nodes(t)
	const rounds, callers = 20, 12
	for round := range rounds {
		var won atomic.Int32
		var wg sync.WaitGroup
		for i := range callers {
			wg.Go(func() {
				own, shared := fmt.Sprintf("own/%d/%d", round, i), name("shared", round)
				_, err := nodes[i%len(nodes)].Commit(t.Context(), store.Batch{
					Puts:    []store.Put{{Key: own}, {Key: shared, Data: []byte(own)}},
					Appends: []store.Append{{Stream: name("case", round), Data: []byte(own)}},
				})
				if err == nil {
					won.Add(1)
					return
				}
				c, ok := errors.AsType[*store.Conflict](err)
				if !ok || len(c.Keys) != 1 || c.Keys[0] != shared || len(c.Streams) != 1 {
					t.Errorf("got %v", err)
				}
			})
			wg.Go(func() { // beside them, some that conflict with nobody
				if _, err := nodes[i%len(nodes)].Commit(t.Context(), add(fmt.Sprintf("free/%d/%d", round, i), 0, "")); err != nil {
					t.Errorf("free: %v", err)
				}
			})
		}
		wg.Wait()
		if won.Load() != 1 {
			t.Fatalf("round %d: %d callers won", round, won.Load())
		}
		winner := get(t, nodes[0], name("shared", round))
		if own := docs(t, nodes[0], fmt.Sprintf("own/%d/", round), ""); len(own) != 1 || own[0].Key != string(winner.Data) {
			t.Fatalf("round %d: %s won, and there is %+v", round, winner.Data, own)
		}
	}
	if got := last(t, nodes[1]); got != rounds*(callers+1) {
		t.Errorf("the log has %d records, want %d", got, rounds*(callers+1))
	}
}

func testInvalid(t *testing.T, e Engine) {
	s := e.fresh(t)
	long := strings.Repeat("n", store.MaxKey+1)
	big := make([]byte, store.MaxData+1)
	most := big[:store.MaxData]
	many := make([]string, store.MaxParts+1)
	for i := range many {
		many[i] = fmt.Sprint(i)
	}
	for what, b := range map[string]store.Batch{
		"nothing":              {},
		"nothing but an op":    {Op: "x"},
		"long op":              {Op: long, Erases: []string{"a"}},
		"empty stream":         add("", 0, ""),
		"empty key":            put("", 0, ""),
		"empty checked key":    {Checks: []store.Check{{}}},
		"empty erased key":     {Erases: []string{""}},
		"long stream":          add(long, 0, ""),
		"long key":             put(long, 0, ""),
		"long checked key":     {Checks: []store.Check{{Key: long}}},
		"long erased key":      {Erases: []string{long}},
		"stream twice":         {Appends: []store.Append{{Stream: "a"}, {Stream: "a", After: store.Any}}},
		"key twice":            {Puts: []store.Put{{Key: "a"}, {Key: "a"}}},
		"checked twice":        {Checks: []store.Check{{Key: "a"}, {Key: "a"}}},
		"erased twice":         {Erases: []string{"a", "a"}},
		"put and erased":       {Puts: []store.Put{{Key: "a"}}, Erases: []string{"a"}},
		"put and checked":      {Puts: []store.Put{{Key: "a"}}, Checks: []store.Check{{Key: "a"}}},
		"record too big":       {Appends: []store.Append{{Stream: "a", Data: big}}},
		"document too big":     {Puts: []store.Put{{Key: "a", Data: big}}},
		"too many parts":       {Erases: many},
		"too big as a whole":   {Puts: []store.Put{{Key: "a", Data: most}, {Key: "b", Data: most}, {Key: "c", Data: most}, {Key: "d", Data: most}}},
		"invalid, conflicting": {Puts: []store.Put{{Key: "a", Was: 9}, {Key: ""}}},
	} {
		if _, err := s.Commit(t.Context(), b); !errors.Is(err, store.ErrInvalid) {
			t.Errorf("%s: got %v", what, err)
		}
	}
	if got := last(t, s); got != 0 || len(docs(t, s, "", "")) != 0 {
		t.Errorf("something was written")
	}
	// A stream and a key may have the same name, and be as long as they may.
	full := long[1:]
	must(t, s, store.Batch{Op: full, Appends: []store.Append{{Stream: full}}, Puts: []store.Put{{Key: full}}})
	if len(stream(t, s, full, 0)) != 1 || rev(t, s, full) == 0 {
		t.Error("what has the longest name was not found")
	}
	// No document can have a name that is none.
	for _, key := range []string{"", long} {
		if d := get(t, s, key); d.Rev != 0 {
			t.Errorf("a document with a name of %d bytes: %+v", len(key), d)
		}
	}
}

// testOwnership changes what it handed in and what it was handed out.
func testOwnership(t *testing.T, e Engine) {
	s := e.fresh(t)
	was := bytes.Repeat([]byte("as it was "), 200)
	data := bytes.Clone(was)
	must(t, s, store.Batch{
		Appends: []store.Append{{Stream: "case/1", Data: data}},
		Puts:    []store.Put{{Key: "k", Data: data}},
	})
	clear(data)
	for range 2 {
		read := [][]byte{get(t, s, "k").Data, docs(t, s, "", "")[0].Data, stream(t, s, "case/1", 0)[0].Data, log(t, s, 0)[0].Data}
		for i, b := range read {
			if !bytes.Equal(b, was) {
				t.Errorf("reader %d: %.40q", i, b)
			}
			clear(b)
			_ = append(b, "more"...)
		}
	}
}

// sameRecords compares records, whose empty data may be nil or not.
func sameRecords(t testing.TB, got, want []store.Record) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d records, want %d: %+v", len(got), len(want), got)
	}
	for i := range got {
		g, w := got[i], want[i]
		if g.Seq != w.Seq || g.Prev != w.Prev || g.Stream != w.Stream || !bytes.Equal(g.Data, w.Data) {
			t.Fatalf("record %d: %s, want %s", i, show(g), show(w))
		}
	}
}

func show(r store.Record) string {
	return fmt.Sprintf("{%d after %d in %.40q: %d bytes %.20q}", r.Seq, r.Prev, r.Stream, len(r.Data), r.Data)
}
