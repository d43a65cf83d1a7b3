package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/web"
)

// crowd is a folder with n cases, and an agent's token.
func crowd(t *testing.T, n int) (dir, token string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "data")
	var posts strings.Builder
	for i := range n {
		fmt.Fprintf(&posts, `{"id":"%d","author":{"handle":"ana%d"},"text":"My internet is broken again and nobody answers. I want my money back!"}`+"\n", i, i)
	}
	if out, code := command(t, posts.String(), "import", "--data", dir, "-"); code != 0 {
		t.Fatalf("import: exit code %d: %s", code, out)
	}
	return dir, agent(t, dir, "ada")
}

// A desk that a server has open is worked through its socket, or from another
// machine with a token: it is the same desk.
func TestCaseThroughTheServer(t *testing.T) {
	dir, token := crowd(t, 2)
	s := serve(t, dir, "", "")
	here, far := []string{"--data", dir, "--as", "ada"}, []string{"--server", s.base, "--token", token}
	run := func(where []string, args ...string) string {
		t.Helper()
		out, code := command(t, "", append(append([]string{"case"}, args...), where...)...)
		if code != 0 {
			t.Fatalf("case %v: exit code %d", args, code)
		}
		return out
	}
	if out := run(here, "next", "--op", "n1"); !strings.Contains(out, "claimed") {
		t.Errorf("next: %s", out)
	}
	if first, again := run(far, "next", "--op", "n2", "--json"), run(far, "next", "--op", "n2", "--json"); first != again {
		t.Errorf("the same name gave %s, then %s", first, again)
	}
	if out := run(far, "list", "--mine"); strings.Count(out, "claimed") != 2 {
		t.Errorf("both are ada's: %s", out)
	}
	run(far, "resolve", "1", "solved")
	story := run(here, "story", "1")
	for _, by := range []string{"cli/", "agent/ada"} {
		if !strings.Contains(story, by) {
			t.Errorf("the story does not name %s:\n%s", by, story)
		}
	}
	if _, code := command(t, "", append([]string{"case", "assign", "2", "ada"}, far...)...); code != exitFailed {
		t.Errorf("an agent assigned a case: exit code %d", code)
	}
	if _, code := command(t, "", "case", "list", "--server", s.base, "--token", "amends_pat_wrong"); code != exitFailed {
		t.Errorf("a wrong token: exit code %d", code)
	}
}

// Wherever the process is killed, the same write again ends with each case
// decided once.
func TestBulkKilledInTheMiddle(t *testing.T) {
	const cases = 230
	dir, token := crowd(t, cases)
	order := map[string]any{"matching": map[string]any{"state": "all"}, "do": "tag", "add": []string{"outage"}}
	for i, point := range []string{"desk.agent.commit#40", "desk.agent.committed#150", "desk.bulk.part", "desk.bulk.part#2"} {
		order["add"] = []string{fmt.Sprint("outage", i)}
		s := serve(t, dir, "", point)
		s.token = token
		if st := s.call("POST", "/cases/bulk", point, order, nil); st != 0 {
			t.Fatalf("%s: status %d, and the process lives", point, st)
		}
		<-s.ended
		s = serve(t, dir, "", "")
		s.token = token
		var b web.BulkState
		eventually(t, "the bulk is done", func() bool {
			return s.call("POST", "/cases/bulk", point, order, &b) == 200 && b.State == "done"
		})
		if b.Cases != cases || b.Done != cases {
			t.Errorf("%s: %d of %d done, %d same, %v", point, b.Done, b.Cases, b.Same, b.Refusals)
		}
		s.stop()
	}
	tagged := map[string]int{}
	out, _ := command(t, "", "export", "--data", dir, "--what", "events")
	lines := bufio.NewScanner(strings.NewReader(out))
	for lines.Scan() {
		var r struct {
			Stream string      `json:"stream"`
			Record care.Record `json:"record"`
		}
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			t.Fatal(err)
		}
		for _, e := range r.Record.Events {
			if _, ok := e.(care.Tagged); ok {
				tagged[r.Stream]++
			}
		}
	}
	for stream, n := range tagged {
		if n != 4 {
			t.Errorf("%s was tagged %d times", stream, n)
		}
	}
	if len(tagged) != cases {
		t.Errorf("%d cases were tagged", len(tagged))
	}
	if out, code := command(t, "", "verify", "--data", dir); code != 0 {
		t.Errorf("verify: exit code %d: %s", code, out)
	}
}

func TestReplyWaitsUntilItIsThere(t *testing.T) {
	n := startBluesky(t)
	b := newBrand(t, n, "terminal")
	token := agent(t, b.dir, "ada")
	s := serve(t, b.dir, b.config, "")
	s.token = token
	post := n.Account(t, "terese").Post(t, "@"+b.Handle+" "+complaint)
	eventually(t, "the post is a case", func() bool { return len(s.cases().Cases) == 1 })
	id := s.cases().Cases[0].ID
	out, code := command(t, "We are sorry. It comes tomorrow.\n", "case", "reply", id, "--server", s.base, "--token", token, "--wait")
	if code != 0 || !strings.Contains(out, "Sent") {
		t.Fatalf("exit code %d: %s", code, out)
	}
	n.Settle(t)
	if got := n.Replies(t, post.URI); len(got) != 1 || got[0].Text != "We are sorry. It comes tomorrow." {
		t.Errorf("on the network: %+v", got)
	}
}
