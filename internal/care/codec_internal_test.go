package care

import (
	"bytes"
	"math"
	"reflect"
	"runtime"
	"testing"
	"time"
)

// small is a struct as it was; grown is what a newer program made of it.
type small struct{ A, B string }

func (s *small) fields(c *codec) { c.text(&s.A); c.text(&s.B) }

type grown struct {
	A, B string
	C    int
	D    []string
}

func (g *grown) fields(c *codec) { c.text(&g.A); c.text(&g.B); c.int(&g.C); texts(c, &g.D) }

// holder is anything with structs within: another field follows each of them.
type holder[T any, P interface {
	*T
	fields(*codec)
}] struct {
	One   T
	Many  []T
	After string
}

func (h *holder[T, P]) fields(c *codec) {
	c.block(P(&h.One).fields)
	blocks[T, P](c, &h.Many)
	c.text(&h.After)
}

func TestStructsWithinOthersCanGrow(t *testing.T) {
	now := holder[grown, *grown]{One: grown{"a", "b", 3, []string{"x"}}, Many: []grown{{A: "c", C: 4}, {}, {B: "d", D: []string{"y"}}}, After: "after"}
	old := holder[small, *small]{One: small{"a", "b"}, Many: []small{{A: "c"}, {}, {B: "d"}}, After: "after"}

	var read holder[small, *small]
	if err := decode(encode(1, 0, now.fields), 1, "test", read.fields); err != nil || !reflect.DeepEqual(read, old) {
		t.Errorf("an old program reads %+v, %v", read, err)
	}
	want := holder[grown, *grown]{One: grown{A: "a", B: "b"}, Many: []grown{{A: "c"}, {}, {B: "d"}}, After: "after"}
	var back holder[grown, *grown]
	if err := decode(encode(1, 0, old.fields), 1, "test", back.fields); err != nil || !reflect.DeepEqual(back, want) {
		t.Errorf("a new program reads %+v, %v", back, err)
	}
}

func TestLongBlocks(t *testing.T) {
	for _, n := range []int{0, 1, 125, 126, 127, 128, 16381, 16382, 16383, 16384, 1 << 20} {
		in := holder[small, *small]{One: small{A: string(make([]byte, n))}, After: "after"}
		var out holder[small, *small]
		if err := decode(encode(1, 0, in.fields), 1, "test", out.fields); err != nil || !reflect.DeepEqual(in, out) {
			t.Errorf("%d bytes within: %v", n, err)
		}
	}
}

func TestTimesOnDisk(t *testing.T) {
	day := func(y int) time.Time { return time.Date(y, 5, 6, 7, 8, 9, 123456789, time.UTC) }
	for _, r := range []struct{ in, want time.Time }{
		{time.Time{}, time.Time{}},
		{day(2026), day(2026).Truncate(time.Millisecond)},
		{day(2026).In(time.FixedZone("there", 3600)), day(2026).Truncate(time.Millisecond)},
		{time.UnixMilli(0), time.UnixMilli(0).UTC()},
		{time.UnixMilli(-1), time.UnixMilli(-1).UTC()},
		{day(1904), day(1904).Truncate(time.Millisecond)},
		{day(-300), time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC)},
		{day(12026), time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)},
		{time.Unix(math.MaxInt64/2, 0), time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)},
		{time.Unix(math.MinInt64/2, 0), time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC)},
	} {
		got := r.in
		b := encode(1, 0, func(c *codec) { c.time(&got) })
		got = time.Now()
		if err := decode(b, 1, "time", func(c *codec) { got = time.Time{}; c.time(&got) }); err != nil || !got.Equal(r.want) || got.Location() != time.UTC {
			t.Errorf("%v came back as %v (%v), want %v", r.in, got, err, r.want)
		}
		if _, err := got.MarshalJSON(); err != nil {
			t.Errorf("%v can't be printed: %v", got, err)
		}
	}
}

