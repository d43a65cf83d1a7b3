package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/amends-care/amends/internal/store"
)

func testRead(t *testing.T, e Engine) {
	t.Run("get", func(t *testing.T) { testGet(t, e) })
	t.Run("one moment", func(t *testing.T) { testMoment(t, e) })
	t.Run("names of any bytes in order", func(t *testing.T) { testNames(t, e) })
	t.Run("many documents", func(t *testing.T) { testMany(t, e) })
	t.Run("list while it changes", func(t *testing.T) { testListMoving(t, e) })
	t.Run("streams", func(t *testing.T) { testStreamReads(t, e) })
	t.Run("large values", func(t *testing.T) { testLarge(t, e) })
	t.Run("ended context", func(t *testing.T) { testEnded(t, e) })
}

func testGet(t *testing.T, e Engine) {
	s := e.fresh(t)
	must(t, s, store.Batch{Puts: []store.Put{{Key: "a/1", Data: []byte("1")}, {Key: "b/2", Data: []byte("2")}}})
	got, err := s.Get(t.Context(), "b/2", "none", "a/1", "b/2", "a/")
	if err != nil || len(got) != 5 {
		t.Fatalf("%d documents, %v", len(got), err)
	}
	for i, want := range []string{"b/2=2", "none=", "a/1=1", "b/2=2", "a/="} {
		if have := got[i].Key + "=" + string(got[i].Data); have != want || (got[i].Rev == 0) != (len(got[i].Data) == 0) {
			t.Errorf("document %d is %s at %d, want %s", i, have, got[i].Rev, want)
		}
	}
	if got, err := s.Get(t.Context()); len(got) != 0 || err != nil {
		t.Errorf("get of nothing: %v, %v", got, err)
	}
}

