package file

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/networktest"
)

// disk is a World on a temporary folder.
type disk struct {
	*testing.T
	settings Settings
	next     func(n int) string // the file that the n-th record goes to
	n        int
	posts    map[care.Remote]map[string]string
}

func newDisk(t *testing.T, page int, path string, next func(n int) string) *disk {
	dir := t.TempDir()
	d := &disk{T: t, settings: Settings{Path: filepath.Join(dir, path), Page: page}, posts: map[care.Remote]map[string]string{},
		next: func(n int) string { return filepath.Join(dir, next(n)) }}
	if path != "" {
		d.write("") // a source of one file needs the file
	}
	return d
}

func (d *disk) Account() network.Account {
	d.Helper()
	if err := d.settings.Validate(); err != nil {
		d.Fatal(err)
	}
	driver := Driver(nil)
	a, err := driver.Open(&d.settings, nil)
	if err != nil {
		d.Fatal(err)
	}
	return a
}

func (d *disk) Post(p networktest.Post) care.Remote {
	id := care.Remote(fmt.Sprint(len(d.posts) + 1))
	at := p.At
	if at.IsZero() {
		at = time.Now()
	}
	r := map[string]string{"id": string(id), "text": p.Text, "author": p.Author, "posted_at": at.UTC().Format(time.RFC3339Nano),
		"in_reply_to": string(p.InReplyTo), "thread": string(id), "by_brand": fmt.Sprint(p.Own)}
	if p.InReplyTo != "" {
		r["thread"] = d.posts[p.InReplyTo]["thread"]
	}
	d.posts[id] = r
	d.record(r)
	return id
}

func (d *disk) Edit(id care.Remote, text string) {
	r := d.posts[id]
	r["text"], r["edited_at"] = text, time.Now().UTC().Format(time.RFC3339Nano)
	d.record(r)
}

func (d *disk) record(r map[string]string) {
	d.Helper()
	if formatOf(d.next(d.n)) == JSONL {
		b, err := json.Marshal(r)
		if err != nil {
			d.Fatal(err)
		}
		d.write(string(b) + "\n")
		return
	}
	heads := []string{"id", "text", "author", "posted_at", "in_reply_to", "thread", "by_brand", "edited_at"}
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	if _, err := os.Stat(d.next(d.n)); err != nil || d.n == 0 {
		w.Write(heads)
	}
	row := make([]string, len(heads))
	for i, h := range heads {
		row[i] = r[h]
	}
	w.Write(row)
	w.Flush()
	d.write(b.String())
}

func (d *disk) write(s string) {
	d.Helper()
	appendTo(d.T, d.next(d.n), s)
	if s != "" {
		d.n++
	}
}

