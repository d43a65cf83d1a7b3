package boltstore

import (
	"path/filepath"
	"testing"

	"github.com/amends-care/amends/internal/store"
)

func TestSmoke(t *testing.T) {
	ctx := t.Context()
	path := filepath.Join(t.TempDir(), "log.db")
	s, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	seq, err := s.Commit(ctx, store.Batch{Op: "a", Appends: []store.Append{{Stream: "case/1", Data: []byte("x")}}, Puts: []store.Put{{Key: "mention/1", Data: []byte("y")}}})
	if seq != 1 || err != nil {
		t.Fatal(seq, err)
	}
	docs, err := s.Get(ctx, "mention/1", "mention/2")
	t.Log(docs, err)
	for r, err := range s.Stream(ctx, "case/1", 0) {
		t.Log(r, err)
	}
	for r, err := range s.List(ctx, "mention/", "") {
		t.Log(r, err)
	}
	for r, err := range s.Tail(ctx, 0) {
		t.Log(r, err)
		break
	}
	t.Log(store.Last(ctx, s))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}
