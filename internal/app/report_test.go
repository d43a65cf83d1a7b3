package app

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/config"
	"github.com/amends-care/amends/internal/report"
)

// imports brings complaints in, from the n-th on.
func imports(t *testing.T, e *Engine, from, n int) {
	t.Helper()
	var posts strings.Builder
	for i := range n {
		fmt.Fprintf(&posts, `{"id":"%d","text":"nobody answers for three weeks, my order never arrived, terrible service","network":"x","author":{"handle":"h%d"}}`+"\n", from+i, from+i)
	}
	c := call{by: "cli/test", args: json.RawMessage(`{"name":"posts.jsonl"}`), in: strings.NewReader(posts.String()), out: &bytes.Buffer{}, progress: func(string) {}}
	if err := e.perform(t.Context(), "import", c); err != nil {
		t.Fatal(err)
	}
}

// Many ask at once while records arrive: each gets the figures of a position,
// and never fewer cases than the log had when it asked.
func TestReportsWhileRecordsArrive(t *testing.T) {
	now := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
	e, err := OpenEngine(t.Context(), t.TempDir(), EngineOptions{Config: config.Default(), Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	q := report.Query{Imported: true, From: now.AddDate(0, 0, -1), To: now.AddDate(0, 0, 1)}
	cases := func(ctx context.Context, at uint64) (float64, uint64) {
		r, err := e.Report(ctx, "volume", q, at)
		if err != nil {
			t.Error(err)
			return 0, 0
		}
		return *r.Tables[0].Rows[0].Cells[0].Value, r.Position
	}
	var asking sync.WaitGroup
	for round := range 5 {
		imports(t, e, round*10, 10)
		least := float64((round + 1) * 10)
		for range 4 {
			asking.Go(func() {
				if n, _ := cases(t.Context(), 0); n < least {
					t.Errorf("%v cases, at least %v were there", n, least)
				}
			})
		}
	}
	asking.Wait()
	n, at := cases(t.Context(), 0)
	if again, _ := cases(t.Context(), at); n != 50 || again != n {
		t.Errorf("%v cases, and %v at the same position", n, again)
	}
	if before, _ := cases(t.Context(), at/2); before >= n || before == 0 {
		t.Errorf("%v cases half way", before)
	}
}
