package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/app"
)

// A careThread is one real conversation between customers and a brand, as the
// data set of IBM holds it.
type careThread struct {
	AgentURL struct {
		TweetID   string `json:"tweet_ID"`
		Utterance string `json:"url_utterance"`
	} `json:"agentURL"`
	Content []struct {
		Client   string `json:"client"`
		Client1  string `json:"client1"` // somebody else in the thread
		Agent    string `json:"agent"`
		Datetime string `json:"datetime"`
		Message  string `json:"message"`
		TweetID  string `json:"tweet_ID"`
	} `json:"dialogContent"`
	Header struct {
		Company  string `json:"company"`
		Duration string `json:"duration"`
	} `json:"dialogHeader"`
}

// line is one record of the import format.
type line struct {
	ID        string         `json:"id"`
	Text      string         `json:"text"`
	Network   string         `json:"network"`
	Author    map[string]any `json:"author"`
	PostedAt  time.Time      `json:"posted_at"`
	InReplyTo string         `json:"in_reply_to,omitempty"`
	Thread    string         `json:"thread"`
	ByBrand   bool           `json:"by_brand,omitempty"`
}

func (c *careThread) lines(t *testing.T) (ls []line) {
	t.Helper()
	first := c.Content[0]
	began := at(t, first.Datetime)
	add := func(id, text, author string, posted time.Time, ours bool) {
		l := line{ID: id, Text: text, Network: "x", Author: map[string]any{"handle": author}, PostedAt: posted, Thread: first.TweetID, ByBrand: ours}
		if len(ls) > 0 {
			l.InReplyTo = ls[len(ls)-1].ID
		}
		ls = append(ls, l)
	}
	for _, m := range c.Content {
		add(m.TweetID, m.Message, m.Client+m.Client1+m.Agent, at(t, m.Datetime), m.Agent != "")
	}
	var h, m int
	var s float64
	if _, err := fmt.Sscanf(c.Header.Duration, "%d:%d:%f", &h, &m, &s); err == nil {
		end := began.Add(time.Duration(h)*time.Hour + time.Duration(m)*time.Minute + time.Duration(s*float64(time.Second)))
		add(c.AgentURL.TweetID, c.AgentURL.Utterance, c.Header.Company, end, true)
	}
	return ls
}

func at(t *testing.T, s string) time.Time {
	t.Helper()
	v, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// realThreads writes all conversations to a file, and says how many different
// posts it holds.
func realThreads(t *testing.T) (path string, threads, posts int) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "threads.jsonl")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w := bufio.NewWriter(f)
	ids := map[string]bool{}
	for _, part := range []string{"dev.json", "test.json"} {
		b, err := os.ReadFile(filepath.Join("..", "..", "..", "shared", "data", "ibm_twitter_care", part))
		if err != nil && os.Getenv("CI") != "true" {
			t.Skip("the real threads are not beside this checkout: ", err)
		}
		if err != nil {
			t.Fatal(err)
		}
		var all []careThread
		if err := json.Unmarshal(b, &all); err != nil {
			t.Fatal(err)
		}
		for i := range all {
			threads++
			for _, l := range all[i].lines(t) {
				ids[l.ID] = true
				b, err := json.Marshal(l)
				if err != nil {
					t.Fatal(err)
				}
				w.Write(append(b, '\n'))
			}
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return path, threads, len(ids)
}

// All real threads come in, once, and history gets its clocks back.
func TestRealThreads(t *testing.T) {
	file, threads, posts := realThreads(t)
	dir := filepath.Join(t.TempDir(), "data")
	imported := func(args ...string) (s app.ImportSummary) {
		t.Helper()
		out, code := command(t, "", append([]string{"import", "--json", "--data", dir}, args...)...)
		if code != 0 {
			t.Fatalf("exit code %d: %s", code, out)
		}
		if err := json.Unmarshal([]byte(out), &s); err != nil {
			t.Fatal(err)
		}
		return s
	}
	first := imported("--replay", file)
	t.Logf("%d threads, %d posts: %d read, %d new, %d known, %d flagged, %d cases, %d late, %d repaired",
		threads, posts, first.Read, first.New, first.Known, first.Flagged, first.Cases, first.Late, first.Repaired)
	if first.New != posts || first.Late != 0 {
		t.Errorf("%d new of %d posts, %d late", first.New, posts, first.Late)
	}
	if first.Cases < threads/2 {
		t.Errorf("%d cases of %d threads of people with a problem", first.Cases, threads)
	}
	if again := imported(file); again.New != 0 || again.Cases != 0 {
		t.Errorf("the same file again: %d new, %d cases", again.New, again.Cases)
	}
	firstReplies(t, dir)
	if out, code := command(t, "", "verify", "--data", dir); code != 0 {
		t.Errorf("verify: exit code %d: %s", code, out)
	}
}

// firstReplies looks at what the replay made of the brands' real answers.
func firstReplies(t *testing.T, dir string) {
	t.Helper()
	out, code := command(t, "", "export", "--data", dir, "--what", "events")
	if code != 0 {
		t.Fatalf("export: exit code %d", code)
	}
	kinds := map[string]int{}
	for l := range bytes.Lines([]byte(out)) {
		var e struct {
			Record struct {
				Ev []struct {
					K string `json:"k"`
				} `json:"ev"`
			} `json:"record"`
		}
		if err := json.Unmarshal(l, &e); err != nil {
			t.Fatal(err)
		}
		for _, ev := range e.Record.Ev {
			kinds[ev.K]++
		}
	}
	var told []string
	for k, n := range kinds {
		told = append(told, fmt.Sprintf("%s %d", k, n))
	}
	slices.Sort(told)
	t.Log(strings.Join(told, ", "))
	for _, k := range []string{"reply.seen", "target.met", "target.breached"} {
		if kinds[k] == 0 {
			t.Errorf("no %s: the brands' real answers stopped no clock", k)
		}
	}
}
