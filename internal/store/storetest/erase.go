package storetest

import (
	"fmt"
	"testing"

	"github.com/amends-care/amends/internal/store"
)

// testErase erases and overwrites personal content among other content, in
// small documents and large, first and last of their pages. Afterwards no byte
// of it is kept, and all else is.
func testErase(t *testing.T, e Engine) {
	dir := t.TempDir()
	s := e.Open(t, dir)
	const n = 800
	secret := func(i int) string { return fmt.Sprintf("Zwiebelkuchen%06d", i) }
	gone := func(i int) bool { return i%5 == 0 || (i > 300 && i < 420) || i > n-30 }
	var b store.Batch
	written := make(map[string]uint64)
	flush := func(i int) {
		if i%8 == 7 {
			must(t, s, b)
			b = store.Batch{}
		}
	}
	for i := range n {
		data := secret(i)
		if i%37 == 0 {
			data += string(make([]byte, 9000)) + secret(i)
		}
		b.Appends = append(b.Appends, store.Append{Stream: name("case", i%40), After: store.Any, Data: fmt.Append(nil, "kept", i)})
		b.Puts = append(b.Puts, store.Put{Key: name("mention", i), Data: []byte(data)}, store.Put{Key: "person/" + secret(i)})
		flush(i)
	}
	for _, d := range docs(t, s, "mention/", "") {
		written[d.Key] = d.Rev
	}
	for i := range n {
		switch {
		case !gone(i):
		case i%2 == 0:
			b.Erases = append(b.Erases, name("mention", i), "person/"+secret(i))
		default: // a tombstone
			b.Puts = append(b.Puts, store.Put{Key: name("mention", i), Was: written[name("mention", i)], Data: []byte("erased")})
			b.Erases = append(b.Erases, "person/"+secret(i))
		}
		if len(b.Erases) > 0 {
			flush(i)
		}
	}
	for i := range n {
		d := get(t, s, name("mention", i))
		switch {
		case gone(i) && i%2 == 0 && d.Rev != 0, gone(i) && i%2 == 1 && string(d.Data) != "erased":
			t.Fatalf("%d still reads %.40q", i, d.Data)
		case !gone(i) && len(d.Data) < len(secret(i)):
			t.Fatalf("%d is gone", i)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if e.Grep == nil {
		t.Skip("this engine doesn't promise to be rid of erased bytes")
	}
	for i := range n {
		if found := e.Grep(t, dir, []byte(secret(i))); found == gone(i) {
			t.Fatalf("document %d, erased %v: its text is kept: %v", i, gone(i), found)
		}
	}
	s = e.open(t, dir)
	if got := last(t, s); got != n {
		t.Errorf("the log has %d records, want %d", got, n)
	}
	for i := range 40 {
		if got := len(stream(t, s, name("case", i), 0)); got != n/40 {
			t.Errorf("stream %d has %d records, want %d", i, got, n/40)
		}
	}
	must(t, s, put("after", 0, ""))
}
