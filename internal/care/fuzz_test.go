package care_test

import (
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/amends-care/amends/internal/care"
)

// Whatever the bytes are: no panic, and what was read is read again when it is
// written. The seeds are real documents, whole and broken.

func seeds(f *testing.F, whole ...[]byte) {
	for _, b := range whole {
		f.Add(b)
		f.Add(b[:len(b)/2])
		f.Add(append([]byte{}, append(b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01)...))
	}
	f.Add([]byte{})
	f.Add([]byte{1})
	f.Add([]byte{2, 0})
}

func FuzzDecodeRecord(f *testing.F) {
	for _, s := range samples() {
		seeds(f, s.rec.Encode())
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		rec, err := care.DecodeRecord(b)
		if err != nil {
			return
		}
		again, err := care.DecodeRecord(rec.Encode())
		if err != nil || !reflect.DeepEqual(again, rec) {
			t.Fatalf("written again: %v\n got %s\nwant %s", err, show(again.Events), show(rec.Events))
		}
		if _, err := json.Marshal(rec); err != nil {
			t.Fatalf("print: %v", err)
		}
		if len(rec.Events) > 200 {
			return // a fold takes the square of that
		}
		c := &care.Case{ID: "c1"}
		c.Apply(1, rec)
		c.Apply(2, rec)
		follows := care.Record{At: rec.At, Events: c.Settle(nil, rec.At, normal)}
		if follows, err = care.DecodeRecord(follows.Encode()); err != nil {
			t.Fatal(err)
		}
		c.Apply(3, follows)
		row := c.Row()
		if back, err := care.DecodeRow(row.Encode()); err != nil || back.Order() != row.Order() {
			t.Fatalf("row: %v\n got %+v\nwant %+v", err, back, row)
		}
	})
}

// fuzzDocument is the same for a kind of document.
func fuzzDocument[T any](f *testing.F, decode func([]byte) (T, error), encode func(*T) []byte) {
	r := rand.New(rand.NewPCG(4, 4))
	for range 20 {
		v := random[T](r)
		seeds(f, encode(&v))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		v, err := decode(b)
		if err != nil {
			return
		}
		again, err := decode(encode(&v))
		if err != nil || !reflect.DeepEqual(again, v) {
			t.Fatalf("written again: %v\n got %+v\nwant %+v", err, again, v)
		}
	})
}

func FuzzDecodeMention(f *testing.F) { fuzzDocument(f, care.DecodeMention, (*care.Mention).Encode) }
func FuzzDecodeText(f *testing.F)    { fuzzDocument(f, care.DecodeText, (*care.Text).Encode) }
func FuzzDecodeClaims(f *testing.F)  { fuzzDocument(f, care.DecodeClaims, (*care.Claims).Encode) }
func FuzzDecodeLoose(f *testing.F)   { fuzzDocument(f, care.DecodeLoose, (*care.Loose).Encode) }
func FuzzDecodeRow(f *testing.F)     { fuzzDocument(f, care.DecodeRow, (*care.Row).Encode) }

// What people print and edit is read with the same care.
func FuzzReadPrintedRecord(f *testing.F) {
	for _, s := range samples() {
		b, err := json.Marshal(s.rec)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var rec care.Record
		if json.Unmarshal(b, &rec) != nil {
			return
		}
		printed, err := json.Marshal(rec)
		if err != nil {
			t.Skip("a time that can't be printed")
		}
		var again care.Record
		if err := json.Unmarshal(printed, &again); err != nil {
			t.Fatalf("%v\n%s", err, printed)
		}
		if twice, err := json.Marshal(again); err != nil || string(twice) != string(printed) {
			t.Fatalf("printed twice: %v\n%s\n%s", err, printed, twice)
		}
		if _, err := care.DecodeRecord(rec.Encode()); err != nil {
			t.Fatalf("compact: %v", err)
		}
	})
}
