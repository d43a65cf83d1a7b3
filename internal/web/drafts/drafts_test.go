package drafts

import (
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/store"
	"github.com/amends-care/amends/internal/store/boltstore"
)

var at = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func open(t *testing.T) (*Drafts, store.Store) {
	t.Helper()
	s, err := boltstore.Open(filepath.Join(t.TempDir(), "log.db"), boltstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return New(s, func() time.Time { return at }), s
}

func want(t *testing.T, d *Drafts, id care.CaseID, by care.AgentID, text string) {
	t.Helper()
	got, when, err := d.Draft(t.Context(), id, by)
	if err != nil || got != text || when.IsZero() != (text == "") {
		t.Fatalf("draft of %s in %s: %q at %v, %v; want %q", by, id, got, when, err, text)
	}
}

func TestADraftIsOnePersonsInOneCase(t *testing.T) {
	d, _ := open(t)
	ctx := t.Context()
	want(t, d, "c1", "ada", "")
	for _, text := range []string{"Dear", "Dear Ana,\n\"hello\" <3 \u202e"} {
		if err := d.Keep(ctx, "c1", "ada", text); err != nil {
			t.Fatal(err)
		}
		want(t, d, "c1", "ada", text)
	}
	want(t, d, "c1", "bo", "")
	want(t, d, "c2", "ada", "")
	if err := d.Drop(ctx, "c1", "bo"); err != nil {
		t.Fatal(err)
	}
	want(t, d, "c1", "ada", "Dear Ana,\n\"hello\" <3 \u202e")
	for range 2 { // there need not be one
		if err := d.Drop(ctx, "c1", "ada"); err != nil {
			t.Fatal(err)
		}
		want(t, d, "c1", "ada", "")
	}
}

// Two windows of one person write at the same time: one of the texts is kept,
// whole, and nothing goes into the log.
func TestTwoWindows(t *testing.T) {
	d, s := open(t)
	var wg sync.WaitGroup
	for i := range 2 {
		wg.Go(func() {
			for j := range 20 {
				if err := d.Keep(t.Context(), "c1", "ada", fmt.Sprintf("window %d, %d", i, j)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if text, _, err := d.Draft(t.Context(), "c1", "ada"); err != nil || !strings.HasSuffix(text, ", 19") {
		t.Fatalf("%q, %v", text, err)
	}
	if last, err := store.Last(t.Context(), s); err != nil || last != 0 {
		t.Fatalf("%d records, %v", last, err)
	}
	for doc, err := range s.List(t.Context(), "", "") {
		if err != nil || doc.Key != Prefix+"c1/ada" {
			t.Errorf("document %s, %v", doc.Key, err)
		}
	}
}

func TestADamagedDraftIsAnError(t *testing.T) {
	d, s := open(t)
	if _, err := s.Commit(t.Context(), store.Batch{Puts: []store.Put{{Key: Prefix + "c1/ada", Data: []byte("{")}}}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := d.Draft(t.Context(), "c1", "ada"); err == nil {
		t.Fatal("no error")
	}
	if err := d.Keep(t.Context(), "c1", "ada", "anew"); err != nil {
		t.Fatal(err)
	}
	want(t, d, "c1", "ada", "anew")
}