func appendTo(t *testing.T, name, s string) {
	t.Helper()
	f, err := os.OpenFile(name, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(s); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

func (d *disk) Delete(care.Remote)        { d.Fatal("a file can't delete") }
func (d *disk) Break(f networktest.Fault) { d.Fatalf("a file can't meet %s", f) }
func (d *disk) Sent() []care.Answer       { return nil }

func TestTheDriverPassesTheSuite(t *testing.T) {
	always := func(name string) func(int) string { return func(int) string { return name } }
	for _, c := range []struct {
		name string
		page int
		path string // of the source, in the folder
		next func(n int) string
		old  int // posts that are there before
	}{
		{"one file of JSON lines", 3, "a.jsonl", always("a.jsonl"), 0},
		{"one CSV file", 3, "a.csv", always("a.csv"), 0},
		{"a folder of files", 3, "", func(n int) string { return fmt.Sprintf("%04d.jsonl", n/2) }, 0},
		{"a folder of files that come in any order", 3, "", func(n int) string { return fmt.Sprintf("%04d.csv", 9999-n/4*7%40) }, 0},
		{"more files than the cursor has places for", 10, "", func(n int) string { return fmt.Sprintf("%04d.jsonl", n*7919%1000) }, maxPlaces + 10},
	} {
		t.Run(c.name, func(t *testing.T) {
			traits := networktest.Traits{Page: c.page, Edits: networktest.OnPoll, Own: true, Late: 48 * time.Hour}
			networktest.Run(t, traits, func(t *testing.T) networktest.World {
				d := newDisk(t, c.page, c.path, c.next)
				for i := range c.old {
					d.Post(networktest.Post{Text: fmt.Sprint("old ", i)})
				}
				return d
			})
		})
	}
}

// A watcher polls a source to its end, again and again.
type watcher struct {
	*testing.T
	settings Settings
	cursor   string
	gaps     []network.Gap
	bad      []network.BadItem
}

// poll returns the ids that are new.
func (w *watcher) poll() (ids string) {
	w.Helper()
	for range 1000 {
		p, err := open(w.settings, nil).Poll(w.Context(), w.cursor)
		if err != nil {
			w.Fatalf("poll: %v", err)
		}
		for _, it := range p.Items {
			ids += string(it.Post.Remote) + " "
		}
		w.gaps, w.bad = append(w.gaps, p.Gaps...), append(w.bad, p.Bad...)
		if len(p.Next) > 4096 {
			w.Fatalf("a cursor of %d bytes", len(p.Next))
		}
		w.cursor = p.Next
		if !p.More {
			return strings.TrimSpace(ids)
		}
	}
	w.Fatal("no end")
	return ""
}

func (w *watcher) expect(ids string, gaps int) {
	w.Helper()
	if got := w.poll(); got != ids || len(w.gaps) != gaps {
		w.Errorf("read %q and %d gaps, want %q and %d", got, len(w.gaps), ids, gaps)
	}
	before := w.cursor
	if got := w.poll(); got != "" || w.cursor != before || len(w.gaps) != gaps {
		w.Errorf("then %q, cursor changed: %v, %d gaps", got, w.cursor != before, len(w.gaps))
	}
}

func jsonLines(ids ...string) string {
	var b strings.Builder
	for _, id := range ids {
		fmt.Fprintf(&b, "{\"id\":%q,\"text\":\"a complaint\"}\n", id)
	}
	return b.String()
}

func TestRotation(t *testing.T) {
	for name, path := range map[string]string{"one file": "log.jsonl", "a folder": ""} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			log := filepath.Join(dir, "log.jsonl")
			appendTo(t, log, jsonLines("1", "2"))
			w := &watcher{T: t, settings: Settings{Path: filepath.Join(dir, path), Page: 2}}
			w.expect("1 2", 0)
			appendTo(t, log, jsonLines("3", "4", "5", "6"))
			if err := os.Rename(log, log+".1"); err != nil {
				t.Fatal(err)
			}
			appendTo(t, log, jsonLines("7"))
			w.expect("3 4 5 6 7", 0)

			appendTo(t, log, jsonLines("8"))
			whole, err := os.ReadFile(log)
			if err != nil {
				t.Fatal(err)
			}
			appendTo(t, log+".2", string(whole)) // copied, then cut
			if err := os.Truncate(log, 0); err != nil {
				t.Fatal(err)
			}
			w.expect("8", 0)
			appendTo(t, log, jsonLines("9"))
			w.expect("9", 0)

			if err := os.WriteFile(log, []byte(jsonLines("10")), 0o600); err != nil { // nothing was put aside
				t.Fatal(err)
			}
			w.expect("10", 1)
			if g := w.gaps[0]; g.From.IsZero() || g.To.Before(g.From) || g.Why == "" {
				t.Errorf("got %+v", g)
			}
		})
	}
}

