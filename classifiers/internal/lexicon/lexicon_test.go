package lexicon

import (
	"testing"
)

func TestListsLoad(t *testing.T) {
	if _, err := load(); err != nil {
		t.Fatal(err)
	}
	if len(Names()) != Classes {
		t.Fatalf("%d names for %d classes", len(Names()), Classes)
	}
}
