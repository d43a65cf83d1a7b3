// Package caretest reads in tests what a log tells. It keeps nothing and writes
// nothing.
package caretest

import (
	"iter"
	"testing"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/store"
)

// Records are the records of a stream, or of the whole log, as care reads them.
// One that can't be read ends the test.
func Records(tb testing.TB, rows iter.Seq2[store.Record, error]) iter.Seq[care.SeqRecord] {
	return func(yield func(care.SeqRecord) bool) {
		tb.Helper()
		for r, err := range rows {
			if err != nil {
				tb.Fatal(err)
			}
			rec, err := care.DecodeRecord(r.Data)
			if err != nil {
				tb.Fatalf("record %d: %v", r.Seq, err)
			}
			if !yield(care.SeqRecord{Seq: uint64(r.Seq), Record: rec}) {
				return
			}
		}
	}
}
