package view_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	zap "github.com/blevesearch/zapx/v16"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/desk"
	"github.com/amends-care/amends/internal/store"
)

// write puts a note and a tag into the first case that a search finds.
func (l *library) write(q, note, tag string) care.CaseID {
	l.t.Helper()
	id := l.search(q).Cases[0].Row.ID
	_, err := l.desk.Do(l.t.Context(), "agent/ada", "", []care.CaseID{id}, func(_ time.Time, cs []*care.Case) (care.Change, error) {
		n := cs[0].NextText()
		noted, err := cs[0].Note(n)
		if err != nil {
			return care.Change{}, err
		}
		tagged, err := cs[0].Tag([]string{tag}, nil)
		return care.Change{Cases: []care.CaseEvents{{Case: id, Events: append(noted, tagged...)}},
			Texts: []care.KeptText{{Case: id, N: n, Text: care.Text{Body: note}}}}, err
	})
	if err != nil {
		l.t.Fatal(err)
	}
	l.shown()
	return id
}

// changes edits a post, or takes it back.
func (l *library) changes(what desk.Arrived, remote, who, text string) {
	l.t.Helper()
	_, err := l.desk.Receive(l.t.Context(), desk.Arrivals{Source: "a", Read: 1, Items: []desk.Arrival{{What: what, Verdict: &care.Verdict{}, Post: care.Post{
		Network: "file", Remote: care.Remote(remote), Text: text, PostedAt: l.now, EditedAt: l.now, Author: care.Author{ID: who, Handle: who},
	}}}})
	if err != nil {
		l.t.Fatal(err)
	}
	l.shown()
}

// holds says whether any file of the index has a word in it: as it is, or in
// the dictionary of a segment, which holds its words letter by letter.
func (l *library) holds(word string) bool {
	l.t.Helper()
	files, err := filepath.Glob(filepath.Join(l.folder(), "*"))
	if err != nil || len(files) == 0 {
		l.t.Fatal(files, err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			l.t.Fatal(err)
		}
		if bytes.Contains(b, []byte(word)) || filepath.Ext(f) == ".zap" && l.spells(f, word) {
			return true
		}
	}
	return false
}

func (l *library) spells(file, word string) bool {
	l.t.Helper()
	seg, err := (&zap.ZapPlugin{}).Open(file)
	if err != nil {
		l.t.Fatal(err)
	}
	defer seg.Close()
	for _, field := range seg.Fields() {
		dict, err := seg.Dictionary(field)
		if err != nil {
			l.t.Fatal(err)
		}
		terms := dict.AutomatonIterator(nil, nil, nil)
		for e, err := terms.Next(); e != nil || err != nil; e, err = terms.Next() {
			if err != nil {
				l.t.Fatal(err)
			}
			if strings.Contains(e.Term, word) {
				return true
			}
		}
	}
	return false
}

// same fails where the index is not what a new one would be.
func (l *library) same() {
	l.t.Helper()
	at, found, err := l.ix.Verify(l.t.Context())
	if err != nil || len(found) > 0 || at == 0 {
		l.t.Errorf("at %d: %v, %v", at, found, err)
	}
}

func TestSearchFindsWhatWeWrote(t *testing.T) {
	l := newLibrary(t)
	l.post("ana", "The kettle is broken.", true)
	l.shown()
	id := l.write("kettle", "Asked the warehouse about a replacement.", "fragile")
	for _, q := range []string{"warehouse", "fragile"} {
		if f := l.search(q); len(f.Cases) != 1 || f.Cases[0].Row.ID != id || !f.Cases[0].Ours {
			t.Errorf("%s finds %+v", q, f.Cases)
		}
	}
	l.want("warehouse replacement", "Asked the [warehouse] about a [replacement].")
	l.same()
}

// A post that no case has is edited and taken back: search knows.
func TestSearchFollowsEdits(t *testing.T) {
	l := newLibrary(t)
	l.post("ana", "such a nice umbrella", false)
	l.shown()
	l.changes(desk.WasEdited, "1", "ana", "such a nice parasol")
	if f := l.search("umbrella"); len(f.Mentions) != 0 {
		t.Error("the old text is found")
	}
	if f := l.search("parasol"); len(f.Mentions) != 1 {
		t.Error("the new text is not found")
	}
	l.changes(desk.WasDeleted, "1", "ana", "")
	if f := l.search("parasol"); len(f.Mentions) != 0 {
		t.Error("what was taken back is found")
	}
	l.same()
}