func TestAFileMovedOutBeforeItWasRead(t *testing.T) {
	dir := t.TempDir()
	log := filepath.Join(dir, "log.jsonl")
	appendTo(t, log, jsonLines("1"))
	w := &watcher{T: t, settings: Settings{Path: dir, Page: 2}}
	w.expect("1", 0)
	appendTo(t, log, jsonLines("2", "3", "4"))
	if err := os.Rename(log, log+".done"); err != nil {
		t.Fatal(err)
	}
	w.expect("2 3 4", 0)

	appendTo(t, log, jsonLines("5", "6", "7"))
	p, err := open(w.settings, nil).Poll(t.Context(), w.cursor)
	if err != nil || !p.More || len(p.Items) != 2 {
		t.Fatalf("%d items, %v", len(p.Items), err)
	}
	w.cursor = p.Next
	if err := os.Remove(log); err != nil {
		t.Fatal(err)
	}
	w.expect("", 1)
}

func TestAFolderIsWatched(t *testing.T) {
	dir := t.TempDir()
	w := &watcher{T: t, settings: Settings{Path: dir, Page: 2}}
	w.expect("", 0)
	appendTo(t, filepath.Join(dir, "b.jsonl"), jsonLines("b1", "b2", "b3"))
	appendTo(t, filepath.Join(dir, "a.csv"), "id,text\na1,x\n")
	appendTo(t, filepath.Join(dir, "notes.txt"), jsonLines("no"))
	appendTo(t, filepath.Join(dir, ".hidden.jsonl"), jsonLines("no"))
	if err := os.Mkdir(filepath.Join(dir, "folder.jsonl"), 0o700); err != nil {
		t.Fatal(err)
	}
	w.expect("a1 b1 b2 b3", 0)
	appendTo(t, filepath.Join(dir, "a.csv"), "a2,x\n,no id\n")
	w.expect("a2", 0)
	if want := "[{3 a.csv: no id}]"; fmt.Sprint(w.bad) != want && fmt.Sprint(w.bad) != "[{4 a.csv: no id}]" {
		t.Errorf("bad lines %v", w.bad)
	}

	old := filepath.Join(t.TempDir(), "old.jsonl") // moved in with an old date
	appendTo(t, old, jsonLines("old"))
	if err := os.Chtimes(old, time.Unix(1e9, 0), time.Unix(1e9, 0)); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(old, filepath.Join(dir, "0.jsonl")); err != nil {
		t.Fatal(err)
	}
	w.expect("old", 0)

	if err := os.Symlink("/etc/passwd", filepath.Join(dir, "link.jsonl")); err != nil {
		t.Fatal(err)
	}
	w.expect("", 0)
	if len(w.bad) != 1 {
		t.Errorf("a link out of the folder was followed: %v", w.bad)
	}
	w.settings.Pattern = "*.txt"
	w.cursor = ""
	w.expect("no", 0)
}

func TestALastLineWithoutItsEnd(t *testing.T) {
	for _, c := range []struct{ name, head, half, rest, first, then string }{
		{"x.jsonl", "", `{"id":"1","te`, "xt\":\"x\"}\n", "", "1"},
		{"x.jsonl", "", `{"id":"1","text":"x"}`, "\n" + jsonLines("2"), "1", "2"},
		{"x.csv", "id,text\n", "1,xy", "z\n", "", "1"},
		{"x.csv", "id,text\n", "1,\"two\n", "lines\"\n2,y\n", "", "1 2"},
	} {
		dir := t.TempDir()
		name := filepath.Join(dir, c.name)
		w := &watcher{T: t, settings: Settings{Path: name, Page: 10}}
		appendTo(t, name, c.head+c.half)
		w.expect(c.first, 0)
		appendTo(t, name, c.rest)
		w.expect(c.then, 0)
		if len(w.bad) != 0 {
			t.Errorf("%q: %v", c.half, w.bad)
		}
		appendTo(t, name, "9,left alone")
		old := time.Now().Add(-time.Hour)
		if err := os.Chtimes(name, old, old); err != nil {
			t.Fatal(err)
		}
		if got := w.poll(); (got == "9") != (c.head != "") || (len(w.bad) == 1) != (c.head == "") {
			t.Errorf("%q: left alone for an hour, read %q, bad %v", c.half, got, w.bad)
		}
	}
}