// testMoment has documents that always change together. No read sees one
// changed and the other not.
func testMoment(t *testing.T, e Engine) {
	nodes := e.nodes(t)
	keys := []string{"x/1", "y/2", "z"}
	write := func(n int, was uint64) uint64 {
		b := store.Batch{}
		for _, k := range keys {
			b.Puts = append(b.Puts, store.Put{Key: k, Was: was, Data: fmt.Append(nil, n)})
		}
		must(t, nodes[0], b)
		return rev(t, nodes[0], keys[0])
	}
	was := write(0, 0)
	done := make(chan error, 1)
	ctx, stop := context.WithCancel(t.Context())
	go func() {
		done <- func() error {
			for ctx.Err() == nil {
				got, err := nodes[1].Get(t.Context(), keys...)
				if err != nil {
					return err
				}
				for _, d := range got {
					if !bytes.Equal(d.Data, got[0].Data) || d.Rev != got[0].Rev {
						return fmt.Errorf("%s is %s at %d and %s is %s at %d", d.Key, d.Data, d.Rev, got[0].Key, got[0].Data, got[0].Rev)
					}
				}
			}
			return nil
		}()
	}()
	for n := range 200 {
		was = write(n+1, was)
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// nasty are names that trip a careless engine: a prefix of another with and
// without a slash, bytes on both sides of the slash, bytes that are no UTF-8.
var nasty = []string{
	"\x00", "\x00a", "a", "a\x00", "a\x00b", "a!", "a!/x", "a-b/c", "a/", "a/\x00", "a/!", "a//", "a//b", "a/b", "a/b/", "a/b/c", "a/b\xff",
	"a/ba", "a/\xff", "a/\xff\xff", "a0", "a0/b", "a=", "a\xff/b", "aa", "aa/b", "=", "=/", "=/a", "=a", "/", "//", "/a", "é/ü", "\xc3(/x", "\xff", "\xff/",
	"\xff/\xff", "\xff\xff", strings.Repeat("long/", 200), strings.Repeat("z", store.MaxKey),
}

func testNames(t *testing.T, e Engine) {
	s := e.fresh(t)
	order := slices.Clone(nasty)
	rand.New(rand.NewPCG(3, 4)).Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
	for _, n := range order {
		must(t, s, store.Batch{
			Puts:    []store.Put{{Key: n, Data: []byte("doc " + n)}},
			Appends: []store.Append{{Stream: n, Data: []byte("rec " + n)}},
		})
	}
	sorted := slices.Sorted(slices.Values(nasty))
	listed := func(prefix, after string) (keys []string) {
		for _, d := range docs(t, s, prefix, after) {
			if string(d.Data) != "doc "+d.Key {
				t.Errorf("%q holds %q", d.Key, d.Data)
			}
			keys = append(keys, d.Key)
		}
		return keys
	}
	within := func(prefix, after string) (keys []string) {
		for _, n := range sorted {
			if strings.HasPrefix(n, prefix) && n > after {
				keys = append(keys, n)
			}
		}
		return keys
	}
	prefixes := append([]string{"", "b", "a/b/c/d", "\xff\xff\xff", "long"}, sorted...)
	for _, prefix := range prefixes {
		for _, after := range append([]string{"", "a/a", "a/b/b", "\xff\xff\xff", "a.", "="}, sorted...) {
			if got, want := listed(prefix, after), within(prefix, after); !slices.Equal(got, want) {
				t.Fatalf("list %q after %q:\n got %q\nwant %q", prefix, after, got, want)
			}
		}
	}
	for _, n := range nasty {
		got := stream(t, s, n, 0)
		if len(got) != 1 || got[0].Stream != n || string(got[0].Data) != "rec "+n {
			t.Fatalf("stream %q: %+v", n, got)
		}
		if d := get(t, s, n); string(d.Data) != "doc "+n {
			t.Fatalf("get %q: %+v", n, d)
		}
	}
}

// testMany lists more than any chunk, in order, from any place, in two
// families that lie beside each other.
func testMany(t *testing.T, e Engine) {
	s := e.fresh(t)
	const n = 3000
	order := rand.New(rand.NewPCG(5, 6)).Perm(n)
	for part := range slices.Chunk(order, 500) {
		var b store.Batch
		for _, i := range part {
			b.Puts = append(b.Puts,
				store.Put{Key: name("mention", i), Data: bytes.Repeat([]byte{byte(i)}, i%1500)},
				store.Put{Key: name("mention.", i)})
		}
		must(t, s, b)
	}
	for _, from := range []int{-1, 0, 1, 255, 256, 257, n - 2, n - 1, n} {
		after := ""
		if from >= 0 {
			after = name("mention", from)
		}
		i := from + 1
		for d, err := range s.List(t.Context(), "mention/", after) {
			if err != nil {
				t.Fatal(err)
			}
			if d.Key != name("mention", i) || len(d.Data) != i%1500 {
				t.Fatalf("after %d: got %q with %d bytes, want %d", from, d.Key, len(d.Data), i)
			}
			i++
		}
		if want := max(n, from+1); i != want {
			t.Errorf("after %d: the list ends before %d, want %d", from, i, want)
		}
	}
	if got := len(docs(t, s, "mention", "")); got != 2*n {
		t.Errorf("%d documents in both families, want %d", got, 2*n)
	}
}

// testListMoving changes what it lists. What stands during the whole loop is
// seen once.
func testListMoving(t *testing.T, e Engine) {
	s := e.fresh(t)
	const n = 1200
	var b store.Batch
	for i := range n {
		b.Puts = append(b.Puts, store.Put{Key: name("d", 2*i)})
	}
	must(t, s, b)
	var seen []string
	for d, err := range s.List(t.Context(), "d/", "") {
		if err != nil {
			t.Fatal(err)
		}
		i := len(seen)
		if seen = append(seen, d.Key); i%12 > 0 || i >= n {
			continue
		}
		// Erase what was just seen, and write beside it and far ahead.
		must(t, s, store.Batch{
			Erases: []string{d.Key},
			Puts:   []store.Put{{Key: d.Key + "+"}, {Key: name("d", 2*(n-1-i/12)+1)}},
		})
	}
	if !slices.IsSorted(seen) || len(slices.Compact(slices.Clone(seen))) != len(seen) {
		t.Error("out of order or twice")
	}
	for i := range n {
		if _, found := slices.BinarySearch(seen, name("d", 2*i)); !found {
			t.Errorf("%s stood all the time and was not seen", name("d", 2*i))
		}
	}
}

// testStreamReads interleaves streams of very different lengths, and compares
// each with what the log says of it.
func testStreamReads(t *testing.T, e Engine) {
	s := e.fresh(t)
	for range 10 {
		var b store.Batch
		for j := range 60 {
			b.Appends = append(b.Appends, store.Append{Stream: name("case", j), After: store.Any})
		}
		must(t, s, b)
	}
	const long, n = "source/news", 1500
	together(t, n, func(i int) error {
		b := add(long, store.Any, fmt.Sprint(i))
		if i%3 == 0 { // something in between, of a stream whose name is its beginning
			b.Appends = append(b.Appends, store.Append{Stream: "source/new", After: store.Any})
		}
		_, err := s.Commit(t.Context(), b)
		return err
	})
	want := make(map[string][]store.Record)
	for _, r := range log(t, s, 0) {
		want[r.Stream] = append(want[r.Stream], r)
	}
	if len(want) != 62 || len(want[long]) != n || len(want["source/new"]) != n/3 || len(want[name("case", 59)]) != 10 {
		t.Fatalf("%d streams, the long one of %d records", len(want), len(want[long]))
	}
	for name, records := range want {
		sameRecords(t, stream(t, s, name, 0), records)
	}
	for _, after := range []int{0, 1, 254, 255, 256, 257, 511, 512, 800, n - 2, n - 1} {
		sameRecords(t, stream(t, s, long, want[long][after].Seq), want[long][after+1:])
		sameRecords(t, stream(t, s, long, want[long][after].Seq-1), want[long][after:])
	}
	sameRecords(t, stream(t, s, long, last(t, s)+1000), nil)
	sameRecords(t, stream(t, s, long, store.Any), nil)
}

// testLarge writes the largest values there may be, and reads them all ways.
func testLarge(t *testing.T, e Engine) {
	dir := t.TempDir()
	s := e.Open(t, dir)
	big := make([]byte, store.MaxData)
	r := rand.New(rand.NewPCG(7, 8))
	for i := range big {
		big[i] = byte(r.Uint32())
	}
	must(t, s, store.Batch{
		Appends: []store.Append{{Stream: "case/1", Data: big}, {Stream: "case/2", Data: big[1:]}},
		Puts:    []store.Put{{Key: "model/1", Data: big}, {Key: "model/2", Data: []byte("small")}},
	})
	was := rev(t, s, "model/1")
	must(t, s, store.Batch{Puts: []store.Put{{Key: "model/1", Was: was, Data: big[2:]}}})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = e.open(t, dir)
	equal := func(what string, got, want []byte) {
		t.Helper()
		if !bytes.Equal(got, want) {
			t.Errorf("%s: %d bytes that are not the %d that were written", what, len(got), len(want))
		}
	}
	equal("get", get(t, s, "model/1").Data, big[2:])
	listed := docs(t, s, "model/", "")
	equal("list", listed[0].Data, big[2:])
	equal("list, the small one", listed[1].Data, []byte("small"))
	equal("stream", stream(t, s, "case/1", 0)[0].Data, big)
	tailed := log(t, s, 0)
	equal("tail", tailed[0].Data, big)
	equal("tail, the second", tailed[1].Data, big[1:])
}

func testEnded(t *testing.T, e Engine) {
	s := e.fresh(t)
	fill(t, s, 600)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Get(ended, "a"); !errors.Is(err, context.Canceled) {
		t.Errorf("get: %v", err)
	}
	for what, loop := range loops(s) {
		// An ended context yields its error and nothing else.
		n := 0
		for err := range loop(ended) {
			if n++; !errors.Is(err, context.Canceled) {
				t.Errorf("%s with an ended context: %v", what, err)
			}
		}
		if n != 1 {
			t.Errorf("%s with an ended context yields %d times", what, n)
		}
		// One that ends on the way does so before the next item.
		ctx, cancel := context.WithCancel(t.Context())
		good, bad := 0, 0
		for err := range loop(ctx) {
			switch {
			case errors.Is(err, context.Canceled):
				bad++
			case err != nil:
				t.Errorf("%s: %v", what, err)
			default:
				if good++; good == 300 {
					cancel()
				}
			}
		}
		cancel()
		if good != 300 || bad != 1 {
			t.Errorf("%s: %d items and %d errors after its context ended at 300", what, good, bad)
		}
		// A loop that breaks is not heard of again.
		for err := range loop(t.Context()) {
			if err != nil {
				t.Errorf("%s: %v", what, err)
			}
			break
		}
	}
}
