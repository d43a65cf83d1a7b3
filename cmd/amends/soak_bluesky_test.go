package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/network/bluesky/atprototest"
)

// TestSoakBluesky lets people post at changing rates on the real network, which
// goes down the hard way again and again (AMENDS_SOAK=long: an hour, five times, each
// for longer than goes untold; else some seconds, once). At the end every post is
// a mention, once; spans in which nothing could be read are told; and memory has
// not grown with them.
func TestSoakBluesky(t *testing.T) {
	if testing.Short() {
		t.Skip("short")
	}
	stops, between, away := 1, 6*time.Second, 2*time.Second
	long := os.Getenv("AMENDS_SOAK") == "long"
	if long {
		stops, between, away = 5, 6*time.Minute, 6*time.Minute
	}
	n := startBluesky(t)
	b := newBrand(t, n, "soak")
	s := serve(t, b.dir, b.config, "")
	s.token = agent(t, b.dir, "ada")
	people := []*atprototest.Account{n.Account(t, "ana"), n.Account(t, "ben"), n.Account(t, "cleo")}
	posted := map[string]bool{}
	var held []int // resident bytes before each stop
	crowd := func(d time.Duration) {
		for end := time.Now().Add(d); time.Now().Before(end); {
			text := fmt.Sprintf("@%s parcel %d never came", b.Handle, len(posted))
			people[rand.IntN(len(people))].Post(t, text)
			posted[text] = true
			pause := time.NewTimer(rand.N(d / 40)) // bursts and lulls
			<-pause.C
		}
	}
	heard := func() (missing int) {
		left := map[string]bool{}
		for p := range posted {
			left[p] = true
		}
		for _, text := range s.mentions() {
			if strings.Contains(text, "never came") && posted[text] {
				if !left[text] {
					t.Errorf("%q is there twice", text)
				}
				delete(left, text)
			}
		}
		return len(left)
	}
	for range stops {
		crowd(between)
		held = append(held, s.memory())
		n.Halt()
		down := time.NewTimer(away)
		<-down.C
		n.Resume(t, atprototest.Options{})
	}
	crowd(between)
	eventually(t, "every post is a mention", func() bool { return heard() == 0 })
	held = append(held, s.memory())
	blind := s.blind()
	for _, b := range blind {
		t.Logf("blind from %s to %s, then caught up with %d mentions", b.From.Format(time.TimeOnly), b.To.Format(time.TimeOnly), b.Came)
	}
	t.Logf("%d posts over %d stops of the network, none missing, none twice; %d blind spans told; resident bytes before each stop and at last %d",
		len(posted), stops, len(blind), held)
	if long && len(blind) < stops {
		t.Errorf("%d blind spans told of %d", len(blind), stops)
	}
	if now := held[len(held)-1]; now > 2*held[0]+64<<20 {
		t.Errorf("memory grew from %d to %d bytes", held[0], now)
	}
	s.stop()
	if out, code := command(t, "", "verify", "--data", b.dir); code != 0 {
		t.Errorf("verify: exit code %d: %s", code, out)
	}
}

// mentions are the texts of all mentions.
func (s *server) mentions() (texts []string) {
	for after := ""; ; {
		var page struct {
			Mentions []struct{ Text string }
			Next     string
		}
		if st := s.call("GET", "/mentions?limit=200&after="+after, "", nil, &page); st != 200 {
			s.t.Fatalf("list mentions: %d", st)
		}
		for _, m := range page.Mentions {
			texts = append(texts, m.Text)
		}
		if after = page.Next; after == "" {
			return texts
		}
	}
}

// A blindSpan is one in which a source read nothing.
type blindSpan struct {
	From, To time.Time
	Came     int
}

// blind are the spans in which any source read nothing.
func (s *server) blind() (all []blindSpan) {
	var list struct{ Sources []struct{ Blind []blindSpan } }
	if st := s.call("GET", "/sources", "", nil, &list); st != 200 {
		s.t.Fatalf("list sources: %d", st)
	}
	for _, source := range list.Sources {
		all = append(all, source.Blind...)
	}
	return all
}

// memory is how much of it the server holds, in bytes; 0 where nobody tells.
func (s *server) memory() int {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", s.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	pages, _ := strconv.Atoi(strings.Fields(string(b))[1])
	return pages * os.Getpagesize()
}
