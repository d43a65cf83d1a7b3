package report_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"testing"

	"github.com/amends-care/amends/internal/care"
)

var update = flag.Bool("update", false, "write the log of the sixty cases anew")

const sixtyLog = "testdata/sixty.jsonl"

// The log of the sixty cases stands in a file, for the tests of those who show
// figures.
func TestSixtyLogIsFresh(t *testing.T) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	for _, e := range sixty(t).log {
		rec, err := care.DecodeRecord(e.data)
		if err != nil {
			t.Fatal(err)
		}
		if err := enc.Encode(struct {
			Stream string      `json:"stream"`
			Record care.Record `json:"record"`
		}{e.stream, rec}); err != nil {
			t.Fatal(err)
		}
	}
	if *update {
		if err := os.WriteFile(sixtyLog, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if has, err := os.ReadFile(sixtyLog); err != nil || !bytes.Equal(has, b.Bytes()) {
		t.Errorf("%s is not the log of the sixty cases (%v); run this test with -update", sixtyLog, err)
	}
}
