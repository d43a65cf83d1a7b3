package store_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/amends-care/amends/internal/store"
)

// A copied snapshot is written again as it is read, so what comes out must be
// what went in.
type copied struct{ w *store.SnapshotWriter }

func (c copied) Doc(d store.Doc) error       { return c.w.Doc(d) }
func (c copied) Record(r store.Record) error { return c.w.Record(r) }
func (c copied) Op(o store.Op) error         { return c.w.Op(o) }

// nowhere takes everything.
type nowhere struct{}

func (nowhere) Doc(store.Doc) error       { return nil }
func (nowhere) Record(store.Record) error { return nil }
func (nowhere) Op(store.Op) error         { return nil }

var taken = time.Date(2026, 11, 21, 9, 30, 0, 123e6, time.UTC)

// sample is a snapshot with some of everything.
func sample(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := store.NewSnapshotWriter(&b, store.Position{Seq: 3, Rev: 9, At: taken})
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{
		w.Doc(store.Doc{Key: "a", Rev: 1}),
		w.Doc(store.Doc{Key: "a/\xff", Rev: 9, Data: bytes.Repeat([]byte("text "), 100_000)}),
		w.Doc(store.Doc{Key: strings.Repeat("z", store.MaxKey), Rev: 4, Data: []byte{0}}),
		w.Record(store.Record{Seq: 1, Stream: "case/1", Data: []byte("opened")}),
		w.Record(store.Record{Seq: 2, Stream: "case/2"}),
		w.Record(store.Record{Seq: 3, Prev: 1, Stream: "case/1", Data: []byte("resolved")}),
		w.Op(store.Op{Name: "page/1", Seq: 2, At: taken.Truncate(time.Second)}),
		w.Op(store.Op{Name: "before 1970", At: time.Unix(-5, 0)}),
		w.Close(),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}

func TestSnapshotReadsAsItWasWritten(t *testing.T) {
	whole := sample(t)
	for how, r := range map[string]io.Reader{
		"at once":          bytes.NewReader(whole),
		"byte by byte":     iotest.OneByteReader(bytes.NewReader(whole)),
		"error at the end": iotest.DataErrReader(bytes.NewReader(whole)),
	} {
		var again bytes.Buffer
		w, err := store.NewSnapshotWriter(&again, store.Position{Seq: 3, Rev: 9, At: taken})
		if err != nil {
			t.Fatal(err)
		}
		at, err := store.ReadSnapshot(r, copied{w})
		if err != nil || at.Seq != 3 || at.Rev != 9 || !at.At.Equal(taken) {
			t.Errorf("%s: %+v, %v", how, at, err)
		}
		if err := w.Close(); err != nil || !bytes.Equal(again.Bytes(), whole) {
			t.Errorf("%s: %d bytes became %d, %v", how, len(whole), again.Len(), err)
		}
	}
}

func TestSnapshotRefusesEveryCutAndFlip(t *testing.T) {
	// Small, so that every byte can have its turn.
	var b bytes.Buffer
	w, err := store.NewSnapshotWriter(&b, store.Position{Seq: 1, Rev: 2, At: taken})
	if err := errors.Join(err, w.Doc(store.Doc{Key: "k", Rev: 2, Data: []byte("data")}), w.Record(store.Record{Seq: 1, Stream: "s"}), w.Op(store.Op{Name: "o"}), w.Close()); err != nil {
		t.Fatal(err)
	}
	whole := b.Bytes()
	if _, err := store.ReadSnapshot(bytes.NewReader(whole), nowhere{}); err != nil {
		t.Fatal(err)
	}
	for n := range whole {
		if _, err := store.ReadSnapshot(bytes.NewReader(whole[:n]), nowhere{}); !errors.Is(err, store.ErrSnapshot) {
			t.Errorf("cut to %d bytes: %v", n, err)
		}
		for bit := range 8 {
			broken := bytes.Clone(whole)
			broken[n] ^= 1 << bit
			_, err := store.ReadSnapshot(bytes.NewReader(broken), nowhere{})
			if !errors.Is(err, store.ErrSnapshot) && !(errors.Is(err, store.ErrNewer) && (n == 8 || n == 9)) {
				t.Errorf("bit %d of byte %d: %v", bit, n, err)
			}
		}
	}
}

// What a snapshot says is believed only if it can be true, whatever its
// checksum.
func TestSnapshotThatContradictsItself(t *testing.T) {
	doc := func(d store.Doc) func(*store.SnapshotWriter) error {
		return func(w *store.SnapshotWriter) error { return w.Doc(d) }
	}
	rec := func(r store.Record) func(*store.SnapshotWriter) error {
		return func(w *store.SnapshotWriter) error { return w.Record(r) }
	}
	op := func(o store.Op) func(*store.SnapshotWriter) error {
		return func(w *store.SnapshotWriter) error { return w.Op(o) }
	}
	good := rec(store.Record{Seq: 1, Stream: "s"})
	for what, parts := range map[string][]func(*store.SnapshotWriter) error{
		"no record":             {},
		"too many records":      {good, rec(store.Record{Seq: 2, Prev: 1, Stream: "s"})},
		"a gap":                 {rec(store.Record{Seq: 2, Stream: "s"})},
		"record 0":              {rec(store.Record{Seq: 0, Stream: "s"})},
		"link to itself":        {rec(store.Record{Seq: 1, Prev: 1, Stream: "s"})},
		"no stream":             {rec(store.Record{Seq: 1})},
		"long stream":           {rec(store.Record{Seq: 1, Stream: strings.Repeat("s", store.MaxKey+1)})},
		"absent document":       {doc(store.Doc{Key: "k"}), good},
		"future document":       {doc(store.Doc{Key: "k", Rev: 6}), good},
		"no key":                {doc(store.Doc{Rev: 1}), good},
		"long key":              {doc(store.Doc{Key: strings.Repeat("k", store.MaxKey+1), Rev: 1}), good},
		"large document":        {doc(store.Doc{Key: "k", Rev: 1, Data: make([]byte, store.MaxData+1)}), good},
		"larger than any frame": {doc(store.Doc{Key: "k", Rev: 1, Data: make([]byte, store.MaxData+4096)}), good},
		"document twice":        {doc(store.Doc{Key: "k", Rev: 1}), doc(store.Doc{Key: "k", Rev: 1}), good},
		"out of key order":      {doc(store.Doc{Key: "l", Rev: 1}), doc(store.Doc{Key: "k", Rev: 1}), good},
		"document after record": {good, doc(store.Doc{Key: "k", Rev: 1})},
		"record after op":       {op(store.Op{Name: "o"}), good},
		"future op":             {good, op(store.Op{Name: "o", Seq: 2})},
		"op without a name":     {good, op(store.Op{})},
	} {
		var b bytes.Buffer
		w, err := store.NewSnapshotWriter(&b, store.Position{Seq: 1, Rev: 5, At: taken})
		for _, part := range parts {
			err = errors.Join(err, part(w))
		}
		if err := errors.Join(err, w.Close()); err != nil {
			t.Fatal(err)
		}
		if _, err := store.ReadSnapshot(&b, nowhere{}); !errors.Is(err, store.ErrSnapshot) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// A newer version is refused by its header, and nothing behind it is read.
func TestSnapshotOfANewerProgram(t *testing.T) {
	head := binary.BigEndian.AppendUint16([]byte("amendsbk"), 2)
	if _, err := store.ReadSnapshot(bytes.NewReader(head), nowhere{}); !errors.Is(err, store.ErrNewer) {
		t.Errorf("got %v", err)
	}
}

var errFailing = errors.New("can't go on")

// A failing sink fails at the first record.
type failing struct{ nowhere }

func (failing) Record(store.Record) error { return errFailing }

func TestSnapshotPassesErrorsOn(t *testing.T) {
	whole := sample(t)
	if _, err := store.ReadSnapshot(bytes.NewReader(whole), failing{}); !errors.Is(err, errFailing) {
		t.Errorf("of the sink: %v", err)
	}
	r := io.MultiReader(bytes.NewReader(whole[:100]), iotest.ErrReader(errFailing))
	if _, err := store.ReadSnapshot(r, nowhere{}); !errors.Is(err, errFailing) || errors.Is(err, store.ErrSnapshot) {
		t.Errorf("of the reader: %v", err)
	}
}

// A length that promises much costs no more than what arrives.
func TestSnapshotLengthIsNotBelieved(t *testing.T) {
	head := binary.BigEndian.AppendUint16([]byte("amendsbk"), 1)
	head = append(head, 'p')
	for _, length := range []uint64{store.MaxData, store.MaxData * 2, 1 << 40, 1<<64 - 1} {
		b := append(binary.AppendUvarint(bytes.Clone(head), length), "short"...)
		allocated := testing.AllocsPerRun(1, func() {
			if _, err := store.ReadSnapshot(bytes.NewReader(b), nowhere{}); !errors.Is(err, store.ErrSnapshot) {
				t.Errorf("length %d: %v", length, err)
			}
		})
		if allocated > 100 {
			t.Errorf("length %d: %v allocations", length, allocated)
		}
	}
}

// FuzzReadSnapshot feeds anything to the reader: as it is, and as the frames of
// a snapshot whose header and checksum are right, so that they are looked at.
func FuzzReadSnapshot(f *testing.F) {
	var small bytes.Buffer
	w, err := store.NewSnapshotWriter(&small, store.Position{Seq: 2, Rev: 2, At: taken})
	if err := errors.Join(err, w.Doc(store.Doc{Key: "k", Rev: 2, Data: []byte("data")}),
		w.Record(store.Record{Seq: 1, Stream: "s"}), w.Record(store.Record{Seq: 2, Prev: 1, Stream: "s"}),
		w.Op(store.Op{Name: "o"}), w.Close()); err != nil {
		f.Fatal(err)
	}
	whole := small.Bytes()
	const head = len("amendsbk") + 2
	f.Add(whole)
	f.Add(whole[head : len(whole)-sha256.Size])
	f.Add([]byte("p\x03\x00\x00\x00e\x03\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		framed := append(bytes.Clone(whole[:head]), b...)
		sum := sha256.Sum256(framed)
		for _, b := range [][]byte{b, append(framed, sum[:]...)} {
			var sink demanding
			at, err := store.ReadSnapshot(bytes.NewReader(b), &sink)
			switch {
			case err == nil && uint64(at.Seq) != sink.records:
				t.Fatalf("%d records up to %d", sink.records, at.Seq)
			case err != nil && !errors.Is(err, store.ErrSnapshot) && !errors.Is(err, store.ErrNewer):
				t.Fatalf("an error of another kind: %v", err)
			}
		}
	})
}

// A demanding sink panics at what no sink should have to expect.
type demanding struct {
	records uint64
	key     string
}

func (s *demanding) Doc(d store.Doc) error {
	if d.Key <= s.key || len(d.Key) > store.MaxKey || d.Rev == 0 || len(d.Data) > store.MaxData {
		panic(fmt.Sprintf("document %q at %d", d.Key, d.Rev))
	}
	s.key = d.Key
	return nil
}

func (s *demanding) Record(r store.Record) error {
	if s.records++; uint64(r.Seq) != s.records || r.Prev >= r.Seq || r.Stream == "" || len(r.Data) > store.MaxData {
		panic(fmt.Sprintf("record %+v", r))
	}
	return nil
}

func (s *demanding) Op(o store.Op) error {
	if o.Name == "" || len(o.Name) > store.MaxKey {
		panic(fmt.Sprintf("op %+v", o))
	}
	return nil
}