func TestAHeaderOfNoUse(t *testing.T) {
	name := filepath.Join(t.TempDir(), "x.csv")
	appendTo(t, name, "name,words\n1,x\n")
	w := &watcher{T: t, settings: Settings{Path: name, Page: 10}}
	w.expect("", 0)
	appendTo(t, name, "2,y\n")
	w.expect("", 0)
	if len(w.bad) != 1 {
		t.Errorf("told %d times: %v", len(w.bad), w.bad)
	}
}

// The clock that dates files can be set back; a file that is new then is not lost.
func TestAClockThatWasSetBack(t *testing.T) {
	dir := t.TempDir()
	w := &watcher{T: t, settings: Settings{Path: dir, Page: 10}}
	appendTo(t, filepath.Join(dir, "b.jsonl"), jsonLines("1"))
	w.expect("1", 0)
	c, err := readCursor(w.cursor)
	if err != nil {
		t.Fatal(err)
	}
	c.Floor = time.Now().Add(time.Hour).UnixNano() // as if it had been an hour later then
	w.cursor = c.String()
	appendTo(t, filepath.Join(dir, "a.jsonl"), jsonLines("2"))
	if got := w.poll(); got != "2" {
		t.Errorf("read %q", got)
	}
}

func TestReplay(t *testing.T) {
	name := filepath.Join(t.TempDir(), "x.jsonl")
	appendTo(t, name, `{"id":"1","text":"x","posted_at":"2020-01-01T00:00:00Z"}
{"id":"2","text":"x","posted_at":"2020-01-01T01:00:00Z"}
{"id":"2","text":"y","posted_at":"2020-01-01T01:00:00Z","edited_at":"2020-01-01T01:30:00Z"}
{"id":"3","text":"x"}
`)
	synctest.Test(t, func(t *testing.T) {
		w := &watcher{T: t, settings: Settings{Path: name, Page: 10, Replay: 60, Shift: true}}
		w.expect("1", 0)
		time.Sleep(59 * time.Second)
		w.expect("", 0)
		time.Sleep(time.Second)
		before := w.cursor
		w.expect("2", 0)
		p, err := open(w.settings, nil).Poll(t.Context(), before)
		if err != nil || len(p.Items) != 1 || !p.Items[0].Post.PostedAt.Equal(time.Now()) {
			t.Errorf("told %+v, %v", p.Items, err)
		}
		time.Sleep(30 * time.Second)
		before = w.cursor
		w.expect("2 3", 0)
		w.settings.Shift = false
		p, err = open(w.settings, nil).Poll(t.Context(), before)
		if err != nil || len(p.Items) != 2 || p.Items[1].Kind != network.Edited || p.Items[1].Post.EditedAt.Year() != 2020 {
			t.Errorf("told %+v, %v", p.Items, err)
		}
	})
}

func TestStandardInput(t *testing.T) {
	in, out := io.Pipe()
	a := open(Settings{Path: "-", Page: 3}, in)
	go func() {
		io.WriteString(out, jsonLines("1", "2", "3", "4"))
		out.CloseWithError(errors.New("the pipe broke"))
	}()
	cursor, got := "", ""
	for {
		p, err := a.Poll(t.Context(), cursor)
		if err != nil {
			if e, ok := errors.AsType[*network.Error](err); !ok || e.Fault != network.Transient {
				t.Errorf("got %v", err)
			}
			break
		}
		again, err := a.Poll(t.Context(), cursor)
		if err != nil || len(again.Items) != len(p.Items) || again.Next != p.Next {
			t.Fatalf("the same cursor again: %+v, %v", again, err)
		}
		for _, it := range p.Items {
			got += string(it.Post.Remote)
		}
		cursor = p.Next
	}
	if got != "1234" {
		t.Errorf("read %q", got)
	}
}

