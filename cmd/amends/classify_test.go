package main

import (
	"bufio"
	"bytes"
	_ "embed" // testdata/posts.tsv
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
)

//go:embed testdata/posts.tsv
var ownPosts string

// A post is one written for Amends; truth is c, n or ? where people disagree.
type post struct{ lang, truth, text string }

func posts(t *testing.T) []post {
	t.Helper()
	var out []post
	for line := range strings.Lines(ownPosts) {
		if line[0] == '#' {
			continue
		}
		part := strings.SplitN(strings.TrimRight(line, "\n"), "\t", 3)
		if len(part) != 3 {
			t.Fatalf("testdata/posts.tsv: %q is no post", line)
		}
		out = append(out, post{part[0], part[1], part[2]})
	}
	long := "my parcel never arrived and nobody answers, this is the third week. "
	return append(out,
		post{"en", "c", strings.Repeat(long, 10_000/len(long))},
		post{"en", "n", strings.Repeat("what a lovely day at the seaside with all of you. ", 200)},
		post{"und", "?", "\xff\xfe\xc0" + strings.Repeat("\u0301", 500)},
		post{"und", "?", "🎉🎉🎉"})
}

// classify runs the command on posts and returns what it prints of each.
func classify(t *testing.T, list []post) []judged {
	t.Helper()
	var in, out, errs bytes.Buffer
	enc := json.NewEncoder(&in)
	for i, p := range list {
		if err := enc.Encode(map[string]any{"id": i, "text": p.text}); err != nil {
			t.Fatal(err)
		}
	}
	if code := run(t.Context(), []string{"classify"}, console{in: &in, out: &out, err: &errs}); code != 0 {
		t.Fatalf("exit code %d: %s", code, errs.String())
	}
	var got []judged
	lines := bufio.NewScanner(&out)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var j judged
		if err := json.Unmarshal(lines.Bytes(), &j); err != nil {
			t.Fatalf("%v in %s", err, lines.Text())
		}
		got = append(got, j)
	}
	if len(got) != len(list) {
		t.Fatalf("%d posts, %d objects", len(list), len(got))
	}
	return got
}

// TestClassifyPostsOfOurOwn judges posts in sixteen languages through the
// command, counts the right ones by language, and names the others.
func TestClassifyPostsOfOurOwn(t *testing.T) {
	list := posts(t)
	type count struct{ right, n, named int }
	by := map[string]count{}
	for i, j := range classify(t, list) {
		p := list[i]
		if j.Error != "" || j.Probability == nil {
			t.Errorf("no verdict on %q: %s", p.text, j.Error)
			continue
		}
		if p.truth == "?" {
			continue
		}
		c := by[p.lang]
		c.n++
		if j.Language == p.lang {
			c.named++
		}
		if *j.Complaint == (p.truth == "c") {
			c.right++
		} else {
			t.Logf("%s, %.2f, want %s: %.90s", p.lang, *j.Probability, p.truth, p.text)
		}
		by[p.lang] = c
	}
	right, n := 0, 0
	for _, lang := range slices.Sorted(maps.Keys(by)) {
		c := by[lang]
		right, n = right+c.right, n+c.n
		t.Logf("%-8s %d of %d right, language told of %d", lang, c.right, c.n, c.named)
		if c.right*2 < c.n {
			t.Errorf("%s: %d of %d right", lang, c.right, c.n)
		}
	}
	t.Logf("%d of %d right", right, n)
	if n < 100 || len(by) < 16 || right*100 < 75*n {
		t.Errorf("%d of %d right in %d languages", right, n, len(by))
	}
}