func TestNumbersOnDisk(t *testing.T) {
	for _, f := range []float64{0, 0.25, -1.5, 0.93, -7.654321, 0.000001, math.MaxFloat32, math.NaN(), math.Inf(1), math.Inf(-1), math.MaxFloat64} {
		got := f
		b := encode(1, 0, func(c *codec) { c.float(&got) })
		want := f
		if math.IsNaN(f) || math.Abs(f) > math.MaxFloat32 {
			want = 0
		}
		if err := decode(b, 1, "float", func(c *codec) { c.float(&got) }); err != nil || got != want {
			t.Errorf("%v came back as %v, %v", f, got, err)
		}
	}
	for _, d := range []time.Duration{0, time.Millisecond, -time.Hour, math.MaxInt64, math.MinInt64} {
		got := d
		b := encode(1, 0, func(c *codec) { c.duration(&got) })
		if err := decode(b, 1, "duration", func(c *codec) { c.duration(&got) }); err != nil || got != d.Truncate(time.Millisecond) {
			t.Errorf("%v came back as %v, %v", d, got, err)
		}
	}
	for _, n := range []int{0, 1, -1, math.MaxInt, math.MinInt} {
		got := n
		b := encode(1, 0, func(c *codec) { c.int(&got) })
		if err := decode(b, 1, "int", func(c *codec) { c.int(&got) }); err != nil || got != n {
			t.Errorf("%d came back as %d, %v", n, got, err)
		}
	}
	// Bytes that no program of ours wrote: numbers beyond what we can hold.
	var d time.Duration
	huge := encode(1, 0, func(c *codec) { n := int64(math.MaxInt64); c.int64(&n) })
	if err := decode(huge, 1, "duration", func(c *codec) { c.duration(&d) }); err != nil || d < 0 {
		t.Errorf("a huge duration is read as %v, %v", d, err)
	}
}

// A word of a newer program's table survives an older one that writes it again.
func TestWordsOfNewerPrograms(t *testing.T) {
	newer := append(append([]Urgency{}, urgencies...), "flood", "strike")
	for _, u := range []Urgency{"", Safety, "flood", "strike", "something of a stranger", "unknown-1", "unknown-x", "unknown-08"} {
		b := encode(1, 0, func(c *codec) { v := u; enum(c, &v, newer) })
		var between, got Urgency
		if err := decode(b, 1, "word", func(c *codec) { enum(c, &between, urgencies) }); err != nil {
			t.Fatal(err)
		}
		again := encode(1, 0, func(c *codec) { enum(c, &between, urgencies) })
		if err := decode(again, 1, "word", func(c *codec) { enum(c, &got, newer) }); err != nil || got != u {
			t.Errorf("%q is read as %q by an old program and written back as %q, %v", u, between, got, err)
		}
	}
}

// A count or a length is believed only as far as there are bytes for it.
func TestHostileLengthsAllocateLittle(t *testing.T) {
	count := func(n uint64) []byte { return encode(1, 0, func(c *codec) { c.uint(&n) }) }
	many := append(count(1<<16), make([]byte, 1<<16)...) // empty elements, a byte each
	for name, b := range map[string][]byte{
		"a huge list": count(math.MaxUint64), "a list of 2^31": count(1 << 31), "a list that breaks off": append(count(1<<16), 0xff),
		"a list whose elements are too long": append(count(1<<16), bytes.Repeat([]byte{5}, 1<<16)...),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		var loose Loose
		_ = decode(b, 1, name, loose.fields)
		var text string
		_ = decode(b, 1, name, func(c *codec) { c.text(&text) })
		runtime.ReadMemStats(&after)
		if took := after.TotalAlloc - before.TotalAlloc; took > 1<<20+2048*uint64(len(b)) {
			t.Errorf("%s of %d bytes allocates %d MB", name, len(b), took>>20)
		}
	}
	var loose Loose
	if err := decode(append(count(1<<16), bytes.Repeat([]byte{5}, 1<<16)...), 1, "list", loose.fields); err == nil {
		t.Errorf("a list with fewer elements than it says: %d", len(loose.Mentions))
	}
	if err := decode(many, 1, "list", loose.fields); err != nil || len(loose.Mentions) != 1<<16 {
		t.Errorf("many empty elements: %d, %v", len(loose.Mentions), err)
	}
}

func TestFormats(t *testing.T) {
	nothing := func(*codec) {}
	for b, ok := range map[string]bool{"": false, "\x00": false, "\x01": true, "\x02": false, "\xff": false} {
		if err := decode([]byte(b), 1, "test", nothing); (err == nil) != ok {
			t.Errorf("format %q: %v", b, err)
		}
	}
}

func TestEncodingWhatIsNotInTheTable(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("an event without a place in the table is written")
		}
	}()
	r := Record{Events: []Event{stranger{}}}
	r.Encode()
}

type stranger struct{}

func (stranger) Kind() Kind { return "stranger" }
