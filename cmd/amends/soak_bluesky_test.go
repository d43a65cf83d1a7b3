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
// goes down the hard way again and again (AMENDS_SOAK=long: an hour, five times;
// else some seconds, once). At the end every post is a mention, once; spans in
// which nothing could be read are told; and memory has not grown with them.
func TestSoakBluesky(t *testing.T) {
	if testing.Short() {
		t.Skip("short")
	}
	stops, between := 1, 6*time.Second
	if os.Getenv("AMENDS_SOAK") == "long" {
		stops, between = 5, 10*time.Minute
	}
	n := startBluesky(t)
	b := newBrand(t, n, "soak")
	s := serve(t, b.dir, b.config, "")
	s.token = agent(t, b.dir, "ada")
	people := []*atprototest.Account{n.Account(t, "ana"), n.Account(t, "ben"), n.Account(t, "cleo")}
	posted, began := map[string]bool{}, 0
	crowd := func(d time.Duration) {
		for end := time.Now().Add(d); time.Now().Before(end); {
			text := fmt.Sprintf("@%s parcel %d never came", b.Handle, len(posted))
			people[rand.IntN(len(people))].Post(t, text)
			posted[text] = true
			pause := time.NewTimer(rand.N(d / 10)) // bursts and lulls
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
		if began == 0 {
			began = s.memory()
		}
		n.Halt()
		down := time.NewTimer(between / 4)
		<-down.C
		n.Resume(t, atprototest.Options{})
	}
	crowd(between)
	eventually(t, "every post is a mention", func() bool { return heard() == 0 })
	t.Logf("%d posts over %d stops of the network, none missing, none twice; memory %d MB at first, %d MB at last", len(posted), stops, began>>20, s.memory()>>20)
	if now := s.memory(); now > 2*began+64<<20 {
		t.Errorf("memory grew from %d to %d MB", began>>20, now>>20)
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

// memory is how much of it the server holds, in bytes; 0 where nobody tells.
func (s *server) memory() int {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", s.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	pages, _ := strconv.Atoi(strings.Fields(string(b))[1])
	return pages * os.Getpagesize()
}