// What is erased is found no more at once, and after Compact no byte of it is
// in the folder. A word of somebody else's stays: the look into the files sees
// what is there.
func TestErasureReachesTheIndex(t *testing.T) {
	l := newLibrary(t)
	l.post("zoraida.quill", "My marzipankettle exploded.", true)
	l.post("bo", "Even zoraida.quill waits, and my turntablelid is cracked.", true)
	l.shown()
	l.write("marzipankettle", "Told her a wintergreenlamp comes.", "burnt")
	l.write("turntablelid", "As with zoraida.quill.", "lids")
	gone := []string{"zoraida", "quill", "marzipankettle", "wintergreenlamp"}
	if err := l.ix.Compact(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, w := range append(gone, "turntablelid") {
		if !l.holds(w) {
			t.Fatalf("%s is not in the files before: the test sees nothing", w)
		}
	}
	if _, err := l.desk.Erase(t.Context(), "cli/test", "file", "zoraida.quill", nil); err != nil {
		t.Fatal(err)
	}
	l.shown()
	for _, w := range gone {
		if f := l.search(`"` + w + `"`); len(f.Cases)+len(f.Mentions)+len(f.People) > 0 {
			t.Errorf("%s is found: %q", w, texts(f))
		}
	}
	if err := l.ix.Compact(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, w := range gone {
		if l.holds(w) {
			t.Errorf("%s is in the files after the compaction", w)
		}
	}
	if !l.holds("turntablelid") || len(l.search("turntablelid").Cases) != 1 {
		t.Error("what others wrote is gone too")
	}
	l.same()
}

// A process that dies while it indexes goes on where the last whole batch ended,
// or before: nothing is missing, nothing twice.
func TestSearchSurvivesAKill(t *testing.T) {
	if dir := os.Getenv("AMENDS_TEST_INDEX"); dir != "" {
		indexUntilKilled(t, dir)
		return
	}
	l := newLibrary(t)
	l.crowd(3000)
	for range 40 {
		l.mentions("b", 25)
	}
	l.ix.Close()
	var reached []store.Seq
	for round := range 6 {
		killed(t, l.dir, round)
		l.ix = l.index()
		reached = append(reached, l.ix.Position())
		if err := l.ix.Close(); err != nil {
			t.Fatal(err)
		}
	}
	l.ix = l.index()
	l.shown()
	l.same()
	t.Logf("positions after each kill: %v", reached)
}

// Searches go on while the index follows.
func TestSearchWhileIndexing(t *testing.T) {
	l := newLibrary(t)
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { _ = l.v.Run(ctx) })
	wg.Go(func() { _ = l.ix.Run(ctx) })
	for range 3 {
		wg.Go(func() {
			for ctx.Err() == nil {
				l.search("words author")
			}
		})
	}
	for range 30 {
		l.mentions("a", 40)
	}
	last, err := store.Last(ctx, l.st)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(l.v.Wait(ctx, last), l.ix.Wait(ctx, last)); err != nil {
		t.Fatal(err)
	}
	if f := l.search("author1200"); len(f.Cases) != 1 || !f.Cases[0].Exact {
		t.Errorf("the last finds %d", len(f.Cases))
	}
	stop()
	wg.Wait()
	l.same()
}

// An index of another log, of another version or of no sense is built anew.
func TestSearchIsBuiltAgain(t *testing.T) {
	l := newLibrary(t)
	l.post("ana", "The kettle is broken.", true)
	l.shown()
	l.ix.Close()
	files, err := filepath.Glob(filepath.Join(l.folder(), "*.bolt"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	if err := os.WriteFile(files[0], []byte(strings.Repeat("no index at all", 999)), 0o600); err != nil {
		t.Fatal(err)
	}
	l.ix = l.index()
	if at := l.ix.Position(); at != 0 {
		t.Fatalf("a damaged index stands at %d", at)
	}
	l.shown()
	l.want("kettle", "The [kettle] is broken.")
	l.ix.Close()
	other := newHouse(t)
	other.mentions("x", 50)
	l.st = other.st
	l.ix = l.index()
	if at := l.ix.Position(); at != 0 {
		t.Fatalf("an index of another log stands at %d", at)
	}
}