func TestStandardInputThatIsSilent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in, out := io.Pipe()
		a := open(Settings{Path: "-", Page: 3}, in)
		p, err := a.Poll(t.Context(), "before")
		if err != nil || p.More || p.Next != "before" || len(p.Items) != 0 {
			t.Errorf("got %+v, %v", p, err)
		}
		ctx, end := context.WithTimeout(t.Context(), time.Millisecond)
		defer end()
		if _, err := a.Poll(ctx, "before"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		io.WriteString(out, jsonLines("1"))
		p, err = a.Poll(t.Context(), "before")
		if err != nil || len(p.Items) != 1 {
			t.Errorf("got %+v, %v", p, err)
		}
		out.Close()
		synctest.Wait()
		for range 2 {
			p, err = a.Poll(t.Context(), p.Next)
			if err != nil || len(p.Items) != 0 || p.More {
				t.Errorf("at the end: %+v, %v", p, err)
			}
		}
	})
}

func TestWhatCannotBeRead(t *testing.T) {
	for path, want := range map[string]network.Fault{
		filepath.Join(t.TempDir(), "none.jsonl"): network.Transient,
		os.DevNull:                               network.Refused,
	} {
		_, err := open(Settings{Path: path}, nil).Poll(t.Context(), "")
		e, ok := errors.AsType[*network.Error](err)
		if !ok || e.Fault != want || strings.Contains(e.Error(), path) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestSettings(t *testing.T) {
	for _, s := range []Settings{
		{}, {Path: "x", Pattern: "[a"}, {Path: "x", Page: -1}, {Path: "x", Page: 1e6}, {Path: "x", Replay: -1}, {Path: "x", Shift: true}, {Path: "-", Replay: 2}, {Path: "-", Pattern: "*"},
	} {
		if err := s.Validate(); err == nil {
			t.Errorf("%+v passes", s)
		}
		if _, err := Driver(nil).Open(&s, nil); err == nil {
			t.Errorf("%+v opens", s)
		}
	}
	if err := (&Settings{Path: "x", Pattern: "*.csv", Page: 10, Replay: 60, Shift: true}).Validate(); err != nil {
		t.Error(err)
	}
}

func FuzzCursor(f *testing.F) {
	f.Add("")
	f.Add(`{"v":1,"floor":1,"at":"YWFhYWFhYWFhYQECAw=="}`)
	f.Add(`{"v":1,"at":"YQ==","scan":"YQ==","mid":true,"began":5}`)
	dir := f.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a.jsonl"), []byte(jsonLines("1", "2")), 0o600); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, cursor string) {
		p, err := open(Settings{Path: dir}, nil).Poll(t.Context(), cursor)
		if err != nil {
			if e, ok := errors.AsType[*network.Error](err); !ok || e.Fault != network.Malformed || !e.Again {
				t.Fatalf("got %v", err)
			}
			return
		}
		if _, err := open(Settings{Path: dir}, nil).Poll(t.Context(), p.Next); err != nil {
			t.Fatalf("our own cursor: %v", err)
		}
	})
}

// BenchmarkIdlePoll is what a source costs that has nothing new to tell.
func BenchmarkIdlePoll(b *testing.B) {
	for name, n := range map[string]int{"one file": 1, "a folder of 1000": 1000} {
		b.Run(name, func(b *testing.B) {
			dir := b.TempDir()
			for i := range n {
				if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%04d.jsonl", i)), []byte(jsonLines("1")), 0o600); err != nil {
					b.Fatal(err)
				}
			}
			c := &cursor{Version: cursorVersion, Floor: time.Now().UnixNano()}
			a, at := open(Settings{Path: dir, Page: 500}, nil), c.String()
			b.ReportAllocs()
			for b.Loop() {
				if p, err := a.Poll(b.Context(), at); err != nil || len(p.Items) != 0 {
					b.Fatal(len(p.Items), err)
				}
			}
		})
	}
}
