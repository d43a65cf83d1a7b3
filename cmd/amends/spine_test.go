package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/amends-care/amends/internal/network/bluesky/atprototest"
)

// stopNetwork ends the Bluesky network, if a test started it.
var stopNetwork func()

// bluesky is one real network for all tests of this package.
var bluesky = sync.OnceValues(func() (*atprototest.Network, error) {
	n, err := atprototest.Start(atprototest.Options{})
	if err == nil {
		stopNetwork = n.Stop
	}
	return n, err
})

func startBluesky(t testing.TB) *atprototest.Network {
	t.Helper()
	n, err := bluesky()
	if errors.Is(err, atprototest.ErrMissing) && os.Getenv("CI") != "true" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// A brand is an account on the network with a configuration that listens for it.
type brand struct {
	*atprototest.Account
	dir, config string
}

func newBrand(t testing.TB, n *atprototest.Network, name string) *brand {
	t.Helper()
	b := &brand{Account: n.Account(t, name), dir: filepath.Join(t.TempDir(), "data")}
	dir := t.TempDir()
	b.config = filepath.Join(dir, "amends.yaml")
	if err := os.WriteFile(filepath.Join(dir, "password"), []byte(b.AppPassword(t, "amends")), 0o600); err != nil {
		t.Fatal(err)
	}
	source := func(name, more string) string {
		return fmt.Sprintf("  - name: %s\n    network: bluesky\n    every: 1s\n    settings:\n      host: %s\n      handle: %s\n      app_password: file:password\n      %s\n",
			name, n.URL, b.Handle, more)
	}
	yaml := "brand: Test\ninside: [127.0.0.0/8, '::1/128']\ncases: {undo_for: 200ms}\nsources:\n" + source("mentions", "what: mentions") + source("own", "what: own") +
		source("search", "what: search\n      query: "+b.Handle)
	if err := os.WriteFile(b.config, []byte(yaml), 0o600); err != nil {
		t.Fatal(err)
	}
	return b
}

type caseList struct {
	Cases []struct {
		ID       string `json:"id"`
		State    string `json:"state"`
		Assignee string `json:"assignee"`
		Reply    string `json:"reply"`
		Mentions int    `json:"mentions"`
	} `json:"cases"`
}

func (s *server) cases() (l caseList) {
	st := s.call("GET", "/cases?state=all&limit=200", "", nil, &l)
	if st >= 400 && st < 500 {
		s.t.Fatalf("list cases: %d", st)
	}
	return l
}

const complaint = "my parcel has been lost for three weeks and nobody answers, this is terrible service"

func TestMentionToReplyOnBluesky(t *testing.T) {
	n := startBluesky(t)
	b := newBrand(t, n, "spine")
	token := agent(t, b.dir, "ada")
	s := serve(t, b.dir, b.config, "")
	s.token = token

	ana, bo := n.Account(t, "ana"), n.Account(t, "bo")
	post := ana.Post(t, "@"+b.Handle+" "+complaint)
	eventually(t, "the post is a case", func() bool { return len(s.cases().Cases) == 1 })
	id := s.cases().Cases[0].ID

	if st := s.call("POST", "/cases/"+id+"/claim", "", nil, nil); st/100 != 2 {
		t.Fatalf("claim: %d", st)
	}
	if st := s.call("POST", "/cases/"+id+"/reply", "", map[string]any{"text": "We are sorry. Your parcel is found and comes tomorrow.", "then": "await"}, nil); st/100 != 2 {
		t.Fatalf("reply: %d", st)
	}
	eventually(t, "the answer is on the network", func() bool { return len(n.Replies(t, post.URI)) == 1 })
	if got := n.Replies(t, post.URI)[0].Text; got != "We are sorry. Your parcel is found and comes tomorrow." {
		t.Errorf("the answer says %q", got)
	}
	eventually(t, "the reply counts as sent", func() bool { c := s.cases().Cases[0]; return c.Reply == "sent" && c.State == "awaiting" })

	// Another person complains in the same thread: a case of their own.
	bo.Post(t, "@"+b.Handle+" mine is lost too, I want my money back, what a joke of a company", atprototest.Replying(post))
	eventually(t, "there are two cases", func() bool { return len(s.cases().Cases) == 2 })

	// Everything was seen by two sources at least, and by the one for own posts.
	for _, c := range s.cases().Cases {
		if c.Mentions != 1 {
			t.Errorf("case %s has %d mentions, want 1", c.ID, c.Mentions)
		}
	}
	s.stop()
	if out, code := command(t, "", "verify", "--data", b.dir); code != 0 {
		t.Errorf("verify: exit code %d: %s", code, out)
	}
}

// Wherever the process is killed on the way, a second start ends with exactly
// one case and exactly one answer.
func TestKillAnywhereOnTheWay(t *testing.T) {
	n := startBluesky(t)
	for i, point := range []string{
		"intake.poll#2", "intake.polled#2", "intake.judged", "desk.intake.commit", "desk.intake.committed", "intake.received",
		"desk.agent.commit", "desk.agent.committed", "desk.agent.committed#2",
		"outbox.due", "outbox.checked", "outbox.attempted", "outbox.sent", "outbox.recorded",
	} {
		t.Run(point, func(t *testing.T) {
			t.Parallel()
			b := newBrand(t, n, fmt.Sprint("brand", i))
			token := agent(t, b.dir, "ada")
			ana := n.Account(t, fmt.Sprint("ana", i))

			w := &way{t: t, n: n, b: b, token: token, s: serve(t, b.dir, b.config, point)}
			w.s.token = token
			w.post = ana.Post(t, "@"+b.Handle+" "+complaint)
			w.go_()
			if !w.died {
				t.Fatalf("the process never reached %s:\n%s", point, w.s.log)
			}
			w.s.stop()
			if out, code := command(t, "", "verify", "--data", b.dir); code != 0 {
				t.Errorf("verify: exit code %d: %s", code, out)
			}
		})
	}
}

// A way is one complaint on its way to one answer, over a server that may die.
type way struct {
	t     *testing.T
	n     *atprototest.Network
	b     *brand
	token string
	s     *server
	post  atprototest.Ref
	died  bool
}

// alive starts the server again where it has died.
func (w *way) alive() {
	select {
	case <-w.s.ended:
		w.died = true
		w.s = serve(w.t, w.b.dir, w.b.config, "")
		w.s.token = w.token
	default:
	}
}

// until repeats a step, over deaths, until it is done.
func (w *way) until(what string, done func() bool) {
	w.t.Helper()
	eventually(w.t, what, func() bool {
		w.alive()
		return done()
	})
}

func (w *way) go_() {
	w.t.Helper()
	var id string
	w.until("there is a case", func() bool {
		cs := w.s.cases().Cases
		if len(cs) == 0 {
			return false
		}
		id = cs[0].ID
		return true
	})
	w.until("it is claimed", func() bool { return w.s.call("POST", "/cases/"+id+"/claim", "claim-1", nil, nil)/100 == 2 })
	answer := map[string]any{"text": "We found it. It comes tomorrow.", "then": "await"}
	w.until("a reply is asked for", func() bool { return w.s.call("POST", "/cases/"+id+"/reply", "reply-1", answer, nil)/100 == 2 })

	again := 1
	w.until("the reply is settled", func() bool {
		cs := w.s.cases().Cases
		if len(cs) == 0 {
			return false
		}
		switch cs[0].Reply {
		case "sent":
			return true
		case "unknown":
			// Nobody can know whether it left: a person looks at the network, and says.
			if len(w.n.Replies(w.t, w.post.URI)) == 0 {
				w.s.call("POST", fmt.Sprintf("/cases/%s/replies/%d/settle", id, again), "", map[string]any{"sent": false}, nil)
				again++
				w.s.call("POST", "/cases/"+id+"/reply", fmt.Sprint("reply-", again), answer, nil)
			}
		}
		return false
	})
	w.alive()
	if cs := w.s.cases().Cases; len(cs) != 1 || cs[0].Mentions != 1 || cs[0].Assignee != "ada" {
		w.t.Errorf("cases: %+v", cs)
	}
	eventually(w.t, "the answer is on the network", func() bool { return len(w.n.Replies(w.t, w.post.URI)) > 0 })
	if rs := w.n.Replies(w.t, w.post.URI); len(rs) != 1 {
		w.t.Errorf("%d answers on the network, want 1", len(rs))
	}
}
